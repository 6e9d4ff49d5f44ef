"""A missing hour or day is named, once its lateness has passed; another system's totals stand beside what was loaded."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from cxreports import pipeline, received
from cxreports.analysis.reconcile import Control, Reconciliation, slots
from cxreports.cli import app
from cxreports.errors import SettingsError
from cxreports.reports.gaps import gap_lines
from cxreports.settings import ExpectSettings
from tests.conftest import silent
from tests.test_reports_world import context

LONDON, CALCUTTA = ZoneInfo("Europe/London"), ZoneInfo("Asia/Calcutta")
SOURCE = """[project]
name = "Desk"
timezone = "Europe/London"

[sources.calls]
kind = "table"
path = "exports/calls/*.csv"
table = "legs"
delivered = "{delivered}"

[sources.calls.columns]
leg_id = "id"
started_at = "began"
channel = "channel"
queue = "queue"
talk_ms = "talk"

[sources.calls.expect]
every = "{every}"
first = {first}
max_lateness_hours = 3
{more}
"""
CONTROL = """
[sources.calls.control]
totals = "vendor"
tolerance = 1
measures = { offered = "legs", talk = "talk_s" }

[sources.vendor]
kind = "table"
path = "exports/vendor/*.csv"
table = "period_counts"

[sources.vendor.columns]
count_id = "concat(measure, day, queue)"
start_on = "day"
measure = "measure"
queue = "queue"
n = "n"
"""


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(day: date, zone: ZoneInfo) -> list[str]:
    expect = ExpectSettings(every="hour", first=date(2024, 1, 1))
    return [f"{begin:%d %H:%M}" for _, begin, _ in slots(expect, zone, day, date.fromordinal(day.toordinal() + 1))]


def test_a_local_day_has_23_24_or_25_hours():
    assert (hours(date(2025, 3, 30), LONDON)[0], hours(date(2025, 3, 30), LONDON)[-1]) == ("30 00:00", "30 22:00")
    assert [len(hours(d, LONDON)) for d in (date(2025, 3, 30), date(2025, 3, 31), date(2025, 10, 26))] == [23, 24, 25]


def test_an_hour_that_midnight_divides_belongs_to_the_day_in_which_it_begins():
    found = hours(date(2025, 3, 3), CALCUTTA)  # midnight is 18:30 UTC
    assert (found[0], found[-1], len(found)) == ("02 19:00", "03 18:00", 24)


def test_nothing_is_expected_on_closed_days_and_before_the_first():
    expect = ExpectSettings(every="day", first=date(2025, 3, 6), closed_weekdays=("saturday",), closed_days=(date(2025, 3, 10),))
    days = [day.isoformat() for day, _, _ in slots(expect, LONDON, date(2025, 3, 1), date(2025, 3, 12))]
    assert days == ["2025-03-06", "2025-03-07", "2025-03-09", "2025-03-11"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("calls", "vendor"):
        (tmp_path / "exports" / name).mkdir(parents=True)
    (tmp_path / "pseudonym.key").write_text("a key that only tests may know\n")
    return tmp_path


def settings(folder: Path, more: str = "", **changed: str) -> None:
    given = {"delivered": "%Y-%m-%d-%H", "every": "hour", "first": "2025-06-02", "more": "", **changed}
    (folder / "cxreports.toml").write_text(SOURCE.format(**given) + more)


def export(folder: Path, name: str, *rows: str) -> None:
    (folder / "exports" / "calls" / f"{name}.csv").write_text("\n".join(["id,began,channel,queue,talk", *rows, ""]))


def missing(folder: Path, as_of: str) -> list[str]:
    project = pipeline.open_project(folder)
    return [f"{g.start:%d %H}" for g in received.reconcile_sources(project, None, None, None, instant(as_of)).gaps]


def run(folder: Path, as_of: str) -> None:
    pipeline.run(pipeline.open_project(folder), instant(as_of), silent)


def test_a_missing_hour_is_named_once_its_lateness_has_passed(folder):
    settings(folder)
    # Local midnight is 23:00 UTC. The two empty files are copies of each other: they load once, and both came.
    export(folder, "2025-06-01-23", "a,2025-06-02T00:10:00+01:00,voice,x,1000")
    export(folder, "2025-06-02-00")
    export(folder, "2025-06-02-01")
    export(folder, "2025-06-02-03", "b,2025-06-02T04:10:00+01:00,voice,x,1000")
    run(folder, "2025-06-02T06:00:00")
    assert missing(folder, "2025-06-02T05:59:59") == []
    assert missing(folder, "2025-06-02T06:00:00") == ["02 02"]  # hour 02 ended at 03:00, and three hours have passed
    run(folder, "2025-06-02T08:00:00")
    assert missing(folder, "2025-06-02T08:00:00") == ["02 02", "02 04"]
    export(folder, "2025-06-02-02", "c,2025-06-02T03:10:00+01:00,voice,x,1000")
    run(folder, "2025-06-02T08:30:00")
    assert missing(folder, "2025-06-02T08:30:00") == ["02 04"]
    assert missing(folder, "2025-06-02T08:00:00") == ["02 02", "02 04"]  # as it was known then


def test_a_missing_day_is_named_whatever_the_zone_of_the_dates(folder):
    settings(folder, delivered="%Y-%m-%d", every="day", more='closed_weekdays = ["wednesday"]')
    export(folder, "2025-06-02", "a,2025-06-02T00:10:00+01:00,voice,x,1000")
    export(folder, "2025-06-05", "b,2025-06-05T00:10:00+01:00,voice,x,1000")
    run(folder, "2025-06-06T04:00:00")
    project = pipeline.open_project(folder)
    found = received.reconcile_sources(project, "calls", None, None).gaps
    assert [(g.day.isoformat(), g.start, g.end) for g in found] == [
        ("2025-06-03", instant("2025-06-02T23:00:00"), instant("2025-06-03T23:00:00"))
    ]
    assert received.reconcile_sources(project, "calls", date(2025, 6, 4), None).gaps == ()


def vendor(folder: Path, *rows: str) -> None:
    (folder / "exports" / "vendor" / "totals.csv").write_text("\n".join(["day,measure,queue,n", *rows, ""]))


def loaded_with_totals(folder: Path) -> pipeline.Project:
    """Three calls on 2 June (the third after midnight in London, before it in UTC), one on 3 June without its talk."""
    settings(folder, CONTROL, delivered="%Y-%m-%d", every="day")
    rows = ("a,2025-06-02T09:00:00Z,voice,cards,61500", "b,2025-06-02T10:00:00Z,voice,loans,30000")
    export(folder, "2025-06-02", *rows, "c,2025-06-01T23:30:00Z,voice,cards,8000")
    export(folder, "2025-06-03", "d,2025-06-03T10:00:00Z,voice,cards,")
    vendor(
        folder, "2025-06-02,offered,,4", "2025-06-02,offered,loans,3", "2025-06-02,talk,,99", "2025-06-03,talk,,5",
        "2025-06-04,offered,,7", "2025-06-05,offered,,9", "2025-06-02,unasked,,1",
    )  # fmt: skip
    run(folder, "2025-06-05T04:00:00")
    return pipeline.open_project(folder)


def test_totals_stand_beside_what_was_received(folder):
    found = received.reconcile_sources(loaded_with_totals(folder), None, None, None).controls
    assert [(c.measure, c.start_on.day, c.queue, c.expected, c.received, c.difference, c.state) for c in found] == [
        ("offered", 2, None, 4, 3, -1, "agrees"),  # within the tolerance of one
        ("offered", 2, "loans", 3, 1, -2, "differs"),
        ("offered", 4, None, 7, 0, -7, "differs"),
        ("offered", 5, None, 9, 0, -9, "too_early"),
        ("talk", 2, None, 99, Decimal("99.5"), Decimal("0.5"), "agrees"),
        ("talk", 3, None, 5, None, None, "not_known"),
    ]


def test_the_command_lists_both_and_fails_only_where_it_is_asked_to(folder):
    loaded_with_totals(folder)
    given = ["reconcile", "--project", str(folder)]
    told = CliRunner().invoke(app, given)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[-1] == "1 missing; 3 of 6 totals do not agree"
    assert CliRunner().invoke(app, [*given, "--strict"]).exit_code == 1
    whole = [*given, "--strict", "--from", "2025-06-05", "--to", "2025-06-06"]
    assert CliRunner().invoke(app, whole).exit_code == 0
    found = json.loads(CliRunner().invoke(app, [*given, "--json", "--source", "calls"]).stdout)
    assert [(g["day"], g["every"]) for g in found["missing"]] == [("2025-06-04", "day")]
    assert len(found["totals"]) == 6


def test_what_cannot_be_expected_is_refused(folder):
    settings(folder, CONTROL.replace('totals = "vendor"', 'totals = "calls"'), delivered="%Y-%m-%d")
    with pytest.raises(SettingsError) as refused:
        run(folder, "2025-06-05T04:00:00")
    assert list(refused.value.faults) == [
        "cxreports.toml: sources.calls.expect: needs sources.calls.delivered with %H, which says when a file was delivered",
        'cxreports.toml: sources.calls.control.totals: \'calls\' must be a kind = "table" with table = "period_counts"',
    ]


def test_the_report_names_gaps_in_a_line_per_source(folder):
    project = loaded_with_totals(folder)
    week = date(2025, 6, 2)
    ctx = context(reconcile=lambda start, end: received.reconcile_sources(project, None, start, end))
    assert gap_lines(ctx, week) == {
        "gaps": [
            "calls: no file of 1 day: 4 Jun; does not agree with 3 totals of vendor: offered on 2 Jun 1 of 3, "
            "offered on 4 Jun 0 of 7 and talk on 3 Jun not known of 5"
        ]
    }
    assert gap_lines(context(reconcile=lambda start, end: Reconciliation((), ())), week) == {
        "gaps": ["Of what the settings expect of this week, no file is missing and no total differs."]
    }
    assert gap_lines(context(), week) == {}


def test_a_total_that_is_not_known_is_not_whole():
    two, day = Decimal(2), date(2025, 6, 2)
    known = Control("s", "t", "m", "legs", day, day, None, None, two, two, Decimal(0), "agrees")
    unknown = Control("s", "t", "m", "talk_s", day, day, None, None, two, None, None, "not_known")
    assert Reconciliation((), (known,)).is_whole
    assert not Reconciliation((), (known, unknown)).is_whole
