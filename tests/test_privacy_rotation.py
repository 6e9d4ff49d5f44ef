"""After a rotation of the key customers can still be followed, no old pseudonym is left, and a wrong key is refused."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline, received, upkeep
from cxreports.errors import SettingsError
from cxreports.intake.privacy import added_since, key_check, pseudonym
from cxreports.lake.engine import rows
from tests.conftest import silent

SETTINGS = """
[project]
name = "Calls"
timezone = "UTC"

[privacy]
phone_region = "GB"

[identity]
switchboards = ["+44 113 496 0009"]

[sources.calls]
kind = "table"
table = "legs"
path = "exports/*.csv"
version = "started_at::timestamptz"

[sources.calls.columns]
leg_id = "id"
started_at = "started_at"
ended_at = "started_at"
channel = "'voice'"
phone_key = "caller"
account_key = "account"
"""
FIRST, SECOND, THIRD = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (4, 6, 8))
OLD, NEW = "the first key of the tests", "the second key of the tests"


def add(folder: Path, name: str, *rows_: str) -> None:
    (folder / "exports" / name).write_text("\n".join(["id,started_at,caller,account", *rows_]) + "\n")


@pytest.fixture
def project(tmp_path: Path) -> pipeline.Project:
    """Two runs: one caller twice, another once, and an id that holds an address."""
    (tmp_path / "exports").mkdir()
    (tmp_path / "cxreports.toml").write_text(SETTINGS)
    (tmp_path / "pseudonym.key").write_text(OLD + "\n")
    opened = pipeline.open_project(tmp_path)
    add(tmp_path, "a.csv", "1,2026-03-03 09:00:00+00,0113 496 0001,a1", "jo@example.org,2026-03-03 10:00:00+00,0113 496 0002,a2")
    pipeline.run(opened, FIRST, silent)
    add(tmp_path, "b.csv", "3,2026-03-05 09:00:00+00,+441134960001,a1")
    pipeline.run(opened, SECOND, silent)
    return opened


def rotated(project: pipeline.Project) -> pipeline.Project:
    upkeep.rotate_key(pipeline.open_project(project.folder), NEW)
    return pipeline.open_project(project.folder)


def followed(project: pipeline.Project, as_of: datetime) -> list[tuple[Any, ...]]:
    """Who called, told apart without pseudonyms: days of each customer's calls."""
    view = pipeline.open_view(project, as_of)
    found = rows(
        view.con,
        "select list(started_at::date order by started_at) as days from core_interactions group by phone_key order by days",
    )
    return [tuple(row["days"]) for row in found]


def tokens_on_disk(lake: Path) -> set[str]:
    """Every pseudonym in any Parquet file of the lake."""
    import duckdb

    found: set[str] = set()
    with duckdb.connect() as con:
        for path in sorted(lake.glob("parts/*/*.parquet")):
            for row in con.execute(f"select to_json(t)::varchar from '{path}' as t").fetchall():
                found.update(re.findall(r"\b[aepci]_[0-9a-f]{24}\b", row[0]))
    return found


CALLS = [(date(2026, 3, 3),), (date(2026, 3, 3), date(2026, 3, 5))]


def test_a_rotation_changes_every_pseudonym_and_no_figure(project):
    lake = project.folder / "lake"
    before, old = (
        pipeline.measurer(project).measure("fcr_repeat", [], date(2026, 3, 2), date(2026, 3, 9)),
        tokens_on_disk(lake),
    )
    assert len(old) == 5 and followed(project, SECOND) == CALLS  # two numbers, two accounts, one id
    after = rotated(project)
    new = tokens_on_disk(lake)
    assert len(new) == 5 and not old & new
    assert pipeline.measurer(after).measure("fcr_repeat", [], date(2026, 3, 2), date(2026, 3, 9)) == before
    assert followed(after, SECOND) == CALLS
    assert pseudonym("phone", "0113 496 0001", after.key, "GB") in new
    assert after.lake.faults(deep=True) == [] and len(after.lake.commits()) == 1


