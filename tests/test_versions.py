"""Which version of a record counts where its source has none of its own: the one that came last, also if it came before."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxreports import pipeline, received, upkeep
from cxreports.errors import LakeError

SETTINGS = """
project = { name = "x", timezone = "UTC" }
[sources.tickets]
kind = "table"
path = "exports/*.csv"
table = "legs"
timezone = "UTC"
[sources.tickets.columns]
leg_id = "id"
channel = "'chat'"
started_at = "began"
queue = "queue"
"""
Snapshot = Callable[[str, str], None]


@pytest.fixture
def project(tmp_path: Path) -> pipeline.Project:
    (tmp_path / "exports").mkdir()
    (tmp_path / "pseudonym.key").write_text("0123456789abcdef0123456789abcdef")
    (tmp_path / "cxreports.toml").write_text(SETTINGS)
    return pipeline.open_project(tmp_path)


@pytest.fixture
def snapshot(project: pipeline.Project) -> Snapshot:
    """Write one export with record `a` in that queue; other records make every file's bytes its own."""

    def write(name: str, queue: str) -> None:
        rows = f"id,began,queue\na,2025-03-03 10:00,{queue}\n{name},2025-03-03 11:00,other\n"
        (project.folder / "exports" / f"{name}.csv").write_text(rows)

    return write


def run(project: pipeline.Project, day: int) -> None:
    pipeline.run(project, datetime(2025, 3, day, 12, tzinfo=UTC), lambda words: None)


def queue_of_a(project: pipeline.Project) -> list[str]:
    found = pipeline.open_view(project).con.execute("select queue from core_legs where leg_id = 'a'").fetchall()
    return [row[0] for row in found]


def fates(project: pipeline.Project) -> dict[str, tuple[int, int, int]]:
    files, _ = received.file_accounts(project)
    return {str(f["path"])[8:-4]: (int(f["loaded"]), int(f["duplicate"]), int(f["superseded"])) for f in files}


@pytest.mark.parametrize("names", [("d1", "d2", "d3", "d4"), ("w", "x", "y", "z"), ("k1", "k2", "k3", "k4")])
def test_of_files_that_come_together_the_one_whose_name_comes_last_is_the_newest(project, snapshot, names):
    for name, queue in zip(names, ("sales", "billing", "fraud", "care"), strict=True):
        snapshot(name, queue)
    run(project, 9)
    assert queue_of_a(project) == ["care"]
    assert fates(project) == {names[0]: (1, 0, 1), names[1]: (1, 0, 1), names[2]: (1, 0, 1), names[3]: (2, 0, 0)}


@pytest.mark.parametrize("days", [(4, 5, 6, 7), (4, 4, 4, 4), (4, 4, 6, 6)])
def test_a_record_that_goes_back_to_what_it_was_is_what_it_was(project, snapshot, days):
    for number, (day, queue) in enumerate(zip(days, ("sales", "sales", "billing", "sales"), strict=True)):
        snapshot(f"d{number}", queue)
        if number == 3 or days[number + 1] != day:
            run(project, day)
    assert queue_of_a(project) == ["sales"]
    # loaded, duplicate, superseded: of `a` the second file's is the first's again, the third's was newest until the fourth came
    assert fates(project) == {"d0": (1, 0, 1), "d1": (1, 1, 0), "d2": (1, 0, 1), "d3": (2, 0, 0)}


KEYED = [("cases", "case_id", 'opened_at = "began"'), ("survey_responses", "response_id", 'leg_id = "leg"')]


@pytest.mark.parametrize(("table", "key", "column"), KEYED)
def test_what_two_sources_call_the_same_is_refused_until_one_has_a_prefix(
    tmp_path: Path, table: str, key: str, column: str
) -> None:
    (tmp_path / "pseudonym.key").write_text("0123456789abcdef0123456789abcdef")
    settings = 'project = { name = "x", timezone = "UTC" }\n'
    for name in ("east", "west"):
        (tmp_path / f"{name}.csv").write_text(f"id,began,leg\n1,2025-03-03 10:00,{name}-1\n2{name},2025-03-03 10:00,{name}-2\n")
        settings += f'[sources.{name}]\nkind = "table"\npath = "{name}.csv"\ntable = "{table}"\ntimezone = "UTC"\n'
        settings += f'[sources.{name}.columns]\n{key} = "{name}_id"\n{column}\n'
    plain = settings.replace("east_id", "id").replace("west_id", "id")
    (tmp_path / "cxreports.toml").write_text(plain)
    with pytest.raises(
        LakeError, match=f"sources 'east' and 'west' have 1 {key.replace('_', ' ')}s in common.*prefix before {key}"
    ):
        run(pipeline.open_project(tmp_path), 9)
    (tmp_path / "cxreports.toml").write_text(settings.replace("east_id", "id").replace("west_id", "'west-' || id"))
    run(pipeline.open_project(tmp_path), 9)
    found = (
        pipeline.open_view(pipeline.open_project(tmp_path)).con.execute(f"select {key} from core_{table} order by all").fetchall()
    )
    assert [row[0] for row in found] == ["1", "2east", "west-1", "west-2west"]


