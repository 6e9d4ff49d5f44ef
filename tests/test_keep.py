"""A field that nothing reads is kept where the settings say so: masked, counted, versioned, and of loaded records only."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline, received, upkeep
from cxreports.errors import SettingsError
from cxreports.intake.keep import json_paths
from cxreports.lake.compact import compact
from tests.conftest import silent

HEAD = 'project = { name = "x", timezone = "UTC" }\n[sources.calls]\nkind = "table"\ntable = "legs"\n'
COLUMNS = '[sources.calls.columns]\nleg_id = "id"\nstarted_at = "began"\nai_replies = "replies"\n'
JSON = HEAD + 'path = "exports/*.json"\nkeep = ["mood", "device.parts[].id", "agent.team"]\n' + COLUMNS
CSV = HEAD + 'path = "exports/*.csv"\nkeep = ["Talk reason"]\nwhere = "replies <> \'9\'"\n' + COLUMNS


METRIC = """\
-- title      = "Callers who said how they felt, and were ill"
-- question   = "How many were ill?"
-- definition = "Share of interactions with a mood whose mood was 'ill'."
-- formula    = "ill ÷ with a mood"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 2
-- owner      = "Tests"
-- grain      = "interaction"
-- reads      = ["core_interactions", "core_kept_fields"]
-- by         = ["channel"]
--
-- [needs]
-- "kept_fields.value" = "no source keeps a field"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | channel
--   a              | 2025-03-03  | chat
--   b              | 2025-03-03  | chat
-- '''
-- core_kept_fields = '''
--   value_id | record_key | field | value
--   mood#1   | a          | mood  | ill
--   mood#2   | b          | mood  |
-- '''
--
-- [example]
-- expect = '''
--   channel | n | num | den
--   chat    | 1 | 1   | 1
-- '''

select
    i.interaction_id as unit_id, i.occurred_on, i.interaction_id as cluster_id, i.channel, null::varchar as excluded,
    (k.value = 'ill')::int as num, 1 as den
from core_interactions as i
join core_kept_fields as k on k.record_key = i.interaction_id and k.field = 'mood'
where k.value is not null
"""


def at(day: int) -> datetime:
    return datetime(2025, 3, day, 12, tzinfo=UTC)


def opened(folder: Path, settings: str) -> pipeline.Project:
    (folder / "cxreports.toml").write_text(settings)
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    (folder / "exports").mkdir(exist_ok=True)
    return pipeline.open_project(folder)


def deliver(project: pipeline.Project, day: int, name: str, *records: dict[str, Any]) -> None:
    lines = (json.dumps({"began": "2025-03-01T10:00:00Z", "replies": 1} | r) + "\n" for r in records)
    (project.folder / "exports" / name).write_text("".join(lines))
    pipeline.run(project, at(day), silent)


def kept(project: pipeline.Project, as_of: datetime | None = None, key: str = "record_key") -> list[tuple[Any, ...]]:
    con = pipeline.open_view(project, as_of).con
    return con.execute(f"select {key}, field, value_no, value from core_kept_fields order by all").fetchall()


def test_every_value_is_kept_masked_and_a_record_without_the_field_has_none(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    a = {"id": "a", "mood": "well, card 4111 1111 1111 1111", "device": {"parts": [{"id": 7}, {"no": 1}, {"id": {"x": True}}]}}
    deliver(project, 1, "a.json", a, {"id": "b", "mood": None, "agent": {"team": " north "}})
    assert kept(project) == [
        ("a", "agent.team", 1, None),
        ("a", "device.parts[].id", 1, "7"),
        ("a", "device.parts[].id", 2, '{"x":true}'),
        ("a", "mood", 1, "well, card [CARD]"),
        ("b", "agent.team", 1, "north"),
        ("b", "device.parts[].id", 1, None),
        ("b", "mood", 1, None),
    ]
    told = received.masked(project)
    assert [(m["column_name"], m["kind"], m["n"]) for m in told] == [("kept_fields.value", "CARD", 1)]
    assert not any(b"4111" in path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())


def test_a_key_with_a_dot_of_its_own_is_found_as_drift_names_it(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    deliver(project, 1, "a.json", {"id": "a", "agent.team": "south"})
    assert [row for row in kept(project) if row[1] == "agent.team"] == [("a", "agent.team", 1, "south")]
    assert json_paths("a[].b.c") == ['$."a"[*]."b"."c"', '$."a"[*]."b.c"']


def test_nothing_is_kept_of_a_record_in_quarantine_until_it_is_mended(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    deliver(project, 1, "a.json", {"id": "a", "mood": "well", "replies": "many"})
    assert kept(project) == []
    mended = opened(tmp_path, JSON.replace('"replies"', '"try_cast(replies as integer)"'))
    upkeep.retry(mended, at(2), silent)
    assert [row for row in kept(mended) if row[1] == "mood"] == [("a", "mood", 1, "well")]
    assert kept(mended, at(1)) == []


def test_the_newest_version_tells_also_that_the_field_is_gone(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    deliver(project, 1, "a.json", {"id": "a", "mood": "well"})
    deliver(project, 2, "b.json", {"id": "a"})
    assert [row[3] for row in kept(project, at(1)) if row[1] == "mood"] == ["well"]
    assert [row[3] for row in kept(project) if row[1] == "mood"] == [None]


def test_a_column_of_a_table_is_kept_also_where_an_older_file_lacks_it(tmp_path: Path) -> None:
    project = opened(tmp_path, CSV)
    (tmp_path / "exports/a.csv").write_text("id,began,replies\na,2025-03-01 10:00Z,1\n")
    (tmp_path / "exports/b.csv").write_text(
        "id,talk reason,began,replies\nb,mail jo@example.org,2025-03-01 10:00Z,1\nc,none,2025-03-01 10:00Z,9\n"
    )
    pipeline.run(project, at(1), silent)
    assert kept(project) == [("a", "Talk reason", 1, None), ("b", "Talk reason", 1, "mail [EMAIL]")]  # c does not meet `where`


def test_a_source_with_a_definition_keeps_fields_too(tmp_path: Path) -> None:
    settings = 'project = { name = "x", timezone = "UTC" }\n[sources.hooks]\nkind = "cdevents"\npath = "exports/*.json"\n'
    event = {"context": {"id": "e1", "source": "ci", "type": "dev.cdevents.service.deployed.0.1.0", "version": "0.3.0"}}
    event["context"]["timestamp"] = "2025-03-01T10:00:00Z"
    event["subject"] = {"id": "web", "content": {"artifactId": "pkg:oci/web@1", "environment": {"id": "live"}}}
    project = opened(tmp_path, settings + 'keep = ["customData.change"]\n')
    (tmp_path / "exports/a.json").write_text(json.dumps(event | {"customData": {"change": "CHG-1"}}))
    pipeline.run(project, at(2), silent)
    assert kept(project, key="source") == [("hooks", "customData.change", 1, "CHG-1")]


def test_a_rotation_and_a_compaction_lose_no_value(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    deliver(project, 1, "a.json", {"id": "jo@example.org", "mood": "well"})
    deliver(project, 2, "b.json", {"id": "b", "mood": "ill"})
    before = kept(project)
    upkeep.rotate_key(project, "another key of the tests")
    after = pipeline.open_project(tmp_path)
    assert [row[1:] for row in kept(after)] == [row[1:] for row in before]
    keys = [{row[0] for row in rows} for rows in (before, kept(after))]
    assert keys[0] & keys[1] == {"b"}  # the address was a pseudonym, and is another one now
    pipeline.run(after, datetime(2025, 9, 1, tzinfo=UTC), silent)
    rows = kept(after)
    with after.lake.lock():
        compact(after.lake)
    assert kept(after) == rows


def test_a_projects_own_metric_may_count_kept_values(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    (tmp_path / "sql/metrics").mkdir(parents=True)
    (tmp_path / "sql/metrics/unwell.sql").write_text(METRIC)
    project = pipeline.open_project(tmp_path)
    deliver(project, 5, "a.json", {"id": "a", "mood": "ill"}, {"id": "b", "mood": "well"}, {"id": "c"})
    m = pipeline.measurer(project)
    found = m.view.con.execute(f"select unit_id, num, den from {m.units('unwell')} order by unit_id").fetchall()
    assert found == [("a", 1, 1), ("b", 0, 1)]


def test_drift_says_that_a_new_field_is_kept(tmp_path: Path) -> None:
    project = opened(tmp_path, JSON)
    deliver(project, 1, "a.json", {"id": "a"})
    deliver(project, 2, "b.json", {"id": "b", "mood": "ill", "agent": {"team": "x"}, "moody": 1})
    told = {str(c["field"]): c["kept"] for c in received.schema_drift(project)}
    assert told == {"mood": ["mood"], "agent": ["agent.team"], "moody": []}


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        ('["a..b"]', "sources.calls.keep: 'a..b' is no path of a field"),
        ('["a[0]"]', r"sources.calls.keep: 'a\[0\]' is no path of a field"),
        ('["a", "a"]', "sources.calls.keep: names a field twice"),
        ('[""]', "sources.calls.keep.0: String should have at least 1 character"),
    ],
)
def test_a_field_that_cannot_be_found_is_refused(tmp_path: Path, keep: str, told: str) -> None:
    settings = HEAD + f'path = "exports/*"\nformat = "json"\nkeep = {keep}\n' + COLUMNS
    with pytest.raises(SettingsError, match=told):
        pipeline.run(opened(tmp_path, settings), at(1), silent)
