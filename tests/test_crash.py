"""A run may be killed at any moment: the last commit stays readable, and the next run comes out as if nothing had happened."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cxreports import pipeline
from cxreports.errors import CxError, LakeError, LockedError, QuestionError
from cxreports.lake.engine import rows
from cxreports.lake.store import FORMAT, Lake
from tests.conftest import ROOT, SAMPLES, silent

FIRST, LAST = date(2026, 8, 26), date(2026, 8, 27)  # a day's records arrive in its last hour, which is the next day's here
# Runs the second day in each folder, and dies there at the n-th of the calls by which the lake changes; at 0 it counts them.
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from cxreports import pipeline
from cxreports.lake import store

last, calls, at = date.fromisoformat(sys.argv[1]), 0, 0

def counted(function):
    def call(*args, **more):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **more)
    return call

Path.replace, Path.unlink, Path.mkdir, Path.write_text = (
    counted(f) for f in (Path.replace, Path.unlink, Path.mkdir, Path.write_text)
)
store._sync, store._digest, store.one = counted(store._sync), counted(store._digest), counted(store.one)
for folder, n in zip(sys.argv[2::2], sys.argv[3::2]):
    child = os.fork()
    if not child:
        at = int(n)
        project = pipeline.open_project(Path(folder))
        pipeline.run(project, pipeline.end_of_day(last, project.settings), lambda words: None)
        print(calls)
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def small(folder: Path) -> pipeline.Project:
    """Two days of the samples."""
    folder.mkdir()
    shutil.copyfile(SAMPLES / "cxreports.toml", folder / "cxreports.toml")
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    for day in ("25", "26"):
        for path in sorted((SAMPLES / "exports").glob(f"*/2026/08/{day}/**/*.*")):
            target = folder / path.relative_to(SAMPLES)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    (folder / "exports/releases").mkdir()
    shutil.copyfile(next((SAMPLES / "exports/releases").glob("*.csv")), folder / "exports/releases/releases.csv")
    return pipeline.open_project(folder)


def run(project: pipeline.Project, day: date) -> pipeline.RunResult:
    return pipeline.run(project, pipeline.end_of_day(day, project.settings), silent)


def lake(folder: Path) -> dict[str, bytes]:
    """Every file of the lake but the lock, with its bytes."""
    files = sorted(p for p in (folder / "lake").rglob("*") if p.is_file() and p.name != "LOCK")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def figures(project: pipeline.Project) -> list[dict[str, object]]:
    view = pipeline.open_view(project, pipeline.end_of_day(FIRST, project.settings))
    return rows(view.con, "select * from core_interactions order by all")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Project:
    """A project with one commit."""
    project = small(tmp_path_factory.mktemp("crash") / "before")
    run(project, FIRST)
    return project


@pytest.fixture(scope="module")
def undisturbed(before: pipeline.Project) -> dict[str, bytes]:
    """The lake after a second commit that nobody disturbed."""
    return after_next_run(copy(before, before.folder.parent / "undisturbed"))


@pytest.fixture
def project(before: pipeline.Project, tmp_path: Path) -> pipeline.Project:
    return copy(before, tmp_path / "p")


def copy(project: pipeline.Project, folder: Path) -> pipeline.Project:
    shutil.copytree(project.folder, folder)
    return pipeline.open_project(folder)


def after_next_run(project: pipeline.Project) -> dict[str, bytes]:
    run(project, LAST)
    return lake(project.folder)


def killing(*folders_and_steps: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", KILLED, LAST.isoformat(), *map(str, folders_and_steps)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, start_new_session=True)


def test_killed_at_any_step_the_last_commit_stands_and_the_next_run_is_as_if_nothing_had_happened(
    before: pipeline.Project, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    steps = int(killing(copy(before, tmp_path / "count").folder, 0).communicate()[0].split()[0])
    assert steps > 40 and lake(tmp_path / "count") == undisturbed
    was, old = figures(before), lake(before.folder)
    spread = sorted({1, *random.Random(7).sample(range(2, steps - 3), 8), *range(steps - 3, steps + 1)})
    killed = {n: copy(before, tmp_path / f"at{n}") for n in spread}
    given = [word for n, project in killed.items() for word in (project.folder, n)]
    assert killing(*given).communicate()[0].split() == [str(-signal.SIGKILL)] * len(spread)
    for n, project in killed.items():
        assert old.items() <= lake(project.folder).items(), n
        assert figures(project) == was, n
        after = after_next_run(project)
        assert without_strays(after) == undisturbed, n
        assert not [name for name in after if ".draft" in name], n


def without_strays(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files but for parts that no commit names: what a killed run had put there."""
    named = b"".join(data for name, data in files.items() if name.startswith("lake/commits/"))
    return {name: data for name, data in files.items() if "/parts/" not in name or Path(name).name.encode() in named}


