"""Which fields the records of every file have, and of which types: what is needed later to see that an export has changed.

Every record that can be read brings the id of its structure (`structure.structure_id`). Few structures are distinct, and only
of those a record is looked at for its fields: `fields_of` says how. A source whose records differ endlessly is
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
MOST_DEPTH = 8
MOST_SHAPES = 200_000  # rows that wait before they are summed up
_TYPES = {
    "VARCHAR": "text", "UBIGINT": "number", "BIGINT": "number", "HUGEINT": "number", "DOUBLE": "number", "BOOLEAN": "boolean",
    "NULL": "empty", "JSON": "object", "INTEGER": "number", "SMALLINT": "number", "TINYINT": "number", "FLOAT": "number",
}  # fmt: skip
# A key that names a field; any other may be somebody's number, address or name, and is written as *.
_FIELD = re.compile(r"[A-Za-z_@#$][A-Za-z0-9_.:@#$-]{0,60}")
_WORD = re.compile(r"[A-Za-z_@#$][A-Za-z0-9_@#$-]*")

_SUMMED = (
    "select source, file_id, structure_id, sum(n_records)::bigint as n_records, min(position) as position "
    "from cx_shapes group by all"
)
Field = tuple[str, str]  # where it stands (a.b, a[].b), and its type


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Empty tables: which structure the records of a file have, and which fields a structure has."""
    con.execute(f"create or replace temp table cx_shapes ({SHAPES})")
    con.execute(f"create or replace temp table cx_fields ({FIELDS})")


def finish(con: duckdb.DuckDBPyConnection) -> None:
    """Ordered tables `new_shapes` and `new_fields` from what was noted; shapes that were not looked at are left out."""
    con.execute(f"create or replace temp table new_shapes as {_SUMMED} order by source, file_id, structure_id")
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
    row = json.dumps(dict(columns), ensure_ascii=False) if columns else None
    con.execute(
        "create or replace temp table cx_seen as "
        f"select file_id, {'md5($row)' if row else 'structure_id'} as structure_id, count(*) as n, min(position) as position "
        "from cx_batch where reason is null group by all",
        {"row": row} if row else None,
    )
    known = {*_WORD.findall(sql), *(str(value) for value in params.values())}
    _note_fields(con, source, known, row)
    con.execute(
        "insert into cx_shapes select $source, file_id, structure_id, n, position from cx_seen "
        "where structure_id in (select structure_id from cx_fields where source = $source)",
        {"source": source},
    )
    if con.execute("select count(*) from cx_shapes").fetchall()[0][0] > MOST_SHAPES:
        con.execute(f"create or replace temp table cx_shapes as {_SUMMED}")


def _note_fields(con: duckdb.DuckDBPyConnection, source: str, known: set[str], row: str | None) -> None:
    """The fields of structures that this run sees for the first time, with an example of each field seen for the first time."""
    seen = con.execute("select field, type, structure_id from cx_fields where source = ?", [source]).fetchall()
    told = "$row, '{}'" if row else "json_structure(b.record)::varchar, b.record"
    new = con.execute(
        "with firsts as (select structure_id, sum(n) as n, arg_min(file_id, (file_id, position)) as file_id, "
        "arg_min(position, (file_id, position)) as position from cx_seen "
        "where structure_id not in (select structure_id from cx_fields where source = $source) "
        "group by structure_id order by n desc, structure_id limit $left) "
        f"select f.structure_id, {told} from firsts as f join cx_batch as b using (file_id, position) "
        "order by f.n desc, f.structure_id",
        {"source": source, "left": max(MOST_STRUCTURES - len({r[2] for r in seen}), 0)} | ({"row": row} if row else {}),
    ).fetchall()
    examples = {(r[0], r[1]) for r in seen}
    rows: list[tuple[object, ...]] = []
    for structure_id, structure, record in new:
        fields = sorted(set(fields_of(json.loads(structure), is_table=row is not None)))
        unseen = set() if row else {f for f in fields if f not in examples and f[1] in ("text", "number")}
        values = _values(record, unseen) if unseen else {}
        examples |= unseen
        rows += [(source, structure_id, *f, _last(f[0]) in known, values.get(f)) for f in fields]
    if rows:
        con.execute(
            "insert into cx_fields select s, i, f, t, r, cx_excerpt(v) from (select "
            + ", ".join(f"unnest(${name}) as {name}" for name in "siftrv")
            + ")",
            {name: list(cells) for name, cells in zip("siftrv", zip(*rows, strict=True), strict=True)},
        )


def _values(record: str, wanted: set[Field]) -> dict[Field, str]:
    """The first value of each wanted field in one record."""
    values: dict[Field, str] = {}
    for path, value in _leaves(json.loads(record), "", 0):
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
