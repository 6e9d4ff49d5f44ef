"""The same SQL for Spark: DuckDB's dialect translated, with the twin of every construct that Spark says or counts differently.

Nothing here needs Spark. The session that runs the result must have `spark.sql.session.timeZone = UTC`, as DuckDB has in
`engine.connect`; `$name` becomes `:name`, which `spark.sql(sql, args={...})` takes by name. What sqlglot translates rightly by
itself is left to it. tests/test_spark_sql.py holds every worked example against both engines, cell by cell.
"""

from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import Dialect, ErrorLevel, exp

Node = exp.Expression
_DUCKDB = Dialect.get_or_raise("duckdb")
Twin = Callable[..., Node | None]  # takes the node; None: it stays as it is


def to_spark(sql: str) -> str:
    """One DuckDB statement as Spark SQL; raises where sqlglot knows that something cannot be said in Spark."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    for node in reversed(list(tree.walk())):  # what is inside first, so that a twin holds twins
        if (twin := TWINS.get(_name(node))) and (new := twin(node)) is not None:
            node.replace(new)
    return tree.sql(dialect="spark", pretty=True, unsupported_level=ErrorLevel.RAISE)


def _name(node: Any) -> str | type[Any]:
    return node.name.lower() if isinstance(node, exp.Anonymous) else type(node)


def _call(name: str, *arguments: Node) -> Node:
    """A function that is written as it stands, whatever sqlglot knows of its name."""
    return exp.Anonymous(this=name, expressions=[a.copy() for a in arguments])


def _text(value: str) -> Node:
    return exp.Literal.string(value)


def _local_date(node: Node) -> Node:
    return exp.cast(_call("from_utc_timestamp", *node.expressions), "date")


def _local_clock(node: Node) -> Node:
    return _call("from_utc_timestamp", *node.expressions)


def _local_hour(node: Node) -> Node:
    return _call("date_format", _call("from_utc_timestamp", *node.expressions), _text("HH"))


def _days(node: Node) -> Node:
    return _call("make_dt_interval", node.this)


def _hours(node: Node) -> Node:
    return _call("make_dt_interval", exp.Literal.number(0), *node.expressions)


def _minutes(node: Node) -> Node:
    return _call("make_dt_interval", exp.Literal.number(0), exp.Literal.number(0), *node.expressions)


def _first_known(node: Node) -> Node | None:
    """DuckDB's min_by and max_by pass over rows whose value is NULL; Spark's may return the NULL."""
    known: Node = node.this.copy().is_(exp.null()).not_()
    if isinstance(node.parent, exp.Filter):
        where = node.parent.expression
        where.set("this", exp.and_(where.this.copy(), known))
        return None
    return exp.Filter(this=node.copy(), expression=exp.Where(this=known))


def _milliseconds(node: Node) -> Node:
    """`epoch_ms(instant)`: sqlglot takes it for the way back. `to_timestamp(seconds)` is the way back."""
    return _call("unix_millis" if node.args.get("scale") else "timestamp_seconds", node.this)


def _instant(node: Node) -> Node:
    """`timezone(zone, x)` of a time without zone: the instant at which clocks there show it."""
    zone, local = node.expressions
    return _call("to_utc_timestamp", exp.cast(local.copy(), "timestamp"), zone)


def _in_sequence(node: Node) -> Node:
    """The fold of `in_sequence`: taken so far, and the smallest of the next list that lies above."""
    fold: Any = sqlglot.parse_one(
        "aggregate(lists, array(cast(0 as bigint)), (taken, list) -> concat(taken, array(coalesce("
        "array_min(filter(list, x -> x > array_max(taken))), cast(-1 as bigint)))))",
        read="spark",
    )
    for column in list(fold.find_all(exp.Column)):
        if column.name == "lists":
            column.replace(node.expressions[0].copy())
    found: Node = fold
    return found


def _from_microseconds(node: Node) -> Node | None:
    """`make_timestamptz(microseconds)`: exact, where seconds with a fraction would be rounded."""
    return _call("timestamp_micros", *node.expressions) if len(node.expressions) == 1 else None


def _item(node: Node) -> Node:
    """`list[1]` beyond the end is NULL in DuckDB and an error in Spark. sqlglot has counted numbers from 0 already; `list[i]`, of
    whose type it knows nothing, it leaves."""
    (index,) = node.expressions
    if isinstance(index, (exp.Column, exp.Identifier)):
        index = exp.Sub(this=index.copy(), expression=exp.Literal.number(1))
    return _call("get", node.this, index)


def _last(node: Node) -> Node:
    return _call("try_element_at", *node.expressions, exp.Literal.number(-1))


def _size(node: Node) -> Node:
    """`array_length(list)`: NULL of NULL, as Spark's size is not always. Our files write `length` of texts only, never `len`."""
    return _call("array_size", node.this)


