"""Outcome metrics at their edges: hand-derived values, and the obvious version where a metric looks back in time."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from tests import reference
from tests.test_build import batches, quick
from tests.test_measure import measurer, one, world
from tests.worlds import at, fresh_lake, leg

WEEK = timedelta(days=7)
LATE = (date(2025, 3, 13), date(2025, 3, 14))  # ten days after the world's start: a week of history is behind it


def beginning(n: int = 1) -> list[dict[str, Any]]:
    """What came first, long enough before LATE."""
    return [leg(f"first{i}", 0, account_key=f"k_first{i}") for i in range(n)]


def pairs(n: int, hours: float, source: str = "world") -> list[dict[str, Any]]:
    """So many customers who come on 13 March at ten, and had come so many hours before."""
    talk = {"intent": "billing", "source": source}
    before = [leg(f"p{i:02}", 240 - hours, account_key=f"k_{i}", **talk) for i in range(n)]
    return [*before, *(leg(f"q{i:02}", 240, account_key=f"k_{i}", **talk) for i in range(n))]


def later(m: Any, name: str) -> Any:
    return one(m, name, *LATE)


# --- what looks back


@pytest.mark.parametrize(("hours", "num"), [(168, 12), (168 + 1 / 3600, 0), (24, 12)])
def test_a_repeat_is_charged_to_the_later_interaction_up_to_the_last_second(tmp_path: Path, hours: float, num: int) -> None:
    m = measurer(world(tmp_path, [*beginning(), *pairs(12, hours)]))
    found = later(m, "repeat_load")
    assert (found.num, found.den, found.excluded) == (num, 12, {})


def test_a_repeat_is_charged_once_to_each_side(tmp_path: Path) -> None:
    """Three calls in three days: two of them made somebody come back, two of them are people who came back."""
    legs = [leg(f"{i:02}_{day}", 240 + 24 * day, account_key=f"k_{i}") for i in range(10) for day in range(3)]
    m = measurer(world(tmp_path, [*beginning(), *legs, leg("end", 24 * 25)]))
    days = (date(2025, 3, 13), date(2025, 3, 16))
    assert (one(m, "repeat_load", *days).num, one(m, "repeat_load", *days).den) == (20, 30)
    assert (one(m, "repeat_trigger", *days).num, one(m, "repeat_trigger", *days).den) == (20, 30)
    per_day = m.measure("repeat_load", ["day"], *days)
    assert [(f.num, f.den) for f in per_day] == [(0, 10), (10, 10), (10, 10)]


def test_who_is_not_known_is_no_repeat_and_no_new_customer_either(tmp_path: Path) -> None:
    legs = [*beginning(), *pairs(10, 24), *(leg(f"u{i}", 240) for i in range(5))]
    found = later(measurer(world(tmp_path, legs)), "repeat_load")
    assert (found.num, found.den, found.excluded) == (10, 10, {"customer not identified": 5})


def test_a_window_longer_than_the_history_is_not_computable(tmp_path: Path) -> None:
    """The data began ten days before: a day and a week can be looked back, thirty days cannot."""
    new = [leg(f"n{i:02}", 240, account_key=f"k_n{i}") for i in range(12)]
    m = measurer(world(tmp_path, [*beginning(), *pairs(12, 24), *new]))
    assert [later(m, n).num for n in ("repeat_load_1d", "repeat_load", "repeat_load_any")] == [12, 12, 12]
    for name, young in (("repeat_load_30d", 24), ("fcr_repeat_30d", 12)):  # who is seen to have come before is no first contact
        found = later(m, name)
        assert (found.state, found.value, found.n) == ("not_computable", None, 0)
        assert found.reason == f"the data does not reach back over the window of any of {young} interactions"


def test_who_comes_for_another_reason_repeats_only_for_any_reason(tmp_path: Path) -> None:
    legs = [dict(g, intent="outage") if g["leg_id"].startswith("p") else g for g in pairs(12, 24)]
    m = measurer(world(tmp_path, [*beginning(), *legs]))
    assert (later(m, "repeat_load").num, later(m, "repeat_load_any").num) == (0, 12)


@quick
@given(batches)
def test_who_came_before_agrees_with_the_obvious_version(days: list[list[dict[str, object]]]) -> None:
    with TemporaryDirectory() as folder:
        m = measurer(fresh_lake(Path(folder), [(20 + n, legs) for n, legs in enumerate(days)]), at(24 * 30))
        found = reference.interactions(reference.newest([row for legs in days for row in legs]).values())
        named = reference.customers(found, 2)
        repeats = reference.repeats(found, named, timedelta(minutes=15))
        wanted = {
            key: (int(reference.came_before(key, found, named, repeats, WEEK)), named[key] is not None)
            for key in repeats
            if not repeats[key]["is_forward"]
        }
        sql = "select unit_id, num, coalesce(excluded, 'history too short') = 'history too short' from {}"
        got = {u: (n, known) for u, n, known in m.view.con.execute(sql.format(m.units("repeat_load"))).fetchall()}
        assert got == wanted
        tiers = dict(m.view.con.execute(f"select unit_id, tier from {m.units('failure_demand')}").fetchall())
        assert {u for u, tier in tiers.items() if tier == "tier_1_repeat"} == {u for u, (n, _) in wanted.items() if n}
        assert tiers.keys() == wanted.keys()


def test_failure_demand_is_a_share_of_all_interactions_and_its_tiers_add_up(tmp_path: Path) -> None:
    legs = [*beginning(), *pairs(10, 24), *(leg(f"u{i}", 240) for i in range(5)), *(
        leg(f"n{i}", 240, account_key=f"k_n{i}") for i in range(25)
    )]  # fmt: skip
    m = measurer(world(tmp_path, legs))
    found = {f.by["tier"]: (f.num, f.den, f.value) for f in m.measure("failure_demand", [], *LATE)}
    assert found == {"tier_1_repeat": (10, 40, 0.25), "not_shown": (25, 40, 0.625), "unknown": (5, 40, 0.125)}


# --- surveys


def answers(*said: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"response_id": f"s{i:02}", **row} for i, row in enumerate(said)]


def test_an_answer_about_a_repeat_is_no_first_contact_resolution(tmp_path: Path) -> None:
    """Ten say solved about a repeat, ten about a first interaction, ten not solved, four were not asked, six did not answer."""
    new = [leg(f"n{i:02}", 240, account_key=f"k_n{i}") for i in range(30)]
    told = answers(
        *({"leg_id": f"q{i:02}", "score": 5, "is_resolved": True} for i in range(10)),
        *({"leg_id": f"n{i:02}", "score": 1, "is_resolved": True} for i in range(10)),
        *({"leg_id": f"n{i:02}", "score": 5, "is_resolved": False} for i in range(10, 20)),
        *({"leg_id": f"n{i:02}", "score": 5} for i in range(20, 24)),
        *({"leg_id": f"n{i:02}"} for i in range(24, 30)),
    )
    m = measurer(world(tmp_path, [*beginning(), *pairs(10, 168), *new], survey_responses=told))
    found = later(m, "fcr_survey")
    assert (found.num, found.den, found.state) == (10, 30, "final")
    assert found.excluded == {"not answered": 6, "question not answered": 4}


def test_surveys_that_ask_for_a_mark_only_say_nothing_about_resolution(tmp_path: Path) -> None:
    told = answers(*({"leg_id": f"q{i:02}", "score": 5} for i in range(10)))
    found = later(measurer(world(tmp_path, [*beginning(), *pairs(10, 24)], survey_responses=told)), "fcr_survey")
    assert (found.state, found.reason, found.value) == ("not_computable", "no survey asks whether it was solved", None)
