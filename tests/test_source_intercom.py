"""Intercom conversations, over the vendor's own samples; every value here was read by hand from the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports.definitions.catalogue import read_catalogue
from cxreports.intake.intake import take_in
from tests.test_sources import KEY, LATER, project

CATALOGUE = read_catalogue()
SAMPLES = "formats/samples/intercom_api"
Reader = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Files (path or text), taken in as one source."""

    def read_files(*files: Path | str, kind: str = "intercom_conversations", **source: Any) -> duckdb.DuckDBPyConnection:
        for n, file in enumerate(files):
            content = file.read_bytes() if isinstance(file, Path) else file.encode()
            (tmp_path / f"{n}.export").write_bytes(content)
        con = duckdb.connect()
        settings = project({"i": {"kind": kind, "path": "*.export", **source}})
        take_in(con, tmp_path, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
        return con

    return read_files


def conversation(id_: str, **more: Any) -> str:
    return json.dumps(
        {
            "id": id_, "created_at": 1000, "updated_at": 2000, "state": "closed",
            "source": {"type": "conversation", "delivered_as": "customer_initiated"},
            "first_contact_reply": {"created_at": 1000}, **more,
        }
    )  # fmt: skip


def test_pages_and_single_conversations_are_read_each_conversation_once(shared: Path, read: Reader) -> None:
    names = ("read-conversations.json", "read-search-conversations.json", "conversation_openapi_2.15_example.json")
    con = read(*(shared / SAMPLES / name for name in names))
    assert con.execute("select record_key, epoch(version_at)::int, reason from new_records order by record_key").fetchall() == [
        ("1", 1715695679, None), ("2", 1715707194, None), ("5", 1726752145, None), ("503", 1734537511, None),
    ]  # fmt: skip
    assert con.execute(
        "select leg_id, channel, direction, epoch(started_at)::int, epoch(ended_at)::int, epoch(answered_at)::int, excluded_as, "
        "queue, agent_id, language, note, ai_agent from new_legs order by leg_id"
    ).fetchall() == [
        ("intercom:1", None, "outbound", 1715695679, None, None, "no_customer_message", None, None, None, None, None),
        ("intercom:2", "messaging", "outbound", 1715707193, 1715707194, None, "no_customer_message",
         None, None, "English", None, None),
        ("intercom:5", "messaging", "inbound", 1726752048, None, 1726752145, None,
         None, None, None, "What is return policy?", None),
        ("intercom:503", "messaging", "outbound", 1734537511, 1734537511, None, "no_customer_message", "5017691", "991267715",
         None, None, None),
    ]  # fmt: skip


def test_a_list_gives_no_parts_and_one_conversation_all_of_them(shared: Path, read: Reader) -> None:
    con = read(
        *(shared / SAMPLES / name for name in ("read-search-conversations.json", "conversation_openapi_2.15_example.json"))
    )
    assert con.execute("select leg_id, turn_seq, speaker, content from new_turns order by leg_id, turn_seq").fetchall() == [
        ("intercom:5", 1, "customer", "wwww"),
        ("intercom:503", 1, "agent", "this is the message body"),
        ("intercom:503", 2, "agent", "Okay!"),
    ]
    assert con.execute("select kind, name, result from new_events order by event_seq").fetchall() == [
        ("tool", "Jira Create Issue", "custom_action_started"), ("state", "jira_issue_key", "PROJ-007"),
        ("tool", "Jira Create Issue", "success"),
    ]  # fmt: skip
    assert con.execute("select case_id, field, new_value, actor from new_case_events").fetchall() == [
        ("intercom:503", "comment", "public", "human")
    ]
    assert con.execute("select case_id, status, n_reopens, epoch(first_reply_at)::int from new_cases order by 1").fetchall() == [
        ("intercom:5", "open", 0, 1726752145), ("intercom:503", "solved", None, None),
    ]  # fmt: skip


def test_what_fin_says_is_kept_apart_from_what_the_customer_says(read: Reader) -> None:
    fin = [
        conversation(str(n), ai_agent_participated=True, ai_agent={"resolution_state": state, "source_type": "workflow"})
        for n, state in enumerate(["confirmed_resolution", "assumed_resolution", "escalated", "negative_feedback", None])
    ]
    con = read("\n".join(fin))
    assert con.execute(
        "select vendor_resolution, is_confirmed, is_claimed_resolved, is_ai_failed, escalation_reason, ai_agent "
        "from new_legs join new_cases using (leg_id) order by leg_id"
    ).fetchall() == [
        ("confirmed_resolution", True, None, None, None, "Fin"),
        ("assumed_resolution", None, True, None, None, "Fin"),
        ("escalated", None, None, None, "escalated", "Fin"),
        ("negative_feedback", None, None, True, None, "Fin"),
        (None, None, None, None, None, "Fin"),
    ]


def test_a_resolution_that_fin_lost_again_is_gone_in_the_newest_version(read: Reader) -> None:
    first = conversation("1", ai_agent_participated=True, ai_agent={"resolution_state": "assumed_resolution"})
    later = conversation("1", updated_at=3000, state="open", ai_agent_participated=True, ai_agent={"resolution_state": None})
    con = read(first, later)
    newest = "select arg_max(coalesce(vendor_resolution, 'none'), version_at) from new_cases join new_records using (file_id)"
    assert con.execute(newest).fetchall() == [("none",)]


def test_previews_are_tests_and_a_greeting_that_was_answered_is_a_customers_contact(read: Reader) -> None:
    previews = [
        conversation(str(n), ai_agent={"source_type": s}) for n, s in enumerate(["fin_preview", "workflow_preview", "profile"])
    ]
    greeting = conversation("3", source={"type": "conversation", "delivered_as": "automated"})
    con = read("\n".join([*previews, greeting]))
    assert con.execute("select is_test, direction, excluded_as from new_legs order by leg_id").fetchall() == [
        (True, "inbound", None), (True, "inbound", None), (False, "inbound", None), (False, "inbound", None),
    ]  # fmt: skip


def test_the_rating_of_the_conversation_and_that_of_fin_are_two_answers(read: Reader) -> None:
    rated = conversation(
        "1",
        conversation_rating={"rating": 4, "created_at": 1500},
        ai_agent={"rating": 2, "updated_at": 1600, "rating_remark": "no"},
    )
    asked = conversation("2", conversation_rating={"rating": None, "created_at": 1500})
    query = "select response_id, score, scale_max, epoch(answered_at)::int from new_survey_responses order by 1"
    assert read(rated + asked).execute(query).fetchall() == [
        ("intercom:1:ai_agent", 2, 5, 1600), ("intercom:1:conversation", 4, 5, 1500), ("intercom:2:conversation", None, 5, None),
    ]  # fmt: skip
    without_fin = read(rated + asked, params={"ai_ratings": False})
    assert [row[0] for row in without_fin.execute(query).fetchall()] == ["intercom:1:conversation", "intercom:2:conversation"]


def test_where_parts_are_cut_off_the_case_has_no_changes_and_the_platforms_sums_stand(read: Reader) -> None:
    parts = [
        {"id": n, "part_type": kind, "body": "<p>again</p>", "created_at": 1000 + n, "author": {"type": who}}
        for n, kind, who in [(1, "comment", "admin"), (2, "close", "admin"), (3, "open", "user"), (4, "note", "admin")]
    ]
    whole = conversation("1", conversation_parts={"total_count": 4, "conversation_parts": parts})
    cut = conversation("2", conversation_parts={"total_count": 700, "conversation_parts": parts}, statistics={"count_reopens": 3})
    con = read(whole + cut)
    assert con.execute("select case_id, field, new_value, actor from new_case_events order by event_at").fetchall() == [
        ("intercom:1", "comment", "public", "human"), ("intercom:1", "status", "solved", "human"),
        ("intercom:1", "status", "open", "customer"), ("intercom:1", "comment", "internal", "human"),
    ]  # fmt: skip
    assert con.execute("select case_id, n_reopens from new_cases order by 1").fetchall() == [
        ("intercom:1", None),
        ("intercom:2", 3),
    ]
    assert con.execute("select leg_id, count(*) from new_turns group by 1 order by 1").fetchall() == [
        ("intercom:1", 3), ("intercom:2", 3),
    ]  # fmt: skip


def test_two_contacts_with_one_address_stay_two_accounts_with_one_pseudonym_of_the_address(read: Reader) -> None:
    def by(id_: str, contact: str) -> str:
        source = {"type": "email", "delivered_as": "customer_initiated", "author": {"type": "user", "email": "a@example.com"}}
        return conversation(id_, source=source, contacts={"contacts": [{"id": contact, "external_id": None}]})

    con = read(by("1", "x") + by("2", "y"))
    assert con.execute("select count(distinct account_key), count(distinct email_key) from new_legs").fetchall() == [(2, 1)]


SEEDS = "formats/samples/intercom_fivetran_seeds"


def test_of_a_history_the_newest_version_is_the_conversation(shared: Path, read: Reader) -> None:
    con = read(shared / SEEDS / "conversation_history_data.csv", kind="intercom_fivetran_conversation", timezone="UTC")
    assert con.execute("select record_key, strftime(version_at, '%m-%d %H:%M:%S'), reason from new_records").fetchall() == [
        ("156643300001311", "10-29 00:26:06", None), ("156643300001311", "10-29 12:38:27", None),
        ("156643300001311", "11-02 14:17:59", None), ("156643300001372", "11-04 23:19:46", None),
        ("156643300001372", "11-04 03:12:53", None), ("156643300001372", "11-06 13:55:01", None),
        ("156643300001372", "11-04 11:41:22", None), ("156643300001372", "11-05 07:46:32", None),
        ("156643300001372", "11-04 14:08:32", None),
    ]  # fmt: skip
    newest = "arg_max({}, version_at)"
    columns = (
        "strftime(started_at, '%Y-%m-%d %H:%M:%S')",
        "strftime(ended_at, '%Y-%m-%d %H:%M:%S')",
        "agent_id",
        "channel || ' ' || direction",
    )
    found = con.execute(
        f"select leg_id, {', '.join(newest.format(c) for c in columns)}, count(*), count(ended_at), count(distinct account_key) "
        "from new_legs join new_records using (file_id, position) group by leg_id order by leg_id"
    )
    assert found.fetchall() == [
        ("intercom:156643300001311", "2020-10-28 23:59:37", "2020-11-02 14:17:59", "4077639", "messaging inbound", 3, 1, 1),
        ("intercom:156643300001372", "2020-11-04 03:12:03", "2020-11-06 13:55:01", "4077639", "messaging inbound", 6, 1, 1),
    ]
    cases = "select case_id, status, priority, assignee_id, count(*) from new_cases group by all order by 1, 2, 4"
    assert con.execute(cases).fetchall() == [
        ("intercom:156643300001311", "open", "not_priority", "4077639", 2),
        ("intercom:156643300001311", "solved", "not_priority", "4077639", 1),
        ("intercom:156643300001372", "open", "not_priority", "4077639", 4),
        ("intercom:156643300001372", "open", "not_priority", None, 1),
        ("intercom:156643300001372", "solved", "not_priority", "4077639", 1),
    ]
    assert con.execute("select distinct turn_id, speaker from new_turns order by 1").fetchall() == [
        ("intercom:156643300001311:source:668173106", "customer"), ("intercom:156643300001372:source:672726475", "customer"),
    ]  # fmt: skip
    assert con.execute("select count(*) from new_survey_responses").fetchall() == [(0,)]


def test_parts_of_fivetrans_table_change_the_case_and_a_note_is_no_turn(shared: Path, read: Reader) -> None:
    con = read(shared / SEEDS / "conversation_part_history_data.csv", kind="intercom_fivetran_conversation_part", timezone="UTC")
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(9, 0)]
    assert con.execute(
        "select event_id, case_id, strftime(event_at, '%Y-%m-%d %H:%M:%S'), field, new_value, actor "
        "from new_case_events order by event_id"
    ).fetchall() == [
        ("intercom:5579078364", "intercom:11", "2020-06-08 20:57:28", "status", "solved", "human"),
        ("intercom:5593902508", "intercom:27", "2020-06-10 12:15:52", "status", "solved", "human"),
        ("intercom:5596813291", "intercom:11", "2020-06-10 16:38:08", "status", "solved", "human"),
        ("intercom:5654297164", "intercom:5", "2020-06-17 17:02:16", "status", "solved", "human"),
        ("intercom:5654817783", "intercom:5", "2020-06-17 17:55:42", "status", "solved", "human"),
        ("intercom:5670770921", "intercom:5", "2020-06-19 12:43:01", "status", "solved", "human"),
        ("intercom:5675224434", "intercom:13", "2020-06-19 21:05:48", "status", "solved", "human"),
        ("intercom:5689024277", "intercom:12", "2020-06-22 12:04:10", "status", "solved", "human"),
        ("intercom:6862013567", "intercom:12", "2020-10-29 12:38:27", "comment", "internal", "human"),
    ]
    assert con.execute("select count(*) from new_turns").fetchall() == [(0,)]
    assert con.execute("select kind, name, count(*) from new_events group by all").fetchall() == [("state", "close", 8)]


