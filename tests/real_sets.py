"""Real data sets with figures computed by others: loading one into a project of its own. The sets are not part of the program."""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxreports import pipeline
from cxreports.analysis.measure import Measurer

HERE = Path(__file__).parent / "projects"


def load(shared: Path, name: str, files: Sequence[str], folder: Path) -> Measurer:
    """A project of those files of the set, through the settings that stand under tests/projects, run once."""
    (folder / "exports").mkdir(parents=True)
    for file in files:
        shutil.copyfile(shared / "data" / name / file, folder / "exports" / file)
    shutil.copyfile(HERE / f"{name}.toml", folder / "cxreports.toml")
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    project = pipeline.open_project(folder)
    pipeline.run(project, datetime(2026, 1, 1, tzinfo=UTC), lambda words: None)
    return pipeline.measurer(project)


def truth_of(shared: Path, name: str) -> dict[str, Any]:
    """The set's independent figures."""
    found: dict[str, Any] = json.loads((shared / "data" / name / "truth.json").read_text())
    return found
