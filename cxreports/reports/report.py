"""The executive weekly report as data: `build_weekly` measures, decides and words; rendering needs only what it returns."""

import hashlib
import json
from datetime import UTC, date, timedelta

from cxreports.errors import QuestionError
from cxreports.reports import figures, tables, words
from cxreports.reports.changes import Key, worst
from cxreports.reports.context import ReportContext
from cxreports.reports.readings import (
    BASELINE,
    FIVE,
    REACH,
    TRAPPED,
    WATCHED,
    WEEK,
    Ask,
    Reading,
    ask,
    read,
    segment_counts,
    segment_names,
)
from cxreports.reports.story import segment_words, tell

Report = dict[str, object]
FORMAT = "cxreports/executive-weekly/1"
QUALITY = Ask("containment_quality")


def build_weekly(ctx: ReportContext, week_start: date) -> Report:
    """report.json of the week that starts on that Monday."""
    if week_start.weekday() != 0:
        raise QuestionError(f"{week_start} is a {week_start:%A}; a weekly report starts on a Monday")
    readings = {what: read(ctx, what, week_start) for what in WATCHED}
    start = reference(readings, week_start)
    apart = worst(segment_counts(ctx, TRAPPED, start, start + WEEK))
    headline, story = tell(ctx, readings, apart)
    n = interactions(ctx, week_start)
    report: Report = {
        **_identity(ctx, week_start),
        "eyebrow": f"Executive weekly · {_span(week_start)} · {words.number(n)} interactions",
        "is_empty": n == 0 and not any(r.newest and r.newest.n for r in readings.values()),
        "headline": headline,
        "story": story,
        "five": tables.five_measures(ctx, readings, week_start),
        "matrix": matrix(ctx, start),
        "charts": charts(ctx, week_start, start, apart),
        "reach": tables.reach(ctx, readings, week_start),
        "completeness": tables.completeness(ctx),
        "definitions": tables.definitions(ctx, _used(ctx)),
        "method": METHOD,
        "rows": rows_behind(readings),
        "versions": [[words.clean(k, 40), words.clean(v, 80)] for k, v in ctx.versions.items()],
    }
    if report["is_empty"]:
        report |= {"headline": "No interactions are loaded for this week", "story": _empty_story(ctx, week_start)}
    return sealed(report, week_start)


def sealed(report: Report, week_start: date) -> Report:
    """With its own digest, by which a page and its report.json are known to belong together, and the page footer."""
    text = json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    project, through = words.clean(report["project"], 48), report["data_to"]
    footer = f"{project} · {report['week']} · report {digest[:8]} · {through}"
    return report | {"digest": digest, "footer": footer}


def reference(readings: dict[Ask, Reading], week_start: date) -> date:
    """The week that the containment pages show: the newest in which customers had time to come back."""
    current = readings[TRAPPED].current
    return current.period_start if current else week_start


def interactions(ctx: ReportContext, week_start: date) -> int:
    """How many interactions the week has."""
    found = ask(ctx, Ask("interactions"), [], week_start, week_start + WEEK)
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
    now = ask(ctx, QUALITY, ["cell"], start, start + WEEK)
    before = ask(ctx, QUALITY, ["cell"], start - WEEK * BASELINE, start)
    seen = [m for m in now if m.num is not None]
    label = words.week_label(start)
    earlier = f"{words.week_label(start - WEEK * BASELINE)}–{words.week_label(start - timedelta(days=1))}"
    contained = sum(m.value or 0 for m in seen)
    healthy = sum(m.value or 0 for m in seen if m.by.get("cell") == "healthy")
    heading = f"Of {words.value('percent', contained)} contained, {words.value('percent', healthy)} ended well"
    return {
        "heading": heading if seen else "How contained interactions ended",
        "subtitle": f"Share of AI-handled interactions, {words.week_name(start)} "
        f"({words.days(start, start + WEEK)}); the parts add up to gross containment",
        "labels": [label, earlier],
        "bars": figures.matrix_bars(seen, [m for m in before if m.num is not None], label, earlier),
        "rows": tables.matrix_rows(ctx, seen, before),
        "words": "" if seen else (words.state_words(now[0]) if now else "not computable: nothing was measured"),
    }


def charts(ctx: ReportContext, week_start: date, start: date, apart: Key | None) -> list[Report]:
    """The charts of the second page, each with its heading, subtitle and numbers."""
    name = segment_words(segment_names(ctx, TRAPPED), apart) if apart else ""
    week = f"{words.week_name(start)} ({words.days(start, start + WEEK)})"
    found = [
        (
            f"{words.sentence(name)} contains customers who leave unhappy" if name else "No segment stands apart as unhappy",
            f"Channel and region, {week}; area is volume; lines are the average of all",
            figures.quadrant(ctx, start, start + WEEK, apart),
        ),
        (
            f"Trapped customers: {name} beside all others" if name else "Trapped customers, all segments together",
            "Weekly share of AI-handled interactions that ended unhappy and came back; 95% interval; hatched is provisional",
            figures.trapped_trend(ctx, week_start, apart),
        ),
        (
            "Gross containment day by day, with releases",
            "Daily share of AI-involved interactions without a human; 95% interval; never a headline, for vendor comparison",
            figures.containment_trend(ctx, week_start),
        ),
    ]
    return [
        {"heading": h, "subtitle": s, "chart": c, "table": figures.table(c) if c["kind"] == "trend" else None}
        for h, s, c in found
        if c is not None
    ]


def _used(ctx: ReportContext) -> list[str]:
    names = [w.metric for w in (*FIVE, TRAPPED, Ask("gross_containment"), *REACH)]
    return list(dict.fromkeys(n for n in names if n in ctx.metrics))


def rows_behind(readings: dict[Ask, Reading]) -> list[Report]:
    """The command that lists the rows behind each of the five measures."""
    return [
        {
            "title": words.clean(r.info.title, 80) if r.info else what.metric,
            "command": f"cxreports explain {what.metric} --from {m.period_start} --to {m.period_end} "
            f"--as-of {m.as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        for what in FIVE
        if (r := readings[what]) and (m := r.current) and m.state != "not_computable"
    ]


METHOD = [
    "Intervals are 95%; those of shares are Wilson's. The interval of a change is built from the intervals of its two figures "
    "(Newcombe) and widened so that it holds for all watched measures at once; a change whose interval includes zero is called "
    "no clear change.",
    "The headline is the first measure, in a fixed order of importance, that clearly changed for the worse against the four "
    "weeks before; if none did, the first that clearly improved.",
    "Where: the channel and region whose own change moves the total most (Kitagawa), named only if its change differs clearly "
    "from that of all others. Since: the day that best splits the last eight weeks in two; releases up to 14 days before are "
    "set beside it. Coming after a release is not proof that the release is the cause.",
    "A week is provisional while customers may still come back in its window; it is drawn hatched and never makes a headline. "
    "Figures of too few units, or that a source cannot give, are words, never 0.",
]
