"""Zendesk's API beyond the tickets: audits and metric events. The shapes are the documentation's; no real file was at hand."""

import json

from tests.test_source_zendesk import Reader, read

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
