"""Archives are opened member by member, bombs are refused, and what is still being written is left for the next run."""

import gzip
import json
import os
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports.definitions.catalogue import read_catalogue
from cxreports.errors import InputError
from cxreports.intake import archives
from cxreports.intake import intake as stage
from cxreports.settings import Settings

CATALOGUE = read_catalogue()
KEY = b"0123456789abcdef0123456789abcdef"
LATER = datetime(2030, 1, 1, tzinfo=UTC)
CSV = {
    "kind": "table",
    "table": "legs",
    "timezone": "UTC",
    "columns": {"leg_id": "id", "started_at": "began", "channel": "'voice'"},
}
CONNECT = {"kind": "amazon_connect_contact_records"}


def read(folder: Path, now: datetime | None = None, known: Any = (), **source: Any) -> duckdb.DuckDBPyConnection:
    found = Settings.model_validate(
        {"project": {"name": "x", "timezone": "UTC"}, "sources": {"s": {"path": "exports/*", **source}}}
    )
    con = duckdb.connect()
    stage.take_in(con, folder, found, CATALOGUE, KEY, set(known), LATER, lambda line: None, now)
    return con


def records(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute(
        "select path, position, coalesce(reason, record_key) from new_records join new_files using (file_id) order by all"
    ).fetchall()


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def packed(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def contact(contact_id: str) -> str:
    return json.dumps({"ContactId": contact_id, "InitiationTimestamp": "2025-03-03T10:00:00Z"})


def test_each_member_of_an_archive_is_a_file_of_its_own(exports, tmp_path):
    head = "id,began\n"
    packed(exports / "x.zip", {"b.csv": head + "3,2025-03-03\n", "day/a.csv": head + "1,2025-03-03\n2,2025-03-04\n"})
    found = read(tmp_path, **CSV)
    expected = [("exports/x.zip!b.csv", 1, "3"), ("exports/x.zip!day/a.csv", 1, "1"), ("exports/x.zip!day/a.csv", 2, "2")]
    assert records(found) == expected
    archive = found.execute("select path, n_records, framing from new_files where path = 'exports/x.zip'").fetchall()
    assert archive == [("exports/x.zip", 0, "zip")]


def test_members_are_unpacked_themselves(exports, tmp_path):
    packed(exports / "x.zip", {"a.json.gz": gzip.compress((contact("a") + contact("b")).encode())})
    assert [key for _, _, key in records(read(tmp_path, **CONNECT))] == ["a", "b"]


def test_an_archive_that_was_read_is_not_opened_again(exports, tmp_path):
    packed(exports / "x.zip", {"a.json": contact("a")})
    ids = {("s", f) for (f,) in read(tmp_path, **CONNECT).execute("select file_id from new_files").fetchall()}
    packed(exports / "y.zip", {"a.json": contact("a"), "b.json": contact("b")})
    found = read(tmp_path, known=ids, **CONNECT).execute("select path from new_files order by path").fetchall()
    assert found == [("exports/y.zip",), ("exports/y.zip!b.json",)]


def test_a_member_that_grows_out_of_bounds_is_refused_and_told(exports, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 1000)
    packed(exports / "x.zip", {"a.json": contact("a"), "bomb.json": b" " * 3_000_000})
    reason = "zip member grows more than 200 times when it is unpacked"
    assert records(read(tmp_path, **CONNECT)) == [("exports/x.zip", 2, reason), ("exports/x.zip!a.json", 1, "a")]


def test_members_of_another_format_and_archives_within_are_refused(exports, tmp_path):
    packed(exports / "x.zip", {"a.json": contact("a"), "b.csv": "id\n", "c.zip": "PK", "__MACOSX/x": "noise"})
    assert [(p, r) for _, p, r in records(read(tmp_path, **CONNECT))][:2] == [
        (2, "zip member is no json file by its name"),
        (3, "zip member is a zip archive itself"),
    ]


def test_a_damaged_archive_is_one_damaged_record(exports, tmp_path):
    path = packed(exports / "x.zip", {"a.json": contact("a")})
    path.write_bytes(path.read_bytes()[:-20])
    assert records(read(tmp_path, **CONNECT)) == [("exports/x.zip", 1, "file is no zip archive")]


def test_what_was_unpacked_is_private_and_gone_after_the_run(exports, tmp_path, monkeypatch):
    seen = []
    real = stage.arrivals

    def watched(place, *arguments):
        for file in real(place, *arguments):
            seen.append((place.staging, stat.S_IMODE(place.staging.stat().st_mode), len(list(place.staging.iterdir()))))
            yield file

    monkeypatch.setattr(stage, "arrivals", watched)
    packed(exports / "x.zip", {"a.json": contact("a"), "b.json": contact("b")})
    read(tmp_path, **CONNECT)
    assert [(mode, n_files) for _, mode, n_files in seen] == [(0o700, 1), (0o700, 1), (0o700, 0)]  # a, b, the archive itself
    assert not seen[0][0].exists()


def test_a_file_that_changed_within_the_settle_seconds_is_left_for_the_next_run(exports, tmp_path):
    path = exports / "x.json"
    path.write_text(contact("a"))
    now = datetime(2025, 3, 3, 12, tzinfo=UTC)

    def at_age(seconds: float, **source: Any) -> list[tuple[Any, ...]]:
        changed = (now - timedelta(seconds=seconds)).timestamp()
        os.utime(path, (changed, changed))
        return records(read(tmp_path, now, **CONNECT, **source))

    assert at_age(4.9, settle_seconds=5) == []
    assert [key for _, _, key in at_age(5, settle_seconds=5)] == ["a"]
    assert [key for _, _, key in at_age(0.1)] == ["a"]


def test_a_young_gzip_file_that_is_cut_off_is_left_and_an_old_one_is_read_as_it_is(exports, tmp_path):
    path = exports / "x.json.gz"
    path.write_bytes(gzip.compress(contact("a").encode())[:-4])
    now = datetime(2025, 3, 3, 12, tzinfo=UTC)

    def at_age(minutes: float) -> list[tuple[Any, ...]]:
        changed = (now - timedelta(minutes=minutes)).timestamp()
        os.utime(path, (changed, changed))
        return records(read(tmp_path, now, **CONNECT))

    assert at_age(59) == []
    assert [key for _, _, key in at_age(60)] == ["a", "file is cut off or damaged here (gzip or zstd)"]


def test_a_file_that_grows_while_it_is_read_stops_the_run(exports, tmp_path, monkeypatch):
    path = exports / "x.json"
    path.write_text(contact("a"))
    real = stage.arrivals

    def growing(*arguments):
        for file in real(*arguments):
            path.write_text(contact("a") + contact("b"))
            yield file

    monkeypatch.setattr(stage, "arrivals", growing)
    with pytest.raises(InputError, match=r"exports/x\.json: changed while it was read"):
        read(tmp_path, **CONNECT)
