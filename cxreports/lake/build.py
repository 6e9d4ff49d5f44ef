"""Core and outcome tables: computed over what a run can have changed, stored by local day, only where a day's rows differ.

A full build and a day's refresh give the same rows (tests/test_build.py); the refresh only reads and writes less.
"""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any

from cxreports import journey_settings, opening_hours
from cxreports.definitions.catalogue import Catalogue, ComputedTable
from cxreports.definitions.definition import Scalar
from cxreports.definitions.model import LANDED
from cxreports.lake import scope, slices
from cxreports.lake.engine import Connection, create
from cxreports.lake.landing import BEFORE_ALL, newest_sql
from cxreports.lake.store import Commit, Lake, Part, Tables
from cxreports.settings import Settings

# Many rows of one leg: what reads these, and else only what is of one chain, is computed with the chain, slice by slice.
_LONG = frozenset({"core_turns", "core_events"})


def _between_bars(words: Sequence[str]) -> str:
    """|one|two|: so that `strpos` finds whole words in any engine; empty without any."""
    return f"|{'|'.join(words)}|" if words else ""


def build_params(settings: Settings) -> dict[str, Scalar]:
    """Parameters of the computed tables that a project sets."""
    return {
        "timezone": settings.project.timezone,
        "history_start": (settings.project.history_instant or BEFORE_ALL).isoformat(),
        "shared_limit": settings.identity.shared_limit,
        "forward_minutes": settings.repeat.forward_minutes,
        "window_days": settings.repeat.window_days,
        "quiet_days": settings.repeat.quiet_days,
        "thanks_intents": _between_bars(settings.repeat.thanks_intents),
        "failure_intents": _between_bars(settings.repeat.failure_intents),
        "request_pattern": settings.handoffs.pattern,
        "request_names": settings.handoffs.names,
        "openings": opening_hours.openings_json(settings.schedules),
        "holidays": opening_hours.holidays_json(settings.schedules),
        "default_schedule": opening_hours.default_schedule(settings.schedules),
        "journeys": journey_settings.journeys_json(settings.journeys),
        "journey_signs": journey_settings.signs_json(settings.journeys),
        "journey_steps": journey_settings.steps_json(settings.journeys),
        "scored_sources": _scored_sources(settings),
    }


def _scored_sources(settings: Settings) -> str:
    """The sources whose interactions may be scored here, each between two line feeds; empty: every source's."""
    named = settings.sentiment.sources
    return "" if isinstance(named, str) else "".join(f"\n{name}\n" for name in sorted(named))


def built_with(catalogue: Catalogue, params: Mapping[str, Scalar], switchboards: Sequence[str]) -> str:
    """Digest of all that decides how tables are computed; stored tables made with another one are not used."""
    text = "\n".join([catalogue.tables_digest, *(f"{k}={v}" for k, v in sorted(params.items())), *sorted(switchboards)])
    return hashlib.sha256(text.encode()).hexdigest()


def load_switchboards(con: Connection, tokens: Sequence[str]) -> None:
    """Table `switchboards`: pseudonyms of numbers that never link."""
    con.execute("create or replace temp table switchboards (identifier varchar)")
    for token in sorted(set(tokens)):
        con.execute("insert into switchboards values (?)", [token])


def compute_all(con: Connection, catalogue: Catalogue, params: Mapping[str, Scalar]) -> None:
    """Every core and outcome table as a temp table, from all of `stg_…`."""
    on_legs = landed_on_legs(catalogue)
    for name in LANDED:
        if name not in on_legs:
            newest_of(con, name)
    chains, before, following, after = _stages(catalogue, on_legs)
    _roll_up(con, chains, on_legs, params)
    _identify(con, [t for t in before if t.header.entity == "identifier"], params)
    slices.compute(con, [t for t in before if t.header.entity != "identifier"], params)
    _follow_customers(con, following, params)
    slices.compute(con, after, params)


def _stages(
    catalogue: Catalogue, on_legs: Sequence[str]
) -> tuple[list[ComputedTable], list[ComputedTable], list[ComputedTable], list[ComputedTable]]:
    """`core_interactions`, and what reads the words and events of their chains; what else does not follow customers; what does
    (all that one has, and nobody else); what reads those."""
    cut = {"core_interactions", *(f"core_{name}" for name in on_legs)}
    of_chains: list[ComputedTable] = []
    others: list[ComputedTable] = []
    for table in catalogue.tables.values():
        is_long = cut >= set(table.header.reads) and not _LONG.isdisjoint(table.header.reads)
        (of_chains if is_long or table.name == "core_interactions" else others).append(table)
    following = [t for t in others if t.header.entity == "customer_or_interaction"]
    late = {t.name for t in following}
    before: list[ComputedTable] = []
    after: list[ComputedTable] = []
    for table in others:
        if table not in following:
            is_late = not late.isdisjoint(table.header.reads)
            (after if is_late else before).append(table)
            late |= {table.name} if is_late else set()
    return of_chains, before, following, after


