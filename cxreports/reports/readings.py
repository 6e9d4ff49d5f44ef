"""Asking for figures: a measure's twelve weeks, the newest week that is final, and what it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cxreports.analysis.estimate import widening
from cxreports.analysis.measurement import NOT_ELAPSED, Measurement
from cxreports.errors import NoDataError
from cxreports.reports.changes import Change, Counts, Key, difference, figure
from cxreports.reports.context import MetricInfo, ReportContext

WEEK = timedelta(days=7)
WEEKS = 12
BASELINE = 4  # weeks before, pooled
NOT_IDENTIFIED = "customer not identified"
NOT_GIVEN = "not given"

FIVE = ("resolution", "fcr_repeat", "csat", "verified_containment", "service_level")
TRAPPED, GROSS, QUALITY = "trapped", "gross_containment", "containment_quality"
# The order of importance; the headline is the first of these that changed clearly.
WATCHED = ("resolution", "fcr_repeat", "csat", TRAPPED, "verified_containment", "service_level")
REACH = ("abandonment", "service_level", "wait", "wait_p90", "handle_time", "transfer")
CONTAINED = ("healthy", "quiet_failure", "grudging", "trapped", "unknown", "immature")


@dataclass(frozen=True)
class Reading:
    """One measure as the report prints it: `current` is the newest final week, or the newest week where none is final."""

    metric: str
    info: MetricInfo | None
    weeks: tuple[Measurement | None, ...]
    current: Measurement | None
    baseline_weeks: int
    vs_week: Change | None
    vs_baseline: Change | None

    @property
    def newest(self) -> Measurement | None:
        """The report's own week."""
        return self.weeks[-1]

    @property
    def is_older(self) -> bool:
        """The printed week is not the report's own."""
        return self.current is not None and self.current is not self.weeks[-1]

    @property
    def is_final(self) -> bool:
        """The printed figure will not change by waiting; only such figures make a headline."""
        return self.current is not None and self.current.state == "final"


def ask(ctx: ReportContext, metric: str, by: Sequence[str], start: date, end: date, printed: bool = True) -> list[Measurement]:
    """What the pipeline measures; nothing where the metric is not defined or no data is there. Not `printed`: only to decide."""
    if ctx.info(metric) is None:
        return []
    try:
        return (ctx.measure if printed else ctx.probe or ctx.measure)(metric, by, start, end)
    except NoDataError:
        return []


def read(ctx: ReportContext, metric: str, week_start: date) -> Reading:
    """One measure over the last twelve weeks."""
    info = ctx.info(metric)
    weeks = by_week(ask(ctx, metric, ["week"], week_start - WEEK * (WEEKS - 1), week_start + WEEK), week_start)
    current = shown(weeks, bool(info and info.window))
    if current is None or current.state == "not_computable":
        return Reading(metric, info, tuple(weeks), current, 0, None, None)
    start, at = current.period_start, weeks.index(current)
    baseline = ask(ctx, metric, [], start - WEEK * BASELINE, start, printed=False)
    n_weeks = sum(m is not None and m.n > 0 for m in weeks[max(0, at - BASELINE) : at])
    vs_week = _change(current, weeks[at - 1] if at else None)
    vs_baseline = _change(current, baseline[0] if baseline and n_weeks else None)
    return Reading(metric, info, tuple(weeks), current, n_weeks, vs_week, vs_baseline)


def read_earlier(ctx: ReportContext, r: Reading) -> tuple[Measurement | None, ...]:
    """The same weeks by the version before, while both are told; nothing where there is none, or it was not kept."""
    fresh = ctx.renewed.get(r.metric)
    if fresh is None or not fresh.earlier or r.current is None:
        return ()
    last = max(m.period_start for m in r.weeks if m is not None)
    return tuple(by_week(ask(ctx, fresh.earlier, ["week"], last - WEEK * (WEEKS - 1), last + WEEK), last))


def _change(now: Measurement, before: Measurement | None) -> Change | None:
    """Widened, because all watched measures are compared at once."""
    a, b = figure(now), figure(before)
    return difference(a, b, widening(len(WATCHED))) if a and b else None


