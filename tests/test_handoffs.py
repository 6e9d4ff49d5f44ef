"""Handoffs from an AI to a person: against the obvious version, at the edges by hand, and where only the handoff is broken."""

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
from tests import reference_handoffs as reference
from tests.test_build import quick
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, everything, leg, look

ANEW = Basis(CATALOGUE, {**PARAMS, "other": 1}, ())  # stored tables do not fit this, so all is computed anew
LEGS = {"a": None, "b": "a", "c": "a", "d": "a", "e": None, "f": "e"}  # leg → root
SAYINGS = [
    "What is your card number?", "Hello. And what is your card number?", "Your card number?", "Right?", "Yes. It is 1234",
    "I want to talk to a human", "Agent!", "my agent said so", None,
]  # fmt: skip
SECONDS = st.sampled_from([0, 1, 2, 3])
COMPARED = ("is_tried", "n_requests", "n_fallbacks", "n_negative_turns", "first_trigger", "wait_ms", "delay_ms", "given_up_ms",
            "outcome", "is_asked_again")  # fmt: skip


def second(n: int) -> Any:
    return START + timedelta(seconds=n)


@st.composite
def a_leg(draw: st.DrawFn, leg_id: str) -> dict[str, Any]:
    started = draw(SECONDS)
    is_ai = draw(st.booleans()) or leg_id in ("a", "e")
    return {
        "leg_id": leg_id, "root_id": LEGS[leg_id], "channel": "chat", "started_at": second(started),
        "ended_at": draw(st.sampled_from([second(9), second(9), None])),
        "initiation": draw(st.sampled_from([None, None, None, "callback"])) if LEGS[leg_id] else None,
        "enqueued_at": draw(st.sampled_from([None, None, second(started), second(started + 1)])),
        "answered_at": draw(st.sampled_from([None, None, second(started + 1), second(started + 2)])),
        "ai_agent": "bot" if is_ai else None,
        "escalation_reason": draw(st.sampled_from([None, None, None, "policy", "customer_asked", "escalated"])),
    }  # fmt: skip


@st.composite
def a_turn(draw: st.DrawFn) -> dict[str, Any]:
    speaker = draw(st.sampled_from(["bot", "bot", "customer", "customer", "agent"]))
    return {
        "turn_id": draw(st.sampled_from("123456789")), "leg_id": draw(st.sampled_from([*LEGS, "gone"])), "speaker": speaker,
        "turn_seq": draw(st.sampled_from([None, 1, 2, 3])), "content": draw(st.sampled_from(SAYINGS)),
        "occurred_at": draw(st.sampled_from([None, second(0), second(1), second(2), second(3)])),
        "sentiment": draw(st.sampled_from([None, "negative", "neutral"])),
    }  # fmt: skip


@st.composite
def an_event(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "event_id": draw(st.sampled_from("123456789")), "leg_id": draw(st.sampled_from([*LEGS, "gone"])),
        "event_at": second(draw(SECONDS)), "kind": draw(st.sampled_from(["bot", "bot", "state"])),
        "name": draw(st.sampled_from(["balance", "balance", "AMAZON.SpeakTo_Agent", "TalkToHumanIntent", "hand_over"])),
        "is_no_match": draw(st.sampled_from([True, False, None])),
        "confidence": draw(st.sampled_from([None, Decimal("0.3999"), Decimal("0.4")])),
    }  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    turns, events = draw(st.lists(a_turn(), max_size=9)), draw(st.lists(an_event(), max_size=6))
    return {
        "legs": [draw(a_leg(i)) for i in LEGS],
        "turns": list({t["turn_id"]: t for t in turns}.values()),
        "events": list({e["event_id"]: e for e in events}.values()),
    }


