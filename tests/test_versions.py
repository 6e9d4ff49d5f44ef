"""Which version of a record counts where its source has none of its own: the one that came last, also if it came before."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxreports import pipeline, received
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
