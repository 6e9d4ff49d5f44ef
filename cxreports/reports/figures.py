"""Measurements → what each chart shows: numbers, names and texts, no coordinates. `charts` turns these into drawings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.measurement import Measurement
from cxreports.reports import words
from cxreports.reports.changes import Key, proportion
from cxreports.reports.context import ReportContext
from cxreports.reports.marks import marks, step
from cxreports.reports.readings import (
    BASELINE,
    CONTAINED,
    GROSS,
    QUALITY,
    TRAPPED,
    WEEK,
    WEEKS,
    Reading,
    ask,
    by_week,
    cell_counts,
    is_waiting,
    key_of,
    local,
    read_earlier,
)
from cxreports.reports.story import segment_words

Chart = dict[str, Any]
Point = dict[str, Any]
UNHAPPY, KNOWN = ("grudging", "trapped"), ("healthy", "quiet_failure", "grudging", "trapped")


def _near(x: float | None) -> float | None:
    return None if x is None else round(x, 6)


def point(m: Measurement | None, unit: words.Unit, label: str) -> Point:
    """One place on a line. No value where the measurement has none: the line has a gap there."""
    if m is None or m.value is None:
        text = words.state_words(m) if m else "nothing was measured"
        state = "provisional" if m and is_waiting(m) else "none"
        return {"label": label, "value": None, "low": None, "high": None, "state": state, "text": text}
    text, band = words.measured(m, unit)
    state = m.state if m.state == "final" else "provisional" if is_waiting(m) else "few"
    text = f"{text} ({band})" if band else text
    return {"label": label, "value": _near(m.value), "low": _near(m.low), "high": _near(m.high), "state": state, "text": text}


def sparkline(ctx: ReportContext, r: Reading, week_start: date) -> Chart:
    """Twelve weeks of a measure in a table's cell; with a break mark and the version before while both are told."""
    target = ctx.targets.get(r.metric)
    unit: words.Unit = r.info.unit if r.info else "count"
    points = [point(m, unit, words.week_label(week_start - WEEK * (WEEKS - 1 - i))) for i, m in enumerate(r.weeks)]
    return {
        "kind": "sparkline", "id": f"spark-{r.metric}", "alt": _sparkline_alt(points), "points": points,
        "target": target.limit if target else None, **_earlier(ctx, r, unit, week_start),
    }  # fmt: skip


def _earlier(ctx: ReportContext, r: Reading, unit: words.Unit, week_start: date) -> Chart:
    """Where the version changed, and the same weeks by the version before."""
    fresh, start = ctx.renewed.get(r.metric), week_start - WEEK * (WEEKS - 1)
    if fresh is None:
        return {}
    found = [point(m, unit, words.week_label(start + WEEK * i)) for i, m in enumerate(read_earlier(ctx, r))]
    return {"break_at": step(local(ctx, fresh.since).date(), start, week_start + WEEK, 7), "earlier": found}


def _sparkline_alt(points: Sequence[Point]) -> str:
    known = [p for p in points if p["value"] is not None]
    if not known:
        return "Twelve weeks: nothing to draw"
    early, late = known[0], known[-1]
    text = f"Twelve weeks: {late['text']} in {late['label']}"
    if early is not late:
        text = f"Twelve weeks: from {early['text']} in {early['label']} to {late['text']} in {late['label']}"
    waiting = [str(p["label"]) for p in points if p["state"] == "provisional"]
    return text + (f"; {words.listed(waiting)} provisional" if waiting else "")


def matrix_bars(periods: Sequence[tuple[str, Mapping[str, int]]]) -> Chart:
    """One stacked bar per period: every AI-handled interaction, the contained ones by how they ended."""
    bars = [_bar(name, cells) for name, cells in periods if sum(cells.values())]
    alt = "; ".join(f"{b['name']}: {b['text']}" for b in bars) or "Nothing to draw"
    return {"kind": "stacked", "id": "matrix", "alt": alt, "bars": bars}


def _bar(name: str, cells: Mapping[str, int]) -> Chart:
    whole = sum(cells.values())
    shares = {c: cells.get(c, 0) / whole for c in CONTAINED}
    shares["not_contained"] = (whole - sum(cells.get(c, 0) for c in CONTAINED)) / whole
    parts = [
        {"cell": c, "name": c.replace("_", " "), "value": _near(s), "text": words.value("percent", s)}
        for c, s in shares.items()
        if s > 0
    ]
    return {"name": name, "parts": parts, "text": ", ".join(f"{p['name']} {p['text']}" for p in parts)}


