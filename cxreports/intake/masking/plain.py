"""A text as the finders read it: every digit an ASCII digit, every dash a hyphen, what cannot be seen left out.

A finder reads the plain copy and answers with places in it; `Plain.original` says where these stand in the text itself. What is
no finder's business any more (a mark, an id, what another finder has found) is blanked, so that nothing is found twice.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

BLANK = "\x00"  # no finder takes it for anything
Place = tuple[int, int]  # half-open, in the plain copy


class _Characters(dict[int, str]):
    """Character → its plain form, worked out when it is first met; '' for what cannot be seen."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _plain_character(chr(code))
        return found


def _plain_character(c: str) -> str:
    if c.isascii():
        return " " if c == BLANK else c
    number = unicodedata.digit(c, None)
    category = unicodedata.category(c)
    if number is not None:
        return str(number)
    if category in ("Cf", "Mn", "Me"):  # zero-width characters, variation selectors, combining marks
        return ""
    if category == "Pd" or c == "\u2212":
        return "-"
    if category in ("Zs", "Zl", "Zp"):
        return " "
    folded = unicodedata.normalize("NFKC", c)
    return folded if len(folded) == 1 and folded != BLANK else c


_CHARACTERS = _Characters()


@dataclass
class Plain:
    """The plain copy, blanked as places are found, and where each of its characters stands in the text."""

    text: str
    _places: list[int] | None  # None: character by character the same places

    def blank(self, places: Iterable[Place]) -> None:
        """Hide those places from every finder that comes later."""
        pieces, position = [], 0
        for start, end in sorted(places):
            pieces += [self.text[position:start], BLANK * (end - start)]
            position = end
        self.text = "".join([*pieces, self.text[position:]])

    def original(self, place: Place) -> Place:
        """The same place in the text itself."""
        start, end = place
        return place if self._places is None else (self._places[start], self._places[end - 1] + 1)


def plain(text: str) -> Plain:
    """The plain copy of a text."""
    if text.isascii() and BLANK not in text:
        return Plain(text, None)
    found = text.translate(_CHARACTERS)
    if len(found) == len(text):
        return Plain(found, None)
    return Plain(found, [i for i, c in enumerate(text) if _CHARACTERS[ord(c)]])


def near(text: str, start: int, words: re.Pattern[str], within: int = 40) -> bool:
    """Whether one of the words ends at most so many characters before that position."""
    return words.search(text, max(0, start - within), start) is not None


def joined(places: Iterable[Place]) -> list[Place]:
    """The places in order, those that overlap made one."""
    out: list[Place] = []
    for start, end in sorted(places):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
