"""Twilio: Flex Insights and TaskRouter. The samples are Twilio's own examples; the rest was made up, each for its trap."""

import json
from pathlib import Path
from typing import Any

import pytest

from cxreports.errors import SettingsError
from tests.platforms import Export

WORKER, TASK, RESERVATION = (f"{kind}{'a' * 32}" for kind in ("WK", "WT", "WR"))


@pytest.fixture
def twilio(tmp_path: Path) -> Export:
    return Export(tmp_path)


def sample(shared: Path, name: str) -> Any:
    found = json.loads((shared / "formats/samples/twilio" / name).read_text())
    return found.get("readFull", {}).get("value", found)  # two of the examples stand within an OpenAPI document's wrapper


def happening(sid: str, kind: str, at: str, **data: Any) -> dict[str, Any]:
    return {"sid": sid, "event_type": kind, "event_date": f"2025-03-03T{at}Z", "event_data": data}


def test_the_samples_event_is_a_workers_activity_and_no_contact(shared: Path, twilio: Export) -> None:
    twilio.read("twilio_taskrouter_events", json.dumps(sample(shared, "taskrouter_events_example.json")))
    assert twilio.reasons() == [(1, "EV" + "a" * 32, None)]
    sql = "select leg_id, event_at::varchar, event_seq, kind, name, result, duration_ms, detail from new_events"
    assert twilio.rows(sql) == [
        (
            None, "2015-02-07 00:32:41.111+00", 987654321111, "agent", "worker.activity", "Offline", 26123,
            "Worker JustinWorker updated to Idle Activity",
        )
    ]  # fmt: skip
    assert twilio.rows("select count(*) from new_legs") == [(0,)]


def test_the_samples_worker_event_says_nothing_of_a_task(shared: Path, twilio: Export) -> None:
    twilio.read("twilio_taskrouter_task_events", json.dumps(sample(shared, "taskrouter_events_example.json")))
    assert twilio.reasons() == [(1, "EV" + "a" * 32, None)]
    assert twilio.rows("select count(*) from new_legs") == [(0,)]


def test_the_samples_task_waits_in_a_queue(shared: Path, twilio: Export) -> None:
    twilio.read("twilio_taskrouter_tasks", json.dumps(sample(shared, "taskrouter_tasks_example.json")))
    assert twilio.rows("select record_key, version_at::varchar, reason from new_records") == [
        (TASK, "2014-05-15 16:03:42+00", None)
    ]
    sql = "select leg_id, channel, started_at::varchar, ended_at, enqueued_at::varchar, queue, disconnect_reason from new_legs"
    assert twilio.rows(sql) == [
        (TASK, "task-channel", "2014-05-14 14:26:54+00", None, "2014-05-14 14:26:54+00", "Test Queue", "Test Reason")
    ]
    assert twilio.interactions("is_queued, is_complete, is_abandoned, wait_ms") == [(True, False, False, None)]


def test_the_samples_reservation_was_accepted(shared: Path, twilio: Export) -> None:
    twilio.read("twilio_taskrouter_reservations", json.dumps(sample(shared, "taskrouter_reservations_example.json")))
    sql = "select leg_id, root_id, started_at::varchar, answered_at::varchar, ended_at, agent_id, talk_ms, hold_ms from new_legs"
    assert twilio.rows(sql) == [(RESERVATION, TASK, "2014-05-14 10:50:02+00", "2014-05-15 16:03:42+00", None, WORKER, None, None)]
    assert twilio.rows("select count(*) from new_events") == [(0,)]


def test_the_samples_segment_has_no_assessment_and_its_date_makes_no_leg(shared: Path, twilio: Export) -> None:
    twilio.read("twilio_flex_insights_segments", json.dumps(sample(shared, "flex_insights_segments_example.json")))
    assert twilio.reasons() == [(1, "02dd8a65-c9e3-550b-9e98-5b11abb9b3a5", None)]
    assert twilio.rows("select (select count(*) from new_evaluations), (select count(*) from new_legs)") == [(0, 0)]


TASK_DATA = {
    "task_sid": "WT1", "task_date_created": "2025-03-03T09:00:00Z", "task_queue_entered_date": "2025-03-03T09:00:05Z",
    "task_queue_name": "Cards", "task_channel_unique_name": "voice",
    "task_attributes": '{"from": "+441134960001", "direction": "inbound", "intent": "lost card"}',
}  # fmt: skip


def test_a_task_and_its_accepted_reservation_are_one_answered_interaction(twilio: Export) -> None:
    worker = {**TASK_DATA, "worker_sid": "WK1"}
    page = json.dumps(
        {
            "events": [
                happening("EV5", "task.deleted", "09:12:00", **TASK_DATA),
                happening("EV4", "task.completed", "09:07:00", **TASK_DATA, task_completed_reason="done"),
                happening("EV3", "reservation.accepted", "09:00:47", **worker, reservation_sid="WR2"),
                happening("EV2", "reservation.timeout", "09:00:30", **worker, reservation_sid="WR1"),
                happening("EV1", "task.created", "09:00:00", **TASK_DATA),
            ]
        }
    )
    twilio.read("twilio_taskrouter_events", page)
    twilio.con.execute("create temp table taken as select * from new_legs")
    assert twilio.rows("select name, result from new_events order by event_at") == [
        ("task.created", None), ("reservation.timeout", None), ("reservation.accepted", None),
        ("task.completed", "done"), ("task.deleted", None),
    ]  # fmt: skip
    twilio.read("twilio_taskrouter_task_events", page)
    assert twilio.rows(
        "select record_key, version_at::varchar from new_records where record_key = 'WT1' order by version_at"
    ) == [
        ("WT1", "2025-03-03 09:00:00+00"),
        ("WT1", "2025-03-03 09:07:00+00"),
    ]
    twilio.con.execute("create temp table newest as select * from new_legs where ended_at is not null")
    twilio.con.execute("create or replace temp view new_legs as from newest union all from taken")
    columns = (
        "interaction_id, is_answered, is_complete, is_abandoned, wait_ms, handle_ms, agent_id, queue, intent, ended_at::varchar"
    )
    assert twilio.interactions(columns) == [
        ("WT1", True, True, False, 42000, None, "WK1", "Cards", "lost card", "2025-03-03 09:07:00+00")
    ]


