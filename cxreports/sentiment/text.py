"""What scorers read of a turn: its words and signs, however it is written. Hostile texts cost no more than ordinary ones."""

import re
import unicodedata

from cxreports.sentiment.scorer import MOST_CHARACTERS

# Nothing is seen of these: control and direction marks, soft hyphens, zero-width characters, variants of signs, colours of skin.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]+"
)
_SMILE = r"[:;=]-?[()D/](?![\w/])"
_PIECE = re.compile(
    rf"(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<sign>{_SMILE}|[\u2600-\u27bf\U0001f300-\U0001faff])|(?P<stop>[.,;:!?\n()]+)"
)
STOP = "."  # a piece that ends a clause


def readable(text: str) -> str:
    """The text as it is seen: one spelling of each letter, small letters, nothing that cannot be seen."""
    seen = _UNSEEN.sub("", text[:MOST_CHARACTERS])
    return unicodedata.normalize("NFKC", seen)[:MOST_CHARACTERS].replace("’", "'").replace("`", "'")


def pieces(text: str) -> tuple[list[str], list[str]]:
    """Words in small letters, with STOP where a clause ends; and signs (emoji, smileys) apart, in order."""
    words: list[str] = []
    signs: list[str] = []
    for match in _PIECE.finditer(readable(text)):
        if match.lastgroup == "sign":
            signs.append(match[0])
        else:
            words.append(match[0].lower() if match.lastgroup == "word" else STOP)
    return words, signs
