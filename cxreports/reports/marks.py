"""What is marked on a chart's axis of time: releases, and where the version of a definition changed. No drawing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from cxreports.reports import words
from cxreports.reports.context import Release, ReportContext
from cxreports.reports.readings import local
from cxreports.reports.since import concerns

Chart = dict[str, Any]


def marks(
    ctx: ReportContext, metric: str, place: dict[str, str], start: date, end: date, days_per_step: int
) -> list[Chart]:  # fmt: skip
    """Releases between start and end, and where the metric's version changed; `at` counts steps."""
    seen: dict[date, list[Release]] = {}
    for r in ctx.releases:
        if start <= r.released_on < end and concerns(r, place):
            seen.setdefault(r.released_on, []).append(r)
    found = [
        {
            "at": step(on, start, end, days_per_step),
            "label": _mark_label(rs),
            "text": f"{words.day(on)}: " + "; ".join(words.clean(f"{r.component} {r.version}", 60) for r in rs),
        }
        for on, rs in sorted(seen.items())
    ]
    return sorted([*found, *_break(ctx, metric, start, end, days_per_step)], key=lambda m: float(str(m["at"])))


def _break(ctx: ReportContext, metric: str, start: date, end: date, days_per_step: int) -> list[Chart]:
    """The mark at which a new version of the metric was first published."""
    fresh = ctx.renewed.get(metric)
    if fresh is None:
        return []
    on = local(ctx, fresh.since).date()
    text = f"{words.day(on)}: first published by version {fresh.version}; before, by version {fresh.earlier_version}"
    return [{"at": step(on, start, end, days_per_step), "label": f"version {fresh.version}", "text": text}]


def _mark_label(releases: Sequence[Release]) -> str:
    first = releases[0]
    more = f" +{len(releases) - 1}" if len(releases) > 1 else ""
    return f"{words.clean(first.component, 18)} {words.clean(first.version, 10)}".strip() + more


def step(on: date, start: date, end: date, days_per_step: int) -> float:
    """Where a day lies on an axis of steps; a week's step stands in the middle of its week, and what follows them on the edge."""
    return round((min((on - start).days, (end - start).days - 0.5) + 0.5) / days_per_step - 0.5, 4)
