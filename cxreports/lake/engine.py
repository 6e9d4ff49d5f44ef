"""Running a definition's SQL: DuckDB in memory over the lake, with the few named macros that differ between engines.

Nothing here knows what a statement means. Instants are UTC; local times come only from the macros `local_…`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cxreports.definitions.definition import parameters

Connection = duckdb.DuckDBPyConnection
MEMORY = "1GB"  # for DuckDB while a run loads; a batch of records needs a quarter of it, Python as much again
# What stands behind a named macro here must have its twin for Spark (tests/test_spark_sql.py).
MACROS = (
    "create or replace macro local_date(instant, zone) as timezone(zone, instant)::date",
    "create or replace macro local_clock(instant, zone) as timezone(zone, instant)",
    "create or replace macro local_hour(instant, zone) as strftime(timezone(zone, instant), '%H')",
    # Of lists of whole numbers, each in turn gives its smallest above all taken so far, or -1; a 0 begins the list of these.
    "create or replace macro in_sequence(lists) as list_reduce(lists::bigint[][], lambda taken, list: list_append(taken, "
    "coalesce(list_min(list_filter(list, lambda x: x > list_max(taken))), -1)), [0::bigint])",
)


def connect() -> Connection:
    """A fresh in-memory DuckDB, UTC, with our macros.

    It may not spill to disk: while exports are read it holds what is not masked yet (`allow_spill` when that is over).
    """
    con = duckdb.connect(config={"temp_directory": ""})
    con.execute("set timezone = 'UTC'")
    for macro in MACROS:
        con.execute(macro)
    return con


def allow_spill(con: Connection, folder: Path) -> None:
    """From now on use that folder where memory does not suffice."""
    quoted = str(folder).replace("'", "''")
    con.execute(f"set temp_directory = '{quoted}'")


def bound_memory(con: Connection) -> None:
    """From now on use no more than `MEMORY`, however large the export."""
    con.execute(f"set memory_limit = '{MEMORY}'")


def run(con: Connection, sql: str, params: Mapping[str, Any] | None = None) -> Connection:
    """Execute one statement with those of `params` that it names."""
    wanted = parameters(sql)
    return con.execute(sql, {name: (params or {})[name] for name in wanted}) if wanted else con.execute(sql)


def create(con: Connection, table: str, sql: str, params: Mapping[str, Any] | None = None) -> None:
    """A temporary table of that name with the statement's rows; one of the same name is replaced."""
    run(con, f"create or replace temp table {table} as\n{sql}", params)


def columns_of(con: Connection, table: str) -> dict[str, str]:
    """Names and types of a table's columns, in order."""
    return {str(name): str(type_) for name, type_, *_ in con.execute(f"describe {table}").fetchall()}


def one(con: Connection, sql: str, params: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
    """The statement's first row, or None; the result is read to its end, so that the connection is free again."""
    found = run(con, sql, params).fetchall()
    return found[0] if found else None


def rows(con: Connection, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The statement's rows as dicts, in order."""
    relation = con.sql(sql, params={name: (params or {})[name] for name in parameters(sql)})
    table: pa.Table = relation.to_arrow_table()
    return table.to_pylist()  # type: ignore[no-any-return]
