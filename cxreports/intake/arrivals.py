"""What a source has to read in this run: its new files, archives opened, without those that are still being written.

One file at a time: what is unpacked or fetched is removed before the next one.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cxreports.definitions.catalogue import Catalogue
from cxreports.intake.archives import is_archive, opened_archive
from cxreports.intake.discover import ExportFile, listing, sha256_of
from cxreports.intake.locations import Found
from cxreports.intake.remote import Store
from cxreports.intake.unpack import is_cut_off
from cxreports.settings import SourceSettings

UPLOAD = timedelta(hours=1)  # a packed file that is cut off and older than this stays so, and is read as it is
RECORDS_IN_ZIP = "json_zip_member"
LONGEST_NAME = 200  # bytes; names that file systems take are up to 255


@dataclass(frozen=True)
class SeenObject:
    """What lies, or lay, at a place: one version of an object of a store, which need not be fetched again to know its bytes'
    sha256; or a file of this machine (without stamp)."""

    source: str
    url: str
    n_bytes: int
    stamp: str | None
    file_id: str
    delivered_at: datetime | None = None


Objects = Mapping[tuple[str, str], SeenObject]  # by source and URL


@dataclass(frozen=True)
class Place:
    """Where a run reads: the project's folder, and a private folder for what is unpacked or fetched. `now` is the machine's
    clock, for files that are still being written; without it every file counts as finished. `objects`: what the lake knows of
    the stores' objects; `note` takes what it does not know yet."""

    project_dir: Path
    zone: ZoneInfo
    staging: Path
    now: datetime | None
    objects: Objects
    tell: Callable[[str], None]
    note: Callable[[SeenObject], None]


def arrivals(
    place: Place,
    name: str,
    source: SourceSettings,
    catalogue: Catalogue,
    known: Set[str],
    as_of: datetime,
    wanted: Set[str] | None = None,
) -> Iterator[ExportFile]:
    """The files to read, by path, members of archives before their archive; each content once. `wanted`: none but those (sha256).

    A file is there only until the next one is asked for.
    """
    seen, n_files = set(known), 0
    for file in _opened(place, name, source, catalogue, as_of, seen, wanted is not None):
        if file.file_id not in seen:
            seen.add(file.file_id)
            if wanted is None or file.file_id in wanted:
                n_files += 1
                yield file
    if wanted is None:
        place.tell(f"{name}: {n_files} new {'file' if n_files == 1 else 'files'}")
    elif missing := len(wanted) - n_files:
        place.tell(f"{name}: {missing} of {len(wanted)} files with quarantined records are no longer found")


def _opened(
    place: Place, name: str, source: SourceSettings, catalogue: Catalogue, as_of: datetime, seen: Set[str], is_retry: bool
) -> Iterator[ExportFile]:
    framing = catalogue.sources[source.kind].header.framing if source.kind in catalogue.sources else None
    format_ = "json" if framing == "json_log_event" else framing or source.format
    found = listing(place.project_dir, name, source, place.zone)
    for file in _at_hand(place, name, source, found.files, found.store, as_of, is_retry):
        if file.file_id in seen:
            if not (found.store or is_retry):
                _note_copy(place, file)
            continue
        if framing != RECORDS_IN_ZIP and is_archive(file.full_path):
            yield from opened_archive(file, format_, source.delivered, place.staging)
        else:
            yield file


def _note_copy(place: Place, file: ExportFile) -> None:
    """An hour without a contact may bring the same bytes as the hour before: it was delivered all the same."""
    before = place.objects.get((file.source, file.path))
    if before is None or before.file_id != file.file_id:
        place.note(SeenObject(file.source, file.path, file.n_bytes, None, file.file_id, file.delivered_at))


def _at_hand(
    place: Place,
    name: str,
    source: SourceSettings,
    files: tuple[tuple[Found, datetime | None], ...],
    store: Store | None,
    as_of: datetime,
    is_retry: bool,
) -> Iterator[ExportFile]:
    """The files that are finished and delivered, on this machine. Of a store's objects, in a retry, only known ones."""
    for found, delivered_at in files:
        if delivered_at is not None and delivered_at > as_of:
            continue
        if store and _is_seen(place, name, found) is not is_retry:
            continue
        if _is_young(found, source.settle_seconds, place.now):
            place.tell(f"{found.path} is still being written; it is left for the next run")
        elif store is None:
            assert found.local is not None  # noqa: S101  # what lies in no store lies here
            yield from _finished(place, name, found, found.local, delivered_at)
        else:
            yield from _fetched(place, name, store, found, delivered_at)


def _is_seen(place: Place, name: str, found: Found) -> bool:
    seen = place.objects.get((name, found.path))
    return seen is not None and (seen.n_bytes, seen.stamp) == (found.size, found.stamp)


def _fetched(place: Place, name: str, store: Store, found: Found, delivered_at: datetime | None) -> Iterator[ExportFile]:
    target = place.staging / _staged_name(found.key)
    try:
        if not store.fetch(found, target):
            place.tell(f"{found.path} changed while it was copied; it is left for the next run")
            return
        for file in _finished(place, name, found, target, delivered_at):
            yield file
            if not _is_seen(place, name, found):
                place.note(SeenObject(name, found.path, found.size, found.stamp, file.file_id, delivered_at))
    finally:
        target.unlink(missing_ok=True)


def _staged_name(key: str) -> str:
    """The object's own name, which may tell what it holds, where a file here can have it."""
    name = key.rsplit("/", 1)[-1]
    is_usable = name not in ("", ".", "..") and "\0" not in name and len(name.encode("utf-8", "surrogateescape")) <= LONGEST_NAME
    return name if is_usable else hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _finished(place: Place, name: str, found: Found, path: Path, delivered_at: datetime | None) -> Iterator[ExportFile]:
    """The file, unless it is packed, young, and cut off."""
    if place.now and place.now - found.modified_at < UPLOAD and is_cut_off(path):
        place.tell(f"{found.path} is still being written; it is left for the next run")
        return
    yield ExportFile(name, found.path, path, sha256_of(path), path.stat().st_size, delivered_at)


def _is_young(found: Found, settle_seconds: int, now: datetime | None) -> bool:
    return bool(now and settle_seconds and now - found.modified_at < timedelta(seconds=settle_seconds))
