"""The landed tables about the work around interactions: cases, evaluations, recordings, tests, staffing, procedures, counts.

Columns only.
"""

from cxreports.definitions.columns import Column, Table, at_column, flag_column, id_column, label_column, ms_column, who_column

CASES = Table(
    "cases",
    "Cases",
    "one ticket, as of its newest version",
    "case_id",
    (
        id_column("case_id", "the source's id", required=True),
        id_column("leg_id", "the leg or interaction that opened it"),
        who_column("account_key", "account id"),
        who_column("email_key", "e-mail address of the requester"),
        at_column("opened_at", "when it was opened", required=True),
        label_column("status", "open, pending, hold, solved, closed, deleted"),
        at_column("first_reply_at", "first reply of a person or AI that the customer could see"),
        at_column("solved_at", "when it was last solved"),
        at_column("closed_at", "when it was closed for good"),
        Column("n_reopens", "INTEGER", "times the customer reopened it"),
        Column("n_replies", "INTEGER", "replies that the customer could see"),
        label_column("category", "what it is about"),
        label_column("channel", "channel through which it came"),
        label_column("priority", "priority, as of its newest version"),
        label_column("assignee_id", "the person it is assigned to"),
        label_column("queue", "group or queue"),
        label_column("solved_by", "human, ai, automation, customer; who made it solved"),
        id_column("merged_into_id", "the case it was merged into"),
        id_column("follow_up_of_id", "the closed case that it follows up"),
        flag_column("is_test", "test or sample case"),
        label_column("vendor_resolution", "the platform's own word for how its AI left it"),
    ),
    at="coalesce(version_at, opened_at)",
)

CASE_EVENTS = Table(
    "case_events",
    "Case events",
    "one change of one field of one case",
    "event_id",
    (
        id_column("event_id", "id of the change within its record", required=True),
        id_column("case_id", "the case", required=True),
        at_column("event_at", "when it changed", required=True),
        label_column("field", "status, assignee, group, priority, comment (new value: public or internal), …"),
        label_column("old_value", "value before"),
        label_column("new_value", "value after"),
        label_column("actor", "customer, human, ai, automation; empty: the source gives no role"),
        id_column("leg_id", "the leg or interaction that opened the case"),
        who_column("account_key", "account id of who made the change; a customer's own is also the case's"),
    ),
    at="event_at",
)

EVENTS = Table(
    "events",
    "Events",
    "one step of a flow, a bot or an agent's tool on one leg",
    "event_id",
    (
        id_column("event_id", "id of the event within its record", required=True),
        id_column("leg_id", "the leg it belongs to"),
        at_column("event_at", "when it happened", required=True),
        Column("event_seq", "BIGINT", "order within the leg, where the source gives one"),
        label_column(
            "kind",
            "flow, bot, tool, state, slot, error, outcome, queue, agent, disclosure, context (at a handoff), …",
        ),
        label_column("name", "block, intent, tool or state"),
        label_column("result", "what came of it"),
        Column("duration_ms", "BIGINT", "how long it took, milliseconds"),
        Column("confidence", "DECIMAL(9,4)", "how sure the AI was, 0 to 1"),
        flag_column("is_no_match", "the AI did not understand"),
        flag_column("is_error", "it failed"),
        Column("detail", "VARCHAR", "words of the source, masked", "text"),
        flag_column("is_test", "test or synthetic traffic"),
        label_column("ai_agent", "name of the AI agent"),
        label_column("ai_agent_version", "its version"),
        label_column("model", "the model that answered"),
        Column("n_input_tokens", "BIGINT", "tokens that the model read"),
        Column("n_output_tokens", "BIGINT", "tokens that it wrote"),
        flag_column("is_authentication", "the customer proves who they are; empty: the source does not tell"),
    ),
    at="event_at",
)

EVALUATIONS = Table(
    "evaluations",
    "Evaluations",
    "one QA evaluation of one leg, as of its newest version",
    "evaluation_id",
    (
        id_column("evaluation_id", "the source's id", required=True),
        id_column("leg_id", "the leg it judges"),
        label_column("agent_id", "who is judged"),
        label_column("form", "title of the form"),
        label_column("form_version", "its version"),
        label_column("evaluator", "who judges"),
        label_column("kind", "standard or calibration"),
        label_column("status", "draft, submitted, retracted"),
        at_column("submitted_at", "when it was submitted"),
        Column("score", "DECIMAL(9,4)", "share of the points, 0 to 1"),
        flag_column("is_auto_fail", "a critical question failed the whole"),
        flag_column("is_automatic", "a machine judged"),
    ),
    at="submitted_at",
)

EVALUATION_ANSWERS = Table(
    "evaluation_answers",
    "Evaluation answers",
    "one answer of one evaluation",
    "answer_id",
    (
        id_column("answer_id", "evaluation and question", required=True),
        id_column("evaluation_id", "the evaluation", required=True),
        label_column("section", "section of the form"),
        label_column("question", "the question, by the id that stays the same across versions"),
        Column("question_text", "VARCHAR", "its words", "text"),
        Column("answer", "VARCHAR", "the answer, masked", "text"),
        Column("score", "DECIMAL(9,4)", "share of the points, 0 to 1; empty: not scored"),
        flag_column("is_not_applicable", "the question does not apply: never a 0"),
    ),
)

