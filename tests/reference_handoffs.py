"""The obvious version of the handoffs: loops and dicts, no cleverness. Rows of one interaction come in as dicts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cxreports.person_requests import HandoffSettings, bare_name
from tests.reference_dialogues import words_of

Row = Mapping[str, Any]
ASKS = re.compile(HandoffSettings().pattern)


def handoffs(legs: Sequence[Row], turns: Sequence[Row], events: Sequence[Row]) -> list[dict[str, Any]]:
    """The handoffs of one interaction, in order. The first leg given is the root."""
    root = legs[0]
    order = [root, *sorted(legs[1:], key=lambda leg: (leg["started_at"], leg["leg_id"]))]
    open_ = any(leg["ended_at"] is None for leg in order)
    ended = None if open_ else max(leg["ended_at"] for leg in order)
    runs = stretches(order)
    found = [judge(n, runs, turns, events, ended) for n in range(len(runs))]
    return [h for h in found if h["is_tried"] or (h["n_requests"] or 0) > 0]


def stretches(order: Sequence[Row]) -> list[list[Row]]:
    """Runs of legs, each from an AI to before an AI takes over again from a person."""
    runs: list[list[Row]] = []
    answered = False
    for leg in order:
        if leg["ai_agent"] and (not runs or answered):
            runs.append([])
            answered = False
        if runs:
            runs[-1].append(leg)
        answered = answered or leg["answered_at"] is not None
    return runs


def judge(
    n: int, runs: Sequence[Sequence[Row]], turns: Sequence[Row], events: Sequence[Row], ended: datetime | None
) -> dict[str, Any]:
    """One handoff, with what the property test compares."""
    run, ids = runs[n], {leg["leg_id"] for leg in runs[n]}
    mine, logged = [t for t in turns if t["leg_id"] in ids], [e for e in events if e["leg_id"] in ids]
    began = min(leg["started_at"] for leg in run if leg["ai_agent"])
    connected = first(leg["answered_at"] for leg in run if leg["initiation"] != "callback")
    queued = first(leg["enqueued_at"] for leg in run)
    hand_over = first(e["event_at"] for e in logged if e["name"] == "hand_over")
    over = first([queued if queued and queued > began else None, hand_over, connected])
    reason = next((leg["escalation_reason"] for leg in run if leg["escalation_reason"]), None)
    cause = None if reason == "escalated" else reason
    before = [t for t in mine if t["speaker"] != "agent" and is_before(t, over, mine)]
    signals = sorted(signals_of(before, [e for e in logged if over is None or e["event_at"] <= over]), key=by_time)
    asked = max(sum(kind == "request" for kind, *_ in signals), reason == "customer_asked")
    words_known = any(t["speaker"] == "customer" and t["content"] is not None for t in before) or cause is not None
    callback = any(leg["initiation"] == "callback" for leg in run)
    tried = bool(queued or connected or hand_over or reason or callback)
    trigger = signals[0][0] if signals else {"customer_asked": "request"}.get(str(cause), cause)
    trigger_at = signals[0][1] if signals else (over if cause else None)
    moods = any(t["speaker"] == "customer" and t["sentiment"] is not None for t in before)
    bot_turns = any(e["kind"] == "bot" and e["is_no_match"] is not None for e in logged)
    if connected:
        outcome = "connected"
    elif callback:
        outcome = "callback"
    elif ended is None:
        outcome = "waiting"
    elif queued:
        outcome = "lost_in_queue"
    elif hand_over or reason:
        outcome = "no_queue"
    else:
        outcome = "not_tried"
    gone = ended if outcome in ("lost_in_queue", "no_queue", "not_tried") else None
    return {
        "is_tried": tried,
        "n_requests": int(asked) if asked or words_known else None,
        "n_fallbacks": sum(kind == "fallback" for kind, *_ in signals) if bot_turns else None,
        "n_negative_turns": sum(kind == "negative_turn" for kind, *_ in signals) if moods else None,
        "first_trigger": trigger,
        "wait_ms": span(queued, connected),
        "delay_ms": span(trigger_at, connected),
        "given_up_ms": span(trigger_at, gone),
        "outcome": outcome,
        "is_asked_again": asked_again(before, n, runs, turns) if connected else None,
    }


def first(instants: Any) -> datetime | None:
    """The earliest that is known."""
    return min((i for i in instants if i is not None), default=None)


def span(start: datetime | None, end: datetime | None) -> int | None:
    """Milliseconds between, None if backwards or not known."""
    return (end - start) // timedelta(milliseconds=1) if start and end and end >= start else None


def is_before(turn: Row, over: datetime | None, mine: Sequence[Row]) -> bool:
    """Whether a turn stands before the AI handed over."""
    if over is None:
        return True
    if turn["occurred_at"] is not None:
        return bool(turn["occurred_at"] <= over)
    seqs = [
        t["turn_seq"] for t in mine if t["leg_id"] == turn["leg_id"] and t["speaker"] == "agent" and t["turn_seq"] is not None
    ]
    return not seqs or (turn["turn_seq"] is not None and turn["turn_seq"] < min(seqs))


def signals_of(before: Sequence[Row], logged: Sequence[Row]) -> Iterator[tuple[str, datetime | None]]:
    """Kind and time of each sign of trouble."""
    for t in before:
        if t["speaker"] == "customer" and ASKS.search(f" {spaced(t['content'] or '')} ") and t["content"] is not None:
            yield "request", t["occurred_at"]
        if t["speaker"] == "customer" and t["sentiment"] == "negative":
            yield "negative_turn", t["occurred_at"]
    for e in logged:
        if f",{bare_name(e['name'])}," in HandoffSettings().names:
            yield "request", e["event_at"]
        elif e["kind"] == "bot" and (e["is_no_match"] or (e["confidence"] is not None and float(e["confidence"]) < 0.4)):
            yield "fallback", e["event_at"]


def by_time(signal: tuple[str, datetime | None]) -> tuple[bool, Any, int]:
    """Without a time last; at once: request, negative turn, fallback."""
    return signal[1] is None, signal[1] or 0, ["request", "negative_turn", "fallback"].index(signal[0])


def spaced(text: str) -> str:
    """Letters only, in lower case, one space between words, in the order in which they stand."""
    return " ".join(re.findall(r"[^\W\d_]+", text.lower()))


def asked_again(before: Sequence[Row], n: int, runs: Sequence[Sequence[Row]], turns: Sequence[Row]) -> bool | None:
    """Whether a question of the AI, that the customer answered, was asked again after it."""
    place = sorted(before, key=_place)
    answers = [i for i, t in enumerate(place) if t["speaker"] == "customer"]
    ours = [t for i, t in enumerate(place) if t["speaker"] == "bot" and answers and i < answers[-1]]
    here, later = {leg["leg_id"] for leg in runs[n]}, {leg["leg_id"] for run in runs[n + 1 :] for leg in run}
    persons = [t for t in turns if t["speaker"] == "agent" and t["leg_id"] in here]
    theirs = persons + [t for t in turns if t["speaker"] == "bot" and t["leg_id"] in later]
    pairs = [(set(a), set(b)) for x in ours for a in questions(x) for y in theirs for b in questions(y)]
    if any(len(a & b) / len(a | b) >= 0.8 for a, b in pairs):
        return True
    bots_words = any(t["speaker"] == "bot" and t["content"] is not None for t in before)
    return False if bots_words and any(t["content"] is not None for t in theirs) else None


def questions(turn: Row) -> list[tuple[str, ...]]:
    """The words of each sentence with a question mark that has three words or more."""
    asked = [re.split(r"[.!\n]", piece)[-1] for piece in (turn["content"] or "").split("?")[:-1]]
    return [words_of(q) for q in asked if len(words_of(q)) >= 3]


def _place(turn: Row) -> tuple[Any, ...]:
    """Order of turns: by time, then number, then id; what is not known comes last."""
    said, seq = turn["occurred_at"], turn["turn_seq"]
    return said is None, said or 0, seq is None, seq or 0, turn["turn_id"]
