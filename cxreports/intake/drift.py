"""Which fields the records of every file have, and of which types: what is needed later to see that an export has changed.

A record's structure (its keys and the types of their values, no values) is worked out for every record that can be read. Few
structures are distinct, and only those are cut into fields: `fields_of` says how. A source whose records differ endlessly is
looked at up to MOST_STRUCTURES structures a run; the other records are left out, and do not count as looked at.

Of values nothing is kept but the shape of one example, as of a record in quarantine (`privacy.excerpt`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from cxreports.definitions.definition import Scalar
from cxreports.lake.fields import FIELDS, SHAPES

MOST_STRUCTURES = 2_000  # of one source in one run
MOST_CHARACTERS = 100_000  # of a structure
MOST_DEPTH = 8
_TYPES = {
    "VARCHAR": "text", "UBIGINT": "number", "BIGINT": "number", "HUGEINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean",
    "NULL": "empty", "JSON": "object", "INTEGER": "number", "SMALLINT": "number", "TINYINT": "number", "FLOAT": "number",
}  # fmt: skip
# A key that names a field; any other may be somebody's number, address or name, and is written as *.
_FIELD = re.compile(r"[A-Za-z_@#$][A-Za-z0-9_.:@#$-]{0,60}")
_WORD = re.compile(r"[A-Za-z_@#$][A-Za-z0-9_@#$-]*")

Field = tuple[str, str]  # where it stands (a.b, a[].b), and its type


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Empty tables: which structure the records of a file have, and which fields a structure has."""
    con.execute(f"create or replace temp table cx_shapes ({SHAPES})")
    con.execute(f"create or replace temp table cx_fields ({FIELDS})")


def finish(con: duckdb.DuckDBPyConnection) -> None:
    """Ordered tables `new_shapes` and `new_fields` from what was noted; shapes that were not looked at are left out."""
    con.execute(
        "create or replace temp table new_shapes as "
        "select source, file_id, structure_id, sum(n_records)::bigint as n_records, min(position) as position "
        "from cx_shapes semi join cx_fields using (source, structure_id) group by all order by source, file_id, structure_id"
    )
    con.execute("create or replace temp table new_fields as from cx_fields order by source, structure_id, field, type")
    con.execute("drop table cx_shapes")
    con.execute("drop table cx_fields")


def note(
    con: duckdb.DuckDBPyConnection,
    source: str,
    sql: str,
    params: Mapping[str, Scalar | None],
    columns: tuple[tuple[str, str], ...],
) -> None:
    """Note the structures of the readable records of `cx_batch`, which `sql` reads; `columns`: they are rows of that table."""
    structure = "$row" if columns else f"left(json_structure(record)::varchar, {MOST_CHARACTERS + 1})"
    row = {"row": json.dumps(dict(columns), ensure_ascii=False)} if columns else {}
    con.execute(
        f"create or replace temp table cx_structured as select file_id, position, {structure} as structure "
        "from cx_batch where reason is null",
        row or None,
    )
    con.execute(
        "insert into cx_shapes select $source, file_id, md5(structure), count(*), min(position) from cx_structured "
        "group by file_id, structure",
        {"source": source},
    )
    known = {*_WORD.findall(sql), *(str(value) for value in params.values())}
    _note_fields(con, source, known, is_table=bool(columns))
    con.execute("drop table cx_structured")


def _note_fields(con: duckdb.DuckDBPyConnection, source: str, known: set[str], is_table: bool) -> None:
    """The fields of structures that this run sees for the first time, with an example of each field seen for the first time."""
    seen = con.execute("select field, type, structure_id from cx_fields where source = ?", [source]).fetchall()
    left = MOST_STRUCTURES - len({row[2] for row in seen})
    new = con.execute(
        "select md5(structure) as id, any_value(structure), arg_min(file_id, (file_id, position)), "
        "arg_min(position, (file_id, position)) from cx_structured where length(structure) <= $most "
        "and md5(structure) not in (select structure_id from cx_fields where source = $source) "
        "group by structure order by count(*) desc, id limit $left",
        {"most": MOST_CHARACTERS, "source": source, "left": max(left, 0)},
    ).fetchall()
    examples = {(row[0], row[1]) for row in seen}
    rows: list[tuple[object, ...]] = []
    for structure_id, structure, file_id, position in new:
        fields = sorted(set(fields_of(json.loads(structure), is_table)))
        unseen = set() if is_table else {f for f in fields if f not in examples and f[1] in ("text", "number")}
        values = _values(con, file_id, position, unseen) if unseen else {}
        examples |= unseen
        rows += [(source, structure_id, *f, _last(f[0]) in known, values.get(f)) for f in fields]
    if rows:
        con.execute(
            "insert into cx_fields select s, i, f, t, r, cx_excerpt(v) from (select "
            + ", ".join(f"unnest(${name}) as {name}" for name in "siftrv")
            + ")",
            {name: list(cells) for name, cells in zip("siftrv", zip(*rows, strict=True), strict=True)},
        )


def _values(con: duckdb.DuckDBPyConnection, file_id: str, position: int, wanted: set[Field]) -> dict[Field, str]:
    """The first value of each wanted field in one record."""
    found = con.execute("select record from cx_batch where file_id = ? and position = ?", [file_id, position]).fetchone()
    values: dict[Field, str] = {}
    for path, value in _leaves(json.loads(found[0]) if found else {}, "", 0):
        field = (path, "text" if isinstance(value, str) else "number")
        if field in wanted:
            values.setdefault(field, str(value))
    return values


def fields_of(structure: Any, is_table: bool = False) -> Iterator[Field]:
    """Every field of a structure (keys and names of types) with its type: text, number, boolean, object, list, list of …, empty.

    `a.b` stands in the object a, `a[].b` in the objects of the list a. A key that does not look like the name of a field, as
    those of a map from addresses or ids do, is written as `*`. The columns of a table are its own words and kept.
    """
    if is_table:
        yield from ((name, _type(type_)) for name, type_ in structure.items())
    else:
        yield from ((path, _type(node)) for path, node in _nodes(structure, "", 0))


def _type(node: Any) -> str:
    """The word for a type, as json_structure and DuckDB name it; of a list of single values, for theirs, too."""
    if isinstance(node, dict):
        return "object"
    if isinstance(node, list):
        return f"list of {_type(node[0])}" if node and isinstance(node[0], str) and node[0] in _TYPES else "list"
    return _TYPES.get(node, "number" if node.startswith("DECIMAL") else node.lower())


def _nodes(node: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every object, list and leaf below the node with its path; the node itself where it has one."""
    if path and not path.endswith("[]"):
        yield path, node
    if depth == MOST_DEPTH:
        return
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from _nodes(inner, f"{path}.{_name(key)}" if path else _name(key), depth + 1)
    elif isinstance(node, list):
        for inner in node:
            yield from _nodes(inner, f"{path}[]", depth + 1)


def _leaves(record: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Every text and number of a record with its path."""
    return (
        (where, node)
        for where, node in _nodes(record, path, depth)
        if isinstance(node, (str, int, float)) and not isinstance(node, bool)
    )


def _name(key: str) -> str:
    is_name = _FIELD.fullmatch(key) and "@" not in key[1:] and not re.search(r"\d{4}", key) and sum(c.isdigit() for c in key) < 5
    return key if is_name else "*"


def _last(field: str) -> str:
    """The key itself: b of a[].b."""
    return field.replace("[]", "").rpartition(".")[2] or field
