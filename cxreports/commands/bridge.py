"""Two ways to count the same, side by side."""

from typing import Annotated

import typer

from cxreports.options import HERE, AsOf, Format, From, Metric, Period, ProjectDir, To, days_of, format_of, instant_of, pairs_of

app = typer.Typer()


@app.command()
def bridge(
    metric: Metric,
    other: Annotated[str, typer.Argument(help="The metric to bridge to. Default: list how vendors count it.")] = "",
    project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="breakdown=value; may be given more than once.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="Rows to print of each part; 0 for all.", min=0)] = 5,
    form: Format = "table",
) -> None:  # fmt: skip
    """Two figures side by side, and the interactions that explain their difference; it adds up exactly."""
    from cxreports import pipeline
    from cxreports.analysis import bridge as bridging
    from cxreports.printing.bridges import print_bridge, print_twins

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    days, only = days_of(opened, start, end, period, m.view.as_of), pairs_of(where or [])
    if other:
        print_bridge(bridging.bridge(m, metric, other, *days, only, limit or None), format_of(form))
    else:
        print_twins(metric, bridging.twins(m, metric, *days, only), m.header_of(metric).unit, format_of(form))
