"""Zendesk as Fivetran's tables have it, over real exports; every value here was read by hand from the file."""

from pathlib import Path

import pytest

from cxreports.errors import SettingsError
from tests.test_source_zendesk import Reader, read

__all__ = ["read"]

FIVETRAN = "formats/samples/zendesk_fivetran_seeds"
SIXTY = "formats/samples/zendesk_60_tickets/tables"


def test_fivetrans_ticket_rows_are_cases_whose_times_are_utc(shared: Path, read: Reader) -> None:
    con = read("zendesk_fivetran_ticket", shared / FIVETRAN / "ticket_data.csv", timezone="UTC")
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(10, 0)]
    assert con.execute(
        "select case_id, opened_at::varchar, status, channel, category, assignee_id from new_cases order by position limit 4"
    ).fetchall() == [
        ("zendesk:1595", "2020-02-19 01:54:52+00", "deleted", "web", "incident", None),
        ("zendesk:16988", "2020-12-22 00:19:23+00", "solved", "email", None, "418284131934"),
        ("zendesk:14173", "2020-10-28 12:03:02+00", "closed", "email", None, "396371699653"),
        ("zendesk:11071", "2020-08-28 18:06:36+00", "closed", "email", None, "1111"),
    ]
    assert con.execute("select count(*) from new_legs where direction = 'inbound' and excluded_as is null").fetchall() == [(10,)]


def test_fivetrans_times_need_to_be_told_to_be_utc(shared: Path, read: Reader) -> None:
    with pytest.raises(SettingsError, match="timezone"):
        read("zendesk_fivetran_ticket", shared / FIVETRAN / "ticket_data.csv")


def test_headers_in_capitals_are_the_same_columns(shared: Path, read: Reader) -> None:
    head, _, rows = (shared / FIVETRAN / "ticket_data.csv").read_text().partition("\n")
    capitals = ",".join(f'"{name.upper()}"' for name in head.split(","))
    con = read("zendesk_fivetran_ticket", f"{capitals}\n{rows}", timezone="UTC")
    assert con.execute("select count(*), count(distinct case_id) from new_cases").fetchall() == [(10, 10)]


def test_a_row_that_fivetran_deleted_is_a_deleted_case_and_a_deleted_comment_is_none(read: Reader) -> None:
    head = "id,created_at,status,requester_id,submitter_id,via_channel,_fivetran_deleted\n"
    con = read("zendesk_fivetran_ticket", head + "1,2025-03-03 09:00:00,open,20,20,web,TRUE\n", timezone="UTC")
    assert con.execute("select case_id, status from new_cases").fetchall() == [("zendesk:1", "deleted")]
    head = "id,created,public,ticket_id,user_id,body,_fivetran_deleted\n"
    con = read("zendesk_fivetran_ticket_comment", head + "7,2025-03-03 09:00:00,TRUE,1,20,words,true\n", timezone="UTC")
    assert con.execute("select (select count(*) from new_records), count(*) from new_turns").fetchall() == [(1, 0)]


def test_the_status_history_of_ticket_11071_is_read_in_order_and_exact_duplicates_are_one_change(
    shared: Path, read: Reader
) -> None:
    con = read("zendesk_fivetran_ticket_field_history", shared / FIVETRAN / "ticket_field_history_data.csv", timezone="UTC")
    history = con.execute(
        "select strftime(event_at, '%m-%d'), new_value from new_case_events where case_id = 'zendesk:11071' and field = 'status' "
        "order by event_at"
    ).fetchall()
    assert history == [
        ("08-28", "open"), ("08-29", "pending"), ("09-02", "hold"), ("09-05", "pending"), ("09-15", "open"), ("09-30", "pending"),
        ("10-01", "hold"), ("10-15", "open"), ("10-17", "hold"), ("10-20", "pending"), ("11-02", "open"), ("11-14", "solved"),
        ("11-15", "closed"),
    ]  # fmt: skip
    assert con.execute("select count(*), count(distinct record_key), count(reason) from new_records").fetchall() == [(38, 35, 0)]
    assert con.execute("select count(distinct record_key) from new_records where record_key like '102:%'").fetchall() == [(1,)]
    assert con.execute("select distinct new_value from new_case_events where field = 'requester_id'").fetchall() == [(None,)]