def _roll_up(con: Connection, chains: Sequence[ComputedTable], on_legs: Sequence[str], params: Mapping[str, Scalar]) -> None:
    """The newest rows of the landed tables that hang on legs, and from them the tables whose rows are of one chain each."""
    newest = {name: newest_sql(f"stg_{name}") for name in on_legs}
    n_slices = slices.slices_for(con, "stg_legs", slices.MOST_LEGS)
    if n_slices > 1:
        slices.cut_chains(con, n_slices, newest.pop("legs"), newest)
        slices.compute_by_slice(con, n_slices, on_legs, chains, params)
        return
    for name, sql in newest.items():
        create(con, f"core_{name}", sql)
    slices.compute(con, chains, params)


def _identify(con: Connection, tables: Sequence[ComputedTable], params: Mapping[str, Scalar]) -> None:
    n_slices = slices.slices_for(con, "core_interactions", slices.MOST_IDENTIFIED)
    if n_slices == 1:
        slices.compute(con, tables, params)
        return
    for table in tables:
        slices.compute_identities(con, n_slices, table, params)


def _follow_customers(con: Connection, tables: Sequence[ComputedTable], params: Mapping[str, Scalar]) -> None:
    n_slices = slices.slices_for(con, "core_interactions", slices.MOST_INTERACTIONS)
    if n_slices > 1:
        slices.cut_customers(con, n_slices)
        slices.compute_by_slice(con, n_slices, ["interactions"], tables, params)
        return
    slices.compute(con, tables, params)


def full_build(
    con: Connection, lake: Lake, catalogue: Catalogue, params: Mapping[str, Scalar], stored: Tables = MappingProxyType({})
) -> dict[str, dict[str, Part]]:
    """Compute everything; write every day, or the whole month where `stored` has it so. What is as before comes out as the same
    part."""
    compute_all(con, catalogue, params)
    parts = {}
    for t in _stored(catalogue):
        before = stored.get(t.name, {})
        keys = _partitions(con, t.name, _partition(t, before))
        written = _write_partitions(con, lake, t, t.name, keys, before)
        parts[t.name] = {key: written[key] for key in keys}
    return parts


def refresh(
    con: Connection, lake: Lake, catalogue: Catalogue, params: Mapping[str, Scalar], head: Commit
) -> dict[str, dict[str, Part]]:
    """Compute what the fresh records can have changed, and rewrite only the days whose rows differ."""
    stored = {t.name: dict(head.tables.get(t.name, {})) for t in _stored(catalogue)}
    for t in _stored(catalogue):
        lake.view(con, f"stored_{t.name}", list(stored[t.name].values()), _schema(t))
    _compute_interactions(con, catalogue, params)
    _settle_scope(con, catalogue, params)
    for name in landed_on_legs(catalogue):
        scope.newest_rows(con, name, "scope_interactions")
    settled = ("core_interactions", "core_identities")
    slices.compute(con, [t for t in catalogue.tables.values() if t.name not in settled], params)
    return {t.name: _merge(con, lake, t, stored[t.name]) for t in _stored(catalogue)}


def _compute_interactions(con: Connection, catalogue: Catalogue, params: Mapping[str, Scalar]) -> None:
    """`new_core_interactions` of the changed chains, `old_interactions` before, `all_interactions` after the change."""
    table = catalogue.tables["core_interactions"]
    scope.changed_chains(con, [name for name in landed_on_legs(catalogue) if name != "legs"])
    for name in ("legs", "sentiments", "turns"):
        scope.newest_rows(con, name, "scope_chains")
    slices.compute(con, [catalogue.tables["core_turn_scores"]], params)
    create(con, "new_core_interactions", table.sql, {**table.header.params, **params})
    create(con, "old_interactions", "select * from stored_core_interactions semi join scope_chains using (interaction_id)")
    con.execute(f"create or replace temp view old_customers as {scope.customers('stored_')}")
    con.execute(
        "create or replace temp view all_interactions as select * from stored_core_interactions anti join scope_chains"
        " using (interaction_id) union all by name from new_core_interactions"
    )


