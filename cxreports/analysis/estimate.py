"""From sums to a value with its 95 % interval. Arithmetic only: nothing here knows what is being measured.

Several units of one customer are not independent. Their sums come per cluster: with n_c units and z_c successes in cluster
c, p the overall share and G = (Σ n_c)² / Σ n_c² the number of equally large clusters that they are worth, the linearised variance
of a ratio is G/(G−1) · Σ (z_c − p·n_c)² / n² (Cochran, Sampling Techniques, 3rd ed., §6.3 and §9A; fewer clusters than there
are as in Carter, Schnepel and Steigerwald 2017), and Student's t with G−1 degrees of freedom takes the place of the normal
quantile. Where every customer has one unit, G is n. All inputs are whole numbers, so results do not depend on the order of
summation.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import cbrt, ceil, floor, hypot, inf, isinf, sqrt
from statistics import NormalDist

from scipy.special import bdtr, betaincinv, gammaincinv, stdtrit

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
class Cubes:
    """Sums of third order, per cluster: Σnum³, Σnum²·den, Σnum·den², Σden³. `sums` are those of the same num and den."""

    sums: Sums
    num3: int
    num2den: int
    numden2: int
    den3: int


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
    """How many independent units the clustered ones are worth; exactly n where every customer has one, never more.

    n / design effect · (t(n−1) / t(G−1))²: few clusters say less than their variance tells (Korn and Graubard 1998). With p at 0
    or 1 nothing varies: then it is the number of clusters. One customer is worth one unit.
    """
    p = s.num / s.den
    if p in (0.0, 1.0):
        return float(s.clusters)
    if s.clusters < 2:
        return 1.0
    clustered = _ratio_variance(s, p)
    simple = p * (1 - p) / (s.den - 1)  # the same with every unit a cluster of its own
    fewer = (_t95(s.den - 1) / _t95(_worth(s) - 1)) ** 2
    return max(1.0, s.den / max(1.0, clustered / simple) * min(1.0, fewer))


def clopper_pearson(successes: float, trials: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share (1934): at least 95 % for any true share. Counts may be effective ones."""
    low = float(betaincinv(successes, trials - successes + 1, 0.025)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, trials - successes, 0.975)) if successes < trials else 1.0
    return low, high


def mean(s: Sums, scale: float = 1.0, lean: float = 0.0) -> Estimate:
    """Σnum ÷ Σden ÷ scale with Student's interval from the clustered variance; without a second cluster no interval.

    `lean` is the skewness of the mean itself: durations have a long end on one side, and so has the interval (Hall 1992, On the
    removal of skewness by transformation, J. R. Statist. Soc. B 54).
    """
    m = s.num / s.den
    if s.clusters < 2:
        return Estimate(m / scale)
    error, t = sqrt(_ratio_variance(s, m)), _t95(_worth(s) - 1)
    return Estimate(m / scale, (m - error * _leaning(t, lean)) / scale, (m - error * _leaning(-t, lean)) / scale)


def lean_of_mean(c: Cubes) -> float:
    """Skewness of the mean of clusters: Σr³ ÷ (Σr²)^1.5 over their residuals r; 0 where nothing varies."""
    s, m = c.sums, c.sums.num / c.sums.den
    squares = s.num2 - 2 * m * s.cross + m * m * s.den2
    cubes = c.num3 - 3 * m * c.num2den + 3 * m * m * c.numden2 - m**3 * c.den3
    return float(cubes / squares**1.5) if squares > 1e-9 * s.num2 else 0.0


def _leaning(t: float, lean: float) -> float:
    """The quantile of a studentised mean of that skewness, from that of Student's t: the inverse of Hall's transformation."""
    return t if abs(lean) < 1e-6 or isinf(t) else 3 / lean * (cbrt(1 + lean * (t - lean / 6)) - 1)


def count(n: int) -> Estimate:
    """A count with Garwood's exact interval for the mean of a Poisson variable (Garwood 1936)."""
    low = float(gammaincinv(n, 0.025)) if n else 0.0
    return Estimate(float(n), low, float(gammaincinv(n + 1, 0.975)))


def quantile(ordered: Sequence[int], q: float, scale: float = 1.0, worth: float | None = None) -> Estimate:
    """The smallest observed value that at least a share q does not exceed, with an interval between two order statistics.

    The ends are the values at those ranks between which the binomial(n, q) count lies with 95 % (Conover, Practical
    Nonparametric Statistics, §3.2). Where n is too small for such ranks the interval has no end on that side. Where the n values
    are worth fewer independent ones, the ranks are the ends of Clopper and Pearson's interval of q at that n (Woodruff 1952).
    """
    n = len(ordered)
    value = ordered[max(0, ceil(round(n * q, 6)) - 1)]  # 0.07 · 100 is 7, not a hair more
    low, high = _ranks(n, q) if worth is None or worth >= n else _clustered_ranks(n, q, worth)
    return Estimate(
        value / scale,
        ordered[low - 1] / scale if low >= 1 else None,
        ordered[high - 1] / scale if high <= n else None,
    )


def _ranks(n: int, q: float) -> tuple[int, int]:
    low = bisect_left(range(n + 1), 0.025, key=lambda k: float(bdtr(k, n, q)))
    high = bisect_left(range(n + 1), 0.975, key=lambda k: float(bdtr(k, n, q))) + 1
    return low, high


def _clustered_ranks(n: int, q: float, worth: float) -> tuple[int, int]:
    low, high = clopper_pearson(worth * q, worth)
    known_low, known_high = (1 - q) ** worth <= 0.025, q**worth <= 0.025
    plain = _ranks(n, q)  # never narrower than as if all were independent
    return min(plain[0], floor(low * n)) if known_low else 0, max(plain[1], ceil(high * n)) if known_high else n + 1


def _worth(s: Sums) -> float:
    """How many equally large clusters the clusters are worth; their number where all are of one size."""
    return s.den * s.den / s.den2


def _t95(df: float) -> float:
    """The quantile of Student's t that leaves 2.5 % above it; endless where hardly a degree of freedom is left."""
    return float(stdtrit(df, 0.975)) if df > 0.02 else inf


def widening(comparisons: int) -> float:
    """How much wider a 95 % interval must be where so many comparisons are made at once (Bonferroni)."""
    return NormalDist().inv_cdf(1 - 0.025 / max(1, comparisons)) / Z95


def difference(a: Estimate, b: Estimate, wider: float = 1.0) -> Estimate:
    """a − b with an interval from theirs (MOVER); of two shares with Wilson's, Newcombe's method 10 (Stat Med 1998;17:873)."""
    if None in (a.value, a.low, a.high, b.value, b.low, b.high):
        return Estimate(None)
    x, y = float(a.value or 0), float(b.value or 0)
    down = hypot(x - float(a.low or 0), float(b.high or 0) - y) * wider
    up = hypot(float(a.high or 0) - x, y - float(b.low or 0)) * wider
    return Estimate(x - y, x - y - down, x - y + up)


def _ratio_variance(s: Sums, ratio: float) -> float:
    spread = s.num2 - 2 * ratio * s.cross + ratio * ratio * s.den2
    worth = _worth(s)
    return worth / (worth - 1) * max(0.0, spread) / (s.den * s.den) if worth > 1 else inf
