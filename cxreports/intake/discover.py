"""Which files a source has, where and since when; what a file is called once it is to be read."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cxreports.intake.locations import Found, is_remote, local_files
from cxreports.intake.read import Record
from cxreports.intake.remote import Store, open_store
from cxreports.settings import SourceSettings

_FIELDS = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}", "j": r"\d{3}", "y": r"\d{2}"}


@dataclass(frozen=True)
class ExportFile:
    """One file of one source. `path` is relative to the project, with forward slashes, or a URL; `file_id` its bytes' sha256.

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


@dataclass(frozen=True)
class Listing:
    """What a source's path names now, and the store where it lies (None: this machine)."""

    files: tuple[tuple[Found, datetime | None], ...]  # each with the time of its delivery, where its path tells it
    store: Store | None


def listing(project_dir: Path, name: str, source: SourceSettings, zone: ZoneInfo) -> Listing:
    """All files of the source, by path, without those from before its `since`. InputError where a store cannot be listed."""
    store = open_store(project_dir, name, source) if is_remote(source.path) else None
    found = store.listing() if store else local_files(project_dir, source.path)
    return Listing(tuple(_since(found, source, zone)), store)


def _since(found: list[Found], source: SourceSettings, zone: ZoneInfo) -> Iterator[tuple[Found, datetime | None]]:
    since = source.since_instant(zone)
    for file in found:
        delivered_at = delivery_time(file.path, source.delivered)
        if since is None or (delivered_at or file.modified_at) >= since:
            yield file, delivered_at


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
