"""kind = "table": one SQL expression per column in cxreports.toml → the statement that turns a file's rows into a landed table.

Faults name their place in cxreports.toml. The statement has the shape that `land` expects of any source; every expression is
evaluated on its own and row by row, so that one bad cell costs one row and says in which column it stood.

Local times: a time that a clock shows twice in the night when it is put back is taken as the first of the two; one that is
skipped in spring is taken as if the clock had not been moved yet (02:30 becomes 03:30 summer time).
"""

from collections.abc import Iterable, Mapping

import duckdb

from cxreports.definitions.model import LANDED, Table
from cxreports.errors import did_you_mean, nearest_column
from cxreports.intake.expressions import Expression, quoted, read_expression, type_of
from cxreports.intake.keep import KEPT, NO_ROW
from cxreports.settings import FILE, SourceSettings

NO_ZONE = "time without zone"  # land reports it as a reason; take_in refuses the run
TIME = "TIMESTAMP WITH TIME ZONE"
# A time of day followed by Z, UTC or an offset: the '-01' of a date is no offset.
_HAS_ZONE = r":\d\d(?:\.\d+)?\s*(?:[zZ]|UTC|[+-]\d\d(?::?\d\d)?)$"


def mapping_faults(name: str, source: SourceSettings) -> list[str]:
    """What is wrong with a mapping before any file is looked at."""
    where = f"{FILE}: sources.{name}"
    tables = [t for t in LANDED if t != KEPT]
    if source.table not in tables:
        hint = did_you_mean(source.table, tables) if source.table else f"known: {', '.join(tables)}"
        return [f'{where}.table: kind = "table" needs the landed table that the rows fill; {hint}']
    table = LANDED[source.table]
    known = [c.name for c in table.columns]
    faults = [
        f"{where}.columns.{c}: {table.name} has no such column; {did_you_mean(c, known)}"
        for c in source.columns
        if c not in known
    ]
    faults += [
        f"{where}.columns.{c.name}: is required: {c.meaning}"
        for c in table.columns
        if c.required and c.name not in source.columns
    ]
    for place, text in _texts(source):
        if isinstance(fault := read_expression(text), str):
            faults.append(f"{where}.{place}: {fault}")
    if source.params:
        faults.append(f'{where}.params: kind = "table" has none')
    return faults


def wanted_columns(source: SourceSettings) -> list[str]:
    """The file's columns that the expressions read, as written there."""
    names: dict[str, str] = {}
    for _, text in _texts(source):
        for column in _expression(text).columns:
            names.setdefault(column.lower(), column)
    return list(names.values())


def column_faults(name: str, source: SourceSettings, columns: Iterable[str], file: str) -> list[str]:
    """Columns that the mapping reads and the file does not have."""
    known = {c.lower(): c for c in columns}
    return [
        f"{FILE}: sources.{name}.{place}: {file} has no column '{c}'; {nearest_column(c, list(known.values()))}"
        for place, text in _texts(source)
        for c in _expression(text).columns
        if c.lower() not in known
    ]


def type_faults(name: str, source: SourceSettings, columns: Mapping[str, str]) -> list[str]:
    """Expressions that cannot be evaluated over columns of those types, and times that need a zone. No data is read."""
    faults = []
    for place, text in _texts(source):
        where = f"{FILE}: sources.{name}.{place}"
        try:
            type_ = type_of(text, tuple(columns.items()))
        except duckdb.Error as error:
            faults.append(f"{where}: {str(error).splitlines()[0]}")
            continue
        if place == "where" and type_ != "BOOLEAN":
            faults.append(f"{where}: gives {type_}, which is neither true nor false")
        if not _is_time(source, place):
            continue
        if (type_.startswith("TIMESTAMP") or type_ == "DATE") and type_ != TIME and source.timezone is None:
            faults.append(f'{where}: gives times without zone; set sources.{name}.timezone, for example "Europe/London"')
        elif not type_.startswith(("TIMESTAMP", "DATE", "VARCHAR", '"NULL"', "JSON")):
            faults.append(f"{where}: gives {type_}, which is no time; to_timestamp(…) makes one from seconds since 1970")
    return faults