def by_week(found: list[Measurement], week_start: date) -> list[Measurement | None]:
    """One slot per week, oldest first; None where nothing was measured. What cannot be computed stands in the last slot."""
    at = {m.period_start: m for m in found}
    weeks = [at.get(week_start - WEEK * back) for back in reversed(range(WEEKS))]
    if found and all(m.state == "not_computable" for m in found):
        weeks[-1] = found[0]
    return weeks


def shown(weeks: Sequence[Measurement | None], has_window: bool) -> Measurement | None:
    """The week to print: of measures that wait, the newest final one; of others the newest, provisional or not."""
    last = weeks[-1]
    if last is None or not is_waiting(last) or (not has_window and last.value is not None):
        return last
    return next((m for m in reversed(weeks) if m is not None and m.state == "final"), last)


def is_waiting(m: Measurement) -> bool:
    """The figure will ripen: its window has not elapsed or late data is expected."""
    return m.state == "provisional" or (m.state == "insufficient" and m.excluded.get(NOT_ELAPSED, 0) > 0)


def dimensions(ctx: ReportContext, start: date, end: date) -> tuple[str, ...]:
    """Which of channel and region any source gives."""
    info = ctx.info("interactions")
    offered = [d for d in ("channel", "region") if info and d in info.breakdowns]
    return tuple(
        d
        for d in offered
        if any(m.by.get(d, NOT_GIVEN) != NOT_GIVEN for m in ask(ctx, "interactions", [d], start, end, printed=False))
    )


def segment_counts(ctx: ReportContext, metric: str, dims: Sequence[str], start: date, end: date) -> dict[Key, Counts]:
    """num and den per segment, where the metric can be split so and the counts may be shown."""
    if not dims or not offers(ctx, metric, dims):
        return {}
    return {
        key_of(m, dims): (float(m.num), float(m.den)) for m in ask(ctx, metric, dims, start, end) if m.num is not None and m.den
    }


def large_segments(ctx: ReportContext, metric: str, dims: Sequence[str], start: date, end: date) -> dict[Key, Counts]:
    """Those that have enough units for a figure of their own."""
    info = ctx.info(metric)
    found = segment_counts(ctx, metric, dims, start, end)
    return {key: counts for key, counts in found.items() if info and counts[1] >= info.min_n}


def whole_counts(ctx: ReportContext, metric: str, start: date, end: date) -> Counts:
    """num and den of everything."""
    return next(
        ((float(m.num), float(m.den)) for m in ask(ctx, metric, [], start, end) if m.num is not None and m.den), (0.0, 0.0)
    )


def local(ctx: ReportContext, at: datetime) -> datetime:
    """In the reporting time zone."""
    return at.astimezone(ZoneInfo(ctx.timezone))


def offers(ctx: ReportContext, metric: str, dims: Sequence[str]) -> bool:
    """Whether the metric can be split so."""
    info = ctx.info(metric)
    return info is not None and set(dims) <= set(info.breakdowns)


def key_of(m: Measurement, dims: Sequence[str]) -> Key:
    """The segment that a measurement belongs to."""
    return tuple(m.by.get(d, NOT_GIVEN) for d in dims)


def cell_counts(ctx: ReportContext, dims: Sequence[str], start: date, end: date) -> dict[Key, dict[str, int]]:
    """Interactions in each cell of containment-vs-sentiment, per segment; the cell `not_contained` included."""
    found: dict[Key, dict[str, int]] = {}
    if offers(ctx, QUALITY, dims):
        for m in ask(ctx, QUALITY, [*dims, "cell"], start, end):
            if m.state != "not_computable" and m.n:
                found.setdefault(key_of(m, dims), {})[m.by.get("cell", "")] = m.n
    return found


def window_days(ctx: ReportContext, metric: str) -> str:
    """How many days the metric waits before a figure is final; empty if it does not wait."""
    info = ctx.info(metric)
    size = info.params.get(info.window) if info and info.window else None
    if info is None or info.window is None or size is None:
        return ""
    return f"{float(size) / (24 if info.window.endswith('_hours') else 1):g}"
