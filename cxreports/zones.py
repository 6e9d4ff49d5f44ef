"""Names of time zones, and when a local day begins."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

from cxreports.errors import did_you_mean


def known_zone(name: str) -> str:
    """The name, if it is an IANA time zone."""
    if name not in available_timezones():
        raise ValueError(f"'{name}' is no IANA time zone; {did_you_mean(name, sorted(available_timezones()))}")
    return name


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
