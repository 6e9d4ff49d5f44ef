"""The customer's mood at both ends of an interaction, and how long a written message waits for its first reply."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.test_measure import DAY, measurer, one, world
from tests.worlds import at, leg

END = leg("end", 24 * 40)


def scored(
    leg_id: str, start: str | None, end: str | None, scorers: tuple[str, str] = ("lens 2", "lens 2")
) -> list[dict[str, Any]]:
    parts = [("begin", start, scorers[0]), ("end", end, scorers[1])]
    return [
        {"sentiment_id": f"{leg_id}:{part}", "leg_id": leg_id, "speaker": "customer", "part": part, "score": score, "scorer": who}
        for part, score, who in parts
        if score is not None
    ]


# --- moods


def test_the_change_of_mood_is_half_the_difference_of_the_ends(tmp_path: Path) -> None:
    """Twenty go from -0.6 to 0.2, ten from 1 to -1: (20 · 0.4 − 10 · 1) ÷ 30 = −2 ÷ 30."""
    legs = [leg(f"a{i:02}", 0) for i in range(30)]
    told = [row for i in range(30) for row in scored(f"a{i:02}", *(("-0.6", "0.2") if i < 20 else ("1", "-1")))]
    found = one(measurer(world(tmp_path, [*legs, END], sentiments=told)), "sentiment_shift")
    assert (found.num, found.den, found.state) == (20 * 8000 - 10 * 20000, 30, "final")
    assert found.value == pytest.approx(-2 / 30, abs=1e-12)


def test_an_interaction_begins_with_its_first_leg_and_ends_with_its_last(tmp_path: Path) -> None:
    """A call that was passed on: the first person's leg begins at -1, the second's ends at 0.5."""
    legs, told = [END], []
    for i in range(10):
        first, second = f"a{i}", f"b{i}"
        talk = {"answered_at": at(0.1)}
        legs += [leg(first, 0, **talk), leg(second, 0.1, root_id=first, previous_id=first, initiation="transfer", **talk)]
        told += [*scored(first, "-1", "0"), *scored(second, "0.9", "0.5")]
    assert one(measurer(world(tmp_path, legs, sentiments=told)), "sentiment_shift").value == 0.75


def test_moods_of_two_scorers_are_not_subtracted(tmp_path: Path) -> None:
    legs = [leg(f"a{i:02}", 0) for i in range(24)]
    told = [
        *(row for i in range(12) for row in scored(f"a{i:02}", "0", "0.5")),
        *(row for i in range(12, 16) for row in scored(f"a{i:02}", "0", "0.5", ("lens 1", "lens 2"))),
        *(row for i in range(16, 21) for row in scored(f"a{i:02}", None, "0.5")),
    ]
    m = measurer(world(tmp_path, [*legs, END], sentiments=told))
    found = one(m, "sentiment_shift")
    assert (found.n, found.value) == (12, 0.25)
    assert found.excluded == {"mood at the end not known": 3, "mood at the start not known": 5, "scored by two scorers": 4}
    assert [f.by["scorer"] for f in m.measure("sentiment_shift", ["scorer"], *DAY)] == ["lens 2", "not given"]


def test_a_source_without_sentiment_has_no_change_of_mood(tmp_path: Path) -> None:
    legs = [leg(f"a{i:02}", 0) for i in range(30)]
    found = one(measurer(world(tmp_path, [*legs, END])), "sentiment_shift")
    assert (found.state, found.value, found.reason) == ("not_computable", None, "no source scores the mood of customers")
    ends = [row for i in range(30) for row in scored(f"a{i:02}", None, "0.5")]
    found = one(measurer(world(tmp_path / "ends", [*legs, END], sentiments=ends)), "sentiment_shift")
    assert (found.state, found.reason) == ("not_computable", "no source scores the mood at the start")


# --- first response


def said(leg_id: str, *turns: tuple[str, float]) -> list[dict[str, Any]]:
    """Turns of a leg: who spoke, and so many seconds after the world's start."""
    return [
        {"turn_id": f"{leg_id}:{n}", "leg_id": leg_id, "turn_seq": n, "speaker": who, "occurred_at": at(0) + timedelta(seconds=s)}
        for n, (who, s) in enumerate(turns)
    ]


def chats(n: int, **more: Any) -> list[dict[str, Any]]:
    return [leg(f"a{i:02}", 0, channel="chat", **more) for i in range(n)]


@pytest.mark.parametrize(
    ("turns", "ai_replies", "seconds"),
    [
        ([("bot", 0), ("customer", 10), ("bot", 12)], None, 2.0),  # a greeting before the customer wrote is none
        ([("customer", 10), ("bot", 11), ("agent", 100)], 0, 90.0),  # nor one after, where the source counts no reply of the AI
        ([("customer", 10), ("bot", 11), ("bot", 15)], 1, 5.0),  # of two turns one is a reply: the later
        ([("customer", 10), ("system", 11), ("agent", 40)], None, 30.0),  # "you are third in line"
        ([("customer", 10), ("customer", 60), ("agent", 70)], None, 60.0),  # from the first message, not from the last
        ([("agent", 10), ("customer", 10), ("agent", 10)], None, 0.0),  # in the same second the order counts
    ],
)
def test_a_greeting_is_no_reply(tmp_path: Path, turns: list[tuple[str, float]], ai_replies: int | None, seconds: float) -> None:
    legs = chats(12, ai_agent="bea", ai_replies=ai_replies)
    m = measurer(world(tmp_path, [*legs, END], turns=[row for g in legs for row in said(g["leg_id"], *turns)]))
    assert one(m, "first_response").value == seconds


def test_the_percentiles_are_waits_that_occurred_and_those_without_a_reply_stand_apart(tmp_path: Path) -> None:
    """Waits of 1 to 40 seconds: half wait at most 20, nine tenths 36, 95 of 100 38."""
    legs = chats(45)
    told = [
        row for i, g in enumerate(legs) for row in said(g["leg_id"], ("customer", 0), *([("agent", i + 1)] if i < 40 else []))
    ]
    m = measurer(world(tmp_path, [*legs, END], turns=told))
    names = ("first_response", "first_response_p90", "first_response_p95")
    assert [one(m, name).value for name in names] == [20.0, 36.0, 38.0]
    assert one(m, "first_response").excluded == {"no reply": 5}


def test_a_call_has_no_first_response(tmp_path: Path) -> None:
    legs = [leg(f"v{i:02}", 0) for i in range(30)]
    m = measurer(
        world(tmp_path, [*legs, END], turns=[row for g in legs for row in said(g["leg_id"], ("customer", 0), ("agent", 9))])
    )
    assert (one(m, "first_response").n, one(m, "first_response").excluded) == (0, {})


def test_without_words_there_is_no_first_response(tmp_path: Path) -> None:
    found = one(measurer(world(tmp_path, [*chats(30), END])), "first_response")
    assert (found.state, found.reason) == ("not_computable", "no source gives the words of both sides")
