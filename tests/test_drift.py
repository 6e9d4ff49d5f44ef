"""An export that changes: a new field is told, one that stays away is missed, another type costs its records."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports import pipeline, printing, received, upkeep
from cxreports.intake.drift import fields_of
from tests.conftest import silent

SETTINGS = """
[project]
name = "x"
timezone = "Europe/London"

[sources.records]
kind = "table"
path = "exports/*.json"
table = "legs"
columns = { leg_id = "id", started_at = "begin", ai_replies = "replies" }

[sources.calls]
kind = "table"
path = "exports/*.csv"
table = "legs"
columns = { leg_id = "'call-' || id", started_at = "begin" }
"""
Run = Callable[[int, dict[str, str]], pipeline.Project]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """One run on that day of March 2025, with those files (name → text) newly delivered."""
    (tmp_path / "cxreports.toml").write_text(SETTINGS)
    (tmp_path / "pseudonym.key").write_text("a key for the tests\n")
    (tmp_path / "exports").mkdir()

    def run_on(day: int, files: dict[str, str]) -> pipeline.Project:
        for name, text in files.items():
            (tmp_path / "exports" / name).write_text(text)
        project = pipeline.open_project(tmp_path)
        pipeline.run(project, at(day), silent)
        return project

    return run_on


def at(day: int) -> datetime:
    return datetime(2025, 3, day, 12, tzinfo=UTC)


def record(id_: str, **more: Any) -> str:
    return json.dumps({"id": id_, "begin": "2025-03-01T10:00:00Z", **more}) + "\n"


def told(project: pipeline.Project, as_of: datetime | None = None) -> list[tuple[Any, ...]]:
    keys = ("source", "what", "field", "type", "before", "n_records", "file", "position", "excerpt")
    return [tuple(c[key] for key in keys) for c in received.schema_drift(project, as_of)]


def test_a_new_field_is_told_with_its_first_record_and_the_shape_of_a_value(run: Run) -> None:
    run(1, {"a.json": record("a", team="north")})
    project = run(2, {"b.json": record("b", team="north") + record("c", team="north", mood="Ann 42")})
    assert told(project) == [("records", "new", "mood", "text", None, 1, "exports/b.json", 2, "xxx 99")]
    assert told(project, at(1)) == []
    project = run(3, {"c.json": record("d", team="north", mood="well")})
    assert told(project) == [("records", "new", "mood", "text", None, 2, "exports/b.json", 2, "xxx 99")]
    assert told(project, at(2)) == [("records", "new", "mood", "text", None, 1, "exports/b.json", 2, "xxx 99")]


def test_what_the_first_delivery_has_is_no_news_nor_is_a_field_that_the_mapping_reads(run: Run) -> None:
    assert told(run(1, {"a.json": record("a") + record("b", mood="well")})) == []
    assert told(run(2, {"b.json": record("c", replies=3)})) == []


def test_a_new_object_is_told_once_and_not_with_everything_in_it(run: Run) -> None:
    run(1, {"a.json": record("a")})
    project = run(2, {"b.json": record("b", device={"name": "x", "parts": [{"id": 1}]})})
    assert told(project) == [("records", "new", "device", "object", None, 1, "exports/b.json", 1, None)]


def test_a_field_that_every_record_had_is_missed_when_it_stays_away(run: Run) -> None:
    run(1, {"a.json": record("a", team="north", floor=1) + record("b", team="north")})
    project = run(2, {"b.json": record("c", team="north")})
    assert told(project) == []  # not every record had a floor
    project = run(3, {"c.json": record("d") + record("e")})
    assert told(project) == [("records", "gone", "team", "text", None, 2, None, None, None)]
    assert told(run(4, {"d.json": record("f", team="south")})) == []


def test_another_type_is_told_and_a_record_that_does_not_fit_is_quarantined_alone(run: Run) -> None:
    run(1, {"a.json": record("a", replies=3)})
    project = run(2, {"b.json": record("b", replies=4) + record("c", replies="many") + record("d", replies="5")})
    assert told(project) == [("records", "type", "replies", "text", "number", 2, "exports/b.json", 2, "xxxx")]
    assert [(q["file"], q["position"], q["reason"]) for q in received.quarantined(project)] == [
        ("exports/b.json", 2, "column ai_replies: not a whole number")
    ]
    with pipeline.open_view(project).con as con:
        assert con.execute("select leg_id, ai_replies from core_legs order by leg_id").fetchall() == [
            ("a", 3), ("b", 4), ("d", 5),
        ]  # fmt: skip


def test_a_new_column_of_a_table_is_told(run: Run) -> None:
    run(1, {"a.csv": "id,begin,queue\n1,2025-03-01 10:00Z,cards\n"})
    project = run(2, {"b.csv": "id,begin,Talk time (s)\n2,2025-03-01 10:00Z,9\n3,2025-03-01 10:00Z,\n"})
    assert told(project) == [
        ("calls", "gone", "queue", "text", None, 2, None, None, None),
        ("calls", "new", "Talk time (s)", "text", None, 2, "exports/b.csv", 1, None),
    ]


def test_a_second_reading_of_the_same_file_changes_nothing(run: Run) -> None:
    project = run(1, {"a.json": record("a", replies="many")})
    before = pipeline.open_view(project).con.execute("select count(*) from stg_fields").fetchall()
    upkeep.retry(project, at(2), silent)
    assert pipeline.open_view(project).con.execute("select count(*) from stg_fields").fetchall() == before


def test_keys_that_are_somebodys_are_not_kept() -> None:
    record = {
        "by_customer": {"ann@example.com": {"n": 1}, "020 7946 0018": {"n": 1}, "4079459": {"n": 1}},
        "a": [{"b_2": "VARCHAR"}, {"b_2": "BIGINT"}],
        "tags": ["VARCHAR"],
    }
    structure = duckdb.execute("select json_structure($r)::varchar", {"r": json.dumps(record)}).fetchone()
    assert structure is not None
    assert sorted(set(fields_of(json.loads(structure[0])))) == [
        ("a", "list"), ("a[].b_2", "text"), ("by_customer", "object"), ("by_customer.*", "object"),
        ("by_customer.*.n", "number"), ("tags", "list of text"),
    ]  # fmt: skip


def test_a_source_whose_records_differ_endlessly_is_looked_at_up_to_a_limit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxreports.intake.drift.MOST_STRUCTURES", 2)
    project = run(1, {"a.json": record("a", x=1) + record("b", x=1) + record("c", y=1) + record("d", z=1) + record("e", w=1)})
    looked_at = pipeline.open_view(project).con.execute("select distinct n_looked_at from stg_fields").fetchall()
    assert looked_at == [(3,)]


def test_a_report_of_the_week_says_in_one_line_that_exports_changed(run: Run) -> None:
    run(1, {"a.json": record("a", team="north")})
    project = run(2, {"b.json": record("b", mood="well", replies="many") + record("c", mood="well")})
    report = json.loads(pipeline.report(project, "weekly", "2025-W09").json.read_text())
    assert report["completeness"]["drift"] == (
        "Fields of the exports changed in the last seven days (records): 1 new and 1 that no longer comes."
    )
    assert "drift" not in json.loads(pipeline.report(project, "weekly", "2025-W09", at(1)).json.read_text())["completeness"]


def test_changes_are_printed_with_their_day_their_place_and_the_shape_of_a_value(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(1, {"a.json": record("a", team="north", replies=1)})
    project = run(2, {"b.json": record("b", mood="well", replies="7")})
    printing.print_drift(received.schema_drift(project), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "2025-03-02 records: field team (not read) no longer comes: 1 record without it",
        "2025-03-02 records: new field mood (text, not read): first in exports/b.json, record 1; 1 record",
        "    xxxx",
        "2025-03-02 records: field replies is text, was number: first in exports/b.json, record 1; 1 record",
        "    9",
        "3 changes since the first delivery of each source",
    ]
