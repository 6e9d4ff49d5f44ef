"""Journey runs agree with the obvious version, however their records came; edges by hand."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxreports import journey_settings
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.journey_settings import JourneySettings
from cxreports.lake import slices
from cxreports.lake.engine import rows
from cxreports.lake.write import Basis
from cxreports.settings import ProjectSettings, Settings
from tests import reference
from tests import reference_journeys as slow
from tests.test_build import quick
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, everything, leg, look

Delivery = dict[str, list[dict[str, Any]]]
TABLES = ["out_sessions", "out_journey_steps", "out_journey_runs"]
MOVE = JourneySettings.model_validate({
    "title": "Moving home", "owner": "Moves", "limit": "30 min", "silence": "1 h", "longest": "2 h",
    "start": [{"intent": "move"}, {"event": "S"}],
    "goal": [{"event": "G"}, {"outcome": "goal_completed"}],
    "belongs": {"intent": "pay"},
    "steps": [
        {"name": "known", "shown_by": {"event": "A", "kind": "bot"}, "limit": "10 min"},
        {"name": "address", "shown_by": [{"event": "B"}, {"event": "B2"}], "limit": "20 min", "after": "known"},
        {"name": "paid", "shown_by": {"event": "P"}, "channels": ["voice"]},
        {"name": "told", "shown_by": {"event": "T"}, "required": False, "any_place": True},
        {"name": "key", "shown_by": {"event": "K"}, "only_if": {"event": "B"}, "unless": {"event": "T"}},
    ],
})  # fmt: skip
SHOP = JourneySettings.model_validate({
    "title": "Returns", "owner": "Shop", "limit": "1 h", "silence": "90 min", "steps_from": "journey", "order": "first",
    "start": {"journey": "*"}, "goal": {"event": "G"},
})  # fmt: skip
JOURNEYS = {"move": MOVE, "shop": SHOP}
PROCEDURES = {"return": ["A", "B", "A"], "swap": ["B", "P"]}


def basis_of(journeys: Mapping[str, JourneySettings], **more: Any) -> Basis:
    own = {
        "journeys": journey_settings.journeys_json(journeys), "journey_signs": journey_settings.signs_json(journeys),
        "journey_steps": journey_settings.steps_json(journeys),
    }  # fmt: skip
    return Basis(CATALOGUE, {**PARAMS, **own, **more}, ())


BASIS = basis_of(JOURNEYS)
ANEW = basis_of(JOURNEYS, other=1)  # stored tables do not fit this, so all is computed anew
PROCEDURE_STEPS = [
    {"step_id": f"{p} {n}", "procedure": p, "step_seq": n, "name": a}
    for p, asked in PROCEDURES.items()
    for n, a in enumerate(asked, start=1)
]


@st.composite
def an_interaction(draw: st.DrawFn) -> dict[str, Any]:
    hours = draw(st.sampled_from([0, 0, 0.1, 0.5, 1, 1.5, 13.9, 14.2]))  # 14:00 later it is midnight
    row = leg(
        draw(st.sampled_from("abcd")), hours,
        channel=draw(st.sampled_from(["chat", "voice"])),
        intent=draw(st.sampled_from(["move", "move", "move", "pay", None])),
        journey=draw(st.sampled_from(["return", "return", "return", "swap", None])),
        account_key=draw(st.sampled_from(["k_1", "k_1", "k_1", "k_2", None])),
        phone_key=draw(st.sampled_from([None, "t_1"])),
        is_goal_completed=draw(st.sampled_from([None, False, False, True])),
        excluded_as=draw(st.sampled_from([None, None, None, None, "session", "spam"])),
        version=START + timedelta(minutes=draw(st.integers(0, 2))),
    )  # fmt: skip
    row["ended_at"] = draw(st.sampled_from([None, at(hours + 0.1), at(hours + 0.7)]))
    return row


@st.composite
def an_event(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(["S", "A", "A", "A", "B", "B", "B2", "P", "P", "T", "K", "G"]))
    hours = [0, 0.05, 0.1, 1 / 6, 0.2, 0.25, 0.3, 0.4, 0.5, 0.5, 1, 1.2, 2, 13.9, 14.1, draw(st.sampled_from([-2, 24 * 32]))]
    return {
        "event_id": draw(st.sampled_from("123456789uvwxyz")),
        "leg_id": draw(st.sampled_from("abcde")),
        "event_at": at(draw(st.sampled_from(hours))),
        "event_seq": draw(st.sampled_from([None, 1, 2])),
        "kind": draw(st.sampled_from(["bot", "bot", "bot", "tool"])),
        "name": name,
        "is_error": draw(st.sampled_from([None, False, False, False, True])),
    }


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    days: list[Delivery] = []
    for n in range(draw(st.integers(1, 3))):
        legs, events = (
            draw(st.lists(an_interaction(), min_size=1, max_size=5)),
            draw(st.lists(an_event(), min_size=3, max_size=14)),
        )
        days.append({"legs": _last(legs, "leg_id"), "events": _last(events, "event_id")})
        if n == 0:
            days[0]["procedure_steps"] = [dict(row) for row in PROCEDURE_STEPS]
    return days


def _last(found: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return list({row[key]: row for row in found}.values())


def filled(days: list[Delivery], folder: Path, basis: Basis = BASIS) -> Lake:
    lake = Lake(folder)
    for n, tables in enumerate(days):
        deliver(lake, 40 + n, basis=basis, **tables)  # type: ignore[arg-type]
    return lake


def wanted_of(days: list[Delivery]) -> dict[str, list[dict[str, Any]]]:
    """The runs of both journeys by the slow version."""
    found = reference.interactions(reference.newest([row for d in days for row in d["legs"]]).values())
    raw = reference.newest([row for d in days for row in d["legs"]])
    named = reference.customers(found, 2)
    own = {
        key: {**row, "interaction_id": key, "journey": raw[key]["journey"], "ended_at": raw[key]["ended_at"],
              "is_goal_completed": bool(raw[key]["is_goal_completed"])}
        for key, row in found.items()
        if raw[key]["excluded_as"] in (None, "session")
    }  # fmt: skip
    events = [
        {**e, "interaction_id": e["leg_id"]}
        for e in _last([e for d in days for e in d["events"]], "event_id")
        if e["leg_id"] in own
    ]
    customer_of = {key: named[key] or key for key in own}
    return {name: slow.runs(name, j, own, customer_of, events, PROCEDURES) for name, j in JOURNEYS.items()}


@quick
@given(deliveries())
def test_runs_and_steps_agree_with_the_obvious_version(days: list[Delivery]) -> None:
    wanted = wanted_of(days)
    with TemporaryDirectory() as folder:
        lake = filled(days, Path(folder))
        found = everything(lake, "out_journey_runs", at(24 * 60), BASIS)
        steps = everything(lake, "out_journey_steps", at(24 * 60), BASIS)
    names = ["interaction_id", "started_at", "state", "goal_at", "ends_at", "channels", "n_interactions", "n_retries"]
    for journey in JOURNEYS:
        got = sorted(_line(r[n] for n in names) for r in found if r["journey"] == journey)
        assert got == sorted(_line(r[n] for n in names) for r in wanted[journey]), journey
        got_steps = sorted(_told(s) for s in steps if s["journey"] == journey)
        assert got_steps == sorted(_told({**r, **s}) for r in wanted[journey] for s in r["steps"]), journey


def _line(cells: Iterable[Any]) -> str:
    return " | ".join(f"{c.astimezone(UTC):%m-%d %H:%M:%S}" if isinstance(c, datetime) else str(c) for c in cells)


def _told(s: Mapping[str, Any]) -> str:
    """What both versions say of a step; whether a missing one could have been seen, a test of its own says."""
    state = "missing" if s["state"] == "not_evaluated" or s.get("failed_as") == "missing" else s["state"]
    names = ["interaction_id", "started_at", "step", "shown_at", "is_in_order", "is_in_time", "n_tries", "n_retries"]
    return _line([state, *(s[n] for n in names)])


@quick
@given(deliveries())
def test_a_days_refresh_and_slices_give_what_building_anew_gives(days: list[Delivery]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        lake = filled(days, Path(folder))
        stored = {t: everything(lake, t, at(24 * 60), BASIS) for t in TABLES}
        columns = {t: ", ".join(CATALOGUE.tables[t].header.columns) for t in TABLES}
        for most in (200_000, 1):
            for name in ("MOST_LEGS", "MOST_INTERACTIONS", "MOST_IDENTIFIED"):
                patched.setattr(slices, name, most)
            anew = look(lake, at(24 * 60), ANEW)
            assert {t: rows(anew.con, f"select {columns[t]} from {t} order by all") for t in TABLES} == stored


# --- by hand

PAY = JourneySettings.model_validate({
    "title": "Paying", "owner": "Billing", "limit": "30 min", "silence": "1 h", "longest": "2 h",
    "start": [{"intent": "pay"}, {"event": "begun"}], "goal": {"event": "paid"},
    "steps": [
        {"name": "known", "shown_by": {"event": "known"}, "limit": "10 min"}, {"name": "card", "shown_by": {"event": "card"}},
    ],
})  # fmt: skip
BY_HAND = basis_of({"pay": PAY})
DAY = (START.date(), START.date() + timedelta(days=1))


def pays(leg_id: str, hours: float, minutes: float = 5, **more: Any) -> dict[str, Any]:
    """An interaction of customer k_1 about paying, unless told otherwise."""
    about = {"intent": "pay", "account_key": "k_1", "channel": "chat", "ended_at": at(hours + minutes / 60), **more}
    return leg(leg_id, hours, **about)


def event(leg_id: str, hours: float, name: str, **more: Any) -> dict[str, Any]:
    return {"event_id": f"{leg_id} {name} {hours}", "leg_id": leg_id, "event_at": at(hours), "kind": "bot", "name": name, **more}


def told(
    folder: Path, legs: list[dict[str, Any]], events: list[dict[str, Any]], basis: Basis = BY_HAND, **others: Any
) -> list[dict[str, Any]]:
    """The runs in the order of their starts. One more leg says that the data reaches far."""
    lake = Lake(folder)
    deliver(lake, 40, [*legs, leg("later", 24 * 30)], basis, events=events, **others)
    return sorted(everything(lake, "out_journey_runs", basis=basis), key=lambda r: r["started_at"])


def test_a_customer_goes_from_app_to_bot_to_voice_in_one_run(tmp_path: Path) -> None:
    (run,) = told(
        tmp_path,
        [
            leg("app", 0, channel="app", excluded_as="session", cookie_key="b_1", ended_at=at(0.1)),
            pays("bot", 0.2, cookie_key="b_1"),
            pays("call", 0.4, channel="voice", cookie_key=None),
        ],
        [event("app", 0.05, "begun"), event("app", 0.1, "known"), event("bot", 0.25, "card"), event("call", 0.45, "paid")],
    )
    assert (run["state"], run["channels"], run["first_channel"], run["last_channel"]) == (
        "completed", "app > chat > voice", "app", "voice",
    )  # fmt: skip
    assert (run["started_at"], run["goal_at"], run["n_interactions"], run["customer_id"]) == (at(0.05), at(0.45), 3, "k_1")
    assert run["n_retries"] == 1  # the same intent begins again by telephone; app and bot begin by different signs


def test_a_session_is_in_no_figure_about_contacts(tmp_path: Path) -> None:
    session = leg("app", 0, channel="app", excluded_as="session", account_key="k_1")
    told(tmp_path, [session], [event("app", 0, "begun")])
    m = measurer(Lake(tmp_path), BY_HAND)
    assert m.measure("interactions", [], *DAY)[0].excluded == {"session": 1}
    assert [r["interaction_id"] for r in everything(Lake(tmp_path), "out_repeats", basis=BY_HAND)] == ["later"]


@pytest.mark.parametrize(("hours", "n_runs"), [(1 + 5 / 60, 1), (1 + 5 / 60 + 1 / 3600, 2)])
def test_silence_counts_from_the_end_of_the_interaction_up_to_the_last_second(tmp_path: Path, hours: float, n_runs: int) -> None:
    assert len(told(tmp_path, [pays("a", 0), pays("b", hours)], [])) == n_runs


def test_a_journey_begun_twice_is_one_run_with_a_retry(tmp_path: Path) -> None:
    (run,) = told(tmp_path, [pays("a", 0), pays("b", 0.5)], [event("b", 0.5, "paid")])
    assert (run["interaction_id"], run["n_retries"], run["state"]) == ("a", 1, "completed")


def test_after_the_goal_a_new_start_begins_a_new_run(tmp_path: Path) -> None:
    first, second = told(tmp_path, [pays("a", 0), pays("b", 0.5)], [event("a", 0.1, "paid"), event("b", 0.6, "paid")])
    assert [first["state"], second["state"]] == ["completed", "completed"]
    assert [first["n_retries"], second["n_retries"]] == [0, 0]


def test_a_goal_before_the_start_completes_nothing(tmp_path: Path) -> None:
    legs = [pays("a", 0, intent=None), pays("b", 0.5)]
    early, run = told(tmp_path, legs, [event("a", 0.1, "paid")])
    assert (early["state"], run["state"], run["goal_at"]) == ("goal_without_start", "unfinished", None)
    (found,) = measurer(Lake(tmp_path), BY_HAND).measure("journey_completion", [], *DAY)
    assert (found.n, found.excluded) == (1, {"goal without a start": 1})


@pytest.mark.parametrize(("minutes", "state"), [(30, "completed"), (30 + 1 / 60, "completed_late"), (120, "completed_late"),
                                                (120 + 1 / 60, "unfinished")])  # fmt: skip
def test_the_limit_counts_to_the_last_second_and_later_is_eventual(tmp_path: Path, minutes: float, state: str) -> None:
    (run,) = told(tmp_path, [pays("a", 0, minutes=180)], [event("a", minutes / 60, "paid")])
    assert run["state"] == state


def test_a_customer_who_is_not_known_has_runs_within_one_interaction_only(tmp_path: Path) -> None:
    nobody = {"account_key": None}
    first, second = told(tmp_path, [pays("a", 0, **nobody), pays("b", 0.2, **nobody)], [event("b", 0.3, "paid")])
    assert (first["state"], second["state"], first["customer_id"]) == ("unfinished", "completed", None)


def test_a_run_across_midnight_counts_on_the_day_it_began(tmp_path: Path) -> None:
    (run,) = told(tmp_path, [pays("a", 13.9), pays("b", 14.2)], [event("b", 14.3, "paid")])
    assert (run["occurred_on"], run["goal_at"]) == (DAY[0], at(14.3))


def test_two_journeys_at_once_are_two_runs_and_do_not_complete_each_other(tmp_path: Path) -> None:
    other = PAY.model_copy(update={"start": (journey_settings.SignSettings(intent="move"),),
                                   "goal": (journey_settings.SignSettings(outcome="goal_completed"),)})  # fmt: skip
    found = told(tmp_path, [pays("a", 0, is_goal_completed=True), pays("b", 0.1, intent="move", is_goal_completed=False)],
                 [event("b", 0.15, "paid")], basis_of({"pay": PAY, "move": other}))  # fmt: skip
    assert {(r["journey"], r["interaction_id"], r["state"]) for r in found} == {
        ("pay", "a", "completed"), ("move", "b", "unfinished"),
    }  # fmt: skip


def test_an_earlier_event_that_comes_late_moves_the_start_to_its_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    begins = leg("app", 13.9, channel="app", excluded_as="session", account_key="k_1", ended_at=at(14))
    deliver(lake, 40, [pays("b", 14.2), leg("later", 24 * 30)], BY_HAND)
    before = everything(lake, "out_journey_runs", basis=BY_HAND)
    deliver(lake, 41, [begins], BY_HAND, events=[event("app", 13.95, "begun")])
    after = everything(lake, "out_journey_runs", basis=BY_HAND)
    assert [(r["interaction_id"], r["occurred_on"]) for r in before] == [("b", DAY[1])]
    assert [(r["interaction_id"], r["occurred_on"]) for r in after] == [("app", DAY[0])]
    assert everything(lake, "out_journey_runs", at(24 * 40), BY_HAND) == before


def test_a_case_that_was_solved_is_a_goal_of_the_interaction_that_opened_it(tmp_path: Path) -> None:
    by_case = PAY.model_copy(update={"goal": (journey_settings.SignSettings(outcome="case_solved"),)})
    cases = [{"case_id": "t", "leg_id": "a", "opened_at": at(0.1), "solved_at": at(0.4), "status": "solved"}]
    (run,) = told(tmp_path, [pays("a", 0)], [], basis_of({"pay": by_case}), cases=cases)
    assert (run["state"], run["goal_at"]) == ("completed", at(0.4))


def measurer(lake: Lake, basis: Basis, day: int = 40) -> Measurer:
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"))
    return Measurer(look(lake, at(24 * day), basis), CATALOGUE, settings, dict(basis.params))


def one(m: Measurer, name: str, **by: str) -> Measurement:
    (found,) = [f for f in m.measure(name, list(by), *DAY) if f.by == by]
    return found


def test_runs_count_once_their_limit_is_over_also_those_that_reached_the_goal_before(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [pays(f"a{n}", 0, account_key=f"k_{n}") for n in range(40)] + [
        pays(f"b{n}", 0.4, account_key=f"m_{n}") for n in range(9)
    ]
    paid = [event(g, 0.05, "paid") for g in ("a1", "a2", "a3")] + [event("b1", 0.41, "paid"), event("a4", 0.51, "paid")]
    deliver(lake, 40, [*legs, leg("last", 0.6)], BY_HAND, events=paid)
    found = one(measurer(lake, BY_HAND), "journey_completion")
    assert (found.n, found.num, found.excluded, found.state) == (40, 3, {"window not elapsed": 9}, "provisional")
    assert found.reason == "the time limit of 9 journey runs has not elapsed; world has sent no interaction since 3 Mar 2025"
    deliver(lake, 41, [leg("later", 24 * 30)], BY_HAND)
    found = one(measurer(lake, BY_HAND, 41), "journey_completion")
    assert (found.n, found.num, found.excluded, found.state) == (49, 4, {}, "final")
    assert one(measurer(lake, BY_HAND, 41), "journey_completion_eventual").num == 5
    assert one(measurer(lake, BY_HAND, 41), "first_attempt").num == 5


def test_without_journeys_their_figures_cannot_be_computed(tmp_path: Path) -> None:
    told(tmp_path, [pays("a", 0)], [], basis_of({}))
    found = one(measurer(Lake(tmp_path), basis_of({})), "journey_completion")
    assert (found.state, found.value) == ("not_computable", None)
    assert found.reason == "no journey of the settings has begun in what arrived"


def test_where_the_goal_would_not_be_seen_nobody_knows_whether_it_was_reached(tmp_path: Path) -> None:
    """Chats send events of the journey; the telephone system of the other source sends none at all."""
    calls = [pays(f"v{n}", 0, channel="voice", source="pbx", account_key=f"v_{n}") for n in range(12)]
    chats = [pays(f"c{n}", 0, account_key=f"c_{n}") for n in range(12)]
    told(tmp_path, [*calls, *chats, leg("far", 24 * 30, source="pbx")], [event("c1", 0.1, "paid")])
    m = measurer(Lake(tmp_path), BY_HAND)
    found = one(m, "journey_completion", first_channel="voice")
    assert (found.n, found.num, found.excluded) == (0, None, {"goal not observable": 12})
    assert (one(m, "journey_completion", first_channel="chat").n, one(m, "journey_completion", first_channel="chat").num) == (
        12,
        1,
    )


def steps_of(folder: Path, basis: Basis = BY_HAND) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(interaction, step) → state, failed_as, channel, retries."""
    found = everything(Lake(folder), "out_journey_steps", basis=basis)
    return {(r["interaction_id"], r["step"]): (r["state"], r["failed_as"], r["channel"], r["n_retries"]) for r in found}


