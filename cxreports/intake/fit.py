"""Fields whose values must fit a type, as a definition's header declares them: what does not fit names its record and field.

A definition's own casts give NULL where a value does not fit, and NULL means that the source said nothing. A source that starts
to send a text where a number was would lose that number without a word; here its record is quarantined instead.
"""

from collections.abc import Sequence

import duckdb

# For each type: the test of a value (SQL over a text `v`) and what is wrong with one that fails it.
_TYPES = {
    "number": ("try_cast(v as double) is null", "not a number"),
    "time": ("try_cast(v as timestamptz) is null", "no time"),
    "boolean": ("lower(v) not in ('true', 'false')", "not true or false"),
}


def note_misfits(con: duckdb.DuckDBPyConnection, types: Sequence[tuple[str, str]]) -> None:
    """Insert into `cx_faults` the first field of every record of `records` whose value does not fit its type (path, type)."""
    if not types:
        return
    plain = [(path, type_) for path, type_ in types if "[]" not in path]
    paths = ", ".join(_quoted(path) for path, _ in plain)
    branches = [_branch(f"texts[{i}]", path, type_) for i, (path, type_) in enumerate(plain, start=1)]
    branches += [_branch_of_list(path, type_) for path, type_ in types if "[]" in path]
    # Materialised, lest every mention of a text cut the record anew.
    con.execute(
        f"insert into cx_faults with cut as materialized (select file_id, position, record"
        f"{f', record ->> [{paths}] as texts' if plain else ''} from records), "
        f"judged as (select file_id, position, case {' '.join(branches)} end as reason from cut) "
        "select file_id, position, 0, reason from judged where reason is not null"
    )


def _branch(value: str, path: str, type_: str) -> str:
    test, words = _TYPES[type_]
    return f"when nullif({value}, '') is not null and {test.replace('(v', f'({value}')} then '{_told(path)}: {words}'"


def _branch_of_list(path: str, type_: str) -> str:
    test, words = _TYPES[type_]
    found = f"len(list_filter(record ->> {_quoted(path)}, lambda v: nullif(v, '') is not null and {test})) > 0"
    return f"when {found} then '{_told(path)}: {words}'"


def _quoted(path: str) -> str:
    """The path as a SQL text: a[].b is '$."a"[*]."b"'."""
    parts = [f'."{part.removesuffix("[]")}"' + ("[*]" if part.endswith("[]") else "") for part in path.split(".")]
    return "'$" + "".join(parts).replace("'", "''") + "'"


def _told(path: str) -> str:
    return "field " + path.replace("'", "''")
