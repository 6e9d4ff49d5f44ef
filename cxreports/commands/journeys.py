"""Journeys: runs, where they stopped, and the same step in every channel."""

from typing import Annotated

import typer

from cxreports.options import HERE, AsOf, Format, From, Period, ProjectDir, To, days_of, format_of, instant_of

app = typer.Typer()


@app.command()
def journeys(
    journey: Annotated[str, typer.Argument(help="One journey of the settings. Default: all.")] = "",
    project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "", form: Format = "table",
) -> None:  # fmt: skip
    """Journeys across channels: completion, time to goal, where runs stopped, and each step channel by channel."""
    from cxreports import pipeline
    from cxreports.analysis import journeys as told
    from cxreports.printing.journeys import print_journeys

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    days = days_of(opened, start, end, period, m.view.as_of)
    units = {name: m.header_of(name).unit for name in told.FIGURES}
    print_journeys(told.journeys(m, [journey] if journey else [], *days), units, format_of(form))