RECORDINGS = Table(
    "recordings",
    "Recordings",
    "one recording or transcript file of one leg",
    "recording_id",
    (
        id_column("recording_id", "the source's id", required=True),
        id_column("leg_id", "the leg"),
        label_column("media", "audio, screen, chat, transcript"),
        flag_column("is_redacted", "personal data were cut out"),
        at_column("started_at", "start"),
        at_column("ended_at", "end"),
        label_column("status", "available, deleted, missing"),
        label_column("deletion_reason", "why it was deleted"),
        at_column("delete_at", "when it is to be deleted"),
        flag_column("is_held", "a legal hold keeps it"),
        Column("size_bytes", "BIGINT", "bytes in the store"),
    ),
    at="started_at",
)

SYNTHETIC_RUNS = Table(
    "synthetic_runs",
    "Synthetic runs",
    "one run of one synthetic journey test",
    "run_id",
    (
        id_column("run_id", "the source's id", required=True),
        label_column("suite", "suite"),
        label_column("test", "name of the test"),
        label_column("environment", "where it ran"),
        label_column("location", "from where"),
        Column("attempt", "INTEGER", "1 for the first try"),
        at_column("started_at", "start", required=True),
        ms_column("duration_ms", "how long it took"),
        label_column("status", "passed, failed, error, skipped, flaky"),
        label_column("failure_kind", "kind of failure"),
        Column("failure_message", "VARCHAR", "words of the failure, masked", "text"),
        label_column("component", "what was tested"),
        id_column("commit_id", "the commit that was tested"),
        id_column("leg_id", "first leg of the interaction that the run made, which is no customer's"),
        flag_column("is_last_attempt", "the attempt that decides; false: it was tried again. Empty: attempts are not told apart"),
    ),
    at="started_at",
)

SYNTHETIC_STEPS = Table(
    "synthetic_steps",
    "Synthetic steps",
    "one step of one synthetic run",
    "step_id",
    (
        id_column("step_id", "run and step", required=True),
        id_column("run_id", "the run", required=True),
        Column("step_seq", "INTEGER", "order"),
        label_column("name", "name of the step"),
        label_column("status", "passed, failed, skipped"),
        ms_column("duration_ms", "how long it took"),
    ),
)

KNOWLEDGE_SEARCHES = Table(
    "knowledge_searches",
    "Knowledge searches",
    "one search in a knowledge base",
    "search_id",
    (
        id_column("search_id", "the source's id", required=True),
        id_column("leg_id", "the leg"),
        at_column("searched_at", "when", required=True),
        label_column("actor", "customer, human, ai"),
        Column("query", "VARCHAR", "what was asked, masked", "text"),
        Column("n_results", "INTEGER", "hits"),
        flag_column("is_answered", "an answer was found"),
        id_column("document_id", "the document that was used"),
        label_column("feedback", "helpful, not_helpful"),
    ),
    at="searched_at",
)

STAFFING = Table(
    "staffing",
    "Staffing",
    "one interval of one queue or team in the workforce plan",
    "interval_id",
    (
        id_column("interval_id", "queue, start", required=True),
        label_column("queue", "queue or team"),
        at_column("started_at", "start of the interval", required=True),
        ms_column("length_ms", "its length"),
        Column("planned", "DECIMAL(12,4)", "people planned"),
        Column("present", "DECIMAL(12,4)", "people present"),
        Column("forecast_volume", "DECIMAL(12,4)", "interactions forecast by the planning tool"),
    ),
    at="started_at",
)

PROCEDURE_STEPS = Table(
    "procedure_steps",
    "Procedure steps",
    "one step that one procedure asks for",
    "step_id",
    (
        id_column("step_id", "procedure and step", required=True),
        label_column("procedure", "the procedure, as intents, journeys or flows name it"),
        Column("step_seq", "INTEGER", "order within the procedure"),
        label_column("name", "the action, as events name it"),
    ),
)

PERIOD_COUNTS = Table(
    "period_counts",
    "Period counts",
    "one count over a local day or a longer period, as another system reports it: where no records are kept, or to check them",
    "count_id",
    (
        id_column("count_id", "measure, first day, and what else tells it apart", required=True),
        Column("start_on", "DATE", "first local day", required=True),
        Column("end_on", "DATE", "the day after the last; empty: one day"),
        label_column("measure", "what was counted: sessions, calls_offered, …"),
        label_column("channel", "channel it is limited to; empty: all"),
        label_column("queue", "queue it is limited to; empty: all"),
        Column("n", "BIGINT", "how many", required=True),
    ),
)

SCHEDULE_OPENINGS = Table(
    "schedule_openings",
    "Schedule openings",
    "one opening of one schedule of business hours in every week, from its version on until its next version",
    "opening_id",
    (
        id_column("opening_id", "schedule and opening", required=True),
        id_column("schedule_id", "the schedule, as cases name it", required=True),
        label_column("name", "its name"),
        label_column("timezone", "the zone of its clock, by its IANA name or by the one that Zendesk has for it"),
        at_column("created_at", "when the schedule was created: the oldest is that of cases that name none"),
        Column("opens_min", "BIGINT", "minutes after Monday 00:00, 0 to 10,079; empty: not open, or not any more"),
        Column("closes_min", "BIGINT", "minutes after the same Monday 00:00; at most a week after it opens"),
    ),
)

SCHEDULE_HOLIDAYS = Table(
    "schedule_holidays",
    "Schedule holidays",
    "one holiday of one schedule of business hours",
    "holiday_id",
    (
        id_column("holiday_id", "the source's id", required=True),
        id_column("schedule_id", "the schedule that is closed", required=True),
        label_column("name", "its name"),
        Column("first_on", "DATE", "first local day; empty: the holiday was taken back"),
        Column("last_on", "DATE", "last local day; empty: it is one day"),
    ),
)
