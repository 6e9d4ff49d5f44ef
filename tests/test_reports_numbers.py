"""Differences, drivers, starts and how numbers are printed."""

from datetime import date, timedelta

import pytest

from cxreports.analysis.estimate import widening
from cxreports.analysis.measurement import Measurement
from cxreports.reports import words
from cxreports.reports.changes import difference, driver, onset, proportion, without, worst
from tests.test_reports_world import AS_OF


def test_the_interval_of_a_difference_is_newcombes():
    """Newcombe 1998, Stat Med 17:873, table II, method 10: 56/70 − 48/80 gives 0.0524 to 0.3339."""
    found = difference(proportion(56, 70), proportion(48, 80))
    assert (found.diff, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_none_of_ten_against_none_of_twenty():
    """Same table: 0/10 − 0/20 gives −0.1611 to 0.2775."""
    found = difference(proportion(0, 10), proportion(0, 20))
    assert (found.low, found.high) == pytest.approx((-0.1611, 0.2775), abs=5e-5)


def test_more_comparisons_need_wider_intervals():
    assert widening(1) == pytest.approx(1)
    assert widening(6) == pytest.approx(2.638257 / 1.959964, abs=1e-5)


def test_the_segment_that_moves_the_total_is_found():
    before = {("a",): (500.0, 1000.0), ("b",): (500.0, 1000.0), ("c",): (500.0, 1000.0)}
    found = driver({**before, ("b",): (350.0, 1000.0)}, before)
    assert found is not None
    assert (found.key, found.is_apart) == (("b",), True)
    assert found.share == pytest.approx(1)


def test_segments_that_fall_together_do_not_stand_apart():
    before = {(s,): (500.0, 1000.0) for s in "abc"}
    found = driver({(s,): (400.0 - i, 1000.0) for i, s in enumerate("abc")}, before)
    assert found is not None and not found.is_apart


def test_a_single_segment_drives_nothing():
    assert driver({("a",): (1.0, 10.0)}, {("a",): (5.0, 10.0)}) is None


def test_the_worst_segment_must_be_clearly_above_the_rest():
    assert worst({("a",): (30.0, 1000.0), ("b",): (31.0, 1000.0)}, (61.0, 2000.0)) is None
    assert worst({("a",): (30.0, 1000.0), ("b",): (90.0, 1000.0)}, (120.0, 2000.0)) == ("b",)
    assert worst({("a",): (30.0, 1000.0)}, (30.0, 1000.0)) is None
    assert worst({}, (0.0, 0.0)) is None


def test_segments_too_small_to_be_shown_belong_to_all_others():
    shown = {("north",): (32.0, 92.0)}
    assert worst(shown, (33.0, 140.0)) == ("north",)
    assert without((33.0, 140.0), shown["north",]) == (1.0, 48.0)


def days(*rates: tuple[int, float]) -> list[tuple[date, float, float]]:
    flat = [rate for n, rate in rates for _ in range(n)]
    return [(date(2026, 10, 1) + timedelta(days=i), round(r * 200), 200.0) for i, r in enumerate(flat)]


def test_the_start_of_a_step_is_its_first_day():
    assert onset(days((30, 0.05), (12, 0.15)), 4, rising=True) == date(2026, 10, 31)


def test_a_level_series_has_no_start():
    assert onset(days((40, 0.05)), 4, rising=True) is None
    assert onset([], 4, rising=True) is None


def test_a_fall_is_not_dated_by_an_earlier_rise():
    assert onset(days((20, 0.05), (22, 0.15)), 4, rising=False) is None


@pytest.mark.parametrize(
    ("unit", "x", "printed"),
    [
        ("percent", 0.0523, "5.2%"),
        ("seconds", 4.24, "4.2 s"),
        ("seconds", 48.3, "48 s"),
        ("seconds", 252.0, "4:12 min"),
        ("seconds", 3599.0, "59:59 min"),
        ("seconds", 3900.0, "1:05 h"),
        ("count", 1234.0, "1,234"),
        ("score", 4.118, "4.12"),
        ("score", -0.5, "−0.50"),
    ],
)
def test_values_are_printed_in_their_unit(unit, x, printed):
    assert words.value(unit, x) == printed


@pytest.mark.parametrize(
    ("unit", "x", "printed"),
    [
        ("percent", -0.008, "−0.8 pt"),
        ("percent", 0.0001, "0.0 pt"),
        ("seconds", 3.0, "+3.0 s"),
        ("seconds", -125.0, "−2:05 min"),
        ("count", 1200.0, "+1,200"),
    ],
)
def test_changes_carry_a_sign_unless_they_round_to_nothing(unit, x, printed):
    assert words.change(unit, x) == printed


def test_weeks_are_printed_without_repeating_month_and_year():
    assert words.days(date(2026, 11, 16), date(2026, 11, 23)) == "16–22 Nov 2026"
    assert words.days(date(2026, 11, 30), date(2026, 12, 7)) == "30 Nov–6 Dec 2026"
    assert words.days(date(2026, 12, 28), date(2027, 1, 4)) == "28 Dec 2026–3 Jan 2027"


def test_all_of_twelve_has_a_lower_bound():
    band = proportion(12, 12)
    m = Measurement("csat", 1, date(2026, 11, 16), date(2026, 11, 23), AS_OF, {}, 12, 12, 12, 1.0, band.low, 1.0, "final")
    assert words.measured(m, "percent") == ("12 of 12", "at least 76%")


def test_text_of_others_loses_what_breaks_a_page():
    assert words.clean("a\x00b\u202ec\n d") == "abc d"
    assert words.clean("x" * 50, 10) == "xxxxxxxxx…"
