"""`cxreports restated`: which published figures are others now, why, and the rows, as a person and as a program see them."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxreports import pipeline
from cxreports.analysis.measurement import Measurement
from cxreports.cli import app
from cxreports.printing.restated import _side
from tests.conftest import silent

SETTINGS = """
project = { name = "x", timezone = "Asia/Kolkata" }
[sources.calls]
kind = "table"
path = "exports/*.csv"
table = "legs"
timezone = "Asia/Kolkata"
[sources.calls.columns]
leg_id = "id"
started_at = "called_at"
ended_at = "called_at"
channel = "'voice'"
account_key = "who"
"""
WEEK = "2025-W10"  # Monday 3 March to Sunday 9 March
EMPTY = "no figure that stood fast was restated"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Project:
    """Twenty callers of Monday and one of the next week, published as of the 12th; on the 13th one more call of Monday came."""
    monkeypatch.setattr(pipeline, "render_pdf", lambda _: b"%PDF")
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    (tmp_path / "cxreports.toml").write_text(SETTINGS)
    (tmp_path / "exports").mkdir()
    calls = [f"c{i:02d},2025-03-03 {i:02d}:00:00,who{i}" for i in range(20)]
    calls += ["n1,2025-03-11 10:00:00,n1", "w2,2025-02-24 00:10:00,before"]
    (tmp_path / "exports" / "a.csv").write_text("\n".join(["id,called_at,who", *calls]) + "\n")
    opened = pipeline.open_project(tmp_path)
    pipeline.run(opened, pipeline.end_of_day(date(2025, 3, 12), opened.settings), silent)
    pipeline.report(opened, "weekly", WEEK)
    (tmp_path / "exports" / "b.csv").write_text("id,called_at,who\nlate,2025-03-03 21:00:00,x\n")
    pipeline.run(opened, pipeline.end_of_day(date(2025, 3, 13), opened.settings), silent)
    return opened


def asked(project: pipeline.Project, *options: str) -> str:
    result = CliRunner().invoke(app, ["restated", "--project", str(project.folder), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_restated_figure_is_printed_with_its_reason_and_row(project: pipeline.Project) -> None:
    text = asked(project, "interactions")
    (line,) = [line for line in text.splitlines() if line.split()[1:2] == ["interactions"]]
    words = "1 interactions 2025-03-03 2025-03-10 20 (20/20) final 2025-03-12 21 (21/21) final late data +1 (1)"
    assert line.split() == words.split()
    assert "1  interactions, 2025-03-03: 1 of the 1 rows that moved it" in text
    (row,) = [line.split() for line in text.splitlines() if line.startswith("late data")]
    assert row == ["late", "data", "late", "2025-03-03", "0", "0", "1", "1", "exports/b.csv", "1"]


def test_every_figure_that_the_call_moved_is_listed(project: pipeline.Project) -> None:
    listed = [line.split()[1] for line in asked(project).splitlines() if line[:2].strip().isdigit() and "(1)" in line]
    assert listed == ["fcr_repeat", "interactions", "resolution"]


def test_for_programs_with_all_that_a_person_sees(project: pipeline.Project) -> None:
    (found,) = json.loads(asked(project, "interactions", "--format", "json"))
    assert (found["then"]["value"], found["now"]["value"], found["difference"]) == (20, 21, 1.0)
    assert found["parts"] == [{"reason": "late data", "units": 1, "n": 1, "num": 1, "den": 1, "share": 1.0}]
    assert [(row["unit_id"], row["file"], row["position"]) for row in found["rows"]] == [("late", "exports/b.csv", 1)]
    (line,) = csv.DictReader(StringIO(asked(project, "interactions", "--format", "csv")))
    assert (line["metric"], line["value_then"], line["value_now"], line["unit_id"]) == ("interactions", "20.0", "21.0", "late")


def test_as_of_the_day_of_publication_nothing_is_restated(project: pipeline.Project) -> None:
    assert EMPTY in asked(project, "--as-of", "2025-03-12")


def test_only_what_was_published_since_and_of_the_week_asked_for(project: pipeline.Project) -> None:
    assert "interactions" in asked(project, "--since", "2025-03-12", "--period", WEEK)
    assert EMPTY in asked(project, "--since", "2025-03-13")
    assert EMPTY in asked(project, "--period", "2025-W11")


def test_what_was_published_anew_is_no_longer_restated_unless_every_publication_is_asked_for(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", WEEK)
    assert EMPTY in asked(project, "interactions")
    assert "20 (20/20) final" in asked(project, "interactions", "--every")


def test_the_next_issue_lists_it_and_publishes_it(project: pipeline.Project) -> None:
    told = pipeline.report(project, "weekly", "2025-W11").report["changed"]
    assert isinstance(told, dict)
    assert "Interactions, W10: 20 → 21 (late data: 1 unit)." in told["lines"]
    assert EMPTY in asked(project, "interactions")


def test_a_metric_that_was_never_published_is_refused(project: pipeline.Project) -> None:
    result = CliRunner().invoke(app, ["restated", "interaction", "--project", str(project.folder)])
    assert "'interaction' was never published; did you mean 'interactions'?" in str(result.exception)


def test_a_side_without_a_figure_has_no_counts() -> None:
    period, as_of = (date(2025, 3, 3), date(2025, 3, 10)), datetime(2025, 3, 12, tzinfo=UTC)
    nothing = Measurement("csat", 1, *period, as_of, {}, 0, None, None, None, None, None, "not_computable")
    assert _side(nothing, "percent") == "– not computable"
    assert _side(replace(nothing, num=487, den=597, value=487 / 597, state="final"), "percent") == "81.6% (487/597) final"
