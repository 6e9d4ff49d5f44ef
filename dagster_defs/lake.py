"""Group "lake": the intake and every stored table, all made by one `pipeline.run` per day. Accounts and checks with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from cxreports import pipeline
from cxreports.analysis.measure import Measurer
from cxreports.definitions.catalogue import ComputedTable
from cxreports.lake import view
from cxreports.lake.engine import rows
from cxreports.lake.store import Commit
from dagster_defs import show
from dagster_defs.house import INTAKE, House, as_failure, days_of

ACCOUNTED, YESTERDAY = "every_record_accounted_for", "yesterday_is_there"
CHART_DAYS = 28
Results = Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]


@dataclass(frozen=True)
class DayRun:
    """What the run of one day came to. `result` is None where the lake had already gone beyond that day."""

    day: date
    as_of: datetime
    commit: Commit | None
    result: pipeline.RunResult | None


def lake_assets(house: House) -> dg.AssetsDefinition:
    """Intake and tables as one computation: whoever asks for some of them gets them all made, and those shown.

    `can_subset` for Dagster's sake: it refuses a backfill of a multi-asset without it when partitions are given by name.
    """
    stored = [t for t in house.catalogue.tables.values() if t.header.day]

    @dg.multi_asset(
        name="lake",
        specs=[_intake_spec(house), *(_table_spec(house, t) for t in stored)],
        check_specs=_check_specs(),
        can_subset=True,
        partitions_def=house.daily,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def lake(context: dg.AssetExecutionContext) -> Results:
        with as_failure():
            project = pipeline.open_project(house.folder)
            done = run_days(project, days_of(context), context.log.info)
            measurer = pipeline.measurer(project, done[-1].as_of)
        for run in done:
            _note_day(context, project, run, done[-1].commit, stored)
        _note(context, INTAKE, done[-1].day, _accounts(measurer, done[-1].day))
        for key in (INTAKE, *(_key(t.name) for t in stored)):
            if key in context.selected_asset_keys:
                yield dg.MaterializeResult(asset_key=key)
        for check in (accounted(project, measurer), yesterday_is_there(project, measurer, done[-1].day)):
            if dg.AssetCheckKey(INTAKE, check.check_name or "") in context.selected_asset_check_keys:
                yield check

    return lake


def run_days(project: pipeline.Project, days: Sequence[date], tell: pipeline.Tell) -> list[DayRun]:
    """One run per day, in order. Into a day that the lake has gone beyond nothing is loaded."""
    done = []
    for day in days:
        as_of = pipeline.end_of_day(day, project.settings)
        head = project.lake.head()
        if head and head.as_of_instant > as_of:
            done.append(DayRun(day, as_of, project.lake.at(as_of), None))
            continue
        result = pipeline.run(project, as_of, tell if len(days) == 1 else _say_nothing)
        tell(f"{day}: {result.files} new files, {result.records} records, {result.quarantined} of them damaged")
        done.append(DayRun(day, as_of, result.commit, result))
    return done


def accounted(project: pipeline.Project, measurer: Measurer) -> dg.AssetCheckResult:
    """Whether every file's records add up, and no source has more damaged ones than it allows. `view.accounts` has run."""
    files = rows(measurer.view.con, "from file_accounts order by source, path")
    faults = [
        f"{f['path']}: {f['received']} records received, {_accounted_for(f)} accounted for"
        for f in files
        if f["received"] != _accounted_for(f)
    ]
    for name, source in project.settings.sources.items():
        own = [f for f in files if f["source"] == name]
        received, bad = sum(f["received"] for f in own), sum(f["quarantined"] for f in own)
        if source.max_quarantined is not None and bad > source.max_quarantined * received:
            faults.append(f"source {name}: {bad} of {received} records are damaged; max_quarantined = {source.max_quarantined}")
    return dg.AssetCheckResult(
        asset_key=INTAKE,
        check_name=ACCOUNTED,
        passed=not faults,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(faults) or f"{len(files)} files: received = loaded + duplicate + superseded + quarantined",
    )


def yesterday_is_there(project: pipeline.Project, measurer: Measurer, day: date) -> dg.AssetCheckResult:
    """Whether the interactions of every source reach the day that the run was for; those that have ended for good need not."""
    zone = project.settings.project.zone
    reaches = {source: at.astimezone(zone) for source, at in sorted(measurer.reaches.items())}
    late = [f"{source} only to {at:%Y-%m-%d %H:%M}" for source, at in reaches.items() if at.date() < day]
    told = "; ".join(late) or "every source does" if reaches else "no source of interactions that still sends any"
    return dg.AssetCheckResult(
        asset_key=INTAKE,
        check_name=YESTERDAY,
        passed=not late,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"interactions should reach to {day}: {told}",
    )


