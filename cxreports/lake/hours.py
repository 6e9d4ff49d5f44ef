"""Schedules that exports brought, beside those of the settings: which hours were in force when, as parameters of the tables.

A version of a record counts from its time (the source's, else when it became known) to that of the next. What came with the first
delivery of a schedule counts for the time before, too: older hours are not known. Later versions never move what was before them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from cxreports.definitions.definition import Scalar
from cxreports.errors import LakeError
from cxreports.lake.engine import Connection, rows
from cxreports.opening_hours import DAY_MIN
from cxreports.zones import zone_of

_OLDEST_FIRST = "version_at nulls first, coalesce(is_overtaken, false) desc, known_at, file_no nulls first, file_id, position"
_OPENINGS = f"""
    select
        source, record_key, file_id, position, schedule_id, timezone, created_at, opens_min, closes_min,
        coalesce(version_at, known_at) as since,
        known_at = min(known_at) over (partition by source, schedule_id) as is_first
    from stg_schedule_openings
    order by source, record_key, {_OLDEST_FIRST}, opens_min, closes_min
"""
_HOLIDAYS = f"""
    select
        h.source, h.record_key, h.file_id, h.position, h.schedule_id, h.first_on, coalesce(h.last_on, h.first_on) as last_on,
        coalesce(h.version_at, h.known_at) as since,
        h.known_at = f.known_at as is_first
    from stg_schedule_holidays as h
    join (select source, min(known_at) as known_at from stg_files group by source) as f on f.source = h.source
    order by h.source, h.record_key, {_OLDEST_FIRST.replace("known_at", "h.known_at")}
