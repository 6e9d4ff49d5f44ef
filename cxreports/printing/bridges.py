"""A bridge between two figures on stdout: both, the parts of their difference, and its units. Formats only."""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cxreports.printing.cells import as_text, as_value, print_csv, print_json, print_table, visible
from cxreports.printing.figures import as_state, measurement_lines

if TYPE_CHECKING:
    from cxreports.analysis.bridge import Bridge, Part
    from cxreports.analysis.measurement import Measurement

_ROW = ("part", "unit_id", "occurred_on", "num_a", "den_a", "num_b", "den_b", "share", "file", "position")


def print_bridge(found: "Bridge", form: str) -> None:
    """Both figures, what makes their difference, and the units that explain it."""
    if form == "json":
        print_json(_as_data(found))
        return
    lines = [r | {"part": _words(r["side"], r["reason"], found)} for r in found.rows]
    if form == "csv":
        print_csv(_ROW, lines)
        return
    known = [f for f in (found.a, found.b) if f is not None]
    print_table(*measurement_lines(known, found.unit))
    if why := [f"{f.metric} is {as_state(f)}" for f in known if f.state == "not_computable"]:
        print(visible("\n" + "; ".join(why)))
        return
    if not found.parts:
        print("\nnothing was counted by either in this period")
        return
    _print_parts(found)
    if lines:
        print(f"\nWhat is counted otherwise, one {found.grain} a line:")
        at = {(p.side, p.reason): str(no) for no, p in enumerate(found.parts, 1)}
        heads = [
            "no",
            found.grain,
            "day",
            f"{found.name_a} num",
            "den",
            f"{found.name_b} num",
            "den",
            "share",
            "file",
            "position",
        ]
        print_table(heads, [[at[r["side"], r["reason"]], *_cells(r, found.unit)] for r in lines])
    if found.total:
        print(
            f"  {len(lines):,} of {found.total:,} {found.grain}s; --limit 0 shows all, --format csv writes them for a spreadsheet"
        )


def _print_parts(found: "Bridge") -> None:
    a, b = found.name_a, found.name_b
    print(f"\nDifference {b} − {a}: {_points(found.difference, found.unit)}, made of")
    head = ["no", "part", f"{found.grain}s", f"{a} num", "den", f"{b} num", "den", "share"]
    lines = [[str(no), *_part_cells(p, found)] for no, p in enumerate(found.parts, 1)]
    sums = [sum(getattr(p, c) for p in found.parts) for c in ("units", "num_a", "den_a", "num_b", "den_b")]
    total = sum((p.share for p in found.parts if p.share is not None), Fraction(0)) if found.difference is not None else None
    print_table(head, [*lines, ["", "all", *(f"{n:,}" for n in sums), _points(total, found.unit)]])


def _part_cells(p: "Part", found: "Bridge") -> list[str]:
    numbers = [f"{n:,}" for n in (p.units, p.num_a, p.den_a, p.num_b, p.den_b)]
    return [_words(p.side, p.reason, found), *numbers, _points(p.share, found.unit)]


def _words(side: str, reason: str, found: "Bridge") -> str:
    """One part in words."""
    a, b = found.name_a, found.name_b
    both = {
        "alike": "counted alike by both",
        "weighed": "in both, with another weight",
        "more": f"in both, a yes for {b} only" if found.is_share else f"in both, more for {b}",
        "less": f"in both, a yes for {a} only" if found.is_share else f"in both, less for {b}",
        "only_a": f"only in {a}; {b}: {reason}",
        "only_b": f"only in {b}; {a}: {reason}",
    }
    return both[side]


def _points(x: Fraction | float | None, unit: str) -> str:
    """A difference in the unit of its figures; of percentages in points."""
    if x is None:
        return "–"
    return f"{100 * float(x):+.2f} pt" if unit == "percent" else f"{float(x):+,.2f}{' s' if unit == 'seconds' else ''}"


def _cells(r: dict[str, Any], unit: str) -> list[str]:
    return [_points(r[c], unit) if c == "share" else as_text(r[c]) for c in _ROW[1:]]


def _as_data(found: "Bridge") -> dict[str, Any]:
    def number(x: Fraction | None) -> float | None:
        return None if x is None else float(x)

    parts = [asdict(p) | {"share": number(p.share), "words": _words(p.side, p.reason, found)} for p in found.parts]
    return asdict(found) | {"difference": number(found.difference), "parts": parts}


def print_twins(name: str, told: Sequence[tuple[str, str, "Measurement | None"]], unit: str, form: str) -> None:
    """A metric, how vendors count the same, and its earlier versions: name, title and figure."""
    if form == "json":
        print_json([{"metric": n, "title": t, "figure": asdict(f) if f else None} for n, t, f in told])
        return
    if form == "csv":
        print_csv(["metric", "title", "value", "n", "state"], [_twin(n, t, f) for n, t, f in told])
        return
    lines = [
        [n, t, as_value(f.value if f else None, unit), f"{f.n:,}" if f else "0", as_state(f) if f else ""] for n, t, f in told
    ]
    print_table(["metric", "title", "value", "n", "state"], lines)
    if len(told) == 1:
        print(f"  no vendor's way to count {name} is known, and no earlier version; name another metric to bridge to")
    else:
        print(f"  'cxreports bridge {name} {told[1][0]}' takes their difference apart")


def _twin(name: str, title: str, f: "Measurement | None") -> dict[str, Any]:
    return {"metric": name, "title": title} | ({"value": f.value, "n": f.n, "state": as_state(f)} if f else {})
