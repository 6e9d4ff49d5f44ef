"""What was measured of scorers' errors: one file of the project, a table of counts for each scorer."""

import json
import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from cxreports.errors import SettingsError
from cxreports.sentiment.scorer import Confusion

Checks = dict[str, Confusion]
_CHECKS = TypeAdapter(Checks)


def read_checks(path: Path) -> Checks:
    """What was measured so far; empty without a file."""
    if not path.exists():
        return {}
    try:
        return _CHECKS.validate_json(path.read_bytes(), strict=True)
    except (OSError, ValidationError):
        raise SettingsError(f"{path}: is not what 'cxreports sentiment check' writes; remove it and check again") from None


def keep_checks(path: Path, new: Checks) -> None:
    """Put these tables in place of those of the same scorers."""
    replace_file(path, json.dumps({**read_checks(path), **new}, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def replace_file(path: Path, text: str) -> None:
    """Write it in one step: a reader sees the old file or the new one."""
    draft = path.with_name(f".draft-{os.getpid()}-{path.name}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
