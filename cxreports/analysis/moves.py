"""Units of a metric that count otherwise now than as of an earlier instant, each with the reason. Row by row; no figures.

Both sides are computed with today's definitions: `then` is a view of the lake as of the earlier instant, `now` a later one. The
reasons are those of the catalogue ("Restatement"), the first that holds of: the unit still waited for its window (maturity), its
record was merged into another, its case was opened again, its customer became known or another one, its own record or one that
belongs to it was replaced by a newer version (source correction) or arrived later (late data); then the same of the other
interactions of its customer. What nothing of that explains moved because data arrived elsewhere, which is late data, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import pyarrow as pa

from cxreports.analysis.buckets import key_sql
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import NOT_ELAPSED
from cxreports.definitions.breakdowns import INTERACTION_OF
from cxreports.definitions.model import LANDED
from cxreports.lake.engine import create

Reason = Literal["late data", "reopen", "merge", "maturity", "identity", "redefinition", "erasure", "source correction"]
AROUND = timedelta(days=31)  # returns are looked for no further ahead, and no unit's day moves by more


@dataclass(frozen=True)
class Sides:
    """The lake as of an earlier instant, and as of a later one. What is compared is put into the later one's connection."""

    then: Measurer
    now: Measurer

    @property
    def instant(self) -> datetime:
        """The earlier instant."""
        return self.then.view.as_of


def prepare(s: Sides) -> None:
    """Tables about the time between: `touched` (interactions with newer records), `merged`, `reopened`."""
    con = s.now.view.con
    on_legs = [t for t in LANDED.values() if t.column("leg_id") and t.name != "case_events"]
    pieces = [_TOUCHED_BY.format(table=t.name, key=t.key) for t in on_legs]
    create(con, "touched", _TOUCHED.format(pieces=" union all ".join([*pieces, _OF_CASES])), {"then": s.instant})
    create(con, "merged", _MERGED, {"then": s.instant})
    _carry(s, "then_cases", "select case_id, n_reopens from out_cases order by case_id")
    create(con, "reopened", _REOPENED)


def moved_units(s: Sides, name: str, dims: Sequence[str], start: date, end: date) -> None:
    """Table `moved` with a row per unit of the metric that counts otherwise; units of those days and around.

    Columns: unit_id, reason, and for each side (…_a then, …_b now) day, num, den, excluded and g0, g1, … for `dims`.
    """
    metric, _ = s.now.catalogue.metric(name, s.now.settings.variants)
    con, days = s.now.view.con, {"lo": start - AROUND, "hi": end + AROUND}
    _carry(s, "then_units", _units(s.then, name, dims), days)
    create(con, "now_units", _units(s.now, name, dims), days)
    create(con, "moving", _moving(dims))
    _carry_customers(s)
    part = metric.header.part
    immature = f"m.g{dims.index(part)}_a = 'immature'" if part in dims else "false"
    case = "m.unit_id" if metric.header.grain == "case" else "null"
    values = {"then": s.instant, "waited": NOT_ELAPSED, "around": AROUND.days}
    create(con, "moved", _MOVED.format(immature=immature, case=case), values)


def redefined_units(m: Measurer, earlier: str, name: str, dims: Sequence[str], start: date, end: date) -> None:
    """The same table for two versions of one metric as of one instant; the only reason is the definition."""
    con, days = m.view.con, {"lo": start - AROUND, "hi": end + AROUND}
    create(con, "then_units", _units(m, earlier, dims), days)
    create(con, "now_units", _units(m, name, dims), days)
    create(con, "moved", f"select *, 'redefinition' as reason from ({_moving(dims)})")


def _moving(dims: Sequence[str]) -> str:
    """Units of `then_units` and `now_units` that are not the same in both."""
    compared = ["day", "num", "den", "excluded", *(f"g{i}" for i, _ in enumerate(dims))]
    differs = " or ".join(f"a.{c} is distinct from b.{c}" for c in compared)
    return _MOVING.format(both=", ".join(f"a.{c} as {c}_a, b.{c} as {c}_b" for c in compared), differs=differs)


