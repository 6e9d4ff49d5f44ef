"""What an export of any size may take: bounded memory, what was read masked on the disk, one endless record refused."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from cxreports import pipeline
from cxreports.intake import land, privacy
from cxreports.intake.read import records
from cxreports.lake.store import Lake

PROJECT = """
[project]
name = "Speed"
timezone = "Europe/London"

[sources.connect]
kind = "amazon_connect_contact_records"
path = "*.json"
"""
PHONE = "+441144960324"
RECORD = {
    "ContactId": "a",
    "Channel": "VOICE",
    "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2025-03-03T10:00:00Z",
    "CustomerEndpoint": {"Address": PHONE, "Type": "TELEPHONE_NUMBER"},
}
NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> pipeline.Project:
    (tmp_path / "cxreports.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "pseudonym.key").write_text("a key for the tests", encoding="utf-8")
    (tmp_path / "x.json").write_text(json.dumps(RECORD), encoding="utf-8")
    return pipeline.open_project(tmp_path)


def test_what_was_read_waits_in_a_private_folder_without_anybodys_number(
    project: pipeline.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}

    def looked_at(*arguments: object) -> list[str]:
        scratch = project.lake.root / "scratch"
        found["mode"] = stat.S_IMODE(scratch.stat().st_mode)
        found["bytes"] = b"".join(path.read_bytes() for path in scratch.iterdir())
        return []

    monkeypatch.setattr(pipeline, "allow_spill", looked_at)
    pipeline.run(project, NOON, lambda _: None)
    assert found["mode"] == 0o700
    assert b"InitiationTimestamp" not in found["bytes"] and PHONE.encode() not in found["bytes"]
    assert b"connect" in found["bytes"]  # the account of the record: the file holds what it should
    assert not (project.lake.root / "scratch").exists()


def test_what_a_killed_run_left_is_removed_before_the_next_reads(tmp_path: Path) -> None:
    left = tmp_path / "scratch" / "cx_masked.duckdb"
    left.parent.mkdir()
    left.write_text("half a database")
    with Lake(tmp_path).scratch() as scratch:
        assert list(scratch.iterdir()) == []


def test_a_run_bounds_what_the_engine_may_use(project: pipeline.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []
    whole = land.land
    setting = "select current_setting('memory_limit')"
    monkeypatch.setattr(land, "land", lambda con, *rest: limits.append(con.execute(setting).fetchall()) or whole(con, *rest))
    pipeline.run(project, NOON, lambda _: None)
    assert limits == [[("953.6 MiB",)]]  # 1 GB


def test_only_so_many_values_are_remembered_and_no_long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "MOST_KNOWN", 2)
    monkeypatch.setattr(privacy, "LONGEST_KNOWN", 4)
    asked: list[str] = []
    masked = privacy.mask_text
    monkeypatch.setattr(privacy, "mask_text", lambda text, rules: asked.append(text) or masked(text, rules))
    with duckdb.connect() as con:
        privacy.install(con, b"a key for the tests", None, ())
        for value in ("a", "a", "b", "c", "a", "longer", "longer"):
            assert con.execute("select cx_masked(?).text", [value]).fetchall() == [(value,)]
        assert con.execute("select cx_masked(null)").fetchall() == [(None,)]
    assert asked == ["a", "b", "c", "a", "longer", "longer"]  # the third value made it forget the first two


def test_a_failed_run_lets_go_of_its_scratch_while_its_error_is_held(
    project: pipeline.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object) -> None:
        raise ValueError("the second stage")

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "commit_new", fails)
        with pytest.raises(ValueError, match="the second stage") as held:  # with its traceback, and all that its frames name
            pipeline.run(project, NOON, lambda _: None)
    assert pipeline.run(project, NOON, lambda _: None).records == 1
    assert held.tb is not None


def test_one_endless_record_is_one_damaged_record_and_nothing_within_it_counts(tmp_path: Path) -> None:
    nested = ",".join(['{"x":1,"ContactID":"no record"}'] * 1_100_000)  # 35 million characters
    path = tmp_path / "x.json"
    path.write_text(f'{{"ContactId":"a"}}\n{{"ContactId":"b","parts":[{nested}]}}\n{{"ContactId":"c"}}\n{{"ContactId":"d"}}\n')
    assert [(r.position, r.reason) for r in records(path, "json", "utf-8")] == [
        (1, None),
        (2, "record is longer than 16 million characters"),
        (3, None),
        (4, None),
    ]


def test_an_endless_record_at_the_end_of_a_file_is_one_too(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"ContactId":"a"}{"ContactId":"b","note":"' + "x" * 18_000_000)
    assert [(r.position, r.reason) for r in records(path, "json", "utf-8")] == [
        (1, None),
        (2, "record is longer than 16 million characters"),
    ]
