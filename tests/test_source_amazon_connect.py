"""What Amazon Connect writes besides contact records and Contact Lens files: every kind over the vendor's own samples."""

import gzip
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


def utterance(request: str, **fields: Any) -> dict[str, Any]:
    """A conversation log of Lex V2, in the shape of its documentation."""
    return {
        "messageVersion": "2.0",
        "bot": {"name": "Hotel", "version": "7", "aliasId": "PRODALIAS", "localeId": "en_GB"},
        "requestId": request,
        "sessionId": "s-1",
        "timestamp": "2025-03-03T09:00:00.500Z",
        "inputMode": "Speech",
        "operationName": "RecognizeUtterance",
        **fields,
    }


BOOKING = {
    "inputTranscript": "a room in Paris",
    "missedUtterance": False,
    "interpretations": [
        {
            "intent": {"name": "BookHotel", "state": "InProgress"},
            "nluConfidence": "0.91",
            "sentimentResponse": {"sentiment": "NEGATIVE", "sentimentScore": {"positive": "0.1", "negative": "0.7"}},
        },
        {"intent": {"name": "FallbackIntent"}},
    ],
    "sessionState": {
        "intent": {"name": "BookHotel", "state": "InProgress"},
        "sessionAttributes": {"ContactId": "c-1", "contactid": "other"},
        "dialogAction": {"type": "ElicitSlot", "slotToElicit": "nights"},
    },
    "messages": [{"content": "Which nights?"}, {"contentType": "ImageResponseCard"}, {"content": "?"}],
}


def test_an_utterance_is_one_turn_of_the_customer_and_the_turns_of_the_bot(taken) -> None:
    con = taken("amazon_lex_v2_logs", utterance("r-1", **BOOKING))
    assert con.reasons() == [None]
    assert con.rows("select turn_seq, leg_id, speaker, content, sentiment, is_test from new_turns order by turn_id") == [
        (0, "c-1", "customer", "a room in Paris", "negative", False),
        (1, "c-1", "bot", "Which nights?", None, False),
        (3, "c-1", "bot", "?", None, False),
    ]
    assert con.rows("select leg_id, event_at, name, result, confidence::double, is_no_match, detail from new_events") == [
        ("c-1", "2025-03-03 09:00:00.500000+00:00", "BookHotel", "InProgress", 0.91, False, "ElicitSlot nights")
    ]


def test_the_contact_of_an_utterance_is_the_attribute_before_the_session(taken) -> None:
    silent = utterance("r-2", inputTranscript="", sessionState={"intent": {"name": "Greeting", "state": "Fulfilled"}})
    con = taken("amazon_lex_v2_logs", utterance("r-1", **BOOKING), silent, utterance("r-3", sessionId=""))
    assert sorted(con.rows("select record_key, reason from new_records"), key=str) == [
        ("r-1", None),
        ("r-2", None),
        ("r-3", "neither the contact nor sessionId is there"),
    ]
    assert con.rows("select event_id, leg_id from new_events order by event_id") == [("r-1", "c-1"), ("r-2", "s-1")]
    assert con.rows("select count(*) from new_turns where leg_id = 's-1'") == [(0,)]


def test_a_missed_utterance_and_the_fallback_intent_are_no_match(taken) -> None:
    con = taken(
        "amazon_lex_v2_logs",
        utterance("missed", missedUtterance=True),
        utterance("fallback", missedUtterance=False, sessionState={"intent": {"name": "FallbackIntent", "state": "Failed"}}),
        utterance("understood", missedUtterance=False, sessionState={"intent": {"name": "Pay", "state": "Fulfilled"}}),
    )
    assert con.rows("select event_id, is_no_match, is_error from new_events order by 1") == [
        ("fallback", True, True),
        ("missed", True, None),
        ("understood", False, False),
    ]