def test_of_a_free_field_only_that_it_changed_is_stored(read: Reader) -> None:
    head, when = "field_name,ticket_id,updated,user_id,value\n", "1,2025-03-03 09:00:00"
    changes = {"maiden name": "Wolstonecraft", "subject": "Wolstonecraft", "requester_id": "777", "priority": "high"}
    rows = "".join(f"{field},{when},20,{value}\n" for field, value in changes.items())
    con = read("zendesk_fivetran_ticket_field_history", head + rows, timezone="UTC")
    assert con.execute("select record_key, reason from new_records order by position").fetchall() == [
        ("1:maiden name:2025-03-03 09:00:00:", None), ("1:subject:2025-03-03 09:00:00:", None),
        ("1:requester_id:2025-03-03 09:00:00:", None), ("1:priority:2025-03-03 09:00:00:high", None),
    ]  # fmt: skip
    assert con.execute("select event_id, field, new_value from new_case_events order by position").fetchall() == [
        ("zendesk:1:maiden name:2025-03-03 09:00:00:", "maiden name", None),
        ("zendesk:1:subject:2025-03-03 09:00:00:", "subject", None),
        ("zendesk:1:requester_id:2025-03-03 09:00:00:", "requester_id", None),
        ("zendesk:1:priority:2025-03-03 09:00:00:high", "priority", "high"),
    ]  # fmt: skip
    for table in ("new_records", "new_case_events"):
        assert con.execute(f"select count(*) from {table} as t where t::varchar like '%Wolston%'").fetchall() == [(0,)]


def test_fivetrans_comments_are_events_and_the_public_ones_turns(shared: Path, read: Reader) -> None:
    con = read("zendesk_fivetran_ticket_comment", shared / SIXTY / "ticket_comment_data.csv", timezone="UTC")
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(338, 0)]
    assert con.execute("select new_value, count(*) from new_case_events group by 1 order by 1").fetchall() == [
        ("internal", 43), ("public", 295),
    ]  # fmt: skip
    assert con.execute("select count(*), count(speaker) from new_turns").fetchall() == [(295, 0)]
    assert con.execute(
        "select turn_id, leg_id, occurred_at::varchar, content from new_turns order by position limit 2"
    ).fetchall() == [
        ("zendesk:comment:9001", "zendesk:1001", "2025-08-07 06:15:26+00", "c9001"),
        ("zendesk:comment:9002", "zendesk:1001", "2025-08-08 02:45:34+00", "c9002"),
    ]


def test_where_the_agents_are_named_every_turn_has_its_speaker(shared: Path, read: Reader) -> None:
    agents = {"agent_ids": "101,102,103,104"}
    con = read("zendesk_fivetran_ticket_comment", shared / SIXTY / "ticket_comment_data.csv", timezone="UTC", params=agents)
    assert con.execute("select speaker, count(*) from new_turns group by 1 order by 1").fetchall() == [
        ("agent", 159),
        ("customer", 136),
    ]


def test_the_rating_of_a_ticket_is_its_last_and_an_offer_is_none(shared: Path, read: Reader) -> None:
    con = read("zendesk_fivetran_ticket_field_history", shared / SIXTY / "ticket_field_history_data.csv", timezone="UTC")
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(808, 0)]
    assert con.execute("select score, count(*) from new_survey_responses group by 1 order by 1").fetchall() == [
        (0, 8), (1, 9), (None, 17),
    ]  # fmt: skip
    assert con.execute("select count(distinct record_key) from new_records where record_key like '%rating'").fetchall() == [(17,)]


def test_a_tickets_schedule_is_a_change_of_the_ticket(shared: Path, read: Reader) -> None:
    con = read("zendesk_fivetran_ticket_schedule", shared / FIVETRAN / "ticket_schedule_data.csv", timezone="UTC")
    assert con.execute("select count(*), count(distinct record_key), count(reason) from new_records").fetchall() == [(10, 10, 0)]
    assert con.execute(
        "select event_at::varchar, field, new_value, actor from new_case_events where case_id = 'zendesk:94490' order by event_at"
    ).fetchall() == [
        ("2019-09-03 13:57:05+00", "schedule", "3600", "automation"),
        ("2019-09-25 21:43:09+00", "schedule", "3600", "automation"),
    ]


