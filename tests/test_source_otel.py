"""Spans of AI agents: what they called, how long it took, and what was said, once each."""

import json
from pathlib import Path
from typing import Any

from tests.source_files import Taken, lines, take

START = 1740992400000000000  # 2025-03-03 09:00:00 UTC


def value(of: object) -> dict[str, Any]:
    match of:
        case int():
            return {"intValue": str(of)}
        case list():
            return {"arrayValue": {"values": [value(v) for v in of]}}
    return {"stringValue": of}


def attributes(of: dict[str, object]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(v)} for key, v in of.items()]


def span(number: int, operation: str, at_ms: int = 0, took_ms: int = 100, trace: str = "t", **more: object) -> dict[str, Any]:
    own = {"gen_ai.operation.name": operation, **{f"gen_ai.{k.replace('__', '.')}": v for k, v in more.items()}}
    begin = START + at_ms * 1_000_000
    return {
        "traceId": trace,
        "spanId": str(number),
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + took_ms * 1_000_000),
        "attributes": attributes(own),
    }


def export(*spans: dict[str, Any], environment: str = "live") -> dict[str, Any]:
    resource = {"attributes": attributes({"deployment.environment.name": environment})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}


def taken(folder: Path, *records: dict[str, Any], **params: str) -> Taken:
    lines(folder / "traces.jsonl", *records)
    return take(folder, {"kind": "opentelemetry_genai", "path": "*.jsonl", "params": params})


def said(*messages: tuple[str, str]) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in messages])


def test_a_span_takes_the_conversation_of_its_trace(tmp_path: Path) -> None:
    found = taken(
        tmp_path,
        export(
            span(1, "invoke_agent", conversation__id="c1", agent__name="Ava", agent__version="7"),
            span(2, "execute_tool", tool__name="get_balance"),
            span(3, "chat", trace="other", usage__prompt_tokens=12),
        ),
    )
    assert found.rows(
        "select leg_id, kind, name, duration_ms, ai_agent, ai_agent_version, n_input_tokens from new_events "
        "order by event_id desc"
    ) == [
        ("c1", "tool", "get_balance", 100, None, None, None),
        ("c1", "bot", "invoke_agent", 100, "Ava", "7", None),
        (None, "bot", "chat", 100, None, None, 12),
    ]


def test_the_history_that_every_call_carries_is_not_said_again(tmp_path: Path) -> None:
    first = said(("user", "Where is my card?"))
    with_tool = json.dumps([*json.loads(first), {"role": "tool", "parts": [{"type": "tool_call_response", "result": "x"}]}])
    second = said(("user", "Where is my card?"), ("assistant", "On its way."), ("user", "Since when?"))
    answer = said(("assistant", "On its way."))
    found = taken(
        tmp_path,
        export(
            span(1, "invoke_agent", conversation__id="c1", input__messages=second, output__messages=answer),
            span(2, "chat", 0, input__messages=first, output__messages=json.dumps([{"role": "assistant", "parts": []}])),
            span(3, "chat", 1000, input__messages=with_tool, output__messages=answer),
            span(4, "chat", 5000, input__messages=second, output__messages=said(("assistant", "Monday."))),
        ),
    )
    assert found.rows("select leg_id, speaker, occurred_at::varchar, content from new_turns order by occurred_at") == [
        ("c1", "customer", "2025-03-03 09:00:00+00", "Where is my card?"),
        ("c1", "bot", "2025-03-03 09:00:01.1+00", "On its way."),
        ("c1", "customer", "2025-03-03 09:00:05+00", "Since when?"),
        ("c1", "bot", "2025-03-03 09:00:05.1+00", "Monday."),
    ]


def test_messages_that_were_cut_off_are_no_turns_and_damage_nothing(tmp_path: Path) -> None:
    whole = said(("user", "My card number is 4111 1111 1111 1111"))
    found = taken(
        tmp_path,
        export(span(1, "chat", conversation__id="c1", input__messages=whole[:-9])),
        export(span(2, "chat", conversation__id="c1", input__messages=whole)),
    )
    assert found.reasons() == [None, None]
    assert found.rows("select content from new_turns") == [("My card number is [CARD]",)]
    assert found.rows("select count(*) from new_events") == [(2,)]


def test_the_call_of_the_handoff_tool_is_the_only_sign_of_an_escalation(tmp_path: Path) -> None:
    call = export(span(1, "execute_tool", conversation__id="c1", tool__name="to_person"))
    assert taken(tmp_path, call).rows("select kind, result from new_events") == [("tool", "ok")]
    assert taken(tmp_path, call, handoff_tool="to_person").rows("select kind, result from new_events") == [
        ("outcome", "escalated")
    ]


def test_another_attribute_may_hold_the_contact_that_the_telephone_system_knows(tmp_path: Path) -> None:
    call = span(1, "chat", conversation__id="c1")
    call["attributes"] += attributes({"contact.id": "k-9"})
    assert taken(tmp_path, export(call), conversation_attribute="contact.id").rows("select leg_id from new_events") == [("k-9",)]


def test_tests_elsewhere_are_left_out_where_one_environment_is_asked_for(tmp_path: Path) -> None:
    found = taken(tmp_path, export(span(1, "chat")), export(span(2, "chat"), environment="staging"), environment="live")
    assert found.reasons() == [None, None]
    assert found.rows("select event_id from new_events") == [("t:1",)]


def test_a_search_of_the_agent_is_a_knowledge_search(tmp_path: Path) -> None:
    documents = json.dumps([{"id": "faq-3", "score": 0.9}, {"id": "faq-8", "score": 0.2}])
    search = span(1, "retrieval", conversation__id="c1", retrieval__query__text="card lost", retrieval__documents=documents)
    nothing = span(2, "retrieval", conversation__id="c1", retrieval__query__text="dragons", retrieval__documents="[]")
    found = taken(tmp_path, export(search, nothing))
    assert found.rows(
        "select search_id, leg_id, searched_at::varchar, actor, query, n_results, document_id from new_knowledge_searches "
        "order by search_id"
    ) == [
        ("t:1", "c1", "2025-03-03 09:00:00+00", "ai", "card lost", 2, "faq-3"),
        ("t:2", "c1", "2025-03-03 09:00:00+00", "ai", "dragons", 0, None),
    ]


def test_an_export_sent_twice_counts_once_and_a_span_without_a_start_is_quarantined(tmp_path: Path) -> None:
    broken = span(2, "chat")
    del broken["startTimeUnixNano"]
    found = taken(tmp_path, export(span(1, "chat")), export(span(1, "chat")), export(broken), {"resourceLogs": []}, {"x": 1})
    assert found.rows("select count(distinct record_key) from new_records where position <= 2") == [(1,)]
    assert found.reasons() == [None, None, "event_at is empty", None, "resourceSpans is missing"]
