"""Names of time zones, IANA's and those of Rails that some exports have, and when a local day begins."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cxreports.errors import did_you_mean

# Areas in which a zone may be named by its city alone. A city that stands in two is one place under an old and a new name.
_AREAS = ("Europe", "Asia", "America", "Africa", "Australia", "Pacific", "Atlantic")
# Names of Rails that are no city of IANA's: places that share the clock of one, or parts of countries.
_PLACES = {
    "Abu Dhabi": "Asia/Dubai", "Alaska": "America/Juneau", "American Samoa": "Pacific/Pago_Pago", "Arizona": "America/Phoenix",
    "Astana": "Asia/Almaty", "Atlantic Time (Canada)": "America/Halifax", "Beijing": "Asia/Shanghai", "Bern": "Europe/Zurich",
    "Brasilia": "America/Sao_Paulo", "Cape Verde Is.": "Atlantic/Cape_Verde", "Central America": "America/Guatemala",
    "Central Time (US & Canada)": "America/Chicago", "Chatham Is.": "Pacific/Chatham", "Chennai": "Asia/Kolkata",
    "Eastern Time (US & Canada)": "America/New_York", "Edinburgh": "Europe/London", "Ekaterinburg": "Asia/Yekaterinburg",
    "Georgetown": "America/Guyana", "Greenland": "America/Nuuk", "Guadalajara": "America/Mexico_City",
    "Hanoi": "Asia/Ho_Chi_Minh", "Hawaii": "Pacific/Honolulu", "Indiana (East)": "America/Indiana/Indianapolis",
    "International Date Line West": "Etc/GMT+12", "Islamabad": "Asia/Karachi", "Kyiv": "Europe/Kyiv",
    "Marshall Is.": "Pacific/Majuro", "Mid-Atlantic": "Atlantic/South_Georgia", "Midway Island": "Pacific/Midway",
    "Mountain Time (US & Canada)": "America/Denver", "Mumbai": "Asia/Kolkata", "New Caledonia": "Pacific/Noumea",
    "New Delhi": "Asia/Kolkata", "Newfoundland": "America/St_Johns", "Nuku'alofa": "Pacific/Tongatapu", "Osaka": "Asia/Tokyo",
    "Pacific Time (US & Canada)": "America/Los_Angeles", "Pretoria": "Africa/Johannesburg", "Quito": "America/Guayaquil",
    "Rangoon": "Asia/Yangon", "Samoa": "Pacific/Apia", "Sapporo": "Asia/Tokyo", "Saskatchewan": "America/Regina",
    "Solomon Is.": "Pacific/Guadalcanal",
    "Sri Jayawardenepura": "Asia/Colombo", "St. Petersburg": "Europe/Moscow", "Tokelau Is.": "Pacific/Fakaofo",
    "Wellington": "Pacific/Auckland", "West Central Africa": "Africa/Algiers",
}  # fmt: skip


_zones = cache(available_timezones)  # it looks through the folders of the operating system


def known_zone(name: str) -> str:
    """The name, if it is an IANA time zone."""
    if name not in _zones():
        raise ValueError(f"'{name}' is no IANA time zone; {did_you_mean(name, sorted(_zones()))}")
    return name


def zone_of(name: str) -> str | None:
    """The IANA name of a zone that is named by it, by its city alone or as Rails does; None where nobody knows it."""
    if name in _zones():
        return name
    return _PLACES.get(name) or _cities().get(name)


def zone_names() -> list[str]:
    """Every name that `zone_of` knows."""
    return sorted({*_zones(), *_PLACES, *_cities()})


@cache
def _cities() -> dict[str, str]:
    """City → zone, as `London` → `Europe/London`."""
    zones = [z for z in _zones() if z.partition("/")[0] in _AREAS]
    ranked = sorted(zones, key=lambda z: (_AREAS.index(z.partition("/")[0]), z), reverse=True)
    return {zone.rpartition("/")[2].replace("_", " "): zone for zone in ranked}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