def test_the_same_step_passes_in_chat_and_fails_in_voice(tmp_path: Path) -> None:
    chats = [pays(f"c{n}", 0, account_key=f"c_{n}") for n in range(40)]
    calls = [pays(f"v{n}", 0, account_key=f"v_{n}", channel="voice") for n in range(40)]
    known = [event(f"c{n}", 0.05, "known") for n in range(38)] + [event(f"v{n}", 0.05, "known") for n in range(10)]
    told(tmp_path, [*chats, *calls], known)
    m = measurer(Lake(tmp_path), BY_HAND)
    by_channel = {c: one(m, "step_conformance", step="known", channel=c) for c in ("chat", "voice")}
    assert [(f.num, f.n, f.state) for f in by_channel.values()] == [(38, 40, "final"), (10, 40, "final")]
    assert by_channel["voice"].high < by_channel["chat"].low  # type: ignore[operator]
    assert one(m, "journey_conformance").num == 0  # nobody gave a card
    assert one(m, "journey_conformance").n == 80


def test_a_step_that_failed_and_then_succeeded_elsewhere_is_charged_to_where_it_failed_first(tmp_path: Path) -> None:
    events = [event("v", 0.02, "known", is_error=True), event("c", 0.11, "known"), event("c", 0.12, "card")]
    told(tmp_path, [pays("v", 0, channel="voice"), pays("c", 0.1)], events)
    assert steps_of(tmp_path)["v", "known"] == ("pass", None, "chat", 1)
    m = measurer(Lake(tmp_path), BY_HAND)
    first_try = "select channel, num from {} where step = 'known'".format(m.units("step_conformance_first_try"))
    assert m.view.con.execute(first_try).fetchall() == [("voice", 0)]
    assert m.view.con.execute(
        first_try.replace(m.units("step_conformance_first_try"), m.units("step_conformance"))
    ).fetchall() == [("chat", 1)]


