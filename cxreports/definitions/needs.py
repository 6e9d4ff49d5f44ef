"""What a metric's header says that it rests on: columns with alternatives, and the setting under which they are needed.

    "legs.answered_at"                                     that column
    "legs.is_abandoned | legs.answered_at"                 one of them is enough
    "legs.enqueued_at when population = queue"             only while the metric's parameter has that value

Landed columns are named by their table (`legs.wait_ms`), computed ones by theirs (`core_interactions.wait_ms`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cxreports.definitions.columns import Table
from cxreports.definitions.definition import Definition, MetricHeader, TableHeader

COMPUTED_FROM = {"core_interactions": "legs", "out_cases": "cases", "out_surveys": "survey_responses"}
_COLUMN = r"[a-z_]+\.[a-z_]+"
_NEED = re.compile(rf"({_COLUMN}(?: \| {_COLUMN})*)(?: when ([a-z_]+) = (\S+))?")


@dataclass(frozen=True)
class Need:
    """Columns of which one is enough, with the words for their absence. `when`: parameter and value, or None."""

    columns: tuple[str, ...]
    when: tuple[str, str] | None
    words: str

    def holds(self, params: Mapping[str, object]) -> bool:
        """Whether it is needed while the metric has these parameters."""
        return self.when is None or str(params.get(self.when[0])).lower() == self.when[1].lower()

    @property
    def items(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The alternatives by table, so that one pass over a table can count the rows that have any of its columns."""
        tables = dict.fromkeys(c.partition(".")[0] for c in self.columns)
        return tuple((t, tuple(c.partition(".")[2] for c in self.columns if c.startswith(f"{t}."))) for t in tables)


def needs_of(given: Mapping[str, str]) -> list[Need]:
    """The needs of one field of a header; expects keys without a fault."""
    found = []
    for key, words in given.items():
        if match := _NEED.fullmatch(key):
            when = (match[2], match[3]) if match[2] else None
            found.append(Need(tuple(match[1].split(" | ")), when, words))
    return found


def need_faults(header: MetricHeader, landed: Mapping[str, Table], tables: Mapping[str, Definition[TableHeader]]) -> list[str]:
    """Keys that cannot be read, columns and parameters that do not exist."""
    faults = []
    for field in ("needs", "for_full", "derived"):
        for key, words in getattr(header, field).items():
            if not _NEED.fullmatch(key):
                faults.append(f"{field} '{key}': write it as \"table.column | table.column when parameter = value\"")
            for need in needs_of({key: words}):
                faults += [
                    f"{field} '{c}', which is no landed and no computed column"
                    for c in need.columns
                    if not _exists(c, landed, tables)
                ]
                if need.when and need.when[0] not in header.params:
                    faults.append(f"{field} '{key}': '{need.when[0]}' is not one of its params")
    return faults


def _exists(column: str, landed: Mapping[str, Table], tables: Mapping[str, Definition[TableHeader]]) -> bool:
    table, _, name = column.partition(".")
    if table in tables:  # its rows must lead to an interaction, and so to a source
        return {name, "interaction_id"} <= tables[table].header.columns.keys()
    return table in landed and landed[table].column(name) is not None


def same_landed(column: str) -> str:
    """The landed column of the same name from which a computed one is made: core_interactions.wait_ms → legs.wait_ms."""
    table, _, name = column.partition(".")
    return f"{COMPUTED_FROM.get(table, table)}.{name}"
