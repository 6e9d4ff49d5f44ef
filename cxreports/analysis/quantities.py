"""Each quantity that a total may be held against: of which landed rows, dated how, and what is summed. No comparing.

A count sums 1 for each row that counts. Where a table has no channel or queue of its own, its leg's is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cxreports.definitions.model import LANDED
from cxreports.quantities import Quantity


@dataclass(frozen=True)
class Measured:
    """`value` (SQL over a row's columns) summed over the rows of `table` by the local day of `at`, divided by `divisor`.

    A row without `at` belongs to no day. A sum is NULL where rows came and none of them tells the value.
    """

    table: str
    at: str
    value: str = "1"
    divisor: int = 1


def _count(condition: str) -> str:
    return f"case when {condition} then 1 else 0 end"


MEASURED: Mapping[Quantity, Measured] = {
    "legs": Measured("legs", "started_at"),
    "inbound_legs": Measured("legs", "started_at", _count("coalesce(direction, 'inbound') = 'inbound'")),
    "answered_legs": Measured("legs", "started_at", _count("answered_at is not null")),
    "wait_s": Measured("legs", "started_at", "wait_ms", 1000),
    "talk_s": Measured("legs", "started_at", "talk_ms", 1000),
    "hold_s": Measured("legs", "started_at", "hold_ms", 1000),
    "acw_s": Measured("legs", "started_at", "acw_ms", 1000),
    "cases": Measured("cases", "opened_at"),
    "solved_cases": Measured("cases", "solved_at"),
    "case_events": Measured("case_events", "event_at"),
    "survey_responses": Measured("survey_responses", "coalesce(sent_at, answered_at)"),
    "answered_surveys": Measured("survey_responses", "answered_at"),
    "survey_score": Measured("survey_responses", "answered_at", "score"),
    "turns": Measured("turns", "occurred_at"),
    "events": Measured("events", "event_at"),
    "evaluations": Measured("evaluations", "submitted_at"),
    "recordings": Measured("recordings", "started_at"),
    "recording_bytes": Measured("recordings", "started_at", "size_bytes"),
    "synthetic_runs": Measured("synthetic_runs", "started_at"),
    "knowledge_searches": Measured("knowledge_searches", "searched_at"),
}


def rows_sql(measured: Measured) -> str:
    """SQL for the newest rows of `$source` that have a time: value, began_on (local day in `$zone`), channel, queue."""
    table = LANDED[measured.table]
    hangs = table.name != "legs" and table.column("leg_id") is not None

    def limit(column: str) -> str:
        own, legs = table.column(column), f"g.{column}" if hangs else None
        found = [x for x in (f"x.{column}" if own else None, legs) if x]
        return f"coalesce({', '.join(found)})" if found else "null::varchar"

    join = " left join core_legs as g on g.leg_id = x.leg_id" if hangs else ""
    return (
        f"select x.quantity, local_date(x.dated_at, $zone) as began_on, {limit('channel')} as channel, {limit('queue')} as queue"
        f" from (select *, {measured.value} as quantity, {measured.at} as dated_at from core_{table.name}) as x{join}"
        " where x.source = $source and x.dated_at is not null"
    )
