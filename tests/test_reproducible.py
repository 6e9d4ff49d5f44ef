"""The same inputs give the same bytes; a past report can be made again; daily runs and one late run agree."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from cxreports import pipeline, received
from cxreports.errors import LockedError, QuestionError
from cxreports.lake.engine import rows
from tests.conftest import SAMPLES, silent

FIRST, MIDDLE, LAST = date(2026, 8, 24), date(2026, 9, 1), date(2026, 9, 9)
TABLES = ("core_interactions", "out_repeats", "out_ai", "out_episodes", "out_surveys")
Make = Callable[[str], pipeline.Project]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Projects with the first two weeks of the samples."""

    def project(name: str) -> pipeline.Project:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copyfile(SAMPLES / "cxreports.toml", folder / "cxreports.toml")
        (folder / "pseudonym.key").write_text("a key for the tests\n")
        for month in ("2026/08", "2026/09/0"):
            for path in sorted((SAMPLES / "exports").glob(f"*/{month}*/**/*.*")):
                target = folder / path.relative_to(SAMPLES)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        for path in [*(SAMPLES / "exports/surveys").glob("*W3[56].csv"), *(SAMPLES / "exports/releases").glob("*")]:
            target = folder / path.relative_to(SAMPLES)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        return pipeline.open_project(folder)

    return project


def run(project: pipeline.Project, day: date) -> pipeline.RunResult:
    return pipeline.run(project, pipeline.end_of_day(day, project.settings), silent)


def content(project: pipeline.Project, *folders: str) -> dict[str, bytes]:
    return {
        str(path.relative_to(project.folder)): path.read_bytes()
        for folder in folders
        for path in sorted((project.folder / folder).rglob("*"))
        if path.is_file()
    }


def tables(project: pipeline.Project, day: date) -> dict[str, list[dict[str, object]]]:
    view = pipeline.open_view(project, pipeline.end_of_day(day, project.settings))
    columns = {t: ", ".join(project.catalogue.tables[t].header.columns) for t in TABLES}
    return {t: rows(view.con, f"select {columns[t]} from {t} order by all") for t in TABLES}


def test_two_projects_with_the_same_inputs_are_the_same_bytes(make: Make) -> None:
    one, two = make("one"), make("two")
    for project in (one, two):
        run(project, LAST)
        pipeline.report(project, "weekly", "2026-W36")
    assert content(one, "lake", "reports") == content(two, "lake", "reports")


def test_running_and_reporting_again_changes_no_byte(make: Make) -> None:
    project = make("one")
    run(project, LAST)
    pipeline.report(project, "weekly", "2026-W36")
    before = content(project, "lake", "reports")
    result = run(project, LAST)
    pipeline.report(project, "weekly", "2026-W36")
    assert (result.files, dict(result.changed)) == (0, {})
    assert content(project, "lake", "reports") == before


def test_daily_runs_show_on_every_day_what_one_late_run_shows(make: Make) -> None:
    daily, late = make("daily"), make("late")
    for project in (daily, late):  # their paths do not say when they were delivered, so they are known from the run on
        shutil.rmtree(project.folder / "exports/surveys")
        shutil.rmtree(project.folder / "exports/releases")
    for n in range((LAST - FIRST).days + 1):
        run(daily, FIRST + timedelta(days=n))
    run(late, LAST)
    for day in (FIRST, MIDDLE, LAST):
        assert tables(daily, day) == tables(late, day), day


def test_a_past_report_is_made_again_to_the_byte(make: Make) -> None:
    project = make("one")
    run(project, MIDDLE)
    then = pipeline.report(project, "weekly", "2026-W35")
    before = {path: path.read_bytes() for path in (then.json, then.html, then.pdf) if path}
    run(project, LAST)
    now = pipeline.report(project, "weekly", "2026-W35")
    again = pipeline.report(project, "weekly", "2026-W35", pipeline.end_of_day(MIDDLE, project.settings))
    assert {path: path.read_bytes() for path in (again.json, again.html, again.pdf) if path} == before
    assert now.json.read_bytes() != then.json.read_bytes()


def test_a_file_that_came_late_does_not_change_what_was_reported(make: Make) -> None:
    project = make("one")
    (late,) = sorted((project.folder / "exports/contact_lens/2026/08/28").glob("*.zip"))
    aside = project.folder / late.name
    late.rename(aside)
    run(project, MIDDLE)
    before = tables(project, MIDDLE)
    aside.rename(late)
    result = run(project, LAST)
    assert result.files > 1
    assert tables(project, MIDDLE) == before
    assert tables(project, LAST)["core_interactions"] != before["core_interactions"]


def test_a_renamed_copy_of_a_file_loads_once(make: Make) -> None:
    project = make("one")
    source = next((project.folder / "exports/connect").rglob("*.json.gz"))
    shutil.copyfile(source, source.with_name("copy-of.json.gz"))
    run(project, LAST)
    files, _ = received.file_accounts(project)
    assert len({f["file_id"] for f in files}) == len(files)
    n_received = sum(int(f["received"]) for f in files)  # type: ignore[call-overload]
    other = make("two")
    run(other, LAST)
    assert n_received == sum(int(f["received"]) for f in received.file_accounts(other)[0])  # type: ignore[call-overload]


def test_nothing_is_loaded_into_the_past(make: Make) -> None:
    project = make("one")
    run(project, LAST)
    with pytest.raises(QuestionError, match="lies before the last run"):
        run(project, MIDDLE)


def test_a_second_run_at_once_says_who_holds_the_lake(make: Make) -> None:
    project = make("one")
    with project.lake.lock(), pytest.raises(LockedError, match="process"):
        run(project, LAST)


def test_a_run_that_dies_leaves_the_last_commit_and_the_next_run_completes_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, other = make("one"), make("two")
    run(project, MIDDLE)
    before = tables(project, MIDDLE)
    with monkeypatch.context() as patched:
        patched.setattr(pipeline.Lake, "commit", _dies)
        with pytest.raises(KeyboardInterrupt):
            run(project, LAST)
    assert tables(project, MIDDLE) == before
    run(project, LAST)
    run(other, MIDDLE)
    run(other, LAST)
    assert tables(project, LAST) == tables(other, LAST)
    assert content(project, "lake/commits") == content(other, "lake/commits")


def _dies(*_: object) -> None:
    raise KeyboardInterrupt
