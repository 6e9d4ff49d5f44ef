"""Business hours: openings by the clock of a zone, as instants; counted by hand, then against a minute-by-minute count."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cxreports.lake.build import build_params
from cxreports.lake.engine import connect, create
from cxreports.lake.examples import schema_of
from cxreports.opening_hours import DAYS, ScheduleSettings, spans
from cxreports.settings import Settings
from tests.worlds import CATALOGUE

WEEK = dict.fromkeys(DAYS[:5], "09:00-17:00")
ALWAYS = dict.fromkeys(DAYS, "00:00-24:00")
NIGHT = dict.fromkeys(DAYS, "22:00-06:00")


def minutes(schedules: dict[str, Any], start: str, end: str, changes: tuple[tuple[str, str], ...] = ()) -> float | None:
    """Business minutes of a case from opening to its solution, both in UTC; `changes` give it other schedules."""
    settings = Settings.model_validate({"project": {"name": "x", "timezone": "Europe/London"}, "schedules": schedules})
    params = build_params(settings)
    con = connect()
    for table in ("core_cases", "core_case_events", "out_cases"):
        con.execute(f"create temp table {table} ({', '.join(f'{n} {t}' for n, t in schema_of(table, CATALOGUE).items())})")
    for table in ("core_cases", "out_cases"):
        con.execute(f"insert into {table} (case_id, opened_at, solved_at) values ('c', ?, ?)", [f"{start}+00", f"{end}+00"])
    for n, (at, schedule) in enumerate(changes):
        con.execute(
            "insert into core_case_events (case_id, event_id, event_at, field, new_value, position) values ('c', ?, ?, ?, ?, ?)",
            [str(n), f"{at}+00", "schedule", schedule, n],
        )
    for table in ("core_business_hours", "out_case_hours"):
        definition = CATALOGUE.tables[table]
        create(con, table, definition.sql, {**definition.header.params, **params})
    (found,) = con.execute("select resolution_ms / 60000.0 from out_case_hours").fetchall()
    return None if found[0] is None else float(found[0])


def one(zone: str, week: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"desk": {"timezone": zone, **week, **more}}


@pytest.mark.parametrize(
    ("schedule", "start", "end", "expected"),
    [
        # London puts the clock on at 01:00Z on 30 March 2025 and back at 01:00Z on 26 October.
        (one("Europe/London", ALWAYS), "2025-03-30 00:00", "2025-03-30 23:00", 23 * 60),
        (one("Europe/London", ALWAYS), "2025-10-25 23:00", "2025-10-27 00:00", 25 * 60),
        (one("Europe/London", NIGHT), "2025-03-29 12:00", "2025-03-30 12:00", 7 * 60),  # 22:00 GMT to 06:00 BST
        (one("Europe/London", NIGHT), "2025-10-25 12:00", "2025-10-26 12:00", 9 * 60),
        (one("Europe/London", {"sunday": "01:30-05:00"}), "2025-03-30 00:00", "2025-03-30 12:00", 3 * 60),  # there is no 01:30
        (one("Europe/London", {"sunday": "01:30-05:00"}), "2025-10-26 00:00", "2025-10-26 12:00", 4.5 * 60),  # first 01:30
        (one("Europe/London", WEEK), "2025-03-28 16:30", "2025-03-31 08:15", 30 + 15),  # opens at 08:00Z
        (one("America/New_York", WEEK), "2025-03-07 21:30", "2025-03-10 13:10", 30 + 10),  # 22:00Z, 13:00Z
        (one("America/New_York", ALWAYS), "2025-11-02 04:00", "2025-11-03 05:00", 25 * 60),
        (one("America/New_York", NIGHT), "2025-11-01 12:00", "2025-11-02 18:00", 9 * 60),
        # Sydney goes back on 6 April at 16:00Z of the 5th, and on again on 5 October at 16:00Z of the 4th.
        (one("Australia/Sydney", NIGHT), "2025-04-05 06:00", "2025-04-06 02:00", 9 * 60),
        (one("Australia/Sydney", NIGHT), "2025-10-04 06:00", "2025-10-05 02:00", 7 * 60),
        # Lord Howe by half an hour: at 15:00Z on 5 April, and at 15:30Z on 4 October.
        (one("Australia/Lord_Howe", NIGHT), "2025-04-05 06:00", "2025-04-06 02:00", 8.5 * 60),
        (one("Australia/Lord_Howe", NIGHT), "2025-10-04 06:00", "2025-10-05 02:00", 7.5 * 60),
        (one("Australia/Lord_Howe", {"sunday": "02:10-04:00"}), "2025-10-04 12:00", "2025-10-05 02:00", 90),  # 02:10 is 02:30
        (one("Asia/Kolkata", WEEK), "2025-06-02 00:00", "2025-06-02 03:45", 15),  # 09:00 is 03:30Z
        (one("Asia/Kathmandu", WEEK), "2025-06-02 00:00", "2025-06-02 03:45", 30),  # 09:00 is 03:15Z
        (one("Africa/Cairo", {"thursday": "09:00-24:00"}), "2025-10-30 00:00", "2025-10-31 12:00", 16 * 60),  # back at midnight
        (one("Pacific/Apia", ALWAYS), "2011-12-29 10:00", "2011-12-31 10:00", 48 * 60),  # 30 December did not happen
        (one("Pacific/Apia", {"friday": "09:00-17:00"}), "2011-12-29 00:00", "2011-12-31 10:00", 0),
        (one("UTC", WEEK), "2025-06-06 17:00", "2025-06-09 09:00", 0),  # the weekend
        (one("UTC", WEEK), "2025-06-06 16:59:30", "2025-06-09 09:00:30", 1),
        (one("UTC", WEEK, holidays=[date(2025, 6, 4)]), "2025-06-03 09:00", "2025-06-05 17:00", 2 * 480),
        (one("UTC", NIGHT, holidays=[date(2025, 6, 4)]), "2025-06-03 12:00", "2025-06-05 12:00", 2 * 60 + 6 * 60),
        (one("UTC", {"monday": "09:00-12:00, 11:00-13:00"}), "2025-06-02 00:00", "2025-06-03 00:00", 240),
        (one("UTC", {}), "2025-06-02 00:00", "2025-06-09 00:00", 0),
        (one("UTC", ALWAYS), "2025-06-02 00:00", "2026-06-02 00:00", 365 * 1440),
        (one("UTC", WEEK), "2025-06-02 10:00", "2025-06-02 10:00", 0),
    ],
)  # fmt: skip
def test_open_minutes_counted_by_hand(schedule: dict[str, Any], start: str, end: str, expected: float) -> None:
    assert minutes(schedule, start, end) == expected


def test_hours_that_changed_on_a_day_count_as_they_were() -> None:
    desk = [
        {"timezone": "UTC", **WEEK, "last_day": date(2025, 6, 3)},
        {"timezone": "UTC", **dict.fromkeys(DAYS, "08:00-20:00"), "first_day": date(2025, 6, 4)},
    ]
    assert minutes({"desk": desk}, "2025-06-03 00:00", "2025-06-05 00:00") == 480 + 720


def test_a_case_that_is_given_another_schedule_counts_each_while_it_was_in_force() -> None:
    both = {**one("UTC", WEEK), "7": {"timezone": "UTC", **ALWAYS}}
    assert minutes(both, "2025-06-02 08:00", "2025-06-02 20:00", (("2025-06-02 16:00", "7"),)) == 420 + 240
    assert minutes(both, "2025-06-02 08:00", "2025-06-02 20:00", (("2025-06-02 16:00", "8"),)) is None  # not in the settings


def test_without_a_schedule_there_are_no_business_hours() -> None:
    assert minutes({}, "2025-06-02 08:00", "2025-06-02 20:00") is None


def test_an_opening_that_ends_before_it_begins_ends_on_the_next_day() -> None:
    assert spans("22:00-06:00, 00:00-24:00") == [(1320, 1800), (0, 1440)]


@pytest.mark.parametrize("text", ["9-17", "24:00-02:00", "09:00-24:30", "09:00", "09:60-10:00"])
def test_what_is_no_opening_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is no opening"):
        ScheduleSettings(timezone="UTC", monday=text)


def counted(schedule: ScheduleSettings, start: datetime, end: datetime) -> int:
    """Open minutes one by one: a minute is open by the furthest time that the clock has shown until then."""
    zone, shown, n = ZoneInfo(schedule.timezone), start.replace(year=1, tzinfo=None), 0
    minute = start - timedelta(days=2)
    while minute < end:
        shown = max(shown, minute.astimezone(zone).replace(tzinfo=None))
        n += minute >= start and _is_open(schedule, shown)
        minute += timedelta(minutes=1)
    return n


def _is_open(schedule: ScheduleSettings, shown: datetime) -> bool:
    if shown.date() in schedule.holidays:
        return False
    for back in (0, 1):
        day = shown.date() - timedelta(days=back)
        passed = (shown - datetime.combine(day, time())) / timedelta(minutes=1)
        if any(opens <= passed < closes for opens, closes in spans(getattr(schedule, DAYS[day.weekday()]))):
            return True
    return False


TIMES = ["00:00", "00:30", "01:00", "01:30", "02:00", "02:15", "03:00", "09:00", "22:00", "23:30"]
OPENING = st.tuples(st.sampled_from(TIMES), st.sampled_from([*TIMES[1:], "24:00"])).map("-".join)
CHANGES = {  # around a change of the clock
    "Europe/London": ("2025-03-29 20:00", "2025-10-25 20:00"),
    "America/New_York": ("2025-03-08 22:00", "2025-11-01 22:00"),
    "Australia/Sydney": ("2025-04-05 06:00", "2025-10-04 06:00"),
    "Australia/Lord_Howe": ("2025-04-05 06:00", "2025-10-04 06:00"),
    "Asia/Kathmandu": ("2025-04-05 06:00",),
    "America/Havana": ("2025-03-08 20:00", "2025-11-01 20:00"),
    "Africa/Cairo": ("2025-04-24 12:00", "2025-10-30 12:00"),
}


@hypothesis_settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_every_week_is_open_as_long_as_a_count_of_its_minutes_says(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(sorted(CHANGES)))
    anchor = datetime.fromisoformat(data.draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    week = {d: ", ".join(data.draw(st.lists(OPENING, max_size=2))) for d in DAYS}
    holidays = [anchor.date() + timedelta(days=n) for n in data.draw(st.sets(st.integers(-1, 2), max_size=1))]
    start = anchor + timedelta(minutes=data.draw(st.integers(-600, 600)))
    end = start + timedelta(minutes=data.draw(st.integers(0, 2000)))
    expected = counted(ScheduleSettings(timezone=zone, **week, holidays=tuple(holidays)), start, end)
    given_ = {"desk": {"timezone": zone, **week, "holidays": holidays}}
    assert minutes(given_, f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}") == expected
