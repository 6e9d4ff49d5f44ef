"""Charts as data → coordinates for the SVG templates: scales, ticks, paths, hatching, labels.

Every number comes out rounded, so the same data gives the same bytes.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10, sqrt
from typing import Any

from cxreports.reports import words
from cxreports.reports.labels import Box, Mark, lanes, place, spread, width

Chart = dict[str, Any]
INK, MUTED, RULE = "#1c1e26", "#5a6070", "#dfe2e8"
TONES = {"blue": "#0b5cad", "orange": "#b35900", "grey": "#6b7280"}
FILLS = {
    "healthy": ("#0b5cad", "#ffffff"),
    "quiet_failure": ("#8fb8e0", INK),
    "grudging": ("#eebf8a", INK),
    "trapped": ("#b35900", "#ffffff"),
    "unknown": ("#c3c8d0", INK),
    "immature": ("#eceef2", INK),
    "not_contained": ("#ffffff", MUTED),
}


def layout(chart: Chart) -> Chart:
    """Everything that the template of this kind of chart needs."""
    return {"ink": INK, "muted": MUTED, "rule": RULE, **chart, **KINDS[chart["kind"]](chart)}


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that cover low to high."""
    span = high - low or 1.0
    raw = span / about
    base = 10.0 ** floor(log10(raw))
    step = next(m * base for m in (1, 2, 2.5, 5, 10) if m * base >= raw * 0.999)
    return [round(step * i, 10) for i in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)]


def percent_tick(x: float, step: float) -> str:
    """70%, or 2.5% where the steps are that small."""
    whole = abs(step * 100 - round(step * 100)) < 1e-6
    return f"{x * 100:.0f}%" if whole else f"{x * 100:.1f}%"


def _axis(low: float, high: float, at: Callable[[float], float], marks: Sequence[float]) -> list[Chart]:
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    return [{"at": round(at(t), 1), "text": percent_tick(t, step)} for t in marks if low - 1e-9 <= t <= high + 1e-9]


def hatch(x0: float, y0: float, x1: float, y1: float, gap: float = 5.0) -> str:
    """Diagonal lines that fill the rectangle, as one path."""
    parts = []
    c = gap / 2
    while c < (x1 - x0) + (y1 - y0):
        ax, ay = (x0 + c, y0) if x0 + c <= x1 else (x1, y0 + (x0 + c - x1))
        bx, by = (x0, y0 + c) if y0 + c <= y1 else (x0 + (y0 + c - y1), y1)
        parts.append(f"M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}")
        c += gap
    return "".join(parts)


