"""Small worlds of landed records, invented by hand or by Hypothesis, put into a lake without going through files."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.model import LANDED, PROVENANCE
from cxreports.lake import landing
from cxreports.lake.engine import Connection, connect, rows
from cxreports.lake.store import Commit, Lake
from cxreports.lake.view import View, open_view
from cxreports.lake.write import Basis, commit_new
from cxreports.person_requests import HandoffSettings

CATALOGUE = read_catalogue()
PARAMS = {
    "timezone": "Europe/London", "shared_limit": 2, "forward_minutes": 15, "window_days": 7, "quiet_days": 7,
    "request_pattern": HandoffSettings().pattern, "request_names": HandoffSettings().names,
}  # fmt: skip
BASIS = Basis(CATALOGUE, PARAMS, ())
START = datetime(2025, 3, 3, 10, tzinfo=UTC)
Row = Mapping[str, Any]


def at(hours: float) -> datetime:
    """An instant so many hours after the world's start."""
    return START + timedelta(hours=hours)


def leg(leg_id: str, hours: float, **more: Any) -> dict[str, Any]:
    """A leg that lasts five minutes unless told otherwise."""
    return {"leg_id": leg_id, "started_at": at(hours), "ended_at": at(hours) + timedelta(minutes=5), "channel": "voice", **more}


def deliver(lake: Lake, day: int, legs: Sequence[Row] = (), basis: Basis = BASIS, **others: Sequence[Row]) -> Commit:
    """One run that finds one file with these rows. `version` and `source` in a row are the record's, not the table's."""
    con = connect()
    head = lake.head()
    landing.known_files(con, lake, head)
    _tables(con, day, {"legs": legs, **others})
    return commit_new(con, lake, head, basis, at(24 * day))


def everything(lake: Lake, table: str, as_of: datetime | None = None, basis: Basis = BASIS) -> list[dict[str, Any]]:
    """All rows of a table as known then, in order."""
    head = lake.head()
    assert head
    view = look(lake, as_of or head.as_of_instant, basis)
    return rows(view.con, f"select * from {table} order by all")


def look(lake: Lake, as_of: datetime, basis: Basis = BASIS) -> View:
    """The lake as known then."""
    return open_view(lake, basis.catalogue, basis.params, basis.switchboards, as_of, basis.scorer)


def fresh_lake(folder: Path, batches: Sequence[tuple[int, Sequence[Row]]], basis: Basis = BASIS) -> Lake:
    """A lake to which each batch came on its day."""
    lake = Lake(folder)
    for day, legs in batches:
        deliver(lake, day, legs, basis)
    return lake


def _tables(con: Connection, day: int, tables: Mapping[str, Sequence[Row]]) -> None:
    con.execute(f"create or replace temp table new_files ({_columns(landing.FILES)})")
    con.execute(f"create or replace temp table new_records ({_columns(landing.RECORDS)})")
    for table in LANDED.values():
        columns = ", ".join(f"{c.name} {c.type}" for c in (*table.columns, *PROVENANCE))
        con.execute(f"create or replace temp table new_{table.name} ({columns})")
    position = 0
    file_id = sha256(f"{day} {tables}".encode()).hexdigest()
    for name, given in tables.items():
        for row in given:
            position += 1
            _insert(con, name, dict(row), file_id, position)
    if position:
        for source in sorted({row.get("source", "world") for given in tables.values() for row in given}):
            con.execute("insert into new_files values (?, ?, ?, 0, ?, 'json', ?)", [file_id, source, file_id, None, position])


def _insert(con: Connection, table: str, row: dict[str, Any], file_id: str, position: int) -> None:
    version, source = row.pop("version", None), row.pop("source", "world")
    key = f"{table}:{row[LANDED[table].key]}"
    content = repr(sorted(row.items(), key=lambda item: item[0]))
    record = [source, key, version, content, file_id, position]
    con.execute("insert into new_records values (?, ?, ?, ?, ?, ?, null, null, null)", record)
    row |= {"source": source, "record_key": key, "file_id": file_id, "position": position}
    marks = ", ".join("?" for _ in row)
    con.execute(f"insert into new_{table} ({', '.join(row)}) values ({marks})", list(row.values()))


def _columns(schema: Mapping[str, str]) -> str:
    """The columns that intake fills; the others are the landing's."""
    return ", ".join(
        f"{n} {t}" for n, t in schema.items() if n not in ("known_at", "is_duplicate", "attempt", "file_no", "is_overtaken")
    )
