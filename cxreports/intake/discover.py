"""Which files are new: every source's glob, each content once, nothing that was delivered after the as-of instant."""

import hashlib
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cxreports.intake.read import Record
from cxreports.settings import SourceSettings

_FIELDS = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}", "j": r"\d{3}", "y": r"\d{2}"}


@dataclass(frozen=True)
class ExportFile:
    """One file of one source. `path` is relative to the project, with forward slashes; `file_id` the sha256 of its bytes.

    An archive's members are files of their own; the archive itself only holds what was `refused` of it.
    """

    source: str
    path: str
    full_path: Path
    file_id: str
    n_bytes: int
    delivered_at: datetime | None
    is_archive: bool = False
    refused: tuple[Record, ...] = ()


def discover(
    project_dir: Path, source: str, settings: SourceSettings, known_files: Set[str], as_of: datetime
) -> Iterator[ExportFile]:
    """The source's files that are to be read now, by path. Copies and renamed files are read once."""
    seen: set[str] = set()
    for path in matching(project_dir, settings.path):
        relative = printable(path.relative_to(project_dir).as_posix())
        delivered_at = delivery_time(relative, settings.delivered)
        if delivered_at is not None and delivered_at > as_of:
            continue
        file_id = sha256_of(path)
        if file_id not in known_files and file_id not in seen:
            seen.add(file_id)
            yield ExportFile(source, relative, path, file_id, path.stat().st_size, delivered_at)


def printable(path: str) -> str:
    """The path as text that can be stored: bytes of a name that are no UTF-8 become a mark."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def matching(project_dir: Path, glob: str) -> list[Path]:
    """Files that the glob names, by path. Nothing outside the project: a link that leads out of it is not followed."""
    root = project_dir.resolve()
    found = (p for p in project_dir.glob(glob) if p.is_file() and p.resolve().is_relative_to(root))
    return sorted(set(found), key=lambda p: p.relative_to(project_dir).as_posix())


def glob_fault(glob: str) -> str | None:
    """Why that glob cannot be used, or None."""
    if not glob.strip() or glob.startswith(("/", "~")) or re.match(r"[A-Za-z]:", glob) or ".." in re.split(r"[/\\]", glob):
        return "must be a path below the project's folder, such as 'exports/connect/**/*.json'"
    return None


def delivery_time(relative_path: str, pattern: str | None) -> datetime | None:
    """When the file was delivered (UTC), by the strptime pattern found somewhere in its path; None if it is not there."""
    if pattern is None:
        return None
    for match in re.finditer(_regex(pattern), relative_path):
        try:
            return datetime.strptime(match.group(), pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def delivered_fault(pattern: str) -> str | None:
    """Why that pattern cannot be used, or None."""
    unknown = sorted(set(re.findall(r"%(.)", pattern)) - set(_FIELDS))
    if unknown:
        return f"%{unknown[0]} is not understood; use {', '.join('%' + f for f in _FIELDS)}"
    if "%Y" not in pattern and "%y" not in pattern:
        return "must hold at least the year, as in '%Y/%m/%d/%H'"
    return None


def _regex(pattern: str) -> str:
    parts = re.split(r"%(.)", pattern)
    body = "".join(_FIELDS.get(p, re.escape(p)) if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return rf"(?<!\d){body}(?!\d)"


def sha256_of(path: Path) -> str:
    """sha256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
