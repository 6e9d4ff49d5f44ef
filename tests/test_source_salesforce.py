"""Salesforce: rows made up after the object reference, as Bulk API and Data Export write them."""

from pathlib import Path

import pytest

from tests.platforms import Export

CASE, SESSION, CHAT, WORK = (f"{prefix}00000000{{}}AAA" for prefix in ("5000", "0Mw0", "5700", "0Bz0"))
ANN, BOB, QUEUE = "005000000000001AAA", "005000000000002AAA", "00G000000000001AAA"
DAY = "2025-03-03T"


@pytest.fixture
def salesforce(tmp_path: Path) -> Export:
    return Export(tmp_path)


def sheet(*rows: dict[str, str]) -> str:
    head = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(head), *(",".join(f'"{row[n]}"' if row.get(n) else "" for n in head) for row in rows)]
    return "\n".join(lines) + "\n"


def at(clock: str) -> str:
    return f"{DAY}{clock}.000+0000"


def case(n: int, **more: str) -> dict[str, str]:
    row = {"Id": CASE.format(100 + n), "CreatedDate": at("09:00:00"), "SystemModstamp": at("09:00:00"), "Status": "New"}
    return row | {"ClosedDate": "", "IsClosed": "false", "Origin": "Email", "OwnerId": QUEUE} | more


def session(n: int, **more: str) -> dict[str, str]:
    row = {"Id": SESSION.format(100 + n), "StartTime": at("09:00:00"), "EndTime": at("09:10:00"), "AcceptTime": ""}
    return row | {"AgentType": "Bot", "Origin": "InboundInitiated", "SystemModstamp": at("09:10:00"), "CaseId": ""} | more


def chat(n: int, **more: str) -> dict[str, str]:
    row = {"Id": CHAT.format(100 + n), "RequestTime": at("09:00:00"), "StartTime": at("09:00:30"), "EndTime": at("09:05:30")}
    return (
        row | {"Abandoned": "0", "WaitTime": "30", "ChatDuration": "300", "OwnerId": ANN, "SystemModstamp": at("09:06:00")} | more
    )


def work(n: int, item: str, **more: str) -> dict[str, str]:
    row = {"Id": WORK.format(100 + n), "WorkItemId": item, "UserId": ANN, "RequestDateTime": at("09:02:00")}
    return row | {"AcceptDateTime": "", "CloseDateTime": "", "SystemModstamp": at("09:12:00"), "Status": "Declined"} | more


def test_a_case_is_a_contact_of_its_own_only_where_it_was_written(salesforce: Export) -> None:
    rows = [case(1), case(2, Origin="Phone"), case(3, Origin="Web", OwnerId=ANN)]
    salesforce.read("salesforce_case", sheet(*rows), name="{}.csv")
    assert salesforce.rows(
        "select case_id, leg_id is not null, channel, queue, assignee_id, status from new_cases order by 1"
    ) == [
        (CASE.format(101), True, "email", QUEUE, None, "open"),
        (CASE.format(102), False, "voice", QUEUE, None, "open"),
        (CASE.format(103), True, "web", None, ANN, "open"),
    ]
    assert salesforce.interactions("interaction_id, channel, is_queued") == [
        (CASE.format(101), "email", False),
        (CASE.format(103), "web", False),
    ]


def test_a_closed_case_is_solved_and_a_merged_one_is_no_second_contact(salesforce: Export) -> None:
    closed = case(1, IsClosed="true", Status="Closed", ClosedDate=at("12:00:00"), SystemModstamp=at("12:00:01"))
    merged = case(2, MasterRecordId=CASE.format(101))
    salesforce.read("salesforce_case", sheet(case(1) | {"MasterRecordId": ""}, merged, closed), name="{}.csv")
    assert salesforce.rows("select case_id, status, solved_at::varchar, closed_at, merged_into_id from new_cases") == [
        (CASE.format(101), "open", None, None, None),
        (CASE.format(102), "open", None, None, CASE.format(101)),
        (CASE.format(101), "solved", "2025-03-03 12:00:00+00", None, None),
    ]
    assert salesforce.rows("select record_key, version_at::varchar from new_records order by version_at desc limit 1") == [
        (CASE.format(101), "2025-03-03 12:00:01+00")
    ]
    assert salesforce.rows("select excluded_as from new_legs where leg_id like '%102AAA'") == [("merged",)]