"""
Row = dict[str, Any]
Span = tuple[str, int, int]  # zone, opens and closes in minutes after Monday 00:00
Opening = tuple[Span, datetime | None, datetime | None]  # in force from and until


@dataclass(frozen=True)
class _Version:
    """What one record said, in force from one instant (None: ever) until another (None: still)."""

    rows: tuple[Row, ...]
    from_at: datetime | None
    until_at: datetime | None

    @property
    def row(self) -> Row:
        return self.rows[0]


def with_landed(con: Connection, params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """The parameters of the computed tables, with the schedules that `stg_…` hold besides those of the settings.

    A schedule of the settings wins over an export's of the same name. LakeError where two sources differ in the hours of one
    schedule, or a zone is not known.
    """
    landed = list(_versions(rows(con, _OPENINGS)))
    if not landed:
        return params
    own = json.loads(str(params.get("openings", "[]")))
    names = list(dict.fromkeys(str(o["schedule_id"]) for o in own))
    schedules = _hours(con, [v for v in landed if v.row["schedule_id"] not in names])
    holidays = [v for v in _versions(rows(con, _HOLIDAYS)) if v.row["schedule_id"] not in names]
    closed = {(str(v.row["schedule_id"]), day) for v in holidays for day in _closed(v, schedules)}
    return {
        **params,
        "openings": json.dumps([*own, *(o for name in sorted(schedules) for o in _objects(name, schedules[name]))]),
        "holidays": json.dumps(
            [
                *json.loads(str(params.get("holidays", "[]"))),
                *({"schedule_id": name, "day": day.isoformat()} for name, day in sorted(closed)),
            ]
        ),
        "default_schedule": _default(con, names, schedules),
    }


def _versions(found: list[Row]) -> Iterator[_Version]:
    """The versions of every record, oldest first; those that say the same one after the other are one."""
    for _, records in groupby(found, key=lambda r: (r["source"], r["record_key"])):
        told = [tuple(g) for _, g in groupby(records, key=lambda r: (r["file_id"], r["position"]))]
        told = [v for n, v in enumerate(told) if not n or _content(v) != _content(told[n - 1])]
        for n, version in enumerate(told):
            from_at = None if n == 0 and version[0]["is_first"] else version[0]["since"]
            until_at = told[n + 1][0]["since"] if n + 1 < len(told) else None
            if from_at is None or until_at is None or from_at < until_at:
                yield _Version(version, from_at, until_at)


def _content(version: tuple[Row, ...]) -> list[tuple[Any, ...]]:
    keys = ("schedule_id", "timezone", "opens_min", "closes_min", "first_on", "last_on")
    return [tuple(row.get(key) for key in keys) for row in version]


def _hours(con: Connection, found: list[_Version]) -> dict[str, set[Opening]]:
    """Openings by schedule; a schedule that never opens has none."""
    by_source: dict[str, dict[str, set[Opening]]] = {}
    unknown: set[tuple[str, str, int]] = set()
    for version in found:
        own = by_source.setdefault(str(version.row["schedule_id"]), {}).setdefault(str(version.row["source"]), set())
        for row in (r for r in version.rows if r["opens_min"] is not None):
            zone = zone_of(row["timezone"] or "")
            if zone is None:
                unknown.add((str(row["schedule_id"]), str(row["file_id"]), int(row["position"])))
            else:
                own.add(((zone, row["opens_min"], row["closes_min"]), version.from_at, version.until_at))
    faults = [
        f"sources {' and '.join(repr(s) for s in sorted(sources))} have different hours for schedule '{name}': leave one of them "
        f"out, or write the hours that count as [schedules.{name}] in cxreports.toml"
        for name, sources in sorted(by_source.items())
        if any(hours != next(iter(sources.values())) for hours in sources.values())
    ]
    if faults := [*_zone_faults(con, unknown), *faults]:
        raise LakeError(faults)
    return {name: next(iter(sources.values())) for name, sources in by_source.items()}


def _zone_faults(con: Connection, unknown: set[tuple[str, str, int]]) -> list[str]:
    paths = {r["file_id"]: r["path"] for r in rows(con, "select file_id, min(path) as path from stg_files group by file_id")}
    return [
        f"{paths.get(file_id, file_id)}, record {position}: schedule '{name}' has no time zone that is known; "
        f"write its hours as [schedules.{name}] in cxreports.toml"
        for name, file_id, position in sorted(unknown)
    ]


def _order(opening: Opening) -> tuple[Span, str, str]:
    span, from_at, until_at = opening
    return span, str(from_at or ""), str(until_at or "")


def _objects(name: str, openings: set[Opening]) -> Iterator[dict[str, Any]]:
    """One object per opening of one weekday, cut at midnight, as `opening_hours.openings_json` has them."""
    if not openings:
        yield {"schedule_id": name, "timezone": "UTC", "weekday": 0, "opens_min": 0, "closes_min": 0}
    for (zone, opens, closes), from_at, until_at in sorted(openings, key=_order):
        begin = opens
        while begin < closes:
            day = begin // DAY_MIN
            end = min(closes, (day + 1) * DAY_MIN)
            yield {
                "schedule_id": name, "timezone": zone, "weekday": day % 7, "opens_min": begin - day * DAY_MIN,
                "closes_min": end - day * DAY_MIN, "from_at": from_at.isoformat() if from_at else None,
                "until_at": until_at.isoformat() if until_at else None,
            }  # fmt: skip
            begin = end


def _closed(holiday: _Version, schedules: Mapping[str, set[Opening]]) -> Iterator[date]:
    """The days on which it was a holiday: those on which this version was in force, by the clock of its schedule."""
    row = holiday.row
    openings = schedules.get(str(row["schedule_id"]))
    if row["first_on"] is None or not openings:
        return
    zone = ZoneInfo(max(openings, key=_order)[0][0])
    for n in range((row["last_on"] - row["first_on"]).days + 1):
        day = row["first_on"] + timedelta(days=n)
        is_begun = holiday.from_at is None or holiday.from_at.astimezone(zone).date() <= day
        if is_begun and (holiday.until_at is None or holiday.until_at.astimezone(zone).date() > day):
            yield day


def _default(con: Connection, own: list[str], schedules: Mapping[str, set[Opening]]) -> str:
    """The first schedule that only the settings have; else the oldest of all that were ever open."""
    landed = {
        str(r["schedule_id"]): r["created_at"]
        for r in rows(con, "select schedule_id, min(created_at) as created_at from stg_schedule_openings group by schedule_id")
    }
    if only_own := [name for name in own if name not in landed]:
        return only_own[0]
    return min(landed, key=lambda s: (not (schedules.get(s) or s in own), landed[s] is None, str(landed[s]), s))
