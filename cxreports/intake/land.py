"""A batch of framed records → accounts and typed, masked rows in temporary tables. The only place where a definition's SQL runs.

The SQL of a source turns a table `records` into one row per record: file_id, position, record_key, version_at, fault, and one
list of structs for each landed table that it fills. Here the structs become rows; a value that does not fit its column
quarantines the whole record, because a record that is half there would be counted as if it were all there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cxreports.definitions.definition import Scalar
from cxreports.definitions.model import LANDED, PROVENANCE, Column, Table
from cxreports.errors import DefinitionError, did_you_mean
from cxreports.intake import drift, fit
from cxreports.intake.expressions import quoted
from cxreports.intake.framing import NO_OBJECT
from cxreports.intake.keep import with_kept
from cxreports.intake.privacy import count_masked, hidden, hidden_key, is_masked, masking, suspect, withheld
from cxreports.intake.read import BEGINNING
from cxreports.lake.landing import NEW_MASKED
from cxreports.lake.store import disk
from cxreports.zones import zone_names

MASKED = "cx_masked"  # the database that collects what may be stored
NO_KEY = "record has no key"
# Times outside these years are no times: a clock that went wrong, or a number that was none.
FIRST, LAST = "timestamptz '1900-01-01 00:00:00+00'", "timestamptz '2200-01-01 00:00:00+00'"
_FIXED = ("file_id", "position", "record_key", "version_at", "fault")
_MISFITS = {
    "TIMESTAMP WITH TIME ZONE": "no time",
    "DATE": "no date",
    "BIGINT": "not a whole number",
    "INTEGER": "not a whole number",
    "BOOLEAN": "not true or false",
    "DECIMAL(9,4)": "not a number",
}
_ZONES = ", ".join("'" + name.replace("'", "''") + "'" for name in zone_names())
# Rules that a row must keep: landed table → conditions that break one, each with words for it.
_RULES = {
    "legs": {"ended_at < started_at": "ended_at is before started_at"},
    "survey_responses": {"score < 0 or score > scale_max": "score is outside its scale"},
    "schedule_openings": {
        "(opens_min is null) <> (closes_min is null) or opens_min not between 0 and 10079 "
        "or closes_min <= opens_min or closes_min > opens_min + 10080": "the opening is no part of a week",
        f"opens_min is not null and coalesce(timezone not in ({_ZONES}), true)": "timezone is no time zone that is known",
    },
    "schedule_holidays": {
        "last_on < first_on or last_on > first_on + 366 or first_on not between date '1970-01-01' and date '2200-01-01'": (
            "the holiday ends before it begins, or is longer than a year"
        ),
    },
}
_ACCOUNTS = """
    source varchar, record_key varchar, version_at timestamptz, content_id varchar, file_id varchar, position bigint,
    member varchar, reason varchar, excerpt varchar
"""


@dataclass(frozen=True)
class Adapter:
    """How one source's records become rows: a statement over `records`, its parameters, the landed tables it fills."""

    source: str
    where: str
    sql: str
    params: Mapping[str, Scalar | None]
    fills: Sequence[str]
    is_json: bool = True
    columns: tuple[tuple[str, str], ...] = ()  # of a table's file, with their types: all of them, read or not
    types: tuple[tuple[str, str], ...] = ()  # fields of JSON records whose values must fit a type
    kept: tuple[str, ...] = ()  # fields that nothing reads and whose values are kept


