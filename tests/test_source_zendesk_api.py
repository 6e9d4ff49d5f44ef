"""Zendesk's API beyond the tickets: audits, metric events, comments, chats. No real file was at hand; documentation's shapes."""

import json
from pathlib import Path
from typing import Any

import duckdb

from cxreports import pipeline
from cxreports.intake.intake import take_in
from tests.conftest import silent
from tests.test_source_zendesk import CATALOGUE, Reader, read
from tests.test_sources import KEY, LATER, project

__all__ = ["read"]

RULE = {"channel": "rule"}
AUDIT = {
    "id": 5, "ticket_id": 1, "created_at": "2025-03-03T09:00:00Z", "author_id": 11, "via": {"channel": "web"},
    "events": [
        {"id": 8, "type": "Comment", "author_id": 20, "public": True, "body": "call me on 020 7946 0001"},
        {"id": 9, "type": "Comment", "public": False, "body": "ask the depot"},
        {"id": 10, "type": "Create", "field_name": "assignee_id", "value": "11"},
        {"id": 11, "type": "Change", "field_name": "status", "previous_value": "open", "value": "on-hold", "via": RULE},
        {"id": 12, "type": "Change", "field_name": "requester_id", "previous_value": "20", "value": "21"},
        {"id": 15, "type": "Create", "field_name": "subject", "value": "Jane Doe wants her money back"},
        {"id": 13, "type": "Change", "field_name": "satisfaction_score", "value": "good"},
        {"id": 14, "type": "Notification", "body": "call me on 020 7946 0001"},
    ],
}  # fmt: skip


def test_an_audit_is_the_changes_and_comments_of_one_update_and_a_comment_is_its_authors(read: Reader) -> None:
    con = read("zendesk_ticket_audits", json.dumps({"audits": [AUDIT], "next_page": None}), params={"agent_ids": "11"})
    assert con.execute("select record_key, reason from new_records").fetchall() == [("audit:5", None)]
    events = "select event_id, field, old_value, new_value, actor from new_case_events order by event_id"
    assert con.execute(events).fetchall() == [
        ("zendesk:comment:8", "comment", None, "public", "customer"),
        ("zendesk:comment:9", "comment", None, "internal", "human"),
        ("zendesk:event:10", "assignee", None, "11", "human"),
        ("zendesk:event:11", "status", "open", "hold", "automation"),
        ("zendesk:event:12", "requester_id", None, None, "human"),
        ("zendesk:event:15", "subject", None, None, "human"),
    ]
    assert con.execute("select turn_id, leg_id, speaker, occurred_at::varchar, content from new_turns").fetchall() == [
        ("zendesk:comment:8", "zendesk:1", "customer", "2025-03-03 09:00:00+00", "call me on [PHONE]"),
    ]


def test_without_the_agents_nobody_has_a_role_but_the_rule(read: Reader) -> None:
    con = read("zendesk_ticket_audits", json.dumps({"audits": [AUDIT]}))
    assert con.execute("select actor, count(*) from new_case_events group by 1 order by 1").fetchall() == [
        ("automation", 1), (None, 5),
    ]  # fmt: skip
    assert con.execute("select speaker from new_turns").fetchall() == [(None,)]


def test_an_audit_that_is_damaged_is_quarantined_alone(read: Reader) -> None:
    damaged = [
        {**AUDIT, "id": 6, "created_at": "yesterday"},
        {**AUDIT, "id": 7, "events": "none"},
        {**AUDIT, "id": 8, "events": [{"type": "Comment", "public": True, "body": "x"}]},
        {**AUDIT, "id": 9, "events": [{"id": 1, "type": "Change", "value": "x"}]},
        {**AUDIT, "id": 10, "events": []},
    ]
    con = read("zendesk_ticket_audits", json.dumps({"audits": damaged}))
    assert con.execute("select record_key, reason from new_records order by position").fetchall() == [
        ("audit:6", "created_at is no time"), ("audit:7", "events is no list"), ("audit:8", "events: an id is missing"),
        ("audit:9", "events: a field_name is missing"), ("audit:10", None),
    ]  # fmt: skip
    assert con.execute("select count(*) from new_case_events").fetchall() == [(0,)]


