"""Logs that Amazon Connect leaves in CloudWatch: what a Lex bot, a flow and an AI agent did, log event by log event."""

import gzip
import json
from typing import Any

from tests.test_source_amazon_connect import samples, taken  # noqa: F401  (fixtures)


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


def test_an_utterance_is_one_turn_of_the_customer_and_the_turns_of_the_bot(taken) -> None:  # noqa: F811
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


def test_the_contact_of_an_utterance_is_the_attribute_before_the_session(taken) -> None:  # noqa: F811
    silent = utterance("r-2", inputTranscript="", sessionState={"intent": {"name": "Greeting", "state": "Fulfilled"}})
    con = taken("amazon_lex_v2_logs", utterance("r-1", **BOOKING), silent, utterance("r-3", sessionId=""))
    assert sorted(con.rows("select record_key, reason from new_records"), key=str) == [
        ("r-1", None),
        ("r-2", None),
        ("r-3", "neither the contact nor sessionId is there"),
    ]
    assert con.rows("select event_id, leg_id from new_events order by event_id") == [("r-1", "c-1"), ("r-2", "s-1")]
    assert con.rows("select count(*) from new_turns where leg_id = 's-1'") == [(0,)]


def test_a_missed_utterance_and_the_fallback_intent_are_no_match(taken) -> None:  # noqa: F811
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


def test_the_draft_bot_and_the_test_alias_are_tests(taken) -> None:  # noqa: F811
    bots = ({"version": "DRAFT", "aliasId": "X"}, {"version": "3", "aliasId": "TSTALIASID"}, {"version": "3", "aliasId": "X"}, {})
    con = taken("amazon_lex_v2_logs", *(utterance(f"r-{i}", bot=bot) for i, bot in enumerate(bots)))
    assert con.rows("select event_id, is_test from new_events order by 1") == [
        ("r-0", True),
        ("r-1", True),
        ("r-2", False),
        ("r-3", False),
    ]


def test_digits_that_may_be_a_card_or_a_pin_are_not_stored(taken) -> None:  # noqa: F811
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


def test_the_vendors_envelope_of_a_flow_log_is_one_block(taken, samples) -> None:  # noqa: F811
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


def test_each_log_event_of_an_envelope_is_accounted_for_by_itself(taken) -> None:  # noqa: F811
    lost = json.dumps({"ContactFlowName": "Main", "Results": "Error"})
    first = envelope(block(ContactFlowModuleType="PlayPrompt"), lost, "START RequestId: 1", block(Timestamp="yesterday"))
    con = taken("amazon_connect_flow_logs", first, envelope("CWL CONTROL MESSAGE: Checking health", kind="CONTROL_MESSAGE"))
    assert con.reasons() == [None, "ContactId is missing", "log event's message is no JSON object", "Timestamp is no time"]
    assert con.rows("select name from new_events") == [("PlayPrompt",)]


def test_flow_logs_are_read_as_firehose_as_an_export_task_and_as_bare_lines(taken) -> None:  # noqa: F811
    one, two = block(Identifier="a"), block(Identifier="b")
    firehose = gzip.compress(json.dumps(envelope(one)).encode()) + gzip.compress(json.dumps(envelope(two)).encode())
    exported = f"2025-03-03T09:00:01.000Z {one}\n2025-03-03T09:00:02.000Z {two}\n"
    con = taken("amazon_connect_flow_logs", firehose, gzip.compress(exported.encode()), f"{one}\n{two}\n")
    assert con.reasons() == [None] * 6
    assert con.rows("select record_key, count(*) from new_records group by 1") == [
        (key, 3) for (key,) in con.rows("select distinct record_key from new_records")
    ]
    assert con.rows("select distinct detail from new_events order by 1") == [("Main / a",), ("Main / b",)]


def test_what_was_pressed_in_a_flow_is_not_stored(taken) -> None:  # noqa: F811
    con = taken("amazon_connect_flow_logs", block(Results="4929123412341234", Identifier="a"), block(Results="2", Identifier="b"))
    assert con.rows("select detail, result from new_events order by 1") == [("Main / a", "[DTMF]"), ("Main / b", "2")]


SESSION = "s9f8e7d6-1234-4cde-9abc-ffeeddccbbaa"


def test_the_vendors_ai_agent_log_is_read_step_by_step(taken, samples) -> None:  # noqa: F811
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


def test_a_tool_that_fails_is_an_error_and_its_arguments_are_not_stored(taken) -> None:  # noqa: F811
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


def test_a_self_service_message_that_is_logged_for_two_prompts_is_said_once(taken) -> None:  # noqa: F811
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