def test_the_weekly_export_has_no_zone_so_the_source_must_say_it(salesforce: Export) -> None:
    row = case(1) | {"CreatedDate": "2025-03-03 09:00:00", "SystemModstamp": "2025-03-03 09:00:00"}
    salesforce.read("salesforce_case", sheet(row), name="{}.csv")
    assert salesforce.reasons() == [
        (1, CASE.format(101), "SystemModstamp is no time with a zone; set timezone if the export has none")
    ]
    salesforce.read("salesforce_case", sheet(row), name="{}.csv", timezone="UTC")
    assert salesforce.rows("select opened_at::varchar from new_cases") == [("2025-03-03 09:00:00+00",)]


def test_ids_of_15_characters_are_refused_because_nothing_else_would_join_them(salesforce: Export) -> None:
    salesforce.read("salesforce_case", sheet(case(1) | {"Id": "500000000000001"}), name="{}.csv")
    assert salesforce.reasons() == [(1, "500000000000001", "Id has not 18 characters")]


def test_an_accepted_session_was_answered_only_if_an_agent_was_in_it(salesforce: Export) -> None:
    rows = [
        session(1, AcceptTime=at("09:00:00"), CaseId=CASE.format(101)),
        session(2, AgentType="BotToAgent", AcceptTime=at("09:04:00"), OwnerId=ANN, CaseId=CASE.format(102)),
        session(3, AgentType="Agent", AcceptTime=at("09:01:00"), OwnerId=BOB),
        session(4, AgentType="Agent", OwnerId=QUEUE),
        session(5, Origin="TriggeredOutbound"),
    ]
    salesforce.read("salesforce_messaging_session", sheet(*rows), name="{}.csv")
    columns = (
        "right(interaction_id, 6), handler, is_answered, is_abandoned, wait_ms, agent_id, ticket_id is not null, excluded_as"
    )
    assert salesforce.interactions(columns) == [
        ("101AAA", "ai_only", False, False, None, None, True, None),
        ("102AAA", "ai_then_human", True, False, None, ANN, False, None),
        ("103AAA", "human_only", True, False, 60000, BOB, False, None),
        ("104AAA", "none", False, True, None, None, False, None),
        ("105AAA", "ai_only", False, False, None, None, False, "outbound"),
    ]


def test_abandoned_is_a_number_of_seconds_and_no_flag(salesforce: Export) -> None:
    rows = [chat(1), chat(2, Abandoned="45", WaitTime="", EndTime=at("09:00:45")), chat(3, Abandoned="")]
    salesforce.read("salesforce_live_chat_transcript", sheet(*rows), name="{}.csv")
    assert salesforce.interactions("right(interaction_id, 6), is_answered, is_abandoned, wait_ms, handle_ms") == [
        ("101AAA", True, False, 30000, 300000),
        ("102AAA", False, True, 45000, None),
        ("103AAA", True, False, 30000, 300000),
    ]


def test_work_gives_a_session_its_times_and_who_declined_did_not_answer(salesforce: Export) -> None:
    item = SESSION.format(102)
    sessions = sheet(session(2, AgentType="BotToAgent", AcceptTime=at("09:03:00"), OwnerId=BOB))
    salesforce.read("salesforce_messaging_session", sessions, name="{}.csv")
    salesforce.con.execute("create temp table taken as select * from new_legs")
    accepted = {"AcceptDateTime": at("09:03:00"), "CloseDateTime": at("09:10:00"), "Status": "Closed", "UserId": BOB}
    times = {"SpeedToAnswer": "60", "HandleTime": "420", "AfterConversationActualTime": "20"}
    rows = sheet(work(2, item, **accepted, **times), work(1, item, DeclineReason="On a break"))
    salesforce.read("salesforce_agent_work", rows, name="{}.csv")
    assert salesforce.rows("select name, result, detail, leg_id from new_events") == [
        ("assignment", "declined", "On a break", item)
    ]
    salesforce.con.execute("create temp table all_legs as from new_legs union all from taken")
    salesforce.con.execute("create or replace temp view new_legs as from all_legs")
    assert salesforce.interactions("interaction_id, n_legs, n_agents, handler, wait_ms, talk_ms, acw_ms, handle_ms") == [
        (item, 2, 1, "ai_then_human", 60000, 400000, 20000, 420000)
    ]


def test_a_broken_time_is_quarantined_with_its_column(salesforce: Export) -> None:
    rows = [
        chat(1, EndTime="later"),
        chat(2, EndTime=at("08:00:00")),
        chat(3) | {"Id": ""},
    ]
    salesforce.read("salesforce_live_chat_transcript", sheet(*rows), name="{}.csv")
    assert [reason for _, _, reason in salesforce.reasons()] == [
        "EndTime is no time with a zone; set timezone if the export has none",
        "EndTime is before RequestTime",
        "Id is missing",
    ]
