"""Text → JSON objects, wherever they stand: back to back, one a line, pretty-printed, in one array.

What is no object becomes one damaged record with a reason, and reading goes on at the next object. A nested object is never
taken for a record: after damage, reading resumes only where a record can begin (see `_resume`).
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cxreports.intake.quick import whole_records

NO_OBJECT = "record is no JSON object"
BAD_BYTES = "record is not valid text in the declared encoding"
TOO_DEEP = "record is nested too deeply"
TOO_LONG = "record is longer than 16 million characters"
MAX_RECORD = 16_000_000  # characters; an object that has not ended by then is damaged
MARGIN = 1_000  # characters; an error so near the end of what was read may only mean that the rest is missing
FAR = 200_000  # characters in which the end of a damaged object is looked for,
MOST_LOST = 100  # until it was not found so often in one file: such a file would take hours

_SPACE = re.compile(r"[\s\x00\x1e\ufeff]*")
_BETWEEN = re.compile(r"[\s\x00\x1e,\]]*")  # of the items of an array
_STRING = r'"(?:[^"\\]|\\.)*"'
_HEAD = re.compile(rf"\{{\s*({_STRING})\s*:")
_OPENING = re.compile(r'\{\s*["}]')
_NESTING = re.compile(rf"{_STRING}|[{{}}\[\]]", re.DOTALL)
_BAD = re.compile(r"[\ud800-\udfff]")
_decode = json.JSONDecoder().raw_decode


class Framed(NamedTuple):
    """One record: its text and parsed value, or its text and why it is damaged. `content`: its canonical form, where known."""

    text: str
    value: dict[str, Any] | None
    reason: str | None = None
    content: bytes | None = None


class Framer:
    """Cuts one file's text into records. Feed it pieces; it keeps what may still grow."""

    def __init__(self) -> None:
        self._text = ""
        self._pieces: list[str] = []
        self._n_waiting = self._n_wanted = 0  # characters; asking for twice as much each time keeps long records cheap
        self._head: str | None = None  # first key of this file's records, as written; "": it says nothing
        self._is_array = False
        self._at_start = True
        self._n_lost = 0
        self._is_too_long = False  # within an object that is refused for its length

    def feed(self, piece: str, is_last: bool) -> Iterator[Framed]:
        """The records that are complete now; with the last piece, all that are left."""
        self._pieces.append(piece)
        self._n_waiting += len(piece)
        if self._n_waiting < self._n_wanted and not is_last:
            return
        self._text = "".join([self._text, *self._pieces])
        self._pieces, self._n_waiting = [], 0
        position = self._after_too_long() if self._is_too_long else 0
        while not self._is_too_long and (step := self._step(position, is_last)) is not None:
            record, position = step
            yield record
            if record.value is not None:
                following, position = self._following(position)
                yield from following
        self._text = self._text[max(0, position - MARGIN) if self._is_too_long else position :]
        self._n_wanted = len(self._text)

    def _step(self, position: int, is_last: bool) -> tuple[Framed, int] | None:
        """The next record and where it ends; None where more text is needed or nothing is left."""
        text, head, reason = self._text, self._head, NO_OBJECT
        position = self._skip(position)
        if position >= len(text):
            return None
        may_grow = not is_last and len(text) - position < MAX_RECORD
        if text[position] == "{":
            try:
                value, end = _decode(text, position)
                return self._object(text[position:end], value), end
            except RecursionError:
                if closed := _end_of_nesting(text, position, len(text)):
                    return Framed(text[position:closed], None, TOO_DEEP), closed
                head, reason = "", TOO_DEEP
            except json.JSONDecodeError as error:
                if may_grow and (error.pos > len(text) - MARGIN or error.msg.startswith("Unterminated")):
                    return None
            except ValueError:  # a whole number with thousands of digits
                pass
        end = self._resume(position, head)
        if end == len(text) and may_grow:
            return None
        if end == len(text) and not is_last and text[position] == "{":
            self._is_too_long, reason = True, TOO_LONG
            self._head = self._head or (own.group(1) if (own := _HEAD.match(text, position)) else None)
        damaged = text[position:end].rstrip(" \t\r\n,[]" if self._is_array else " \t\r\n")
        return Framed(damaged, None, BAD_BYTES if has_bad_bytes(damaged) else reason), end

    def _after_too_long(self) -> int:
        """Where the record after one that is too long begins; where nothing begins yet, the end of what can be forgotten."""
        for start in self._beginnings(self._head, 0, len(self._text)):
            self._is_too_long = False
            return start
        return len(self._text)

    def _beginnings(self, head: str | None, position: int, limit: int) -> Iterator[int]:
        """Where a record can begin before `limit`."""
        ways = [r"(?<=\n)\{", r"\}\s*\{", *([_beginning(head)] if head else [])]
        for match in re.compile("|".join(ways)).finditer(self._text, position, limit):
            start = self._text.index("{", match.start())
            if _HEAD.match(self._text, start) or _is_object(self._text, start):
                yield start

    def _following(self, end: int) -> tuple[list[Framed], int]:
        """The records after a whole one that ended there which follow it in the same manner, and where they end."""
        start = self._skip(end)
        opening = _HEAD.match(self._text, start)
        if opening is None:
            return [], start
        found, position = whole_records(self._text, start, self._text[end:start], opening.group())
        return [Framed(raw, value, None, content) for raw, value, content in found], position

    def _skip(self, position: int) -> int:
        if self._at_start:
            position = _after(_SPACE, self._text, position)
            if position < len(self._text):
                self._at_start = False
                self._is_array = self._text[position] == "["
                position += int(self._is_array)
        return _after(_BETWEEN if self._is_array else _SPACE, self._text, position)

    def _object(self, raw: str, value: dict[str, Any]) -> Framed:
        if self._head is None and (head := _HEAD.match(raw)):
            # A first key that also begins nested objects does not tell where a record begins.
            key = head.group(1)
            self._head = key if len(re.findall(_beginning(key), raw)) == 1 else ""
        return Framed(raw, None, BAD_BYTES) if has_bad_bytes(raw) else Framed(raw, value)

    def _resume(self, position: int, head: str | None) -> int:
        """Where the next record begins after damage at that position; the end of the text if there is none.

        A record can begin at the start of a line, right after a closing brace, with the first key of its siblings, or, if the
        brackets of the damaged object still match, after its end.
        """
        text = self._text
        if text[position] != "{":
            return self._after_garbage(position)
        own = _HEAD.match(text, position)
        following = text.find("{", position + 1)
        if own is None and following > 0 and ":" not in text[position:following]:  # cut off within the first key
            return following if _HEAD.match(text, following) else self._after_garbage(following)
        if head is None and own is not None:
            head = own.group(1)
        limit = self._end_of_damaged(position)
        return next(self._beginnings(head, position + 1, limit), limit)

    def _end_of_damaged(self, position: int) -> int:
        """The latest place where the damaged object can end."""
        if self._n_lost < MOST_LOST:
            if closed := _end_of_nesting(self._text, position, position + FAR):
                follower = self._skip(closed)
                if self._is_array or self._text[follower : follower + 1] in ("{", ""):
                    return follower
            self._n_lost += 1
        return len(self._text)

    def _after_garbage(self, position: int) -> int:
        text = self._text
        for match in _OPENING.finditer(text, position):
            start = match.start()
            if _HEAD.match(text, start) or _is_object(text, start):
                return start
        return len(text)


def _beginning(key: str) -> str:
    return r"\{\s*" + re.escape(key) + r"\s*:"


def _is_object(text: str, start: int) -> bool:
    if not _OPENING.match(text, start):
        return False
    try:
        _decode(text, start)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _end_of_nesting(text: str, start: int, stop: int) -> int | None:
    """Where the brackets that open at `start` are all closed again; None if they are not before `stop`."""
    depth = 0
    for token in _NESTING.finditer(text, start, stop):
        mark = token.group()
        if mark in ("{", "["):
            depth += 1
        elif mark in ("}", "]"):
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def has_bad_bytes(text: str) -> bool:
    """Whether bytes stood in the file that are no text in its encoding: they were decoded to lone surrogates."""
    return not text.isascii() and _BAD.search(text) is not None


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def frame(text: str) -> list[Framed]:
    """All records of a text that is there as a whole."""
    return list(Framer().feed(text, is_last=True))
