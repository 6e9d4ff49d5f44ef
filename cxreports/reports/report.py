"""The executive weekly report as data: `build_weekly` measures, decides and words; rendering needs only what it returns."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date

from cxreports.errors import QuestionError
from cxreports.reports import figures, tables, words
from cxreports.reports.changes import Key, worst
from cxreports.reports.context import ReportContext
from cxreports.reports.readings import (
    BASELINE,
    CONTAINED,
    FIVE,
    GROSS,
    QUALITY,
    REACH,
    TRAPPED,
    WATCHED,
    WEEK,
    WEEKS,
    Reading,
    ask,
    cell_counts,
    dimensions,
    read,
    segment_counts,
    window_days,
)
from cxreports.reports.story import segment_words, tell

Report = dict[str, object]
FORMAT = "cxreports/executive-weekly/1"


def build_weekly(ctx: ReportContext, week_start: date) -> Report:
    """report.json of the week that starts on that Monday."""
    if week_start.weekday() != 0:
        raise QuestionError(f"{week_start} is a {week_start:%A}; a weekly report starts on a Monday")
    dims = dimensions(ctx, week_start - WEEK * (WEEKS - 1), week_start + WEEK)
    readings = {metric: read(ctx, metric, week_start) for metric in WATCHED}
    start = reference(readings, week_start)
    apart = worst(segment_counts(ctx, TRAPPED, dims, start, start + WEEK))
    headline, story = tell(ctx, dims, readings, apart)
    n = interactions(ctx, week_start)
    report: Report = {
        **_identity(ctx, week_start),
        "eyebrow": f"Executive weekly · {_span(week_start)} · {words.number(n)} interactions",
        "is_empty": n == 0,
        "headline": headline if n else "No interactions are loaded for this week",
        "story": story if n else _empty_story(ctx, week_start),
        "five": tables.five_measures(ctx, readings, week_start),
        "matrix": matrix(ctx, start),
        "charts": charts(ctx, dims, week_start, start, apart),
        "reach": tables.reach(ctx, readings, week_start),
        "completeness": tables.completeness(ctx),
        "definitions": tables.definitions(ctx, _used(ctx)),
        "method": METHOD,
        "rows": rows_behind(readings),
        "versions": [[words.clean(k, 40), words.clean(v, 80)] for k, v in ctx.versions.items()],
    }
    return sealed(report)


def sealed(report: Report) -> Report:
    """With its own digest, by which a page and its report.json are known to belong together, and the page footer."""
    text = json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    project, through = words.clean(report["project"], 48), report["data_to"]
    footer = f"{project} · {report['week']} · report {digest[:8]} · {through}"
    return report | {"digest": digest, "footer": footer}


def reference(readings: Mapping[str, Reading], week_start: date) -> date:
    """The week that the containment pages show: the newest in which customers had time to come back."""
    waited = (readings[metric].current for metric in (TRAPPED, "verified_containment", "fcr_repeat"))
    return next((m.period_start for m in waited if m is not None and m.value is not None), week_start)


def interactions(ctx: ReportContext, week_start: date) -> int:
    """How many interactions the week has."""
    found = ask(ctx, "interactions", [], week_start, week_start + WEEK)
    return int(found[0].value or 0) if found else 0


def _span(week_start: date) -> str:
    return f"{words.week_name(week_start)} ({words.days(week_start, week_start + WEEK)})"


def _identity(ctx: ReportContext, week_start: date) -> Report:
    year, week, _ = week_start.isocalendar()
    newest = max(ctx.data_through.values(), default=None)
    through = f"data to {words.instant(tables.local(ctx, newest))} {ctx.timezone}" if newest else "no data"
    return {
        "format": FORMAT,
        "language": "en-GB",
        "title": f"Executive weekly, {_span(week_start)}",
        "project": words.clean(ctx.project, 80),
        "week": f"{year}-W{week:02d}",
        "period_start": week_start.isoformat(),
        "period_end": (week_start + WEEK).isoformat(),
        "as_of": ctx.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timezone": ctx.timezone,
        "data_to": through,
    }


def _empty_story(ctx: ReportContext, week_start: date) -> list[dict[str, str]]:
    where = "See completeness below for what each source has delivered." if ctx.accounts else "No source has delivered."
    return [{"label": "What is known", "text": f"Nothing was measured from {_days(week_start)}. {where}"}]


def _days(week_start: date) -> str:
    return words.days(week_start, week_start + WEEK)


def matrix(ctx: ReportContext, start: date) -> Report:
    """Containment against sentiment, beside the four weeks before."""
    now = cell_counts(ctx, (), start, start + WEEK).get((), {})
    before = cell_counts(ctx, (), start - WEEK * BASELINE, start).get((), {})
    label, earlier = words.week_label(start), f"{words.week_label(start - WEEK * BASELINE)}–{words.week_label(start - WEEK)}"
    return {
        "heading": _matrix_heading(now),
        "subtitle": f"Share of AI-handled interactions, {words.week_name(start)} ({_days(start)}) against the four weeks before; "
        "the cells add up to gross containment",
        "labels": [label, earlier],
        "bars": figures.matrix_bars([(label, now), (earlier, before)]),
        "rows": tables.matrix_rows(window_days(ctx, QUALITY), now, before) if now else [],
        "words": "" if now else _why_no_matrix(ctx, start),
    }


def _matrix_heading(cells: Mapping[str, int]) -> str:
    contained, handled = sum(cells.get(c, 0) for c in CONTAINED), sum(cells.values())
    if not contained:
        return "How contained interactions ended"
    share, healthy = contained / handled, cells.get("healthy", 0) / handled
    return f"The AI contained {words.value('percent', share)}; {words.value('percent', healthy)} ended well and stayed solved"


def _why_no_matrix(ctx: ReportContext, start: date) -> str:
    found = ask(ctx, QUALITY, [], start, start + WEEK)
    return words.sentence(words.state_words(found[0])) if found else "Not computable: nothing was measured."


def charts(ctx: ReportContext, dims: Sequence[str], week_start: date, start: date, apart: Key | None) -> list[Report]:
    """The charts of the second page, each with its heading, subtitle and numbers; those without data are left out."""
    name = segment_words(dims, apart) if apart else ""
    quadrant = figures.quadrant(ctx, dims, start, apart)
    found = [
        (
            f"{words.sentence(name)} contains customers who leave unhappy" if name else "No segment stands apart as unhappy",
            f"By {' and '.join(dims)}, {quadrant['span'] if quadrant else ''}; area is volume, dashed lines are the average",
            quadrant,
        ),
        (
            "",
            "Weekly share of contained interactions that ended unhappy and came back; 95% interval; hatched is not yet known",
            figures.trapped_trend(ctx, dims, week_start, apart),
        ),
        (
            _gross_heading(read(ctx, GROSS, week_start)),
            "Daily share of AI-handled interactions without a human; 95% interval; for comparison with vendors, no headline",
            figures.containment_trend(ctx, week_start),
        ),
    ]
    return [
        {"heading": h or c["heading"], "subtitle": s, "chart": c, "table": figures.table(c) if c["kind"] == "trend" else None}
        for h, s, c in found
        if c is not None
    ]


def _gross_heading(r: Reading) -> str:
    if r.current is None or r.current.value is None:
        return "Gross containment day by day, with releases"
    said = f"Gross containment was {words.value('percent', r.current.value)} in {words.week_name(r.current.period_start)}"
    said += " (provisional)" if r.current.state == "provisional" else ""
    if r.vs_baseline is None:
        return said
    change = f"{words.change('percent', r.vs_baseline.diff)} against the four weeks before"
    return f"{said}, {change if r.vs_baseline.is_clear else 'no clear change'}"


def _used(ctx: ReportContext) -> list[str]:
    return [m for m in dict.fromkeys((*FIVE, TRAPPED, QUALITY, GROSS, *REACH)) if ctx.info(m)]


def rows_behind(readings: Mapping[str, Reading]) -> list[Report]:
    """The command that lists the rows behind each of the five measures."""
    return [
        {
            "title": tables.metric_title(metric, r.info),
            "command": f"cxreports explain {metric} --from {m.period_start} --to {m.period_end}",
        }
        for metric in FIVE
        if (r := readings[metric]) and (m := r.current) and m.state != "not_computable"
    ]


METHOD = [
    "Intervals are 95%; those of shares are Wilson's. The interval of a change is built from the intervals of its two figures "
    "(Newcombe) and widened so that it holds for all watched measures at once; a change whose interval includes zero is called "
    "no clear change.",
    "The headline is the first measure, in a fixed order of importance, that clearly changed for the worse against the four "
    "weeks before; if none did, the first that clearly improved.",
    "Where: the channel and region whose own change moves the total most (Kitagawa), named only if its change differs clearly "
    "from that of all others. Since: the day that best splits the weeks before in two; releases up to 14 days before are "
    "set beside it. Coming after a release is not proof that the release is the cause. "
    "Standing out: the segment that clearly traps a larger share of customers than all others, new or not.",
    "A week is provisional while customers may still come back in its window; it is drawn hatched and never makes a headline. "
    "Figures of too few units, or that a source cannot give, are words, never 0.",
]