def test_the_draft_bot_and_the_test_alias_are_tests(taken) -> None:
    bots = ({"version": "DRAFT", "aliasId": "X"}, {"version": "3", "aliasId": "TSTALIASID"}, {"version": "3", "aliasId": "X"}, {})
    con = taken("amazon_lex_v2_logs", *(utterance(f"r-{i}", bot=bot) for i, bot in enumerate(bots)))
    assert con.rows("select event_id, is_test from new_events order by 1") == [
        ("r-0", True),
        ("r-1", True),
        ("r-2", False),
        ("r-3", False),
    ]


def test_digits_that_may_be_a_card_or_a_pin_are_not_stored(taken) -> None:
    con = taken(
        "amazon_lex_v2_logs",
        utterance("pin", inputMode="DTMF", inputTranscript="4711"),
        utterance("menu", inputMode="DTMF", inputTranscript="2"),
    )
    assert con.rows("select turn_id, content from new_turns order by 1") == [("menu:0", "2"), ("pin:0", "[DTMF]")]


def envelope(*messages: str, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    events = [{"id": str(i), "timestamp": 1618272871581, "message": message} for i, message in enumerate(messages)]
    return {"messageType": kind, "logGroup": "/aws/connect/example", "logEvents": events}


def block(**fields: Any) -> str:
    return json.dumps({"ContactId": "c-1", "ContactFlowName": "Main", "Timestamp": "2025-03-03T09:00:00.250Z", **fields})


def test_the_vendors_envelope_of_a_flow_log_is_one_block(taken, samples) -> None:
    con = taken("amazon_connect_flow_logs", samples / "flow_log_cloudwatch_subscription_envelope.json")
    assert con.reasons() == [None]
    assert con.rows("select leg_id, event_at, kind, name, result, is_error, detail from new_events") == [
        (
            "11111111-2222-3333-4444-555555555555",
            "2021-04-13 00:14:31.581000+00:00",
            "flow",
            "SetQueue",
            None,
            None,
            "123456789000-aaaa-bbbbbbbbb-cccccccccccc",
        )
    ]


def test_each_log_event_of_an_envelope_is_accounted_for_by_itself(taken) -> None:
    lost = json.dumps({"ContactFlowName": "Main", "Results": "Error"})
    first = envelope(block(ContactFlowModuleType="PlayPrompt"), lost, "START RequestId: 1", block(Timestamp="yesterday"))
    con = taken("amazon_connect_flow_logs", first, envelope("CWL CONTROL MESSAGE: Checking health", kind="CONTROL_MESSAGE"))
    assert con.reasons() == [None, "ContactId is missing", "log event's message is no JSON object", "Timestamp is no time"]
    assert con.rows("select name from new_events") == [("PlayPrompt",)]


def test_flow_logs_are_read_as_firehose_as_an_export_task_and_as_bare_lines(taken) -> None:
    one, two = block(Identifier="a"), block(Identifier="b")
    firehose = gzip.compress(json.dumps(envelope(one)).encode()) + gzip.compress(json.dumps(envelope(two)).encode())
    exported = f"2025-03-03T09:00:01.000Z {one}\n2025-03-03T09:00:02.000Z {two}\n"
    con = taken("amazon_connect_flow_logs", firehose, gzip.compress(exported.encode()), f"{one}\n{two}\n")
    assert con.reasons() == [None] * 6
    assert con.rows("select record_key, count(*) from new_records group by 1") == [
        (key, 3) for (key,) in con.rows("select distinct record_key from new_records")
    ]
    assert con.rows("select distinct detail from new_events order by 1") == [("Main / a",), ("Main / b",)]


def test_what_was_pressed_in_a_flow_is_not_stored(taken) -> None:
    con = taken("amazon_connect_flow_logs", block(Results="4929123412341234", Identifier="a"), block(Results="2", Identifier="b"))
    assert con.rows("select detail, result from new_events order by 1") == [("Main / a", "[DTMF]"), ("Main / b", "2")]


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


SESSION = "s9f8e7d6-1234-4cde-9abc-ffeeddccbbaa"


def test_the_vendors_ai_agent_log_is_read_step_by_step(taken, samples) -> None:
    con = taken("amazon_connect_ai_agent_logs", samples / "ai_agent_cloudwatch_log.jsonl")
    assert con.reasons() == [None] * 8
    assert con.rows(
        "select leg_id, event_at, kind, name, result, confidence::double, detail from new_events order by position"
    ) == [
        ("nabbccdd-9999-4b23-aaee-112233445566", "2024-10-21 17:02:53.612000+00:00", "state", "session", None, None, SESSION),
        (SESSION, "2024-10-21 17:02:53.634000+00:00", "bot", "trigger", "valid", 0.87, None),
        (
            SESSION,
            "2024-10-21 17:02:53.623000+00:00",
            "bot",
            "intent",
            None,
            None,
            "To learn about how to autoscale DynamoDB.",
        ),
        (SESSION, "2024-10-21 17:02:53.656000+00:00", "bot", "recommendation", "intent_clicked", None, None),
        (SESSION, "2024-10-21 17:02:54.500000+00:00", "tool", "ResetPassword", "called", None, None),
    ]
    assert con.rows("select leg_id, speaker, occurred_at, content from new_turns") == [
        (SESSION, "customer", "2024-10-21 17:02:53.623000+00:00", "My laptop won't connect to WiFi after the recent update")
    ]
    assert con.rows("select search_id, leg_id, searched_at, query, feedback from new_knowledge_searches order by position") == [
        ("r0001112-3f4e-4fa5-9111-aabbccddeeff", SESSION, "2024-10-21 17:02:53.667000+00:00", None, None),
        ("r0001112-3f4e-4fa5-9111-aabbccddeeff", None, "2024-10-21 17:02:53.667000+00:00", None, "helpful"),
    ]


def test_a_tool_that_fails_is_an_error_and_its_arguments_are_not_stored(taken) -> None:
    values = [
        {"type": "text", "text": "One moment."},
        {"type": "tool_use", "name": "Refund", "arguments": {"email": "ann@example.com"}},
        {"type": "tool_result", "toolUseId": "t", "status": "ERROR", "content": "ann@example.com"},
    ]
    log = {"event_type": "TRANSCRIPT_ORCHESTRATION_MESSAGE", "session_id": "s", "event_timestamp": 1741000000000}
    con = taken("amazon_connect_ai_agent_logs", {**log, "participant": "BOT", "values": json.dumps(values)})
    assert con.rows("select name, result, is_error from new_events order by event_seq") == [
        ("Refund", "called", None),
        ("t", "error", True),
    ]
    assert con.rows("select speaker, content from new_turns") == [("bot", "One moment.")]
    assert "ann@" not in str(con.rows("select * from new_events"))


def test_a_self_service_message_that_is_logged_for_two_prompts_is_said_once(taken) -> None:
    log = {"event_type": "TRANSCRIPT_SELF_SERVICE_MESSAGE", "session_id": "s", "utterance": "[CUSTOMER] Where is my parcel?"}
    asked = {**log, "event_timestamp": 1741000000000, "prompt_type": "SELF_SERVICE_PRE_PROCESS", "completion": "tool"}
    told = {
        **log,
        "event_timestamp": 1741000001000,
        "prompt_type": "SELF_SERVICE_ANSWER_GENERATION",
        "parsed_response": "On its way.",
    }
    con = taken("amazon_connect_ai_agent_logs", asked, told)
    assert con.rows("select speaker, content from new_turns order by occurred_at, turn_seq") == [
        ("customer", "Where is my parcel?"),
        ("bot", "On its way."),
    ]


def contact(contact_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "ContactId": contact_id,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2023-11-14T10:00:00Z",
        "LastUpdateTimestamp": "2023-11-20T10:00:00Z",
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
