"""Dagster's view of a small project: three days of the samples, a survey that is damaged, and everything made in process."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from os import utime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from cxreports import pipeline
from cxreports.errors import SettingsError
from cxreports.lake.engine import rows
from dagster_defs import launch
from dagster_defs.arrivals import Arrival, due
from dagster_defs.assemble import definitions
from dagster_defs.house import open_house
from dagster_defs.schedules import weekly_schedule
from dagster_defs.sensor import evaluate
from tests.conftest import ROOT

SAMPLES = ROOT / "data" / "samples"
DAYS = ["2026-08-24", "2026-08-25", "2026-08-26"]
METRICS = ["metrics/csat", "metrics/interactions", "metrics/containment_quality"]
DAMAGED = "response_id,contact_id,sent_at,answered_at,score,solved,comment\nS-1,C-1,24/08/2026 10:00,24/08/2026 11:00,9,yes,\n"


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory: pytest.TempPathFactory, instance: dg.DagsterInstance) -> tuple[Path, dg.ExecuteInProcessResult]:
    """A project into which all three days were loaded by one run."""
    folder = project(tmp_path_factory.mktemp("backfilled"))
    return folder, materialize(folder, instance, DAYS, METRICS)


def test_a_project_without_a_lake_loads_and_says_so(tmp_path: Path) -> None:
    found = definitions(project(tmp_path))
    dg.Definitions.validate_loadable(found)
    assert "empty" in str(found.metadata["lake when this was loaded"])


def test_every_stored_table_and_every_metric_is_an_asset_with_its_owner(tmp_path: Path) -> None:
    house = open_house(project(tmp_path))
    graph = definitions(house.folder).resolve_asset_graph()
    names = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {f"metrics/{name}" for name in house.catalogue.metrics} <= names
    assert {f"lake/{t.name}" for t in house.catalogue.tables.values() if t.header.day} <= names
    assert graph.get(dg.AssetKey(["metrics", "asa"])).owners == ["team:Workforce planning"]


def test_faulty_settings_are_named_when_dagster_loads(tmp_path: Path) -> None:
    folder = project(tmp_path)
    replace(folder, "settle_days", "setle_days")
    with pytest.raises(SettingsError, match="did you mean 'settle_days'"):
        definitions(folder)


def test_the_first_partition_is_the_day_of_the_first_delivery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path)
    assert open_house(folder).start == date(2026, 8, 24)
    monkeypatch.setenv("CXREPORTS_START", "2026-08-20")
    assert open_house(folder).start == date(2026, 8, 20)


def test_one_backfill_run_leaves_the_lake_that_single_runs_leave(
    backfilled: tuple[Path, dg.ExecuteInProcessResult], tmp_path: Path
) -> None:
    folder, result = backfilled
    assert result.success
    plain = pipeline.open_project(project(tmp_path))
    for day in DAYS:
        pipeline.run(plain, pipeline.end_of_day(date.fromisoformat(day), plain.settings), lambda _: None)
    ours, theirs = pipeline.open_project(folder).lake.head(), plain.lake.head()
    assert ours and theirs and ours.as_of == theirs.as_of and ours.seq == theirs.seq == len(DAYS)
    assert tables(folder) == tables(plain.folder)


def test_every_day_of_a_backfill_shows_its_own_rows_and_figure(backfilled: tuple[Path, dg.ExecuteInProcessResult]) -> None:
    folder, result = backfilled
    found = {
        m.partition: m.metadata["dagster/row_count"].value
        for m in materializations(result, "lake/core_interactions")
        if m.partition
    }
    view = pipeline.open_view(pipeline.open_project(folder))
    wanted = rows(view.con, "select occurred_on::varchar as day, count(*) as n from core_interactions group by day order by day")
    assert found == {str(r["day"]): r["n"] for r in wanted if r["day"] in DAYS}
    figures = {m.partition: m.metadata["value"].value for m in materializations(result, "metrics/interactions")}
    assert list(figures) == DAYS and all(figures.values())


def test_the_intake_shows_accounts_and_a_chart(backfilled: tuple[Path, dg.ExecuteInProcessResult]) -> None:
    last = materializations(backfilled[1], "lake/intake")[-1].metadata
    assert "| source | files | received | loaded | duplicate | superseded | quarantined |" in str(last["accounts"].value)
    assert "data:image/svg+xml;base64," in str(last["interactions per day"].value)
    assert len(str(last["commit sha256"].value)) == 64


def test_nothing_is_loaded_into_the_past(
    backfilled: tuple[Path, dg.ExecuteInProcessResult], instance: dg.DagsterInstance
) -> None:
    folder, _ = backfilled
    before = tables(folder)
    again = materialize(folder, instance, DAYS[:1])
    state = materializations(again, "lake/intake")[0].metadata["state"].value
    assert str(state).startswith("unchanged: the lake had gone beyond 2026-08-24") and tables(folder) == before


def test_a_single_table_may_be_asked_for_by_itself(backfilled: tuple[Path, dg.ExecuteInProcessResult]) -> None:
    folder, _ = backfilled
    with dg.DagsterInstance.ephemeral() as instance:
        result = materialize(folder, instance, DAYS[-1:], ["lake/out_repeats"], loads=False)
    assert {e.asset_key.to_user_string() for e in result.get_asset_materialization_events() if e.asset_key} == {
        "lake/out_repeats"
    }


def test_a_source_beyond_its_limit_stops_the_metrics(
    backfilled: tuple[Path, dg.ExecuteInProcessResult], instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    folder = tmp_path / "limited"
    shutil.copytree(backfilled[0], folder)
    replace(folder, "[sources.surveys]\n", "[sources.surveys]\nmax_quarantined = 0.0\n")
    result = materialize(folder, instance, DAYS[-1:], METRICS, raise_on_error=False)
    assert not result.success and not materializations(result, "metrics/csat")
    checks = {c.check_name: c for c in result.get_asset_check_evaluations()}
    assert "source surveys: 1 of" in str(checks["every_record_accounted_for"].description)
    assert checks["yesterday_is_there"].passed


def test_a_day_whose_files_did_not_come_is_a_warning(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    folder = project(tmp_path)
    shutil.rmtree(folder / "exports/connect/2026/08/26")
    result = materialize(folder, instance, [DAYS[-1]])
    checks = {c.check_name: c for c in result.get_asset_check_evaluations()}
    assert result.success and not checks["yesterday_is_there"].passed and checks["every_record_accounted_for"].passed
    told = str(checks["yesterday_is_there"].description)
    assert told.startswith("interactions should reach to 2026-08-26: connect only to 2026-08-25 ")


def test_a_source_that_has_ended_for_good_is_not_missed(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    folder = project(tmp_path)
    shutil.rmtree(folder / "exports/connect/2026/08/26")
    replace(folder, "[sources.connect]\n", "[sources.connect]\nended = 2026-08-25\n")
    result = materialize(folder, instance, [DAYS[-1]])
    checks = {c.check_name: c for c in result.get_asset_check_evaluations()}
    assert checks["yesterday_is_there"].passed


def test_a_metric_of_a_day_that_was_not_loaded_is_refused(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    result = materialize(project(tmp_path), instance, DAYS[:1], METRICS, raise_on_error=False, loads=False)
    assert "materialize the group 'lake' for 2026-08-24 first" in failure_of(result)


def test_a_week_is_reported_once_it_has_settled(backfilled: tuple[Path, dg.ExecuteInProcessResult], tmp_path: Path) -> None:
    folder = tmp_path / "settling"
    shutil.copytree(backfilled[0], folder)
    with dg.DagsterInstance.ephemeral() as instance:
        early = materialize(folder, instance, DAYS[:1], ["reports/weekly"], raise_on_error=False, loads=False)
        assert "materialize the group 'lake' for 2026-08-31 first" in failure_of(early)
        found = pipeline.open_project(folder)
        pipeline.run(found, pipeline.end_of_day(date(2026, 8, 31), found.settings), lambda _: None)
        made = materialize(folder, instance, DAYS[:1], ["reports/weekly"], loads=False)
    (report,) = materializations(made, "reports/weekly")
    assert Path(str(report.metadata["html"].value)).is_relative_to(folder / "reports/weekly/2026-W35/as-of-2026-08-31")


def test_the_morning_schedule_asks_for_yesterday_on_the_longest_day_too(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert asked(folder, "every_morning", datetime(2026, 8, 25, 5, tzinfo=UTC)) == ["2026-08-24"]
    assert asked(folder, "every_morning", datetime(2026, 10, 26, 6, tzinfo=UTC)) == ["2026-10-25"]
    assert asked(folder, "every_morning", datetime(2026, 8, 24, 5, tzinfo=UTC)) == []


def test_a_week_is_reported_on_the_morning_after_it_settled(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert weekly_schedule(open_house(folder)).cron_schedule == "0 7 * * 2"  # Tuesday: settle_days = 1
    assert asked(folder, "every_week", datetime(2026, 9, 1, 6, tzinfo=UTC)) == ["2026-08-24"]
    assert asked(folder, "every_week", datetime(2026, 8, 25, 6, tzinfo=UTC)) == []


def test_new_files_ask_for_one_run_and_never_for_another(tmp_path: Path) -> None:
    folder, now = project(tmp_path), datetime(2026, 8, 26, 23, 30, tzinfo=UTC)  # half past midnight in London
    house = open_house(folder)
    first = evaluate(house, None, now)
    assert [r.partition_key for r in first.run_requests or []] == ["2026-08-26"]
    second = evaluate(house, first.cursor, now)
    assert not second.run_requests and second.skip_reason and second.skip_reason.skip_message == "no new file"
    assert first.run_requests and first.run_requests[0].run_key == (evaluate(house, None, now).run_requests or [])[0].run_key


def test_files_of_a_day_that_has_not_ended_wait(tmp_path: Path) -> None:
    folder, now = project(tmp_path), datetime(2026, 8, 26, 12, tzinfo=UTC)
    found = evaluate(open_house(folder), None, now)
    assert [r.partition_key for r in found.run_requests or []] == ["2026-08-25"]
    waiting = evaluate(open_house(folder), found.cursor, now)
    assert waiting.skip_reason and "wait until their day has ended" in str(waiting.skip_reason.skip_message)


def test_a_late_file_goes_to_the_day_after_the_last_run() -> None:
    late = [Arrival("x", 1, "m", date(2026, 8, 24))]
    start, yesterday = date(2026, 8, 24), date(2026, 8, 26)
    asked = due(late, start, yesterday, date(2026, 8, 25))
    assert asked and asked.day == date(2026, 8, 26)
    assert due(late, start, yesterday, yesterday) is None


def test_dagsters_home_is_within_the_project_and_is_left_alone_once_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = launch.prepare(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", found["DAGSTER_HOME"])
    home = Path(found["DAGSTER_HOME"])
    assert home == tmp_path.resolve() / ".dagster" and found["CXREPORTS_PROJECT"] == str(tmp_path.resolve())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert not instance.telemetry_enabled and not instance.nux_enabled
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    launch.prepare(tmp_path)
    assert len((home / "dagster.yaml").read_text(encoding="utf-8").splitlines()) == 2


def project(folder: Path) -> Path:
    """Three days of Larkfield, delivered at noon, with one damaged survey."""
    for day in DAYS:
        for source in ("connect", "contact_lens"):
            path = Path("exports", source, *day.split("-"))
            if (SAMPLES / path).is_dir():
                shutil.copytree(SAMPLES / path, folder / path)
    (folder / "exports/surveys").mkdir()
    (folder / "exports/surveys/surveys.csv").write_text(DAMAGED, encoding="utf-8")
    shutil.copy(SAMPLES / "cxreports.toml", folder)
    (folder / "pseudonym.key").write_text("no secret, only long\n", encoding="utf-8")
    for path in (folder / "exports").rglob("*.*"):
        utime(path, (1_787_000_000, 1_787_000_000))
    return folder


def asked(folder: Path, schedule: str, now: datetime) -> list[str | None]:
    """Partitions that the schedule asks for at that tick."""
    repository = definitions(folder).get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=now, repository_def=repository)
    found = repository.get_schedule_def(schedule).evaluate_tick(context)
    return [request.partition_key for request in found.run_requests or []]


def materialize(
    folder: Path, instance: dg.DagsterInstance, days: list[str], also: list[str] | None = None, raise_on_error: bool = True,
    loads: bool = True,
) -> dg.ExecuteInProcessResult:  # fmt: skip
    """One run over those days: the group "lake" (unless told otherwise), and what else is asked for."""
    found = definitions(folder)
    selection = dg.AssetSelection.assets(*(also or []))
    selection = dg.AssetSelection.groups("lake") | selection if loads and also else selection
    selection = dg.AssetSelection.groups("lake") if not also else selection
    tags = {"dagster/asset_partition_range_start": days[0], "dagster/asset_partition_range_end": days[-1]}
    job = dg.define_asset_job("wanted", selection)
    resolved = dg.Definitions.merge(found, dg.Definitions(jobs=[job])).resolve_job_def("wanted")
    return resolved.execute_in_process(instance=instance, tags=tags, raise_on_error=raise_on_error)


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (failure,) = (e for e in result.all_events if e.is_step_failure)
    return str(failure.step_failure_data.error)


def materializations(result: dg.ExecuteInProcessResult, name: str) -> list[dg.AssetMaterialization]:
    found = [e.step_materialization_data.materialization for e in result.get_asset_materialization_events()]
    return [m for m in found if m.asset_key.to_user_string() == name]


def tables(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as known now."""
    found = pipeline.open_project(folder)
    con = pipeline.open_view(found).con
    return {name: rows(con, f"select * from {name} order by all") for name, t in found.catalogue.tables.items() if t.header.day}


def replace(folder: Path, old: str, new: str) -> None:
    path = folder / "cxreports.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
