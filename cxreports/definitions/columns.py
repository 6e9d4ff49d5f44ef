"""What a landed table is made of: columns with type, meaning and privacy. The tables are in `model` and `model_work`."""

from dataclasses import dataclass
from typing import Literal

Privacy = Literal["id", "label", "value", "pseudonym", "text"]
# id: a source's own record id, kept as it is.      label: a short word (queue, intent); masked if it holds personal data.
# value: number, time or flag.                      pseudonym: keyed hash before it is stored.      text: free text, masked.


@dataclass(frozen=True)
class Column:
    """One column of a landed table. `type` is its DuckDB type."""

    name: str
    type: str
    meaning: str
    privacy: Privacy = "value"
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One landed table. One row is a `grain`; `key` names it within its source; `at` (SQL) is when it happened."""

    name: str
    title: str
    grain: str
    key: str
    columns: tuple[Column, ...]
    at: str = "version_at"

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)


def id_column(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, "id", required)


def label_column(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, "label")


def who_column(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, "pseudonym")


def at_column(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "TIMESTAMP WITH TIME ZONE", meaning, "value", required)


def ms_column(name: str, meaning: str) -> Column:
    return Column(name, "BIGINT", f"{meaning}, milliseconds")


def flag_column(name: str, meaning: str) -> Column:
    return Column(name, "BOOLEAN", meaning)