def runs(points: Sequence[Chart]) -> list[list[int]]:
    """Indexes of neighbouring points that have a value, one list per unbroken stretch."""
    found: list[list[int]] = []
    for i, p in enumerate(points):
        if p["value"] is None:
            continue
        if found and found[-1][-1] == i - 1:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def line(at: Sequence[tuple[float, float]]) -> str:
    """An SVG path through the points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in at)


def _sparkline(c: Chart) -> Chart:
    w, h, pad = 112.0, 26.0, 4.0
    points, target, earlier = c["points"], c["target"], c.get("earlier", [])
    low, high = _reach([*earlier, *points], target)

    def x(i: float) -> float:
        return pad + i * (w - 2 * pad) / max(1, len(points) - 1)

    def y(v: float) -> float:
        return float(h - pad - (v - low) / (high - low) * (h - 2 * pad)) if high > low else h / 2

    solid = [{**p, "value": p["value"] if p["state"] == "final" else None} for p in points]
    finals = [i for i, p in enumerate(solid) if p["value"] is not None]
    alone = [r[0] for r in runs(solid) if len(r) == 1]
    waiting = [i for i, p in enumerate(points) if p["state"] == "provisional"]
    return {
        "w": w,
        "h": h,
        "paths": [line([(x(i), y(points[i]["value"])) for i in run]) for run in runs(solid) if len(run) > 1],
        "dots": [_dot(points[i], x(i), y) for i in sorted({*finals[-1:], *alone})],
        "open": [_dot(p, x(i), y) for i, p in enumerate(points) if p["value"] is not None and p["state"] != "final"],
        "hatch": hatch(x(waiting[0]) - 4.5, 1, w - 0.5, h - 1, 3.5) if waiting else "",
        "target_y": round(y(target), 1) if target is not None and finals else None,
        "earlier": [line([(x(i), y(earlier[i]["value"])) for i in run]) for run in runs(earlier) if len(run) > 1],
        "break_x": round(x(c["break_at"]), 1) if "break_at" in c else None,
        "tones": TONES,
    }


def _reach(points: Sequence[Chart], target: float | None) -> tuple[float, float]:
    """Low and high of a sparkline: its values, the target, and the newest interval, so that noise looks like noise."""
    known = [p for p in points if p["value"] is not None]
    values = [p["value"] for p in known] + [target for _ in known[:1] if target is not None]
    values += [p[end] for p in known[-1:] for end in ("low", "high") if p[end] is not None]
    return (min(values), max(values)) if values else (0.0, 1.0)


def _dot(p: Chart, x: float, y: Callable[[float], float]) -> Chart:
    return {"x": round(x, 1), "y": round(y(p["value"]), 1), "text": f"{p['label']}: {p['text']}"}


def _stacked(c: Chart) -> Chart:
    w, left, height, gap = 688.0, 62.0, 26.0, 8.0
    bars = []
    for i, bar in enumerate(c["bars"]):
        y, x, parts = i * (height + gap), left, []
        for p in bar["parts"]:
            size = p["value"] * (w - left - 1)
            fill, ink = FILLS[p["cell"]]
            full = f"{p['name']} {p['text']}"
            text = next((t for t in (full, p["text"]) if width(t, 10) + 4 <= size), "")
            parts.append({
                "x": round(x, 2), "w": round(max(0.0, size - 1), 2), "fill": fill, "ink": ink, "label": text,
                "text": full, "cell": p["cell"], "mid": round(x + (size - 1) / 2, 1),
                "hatch": hatch(x, y, x + max(0.0, size - 1), y + height) if p["cell"] == "immature" else "",
            })  # fmt: skip
            x += size
        bars.append({"name": bar["name"], "y": y, "parts": parts})
    return {"w": w, "h": max(height, len(bars) * (height + gap) - gap), "bar_h": height, "drawn": bars}


def _quadrant(c: Chart) -> Chart:
    w, h, left, right, top, bottom = 688.0, 218.0, 46.0, 12.0, 20.0, 34.0
    xs, ys = [p["x"] for p in c["points"]], [p["y"] for p in c["points"]]
    x_ticks = ticks(max(0.0, min(xs) - 0.02), min(1.0, max(xs) + 0.02), 6)
    headroom = 0.02 + (max(ys) - min(ys)) * 0.15
    y_ticks = ticks(max(0.0, min(ys) - 0.02), min(1.0, max(ys) + headroom), 5)
    (x0, x1), (y0, y1) = (x_ticks[0], x_ticks[-1]), (y_ticks[0], y_ticks[-1])

    def x(v: float) -> float:
        return left + (v - x0) / ((x1 - x0) or 1) * (w - left - right)

    def y(v: float) -> float:
        return h - bottom - (v - y0) / ((y1 - y0) or 1) * (h - top - bottom)

    biggest = max(p["n"] for p in c["points"])
    drawn = [
        {**p, "cx": round(x(p["x"]), 1), "cy": round(y(p["y"]), 1), "r": round(max(3.0, 15 * sqrt(p["n"] / biggest)), 1)}
        for p in sorted(c["points"], key=lambda p: (-p["n"], p["name"]))
    ]
    for p in drawn:
        p["tone"] = TONES["orange" if p["is_worst"] else "blue"]
    mid_x, mid_y = round(x(c["mid"]["x"]), 1), round(y(c["mid"]["y"]), 1)
    marks = [Mark(p["cx"], p["cy"], p["r"], _short(p), _rank(p, mid_x, mid_y)) for p in drawn]
    lines = [Box(left, mid_y - 1, w - right, mid_y + 1), Box(mid_x - 1, top, mid_x + 1, h - bottom)]
    placed = place(marks, Box(left + 1, top, w - right, h - bottom), [], lines)
    return {
        "w": w, "h": h, "left": left, "top": top, "x_end": w - right, "y_end": h - bottom, "mid_x": mid_x, "mid_y": mid_y,
        "x_axis": _axis(x0, x1, x, x_ticks), "y_axis": _axis(y0, y1, y, y_ticks), "circles": drawn,
        "labels": [{"label": label, "strong": p["is_worst"]} for p, label in zip(drawn, placed, strict=True) if label],
        "unlabelled": sum(label is None for label in placed),
    }  # fmt: skip


def _short(p: Chart) -> str:
    """The name, or what tells the segment apart where that is too long for a label."""
    return str(p["name"]) if len(p["name"]) <= 26 else words.clean(p.get("short", p["name"]), 26)


def _rank(p: Chart, mid_x: float, mid_y: float) -> float:
    """The segment that stands apart first, then those far from the average, then the large ones."""
    return float((1e6 if p["is_worst"] else 0.0) + abs(p["cx"] - mid_x) + 2 * abs(p["cy"] - mid_y) + p["r"])


def _trend(c: Chart) -> Chart:
    w, h, left, bottom = 688.0, 148.0, 40.0, 20.0
    names = [words.clean(s["name"], 22) for s in c["series"]]
    right = 14 + max([width(f"{n}") for n in names] + [width(_end(s)) for s in c["series"]] + [width("00.0%")])
    n = len(c["labels"])

    def x(i: float) -> float:
        return left + 6 + i * (w - right - left - 12) / max(1, n - 1)

    marks, lane_count = _release_marks(c["marks"], x, n, w)
    top = 8.0 + 12 * lane_count
    known = [v for s in c["series"] for p in s["points"] if p["value"] is not None for v in (p["value"], p["low"], p["high"])]
    known = [v for v in known if v is not None] or [0.0, 1.0]
    y_ticks = ticks(min(known), max(known), 4)
    y0, y1 = y_ticks[0], y_ticks[-1]

    def y(v: float) -> float:
        return h - bottom - (v - y0) / ((y1 - y0) or 1) * (h - top - bottom)

    open_ = [i for i in range(n) if any(s["points"][i]["state"] == "provisional" for s in c["series"])]
    half = (x(1) - x(0)) / 2 if n > 1 else 8
    box = (max(left, x(open_[0]) - half), top, min(w - right + 6, x(open_[-1]) + half), h - bottom) if open_ else None
    return {
        "w": w, "h": h, "left": left, "x_end": round(w - right + 6, 1), "top": top, "y_end": h - bottom,
        "y_axis": _axis(y0, y1, y, y_ticks), "x_axis": _x_axis(c["labels"], x), "release_marks": marks,
        "drawn": [_drawn(s, x, y, n <= 16) for s in c["series"]],
        "ends": _ends(c["series"], names, x, y, (top + 6, h - bottom - 14)), "hatch": hatch(*box) if box else "",
    }  # fmt: skip


def _x_axis(labels: Sequence[Chart], x: Callable[[float], float]) -> list[Chart]:
    found: list[Chart] = []
    free = float("-inf")
    for i, label in enumerate(labels):
        half = width(label["text"]) / 2
        if label["tick"] and x(i) - half > free:
            found.append({"at": round(x(i), 1), "text": label["text"]})
            free = x(i) + half + 6
    return found


def _release_marks(marks: Sequence[Chart], x: Callable[[float], float], n: int, w: float) -> tuple[list[Chart], int]:
    inside = [m for m in marks if -0.5 <= m["at"] <= n - 0.5]
    at = [min(x(m["at"]), x(n - 1)) for m in inside]
    wide = [width(m["label"], 9.5) for m in inside]
    starts = [a + 3 if a + 3 + s <= w else a - 3 - s for a, s in zip(at, wide, strict=True)]
    found = lanes(starts, wide, 3)
    drawn = [
        {"at": round(a, 1), "x": round(s, 1), "lane": lane, "label": m["label"] if lane is not None else "", "text": m["text"]}
        for m, a, s, lane in zip(inside, at, starts, found, strict=True)
    ]
    return drawn, max([0, *(lane + 1 for lane in found if lane is not None)])


def _drawn(s: Chart, x: Callable[[float], float], y: Callable[[float], float], dotted: bool) -> Chart:
    points, bands, lines = s["points"], [], []
    for run in runs(points):
        if len(run) > 1:
            lines.append(line([(x(i), y(points[i]["value"])) for i in run]))
        edge = [i for i in run if points[i]["low"] is not None and points[i]["high"] is not None]
        if len(edge) > 1:
            upper = [(x(i), y(points[i]["high"])) for i in edge]
            bands.append(line([*upper, *((x(i), y(points[i]["low"])) for i in reversed(edge))]) + "Z")
    dots = [
        {**_dot(p, x(i), y), "open": p["state"] != "final", "r": 2.6 if dotted else 1.6}
        for i, p in enumerate(points)
        if p["value"] is not None
    ]
    return {"tone": TONES[s["tone"]], "class": s["tone"], "lines": lines, "bands": bands, "dots": dots}


def _ends(
    series: Sequence[Chart], names: Sequence[str], x: Callable[[float], float], y: Callable[[float], float],
    room: tuple[float, float],
) -> list[Chart]:  # fmt: skip
    """Each line's name at its right end, moved apart where lines end close together."""
    last = [(s, name, _last(s["points"])) for s, name in zip(series, names, strict=True) if runs(s["points"])]
    heights = spread([y(s["points"][i]["value"]) for s, _, i in last], 24, *room)
    return [
        {"x": round(x(len(s["points"]) - 1) + 9, 1), "y": at, "name": name, "value": _end(s),
         "tone": TONES[s["tone"]], "class": s["tone"]}
        for (s, name, i), at in zip(last, heights, strict=True)
    ]  # fmt: skip


def _last(points: Sequence[Chart]) -> int:
    """The newest final point, or the newest point where none is final."""
    known = [i for i, p in enumerate(points) if p["value"] is not None]
    return max([i for i in known if points[i]["state"] == "final"] or known)


def _end(s: Chart) -> str:
    """The value at a line's end; its place in time, too, where that is not the line's last."""
    if not runs(s["points"]):
        return ""
    i = _last(s["points"])
    p = s["points"][i]
    value = str(p["text"]).split(" (")[0]
    return value if i == len(s["points"]) - 1 else f"{value}, {p['label']}"


KINDS: dict[str, Callable[[Chart], Chart]] = {
    "sparkline": _sparkline,
    "stacked": _stacked,
    "quadrant": _quadrant,
    "trend": _trend,
}
