"""A zip archive of export files → its members, each a file of its own (`archive.zip!member.csv`), and those that are refused.

Members are unpacked into the run's staging folder one at a time, under names of our own; theirs are only ever shown.
Archives whose members are single records (`json_zip_member`) are read in `read`.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cxreports.intake.discover import ExportFile, delivery_time, sha256_of
from cxreports.intake.read import UNPACKING, Record, damaged
from cxreports.intake.rows import format_of

ZIP = "zip"
MAX_MEMBERS = 10_000
MAX_BYTES = 20_000_000_000  # of all members of one archive, unpacked
MAX_RATIO = 200  # of unpacked to packed size; export files that repeat themselves reach about 50
SMALL = 100_000_000  # bytes; a member that does not grow beyond is unpacked at any ratio
_NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def is_archive(path: Path) -> bool:
    """Whether the file is a zip archive of files: XLSX workbooks are zip archives of something else."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except UNPACKING:
        return path.suffix.lower() == ".zip"  # a damaged one


def opened_archive(file: ExportFile, format_: str | None, delivered: str | None, staging: Path) -> Iterator[ExportFile]:
    """The members in the order of their names, then the archive itself with what was refused of it as damaged records.

    `format_` is what the source's files are; members that say by their names that they are something else are refused.
    """
    refused: list[Record] = []
    try:
        with zipfile.ZipFile(file.full_path) as archive:
            infos = sorted((i for i in archive.infolist() if not _is_noise(i)), key=lambda i: i.filename)
            sizes = 0
            for position, info in enumerate(infos, start=1):
                sizes += info.file_size
                reason = _fault(info, format_, position, sizes)
                member = None if reason else _unpacked(file, archive, info, delivered, staging)
                if member is None:
                    told = reason or "zip member cannot be unpacked"
                    refused.append(damaged(position, info.filename, told, info.filename))
                else:
                    yield member
                    member.full_path.unlink(missing_ok=True)
    except UNPACKING:
        refused.append(damaged(1, None, "file is no zip archive", file.path))
    yield replace(file, refused=tuple(refused), is_archive=True)


def _is_noise(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/") or info.filename.startswith(_NOISE) or PurePosixPath(info.filename).name in _NOISE


def _fault(info: zipfile.ZipInfo, format_: str | None, position: int, sizes: int) -> str | None:
    """Why a member is not unpacked, or None."""
    told = _told_format(info.filename)
    if info.flag_bits & 1:
        return "zip member is encrypted"
    if info.filename.lower().endswith(".zip"):
        return "zip member is a zip archive itself"
    if position > MAX_MEMBERS or sizes > MAX_BYTES:
        return "zip archive holds too much"
    if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
        return f"zip member grows more than {MAX_RATIO} times when it is unpacked"
    if format_ and told and told != format_:
        return f"zip member is no {format_} file by its name"
    return None


def _told_format(name: str) -> str | None:
    suffix = PurePosixPath(name.lower().removesuffix(".gz").removesuffix(".zst")).suffix
    return "xml" if suffix == ".xml" else None if suffix == ".txt" else format_of(Path(name))


def _unpacked(
    file: ExportFile, archive: zipfile.ZipFile, info: zipfile.ZipInfo, delivered: str | None, staging: Path
) -> ExportFile | None:
    """The member as a file in the staging folder; None where it cannot be unpacked."""
    path = f"{file.path}!{info.filename}"
    suffixes = "".join(s for s in PurePosixPath(info.filename).suffixes[-2:] if s[1:].isalnum())
    target = staging / (hashlib.sha256(path.encode("utf-8", "replace")).hexdigest() + suffixes)
    try:
        with archive.open(info) as packed, target.open("xb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)
    except UNPACKING:
        return None
    stat = target.stat()
    at = delivery_time(path, delivered) or file.delivered_at
    return ExportFile(file.source, path, target, sha256_of(target), stat.st_size, at)
