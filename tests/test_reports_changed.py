"""What changed since the last issue, as the report says it; and every past issue made again to the byte, two months of them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline
from cxreports.analysis.measurement import Measurement, State
from cxreports.analysis.moved_rows import Part
from cxreports.analysis.restatement import Changed, Restatement
from cxreports.lake.published import published
from cxreports.reports.changed import changed
from cxreports.reports.context import ReportContext
from tests.conftest import SAMPLES, silent
from tests.test_published import entry

LAST = datetime(2025, 3, 11, 23, tzinfo=UTC)
WEEKS = [date(2026, 8, 31) + timedelta(days=7 * n) for n in range(9)]  # their Mondays


def restated(
    now: float | None, num: int, state: State = "final", was: State = "final", parts: tuple[Part, ...] = (), **more: Any
) -> Restatement:
    """A share of 20 of 40 in the week of 3 March that is now another one."""
    then = replace(entry(1, "2025-W10", 11), state=was, **more)
    days = then.period_start, then.period_end
    measured = Measurement("csat", 1, *days, LAST, {}, 40, num, 40, now, None, None, state)
    return Restatement(then, measured, Fraction(num, 40) - Fraction(1, 2), list(parts), [], sum(p.units or 0 for p in parts))


LATE = Part("late data", 2, 0, 4, 0, Fraction(1, 10))
RIPE = Part("maturity", 30, 30, 4, 30, Fraction(1, 10))


def section(larkfield: pipeline.Project, *found: Restatement, last: datetime | None = LAST) -> dict[str, Any]:
    context: Callable[..., ReportContext] = pipeline._context
    ctx = context(larkfield, pipeline.Recorder(pipeline.measurer(larkfield)), {})
    return changed(replace(ctx, changed=lambda: Changed(last, list(found))))["changed"]


def test_the_first_issue_says_that_it_is_the_first(larkfield: pipeline.Project) -> None:
    said = section(larkfield, last=None)
    assert said["subtitle"] == "This is the first issue: no figure had been published as of an earlier day"
    assert (said["lines"], said["rows"], said["ripened"]) == ([], [], [])


def test_a_restated_figure_is_told_with_both_values_and_the_reason(larkfield: pipeline.Project) -> None:
    said = section(larkfield, restated(0.6, 24, parts=(LATE,)))
    assert said["subtitle"] == (
        "Against what had been published, last as of 11 Mar 2025 23:00; restated: 1 figure; provisional then, and moved as"
        " announced: 0"
    )
    assert said["lines"] == ["Customer satisfaction, W10: 50.0% → 60.0% (late data: 2 units)."]
    (row,) = said["rows"]
    assert (row["was"], row["is"], row["why"], row["was_as_of"]) == ("50.0%", "60.0%", "late data: 2 units", "11 Mar 2025 23:00")
    assert row["parts"] == [{"reason": "late data", "units": 2, "n": 0, "num": 4, "den": 0, "share": 0.1}]


def test_where_rounding_hides_a_move_the_counts_are_told(larkfield: pipeline.Project) -> None:
    then = restated(0.50001, 20, parts=(LATE,))
    said = section(larkfield, replace(then, now=replace(then.now, num=21, den=41)))
    assert said["lines"] == ["Customer satisfaction, W10: 50.0% (20 of 40) → 50.0% (21 of 41) (late data: 2 units)."]


def test_figures_that_became_final_do_not_drown_what_was_restated(larkfield: pipeline.Project) -> None:
    ripe = [restated(0.5 + n / 100, 20, was="provisional", parts=(RIPE,), period_start=date(2025, 1, 6)) for n in range(1, 9)]
    said = section(larkfield, *ripe, restated(0.51, 20, parts=(LATE,)))
    assert [len(said["rows"]), len(said["ripened"])] == [1, 8]
    assert said["lines"][0].startswith("Customer satisfaction, W10: 50.0% → 51.0%")
    assert said["lines"][1] == (
        "8 weekly or daily figures became final, as announced; the largest move: Customer satisfaction, 6 Jan–9 Mar 2025,"
        " 50.0%, provisional → 58.0%."
    )


def test_what_moved_most_is_told_first_and_the_rest_is_counted(larkfield: pipeline.Project) -> None:
    found = [restated(0.5 + n / 100, 20, parts=(LATE,)) for n in (1, 5, 3, 2, 4)]
    lines = section(larkfield, *found)["lines"]
    assert [line.split("→ ")[1][:5] for line in lines[:3]] == ["55.0%", "54.0%", "53.0%"]
    assert lines[3] == "2 more on the HTML page and in report.json; cxreports restated lists the rows of each."


def test_a_figure_too_young_to_be_shown_then_was_no_final_one(larkfield: pipeline.Project) -> None:
    waiting = restated(0.5, 20, was="insufficient", parts=(RIPE, LATE), value=None, excluded='{"window not elapsed": 30}')
    said = section(larkfield, waiting)
    assert (said["rows"], [row["was"] for row in said["ripened"]]) == ([], ["insufficient"])


def test_a_figure_that_only_waiting_moved_is_not_restated(larkfield: pipeline.Project) -> None:
    assert len(section(larkfield, restated(0.6, 24, was="final", parts=(RIPE,)))["ripened"]) == 1


def test_two_months_of_weekly_issues_are_made_again_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issued week by week as data came; then more weeks arrive, and every issue is made again, newest and oldest first."""
    monkeypatch.setattr(pipeline, "render_pdf", lambda _: b"%PDF")
    shutil.copyfile(SAMPLES / "cxreports.toml", tmp_path / "cxreports.toml")
    shutil.copytree(SAMPLES / "exports", tmp_path / "exports")
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    project = pipeline.open_project(tmp_path)
    issued: dict[tuple[str, datetime], bytes] = {}

    def issue(monday: date, day: date) -> None:
        period, as_of = f"{monday:%G-W%V}", pipeline.end_of_day(day, project.settings)
        files = pipeline.report(project, "weekly", period, as_of)
        told = files.json.read_bytes() + files.html.read_bytes()
        assert issued.setdefault((period, as_of), told) == told, f"{period} as of {day} is another report now"

    for monday in WEEKS[:8]:
        day = monday + timedelta(days=8)
        pipeline.run(project, pipeline.end_of_day(day, project.settings), silent)
        if monday != WEEKS[3]:  # one week is skipped
            issue(monday, day)
    issue(WEEKS[6], WEEKS[7] + timedelta(days=8))  # one is issued again later
    pipeline.run(project, pipeline.end_of_day(date(2026, 11, 24), project.settings), silent)
    entries = published(project.lake)
    for period, as_of in sorted(issued, key=lambda i: i[1], reverse=True):
        issue(pipeline.week_of(period), as_of.astimezone(project.settings.project.zone).date())
    assert published(project.lake) == entries, "what was published before is not published again"
    issue(WEEKS[3], WEEKS[3] + timedelta(days=8))  # the skipped week is filled in
    for period, as_of in sorted(issued):
        issue(pipeline.week_of(period), as_of.astimezone(project.settings.project.zone).date())
    assert len(issued) == 9
