"""Measurements → what each chart shows: numbers, names and texts, no coordinates. `charts` turns these into drawings."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from cxreports.analysis.measurement import Measurement, State
from cxreports.reports import words
from cxreports.reports.changes import Counts, Key, proportion
from cxreports.reports.context import Release, ReportContext, Target
from cxreports.reports.readings import (
    TRAPPED,
    WEEK,
    WEEKS,
    Ask,
    Reading,
    ask,
    by_week,
    segment_counts,
    segment_names,
)
from cxreports.reports.story import segment_words

Chart = dict[str, Any]
Point = dict[str, Any]
GROSS = Ask("gross_containment")
QUALITY = "containment_quality"
PARTS = ("healthy", "quiet_failure", "grudging", "trapped", "unknown", "immature")


def _near(x: float | None) -> float | None:
    return None if x is None else round(x, 6)


def point(m: Measurement | None, unit: words.Unit, label: str) -> Point:
    """One place on a line. No value where the measurement has none: the line has a gap there."""
    if m is None or m.value is None or m.state in ("insufficient", "not_computable"):
        text = words.state_words(m) if m else "nothing was measured"
        return {"label": label, "value": None, "low": None, "high": None, "state": "none", "text": text}
    text, band = words.measured(m, unit)
    return {
        "label": label,
        "value": _near(m.value),
        "low": _near(m.low),
        "high": _near(m.high),
        "state": m.state,
        "text": f"{text} ({band})" if band else text,
    }


def sparkline(r: Reading, target: Target | None) -> Chart:
    """Twelve weeks of a measure in a table's cell."""
    unit: words.Unit = r.info.unit if r.info else "count"
    last = r.newest or r.current
    end = last.period_start if last else date(2000, 1, 3)
    points = [
        point(m, unit, words.week_label(end - WEEK * (len(r.weeks) - 1 - i)) if last else "") for i, m in enumerate(r.weeks)
    ]
    limit = None if target is None else target.at_least if target.at_least is not None else target.at_most
    return {
        "kind": "sparkline",
        "id": f"spark-{r.ask.metric}",
        "alt": _sparkline_alt(points),
        "points": points,
        "target": limit,
    }


def _sparkline_alt(points: Sequence[Point]) -> str:
    known = [p for p in points if p["value"] is not None]
    if not known:
        return "Twelve weeks: nothing to draw"
    early, late = known[0], known[-1]
    text = f"Twelve weeks: {late['text']} in {late['label']}"
    if early is not late:
        text = f"Twelve weeks: from {early['text']} in {early['label']} to {late['text']} in {late['label']}"
    open_weeks = [str(p["label"]) for p in known if p["state"] == "provisional"]
    return text + (f"; {words.listed(open_weeks)} provisional" if open_weeks else "")


def matrix_bars(now: list[Measurement], before: list[Measurement], now_name: str, before_name: str) -> Chart:
    """Two stacked bars: every AI-handled interaction, the contained ones by how they ended."""
    bars = [_bar(found, name) for found, name in ((now, now_name), (before, before_name)) if found]
    return {
        "kind": "stacked",
        "id": "matrix",
        "alt": "; ".join(f"{b['name']}: {b['text']}" for b in bars) or "Nothing to draw",
        "bars": bars,
    }


def _bar(found: list[Measurement], name: str) -> dict[str, Any]:
    at = {m.by.get("cell", ""): m for m in found}
    parts: list[Point] = [
        {
            "cell": cell,
            "name": cell.replace("_", " "),
            "value": _near(at[cell].value),
            "text": words.value("percent", at[cell].value or 0.0),
        }
        for cell in PARTS
        if cell in at and at[cell].value
    ]
    kept = sum(p["value"] for p in parts)
    rest = max(0.0, 1 - kept)
    parts.append({"cell": "left", "name": "not contained", "value": _near(rest), "text": words.value("percent", rest)})
    return {"name": name, "parts": parts, "text": ", ".join(f"{p['name']} {p['text']}" for p in parts)}


def quadrant(ctx: ReportContext, start: date, end: date, worst: Key | None) -> Chart | None:
    """Channel × region: how much is contained, and what share of that ended badly. None where there are no segments."""
    names = segment_names(ctx, TRAPPED)
    cells = {c: segment_counts(ctx, Ask(QUALITY, ("cell", c)), start, end) for c in PARTS}
    keys = sorted({k for counts in cells.values() for k in counts})
    floor = ctx.metrics[QUALITY].min_n if QUALITY in ctx.metrics else 1
    points, hidden = [], 0
    for key in keys:
        contained = sum(counts[key][0] for counts in cells.values() if key in counts)
        handled = next(counts[key][1] for counts in cells.values() if key in counts)
        if handled < floor or contained < floor:
            hidden += 1
            continue
        unhappy = sum(cells[c][key][0] for c in ("grudging", "trapped") if key in cells[c])
        points.append(_segment(segment_words(names, key), handled, contained, unhappy, key == worst))
    if not points:
        return None
    mid = {a: sum(p[a] * p["n"] for p in points) / sum(p["n"] for p in points) for a in ("x", "y")}
    return {
        "kind": "quadrant",
        "id": "quadrant",
        "alt": _quadrant_alt(points),
        "x_title": "contained by the AI",
        "y_title": "ended unhappy, of those contained",
        "corner": "contained, but unhappy",
        "points": points,
        "mid": {a: round(v, 6) for a, v in mid.items()},
        "hidden": hidden,
        "floor": floor,
    }


