"""Totals of other things than legs: counts and sums of cases and surveys, by their own day, channel and queue."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from cxreports import pipeline, received
from cxreports.analysis.quantities import MEASURED
from cxreports.definitions.model import LANDED
from cxreports.quantities import Quantity
from tests.conftest import silent

SETTINGS = """
[project]
name = "Desk"
timezone = "Europe/London"
"""
TABLE = """
[sources.{name}]
kind = "table"
path = "exports/{name}.csv"
table = "{table}"
timezone = "UTC"
{control}
[sources.{name}.columns]
{columns}
"""
COUNTS = {"count_id": "concat(measure, day, channel, queue)", "start_on": "day", "measure": "measure", "n": "n"}


def source(name: str, table: str, measures: dict[str, str] | None = None, **columns: str) -> str:
    told = ", ".join(f'{m} = "{q}"' for m, q in (measures or {}).items())
    control = f'control = {{ totals = "vendor", measures = {{ {told} }} }}' if measures else ""
    written = "\n".join(f'{column} = "{expression}"' for column, expression in columns.items())
    return TABLE.format(name=name, table=table, control=control, columns=written)


def controls(folder: Path, settings: str, files: dict[str, str]) -> list[tuple[Any, ...]]:
    (folder / "exports").mkdir()
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    vendor = source("vendor", "period_counts", **COUNTS, channel="channel", queue="queue")
    (folder / "cxreports.toml").write_text(SETTINGS + settings + vendor)
    for name, text in files.items():
        (folder / "exports" / f"{name}.csv").write_text(text)
    project = pipeline.open_project(folder)
    pipeline.run(project, datetime(2025, 7, 9, tzinfo=UTC), silent)
    found = received.reconcile_sources(project, None, None, None).controls
    return [(c.measure, c.start_on, c.channel, c.expected, c.received, c.state) for c in found]


def test_cases_count_by_the_local_day_on_which_they_were_opened_or_solved(tmp_path: Path) -> None:
    columns = {"case_id": "id", "opened_at": "opened", "solved_at": "solved", "channel": "channel"}
    settings = source("desk", "cases", {"opened": "cases", "solved": "solved_cases"}, **columns)
    found = controls(
        tmp_path,
        settings,
        {
            # 23:00 UTC on 30 June is midnight in London.
            "desk": "id,opened,solved,channel\n1,2025-06-30 22:59,2025-07-01 10:00,email\n2,2025-06-30 23:00,,email\n"
            "3,2025-07-01 09:00,2025-07-02 09:00,web\n",
            "vendor": "day,measure,channel,queue,n\n2025-07-01,opened,,,2\n2025-07-01,opened,email,,2\n2025-07-01,solved,,,1\n",
        },
    )
    day = date(2025, 7, 1)
    assert found == [
        ("opened", day, None, Decimal(2), Decimal(2), "agrees"),
        ("opened", day, "email", Decimal(2), Decimal(1), "differs"),
        ("solved", day, None, Decimal(1), Decimal(1), "agrees"),
    ]


def test_surveys_are_counted_and_their_scores_summed_in_the_channel_of_their_leg(tmp_path: Path) -> None:
    calls = source("calls", "legs", leg_id="id", started_at="began", channel="channel")
    measures = {"sent": "survey_responses", "answered": "answered_surveys", "points": "survey_score"}
    columns = {"response_id": "id", "leg_id": "call", "sent_at": "sent", "answered_at": "answered", "score": "score"}
    found = controls(
        tmp_path,
        calls + source("surveys", "survey_responses", measures, **columns),
        {
            "calls": "id,began,channel\na,2025-07-01 08:00,voice\nb,2025-07-01 08:00,chat\n",
            "surveys": "id,call,sent,answered,score\n"
            "1,a,2025-07-01 09:00,2025-07-01 10:00,4\n2,b,2025-07-01 09:00,2025-07-02 10:00,5\n"
            "3,a,2025-07-01 09:00,,\n4,a,2025-07-03 09:00,2025-07-03 10:00,\n",
            "vendor": "day,measure,channel,queue,n\n2025-07-01,sent,,,3\n2025-07-01,sent,voice,,2\n2025-07-01,answered,,,1\n"
            "2025-07-01,points,voice,,4\n2025-07-02,points,voice,,0\n2025-07-03,points,,,3\n",
        },
    )
    first, second, third = (date(2025, 7, day) for day in (1, 2, 3))
    assert found == [
        ("sent", first, None, Decimal(3), Decimal(3), "agrees"),
        ("sent", first, "voice", Decimal(2), Decimal(2), "agrees"),
        ("answered", first, None, Decimal(1), Decimal(1), "agrees"),
        ("points", first, "voice", Decimal(4), Decimal(4), "agrees"),
        ("points", second, "voice", Decimal(0), Decimal(0), "agrees"),
        ("points", third, None, Decimal(3), None, "not_known"),  # a survey was answered, and does not say how
    ]


def test_every_quantity_is_of_columns_that_exist() -> None:
    assert set(MEASURED) == set(get_args(Quantity))
    for name, measured in MEASURED.items():
        columns = {c.name for c in LANDED[measured.table].columns}
        assert any(c in measured.at for c in columns), name
        assert measured.value == "1" or any(c in measured.value for c in columns), name
