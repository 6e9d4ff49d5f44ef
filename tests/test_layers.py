"""The architecture as a test: which folder may import which, who may read the clock, and that every file says what it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cxreports", "dagster_defs")
FILES = sorted(p.relative_to(ROOT) for package in PACKAGES for p in (ROOT / package).rglob("*.py"))

# What each may import, besides itself. A name stands for its folder or module under cxreports/.
GROUND = {
    "settings", "errors", "evaluation_settings", "opening_hours", "journey_settings", "quantities", "sentiment_settings", "zones",
    "__version__",
}  # fmt: skip
LAKE = GROUND | {"definitions", "sentiment", "lake"}
ANALYSIS = LAKE | {"trends", "analysis"}
REPORTS = ANALYSIS | {"reports"}
PIPELINE = REPORTS | {"intake", "evidence", "key", "pipeline"}
MAY_IMPORT = {
    "settings": {
        "errors",
        "evaluation_settings",
        "opening_hours",
        "journey_settings",
        "person_requests",
        "quantities",
        "sentiment_settings",
        "toml_lines",
        "zones",
    },
    "person_requests": set(),
    "sentiment_settings": set(),
    "sentiment": GROUND,
    "evaluation_settings": set(),
    "key": {"settings", "errors"},
    "toml_lines": set(),
    "quantities": set(),
    "opening_hours": {"errors", "zones"},
    "journey_settings": set(),
    "zones": {"errors"},
    "errors": set(),
    "definitions": GROUND,
    "lake": LAKE,
    "trends": LAKE,
    "intake": LAKE,
    "analysis": ANALYSIS,
    "reports": REPORTS,
    "evidence": REPORTS,
    "pipeline": PIPELINE,
    "received": PIPELINE,
    "restated": PIPELINE,
    "upkeep": PIPELINE | {"received"},
    "printing": PIPELINE | {"received", "restated", "upkeep"},
    "mood_checks": PIPELINE,
    "doctor": PIPELINE,
    "options": PIPELINE,
    "new_project": {"definitions", "settings", "errors"},
    "commands": PIPELINE | {"mood_checks", "received", "restated", "upkeep", "printing", "doctor", "options", "new_project"},
    "cli": {"commands", "errors", "printing"},
    "dagster_defs": PIPELINE,
    "__init__": set(),
}
READS_THE_CLOCK = {"now", "today", "utcnow"}
MAY_READ_THE_CLOCK = {"commands", "dagster_defs"}  # where --as-of is not given, somebody must say what day it is
# `cxreports ui` starts Dagster, and that is all
MAY_NAME = {"dagster": {"dagster_defs"}, "dagster_defs": {"dagster_defs", "commands"}}
SQL = sorted((ROOT / "sql").rglob("*.sql"))


def room(file: Path) -> str:
    """The folder or module of a file, as the table above names it: cxreports/lake/store.py is lake."""
    parts = file.with_suffix("").parts
    return parts[0] if parts[0] == "dagster_defs" or len(parts) == 1 else parts[1]


def imports(source: str, file: Path) -> Iterator[str]:
    """Every module that the text imports, wherever in it, by its full name; `from a import b` gives a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = list(file.parts[: -node.level]) if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def import_faults(source: str, file: Path) -> list[str]:
    """What the file imports and must not."""
    here = room(file)
    faults = []
    for name in imports(source, file):
        head, _, rest = name.partition(".")
        if here not in MAY_NAME.get(head, {here}):
            faults.append(f"{file}: imports {name}; nothing under cxreports/ knows Dagster")
        target = rest.partition(".")[0]
        if head == "cxreports" and target not in MAY_IMPORT[here] | {here}:
            faults.append(f"{file}: imports {name}; {here} may import {', '.join(sorted(MAY_IMPORT[here])) or 'nothing'}")
    return faults


def clock_faults(source: str, file: Path) -> list[str]:
    """Calls of now(), today() or utcnow(), and of time.time(), where the day is an argument."""
    calls = [n.func for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    named = {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls}
    stamps = {"time.time"} & {ast.unparse(f) for f in calls if isinstance(f, ast.Attribute)}
    found = sorted(named & READS_THE_CLOCK | stamps)
    return [f"{file}: reads the clock ({', '.join(found)}); take the day as an argument"] if found else []


def read(file: Path) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def test_every_room_stands_in_the_picture() -> None:
    assert {room(file) for file in FILES} <= set(MAY_IMPORT)


def test_imports_point_down() -> None:
    assert [fault for file in FILES for fault in import_faults(read(file), file)] == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("cxreports/definitions/model.py", "from cxreports.lake.engine import connect"),
        ("cxreports/lake/store.py", "import cxreports.intake.intake"),
        ("cxreports/lake/store.py", "def f():\n    from cxreports import pipeline"),
        ("cxreports/lake/store.py", "from ..analysis import measure"),
        ("cxreports/trends/mix.py", "from cxreports.analysis.measure import Measurer"),
        ("cxreports/trends/mix.py", "from cxreports.intake import rows"),
        ("cxreports/reports/report.py", "from cxreports.intake.rows import x"),
        ("cxreports/reports/report.py", "from cxreports.evidence import pack"),
        ("cxreports/pipeline.py", "from cxreports.cli import app"),
        ("cxreports/pipeline.py", "import dagster as dg"),
        ("cxreports/pipeline.py", "from dagster_defs import launch"),
        ("cxreports/errors.py", "from cxreports.settings import Settings"),
    ],
)
def test_an_import_that_points_up_is_caught(file: str, line: str) -> None:
    assert len(import_faults(line, Path(file))) == 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("cxreports/pipeline.py", "from cxreports.intake.intake import take_in"),
        ("cxreports/commands/daily.py", "from cxreports import __version__, pipeline"),
        ("cxreports/lake/store.py", "from . import scope"),
        ("dagster_defs/assets.py", "import dagster\nfrom cxreports import pipeline"),
    ],
)
def test_an_import_that_points_down_is_let_through(file: str, line: str) -> None:
    assert import_faults(line, Path(file)) == []


def test_only_the_top_reads_the_clock() -> None:
    assert [fault for file in FILES if room(file) not in MAY_READ_THE_CLOCK for fault in clock_faults(read(file), file)] == []


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "date.today()", "datetime.datetime.utcnow()", "time.time()", "now()"])
def test_a_reading_of_the_clock_is_caught(line: str) -> None:
    assert len(clock_faults(f"x = {line}", Path("cxreports/lake/store.py"))) == 1


@pytest.mark.parametrize("word", ["now()", "today()", "current_date", "current_timestamp"])
def test_no_definition_reads_the_clock(word: str) -> None:
    bodies = {p: "\n".join(x for x in p.read_text(encoding="utf-8").splitlines() if not x.startswith("--")) for p in SQL}
    assert [p.name for p, body in bodies.items() if word in body.lower()] == []


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_module_says_what_lives_there(file: Path) -> None:
    assert ast.get_docstring(ast.parse(read(file))), f"{file}: has no docstring"


def test_every_folder_of_code_is_a_package_that_says_what_it_is() -> None:
    folders = sorted({file.parent for file in FILES})
    assert [str(f) for f in folders if not (ROOT / f / "__init__.py").is_file()] == []
