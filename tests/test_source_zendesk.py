"""Zendesk: tickets and ratings as the API gives them; what is asserted of the sample was read by hand from its file."""

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
Reader = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Files (path or text) of one kind, taken in as one source."""

    def read_files(kind: str, *files: Path | str, **source: Any) -> duckdb.DuckDBPyConnection:
        for n, file in enumerate(files):
            content = file.read_bytes() if isinstance(file, Path) else file.encode()
            (tmp_path / f"{n}.export").write_bytes(content)
        con = duckdb.connect()
        settings = project({"z": {"kind": kind, "path": "*.export", **source}})
        take_in(con, tmp_path, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
        return con

    return read_files


def page(*tickets: dict[str, Any]) -> str:
    return json.dumps({"tickets": tickets, "after_cursor": "x", "end_of_stream": True})


def ticket(id_: int, **more: Any) -> dict[str, Any]:
    return {
        "id": id_, "created_at": "2025-03-03T09:00:00Z", "updated_at": "2025-03-03T09:00:00Z", "status": "open",
        "via": {"channel": "email"}, "requester_id": 20, "submitter_id": 20, "tags": [], **more,
    }  # fmt: skip


def test_the_vendors_sample_page_is_one_sample_ticket_which_is_a_test(shared: Path, read: Reader) -> None:
    con = read("zendesk_tickets", shared / "formats/samples/zendesk_api/incremental_tickets.json")
    assert con.execute("select record_key, epoch(version_at), reason from new_records").fetchall() == [("5", 1708014261.0, None)]
    assert con.execute(
        "select leg_id, channel, direction, initiation, epoch(started_at), queue, agent_id, is_test, excluded_as from new_legs"
    ).fetchall() == [("zendesk:5", "other", "inbound", "customer", 1708014244.0, "26363643448211", "26363624373267", True, None)]
    assert con.execute("select status, priority, category, first_reply_at, n_reopens, is_test from new_cases").fetchall() == [
        ("open", "normal", None, None, None, True)
    ]
    assert con.execute("select note from new_legs").fetchall() == [("SAMPLE TICKET: Saving meeting chat conversations",)]
    assert con.execute("select count(*) from new_survey_responses").fetchall() == [(0,)]  # unoffered


def test_each_ticket_of_a_page_is_a_record_and_a_damaged_one_is_quarantined_alone(read: Reader) -> None:
    text = json.dumps({"tickets": [ticket(1), "no ticket", ticket(2, created_at="yesterday"), ticket(3)], "count": 4})
    con = read("zendesk_tickets", text)
    assert con.execute("select position, record_key, reason from new_records").fetchall() == [
        (1, "1", None), (2, None, "record is no JSON object"), (3, "2", "created_at is no time"), (4, "3", None),
    ]  # fmt: skip


def test_the_later_state_of_a_ticket_wins_although_updated_at_did_not_move(read: Reader) -> None:
    first, second = ticket(1, generated_timestamp=1741000000), ticket(1, generated_timestamp=1741000001, status="deleted")
    con = read("zendesk_tickets", page(first), page(second, ticket(2)))
    assert con.execute(
        "select record_key, arg_max(status, version_at) from new_records join new_cases using (file_id, position, record_key) "
        "group by 1 order by 1"
    ).fetchall() == [("1", "deleted"), ("2", "open")]


def test_an_offered_rating_is_no_answer(read: Reader) -> None:
    rated = [ticket(n, satisfaction_rating={"score": s}) for n, s in enumerate(["unoffered", "offered", "good", "bad"])]
    con = read("zendesk_tickets", page(*rated))
    assert con.execute("select leg_id, score, scale_max from new_survey_responses order by leg_id").fetchall() == [
        ("zendesk:1", None, 1), ("zendesk:2", 1, 1), ("zendesk:3", 0, 1),
    ]  # fmt: skip


def test_a_ticket_that_an_agent_opened_is_no_customer_contact_and_a_voicemail_is_one(read: Reader) -> None:
    voice = {"channel": "voice", "source": {"rel": "voicemail", "from": {"phone": "+441134960001"}}}
    call = {"channel": "voice", "source": {"rel": "outbound"}}
    answered = {"channel": "voice", "source": {"rel": "inbound"}}
    con = read(
        "zendesk_tickets",
        page(ticket(1, submitter_id=9), ticket(2, via=voice), ticket(3, via=call), ticket(4, via=answered, submitter_id=9)),
    )
    assert con.execute("select leg_id, direction, excluded_as, phone_key is not null from new_legs order by 1").fetchall() == [
        ("zendesk:1", "outbound", "no_customer_message", False),
        ("zendesk:2", "inbound", None, True),
        ("zendesk:3", "outbound", "no_customer_message", False),
        ("zendesk:4", "inbound", None, False),
    ]


def test_a_follow_up_names_the_ticket_that_it_follows_and_a_merged_ticket_is_no_second_contact(read: Reader) -> None:
    follow_up = {"channel": "email", "source": {"rel": "follow_up", "from": {"ticket_id": 1}}}
    con = read("zendesk_tickets", page(ticket(2, via=follow_up), ticket(3, tags=["closed_by_merge"], status="closed")))
    assert con.execute("select case_id, follow_up_of_id from new_cases order by 1").fetchall() == [
        ("zendesk:2", "zendesk:1"), ("zendesk:3", None),
    ]  # fmt: skip
    assert con.execute("select excluded_as from new_legs order by leg_id").fetchall() == [(None,), ("merged",)]


def test_a_customer_who_thinks_again_gave_one_rating_the_newest(read: Reader) -> None:
    rating = {"ticket_id": 1, "created_at": "2025-03-03T09:00:00Z", "comment": "call me on 020 7946 0001"}
    first = {**rating, "id": 7, "score": "good", "updated_at": "2025-03-03T10:00:00Z"}
    second = {**rating, "id": 8, "score": "bad", "updated_at": "2025-03-04T10:00:00Z"}
    damaged = {**rating, "id": 9, "score": "five stars", "updated_at": "2025-03-04T10:00:00Z"}
    con = read("zendesk_satisfaction_ratings", json.dumps({"satisfaction_ratings": [first, second, damaged], "next_page": None}))
    assert con.execute("select record_key, version_at::varchar, reason from new_records order by position").fetchall() == [
        ("1:rating", "2025-03-03 10:00:00+00", None), ("1:rating", "2025-03-04 10:00:00+00", None),
        ("1:rating", "2025-03-04 10:00:00+00", "score is none of offered, unoffered, good, bad"),
    ]  # fmt: skip
    assert con.execute("select response_id, score, comment from new_survey_responses order by position").fetchall() == [
        ("zendesk:1:rating", 1, "call me on [PHONE]"), ("zendesk:1:rating", 0, "call me on [PHONE]"),
    ]  # fmt: skip