def _intake_spec(house: House) -> dg.AssetSpec:
    sources = "\n".join(f"- `{name}`: {s.kind}, `{s.path}`" for name, s in house.settings.sources.items())
    return dg.AssetSpec(
        INTAKE,
        group_name="lake",
        description=f"Export files, read once each, masked, every record accounted for.\n\n{sources or 'No source is set.'}",
        kinds={"parquet"},
    )


def _table_spec(house: House, table: ComputedTable) -> dg.AssetSpec:
    header = table.header
    columns = [dg.TableColumn(name, doc.type, doc.meaning) for name, doc in header.columns.items()]
    return dg.AssetSpec(
        _key(table.name),
        deps=house.keys_of(header.reads),
        group_name="lake",
        description=f"**{header.title}**\n\n{header.definition}\n\nOne row per {header.grain}.",
        metadata={"dagster/column_schema": dg.TableSchema(columns), "definition": table.where},
        code_version=table.digest[:12],
        kinds={"duckdb", "parquet"},
    )


def _check_specs() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            ACCOUNTED,
            asset=INTAKE,
            blocking=True,
            description="Every file: received = loaded + duplicate + superseded + quarantined; no source beyond max_quarantined.",
        ),
        dg.AssetCheckSpec(YESTERDAY, asset=INTAKE, description="The interactions of every source reach the partition's day."),
    ]


def _note_day(
    context: dg.AssetExecutionContext,
    project: pipeline.Project,
    run: DayRun,
    newest: Commit | None,
    stored: Sequence[ComputedTable],
) -> None:
    """What each asset's partition is shown with; its rows are those of the newest commit, which knows most of the day."""
    day = run.day.isoformat()
    state = "loaded" if run.result else f"unchanged: the lake had gone beyond {day} already, and nothing is loaded into the past"
    about: show.Metadata = {"state": state, "as_of": run.as_of.isoformat()}
    if run.commit:
        about |= {"commit": run.commit.seq, "commit sha256": project.lake.digest_of(run.commit) or ""}
    counts = {n: getattr(run.result, n) for n in ("files", "records", "quarantined")} if run.result else {}
    _note(context, INTAKE, run.day, {**about, **counts})
    for t in stored:
        more = _rows_of_day(project, newest, t.name, day)
        if run.result:
            more["days written"] = run.result.changed.get(t.name, 0)
        _note(context, _key(t.name), run.day, {**about, **more})


def _note(context: dg.AssetExecutionContext, key: dg.AssetKey, day: date, about: show.Metadata) -> None:
    if key in context.selected_asset_keys:
        context.add_asset_metadata(about, key, day.isoformat())


def _rows_of_day(project: pipeline.Project, commit: Commit | None, table: str, day: str) -> show.Metadata:
    """The part that holds the day's rows, or its month's where that was joined."""
    parts = commit.tables.get(table, {}) if commit else {}
    part = parts.get(day) or parts.get(day[:7])
    if part is None:
        return {"dagster/row_count": 0}
    about = {"path": dg.MetadataValue.path(project.lake.root / part.path), "sha256": part.sha256, "part": "day"}
    return {**about, "dagster/row_count": part.rows} if day in parts else {**about, "part": f"month, {part.rows:,} rows"}


def _accounts(measurer: Measurer, day: date) -> show.Metadata:
    """Accounts per source, and the interactions of the last weeks as a line."""
    names = ("source", "files", "received", "loaded", "duplicate", "superseded", "quarantined", "data_through")
    lines = [[getattr(a, name) for name in names] for a in view.accounts(measurer.view)]
    found: show.Metadata = {"accounts": show.table(names, lines)}
    if metric := measurer.catalogue.metrics.get("interactions"):
        start, end = day - timedelta(days=CHART_DAYS - 1), day + timedelta(days=1)
        found["interactions per day"] = show.sparkline(measurer.measure(metric.name, ["day"], start, end), metric)
    return found


def _key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["lake", table])


def _accounted_for(file: dict[str, Any]) -> int:
    return sum(int(file[name]) for name in ("loaded", "duplicate", "superseded", "quarantined"))


def _say_nothing(_: str) -> None:
    return