def test_a_step_that_only_failed_for_technical_reasons_is_failed_and_no_error(tmp_path: Path) -> None:
    told(tmp_path, [pays("a", 0)], [event("a", 0.02, "known", is_error=True)])
    assert steps_of(tmp_path)["a", "known"] == ("fail", "tried", "chat", 0)
    assert steps_of(tmp_path)["a", "card"] == ("fail", "missing", "chat", 0)


@pytest.mark.parametrize(("hours", "state"), [(-1, "pass"), (-1 - 1 / 3600, "error"), (24 * 30 + 1 / 12, "fail"),
                                              (24 * 30 + 1 / 12 + 1 / 3600, "error")])  # fmt: skip
def test_evidence_with_a_time_that_cannot_be_right_is_an_error_and_never_a_pass(tmp_path: Path, hours: float, state: str) -> None:
    told(tmp_path, [pays("a", 0)], [event("a", hours, "known"), event("a", 0.05, "card")])
    assert steps_of(tmp_path)["a", "known"][0] == state
    (found,) = measurer(Lake(tmp_path), BY_HAND).measure("step_conformance", ["step"], *DAY)[1:]
    assert found.by == {"step": "known"}
    assert found.excluded == ({"evaluation error": 1} if state == "error" else {})


def test_what_a_source_without_such_events_did_not_show_is_not_evaluated(tmp_path: Path) -> None:
    """A chat without its second step goes on by a telephone that logs nothing: nobody knows whether it was done there."""
    legs = [pays("a", 0), pays("b", 0.2, channel="voice", source="pbx"), pays("alone", 0, account_key="k_2")]
    told(tmp_path, [*legs, leg("far", 24 * 30, source="pbx")], [event("a", 0.05, "known")])
    found = steps_of(tmp_path)
    assert found["a", "known"] == ("pass", None, "chat", 0)
    assert found["a", "card"] == ("not_evaluated", None, "voice", 0)
    assert found["alone", "card"] == ("fail", "missing", "chat", 0)
    m = measurer(Lake(tmp_path), BY_HAND)
    assert one(m, "step_conformance", step="card").excluded == {"not evaluated": 1}
    assert one(m, "journey_conformance").excluded == {"not evaluated": 1}


