"""Group "metrics": one asset per metric of the catalogue and per variant of the project, all days of a run from one view."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg

from cxreports import pipeline
from cxreports.analysis.measurement import Measurement
from cxreports.definitions.catalogue import Metric
from dagster_defs import show
from dagster_defs.house import House, as_failure, days_of, require_reached
from dagster_defs.lake import CHART_DAYS


def metric_assets(house: House) -> dg.AssetsDefinition:
    """Partition D holds the metric over local day D, as known at the end of the last day of the run that measured it."""
    variants = house.settings.variants
    metrics = {name: house.catalogue.metric(name, variants)[0] for name in [*house.catalogue.metrics, *variants]}

    @dg.multi_asset(
        name="metrics",
        specs=[_spec(house, name, metric) for name, metric in metrics.items()],
        can_subset=True,
        partitions_def=house.daily,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def measure(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        days, wanted = days_of(context), {key.path[-1] for key in context.selected_asset_keys}
        start, end = days[-1] - timedelta(days=CHART_DAYS - 1), days[-1] + timedelta(days=1)
        with as_failure():
            project = pipeline.open_project(house.folder)
            require_reached(project, days[-1])
            measurer = pipeline.measurer(project, pipeline.end_of_day(days[-1], project.settings))
            found = {n: measurer.measure(n, ["day"], min(start, days[0]), end) for n in metrics if n in wanted}
        for name, measurements in found.items():
            key, metric = _key(name), metrics[name]
            for day in days:
                context.add_asset_metadata(_of_day(measurements, metric, day), key, day.isoformat())
            context.add_asset_metadata(_chart(measurements, metric, start), key, days[-1].isoformat())
            yield dg.MaterializeResult(asset_key=key)

    return measure


def _key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["metrics", name])


def _spec(house: House, name: str, metric: Metric) -> dg.AssetSpec:
    header = metric.header
    about = [f"**{header.question}**", header.definition, f"`{header.formula}`", header.notes]
    if name != metric.name:
        about.insert(0, f"A variant of `{metric.name}`: {house.settings.variants[name].params}")
    tags = {"kind": header.kind, "unit": header.unit, "better": header.better, "grain": header.grain}
    return dg.AssetSpec(
        _key(name),
        deps=house.keys_of(header.reads),
        group_name="metrics",
        description="\n\n".join(text.strip() for text in about if text.strip()),
        metadata={
            "title": header.title,
            "definition": metric.where,
            "version": header.version,
            "by": ", ".join(header.breakdowns),
        },
        tags={f"cxreports/{tag}": value.replace(" ", "_") for tag, value in tags.items()},
        owners=[f"team:{header.owner}"],
        code_version=metric.digest[:12],
        kinds={"duckdb"},
    )


def _of_day(found: Sequence[Measurement], metric: Metric, day: date) -> show.Metadata:
    own = [m for m in found if m.period_start <= day < m.period_end]
    if metric.header.part and own and own[0].by:
        return show.parts(own, metric)
    return show.measured(own[0], metric) if own else {"figure": f"no {metric.header.grain} on this day", "n": 0}


def _chart(found: Sequence[Measurement], metric: Metric, start: date) -> show.Metadata:
    """The last weeks as a line; for a composition its largest part."""
    lines: dict[tuple[str, ...], list[Measurement]] = defaultdict(list)
    for m in found:
        if m.period_start >= start and m.state != "not_computable":
            lines[tuple(m.by.values())].append(m)
    if not lines:
        return {}
    name = max(lines, key=lambda part: (sum(m.n for m in lines[part]), part))
    return {" ".join([f"{CHART_DAYS} days", *name]): show.sparkline(lines[name], metric)}
