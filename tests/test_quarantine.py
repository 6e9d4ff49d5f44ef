"""Quarantined records are shown without what anybody said in them, and read again after a mend: nothing is counted twice."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline, received, upkeep
from cxreports.errors import QuestionError
from cxreports.intake.privacy import excerpt
from cxreports.lake import view
from cxreports.lake.engine import rows

KEY = "0123456789abcdef0123456789abcdef"
HEAD = 'project = { name = "x", timezone = "UTC" }\n'
DATED = '[sources.calls]\nkind = "table"\npath = "exports/*.csv"\ntable = "legs"\ntimezone = "UTC"\n[sources.calls.columns]\n'
COLUMNS = 'leg_id = "id"\nchannel = "\'voice\'"\nphone_key = "phone"\n'
ISO = HEAD + DATED + COLUMNS + 'started_at = "began"\n'
BOTH = HEAD + DATED + COLUMNS + "started_at = \"coalesce(try_cast(began as timestamp), try_strptime(began, '%d/%m/%Y %H:%M'))\"\n"
ROWS = "id,began,phone\na,2025-03-03 10:00,+442079460000\nb,03/03/2025 11:00,+442079460001\nc,oops,+442079460002\n"


def day(n: int) -> datetime:
    return datetime(2025, 3, n, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., pipeline.Project]:
    """The project with those settings; its files are written once."""
    (tmp_path / "pseudonym.key").write_text(KEY)
    (tmp_path / "exports").mkdir()

    def opened(settings: str) -> pipeline.Project:
        (tmp_path / "cxreports.toml").write_text(settings)
        return pipeline.open_project(tmp_path)

    return opened


def silent(words: str) -> None:
    pass


def accounts(project: pipeline.Project, as_of: datetime | None = None) -> list[tuple[Any, ...]]:
    files, _ = received.file_accounts(project, as_of)
    names = ("path", "received", "loaded", "duplicate", "superseded", "quarantined")
    found = [tuple(f[n] for n in names) for f in files]
    assert all(f[1] == sum(f[2:]) for f in found)  # received = loaded + duplicate + superseded + quarantined
    return found


def legs(project: pipeline.Project, as_of: datetime | None = None) -> list[tuple[Any, ...]]:
    v = pipeline.open_view(project, as_of)
    return v.con.execute("select leg_id, hour(started_at) from core_legs order by leg_id").fetchall()


def interactions(project: pipeline.Project, as_of: datetime | None = None) -> list[dict[str, Any]]:
    return rows(pipeline.open_view(project, as_of).con, "select * from core_interactions order by interaction_id")


def test_after_a_mend_only_the_quarantined_records_are_loaded(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS)
    before = project(ISO)
    pipeline.run(before, day(4), silent)
    assert accounts(before) == [("exports/x.csv", 3, 1, 0, 0, 2)]
    mended = project(BOTH)
    result = upkeep.retry(mended, day(5), silent)
    assert (result.read_anew, result.mended, result.left) == (2, 1, ())  # the third row has another fault now
    assert accounts(mended) == [("exports/x.csv", 3, 2, 0, 0, 1)]
    assert legs(mended) == [("a", 10), ("b", 11)]


def test_what_was_known_before_the_mend_stays_what_was_known(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS)
    first = project(ISO)
    pipeline.run(first, day(4), silent)
    then = (accounts(first), legs(first), interactions(first))
    upkeep.retry(project(BOTH), day(5), silent)
    again = project(BOTH)
    assert (accounts(again, day(4)), legs(again, day(4)), interactions(again, day(4))) == then
    assert len(interactions(again)) == 2


def test_retrying_twice_changes_nothing_more(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS)
    pipeline.run(project(ISO), day(4), silent)
    mended = project(BOTH)
    commit = upkeep.retry(mended, day(5), silent).commit
    again = upkeep.retry(mended, day(6), silent)
    assert (again.commit, again.read_anew) == (commit, 0)
    assert accounts(mended) == [("exports/x.csv", 3, 2, 0, 0, 1)]


def test_a_mended_record_that_another_file_brought_meanwhile_is_a_duplicate(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS)
    pipeline.run(project(ISO), day(4), silent)
    (tmp_path / "exports/y.csv").write_text("id,began,phone\nb,03/03/2025 11:00,+442079460001\n")
    mended = project(BOTH)
    pipeline.run(mended, day(5), silent)
    upkeep.retry(mended, day(6), silent)
    assert accounts(mended) == [("exports/x.csv", 3, 1, 1, 0, 1), ("exports/y.csv", 1, 1, 0, 0, 0)]
    assert legs(mended) == [("a", 10), ("b", 11)]


def test_a_file_of_which_nothing_could_be_read_is_stated_anew(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS)
    wrong = ISO.replace("[sources.calls.columns]", 'format = "xlsx"\n[sources.calls.columns]')
    pipeline.run(project(wrong), day(4), silent)
    mended = project(ISO)
    assert accounts(mended) == [("exports/x.csv", 1, 0, 0, 0, 1)]
    upkeep.retry(mended, day(5), silent)
    assert accounts(mended) == [("exports/x.csv", 3, 1, 0, 0, 2)]
    assert accounts(mended, day(4)) == [("exports/x.csv", 1, 0, 0, 0, 1)]
    upkeep.retry(project(BOTH), day(6), silent)
    assert accounts(project(BOTH)) == [("exports/x.csv", 3, 2, 0, 0, 1)]


def test_a_file_that_is_now_cut_into_other_records_is_left_and_named(project, tmp_path):
    path = tmp_path / "exports/x.json"
    path.write_text('{"id":"a","began":"2025-03-03 10:00","phone":null} oops')
    json_ = ISO.replace("*.csv", "*.json")
    pipeline.run(project(json_), day(4), silent)
    before = accounts(project(json_))
    wide = project(json_.replace("[sources.calls.columns]", 'encoding = "utf-16-le"\n[sources.calls.columns]'))
    assert upkeep.retry(wide, day(5), silent).left == ("exports/x.json",)
    assert accounts(wide) == before == [("exports/x.json", 2, 1, 0, 0, 1)]


def test_a_file_that_is_gone_is_told_and_its_records_stay_in_quarantine(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS)
    pipeline.run(project(ISO), day(4), silent)
    (tmp_path / "exports/x.csv").unlink()
    told: list[str] = []
    result = upkeep.retry(project(BOTH), day(5), told.append)
    assert result.read_anew == 0
    assert "calls: 1 of 1 files with quarantined records are no longer found" in told


def test_a_retry_after_compaction_finds_what_it_found_before(project, tmp_path):
    from cxreports.lake.compact import compact

    for n in (1, 2):
        (tmp_path / f"exports/{n}.csv").write_text(ROWS.replace("\na,", f"\na{n},").replace("\nb,", f"\nb{n},"))
        pipeline.run(project(ISO), day(3 + n), silent)
    mended = project(BOTH)
    upkeep.retry(mended, day(6), silent)
    expected = (accounts(mended), accounts(mended, day(5)))
    pipeline.run(mended, datetime(2025, 9, 1, tzinfo=UTC), silent)
    with mended.lake.lock():
        before, after = compact(mended.lake)
    assert after < before
    assert (accounts(mended), accounts(mended, day(5))) == expected


def test_an_unknown_source_is_refused(project):
    with pytest.raises(QuestionError, match="did you mean 'calls'"):
        upkeep.retry(project(ISO), day(4), silent, "call")


def test_the_list_says_where_why_and_how_a_record_begins(project, tmp_path):
    (tmp_path / "exports/x.csv").write_text(ROWS + "d,2025-03-03\n")
    opened = project(ISO)
    pipeline.run(opened, day(4), silent)
    found = received.quarantined(opened, "calls")
    assert [(r["file"], r["position"], r["reason"], r["excerpt"]) for r in found] == [
        ("exports/x.csv", 2, "column started_at: no time", '{"id":"x","phone":"[PHONE]","began":"99/99/9999 99:99"}'),
        ("exports/x.csv", 3, "column started_at: no time", '{"id":"x","phone":"[PHONE]","began":"xxxx"}'),
        ("exports/x.csv", 4, "row has 2 cells, the header has 3", "x,9999-99-99"),
    ]
    assert view.quarantine(pipeline.open_view(opened))[0]["source"] == "calls"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"name": "Jane O\'Neil", "account": "12345678", "n": 5',
         '{"name": "xxxx x\'xxxx", "account": "[BANK_ACCOUNT]", "n": 9'),
        ("mail jane@example.com or 4111 1111 1111 1111", "xxxx [EMAIL] xx [CARD]"),
        ('{"Jane Doe": 1}', '{"xxxx xxx": 9}'),
        ("é\n\t3", "x 9"),
    ],
)  # fmt: skip
def test_an_excerpt_shows_keys_and_shapes_and_nothing_that_anybody_said(text, shown):
    assert excerpt(text, "GB", ("GB", "US")) == shown


def test_an_excerpt_is_short():
    assert len(excerpt(json.dumps({"a": "b" * 900}), None, ())) == 120


def test_the_command_line_lists_and_retries(project, tmp_path):
    from typer.testing import CliRunner

    from cxreports.cli import app

    (tmp_path / "exports/x.csv").write_text(ROWS)
    pipeline.run(project(ISO), day(4), silent)
    project(BOTH)
    run = CliRunner().invoke
    at = ["--project", str(tmp_path)]
    listed = run(app, ["quarantine", "list", *at, "--json"])
    assert [r["position"] for r in json.loads(listed.stdout)] == [2, 3]
    retried = run(app, ["quarantine", "retry", *at, "--source", "calls", "--as-of", "2025-03-05", "--json"])
    assert json.loads(retried.stdout)["mended"] == 1
    assert "1 record in quarantine" in run(app, ["quarantine", "list", *at]).stdout
