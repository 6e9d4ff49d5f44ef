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
