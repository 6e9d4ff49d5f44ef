"""A file's bytes, unpacked where it is packed with gzip or zstd: known by how it begins, not by its name."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

PIECE = 1 << 18  # bytes read at a time
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """The file's bytes, unpacked if they begin as gzip or zstd does, whatever the file is called."""
    with path.open("rb") as raw:
        first = raw.peek(4)[:4]
        if first.startswith(GZIP):
            yield io.BufferedReader(_Unpacked(raw), PIECE)
        elif first == ZSTD:
            yield io.BufferedReader(_Stream(pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")), PIECE)
        else:
            yield raw


def is_cut_off(path: Path) -> bool:
    """Whether a packed file ends before what it holds does."""
    with opened(path) as file:
        try:
            while file.read1(PIECE):
                pass
        except OSError:
            return True
    return False


class _Stream(io.RawIOBase):
    """What a zstd file holds, frame after frame. Where it is damaged, OSError is raised."""

    def __init__(self, unpacked: pa.NativeFile) -> None:
        self._unpacked = unpacked

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with unpacked bytes; 0 at the end."""
        data = self._unpacked.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Unpacked(io.RawIOBase):
    """What a gzip file holds. Where it is damaged, everything before is given first (`gzip` loses it), then OSError raised."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._member = zlib.decompressobj(wbits=31)
        self._rest = b""  # packed bytes that wait to be unpacked

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with unpacked bytes; 0 at the end."""
        while True:
            if self._member.eof:
                self._rest = self._member.unused_data or self._packed.read(PIECE)
                if not self._rest.strip(b"\0"):
                    return 0
                self._member = zlib.decompressobj(wbits=31)
            self._rest = self._rest or self._packed.read(PIECE)
            is_cut_off = not self._rest
            try:
                data = self._member.decompress(self._rest, len(buffer))
            except zlib.error as error:
                raise OSError("damaged gzip file") from error
            self._rest = self._member.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)
            if is_cut_off:
                raise OSError("gzip file is cut off")
