"""Readings and accounts → the rows of the tables, as text that is ready to print. No drawing, no deciding."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cxreports.analysis.measurement import Measurement
from cxreports.reports import words
from cxreports.reports.context import Account, MetricInfo, ReportContext, Target
from cxreports.reports.figures import sparkline
from cxreports.reports.readings import FIVE, REACH, WEEK, Ask, Reading, read, window_days
from cxreports.reports.story import change_words, is_worse

Row = dict[str, object]


def measure_row(ctx: ReportContext, r: Reading) -> Row:
    """One line of the measures' tables."""
    name = words.clean(r.info.title, 80) if r.info else r.ask.metric
    target = ctx.targets.get(r.ask.metric)
    row: Row = {"metric": r.ask.metric, "title": name, "note": _note(ctx, r)}
    if r.info is None or r.current is None:
        reason = "not computable: this project does not define it" if r.info is None else "nothing was measured"
        row |= {"value": reason, "is_words": True, "interval": "", "n": ""}
    else:
        value, band = words.measured(r.current, r.info.unit)
        row |= {"value": value, "is_words": r.current.value is None or r.current.state in ("insufficient",)}
        row |= {"interval": band, "n": f"n {words.number(r.current.n)}"}
    status, tone, status_note = _status(r, target)
    return row | {
        "vs_week": _change(r, r.vs_week),
        "vs_baseline": _change(r, r.vs_baseline),
        "target": _target(r.info, target),
        "status": status,
        "tone": tone,
        "status_note": status_note,
        "sparkline": sparkline(r, target),
    }


def _change(r: Reading, change: object) -> Row:
    picked = r.vs_baseline if change is r.vs_baseline else r.vs_week
    text, note, is_clear = change_words(r.info.unit if r.info else "count", picked)
    worse = is_worse(r) if is_clear and picked is r.vs_baseline else None
    return {"text": text, "note": note, "is_clear": is_clear, "is_worse": bool(worse)}


def _note(ctx: ReportContext, r: Reading) -> str:
    if r.current is None or r.info is None:
        return ""
    if r.current.state == "provisional":
        return "provisional: " + (words.clean(r.current.reason) or "window not elapsed")
    if not r.is_older:
        return ""
    days = window_days(ctx, r.ask.metric)
    ripe = f"with {days} days elapsed" if days else "that is final"
    return f"{words.week_name(r.current.period_start)}, newest {ripe}"


def _target(info: MetricInfo | None, target: Target | None) -> str:
    if info and target and target.at_least is not None:
        return f"at least {_round(words.value(info.unit, target.at_least))}"
    if info and target and target.at_most is not None:
        return f"at most {_round(words.value(info.unit, target.at_most))}"
    return "–"


def _round(text: str) -> str:
    return text.replace(".0%", "%").replace(".00", "")


def _status(r: Reading, target: Target | None) -> tuple[str, str, str]:
    m = r.current
    if target is None or (target.at_least is None and target.at_most is None):
        return "No target", "none", ""
    if m is None or m.value is None or m.state != "final":
        return "Not yet known", "none", ""
    limit = target.at_least if target.at_least is not None else target.at_most
    assert limit is not None  # noqa: S101 - one of the two is set
    met = m.value >= limit if target.at_least is not None else m.value <= limit
    spans = m.low is not None and m.high is not None and m.low < limit < m.high
    return "Met" if met else "Missed", "good" if met else "bad", "interval spans target" if spans else ""


def five_measures(ctx: ReportContext, readings: Mapping[Ask, Reading], week_start: date) -> Row:
    """The table of the first page."""
    week, before = words.week_label(week_start), words.week_label(week_start - WEEK)
    return {
        "heading": "Five measures against their targets",
        "subtitle": f"{week} against {before} and against the four weeks before; value with 95% interval. Changes carry an "
        f"interval that holds for all watched measures at once; where it includes zero we say no clear change.",
        "value_label": week,
        "rows": [measure_row(ctx, readings[what]) for what in FIVE],
    }


