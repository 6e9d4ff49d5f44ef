"""An interaction counts on the local date and hour of its start, on days of 23, 23.5, 24.5 and 25 hours, all over the world."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxreports.lake.store import Lake
from cxreports.lake.write import Basis
from tests.worlds import CATALOGUE, PARAMS, deliver, everything, leg


@pytest.mark.parametrize(
    ("zone", "first", "after_last", "day"),
    [
        ("Europe/London", "2025-03-30 00:00", "2025-03-30 23:00", "2025-03-30"),  # 23 hours
        ("Europe/London", "2025-10-25 23:00", "2025-10-27 00:00", "2025-10-26"),  # 25
        ("America/New_York", "2025-03-09 05:00", "2025-03-10 04:00", "2025-03-09"),
        ("America/New_York", "2025-11-02 04:00", "2025-11-03 05:00", "2025-11-02"),
        ("Australia/Sydney", "2025-04-05 13:00", "2025-04-06 14:00", "2025-04-06"),  # 25: autumn is in April
        ("Australia/Sydney", "2025-10-04 14:00", "2025-10-05 13:00", "2025-10-05"),
        ("Australia/Lord_Howe", "2025-04-05 13:00", "2025-04-06 13:30", "2025-04-06"),  # 24.5
        ("Australia/Lord_Howe", "2025-10-04 13:30", "2025-10-05 13:00", "2025-10-05"),  # 23.5
        ("Asia/Kolkata", "2025-06-01 18:30", "2025-06-02 18:30", "2025-06-02"),
        ("Asia/Kathmandu", "2025-06-01 18:15", "2025-06-02 18:15", "2025-06-02"),
        ("America/Havana", "2025-03-09 05:00", "2025-03-10 04:00", "2025-03-09"),  # there is no midnight: the day begins at 01:00
        ("Pacific/Kiritimati", "2025-06-01 10:00", "2025-06-02 10:00", "2025-06-02"),  # fourteen hours ahead
    ],
)
def test_a_day_begins_and_ends_where_its_zone_says(tmp_path: Path, zone: str, first: str, after_last: str, day: str) -> None:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, after_last))
    moments = {"before": start - timedelta(seconds=1), "first": start, "last": end - timedelta(seconds=1), "after": end}
    lake, basis = Lake(tmp_path), Basis(CATALOGUE, {**PARAMS, "timezone": zone}, ())
    deliver(lake, 400, [leg(name, 0, started_at=at, ended_at=at) for name, at in moments.items()], basis)
    stored = {r["interaction_id"]: (str(r["occurred_on"]), r["hour"]) for r in everything(lake, "core_interactions", basis=basis)}
    assert {name: on == day for name, (on, _) in stored.items()} == {"before": False, "first": True, "last": True, "after": False}
    assert stored["last"][1] == "23"
    assert stored["first"][1] == ("01" if (zone, day) == ("America/Havana", "2025-03-09") else "00")


def test_the_hour_that_an_autumn_night_repeats_is_one_hour_of_the_day_with_twice_the_time(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    begin = datetime(2025, 10, 26, 0, 0, tzinfo=UTC)  # 01:00 in London, for the first time
    deliver(lake, 400, [leg(str(n), 0, started_at=begin + timedelta(minutes=30 * n), ended_at=None) for n in range(5)])
    stored = [(r["interaction_id"], r["hour"]) for r in everything(lake, "core_interactions")]
    assert sorted(stored) == [("0", "01"), ("1", "01"), ("2", "01"), ("3", "01"), ("4", "02")]