def _settle_scope(con: Connection, catalogue: Catalogue, params: Mapping[str, Scalar]) -> None:
    """Widen the scope from chains to customers; leave `core_interactions` and `core_identities` as the rest reads them."""

    def compute(name: str) -> None:
        slices.compute(con, [catalogue.tables[name]], params)

    scope.widen_to_customers(con)
    create(con, "core_interactions", "from identity_evidence")
    compute("core_identities")
    compute("out_repeats")
    compute("out_sessions")
    scope.settle_interactions(con)
    scope.identity_evidence_of_scope(con)
    create(con, "core_interactions", "from identity_evidence")
    compute("core_identities")
    create(con, "core_interactions", "from scoped")


def _merge(con: Connection, lake: Lake, table: ComputedTable, stored: Mapping[str, Part]) -> dict[str, Part]:
    """Replace the scope's rows among the stored ones; write the days that differ."""
    fresh = "new_core_interactions" if table.name == "core_interactions" else table.name
    entity, names = table.header.entity, ", ".join(table.header.columns)
    in_scope = "scope_entities" if entity == "customer_or_interaction" else "scope_interactions"
    key = "entity" if entity == "customer_or_interaction" else "interaction_id"
    if table.name == "core_interactions":
        in_scope = "scope_chains"
    create(con, "before", f"select {names} from stored_{table.name} as s semi join {in_scope} as c on c.{key} = s.{entity}")
    create(con, "after", f"select {names} from {fresh} as s semi join {in_scope} as c on c.{key} = s.{entity}")
    create(con, "differing", "(from before except all from after) union all (from after except all from before)")
    keys = _partitions(con, "differing", _partition(table, stored))
    create(
        con,
        "merged",
        f"""select {names} from stored_{table.name} as s anti join {in_scope} as c on c.{key} = s.{entity}
            where {_partition(table, stored)} in ({", ".join(f"'{k}'" for k in keys) or "''"})
            union all select {names} from after""",
    )
    return _write_partitions(con, lake, table, "merged", keys, stored)


def _partition(table: ComputedTable, stored: Mapping[str, Part]) -> str:
    """SQL for the partition of a row: its day, or its month where that month was compacted."""
    months = ", ".join(f"'{key}'" for key in stored if len(key) == len("2026-11"))
    day = f"{table.header.day}::varchar"
    return f"case when left({day}, 7) in ({months}) then left({day}, 7) else {day} end" if months else day


def _write_partitions(
    con: Connection, lake: Lake, table: ComputedTable, rows: str, keys: Sequence[str], stored: Mapping[str, Part]
) -> dict[str, Part]:
    """The table's parts after the rows of those partitions were written anew.

    A month is set aside first, so that writing every day of a long history does not read all of it once a day.
    """
    parts = dict(stored)
    names, partition = ", ".join(table.header.columns), _partition(table, stored)
    for month, group in groupby(keys, key=lambda key: key[: len("2026-11")]):
        create(con, "month_rows", f"select {names} from {rows} where left({table.header.day}::varchar, 7) = '{month}'")
        for key in group:
            part = lake.write(con, table.name, f"select {names} from month_rows where {partition} = '{key}' order by all")
            parts.pop(key, None)
            if part:
                parts[key] = part
    return parts


def _partitions(con: Connection, rows: str, partition: str) -> list[str]:
    return [str(row[0]) for row in con.execute(f"select distinct {partition} from {rows} order by 1").fetchall()]


def _schema(table: ComputedTable) -> dict[str, str]:
    return {name: doc.type for name, doc in table.header.columns.items()}


def _stored(catalogue: Catalogue) -> list[ComputedTable]:
    """Tables that have a day; the others are steps in between."""
    return [t for t in catalogue.tables.values() if t.header.day]


def landed_on_legs(catalogue: Catalogue) -> list[str]:
    """Landed tables that hang on legs and that a computed table reads, legs first."""
    read = {name.removeprefix("core_") for t in catalogue.tables.values() for name in t.header.reads}
    return ["legs", *(name for name, t in LANDED.items() if name in read and name != "legs" and t.column("leg_id"))]


def newest_of(con: Connection, table: str) -> None:
    """`core_<table>`: the newest version of every record, as a view."""
    con.execute(f"create or replace temp view core_{table} as {newest_sql(f'stg_{table}')}")


def stored_schemas(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """Columns of every table that is stored by day."""
    return {t.name: _schema(t) for t in _stored(catalogue)}
