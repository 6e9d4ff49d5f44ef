"""The landed tables: what every source is mapped onto, column by column. Grain, meaning, privacy; nothing is computed here.

Tables that are computed from these are described in the headers of `sql/core` and `sql/outcomes`.
"""

from dataclasses import dataclass
from typing import Literal

Privacy = Literal["id", "label", "value", "pseudonym", "text"]
# id: a source's own record id, kept as it is.      label: a short word (queue, intent); masked if it holds personal data.
# value: number, time or flag.                      pseudonym: keyed hash before it is stored.      text: free text, masked.


@dataclass(frozen=True)
class Column:
    """One column of a landed table. `type` is its DuckDB type."""

    name: str
    type: str
    meaning: str
    privacy: Privacy = "value"
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One landed table. One row is a `grain`; `key` names it within its source."""

    name: str
    title: str
    grain: str
    key: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)


def _id(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, "id", required)


def _label(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, "label")


def _who(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, "pseudonym")


def _at(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "TIMESTAMP WITH TIME ZONE", meaning, "value", required)


def _ms(name: str, meaning: str) -> Column:
    return Column(name, "BIGINT", f"{meaning}, milliseconds")


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "BOOLEAN", meaning)


LEGS = Table(
    "legs",
    "Legs",
    "one source record of one handler's part in an interaction; self-service, queue and agent part may share a record",
    "leg_id",
    (
        _id("leg_id", "the source's id of this record", required=True),
        _id("root_id", "id of the first leg of the chain; empty on the first leg itself"),
        _id("previous_id", "id of the leg this one continues"),
        _label("channel", "voice, chat, messaging, sms, email, task"),
        _label("direction", "inbound, outbound or internal; empty means inbound"),
        _label("initiation", "customer, transfer, queue_transfer, callback, api, outbound, monitor, survey, consult, task"),
        _at("started_at", "when the leg began", required=True),
        _at("ended_at", "when the leg ended; empty while it is open"),
        _at("enqueued_at", "when it entered a queue; empty if it never did"),
        _at("answered_at", "when a person took it; empty if nobody did"),
        _ms("wait_ms", "time in queue until answered or left"),
        _ms("talk_ms", "time in conversation with a person, without hold"),
        _ms("hold_ms", "time on hold"),
        _ms("acw_ms", "after-contact work"),
        _label("queue", "the queue's name"),
        _label("agent_id", "the person's user name or id"),
        _label("team", "the person's team or site"),
        _flag("is_transferred", "the leg ended by handing over to another person or queue"),
        _flag("is_callback_requested", "the customer left the queue for a callback"),
        _flag("is_abandoned", "the source itself says that the customer gave up; empty: derived from queue and answer"),
        _label("ai_agent", "name of the AI agent that took part"),
        _label("ai_agent_version", "its version"),
        Column("ai_replies", "INTEGER", "substantive replies of the AI; a greeting is none"),
        _flag("is_goal_completed", "a system of record shows that the customer's goal was reached"),
        _flag("is_confirmed", "the customer said that it is solved"),
        _flag("is_ai_failed", "the AI said or logged that it failed"),
        _flag("is_ai_dropped", "the customer left the AI in the middle"),
        _flag("is_claimed_resolved", "an agent or an AI claims that it is solved"),
        _label("escalation_reason", "customer_asked, policy, failure, unavailable, …"),
        _id("ticket_id", "a ticket that was left behind"),
        _label("disconnect_reason", "the source's own word for how it ended"),
        _label("intent", "what the customer wanted"),
        _label("journey", "the designed journey it belongs to"),
        _label("region", "the customer's region"),
        _label("language", "language"),
        _label("device", "device or client"),
        _label("segment", "customer segment"),
        _who("account_key", "account id, authenticated or from a system of record"),
        _who("email_key", "e-mail address"),
        _who("phone_key", "telephone number of the customer; empty where withheld"),
        _who("cookie_key", "browser or device id"),
        _flag("is_withheld", "the number was withheld"),
        _flag("is_test", "test or synthetic traffic"),
        _label("excluded_as", "why the source says that this is no customer interaction (phantom, spam, internal, …)"),
        Column("end_score", "DECIMAL(9,4)", "sentiment at the end, -1 to 1, where the record itself carries one"),
        Column("note", "VARCHAR", "free text of the record, masked", "text"),
    ),
)

TURNS = Table(
    "turns",
    "Turns",
    "one utterance of one speaker",
    "turn_id",
    (
        _id("turn_id", "id of the turn within its record", required=True),
        _id("leg_id", "the leg it belongs to", required=True),
        Column("turn_seq", "INTEGER", "order within the record"),
        _label("speaker", "customer, agent, bot, system, supervisor"),
        _at("occurred_at", "when it was said, where the source gives an instant"),
        _ms("offset_ms", "offset from the start of the recording"),
        Column("content", "VARCHAR", "what was said, masked", "text"),
        _label("sentiment", "positive, neutral, negative, mixed"),
        _flag("is_vendor_redacted", "the source had masked parts of it"),
    ),
)

SENTIMENTS = Table(
    "sentiments",
    "Sentiments",
    "one scored part of one leg, for one speaker",
    "sentiment_id",
    (
        _id("sentiment_id", "id of the score within its record", required=True),
        _id("leg_id", "the leg it belongs to", required=True),
        _label("speaker", "customer or agent"),
        _label("part", "overall, begin, end, with_agent, without_agent"),
        Column("score", "DECIMAL(9,4)", "sentiment, -1 to 1 (the source's scale divided by its end)"),
        _label("scorer", "who scored it, with version"),
    ),
)

SURVEY_RESPONSES = Table(
    "survey_responses",
    "Survey responses",
    "one survey sent, answered or not",
    "response_id",
    (
        _id("response_id", "the source's id", required=True),
        _id("leg_id", "the leg or interaction it asks about"),
        _at("sent_at", "when it was sent"),
        _at("answered_at", "when it was answered; empty if it was not"),
        Column("score", "INTEGER", "the answer on its own scale"),
        Column("scale_max", "INTEGER", "best answer of the scale"),
        _flag("is_resolved", "the customer says it was solved"),
        Column("comment", "VARCHAR", "free text, masked", "text"),
    ),
)

CASES = Table(
    "cases",
    "Cases",
    "one ticket, as of its newest version",
    "case_id",
    (
        _id("case_id", "the source's id", required=True),
        _id("leg_id", "the leg or interaction that opened it"),
        _who("account_key", "account id"),
        _at("opened_at", "when it was opened", required=True),
        _label("status", "open, pending, solved, closed"),
        _at("solved_at", "when it was last solved"),
        Column("n_reopens", "INTEGER", "times the customer reopened it"),
        _label("category", "what it is about"),
    ),
)

RELEASES = Table(
    "releases",
    "Releases",
    "one change put into service",
    "release_id",
    (
        _id("release_id", "the source's id", required=True),
        _at("released_at", "when it took effect", required=True),
        _label("component", "what was changed"),
        _label("version", "its new version"),
        _label("kind", "release, configuration, knowledge, policy, staffing"),
        _label("channel", "channel it is limited to; empty: all"),
        _label("region", "region it is limited to; empty: all"),
        Column("description", "VARCHAR", "what changed, in words", "text"),
    ),
)

LANDED: dict[str, Table] = {t.name: t for t in (LEGS, TURNS, SENTIMENTS, SURVEY_RESPONSES, CASES, RELEASES)}

# Every landed row carries where it came from. `record_key` names the source's record; a record may give several rows.
PROVENANCE: tuple[Column, ...] = (
    Column("source", "VARCHAR", "name of the source in cxreports.toml", "id"),
    Column("record_key", "VARCHAR", "the source's own key of the record", "id"),
    Column("file_id", "VARCHAR", "sha256 of the file's bytes", "id"),
    Column("position", "BIGINT", "the record's number within the file, counted from 1"),
)
