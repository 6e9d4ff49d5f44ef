"""Schedules of the settings: what `monday = "09:00-17:30"` means, as openings of single weekdays. No dates here."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from cxreports.zones import known_zone

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Weekday, ...] = get_args(Weekday)
_SPAN = re.compile(r"(\d\d):([0-5]\d)\s*-\s*(\d\d):([0-5]\d)")
DAY_MIN = 24 * 60


class ScheduleSettings(BaseModel):
    """When one schedule is open, by the clock of its zone, from a local day up to and including another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: str
    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""
    sunday: str = ""
    holidays: tuple[date, ...] = ()  # local days on which it is closed from midnight to midnight
    first_day: date | None = None  # in force from that local day on
    last_day: date | None = None  # in force up to and including that local day

    _zone = field_validator("timezone")(known_zone)

    @field_validator(*DAYS)
    @classmethod
    def _read(cls, value: str) -> str:
        spans(value)
        return value

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError("first_day lies after last_day")
        return self


Schedules = Mapping[str, tuple[ScheduleSettings, ...]]


def spans(text: str) -> list[tuple[int, int]]:
    """`09:00-12:00, 13:00-17:30` as minutes after midnight; an end at or before the start belongs to the next day."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        matched = _SPAN.fullmatch(part)
        hours = [int(g) for g in matched.groups()] if matched else []
        if not hours or max(hours[0], hours[2]) > 24 or hours[0] * 60 + hours[1] >= DAY_MIN or hours[2] * 60 + hours[3] > DAY_MIN:
            raise ValueError(
                f"'{part}' is no opening; write hours as 09:00-17:30, several with commas, and the end of a day as 24:00"
            )
        opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        found.append((opens, closes if closes > opens else closes + DAY_MIN))
    return found


def openings_json(schedules: Schedules) -> str:
    """One object per opening of one weekday (0 is Monday), cut at midnight; a schedule without any has one that never opens."""
    rows = []
    for name, versions in schedules.items():
        for version in versions:
            known = {
                "schedule_id": name,
                "timezone": version.timezone,
                "first_day": version.first_day.isoformat() if version.first_day else None,
                "last_day": version.last_day.isoformat() if version.last_day else None,
            }
            parts = _parts(version) or [(0, 0, 0)]
            rows += [{**known, "weekday": day, "opens_min": opens, "closes_min": closes} for day, opens, closes in parts]
    return json.dumps(rows)


def holidays_json(schedules: Schedules) -> str:
    """One object per schedule and holiday."""
    found = {(name, day) for name, versions in schedules.items() for v in versions for day in v.holidays}
    return json.dumps([{"schedule_id": name, "day": day.isoformat()} for name, day in sorted(found)])


def default_schedule(schedules: Schedules) -> str:
    """The schedule of cases that name none: the first in the settings; empty without any."""
    return next(iter(schedules), "")


def _parts(version: ScheduleSettings) -> list[tuple[int, int, int]]:
    found = []
    for day, name in enumerate(DAYS):
        for opens, closes in spans(getattr(version, name)):
            found.append((day, opens, min(closes, DAY_MIN)))
            if closes > DAY_MIN:
                found.append(((day + 1) % 7, 0, closes - DAY_MIN))
    return found
