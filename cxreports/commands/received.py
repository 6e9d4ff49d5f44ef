"""What arrived, what became of every record, and what did not come."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cxreports.commands.telling import tell
from cxreports.options import HERE, AsOf, Format, From, Json, OneSource, ProjectDir, To, date_of, format_of, instant_of

app = typer.Typer()
quarantine = typer.Typer(no_args_is_help=True, help="Records that could not be read: list them, or read them again.")
app.add_typer(quarantine, name="quarantine")


@app.command()
def accounts(
    project: ProjectDir = HERE, as_of: AsOf = "", as_json: Json = False,
    each_file: Annotated[bool, typer.Option("--files", help="List every file, too.")] = False,
    masked: Annotated[bool, typer.Option("--masked", help="What was masked in words instead: column, kind, how many.")] = False,
    drift: Annotated[bool, typer.Option("--drift", help="Instead: how the fields of the exports have changed.")] = False,
) -> None:  # fmt: skip
    """Per source: received = loaded + duplicate + superseded + quarantined, and every record in quarantine."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    instant = instant_of(as_of, opened)
    if masked:
        printing.print_masked(received.masked(opened, instant), as_json, each_file)
    elif drift:
        printing.print_drift(received.schema_drift(opened, instant), as_json)
    else:
        found, odd = received.file_accounts(opened, instant), received.odd_dates(opened, instant)
        printing.print_accounts(*found, as_json, each_file, *odd)


@app.command()
def sources(
    project: ProjectDir = HERE, source: OneSource = "", as_of: AsOf = "", form: Format = "table", as_json: Json = False,
    metric: Annotated[str, typer.Option("--metric", help="Only this metric or variant.")] = "",
) -> None:  # fmt: skip
    """What arrived from every source, and which metrics can be measured from it: measured, derived, partial or not, and why."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    form = format_of("json" if as_json else form)
    printing.print_sources(*received.sources(opened, metric or None, source or None, instant_of(as_of, opened)), form)


@app.command()
def reconcile(
    project: ProjectDir = HERE, source: OneSource = "", start: From = "", end: To = "", as_of: AsOf = "", as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 where a file is missing or a total differs.")] = False,
) -> None:  # fmt: skip
    """Hours and days of which no file came, and other systems' totals beside what was loaded. Default: of all expected days."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    first, last = (date_of("--from", start) if start else None, date_of("--to", end) if end else None)
    found = received.reconcile_sources(opened, source or None, first, last, instant_of(as_of, opened))
    printing.print_reconciliation(found, as_json)
    raise typer.Exit(1 if strict and not found.is_whole else 0)


@quarantine.command("list")
def quarantine_list(project: ProjectDir = HERE, source: OneSource = "", as_of: AsOf = "", as_json: Json = False) -> None:
    """Every record that could not be read: where it stands, why, and how it begins (masked)."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    printing.print_quarantine(received.quarantined(opened, source or None, instant_of(as_of, opened)), as_json)


@quarantine.command("retry")
def quarantine_retry(project: ProjectDir = HERE, source: OneSource = "", as_of: AsOf = "", as_json: Json = False) -> None:
    """Read quarantined records again after a definition or a setting was mended; load those that can be read now."""
    from cxreports import pipeline, printing, upkeep

    opened = pipeline.open_project(project)
    instant = instant_of(as_of, opened) or datetime.now(UTC).replace(microsecond=0)
    result = upkeep.retry(opened, instant, tell, source or None)
    printing.print_retry(result, as_json)
