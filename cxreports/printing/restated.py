"""Restated figures on stdout: old and new, the reasons that add up to the difference, and the rows. Formats only."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cxreports.printing.cells import as_value, print_csv, print_json, print_table, visible

if TYPE_CHECKING:
    from cxreports.analysis.measurement import Measurement
    from cxreports.analysis.restatement import Restatement
    from cxreports.lake.published import PublishedFigure
    from cxreports.restated import Answer

_FIGURE = (
    "metric",
    "period_start",
    "period_end",
    "breakdown",
    "published_as_of",
    "value_then",
    "state_then",
    "value_now",
    "state_now",
)
_ROW = (
    "reason", "unit_id", "occurred_on", "counted_then", "num_then", "den_then", "left_out_then", "counted_now", "num_now",
    "den_now", "left_out_now", "file", "position",
)  # fmt: skip
_SHOWN = ("reason", "unit_id", "occurred_on", "num_then", "den_then", "num_now", "den_now", "file", "position")


def print_restated(answer: "Answer", form: str, with_provisional: bool) -> None:
    """For people those that stood fast when they were published, and how many others moved as announced; for programs all."""
    if form == "json":
        print_json([_as_data(r) for r in answer.found])
        return
    if form == "csv":
        print_csv([*_FIGURE, *_ROW], [_figure(r) | row for r in answer.found for row in (r.rows or [{}])])
        return
    shown = [r for r in answer.found if with_provisional or not r.is_ripened]
    if shown:
        head = ["no", "metric", "from", "to", "group", "published", "as of", "now", "why"]
        print_table(head, [[str(no), *_line(r, answer.units)] for no, r in enumerate(shown, 1)])
    else:
        print("no figure that stood fast was restated")
    for no, r in enumerate(shown, 1):
        _print_rows(no, r)
    if left := len(answer.found) - len(shown):
        print(f"\n{left:,} more were provisional when they were published, and moved as announced; --provisional lists them")
    print(f"  {len(answer.found):,} of {answer.n_published:,} published figures are others now")


def _line(r: "Restatement", units: Any) -> list[str]:
    unit = units.get(r.then.metric, "")
    group = ", ".join(f"{k}={v}" for k, v in json.loads(r.then.breakdown).items())
    was, now = (_side(side, unit) for side in (r.then, r.now))
    why = "; ".join(
        f"{p.reason} {_points(p.share, unit)} ({'rows not known' if p.units is None else f'{p.units:,}'})" for p in r.parts
    )
    return [r.then.metric, str(r.then.period_start), str(r.then.period_end), group, was, f"{r.then.as_of:%Y-%m-%d}", now, why]


def _side(side: "PublishedFigure | Measurement", unit: str) -> str:
    """81.6% (487/597) final; – not computable"""
    counts = f" ({side.num}/{side.den})" if side.num is not None else ""
    return f"{as_value(side.value, unit)}{counts} {side.state.replace('_', ' ')}"


def _points(share: Fraction | None, unit: str) -> str:
    """A difference in the metric's unit, with its sign; empty where it is no sum over units."""
    if share is None:
        return ""
    text = as_value(abs(float(share)), unit).replace("%", " points")
    return f"{'−' if share < 0 else '+'}{text}"


def _print_rows(no: int, r: "Restatement") -> None:
    if not r.rows:
        return
    print()
    print(visible(f"{no}  {r.then.metric}, {r.then.period_start}: {len(r.rows):,} of the {r.total:,} rows that moved it"))
    print_table(list(_SHOWN), [["" if row[c] is None else str(row[c]) for c in _SHOWN] for row in r.rows])


def _figure(r: "Restatement") -> dict[str, Any]:
    known = (
        r.then.metric, r.then.period_start, r.then.period_end, r.then.breakdown, r.then.as_of, r.then.value, r.then.state,
        r.now.value, r.now.state,
    )  # fmt: skip
    return dict(zip(_FIGURE, known, strict=True))


def _as_data(r: "Restatement") -> dict[str, Any]:
    parts = [asdict(p) | {"share": None if p.share is None else float(p.share)} for p in r.parts]
    difference = None if r.difference is None else float(r.difference)
    then = asdict(r.then) | {"breakdown": json.loads(r.then.breakdown), "excluded": json.loads(r.then.excluded)}
    return {
        "then": then, "now": asdict(r.now), "was_provisional": r.is_ripened, "difference": difference, "parts": parts,
        "total": r.total, "rows": _rows(r.rows),
    }  # fmt: skip


def _rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{c: row[c] for c in ("unit_id", *(c for c in _ROW if c != "unit_id"))} for row in rows]
