"""Schedules of business hours that an export brought: in force at the time of the event, below those of the settings."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cxreports.errors import LakeError
from cxreports.lake import build
from cxreports.lake.hours import with_landed
from cxreports.lake.store import Lake
from cxreports.settings import Settings
from cxreports.zones import zone_of
from tests.test_source_zendesk import Reader, read
from tests.test_source_zendesk_fivetran import FIVETRAN
from tests.worlds import BASIS, at, deliver, everything, leg, look

__all__ = ["read"]

HOUR = 3_600_000
MONDAY = {"opens_min": 9 * 60, "closes_min": 17 * 60}  # 3 March 2025, 10:00 UTC is the start of the world
CASE = {"case_id": "z:1", "leg_id": "z:1", "opened_at": at(0), "solved_at": at(24), "status": "solved"}


def opening(key: str, zone: str | None = "UTC", **more: Any) -> dict[str, Any]:
    return {"opening_id": key, "schedule_id": key.partition(":")[0], "timezone": zone, **MONDAY, **more}


def hours_of(lake: Lake, as_of: datetime | None = None) -> int | None:
    (case,) = everything(lake, "out_case_hours", as_of)
    return None if case["resolution_ms"] is None else int(case["resolution_ms"])


def test_a_case_has_the_hours_of_the_schedule_that_the_export_brought(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [leg("z:1", 0)], cases=[CASE])
    assert hours_of(lake) is None
    deliver(lake, 21, schedule_openings=[opening("501:a"), opening("501:b", opens_min=24 * 60, closes_min=24 * 60 + 90)])
    assert hours_of(lake) == 7 * HOUR + HOUR * 3 // 2  # Monday 10:00 to 17:00, Tuesday 00:00 to 01:30
    assert hours_of(lake, at(24 * 20)) is None  # as it was known then


def test_hours_that_change_later_leave_what_was_before_as_it_was(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [leg("z:1", 0)], cases=[CASE], schedule_openings=[opening("501:a", version=at(-1000))])
    assert hours_of(lake) == 7 * HOUR
    deliver(lake, 21, schedule_openings=[opening("501:a", closes_min=12 * 60, version=at(400))])
    assert hours_of(lake) == 7 * HOUR
    deliver(lake, 22, schedule_openings=[opening("501:a", closes_min=13 * 60, version=at(4))])  # it had changed at 14:00
    assert hours_of(lake) == 4 * HOUR
    assert hours_of(lake, at(24 * 21)) == 7 * HOUR  # as it was known then
    stored = everything(lake, "out_case_hours")
    anew = everything(lake, "out_case_hours", basis=replace(BASIS, params={**BASIS.params, "other": 1}))
    assert stored == anew


def test_an_opening_that_comes_later_begins_then_and_one_that_was_taken_back_ends_then(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [leg("z:1", 0)], cases=[CASE], schedule_openings=[opening("501:a", version=at(-1000))])
    evening = opening("501:b", opens_min=17 * 60, closes_min=20 * 60, version=at(8))  # 18:00
    deliver(lake, 21, schedule_openings=[evening])
    assert hours_of(lake) == 7 * HOUR + 2 * HOUR
    deliver(lake, 22, schedule_openings=[{**evening, "opens_min": None, "closes_min": None, "version": at(9)}])
    assert hours_of(lake) == 7 * HOUR + 1 * HOUR


def test_the_same_hours_delivered_again_compute_nothing_anew(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first = deliver(lake, 20, [leg("z:1", 0)], cases=[CASE], schedule_openings=[opening("501:a", version=at(-1000))])
    second = deliver(lake, 21, schedule_openings=[opening("501:a", version=at(400))])
    assert (first.built_with, hours_of(lake)) == (second.built_with, 7 * HOUR)


def holiday(first_on: date, **more: Any) -> dict[str, Any]:
    return {"holiday_id": "h", "schedule_id": "501", "first_on": first_on, **more}


def test_a_holiday_of_the_first_delivery_counts_for_ever_and_a_later_one_from_its_coming_on(tmp_path: Path) -> None:
    monday, hours = date(2025, 3, 3), [opening("501:a")]
    first = Lake(tmp_path / "first")
    deliver(first, 20, [leg("z:1", 0)], cases=[CASE], schedule_openings=hours, schedule_holidays=[holiday(monday)])
    assert hours_of(first) == 0
    later = Lake(tmp_path / "later")
    deliver(later, 20, [leg("z:1", 0)], cases=[CASE], schedule_openings=hours)
    deliver(later, 21, schedule_holidays=[holiday(monday)])
    assert hours_of(later) == 7 * HOUR
    in_time = Lake(tmp_path / "in_time")
    deliver(in_time, 20, [leg("z:1", 0)], cases=[CASE], schedule_openings=hours)
    deliver(in_time, 21, schedule_holidays=[holiday(date(2025, 3, 1), last_on=date(2025, 3, 4), version=at(-10))])  # at midnight
    assert hours_of(in_time) == 0
    deliver(in_time, 22, schedule_holidays=[holiday(date(2025, 3, 4), version=at(-9))])
    assert hours_of(in_time) == 7 * HOUR


def settings(**schedules: Any) -> Mapping[str, Any]:
    own = Settings.model_validate({"project": {"name": "x", "timezone": "UTC"}, "schedules": schedules})
    return {k: v for k, v in build.build_params(own).items() if k not in BASIS.params}


def test_a_schedule_of_the_settings_wins_over_the_exports_of_the_same_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    basis = replace(BASIS, params={**BASIS.params, **settings(**{"501": {"timezone": "UTC", "monday": "09:00-11:00"}})})
    openings = [opening("501:a", zone="Nowhere", created_at=at(-900)), opening("502:a", created_at=at(-800))]
    deliver(lake, 20, [leg("z:1", 0)], basis, cases=[CASE], schedule_openings=openings)
    assert [c["resolution_ms"] for c in everything(lake, "out_case_hours", basis=basis)] == [HOUR]


@pytest.mark.parametrize(
    ("own", "default"),
    [({}, "7"), ({"502": {"timezone": "UTC"}}, "7"), ({"502": {"timezone": "UTC"}, "desk": {"timezone": "UTC"}}, "desk")],
)
def test_the_default_is_the_oldest_of_the_export_unless_the_settings_have_one_of_their_own(
    tmp_path: Path, own: dict[str, Any], default: str
) -> None:
    lake = Lake(tmp_path)
    never = opening("6:a", opens_min=None, closes_min=None, created_at=at(-950))
    openings = [never, opening("502:a", created_at=at(-800)), opening("7:a", created_at=at(-900)), opening("8:a")]
    deliver(lake, 20, schedule_openings=openings)
    assert with_landed(look(lake, at(24 * 20)).con, settings(**own))["default_schedule"] == default


def test_an_opening_over_midnight_is_one_of_each_day_and_the_week_goes_round(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, schedule_openings=[opening("7:a", "Tokyo", opens_min=6 * 1440 + 1320, closes_min=7 * 1440 + 360)])
    found = json.loads(str(with_landed(look(lake, at(24 * 20)).con, {})["openings"]))
    assert [(o["timezone"], o["weekday"], o["opens_min"], o["closes_min"]) for o in found] == [
        ("Asia/Tokyo", 6, 1320, 1440), ("Asia/Tokyo", 0, 0, 360),
    ]  # fmt: skip


def test_two_sources_that_differ_and_zones_that_nobody_knows_are_told_at_once_and_nothing_is_stored(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    openings = [
        opening("501:a", source="one"), opening("501:a", source="two", closes_min=600), opening("502:a", None),
        opening("503:a", source="one"), opening("503:a", source="two"),
    ]  # fmt: skip
    with pytest.raises(LakeError) as error:
        deliver(lake, 20, schedule_openings=openings)
    zone, conflict = error.value.faults
    assert zone.endswith(
        ", record 3: schedule '502' has no time zone that is known; write its hours as [schedules.502] in cxreports.toml"
    )
    assert conflict == (
        "sources 'one' and 'two' have different hours for schedule '501': leave one of them out, or write the hours that count "
        "as [schedules.501] in cxreports.toml"
    )
    assert lake.head() is None


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Paris", "Europe/Paris"), ("London", "Europe/London"), ("Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("Mexico City", "America/Mexico_City"), ("Buenos Aires", "America/Argentina/Buenos_Aires"), ("UTC", "UTC"), ("", None),
        ("Springfield", None),
    ],
)  # fmt: skip
def test_a_zone_is_known_by_its_name_its_city_or_the_name_that_rails_has_for_it(name: str, zone: str | None) -> None:
    assert zone_of(name) == zone


OPENINGS = "select schedule_id, name, timezone, created_at, opens_min, closes_min from new_schedule_openings order by opens_min"


def test_fivetrans_schedule_is_in_minutes_after_monday(shared: Path, read: Reader) -> None:
    con = read("zendesk_fivetran_schedule", shared / FIVETRAN / "schedule_data.csv", timezone="UTC")
    assert con.execute("select count(*), count(reason) from new_records").fetchall() == [(5, 0)]
    created = datetime(2019, 11, 18, 20, 23, 34, tzinfo=UTC)
    assert con.execute(OPENINGS).fetchall() == [  # 08:00 to 20:00, Monday to Friday
        ("360000310393", "SupportCA", "Pacific Time (US & Canada)", created, day * 1440 + 480, day * 1440 + 1200)
        for day in range(5)
    ]


def test_fivetrans_holidays_are_local_days_both_included(shared: Path, read: Reader) -> None:
    con = read("zendesk_fivetran_schedule_holiday", shared / FIVETRAN / "schedule_holiday_data.csv", timezone="UTC")
    assert con.execute(
        "select holiday_id, schedule_id, name, first_on::varchar, last_on::varchar from new_schedule_holidays order by 1"
    ).fetchall() == [
        ("zendesk:360000:holiday:1163027", "360000", "Test Holiday 2", "2022-12-29", "2022-12-29"),
        ("zendesk:360000:holiday:1163028", "360000", "Test Holiday", "2022-12-26", "2022-12-27"),
    ]


def test_the_apis_schedule_is_one_record_and_a_damaged_one_is_quarantined_alone(read: Reader) -> None:
    schedule = {"id": 501, "name": "London", "time_zone": "London", "updated_at": "2024-02-01T00:00:00Z"}
    week = [{"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020} for day in (0, 6)]
    damaged = [
        {**schedule, "intervals": None}, {**schedule, "intervals": [{"start_time": 0}]}, {**schedule, "time_zone": None},
        {**schedule, "intervals": [{"start_time": 60, "end_time": 60}]}, {**schedule, "updated_at": "soon", "intervals": []},
        {**schedule, "intervals": [{"start_time": "noon", "end_time": 60}]},
        {**schedule, "intervals": week, "time_zone": "Nowhere"},
    ]  # fmt: skip
    con = read("zendesk_schedules", json.dumps({"schedules": [{**schedule, "intervals": week}, *damaged]}))
    assert con.execute("select reason from new_records order by position").fetchall() == [
        (None,), ("intervals is no list",), ("intervals: a time is missing",), ("time_zone is missing",),
        ("the opening is no part of a week",), ("updated_at is no time",), ("intervals: a time is missing",),
        ("timezone is no time zone that is known",),
    ]  # fmt: skip
    assert con.execute(OPENINGS).fetchall() == [  # Saturday and Sunday, 09:00 to 17:00
        ("501", "London", "London", None, 5 * 1440 + 540, 5 * 1440 + 1020),
        ("501", "London", "London", None, 6 * 1440 + 540, 6 * 1440 + 1020),
    ]


def test_the_apis_holidays_are_of_the_schedule_that_the_source_names(read: Reader) -> None:
    christmas = {"id": 7, "name": "Christmas", "start_date": "2025-12-25", "end_date": "2025-12-26"}
    damaged = [
        {**christmas, "start_date": "at the end of the year"}, {**christmas, "end_date": "2025-12-24"},
        {**christmas, "end_date": "9999-12-26"},
    ]  # fmt: skip
    page = json.dumps({"holidays": [christmas, *damaged]})
    con = read("zendesk_schedule_holidays", page, params={"schedule_id": "501"})
    assert con.execute("select reason from new_records order by position").fetchall() == [
        (None,), ("start_date is no date",), ("the holiday ends before it begins, or is longer than a year",),
        ("the holiday ends before it begins, or is longer than a year",),
    ]  # fmt: skip
    assert con.execute("select schedule_id, first_on::varchar, last_on::varchar from new_schedule_holidays").fetchall() == [
        ("501", "2025-12-25", "2025-12-26")
    ]
    con = read("zendesk_schedule_holidays", page)
    assert con.execute("select distinct reason from new_records").fetchall() == [("the parameter schedule_id is not set",)]
