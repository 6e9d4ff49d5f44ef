"""What several tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real samples and data sets with independent figures, where they are at hand."""
    path = Path(os.environ.get("CXREPORTS_SHARED", ROOT / ".." / "shared")).resolve()
    if not path.is_dir():
        pytest.skip("the shared data sets are not here")
    return path
