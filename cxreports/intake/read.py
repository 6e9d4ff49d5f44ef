"""One JSON export file → its records, damaged ones included; byte order marks and archives of records are dealt with here.

What a record means is no business of this module; rows of tables are read in `rows`.
"""

import codecs
import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cxreports.intake.framing import NO_OBJECT, TOO_DEEP, Framed, Framer, frame
from cxreports.intake.log_events import log_events
from cxreports.intake.quick import canonical
from cxreports.intake.structure import structure_id
from cxreports.intake.unpack import PIECE, opened

BEGINNING = 400  # characters of a damaged record that are looked at for its excerpt
MAX_MEMBER = 200_000_000  # bytes; a zip member that would grow larger is refused
CUT_OFF = "file is cut off or damaged here (gzip or zstd)"
# What `zipfile` raises for a member that it cannot unpack: damaged, encrypted, or packed in a way it does not know.
UNPACKING = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
BAD = "cxreports.bad_bytes"  # error handler: bytes that are no text become a mark that `framing.has_bad_bytes` finds


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    return "\udcff", error.end if isinstance(error, UnicodeDecodeError) else 0


codecs.register_error(BAD, _mark_bad_bytes)


class Record(NamedTuple):
    """One received record. `position` counts from 1 within the file; `text` is its JSON, or how a damaged one begins."""

    position: int
    member: str | None
    text: str | None
    content_id: str
    reason: str | None
    structure: str | None = None  # its id, see `structure`


def records(path: Path, framing: str, encoding: str) -> Iterator[Record]:
    """Every record of the file in order, with the reason where it is damaged."""
    if framing == "json_zip_member":
        yield from _members(path, encoding)
        return
    found = _framed(path, encoding)
    for position, framed in enumerate(log_events(found) if framing == "json_log_event" else found, start=1):
        yield _record(position, None, framed)


def _framed(path: Path, encoding: str) -> Iterator[Framed]:
    framer = Framer()
    with opened(path) as file:
        decoder: codecs.IncrementalDecoder | None = None
        is_damaged = False
        while True:
            try:
                piece = file.read1(PIECE)
            except OSError:
                piece, is_damaged = b"", True
            decoder = decoder or codecs.getincrementaldecoder(encoding_of(piece, encoding))(BAD)
            yield from framer.feed(decoder.decode(piece, final=not piece), is_last=not piece)
            if not piece:
                break
    if is_damaged:
        yield Framed("", None, CUT_OFF)


def encoding_of(first_bytes: bytes, declared: str) -> str:
    """The declared encoding, unless the file begins with a byte order mark."""
    if first_bytes.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if first_bytes.startswith(codecs.BOM_UTF8) or declared.lower().replace("_", "-") in ("utf-8", "utf8"):
        return "utf-8-sig"
    return declared


def _members(path: Path, encoding: str) -> Iterator[Record]:
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            yield damaged(1, None, "file is no zip archive", path.name)
            return
        with opened(path) as file:
            yield _member(1, path.name, file, encoding)
        return
    try:
        archive = zipfile.ZipFile(path)
    except UNPACKING:
        yield damaged(1, None, "file is no zip archive", path.name)
        return
    with archive:
        infos = sorted((i for i in archive.infolist() if not i.filename.endswith("/")), key=lambda i: i.filename)
        for position, info in enumerate(infos, start=1):
            yield _zip_member(archive, info, position, encoding)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, position: int, encoding: str) -> Record:
    name = info.filename
    if info.flag_bits & 1:
        return damaged(position, name, "zip member is encrypted", name)
    if info.file_size > MAX_MEMBER:
        return damaged(position, name, f"zip member is larger than {MAX_MEMBER // 1_000_000} MB", name)
    try:
        with archive.open(info) as file:
            return _member(position, name, file, encoding)  # type: ignore[arg-type]
    except UNPACKING:
        return damaged(position, name, "zip member cannot be unpacked", name)


def _member(position: int, name: str, file: BinaryIO, encoding: str) -> Record:
    data = file.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        return damaged(position, name, f"zip member is larger than {MAX_MEMBER // 1_000_000} MB", name)
    text = data.decode(encoding_of(data, encoding), BAD)
    framed = frame(text)
    if len(framed) == 1:
        return _record(position, name, framed[0])
    return _record(position, name, Framed(text, None, NO_OBJECT if framed else "zip member is empty"))


def _record(position: int, member: str | None, framed: Framed) -> Record:
    if framed.value is None:
        return damaged(position, member, framed.reason or NO_OBJECT, framed.text, framed.text)
    if framed.content is not None:
        return whole(position, member, framed.text, hashlib.sha256(framed.content).hexdigest(), framed.value)
    try:
        content = canonical(framed.value)
    except RecursionError:  # writing nests a little deeper than reading
        return damaged(position, member, TOO_DEEP, framed.text, framed.text)
    return whole(position, member, framed.text, digest(content), framed.value)


def whole(position: int, member: str | None, text: str, content_id: str, value: Mapping[str, Any]) -> Record:
    """A record that can be read: its text, and the value that it is parsed to."""
    return Record(position, member, text, content_id, None, structure_id(value))


def damaged(position: int, member: str | None, reason: str, content: str, text: str | None = None) -> Record:
    """A record that cannot be read, and why. Of its text, where it has one, the beginning goes on, for a masked excerpt."""
    return Record(position, member, None if text is None else beginning(text), digest(content), reason)


def beginning(text: str) -> str:
    """The first characters of a damaged record, bytes that are no text left out."""
    return text[:BEGINNING].encode("utf-8", "ignore").decode()


def digest(text: str) -> str:
    """sha256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
