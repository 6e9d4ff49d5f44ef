"""Figures that were published and are others now."""

from typing import Annotated

import typer

from cxreports.options import HERE, AsOf, Format, ProjectDir, date_of, days_of, format_of, instant_of

app = typer.Typer()


@app.command()
def restated(
    metric: Annotated[str, typer.Argument(help="Only this metric or variant. Default: all that were published.")] = "",
    project: ProjectDir = HERE,
    since: Annotated[str, typer.Option("--since", help="Only what was published as of that local date or later.")] = "",
    period: Annotated[str, typer.Option("--period", help="Only figures of this ISO week, such as 2026-W46.")] = "",
    as_of: AsOf = "",
    limit: Annotated[int, typer.Option("--limit", help="Rows to print of each figure; 0 for all.", min=0)] = 5,
    form: Format = "table",
    every: Annotated[bool, typer.Option("--every", help="Every publication of a figure, not only its latest.")] = False,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="List those, too, that were published as provisional.")
    ] = False,
) -> None:
    """Published figures that differ now: old and new, why, and the rows that moved them."""
    from cxreports import pipeline
    from cxreports.printing.restated import print_restated
    from cxreports.restated import Asked, restated

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    days = days_of(opened, "", "", period, m.view.as_of) if period else None
    asked = Asked(metric, date_of("--since", since) if since else None, days, every)
    print_restated(restated(opened, m, asked, limit or None), format_of(form), provisional)
