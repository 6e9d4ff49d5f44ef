"""Kaplan–Meier curves, what they say of units that still wait, and how far a sum of such units may lie off. Arithmetic only.

A unit is followed for `duration` milliseconds, until its event or until nothing more is known of it. A unit that is last seen at
the very instant of another's event was still at risk then. Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958); the variance is
Greenwood's (1926): Σ d / (n (n − d)) for the logarithm of the curve.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
TAIL = 0.025  # of each side of an interval of 95 %
_REACH = 12  # standard deviations on either side of the mean among which the ends of an interval are looked for


@dataclass(frozen=True)
class Curve:
    """The share without an event so far: `survival[j]` from `times[j]` (milliseconds) on, 1 before the first.

    `greenwood[j]` is the variance of the logarithm of the curve's step at `times[j]`.
    """

    times: Ints
    survival: Floats
    greenwood: Floats

    def at(self, elapsed: Ints) -> Floats:
        """Share still without an event after so many milliseconds; an event at that very instant has happened."""
        return np.concatenate([[1.0], self.survival])[np.searchsorted(self.times, elapsed, side="right")]

    @property
    def end(self) -> float:
        """Share without an event when the window is over."""
        return float(self.survival[-1]) if len(self.survival) else 1.0


def kaplan_meier(duration: Ints, is_event: Bools) -> Curve:
    """The curve of units followed for so long, each until its event or out of sight."""
    times, events = np.unique(duration[is_event], return_counts=True)
    at_risk = len(duration) - np.searchsorted(np.sort(duration), times, side="left")
    left = at_risk - events
    # Where the last unit at risk has its event, the curve falls to 0 and stays there: no more than that is known.
    spread = np.divide(events, at_risk * left, out=np.zeros(len(times)), where=left > 0)
    return Curve(times.astype(np.int64), np.cumprod(left / at_risk, dtype=np.float64), spread.astype(np.float64))


def still_to_come(curve: Curve, elapsed: Ints) -> Floats:
    """Chance that each unit, without an event for so long, has one before the window is over: 1 − S(window) ÷ S(elapsed)."""
    now = curve.at(elapsed)
    return np.where(now > 0, 1 - np.divide(curve.end, now, out=np.ones(len(now)), where=now > 0), 1.0)


def curve_variance(curve: Curve, elapsed: Ints) -> float:
    """Variance of the sum of `still_to_come` that comes from not knowing the curve itself (delta method over Greenwood's steps).

    Units that have waited for unlike times share the steps ahead of both, so their errors add up and are not independent.
    """
    order = np.argsort(elapsed, kind="stable")
    remaining = np.concatenate([[0.0], np.cumsum(1 - still_to_come(curve, elapsed[order]))])
    reached = remaining[np.searchsorted(elapsed[order], curve.times, side="left")]  # units that wait less than a step's time
    return float(np.sum(reached * reached * curve.greenwood))


def exposure(curve: Curve, elapsed: Ints) -> Floats:
    """How much each unit's chance grows, per x, when all hazards ahead of it grow by a factor e^x.

    With r = S(window) ÷ S(elapsed) that is −r log r.
    """
    rest = 1 - still_to_come(curve, elapsed)
    return -rest * np.log(rest, out=np.zeros(len(rest)), where=rest > 0)


def count_interval(mean: float, variance: float, most: int) -> tuple[int, int]:
    """Ends of the central 95 % of a count from 0 to `most` with that mean and variance: beta-binomial, binomial where no wider.

    A count is a whole number, and so are its ends: nothing happening at all is a possible outcome while few are expected.
    """
    if most <= 0 or mean <= 0:
        return 0, 0
    if mean >= most:
        return most, most
    p = mean / most
    simple = most * p * (1 - p)
    within = (variance / simple - 1) / (most - 1) if most > 1 else 0.0  # correlation of two units of the sum
    reach = _REACH * float(np.sqrt(max(variance, simple))) + _REACH
    k = np.arange(max(0, int(mean - reach)), min(most, int(mean + reach) + 1) + 1, dtype=np.int64)
    ways = gammaln(most + 1) - gammaln(k + 1) - gammaln(most - k + 1)
    if within < 1e-9:
        chance = ways + k * np.log(p) + (most - k) * np.log1p(-p)
    else:
        size = 1 / min(within, 0.999) - 1
        a, b = p * size, (1 - p) * size
        chance = ways + betaln(k + a, most - k + b) - betaln(a, b)
    cumulated = np.cumsum(np.exp(chance - chance.max()))
    cumulated /= cumulated[-1]
    low, high = np.searchsorted(cumulated, [TAIL, 1 - TAIL]).tolist()
    return int(k[low]), int(k[min(high, len(k) - 1)])
