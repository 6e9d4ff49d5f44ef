"""Names of time zones."""

from zoneinfo import available_timezones

from cxreports.errors import did_you_mean


def known_zone(name: str) -> str:
    """The name, if it is an IANA time zone."""
    if name not in available_timezones():
        raise ValueError(f"'{name}' is no IANA time zone; {did_you_mean(name, sorted(available_timezones()))}")
    return name
