"""What a source has to read in this run: its new files, archives opened, without those that are still being written."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cxreports.definitions.catalogue import Catalogue
from cxreports.intake.archives import is_archive, opened_archive
from cxreports.intake.discover import ExportFile, discover
from cxreports.intake.unpack import is_cut_off
from cxreports.settings import SourceSettings

UPLOAD = timedelta(hours=1)  # a packed file that is cut off and older than this stays so, and is read as it is
RECORDS_IN_ZIP = "json_zip_member"


@dataclass(frozen=True)
class Place:
    """Where a run reads: the project's folder, and a private folder for what is unpacked or fetched. `now` is the machine's
    clock, for files that are still being written; without it every file counts as finished."""

    project_dir: Path
    staging: Path
    now: datetime | None
    tell: Callable[[str], None]


def arrivals(
    place: Place,
    name: str,
    source: SourceSettings,
    catalogue: Catalogue,
    known: Set[str],
    as_of: datetime,
    wanted: Set[str] | None = None,
) -> list[ExportFile]:
    """The files to read, members of archives before their archive; each content once. `wanted`: none but those (sha256)."""
    files = discover(place.project_dir, name, source, known, as_of)
    found = list(_opened(place, source, catalogue, files))
    seen: set[str] = set(known)
    fresh = [f for f in found if not (f.file_id in seen or seen.add(f.file_id))]  # type: ignore[func-returns-value]
    if wanted is not None:
        fresh = [f for f in fresh if f.file_id in wanted]
        if missing := len(wanted) - len(fresh):
            place.tell(f"{name}: {missing} of {len(wanted)} files with quarantined records are no longer found")
        return fresh
    place.tell(f"{name}: {len(fresh)} new {'file' if len(fresh) == 1 else 'files'}")
    return fresh


def _opened(place: Place, source: SourceSettings, catalogue: Catalogue, files: Iterator[ExportFile]) -> Iterator[ExportFile]:
    framing = catalogue.sources[source.kind].header.framing if source.kind in catalogue.sources else None
    format_ = "json" if framing == "json_log_event" else framing or source.format
    for file in files:
        if place.now and _is_unfinished(file.full_path, source.settle_seconds, place.now):
            place.tell(f"{file.path} is still being written; it is left for the next run")
        elif framing != RECORDS_IN_ZIP and is_archive(file.full_path):
            yield from opened_archive(file, format_, source.delivered, place.staging)
        else:
            yield file


def _is_unfinished(path: Path, settle_seconds: int, now: datetime) -> bool:
    """Whether a file is so young that somebody may still be writing it, or packed, young, and cut off."""
    age = now - datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo)
    if settle_seconds and age < timedelta(seconds=settle_seconds):
        return True
    return age < UPLOAD and is_cut_off(path)