def _units(m: Measurer, name: str, dims: Sequence[str]) -> str:
    """The units of the days, with their breakdowns; none where the metric cannot be computed."""
    if m.missing(name):
        groups = "".join(f", null::varchar as g{i}" for i, _ in enumerate(dims))
        return f"select {_NO_UNIT}{groups} where $lo > $hi"
    metric, _ = m.catalogue.metric(name, m.settings.variants)
    groups = "".join(f", {key_sql(f'u.{b}')} as g{i}" for i, b in enumerate(dims))
    of = INTERACTION_OF.get(metric.header.grain, f"select unit_id, unit_id as interaction_id from {m.units(name)}")
    return f"""
        select
            u.unit_id, coalesce(o.interaction_id, u.unit_id) as interaction_id, u.occurred_on as day,
            u.num::bigint as num, u.den::bigint as den, u.excluded{groups}
        from {m.units(name, dims)} as u
        left join ({of}) as o on o.unit_id = u.unit_id
        where u.occurred_on >= $lo and u.occurred_on < $hi
        order by u.unit_id
    """


def _carry(s: Sides, table: str, sql: str, params: Mapping[str, object] | None = None) -> None:
    """The rows that a statement gives as of then, as a table of the later view's connection."""
    found: pa.Table = s.then.view.con.sql(sql, params=dict(params or {})).to_arrow_table()
    s.now.view.con.register("carried", found)
    create(s.now.view.con, table, "from carried")
    s.now.view.con.unregister("carried")


def _carry_customers(s: Sides) -> None:
    """`customers`: interactions of the moving units' customers, with the customer as of then and now."""
    con = s.now.view.con
    ids: pa.Table = con.sql(_WANTED).to_arrow_table()
    s.then.view.con.register("wanted", ids)
    _carry(s, "customers_then", _OF_CUSTOMERS.format(known="wanted", of="wanted"))
    s.then.view.con.unregister("wanted")
    of_customers = _OF_CUSTOMERS.format(known="customers_then", of="moving")
    create(con, "customers", _CUSTOMERS.format(of_customers=of_customers))