def test_a_report_of_an_earlier_day_comes_out_the_same_after_a_rotation(project):
    before = pipeline.report(project, "weekly", "2026-W10", FIRST).json.read_bytes()
    assert followed(project, FIRST) == [(date(2026, 3, 3),), (date(2026, 3, 3),)]
    after = rotated(project)
    assert pipeline.report(after, "weekly", "2026-W10", FIRST).json.read_bytes() == before
    assert followed(after, FIRST) == [(date(2026, 3, 3),), (date(2026, 3, 3),)]


def test_who_calls_after_a_rotation_is_the_one_who_called_before(project):
    after = rotated(project)
    add(
        after.folder,
        "c.csv",
        "4,2026-03-07 09:00:00+00,0113 4960001,a1",
        "jo@example.org,2026-03-03 10:00:00+00,0113 496 0002,a2",
    )
    assert pipeline.run(after, THIRD, silent).records == 2
    assert followed(after, THIRD) == [(date(2026, 3, 3),), (date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 7))]
    assert received.file_accounts(after)[0][2]["duplicate"] == 1  # the id with the address is known again
    again = rotated(after)
    assert followed(again, THIRD) == [(date(2026, 3, 3),), (date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 7))]
    assert (project.folder / "pseudonym.key").read_text().splitlines() == [OLD, NEW, NEW]


@pytest.mark.parametrize("written", ["another key of the tests", f"{NEW}\n{OLD}"])
def test_another_key_is_refused_whatever_is_asked(project, written):
    (project.folder / "pseudonym.key").write_text(written)
    wrong = pipeline.open_project(project.folder)
    for ask in (
        lambda: pipeline.run(wrong, THIRD, silent),
        lambda: pipeline.open_view(wrong),
        lambda: upkeep.rotate_key(wrong, NEW),
    ):
        with pytest.raises(SettingsError, match="is not the one that"):
            ask()


def test_the_old_key_alone_is_refused_after_a_rotation(project):
    rotated(project)
    (project.folder / "pseudonym.key").write_text(OLD)
    with pytest.raises(SettingsError, match="is not the one that"):
        pipeline.open_view(pipeline.open_project(project.folder))


def test_a_key_with_a_line_more_asks_for_the_rotation_which_then_applies_it(project):
    (project.folder / "pseudonym.key").write_text(f"{OLD}\n{NEW}\n")
    begun = pipeline.open_project(project.folder)
    with pytest.raises(SettingsError, match="'cxreports key rotate' applies it"):
        pipeline.run(begun, THIRD, silent)
    upkeep.rotate_key(begun, "a third key that is not needed")
    assert (project.folder / "pseudonym.key").read_text() == f"{OLD}\n{NEW}\n"
    assert followed(begun, SECOND) == CALLS


def test_a_rotation_that_was_killed_before_it_removed_the_old_commits_is_finished(project, monkeypatch):
    lake, old = project.folder / "lake", tokens_on_disk(project.folder / "lake")
    with monkeypatch.context() as patch:
        patch.setattr("cxreports.lake.store.Lake.forget_before", lambda self, head: None)
        upkeep.rotate_key(project, NEW)
    assert old <= tokens_on_disk(lake)
    after = rotated(project)
    assert not old & tokens_on_disk(lake) and followed(after, SECOND) == CALLS
    assert (project.folder / "pseudonym.key").read_text().splitlines() == [OLD, NEW]


def test_a_key_from_the_environment_is_its_owners_to_change(project, monkeypatch):
    monkeypatch.setenv("CXREPORTS_KEY", OLD)
    with pytest.raises(SettingsError, match="CXREPORTS_KEY: add a line"):
        upkeep.rotate_key(pipeline.open_project(project.folder), NEW)
    monkeypatch.setenv("CXREPORTS_KEY", f"{OLD}\n{NEW}")
    after = rotated(project)
    assert followed(after, SECOND) == CALLS


def test_a_check_tells_how_many_rotations_a_lake_has_seen():
    assert added_since(b"a\nb\nc", key_check(b"a")) == [b"b", b"c"]
    assert added_since(b"a\nb\nc", key_check(b"a\nb\nc")) == []
    assert added_since(b"a\nb\nc", key_check(b"b")) is None


def test_the_key_file_is_readable_by_its_owner_alone_after_a_rotation(project):
    rotated(project)
    assert (project.folder / "pseudonym.key").stat().st_mode & 0o077 == 0
