"""Differences with their intervals, which segment carries one, and when it began. Arithmetic only; no words.

Intervals of differences are built from the two figures' own intervals (MOVER; for two Wilson intervals this is Newcombe's
method 10, Stat Med 1998;17:873, for two means the normal interval), so whatever widened those widens the difference too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from statistics import NormalDist

from cxreports.analysis import estimate
from cxreports.analysis.estimate import Z95, Estimate, widening, wilson
from cxreports.analysis.measurement import Measurement


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Change:
    """now − before, with its interval. Clear means that the interval leaves zero out."""

    diff: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


def figure(m: Measurement | None) -> Figure | None:
    """The figure of a measurement that may be compared: one of enough units, with an interval."""
    if m is None or m.state not in ("final", "provisional") or m.value is None or m.low is None or m.high is None:
        return None
    return Figure(m.value, m.low, m.high)


def widening_one_sided(comparisons: int) -> float:
    """The same where only one direction is looked at."""
    return NormalDist().inv_cdf(1 - 0.05 / max(1, comparisons)) / Z95


def difference(now: Figure, before: Figure, wider: float = 1.0) -> Change:
    """now − before."""
    a, b = (Estimate(f.value, f.low, f.high) for f in (now, before))
    told = estimate.difference(a, b, wider)
    return Change(told.value or 0.0, told.low or 0.0, told.high or 0.0)


def proportion(num: float, den: float) -> Figure:
    """num ÷ den with its Wilson interval."""
    return Figure(num / den, *wilson(num / den, den))


Counts = tuple[float, float]  # num, den
Key = tuple[str, ...]


@dataclass(frozen=True)
class Driver:
    """The segment that carries a change: its own figures, its share of the whole change, whether it stands apart."""

    key: Key
    now: Figure
    before: Figure
    share: float
    is_apart: bool


def driver(now: Mapping[Key, Counts], before: Mapping[Key, Counts]) -> Driver | None:
    """The segment whose own change moves the total most (Kitagawa's rate part), tested against the rest."""
    common = sorted(k for k in now if k in before and now[k][1] > 0 and before[k][1] > 0)
    if len(common) < 2:
        return None
    all_now, all_before = _total(now, common), _total(before, common)
    whole = all_now[0] / all_now[1] - all_before[0] / all_before[1]
    if whole == 0:
        return None

    def rate_part(k: Key) -> float:
        weight = (now[k][1] / all_now[1] + before[k][1] / all_before[1]) / 2
        return (now[k][0] / now[k][1] - before[k][0] / before[k][1]) * weight / whole

    key = max(common, key=rate_part)
    rest = [k for k in common if k != key]
    own = difference(proportion(*now[key]), proportion(*before[key]))
    others = difference(proportion(*_total(now, rest)), proportion(*_total(before, rest)))
    apart = _apart(own, others, widening_one_sided(len(common)))
    is_apart = apart.is_clear and (apart.diff > 0) == (whole > 0)
    return Driver(key, proportion(*now[key]), proportion(*before[key]), rate_part(key), is_apart)


def _total(counts: Mapping[Key, Counts], keys: Sequence[Key]) -> Counts:
    return sum(counts[k][0] for k in keys), sum(counts[k][1] for k in keys)


def without(whole: Counts, own: Counts) -> Counts:
    """All others: the whole without one segment."""
    return whole[0] - own[0], whole[1] - own[1]


def _apart(own: Change, others: Change, wider: float) -> Change:
    """The difference of two changes."""
    mine, theirs = (Figure(c.diff, c.low, c.high) for c in (own, others))
    return difference(mine, theirs, wider)


def worst(counts: Mapping[Key, Counts], whole: Counts) -> Key | None:
    """The segment with most units above what all others would give it, where it is clearly above them; or None.

    All others are the whole without the segment: those too small to be shown belong to them.
    """
    best: tuple[float, Key] | None = None
    for key in sorted(counts):
        rest = without(whole, counts[key])
        if counts[key][1] <= 0 or rest[1] <= 0:
            continue
        gap = difference(proportion(*counts[key]), proportion(*rest), widening_one_sided(len(counts)))
        excess = gap.diff * counts[key][1]
        if gap.low > 0 and (best is None or excess > best[0]):
            best = (excess, key)
    return best[1] if best else None


def onset(days: Sequence[tuple[date, float, float]], min_side: int, rising: bool) -> date | None:
    """The first day after the split that best separates (day, num, den) into a lower and a higher rate, or the reverse.

    None where the two do not differ clearly. At least `min_side` days stand on each side.
    """
    best: tuple[float, int] | None = None
    for i in range(min_side, len(days) - min_side + 1):
        if (_rate(days[i:]) > _rate(days[:i])) is not rising:
            continue
        gain = _log_likelihood(days[:i]) + _log_likelihood(days[i:])
        if best is None or gain > best[0] + 1e-9:
            best = (gain, i)
    if best is None:
        return None
    after, before = _pooled(days[best[1] :]), _pooled(days[: best[1]])
    split = difference(proportion(*after), proportion(*before), widening(len(days)))
    return days[best[1]][0] if split.is_clear else None


def _rate(days: Sequence[tuple[date, float, float]]) -> float:
    num, den = _pooled(days)
    return num / den


def _pooled(days: Sequence[tuple[date, float, float]]) -> Counts:
    return sum(d[1] for d in days), sum(d[2] for d in days)


def _log_likelihood(days: Sequence[tuple[date, float, float]]) -> float:
    num, den = _pooled(days)
    return sum(k * log(k / den) for k in (num, den - num) if k > 0 and den > 0)