def test_a_chat_begins_with_its_first_event_and_the_bot_that_writes_under_an_agents_id_is_no_agent(
    shared: Path, read: Reader
) -> None:
    con = read("zendesk_fivetran_ticket_chat_event", shared / FIVETRAN / "ticket_chat_event_data.csv", timezone="UTC")
    assert con.execute("select count(*), count(distinct record_key), count(reason) from new_records").fetchall() == [(12, 12, 0)]
    assert con.execute(
        "select leg_id, started_at::varchar, answered_at from new_legs order by started_at, leg_id"
    ).fetchall() == [
        ("zendesk:chat:4323.953441.T6OrgbvMIqPplK", "2023-12-08 05:07:28.408+00", None),
        ("zendesk:chat:4323.953441.TyDfrDh7BV3QA", "2023-12-12 10:27:50.256+00", None),
        ("zendesk:chat:4323.953441.TyDs6revFIOI0Y", "2023-12-12 11:16:29.19+00", None),
        ("zendesk:chat:4323.953441.TyDt23helloZt4E", "2023-12-12 11:20:10.181+00", None),
        ("zendesk:chat:4323.953441.TzAcedetjkcKyq", "2023-12-22 10:37:20.489+00", None),
        ("zendesk:chat:4323.953441.TzkArUd3CjKI", "2023-12-28 14:20:35.032+00", None),
        ("zendesk:chat:4323.953441.TzkBGrapJoA", "2023-12-28 14:22:12.84+00", None),
        ("zendesk:chat:4323.953441.TzBlankActor", "2023-12-31 11:00:00+00", None),
        ("zendesk:chat:4323.953441.TzBlankActorTwo", "2023-12-31 11:00:00+00", None),
    ]
    assert con.execute("select speaker, count(*) from new_turns group by 1").fetchall() == [("bot", 7)]
    assert con.execute("select name, kind, event_seq from new_events order by position").fetchall() == [
        ("ChatDepartmentTransfer", "queue", 5), ("ChatEmailChanged", "state", 2), ("ChatJoin", "state", 0),
    ]  # fmt: skip


CHAT = "chat_id,created_at,actor_id,chat_index,message,type,is_history_context\n"
TALK = CHAT + (
    "c,2025-03-03 09:00:00,20,0,hello,ChatMessage,\n"
    "c,2025-03-03 09:00:01,__trigger,1,please wait,ChatMessage,\n"
    "c,2025-03-03 09:01:00,agent:11,2,,ChatJoin,\n"
    "c,2025-03-03 09:01:05,11,3,how can I help?,ChatMessage,\n"
    "c,2025-03-03 09:01:06,20,4,hello,ChatMessage,true\n"
    "d,2025-03-03 10:00:00,20,0,anybody?,ChatMessage,\n"
    "d,2025-03-03 10:05:00,agent:,1,sorry,ChatMessage,\n"
    "d,2025-03-03 10:06:00,,first,sorry,ChatMessage,\n"
)


def test_an_agent_who_joins_answers_the_chat_and_a_chat_that_nobody_joins_is_answered_by_nobody(read: Reader) -> None:
    con = read("zendesk_fivetran_ticket_chat_event", TALK, timezone="UTC")
    assert con.execute("select leg_id, root_id, answered_at::varchar, agent_id from new_legs order by position").fetchall() == [
        ("zendesk:chat:c", None, None, None),
        ("zendesk:chat:c:2", "zendesk:chat:c", "2025-03-03 09:01:00+00", "11"),
        ("zendesk:chat:d", None, None, None),
    ]
    assert con.execute("select reason from new_records where reason is not null").fetchall() == [
        ("chat_index is missing or no number",)
    ]


def test_who_writes_under_a_bare_id_is_known_only_where_the_agents_are_named(read: Reader) -> None:
    con = read("zendesk_fivetran_ticket_chat_event", TALK, timezone="UTC")
    turns = "select content, speaker from new_turns order by position"
    assert con.execute(turns).fetchall() == [
        ("hello", None), ("please wait", "system"), ("how can I help?", None), ("anybody?", None), ("sorry", "agent"),
    ]  # fmt: skip
    con = read("zendesk_fivetran_ticket_chat_event", TALK, timezone="UTC", params={"agent_ids": "11,12"})
    assert con.execute(turns).fetchall() == [
        ("hello", "customer"), ("please wait", "system"), ("how can I help?", "agent"), ("anybody?", "customer"),
        ("sorry", "agent"),
    ]  # fmt: skip


def test_tickets_of_chats_are_no_second_contact_where_the_chats_come_from_their_own_table(read: Reader) -> None:
    rows = "id,created_at,status,requester_id,submitter_id,via_channel\n" + "".join(
        f"{n},2025-03-03 09:00:00,open,20,20,{via}\n" for n, via in enumerate(["chat", "native_messaging", "email"])
    )
    con = read("zendesk_fivetran_ticket", rows, timezone="UTC", params={"chats": False})
    excluded = "select leg_id, excluded_as from new_legs order by leg_id"
    assert con.execute(excluded).fetchall() == [
        ("zendesk:0", "counted_as_chat"), ("zendesk:1", "counted_as_chat"), ("zendesk:2", None),
    ]  # fmt: skip
    con = read("zendesk_fivetran_ticket", rows, timezone="UTC")
    assert con.execute(excluded).fetchall() == [("zendesk:0", None), ("zendesk:1", None), ("zendesk:2", None)]
