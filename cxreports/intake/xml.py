"""An XML file such as JUnit's → one JSON object per part: each child of the root, or the root itself where it is a testsuite.

Attributes become "@name", text "#text", children lists under their name; "#name" is the part's own, "#parent" holds the root's
attributes. A document type declaration, and so any entity of the file's own, is refused before anything is expanded.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from cxreports.intake.read import Record, damaged, digest, whole
from cxreports.intake.unpack import PIECE, opened

NO_XML = "file is no well-formed XML from here on"
DOCTYPE = "file has a document type declaration, which is refused"
TOO_DEEP = "file is nested too deeply"
MAX_DEPTH = 100
ALONE = "testsuite"

Node = dict[str, Any]


class _RefusedError(Exception):
    """What the file holds is not taken. Its text is a reason."""


class _Parts:
    """Collects the parts of one document as the parser meets them."""

    def __init__(self) -> None:
        self.done: list[Node] = []
        self._open: list[Node] = []
        self._root: Node = {}
        self._is_alone = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        node: Node = {"#name": name, **{f"@{key}": value for key, value in attributes.items()}}
        if not self._open:
            self._root, self._is_alone = node, name == ALONE
        if len(self._open) >= MAX_DEPTH:
            raise _RefusedError(TOO_DEEP)
        self._open.append(node)

    def end(self, name: str) -> None:
        node = self._open.pop()
        text = "".join(node.pop("#texts", [])).strip()
        node |= {"#text": text} if text else {}
        if self._is_alone and not self._open:
            self.done.append(node)
        elif len(self._open) == 1 and not self._is_alone:
            self.done.append({**node, "#parent": {k: v for k, v in self._root.items() if k.startswith("@")}})
        elif self._open:
            del node["#name"]
            self._open[-1].setdefault(name, []).append(node)

    def text(self, piece: str) -> None:
        if self._open:
            self._open[-1].setdefault("#texts", []).append(piece)


def _refuse(*_: object) -> None:
    raise _RefusedError(DOCTYPE)


def xml_records(path: Path) -> Iterator[Record]:
    """The parts of the file in order; from where it is no XML on, one damaged record."""
    parts, parser = _Parts(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = parts.start, parts.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = parts.text, _refuse
    position, reason = 0, None
    with opened(path) as file:
        while reason is None:
            piece, reason = _parsed(parser, file)
            for node in parts.done:
                position += 1
                text = json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                yield whole(position, None, text, digest(text), node)
            parts.done.clear()
            if not piece:
                break
    if reason is not None:
        yield damaged(position + 1, None, reason, str(position))


def _parsed(parser: Any, file: Any) -> tuple[bytes, str | None]:
    """The next piece, given to the parser, and why reading ends there if it does."""
    try:
        piece = file.read1(PIECE)
        parser.Parse(piece, not piece)
    except _RefusedError as refused:
        return b"", str(refused)
    except (expat.ExpatError, OSError, ValueError):
        return b"", NO_XML
    return piece, None
