"""Journeys on stdout: figures, where runs stopped, steps by channel. Formats only; computes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cxreports.printing.cells import print_csv, print_json, print_table, visible
from cxreports.printing.figures import as_figure, as_state

if TYPE_CHECKING:
    from cxreports.analysis.journeys import JourneyFigures, StepLine

_FIRST = "Passed at the first try, by the channel where it was first tried:"
_LEFT_OUT = ("not applicable", "not evaluated", "evaluation error", "window not elapsed")


def print_journeys(found: "Sequence[JourneyFigures]", units: Mapping[str, str], form: str) -> None:
    """Every journey in turn; as CSV a line per metric, step and channel."""
    if form == "json":
        print_json([asdict(j) for j in found])
    elif form == "csv":
        lines = [_step_row(j, s) for j in found for s in (*j.steps, *j.first_tries)]
        print_csv(list(lines[0]) if lines else [], lines)
    else:
        for n, j in enumerate(found):
            if n:
                print()
            _print_journey(j, units)


def _print_journey(j: "JourneyFigures", units: Mapping[str, str]) -> None:
    print(visible(f"{j.title} ({j.journey}), {j.owner}"))
    for sign in j.unseen:
        print(visible(f"  never came: {sign}"))
    if not j.figures:
        print("  no run began in this period")
        return
    lines = []
    for name, f in j.figures.items():
        left_out = ", ".join(f"{n:,} {why}" for why, n in f.excluded.items())
        lines.append([name, *as_figure(f, units[name]), f"{f.n:,}", as_state(f), left_out])
    print_table(["metric", "value", "95 % interval", "runs", "state", "left out"], lines)
    if j.drop_outs:
        whole = sum(d.n for d in j.drop_outs)
        print(f"\nWhere {whole:,} {'run' if whole == 1 else 'runs'} ended without the goal, by the first step that is lacking:")
        cells = [[d.step or "(no steps)", d.channel or "not given", f"{d.n:,}", f"{d.n / whole:.1%}"] for d in j.drop_outs]
        print_table(["step", "last channel", "runs", "share"], cells)
    for words, steps, n in (("Steps by channel:", j.steps, j.compared[0]), (_FIRST, j.first_tries, j.compared[1])):
        if steps:
            print(f"\n{words}")
            head = ["step", "channel", "passed", "95 % interval", "runs", *_LEFT_OUT[:3], "against the best channel", ""]
            print_table(head, [_step_cells(s) for s in steps])
        if n:
            print(f"  intervals of differences hold at 95 % for {'the difference' if n == 1 else f'all {n} together'}")


def _step_cells(s: "StepLine") -> list[str]:
    f, d = s.figure, s.difference
    value, ends = as_figure(f, "percent")
    counts = [f"{f.excluded.get(why, 0):,}" for why in _LEFT_OUT[:3]]
    gap = ""
    if d is not None and d.value is not None and d.low is not None and d.high is not None:
        gap = f"{100 * d.value:+.1f} pt ({100 * d.low:+.1f} to {100 * d.high:+.1f}) to {s.best}"
    return [s.step, s.channel, value, ends, f"{f.n:,}", *counts, gap, "clearly worse" if s.is_clear else ""]


def _step_row(j: "JourneyFigures", s: "StepLine") -> dict[str, Any]:
    f, d = s.figure, s.difference
    known = {
        "metric": f.metric,
        "journey": j.journey,
        "step": s.step,
        "channel": s.channel,
        "n": f.n,
        "num": f.num,
        "value": f.value,
        "low": f.low,
    }
    gap = {"difference": d and d.value, "difference_low": d and d.low, "difference_high": d and d.high}
    left_out = {why.replace(" ", "_"): f.excluded.get(why, 0) for why in _LEFT_OUT}
    return {**known, "high": f.high, "state": f.state, **left_out, "best": s.best, **gap}
