"""What an AI, and what people, are judged by."""

import sys
from typing import Annotated

import typer

from cxreports.options import HERE, AsOf, Format, From, Period, ProjectDir, To, days_of, format_of, instant_of, names_of

app = typer.Typer()


@app.command()
def scorecard(
    who: Annotated[str, typer.Argument(help="ai or human: never both, they are not asked the same.")],
    project: ProjectDir = HERE,
    by: Annotated[
        str, typer.Option("--by", help="One line each: ai_agent, ai_agent_version for ai; agent_id, team for human.")
    ] = "",
    start: From = "", end: To = "", period: Period = "", as_of: AsOf = "", form: Format = "table",
) -> None:  # fmt: skip
    """The figures of an AI or of people side by side, each beside what others reach with the same intents; no rank, no total."""
    from cxreports import pipeline
    from cxreports.analysis import scorecard as cards
    from cxreports.printing.scorecards import print_scorecard

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    wanted = names_of(by)
    lines = cards.scorecard(m, who, wanted, first, last)
    if "agent_id" in wanted:
        print("figures of single people are personal data; docs/scorecards.md says who should see them", file=sys.stderr)
    print_scorecard(lines, wanted, format_of(form))
