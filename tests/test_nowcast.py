"""The nowcast: its arithmetic against published figures and the obvious version, and what it may and may not look at."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from cxreports.analysis.nowcast import DAY_MS, MIN_EVENTS, NEVER, Followed, fit, nowcast
from cxreports.analysis.survival import count_interval, curve_variance, exposure, kaplan_meier, still_to_come
from tests import reference

HOUR = 3_600_000
WEEK = 7 * DAY_MS


def ints(*values: int) -> Any:
    return np.array(values, np.int64)


def bools(*values: bool) -> Any:
    return np.array(values, np.bool_)


# Remission under 6-MP, weeks (Freireich et al., Blood 21 (1963)); + is censored. The curve and its standard errors stand in
# Kleinbaum and Klein, Survival Analysis, and in the output of every package.
WEEKS = (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
RELAPSED = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
REMISSION = kaplan_meier(ints(*WEEKS), bools(*(bool(x) for x in RELAPSED)))


def test_the_curve_is_what_was_published() -> None:
    assert REMISSION.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert [round(s, 4) for s in REMISSION.survival.tolist()] == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]


def test_its_standard_errors_are_what_was_published() -> None:
    errors = REMISSION.survival * np.sqrt(np.cumsum(REMISSION.greenwood))
    assert [round(e, 4) for e in errors.tolist()] == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_an_event_at_the_very_instant_has_happened_and_one_out_of_sight_then_was_still_at_risk() -> None:
    assert [round(x, 4) for x in REMISSION.at(ints(5, 6, 7)).tolist()] == [1.0, 0.8571, 0.8067]
    assert kaplan_meier(ints(5, 5), bools(True, False)).survival.tolist() == [0.5]


def test_a_chance_is_that_of_those_who_waited_as_long() -> None:
    chances = still_to_come(REMISSION, ints(0, 6, 22, 23))
    assert [round(x, 4) for x in chances.tolist()] == [0.5518, 0.4771, 0.1667, 0.0]  # 1 − .4482/.8571, 1 − .4482/.5378


def test_the_error_of_one_unit_at_the_start_is_greenwoods() -> None:
    assert math.sqrt(curve_variance(REMISSION, ints(0))) == pytest.approx(0.1346, abs=5e-5)
    assert curve_variance(REMISSION, ints(0, 0)) == pytest.approx(4 * curve_variance(REMISSION, ints(0)))  # one curve, one error
    assert curve_variance(REMISSION, ints(23)) == 0.0


def test_errors_of_unlike_waits_are_those_of_the_steps_they_share() -> None:
    # A unit from the start and one that waited 22: both face the step at 23 (S 5/6, d/(n(n−d)) = 1/30).
    whole, late = curve_variance(REMISSION, ints(0)), curve_variance(REMISSION, ints(22))
    assert late == pytest.approx((5 / 6) ** 2 / 30)
    shared = 2 * REMISSION.end * (5 / 6) / 30
    assert curve_variance(REMISSION, ints(22, 0)) == pytest.approx(whole + late + shared)


def test_hazards_that_grow_by_a_hundredth_move_the_chance_by_a_hundredth_of_the_exposure() -> None:
    rest = REMISSION.end
    assert exposure(REMISSION, ints(0))[0] == pytest.approx(((1 - rest ** math.exp(1e-6)) - (1 - rest)) / 1e-6, rel=1e-4)


def test_where_everybody_has_had_the_event_nothing_is_left() -> None:
    curve = kaplan_meier(ints(1, 2), bools(True, True))
    assert curve.survival.tolist() == [0.5, 0.0]
    assert still_to_come(curve, ints(0, 3)).tolist() == [1.0, 1.0]
    assert kaplan_meier(ints(3, 4), bools(False, False)).end == 1.0


@pytest.mark.parametrize(("mean", "most"), [(0.5, 40), (5.0, 40), (39.5, 40), (300.0, 2_000), (3.0, 3_000), (1.0, 1)])
def test_a_count_lies_between_the_quantiles_of_the_binomial(mean: float, most: int) -> None:
    wanted = (binom.ppf(0.025, most, mean / most), binom.ppf(0.975, most, mean / most))
    assert count_interval(mean, 0.0, most) == wanted


@pytest.mark.parametrize(("mean", "variance", "most"), [(5.0, 9.0, 40), (300.0, 2_000.0, 2_000), (20.0, 60.0, 500)])
def test_a_count_that_varies_more_lies_between_the_quantiles_of_the_beta_binomial(
    mean: float, variance: float, most: int
) -> None:
    p = mean / most
    size = 1 / ((variance / (most * p * (1 - p)) - 1) / (most - 1)) - 1
    wanted = tuple(betabinom.ppf(q, most, p * size, (1 - p) * size) for q in (0.025, 0.975))
    assert count_interval(mean, variance, most) == wanted


def test_a_count_of_nothing_and_of_all_is_certain() -> None:
    assert [count_interval(0.0, 1.0, 9), count_interval(9.0, 1.0, 9), count_interval(3.0, 1.0, 0)] == [(0, 0), (9, 9), (0, 0)]


# --- cohorts


def followed(units: Sequence[Mapping[str, Any]], window: int = WEEK) -> Followed:
    """Units with `began` and `event` in hours; day, stratum and channel 0 unless told otherwise."""
    rows = sorted(units, key=lambda u: u["began"])

    def column(name: str, default: int) -> Any:
        return np.array([u.get(name, default) for u in rows], np.int64)

    return Followed(
        day=column("day", 0),
        began=np.array([round(u["began"] * HOUR) for u in rows], np.int64),
        event=np.array([NEVER if u.get("event") is None else round(u["event"] * HOUR) for u in rows], np.int64),
        base=column("base", 0), turn=column("turn", 1), stratum=column("stratum", 0), channel=column("channel", 0),
        group=column("group", 0), window=window,
    )  # fmt: skip


def history(n: int = 100, events: int = 20, after: float = 10.0, **more: int) -> list[dict[str, Any]]:
    """Units of hour 0, of which some have their event so many hours later."""
    return [{"began": 0.0, "event": after if i < events else None, **more} for i in range(n)]


def of_day(f: Followed, day: int) -> Any:
    return f.day == day


def test_the_nowcast_is_what_is_known_and_the_chances_of_those_who_wait() -> None:
    """20 of 100 came back after 10 hours. Of five that began two hours ago one has come back; four wait: 1 + 4 · 0.2 of 5."""
    now = 24 * 30.0
    fresh = [{"began": now - 2, "event": now - 1 if i == 0 else None, "day": 30} for i in range(5)]
    f = followed([*history(), *fresh])
    found = nowcast(fit(f, round(now * HOUR)), of_day(f, 30))
    # At 1 hour 105 were at risk and one left: S = 104/105; from then on 100 of 100 still wait for hour 10: 20 of 100 leave.
    assert found.value == pytest.approx((1 + 4 * (1 - 80 / 100)) / 5)
    assert (found.n, found.waiting, found.maturity) == (5, 5, pytest.approx(2 / 168))


def test_a_mature_cohort_is_its_own_figure_and_certain() -> None:
    f = followed(history(day=1))
    found = nowcast(fit(f, 24 * 30 * HOUR), of_day(f, 1))
    assert (found.value, found.low, found.high, found.waiting, found.maturity) == (0.2, 0.2, 0.2, 0, 1.0)


def test_what_an_event_cannot_turn_is_settled() -> None:
    """Verified containment: ten that ended badly count 0 whatever comes; ten that ended well lose 0.2 of them."""
    now = 24 * 30.0
    fresh = [{"began": now, "day": 30, "base": i % 2, "turn": -(i % 2)} for i in range(20)]
    f = followed([*history(base=1, turn=-1), *fresh])
    found = nowcast(fit(f, round(now * HOUR)), of_day(f, 30))
    assert (found.value, found.waiting) == (pytest.approx(10 * 0.8 / 20), 20)
    assert found.high == 0.5  # at best none of the ten that may still fail does


def test_the_cohorts_own_mix_of_reasons_and_channels_counts() -> None:
    """Stratum 0: 20 of 100, stratum 1: 60 of 100. A cohort of one and three: (0.2 + 3 · 0.6) ÷ 4."""
    now = 24 * 30.0
    fresh = [{"began": now, "day": 30, "stratum": min(i, 1), "channel": min(i, 1)} for i in range(4)]
    f = followed([*history(), *history(events=60, stratum=1, channel=1), *fresh])
    assert nowcast(fit(f, round(now * HOUR)), of_day(f, 30)).value == pytest.approx(0.5)


@pytest.mark.parametrize(("events", "value"), [(MIN_EVENTS, 0.2), (MIN_EVENTS - 1, (MIN_EVENTS - 1 + 60) / 200)])
def test_a_stratum_with_too_few_events_shares_its_channels_curve(events: int, value: float) -> None:
    """Beside it ten more of the channel with six events of ten each: small themselves, so that they go together with it."""
    now = 24 * 30.0
    f = followed([*history(events=events), *_thin(60), {"began": now, "day": 30}])
    assert nowcast(fit(f, round(now * HOUR)), of_day(f, 30)).value == pytest.approx(value)


def _thin(events: int) -> list[dict[str, Any]]:
    """A hundred units of the same channel in ten strata of six events each."""
    return [{**u, "stratum": 1 + i % 10} for i, u in enumerate(history(events=events))]


def test_small_strata_of_all_channels_go_together_last() -> None:
    """Two channels with 12 of 100 each: 24 of 200 together; the large stratum keeps its own curve."""
    now = 24 * 30.0
    large = history(events=50, stratum=2, channel=2)
    f = followed([
        *history(events=12), *history(events=12, stratum=1, channel=1), *large, {"began": now, "day": 30},
    ])  # fmt: skip
    assert nowcast(fit(f, round(now * HOUR)), of_day(f, 30)).value == pytest.approx(0.12)


def test_a_stratum_too_small_for_any_pool_takes_the_curve_of_all() -> None:
    now = 24 * 30.0
    f = followed([*history(events=12), *history(events=50, stratum=1, channel=1), {"began": now, "day": 30}])
    assert nowcast(fit(f, round(now * HOUR)), of_day(f, 30)).value == pytest.approx(62 / 200)


@pytest.mark.parametrize(("events", "hours", "is_said"), [(20, 168.0, True), (19, 168.0, False), (20, 167.9, False)])
def test_without_twenty_events_or_an_elapsed_window_nothing_is_said(events: int, hours: float, is_said: bool) -> None:
    f = followed([*history(events=events), {"began": hours, "day": 30}])
    found = nowcast(fit(f, round(hours * HOUR)), of_day(f, 30))
    assert (found.value is not None, found.reason == "") == (is_said, is_said)


def test_what_lies_beyond_the_horizon_changes_nothing() -> None:
    now = 24 * 30.0
    units = [*history(), *({"began": now - 5, "event": None, "day": 30} for _ in range(8))]
    later = [u | {"event": now + 0.001} if u.get("day") else u for u in units]
    before, after = (nowcast(fit(followed(x), round(now * HOUR)), of_day(followed(x), 30)) for x in (units, later))
    assert before == after


def test_days_that_differ_more_than_chance_widen_the_interval() -> None:
    """Eight days of 100 with 0, 40, 0, 40 … events against eight days of 20: the same mean, another interval."""
    now = 24 * 30.0
    fresh = [{"began": now, "day": 30} for _ in range(100)]

    def widths(events: Sequence[int]) -> float:
        past = [{**u, "began": 24.0 * d, "event": u["event"] and 24 * d + 1, "day": d} for d, k in enumerate(events)
                for u in history(events=k)]  # fmt: skip
        f = followed([*past, *fresh])
        found = nowcast(fit(f, round(now * HOUR)), of_day(f, 30))
        assert found.value == pytest.approx(0.2) and found.low is not None and found.high is not None
        return found.high - found.low

    # Chance 100 · 0.2 · 0.8 = 16, and the curve of 160 of 800: (100 · 0.8)² · 160 / (800 · 640) = 2; a variance of 18.
    size = 1 / ((18 / 16 - 1) / 99) - 1
    wanted = [betabinom.ppf(q, 100, 0.2 * size, 0.8 * size) for q in (0.025, 0.975)]
    assert widths([20] * 8) == pytest.approx((wanted[1] - wanted[0]) / 100)
    assert widths([0, 40] * 4) > 0.5


UNIT = st.fixed_dictionaries({
    "began": st.sampled_from([0.0, 1.0, 2.0, 24.0, 30.0, 100.0, 132.0, 132.001, 200.0, 299.0, 300.0]),
    "wait": st.sampled_from([None, None, 0.001, 1.0, 24.0, 167.999, 168.0, 168.001]),
    "kind": st.sampled_from([(0, 1), (0, 1), (0, 0)]),
    "in_cohort": st.booleans(),
})  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(UNIT, min_size=1, max_size=12))
def test_the_nowcast_agrees_with_the_obvious_version(drawn: list[dict[str, Any]]) -> None:
    """One curve for all: 25 units that settle the pooling rule, then whatever Hypothesis draws, at hour 300."""
    settled = [{"began": 0.0, "event": float(h) if h < 22 else None, "base": 0, "turn": 1, "day": 0} for h in range(1, 26)]
    units = settled + [
        {"began": u["began"], "event": None if u["wait"] is None else u["began"] + u["wait"], "base": u["kind"][0],
         "turn": u["kind"][1], "day": int(u["in_cohort"])}
        for u in drawn
    ]  # fmt: skip
    named = [
        {**u, "id": str(i), "began": round(u["began"] * HOUR), "event": None if u["event"] is None else round(u["event"] * HOUR)}
        for i, u in enumerate(units)
    ]
    f = followed(units)
    cohort = {u["id"] for u in named if u["day"] == 1}
    wanted = reference.nowcast(named, cohort, 300 * HOUR, WEEK)
    if wanted is None:
        return
    found = nowcast(fit(f, 300 * HOUR), of_day(f, 1))
    assert found.value == pytest.approx(wanted, abs=1e-9)
    assert found.low is not None and found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_curves_rest_on_eight_weeks_and_a_window() -> None:
    now = 24 * 100.0
    old = [{**u, "began": 24.0, "event": u["event"] and 34.0} for u in history(events=90)]
    recent = [{**u, "began": now - 24 * 60, "event": u["event"] and now - 24 * 60 + 10} for u in history()]
    f = followed([*old, *recent, {"began": now, "day": 100}])
    assert nowcast(fit(f, round(now * HOUR)), of_day(f, 100)).value == pytest.approx(0.2)


def test_the_order_of_units_that_began_together_does_not_matter() -> None:
    now, shuffled = 24 * 30.0, [*history(), *({"began": 700.0, "day": 30} for _ in range(9))]
    values = []
    for seed in range(3):
        random.Random(seed).shuffle(shuffled)
        f = followed(shuffled)
        values.append(nowcast(fit(f, round(now * HOUR)), of_day(f, 30)))
    assert values[0] == values[1] == values[2]
    assert replace(values[0], reason="x") != values[0]
