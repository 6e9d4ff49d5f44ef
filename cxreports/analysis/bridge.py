"""Two figures of one period side by side, and their difference taken apart into interactions (`difference`). It adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from cxreports.analysis.buckets import check_period, key_sql
from cxreports.analysis.difference import Difference
from cxreports.analysis.explain import ORIGIN
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.definitions.breakdowns import INTERACTION_OF
from cxreports.definitions.definition import MetricHeader
from cxreports.errors import QuestionError, did_you_mean
from cxreports.lake.engine import create, rows

Side = Literal["alike", "more", "less", "weighed", "only_a", "only_b"]
Twin = tuple[str, str, Measurement | None]
NOT_THERE = "not in its population"
ELSEWHERE = "on another day or in another group"

_SUMMABLE = {"count": "a count", "proportion": "a share", "mean": "a mean"}
_WHY_NOT = {
    "percentile": "is a percentile; percentiles are no sums over units, so that their difference cannot be taken apart",
    "composition": "has no single figure but a share for each of its parts",
    "nowcast": "is an expectation and no count of units",
    "time_percentile": "is a percentile; percentiles are no sums over units, so that their difference cannot be taken apart",
    "time_share": "comes from a curve and is no sum over units",
}


@dataclass(frozen=True)
class Part:
    """Units that the two metrics treat in one way, and what they make of the difference (b − a, in the metrics' unit)."""

    side: Side
    reason: str
    """For units of one side only: why the other one does not count them."""
    units: int
    num_a: int
    den_a: int
    num_b: int
    den_b: int
    share: Fraction | None = None


@dataclass(frozen=True)
class Bridge:
    """Both figures, the parts of their difference with the largest first, and the units of those parts.

    `grain` says what one unit is: that of both metrics, else the interaction. `difference` is None where a figure is not shown;
    the parts then have no share either, but their counts. `total` counts the units that are not counted alike.
    """

    name_a: str
    name_b: str
    a: Measurement | None
    b: Measurement | None
    grain: str
    unit: str
    is_share: bool
    difference: Fraction | None
    parts: list[Part]
    total: int
    rows: list[dict[str, Any]]


def bridge(m: Measurer, a: str, b: str, start: date, end: date, where: Mapping[str, str], limit: int | None) -> Bridge:
    """The bridge from metric a to metric b over start <= day < end, for units whose breakdowns have the given values.

    At most `limit` rows of each part. QuestionError where the two cannot be bridged, with the reason.
    """
    headers = m.header_of(a), m.header_of(b)
    check_period(start, end)
    if faults := [*bridge_faults(a, headers[0], b, headers[1]), *_where_faults(m, (a, b), where)]:
        raise QuestionError(faults)
    figure_a, figure_b = (_figure(m, name, start, end, where) for name in (a, b))
    grain = headers[0].grain if headers[0].grain == headers[1].grain else "interaction"
    told = Bridge(a, b, figure_a, figure_b, grain, headers[0].unit, headers[0].kind == "proportion", None, [], 0, [])
    figures = [f for f in (figure_a, figure_b) if f is not None]
    if any(f.state == "not_computable" for f in figures):
        return told
    _join(m, (a, b), headers, start, end, where)
    sums = _sums(m)
    are_shown = len(figures) == 2 and all(f.value is not None for f in figures)
    difference = _difference(sums, headers[0]) if are_shown else None
    parts = sorted((_with_share(p, difference) for p in sums), key=lambda p: (-abs(p.share or 0), -p.units, p.side, p.reason))
    moved = [p for p in parts if p.side != "alike"]
    picked = _rows(m, ORIGIN[grain], moved, difference, limit)
    whole = difference.whole if difference else None
    return replace(told, difference=whole, parts=parts, total=sum(p.units for p in moved), rows=picked)


def bridge_faults(a: str, of_a: MetricHeader, b: str, of_b: MetricHeader) -> list[str]:
    """Why these two metrics cannot be bridged, in words; empty if they can."""
    faults = [f"{name} {_WHY_NOT[h.kind]}" for name, h in ((a, of_a), (b, of_b)) if h.kind not in _SUMMABLE]
    faults += [
        f"{name} is what there is at a day's end, no sum over a period" for name, h in ((a, of_a), (b, of_b)) if h.is_level
    ]
    faults += [
        f"{name} is corrected for a machine's errors, and no sum over units" for name, h in ((a, of_a), (b, of_b)) if h.labelled
    ]
    if not faults and (of_a.kind, of_a.unit) != (of_b.kind, of_b.unit):
        told = [f"{name} is {_SUMMABLE[h.kind]} in {h.unit}" for name, h in ((a, of_a), (b, of_b))]
        faults.append(f"{' and '.join(told)}: there is no difference between the two to take apart")
    if not faults and of_a.grain != of_b.grain:
        told = [f"{name} counts {h.grain}s" for name, h in ((a, of_a), (b, of_b))]
        lost = [h.grain for h in (of_a, of_b) if h.grain not in INTERACTION_OF]
        faults += [f"{' and '.join(told)}, and {_a(g)} does not belong to one interaction" for g in lost]
    return faults


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _where_faults(m: Measurer, names: Sequence[str], where: Mapping[str, str]) -> list[str]:
    offered = {name: m.header_of(name).breakdowns for name in names}
    return [
        f"{name} has no breakdown '{w}'; {did_you_mean(w, list(by))}"
        for name, by in offered.items()
        for w in where
        if w not in by
    ]


def _figure(m: Measurer, name: str, start: date, end: date, where: Mapping[str, str]) -> Measurement | None:
    found = [f for f in m.measure(name, list(where), start, end) if all(f.by.get(k, v) == v for k, v in where.items())]
    return found[0] if len(found) == 1 else None


def _difference(parts: Sequence[Part], header: MetricHeader) -> Difference | None:
    a = sum(p.num_a for p in parts), sum(p.den_a for p in parts)
    b = sum(p.num_b for p in parts), sum(p.den_b for p in parts)
    return Difference.of(a, b, header)


def _with_share(p: Part, difference: Difference | None) -> Part:
    return replace(p, share=difference.share(p.num_b - p.num_a, p.den_b - p.den_a)) if difference else p


_SIDE = """
    select
        {key} as key,
        min(u.occurred_on) as occurred_on,
        count(*) filter (where u.excluded is null) as n,
        coalesce(sum(u.num) filter (where u.excluded is null), 0)::hugeint as num,
        coalesce(sum(u.den) filter (where u.excluded is null), 0)::hugeint as den,
        min(u.excluded) as excluded
    from {units} as u {join}
    where u.occurred_on >= $start and u.occurred_on < $end{clauses}
    group by 1
"""
_JOINED = f"""
with
a as ({{a}}),
b as ({{b}}),
all_a as (select distinct {{key_a}} as key from {{units_a}} as u {{join_a}}),
all_b as (select distinct {{key_b}} as key from {{units_b}} as u {{join_b}}),
paired as (
    select
        coalesce(a.key, b.key) as key,
        coalesce(a.occurred_on, b.occurred_on) as occurred_on,
        coalesce(a.n, 0) as n_a, coalesce(a.num, 0) as num_a, coalesce(a.den, 0) as den_a, coalesce(b.n, 0) as n_b,
        coalesce(b.num, 0) as num_b, coalesce(b.den, 0) as den_b,
        coalesce(a.excluded, case when all_a.key is null then '{NOT_THERE}' else '{ELSEWHERE}' end) as why_not_a,
        coalesce(b.excluded, case when all_b.key is null then '{NOT_THERE}' else '{ELSEWHERE}' end) as why_not_b
    from a
    full join b on b.key = a.key
    left join all_a on all_a.key = coalesce(a.key, b.key)
    left join all_b on all_b.key = coalesce(a.key, b.key)
)
select
    *,
    case
        when n_a > 0 and n_b > 0 and den_a <> den_b then 'weighed'
        when n_a > 0 and n_b > 0 and num_b > num_a then 'more'
        when n_a > 0 and n_b > 0 and num_b < num_a then 'less'
        when n_a > 0 and n_b > 0 then 'alike'
        when n_a > 0 then 'only_a'
        else 'only_b'
    end as side,
    case when n_b = 0 then why_not_b when n_a = 0 then why_not_a else '' end as reason
from paired
where n_a > 0 or n_b > 0
"""
_PARTS = """
select
    side, reason, count(*) as units,
    sum(num_a)::hugeint as num_a, sum(den_a)::hugeint as den_a, sum(num_b)::hugeint as num_b, sum(den_b)::hugeint as den_b
from bridged_units
group by side, reason
order by side, reason
"""
_UNITS = """
select
    p.side, p.reason, p.key as unit_id, p.occurred_on, p.num_a::bigint as num_a, p.den_a::bigint as den_a,
    p.num_b::bigint as num_b, p.den_b::bigint as den_b, f.path as file, o.position
from bridged_units as p
left join {table} as o on o.{key} = p.key
left join stg_files as f on f.source = o.source and f.file_id = o.file_id
where p.side <> 'alike'
qualify row_number() over (partition by p.side, p.reason order by p.occurred_on, p.key) <= $rows_each
order by p.side, p.reason, p.occurred_on, p.key
"""
_ALL = 2**62


def _join(
    m: Measurer, names: tuple[str, str], headers: tuple[MetricHeader, MetricHeader], start: date, end: date,
    where: Mapping[str, str],
) -> None:  # fmt: skip
    """`bridged_units`: every unit that either metric counts, with what both make of it."""
    same = headers[0].grain == headers[1].grain
    clauses = "".join(f" and {key_sql(f'u.{b}')} = $w{i}" for i, b in enumerate(where))
    filled: dict[str, str] = {}
    for side, name, header in zip("ab", names, headers, strict=True):
        units = m.units(name, list(where))
        join = "" if same else f"left join ({INTERACTION_OF[header.grain]}) as o on o.unit_id = u.unit_id"
        key = "u.unit_id" if same else "coalesce(o.interaction_id, u.unit_id)"
        filled |= {f"units_{side}": units, f"join_{side}": join, f"key_{side}": key}
        filled[side] = _SIDE.format(key=key, units=units, join=join, clauses=clauses)
    values = {"start": start, "end": end, **{f"w{i}": value for i, value in enumerate(where.values())}}
    create(m.view.con, "bridged_units", _JOINED.format(**filled), values)


def _sums(m: Measurer) -> list[Part]:
    def part(r: Mapping[str, Any]) -> Part:
        units, num_a, den_a, num_b, den_b = (int(r[c]) for c in ("units", "num_a", "den_a", "num_b", "den_b"))
        return Part(r["side"], r["reason"], units, num_a, den_a, num_b, den_b)

    return [part(r) for r in rows(m.view.con, _PARTS)]


def _rows(
    m: Measurer, origin: tuple[str, str], parts: Sequence[Part], difference: Difference | None, limit: int | None
) -> list[dict[str, Any]]:
    """Units of the parts, in the parts' order, each with its share in the difference."""
    place = {(p.side, p.reason): i for i, p in enumerate(parts)}
    table, key = origin
    found = rows(m.view.con, _UNITS.format(table=table, key=key), {"rows_each": limit if limit is not None else _ALL})
    found.sort(key=lambda r: place[r["side"], r["reason"]])
    return [r | {"share": _row_share(r, difference)} for r in found]


def _row_share(r: Mapping[str, Any], difference: Difference | None) -> float | None:
    return float(difference.share(r["num_b"] - r["num_a"], r["den_b"] - r["den_a"])) if difference else None


def twins(m: Measurer, name: str, start: date, end: date, where: Mapping[str, str]) -> list[Twin]:
    """The metric, vendors' ways to count the same that its header names, and its own earlier versions: name, title, figure."""
    metric, _ = m.catalogue.metric(name, m.settings.variants)
    earlier = sorted(n.replace(metric.name, name, 1) for n in m.catalogue.earlier if n.partition("@")[0] == metric.name)
    names = (name, *metric.header.vendor, *([] if "@" in name else earlier))
    if faults := _where_faults(m, names, where):
        raise QuestionError(faults)
    return [(n, m.header_of(n).title, _figure(m, n, start, end, where)) for n in names]
