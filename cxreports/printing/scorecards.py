"""Scorecards on stdout. Formats only; computes nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cxreports.printing.cells import as_value, print_csv, print_json, print_table
from cxreports.printing.figures import as_count, as_data, as_figure, as_state

if TYPE_CHECKING:
    from cxreports.analysis.scorecard import Line

MIX = ("own", "others", "difference", "low", "high", "n", "coverage")


def print_scorecard(lines: "Sequence[Line]", by: Sequence[str], form: str) -> None:
    """One line per figure, in the order that it comes in: no order of rank."""
    if form == "json":
        print_json([_record(line) for line in lines])
    elif form == "csv":
        head = ["metric", "title", "part", *by, "value", "low", "high", "n", "state", "reason", "better"]
        print_csv([*head, *(f"mix_{name}" for name in MIX), "why_no_mix"], [_flat(line) for line in lines])
    else:
        print_table(
            [*by, "figure", "value", "95 % interval", "n", "state", *_mix_heads(by)], [_cells(line, by) for line in lines]
        )


def _record(line: "Line") -> dict[str, Any]:
    return {
        **as_data(line.figure), "title": line.title, "part": line.part, "better": line.better,
        "same_mix": asdict(line.mix) if line.mix else None, "why_no_mix": line.why_no_mix,
    }  # fmt: skip


def _flat(line: "Line") -> dict[str, Any]:
    mix = {f"mix_{name}": getattr(line.mix, name) for name in MIX} if line.mix else dict.fromkeys(f"mix_{name}" for name in MIX)
    return {**_record(line), **line.figure.by, **mix}


def _mix_heads(by: Sequence[str]) -> list[str]:
    return ["others, same intents", "difference"] if by else []


def _cells(line: "Line", by: Sequence[str]) -> list[str]:
    f = line.figure
    name = f"{line.title}: {line.part}" if line.part else line.title
    value, interval = as_figure(f, line.unit)
    mixed: list[str] = []
    if by and line.mix:
        ends = f"{as_value(line.mix.low, line.unit)} to {as_value(line.mix.high, line.unit)}"
        mixed = [as_value(line.mix.others, line.unit), f"{as_value(line.mix.difference, line.unit)} ({ends})"]
    elif by:
        mixed = ["", line.why_no_mix]
    return [*(f.by.get(b, "") for b in by), name, value, interval, as_count(f), as_state(f), *mixed]
