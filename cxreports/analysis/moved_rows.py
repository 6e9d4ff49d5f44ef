"""The units that moved one figure, out of all of its metric that count otherwise (`moves`): summed by reason, and listed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cxreports.analysis.explain import ORIGIN
from cxreports.analysis.moves import Reason
from cxreports.definitions.definition import MetricHeader
from cxreports.lake.engine import Connection, create, rows
from cxreports.lake.published import PublishedFigure


@dataclass(frozen=True)
class Part:
    """What one reason makes of a difference. `units`: how many moved, None where they are not known one by one; `n`, `num`, `den`
    and `share` (of the value, in the metric's unit): by how much; None where a side shows no counts."""

    reason: Reason
    units: int | None
    n: int
    num: int | None
    den: int | None
    share: Fraction | None = None


def moved_rows(
    con: Connection, e: PublishedFigure, header: MetricHeader, dims: Sequence[str], limit: int | None
) -> tuple[list[Part], list[dict[str, Any]], int]:  # fmt: skip
    """Parts and rows of one figure, from `moved`, the metric's units that count otherwise; and how many rows there are."""
    by = json.loads(e.breakdown)
    places = {b: f"g{dims.index(b)}" for b in by}
    named = {f"w{i}": str(by[b]) for i, b in enumerate(places)}
    clauses = {side: _clause(header, places, side) for side in "ab"}
    create(con, "moved_here", _HERE.format(**{f"{k}_{side}": c for side in "ab" for k, c in clauses[side].items()}),
           {"start": e.period_start, "end": e.period_end, **named})  # fmt: skip
    parts = [
        Part(r["reason"], int(r["units"]), int(r["n"]), int(r["num"]), int(r["den"]))
        for r in rows(con, _PARTS)
    ]  # fmt: skip
    table, key = ORIGIN[header.grain]
    legs = "core_legs" if header.grain in ("interaction", "episode", "leg") else "(from core_legs limit 0)"
    limited = f"limit {int(limit)}" if limit is not None else ""
    picked = rows(con, _ROWS.format(table=table, key=key, legs=legs, limited=limited)) if limit != 0 else []
    return parts, picked, sum(p.units or 0 for p in parts)


def _clause(header: MetricHeader, places: Mapping[str, str], side: str) -> dict[str, str]:
    """SQL: whether a unit is in the figure's group on one side, and in its part where the figure is one of a composition."""
    tests = {b: f"coalesce({g}_{side} = $w{i}, false)" for i, (b, g) in enumerate(places.items())}
    part = tests.pop(header.part, "true") if header.part else "true"
    return {"group": " and ".join(tests.values()) or "true", "part": part}


_HERE = """
    with
    seen as (
        select
            *,
            coalesce(day_a >= $start and day_a < $end and excluded_a is null and {group_a}, false) as in_a,
            coalesce(day_b >= $start and day_b < $end and excluded_b is null and {group_b}, false) as in_b,
            {part_a} as part_a, {part_b} as part_b
        from moved
    ),
    counted as (
        select
            unit_id, reason, day_a, day_b, excluded_a, excluded_b,
            (in_a and part_a)::int as n_a, (in_b and part_b)::int as n_b,
            case when in_a and part_a then num_a else 0 end as num_a, case when in_b and part_b then num_b else 0 end as num_b,
            case when in_a then den_a else 0 end as den_a, case when in_b then den_b else 0 end as den_b
        from seen
    )
    from counted
    where n_a <> n_b or num_a <> num_b or den_a <> den_b
"""
_PARTS = """
    select
        reason, count(*) as units, sum(n_b - n_a)::bigint as n, sum(num_b - num_a)::hugeint as num,
        sum(den_b - den_a)::hugeint as den
    from moved_here
    group by reason
    order by reason
"""
_ROWS = """
    select
        m.unit_id, coalesce(m.day_b, m.day_a) as occurred_on, m.reason,
        m.n_a as counted_then, m.num_a as num_then, m.den_a as den_then, m.excluded_a as left_out_then,
        m.n_b as counted_now, m.num_b as num_now, m.den_b as den_now, m.excluded_b as left_out_now,
        f.path as file, coalesce(o.position, l.position) as position
    from moved_here as m
    left join {table} as o on o.{key} = m.unit_id
    left join {legs} as l on l.leg_id = m.unit_id and o.{key} is null
    left join stg_files as f on f.source = coalesce(o.source, l.source) and f.file_id = coalesce(o.file_id, l.file_id)
    order by m.reason = 'maturity', m.reason, occurred_on, m.unit_id
    {limited}
"""
