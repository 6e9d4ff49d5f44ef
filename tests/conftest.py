"""What several tests share."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from cxreports import pipeline

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data" / "samples"
LAST_DAY = date(2026, 11, 24)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real samples and data sets with independent figures, where they are at hand."""
    path = Path(os.environ.get("CXREPORTS_SHARED", ROOT / ".." / "shared")).resolve()
    if not path.is_dir():
        pytest.skip("the shared data sets are not here")
    return path


def sample_project(folder: Path) -> pipeline.Project:
    """A project of the sample exports, not yet run."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SAMPLES / "cxreports.toml", folder / "cxreports.toml")
    shutil.copytree(SAMPLES / "exports", folder / "exports")
    (folder / "pseudonym.key").write_text("the samples' key is no secret\n")
    return pipeline.open_project(folder)


def silent(words: str) -> None:
    """Tells nobody."""


@pytest.fixture(scope="session")
def larkfield(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Project:
    """The sample project, all of its exports loaded in one run. Tests only read it."""
    project = sample_project(tmp_path_factory.mktemp("larkfield"))
    pipeline.run(project, pipeline.end_of_day(LAST_DAY, project.settings), silent)
    return project
