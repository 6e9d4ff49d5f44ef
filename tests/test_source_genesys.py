"""Genesys Cloud: conversations over the real samples, every value read by hand from the files, and the platform's own traps."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.platforms import Export

KIND = "genesys_cloud_conversations"
DAY = "2025-03-03T"
CLOSED, OPEN = "1bc96a39-6725-40c4-9345-db72aa67b8c6", "6acbee65-80be-4777-be03-8dacd07ee3f9"


@pytest.fixture
def genesys(tmp_path: Path) -> Export:
    return Export(tmp_path)


@pytest.fixture
def samples(shared: Path, genesys: Export) -> Export:
    folder = shared / "formats/samples/genesys"
    return genesys.read(KIND, folder / "conversation1.json", folder / "conversation2.json")


def segment(start: str, end: str | None, kind: str = "interact", **more: Any) -> dict[str, Any]:
    times = {"segmentStart": f"{DAY}{start}Z"} | ({"segmentEnd": f"{DAY}{end}Z"} if end else {})
    return {**times, "segmentType": kind, **more}


def part(purpose: str, session_id: str, *segments: dict[str, Any], user: str | None = None, **more: Any) -> dict[str, Any]:
    metrics = [{"name": n, "value": v, "emitDate": f"{DAY}09:00:00Z"} for n, v in more.pop("metrics", {}).items()]
    attributes = more.pop("attributes", {})
    session = {"sessionId": session_id, "mediaType": "voice", "segments": list(segments), "metrics": metrics, **more}
    return {"purpose": purpose, "attributes": attributes, "sessions": [session], **({"userId": user} if user else {})}


def conversation(id_: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "conversationId": id_, "conversationStart": f"{DAY}09:00:00.000Z", "conversationEnd": f"{DAY}09:10:00.000Z",
        "originatingDirection": "inbound", "participants": list(parts), **more,
    }  # fmt: skip


def page(*conversations: Any) -> str:
    return json.dumps({"conversations": conversations, "cursor": "x", "dataAvailabilityDate": f"{DAY}12:00:00Z"})


CUSTOMER = part("customer", "k", segment("09:00:00", "09:10:00", disconnectType="peer"), ani="tel:+441134960001")


def test_the_samples_two_conversations_are_six_legs(samples: Export) -> None:
    assert samples.rows("select record_key, version_at::varchar, reason from new_records order by record_key") == [
        (CLOSED, "2021-04-01 12:43:23.306+00", None),
        (OPEN, "2021-04-02 15:46:21.293+00", None),  # no conversationEnd: the newest end of a segment
    ]
    sql = "select leg_id, channel, direction, initiation, disconnect_reason from new_legs order by all"
    assert samples.rows(sql) == [
        (CLOSED, "chat", "inbound", "customer", "timeout"),
        (f"{CLOSED}:6acbee65-80be-4777-be03-8dacd07ee3f9", "chat", "inbound", "customer", "transfer"),
        (f"{CLOSED}:b9ea3521-176e-4916-af7d-240732fc4680", "chat", "inbound", "queue_transfer", "peer"),
        (OPEN, "chat", "inbound", "customer", "timeout"),
        (f"{OPEN}:4b01b124-4e97-46bc-b7fb-719493630129", "chat", "inbound", "customer", "transfer"),
        (f"{OPEN}:a97c248c-706b-4e76-86f2-94b12bfae825", "chat", "inbound", "queue_transfer", "peer"),
    ]
    assert samples.rows("select root_id, queue, agent_id from new_legs where agent_id is not null order by root_id") == [
        (CLOSED, "a623d83c-96d7-4baa-af1f-d46ad6700d8b", "50fcd33c-f432-4726-abc9-979f3ca01555"),
        (OPEN, "7b06ecdb-3b2e-4cbc-88cf-13561fb55718", "9f3b4669-8593-4c95-bd7d-ef92c50f5a86"),
    ]


def test_the_samples_times_are_the_metrics_and_the_open_conversation_has_no_end(samples: Export) -> None:
    clock = ", ".join(f"{c}::timestamp::time::varchar" for c in ("started_at", "ended_at", "enqueued_at", "answered_at"))
    rows = samples.rows(f"select {clock}, wait_ms, talk_ms, hold_ms, acw_ms from new_legs order by started_at")
    assert rows == [
        ("12:27:53.386", "12:43:23.306", None, None, None, None, None, None),
        ("12:27:53.388", "12:28:04.567", "12:27:53.388", None, 11179, None, None, None),
        ("12:27:53.519", "12:43:23.306", None, "12:28:04.569", None, 374561, 544176, None),
        ("15:30:51.418", None, None, None, None, None, None, None),
        ("15:30:51.422", "15:30:57.806", "15:30:51.422", None, 6384, None, None, None),
        # tTalk alone: tTalkComplete is not told while the conversation is open.
        ("15:30:51.577", "15:46:21.293", None, "15:30:57.809", None, 923484, None, None),
    ]
    # '2021-04-2T15:30:51.422Z' lacks a digit; it can only mean 2 April.
    assert samples.rows("select distinct started_at::date::varchar from new_legs order by 1") == [
        ("2021-04-01",),
        ("2021-04-02",),
    ]


def test_the_samples_are_two_answered_interactions_whose_handle_time_is_the_vendors(samples: Export) -> None:
    columns = "interaction_id, is_answered, is_abandoned, is_complete, n_agents, n_transfers, wait_ms, handle_ms, handler"
    assert samples.interactions(columns) == [
        (CLOSED, True, False, True, 1, 0, 11179, 918737, "human_only"),  # tHandle 918737 = tTalk 374561 + tHeld 544176
        (OPEN, True, False, False, 1, 0, 6384, 923484, "human_only"),
    ]


def test_each_conversation_of_a_page_is_a_record_and_a_time_that_is_none_quarantines_it_alone(genesys: Export) -> None:
    bad_segment = conversation("b", part("acd", "q", segment("9 o'clock", None)))
    odd_end = conversation("e", CUSTOMER, conversationEnd="tomorrow")
    no_start = {"conversationId": "s", "participants": []}
    reversed_ = conversation("r", CUSTOMER, conversationEnd=f"{DAY}08:59:59Z")
    genesys.read(KIND, page(conversation("a", CUSTOMER), bad_segment, odd_end, no_start, reversed_, "no conversation"))
    assert genesys.reasons() == [
        (1, "a", None),
        (2, "b", "a time of a session's segment or metric is no time"),
        (3, "e", "conversationEnd is no time"),
        (4, "s", "conversationStart is missing"),
        (5, "r", "conversationEnd is before conversationStart"),
        (6, None, "record is no JSON object"),
    ]


def test_a_conversation_pulled_again_with_its_survey_is_a_newer_version(genesys: Export) -> None:
    survey = {
        "surveyId": "v", "surveyStatus": "Finished", "surveyPromoterScore": 9, "surveyCompletedDate": f"{DAY}11:00:00Z",
    }  # fmt: skip
    genesys.read(KIND, page(conversation("a", CUSTOMER)), page(conversation("a", CUSTOMER, surveys=[survey])))
    assert genesys.rows("select record_key, version_at::varchar from new_records order by version_at") == [
        ("a", "2025-03-03 09:10:00+00"),
        ("a", "2025-03-03 11:00:00+00"),
    ]
    assert genesys.rows("select response_id, leg_id, answered_at::varchar, score, scale_max from new_survey_responses") == [
        ("v", "a", "2025-03-03 11:00:00+00", 9, 10)
    ]


def test_a_survey_without_an_answer_is_sent_and_no_more(genesys: Export) -> None:
    genesys.read(KIND, page(conversation("a", CUSTOMER, surveys=[{"surveyId": "v", "surveyStatus": "Expired"}])))
    assert genesys.rows("select response_id, answered_at, score, scale_max from new_survey_responses") == [
        ("v", None, None, None)
    ]


def test_a_person_who_let_it_ring_has_not_answered_whatever_the_handle_time_says(genesys: Export) -> None:
    rings = {"tAlert": 7421, "tNotResponding": 7421, "tAcw": 57000, "tHandle": 57000}
    genesys.read(
        KIND,
        page(
            conversation(
                "a", CUSTOMER,
                part("acd", "q", segment("09:00:01", "09:00:30", queueId="cards"), metrics={"tAcd": 29000, "tAbandon": 29000}),
                part("agent", "s", segment("09:00:05", "09:00:12", "alert"), user="ann", metrics=rings),
            )
        ),
    )  # fmt: skip
    assert genesys.rows("select answered_at, talk_ms, acw_ms from new_legs where agent_id = 'ann'") == [(None, None, None)]
    assert genesys.rows("select kind, name, result, duration_ms from new_events") == [("agent", "alert", "not_responding", 7421)]
    columns = "is_answered, is_abandoned, abandoned_in, wait_ms, handle_ms, n_agents"
    assert genesys.interactions(columns) == [(False, True, "queue", 29000, None, 0)]


def test_a_transfer_counts_once_and_a_consultation_and_a_supervisor_do_not(genesys: Export) -> None:
    cards, loans = {"queueId": "cards", "disconnectType": "transfer"}, {"queueId": "loans", "disconnectType": "transfer"}
    parts = [
        part("acd", "q1", segment("09:00:01", "09:00:10", **cards), metrics={"tAcd": 9000}),
        part("agent", "s1", segment("09:00:10", "09:04:00", **cards), user="ann", metrics={"tTalkComplete": 230000}),
        part("agent", "c", segment("09:02:00", "09:03:00"), user="dan", metrics={"tTalkComplete": 60000}),
        part("user", "m", segment("09:01:00", "09:03:00", "coaching"), user="eve", metrics={"tMonitoring": 120000}),
        part("user", "b", segment("09:03:10", "09:03:30", "barging"), user="eve", metrics={"tTalk": 20000}),
        part("acd", "q2", segment("09:04:00", "09:04:20", **loans), metrics={"tAcd": 20000}),
        part("agent", "s2", segment("09:04:20", "09:09:00"), user="bob", metrics={"tTalkComplete": 280000}),
    ]
    genesys.read(KIND, page(conversation("a", CUSTOMER, *parts)))
    assert genesys.rows("select leg_id, initiation, is_transferred, excluded_as from new_legs order by started_at, leg_id") == [
        ("a", "customer", None, None),
        ("a:q1", "customer", None, None),
        ("a:s1", "queue_transfer", True, None),
        ("a:m", "monitor", None, "monitor"),
        ("a:c", "consult", False, None),
        ("a:b", "monitor", None, "monitor"),
        ("a:q2", "transfer", None, None),
        ("a:s2", "queue_transfer", False, None),
    ]
    assert genesys.interactions("n_agents, n_transfers, handle_ms, agent_id, queue") == [(2, 1, 510000, "bob", "cards")]


def test_a_bot_that_was_not_understood_failed_and_a_flow_outcome_says_what_was_reached(genesys: Export) -> None:
    def bot(value: str, **flow: Any) -> dict[str, Any]:
        outcome = {"flowOutcome": "Bill paid", "flowOutcomeValue": value, "flowOutcomeEndTimestamp": f"{DAY}09:02:00Z"}
        flow |= {"flowName": "Pay", "flowType": "DIGITALBOT", "flowVersion": "7.0", "outcomes": [outcome]}
        return part("botflow", "t", segment("09:00:00", "09:03:00"), flow=flow, mediaType="message")

    done = conversation("done", CUSTOMER, bot("SUCCESS", exitReason="FLOW_DISCONNECT"))
    failed = conversation("failed", CUSTOMER, bot("FAILURE", recognitionFailureReason="NO_MATCH"))
    genesys.read(KIND, page(done, failed))
    assert genesys.interactions("interaction_id, handler, ai_agent, ai_agent_version, is_goal_completed, is_ai_failed") == [
        ("done", "ai_only", "Pay", "7.0", True, False),
        ("failed", "ai_only", "Pay", "7.0", False, True),
    ]
    assert genesys.rows("select leg_id, kind, name, result, is_no_match from new_events order by leg_id, kind") == [
        ("done:t", "bot", "Pay", "FLOW_DISCONNECT", False),
        ("done:t", "outcome", "Bill paid", "success", False),
        ("failed:t", "bot", "Pay", "NO_MATCH", True),
        ("failed:t", "outcome", "Bill paid", "failure", False),
    ]


def test_a_caller_who_hangs_up_in_the_menu_has_abandoned_no_queue(genesys: Export) -> None:
    menu = part("ivr", "i", segment("09:00:00", "09:00:20", "ivr"), flow={"flowName": "Main", "flowType": "INBOUNDCALL"})
    genesys.read(KIND, page(conversation("a", CUSTOMER, menu)))
    assert genesys.interactions("is_queued, is_abandoned, abandoned_in, handler") == [(False, False, None, "none")]


def test_the_default_wrap_up_is_no_disposition_and_a_chosen_one_may_claim_a_resolution(genesys: Export) -> None:
    def answered(id_: str, code: str) -> dict[str, Any]:
        wrap_up = segment("09:09:00", "09:20:00", "wrapup", wrapUpCode=code, wrapUpNote="card 4111 1111 1111 1111")
        times = {"tTalkComplete": 480000, "tAcw": 660000}
        return conversation(
            id_, CUSTOMER, part("agent", "s", segment("09:01:00", "09:09:00"), wrap_up, user="ann", metrics=times)
        )

    both = page(answered("a", "ININ-WRAP-UP-TIMEOUT"), answered("b", "solved"))
    genesys.read(KIND, both, params={"resolved_wrap_ups": "done,solved"})
    assert genesys.rows("select leg_id, name, result from new_events") == [("b:s", "wrap_up", "solved")]
    people = "select is_claimed_resolved, ended_at::varchar, note from new_legs where agent_id = 'ann' order by leg_id"
    assert genesys.rows(people) == [  # after-contact work beyond the conversation does not prolong the leg
        (None, "2025-03-03 09:09:00+00", "card [CARD]"),
        (True, "2025-03-03 09:09:00+00", "card [CARD]"),
    ]


def test_an_evaluation_judges_the_leg_of_its_agent_and_an_unreleased_one_is_a_draft(genesys: Export) -> None:
    def judged(id_: str, **more: Any) -> dict[str, Any]:
        return {"evaluationId": id_, "userId": "ann", "formName": "Card calls", "oTotalScore": 87.5, "released": True,
                "eventTime": f"{DAY}15:00:00Z", "deleted": False, **more}  # fmt: skip

    person = part("agent", "s", segment("09:01:00", "09:09:00"), user="ann", metrics={"tTalkComplete": 480000})
    evaluations = [
        judged("e1"), judged("e2", released=False), judged("e3", deleted=True), judged("e4", calibrationId="x", userId="zed"),
    ]  # fmt: skip
    genesys.read(KIND, page(conversation("a", CUSTOMER, person, evaluations=evaluations)))
    assert genesys.rows("select evaluation_id, leg_id, kind, status, score::varchar from new_evaluations order by 1") == [
        ("e1", "a:s", "standard", "submitted", "0.8750"),
        ("e2", "a:s", "standard", "draft", "0.8750"),
        ("e3", "a:s", "standard", "retracted", "0.8750"),
        ("e4", "a", "calibration", "submitted", "0.8750"),
    ]


def test_what_is_no_contact_of_a_customer_is_left_out(genesys: Export) -> None:
    outbound = conversation("out", part("customer", "k", dnis="tel:+441134960002"), originatingDirection="outbound")
    colleagues = conversation("in", part("agent", "x", segment("09:00:00", "09:01:00"), user="ann", metrics={"tTalk": 60000}))
    tested = conversation("test", {**CUSTOMER, "attributes": {"testContact": "true"}})
    genesys.read(KIND, page(outbound, colleagues, tested, conversation("real", CUSTOMER)))
    assert genesys.interactions("interaction_id, excluded_as, phone_key is not null") == [
        ("in", "internal", False),
        ("out", "outbound", True),
        ("real", None, True),
        ("test", "test", True),
    ]


def test_a_caller_who_leaves_the_queue_for_a_callback_has_not_given_up(genesys: Export) -> None:
    queue = part("acd", "q", segment("09:00:01", "09:01:00", queueId="cards"), metrics={"tAcd": 59000, "tFlowOut": 59000})
    callback = part("acd", "cb", segment("09:01:00", "09:10:00", queueId="cards"), mediaType="callback")
    genesys.read(KIND, page(conversation("a", CUSTOMER, queue, callback)))
    assert genesys.interactions("is_callback, is_abandoned, wait_ms") == [(True, False, 59000)]
