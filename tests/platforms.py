"""What the tests of several platforms share: read exports as one source, and roll what landed up to interactions."""

from pathlib import Path
from typing import Any

import duckdb

from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.model import LANDED
from cxreports.intake.intake import take_in
from cxreports.lake.engine import connect, create
from cxreports.lake.scoring import scoring
from tests.test_sources import KEY, LATER, project

CATALOGUE = read_catalogue()
Row = tuple[Any, ...]


class Export:
    """A connection in which the files of one source were taken in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con = connect()

    def read(self, kind: str, *files: Path | str, name: str = "{}.export", **source: Any) -> "Export":
        """Take in those files (a path, or a file's text) as one source called `it`."""
        for n, file in enumerate(files):
            content = file.read_bytes() if isinstance(file, Path) else file.encode()
            (self.folder / name.format(n)).write_bytes(content)
        settings = project({"it": {"kind": kind, "path": name.format("*"), **source}})
        take_in(self.con, self.folder, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
        return self

    def rows(self, sql: str) -> list[Row]:
        """What a query over the `new_…` tables gives; times as text."""
        result: duckdb.DuckDBPyConnection = self.con.execute(sql)
        return result.fetchall()

    def reasons(self) -> list[Row]:
        """Every record by its number, with the reason where it is quarantined."""
        return self.rows("select position, record_key, reason from new_records order by file_id, position")

    def interactions(self, columns: str) -> list[Row]:
        """The interactions that the legs make, by id."""
        for name in ("legs", "sentiments", "turns"):
            names = ", ".join([*(c.name for c in LANDED[name].columns), "source", "file_id", "position"])
            self.con.execute(f"create or replace temp view core_{name} as select {names}, '' as record_key from new_{name}")
        with scoring(self.con, None):
            for name, made in (("core_turn_scores", "core_turn_scores"), ("core_interactions", "made_interactions")):
                table = CATALOGUE.tables[name]
                create(self.con, made, table.sql, {**table.header.params, "timezone": "Europe/London"})
        return self.rows(f"select {columns} from made_interactions order by interaction_id")
