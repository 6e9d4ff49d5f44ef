"""Tables of Amazon Connect's analytics data lake, as Parquet files with the columns of its documented schema."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.test_source_amazon_connect import Taken, taken  # noqa: F401  (a fixture)

Table = Callable[..., Path]


@pytest.fixture
def table(shared: Path, tmp_path: Path) -> Table:
    """A Parquet file of that table: every column of the documented schema, those not given empty; values are SQL."""
    schema = json.loads((shared / "formats/samples/amazon_connect/datalake_schema.json").read_text())

    def write(name: str, *rows: dict[str, str]) -> Path:
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        columns = [*schema.get(name, {}).get("columns", ())]
        columns += [c for row in rows for c in row if c not in columns]
        columns = list(dict.fromkeys(columns))
        selects = [", ".join(f"{row.get(c, 'null')} as {c}" for c in columns) for row in rows]
        path = folder / f"{name}.parquet"
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            con.execute(f"copy (select {' union all select '.join(selects)}) to '{path}' (format parquet)")
        return path

    return write


CALL = {
    "instance_id": "'i'",
    "contact_id": "'c-1'",
    "channel": "'VOICE'",
    "initiation_method": "'INBOUND'",
    "initiation_timestamp": "timestamp '2025-03-03 09:00:00.250'",
    "disconnect_timestamp": "timestamp '2025-03-03 09:30:00'",
    "queue_name": "'Billing'",
    "queue_enqueue_timestamp": "timestamp '2025-03-03 09:01:00'",
    "queue_duration_ms": "17250",
    "agent_username": "'ann'",
    "agent_connected_to_agent_timestamp": "timestamp '2025-03-03 09:01:17.250'",
    "agent_interaction_duration_ms": "239100",
    "agent_customer_hold_duration_ms": "221050",
    "agent_after_contact_work_duration_ms": "12000",
    "customer_endpoint_type": "'TELEPHONE_NUMBER'",
    "customer_endpoint_address": "'+441134960001'",
    "attributes": "map {'intent': 'billing', 'Intent': 'other', 'testContact': 'true'}",
    "data_lake_last_processed_timestamp": "timestamp '2025-03-03 10:00:00'",
}


def test_durations_of_the_lake_are_milliseconds_and_no_difference_of_times(taken, table) -> None:  # noqa: F811
    con: Taken = taken("amazon_connect_lake_contact_record", table("contact_record", CALL))
    assert con.reasons() == [None]
    assert con.rows(
        "select leg_id, started_at, ended_at, answered_at, wait_ms, talk_ms, hold_ms, acw_ms, queue, agent_id, intent, is_test, "
        "excluded_as from new_legs"
    ) == [
        (
            "c-1",
            "2025-03-03 09:00:00.250000+00:00",
            "2025-03-03 09:30:00+00:00",
            "2025-03-03 09:01:17.250000+00:00",
            17250,
            239100,
            221050,
            12000,
            "Billing",
            "ann",
            "billing",
            True,
            None,
        )
    ]
    assert con.rows("select count(*) from new_legs where phone_key like 'p_%'") == [(1,)]
    assert con.rows("select record_key, version_at from new_records") == [("c-1", "2025-03-03 10:00:00+00:00")]


def test_the_newest_processing_of_a_contact_wins(taken, table) -> None:  # noqa: F811
    later = {**CALL, "data_lake_last_processed_timestamp": "timestamp '2025-03-09 10:00:00'", "queue_name": "'Cards'"}
    con = taken("amazon_connect_lake_contact_record", table("contact_record", later, CALL))
    assert con.rows("select max_by(queue, version_at) from new_legs join new_records using (file_id, position)") == [("Cards",)]


def statistic(contact: str, method: str, **marks: int) -> dict[str, str]:
    times = {
        "contact_flow_time_ms": 30000,
        "queue_time_ms": 20000,
        "agent_interaction_time_ms": 60000,
        "customer_hold_time_ms": 5000,
    }
    return {
        "contact_id": f"'{contact}'",
        "channel": "'VOICE'",
        "initiation_method": f"'{method}'",
        "disconnect_timestamp": "timestamp '2025-03-03 09:01:55'",
        **{name: str(value) for name, value in {**times, **marks}.items()},
    }


def test_contact_statistics_give_the_times_that_they_have_and_no_chain(taken, table) -> None:  # noqa: F811
    rows = (
        statistic("a", "INBOUND", is_abandoned=0, is_handled=1, is_queued=1, is_transferred_in=0),
        statistic("b", "TRANSFER", is_abandoned=0, is_handled=1, is_queued=1, is_transferred_in=1),
        statistic("c", "INBOUND", is_abandoned=1, is_handled=0, is_queued=1, is_transferred_in=0),
    )
    con = taken("amazon_connect_lake_contact_statistic_record", table("contact_statistic_record", *rows))
    assert con.reasons() == [None] * 3
    assert con.rows(
        "select leg_id, started_at, wait_ms, hold_ms, is_abandoned, answered_at, excluded_as from new_legs order by 1"
    ) == [
        ("a", "2025-03-03 09:00:00+00:00", 20000, 5000, False, "2025-03-03 09:00:50+00:00", None),
        ("b", "2025-03-03 09:00:00+00:00", 20000, 5000, False, "2025-03-03 09:00:50+00:00", "no_chain"),
        ("c", "2025-03-03 09:00:00+00:00", 20000, 5000, True, None, None),
    ]


def test_scores_of_the_lake_are_the_customers_and_an_empty_one_is_unknown(taken, table) -> None:  # noqa: F811
    row = {
        "contact_id": "'c-1'",
        "channel": "'CHAT'",
        "sentiment_overall_score_customer": "-1.5::float",
        "sentiment_overall_score_agent": "4::float",
        "sentiment_interaction_score_customer_with_agent": "5::float",
        "sentiment_interaction_score_customer_without_agent": "0::float",
    }
    con = taken("amazon_connect_lake_contact_lens", table("contact_lens_conversational_analytics", row))
    assert con.rows("select leg_id, speaker, part, score::double from new_sentiments order by part") == [
        ("c-1", "customer", "overall", -0.3),
        ("c-1", "customer", "with_agent", 1.0),
        ("c-1", "customer", "without_agent", 0.0),
    ]


BOT = {
    "contact_id": "'c-1'",
    "bot_id": "'b'",
    "bot_alias_id": "'PROD'",
    "bot_version": "'7'",
    "bot_conversation_start_timestamp": "timestamp '2025-03-03 09:00:00'",
    "bot_conversation_end_timestamp": "timestamp '2025-03-03 09:00:30.5'",
}


def test_a_bots_success_is_an_event_and_no_goal_reached(taken, table) -> None:  # noqa: F811
    outcomes = ("Success", "Failure", "Dropped")
    rows = [{**BOT, "event_id": f"'{o}'", "bot_conversation_outcome": f"'{o}'"} for o in outcomes]
    con = taken("amazon_connect_lake_bot_conversations", table("bot_conversations", *rows))
    assert con.rows("select result, duration_ms, is_error, is_test from new_events order by 1") == [
        ("Dropped", 30500, False, False),
        ("Failure", 30500, True, False),
        ("Success", 30500, False, False),
    ]
    assert con.rows("select count(*) from new_legs") == [(0,)]


def test_a_draft_bots_intents_are_tests_and_the_fallback_is_no_match(taken, table) -> None:  # noqa: F811
    one = {**BOT, "event_id": "'x'", "bot_intent_name": "'Pay'", "bot_intent_outcome": "'Switched'", "bot_version": "'DRAFT'"}
    two = {**BOT, "event_id": "'y'", "bot_intent_name": "'FallbackIntent'", "bot_intent_outcome": "'Failed'"}
    con = taken("amazon_connect_lake_bot_intents", table("bot_intents", one, two))
    assert con.rows("select name, result, is_no_match, is_error, is_test from new_events order by 1") == [
        ("FallbackIntent", "Failed", True, True, False),
        ("Pay", "Switched", False, False, True),
    ]


def test_a_flow_tells_its_version_and_a_row_without_contact_is_quarantined(taken, table) -> None:  # noqa: F811
    flow = {
        "event_id": "'e'",
        "contact_id": "'c-1'",
        "flow_resource_id": "'f'",
        "resource_version": "3",
        "start_timestamp": "timestamp '2025-03-03 09:00:00'",
        "end_timestamp": "timestamp '2025-03-03 09:00:02'",
        "flow_outcome": "'DROPPED'",
    }
    con = taken("amazon_connect_lake_contact_flow_events", table("contact_flow_events", flow, {**flow, "contact_id": "null"}))
    assert con.reasons() == [None, "contact_id is missing"]
    assert con.rows("select leg_id, event_at, name, result, duration_ms, detail from new_events") == [
        ("c-1", "2025-03-03 09:00:00+00:00", "f", "DROPPED", 2000, "flow f, version 3")
    ]


def test_of_an_evaluation_in_the_lake_the_form_is_the_evaluation_and_a_question_an_answer(taken, table) -> None:  # noqa: F811
    common = {
        "evaluation_id": "'e'",
        "contact_id": "'c-1'",
        "evaluation_submitted_timestamp": "timestamp '2025-03-03 09:00:00'",
        "evaluation_type": "'CALIBRATION'",
    }
    rows = (
        {**common, "item_reference_id": "'f'", "item_type": "'Form'", "score": "62.5::double", "automatic_fail": "true"},
        {**common, "item_reference_id": "'s'", "item_type": "'Section'", "score": "62.5::double"},
        {**common, "item_reference_id": "'q'", "item_type": "'question'", "numeric_answer": "4::double"},
    )
    con = taken("amazon_connect_lake_contact_evaluation_record", table("contact_evaluation_record", *rows))
    assert con.reasons() == [None] * 3
    assert con.rows("select evaluation_id, leg_id, kind, status, score::double, is_auto_fail from new_evaluations") == [
        ("e", "c-1", "calibration", "submitted", 0.625, True)
    ]
    assert con.rows("select evaluation_id, question, answer, score from new_evaluation_answers") == [("e", "q", "4.0", None)]


def test_a_test_cases_run_names_the_contact_that_it_made(taken, table) -> None:  # noqa: F811
    run = {
        "connect_test_case_resource_arn": "'arn:x/test-case/1'",
        "connect_test_case_execution_id": "'x'",
        "connect_test_case_execution_start_timestamp": "timestamp '2025-03-03 09:00:00'",
        "connect_test_case_execution_end_timestamp": "timestamp '2025-03-03 09:00:12'",
        "connect_test_case_status": "'Completed'",
        "connect_test_case_result": "'Passed'",
        "connect_test_case_type": "'FlowTest'",
        "connect_test_case_associated_initial_contact_id": "'c-1'",
        "connect_test_case_associated_contact_ids": "['c-1', 'c-2']",
    }
    aborted = {**run, "connect_test_case_execution_id": "'y'", "connect_test_case_result": "'Aborted'"}
    con = taken("amazon_connect_lake_test_cases", table("connect_test_case_execution_results", run, aborted))
    assert con.rows("select run_id, suite, test, status, duration_ms, leg_id from new_synthetic_runs order by 1") == [
        ("x", "FlowTest", "1", "passed", 12000, "c-1"),
        ("y", "FlowTest", "1", "error", 12000, "c-1"),
    ]


def test_a_file_of_another_table_is_refused_with_its_missing_columns_named(taken, table) -> None:  # noqa: F811
    with pytest.raises(Exception, match="has no column 'bot_intent_name'"):
        taken("amazon_connect_lake_bot_intents", table("contact_flow_events", {"event_id": "'e'"}))
