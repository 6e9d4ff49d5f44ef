"""Asking for figures: a measure's twelve weeks, the newest week that is final, and what it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cxreports.analysis.measurement import Measurement
from cxreports.errors import NoDataError
from cxreports.reports.changes import Change, Counts, Key, difference, figure, proportion, widening
from cxreports.reports.context import MetricInfo, ReportContext

WEEK = timedelta(days=7)
WEEKS = 12
BASELINE = 4  # weeks before, pooled
NOT_ELAPSED = "window not elapsed"
NOT_IDENTIFIED = "customer not identified"


@dataclass(frozen=True)
class Ask:
    """A metric, or one part of a metric that is split into parts (`cell = 'trapped'` of containment_quality)."""

    metric: str
    part: tuple[str, str] | None = None


RESOLUTION, REPEAT, CSAT = Ask("resolution"), Ask("fcr_repeat"), Ask("csat")
CONTAINMENT, SERVICE_LEVEL = Ask("verified_containment"), Ask("service_level")
TRAPPED = Ask("containment_quality", ("cell", "trapped"))
# The order of importance; the headline is the first of these that changed clearly.
FIVE = (RESOLUTION, REPEAT, CSAT, CONTAINMENT, SERVICE_LEVEL)
WATCHED = (RESOLUTION, REPEAT, CSAT, TRAPPED, CONTAINMENT, SERVICE_LEVEL)
REACH = tuple(Ask(m) for m in ("abandonment", "service_level", "wait_p50", "wait_p90", "handle_time", "transfer"))


@dataclass(frozen=True)
class Reading:
    """One measure as the report prints it: `current` is the newest final week, or the newest week where none is final."""

    ask: Ask
    info: MetricInfo | None
    weeks: tuple[Measurement | None, ...]
    current: Measurement | None
    baseline: Measurement | None
    baseline_weeks: int
    vs_week: Change | None
    vs_baseline: Change | None

    @property
    def newest(self) -> Measurement | None:
        return self.weeks[-1]

    @property
    def is_older(self) -> bool:
        """The printed week is not the report's own."""
        return self.current is not None and self.current is not self.weeks[-1]


def ask(ctx: ReportContext, what: Ask, by: Sequence[str], start: date, end: date) -> list[Measurement]:
    """Measurements of a metric or of one of its parts; an absent part of a group that has others is a true zero."""
    if what.metric not in ctx.metrics:
        return []
    try:
        if what.part is None:
            return ctx.measure(what.metric, by, start, end)
        name, wanted = what.part
        groups: dict[tuple[date, tuple[str, ...]], dict[str, Measurement]] = {}
        for m in ctx.measure(what.metric, [*by, name], start, end):
            key = (m.period_start, tuple(m.by.get(b, "") for b in by if b not in ("day", "week")))
            groups.setdefault(key, {})[m.by.get(name, "")] = m
    except NoDataError:
        return []
    return [parts[wanted] if wanted in parts else _none_of(parts, name, wanted) for parts in groups.values()]


def _none_of(parts: dict[str, Measurement], name: str, wanted: str) -> Measurement:
    other = next(iter(parts.values()))
    by = {**other.by, name: wanted}
    if not other.den or other.value is None:
        return replace(other, by=by)
    band = proportion(0, float(other.den))
    return replace(other, by=by, n=0, num=0, value=0.0, low=0.0, high=band.high)


def read(ctx: ReportContext, what: Ask, week_start: date) -> Reading:
    """One measure over the last twelve weeks."""
    weeks = by_week(ask(ctx, what, ["week"], week_start - WEEK * (WEEKS - 1), week_start + WEEK), week_start)
    current = newest_final(weeks)
    baseline, n_weeks, vs_week, vs_baseline = None, 0, None, None
    if current is not None:
        start = current.period_start
        before = ask(ctx, what, [], start - WEEK * BASELINE, start)
        baseline = before[0] if before else None
        at = weeks.index(current)
        n_weeks = sum(m is not None and m.n > 0 for m in weeks[max(0, at - BASELINE) : at])
        vs_week = _change(current, weeks[at - 1] if at else None)
        vs_baseline = _change(current, baseline)
    return Reading(what, ctx.metrics.get(what.metric), tuple(weeks), current, baseline, n_weeks, vs_week, vs_baseline)


def _change(now: Measurement, before: Measurement | None) -> Change | None:
    """Widened, because all watched measures are compared at once."""
    a, b = figure(now), figure(before)
    return difference(a, b, widening(len(WATCHED))) if a and b else None


def by_week(found: list[Measurement], week_start: date) -> list[Measurement | None]:
    """One slot per week, oldest first; None where nothing was measured."""
    at = {m.period_start: m for m in found}
    return [at.get(week_start - WEEK * back) for back in reversed(range(WEEKS))]


def newest_final(weeks: Sequence[Measurement | None]) -> Measurement | None:
    """The newest week that is final. A newest week that cannot be final by waiting (too few, no source) stands for itself."""
    last = weeks[-1]
    if last is None or not is_waiting(last):
        return last
    return next((m for m in reversed(weeks) if m is not None and m.state == "final"), last)


def is_waiting(m: Measurement) -> bool:
    """The figure will ripen: its window has not elapsed or late data is expected."""
    return m.state == "provisional" or (m.state == "insufficient" and m.excluded.get(NOT_ELAPSED, 0) > 0)


def segment_names(ctx: ReportContext, what: Ask) -> list[str]:
    """Which of channel and region the metric can be split by."""
    info = ctx.metrics.get(what.metric)
    return [d for d in ("channel", "region") if info and d in info.by]


def segment_counts(ctx: ReportContext, what: Ask, start: date, end: date) -> dict[Key, Counts]:
    """num and den per channel and region."""
    names = segment_names(ctx, what)
    if not names:
        return {}
    return {
        tuple(m.by.get(n) or "unknown" for n in names): (float(m.num), float(m.den))
        for m in ask(ctx, what, names, start, end)
        if m.num is not None and m.den
    }


def window_days(ctx: ReportContext, metric: str) -> int | None:
    """How many days the metric waits before a figure is final."""
    info = ctx.metrics.get(metric)
    days = info.params.get(info.window) if info and info.window else None
    return int(days) if days is not None else None