@quick
@given(worlds())
def test_handoffs_agree_with_the_obvious_version(world: Mapping[str, list[dict[str, Any]]]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        lake = Lake(Path(folder))
        for day, name in enumerate(world, 20):  # what is said and logged comes on later days than the legs
            deliver(lake, day, **{name: world[name]})  # type: ignore[arg-type]
        stored = everything(lake, "out_handoffs")
        columns = ", ".join(CATALOGUE.tables["out_handoffs"].header.columns)
        patched.setattr(slices, "MOST_LEGS", 1)
        assert rows(look(lake, at(24 * 60), ANEW).con, f"select {columns} from out_handoffs order by all") == stored
    legs = {leg["leg_id"]: leg for leg in world["legs"]}
    wanted = {
        root: reference.handoffs([legs[i] for i, r in LEGS.items() if (r or i) == root], world["turns"], world["events"])
        for root in ("a", "e")
    }
    got: dict[str, list[dict[str, Any]]] = {"a": [], "e": []}
    for row in sorted(stored, key=lambda r: (r["interaction_id"], r["handoff_no"])):
        got[row["interaction_id"]].append({name: row[name] for name in COMPARED})
    assert got == wanted


def measurer(lake: Lake) -> Measurer:
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"))
    return Measurer(look(lake, at(24 * 30)), CATALOGUE, settings, PARAMS)


def week(n: int) -> tuple[Any, Any]:
    first = START.date() + timedelta(days=7 * n)
    return first, first + timedelta(days=7)


def bot(leg_id: str, hours: float, **more: Any) -> dict[str, Any]:
    return leg(leg_id, hours, channel="chat", ai_agent="bot", ai_replies=2, **more)


def person(leg_id: str, root_id: str, hours: float, wait_s: int) -> dict[str, Any]:
    began = at(hours) + timedelta(minutes=5)
    return {
        **leg(leg_id, hours, channel="chat", root_id=root_id), "started_at": began, "ended_at": began + timedelta(minutes=10),
        "enqueued_at": began, "answered_at": began + timedelta(seconds=wait_s), "wait_ms": wait_s * 1000,
    }  # fmt: skip


def a_week(n: int, lost: int) -> list[dict[str, Any]]:
    """100 chats with the bot: 40 reach a person after ten seconds; of the other 60, so many are handed over to nobody."""
    hours, legs = n * 24 * 7.0, []
    for k in range(100):
        reason = "customer_asked" if k < 40 + lost else None
        legs.append(bot(f"w{n}:{k}", hours, escalation_reason=reason))
        if k < 40:
            legs.append(person(f"w{n}:{k}p", f"w{n}:{k}", hours, 10))
    return legs


def test_bot_and_queue_look_healthy_while_the_handoff_between_them_is_broken(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [*a_week(0, 0), *a_week(1, 20)])
    m = measurer(lake)

    def both(name: str) -> list[tuple[Any, Any]]:
        return [(f.num, f.den) for n in (0, 1) for f in m.measure(name, [], *week(n))]

    # What is usually watched does not move:
    assert both("escalation") == [(40, 100), (40, 100)]
    assert both("gross_containment") == [(60, 100), (60, 100)]
    assert both("service_level") == [(40, 40), (40, 40)]
    assert both("abandonment") == [(0, 40), (0, 40)]
    # What stands between the bot and the queue does:
    assert both("handoff_connected") == [(40, 40), (40, 60)]
    assert both("handoff_ignored") == [(0, 40), (20, 60)]
    assert both("handoff_attempted") == [(40, 100), (60, 100)]
    ends = {f.by["handoff_end"]: f.n for f in m.measure("handoff_connected", ["handoff_end"], *week(1))}
    assert ends == {"connected": 40, "no_queue": 20}


def test_the_delay_counts_from_the_first_trigger_and_the_queue_stands_apart(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [row for n in range(40) for row in (bot(f"c{n}", 0), person(f"c{n}p", f"c{n}", 0, 60))]
    turns = [
        {"turn_id": f"c{n}", "leg_id": f"c{n}", "speaker": "customer", "content": "Can I speak to a real person?",
         "occurred_at": START + timedelta(minutes=2)}
        for n in range(40)
    ]  # fmt: skip
    deliver(lake, 20, legs, turns=turns)
    m = measurer(lake)
    # Asked at 2:00, queued at 5:00, answered at 6:00.
    found = {
        name: m.measure(name, [], *week(0))[0].value for name in ("handoff_delay", "handoff_delay_ai", "handoff_delay_queue")
    }
    assert found == {"handoff_delay": 240.0, "handoff_delay_ai": 180.0, "handoff_delay_queue": 60.0}


@pytest.mark.parametrize(("n_signals", "is_late"), [(2, False), (3, True)])
def test_the_third_sign_of_trouble_makes_a_handoff_late(tmp_path: Path, n_signals: int, is_late: bool) -> None:
    lake = Lake(tmp_path)
    legs = [row for n in range(30) for row in (bot(f"c{n}", 0), person(f"c{n}p", f"c{n}", 0, 60))]
    events = [
        {"event_id": f"c{n}:{k}", "leg_id": f"c{n}", "event_at": START + timedelta(seconds=k), "kind": "bot", "name": "x",
         "is_no_match": True}
        for n in range(30) for k in range(n_signals - 1)
    ]  # fmt: skip
    turns = [
        {"turn_id": f"c{n}", "leg_id": f"c{n}", "speaker": "customer", "sentiment": "negative", "occurred_at": at(seconds / 3600)}
        for n in range(30) for seconds in (300,)  # at 5:00, the instant of the queue
    ]  # fmt: skip
    later = [
        {**t, "turn_id": f"{t['turn_id']}+", "occurred_at": at(301 / 3600)} for t in turns
    ]  # waiting: no longer the AI's doing
    deliver(lake, 20, legs, turns=[*turns, *later], events=events)
    (found,) = measurer(lake).measure("handoff_late", [], *week(0))
    assert (found.num, found.den) == (30 if is_late else 0, 30)


def test_a_call_back_hours_later_is_no_connection(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    asked = bot("c", 0, enqueued_at=at(0.05), is_callback_requested=True)
    deliver(lake, 20, [asked, leg("cb", 3, root_id="c", initiation="callback", answered_at=at(3.01))])
    (found,) = everything(lake, "out_handoffs")
    assert (found["outcome"], found["connected_at"], found["delay_ms"]) == ("callback", None, None)


def test_an_ai_that_takes_over_again_makes_a_second_handoff(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [bot("c", 0), leg("p1", 0.1, root_id="c", answered_at=at(0.1)), bot("b2", 0.2, root_id="c"),
            leg("q", 0.3, root_id="c", enqueued_at=at(0.3))]  # fmt: skip
    deliver(lake, 20, legs)
    assert [(r["handoff_no"], r["outcome"]) for r in everything(lake, "out_handoffs")] == [(1, "connected"), (2, "lost_in_queue")]


def test_context_is_kept_or_lost_where_a_source_says_so_and_unknown_else(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [row for n in range(60) for row in (bot(f"c{n:02}", 0), person(f"c{n:02}p", f"c{n:02}", 0, 5))]
    legs[1]["is_context_kept"] = False
    for n in range(1, 30):
        legs[2 * n + 1]["is_context_kept"] = True
    lost = [{"event_id": "x", "leg_id": "c30", "event_at": START, "kind": "context", "name": "summary", "result": "lost"}]
    deliver(lake, 20, legs, events=lost)
    (found,) = measurer(lake).measure("handoff_context_lost", [], *week(0))
    assert (found.num, found.den, found.excluded) == (2, 31, {"context not known": 29})


NOT_COMPUTABLE = [
    ("handoff_context_lost", "no source says whether the context was passed on"),
    ("handoff_asked_again", "no source gives the words, or the slots, of both the AI and whoever took over"),
    ("handoff_late", "no source says whether an AI understood, or judges turns"),
    ("handoff_delay", "no source says what led to a handoff"),
    ("handoff_ignored", "no source gives the customers' words, their intents or why an AI handed over"),
]


@pytest.mark.parametrize(("name", "reason"), NOT_COMPUTABLE)
def test_without_words_moods_and_events_a_handoff_is_not_judged(tmp_path: Path, name: str, reason: str) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [row for n in range(40) for row in (bot(f"c{n}", 0), person(f"c{n}p", f"c{n}", 0, 5))])
    (found,) = measurer(lake).measure(name, [], *week(0))
    assert (found.state, found.value, found.reason) == ("not_computable", None, reason)


@pytest.mark.parametrize(("n_asked", "is_asked_again"), [(100, False), (101, None)])
def test_of_more_than_a_hundred_different_questions_nobody_knows(
    tmp_path: Path, n_asked: int, is_asked_again: bool | None
) -> None:
    lake = Lake(tmp_path)
    word = ["".join("abcdefghij"[int(d)] for d in f"{n:04}") for n in range(n_asked)]
    said = [("bot", "c", "What is it now?"), ("customer", "c", "this"), *(("agent", "cp", f"{w} {w}a {w}b?") for w in word)]
    turns = [
        {"turn_id": f"t{n}", "leg_id": i, "turn_seq": n, "speaker": speaker, "content": content,
         "occurred_at": at(0) + timedelta(minutes=10 if speaker == "agent" else 1)}
        for n, (speaker, i, content) in enumerate(said)
    ]  # fmt: skip
    deliver(lake, 20, [bot("c", 0), person("cp", "c", 0, 5)], turns=turns)
    (found,) = everything(lake, "out_handoffs")
    assert found["is_asked_again"] is is_asked_again


def test_a_slot_that_is_filled_again_was_asked_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    events = [{"event_id": f"{i}{name}", "leg_id": i, "event_at": at(0) + timedelta(minutes=m), "kind": "slot", "name": name}
              for i, m, name in (("c", 1, "card"), ("cp", 10, "card"), ("d", 1, "card"), ("dp", 10, "date"))]  # fmt: skip
    legs = [bot("c", 0), person("cp", "c", 0, 5), bot("d", 0), person("dp", "d", 0, 5)]
    deliver(lake, 20, legs, events=events)
    assert {r["interaction_id"]: r["is_asked_again"] for r in everything(lake, "out_handoffs")} == {"c": True, "d": False}
