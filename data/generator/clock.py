"""Time as whole seconds since 1970 in UTC, and the calendar of Europe/London for the weeks of the sample.

The one clock change of the period is written down here, so that no time zone database is needed.
"""

from datetime import UTC, date, datetime, timedelta

FIRST_DAY = date(2026, 8, 24)
LAST_DAY = date(2026, 11, 23)
DAYS = tuple(FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
DAY = 86_400


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """The instant of a UTC date and time."""
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


SUMMER_ENDS = utc(2026, 10, 25, 1)  # 02:00 BST becomes 01:00 GMT


def local(instant: int) -> datetime:
    """The wall clock in London, without a zone."""
    shift = 3600 if instant < SUMMER_ENDS else 0
    return datetime.fromtimestamp(instant + shift, UTC).replace(tzinfo=None)


def at_local(day: date, seconds: int) -> int:
    """The instant of a wall-clock time; in the doubled hour, the first of the two."""
    wall = utc(day.year, day.month, day.day) + seconds
    return wall - 3600 if wall - 3600 < SUMMER_ENDS else wall


def iso(instant: int) -> str:
    """As Amazon Connect writes it: whole seconds, UTC."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(instant: int) -> date:
    """The UTC date."""
    return datetime.fromtimestamp(instant, UTC).date()


def week_of(instant: int) -> str:
    """The ISO week of the local date, as 2026-W45."""
    year, week, _ = local(instant).isocalendar()
    return f"{year}-W{week:02d}"
