"""Readings and accounts → the rows of the tables, as text that is ready to print. No drawing, no deciding."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from cxreports.analysis.estimate import widening
from cxreports.reports import words
from cxreports.reports.changes import Change, difference, proportion
from cxreports.reports.context import Account, MetricInfo, ReportContext, Target
from cxreports.reports.expecting import expected_figures
from cxreports.reports.figures import sparkline
from cxreports.reports.gaps import flow_line, gap_lines
from cxreports.reports.readings import CONTAINED, FIVE, REACH, WEEK, Reading, local, read, read_earlier
from cxreports.reports.story import is_met, is_worse, spans

Row = dict[str, object]


def metric_title(metric: str, info: MetricInfo | None) -> str:
    """The name in a table."""
    return words.clean(info.title, 80) if info else metric


def measure_row(ctx: ReportContext, r: Reading, week_start: date) -> Row:
    """One line of the measures' tables."""
    target = ctx.targets.get(r.metric)
    status, tone, status_note = _status(r, target)
    return {
        "metric": r.metric,
        "title": metric_title(r.metric, r.info),
        "note": "; ".join(text for text in (_note(r), _version_note(ctx, r)) if text),
        **_value(r),
        "vs_week": _change(r, r.vs_week, None),
        "vs_baseline": _change(r, r.vs_baseline, is_worse(r)),
        "target": _target(r.info, target),
        "status": status,
        "tone": tone,
        "status_note": status_note,
        "sparkline": sparkline(ctx, r, week_start),
    }


def _value(r: Reading) -> Row:
    if r.info is None:
        return {"value": "not computable: no definition of it was given", "is_words": True, "interval": "", "n": ""}
    if r.current is None:
        return {"value": "nothing was measured", "is_words": True, "interval": "", "n": ""}
    text, band = words.measured(r.current, r.info.unit)
    return {"value": text, "is_words": r.current.value is None, "interval": band, "n": words.units(r.current.n, r.info.grain)}


def _change(r: Reading, change: Change | None, worse: bool | None) -> Row:
    if change is None or r.info is None:
        return {"text": "not known", "note": "", "is_clear": False, "is_worse": False}
    note = words.change_interval(r.info.unit, change.low, change.high) if change.is_clear else "no clear change"
    return {
        "text": words.change(r.info.unit, change.diff, max(abs(change.low), abs(change.high)) if change.is_clear else 0.0),
        "note": note,
        "is_clear": change.is_clear,
        "is_worse": bool(worse),
    }


def _note(r: Reading) -> str:
    if r.current is None or r.current.value is None:
        return ""
    if r.is_older:
        return f"{words.week_name(r.current.period_start)}, newest final"
    if r.current.state == "provisional":
        return "provisional"
    return words.state_words(r.current) if r.current.state == "insufficient" else ""


def _version_note(ctx: ReportContext, r: Reading) -> str:
    """Since when the definition has a new version, and the same figure by the one before; for four weeks."""
    fresh = ctx.renewed.get(r.metric)
    if fresh is None or r.current is None or r.info is None:
        return ""
    said = f"version {fresh.version} since {words.day(local(ctx, fresh.since).date())}"
    old = next((m for m in read_earlier(ctx, r) if m is not None and m.period_start == r.current.period_start), None)
    if old is None:
        return f"{said}; version {fresh.earlier_version} was not kept" if not fresh.earlier else said
    return f"{said}; by version {fresh.earlier_version}: {words.measured(old, r.info.unit)[0]}"


def _target(info: MetricInfo | None, target: Target | None) -> str:
    if info and target and target.at_least is not None:
        return f"at least {_whole(words.value(info.unit, target.at_least))}"
    if info and target and target.at_most is not None:
        return f"at most {_whole(words.value(info.unit, target.at_most))}"
    return ""


def _whole(text: str) -> str:
    return text.replace(".0%", "%").replace(".00", "")


def _status(r: Reading, target: Target | None) -> tuple[str, str, str]:
    m = r.current
    if target is None or target.limit is None:
        return "No target", "none", ""
    if m is None or m.value is None or m.state not in ("final", "provisional"):
        return "Not yet known", "none", ""
    met, so_far = is_met(r, target), " so far" if m.state == "provisional" else ""
    return ("Met" if met else "Missed") + so_far, "good" if met else "bad", "may be chance" if spans(r, target) else ""


def five_measures(ctx: ReportContext, readings: Mapping[str, Reading], week_start: date) -> Row:
    """The table of the first page."""
    return {
        "heading": "Five measures against their targets",
        "subtitle": f"{words.sentence(words.week_name(week_start))}, or the newest week that is final, against the weeks before "
        "it; dashed line is the target, hatched is provisional",
        "value_label": _value_label([readings[metric] for metric in FIVE], week_start),
        "rows": [measure_row(ctx, readings[metric], week_start) for metric in FIVE],
        "expected": expected_figures(ctx, readings, week_start),
        "expected_label": f"Expected for {words.week_label(week_start)}",
    }


def _value_label(found: Sequence[Reading], week_start: date) -> str:
    """The week, where all values are of it; those of other weeks are named beside their value."""
    return "Value" if any(r.is_older for r in found) else words.week_label(week_start)


def reach(ctx: ReportContext, readings: Mapping[str, Reading], week_start: date) -> Row:
    """Could customers reach us?"""
    found = [readings.get(metric) or read(ctx, metric, week_start) for metric in REACH]
    return {
        "heading": "Could customers reach us?",
        "subtitle": f"Queue and handling in {words.week_name(week_start)}, with 95% intervals{_open_words(found)}",
        "value_label": _value_label(found, week_start),
        "rows": [measure_row(ctx, r, week_start) for r in found],
    }


