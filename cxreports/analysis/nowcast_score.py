"""Past nowcasts against what came true: the lake's own history, cut off at every midnight as if nothing later were known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from cxreports.analysis.buckets import EPOCH
from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.following import STRATA, followed, need_awaits
from cxreports.analysis.nowcast import DAY_MS, REFERENCE_MS, Followed, fit, nowcast
from cxreports.analysis.survival import Ints
from cxreports.zones import midnight

if TYPE_CHECKING:
    from cxreports.analysis.measure import Measurer

SIZES = ((HIDDEN_BELOW, 30), (30, 100), (100, 300), (300, None))


@dataclass(frozen=True)
class Scored:
    """A nowcast of the cohort start <= day < end, made with what had happened `lag` midnights after its end; what came true."""

    start: date
    end: date
    lag: int
    n: int
    maturity: float
    value: float
    low: float
    high: float
    final: float

    @property
    def is_covered(self) -> bool:
        """The final figure lay within the interval."""
        return self.low - 1e-9 <= self.final <= self.high + 1e-9


@dataclass(frozen=True)
class Score:
    """How well `scored` nowcasts did: mean error and mean absolute error (nowcast − final), share within the 95 % interval, its
    mean width. Shares of the metric, 0 to 1; None where there was none to score."""

    label: str
    scored: int
    error: float | None
    absolute_error: float | None
    coverage: float | None
    width: float | None


def score_history(m: "Measurer", name: str, days: int, start: date, end: date) -> list[Scored]:
    """Every nowcast of a cohort of so many days that lies in start <= day < end and is mature by now, in order of horizon."""
    need_awaits(m, name)
    if m.missing(name):
        return []
    zone, horizon = m.settings.project.zone, int(m.observed_until.timestamp() * 1000)
    return list(scored(followed(m.view.con, m.units(name, STRATA)), horizon, zone, days, start, end))


def scored(
    f: Followed, horizon: int, zone: ZoneInfo, days: int, start: date, end: date, lags: Sequence[int] | None = None
) -> Iterator[Scored]:
    """As `score_history`, of arrays; `lags` (midnights after the cohort's end) default to all until the window is over."""
    final = _finals(f, horizon)
    first, last = (start - EPOCH).days + days, (end - EPOCH).days  # ends of cohorts
    wanted = range(-(-f.window // DAY_MS) + 1) if lags is None else lags
    for at in range(first, last + max(wanted, default=0) + 1):
        until = _instant(at, zone)
        ends = [at - lag for lag in sorted(wanted, reverse=True) if first <= at - lag <= last]
        if until > horizon or not ends:
            continue
        known = f.between(until - f.window - REFERENCE_MS - (days + 2) * DAY_MS, until - 1)
        fitted = fit(known, until)
        for stop in ends:
            cohort = (known.day >= stop - days) & (known.day < stop)
            truth = final(stop - days, stop)
            if truth is None or int(cohort.sum()) < HIDDEN_BELOW:
                continue
            found = nowcast(fitted, cohort)
            if found.waiting and found.value is not None and found.low is not None and found.high is not None:
                period = (EPOCH + timedelta(stop - days), EPOCH + timedelta(stop), at - stop)
                yield Scored(*period, found.n, found.maturity or 0.0, found.value, found.low, found.high, truth)


def _finals(f: Followed, horizon: int) -> Callable[[int, int], float | None]:
    """The final figure of first <= day < last by day number; None without a unit, or while one of its windows has not elapsed."""
    offset = int(f.day.min(initial=0))
    num = f.base + f.turn * (f.event <= f.began + f.window)
    totals = [_running(f.day - offset, w) for w in (np.ones(len(f.day)), num, f.began + f.window > horizon)]

    def final(first: int, last: int) -> float | None:
        low, high = (min(max(0, d - offset), len(totals[0]) - 1) for d in (first, last))
        n, count, waiting = (int(t[high] - t[low]) for t in totals)
        return count / n if n and not waiting else None

    return final


def _running(day: Ints, weights: object) -> Ints:
    """Sums over all days before each day number."""
    sums = np.bincount(day, np.asarray(weights, np.float64)) if len(day) else np.zeros(0)
    return np.concatenate([[0], np.cumsum(sums)]).astype(np.int64)


def _instant(day: int, zone: ZoneInfo) -> int:
    return int(midnight(EPOCH + timedelta(day), zone).timestamp() * 1000)


def summary(label: str, found: Sequence[Scored]) -> Score:
    """Of these nowcasts together."""
    if not found:
        return Score(label, 0, None, None, None, None)
    n, errors = len(found), [s.value - s.final for s in found]
    return Score(
        label, n, sum(errors) / n, sum(abs(e) for e in errors) / n, sum(s.is_covered for s in found) / n,
        sum(s.high - s.low for s in found) / n,
    )  # fmt: skip


def by_lag(found: Sequence[Scored]) -> list[Score]:
    """By the number of midnights after the cohort's end."""
    lags = sorted({s.lag for s in found})
    return [summary(f"{lag} {'day' if lag == 1 else 'days'} after the end", [s for s in found if s.lag == lag]) for lag in lags]


def by_size(found: Sequence[Scored]) -> list[Score]:
    """By the number of units of the cohort."""
    out = []
    for low, high in SIZES:
        picked = [s for s in found if low <= s.n and (high is None or s.n < high)]
        out.append(summary(f"{low} to {high - 1} units" if high else f"{low} units and more", picked))
    return [s for s in out if s.scored]
