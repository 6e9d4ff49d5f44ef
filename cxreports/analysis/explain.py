"""From a figure back to its rows: each unit with what it counted, why it was left out, and the record it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cxreports.analysis.buckets import key_sql
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.errors import QuestionError, did_you_mean
from cxreports.lake.engine import rows


@dataclass(frozen=True)
class Explanation:
    """A figure, its definition, the SQL and parameters that gave it, and its rows (at most `limit`; `total` in all)."""

    figure: Measurement | None
    definition: str
    formula: str
    sql: str
    params: Mapping[str, Any]
    total: int
    rows: list[dict[str, Any]]


_OF_RUN = "select o.{key}, i.source, i.file_id, i.position from {table} as o join core_interactions as i using (interaction_id)"
ORIGIN = {  # where the record of a unit of each grain stands; of a run, the one with which it began
    "interaction": ("core_interactions", "interaction_id"),
    "handoff": (
        "(select h.handoff_id, i.source, i.file_id, i.position from out_handoffs as h join core_interactions as i"
        " on i.interaction_id = h.interaction_id)",
        "handoff_id",
    ),
    "episode": ("core_interactions", "interaction_id"),
    "leg": ("core_legs", "leg_id"),
    "survey response": ("core_survey_responses", "response_id"),
    "judgement": (  # the newest evaluation that holds it
        "(select e.leg_id || ':' || coalesce(e.form, '') || ':' || a.question as unit_id,"
        " max_by(e.source, e.evaluation_id) as source, max_by(e.file_id, e.evaluation_id) as file_id,"
        " max_by(e.position, e.evaluation_id) as position"
        " from core_evaluation_answers as a join core_evaluations as e"
        " on e.evaluation_id = a.evaluation_id and e.source = a.source group by 1)",
        "unit_id",
    ),
    "case": ("core_cases", "case_id"),
    "period count": ("core_period_counts", "count_id"),
    "journey run": (f"({_OF_RUN.format(key='run_id', table='out_journey_runs')})", "run_id"),
    "journey step": (f"({_OF_RUN.format(key='step_id', table='out_journey_steps')})", "step_id"),
}


def explain(m: Measurer, name: str, start: date, end: date, where: Mapping[str, str], limit: int | None) -> Explanation:
    """The rows of a metric over start <= day < end whose breakdowns have the given values ('not given' for none)."""
    metric, _ = m.catalogue.metric(name, m.settings.variants)
    offered = list(metric.header.breakdowns)
    if faults := [f"{metric.name} has no breakdown '{b}'; {did_you_mean(b, offered)}" for b in where if b not in offered]:
        raise QuestionError(faults)
    by = [*where, *([metric.header.part] if metric.header.part and metric.header.part not in where else [])]
    found = [f for f in m.measure(name, by, start, end) if all(f.by.get(k, v) == v for k, v in where.items())]
    table, key = ORIGIN[metric.header.grain]
    named = {f"w{i}": value for i, value in enumerate(where.values())}
    clauses = "".join(f" and {key_sql(f'u.{b}')} = $w{i}" for i, b in enumerate(where))
    last = end - timedelta(days=1)
    body = f"from {m.units(name, offered, last)} as u where u.occurred_on >= $start and u.occurred_on < $end{clauses}"
    period = {"start": start, "end": end, **named}
    total = rows(m.view.con, f"select count(*) as n {body}", period)[0]["n"]
    dims = ", ".join(f"u.{b}" for b in offered)
    picked = rows(
        m.view.con,
        f"""
        with picked as (select u.* {body})
        select u.unit_id, u.occurred_on, u.num, u.den, u.excluded, f.path as file, o.position, {dims}
        from picked as u
        left join {table} as o on o.{key} = u.unit_id
        left join stg_files as f on f.source = o.source and f.file_id = o.file_id
        order by u.excluded is not null, u.occurred_on, u.unit_id
        {f"limit {int(limit)}" if limit is not None else ""}
        """,
        period,
    )
    return Explanation(
        found[0] if len(found) == 1 else None, metric.header.definition, metric.header.formula, metric.sql,
        m.params_of(name, last), total, picked,
    )  # fmt: skip
