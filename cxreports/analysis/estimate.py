"""From sums to a value with its 95 % interval. Arithmetic only: nothing here knows what is being measured.

Several units of one customer are not independent. Their sums come per cluster: with n_c units and z_c successes in cluster
c and p the overall share, the linearised variance of a ratio is C/(C−1) · Σ (z_c − p·n_c)² / n² (Cochran, Sampling
Techniques, 3rd ed., §6.3 and §9A). All inputs are whole numbers, so results do not depend on the order of summation.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from scipy.special import bdtr, gammaincinv

Z95 = 1.959963984540054
HIDDEN_BELOW = 10  # fewer units than this show no value at all


@dataclass(frozen=True)
class Sums:
    """Sums over the counted units of one group: Σnum, Σden, and per cluster Σnum², Σnum·den, Σden²."""

    n: int
    num: int
    den: int
    clusters: int
    num2: int
    cross: int
    den2: int


def single(num: int, den: int) -> Sums:
    """Sums of `den` units, `num` of which count, of which nothing else is known: each is a cluster of its own."""
    return Sums(den, num, den, den, num, num, den)


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 % interval; None where it cannot be said."""

    value: float | None
    low: float | None = None
    high: float | None = None


def wilson(p: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson score interval of a share p of n; stays inside 0..1 and works at both ends (Wilson 1927)."""
    centre = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding can push an end a hair past the estimate.
    return max(0.0, min(p, (centre - half) / scale)), min(1.0, max(p, (centre + half) / scale))


def proportion(s: Sums) -> Estimate:
    """A share with Wilson's interval at the effective sample size n / design effect (never below one cluster each)."""
    p = s.num / s.den
    return Estimate(p, *wilson(p, effective_n(s)))


def effective_n(s: Sums) -> float:
    """How many independent units the clustered ones are worth; exactly n where every customer has one.

    With p at 0 or 1 nothing varies: then it is the number of clusters.
    """
    p = s.num / s.den
    if p in (0.0, 1.0):
        return float(s.clusters)
    if s.clusters < 2:
        return 1.0
    clustered = _ratio_variance(s, p)
    simple = p * (1 - p) / (s.den - 1)  # C/(C−1) with every unit a cluster of its own
    return s.den / max(1.0, clustered / simple)


def mean(s: Sums, scale: float = 1.0) -> Estimate:
    """Σnum ÷ Σden ÷ scale with a normal interval from the clustered variance; without a second cluster no interval."""
    m = s.num / s.den
    if s.clusters < 2:
        return Estimate(m / scale)
    half = Z95 * sqrt(max(0.0, _ratio_variance(s, m)))
    return Estimate(m / scale, (m - half) / scale, (m + half) / scale)


def count(n: int) -> Estimate:
    """A count with Garwood's exact interval for the mean of a Poisson variable (Garwood 1936)."""
    low = float(gammaincinv(n, 0.025)) if n else 0.0
    return Estimate(float(n), low, float(gammaincinv(n + 1, 0.975)))


def quantile(ordered: Sequence[int], q: float, scale: float = 1.0) -> Estimate:
    """The smallest observed value that at least a share q does not exceed, with an interval between two order statistics.

    The ends are the values at those ranks between which the binomial(n, q) count lies with 95 % (Conover, Practical
    Nonparametric Statistics, §3.2). Where n is too small for such ranks the interval has no end on that side.
    """
    n = len(ordered)
    value = ordered[max(0, ceil(round(n * q, 6)) - 1)]  # 0.07 · 100 is 7, not a hair more
    low = bisect_left(range(n + 1), 0.025, key=lambda k: float(bdtr(k, n, q)))
    high = bisect_left(range(n + 1), 0.975, key=lambda k: float(bdtr(k, n, q))) + 1
    return Estimate(
        value / scale,
        ordered[low - 1] / scale if low >= 1 else None,
        ordered[high - 1] / scale if high <= n else None,
    )


def _ratio_variance(s: Sums, ratio: float) -> float:
    spread = s.num2 - 2 * ratio * s.cross + ratio * ratio * s.den2
    return s.clusters / (s.clusters - 1) * max(0.0, spread) / (s.den * s.den)
