"""Worked examples of definition headers: small tables written as text, run through the body, compared with what must come out."""

from collections.abc import Mapping
from typing import Any

from cxreports.definitions.catalogue import Catalogue
from cxreports.definitions.definition import Definition, MetricHeader, Scalar, TableHeader
from cxreports.definitions.model import LANDED, PROVENANCE
from cxreports.errors import DefinitionError, did_you_mean
from cxreports.lake.engine import Connection, columns_of, create
from cxreports.lake.scoring import scoring
from cxreports.sentiment.lexicon import Lexicon

SWITCHBOARDS = {"identifier": "VARCHAR"}


def schema_of(table: str, catalogue: Catalogue) -> dict[str, str]:
    """Column types of a table that definitions may read."""
    if table == "switchboards":
        return SWITCHBOARDS
    if table.removeprefix("core_") in LANDED and table not in catalogue.tables:
        landed = LANDED[table.removeprefix("core_")]
        return {c.name: c.type for c in (*landed.columns, *PROVENANCE)}
    return {name: doc.type for name, doc in catalogue.tables[table].header.columns.items()}


def text_table(text: str) -> tuple[list[str], list[list[str | None]]]:
    """Column names and rows of a `a | b` table; an empty cell is NULL."""
    lines = [[cell.strip() or None for cell in line.split("|")] for line in text.strip().splitlines()]
    head = [str(cell) for cell in lines[0]]
    return head, [(line + [None] * len(head))[: len(head)] for line in lines[1:]]


def load_example(con: Connection, definition: Definition[Any], catalogue: Catalogue) -> None:
    """Create the tables that the definition reads, with the example's rows; columns it does not name are NULL."""
    given: dict[str, str] = dict(definition.header.example.given)
    for table in {*definition.header.reads, *given}:
        _load(con, table, given.get(table), schema_of(table, catalogue), definition.where)


def run_example(
    con: Connection,
    definition: Definition[MetricHeader] | Definition[TableHeader],
    catalogue: Catalogue,
    params: Mapping[str, Scalar],
) -> tuple[list[tuple[str | None, ...]], list[tuple[str | None, ...]]]:
    """(what came out, what must come out), both as text in the columns that `expect` names, in the statement's order.

    Moods are scored by the word lists."""
    load_example(con, definition, catalogue)
    given = {**params, **definition.header.params, **definition.header.example.params}
    with scoring(con, Lexicon()):
        create(con, "example_result", definition.sql, given)
    head, wanted = text_table(definition.header.example.expect)
    known = columns_of(con, "example_result")
    if unknown := [name for name in head if name not in known]:
        hints = "; ".join(f"'{name}': {did_you_mean(name, list(known))}" for name in unknown)
        raise DefinitionError(f"{definition.where}: the example expects columns that do not come out: {hints}")
    picked = ", ".join(f"cast({name} as varchar)" for name in head)
    got = con.execute(f"select {picked} from example_result").fetchall()
    return [tuple(row) for row in got], [tuple(row) for row in wanted]


def _load(con: Connection, table: str, text: str | None, schema: Mapping[str, str], where: str) -> None:
    head, lines = text_table(text) if text else ([], [])
    if unknown := [name for name in head if name not in schema]:
        hints = "; ".join(f"'{name}': {did_you_mean(name, list(schema))}" for name in unknown)
        raise DefinitionError(f"{where}: the example gives {table} columns that it does not have: {hints}")
    con.execute(f"create or replace temp table {table} ({', '.join(f'{n} {t}' for n, t in schema.items())})")
    for line in lines:
        marks = ", ".join("?" for _ in head)
        con.execute(f"insert into {table} ({', '.join(head)}) values ({marks})", line)