def _count_from_1(node: Node) -> None:
    """`lambda item, i:` of list_transform: DuckDB counts from 1, Spark from 0."""
    if not isinstance(node.expression, exp.Lambda) or len(node.expression.expressions) < 2:
        return
    index = node.expression.expressions[1].name
    for use in list(node.expression.this.find_all(exp.Identifier)):
        if use.name == index and not (isinstance(use.parent, exp.PropertyEQ) and use.arg_key == "this"):
            use.replace(exp.paren(exp.Add(this=use.copy(), expression=exp.Literal.number(1))))


def _arrow(node: Node) -> Node | None:
    """`f(x -> '$.A', y)`: within a call sqlglot takes the arrow for a lambda; ours are all written with the word."""
    if not (isinstance(node.this, exp.Literal) and node.this.name.startswith("$")):
        return None
    return _call("get_json_object", exp.column(node.expressions[0].copy()), node.this)


def _items(node: Node) -> Node | None:
    """`json_extract(x, '$.A[*]')` is a list of JSON in DuckDB; in Spark a list of texts, each the JSON of an item."""
    path = node.expression
    if isinstance(path, exp.Array):
        return _several(node)
    if not (isinstance(path, exp.JSONPath) and isinstance(path.expressions[-1], exp.JSONPathSubscript)):
        return None
    whole = exp.JSONExtract(this=node.this.copy(), expression=exp.JSONPath(expressions=path.expressions[:-1]))
    return _call("coalesce", _call("from_json", whole, _text("array<string>")), _call("array"))


def _named_key(node: Node) -> Node | None:
    """A key given by a parameter, or several paths at once; a path that stands there as it is needs no twin."""
    if isinstance(node.expression, exp.JSONPath):
        return None
    return _several(node) if isinstance(node.expression, exp.Array) else _at(node.this, node.expression)


def _several(node: Node) -> Node:
    """`x ->> ['$.a', '$.b']` reads x once in DuckDB; Spark reads it once a path."""
    return _call("array", *(_at(node.this, path) for path in node.expression.expressions))


def _at(text: Node, path: Node) -> Node:
    """`x ->> '$.a'`, or `x ->> ('$."' || $key || '"')`; Spark quotes a key as ['key']."""
    if path.is_string:
        return exp.JSONExtractScalar(this=text.copy(), expression=_DUCKDB.to_json_path(path.copy()))
    path = path.copy()
    for piece in path.find_all(exp.Literal):
        piece.replace(_text(piece.name.replace('$."', "$['").replace('"', "']")))
    return _call("get_json_object", text, path)


def _json_valid(node: Node) -> Node:
    return _call("get_json_object", *node.expressions, _text("$")).is_(exp.null()).not_()


def _json_type(node: Node) -> Node:
    """Only lists are told apart: 'ARRAY', 'OTHER', or NULL where there is nothing (or JSON null, which DuckDB calls 'NULL')."""
    value = _call("get_json_object", node.this, node.expression)
    is_list = _call("json_array_length", value).is_(exp.null()).not_()
    return exp.Case().when(is_list, _text("ARRAY")).when(value.is_(exp.null()).not_(), _text("OTHER"))


# What needs a twin: the macros of lake/engine.py and functions that sqlglot hands on by name, then constructs it knows.
TWINS: dict[str | type[Any], Twin] = {
    "local_date": _local_date,
    "local_clock": _local_clock,
    "local_hour": _local_hour,
    "in_sequence": _in_sequence,
    "to_hours": _hours,
    "to_minutes": _minutes,
    "list_last": _last,
    "make_timestamptz": _from_microseconds,
    "json_valid": _json_valid,
    "timezone": _instant,
    exp.ToDays: _days,
    exp.ArgMin: _first_known,
    exp.ArgMax: _first_known,
    exp.UnixToTime: _milliseconds,
    exp.ArraySize: _size,
    exp.Bracket: _item,
    exp.Transform: _count_from_1,
    exp.Lambda: _arrow,
    exp.JSONExtract: _items,
    exp.JSONExtractScalar: _named_key,
    exp.JSONType: _json_type,
}