def prepare(con: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
    """Empty tables for what the batches bring, masked: in a database file in that folder, so that memory does not grow with them.

    The folder should be private. Without one they stay in memory.
    """
    con.execute("set timezone = 'UTC'")
    con.execute(f"detach database if exists {MASKED}")
    place = str(folder / f"{MASKED}.duckdb").replace("'", "''") if folder else ":memory:"
    with disk(folder or Path(place)):
        con.execute(f"attach '{place}' as {MASKED}")
        _create(con)


def _create(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"create table {MASKED}.accounts ({_ACCOUNTS})")
    con.execute(f"create or replace temp view new_records as from {MASKED}.accounts")
    con.execute(f"create table {MASKED}.counts ({NEW_MASKED})")
    con.execute(f"create or replace temp view new_masked as from {MASKED}.counts")
    for table in LANDED.values():
        columns = ", ".join(f"{c.name} {c.type}" for c in (*table.columns, *PROVENANCE))
        con.execute(f"create table {MASKED}.{table.name} ({columns})")
        con.execute(f"create or replace temp view new_{table.name} as from {MASKED}.{table.name}")
    drift.prepare(con)


def discard(con: duckdb.DuckDBPyConnection) -> None:
    """Leave nothing of the records themselves behind: they are not masked."""
    for name in ["batch", "seen", "parsed", "faults", "verdicts", *(f"cast_{t}" for t in LANDED)]:
        con.execute(f"drop table if exists cx_{name}")
    con.execute("drop table if exists records")


def land(con: duckdb.DuckDBPyConnection, batch: pa.Table, adapter: Adapter) -> None:
    """Account for every record of the batch, and collect the rows of those without a fault. LakeError where the disk is full."""
    with disk(Path(str(con.execute(f"select path from duckdb_databases() where database_name = '{MASKED}'").fetchall()[0][0]))):
        _land(con, batch, adapter)


def _land(con: duckdb.DuckDBPyConnection, batch: pa.Table, adapter: Adapter) -> None:
    con.register("cx_arrow", batch)
    try:
        con.execute("create or replace temp table cx_batch as from cx_arrow")
    finally:
        con.unregister("cx_arrow")
    if adapter.is_json:  # Python's parser takes a few things that DuckDB's does not, such as half a surrogate pair
        con.execute(
            f"update cx_batch set reason = '{NO_OBJECT}' where reason is null and not coalesce(json_valid(record), false)"
        )
    if adapter.is_json or adapter.columns:
        drift.note(con, adapter.source, adapter.sql, adapter.params, adapter.columns)
    _parse(con, adapter)
    con.execute("create or replace temp table cx_faults (file_id varchar, position bigint, rank bigint, reason varchar)")
    fit.note_misfits(con, adapter.types)
    for name in adapter.fills:
        _cast(con, LANDED[name], adapter)
    _judge(con, adapter)
    for name in adapter.fills:
        _collect(con, LANDED[name], adapter)


def _parse(con: duckdb.DuckDBPyConnection, adapter: Adapter) -> None:
    """`cx_parsed`: what the source's SQL makes of the records that could be read."""
    con.execute(
        "create or replace temp table records as select * exclude (content_id, reason) from cx_batch "
        "where reason is null order by file_id, position"
    )
    sql = with_kept(adapter.sql, adapter.kept, adapter.is_json)
    try:
        con.execute(f"create or replace temp table cx_parsed as\n{sql}", dict(adapter.params) or None)
    except duckdb.Error as error:
        raise DefinitionError(f"{adapter.where}: {_kind_of(error)}") from None
    columns = [row[0] for row in con.execute("describe cx_parsed").fetchall()]
    if missing := [c for c in (*_FIXED, *adapter.fills) if c not in columns]:
        raise DefinitionError([f"{adapter.where}: returns no column '{c}'" for c in missing])
    counts = con.execute(
        "select (select count(*) from records), count(*), count(distinct (file_id, position)) from cx_parsed "
        "semi join records using (file_id, position)"
    ).fetchone()
    total = con.execute("select count(*) from cx_parsed").fetchone()
    if counts is None or total is None or len({*counts, *total}) != 1:
        raise DefinitionError(f"{adapter.where}: must return exactly one row per record of `records`")


def _kind_of(error: duckdb.Error) -> str:
    """What a statement did wrong, without values: DuckDB's own words only where no data was read yet."""
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)):
        return str(error).splitlines()[0]
    return f"fails on these records ({type(error).__name__}); use try_cast where a value may not fit"


def _cast(con: duckdb.DuckDBPyConnection, table: Table, adapter: Adapter) -> None:
    """`cx_cast_<table>`: the structs as rows in the model's types, and what masking finds in them; misfits go to `cx_faults`."""
    con.execute(
        f"create or replace temp table cx_raw as select file_id, position, record_key, row_no, unnest(r, recursive := true) "
        f"from (select file_id, position, record_key, unnest({table.name}) as r, "
        f"generate_subscripts({table.name}, 1) as row_no from cx_parsed where fault is null)"
    )
    own = {"file_id", "position", "record_key", "row_no"}
    given = [row[0] for row in con.execute("describe cx_raw").fetchall() if row[0] not in own]
    known = [c.name for c in table.columns]
    if unknown := [g for g in given if g not in known]:
        raise DefinitionError([f"{adapter.where}: {table.name} has no column '{u}'; {did_you_mean(u, known)}" for u in unknown])
    values = {c.name: _fitted(c) if c.name in given else f"null::{c.type}" for c in table.columns}
    columns = ",\n".join(f"{value} as {name}" for name, value in values.items())
    misfits = [_misfit(c, values[c.name]) for c in table.columns if c.name in given]
    absent = [f"when true then '{c.name} is missing'" for c in table.columns if c.required and c.name not in given]
    spoken = [c.name for c in table.columns if is_masked(c)]
    found = "".join(f",\ncase when is_suspect then {masking(name)} end as masked_{name}" for name in spoken)
    con.execute(
        f"create or replace temp table cx_cast_{table.name} as select *{found} from (\n"
        f"select *, {suspect([name for name in spoken if name in given])} as is_suspect from (\n"
        f"select file_id, position, record_key, row_no, {columns},\n"
        f"case {' '.join([*absent, *filter(None, misfits)]) or 'when false then null'} end as misfit from cx_raw))"
    )
    con.execute("drop table cx_raw")
    broken = " ".join(f"when {rule} then '{words}'" for rule, words in _RULES.get(table.name, {"false": ""}).items())
    con.execute(
        f"insert into cx_faults select * from (select file_id, position, row_no, coalesce(misfit, case {broken} end) as fault "
        f"from cx_cast_{table.name}) where fault is not null"
    )


