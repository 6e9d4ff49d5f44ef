"""Nowcasts on stdout: beside their mature figures, and past ones beside what came true. Formats only; computes nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cxreports.analysis.measurement import HIDDEN
from cxreports.analysis.nowcast_score import Score, Scored, by_lag, by_size, summary
from cxreports.printing.cells import as_value, print_csv, print_json, print_table
from cxreports.printing.figures import as_data, as_state, measurement_lines, measurement_rows

if TYPE_CHECKING:
    from cxreports.analysis.following import GroupNowcast
    from cxreports.analysis.measurement import Measurement
    from cxreports.analysis.nowcast import Nowcast

_SHARE = "percent"


def print_beside(found: "Sequence[Measurement]", beside: "Sequence[GroupNowcast]", unit: str, form: str) -> None:
    """One line per measurement, with the nowcast of the same group and period where there is one."""
    at = {(g.period_start, tuple(sorted(g.by.items()))): g.nowcast for g in beside}
    pairs = [(m, None if m.reason == HIDDEN else at.get((m.period_start, tuple(sorted(m.by.items()))))) for m in found]
    if form == "json":
        print_json([{**as_data(m), "nowcast": asdict(n) if n else None} for m, n in pairs])
    elif form == "csv":
        head, rows = measurement_rows(found)
        named = ["maturity", "nowcast_n", "nowcast", "nowcast_low", "nowcast_high", "nowcast_reason"]
        print_csv([*head, *named], [row | _columns(n) for row, (_, n) in zip(rows, pairs, strict=True)])
    else:
        head, lines = measurement_lines(found, unit)
        cut = head.index("state")
        table = [[*line[:cut], *_cells(n, unit), as_state(m)] for line, (m, n) in zip(lines, pairs, strict=True)]
        print_table([*head[:cut], "maturity", "nowcast", "95 % of nowcasts", "of", "state"], table)
        print("  nowcast: what the figure is expected to be when the window of all has elapsed; maturity: the part that has")


def _columns(n: "Nowcast | None") -> dict[str, Any]:
    if n is None:
        return {}
    ends = {"nowcast": n.value, "nowcast_low": n.low, "nowcast_high": n.high}
    return {"maturity": n.maturity, "nowcast_n": n.n, "nowcast_reason": n.reason, **ends}


def _cells(n: "Nowcast | None", unit: str) -> list[str]:
    if n is None:
        return ["–", "–", "", "0"]
    ends = f"{as_value(n.low, unit)} to {as_value(n.high, unit)}" if n.value is not None else n.reason
    return [as_value(n.maturity, _SHARE), as_value(n.value, unit), ends, f"{n.n:,}"]


def print_score(metric: str, days: int, found: Sequence[Scored], form: str, each: bool) -> None:
    """How past nowcasts did: over all, by days after the cohort's end, by its size."""
    scores = [summary("all", found), *by_lag(found), *by_size(found)]
    if form != "table":
        lines = [asdict(s) | {"is_covered": s.is_covered} for s in found] if each else [asdict(s) for s in scores]
        if form == "json":
            print_json(lines)
        else:
            print_csv(list(lines[0]) if lines else [], lines)
        return
    if not found:
        print(f"{metric}: no nowcast could be made in this period whose window has elapsed by now")
        return
    print(f"{metric}: past nowcasts of {'one day' if days == 1 else f'{days} days'} against the final figure\n")
    head = ["nowcasts made", "scored", "mean error", "mean absolute error", "held by its 95 % interval", "its width"]
    print_table(head, [_score_cells(s) for s in scores])
    if each:
        print()
        head = ["from", "to", "days after", "n", "maturity", "nowcast", "95 % interval", "final", "held"]
        print_table(head, [_scored_cells(s) for s in found])


def _score_cells(s: Score) -> list[str]:
    points = [f"{100 * x:+.2f} pt" if x is not None else "–" for x in (s.error, s.absolute_error)]
    width = f"{100 * s.width:.1f} pt" if s.width is not None else "–"
    return [s.label, f"{s.scored:,}", points[0], points[1].lstrip("+"), as_value(s.coverage, _SHARE), width]


def _scored_cells(s: Scored) -> list[str]:
    ends = f"{as_value(s.low, _SHARE)} to {as_value(s.high, _SHARE)}"
    values = (as_value(s.maturity, _SHARE), as_value(s.value, _SHARE), ends, as_value(s.final, _SHARE))
    return [str(s.start), str(s.end), str(s.lag), f"{s.n:,}", *values, "yes" if s.is_covered else "no"]
