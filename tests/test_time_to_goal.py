"""Percentiles and shares from Kaplan–Meier curves: published values, edges, and agreement with the obvious version."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.analysis.estimate import Estimate, Sums, wilson
from cxreports.analysis.time_to_goal import Followed, percentile, share_within

# Weeks of remission of leukaemia (Freireich et al., Blood 21, 1963; Kalbfleisch and Prentice, §1.1.2): reached, and given up.
MERCAPTOPURINE = ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
PLACEBO: tuple[list[int], list[int]] = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [])


def followed(reached: list[int], gone: list[int], per_customer: int = 1) -> Followed:
    """Each unit of a customer of its own; or so many of one customer, all alike."""
    n, num, k = len(reached) + len(gone), len(reached), per_customer
    return Followed(sorted(reached + gone), sorted(reached), Sums(n, num, n, n // k, num * k, num * k, n * k))


def test_the_medians_are_the_published_ones_and_their_intervals_those_worked_by_hand() -> None:
    """Medians 23 and 8. 6-MP: the lower band is 0.503 at 10 and 0.432 at 13, the upper one never comes down to a half.
    Placebo: the lower band is 0.519 at 3 and 0.425 at 4, the upper one 0.578 at 8 and 0.482 at 11."""
    assert percentile(followed(*MERCAPTOPURINE), 0.5) == Estimate(23.0, 13.0, None)
    assert percentile(followed(*PLACEBO), 0.5) == Estimate(8.0, 4.0, 11.0)


def test_the_curve_at_ten_weeks_is_the_published_one() -> None:
    """0.753 with standard error 0.0963; on the log-log scale from 0.503 to 0.889."""
    found = share_within(followed(*MERCAPTOPURINE), 10)
    assert found.value and found.low and found.high
    assert (round(1 - found.value, 3), round(1 - found.high, 3), round(1 - found.low, 3)) == (0.753, 0.503, 0.889)


def test_a_percentile_that_the_curve_never_reaches_has_no_value() -> None:
    assert percentile(followed(*MERCAPTOPURINE), 0.9) == Estimate(None, None, None)
    assert percentile(followed([1] * 9, [2]), 0.9).value == 1.0
    assert percentile(followed([1] * 9, [1]), 0.95) == Estimate(None, None, None)
    assert percentile(followed([], [1] * 20), 0.5) == Estimate(None, None, None)


def test_a_percentile_on_a_flat_part_of_the_curve_is_where_it_begins() -> None:
    assert percentile(followed(list(range(1, 11)), []), 0.5).value == 5.0
    assert percentile(followed(list(range(1, 11)), []), 0.3).value == 3.0  # 1 − 3/10 is a hair more than 0.7


def test_who_gives_up_at_the_instant_of_a_goal_was_still_at_it() -> None:
    assert share_within(followed([5], [5, 5, 5]), 5).value == 0.25
    assert share_within(followed([5], [4, 4, 4]), 5).value == 1.0


def test_without_drop_outs_the_share_is_the_plain_one_and_the_limit_belongs_to_it() -> None:
    f = followed(list(range(1, 101)), [])
    assert round(share_within(f, 37).value or 0, 12) == 0.37
    assert share_within(f, 0) == Estimate(0.0, *wilson(0.0, 100))
    assert share_within(f, 100) == Estimate(1.0, *wilson(1.0, 100))


def test_nobody_of_twelve_in_time_is_up_to_a_quarter_and_no_certain_zero() -> None:
    found = share_within(followed([], [9] * 12), 8)
    assert (found.value, found.low, round(found.high or 0, 2)) == (0.0, 0.0, 0.24)


def test_several_runs_of_one_customer_make_the_interval_wider() -> None:
    reached, gone = list(range(1, 41)), list(range(1, 41))
    alone, several = share_within(followed(reached, gone), 20), share_within(followed(reached, gone, per_customer=4), 20)
    assert alone.value == several.value
    assert (several.high or 0) - (several.low or 0) > 1.5 * ((alone.high or 0) - (alone.low or 0))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40), st.integers(0, 12))
def test_the_curve_is_that_of_the_obvious_version(units: list[tuple[int, bool]], limit: int) -> None:
    reached, gone = [x for x, done in units if done], [x for x, done in units if not done]
    f = followed(reached, gone)

    def left(until: int) -> float:
        share = 1.0
        for t in sorted({x for x in reached if x <= until}):
            share *= 1 - reached.count(t) / sum(x >= t for x, _ in units)
        return share

    found = share_within(f, limit)
    assert found.value == pytest.approx(1 - left(limit), abs=1e-12)
    assert (found.low or 0) - 1e-12 <= found.value <= (found.high or 0) + 1e-12  # type: ignore[operator]
    for q in (0.1, 0.5, 0.9):
        when = next((t for t in sorted(set(reached)) if left(t) <= 1 - q + 1e-12), None)
        assert percentile(f, q).value == when