def test_the_taking_back_of_a_breach_is_its_newest_version_although_it_was_delivered_first(read: Reader) -> None:
    event = {"ticket_id": 155, "metric": "reply_time", "instance_id": 2, "time": "2020-10-26T12:53:12Z"}
    started = {**event, "id": 1, "type": "activate"}
    broken = {**event, "id": 2, "type": "breach"}
    damaged = {**event, "id": 3, "type": "pause", "time": "soon"}
    pages = [{"ticket_metric_events": [{**broken, "deleted": True}]}, {"ticket_metric_events": [started, broken, damaged]}]
    con = read("zendesk_ticket_metric_events", *(json.dumps(page) for page in pages))
    events = "select event_id, case_id, event_at::varchar, field, new_value from new_case_events order by 1"
    assert con.execute(events).fetchall() == [
        ("zendesk:metric:1", "zendesk:155", "2020-10-26 12:53:12+00", "metric:reply_time:2", "activate"),
        ("zendesk:metric:2", "zendesk:155", "2020-10-26 12:53:12+00", "metric:reply_time:2", "breach"),
    ]
    assert con.execute(
        "select record_key, version_at = max(version_at) over (partition by record_key), reason from new_records "
        "order by record_key, version_at"
    ).fetchall() == [
        ("metric:1", True, None), ("metric:2", False, None), ("metric:2", True, None), ("metric:3", None, "time is no time"),
    ]  # fmt: skip


COMMENT = {"id": 7, "type": "Comment", "author_id": 20, "public": True, "created_at": "2025-03-03T09:00:00Z"}
CALL = {
    "type": "VoiceComment", "public": False, "author_id": 11, "created_at": "2025-03-03T10:05:00Z",
    "body": "Call from: +44 20 7946 0001, length 3 minutes",
    "data": {
        "from": "+442079460001", "recording_url": "https://example.com/recording/1", "started_at": "2025-03-03T10:00:00Z",
        "call_duration": 185, "answered_by_id": 11, "transcription_text": "call me on 020 7946 0001",
    },
}  # fmt: skip


def test_comments_are_of_the_ticket_that_their_path_names_and_calls_bring_recordings(tmp_path: Path) -> None:
    voicemail = {**CALL, "id": 9, "public": True, "data": {**CALL["data"], "answered_by_id": None}}  # type: ignore[dict-item]
    unheard = {**CALL, "id": 10, "public": True, "data": {"call_duration": 0, "started_at": "2025-03-03T10:00:00Z"}}
    pages = {
        "tickets/1001/comments.json": {"comments": [{**COMMENT, "body": "b", "plain_body": "where is it?"}, {**CALL, "id": 8}]},
        "tickets/1002/comments_2.json": {"comments": [voicemail, unheard]},
        "all.json": {"comments": [{**COMMENT, "id": 11, "ticket_id": 1003, "author_id": 11, "body": "at the depot"}]},
    }
    for name, page in pages.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(page))
    con = duckdb.connect()
    source = {"kind": "zendesk_ticket_comments", "path": "**/*.json", "params": {"agent_ids": "11"}}
    take_in(con, tmp_path, project({"z": source}), CATALOGUE, KEY, set(), LATER, lambda line: None)
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(5, 0)]
    assert con.execute("select event_id, case_id, new_value, actor from new_case_events order by event_id").fetchall() == [
        ("zendesk:comment:10", "zendesk:1002", "public", "human"), ("zendesk:comment:11", "zendesk:1003", "public", "human"),
        ("zendesk:comment:7", "zendesk:1001", "public", "customer"), ("zendesk:comment:8", "zendesk:1001", "internal", "human"),
        ("zendesk:comment:9", "zendesk:1002", "public", "human"),
    ]  # fmt: skip
    assert con.execute("select turn_id, speaker, occurred_at::varchar, content from new_turns order by turn_id").fetchall() == [
        ("zendesk:comment:11", "agent", "2025-03-03 09:00:00+00", "at the depot"),
        ("zendesk:comment:7", "customer", "2025-03-03 09:00:00+00", "where is it?"),
        ("zendesk:comment:9", "customer", "2025-03-03 10:00:00+00", "call me on [PHONE]"),
    ]
    assert con.execute(
        "select recording_id, leg_id, media, started_at::varchar, ended_at::varchar, status from new_recordings order by 1"
    ).fetchall() == [
        ("zendesk:comment:8", "zendesk:1001", "audio", "2025-03-03 10:00:00+00", "2025-03-03 10:03:05+00", None),
        ("zendesk:comment:9", "zendesk:1002", "audio", "2025-03-03 10:00:00+00", "2025-03-03 10:03:05+00", None),
    ]


