"""What a windowed figure will be when its window has elapsed, from the part that has: Kaplan–Meier by reason and channel.

A unit (an interaction, a case) is followed until its event (the customer comes back) or its window is over. Where it is neither,
its chance of an event comes from the curve of its stratum, given that nothing happened so far; the figure is the sum over the
cohort's own units, so it is weighted to the cohort's mix. No metric is known here by name, and no clock: the horizon is given.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from cxreports.analysis.survival import (
    Bools,
    Curve,
    Floats,
    Ints,
    count_interval,
    curve_variance,
    exposure,
    kaplan_meier,
    still_to_come,
)

DAY_MS = 86_400_000
NEVER = 2**62  # milliseconds; the event of a unit that has had none
MIN_EVENTS = 20  # a stratum with fewer goes together with others
REFERENCE_MS = 56 * DAY_MS  # the curves rest on units of eight weeks and one window before the horizon
DIGITS = 12  # the last bits of logarithms differ between processors


@dataclass(frozen=True)
class Followed:
    """One row per unit that counts once its window has elapsed, ordered by `began`. Instants and the window in milliseconds.

    `day` counts local days from 1970; `event` is NEVER where none is known. With the event a unit counts `base + turn`, without
    it `base`: a unit whose `turn` is 0 is settled whatever happens. `sign` is that of all turns.
    """

    day: Ints
    began: Ints
    event: Ints
    base: Ints
    turn: Ints
    stratum: Ints
    channel: Ints
    group: Ints
    window: int
    cluster: Ints | None = None  # units of one customer have one number; None: each is a customer's only one

    def between(self, first: int, last: int) -> "Followed":
        """Only the units that began in first <= instant <= last."""
        cut = slice(int(np.searchsorted(self.began, first, "left")), int(np.searchsorted(self.began, last, "right")))
        names = ("day", "began", "event", "base", "turn", "stratum", "channel", "group")
        cluster = None if self.cluster is None else self.cluster[cut]
        return replace(self, **{name: getattr(self, name)[cut] for name in names}, cluster=cluster)


@dataclass(frozen=True)
class Nowcast:
    """A figure to be expected when all windows have elapsed. The ends hold the final figure in 95 of 100 such cases.

    `n` units, of which `waiting` have windows that have not elapsed; `maturity` is the share of all their windows that has.
    Without a value, `reason` says why.
    """

    n: int
    waiting: int
    maturity: float | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Fit:
    """Curves as of a horizon. `elapsed`, `seen`, `curve_of` follow the units; without `curves` nothing can be said."""

    followed: Followed
    elapsed: Ints
    seen: Bools
    curves: tuple[Curve, ...]
    curve_of: Ints
    reference: Bools
    spreads: dict[int, float] = field(default_factory=dict)

    @cached_property
    def pending(self) -> Bools:
        """Units that an event could still turn."""
        return np.asarray((self.followed.turn != 0) & ~self.seen & (self.elapsed < self.followed.window), np.bool_)

    @cached_property
    def alike(self) -> float:
        """Correlation of what becomes of two units of one customer, 0 to 1; moments, over all pairs whose windows are over."""
        picked = self.reference & (self.elapsed == self.followed.window)
        if self.followed.cluster is None or not picked.any():
            return 0.0
        ends, cluster = self.ends(picked), self.followed.cluster[picked]
        most = _pairs(cluster, np.sqrt(ends * (1 - ends)))
        return min(1.0, max(0.0, _pairs(cluster, self.seen[picked] - ends) / most)) if most > 0 else 0.0

    def ends(self, picked: Bools) -> Floats:
        """Each unit's chance of an event, seen from its beginning."""
        zero = np.zeros(1, np.int64)
        return np.array([float(still_to_come(c, zero)[0]) for c in self.curves])[self.curve_of[picked]]

    def spread(self, days: int) -> float:
        """Variance of the logarithm of hazards between blocks of so many days, beyond chance (kept, once computed)."""
        if days not in self.spreads:
            self.spreads[days] = _spread(self, days)
        return self.spreads[days]


def fit(f: Followed, horizon: int) -> Fit:
    """The curves of all strata from what was known at the horizon; later events and unelapsed time are not looked at."""
    elapsed = np.clip(horizon - f.began, 0, f.window)
    seen = f.event <= f.began + elapsed
    duration = np.where(seen, f.event - f.began, elapsed)
    reference = (f.turn != 0) & (f.began <= horizon) & (f.began >= horizon - f.window - REFERENCE_MS)
    whole = reference & ~seen & (elapsed == f.window)
    pools = _pools(f, reference & seen, whole)
    if pools is None:
        return Fit(f, elapsed, seen, (), np.zeros(0, np.int64), reference)
    names, curve_of = np.unique(pools, return_inverse=True)
    own = [reference if name == _ALL else reference & (curve_of == i) for i, name in enumerate(names)]
    curves = tuple(kaplan_meier(duration[picked], seen[picked]) for picked in own)
    return Fit(f, elapsed, seen, curves, curve_of.astype(np.int64), reference)


_ALL = -1  # the pool of units whose own pools are too small: the curve of all