def quadrant(ctx: ReportContext, dims: Sequence[str], start: date, worst: Key | None) -> Chart | None:
    """Channel × region: how much is contained, and what share of that ended unhappy. None where there are no segments.

    One week, or four where one week leaves out most segments for having too few.
    """
    info = ctx.info(QUALITY)
    floor = info.min_n if info else 1
    if not dims:
        return None
    for n_weeks in (1, BASELINE):
        begin = start - WEEK * (n_weeks - 1)
        found = cell_counts(ctx, dims, begin, start + WEEK)
        scored = {key: cells for key, cells in sorted(found.items()) if _sum(cells, KNOWN)}
        enough = {key: cells for key, cells in scored.items() if _sum(cells, KNOWN) >= floor}
        if len(enough) * 2 > len(scored):
            break
    beside = _told_by_the_total(found, enough)
    drawn = {key: cells for key, cells in enough.items() if key != beside}
    left_out = _left_out(found, scored, enough, floor, beside is not None)
    return _quadrant_of(dims, drawn, begin, start + WEEK, worst, left_out) if drawn else None


def _told_by_the_total(found: Mapping[Key, Mapping[str, int]], enough: Mapping[Key, Mapping[str, int]]) -> Key | None:
    """The smallest segment, where but one small one is left out: the page's total less all others would tell that."""
    left = [sum(cells.values()) for key, cells in found.items() if key not in enough]
    if len(left) != 1 or left[0] >= HIDDEN_BELOW:
        return None
    return min(enough, key=lambda key: (sum(enough[key].values()), key), default=None)


def _left_out(found: Mapping[Key, Any], scored: Mapping[Key, Any], enough: Mapping[Key, Any], floor: int, with_one: bool) -> str:
    few, silent = len(scored) - len(enough), len(found) - len(scored)
    parts = [f"{few} with fewer than {floor} contained interactions of known mood"] if few else []
    parts += [f"{silent} whose customers' mood no source scores"] if silent else []
    parts += ["1 so that a small one cannot be worked out"] if with_one else []
    return f"Segments left out: {words.listed(parts)}." if parts else ""


