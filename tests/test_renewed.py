"""A definition with a new version: for four weeks the version before is told beside it, and charts say where it changed."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxreports import pipeline
from cxreports.analysis.renewed import renewed
from cxreports.cli import app
from cxreports.definitions.resources import resource_dir
from cxreports.lake.published import published
from tests.conftest import silent

SETTINGS = """
project = { name = "x", timezone = "UTC" }
[sources.calls]
kind = "table"
path = "exports/*.csv"
table = "legs"
timezone = "UTC"
[sources.calls.columns]
leg_id = "id"
started_at = "called_at"
ended_at = "ended_at"
enqueued_at = "called_at"
answered_at = "nullif(answered_at, '')"
wait_ms = "wait::bigint * 1000"
channel = "'voice'"
account_key = "id"
"""
FIRST, CHANGED = date(2025, 3, 12), date(2025, 3, 19)


def calls(monday: str) -> list[str]:
    """Forty, a minute after each other; four of them give up after 5 seconds, four after 30."""
    answers = [("", 5 if i < 4 else 30) if i < 8 else (f"{monday} 10:{i:02d}:20", 20) for i in range(40)]
    return [f"{monday}-{i},{monday} 10:{i:02d}:00,{monday} 10:{i:02d}:59,{a},{w}" for i, (a, w) in enumerate(answers)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Project:
    """W10 is published, then two weeks more arrive and the
    definition of abandonment gets a version 2 that leaves out whoever gave up within 10 seconds; version 1 is kept."""
    monkeypatch.setattr(pipeline, "render_pdf", lambda _: b"%PDF")
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    (tmp_path / "cxreports.toml").write_text(SETTINGS)
    (tmp_path / "exports").mkdir()
    opened = pipeline.open_project(tmp_path)
    for name, weeks, day in (("a", ("2025-03-03",), FIRST), ("b", ("2025-03-10", "2025-03-17"), CHANGED)):
        lines = ["id,called_at,ended_at,answered_at,wait", *(line for monday in weeks for line in calls(monday))]
        if day == FIRST:
            lines.append("sunday,2025-03-09 23:00:00,2025-03-09 23:01:00,2025-03-09 23:00:20,20")
        (tmp_path / "exports" / f"{name}.csv").write_text("\n".join(lines) + "\n")
        pipeline.run(opened, pipeline.end_of_day(day, opened.settings), silent)
        if day == FIRST:
            pipeline.report(opened, "weekly", "2025-W10")
    own = tmp_path / "sql" / "metrics"
    own.mkdir(parents=True)
    shutil.copy(resource_dir("sql") / "metrics" / "abandonment.sql", own / "abandonment@1.sql")
    text = (own / "abandonment@1.sql").read_text()
    assert "params     = { short_s = 5," in text and "version    = 1" in text
    text = text.replace("version    = 1", "version    = 2").replace("= { short_s = 5,", "= { short_s = 10,")
    (own / "abandonment.sql").write_text(text)
    return pipeline.open_project(tmp_path)


def reach_row(report: dict[str, object]) -> dict[str, object]:
    rows = json.loads(json.dumps(report))["reach"]["rows"]
    return next(row for row in rows if row["metric"] == "abandonment")  # type: ignore[no-any-return]


def at(project: pipeline.Project, day: date):  # type: ignore[no-untyped-def]
    return pipeline.end_of_day(day, project.settings)


def test_the_report_tells_both_versions_and_where_it_changed(project: pipeline.Project) -> None:
    report = pipeline.report(project, "weekly", "2025-W11", at(project, CHANGED)).report
    row = reach_row(report)
    assert row["value"] == "11.1%", "4 of 36: those who gave up after 5 seconds are left out"
    assert row["note"] == "version 2 since 19 Mar; by version 1: 20.0%"
    line = row["sparkline"]
    assert isinstance(line, dict)
    assert line["break_at"] == 11.5, "after the last week: this is the first issue by version 2"
    assert [p["text"].split(" (")[0] for p in line["earlier"][-2:]] == ["19.5%", "20.0%"], "8 of 41, 8 of 40"
    assert 'stroke-dasharray="2.4 1.6"' in pipeline.render_html(report)
    entries = {e.metric: e.value for e in published(project.lake) if e.publication == 2 and e.period_start == date(2025, 3, 10)}
    assert (entries["abandonment"], entries["abandonment@1"]) == (pytest.approx(4 / 36), 0.2)


def test_what_the_new_version_moved_is_a_redefinition(project: pipeline.Project) -> None:
    report = pipeline.report(project, "weekly", "2025-W11", at(project, CHANGED)).report
    changed = report["changed"]
    assert isinstance(changed, dict)
    (row,) = [row for row in changed["rows"] if row["metric"] == "abandonment"]
    assert (row["period"], row["was"], row["is"], row["why"]) == ("W10", "19.5%", "10.8%", "redefinition: 4 units")
    assert (row["parts"][0]["num"], row["parts"][0]["den"]) == (-4, -4)
    assert [(u["unit_id"], u["num_then"], u["left_out_now"], u["position"]) for u in row["units"]] == [
        (f"2025-03-03-{i}", 1, "short abandon", i + 1) for i in range(4)
    ]  # fmt: skip


def test_both_are_told_for_four_weeks_and_no_longer(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", "2025-W11", at(project, CHANGED))
    entries = published(project.lake)
    for days, told in ((27, {"abandonment": "abandonment@1"}), (28, {})):
        found = renewed(entries, project.catalogue, {}, at(project, CHANGED + timedelta(days=days)))
        assert {name: r.earlier for name, r in found.items()} == told


def test_measure_prints_both_and_a_program_gets_what_it_asked_for(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", "2025-W11", at(project, CHANGED))
    asked = ["measure", "abandonment", "--period", "2025-W10", "--project", str(project.folder)]
    printed = CliRunner().invoke(app, asked).stdout.splitlines()
    assert [(line.split()[0], line.split()[3]) for line in printed[1:3]] == [("abandonment", "10.8%"), ("abandonment@1", "19.5%")]
    data = json.loads(CliRunner().invoke(app, [*asked, "--format", "json"]).stdout)
    assert [m["metric"] for m in data] == ["abandonment"]


def test_a_version_that_was_not_kept_leaves_a_mark_and_says_so(project: pipeline.Project) -> None:
    (project.folder / "sql/metrics/abandonment@1.sql").unlink()
    project = pipeline.open_project(project.folder)
    row = reach_row(pipeline.report(project, "weekly", "2025-W11", at(project, CHANGED)).report)
    assert row["note"] == "version 2 since 19 Mar; version 1 was not kept"
    line = row["sparkline"]
    assert isinstance(line, dict) and (line["break_at"], line["earlier"]) == (11.5, [])


def test_a_report_of_before_the_change_is_told_by_the_version_of_now_and_says_when(project: pipeline.Project) -> None:
    """Made again it is another report: its definition is another one. What was published stays in the ledger."""
    report = pipeline.report(project, "weekly", "2025-W10", at(project, FIRST)).report
    assert reach_row(report)["value"] == "10.8%"
    versions = [(e.publication, e.version) for e in published(project.lake) if e.metric == "abandonment"]
    assert set(versions) == {(1, 1), (2, 2)}
