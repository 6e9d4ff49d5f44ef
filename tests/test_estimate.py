"""Every estimator against answers that others published or that another formula gives, and at its edges."""

import random
from collections.abc import Sequence
from math import comb, exp, factorial, sqrt

import pytest
from scipy.stats import binomtest, sem, skew, t

from cxreports.analysis.estimate import (
    Z95,
    Cubes,
    Sums,
    clopper_pearson,
    count,
    effective_n,
    lean_of_mean,
    mean,
    proportion,
    quantile,
    single,
    wilson,
)


def sums(clusters: Sequence[Sequence[int]]) -> Sums:
    """Units with den = 1, given as one list of num per customer."""
    n = [len(c) for c in clusters]
    z = [sum(c) for c in clusters]
    return Sums(
        sum(n), sum(z), sum(n), len(n),
        sum(a * a for a in z), sum(a * b for a, b in zip(z, n, strict=True)), sum(b * b for b in n),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe, Interval estimation for the single proportion, Statist. Med. 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # Brown, Cai, DasGupta 2001: n = 5, x = 0 reaches z²/(n + z²)
        (0, 5, 0.0000, 0.4345),
    ],
)
def test_wilson_is_what_was_published(successes: int, n: int, low: float, high: float) -> None:
    found = proportion(single(successes, n))
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (low, high)


def test_none_of_twelve_may_still_be_one_in_four() -> None:
    none, all_ = proportion(single(0, 12)), proportion(single(12, 12))
    assert (none.value, none.low, f"{none.high:.0%}") == (0.0, 0.0, "24%")
    assert (all_.value, f"{all_.low:.0%}", all_.high) == (1.0, "76%", 1.0)


def test_one_unit_says_next_to_nothing() -> None:
    yes, no = proportion(single(1, 1)), proportion(single(0, 1))
    assert (round(yes.low or 0, 4), yes.high) == (0.2065, 1.0)
    assert (no.low, round(no.high or 0, 4)) == (0.0, 0.7935)


@pytest.mark.parametrize("k", range(0, 41))
def test_an_interval_lies_within_0_and_1_and_holds_its_value(k: int) -> None:
    for n in (40, 41, 1000, 10**12):
        low, high = wilson(k / n, n)
        assert 0.0 <= low <= k / n <= high <= 1.0


def test_wilsons_ends_solve_the_equation_they_are_defined_by() -> None:
    for k, n in [(3, 10), (50, 100), (1, 1000), (999_999, 1_000_000)]:
        for end in wilson(k / n, n):
            assert abs(k / n - end) == pytest.approx(Z95 * sqrt(end * (1 - end) / n), rel=1e-9)


def test_huge_counts_stay_exact() -> None:
    n = 10**13
    found = proportion(single(n // 2, n))
    assert found.value == 0.5 and (found.high or 0) - (found.low or 0) == pytest.approx(2 * Z95 * 0.5 / sqrt(n), rel=1e-6)
    assert count(10**9).low == pytest.approx(10**9 - Z95 * sqrt(10**9), rel=1e-7)


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [  # Garwood 1936, as in Ulm 1990 (Am. J. Epidemiol. 131:373) and Altman et al., Statistics with Confidence, table 17.3
        (0, 0.0, 3.689), (1, 0.025, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.364, 121.627),
    ],
)  # fmt: skip
def test_a_counts_interval_is_the_published_exact_one(n: int, low: float, high: float) -> None:
    found = count(n)
    assert (round(found.low or 0, 3), round(found.high or 0, 3)) == (low, high)


@pytest.mark.parametrize("n", [1, 3, 12, 30])
def test_a_counts_interval_has_two_and_a_half_per_cent_at_each_end(n: int) -> None:
    found = count(n)

    def at_most(k: int, m: float) -> float:
        return sum(exp(-m) * m**i / factorial(i) for i in range(k + 1))

    assert 1 - at_most(n - 1, found.low or 0) == pytest.approx(0.025, abs=1e-9)
    assert at_most(n, found.high or 0) == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe 1998, table I, method 5
        (81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0000, 0.1684), (1, 29, 0.0009, 0.1776),
    ],
)  # fmt: skip
def test_clopper_and_pearsons_interval_is_what_was_published(successes: int, n: int, low: float, high: float) -> None:
    found = clopper_pearson(successes, n)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@pytest.mark.parametrize(("k", "n"), [(0, 12), (12, 12), (1, 1), (0, 1), (7, 30), (29, 30), (500, 1000)])