def statement(source: SourceSettings, columns: Mapping[str, str], is_json: bool) -> str:
    """The SQL over `records` for a file with those columns (name → DuckDB type). JSON records give every column as text."""
    table = LANDED[source.table or ""]
    pairs = list(_texts(source))
    cells = [_cell(c, is_json) for c in wanted_columns(source)]
    tried = [f"try({{'v': (\n{text}\n)}}) as v{i}" for i, (_, text) in enumerate(pairs)]
    values, faults = [], []
    for i, (place, text) in enumerate(pairs):
        value = f"v{i}.v"
        word = "column " + place.removeprefix("columns.")
        faults.append(f"when v{i} is null then '{word}: cannot be computed'")
        if _is_time(source, place):
            value = _instant(value, type_of(text, tuple(columns.items())), source.timezone)
            problem = f"case when not {_zoned(f'v{i}.v')} and try_cast(v{i}.v::varchar as timestamp) is not null"
            told = f"'{word}: no time'" if source.timezone else f"{problem} then '{word}: {NO_ZONE}' else '{word}: no time' end"
            faults.append(f"when nullif(trim(v{i}.v::varchar), '') is not null and t{i} is null then {told}")
        values.append(f"{value} as t{i}")
    return _assembled(table, pairs, cells, tried, values, faults)


def _assembled(
    table: Table, pairs: list[tuple[str, str]], cells: list[str], tried: list[str], values: list[str], faults: list[str]
) -> str:
    value_at = {place: f"t{i}" for i, (place, _) in enumerate(pairs)}
    version = value_at.pop("version", "null::timestamptz")
    condition = value_at.pop("where", None)
    struct = ", ".join(f"'{place.removeprefix('columns.')}': {value}" for place, value in value_at.items())
    kept = ", ".join(f"v{i}" for i in range(len(pairs)))
    row, key = f"[{{{struct}}}]", f"{value_at['columns.' + table.key]}::varchar"
    if condition is not None:  # a record without a row has a key of its own, lest it be taken for a version of one that has
        row = f"case when {condition} then {row} else [] end"
        key = f"case when {condition} then {key} else '{NO_ROW}' || file_id || ' ' || position end"
    return (
        f"with\nfile_rows as (\n    select {', '.join(['file_id', 'position', *cells])} from records\n),\n"
        f"computed as (\n    select {', '.join(['file_id', 'position', *tried])} from file_rows\n),\n"
        f"fitted as (\n    select {', '.join(['file_id', 'position', kept, *values])} from computed\n)\n"
        f"select file_id, position, {key} as record_key, {version} as version_at,\n"
        f"case {' '.join(faults)} end as fault,\n{row} as {table.name}\nfrom fitted"
    )


def _texts(source: SourceSettings) -> Iterable[tuple[str, str]]:
    """Every expression of the mapping with its place below the source."""
    yield from ((f"columns.{column}", text) for column, text in source.columns.items())
    if source.version is not None:
        yield "version", source.version
    if source.where is not None:
        yield "where", source.where


def _is_time(source: SourceSettings, place: str) -> bool:
    if place == "version":
        return True
    column = LANDED[source.table or ""].column(place.removeprefix("columns."))
    return column is not None and column.type == TIME


def _expression(text: str) -> Expression:
    found = read_expression(text)
    return found if isinstance(found, Expression) else Expression("null", ())


def _cell(name: str, is_json: bool) -> str:
    path = name.replace('"', '\\"').replace("'", "''")
    return f"record ->> '$.\"{path}\"' as {quoted(name)}" if is_json else f"{quoted('c_' + name)} as {quoted(name)}"


def _instant(value: str, type_: str, zone: str | None) -> str:
    """SQL for the instant that a value means; NULL where it means none."""
    if type_ == TIME:
        return value
    if type_.startswith("TIMESTAMP") or type_ == "DATE":
        return _at_zone(f"{value}::timestamp", zone)
    local = _at_zone(f"try_cast({value}::varchar as timestamp)", zone)
    return f"case when {_zoned(value)} then try_cast({value}::varchar as timestamptz) else {local} end"


def _zoned(value: str) -> str:
    return f"coalesce(regexp_matches(trim({value}::varchar), '{_HAS_ZONE}'), false)"


def _at_zone(local: str, zone: str | None) -> str:
    """SQL for the instant of a local time. DuckDB takes the second of two; an hour earlier shows the same clock: the first."""
    if zone is None:
        return "null::timestamptz"
    later = f"timezone('{zone}', {local})"
    earlier = f"({later} - interval 1 hour)"
    return f"case when timezone('{zone}', {earlier}) = {local} then {earlier} else {later} end"
