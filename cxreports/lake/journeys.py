"""What journeys of the settings need to know of all that ever arrived: which source sends what on which channel, and procedures.

Both are parameters of the computed tables. When a source sends something for the first time, or a procedure changes, all runs are
computed anew; a day that brings neither touches only its own customers.
"""

import json
from collections.abc import Mapping

from cxreports.definitions.definition import Scalar
from cxreports.lake.engine import Connection, rows
from cxreports.lake.landing import newest_sql

# Outcomes that a column of the legs tells; a case tells its own, and what everybody's legs tell is seen everywhere.
_TELLS = {
    "goal_completed": "is_goal_completed",
    "confirmed": "is_confirmed",
    "claimed_resolved": "is_claimed_resolved",
    "answered": "answered_at",
    "escalated": "answered_at",
}
_EVENTS = """
    select distinct coalesce(r.source, l.source) as source, coalesce(r.channel, l.channel, '') as channel, e.name
    from stg_events as e
    join stg_legs as l on l.leg_id = e.leg_id
    left join stg_legs as r on r.leg_id = coalesce(l.root_id, l.leg_id)
    where list_contains($names, e.name)
    order by all
"""
_CASES = """
    select distinct coalesce(r.source, l.source) as source, coalesce(r.channel, l.channel, '') as channel
    from stg_cases as c
    join stg_legs as l on l.leg_id = c.leg_id
    left join stg_legs as r on r.leg_id = coalesce(l.root_id, l.leg_id)
    order by all
"""


def with_landed(con: Connection, params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """The parameters of the computed tables, with what `stg_…` hold of procedures and of signs of the settings' journeys."""
    journeys = json.loads(str(params.get("journeys", "[]")))
    if not journeys:
        return params
    procedures = _procedures(con) if any(j["steps_from"] for j in journeys) else []
    signs = json.loads(str(params["journey_signs"]))
    return {
        **params,
        "procedures": json.dumps(procedures),
        "journey_sources": json.dumps(
            [
                {"journey": j, "what": w, "source": s, "channel": c}
                for j, w, s, c in sorted(_sources(con, journeys, signs, procedures))
            ]
        ),
    }


def _procedures(con: Connection) -> list[dict[str, object]]:
    return rows(
        con,
        f"""select procedure, row_number() over (partition by procedure order by step_seq nulls last, step_id) as step_no,
                name as step_name
            from ({newest_sql("stg_procedure_steps")})
            where procedure is not null and name is not null
            order by procedure, step_no""",
    )


def _sources(
    con: Connection, journeys: list[dict[str, str]], signs: list[dict[str, str]], procedures: list[dict[str, object]]
) -> set[tuple[str, str, str, str]]:
    """(journey, what, source, channel): an event counts where any event of that journey ever came from there."""
    names = {
        j["journey"]: {s["name"] for s in signs if s["journey"] == j["journey"] and s["shown_by"] == "event"} for j in journeys
    }
    asked = {str(p["step_name"]) for p in procedures}
    for j in journeys:
        names[j["journey"]] |= asked if j["steps_from"] else set()
    wanted = sorted(set().union(*names.values()))
    events = [(r["source"], r["channel"], r["name"]) for r in rows(con, _EVENTS, {"names": wanted})] if wanted else []
    found = {(j, "event", s, c) for j, own in names.items() for s, c, name in events if name in own}
    outcomes = {s["name"] for s in signs if s["shown_by"] == "outcome"}
    columns = {"intent": "intent", "journey": "journey", **{o: _TELLS[o] for o in sorted(outcomes) if o in _TELLS}}
    told = ", ".join(f"bool_or({column} is not null) as has_{what}" for what, column in columns.items())
    for r in rows(con, f"select source, coalesce(channel, '') as channel, {told} from stg_legs group by all order by all"):
        found |= {(j, what, r["source"], r["channel"]) for j in names for what in columns if r[f"has_{what}"]}
    cases = rows(con, _CASES) if "case_solved" in outcomes else []
    return found | {(j, "case_solved", r["source"], r["channel"]) for j in names for r in cases}
