"""Open cases at the end of a local day: for any past day, as it was known then, and never added up over days."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.explain import explain
from tests.test_measure import measurer, one
from tests.worlds import Lake, at, deliver, leg

Change = tuple[datetime, str]


def day(n: int) -> tuple[date, date]:
    """That day of March."""
    return date(2025, 3, n), date(2025, 3, n) + timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tickets(
    folder: Path, *told: Sequence[Change], known_on: int = 60, more: Sequence[tuple[int, int, Sequence[Change]]] = ()
) -> Lake:
    """One case for each list of changes (the first one opens it). `more`: on a later day the changes of a case are known anew."""
    lake = Lake(folder)

    def rows(n: int, changes: Sequence[Change], version: int) -> dict[str, list[dict[str, Any]]]:
        stamp = at(24 * version)
        last = changes[-1]
        case = {"case_id": f"c{n}", "leg_id": f"a{n}", "opened_at": changes[0][0], "status": last[1], "version": stamp}
        if last[1] == "solved":
            case["solved_at"] = last[0]
        events = [
            {
                "event_id": f"c{n}:{k}",
                "case_id": f"c{n}",
                "event_at": when,
                "field": "status",
                "new_value": status,
                "version": stamp,
            }
            for k, (when, status) in enumerate(changes)
        ]
        return {"cases": [case], "case_events": events}

    def merged(pieces: Sequence[dict[str, list[dict[str, Any]]]]) -> dict[str, list[dict[str, Any]]]:
        return {table: [row for piece in pieces for row in piece[table]] for table in ("cases", "case_events")}

    legs = [leg(f"a{n}", 0, started_at=changes[0][0], channel="email") for n, changes in enumerate(told)]
    deliver(lake, known_on, [*legs, leg("end", 24 * 50)], **merged([rows(n, c, known_on) for n, c in enumerate(told)]))
    for known, n, changes in more:
        deliver(lake, known, **rows(n, changes, known))
    return lake


OPENED = utc("2025-03-03 10:00")


@pytest.mark.parametrize(
    ("solved", "open_on_the_fifth"),
    [(utc("2025-03-05 23:59:59"), 0), (utc("2025-03-06 00:00"), 1)],
)
def test_a_case_is_open_at_the_end_of_a_day_until_it_was_solved_before_midnight(
    tmp_path: Path, solved: datetime, open_on_the_fifth: int
) -> None:
    m = measurer(tickets(tmp_path, [(OPENED, "open"), (solved, "solved")]))
    assert [one(m, "backlog", *day(n)).num for n in (2, 3, 4, 5, 6)] == [None, 1, 1, open_on_the_fifth, 0]


def test_the_day_ends_at_local_midnight_on_the_night_of_a_clock_change_too(tmp_path: Path) -> None:
    """On 30 March London is an hour ahead from one o'clock on: the day ends at 23:00 UTC."""
    before, after = (utc(f"2025-03-30 {clock}") for clock in ("22:59:59", "23:00:00"))
    m = measurer(tickets(tmp_path, [(OPENED, "open"), (before, "solved")], [(OPENED, "open"), (after, "solved")]))
    assert one(m, "backlog", *day(30)).num == 1


def test_a_case_that_was_opened_again_is_open_again_and_pending_is_open(tmp_path: Path) -> None:
    changes = [(OPENED, "open"), (utc("2025-03-04 12:00"), "solved"), (utc("2025-03-06 12:00"), "open"),
               (utc("2025-03-07 12:00"), "pending"), (utc("2025-03-09 12:00"), "solved")]  # fmt: skip
    m = measurer(tickets(tmp_path, changes))
    found = m.measure("backlog", ["day"], date(2025, 3, 3), date(2025, 3, 10))
    assert [(f.period_start.day, f.num) for f in found] == [(3, 1), (4, 0), (5, 0), (6, 1), (7, 1), (8, 1), (9, 0)]
    (status,) = m.measure("backlog", ["status"], *day(8))
    assert status.by == {"status": "pending"}


def test_a_week_and_a_month_show_their_last_day_and_no_sum(tmp_path: Path) -> None:
    changes = [[(OPENED + timedelta(days=n), "open"), (OPENED + timedelta(days=10, hours=n), "solved")] for n in range(5)]
    m = measurer(tickets(tmp_path, *changes))
    weeks = m.measure("backlog", ["week"], date(2025, 3, 3), date(2025, 3, 17))
    assert [(f.period_start.day, f.period_end.day, f.num) for f in weeks] == [(3, 10, 5), (10, 17, 0)]
    assert one(m, "backlog", date(2025, 3, 3), date(2025, 3, 6)).num == 3
    cut = m.measure("backlog", ["week"], date(2025, 3, 5), date(2025, 3, 12))  # weeks begin on Mondays, whatever the period
    assert [(f.period_start.day, f.period_end.day, f.num) for f in cut] == [(5, 10, 5), (10, 12, 5)]


def test_a_past_day_is_told_as_it_was_known_then(tmp_path: Path) -> None:
    """The first export (13 March) says open; one of 20 March says that it had been solved on the fourth."""
    solved = [(OPENED, "open"), (utc("2025-03-04 12:00"), "solved")]
    lake = tickets(tmp_path, [(OPENED, "open")], known_on=10, more=[(17, 0, solved)])
    assert one(measurer(lake, at(24 * 12)), "backlog", *day(5)).num == 1
    assert one(measurer(lake, at(24 * 60)), "backlog", *day(5)).num == 0


def test_ages_are_counted_from_the_opening_to_the_days_end(tmp_path: Path) -> None:
    """Opened at the last second of each of twelve days: at the end of the twelfth they are 0 to 11 days and a second old."""
    changes = [[(utc(f"2025-03-{n:02} 23:59:59"), "open")] for n in range(3, 15)]
    m = measurer(tickets(tmp_path, *changes))
    ages = {f.by["age"]: f.num for f in m.measure("backlog", ["age"], *day(14))}
    assert ages == {"under 1 day": 1, "1 to 3 days": 2, "3 to 7 days": 4, "7 to 30 days": 5}
    assert one(m, "backlog_age", *day(14)).value == 5 * 86400 + 1  # the sixth of twelve
    assert one(m, "backlog_age_p90", *day(14)).value == 10 * 86400 + 1


def test_the_rows_behind_a_backlog_are_the_cases_open_then(tmp_path: Path) -> None:
    late = [(OPENED + timedelta(days=2), "open")]
    m = measurer(tickets(tmp_path, [(OPENED, "open"), (utc("2025-03-04 12:00"), "solved")], late))
    for n, wanted in ((3, ["c0"]), (4, []), (5, ["c1"])):
        assert [r["unit_id"] for r in explain(m, "backlog", *day(n), {}, None).rows] == wanted


def test_without_cases_there_is_no_backlog(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 60, [leg("a", 0), leg("end", 24 * 50)])
    found = one(measurer(lake), "backlog", *day(5))
    assert (found.state, found.num, found.reason) == ("not_computable", None, "no source of cases")
