"""How units are put into groups and periods: the SQL of a breakdown, days and weeks among them, and what a group covers."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cxreports.errors import QuestionError
from cxreports.zones import midnight

BUCKETS = {"day": "occurred_on", "week": "date_trunc('week', occurred_on)::date"}
_DAYS = {"day": 1, "week": 7}
EPOCH = date(1970, 1, 1)  # days are numbered from here


def key_sql(by: str) -> str:
    """SQL for the group of a row by a breakdown, or by `day` or `week`; NULL is the group 'not given'."""
    return f"coalesce(cast({BUCKETS.get(by, by)} as varchar), 'not given')"


def bucket(label: dict[str, str], start: date, end: date) -> tuple[date, date]:
    """Period of the bucket that `day` or `week` names, as far as it was asked for; takes it out of the label."""
    for name, days in _DAYS.items():
        if name in label:
            first = date.fromisoformat(label.pop(name))
            return max(first, start), min(first + timedelta(days=days), end)
    return start, end


def level_periods(by: Sequence[str], start: date, end: date) -> Iterator[tuple[date, date]]:
    """The days or weeks of start <= day < end, as `by` names one; a level is measured at the end of each."""
    days = min(_DAYS[b] for b in by if b in _DAYS)
    first = start
    while first < end:
        after = first + timedelta(days=days - (first.weekday() if days == _DAYS["week"] else 0))
        yield first, min(after, end)
        first = after


def level_at(day: date, zone: ZoneInfo) -> dict[str, Any]:
    """Parameters of a level's SQL: the local day, and the instant at which it ends."""
    return {"level_on": day, "day_end": midnight(day + timedelta(days=1), zone)}


def check_period(start: date, end: date) -> None:
    """QuestionError where start <= day < end holds no day."""
    if start >= end:
        raise QuestionError(f"the period from {start} to {end} has no day; 'to' is the first day that does not belong to it")
