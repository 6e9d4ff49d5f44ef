"""Digits that were dictated and written down as words: 'four one one one, double four, oh seven …'.

Another language is another entry of LANGUAGES. Words are told apart by blanks; runs may mix words, languages and figures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cxreports.intake.masking.plain import Place

FEWEST_DIGITS = 7  # a telephone number without its area code; fewer are amounts, dates, menu choices


@dataclass(frozen=True)
class Language:
    """Words for 0 to 9 (and other words for one), for numbers of two digits, for repeating, and what is said in between."""

    digits: tuple[str, ...]
    tens: dict[str, str]
    repeats: dict[str, int]
    fillers: tuple[str, ...]


_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
LANGUAGES = {
    "en": Language(
        ("zero|oh|o|nought|naught|nil", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine|niner"),
        {w: str(n) for n, w in enumerate(_TEENS, start=10)} | {w: f"{n}0" for n, w in enumerate(_TENS, start=2)}
        | {"hundred": "00"},
        {"double": 2, "triple": 3, "treble": 3, "quadruple": 4},
        ("um", "uh", "er", "erm", "and", "then", "dash", "space", "hyphen", "okay", "ok", "yes", "plus"),
    ),
    "de": Language(
        ("null", "eins|ein", "zwei|zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"), {},
        {"doppel": 2, "zweimal": 2, "dreimal": 3}, ("äh", "ähm", "und", "dann", "strich"),
    ),
    "fr": Language(
        ("zéro|zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"), {},
        {"double": 2, "triple": 3}, ("euh", "et", "puis", "tiret"),
    ),
    "es": Language(
        ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"), {},
        {"doble": 2, "triple": 3}, ("eh", "y", "luego", "guión"),
    ),
    "it": Language(
        ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"), {},
        {"doppio": 2}, ("ehm", "e", "poi", "trattino"),
    ),
    "nl": Language(
        ("nul", "een|één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"), {},
        {"dubbel": 2}, ("eh", "en", "dan", "streepje"),
    ),
}  # fmt: skip


def _words() -> dict[str, str]:
    ones = {w: str(n) for lang in LANGUAGES.values() for n, words in enumerate(lang.digits) for w in words.split("|")}
    return ones | {w: d for lang in LANGUAGES.values() for w, d in lang.tens.items()}


WORDS = _words()
REPEATS = {w: n for lang in LANGUAGES.values() for w, n in lang.repeats.items()}
_FILLERS = sorted({w for lang in LANGUAGES.values() for w in lang.fillers})
_GAP = r"[\s,.;:…/()\-]{1,5}"
_BETWEEN = re.compile(rf"{_GAP}(?:(?:{'|'.join(_FILLERS)}){_GAP}){{0,3}}", re.IGNORECASE)
_TOKEN = re.compile(r"\w+")
_MOST_FIGURES = 6  # written between words that were dictated
_FEWEST_WORDS = 3


@dataclass(frozen=True)
class Dictated:
    """A run of dictated digits: where it stands and which digits it says."""

    place: Place
    digits: str


def dictated(text: str) -> Iterator[Dictated]:
    """Runs of at least seven digits, at least three of them words (two of these next to each other: first_pass.py)."""
    tokens = [token for token in _TOKEN.finditer(text) if _is_said(token.group())]
    if sum(not token.group().isdigit() for token in tokens) < _FEWEST_WORDS:
        return
    run: list[re.Match[str]] = []
    for token in tokens:
        if run and not _BETWEEN.fullmatch(text, run[-1].end(), token.start()):
            yield from _run(run)
            run = []
        run.append(token)
    yield from _run(run)


def _is_said(word: str) -> bool:
    return word.lower() in WORDS or word.lower() in REPEATS or (word.isdigit() and len(word) <= _MOST_FIGURES)


def _run(run: list[re.Match[str]]) -> Iterator[Dictated]:
    while run and run[-1].group().lower() in REPEATS:
        run = run[:-1]
    digits = _digits([t.group().lower() for t in run])
    n_words = sum(not t.group().isdigit() for t in run)
    if len(digits) >= FEWEST_DIGITS and n_words >= _FEWEST_WORDS:
        yield Dictated((run[0].start(), run[-1].end()), digits)


def _digits(words: list[str]) -> str:
    """What the words say, digit by digit: 'double four' is 44, 'twenty one' is 21, 'seven hundred' is 700."""
    out, times = "", 1
    for i, word in enumerate(words):
        if word in REPEATS:
            times = REPEATS[word]
            continue
        said = WORDS.get(word, word)
        follower = WORDS.get(words[i + 1], "") if i + 1 < len(words) else ""
        if word in _TENS and len(follower) == 1 and follower != "0":
            said = said[0]
        out, times = out + said * times, 1
    return out
