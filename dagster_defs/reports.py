"""Group "reports": one asset per weekly report, partitioned by the Monday on which the week begins."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg

from cxreports import pipeline
from cxreports.settings import Settings
from dagster_defs import show
from dagster_defs.house import House, as_failure, days_of, require_reached


def report_assets(house: House) -> dg.AssetsDefinition:
    """A week is reported as known when it had settled, so that making the report again gives the same report."""

    @dg.multi_asset(
        name="reports",
        specs=[_spec(house, name) for name in pipeline.REPORTS],
        can_subset=True,
        partitions_def=house.weekly,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def make(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        wanted = {key.path[-1] for key in context.selected_asset_keys}
        with as_failure():
            project = pipeline.open_project(house.folder)
            for monday in days_of(context):
                settled = settled_on(monday, project.settings)
                require_reached(project, settled)
                for name in sorted(wanted):
                    files = pipeline.report(project, name, f"{monday:%G-W%V}", pipeline.end_of_day(settled, project.settings))
                    context.add_asset_metadata(_about(files), _key(name), monday.isoformat())
        for name in sorted(wanted):
            yield dg.MaterializeResult(asset_key=_key(name))

    return make


def settled_on(monday: date, settings: Settings) -> date:
    """The day at whose end no more late data is expected for the week."""
    return monday + timedelta(days=6 + settings.project.settle_days)


def _key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["reports", name])


def _spec(house: House, name: str) -> dg.AssetSpec:
    tables = [dg.AssetKey(["lake", t.name]) for t in house.catalogue.tables.values() if t.header.day]
    return dg.AssetSpec(
        _key(name),
        deps=tables,
        group_name="reports",
        description=f"The {name} report: report.json, HTML and PDF under reports/{name}/, as known when the week had settled.",
        kinds={"html", "pdf"},
    )


def _about(files: pipeline.ReportFiles) -> show.Metadata:
    found: show.Metadata = {"html": dg.MetadataValue.path(files.html), "json": dg.MetadataValue.path(files.json)}
    found["pdf"] = dg.MetadataValue.path(files.pdf) if files.pdf else files.fault
    return found
