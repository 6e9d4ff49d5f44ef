"""Figures and the way back to their rows."""

from typing import Annotated

import typer

from cxreports.options import (
    HERE,
    AsOf,
    By,
    Format,
    From,
    Metric,
    Period,
    ProjectDir,
    To,
    days_of,
    format_of,
    instant_of,
    names_of,
    pairs_of,
)

app = typer.Typer()
nowcast = typer.Typer(no_args_is_help=True, help="What windowed figures are expected to become, and how good that was.")
app.add_typer(nowcast, name="nowcast")


@app.command()
def measure(
    metric: Metric, project: ProjectDir = HERE, by: By = "", start: From = "", end: To = "", period: Period = "",
    as_of: AsOf = "", form: Format = "table",
    expected: Annotated[bool, typer.Option("--nowcast", help="Beside it, what it will be when its window is over.")] = False,
) -> None:  # fmt: skip
    """A metric over a period, by some groups, with interval and state; for four weeks after a new version, both of them."""
    from cxreports import pipeline, printing
    from cxreports.analysis.following import nowcasts
    from cxreports.analysis.suppression import hide_small
    from cxreports.printing.nowcasts import print_beside

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    header = opened.catalogue.metric(metric, opened.settings.variants)[0].header
    found = hide_small(m.measure(metric, names_of(by), first, last), header)
    if expected:
        print_beside(found, nowcasts(m, metric, names_of(by), first, last), header.unit, format_of(form))
    else:
        if format_of(form) == "table" and (old := pipeline.earlier_name(opened, metric, m.view.as_of)):
            found += hide_small(m.measure(old, names_of(by), first, last), m.header_of(old))
        printing.print_measurements(found, header.unit, format_of(form))


@app.command()
def metrics(
    project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "", form: Format = "table",
    known: Annotated[str, typer.Option("--known", help="Only 'live' (known at once) or 'lagging' (wait for a window).")] = "",
    subject: Annotated[str, typer.Option("--subject", help="Only of this subject, as docs/glossary.md names it.")] = "",
) -> None:  # fmt: skip
    """All metrics: name, subject, owner, when they are known. With a period: the figure of each."""
    from cxreports import pipeline
    from cxreports.definitions.glossary import chosen
    from cxreports.printing.metrics import print_figures, print_metrics

    opened = pipeline.open_project(project)
    found = chosen(opened.catalogue, known, subject)
    if not (start or end or period):
        print_metrics(found, format_of(form))
        return
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    print_figures(found, [figure for name in found for figure in m.measure(name, [], first, last)], format_of(form))


@nowcast.command("score")
def nowcast_score(
    metric: Metric, project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "",
    days: Annotated[int, typer.Option("--days", help="Days of a cohort: 1, or 7 as in a weekly report.", min=1, max=31)] = 1,
    form: Format = "table",
    each: Annotated[bool, typer.Option("--each", help="List every past nowcast, too (JSON and CSV: instead).")] = False,
) -> None:  # fmt: skip
    """Past nowcasts against what came true: error, and how often the 95 % interval held the final figure."""
    from cxreports import pipeline
    from cxreports.analysis.nowcast_score import score_history
    from cxreports.printing.nowcasts import print_score

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    print_score(metric, days, score_history(m, metric, days, first, last), format_of(form), each)


@app.command()
def explain(
    metric: Metric, project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="breakdown=value; may be given more than once.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="Rows to print; 0 for all.", min=0)] = 20,
    form: Format = "table",
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL and its parameters, too.")] = False,
) -> None:  # fmt: skip
    """The rows behind a figure: what each unit counted, why it was left out, and its record (file and position)."""
    from cxreports import pipeline, printing
    from cxreports.analysis.explain import explain as explain_rows

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    found = explain_rows(m, metric, first, last, pairs_of(where or []), limit or None)
    unit = opened.catalogue.metric(metric, opened.settings.variants)[0].header.unit
    printing.print_explanation(found, unit, format_of(form), sql)


@app.command()
def flow(
    project: ProjectDir = HERE, by: Annotated[str, typer.Option("--by", help="Of day, queue, channel, source.")] = "queue",
    start: From = "", end: To = "", period: Period = "", as_of: AsOf = "", form: Format = "table",
) -> None:  # fmt: skip
    """Offered = answered + abandoned + flowed out + callback + in progress, by queue; what does not fit, row by row."""
    from cxreports import pipeline, printing
    from cxreports.analysis.flow import flows

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    wanted = names_of(by)
    printing.print_flows(flows(m, wanted, first, last), wanted, format_of(form))
