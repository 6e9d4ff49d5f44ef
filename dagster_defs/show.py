"""How results look on Dagster's pages: Markdown tables, and the report's own sparkline as an image. No figure is made here."""

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cxreports.analysis.measurement import Measurement
from cxreports.definitions.catalogue import Metric
from cxreports.definitions.resources import resource_dir
from cxreports.reports import words
from cxreports.reports.charts import layout
from cxreports.reports.figures import point

Metadata = dict[str, Any]
SCALE = 3  # a sparkline is drawn for a table's cell; here it has a window of its own


def table(names: Sequence[str], lines: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """A Markdown table; numbers to the right, nothing in it can end a cell early."""
    found = [[_cell(value) for value in line] for line in lines]
    rule = ["---:" if found and all(_is_number(line[i]) for line in found) else "---" for i in range(len(names))]
    return dg.MetadataValue.md("\n".join(f"| {' | '.join(line)} |" for line in [list(names), rule, *found]))


def sparkline(found: Sequence[Measurement], metric: Metric) -> dg.MarkdownMetadataValue:
    """The measurements of some days, in order, drawn as in the reports."""
    points = [point(m, metric.header.unit, words.day(m.period_start)) for m in found]
    known = [p for p in points if p["value"] is not None]
    alt = f"{metric.header.title}: {known[-1]['text']} on {known[-1]['label']}" if known else "nothing to draw"
    chart = layout({"kind": "sparkline", "id": metric.name, "alt": alt, "points": points, "target": None})
    env = Environment(loader=FileSystemLoader(resource_dir("templates")), autoescape=True, undefined=StrictUndefined)
    svg = env.get_template("charts/sparkline.svg.j2").render(c=chart)
    size, larger = (f'width="{k * chart["w"]}" height="{k * chart["h"]}"' for k in (1, SCALE))
    image = base64.b64encode(svg.replace(size, larger, 1).encode()).decode()
    return dg.MetadataValue.md(f"![{words.clean(alt)}](data:image/svg+xml;base64,{image})\n\n{words.clean(alt)}")


def measured(m: Measurement, metric: Metric) -> Metadata:
    """One figure with all that a reader must know to believe it; what is not known is left out, never 0."""
    text, band = words.measured(m, metric.header.unit)
    numbers = {"value": m.value, "low": m.low, "high": m.high}
    return {
        "figure": f"{text} ({band})" if band else text,
        **{name: float(number) for name, number in numbers.items() if number is not None},
        "n": m.n,
        "state": f"{m.state}: {m.reason}" if m.reason else m.state,
        "as_of": m.as_of.isoformat(),
    }


def parts(found: Sequence[Measurement], metric: Metric) -> Metadata:
    """A composition: each part's share."""
    lines = [(*m.by.values(), *words.measured(m, metric.header.unit), m.n, m.state) for m in found]
    names = [*found[0].by, "share", "95% interval", "n", "state"]
    return {"parts": table(names, lines), "n": sum(m.n for m in found), "as_of": found[0].as_of.isoformat()}


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|").replace("\n", " ")


def _is_number(text: str) -> bool:
    return text.replace(",", "").isdigit()
