"""The executive weekly report as data: `build_weekly` measures, decides and words; rendering needs only what it returns."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date

from cxreports.errors import QuestionError
from cxreports.reports import figures, tables, words
from cxreports.reports.changed import changed
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
    large_segments,
    local,
    read,
    segment_counts,
    whole_counts,
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
    end = start + WEEK
    apart = worst(large_segments(ctx, TRAPPED, dims, start, end), whole_counts(ctx, TRAPPED, start, end))
    headline, story = tell(ctx, dims, readings, apart)
    n = interactions(ctx, week_start)
    report: Report = {
        **_identity(ctx, week_start),
        "eyebrow": f"{words.clean(ctx.project, 48)} · Executive weekly · {_span(week_start)} · {words.units(n, 'interaction')}",
        "is_empty": n == 0,
        "headline": headline if n else "No interactions are loaded for this week",
        "story": story if n else _empty_story(ctx, week_start),
        "five": tables.five_measures(ctx, readings, week_start),
        "matrix": matrix(ctx, start),
        "charts": charts(ctx, dims, week_start, start, apart),
        "reach": tables.reach(ctx, readings, week_start),
        "completeness": tables.completeness(ctx, week_start),
        **changed(ctx),
        "definitions": tables.definitions(ctx, _used(ctx)),
        "method": METHOD,
        "commands": commands(ctx, readings, week_start),
        "record": record(ctx, week_start),
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
    newest = max(ctx.data_through.values(), default=None)
    through = f"data to {words.instant(local(ctx, newest))} {ctx.timezone}" if newest else "no data"
    return {
        "format": FORMAT,
        "language": "en-GB",
        "title": f"Executive weekly, {_span(week_start)}",
        "project": words.clean(ctx.project, 80),
        "week": f"{week_start:%G-W%V}",
        "period_start": week_start.isoformat(),
        "period_end": (week_start + WEEK).isoformat(),
        "as_of": _utc(ctx),
        "timezone": ctx.timezone,
        "data_to": through,
    }


def _empty_story(ctx: ReportContext, week_start: date) -> list[dict[str, str]]:
    where = "See completeness below for what each source has delivered." if ctx.accounts else "No source has delivered."
    known = local(ctx, ctx.as_of)
    ahead = f" The week lies ahead: this report stands as of {words.instant(known)}." if known.date() < week_start else ""
    return [{"label": "What is known", "text": f"Nothing was measured for {_days(week_start)}.{ahead} {where}"}]


def _days(week_start: date) -> str:
    return words.days(week_start, week_start + WEEK)


def matrix(ctx: ReportContext, start: date) -> Report:
    """Containment against sentiment, beside the four weeks before."""
    now = cell_counts(ctx, (), start, start + WEEK).get((), {})
    few = _too_few(ctx, now)
    now = {} if few else now
    before = cell_counts(ctx, (), start - WEEK * BASELINE, start).get((), {})
    label, earlier = words.week_label(start), f"{words.week_label(start - WEEK * BASELINE)}–{words.week_label(start - WEEK)}"
    return {
        "heading": _matrix_heading(now),
        "subtitle": f"Share of the {words.units(sum(now.values()), 'interaction')} with an AI, {words.week_name(start)} "
        f"({_days(start)}), against the four weeks before; the cells add up to gross containment",
        "labels": [label, earlier],
        "bars": figures.matrix_bars([(label, now), (earlier, before)]),
        "rows": tables.matrix_rows(window_days(ctx, QUALITY), now, before) if now else [],
        "words": "" if now else few or _why_no_matrix(ctx, start),
    }


def _matrix_heading(cells: Mapping[str, int]) -> str:
    contained, handled = sum(cells.get(c, 0) for c in CONTAINED), sum(cells.values())
    if not contained:
        return "How contained interactions ended"
    said = f"The AI contained {words.value('percent', contained / handled)}"
    if not sum(cells.get(c, 0) for c in figures.KNOWN):
        return f"{said}; how that ended for customers is not known{' yet' if cells.get('immature') else ''}"
    healthy = words.value("percent", cells.get("healthy", 0) / handled)
    return f"{said}; {healthy} {'so far ' if cells.get('immature') else ''}are known to have ended well without a return"


def _too_few(ctx: ReportContext, cells: Mapping[str, int]) -> str:
    info = ctx.info(QUALITY)
    return (
        f"Fewer than {words.number(info.min_n)} interactions with an AI." if info and 0 < sum(cells.values()) < info.min_n else ""
    )


def _why_no_matrix(ctx: ReportContext, start: date) -> str:
    found = ask(ctx, QUALITY, [], start, start + WEEK)
    return words.sentence(words.state_words(found[0])) if found else "Not computable: nothing was measured."


def charts(ctx: ReportContext, dims: Sequence[str], week_start: date, start: date, apart: Key | None) -> list[Report]:
    """The charts of the second page, each with its heading, subtitle and numbers; those without data are left out."""
    name = segment_words(dims, apart) if apart else ""
    quadrant = figures.quadrant(ctx, dims, start, apart)
    found = [
        (
            _segments_heading(ctx, name, dims, start),
            f"By {' and '.join(dims)}, {quadrant['span'] if quadrant else ''}; area is volume, dashed lines are the average of "
            "those drawn",
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


def _segments_heading(ctx: ReportContext, worst: str, dims: Sequence[str], start: date) -> str:
    if worst:
        return f"{words.sentence(worst)} contains customers who leave unhappy"
    if not segment_counts(ctx, TRAPPED, dims, start, start + WEEK):
        return f"Containment and mood by {' and '.join(dims)}"
    return "No segment clearly traps more customers than all others"


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


def commands(ctx: ReportContext, readings: Mapping[str, Reading], week_start: date) -> list[str]:
    """What to type to see this report again, and the rows behind each of the five measures."""
    shown = [(metric, m) for metric in FIVE if (m := readings[metric].current) and m.state != "not_computable"]
    return [
        f"cxreports report weekly --period {week_start:%G-W%V} --as-of {_utc(ctx)}",
        *(f"cxreports explain {metric} --period {m.period_start:%G-W%V}" for metric, m in shown),
    ]


def record(ctx: ReportContext, week_start: date) -> list[dict[str, str]]:
    """What an auditor asks first: what was known, what became of people's data, whether it can be made again."""
    at = f"{words.instant(local(ctx, ctx.as_of))} ({ctx.timezone}; {_utc(ctx)})"
    known = f"This report shows what was known at {at}. What was delivered later is not in it."
    return [{"label": "As of", "text": known}, {"label": "People", "text": PEOPLE.format(masked=_masked(ctx))}, AGAIN]


