"""Dialogflow CX: rows made up after the BigQuery export's columns; each test is about one thing it tells or cannot tell."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.platforms import Export

KIND = "dialogflow_cx_bigquery"
LIVE = "projects/p/locations/l/agents/a1/environments/live/sessions/"


@pytest.fixture
def log(tmp_path: Path) -> Export:
    return Export(tmp_path)


def turn(n: int, said: str, answered: str, name: str = f"{LIVE}s1", **more: Any) -> dict[str, Any]:
    match = {"matchType": "INTENT", "confidence": 0.9, "intent": {"displayName": "balance"}} | more.pop("match", {})
    messages = [{"text": {"text": [answered]}}, *more.pop("messages", [])]
    return {
        "project_id": "p", "agent_id": "a1", "conversation_name": name, "turn_position": n,
        "request_time": f"2025-03-03T09:{n // 60:02}:{n % 60:02}Z", "language_code": "en",
        "request": {"queryInput": {"text": {"text": said}}},
        "response": {"queryResult": {"match": match, "responseMessages": messages, **more.pop("result", {})}},
        "partial_responses": None, "derived_data": None, "conversation_signals": {"turnSignals": more.pop("signals", {})},
        "bot_answer_feedback": more.pop("feedback", None), **more,
    }  # fmt: skip


def lines(*rows: Any) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def test_every_column_of_the_exports_ddl_is_one_that_the_rows_of_these_tests_have(shared: Path) -> None:
    ddl = (shared / "formats/samples/dialogflow_cx/export_ddl.sql").read_text()
    columns = re.findall(r"(\w+) (?:STRING|INTEGER|TIMESTAMP|JSON)", ddl)
    assert len(columns) == 12
    assert list(turn(1, "a", "b")) == columns


def test_the_turns_of_a_session_are_one_interaction_that_begins_with_the_first_and_ends_with_the_last(log: Export) -> None:
    rows = [
        turn(1, "Hi", "Hello!", match={"matchType": "EVENT"}),
        turn(2, "My balance?", "Ten pounds."),
        turn(9, "Thanks", "Bye."),
    ]
    log.read(KIND, lines(*reversed(rows)))
    assert log.interactions("interaction_id, handler, ai_agent, ai_agent_version, intent, language, n_transfers") == [
        ("s1", "ai_only", "a1", "live", "balance", "en", 0)
    ]
    assert log.interactions("started_at::varchar, ended_at::varchar") == [("2025-03-03 09:00:01+00", "2025-03-03 09:00:09+00")]
    assert log.rows("select turn_seq, speaker, content from new_turns order by turn_seq") == [
        (1, "customer", "Hi"), (2, "bot", "Hello!"), (3, "customer", "My balance?"), (4, "bot", "Ten pounds."),
        (17, "customer", "Thanks"), (18, "bot", "Bye."),
    ]  # fmt: skip


def test_a_greeting_alone_is_no_conversation_with_an_ai(log: Export) -> None:
    log.read(
        KIND,
        lines(turn(1, "Hi", "Hello!", match={"matchType": "EVENT"}), turn(2, "?", "Pardon?", match={"matchType": "NO_MATCH"})),
    )
    assert log.interactions("handler, has_ai") == [("none", False)]
    assert log.rows("select event_seq, result, is_no_match from new_events order by event_seq") == [
        (1, "EVENT", False),
        (2, "NO_MATCH", True),
    ]


def test_a_hand_over_ends_what_the_bot_alone_did(log: Export) -> None:
    over = turn(2, "A person", "One moment.", messages=[{"liveAgentHandoff": {"metadata": {}}}], signals={"userEscalated": True})
    log.read(KIND, lines(turn(1, "My balance?", "Ten pounds."), over))
    assert log.interactions("handler, is_answered, escalation_reason, handle_ms") == [
        ("ai_then_human", True, "customer_asked", None)
    ]
    assert log.rows("select name, result from new_events where kind = 'state'") == [("hand_over", "customer_asked")]


def test_the_mood_of_the_last_scored_turn_is_the_mood_at_the_end(log: Export) -> None:
    rows = [
        turn(1, "a", "b", signals={"sentimentScore": 0.8}),
        turn(2, "c", "d", result={"sentimentAnalysisResult": {"score": -0.7, "magnitude": 0.7}}),
        turn(3, "e", "f"),
    ]
    log.read(KIND, lines(*rows))
    assert log.rows("select leg_id, part, score::varchar, scorer from new_sentiments order by 1") == [
        ("s1:1", "end", "0.8000", "Dialogflow CX"),
        ("s1:2", "end", "-0.7000", "Dialogflow CX"),
    ]
    assert log.interactions("end_score::varchar, end_sentiment") == [("-0.7000", "negative")]


def test_the_draft_environment_is_a_test_with_or_without_its_name(log: Export) -> None:
    agent = "projects/p/locations/l/agents/a1"
    names = [f"{agent}/sessions/x", f"{agent}/environments/draft/sessions/y", f"{agent}/environments/-/sessions/z", f"{LIVE}w"]
    log.read(KIND, lines(*(turn(1, "a", "b", name=name) for name in names)))
    assert log.interactions("interaction_id, excluded_as") == [("w", None), ("x", "test"), ("y", "test"), ("z", "test")]


def test_a_conversation_of_500_turns_may_have_been_longer(log: Export) -> None:
    log.read(KIND, lines(turn(499, "a", "b"), turn(500, "c", "d")))
    assert log.rows("select event_id from new_events where name = 'turn_limit'") == [("s1:500:turn_limit",)]


def test_where_another_source_has_the_contact_the_words_are_its_legs(log: Export) -> None:
    known = turn(1, "My balance?", "Ten pounds.", result={"parameters": {"contactId": "leg-7"}})
    log.read(KIND, lines(known), params={"legs": False})
    assert log.rows("select count(*) from new_legs") == [(0,)]
    assert log.rows("select distinct leg_id from new_turns union select leg_id from new_events") == [("leg-7",)]


def test_words_are_masked_and_a_search_is_no_match_of_an_intent(log: Export) -> None:
    found = turn(
        1, "card 4111 1111 1111 1111", "See the fees page.",
        match={"matchType": "KNOWLEDGE_CONNECTOR", "intent": {}}, feedback={"rating": "THUMBS_DOWN"},
    )  # fmt: skip
    log.read(KIND, lines(found))
    assert log.rows("select query, is_answered, feedback from new_knowledge_searches") == [("card [CARD]", True, "not_helpful")]
    assert log.rows("select content from new_turns where speaker = 'customer'") == [("card [CARD]",)]


def test_json_columns_may_be_texts_and_broken_rows_are_quarantined_by_name(log: Export) -> None:
    good = turn(1, "My balance?", "Ten pounds.")
    as_text = good | {"request": json.dumps(good["request"]), "response": json.dumps(good["response"])}
    rows = [
        as_text | {"turn_position": "1"},
        good | {"conversation_name": None},
        good | {"conversation_name": "projects/p"},
        good | {"turn_position": "one"},
        good | {"request_time": "noon"},
        good | {"request": "{cut", "turn_position": 2},
    ]
    log.read(KIND, lines(*rows))
    assert [reason for _, _, reason in log.reasons()] == [
        None, "conversation_name is missing", "conversation_name is no session's name", "turn_position is not a whole number",
        "request_time is no time", None,
    ]  # fmt: skip
    assert log.rows("select turn_id, content from new_turns order by 1") == [
        ("s1:1:bot", "Ten pounds."), ("s1:1:customer", "My balance?"), ("s1:2:bot", "Ten pounds."),
    ]  # fmt: skip
