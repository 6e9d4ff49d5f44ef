"""Every estimator against answers that others published or that another formula gives, and at its edges."""

import random
from collections.abc import Sequence
from math import comb, exp, factorial, sqrt

import pytest

from cxreports.analysis.estimate import Z95, Sums, count, effective_n, mean, proportion, quantile, wilson


def sums(clusters: Sequence[Sequence[int]]) -> Sums:
    """Units with den = 1, given as one list of num per customer."""
    n = [len(c) for c in clusters]
    z = [sum(c) for c in clusters]
    return Sums(
        sum(n), sum(z), sum(n), len(n),
        sum(a * a for a in z), sum(a * b for a, b in zip(z, n, strict=True)), sum(b * b for b in n),
    )  # fmt: skip


def alone(successes: int, n: int) -> Sums:
    return Sums(n, successes, n, n, successes, successes, n)


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
    found = proportion(alone(successes, n))
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (low, high)


def test_none_of_twelve_may_still_be_one_in_four() -> None:
    none, all_ = proportion(alone(0, 12)), proportion(alone(12, 12))
    assert (none.value, none.low, f"{none.high:.0%}") == (0.0, 0.0, "24%")
    assert (all_.value, f"{all_.low:.0%}", all_.high) == (1.0, "76%", 1.0)


def test_one_unit_says_next_to_nothing() -> None:
    yes, no = proportion(alone(1, 1)), proportion(alone(0, 1))
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
    found = proportion(alone(n // 2, n))
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


def test_a_clustered_share_by_hand() -> None:
    """Customers with 1 of 1, 0 of 1, 3 of 3, 0 of 2, 1 of 3: p = 5/10.

    Residuals z − p·n: 0.5, −0.5, 1.5, −1, −0.5; squares add up to 4. Variance = 5/4 · 4 / 10² = 0.05; that of ten
    independent ones 0.5 · 0.5 / 9 = 1/36. So the design effect is 1.8, and ten interactions are worth 5.56.
    """
    s = sums([[1], [0], [1, 1, 1], [0, 0], [1, 0, 0]])
    assert effective_n(s) == pytest.approx(10 / 1.8)
    assert (proportion(s).low, proportion(s).high) == pytest.approx(wilson(0.5, 10 / 1.8))


def test_a_clustered_mean_by_hand() -> None:
    """Customers with 10; 20, 30; 60 seconds: mean 30. Residuals −20, −10, 30: 1400. Variance 3/2 · 1400 / 4² = 131.25."""
    found = mean(sums([[10], [20, 30], [60]]))
    assert found.value == 30.0
    assert (found.low, found.high) == pytest.approx((30 - Z95 * sqrt(131.25), 30 + Z95 * sqrt(131.25)))


def test_a_mean_of_customers_with_one_unit_each_has_the_textbook_error() -> None:
    values = [3, 1, 4, 1, 5, 9, 2, 6]
    centre = sum(values) / 8
    error = sqrt(sum((v - centre) ** 2 for v in values) / 7 / 8)
    found = mean(sums([[v] for v in values]))
    assert (found.low, found.high) == pytest.approx((centre - Z95 * error, centre + Z95 * error))


def test_one_customer_is_one_voice() -> None:
    assert effective_n(sums([[1, 0, 1, 0, 1]])) == 1.0
    assert effective_n(sums([[1] * 50, [1] * 50])) == 2.0
    assert mean(sums([[5, 5, 6]])).low is None


def test_customers_who_are_all_alike_earn_no_more_than_their_units() -> None:
    assert effective_n(sums([[1, 0]] * 20)) == 40.0


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


def test_ties_and_scale() -> None:
    found = quantile([1000] * 50 + [5000] * 50, 0.5, 1000.0)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 5.0)