_NO_UNIT = (
    "null::varchar as unit_id, null::varchar as interaction_id, null::date as day, null::bigint as num,"
    " null::bigint as den, null::varchar as excluded"
)
# Per landed table: legs with rows whose newest version became known since, and whether the record is new or a newer version.
_TOUCHED_BY = """
    select leg_id, min(known_at) > $then as is_new
    from stg_{table}
    where leg_id in (select leg_id from stg_{table} where known_at > $then)
    group by source, leg_id, {key}
    having max(known_at) > $then
"""
_OF_CASES = """
    select c.leg_id, min(e.known_at) > $then as is_new
    from stg_case_events as e
    join core_cases as c on c.case_id = e.case_id
    where e.case_id in (select case_id from stg_case_events where known_at > $then)
    group by e.source, c.leg_id, e.event_id
    having max(e.known_at) > $then
"""
_TOUCHED = """
    select
        coalesce(l.root_id, t.leg_id) as interaction_id, bool_or(t.is_new) as has_new, bool_or(not t.is_new) as has_newer_version
    from ({pieces}) as t
    left join core_legs as l on l.leg_id = t.leg_id
    group by all
"""
# Interactions and cases that were their own before and are now part of another one; and what they became part of.
_MERGED = """
    with
    joined_legs as (
        select l.leg_id, l.root_id
        from core_legs as l
        where
            l.root_id <> l.leg_id
            and l.leg_id in (
                select leg_id from stg_legs where known_at <= $then and coalesce(root_id, leg_id) = leg_id
            )
    ),
    joined_cases as (
        select c.case_id, c.leg_id
        from core_cases as c
        where
            c.merged_into_id is not null
            and c.case_id in (select case_id from stg_cases where known_at <= $then and merged_into_id is null)
    )
    select leg_id as id from joined_legs
    union
    select root_id as id from joined_legs
    union
    select case_id as id from joined_cases
"""
_REOPENED = """
    select c.case_id, c.interaction_id
    from out_cases as c
    join then_cases as t on t.case_id = c.case_id
    where coalesce(c.n_reopens, 0) > coalesce(t.n_reopens, 0)
"""
_MOVING = """
    select coalesce(a.unit_id, b.unit_id) as unit_id, coalesce(b.interaction_id, a.interaction_id) as interaction_id,
           a.unit_id is not null as is_in_a, b.unit_id is not null as is_in_b, {both}
    from then_units as a
    full join now_units as b on b.unit_id = a.unit_id
    where a.unit_id is null or b.unit_id is null or {differs}
"""
_WANTED = """
    with
    own as (select distinct interaction_id from moving),
    known as (
        select customer_id from out_repeats where interaction_id in (select interaction_id from own) and customer_id is not null
    )
    select interaction_id, null::varchar as customer_id from own
    union all
    select interaction_id, customer_id from out_repeats where customer_id in (select customer_id from known)
"""
# Of one side: the customers that {known} names or who have an interaction of {of}, with all their interactions.
_OF_CUSTOMERS = """
    with
    held as (
        select customer_id from {known} where customer_id is not null
        union
        select customer_id from out_repeats where interaction_id in (select interaction_id from {of}) and customer_id is not null
    )
    select interaction_id, customer_id, started_at
    from out_repeats
    where customer_id in (select customer_id from held) or interaction_id in (select interaction_id from {known})
"""
_CUSTOMERS = """
    with
    customers_now as ({of_customers})
    select
        coalesce(b.interaction_id, a.interaction_id) as interaction_id, b.started_at,
        a.customer_id as customer_a, b.customer_id as customer_b,
        a.interaction_id is not null as was_known,
        a.interaction_id is not null and b.interaction_id is not null and a.customer_id is distinct from b.customer_id as is_other
    from customers_then as a
    full join customers_now as b on b.interaction_id = a.interaction_id
"""
_MOVED = """
    with
    paired as (
        select c.interaction_id, o.interaction_id as other_id
        from customers as c join customers as o on o.customer_a = c.customer_a
        union
        select c.interaction_id, o.interaction_id
        from customers as c join customers as o on o.customer_b = c.customer_b
    ),
    around as (  -- what became of the other interactions of a unit's customer, around its day
        select
            m.unit_id,
            bool_or(o.is_other) as has_other_customer,
            bool_or(not o.was_known and o.started_at <= $then) as has_late,
            bool_or(coalesce(t.has_newer_version, false)) as has_newer_version
        from moving as m
        join paired as p on p.interaction_id = m.interaction_id and p.other_id <> m.interaction_id
        join customers as o on o.interaction_id = p.other_id
        left join touched as t on t.interaction_id = p.other_id
        where abs(date_diff('day', coalesce(m.day_b, m.day_a), coalesce(o.started_at::date, m.day_a, m.day_b))) <= $around
        group by m.unit_id
    )
    select
        m.*,
        case
            when m.excluded_a = $waited or ({immature}) then 'maturity'
            when m.interaction_id in (select id from merged) or m.unit_id in (select id from merged) then 'merge'
            when {case} in (select case_id from reopened) then 'reopen'
            when m.interaction_id in (select interaction_id from reopened) then 'reopen'
            when coalesce(c.is_other, false) then 'identity'
            when coalesce(t.has_newer_version, false) then 'source correction'
            when coalesce(t.has_new, false) then 'late data'
            when coalesce(x.has_other_customer, false) then 'identity'
            when coalesce(x.has_late, false) then 'late data'
            when coalesce(x.has_newer_version, false) then 'source correction'
            else 'late data'
        end as reason
    from moving as m
    left join customers as c on c.interaction_id = m.interaction_id
    left join touched as t on t.interaction_id = m.interaction_id
    left join around as x on x.unit_id = m.unit_id
    order by m.unit_id
"""