def _pools(f: Followed, events: Bools, whole: Bools) -> Ints | None:
    """Which units share a curve: those of one stratum, else of the channel's small strata, else of all small ones, else all.

    A pool needs MIN_EVENTS events and a unit that was followed through its whole window. None where all units together do not.
    """

    def enough(key: Ints, among: Bools) -> Bools:
        size = int(key.max(initial=0)) + 1
        events_of, whole_of = (np.bincount(key[mask & among], minlength=size) for mask in (events, whole))
        return np.asarray(((events_of >= MIN_EVENTS) & (whole_of >= 1))[key], np.bool_)

    everyone = np.ones(len(f.day), np.bool_)
    if not len(f.day) or not enough(np.zeros(len(f.day), np.int64), everyone).any():
        return None
    own = enough(f.stratum, everyone)
    of_channel = ~own & enough(f.channel, ~own)
    rest = ~own & ~of_channel
    is_enough = enough(np.zeros(len(f.day), np.int64), rest)
    strata, channels = int(f.stratum.max()) + 1, int(f.channel.max()) + 1
    pools = np.where(own, f.stratum, np.where(of_channel, strata + f.channel, np.where(is_enough, strata + channels, _ALL)))
    return pools.astype(np.int64)


def _spread(fitted: Fit, days: int) -> float:
    """Moments: what the squared residuals of blocks of `days` days exceed binomial chance by, as a variance of log hazards."""
    f, picked = fitted.followed, fitted.reference & (fitted.elapsed == fitted.followed.window)
    if not picked.any():
        return 0.0
    day, zero = f.day[picked], np.zeros(1, np.int64)
    ends = fitted.ends(picked)
    grows = np.array([float(exposure(c, zero)[0]) for c in fitted.curves])[fitted.curve_of[picked]]
    _, block = np.unique((day.max() - day) // days, return_inverse=True)
    blocks = int(block.max()) + 1
    if blocks < 2:
        return 0.0
    residual = np.bincount(block, fitted.seen[picked] - ends)
    chance, weight = np.bincount(block, ends * (1 - ends)), np.bincount(block, grows)
    squared = float(np.sum(weight**2))
    beyond = float(np.sum(residual**2)) * blocks / (blocks - 1) - float(np.sum(chance))
    if f.cluster is not None:  # customers who are alike make days differ, too, and are counted by themselves
        within = f.cluster[picked] * blocks + block
        beyond -= fitted.alike * _pairs(within, np.sqrt(ends * (1 - ends)))
    return max(0.0, beyond / squared) if squared else 0.0


def _pairs(cluster: Ints, values: Floats) -> float:
    """Σ over all pairs of units of one cluster of the product of their values, each pair twice."""
    _, number = np.unique(cluster, return_inverse=True)
    return float(np.sum(np.bincount(number, values) ** 2) - np.sum(values**2))


def nowcast(fitted: Fit, cohort: Bools) -> Nowcast:
    """The figure of the units of `cohort` (at least one) when all have had their event or their whole window."""
    f, n = fitted.followed, int(cohort.sum())
    waiting = int((cohort & (fitted.elapsed < f.window)).sum())
    maturity = round(float(fitted.elapsed[cohort].sum()) / (n * f.window), DIGITS)
    known = int((f.base + f.turn * fitted.seen)[cohort].sum())
    picked = cohort & fitted.pending
    most = int(picked.sum())
    if not most:
        value = known / n
        return Nowcast(n, waiting, maturity, value, value, value)
    if not fitted.curves:
        reason = f"fewer than {MIN_EVENTS} such events were seen, or no window has elapsed yet"
        return Nowcast(n, waiting, maturity, reason=reason)
    mean, variance = _still_expected(fitted, picked)
    sign = 1 if int(f.turn[picked].sum()) > 0 else -1
    ends = sorted((known + sign * k) / n for k in count_interval(mean, variance, most))
    value = round((known + sign * mean) / n, DIGITS)
    return Nowcast(n, waiting, maturity, value, min(ends[0], value), max(ends[1], value))


def _still_expected(fitted: Fit, picked: Bools) -> tuple[float, float]:
    """Mean and variance of the number of events among units that wait: chance, the curves' own, between customers and days.

    Days may differ each for itself, or all days of the cohort from the time before; whichever is worse is taken.
    """
    f, mean, chance, curves = fitted.followed, 0.0, 0.0, 0.0
    grows: Floats = np.zeros(len(f.day))
    varies: Floats = np.zeros(len(f.day))
    for i, curve in enumerate(fitted.curves):
        units = picked & (fitted.curve_of == i)
        if units.any():
            q = still_to_come(curve, fitted.elapsed[units])
            mean, chance = mean + float(q.sum()), chance + float((q * (1 - q)).sum())
            varies[units] = np.sqrt(q * (1 - q))
            curves += curve_variance(curve, fitted.elapsed[units])
            grows[units] = exposure(curve, fitted.elapsed[units])
    day = f.day[picked]
    per_day = np.bincount(day - day.min(), grows[picked])
    apart = fitted.spread(1) * float(np.sum(per_day**2))
    together = fitted.spread(len(per_day)) * float(np.sum(per_day)) ** 2
    alike = 0.0 if f.cluster is None else fitted.alike * _pairs(f.cluster[picked], varies[picked])
    return mean, chance + alike + curves + max(apart, together)
