"""Journey runs and their steps agree with the obvious version, and are the same however their records came."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxreports.journey_settings import JourneySettings
from cxreports.lake import slices
from cxreports.lake.engine import rows
from cxreports.lake.write import Basis
from tests import reference
from tests import reference_journeys as slow
from tests.journey_worlds import SHOP, basis_of
from tests.test_build import quick
from tests.worlds import CATALOGUE, START, Lake, at, deliver, everything, leg, look

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
JOURNEYS = {"move": MOVE, "shop": SHOP}
PROCEDURES = {"return": ["A", "B", "A"], "swap": ["B", "P"]}


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
