"""Text → JSON objects, wherever they stand: back to back, one a line, pretty-printed, in one array.

What is no object becomes one damaged record with a reason, and reading goes on at the next object. A nested object is never
taken for a record: after damage, reading resumes only where a record can begin (see `_starts`).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NO_OBJECT = "record is no JSON object"
BAD_BYTES = "record is not valid text in the declared encoding"
TOO_DEEP = "record is nested too deeply"
MAX_RECORD = 16_000_000  # characters; an object that has not ended by then is damaged

_SPACE = re.compile(r"[\s\x00\x1e\ufeff]*")
_BETWEEN = re.compile(r"[\s\x00\x1e\ufeff,\[\]]*")
_HEAD = re.compile(r'\{\s*("(?:[^"\\]|\\.)*")\s*:')
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_LONE = re.compile(r"[\ud800-\udfff]")
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True)
class Framed:
    """One record: its text and parsed value, or its text and why it is damaged."""

    text: str
    value: dict[str, Any] | None
    reason: str | None = None


class Framer:
    """Cuts one file's text into records. Feed it pieces; it keeps what may still grow."""

    def __init__(self) -> None:
        self._text = ""
        self._head: str | None = None  # first key of the records of this file, as written
        self._is_array = False
        self._at_start = True

    def feed(self, piece: str, is_last: bool) -> Iterator[Framed]:
        """The records that are complete now; with the last piece, all that are left."""
        self._text += piece
        position = 0
        while (step := self._step(position, is_last)) is not None:
            record, position = step
            yield record
        self._text = self._text[position:]

    def _step(self, position: int, is_last: bool) -> tuple[Framed, int] | None:
        """The next record and where it ends; None where more text is needed or nothing is left."""
        text, head, reason = self._text, self._head, NO_OBJECT
        position = self._skip(position)
        if position >= len(text):
            return None
        if text[position] == "{":
            try:
                value, end = _decode(text, position)
                return self._object(text[position:end], value), end
            except RecursionError:
                closed = _end_of_nesting(text, position)
                if closed is not None:
                    return Framed(text[position:closed], None, TOO_DEEP), closed
                head, reason = "", TOO_DEEP
            except ValueError:
                pass
        if not is_last and len(text) - position < MAX_RECORD:
            return None
        end = self._resume(position, head)
        damaged = text[position:end].rstrip(" \t\r\n,[]" if self._is_array else " \t\r\n")
        return Framed(damaged, None, BAD_BYTES if has_bad_bytes(damaged) else reason), end

    def _skip(self, position: int) -> int:
        if self._at_start:
            position = _after(_SPACE, self._text, position)
            if position < len(self._text):
                self._at_start = False
                self._is_array = self._text[position] == "["
        return _after(_BETWEEN if self._is_array else _SPACE, self._text, position)

    def _object(self, raw: str, value: dict[str, Any]) -> Framed:
        if self._head is None and (head := _HEAD.match(raw)):
            # A first key that also begins nested objects says nothing about where records begin.
            key = head.group(1)
            self._head = key if len(_starting_with(key).findall(raw)) == 1 else ""
        return Framed(raw, None, BAD_BYTES) if has_bad_bytes(raw) else Framed(raw, value)

    def _resume(self, position: int, head: str | None) -> int:
        """Where the next record begins after damage at that position; the end of the text if there is none."""
        text = self._text
        is_garbage = text[position] != "{"
        if head is None and (own := _HEAD.match(text, position)):
            head = own.group(1)
        for match in _starts(head, is_garbage, self._is_array).finditer(text, position + (not is_garbage)):
            start = text.index("{", match.start())
            if start > position and (_is_object(text, start) or (not is_garbage and _HEAD.match(text, start))):
                return start
        return len(text)


def _starts(head: str | None, is_garbage: bool, is_array: bool) -> re.Pattern[str]:
    """Where a record can begin: at the start of a line, right after a closing brace, or with the first key of its siblings."""
    if is_garbage:
        return re.compile(r"\{")
    ways = [r"(?<=\n)\{", r"\}\s*\{"]
    if head:
        ways.append(r"\{\s*" + re.escape(head) + r"\s*:")
    elif is_array:
        ways.append(r"\}\s*,\s*\{")
    return re.compile("|".join(ways))


def has_bad_bytes(text: str) -> bool:
    """Whether bytes stood in the file that are no text in its encoding (decoded with surrogateescape)."""
    return not text.isascii() and _LONE.search(text) is not None


def _starting_with(key: str) -> re.Pattern[str]:
    return re.compile(r"\{\s*" + re.escape(key) + r"\s*:")


def _is_object(text: str, start: int) -> bool:
    try:
        _decode(text, start)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _end_of_nesting(text: str, start: int) -> int | None:
    depth = 0
    for token in _NESTING.finditer(text, start):
        mark = token.group()
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def frame(text: str) -> list[Framed]:
    """All records of a text that is there as a whole."""
    return list(Framer().feed(text, is_last=True))


def canonical(value: dict[str, Any]) -> str:
    """The object with keys sorted and insignificant whitespace removed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