def test_the_first_event_of_a_journey_from_a_source_makes_its_older_runs_known(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 40, [pays("a", 0), leg("later", 24 * 30)], BY_HAND)
    assert steps_of(tmp_path)["a", "known"][0] == "not_evaluated"
    deliver(lake, 41, [pays("b", 24, account_key="k_2")], BY_HAND, events=[event("b", 24.05, "known")])
    assert steps_of(tmp_path)["a", "known"] == ("fail", "missing", "chat", 0)


def test_a_changed_procedure_is_asked_of_older_runs_too(tmp_path: Path) -> None:
    shop = basis_of({"shop": SHOP})
    lake = Lake(tmp_path)
    asked = [{"step_id": "1", "procedure": "return", "step_seq": 1, "name": "A"}]
    deliver(lake, 40, [pays("a", 0, journey="return")], shop, events=[event("a", 0.05, "A")], procedure_steps=asked)
    assert steps_of(tmp_path, shop) == {("a", "A"): ("pass", None, "chat", 0)}
    deliver(lake, 41, [], shop, procedure_steps=[{"step_id": "2", "procedure": "return", "step_seq": 2, "name": "B"}])
    assert steps_of(tmp_path, shop)["a", "B"] == ("fail", "missing", "chat", 0)


def test_time_to_goal_follows_who_gave_up_until_then(tmp_path: Path) -> None:
    """20 pay after 6 minutes, 10 after 12, 10 left after the five minutes of their chat: 30 of 30 who stayed, 10 unknown."""
    legs = [pays(f"a{n}", 0, account_key=f"k_{n}") for n in range(40)]
    paid = [event(f"a{n}", 0.1, "paid") for n in range(20)] + [event(f"a{n}", 0.2, "paid") for n in range(20, 30)]
    told(tmp_path, legs, paid)
    m = measurer(Lake(tmp_path), BY_HAND)
    median = one(m, "journey_time")
    assert (median.n, median.num, median.value, median.state) == (40, 30, 360.0, "final")
    assert (one(m, "journey_time_p90").value, one(m, "journey_in_time").value) == (720.0, 1.0)
    assert one(m, "journey_completion").value == 0.75


def test_a_time_that_too_few_reach_is_not_computable(tmp_path: Path) -> None:
    legs = [pays(f"a{n}", 0, minutes=30, account_key=f"k_{n}") for n in range(40)]
    told(tmp_path, legs, [event(f"a{n}", 0.1, "paid") for n in range(20)])
    m = measurer(Lake(tmp_path), BY_HAND)
    assert one(m, "journey_time").value == 360.0
    p90 = one(m, "journey_time_p90")
    assert (p90.state, p90.value, p90.num) == ("not_computable", None, 20)
    assert p90.reason == "20 of 40 journey runs reached the goal; the others ended before 90% had"
    assert round(one(m, "journey_in_time").value or 0, 6) == 0.5