def _quadrant_of(
    dims: Sequence[str], enough: Mapping[Key, Mapping[str, int]], begin: date, end: date, worst: Key | None, left_out: str
) -> Chart:
    points = [
        {**_segment(segment_words(dims, key), cells, key == worst), "short": segment_words(dims, key, 20 // len(dims))}
        for key, cells in enough.items()
    ]
    every = {c: sum(cells.get(c, 0) for cells in enough.values()) for c in (*CONTAINED, "not_contained")}
    high = max(points, key=lambda p: (p["y"], p["name"]))
    average = _segment("", every, False)
    return {
        "kind": "quadrant",
        "id": "quadrant",
        "alt": f"{len(points)} segments. Most unhappy: {high['text']}",
        "x_title": "contained by the AI",
        "y_title": "ended unhappy, of those contained whose mood is known",
        "corner": "shaded: contained, but unhappy",
        "points": points,
        "mid": {"x": average["x"], "y": average["y"]},
        "left_out": left_out,
        "span": words.days(begin, end),
    }


def _sum(cells: Mapping[str, int], names: Sequence[str]) -> int:
    return sum(cells.get(n, 0) for n in names)


def _segment(name: str, cells: Mapping[str, int], is_worst: bool) -> Point:
    handled = sum(cells.values())
    x, y = _sum(cells, CONTAINED) / handled, _sum(cells, UNHAPPY) / _sum(cells, KNOWN)
    text = (
        f"{name}: {words.value('percent', x)} contained, {words.value('percent', y)} of those ended unhappy; "
        f"{words.number(handled)} interactions"
    )
    return {"name": name, "x": _near(x), "y": _near(y), "n": handled, "text": text, "is_worst": is_worst}


def trapped_trend(ctx: ReportContext, dims: Sequence[str], week_start: date, worst: Key | None) -> Chart | None:
    """Weekly trapped share: the segment that stands apart beside all the others; one line where none does."""
    start, end = week_start - WEEK * (WEEKS - 1), week_start + WEEK
    found = ask(ctx, TRAPPED, ["week", *(dims if worst else ())], start, end)
    if not any(m.value is not None for m in found):
        return None
    labels = [words.week_label(start + WEEK * i) for i in range(WEEKS)]
    whole = by_week(ask(ctx, TRAPPED, ["week"], start, end), week_start)
    if worst is None:
        series = [_series("all segments", "blue", whole, labels)]
    else:
        own = by_week([m for m in found if key_of(m, dims) == worst], week_start)
        rest = [_without(w, o) for w, o in zip(whole, own, strict=True)]
        series = [_series(segment_words(dims, worst), "orange", own, labels), _series("all others", "blue", rest, labels)]
    if worst is None and (before := _before(ctx, TRAPPED, "week", start, end)):
        series.append(_series(before[0], "grey", by_week(before[1], week_start), labels))
    marked = marks(ctx, TRAPPED, dict(zip(dims, worst or (), strict=False)), start, end, days_per_step=7)
    chart = _trend("trapped-trend", series, [{"text": t, "tick": True} for t in labels], marked)
    return chart | {"heading": _trapped_heading([s for s in series if s["tone"] != "grey"])}


def _trapped_heading(series: Sequence[Chart]) -> str:
    """What the newest final week of each line shows."""
    newest = [(s["name"], p) for s in series if (p := next((p for p in reversed(s["points"]) if p["state"] == "final"), None))]
    if not newest:
        return "Trapped customers: no week is final yet"
    weeks = list(dict.fromkeys(str(p["label"]) for _, p in newest))
    said = [f"{name} {_plain(p)}" + (f" in {p['label']}" if len(weeks) > 1 else "") for name, p in newest]
    return f"Trapped customers{f' in {weeks[0]}' if len(weeks) == 1 else ''}: {', '.join(said)}"


def _plain(p: Point) -> str:
    """The value without its interval."""
    return str(p["text"]).split(" (")[0]


def _series(name: str, tone: str, found: Sequence[Measurement | None], labels: list[str]) -> Chart:
    return {"name": name, "tone": tone, "points": [point(m, "percent", lb) for m, lb in zip(found, labels, strict=True)]}


def _without(whole: Measurement | None, own: Measurement | None) -> Measurement | None:
    """All others: the whole without one segment. Nothing where that segment's own counts are not shown."""
    if whole is None or own is None or whole.num is None or own.num is None:
        return whole if own is None else None
    num, den = int(whole.num - own.num), int((whole.den or 0) - (own.den or 0))
    if den < HIDDEN_BELOW:
        few = f"fewer than {HIDDEN_BELOW}"
        return replace(whole, n=0, num=None, den=None, value=None, low=None, high=None, state="insufficient", reason=few)
    f = proportion(num, den)
    return replace(whole, n=den, num=num, den=den, value=f.value, low=f.low, high=f.high)


def containment_trend(ctx: ReportContext, week_start: date, n_weeks: int = 8) -> Chart | None:
    """Daily gross containment with its interval; releases marked."""
    start, end = week_start - WEEK * (n_weeks - 1), week_start + WEEK
    at = {m.period_start: m for m in ask(ctx, GROSS, ["day"], start, end)}
    if not any(m.value is not None for m in at.values()):
        return None
    days = [start + timedelta(days=i) for i in range((end - start).days)]
    labels = [{"text": words.day(d), "tick": d.weekday() == 0} for d in days]
    series = [_series("contained", "blue", [at.get(d) for d in days], [words.day(d) for d in days])]
    if before := _before(ctx, GROSS, "day", start, end):
        old = {m.period_start: m for m in before[1]}
        series.append(_series(before[0], "grey", [old.get(d) for d in days], [words.day(d) for d in days]))
    return _trend("containment-trend", series, labels, marks(ctx, GROSS, {}, start, end, days_per_step=1))


def _before(ctx: ReportContext, metric: str, bucket: str, start: date, end: date) -> tuple[str, list[Measurement]] | None:
    """Name and figures of the version before, while both are told and where it was kept."""
    fresh = ctx.renewed.get(metric)
    if fresh is None or not fresh.earlier:
        return None
    return f"by version {fresh.earlier_version}", ask(ctx, fresh.earlier, [bucket], start, end)


def _trend(name: str, series: list[Chart], labels: list[Chart], marks: list[Chart]) -> Chart:
    ends = []
    for s in series:
        known = [p for p in s["points"] if p["value"] is not None]
        ends += [f"{s['name']} from {known[0]['text']} to {known[-1]['text']}"] if known else []
    alt = f"Line chart, {labels[0]['text']} to {labels[-1]['text']}: {'; '.join(ends) or 'nothing measured'}"
    return {"kind": "trend", "id": name, "alt": alt, "series": series, "labels": labels, "marks": marks}


def table(chart: Chart) -> Chart:
    """A trend's numbers as a table."""
    rows = [[label["text"], *(_cell(s["points"][i]) for s in chart["series"])] for i, label in enumerate(chart["labels"])]
    return {"head": ["When", *(s["name"] for s in chart["series"])], "rows": rows}


def _cell(p: Point) -> str:
    return f"{p['text']}, provisional" if p["state"] == "provisional" and p["value"] is not None else str(p["text"])
