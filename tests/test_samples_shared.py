"""Every sample file of the platforms, in one project: each is read by a kind, or it is said why it is no export.

The account of each file is literal, and so is what came of it. A file that is new in the samples fails here until it is declared.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline, received
from cxreports.lake.view import View
from tests.conftest import silent

Account = tuple[int, int, int, int, int]  # received, loaded, duplicate, superseded, quarantined

# source → (kind, settings, file → its account). A source has all files of its kind: two platforms' exports share no ids.
SOURCES: dict[str, tuple[str, str, dict[str, Account]]] = {
    "connect_records": (
        "amazon_connect_contact_records", "", {"amazon_connect/ctr_doc_fragment_consult_chain.jsonl": (2, 0, 0, 0, 2)},
    ),
    "connect_events": ("amazon_connect_contact_events", "", {"amazon_connect/contact_events.jsonl": (2, 2, 0, 0, 0)}),
    "connect_lens": (
        "amazon_connect_contact_lens",
        "",
        {
            "amazon_connect/contact_lens_chat_raw.json": (1, 0, 0, 1, 0),
            "amazon_connect/contact_lens_chat_redacted.json": (1, 1, 0, 0, 0),
            "amazon_connect/contact_lens_voice_raw.json": (1, 0, 0, 1, 0),
            "amazon_connect/contact_lens_voice_redacted.json": (1, 1, 0, 0, 0),
            "amazon_connect/contact_lens_voice_v1.1.0_header.json": (1, 1, 0, 0, 0),
        },
    ),
    "connect_cases": ("amazon_connect_cases", "", {"amazon_connect/case_events.jsonl": (2, 2, 0, 0, 0)}),
    "connect_evaluations": ("amazon_connect_evaluations", "", {"amazon_connect/evaluation_form_v3.1.json": (1, 1, 0, 0, 0)}),
    "connect_ai": ("amazon_connect_ai_agent_logs", "", {"amazon_connect/ai_agent_cloudwatch_log.jsonl": (8, 8, 0, 0, 0)}),
    "connect_flows": (
        "amazon_connect_flow_logs", "", {"amazon_connect/flow_log_cloudwatch_subscription_envelope.json": (1, 1, 0, 0, 0)},
    ),
    "genesys": (
        "genesys_cloud_conversations", "",
        {"genesys/conversation1.json": (1, 1, 0, 0, 0), "genesys/conversation2.json": (1, 1, 0, 0, 0)},
    ),
    "intercom": (
        "intercom_conversations",
        "",
        {
            "intercom_api/conversation_openapi_2.15_example.json": (1, 1, 0, 0, 0),
            "intercom_api/read-conversations.json": (2, 2, 0, 0, 0),
            "intercom_api/read-search-conversations.json": (1, 1, 0, 0, 0),
        },
    ),
    "intercom_history": (
        "intercom_fivetran_conversation", 'timezone = "UTC"',
        {"intercom_fivetran_seeds/conversation_history_data.csv": (9, 2, 0, 7, 0)},
    ),
    "intercom_parts": (
        "intercom_fivetran_conversation_part", 'timezone = "UTC"',
        {"intercom_fivetran_seeds/conversation_part_history_data.csv": (9, 9, 0, 0, 0)},
    ),
    "intercom_tags": (
        "intercom_fivetran_conversation_tag", 'timezone = "UTC"',
        {"intercom_fivetran_seeds/conversation_tag_history_data.csv": (9, 9, 0, 0, 0)},
    ),
    "releases": (
        "cdevents",
        "",
        {
            "releases/cdevents_change_merged.json": (1, 1, 0, 0, 0),
            "releases/cdevents_incident_detected.json": (1, 1, 0, 0, 0),
            "releases/cdevents_incident_resolved.json": (1, 1, 0, 0, 0),
            "releases/cdevents_service_deployed.json": (1, 1, 0, 0, 0),
            "releases/cdevents_service_rolledback.json": (1, 1, 0, 0, 0),
            "releases/cdevents_service_upgraded.json": (1, 1, 0, 0, 0),
            "synthetic/cdevents_testcaserun_finished.json": (1, 1, 0, 0, 0),
            "synthetic/cdevents_testsuiterun_finished.json": (1, 1, 0, 0, 0),
        },
    ),
    "github": (
        "github_webhooks",
        "",
        {
            "releases/github_deployment_payload.json": (1, 1, 0, 0, 0),
            "releases/github_deployment_status_payload.json": (1, 1, 0, 0, 0),
            "releases/github_release_published.json": (1, 0, 0, 1, 0),
            "releases/github_release_released.json": (1, 1, 0, 0, 0),
            "releases/github_workflow_run_completed.json": (1, 1, 0, 0, 0),
        },
    ),
    "twilio_insights": (
        "twilio_flex_insights_segments", "", {"twilio/flex_insights_segments_example.json": (1, 1, 0, 0, 0)},
    ),
    "twilio_events": ("twilio_taskrouter_events", "", {"twilio/taskrouter_events_example.json": (1, 1, 0, 0, 0)}),
    "twilio_reservations": (
        "twilio_taskrouter_reservations", "", {"twilio/taskrouter_reservations_example.json": (1, 1, 0, 0, 0)},
    ),
    "twilio_tasks": ("twilio_taskrouter_tasks", "", {"twilio/taskrouter_tasks_example.json": (1, 1, 0, 0, 0)}),
    "zendesk": ("zendesk_tickets", "", {"zendesk_api/incremental_tickets.json": (1, 1, 0, 0, 0)}),
    "zendesk_rows": (
        "zendesk_fivetran_ticket", 'timezone = "UTC"',
        {
            "zendesk_60_tickets/tables/ticket_data.csv": (60, 60, 0, 0, 0),
            "zendesk_fivetran_seeds/ticket_data.csv": (10, 10, 0, 0, 0),
        },
    ),
    "zendesk_comments": (
        "zendesk_fivetran_ticket_comment", 'timezone = "UTC"',
        {
            "zendesk_60_tickets/tables/ticket_comment_data.csv": (338, 338, 0, 0, 0),
            "zendesk_fivetran_seeds/ticket_comment_data.csv": (20, 20, 0, 0, 0),
        },
    ),
    "zendesk_changes": (
        "zendesk_fivetran_ticket_field_history", 'timezone = "UTC"',
        {
            "zendesk_60_tickets/tables/ticket_field_history_data.csv": (808, 791, 0, 17, 0),
            "zendesk_fivetran_seeds/ticket_field_history_data.csv": (38, 35, 3, 0, 0),
        },
    ),
    "zendesk_chats": (
        "zendesk_fivetran_ticket_chat_event", 'timezone = "UTC"',
        {"zendesk_60_tickets/tables/ticket_chat_event_data.csv": (12, 12, 0, 0, 0)},
    ),
    "zendesk_hours": (
        "zendesk_fivetran_schedule", 'timezone = "UTC"',
        {
            "zendesk_60_tickets/tables/schedule_data.csv": (11, 11, 0, 0, 0),
            "zendesk_fivetran_seeds/schedule_data.csv": (5, 5, 0, 0, 0),
        },
    ),
    "zendesk_holidays": (
        "zendesk_fivetran_schedule_holiday", 'timezone = "UTC"',
        {
            "zendesk_60_tickets/tables/schedule_holiday_data.csv": (3, 3, 0, 0, 0),
            "zendesk_fivetran_seeds/schedule_holiday_data.csv": (2, 2, 0, 0, 0),
        },
    ),
    "zendesk_schedules": (
        "zendesk_fivetran_ticket_schedule", 'timezone = "UTC"',
        {
            "zendesk_60_tickets/tables/ticket_schedule_data.csv": (16, 16, 0, 0, 0),
            "zendesk_fivetran_seeds/ticket_schedule_data.csv": (10, 10, 0, 0, 0),
        },
    ),
}  # fmt: skip

# Contact Lens names its files after the contact; two examples of voice hold no contact of their own, the third is a newer form.
NAMED = {
    "amazon_connect/contact_lens_voice_raw.json": "voice-1_analysis_2019-10-28T16_01_09Z.json",
    "amazon_connect/contact_lens_voice_redacted.json": "voice-1_analysis_redacted_2019-10-28T16_01_09Z.json",
    "amazon_connect/contact_lens_voice_v1.1.0_header.json": "voice-2_analysis_2024-01-01T00_00_00Z.json",
}
# Twilio's examples stand below the names of the examples; what the API gives is the value.
WRAPPED = ("twilio/taskrouter_reservations_example.json", "twilio/taskrouter_tasks_example.json")

_SECOND = "the table again, as another warehouse writes it"
_MASTER = "master data that interactions name by id; the model holds no such table"
_RULE = "a rule of the platform; clocks of service-level policies are not computed"
_OFFSETS = "offsets of zones, which are known by their names"
NOT_READ = {
    "SOURCES.md": "where the samples come from",
    "*/LICENSE*": "a licence",
    "amazon_connect/agent_event_heartbeat.json": "states of a person who works: no landed table holds them",
    "amazon_connect/datalake_schema.json": "columns of tables, no rows; the kinds amazon_connect_lake_… are tested against it",
    "dialogflow_cx/export_ddl.sql": "the definition of a table, no rows; dialogflow_cx_bigquery is tested against it",
    "intercom_fivetran_seeds/*_snowflake.csv": _SECOND,
    "intercom_fivetran_seeds/admin_data.csv": _MASTER,
    "intercom_fivetran_seeds/article_history_data.csv": "articles with sums of reactions; a landed search is one search",
    "intercom_fivetran_seeds/collection_history_data.csv": _MASTER,
    "intercom_fivetran_seeds/company_*.csv": _MASTER,
    "intercom_fivetran_seeds/contact_*.csv": _MASTER,
    "intercom_fivetran_seeds/conversation_contact_history_data.csv": "who takes part; the one who began it is read",
    "intercom_fivetran_seeds/help_center_history_data.csv": _MASTER,
    "intercom_fivetran_seeds/tag_data.csv": _MASTER,
    "intercom_fivetran_seeds/team_*.csv": _MASTER,
    "*/audit_log_data.csv": "changes of schedules and roles, as words for people; hours of before an export are settings",
    "*/brand_data.csv": _MASTER,
    "*/brand_data_postgres.csv": _SECOND,
    "*/daylight_time_data.csv": _OFFSETS,
    "*/time_zone_data.csv": _OFFSETS,
    "*/domain_name_data.csv": _MASTER,
    "*/group_data.csv": _MASTER,
    "*/organization_data.csv": _MASTER,
    "*/organization_tag_data.csv": _MASTER,
    "*/organization_tag_data_snowflake.csv": _SECOND,
    "*/sla_policy_metric_history_data.csv": _RULE,
    "*/ticket_sla_policy_data.csv": _RULE,
    "*/ticket_form_history_data.csv": _MASTER,
    "*/ticket_tag_data.csv": "tags without the time at which they were put on; a case has one category, from the ticket",
    "*/user_data.csv": "master data; who is an agent is told by the parameter agent_ids",
    "*/user_data_snowflake.csv": _SECOND,
    "*/user_tag_data.csv": _MASTER,
    "*/user_tag_data_snowflake.csv": _SECOND,
    "*/ticket_chat_data.csv": "which tickets a chat is on, and not one time; the chats are read from their events",
    "zendesk_fivetran_seeds/ticket_chat_event_data.csv": "the same bytes as the table of the 60 tickets, which is read",
    "zendesk_60_tickets/README.md": "what the set is",
    "zendesk_60_tickets/expected/*.csv": "figures of another tool, to compare with",
}


def deliver(samples: Path, file: str, folder: Path) -> None:
    """The sample as its platform would have delivered it."""
    to = folder / NAMED.get(file, file)
    to.parent.mkdir(parents=True, exist_ok=True)
    content = (samples / file).read_bytes()
    to.write_bytes(json.dumps(json.loads(content)["readFull"]["value"]).encode() if file in WRAPPED else content)


@pytest.fixture(scope="module")
def project(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> pipeline.Project:
    folder = tmp_path_factory.mktemp("samples")
    settings = ['[project]\nname = "Samples"\ntimezone = "UTC"\n']
    for source, (kind, more, files) in SOURCES.items():
        settings.append(f'[sources.{source}]\nkind = "{kind}"\npath = "exports/{source}/**/*"\n{more}\n')
        for file in files:
            deliver(shared / "formats/samples", file, folder / "exports" / source)
    (folder / "cxreports.toml").write_text("\n".join(settings))
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    project = pipeline.open_project(folder)
    pipeline.run(project, datetime(2026, 1, 1, tzinfo=UTC), silent)
    return project


@pytest.fixture(scope="module")
def view(project: pipeline.Project) -> Iterator[View]:
    yield pipeline.open_view(project)


def test_every_sample_file_is_read_or_it_is_said_why_not(shared: Path) -> None:
    samples = shared / "formats/samples"
    found = {str(p.relative_to(samples)) for p in samples.rglob("*") if p.is_file()}
    read = {file for _, _, files in SOURCES.values() for file in files}
    declared = {f for f in found for pattern in NOT_READ if Path(f).match(pattern)}
    assert read - found == set()
    assert found - read - declared == set()
    assert read & declared == set()
    assert [p for p in NOT_READ if not any(Path(f).match(p) for f in found)] == []


def test_every_record_of_every_file_is_accounted_for(project: pipeline.Project) -> None:
    files, _ = received.file_accounts(project)
    names = {to: file for file, to in NAMED.items()}
    found = {
        (f["source"], names.get(file := str(f["path"]).split("/", 2)[2], file)): tuple(
            f[key] for key in ("received", "loaded", "duplicate", "superseded", "quarantined")
        )
        for f in files
    }
    assert found == {(s, file): account for s, (_, _, own) in SOURCES.items() for file, account in own.items()}


def test_only_the_fragment_of_a_documentation_is_quarantined(project: pipeline.Project) -> None:
    found = [(q["source"], q["position"], q["reason"]) for q in received.quarantined(project)]
    assert found == [
        ("connect_records", 1, "InitiationTimestamp is missing"), ("connect_records", 2, "InitiationTimestamp is missing"),
    ]  # fmt: skip


def rows(view: View, sql: str) -> list[tuple[Any, ...]]:
    return view.con.execute(sql).fetchall()


def test_the_interactions_of_the_samples_are_those_read_by_hand(view: View) -> None:
    found = rows(
        view,
        "select interaction_id, channel, direction, excluded_as, n_legs, is_answered, handler, is_complete "
        "from core_interactions where source not in ('zendesk_rows', 'zendesk_chats') order by source, interaction_id",
    )
    assert found == [
        ("1bc96a39-6725-40c4-9345-db72aa67b8c6", "chat", "inbound", None, 3, True, "human_only", True),
        ("6acbee65-80be-4777-be03-8dacd07ee3f9", "chat", "inbound", None, 3, True, "human_only", False),
        ("intercom:1", None, "outbound", "no_customer_message", 1, False, "none", False),
        ("intercom:2", "messaging", "outbound", "no_customer_message", 1, False, "none", True),
        ("intercom:5", "messaging", "inbound", None, 1, True, "human_only", False),
        ("intercom:503", "messaging", "outbound", "no_customer_message", 1, False, "none", True),
        ("intercom:156643300001311", "messaging", "inbound", None, 1, False, "none", True),
        ("intercom:156643300001372", "messaging", "inbound", None, 1, False, "none", True),
        ("WT" + "a" * 32, "task-channel", "inbound", None, 2, True, "human_only", False),
        ("zendesk:5", "other", "inbound", "test", 1, False, "none", True),
    ]
    # The joining of the one chat that has any is the bot's: no person answered.
    chats = "select channel, direction, is_answered, handler, is_complete, is_abandoned, count(*) from core_interactions "
    assert rows(view, f"{chats} where source = 'zendesk_chats' group by all") == [
        ("chat", "inbound", False, "none", True, False, 9)
    ]
    tickets = "select channel, direction, excluded_as, count(*) from core_interactions where source = 'zendesk_rows' group by all"
    assert rows(view, f"{tickets} order by all") == [
        ("email", "inbound", None, 35), ("email", "outbound", "no_customer_message", 3), ("web", "inbound", None, 29),
        ("web", "outbound", "no_customer_message", 3),
    ]  # fmt: skip


def test_each_landed_table_has_the_rows_that_the_samples_hold(view: View) -> None:
    tables = ("legs", "turns", "sentiments", "cases", "case_events", "events", "evaluations", "evaluation_answers", "recordings",
              "synthetic_runs", "synthetic_steps", "knowledge_searches", "releases", "survey_responses",
              "schedule_openings", "schedule_holidays")  # fmt: skip
    found = {t: dict(rows(view, f"select source, count(*) from core_{t} group by source")) for t in tables}
    assert found == {
        "legs": {"genesys": 6, "intercom": 4, "intercom_history": 2, "twilio_reservations": 1, "twilio_tasks": 1, "zendesk": 1,
                 "zendesk_chats": 9, "zendesk_rows": 70},
        "turns": {"connect_ai": 1, "connect_lens": 41, "intercom": 4, "intercom_history": 2, "zendesk_chats": 7,
                  "zendesk_comments": 315},
        "sentiments": {"connect_lens": 7},
        "cases": {"connect_cases": 1, "intercom": 4, "intercom_history": 2, "zendesk": 1, "zendesk_rows": 70},
        "case_events": {"intercom": 1, "intercom_parts": 9, "intercom_tags": 9, "zendesk_changes": 809, "zendesk_comments": 358,
                        "zendesk_schedules": 26},
        "events": {"connect_ai": 5, "connect_events": 2, "connect_flows": 1, "intercom": 3, "intercom_parts": 8,
                   "twilio_events": 1, "zendesk_chats": 3},
        "evaluations": {"connect_evaluations": 1},
        "evaluation_answers": {"connect_evaluations": 3},
        "recordings": {},
        "synthetic_runs": {"releases": 2},
        "synthetic_steps": {},
        "knowledge_searches": {"connect_ai": 2},
        "releases": {"github": 2, "releases": 6},
        "survey_responses": {"zendesk_changes": 17},
        "schedule_openings": {"zendesk_hours": 16},
        "schedule_holidays": {"zendesk_holidays": 5},
    }  # fmt: skip


def test_what_was_said_and_how_it_was_felt_is_that_read_by_hand(view: View) -> None:
    chat = "b49644f6-672f-445c-b209-f76b36482830"
    turns = "select leg_id, speaker, count(*) from core_turns where source = 'connect_lens' group by all order by all"
    assert rows(view, turns) == [
        (chat, "agent", 14), (chat, "customer", 14), (chat, "system", 3), ("voice-1", "agent", 5), ("voice-1", "customer", 5),
    ]  # fmt: skip
    # The voice's scores are -2.5, 5, 5, 5 by quarter and 3.1 overall, of 5.
    scores = rows(view, "select part, score::varchar from core_sentiments where leg_id = 'voice-1' order by part")
    assert scores == [("begin", "-0.5000"), ("end", "1.0000"), ("overall", "0.6200")]


def test_the_outcomes_of_the_samples_are_those_read_by_hand(view: View) -> None:
    statuses = "select status, count(*) from core_cases where source = 'zendesk_rows' group by status order by status"
    assert rows(view, statuses) == [
        ("closed", 33), ("deleted", 2), ("new", 1), ("open", 7), ("pending", 1), ("solved", 26),
    ]  # fmt: skip
    cases = "select case_id, status from core_cases where source like 'intercom%' order by case_id"
    assert rows(view, cases) == [
        ("intercom:1", "open"), ("intercom:156643300001311", "solved"), ("intercom:156643300001372", "solved"),
        ("intercom:2", "solved"), ("intercom:5", "open"), ("intercom:503", "solved"),
    ]  # fmt: skip
    assert rows(view, "select score, scale_max, count(*) from core_survey_responses group by all order by all") == [
        (0, 1, 8), (1, 1, 9),  # bad, good
    ]  # fmt: skip
    assert rows(view, "select leg_id, status, score::varchar from core_evaluations") == [
        ("badd4896-75f7-43b3-bee6-c617ed3d04cb", "submitted", "1.0000")
    ]
    assert rows(view, "select test, status from core_synthetic_runs order by all") == [("Login Test", "passed"), (None, "failed")]
    assert rows(view, "select count(*) from out_ai") == [(0,)]  # no sample says that an AI answered a customer
    releases = rows(view, "select kind, component, released_at::varchar from core_releases order by released_at, kind")
    assert releases == [
        ("release", "Codertocat/Hello-World", "2019-05-15 15:20:53+00"),
        ("release", "Codertocat/Hello-World", "2019-05-15 15:20:55+00"),
        ("incident", "myApp", "2022-11-11 13:52:20.079+00"),
        ("incident_end", "myApp", "2022-11-11 13:52:20.079+00"),
        ("change", "TestRepo/TestOrg", "2023-03-20 14:27:05.315384+00"),
        ("release", "mySubject123", "2023-03-20 14:27:05.315384+00"),
        ("release", "mySubject123", "2023-03-20 14:27:05.315384+00"),
        ("rollback", "mySubject123", "2023-03-20 14:27:05.315384+00"),
    ]