def test_shares_have_the_intervals_of_scipy(k: int, n: int) -> None:
    exact, score = (binomtest(k, n).proportion_ci(method=method) for method in ("exact", "wilson"))
    assert clopper_pearson(k, n) == pytest.approx((exact.low, exact.high))
    assert wilson(k / n, n) == pytest.approx((score.low, score.high), abs=1e-12)


def test_a_clustered_share_by_hand() -> None:
    """Customers with 1 of 1, 0 of 1, 3 of 3, 0 of 2, 1 of 3: p = 5/10, and they are worth 10² / 24 = 25/6 equal clusters.

    Residuals z − p·n: 0.5, −0.5, 1.5, −1, −0.5; squares add up to 4. Variance = (25/6)/(19/6) · 4 / 10² = 1/19; that of ten
    independent ones 0.5 · 0.5 / 9 = 1/36. So the design effect is 36/19, and t has 19/6 degrees of freedom in place of 9.
    """
    s = sums([[1], [0], [1, 1, 1], [0, 0], [1, 0, 0]])
    worth = 10 / (36 / 19) * (t.ppf(0.975, 9) / t.ppf(0.975, 19 / 6)) ** 2
    assert effective_n(s) == pytest.approx(worth) and worth == pytest.approx(2.83, abs=0.01)
    assert (proportion(s).low, proportion(s).high) == pytest.approx(wilson(0.5, worth))


def test_a_clustered_mean_by_hand() -> None:
    """Customers with 10; 20, 30; 60 seconds: mean 30, worth 4² / 6 = 8/3 clusters. Residuals −20, −10, 30: 1400.

    Variance 8/3 ÷ 5/3 · 1400 / 4² = 140, and t has 5/3 degrees of freedom.
    """
    found, half = mean(sums([[10], [20, 30], [60]])), t.ppf(0.975, 5 / 3) * sqrt(140)
    assert found.value == 30.0
    assert (found.low, found.high) == pytest.approx((30 - half, 30 + half))


def test_customers_of_equal_size_have_the_interval_of_their_means() -> None:
    """A sample of clusters of one size is one of their means (Cochran, §9.3); scipy knows the interval of a mean."""
    clusters = [[12, 18, 30], [9, 9, 9], [40, 2, 6], [25, 25, 28], [14, 60, 3]]
    means = [sum(c) / 3 for c in clusters]
    low, high = t.interval(0.95, 4, loc=sum(means) / 5, scale=sem(means))
    assert (mean(sums(clusters)).low, mean(sums(clusters)).high) == pytest.approx((low, high))


def test_a_mean_of_customers_with_one_unit_each_has_the_textbook_interval() -> None:
    values = [3, 1, 4, 1, 5, 9, 2, 6]
    low, high = t.interval(0.95, 7, loc=31 / 8, scale=sem(values))
    found = mean(sums([[v] for v in values]))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_one_customer_is_one_voice() -> None:
    assert effective_n(sums([[1, 0, 1, 0, 1]])) == 1.0
    assert effective_n(sums([[1] * 50, [1] * 50])) == 2.0
    assert mean(sums([[5, 5, 6]])).low is None


def test_customers_who_are_all_alike_earn_no_more_than_their_units() -> None:
    """Twenty customers with one yes and one no each: no more than forty units, and t has 19 degrees of freedom for 39."""
    assert effective_n(sums([[1, 0]] * 20)) == pytest.approx(40 * (t.ppf(0.975, 39) / t.ppf(0.975, 19)) ** 2)


