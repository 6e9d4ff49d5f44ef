"""What may be typed behind a command: the options that several commands share, and what their text means."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxreports.errors import QuestionError

if TYPE_CHECKING:
    from cxreports.pipeline import Project

ProjectDir = Annotated[Path, typer.Option("--project", help="Folder that holds cxreports.toml.")]
AsOf = Annotated[
    str, typer.Option("--as-of", help="As known then: a local date (its end) or an instant with offset. Default: now.")
]
Metric = Annotated[str, typer.Argument(help="A metric or variant by its name, such as resolution; docs/glossary.md lists them.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
By = Annotated[
    str,
    typer.Option(
        "--by", help="Breakdowns, comma-separated, such as channel,region; 'day' or 'week' gives one figure per day or week."
    ),
]
From = Annotated[str, typer.Option("--from", help="First local date of the period, such as 2026-11-16.")]
To = Annotated[str, typer.Option("--to", help="The day after the period's last.")]
Period = Annotated[
    str, typer.Option("--period", help="An ISO week such as 2026-W46, in place of --from and --to. Default: the last full week.")
]
Format = Annotated[str, typer.Option("--format", help="table, json or csv.")]
OneSource = Annotated[str, typer.Option("--source", help="Only this source.")]
HERE = Path()
FORMATS = ("table", "json", "csv")


def instant_of(text: str, project: "Project") -> datetime | None:
    """An as-of instant from a date (its local end) or an ISO instant with an offset; None where nothing was given."""
    from cxreports.pipeline import end_of_day

    if not text:
        return None
    try:
        return end_of_day(_sensible(date.fromisoformat(text)), project.settings)
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(text)
        _sensible(instant.date())
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise QuestionError(
            f"--as-of '{text}' is neither a date (2026-11-16) nor an instant with offset (2026-11-16T07:00+00:00)"
        )
    return instant.astimezone(UTC)


def days_of(project: "Project", start: str, end: str, period: str, as_of: datetime) -> tuple[date, date]:
    """The half-open period asked for; the last full week where none was given."""
    from cxreports.pipeline import last_full_week, week_of

    if start or end:
        if period or not (start and end):
            raise QuestionError("give either --period, or --from together with --to")
        return date_of("--from", start), date_of("--to", end)
    monday = week_of(period or last_full_week(as_of, project.settings))
    try:
        return monday, monday + timedelta(days=7)
    except OverflowError:
        raise QuestionError(f"'{period}' is beyond the calendar") from None


def date_of(option: str, text: str) -> date:
    """The local date that an option names."""
    try:
        return _sensible(date.fromisoformat(text))
    except ValueError:
        raise QuestionError(f"{option} '{text}' is no date; write it as 2026-11-16") from None


def _sensible(day: date) -> date:
    """The day, where a week or a year more can still be reckoned with."""
    if not 1900 <= day.year < 2200:
        raise ValueError
    return day


def pairs_of(where: Sequence[str]) -> dict[str, str]:
    """Breakdown → value, from `channel=chat`."""
    if faults := [f"--where '{w}': write it as breakdown=value, for example channel=chat" for w in where if "=" not in w]:
        raise QuestionError(faults)
    return dict(w.split("=", 1) for w in where)


def format_of(value: str) -> str:
    """One of the formats in which answers are printed."""
    if value not in FORMATS:
        raise QuestionError(f"--format '{value}': known are {', '.join(FORMATS)}")
    return value


def names_of(text: str) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
