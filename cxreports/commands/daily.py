"""What is done every day and every week: load what is new, write a report."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cxreports.commands.telling import stop_if, tell
from cxreports.options import HERE, AsOf, Json, Period, ProjectDir, instant_of

app = typer.Typer()


@app.command()
def run(project: ProjectDir = HERE, as_of: AsOf = "", as_json: Json = False) -> None:
    """Load what is new, compute what it changes. Running again with nothing new changes nothing."""
    from cxreports import pipeline, printing

    opened = pipeline.open_project(project)
    now = datetime.now(UTC)
    result = pipeline.run(opened, instant_of(as_of, opened) or now.replace(microsecond=0), tell, now)
    printing.print_run(result, opened.folder, as_json)


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="Which report; so far: weekly.")] = "weekly",
    project: ProjectDir = HERE,
    period: Period = "",
    as_of: AsOf = "",
) -> None:
    """Write a report of a period (default: the last full week) as report.json, HTML and PDF."""
    from cxreports import pipeline, printing

    opened = pipeline.open_project(project)
    instant = instant_of(as_of, opened)
    head = opened.lake.head()
    week = period or pipeline.last_full_week(instant or (head.as_of_instant if head else datetime.now(UTC)), opened.settings)
    files = pipeline.report(opened, name, week, instant)
    print(f"{files.report['headline']}\n")
    printing.print_files(files)
    stop_if(files.fault)
