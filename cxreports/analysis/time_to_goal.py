"""What a Kaplan–Meier curve says of how long something takes: percentiles, and the share done within a limit. Arithmetic only.

Who gave up is followed until then and no further: what they would have needed is not known, and is taken to be like that of those
who went on. Intervals are pointwise on the scale log(−log S), a percentile's from inverting them (Brookmeyer and Crowley,
Biometrics 38, 1982; Kalbfleisch and Prentice, 2nd ed., §1.4.1). Several units of one customer widen them by the design effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cxreports.analysis.estimate import Z95, Estimate, Sums, effective_n, wilson
from cxreports.analysis.survival import Curve, Floats, Ints, kaplan_meier

_NEAR = 1e-12  # products of shares miss a round number by so much at most


@dataclass(frozen=True)
class Followed:
    """How long each unit was followed, and each of those that reached its goal; whole numbers of one unit of time, ascending."""

    all: Sequence[int]
    reached: Sequence[int]
    sums: Sums  # of reached (num) among all (den), by customer

    @property
    def worth(self) -> float:
        """Share of an independent unit that each is worth, at most 1."""
        return min(1.0, effective_n(self.sums) / self.sums.den)

    @cached_property
    def curve(self) -> Curve:
        """The share that has not reached its goal yet."""
        reached = np.asarray(self.reached, np.int64)
        gone = _without(np.asarray(self.all, np.int64), reached)
        duration = np.concatenate([reached, gone])
        return kaplan_meier(duration, np.arange(len(duration)) < len(reached))

    @cached_property
    def band(self) -> tuple[Floats, Floats]:
        """The ends of the curve's pointwise interval at each of its times; a curve that has come down to 0 has no upper end."""
        s = self.curve.survival
        inner = (s > 0) & (s < 1)
        log = np.log(s, out=np.full(len(s), -1.0), where=inner)
        spread = Z95 * np.sqrt(np.cumsum(self.curve.greenwood) / self.worth) / -log
        low, high = np.exp(log * np.exp(spread)), np.exp(log * np.exp(-spread))
        return np.where(inner, low, 0.0), np.where(inner, high, 1.0)


def percentile(f: Followed, q: float, scale: float = 1.0) -> Estimate:
    """The first time by which a share q has reached its goal; without a value where the curve never comes down so far."""

    def first(values: Floats) -> float | None:
        below = np.flatnonzero(values <= 1 - q + _NEAR)
        return int(f.curve.times[below[0]]) / scale if len(below) else None

    low, high = f.band
    value = first(f.curve.survival)
    return Estimate(value, *((first(low), first(high)) if value is not None else (None, None)))


def share_within(f: Followed, limit: int) -> Estimate:
    """The share that reaches its goal within the limit. Where all or none of those followed do, Wilson's interval for so many."""
    at = int(np.searchsorted(f.curve.times, limit, side="right")) - 1
    left = float(f.curve.survival[at]) if at >= 0 else 1.0
    if not 0 < left < 1:
        n = sum(x >= limit for x in f.all) if left == 1 else len(f.reached)
        return Estimate(1 - left, *wilson(1 - left, max(1.0, n * f.worth)))
    low, high = f.band
    return Estimate(1 - left, 1 - float(high[at]), 1 - float(low[at]))


def _without(ordered: Ints, taken: Ints) -> Ints:
    """What is left of a list when others of it are taken out, each once."""
    values, counts = np.unique(ordered, return_counts=True)
    gone, n_gone = np.unique(taken, return_counts=True)
    counts[np.searchsorted(values, gone)] -= n_gone
    return np.repeat(values, counts)
