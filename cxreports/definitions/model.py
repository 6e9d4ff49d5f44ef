"""The landed tables: what every source is mapped onto, column by column. Grain, meaning, privacy; nothing is computed here.

Tables that are computed from these are described in the headers of `sql/core` and `sql/outcomes`.
"""

from cxreports.definitions.columns import (
    Column,
    Privacy,
    Table,
    at_column,
    flag_column,
    id_column,
    label_column,
    ms_column,
    who_column,
)
from cxreports.definitions.model_work import (
    CASE_EVENTS,
    CASES,
    EVALUATION_ANSWERS,
    EVALUATIONS,
    EVENTS,
    KNOWLEDGE_SEARCHES,
    PERIOD_COUNTS,
    PROCEDURE_STEPS,
    RECORDINGS,
    SCHEDULE_HOLIDAYS,
    SCHEDULE_OPENINGS,
    STAFFING,
    SYNTHETIC_RUNS,
    SYNTHETIC_STEPS,
)

__all__ = ["KEPT_FIELDS", "LANDED", "PROVENANCE", "Column", "Privacy", "Table"]

LEGS = Table(
    "legs",
    "Legs",
    "one source record of one handler's part in an interaction; self-service, queue and agent part may share a record",
    "leg_id",
    (
        id_column("leg_id", "the source's id of this record", required=True),
        id_column("root_id", "id of the first leg of the chain; empty on the first leg itself"),
        id_column("previous_id", "id of the leg this one continues"),
        label_column("channel", "voice, chat, messaging, sms, email, task"),
        label_column("direction", "inbound, outbound or internal; empty means inbound"),
        label_column("initiation", "customer, transfer, queue_transfer, callback, api, outbound, monitor, survey, consult, task"),
        at_column("started_at", "when the leg began", required=True),
        at_column("ended_at", "when the leg ended; empty while it is open"),
        at_column("enqueued_at", "when it entered a queue; empty if it never did"),
        at_column("answered_at", "when a person took it; empty if nobody did"),
        ms_column("wait_ms", "time in queue until answered or left"),
        ms_column("talk_ms", "time in conversation with a person, without hold"),
        ms_column("hold_ms", "time on hold"),
        ms_column("acw_ms", "after-contact work"),
        label_column("queue", "the queue's name"),
        label_column("agent_id", "the person's user name or id"),
        label_column("team", "the person's team or site"),
        flag_column("is_transferred", "the leg ended by handing over to another person or queue"),
        flag_column("is_callback_requested", "the customer left the queue for a callback"),
        flag_column("is_abandoned", "the source itself says that the customer gave up; empty: derived from queue and answer"),
        label_column("ai_agent", "name of the AI agent that took part"),
        label_column("ai_agent_version", "its version"),
        Column("ai_replies", "INTEGER", "substantive replies of the AI; a greeting is none"),
        flag_column("is_goal_completed", "a system of record shows that the customer's goal was reached"),
        flag_column("is_confirmed", "the customer said that it is solved"),
        flag_column("is_ai_failed", "the AI said or logged that it failed"),
        flag_column("is_ai_dropped", "the customer left the AI in the middle"),
        flag_column("is_claimed_resolved", "an agent or an AI claims that it is solved"),
        label_column("escalation_reason", "customer_asked, policy, failure, unavailable, …"),
        id_column("ticket_id", "a ticket that was left behind"),
        label_column("disconnect_reason", "the source's own word for how it ended"),
        label_column("intent", "what the customer wanted"),
        label_column("journey", "the designed journey it belongs to"),
        label_column("region", "the customer's region"),
        label_column("language", "language"),
        label_column("device", "device or client"),
        label_column("segment", "customer segment"),
        who_column("account_key", "account id, authenticated or from a system of record"),
        who_column("email_key", "e-mail address"),
        who_column("phone_key", "telephone number of the customer; empty where withheld"),
        who_column("cookie_key", "browser or device id"),
        flag_column("is_withheld", "the number was withheld"),
        flag_column("is_test", "test or synthetic traffic"),
        label_column(
            "excluded_as",
            "why the source says that this is no customer interaction: phantom, spam, internal, …; session is a visit to an app"
            " or a website, which counts in journeys alone",
        ),
        Column("end_score", "DECIMAL(9,4)", "sentiment at the end, -1 to 1, where the record itself carries one"),
        Column("note", "VARCHAR", "free text of the record, masked", "text"),
        at_column("left_at", "when the person left the conversation and after-contact work began"),
        flag_column("is_context_kept", "who took over from the AI was given what it had got: attributes, summary or transcript"),
    ),
    at="started_at",
)

