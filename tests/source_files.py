"""One source over the files of a folder, taken in as a run does; what was landed and what was refused."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.intake.check import check_sources
from cxreports.intake.intake import take_in
from cxreports.settings import Settings

CATALOGUE: Catalogue = read_catalogue()
KEY = b"0123456789abcdef0123456789abcdef"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Taken:
    """What a source gave."""

    con: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question to the tables new_records, new_files, new_<landed table>."""
        return self.con.execute(sql).fetchall()

    def reasons(self) -> list[str | None]:
        """Why each received record was quarantined, in order; None: it was not."""
        return [row[0] for row in self.rows("select reason from new_records order by file_id, position")]


def take(folder: Path, source: dict[str, Any]) -> Taken:
    """Take in that source's files below the folder."""
    settings = Settings.model_validate({"project": {"name": "x", "timezone": "Europe/London"}, "sources": {"it": source}})
    assert check_sources(folder, settings, CATALOGUE) == []
    con = duckdb.connect()
    take_in(con, folder, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
    return Taken(con)


def lines(path: Path, *records: dict[str, Any]) -> None:
    """Write records as JSON, one a line."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