def _fitted(column: Column) -> str:
    """SQL for the value in the column's type; NULL where it does not fit."""
    name = f'"{column.name}"'
    if column.type == "INTEGER":  # a cast alone would round 4.5 to a score of 5 that nobody gave
        number = f"try_cast({name}::varchar as double)"
        return f"case when {number} = round({number}) then try_cast({number} as integer) end"
    if column.type == "TIMESTAMP WITH TIME ZONE":
        time = f"try_cast({name} as timestamptz)"
        return f"case when {time} between {FIRST} and {LAST} then {time} end"
    if column.type == "VARCHAR":
        return f"nullif(trim({name}::varchar), '')"
    return f"try_cast(try_cast({name} as varchar) as {column.type})"


def _misfit(column: Column, fitted: str) -> str:
    """One branch of the `case` that names what is wrong with a row; empty where nothing can be."""
    empty = f"when {fitted} is null then '{column.name} is empty'" if column.required else ""
    if column.type not in _MISFITS:
        return empty
    given = f"nullif(trim(\"{column.name}\"::varchar), '') is not null"
    return f"when {given} and {fitted} is null then 'column {column.name}: {_MISFITS[column.type]}' {empty}"


def _judge(con: duckdb.DuckDBPyConnection, adapter: Adapter) -> None:
    """One account per record: its key and version where they are known, and why it is quarantined."""
    cells = [row[0] for row in con.execute("describe cx_batch").fetchall() if row[0].startswith("c_")]
    row = ", ".join(f"{quoted(c.removeprefix('c_'))} := b.{quoted(c)}" for c in cells)
    text = f"coalesce(b.record, to_json(struct_pack({row}))::varchar)" if cells else "b.record"
    con.execute(
        "create or replace temp table cx_verdicts as "
        f"select b.file_id, b.position, {hidden_key('p.record_key::varchar')} as record_key, "
        "try_cast(p.version_at as timestamptz) as version_at, b.content_id, b.member, coalesce(b.reason, p.fault, f.reason, "
        f"case when p.record_key is null then '{NO_KEY}' end) as reason, left({text}, {BEGINNING}) as text "
        "from cx_batch as b left join cx_parsed as p using (file_id, position) left join ("
        "  select file_id, position, min_by(reason, rank) as reason from cx_faults group by file_id, position"
        ") as f using (file_id, position)"
    )
    con.execute(
        f"insert into {MASKED}.accounts select $source, record_key, version_at, content_id, file_id, position, member, reason, "
        "case when reason is not null then cx_excerpt(text) end "
        "from cx_verdicts order by file_id, position",
        {"source": adapter.source},
    )


def _collect(con: duckdb.DuckDBPyConnection, table: Table, adapter: Adapter) -> None:
    """The masked rows of records without a fault."""
    stored = {c.name: hidden(c, c.name, f"masked_{c.name}") for c in table.columns}
    if table.name == "legs":
        stored["is_withheld"] = f"coalesce({withheld('phone_key')}, is_withheld)"
    columns = ", ".join(stored.values())
    con.execute(
        f"insert into {MASKED}.{table.name} "
        f"select {columns}, $source, {hidden_key('record_key')}, file_id, position from cx_cast_{table.name} "
        "semi join (from cx_verdicts where reason is null) using (file_id, position) order by file_id, position, row_no",
        {"source": adapter.source},
    )
    count_masked(con, f"{MASKED}.counts", table, f"cx_cast_{table.name}", adapter.source)