TURNS = Table(
    "turns",
    "Turns",
    "one utterance of one speaker",
    "turn_id",
    (
        id_column("turn_id", "id of the turn within its record", required=True),
        id_column("leg_id", "the leg it belongs to", required=True),
        Column("turn_seq", "INTEGER", "order within the record"),
        label_column("speaker", "customer, agent, bot, system, supervisor"),
        at_column("occurred_at", "when it was said, where the source gives an instant"),
        ms_column("offset_ms", "offset from the start of the recording"),
        Column("content", "VARCHAR", "what was said, masked", "text"),
        label_column("sentiment", "positive, neutral, negative, mixed"),
        flag_column("is_vendor_redacted", "the source had masked parts of it"),
        flag_column("is_test", "test or synthetic traffic"),
    ),
    at="occurred_at",
)

SENTIMENTS = Table(
    "sentiments",
    "Sentiments",
    "one scored part of one leg, for one speaker",
    "sentiment_id",
    (
        id_column("sentiment_id", "id of the score within its record", required=True),
        id_column("leg_id", "the leg it belongs to", required=True),
        label_column("speaker", "customer or agent"),
        label_column("part", "overall, begin, end, with_agent, without_agent"),
        Column("score", "DECIMAL(9,4)", "sentiment, -1 to 1 (the source's scale divided by its end)"),
        label_column("scorer", "who scored it, with version"),
    ),
)

SURVEY_RESPONSES = Table(
    "survey_responses",
    "Survey responses",
    "one survey sent, answered or not",
    "response_id",
    (
        id_column("response_id", "the source's id", required=True),
        id_column("leg_id", "the leg or interaction it asks about"),
        at_column("sent_at", "when it was sent"),
        at_column("answered_at", "when it was answered; empty if it was not"),
        Column("score", "INTEGER", "the answer on its own scale"),
        Column("scale_max", "INTEGER", "highest number of the scale"),
        flag_column("is_resolved", "the customer says it was solved"),
        Column("comment", "VARCHAR", "free text, masked", "text"),
        label_column("kind", "what the score says: csat (satisfaction), ces (effort), nps (recommendation); empty: csat"),
        Column("scale_min", "INTEGER", "lowest number of the scale; empty: 1"),
        flag_column("is_high_best", "the highest number is the best (easiest) answer; empty: of csat it is, else not known"),
        Column("question", "VARCHAR", "the wording of the question", "text"),
    ),
    at="coalesce(answered_at, sent_at)",
)

RELEASES = Table(
    "releases",
    "Releases",
    "one change put into service",
    "release_id",
    (
        id_column("release_id", "the source's id", required=True),
        at_column("released_at", "when it took effect", required=True),
        label_column("component", "what was changed"),
        label_column("version", "its new version"),
        label_column(
            "kind", "release, prerelease, rollback, removal, change, incident, incident_end, configuration, knowledge, …"
        ),
        label_column("channel", "channel it is limited to; empty: all"),
        label_column("region", "region it is limited to; empty: all"),
        Column("description", "VARCHAR", "what changed, in words", "text"),
        label_column("environment", "where it was put into service"),
    ),
    at="released_at",
)

KEPT_FIELDS = Table(
    "kept_fields",
    "Kept fields",
    "one value of a field that no mapping reads and the source's settings keep; one row without a value where a record has none",
    "value_id",
    (
        id_column("value_id", "the field and the number of the value within its record", required=True),
        label_column("field", "the field, as cxreports.toml names it"),
        Column("value_no", "INTEGER", "the number of the value, from 1; more than one only within a list"),
        Column("value", "VARCHAR", "the value as text, masked", "text"),
    ),
)

LANDED: dict[str, Table] = {
    t.name: t
    for t in (
        LEGS,
        TURNS,
        SENTIMENTS,
        SURVEY_RESPONSES,
        CASES,
        CASE_EVENTS,
        EVENTS,
        EVALUATIONS,
        EVALUATION_ANSWERS,
        RECORDINGS,
        SYNTHETIC_RUNS,
        SYNTHETIC_STEPS,
        KNOWLEDGE_SEARCHES,
        STAFFING,
        PROCEDURE_STEPS,
        PERIOD_COUNTS,
        RELEASES,
        KEPT_FIELDS,
        SCHEDULE_OPENINGS,
        SCHEDULE_HOLIDAYS,
    )
}

# Every landed row carries where it came from. `record_key` names the source's record; a record may give several rows.
PROVENANCE: tuple[Column, ...] = (
    Column("source", "VARCHAR", "name of the source in cxreports.toml", "id"),
    Column("record_key", "VARCHAR", "the source's own key of the record", "id"),
    Column("file_id", "VARCHAR", "sha256 of the file's bytes", "id"),
    Column("position", "BIGINT", "the record's number within the file, counted from 1"),
)
