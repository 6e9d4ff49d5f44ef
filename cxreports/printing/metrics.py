"""The catalogue of metrics on stdout, and with a period every figure of it. Formats only; computes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from cxreports.printing.cells import as_value, print_csv, print_json, print_table
from cxreports.printing.figures import as_interval, as_state, measurement_rows

if TYPE_CHECKING:
    from cxreports.analysis.measurement import Measurement
    from cxreports.definitions.definition import MetricHeader

HEAD = ("name", "subject", "title", "known", "unit", "better", "owner", "version")


def print_metrics(metrics: "Mapping[str, MetricHeader]", form: str) -> None:
    """One line per metric: what it is called, when it is known, who owns it."""
    lines = [dict(zip(HEAD, _cells(name, h), strict=True)) for name, h in metrics.items()]
    if form == "json":
        print_json(lines)
    elif form == "csv":
        print_csv(HEAD, lines)
    else:
        print_table(HEAD, [[str(cell) for cell in line.values()] for line in lines])


def print_figures(metrics: "Mapping[str, MetricHeader]", found: "Sequence[Measurement]", form: str) -> None:
    """One line per figure, each in the unit of its metric."""
    if form == "json":
        print_json([asdict(m) for m in found])
    elif form == "csv":
        print_csv(*measurement_rows(found))
    else:
        print_table(
            ("metric", "part", "known", "value", "95 % interval", "n", "state"), [_line(metrics[m.metric], m) for m in found]
        )


def _cells(name: str, h: "MetricHeader") -> tuple[str | int, ...]:
    return name, h.subject, h.title, h.known, h.unit, h.better, h.owner, h.version


def _line(h: "MetricHeader", m: "Measurement") -> list[str]:
    part = ", ".join(m.by.values())
    return [m.metric, part, h.known, as_value(m.value, h.unit), as_interval(m, h.unit), f"{m.n:,}", as_state(m)]
