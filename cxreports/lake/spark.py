"""The same SQL for Spark: DuckDB's dialect translated, with the twin of every macro and function that Spark writes differently.

Nothing here needs Spark. The session that runs the result must have `spark.sql.session.timeZone = UTC`, as DuckDB has in
`engine.connect`; `$name` becomes `:name`, which `spark.sql(sql, args={...})` takes by name. tests/test_spark_sql.py holds
every worked example against both engines, cell by cell.
"""

from collections.abc import Callable

import sqlglot
from sqlglot import ErrorLevel, exp

Twin = Callable[..., exp.Expression]


def to_spark(sql: str) -> str:
    """One DuckDB statement as Spark SQL; raises where sqlglot knows that something cannot be said in Spark."""
    tree = sqlglot.parse_one(sql, read="duckdb").transform(_twin)
    return tree.sql(dialect="spark", pretty=True, unsupported_level=ErrorLevel.RAISE)


def _twin(node: exp.Expression) -> exp.Expression:
    """A node as Spark needs it; most stay as they are and are left to sqlglot."""
    if isinstance(node, exp.ToDays):
        return _span(0)(node.this)
    if isinstance(node, exp.Anonymous) and (twin := TWINS.get(node.name.lower())):
        return twin(*node.expressions)
    return node


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """A function that is written as it stands, whatever sqlglot knows about its name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def _local_date(instant: exp.Expression, zone: exp.Expression) -> exp.Expression:
    return exp.cast(_call("from_utc_timestamp", instant, zone), "date")


def _local_hour(instant: exp.Expression, zone: exp.Expression) -> exp.Expression:
    return _call("date_format", _call("from_utc_timestamp", instant, zone), exp.Literal.string("HH"))


def _span(position: int) -> Twin:
    """`make_dt_interval(days, hours, minutes)` with the count in one place: a fixed span of time, as in DuckDB under UTC."""
    return lambda count: _call("make_dt_interval", *(exp.Literal.number(0) for _ in range(position)), count)


# The macros of lake/engine.py, and functions of DuckDB that sqlglot would hand on by name. `to_days` it knows as a node.
TWINS: dict[str, Twin] = {
    "local_date": _local_date,
    "local_hour": _local_hour,
    "to_hours": _span(1),
    "to_minutes": _span(2),
}
