"""Fields that nothing reads and a project keeps (`keep` of a source): each value a row of the landed table `kept_fields`.

The rows go the way of all others: the record's verdict, masking, versions. A record without a kept field has one row for it
with no value, so that a newer version that lost the field hides what an older one said.
"""

import re
from collections.abc import Sequence

from cxreports.intake.expressions import quoted

KEPT = "kept_fields"
NO_ROW = "no row: "  # how the key of a record begins that its mapping leaves out
MOST_DEPTH = 8  # as schema drift looks
_PATH = re.compile(r'[^."\\\[\]]+(\[\])*(\.[^."\\\[\]]+(\[\])*)*')


def path_faults(where: str, fields: Sequence[str]) -> list[str]:
    """Fields of JSON records that are no paths such as a.b or a[].b."""
    return [
        f"{where}.keep: '{field}' is no path of a field; write it as 'accounts --drift' does, for example a.b, or a[].b for the"
        f" objects of a list, at most {MOST_DEPTH} deep"
        for field in fields
        if not _PATH.fullmatch(field) or field.count(".") >= MOST_DEPTH
    ]


def with_kept(sql: str, fields: Sequence[str], is_json: bool) -> str:
    """A source's statement with the column `kept_fields`: a list of structs, as of any landed table."""
    if not fields:
        return sql
    found = ", ".join(f"{_values(field) if is_json else _cell(field)} as v{i}" for i, field in enumerate(fields))
    named = " || ".join(_rows(field, f"v{i}") for i, field in enumerate(fields))
    return (
        f"with\ncx_source_rows as (\n{sql}\n),\n"
        f"cx_found as (\n    select file_id, position, {found} from records\n),\n"
        f"cx_kept as (\n    select file_id, position, {named} as {KEPT} from cx_found\n)\n"
        f"select s.*, case when starts_with(s.record_key::varchar, '{NO_ROW}') then [] else k.{KEPT} end as {KEPT}\n"
        "from cx_source_rows as s left join cx_kept as k using (file_id, position)"
    )


def _values(field: str) -> str:
    """SQL for the texts of a field of `record`, nulls left out; objects and lists as JSON."""
    found = " || ".join(f"json_extract(record, {_literal(p)})" if "[*]" in p else f"[json_extract(record, {_literal(p)})]"
                        for p in json_paths(field))  # fmt: skip
    return f"list_filter(list_transform({found}, lambda v: json_extract_string(v, '$')), lambda v: v is not null)"


def _cell(column: str) -> str:
    return f"list_filter([{quoted('c_' + column)}::varchar], lambda v: v is not null)"


def _rows(field: str, values: str) -> str:
    """SQL for the structs of one field: its values numbered from 1, or one without a value."""
    name = _literal(field)
    return (
        f"list_transform(range(1, greatest(len({values}), 1) + 1), lambda n: "
        f"{{'value_id': {name} || '#' || n, 'field': {name}, 'value_no': n, 'value': {values}[n]}})"
    )


def json_paths(field: str) -> list[str]:
    """Every place that a path of `accounts --drift` may mean: a key may have dots of its own."""
    first, *others = field.split(".")
    ways = [[first]]
    for part in others:
        ways = [[*w, part] for w in ways] + [[*w[:-1], f"{w[-1]}.{part}"] for w in ways if not w[-1].endswith("[]")]
    return ["$" + "".join(_step(key) for key in way) for way in ways]


def _step(key: str) -> str:
    name = key.rstrip("[]")
    return f'."{name}"' + "[*]" * ((len(key) - len(name)) // 2)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
