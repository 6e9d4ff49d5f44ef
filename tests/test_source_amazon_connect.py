"""What Amazon Connect writes besides contact records and Contact Lens files: every kind over the vendor's own samples."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports.definitions.catalogue import read_catalogue
from cxreports.intake.intake import take_in
from cxreports.settings import Settings
from tests.platforms import Export

CATALOGUE = read_catalogue()
KEY = b"0123456789abcdef0123456789abcdef"
LATER = datetime(2030, 1, 1, tzinfo=UTC)
Rows = list[tuple[Any, ...]]


class Taken:
    """One file of one kind, taken in."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def rows(self, sql: str) -> Rows:
        """The rows of a query; instants as text."""
        return [tuple(str(c) if isinstance(c, datetime) else c for c in row) for row in self._con.execute(sql).fetchall()]

    def reasons(self) -> list[str | None]:
        """One entry per record received, in order: None where it was loaded."""
        return [reason for (reason,) in self.rows("select reason from new_records order by file_id, position")]


@pytest.fixture
def taken(tmp_path: Path) -> Callable[..., Taken]:
    def take(kind: str, *contents: bytes | str | dict[str, Any] | Path, **params: Any) -> Taken:
        for i, content in enumerate(contents):
            data = content.read_bytes() if isinstance(content, Path) else content
            data = json.dumps(data) if isinstance(data, dict) else data
            (tmp_path / f"in{i}").write_bytes(data.encode() if isinstance(data, str) else data)
        settings = Settings.model_validate(
            {
                "project": {"name": "x", "timezone": "Europe/London"},
                "sources": {"connect": {"kind": kind, "path": "in*", "params": params}},
            }
        )
        con = duckdb.connect()
        take_in(con, tmp_path, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
        return Taken(con)

    return take


@pytest.fixture
def samples(shared: Path) -> Path:
    return shared / "formats/samples/amazon_connect"


EVALUATION = "fb90de35-4507-479a-8b57-970290fd5c2c"


def test_the_vendors_evaluation_is_read_answer_by_answer(taken, samples) -> None:
    con = taken("amazon_connect_evaluations", samples / "evaluation_form_v3.1.json")
    assert con.reasons() == [None]
    assert con.rows("select record_key, version_at from new_records") == [(EVALUATION, "2022-11-14 17:59:29.052000+00:00")]
    assert con.rows(
        "select evaluation_id, leg_id, form, form_version, evaluator, kind, status, submitted_at, score::double, is_auto_fail, "
        "is_automatic from new_evaluations"
    ) == [
        (
            EVALUATION,
            "badd4896-75f7-43b3-bee6-c617ed3d04cb",
            "Compliance Evaluation Form",
            "2",
            "jane",
            "standard",
            "submitted",
            "2022-11-14 17:59:29.052000+00:00",
            1.0,
            None,
            None,
        )
    ]
    assert con.rows(
        "select question, section, question_text, answer, score::double, is_not_applicable "
        "from new_evaluation_answers order by all"
    ) == [
        ("q570b206a", "The title of the subsection", "How do you rate the contact between 1 and 10?", None, None, True),
        ("q73bc5b9d", "The title of the subsection", "Did the agent introduce themselves?", "Yes", 1.0, False),
        ("qc2effc9d", "The title of the subsection", "Describe the outcome.", "Example answer text", None, False),
    ]


def test_two_files_of_one_evaluation_are_two_versions_of_one_record(taken, samples) -> None:
    old = json.loads((samples / "evaluation_form_v3.1.json").read_text())
    new = {
        **old,
        "metadata": {**old["metadata"], "evaluationSubmitTimestamp": "2022-11-15T08:00:00Z", "score": {"percentage": 40}},
    }
    con = taken("amazon_connect_evaluations", old, new)
    assert con.reasons() == [None, None]
    assert con.rows(
        "select record_key, max_by(score, version_at)::double, count(*) from new_records join new_evaluations "
        "using (file_id, position, record_key) group by all"
    ) == [(EVALUATION, 0.4, 2)]


def test_a_question_without_a_score_is_never_a_zero(taken, samples) -> None:
    old = json.loads((samples / "evaluation_form_v3.1.json").read_text())
    old["metadata"]["score"] = {"notApplicable": True, "percentage": 0}
    old["questions"][0]["score"] = {"notApplicable": True, "percentage": 0}
    con = taken("amazon_connect_evaluations", old)
    assert con.rows("select score from new_evaluations") == [(None,)]
    assert con.rows("select count(score), count(*) from new_evaluation_answers") == [(1, 3)]


CONTACT = "11111111-1111-1111-1111-111111111111"


def test_the_vendors_contact_events_are_states_at_the_time_of_the_state(taken, samples) -> None:
    con = taken("amazon_connect_contact_events", samples / "contact_events.jsonl")
    assert con.reasons() == [None, None]
    assert con.rows("select leg_id, event_at, kind, name, result, detail from new_events order by event_at") == [
        (CONTACT, "2021-08-04 17:18:37+00:00", "state", "DISCONNECTED", None, "voice outbound"),
        (CONTACT, "2021-08-04 17:29:09+00:00", "state", "CONNECTED_TO_AGENT", None, "voice inbound"),
    ]


def test_a_state_that_is_delivered_twice_is_one_record(taken) -> None:
    bare = {"contactId": "c", "channel": "VOICE", "eventType": "INITIATED", "initiationTimestamp": "2025-03-03T09:00:00Z"}
    wrapped = {"id": "e", "time": "2025-03-03T09:00:02Z", "detail": {**bare, "channel": "Voice"}}
    con = taken("amazon_connect_contact_events", bare, wrapped, {"id": "f", "detail": {"contactId": "c", "eventType": "QUEUED"}})
    assert sorted(con.rows("select record_key, reason from new_records"), key=str) == [
        ("c:INITIATED:2025-03-03T09:00:00Z", None),
        ("c:INITIATED:2025-03-03T09:00:00Z", None),
        (None, "the event has no time"),
    ]


def test_the_vendors_case_events_are_changes_of_fields(taken, samples) -> None:
    con = taken("amazon_connect_case_events", samples / "case_events.jsonl")
    assert con.reasons() == [None, None]
    assert con.rows("select case_id, event_at, field, old_value, new_value from new_case_events order by case_id") == [
        ("case ID", "2022-03-16 23:16:57.893000+00:00", "status", None, "open"),
        ("case id that this related item is a sub-resource of", "2022-03-16 23:16:57.893000+00:00", "comment", None, None),
    ]


def test_the_vendors_case_is_read_as_its_newest_event_shows_it(taken, samples) -> None:
    con = taken("amazon_connect_cases", samples / "case_events.jsonl")
    assert con.reasons() == [None, None]
    assert con.rows("select case_id, opened_at, status, closed_at, category, n_reopens from new_cases") == [
        ("case ID", "2022-03-16 23:16:57.893000+00:00", "open", None, "Shipment lost", None)
    ]


def test_a_comment_on_a_case_does_not_replace_the_case(taken) -> None:
    case = {"caseId": "k", "createdDateTime": "2025-03-03T09:00:00Z", "fields": {"status": {"value": {"stringValue": "open"}}}}
    item = {"relatedItemType": "Comment", "relatedItemId": "i", "caseId": "k"}
    con = taken(
        "amazon_connect_cases",
        {"detail": {"eventType": "CASE.CREATED", "approximateChangeTime": "2025-03-03T09:00:00Z", "case": case}},
        {"detail": {"eventType": "RELATED_ITEM.CREATED", "approximateChangeTime": "2025-03-03T09:01:00Z", "relatedItem": item}},
        {"detail": {"eventType": "CASE.DELETED", "approximateChangeTime": "2025-03-03T09:02:00Z", "case": {"caseId": "k"}}},
    )
    assert con.reasons() == [None] * 3
    assert con.rows("select record_key, max(version_at) from new_records group by 1 order by 1") == [
        ("k", "2025-03-03 09:02:00+00:00"),
        ("k:i", "2025-03-03 09:01:00+00:00"),
    ]
    assert con.rows("select status from new_cases order by 1") == [("deleted",), ("open",)]


def contact(contact_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "ContactId": contact_id,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2023-11-14T10:00:00Z",
        "LastUpdateTimestamp": "2024-11-20T10:00:00Z",
        **fields,
    }


def test_every_recording_of_a_contact_record_is_kept_with_its_status_and_without_its_name(taken) -> None:
    place = "bucket/connect/x/CallRecordings/2023/11/14"
    deleted = {
        "Location": f"{place}/c_20231114T10:00_UTC.wav",
        "MediaStreamType": "AUDIO",
        "Status": "DELETED",
        "DeletionReason": "API",
        "StartTimestamp": "2023-11-14T10:00:05Z",
        "StopTimestamp": "2023-11-14T10:05:00Z",
    }
    screen = {"Location": f"{place}/Redacted/c.mp4", "MediaStreamType": "VIDEO", "Status": "AVAILABLE"}
    single = {"Location": f"{place}/b.wav", "Type": "AUDIO", "Status": None}
    con = taken(
        "amazon_connect_contact_records",
        contact("a", Recordings=[deleted, screen], Recording=single),
        contact("b", Recordings=[], Recording=single),
        contact("c"),
    )
    assert con.rows(
        "select recording_id, leg_id, media, is_redacted, started_at, ended_at, status from new_recordings order by 1"
    ) == [
        ("a:1", "a", "audio", False, "2023-11-14 10:00:05+00:00", "2023-11-14 10:05:00+00:00", "deleted"),
        ("a:2", "a", "screen", True, None, None, "available"),
        ("b:1", "b", "audio", False, None, None, None),
    ]
    assert con.rows("select deletion_reason from new_recordings where status = 'deleted'") == [("API",)]


def test_time_of_an_external_third_party_is_no_handle_time(taken) -> None:
    agent = {
        "Username": "ann",
        "ConnectedToAgentTimestamp": "2023-11-14T10:01:00Z",
        "AgentInteractionDuration": 239,
        "CustomerHoldDuration": 221,
        "AfterContactWorkStartTimestamp": "2023-11-14T10:08:40Z",
    }
    con = taken("amazon_connect_contact_records", contact("a", Agent=agent, DisconnectTimestamp="2023-11-14T10:27:56Z"))
    assert con.rows("select talk_ms + hold_ms, epoch_ms(ended_at) - epoch_ms(answered_at), left_at from new_legs") == [
        (460_000, 1_616_000, "2023-11-14 10:08:40+00:00")
    ]


def test_the_vendors_consult_chain_lacks_its_times_and_is_quarantined(taken, samples) -> None:
    con = taken("amazon_connect_contact_records", samples / "ctr_doc_fragment_consult_chain.jsonl")
    assert con.reasons() == ["InitiationTimestamp is missing"] * 2


def part(contact_id: str, seconds: int, left: str | None, **fields: Any) -> dict[str, Any]:
    """A contact record of one agent who talked to the customer for so long and left the conversation then."""
    agent = {"Username": f"agent-{contact_id}", "ConnectedToAgentTimestamp": "2024-08-02T17:40:00Z"}
    agent |= {"AgentInteractionDuration": seconds, "AfterContactWorkStartTimestamp": left}
    return contact(contact_id, **{"InitiationTimestamp": "2024-08-02T17:39:00Z", "Agent": agent, **fields})


@pytest.mark.parametrize(
    ("called_in_left", "seconds", "transfers", "agents"),
    [
        ("2024-08-02T17:51:07Z", 120, 1, 2),  # the vendor's chain: who called in left first (17:50:53): a warm transfer
        ("2024-08-02T17:50:50Z", 2, 0, 1),  # who was called in left first, and hardly talked to the customer: a consultation
        ("2024-08-02T17:50:50Z", 3, 0, 2),  # the same, but they talked: a conference
        (None, 3, 1, 2),  # nobody says when they left: the customer was passed on
    ],
)
def test_a_consultation_and_a_conference_are_no_transfer(tmp_path, called_in_left, seconds, transfers, agents) -> None:
    root = "497f04ca-6de1-408f-9b8a-ec57bcc99b31"
    chain = {"InitialContactId": root, "PreviousContactId": root, "InitiationMethod": "TRANSFER"}
    records = [part(root, 600, "2024-08-02T17:50:53Z"), part("6aa058d3", seconds, called_in_left, **chain)]
    export = Export(tmp_path).read("amazon_connect_contact_records", "\n".join(map(json.dumps, records)))
    assert export.interactions("interaction_id, n_legs, n_transfers, n_agents") == [(root, 2, transfers, agents)]


@pytest.mark.parametrize(("ended", "transfers"), [("2024-08-02T18:10:00Z", 1), ("2024-08-02T17:45:00Z", 0)])
def test_somebody_outside_who_stays_when_the_agent_leaves_was_passed_the_customer(tmp_path, ended, transfers) -> None:
    chain = {"InitialContactId": "a", "PreviousContactId": "a", "InitiationMethod": "EXTERNAL_OUTBOUND"}
    outside = contact("b", InitiationTimestamp="2024-08-02T17:41:00Z", DisconnectTimestamp=ended, **chain)
    records = [part("a", 600, "2024-08-02T17:50:53Z"), outside]
    export = Export(tmp_path).read("amazon_connect_contact_records", "\n".join(map(json.dumps, records)))
    assert export.interactions("n_transfers, n_agents, handle_ms") == [(transfers, 1, 600_000)]


def test_an_agents_reply_a_flows_mail_and_a_guide_are_no_customer_interactions(tmp_path) -> None:
    subtype = {"connect:Subtype": {"ValueString": "connect:Guide"}}
    records = [
        contact("asked", Channel="EMAIL"),
        contact("flow", Channel="EMAIL", InitiationMethod="FLOW"),
        contact("guide", Channel="CHAT", InitiationMethod="API", SegmentAttributes=subtype),
        contact("reply", Channel="EMAIL", InitiationMethod="AGENT_REPLY", RelatedContactId="asked"),
    ]
    export = Export(tmp_path).read("amazon_connect_contact_records", "\n".join(map(json.dumps, records)))
    assert export.interactions("interaction_id, direction, excluded_as") == [
        ("asked", "inbound", None),
        ("flow", "outbound", "outbound"),
        ("guide", "inbound", "guide"),
        ("reply", "outbound", "outbound"),
    ]