def test_where_every_customer_has_one_unit_the_interval_is_wilsons_own() -> None:
    for k, n in ((1, 2), (3, 10), (17, 40), (400, 1000)):
        assert effective_n(single(k, n)) == pytest.approx(n, rel=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_a_clustered_interval_is_never_narrower_than_wilsons(seed: int) -> None:
    rng = random.Random(seed)
    s = sums([[rng.choice([0, 1]) for _ in range(rng.choice([1, 2, 9]))] for _ in range(rng.choice([1, 2, 3, 10, 60]))])
    plain, found = wilson(s.num / s.den, s.den), proportion(s)
    assert effective_n(s) <= s.den * (1 + 1e-12)
    assert found.low is not None and found.low <= plain[0] + 1e-12
    assert found.high is not None and found.high >= plain[1] - 1e-12


@pytest.mark.parametrize("n_customers", [5, 8, 12, 20, 40])
@pytest.mark.parametrize("sizes", [(5,), (1, 1, 2, 6, 12)])
def test_few_customers_cover_the_truth_as_often_as_said(n_customers: int, sizes: tuple[int, ...]) -> None:
    """Customers differ (beta-binomial, correlation 1/4): with the normal quantile and C/(C−1) as few as 86 % were covered."""
    rng, truth, runs, held = random.Random(n_customers), 0.3, 400, 0
    for _ in range(runs):
        own = [rng.betavariate(3 * truth, 3 * (1 - truth)) for _ in range(n_customers)]
        found = proportion(sums([[int(rng.random() < p) for _ in range(rng.choice(sizes))] for p in own]))
        held += (found.low or 0.0) <= truth <= (found.high or 0.0)
    assert held / runs >= 0.92


def cubes(clusters: Sequence[Sequence[int]]) -> Cubes:
    pairs = [(sum(c), len(c)) for c in clusters]
    third = (sum(z ** (3 - k) * n**k for z, n in pairs) for k in range(4))
    return Cubes(sums(clusters), *third)


def test_the_lean_of_a_mean_is_the_skewness_that_scipy_has_divided_by_the_root_of_n() -> None:
    values = [3, 1, 4, 1, 5, 9, 2, 6, 60]
    assert lean_of_mean(cubes([[v] for v in values])) == pytest.approx(skew(values) / 3)
    assert lean_of_mean(cubes([[5], [5], [5]])) == 0.0


def test_an_interval_leans_by_hand() -> None:
    """Customers with 10; 20, 30; 60 seconds: residuals −20, −10, 30; their squares add up to 1,400, their cubes to 18,000."""
    clusters = [[10], [20, 30], [60]]
    lean, error, q = 18000 / 1400**1.5, sqrt(140), t.ppf(0.975, 5 / 3)
    assert lean_of_mean(cubes(clusters)) == pytest.approx(lean)
    found = mean(sums(clusters), lean=lean)
    ends = [30 - error * 3 / lean * ((1 + lean * (q - lean / 6)) ** (1 / 3) - 1)]
    ends.append(30 + error * 3 / lean * (1 + (lean * (q + lean / 6) - 1) ** (1 / 3)))  # the cube root of a negative number
    assert (found.low, found.high) == pytest.approx(ends)
    plain = mean(sums(clusters))
    assert found.low is not None and plain.low is not None and found.low > plain.low
    assert found.high is not None and plain.high is not None and found.high > plain.high


@pytest.mark.parametrize(("n", "sigma", "least"), [(30, 1.0, 0.90), (100, 1.0, 0.91), (30, 1.5, 0.87), (400, 1.0, 0.93)])
def test_a_mean_of_skewed_durations_covers_nearly_what_it_says(n: int, sigma: float, least: float) -> None:
    """Log-normal, as handle times are (σ about 1). Student's own interval held only 88 and 78 of 100 at n = 30."""
    rng, truth, runs, held = random.Random(n), exp(sigma**2 / 2), 800, 0
    for _ in range(runs):
        drawn = [[round(1e4 * rng.lognormvariate(0, sigma))] for _ in range(n)]
        found = mean(sums(drawn), 1e4, lean_of_mean(cubes(drawn)))
        held += (found.low or 0.0) <= truth <= (found.high or 0.0)
    assert least <= held / runs <= 0.97


def test_values_that_never_differ_have_no_width() -> None:
    found = mean(sums([[7], [7], [7]]))
    assert (found.low, found.value, found.high) == (7.0, 7.0, 7.0)


def test_the_clustered_interval_covers_where_the_naive_one_does_not() -> None:
    """300 customers with one to six interactions, all of a customer's alike: the true share is 30 % by construction."""
    rng, truth, runs = random.Random(46), 0.3, 600
    naive = clustered = 0
    for _ in range(runs):
        s = sums([[int(rng.random() < truth)] * rng.choice([1, 1, 2, 6]) for _ in range(300)])
        low, high = wilson(s.num / s.den, s.den)
        naive += low <= truth <= high
        found = proportion(s)
        clustered += (found.low or 0) <= truth <= (found.high or 1)
    assert 0.93 <= clustered / runs <= 0.97
    assert naive / runs < 0.80


def binomial_cdf(k: int, n: int, q: float) -> float:
    return sum(comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k + 1))