def test_tags_of_fivetrans_table_are_changes_of_the_case(shared: Path, read: Reader) -> None:
    con = read(shared / SEEDS / "conversation_tag_history_data.csv", kind="intercom_fivetran_conversation_tag", timezone="UTC")
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(9, 0)]
    found = con.execute("select case_id, field, new_value from new_case_events order by case_id, new_value").fetchall()
    assert found == [
        (f"intercom:156643300000{n}", "tag", tag)
        for n, tag in [("200", "4614882"), ("372", "4614843"), ("415", "4614791"), ("415", "4614817"), ("664", "4614763")]
    ] + [
        ("intercom:156643300000991", "tag", "4114445"), ("intercom:156643300001196", "tag", "4614934"),
        ("intercom:156643300001360", "tag", "4615064"), ("intercom:156643300001382", "tag", "4122592"),
    ]  # fmt: skip


def test_parts_with_words_are_turns_and_only_comments_are_replies(read: Reader) -> None:
    con = read(
        "id,conversation_id,created_at,updated_at,part_type,author_type,author_id,body\n"
        "1,9,2025-03-03 09:00:00,2025-03-03 09:00:00,comment,user,u,<p>Hello</p>\n"
        "2,9,2025-03-03 09:01:00,2025-03-03 09:01:00,comment,admin,a,<b>Hi</b>\n"
        "3,9,2025-03-03 09:02:00,2025-03-03 09:02:00,close,admin,a,Bye\n"
        "4,9,2025-03-03 09:03:00,,open,user,u,\n",
        kind="intercom_fivetran_conversation_part", timezone="UTC",
    )  # fmt: skip
    assert con.execute("select speaker, content from new_turns order by turn_id").fetchall() == [
        ("customer", "Hello"), ("agent", "Hi"), ("agent", "Bye"),
    ]  # fmt: skip
    assert con.execute("select field, new_value, actor from new_case_events order by event_id").fetchall() == [
        ("comment", "public", "customer"), ("comment", "public", "human"), ("status", "solved", "human"),
    ]  # fmt: skip
    assert con.execute("select position, reason from new_records where reason is not null").fetchall() == [
        (4, "updated_at is no time")
    ]
