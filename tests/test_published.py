"""The ledger of published figures: what stands in it, what a report may see of it, and what no crash or run can take from it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cxreports import pipeline, upkeep
from cxreports.analysis.publication import rows_digests
from cxreports.definitions.dictionary import PUBLISHED
from cxreports.errors import LockedError
from cxreports.lake import compact as compaction
from cxreports.lake.published import SCHEMA, TABLE, PublishedFigure, latest, publish, published, visible_to
from cxreports.lake.store import Lake
from tests.conftest import SAMPLES, silent

WEEK, FIRST, LAST = "2026-W35", date(2026, 9, 1), date(2026, 9, 9)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pipeline.Project:
    """The first week and a half of the samples, loaded; without pages, which the ledger does not read."""
    monkeypatch.setattr(pipeline, "render_pdf", lambda _: b"%PDF")
    shutil.copyfile(SAMPLES / "cxreports.toml", tmp_path / "cxreports.toml")
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    add_exports(tmp_path, "2026/08")
    opened = pipeline.open_project(tmp_path)
    pipeline.run(opened, pipeline.end_of_day(FIRST, opened.settings), silent)
    return opened


def add_exports(folder: Path, month: str) -> None:
    for path in sorted((SAMPLES / "exports").glob(f"*/{month}*/**/*.*")):
        target = folder / path.relative_to(SAMPLES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def entry(publication: int, period: str, as_of_day: int, value: float = 0.5, metric: str = "csat") -> PublishedFigure:
    """A figure of the week of 3 March, as known on a day of March."""
    return PublishedFigure(
        publication=publication, report="weekly", report_period=period, as_of=datetime(2025, 3, as_of_day, 23, tzinfo=UTC),
        metric=metric, version=1, breakdown="{}", period_start=date(2025, 3, 3), period_end=date(2025, 3, 10), n=40,
        num=Decimal(20), den=Decimal(40), value=value, low=0.4, high=0.6, state="final", reason="", excluded="{}", made_with="m",
        rows_digest="d",
    )  # fmt: skip


def test_what_a_report_shows_stands_in_the_ledger(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", WEEK)
    found = {e.key: e for e in published(project.lake)}
    monday, next_monday = date(2026, 8, 24), date(2026, 8, 31)
    (told,) = pipeline.measurer(project).measure("abandonment", [], monday, next_monday)
    e = found["abandonment", "{}", monday, next_monday]
    assert (e.publication, e.report, e.report_period, e.version) == (1, "weekly", WEEK, 1)
    assert (e.n, e.num, e.den, e.value, e.low, e.high, e.state) == (
        told.n, told.num, told.den, told.value, told.low, told.high, told.state,
    )  # fmt: skip
    assert e.as_of == pipeline.end_of_day(FIRST, project.settings)
    cells = [e for k, e in found.items() if k[0] == "containment_quality" and k[2:] == (monday, next_monday)]
    whole = [e for e in cells if set(json.loads(e.breakdown)) == {"cell"}]
    assert sum(e.n for e in whole) == whole[0].den


def test_the_same_report_again_adds_nothing(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", WEEK)
    before = (project.lake.head(), published(project.lake))
    pipeline.report(project, "weekly", WEEK)
    assert (project.lake.head(), published(project.lake)) == before


def test_a_later_issue_is_appended_and_no_entry_changes(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", WEEK)
    first = published(project.lake)
    add_exports(project.folder, "2026/09/0")
    pipeline.run(project, pipeline.end_of_day(LAST, project.settings), silent)
    assert published(project.lake) == first
    pipeline.report(project, "weekly", WEEK)
    now = published(project.lake)
    assert now[: len(first)] == first
    assert {e.publication for e in now[len(first) :]} == {2}


def test_compaction_and_a_new_key_leave_the_ledger_as_it_is(project: pipeline.Project) -> None:
    pipeline.report(project, "weekly", WEEK)
    entries = published(project.lake)
    with project.lake.lock():
        compaction.compact(project.lake)
    assert published(project.lake) == entries
    upkeep.rotate_key(project, "another key of the tests")
    project = pipeline.open_project(project.folder)
    assert published(project.lake) == entries
    pipeline.report(project, "weekly", WEEK)
    assert published(project.lake) == entries, "the same figures under another key are no new publication"
    assert project.lake.faults(deep=True) == []


def test_a_report_that_dies_before_its_entry_leaves_neither_entry_nor_file(
    project: pipeline.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Lake, "commit", _dies)
        with pytest.raises(KeyboardInterrupt):
            pipeline.report(project, "weekly", WEEK)
    assert published(project.lake) == []
    assert not (project.folder / "reports").exists()


def test_a_report_that_dies_after_its_entry_is_completed_by_the_same_command(
    project: pipeline.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", _dies_in_reports(Path.mkdir))
        with pytest.raises(KeyboardInterrupt):
            pipeline.report(project, "weekly", WEEK)
    entries = published(project.lake)
    assert entries and not (project.folder / "reports").exists()
    files = pipeline.report(project, "weekly", WEEK)
    assert files.json.is_file() and files.html.is_file()
    assert published(project.lake) == entries


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def _dies_in_reports(mkdir: object) -> object:
    def make(self: Path, *args: object, **more: object) -> None:
        if "reports" in self.parts:
            raise KeyboardInterrupt
        mkdir(self, *args, **more)  # type: ignore[operator]

    return make


def test_while_a_run_holds_the_lake_only_a_report_that_was_published_is_written(project: pipeline.Project) -> None:
    files = pipeline.report(project, "weekly", WEEK)
    files.json.unlink()
    with project.lake.lock():
        pipeline.report(project, "weekly", WEEK)
        with pytest.raises(LockedError, match="is writing to this lake"):
            pipeline.report(project, "weekly", "2026-W34")
    assert files.json.is_file()
    assert not (project.folder / "reports/weekly/2026-W34").exists()


def test_a_digest_of_rows_changes_with_any_row_and_with_nothing_else(project: pipeline.Project) -> None:
    m = pipeline.measurer(project)
    question = ("abandonment", ("week",), date(2026, 8, 24), date(2026, 9, 7))
    before = rows_digests(m, question)
    assert {day for _, day in before} == {date(2026, 8, 24), date(2026, 8, 31)}
    units = m.units("abandonment")
    m.view.con.execute(f"create or replace temp table {units} as from {units} order by unit_id desc")
    assert rows_digests(m, question) == before
    first = "(select min(unit_id) from u where occurred_on < date '2026-08-31' and excluded is null)"
    m.view.con.execute(f"update {units} set num = 1 - num where unit_id = {first.replace('u where', f'{units} where')}")
    after = rows_digests(m, question)
    assert after["{}", date(2026, 8, 24)] != before["{}", date(2026, 8, 24)]
    assert after["{}", date(2026, 8, 31)] == before["{}", date(2026, 8, 31)]


@pytest.fixture
def issues() -> Iterator[list[PublishedFigure]]:
    """W10 as of the 11th and again as of the 20th; W11 skipped; W12 as of the 25th."""
    yield [entry(1, "2025-W10", 11, 0.50), entry(2, "2025-W10", 20, 0.51), entry(3, "2025-W12", 25, 0.52)]


def at(day: int) -> datetime:
    return datetime(2025, 3, day, 23, tzinfo=UTC)


def test_a_first_issue_has_nothing_before_it(issues: list[PublishedFigure]) -> None:
    assert visible_to(issues, "weekly", "2025-W10", at(11)) == []


def test_an_issue_sees_what_was_published_as_of_the_latest_earlier_instant(issues: list[PublishedFigure]) -> None:
    seen = visible_to(issues, "weekly", "2025-W13", at(31))
    assert [e.publication for e in latest(seen).values()] == [3]
    assert [e.publication for e in latest(visible_to(issues, "weekly", "2025-W12", at(25))).values()] == [2]


def test_a_backfill_compares_with_earlier_instants_only(issues: list[PublishedFigure]) -> None:
    assert [e.publication for e in visible_to(issues, "weekly", "2025-W11", at(18))] == [1]


def test_a_backfill_changes_no_issue_that_was_published_before_it(issues: list[PublishedFigure]) -> None:
    backfilled = [*issues, entry(4, "2025-W11", 24, 0.7)]
    assert visible_to(backfilled, "weekly", "2025-W12", at(25)) == visible_to(issues, "weekly", "2025-W12", at(25))
    assert [e.publication for e in latest(visible_to(backfilled, "weekly", "2025-W13", at(31))).values()] == [3]


def test_two_reports_of_one_instant_do_not_see_each_other(issues: list[PublishedFigure]) -> None:
    assert [e.publication for e in visible_to(issues, "weekly", "2025-W11", at(25))] == [1, 2]


def test_a_report_with_other_figures_of_the_same_instant_is_a_publication_of_its_own(project: pipeline.Project) -> None:
    first = [entry(0, "2025-W10", 11, 0.5), entry(0, "2025-W10", 11, 0.5, "wait")]
    other = [replace(first[0], value=0.6), first[1]]
    assert [publish(project.lake, figures) for figures in (first, first[::-1], other, first)] == [1, 0, 2, 0]
    assert [(e.publication, e.metric, e.value) for e in published(project.lake)] == [
        (1, "csat", 0.5), (1, "wait", 0.5), (2, "csat", 0.6), (2, "wait", 0.5)
    ]  # fmt: skip
    head = project.lake.head()
    assert head and sorted(head.tables[TABLE]) == ["p00000001", "p00000002"]


def test_nothing_to_publish_is_no_publication(project: pipeline.Project) -> None:
    head = project.lake.head()
    assert publish(project.lake, []) == 0
    assert project.lake.head() == head


def test_the_instant_of_a_publication_is_kept_to_the_second_in_any_time_zone(project: pipeline.Project) -> None:
    local = datetime.fromisoformat("2025-03-11T23:59:59+05:30")
    publish(project.lake, [replace(entry(0, "2025-W10", 11), as_of=local)])
    assert published(project.lake)[0].as_of == local
    assert visible_to(published(project.lake), "weekly", "2025-W11", local + timedelta(seconds=1)) != []


def test_the_dictionary_explains_every_column_of_the_ledger() -> None:
    assert list(PUBLISHED) == list(SCHEMA)
