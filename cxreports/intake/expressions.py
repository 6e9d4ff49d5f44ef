"""Expressions that people write into cxreports.toml: which columns they read, and that they can do nothing else.

DuckDB itself parses them (`json_serialize_sql`), so there is no second parser that could see something different. Allowed are
columns, constants, operators, and those of DuckDB's scalar functions whose result depends on their arguments alone: such a
function cannot read a file, a setting or the clock. There is no list of forbidden names that could be incomplete.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb

from cxreports.errors import did_you_mean

_CLASSES = {
    "COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "CAST", "TYPE", "CASE", "COMPARISON", "CONJUNCTION", "BETWEEN", "COLLATE",
}  # fmt: skip
_REFUSED = {
    "SUBQUERY": "holds a subquery", "WINDOW": "holds a window function", "STAR": "holds a '*'", "PARAMETER": "holds a parameter",
    "LAMBDA": "holds a lambda",
}  # fmt: skip
# Macros that expand to harmless scalar expressions.
_MACROS = {"nullif", "split_part", "date_add", "if", "position", "list_sum", "list_min", "list_max", "array_to_string"}


@dataclass(frozen=True)
class Expression:
    """One expression that may be run: its text and the columns of the file that it reads, as written."""

    sql: str
    columns: tuple[str, ...]


@lru_cache(maxsize=1000)
def read_expression(text: str) -> Expression | str:
    """The expression, or what is wrong with it."""
    parsed = _parsed(text)
    if isinstance(parsed, str):
        return parsed
    columns: list[str] = []
    for node in _nodes(parsed):
        kind = node["class"]
        if kind not in _CLASSES:
            return _REFUSED.get(kind, f"holds a {kind.lower().replace('_', ' ')}") + ", which is not allowed here"
        if kind == "COLUMN_REF":
            if len(node["column_names"]) != 1:
                return f"'{'.'.join(node['column_names'])}' has a qualifier; write the file's column alone"
            columns.append(node["column_names"][0])
        if kind == "FUNCTION" and (fault := _function_fault(node)):
            return fault
    return Expression(text, tuple(dict.fromkeys(columns)))


def _function_fault(node: dict[str, Any]) -> str | None:
    name = str(node["function_name"])
    if node.get("schema") or node.get("catalog") or node.get("distinct") or node.get("filter"):
        return f"function '{name}' is not allowed here"
    if name.lower() in _allowed():
        return None
    if name.lower() in _known():
        return f"function '{name}' is not allowed here: only functions of one row's values are"
    return f"there is no function '{name}'; {did_you_mean(name, [n for n in _allowed() if n.isidentifier()])}"


def _parsed(text: str) -> dict[str, Any] | str:
    answer = _ask("select json_serialize_sql($sql)", {"sql": f"select {text}\n"})
    tree: dict[str, Any] = json.loads(answer[0][0])
    if tree["error"]:
        return f"is no SQL expression: {tree.get('error_message', 'cannot be read')}"
    statements = tree["statements"]
    node: dict[str, Any] = statements[0]["node"] if len(statements) == 1 else {}
    is_plain = (
        node.get("type") == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not any(node[k] for k in ("modifiers", "where_clause", "group_expressions", "having", "sample", "qualify"))
        and not node["cte_map"]["map"]
        and not node["select_list"][0].get("alias")
    )
    if not is_plain:
        return "must be one expression, with no 'from', 'as' or comma"
    parsed: dict[str, Any] = node["select_list"][0]
    return parsed


def _nodes(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return [n for part in tree for n in _nodes(part)]
    if not isinstance(tree, dict):
        return []
    own = [tree] if "class" in tree else []
    return own + [n for part in tree.values() for n in _nodes(part)]


@lru_cache
def _allowed() -> frozenset[str]:
    rows = _ask(
        "select function_name from duckdb_functions() where function_name not like 'current_%' group by function_name "
        "having bool_and(function_type = 'scalar' and stability = 'CONSISTENT')"
    )
    return frozenset(r[0] for r in rows) | _MACROS


@lru_cache
def _known() -> frozenset[str]:
    rows = _ask("select distinct function_name from duckdb_functions()")
    return frozenset(r[0] for r in rows)


@lru_cache(maxsize=1000)
def type_of(text: str, columns: tuple[tuple[str, str], ...]) -> str:
    """The DuckDB type of an expression over columns (name, type); nothing is evaluated. duckdb.Error where there is none."""
    nulls = ", ".join(f"null::{type_} as {quoted(name)}" for name, type_ in columns) or "null as nothing"
    return str(_ask(f"describe select (\n{text}\n) as v from (select {nulls}) where false")[0][1])


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _ask(sql: str, values: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    """The answer to a question about SQL itself, from a connection without data and without access to files."""
    with duckdb.connect() as con:
        con.execute("set enable_external_access = false")
        return con.execute(sql, values).fetchall()