MASKED_WORDS = {
    "CARD": "payment cards",
    "BANK_ACCOUNT": "bank accounts",
    "NATIONAL_ID": "national ids",
    "EMAIL": "e-mail addresses",
    "PHONE": "telephone numbers",
    "BIRTH_DATE": "dates of birth",
    "IP": "IP addresses",
    "DIGITS": "runs of dictated digits",
    "DTMF": "runs of keys pressed",
    "VENDOR": "marks that the source had set already",
}


def _masked(ctx: ReportContext) -> str:
    """One part per kind: how many were masked in all that was loaded, not in this week alone."""
    if not ctx.masked:
        return "nothing in the words that were loaded was taken for personal data."
    parts = ", ".join(f"{MASKED_WORDS[kind]} {n:,}" for kind, n in ctx.masked.items())
    return f"in all that was loaded {parts} ('cxreports accounts --masked' says in which column)."


def _utc(ctx: ReportContext) -> str:
    return ctx.as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


PEOPLE = (
    "Account numbers, e-mail addresses, telephone numbers and cookies in columns of their own are stored only as keyed pseudonyms"
    " (HMAC-SHA256). Words were masked before they were stored, as far as personal data could be told: {masked} Names and postal"
    " addresses in words were not masked. No customer is quoted here, and cxreports sent nothing anywhere."
)
AGAIN = {
    "label": "Again",
    "text": "In the project's folder, the first command makes this report from the same lake, byte for byte while "
    "version, settings and definitions are those below. The others list the rows behind the measures, with file"
    " and record: with the same --as-of those that were counted here.",
}
METHOD = [
    {
        "label": "Expected, mature, held",
        "text": "Below the five measures: what the week will show once all had their time to come back (Kaplan-Meier by channel "
        "and intent); mature is the part of that time that has passed. Held: in how many seven days of the eight weeks before, "
        "seen as early as this week is now, the interval held what came true; these seven days overlap.",
    },
    {
        "label": "Interval, clear change, may be chance",
        "text": "Intervals are 95%; those of shares are Wilson's. That of a change is built from its two figures' "
        "(Newcombe) and widened to hold for all watched measures at once. A change is clear if its interval leaves "
        "zero out. Met or missed may be chance if the target lies inside the interval.",
    },
    {
        "label": "Headline, who acts",
        "text": "The first measure, in a fixed order of importance, that clearly got worse against the four weeks before; "
        "if none did, the first that clearly improved. Those who act are the owners named in the definitions.",
    },
    {
        "label": "Where, standing out, since",
        "text": "Where: the channel and region whose own change moves the total most (Kitagawa), if it differs clearly from"
        " all others. Standing out: the segment that clearly traps a larger share than all others, new or not. "
        "Since: the day that best splits the weeks before in two, with releases of the 14 days before it; coming "
        "after a release is no proof of cause.",
    },
    {
        "label": "Provisional, too few",
        "text": "A week is provisional while customers may still come back; it is hatched and makes no headline. Open dots "
        "are provisional or rest on too few units. What has too few units, or no source gives, is said in words, "
        "never as 0.",
    },
]
