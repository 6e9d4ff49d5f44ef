"""Loops and fallbacks: the tables agree with the obvious version, however the history came, and metrics say what is not known."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxreports.analysis.measure import Measurer
from cxreports.lake import slices
from cxreports.lake.engine import rows
from cxreports.lake.write import Basis
from cxreports.settings import ProjectSettings, Settings
from tests import reference_dialogues as reference
from tests.test_build import quick
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, everything, leg, look

ANEW = Basis(CATALOGUE, {**PARAMS, "other": 1}, ())  # stored tables do not fit this, so all is computed anew
LEGS = {"a": None, "b": "a", "c": None, "d": None}  # leg → root
SAYINGS = [
    "one two three four",
    "one two three four five",
    "Two, one; three 4 four",
    "one two three",
    "12",
    "",
    "Ä é ß",
    "ä É ß!",
]
Delivery = Mapping[str, list[dict[str, Any]]]


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """Legs on the first day; turns and events, some of them again and changed, on any."""
    days: list[dict[str, list[dict[str, Any]]]] = []
    for n in range(draw(st.integers(1, 3))):
        legs = [leg(i, 0, root_id=root, ai_agent="bot") for i, root in LEGS.items()] if n == 0 else []
        turns = draw(st.lists(a_turn(), max_size=8))
        events = draw(st.lists(an_event(), max_size=10))
        days.append({"legs": legs, "turns": [*_last(turns, "turn_id")], "events": [*_last(events, "event_id")]})
    return days


@st.composite
def a_turn(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "turn_id": draw(st.sampled_from("123456789")),
        "leg_id": draw(st.sampled_from([*LEGS, "gone"])),
        "speaker": draw(st.sampled_from(["bot", "bot", "customer"])),
        "content": draw(st.sampled_from(SAYINGS)),
    }


@st.composite
def an_event(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["bot", "bot", "bot", "slot", "tool"]))
    return {
        "event_id": draw(st.sampled_from("123456789xyz")),
        "leg_id": draw(st.sampled_from([*LEGS, "gone"])),
        "event_at": START + timedelta(seconds=draw(st.integers(0, 3))),
        "event_seq": draw(st.sampled_from([None, 1, 2])),
        "kind": kind,
        "name": draw(st.sampled_from("AB")),
        "is_no_match": draw(st.sampled_from([False, False, False, True, None])) if kind == "bot" else None,
        "confidence": draw(st.sampled_from([None, Decimal("0.3999"), Decimal("0.4")])) if kind == "bot" else None,
    }


def _last(found: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return list({row[key]: row for row in found}.values())


def _stored(days: list[Delivery], folder: str, table: str) -> tuple[list[dict[str, Any]], Lake]:
    lake = Lake(Path(folder))
    for n, tables in enumerate(days):
        deliver(lake, 20 + n, **tables)  # type: ignore[arg-type]
    return everything(lake, table), lake


@quick
@given(deliveries())
def test_dialogues_agree_with_the_obvious_version(days: list[Delivery]) -> None:
    with TemporaryDirectory() as folder:
        stored, _ = _stored(days, folder, "out_dialogues")
    turns = _last([t for d in days for t in d["turns"]], "turn_id")
    events = _last([e for d in days for e in d["events"]], "event_id")
    order = sorted(events, key=lambda e: (e["event_at"], e["event_seq"] or 9, e["event_id"]))
    wanted = {}
    for root in ("a", "c", "d"):
        chain = [i for i, r in LEGS.items() if (r or i) == root]
        steps = [e for e in order if e["leg_id"] in chain and e["kind"] in ("bot", "slot")]
        prompts = [t["content"] for t in turns if t["leg_id"] in chain and t["speaker"] == "bot"]
        wanted[root] = (reference.same_prompts(prompts), reference.returns(steps), reference.fallbacks(steps))
    got = {row["interaction_id"]: (
        (row["n_prompts"], row["n_same_prompts"]) if row["n_prompts"] is not None else None,
        (row["n_states"], row["n_returns"]) if row["n_states"] is not None else None,
        (row["n_ai_turns"], row["n_fallbacks"], row["n_fallbacks_in_row"]) if row["n_ai_turns"] is not None else None,
    ) for row in stored}  # fmt: skip
    assert got == wanted


@quick
@given(deliveries())
def test_a_days_refresh_and_slices_give_what_building_anew_gives(days: list[Delivery]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        stored, lake = _stored(days, folder, "out_dialogues")
        columns = ", ".join(CATALOGUE.tables["out_dialogues"].header.columns)
        query = f"select {columns} from out_dialogues order by all"
        assert rows(look(lake, at(24 * 60), ANEW).con, query) == stored
        patched.setattr(slices, "MOST_LEGS", 1)
        assert rows(look(lake, at(24 * 60), ANEW).con, query) == stored


def measurer(lake: Lake) -> Measurer:
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"))
    return Measurer(look(lake, at(24 * 30)), CATALOGUE, settings, PARAMS)


DAY = (START.date(), START.date() + timedelta(days=1))


@pytest.mark.parametrize(("name", "reason"), [
    ("loop", "no source gives the words or the states of an AI"),
    ("loop_prompts", "no source gives the words of an AI"),
    ("fallback", "no source says whether an AI understood"),
    ("fallback_5_in_row", "no source says whether an AI understood"),
])  # fmt: skip
def test_without_words_and_events_of_the_ai_nothing_is_known_of_it(tmp_path: Path, name: str, reason: str) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [leg(f"c{n}", 0, ai_agent="bot") for n in range(40)])
    (found,) = measurer(lake).measure(name, [], *DAY)
    assert (found.state, found.value, found.reason) == ("not_computable", None, reason)


def bot_says(leg_id: str, *prompts: str) -> list[dict[str, Any]]:
    return [{"turn_id": f"{leg_id}{n}", "leg_id": leg_id, "speaker": "bot", "content": p} for n, p in enumerate(prompts)]


def test_a_source_without_words_of_its_ai_is_left_out_of_the_loop_rate_and_named(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [leg(f"w{n}", 0, ai_agent="bot", source="with_words") for n in range(40)]
    legs += [leg(f"s{n}", 0, ai_agent="bot", source="silent") for n in range(60)]
    turns = [t for n in range(40) for t in bot_says(f"w{n}", *(["Which card?"] * (3 if n < 10 else 2)))]
    deliver(lake, 20, legs, turns=turns)
    (found,) = measurer(lake).measure("loop_prompts", [], *DAY)
    assert (found.num, found.den, found.value) == (10, 40, 0.25)
    assert found.excluded == {"not measurable from silent": 60}


def test_fallbacks_are_weighed_by_turns_and_interactions_by_having_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [leg(f"c{n}", 0, ai_agent="bot") for n in range(40)]
    events = [
        {"event_id": f"c{n}:{k}", "leg_id": f"c{n}", "event_at": START + timedelta(seconds=k), "kind": "bot", "name": "x",
         "is_no_match": n < 4 and k < 5}
        for n in range(40) for k in range(6 if n < 4 else 1)
    ]  # fmt: skip
    deliver(lake, 20, legs, events=events)
    m = measurer(lake)
    found = {name: m.measure(name, [], *DAY)[0] for name in ("fallback", "fallback_interactions", "fallback_5_in_row")}
    assert {name: (f.num, f.den) for name, f in found.items()} == {
        "fallback": (20, 60), "fallback_interactions": (4, 40), "fallback_5_in_row": (4, 40),
    }  # fmt: skip


def test_a_loop_that_a_person_ended_is_no_loop_then_disconnect(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [leg(f"c{n}", 0, ai_agent="bot", answered_at=START if n < 15 else None) for n in range(40)]
    deliver(lake, 20, legs, turns=[t for n in range(20) for t in bot_says(f"c{n}", "Which card?", "which CARD", "Which card?")]
            + [t for n in range(20, 40) for t in bot_says(f"c{n}", "Hello")])  # fmt: skip
    m = measurer(lake)
    assert [(f.num, f.den) for name in ("loop", "loop_then_disconnect") for f in m.measure(name, [], *DAY)] == [(20, 40), (5, 40)]


def letters(n: int) -> str:
    """A number as a word of ten letters."""
    return "".join("abcdefghij"[int(d)] for d in f"{n:010}")


def test_of_two_thousand_different_prompts_a_hundred_are_compared_and_the_figure_says_so(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    often = ["Which card?"] * 3
    hostile = {"endless": [letters(n) for n in range(2_000)], "round": [*(letters(n) for n in range(2_000)), *often]}
    legs = [leg(i, 0, ai_agent="bot") for i in [*hostile, *(f"c{n}" for n in range(40))]]
    turns = [t for i, said in {**hostile, **{f"c{n}": ["Hello"] for n in range(40)}}.items() for t in bot_says(i, *said)]
    deliver(lake, 20, legs, turns=turns)
    m = measurer(lake)
    found = rows(m.view.con, "select * from out_dialogues where interaction_id in ('endless', 'round') order by interaction_id")
    assert [(r["n_prompts"], r["n_same_prompts"], r["is_all_compared"], r["is_loop"]) for r in found] == [
        (2_000, 1, False, None),
        (2_003, 3, False, True),
    ]
    for name in ("loop", "loop_prompts"):
        (figure,) = m.measure(name, [], *DAY)
        assert (figure.num, figure.den, figure.excluded) == (1, 41, {"more different prompts than are compared": 1})


def test_a_hundred_different_prompts_are_all_compared_and_one_more_is_not(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    said = {"fits": 100, "over": 101}
    deliver(lake, 20, [leg(i, 0, ai_agent="bot") for i in said],
            turns=[t for i, n in said.items() for t in bot_says(i, *(letters(k) for k in range(n)))])  # fmt: skip
    found = rows(look(lake, at(24 * 30)).con, "from out_dialogues order by interaction_id")
    assert [(r["is_all_compared"], r["is_loop"]) for r in found] == [(True, False), (False, None)]