# A retry reads an old file again: what it mends keeps its place in the order of arrival.
DATED = SETTINGS.replace(
    'started_at = "began"', "started_at = \"coalesce(try_cast(began as timestamp), strptime(began, '%d/%m/%Y'))\""
)


def queue_as_of(project: pipeline.Project, day: int) -> list[str]:
    v = pipeline.open_view(project, datetime(2025, 3, day, 12, tzinfo=UTC))
    return [row[0] for row in v.con.execute("select queue from core_legs where leg_id = 'a'").fetchall()]


def odd(project: pipeline.Project, name: str, queue: str) -> None:
    """An export whose record `a` cannot be read until the settings are mended."""
    rows = f"id,began,queue\na,03/03/2025,{queue}\n{name},2025-03-03 11:00,other\n"
    (project.folder / "exports" / f"{name}.csv").write_text(rows)


def retry(project: pipeline.Project, day: int) -> pipeline.Project:
    (project.folder / "cxreports.toml").write_text(DATED)
    mended = pipeline.open_project(project.folder)
    upkeep.retry(mended, datetime(2025, 3, day, 12, tzinfo=UTC), lambda words: None)
    return mended


def test_a_retried_old_file_does_not_overtake_a_newer_one(project, snapshot):
    odd(project, "d1", "sales")
    run(project, 4)
    snapshot("d2", "billing")
    run(project, 5)
    mended = retry(project, 6)
    assert [queue_as_of(mended, day) for day in (4, 5, 6)] == [[], ["billing"], ["billing"]]
    assert fates(mended) == {"d1": (1, 0, 1), "d2": (2, 0, 0)}


def test_a_retried_file_that_nothing_came_after_is_the_newest_from_the_retry_on(project, snapshot):
    snapshot("d1", "sales")
    run(project, 4)
    odd(project, "d2", "billing")
    run(project, 5)
    mended = retry(project, 6)
    assert [queue_as_of(mended, day) for day in (4, 5, 6)] == [["sales"], ["sales"], ["billing"]]
    assert fates(mended) == {"d1": (1, 0, 1), "d2": (2, 0, 0)}


def test_a_copy_that_came_after_the_retried_file_is_what_came_last(project, snapshot):
    snapshot("d1", "sales")
    run(project, 4)
    odd(project, "d2", "billing")
    run(project, 5)
    snapshot("d3", "sales")  # a duplicate of d1's for as long as d2's cannot be read
    run(project, 6)
    mended = retry(project, 7)
    assert queue_of_a(mended) == ["sales"]
    assert fates(mended) == {"d1": (2, 0, 0), "d2": (1, 0, 1), "d3": (1, 1, 0)}
    snapshot("d4", "billing")  # what it was in d2 is news again
    run(mended, 8)
    assert [queue_as_of(mended, day) for day in (7, 8)] == [["sales"], ["billing"]]


def test_files_that_are_retried_together_keep_their_order_among_themselves(project, snapshot):
    for day, name, queue in ((4, "z", "sales"), (5, "m", "billing"), (6, "c", "care")):  # by name they would come out backwards
        odd(project, name, queue)
        run(project, day)
    mended = retry(project, 7)
    assert queue_of_a(mended) == ["care"]
    assert fates(mended) == {"z": (1, 0, 1), "m": (1, 0, 1), "c": (2, 0, 0)}


def test_a_line_that_is_mended_stands_where_it_stood_in_its_file(project):
    text = "id,began,queue\nb,03/03/2025,first\nb,2025-03-03 10:00,second\na,2025-03-03 10:00,first\na,03/03/2025,second\n"
    (project.folder / "exports/x.csv").write_text(text)
    run(project, 4)
    mended = retry(project, 5)
    found = pipeline.open_view(mended).con.execute("select leg_id, queue from core_legs order by leg_id").fetchall()
    assert found == [("a", "second"), ("b", "second")]
    assert fates(mended) == {"x": (2, 0, 2)}
