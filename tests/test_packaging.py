"""What is shipped is what is here: the wheel, the pins, the starter script, and no trace of the machine that made them."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RESOURCES = "cxreports/_resources"
PIN = re.compile(r"[a-z0-9][a-z0-9-]*==[0-9][0-9A-Za-z.+!]*")
TRACES = {
    "the address of a package index": re.compile(r"https?://\S+/(?:simple|packages|debian)\b|--(?:extra-)?index.url"),
    "a path of one machine": re.compile(r"(?<![\w.~-])/(?:root|work|home/\w+|Users/\w+|opt/cxenv|tmp/\w+)/"),
}


def git(*arguments: str) -> str:
    """What git says of this checkout; the test is skipped where there is no git or no checkout."""
    if which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True).stdout


def files_of_the_tree() -> list[str]:
    """Every file that is tracked or about to be, as git names it."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def in_the_wheel(name: str) -> str | None:
    """Where a file of the tree belongs in the wheel; None: it stays at home."""
    if name.startswith(("sql/", "templates/", "data/samples/")):
        return f"{RESOURCES}/{name}"
    return name if name.startswith(("cxreports/", "dagster_defs/")) else None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with ZipFile(next(folder.glob("*.whl"))) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_the_program_and_every_file_it_reads_and_nothing_else(wheel: set[str]) -> None:
    shipped = {name for name in wheel if ".dist-info/" not in name}
    assert shipped == {target for name in files_of_the_tree() if (target := in_the_wheel(name))}


@pytest.mark.parametrize("folder", ["sql", "templates", "data/samples"])
def test_the_wheel_holds_every_kind_of_resource(wheel: set[str], folder: str) -> None:
    assert any(name.startswith(f"{RESOURCES}/{folder}/") for name in wheel)


def test_the_wheel_holds_both_licences(wheel: set[str]) -> None:
    licences = {name.partition("/licenses/")[2] for name in wheel if "/licenses/" in name}
    assert licences == {"LICENSE", "templates/fonts/LICENSE"}


@pytest.mark.parametrize("script", ["cx", ".ci/run"])
def test_the_scripts_can_be_executed(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert git("ls-files", "-s", script).startswith("100755")


def test_cx_alone_tells_its_commands_and_installs_nothing(tmp_path: Path) -> None:
    home = tmp_path / "a folder with spaces"
    home.mkdir()
    (home / "cx").write_bytes((ROOT / "cx").read_bytes())
    told = subprocess.run(["sh", str(home / "cx")], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "./cx COMMAND" in told.stdout
    assert [path.name for path in home.iterdir()] == ["cx"]


def test_no_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    texts = {name: (ROOT / name).read_text(encoding="utf-8", errors="ignore") for name in files_of_the_tree()}
    found = [f"{name}: {what}" for name, text in texts.items() for what, trace in TRACES.items() if trace.search(text)]
    assert found == []


def pins() -> dict[str, str]:
    """Package → pinned version, from constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    return dict(line.split("==") for line in lines)


def test_every_dependency_is_pinned_to_a_version_that_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    needs = [Requirement(line) for line in project["dependencies"] + extras]
    pinned = pins()
    assert [str(need) for need in needs if canonicalize_name(need.name) not in pinned] == []
    assert [str(need) for need in needs if not need.specifier.contains(pinned[canonicalize_name(need.name)])] == []