def test_killed_at_any_moment_of_the_clock(before: pipeline.Project, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    project = copy(before, tmp_path / "p")
    moment = random.Random(11)
    for _ in range(3):
        process = killing(project.folder, 0)
        time.sleep(moment.uniform(1.0, 4.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert {name for name in lake(project.folder) if "/commits/0" in name} >= {"lake/commits/00000001.json"}
    assert without_strays(after_next_run(project)) == undisturbed


def test_readers_beside_a_writer_see_before_or_after_and_nothing_between(project: pipeline.Project) -> None:
    def seen() -> tuple[int, int, int]:
        view = pipeline.open_view(project)
        (row,) = rows(
            view.con,
            "select (select count(*) from stg_files) as files, (select count(*) from core_interactions) as interactions",
        )
        return view.commit.seq, row["files"], row["interactions"]

    looked = [seen()]
    process = killing(project.folder, 0)
    while process.poll() is None:
        looked.append(seen())
    looked.append(seen())
    assert len(looked) > 3
    assert sorted(set(looked)) == [looked[0], looked[-1]] and looked == sorted(looked) and looked[-1][0] == 2


def test_a_killed_holder_frees_the_lake_and_a_live_one_is_named(tmp_path: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path; from cxreports.lake.store import Lake\n"
        "with Lake(Path(sys.argv[1])).lock():\n    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold, str(tmp_path / "lake")], cwd=ROOT, stdout=subprocess.PIPE)
    assert holder.stdout and holder.stdout.readline()
    store = Lake(tmp_path / "lake")
    with pytest.raises(LockedError, match=f"process {holder.pid} on "), store.lock():
        pass
    holder.kill()
    holder.wait()
    with store.lock(), pytest.raises(LockedError, match=f"process {os.getpid()} on "), store.lock():
        pass


def test_the_lake_can_be_entered_by_its_owner_only(before: pipeline.Project) -> None:
    assert before.lake.root.stat().st_mode & 0o077 == 0


def test_a_part_that_a_dead_run_left_half_written_is_written_anew(project: pipeline.Project) -> None:
    part = next((project.folder / "lake/parts/core_interactions").glob("*.parquet"))
    whole = part.read_bytes()
    part.write_bytes(whole[:100])
    shutil.rmtree(project.folder / "lake/commits")
    run(project, FIRST)
    assert part.read_bytes() == whole


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (b"", "is no commit of cxreports"),
        (b"\xff\xfe\x00", "is no commit of cxreports"),
        (b"[]", "is no commit of cxreports"),
        (b"null", "is no commit of cxreports"),
        (b'{"tables": 5}', "is no commit of cxreports"),
        (b'{"tables": {"a": [1]}, "seq": 2}', "is no commit of cxreports"),
        (b"[" * 100_000, "is no commit of cxreports"),
        (b'{"format": 99, "version": "7.1", "shape": "new"}', r"was written by a newer cxreports \(7.1\)"),
    ],
)
def test_a_damaged_or_newer_commit_is_refused_in_words(project: pipeline.Project, damage: bytes, told: str) -> None:
    (project.folder / "lake/commits/00000002.json").write_bytes(damage)
    for use in (project.lake.head, lambda: run(project, LAST), lambda: project.lake.faults()):
        with pytest.raises(LakeError, match=told):
            use()


def test_a_commit_says_its_format_and_one_that_does_not_is_of_the_first(project: pipeline.Project) -> None:
    path = project.folder / "lake/commits/00000001.json"
    data = json.loads(path.read_text())
    assert data.pop("format") == FORMAT == 1
    path.write_text(json.dumps(data))
    head = project.lake.head()
    assert head and head.seq == 1


@pytest.mark.parametrize("change", [{"seq": 3}, {"as_of": "yesterday"}, {"as_of": "2026-08-25T10:00:00"}])
def test_a_commit_that_contradicts_itself_is_refused(project: pipeline.Project, change: dict[str, object]) -> None:
    path = project.folder / "lake/commits/00000001.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(LakeError, match="is no commit of cxreports"):
        project.lake.head()


def test_a_copy_beside_the_commits_is_no_commit(project: pipeline.Project) -> None:
    commits = project.folder / "lake/commits"
    for name in ("00000001 (copy).json", "00000009.sync-conflict.json", "1.json"):
        shutil.copyfile(commits / "00000001.json", commits / name)
    assert [c.seq for c in project.lake.commits()] == [1]


def test_a_commit_that_was_changed_breaks_the_chain_and_the_doctor_sees_it(project: pipeline.Project) -> None:
    run(project, LAST)
    assert project.lake.faults(deep=True) == []
    first = project.folder / "lake/commits/00000001.json"
    first.write_text(first.read_text().replace('"version": "', '"version": "0'))
    assert ["commit 2 does not follow" in fault for fault in project.lake.faults()] == [True]


@pytest.mark.parametrize("cut", [None, 50])
def test_a_part_that_is_missing_or_cut_off_is_named(project: pipeline.Project, cut: int | None) -> None:
    part = next((project.folder / "lake/parts/stg_legs").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:cut]) if cut else part.unlink()
    for use in (lambda: pipeline.open_view(project), lambda: run(project, LAST)):
        with pytest.raises(LakeError, match=f"{part.name}: (is missing|was changed)"):
            use()
    assert [f for f in project.lake.faults() if part.name in f]


def test_a_part_with_other_bytes_ends_in_words_and_shows_none_of_them(project: pipeline.Project) -> None:
    part = next((project.folder / "lake/parts/stg_legs").glob("*.parquet"))
    part.write_bytes(b"secret42" * (part.stat().st_size // 8) + b"x" * (part.stat().st_size % 8))
    done = cx("measure", "interactions", "--project", str(project.folder))
    assert (done.returncode, "doctor --deep" in done.stderr, "secret42" in done.stderr) == (13, True, False), done.stderr


def test_a_clock_that_went_backwards_loads_nothing(project: pipeline.Project) -> None:
    with pytest.raises(QuestionError, match="lies before the last run"):
        pipeline.run(project, datetime(2026, 8, 1, tzinfo=UTC), silent)


def test_a_disk_that_is_full_is_told_and_the_lake_stands_as_before(
    project: pipeline.Project, undisturbed: dict[str, bytes]
) -> None:
    was = lake(project.folder)
    limit = f'ulimit -f 2; exec "{sys.executable}" -m cxreports.cli run --as-of {LAST} --project "$0"'
    command = ["bash", "-c", f"trap '' XFSZ; {limit}", str(project.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 13 and "the disk does not take it" in done.stderr and "Traceback" not in done.stderr, done.stderr
    left = lake(project.folder)
    assert was.items() <= left.items() and not [name for name in left if ".draft" in name]
    assert without_strays(after_next_run(project)) == undisturbed


@contextmanager
def unwritable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a read-only file system behaves, for root, too."""

    def refused(path: Path, *args: object, **more: object) -> object:
        mode = str(args[0] if args else more.get("mode", "r"))
        if path.is_relative_to(folder) and mode not in ("r", "rb"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **more)  # type: ignore[arg-type]

    opened: Callable[..., object] = Path.open
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refused)
        yield


def test_a_lake_that_cannot_be_written_can_be_read(project: pipeline.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    was = figures(project)
    with unwritable(project.folder / "lake", monkeypatch):
        with pytest.raises(LakeError, match=r"does not take it \(Permission denied\)"):
            run(project, LAST)
        assert figures(project) == was


def test_a_file_where_the_lake_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("")
    with pytest.raises(CxError, match="does not take it"), Lake(tmp_path / "lake").lock():
        pass


def test_projects_in_folders_with_strange_names_keep_apart(before: pipeline.Project, tmp_path: Path) -> None:
    strange = copy(before, tmp_path / "p?'[a] \"é*")
    copy(before, tmp_path / "pq'a \"é1")
    assert figures(strange) == figures(before)


def cx(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cxreports.cli", *words], capture_output=True, text=True, cwd=ROOT)