def _open_words(found: Sequence[Reading]) -> str:
    """Why the provisional ones among them are not final yet."""
    waiting = [r.current for r in found if not r.is_older and r.current and r.current.state == "provisional"]
    reasons = dict.fromkeys(words.clean(m.reason) for m in waiting if m.reason)
    return f". Provisional: {'; '.join(reasons)}" if reasons else ""


MEANINGS = {
    "healthy": ("Healthy", "did not end unhappy, and did not come back{window}"),
    "quiet_failure": ("Quiet failure", "did not end unhappy, but came back{window}"),
    "grudging": ("Grudging", "ended unhappy, and did not come back{window}"),
    "trapped": ("Trapped", "ended unhappy, and came back{window}"),
    "unknown": ("Unknown", "how it ended was not scored, or the customer is not identified"),
    "immature": ("Too early", "may still come back: the days for it have not passed"),
}


def matrix_rows(window: str, now: Mapping[str, int], before: Mapping[str, int]) -> list[Row]:
    """The cells of containment-vs-sentiment in words, beside the weeks before."""
    cells = [c for c in CONTAINED if now.get(c) or before.get(c)]
    return [_matrix_row(c, window, now, before, widening(len(cells))) for c in cells]


def _matrix_row(cell: str, window: str, now: Mapping[str, int], before: Mapping[str, int], wider: float) -> Row:
    name, meaning = MEANINGS[cell]
    a = proportion(now.get(cell, 0), sum(now.values()))
    b = proportion(before.get(cell, 0), sum(before.values())) if sum(before.values()) else None
    moved = difference(a, b, wider) if b else None
    clear = moved is not None and moved.is_clear
    return {
        "cell": name,
        "meaning": meaning.format(window=f" within {window} days" if window else ""),
        "n": words.number(now.get(cell, 0)),
        "share": words.value("percent", a.value),
        "before": words.value("percent", b.value) if b else "not known",
        "change": words.change("percent", moved.diff) if moved else "not known",
        "is_clear": clear,
        "is_worse": clear
        and moved is not None
        and (moved.diff < 0) == (cell == "healthy")
        and cell not in ("unknown", "immature"),
        "tone": cell,
    }


def completeness(ctx: ReportContext, week_start: date) -> Row:
    """received = loaded + duplicate + superseded + quarantined, per source; how old the newest record is."""
    broken = [a.source for a in ctx.accounts if a.received != a.loaded + a.duplicate + a.superseded + a.quarantined]
    verdict = f"does NOT hold for {words.listed([words.clean(b, 60) for b in broken])}" if broken else "holds for each"
    return {
        "heading": "Is the data complete?",
        "subtitle": f"Received = loaded + duplicate + superseded + quarantined {verdict} source; times in {ctx.timezone}"
        if ctx.accounts
        else "No source has delivered a record.",
        "rows": [_account(ctx, a) for a in ctx.accounts],
        **gap_lines(ctx, week_start),
        **flow_line(ctx, week_start),
        "quarantine": [
            {
                "file": words.clean(q.get("file", ""), 120),
                "position": words.clean(q.get("position", ""), 20),
                "reason": words.clean(q.get("reason", ""), 200),
            }
            for q in ctx.quarantine[:20]
        ],
        **({"drift": told} if (told := _drift(ctx)) else {}),
    }


def _drift(ctx: ReportContext) -> str:
    """One line on the fields of exports that changed in the seven days before; empty where none did."""
    after = ctx.as_of - WEEK
    recent = [c for c in ctx.drift if isinstance(c["at"], datetime) and after < c["at"] <= ctx.as_of]
    kinds = {"new": "new", "type": "with another type", "gone": "that no longer {}"}
    counts = {kind: sum(c["what"] == kind for c in recent) for kind in kinds}
    pieces = [f"{n} {phrase.format('comes' if n == 1 else 'come')}" for kind, phrase in kinds.items() if (n := counts[kind])]
    sources = words.listed([words.clean(s, 60) for s in sorted({str(c["source"]) for c in recent})])
    return f"Fields of the exports changed in the last seven days ({sources}): {words.listed(pieces)}." if recent else ""


def _account(ctx: ReportContext, a: Account) -> Row:
    through = a.data_through or ctx.data_through.get(a.source)
    age = (ctx.as_of - through).total_seconds() / 3600 if through else None
    return {
        "source": words.clean(a.source, 80),
        "counts": [words.number(c) for c in (a.files, a.received, a.loaded, a.duplicate, a.superseded, a.quarantined)],
        "through": words.instant(local(ctx, through)) if through else "gives no time" if a.loaded else "no record yet",
        "lag": words.lag(age) if age is not None else "–",
    }


def definitions(ctx: ReportContext, used: Sequence[str]) -> list[Row]:
    """What every figure means, from the metrics' own headers; variants of one metric share an entry."""
    groups: dict[str, list[tuple[str, MetricInfo]]] = {}
    for name in used:
        if info := ctx.info(name):
            groups.setdefault(info.definition, []).append((name, info))
    return [_definition(group) for group in groups.values()]


def _definition(group: Sequence[tuple[str, MetricInfo]]) -> Row:
    info, params = group[0][1], [i.params for _, i in group]
    return {
        "title": "; ".join(words.clean(i.title, 80) for _, i in group),
        "metric": ", ".join(name for name, _ in group),
        "definition": words.filled(info.definition, *params),
        "formula": words.filled(info.formula, *params),
        "facts": f"n ≥ {words.number(info.min_n)}, version {info.version}, {words.clean(info.owner, 60)}",
    }