def test_a_comment_of_no_ticket_and_a_damaged_one_are_quarantined_alone(read: Reader) -> None:
    here = {**COMMENT, "ticket_id": 1}
    damaged = [
        COMMENT,
        {**here, "created_at": "yesterday"},
        {**here, "public": None},
        {**here, "data": {"call_duration": "long"}},
    ]
    con = read("zendesk_ticket_comments", json.dumps({"comments": [*damaged, here]}))
    assert con.execute("select reason from new_records order by position").fetchall() == [
        ("ticket_id is missing, and the path names no ticket (tickets/<id>/comments)",), ("created_at is no time",),
        ("public is neither true nor false",), ("field data.call_duration: not a number",), (None,),
    ]  # fmt: skip


VISITOR = {"id": "3.12345", "email": "jane@example.com", "phone": "020 7946 0001", "name": "Jane Doe"}


def said(at: str, sender: str, **more: Any) -> dict[str, Any]:
    return {"timestamp": f"2025-03-03T{at}Z", "sender_type": sender, "type": "chat.msg", **more}


CHAT = {
    "id": "2503.1.Abc", "type": "chat", "timestamp": "2025-03-03T09:00:00Z", "duration": 330, "started_by": "visitor",
    "department_name": "Billing", "missed": False, "visitor": VISITOR, "rating": "good", "comment": "thanks",
    "zendesk_ticket_id": 83, "update_timestamp": "2025-03-03T09:06:00Z",
    "history": [
        said("09:00:00", "Visitor", type="chat.memberjoin"),
        said("09:00:00", "Visitor", msg="I am jane@example.com"),
        said("09:00:01", "Trigger", msg="please wait"),
        said("09:01:00", "Agent", type="chat.memberjoin", agent_id="11"),
        said("09:01:05", "Agent", msg="how can I help?", agent_id="11"),
        said("09:05:00", "Visitor", type="chat.rating", new_rating="good"),
        said("09:05:30", "Agent", type="chat.memberleave", agent_id="11"),
    ],
}  # fmt: skip


def test_a_chat_of_the_chat_api_is_answered_by_the_agent_who_joined_it(read: Reader) -> None:
    con = read("zendesk_chats", json.dumps({"chats": [CHAT], "count": 1}))
    assert con.execute("select record_key, version_at::varchar, reason from new_records").fetchall() == [
        ("chat:2503.1.Abc", "2025-03-03 09:06:00+00", None)
    ]
    columns = "leg_id, root_id, channel, direction, queue, agent_id, is_abandoned, excluded_as"
    times = ", ".join(f"strftime({name}, '%H:%M:%S')" for name in ("started_at", "ended_at", "answered_at"))
    assert con.execute(f"select {columns}, {times} from new_legs order by leg_id").fetchall() == [
        ("zendesk:chat:2503.1.Abc", None, "chat", "inbound", "Billing", None, None, None, "09:00:00", "09:05:30", None),
        ("zendesk:chat:2503.1.Abc:4", "zendesk:chat:2503.1.Abc", "chat", "inbound", "Billing", "11", None, None, "09:01:00",
         "09:05:30", "09:01:00"),
    ]  # fmt: skip
    keys = "email_key is not null, phone_key is not null, cookie_key is not null, account_key"
    assert con.execute(f"select {keys} from new_legs order by leg_id").fetchall() == [
        (True, True, True, None), (False, False, False, None),
    ]  # fmt: skip
    assert con.execute("select turn_seq, speaker, content from new_turns order by turn_seq").fetchall() == [
        (2, "customer", "I am [EMAIL]"), (3, "system", "please wait"), (5, "agent", "how can I help?"),
    ]  # fmt: skip
    assert con.execute("select event_seq, kind, name from new_events order by event_seq").fetchall() == [
        (1, "state", "chat.memberjoin"), (4, "agent", "chat.memberjoin"), (6, "state", "chat.rating"),
        (7, "agent", "chat.memberleave"),
    ]  # fmt: skip
    assert con.execute("select score, scale_max, answered_at::varchar, comment from new_survey_responses").fetchall() == [
        (1, 1, "2025-03-03 09:05:00+00", "thanks")
    ]


