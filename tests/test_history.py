"""One record of 1970 does not make the history begin there: it is named, and left out where a project says when it starts."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxreports import pipeline, received
from cxreports.cli import app
from tests.conftest import silent

SETTINGS = """
[project]
name = "x"
timezone = "Europe/London"
{more}
[sources.calls]
kind = "table"
path = "exports/*.csv"
table = "legs"
[sources.calls.columns]
leg_id = "id"
channel = "'voice'"
started_at = "began"
ended_at = "began"
"""
# 1 July 2024 begins in London at 23:00 UTC of the day before.
TIMES = {
    "a": "1970-01-01 00:00Z", "b": "1970-01-01 00:00Z", "c": "2024-06-30 22:59Z", "d": "2024-06-30 23:00Z",
    "e": "2024-07-02 10:00Z", "f": "2024-07-02 10:00Z", "g": "2024-07-02 10:00Z", "h": "2024-07-03 10:00Z",
    "i": "2150-01-01 10:00Z",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    (tmp_path / "exports/a.csv").write_text("id,began\n" + "".join(f"{id_},{at}\n" for id_, at in TIMES.items()))
    return tmp_path


def loaded(folder: Path, more: str = "") -> pipeline.Project:
    (folder / "cxreports.toml").write_text(SETTINGS.format(more=more))
    project = pipeline.open_project(folder)
    pipeline.run(project, datetime(2024, 7, 5, 12, tzinfo=UTC), silent)
    return project


def interactions(project: pipeline.Project) -> list[str]:
    found = pipeline.open_view(project).con.execute("select interaction_id from core_interactions order by all").fetchall()
    return [row[0] for row in found]


def test_dates_far_from_the_middle_half_of_a_source_are_named(folder: Path) -> None:
    far, before = received.odd_dates(loaded(folder))
    usual = {"usual_from": date(2024, 6, 30), "usual_until": date(2024, 7, 2)}
    assert far == [
        {"source": "calls", "on_date": date(1970, 1, 1), "n_records": 2, **usual},
        {"source": "calls", "on_date": date(2150, 1, 1), "n_records": 1, **usual},
    ]
    assert before == []


def test_history_begins_with_the_first_record_unless_the_project_says_when(folder: Path) -> None:
    project = loaded(folder)
    assert interactions(project) == list("abcdefghi")
    assert pipeline.open_view(project).observed_from == datetime(1970, 1, 1, tzinfo=UTC)


def test_what_began_before_the_history_is_loaded_and_not_computed(folder: Path) -> None:
    project = loaded(folder, "history_starts = 2024-07-01")
    assert interactions(project) == list("defghi")
    v = pipeline.open_view(project)
    assert v.observed_from == datetime(2024, 6, 30, 23, tzinfo=UTC)
    assert v.con.execute("select count(*) from core_legs").fetchall() == [(9,)]
    assert [(f["received"], f["loaded"]) for f in received.file_accounts(project)[0]] == [(9, 9)]
    assert received.odd_dates(project)[1] == [{"source": "calls", "n_records": 3, "history_starts": date(2024, 7, 1)}]
    stored = sorted(project.lake.head().tables["core_interactions"])
    assert stored == ["2024-07-01", "2024-07-02", "2024-07-03", "2150-01-01"]


def test_a_changed_start_is_computed_anew_and_a_later_run_keeps_to_it(folder: Path) -> None:
    loaded(folder)
    project = loaded(folder, "history_starts = 2024-07-03")
    assert interactions(project) == ["h", "i"]
    (folder / "exports/b.csv").write_text("id,began\nk,1970-01-01 00:00Z\nl,2024-07-04 10:00Z\n")
    pipeline.run(project, datetime(2024, 7, 6, 12, tzinfo=UTC), silent)
    assert interactions(project) == ["h", "i", "l"]


def test_days_before_the_history_have_no_figure(folder: Path) -> None:
    m = pipeline.measurer(loaded(folder, "history_starts = 2024-07-01"))
    (found,) = m.measure("interactions", [], date(1970, 1, 1), date(1970, 1, 2))
    assert (found.state, found.reason) == ("not_computable", "data begins only on 1 Jul 2024")


def test_the_accounts_name_both(folder: Path) -> None:
    loaded(folder, "history_starts = 2024-07-01")
    told = CliRunner().invoke(app, ["accounts", "--project", str(folder)]).stdout
    assert "  calls: 2 records dated 1970-01-01, far from most (2024-06-30 to 2024-07-02)\n" in told
    assert "  calls: 3 records before 2024-07-01 (history_starts) not computed\n" in told
    as_json = json.loads(CliRunner().invoke(app, ["accounts", "--json", "--project", str(folder)]).stdout)
    assert [d["on_date"] for d in as_json["far_dates"]] == ["1970-01-01", "2150-01-01"]