@pytest.mark.parametrize(
    ("n", "low", "high"),
    [(6, 1, 6), (10, 2, 9), (20, 6, 15), (50, 18, 33), (100, 40, 61)],  # Conover, table A3: ranks for the median, 95 %
)
def test_a_medians_interval_stands_between_the_tabulated_ranks(n: int, low: int, high: int) -> None:
    found = quantile(range(1, n + 1), 0.5)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("n", [1, 5, 6, 29, 45, 72, 73, 200])
def test_ranks_hold_95_per_cent_and_are_absent_where_n_is_too_small(n: int, q: float) -> None:
    found = quantile(range(1, n + 1), q)
    below = 0.0 if found.low is None else binomial_cdf(int(found.low) - 1, n, q)  # the true quantile lies under the low end
    above = 0.0 if found.high is None else 1 - binomial_cdf(int(found.high) - 1, n, q)
    assert below <= 0.025 and above <= 0.025
    if found.low is None:
        assert binomial_cdf(0, n, q) > 0.025
    if found.high is None:
        assert 1 - binomial_cdf(n - 1, n, q) > 0.025


def test_five_waits_have_no_interval_and_six_have_one() -> None:
    assert (quantile([1, 2, 3, 4, 5], 0.5).low, quantile([1, 2, 3, 4, 5], 0.5).high) == (None, None)
    assert quantile([1], 0.95).value == 1 and quantile([1], 0.95).high is None


def test_a_quantile_is_an_observed_value_that_the_share_does_not_exceed() -> None:
    for q_hundred in range(1, 100):
        for n in (1, 2, 3, 10, 60, 100, 300, 1000):
            wanted = max(1, -(-n * q_hundred // 100))  # exact, in whole numbers
            assert quantile(range(1, n + 1), q_hundred / 100).value == wanted, (n, q_hundred)


def test_a_median_of_waits_in_clusters_by_hand() -> None:
    """100 waits worth 20 independent ones: Clopper and Pearson's interval of 10 in 20 is 0.2720 to 0.7280, ranks 27 and 73."""
    found = quantile(range(1, 101), 0.5, worth=20)
    assert (found.low, found.value, found.high) == (27, 50, 73)
    assert (quantile(range(1, 101), 0.5).low, quantile(range(1, 101), 0.5).high) == (40, 61)


def test_a_percentile_of_too_few_independent_waits_has_no_end() -> None:
    found = quantile(range(1, 101), 0.95, worth=20)  # 0.95 to the 20th is 0.36: all of twenty may lie below it
    assert found.low is not None and found.high is None
    assert quantile(range(1, 101), 0.5, worth=5).low is None


def test_a_median_of_customers_waits_covers_where_ranks_of_all_waits_do_not() -> None:
    """Forty customers with one to twelve waits, all of a customer's alike; the true median is 0 by construction."""
    rng, runs, plain, clustered = random.Random(7), 400, 0, 0
    for _ in range(runs):
        customers = [[rng.gauss(0, 1)] * rng.choice([1, 2, 6, 12]) for _ in range(40)]
        waits = sorted(round(1000 * x) for c in customers for x in c)
        cut = waits[-(-len(waits) // 2) - 1]
        worth = effective_n(sums([[int(round(1000 * x) <= cut) for x in c] for c in customers]))
        for held, found in ((0, quantile(waits, 0.5)), (1, quantile(waits, 0.5, worth=worth))):
            covers = found.low is not None and found.high is not None and found.low <= 0 <= found.high
            plain, clustered = (plain + covers, clustered) if held == 0 else (plain, clustered + covers)
    assert clustered / runs >= 0.93 and plain / runs < 0.75


def test_ties_and_scale() -> None:
    found = quantile([1000] * 50 + [5000] * 50, 0.5, 1000.0)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 5.0)