def test_a_task_canceled_by_a_hang_up_was_abandoned_in_its_queue(twilio: Export) -> None:
    gone = happening("EV2", "task.canceled", "09:02:05", **TASK_DATA, task_canceled_reason="hangup")
    twilio.read("twilio_taskrouter_task_events", json.dumps(gone))
    assert twilio.interactions("is_answered, is_abandoned, abandoned_in, wait_ms") == [(False, True, "queue", 120000)]


def test_events_of_one_second_are_ordered_by_their_milliseconds(twilio: Export) -> None:
    first = happening("EV1", "task.created", "09:00:00", **TASK_DATA) | {"event_date_ms": 1740992400007}
    then = happening("EV2", "task.canceled", "09:00:00", **TASK_DATA) | {"event_date_ms": 1740992400950}
    twilio.read("twilio_taskrouter_task_events", json.dumps({"events": [then, first]}))
    assert twilio.rows("select position, version_at::varchar from new_records order by version_at") == [
        (2, "2025-03-03 09:00:00.007+00"),
        (1, "2025-03-03 09:00:00.95+00"),
    ]


def test_attributes_that_are_no_json_cost_nothing_but_themselves(twilio: Export) -> None:
    odd = happening("EV1", "task.created", "09:00:00", **{**TASK_DATA, "task_attributes": "{broken"})
    twilio.read("twilio_taskrouter_task_events", json.dumps(odd))
    assert twilio.reasons() == [(1, "WT1", None)]
    assert twilio.rows("select phone_key, intent, queue from new_legs") == [(None, None, "Cards")]


def test_broken_events_are_quarantined_by_name(twilio: Export) -> None:
    events = [
        {"event_type": "task.created", "event_date": "2025-03-03T09:00:00Z"},
        {"sid": "EV1", "event_type": "task.created", "event_date": "today"},
        happening("EV2", "reservation.accepted", "09:00:00"),
    ]
    twilio.read("twilio_taskrouter_events", json.dumps({"events": events}))
    assert [reason for _, _, reason in twilio.reasons()] == [
        "sid is missing",
        "event_date is no time",
        "task_sid or reservation_sid is missing",
    ]


HEAD = (
    "Segment,Conversation,Kind,Date,Time,Queue,Agent,"
    "Queue Time,Talk Time,Hold Time,Wrap Up Time,Abandoned,Activity,Activity Time\n"
)


def test_queue_rows_and_conversation_rows_are_one_contact(twilio: Export) -> None:
    rows = (
        "q1,c,Queue,2025-03-03,09:00:00,Cards,,20,,,,No,,\n"
        "m1,c,Missed Conversation,2025-03-03,09:00:05,Cards,bob,,,,,No,,\n"
        "s1,c,Conversation,2025-03-03,09:00:20,Cards,ann,,100,10,30,No,,\n"
        "q2,d,Queue,2025-03-03,09:00:00,Cards,,45,,,,Yes,,\n"
        "a1,,Agent Status,2025-03-03,08:00:00,,ann,,,,,,Break,600\n"
    )
    twilio.read("twilio_flex_insights", HEAD + rows, timezone="Europe/London", name="{}.csv")
    assert twilio.interactions("interaction_id, n_legs, is_answered, is_abandoned, wait_ms, handle_ms, agent_id, n_agents") == [
        ("c", 3, True, False, 20000, 140000, "ann", 1),
        ("d", 1, False, True, 45000, None, None, 0),
    ]
    assert twilio.rows("select kind, name, duration_ms, event_at::varchar from new_events") == [
        ("agent", "Break", 600000, "2025-03-03 08:00:00+00")
    ]


def test_the_reports_times_are_local_so_the_zone_must_be_said(twilio: Export) -> None:
    row = "q1,c,Queue,2025-07-03,00:30:00,Cards,,20,,,,No,,\n"
    with pytest.raises(SettingsError, match="timezone"):
        twilio.read("twilio_flex_insights", HEAD + row, name="{}.csv")
    twilio.read("twilio_flex_insights", HEAD + row, timezone="Europe/London", name="{}.csv")
    assert twilio.rows("select started_at::varchar from new_legs") == [("2025-07-02 23:30:00+00",)]
    assert twilio.interactions("occurred_on::varchar, hour") == [("2025-07-03", "00")]


def test_a_date_that_could_be_two_days_is_quarantined(twilio: Export) -> None:
    row = "q1,c,Queue,03/04/2025,09:00:00,Cards,,20,,,,No,,\n"
    twilio.read("twilio_flex_insights", HEAD + row, timezone="Europe/London", name="{}.csv")
    assert twilio.reasons() == [(1, "q1", "Date is not YYYY-MM-DD, or Time is no time of day")]