def reach(ctx: ReportContext, readings: Mapping[Ask, Reading], week_start: date) -> Row:
    """Could customers reach us?"""
    rows = [measure_row(ctx, readings.get(what) or read(ctx, what, week_start)) for what in REACH]
    return {
        "heading": "Could customers reach us?",
        "subtitle": f"Queue and handling in {words.week_name(week_start)}, with 95% intervals",
        "value_label": words.week_label(week_start),
        "rows": rows,
    }


CELLS: tuple[tuple[str, str, str], ...] = (
    ("healthy", "Healthy", "did not end unhappy, and did not come back{window}"),
    ("quiet_failure", "Quiet failure", "did not end unhappy, but came back{window}"),
    ("grudging", "Grudging", "ended unhappy, and did not come back{window}"),
    ("trapped", "Trapped", "ended unhappy, and came back{window}"),
    ("unknown", "Unknown", "how it ended was not scored, or the customer is not identified"),
    ("immature", "Too early", "the days in which customers may come back have not passed"),
)


def matrix_rows(ctx: ReportContext, now: list[Measurement], before: list[Measurement]) -> list[Row]:
    """The cells of containment-vs-sentiment in words, with both periods."""
    days = window_days(ctx, "containment_quality")
    window = f" within {days} days" if days else ""
    at, was = _by_cell(now), _by_cell(before)
    return [
        {
            "cell": name,
            "meaning": meaning.format(window=window),
            "n": words.number(float(at[cell].num or 0)) if cell in at else "0",
            "share": words.measured(at[cell], "percent")[0] if cell in at else "none",
            "before": words.measured(was[cell], "percent")[0] if cell in was else "none",
            "tone": cell,
        }
        for cell, name, meaning in CELLS
        if cell in at or cell in was
    ]


def _by_cell(found: list[Measurement]) -> dict[str, Measurement]:
    return {m.by.get("cell", ""): m for m in found}


def completeness(ctx: ReportContext) -> Row:
    """received = loaded + duplicate + superseded + quarantined, per source; how old the newest record is."""
    broken = [a.source for a in ctx.accounts if a.received != a.loaded + a.duplicate + a.superseded + a.quarantined]
    verdict = f"does NOT hold for {words.listed([words.clean(b, 60) for b in broken])}" if broken else "holds for each"
    return {
        "heading": "Is the data complete?",
        "subtitle": f"Every record received is loaded, duplicate, superseded or quarantined: this {verdict} source"
        if ctx.accounts
        else "No source has delivered a record.",
        "rows": [_account(ctx, a) for a in ctx.accounts],
        "quarantine": [
            {
                "file": words.clean(q.get("file", ""), 120),
                "position": words.clean(q.get("position", ""), 20),
                "reason": words.clean(q.get("reason", ""), 200),
            }
            for q in ctx.quarantine[:20]
        ],
    }


def _account(ctx: ReportContext, a: Account) -> Row:
    through = a.data_through or ctx.data_through.get(a.source)
    age = (ctx.as_of - through).total_seconds() / 3600 if through else None
    return {
        "source": words.clean(a.source, 80),
        "counts": [words.number(c) for c in (a.files, a.received, a.loaded, a.duplicate, a.superseded, a.quarantined)],
        "through": words.instant(local(ctx, through)) if through else "no record yet",
        "lag": words.lag(age) if age is not None else "–",
    }


def local(ctx: ReportContext, at: datetime) -> datetime:
    """In the reporting time zone."""
    return at.astimezone(ZoneInfo(ctx.timezone))


def definitions(ctx: ReportContext, used: list[str]) -> list[Row]:
    """What every figure means, from the metrics' own headers."""
    return [
        {
            "title": words.clean(info.title, 80),
            "metric": name,
            "definition": words.filled(info.definition, info.params),
            "formula": words.filled(info.formula, info.params),
            "facts": f"version {info.version}; shown from {words.number(info.min_n)}; owner {words.clean(info.owner, 60)}",
        }
        for name in used
        if (info := ctx.metrics.get(name))
    ]