def test_a_missed_chat_is_abandoned_an_unanswered_trigger_no_contact_and_an_offline_message_a_contact(read: Reader) -> None:
    hello, trigger = said("09:00:00", "Visitor", msg="hello"), said("09:00:00", "Trigger", msg="may I help?")
    bare = {"type": "chat", "timestamp": "2025-03-03T09:00:00Z", "duration": 60}
    chats = [
        {**bare, "id": "a", "missed": True, "started_by": "visitor", "history": [hello]},
        {**bare, "id": "b", "missed": True, "started_by": "trigger", "history": [trigger]},
        {**bare, "id": "c", "started_by": "trigger", "history": [trigger, hello]},
        {**bare, "id": "d", "started_by": "agent", "history": [hello]},
        {"id": "e", "type": "offline_msg", "timestamp": "2025-03-03T09:00:00Z", "message": "call me on 020 7946 0001"},
        {**bare, "id": "f", "deleted": True, "history": [hello], "rating": "bad"},
    ]
    con = read("zendesk_chats", json.dumps({"chats": chats}))
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(6, 0)]
    assert con.execute(
        "select right(leg_id, 1), channel, direction, is_abandoned, excluded_as from new_legs order by leg_id"
    ).fetchall() == [
        ("a", "chat", "inbound", True, None), ("b", "chat", "outbound", True, "no_customer_message"),
        ("c", "chat", "inbound", None, None), ("d", "chat", "outbound", None, None), ("e", "web", "inbound", None, None),
    ]  # fmt: skip
    assert con.execute("select speaker, content from new_turns where leg_id = 'zendesk:chat:e'").fetchall() == [
        ("customer", "call me on [PHONE]")
    ]
    assert con.execute("select count(*) from new_survey_responses").fetchall() == [(0,)]


def test_a_chat_is_one_interaction_that_its_agent_answered_and_a_missed_one_was_abandoned(tmp_path: Path) -> None:
    missed = {**CHAT, "id": "missed", "missed": True, "history": [said("09:00:00", "Visitor", msg="hello")]}
    message = {"id": "offline", "type": "offline_msg", "timestamp": "2025-03-03T09:00:00Z", "message": "call me"}
    (tmp_path / "chats.json").write_text(json.dumps({"chats": [CHAT, missed, message]}))
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    source = '[sources.z]\nkind = "zendesk_chats"\npath = "*.json"\n'
    (tmp_path / "cxreports.toml").write_text(f'[project]\nname = "x"\ntimezone = "UTC"\n{source}')
    opened = pipeline.open_project(tmp_path)
    pipeline.run(opened, LATER, silent)
    assert pipeline.open_view(opened).con.execute(
        "select interaction_id, channel, n_legs, is_answered, handler, is_abandoned, is_complete, wait_ms from core_interactions "
        "order by interaction_id"
    ).fetchall() == [
        ("zendesk:chat:2503.1.Abc", "chat", 2, True, "human_only", False, True, None),
        ("zendesk:chat:missed", "chat", 1, False, "none", True, True, None),
        ("zendesk:chat:offline", "web", 1, False, "none", False, True, None),
    ]


def test_a_damaged_chat_is_quarantined_alone(read: Reader) -> None:
    damaged = [
        {**CHAT, "type": "call"}, {**CHAT, "timestamp": "in the morning"}, {**CHAT, "duration": -1}, {**CHAT, "duration": "long"},
        {**CHAT, "history": [{"type": "chat.msg", "msg": "x"}]}, {**CHAT, "history": [said("09:00:00", "Visitor", type=None)]},
        {"id": "2503.1.Def", "type": "chat", "timestamp": "2025-03-03T09:00:00Z"},
    ]  # fmt: skip
    con = read("zendesk_chats", json.dumps({"chats": damaged}))
    assert con.execute("select reason from new_records order by position").fetchall() == [
        ("type is neither chat nor offline_msg",), ("timestamp is no time",), ("duration is negative",),
        ("field duration: not a number",), ("history: a timestamp is missing",), ("history: a type is missing",), (None,),
    ]  # fmt: skip


def test_a_ticket_of_a_chat_is_no_second_contact_where_the_chats_are_counted_themselves(read: Reader) -> None:
    ticket = {
        "id": 83, "created_at": "2025-03-03T09:00:00Z", "updated_at": "2025-03-03T09:00:00Z", "status": "open",
        "via": {"channel": "chat"}, "requester_id": 20, "submitter_id": 20,
    }  # fmt: skip
    con = read("zendesk_tickets", json.dumps({"tickets": [ticket]}), params={"chats": False})
    assert con.execute("select excluded_as from new_legs").fetchall() == [("counted_as_chat",)]
