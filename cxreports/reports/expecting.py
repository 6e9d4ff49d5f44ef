"""What the week's figures are expected to be once customers had their time to come back, in a line below the measures."""

from collections.abc import Mapping
from datetime import date

from cxreports.reports import words
from cxreports.reports.context import ReportContext
from cxreports.reports.readings import FIVE, TRAPPED, WEEK, Reading


def expected_figures(ctx: ReportContext, readings: Mapping[str, Reading], week_start: date) -> list[dict[str, str]]:
    """One per measure whose figure of the report's own week is not final; none where nothing can be foreseen."""
    found = []
    for metric in (*FIVE, TRAPPED):
        newest, info = readings[metric].newest, ctx.info(metric)
        if ctx.expect is None or info is None or newest is None or newest.state == "final":
            continue
        if (e := ctx.expect(metric, week_start, week_start + WEEK)) is None:
            continue
        n = e.nowcast
        band = words.interval(info.unit, n.low, n.high) if n.low is not None and n.high is not None else ""
        mature = words.short_percent(n.maturity or 0.0)
        found.append({
            "metric": metric,
            "title": words.clean(info.title, 80),
            "value": f"{words.value(info.unit, n.value or 0.0)} ({band})",
            "text": f"{mature} mature, {_held(e.score.scored, e.score.coverage)}",
        })  # fmt: skip
    return found


def _held(scored: int, coverage: float | None) -> str:
    """How often the interval of past seven days, seen as early as these are now, held the final figure."""
    if not scored or coverage is None:
        return "none of the past to judge it by"
    return f"{round(coverage * scored):,} of {scored:,} held"