def _segment(name: str, handled: float, contained: float, unhappy: float, is_worst: bool) -> Point:
    x, y = contained / handled, unhappy / contained
    text = (
        f"{name}: {words.value('percent', x)} contained, {words.value('percent', y)} of those ended unhappy; "
        f"{words.number(handled)} interactions"
    )
    return {"name": name, "x": round(x, 6), "y": round(y, 6), "n": int(handled), "text": text, "is_worst": is_worst}


def _quadrant_alt(points: list[Point]) -> str:
    high = max(points, key=lambda p: p["y"])
    return f"{len(points)} segments. Most unhappy: {high['text']}"


def trapped_trend(ctx: ReportContext, week_start: date, worst: Key | None) -> Chart | None:
    """Weekly trapped share: the segment that stands apart beside all the others; one line where none does."""
    start, end = week_start - WEEK * (WEEKS - 1), week_start + WEEK
    names = segment_names(ctx, TRAPPED) if worst else []
    found = ask(ctx, TRAPPED, ["week", *names], start, end)
    if not found:
        return None
    labels = [words.week_label(start + WEEK * i) for i in range(WEEKS)]
    if worst is None:
        series = [_series("all segments", "blue", by_week(found, week_start), labels)]
    else:
        own = [m for m in found if tuple(m.by.get(n) or "unknown" for n in names) == worst]
        rest = [m for m in found if m not in own]
        series = [
            _series(segment_words(names, worst), "orange", by_week(own, week_start), labels),
            _series("all others", "blue", by_week(_pooled(rest), week_start), labels),
        ]
    marks = _marks(ctx, worst, start, end, days_per_step=7)
    return _trend("trapped-trend", series, [{"text": t, "tick": True} for t in labels], marks)


def _series(name: str, tone: str, found: Sequence[Measurement | None], labels: list[str]) -> dict[str, Any]:
    points = [point(m, "percent", label) for m, label in zip(found, labels, strict=True)]
    return {"name": name, "tone": tone, "points": points}


def _pooled(found: list[Measurement]) -> list[Measurement]:
    """One measurement per period: sums, with the interval of the sums; provisional if one of them is."""
    sums: dict[date, tuple[Counts, Measurement]] = {}
    for m in found:
        if m.num is None or not m.den:
            continue
        (num, den), first = sums.get(m.period_start, ((0.0, 0.0), m))
        keep = m if m.state == "provisional" else first
        sums[m.period_start] = ((num + float(m.num), den + float(m.den)), keep)
    return [_as_measurement(first, *counts) for counts, first in sums.values()]


def _as_measurement(like: Measurement, num: float, den: float) -> Measurement:
    f = proportion(num, den)
    state: State = "provisional" if like.state == "provisional" else "final"
    return Measurement(
        like.metric, like.version, like.period_start, like.period_end, like.as_of, {}, int(den), int(num), int(den),
        f.value, f.low, f.high, state,
    )  # fmt: skip


def containment_trend(ctx: ReportContext, week_start: date, n_weeks: int = 8) -> Chart | None:
    """Daily gross containment with its interval; releases marked."""
    start, end = week_start - WEEK * (n_weeks - 1), week_start + WEEK
    at = {m.period_start: m for m in ask(ctx, GROSS, ["day"], start, end)}
    if not at:
        return None
    days = [start + timedelta(days=i) for i in range((end - start).days)]
    points = [point(at.get(d), "percent", words.day(d)) for d in days]
    labels = [{"text": words.day(d), "tick": d.weekday() == 0} for d in days]
    series: list[dict[str, Any]] = [{"name": "contained", "tone": "blue", "points": points}]
    return _trend("containment-trend", series, labels, _marks(ctx, None, start, end, days_per_step=1))


def _marks(ctx: ReportContext, worst: Key | None, start: date, end: date, days_per_step: int) -> list[dict[str, Any]]:
    place = dict(zip(segment_names(ctx, TRAPPED), worst or (), strict=False))
    seen: dict[date, list[Release]] = {}
    for r in ctx.releases:
        fits = r.channel in ("", place.get("channel", r.channel)) and r.region in ("", place.get("region", r.region))
        if start <= r.released_on < end and fits:
            seen.setdefault(r.released_on, []).append(r)
    return [
        {
            "at": round((on - start).days / days_per_step, 4),
            "label": f"{words.clean(rs[0].component, 18)} {words.clean(rs[0].version, 10)}".strip()
            + (f" +{len(rs) - 1}" if len(rs) > 1 else ""),
            "text": f"{words.day(on)}: " + "; ".join(words.clean(f"{r.component} {r.version}", 60) for r in rs),
        }
        for on, rs in sorted(seen.items())
    ]


def _trend(name: str, series: list[dict[str, Any]], labels: list[dict[str, Any]], marks: list[dict[str, Any]]) -> Chart:
    ends = []
    for s in series:
        known = [p for p in s["points"] if p["value"] is not None]
        ends += [f"{s['name']} from {known[0]['text']} to {known[-1]['text']}"] if known else []
    return {
        "kind": "trend",
        "id": name,
        "alt": f"Line chart, {labels[0]['text']} to {labels[-1]['text']}: {'; '.join(ends) or 'nothing measured'}",
        "series": series,
        "labels": labels,
        "marks": marks,
    }


def table(chart: Mapping[str, Any]) -> dict[str, Any]:
    """A trend's numbers as a table."""
    series = chart["series"]
    labels = chart["labels"]
    rows = [[label["text"], *(_cell(s["points"][i]) for s in series)] for i, label in enumerate(labels)]
    return {"head": ["", *(s["name"] for s in series)], "rows": rows}


def _cell(p: Point) -> str:
    return f"{p['text']}, provisional" if p["state"] == "provisional" else str(p["text"])
