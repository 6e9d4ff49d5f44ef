"""A scorer of word lists: what a few hundred words and signs say, with negation and emphasis. It needs no training.

Every mood word counts ±1, a strong one ±2; emphasised 1.5 times as much, softened half, negated −0.75 times. The sum s becomes
s ÷ (|s| + 2): one word ±0.3333, one strong word ±0.5. Thanks and farewells count 0: who only thanks is not known to be pleased,
but not in a bad mood either. A text without any known word has no score. Irony is not seen.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

from cxreports.sentiment.text import STOP, pieces

VERSION = 1  # a new one whenever a list or a rule below changes (tests/test_sentiment_lexicon.py)
LANGUAGES = ("en", "de", "es", "fr")
WORDS = Path(__file__).parent / "words"
_WEIGHTS = {"very_good": 2.0, "good": 1.0, "bad": -1.0, "very_bad": -2.0}
_NEGATED, _EMPHASISED, _SOFTENED, _HALF = -0.75, 1.5, 0.5, 2.0
_REACH = 4  # words before a mood word in which a negation counts; emphasis is looked for in the nearest two
_ENDINGS = 3  # letters that a word of the lists with * may have more


@dataclass(frozen=True)
class Language:
    """The word lists of one language. A phrase is a tuple of words."""

    moods: dict[tuple[str, ...], float]
    stems: dict[str, float]
    negations: frozenset[str]
    negations_after: int
    joins: frozenset[str]
    boundaries: frozenset[str]
    emphasis: dict[tuple[str, ...], float]
    common: frozenset[str]

    @cached_property
    def longest(self) -> int:
        """Words of the longest phrase."""
        return max(len(phrase) for phrase in (*self.moods, *self.emphasis))

    @cached_property
    def phrased(self) -> frozenset[str]:
        """Words of phrases: they tell the language, too."""
        return frozenset(word for phrase in self.moods for word in phrase)

    @cached_property
    def starts(self) -> frozenset[str]:
        """First words of phrases of more than one word."""
        return frozenset(phrase[0] for phrase in (*self.moods, *self.emphasis) if len(phrase) > 1)


@dataclass(frozen=True)
class Lexicon:
    """The scorer; `languages` in the order in which a text that could be several of them is taken."""

    languages: tuple[str, ...] = LANGUAGES

    @property
    def name(self) -> str:
        """Version and languages."""
        return f"lexicon {VERSION} ({' '.join(self.languages)})"

    def score(self, text: str, language: str | None = None) -> float | None:
        """As `Scorer.score`. A language that is given and not among the lists has no score; without one it is told from words."""
        given = language.replace("_", "-").partition("-")[0].strip().lower() if language else None
        if given and given not in self.languages:
            return None
        words, signs = pieces(text)
        found = [_signs()[sign] for sign in signs if sign in _signs()]
        spoken = given or (_language_of(words, self.languages) if words else None)
        if spoken is not None and spoken not in self.languages:
            return None
        if spoken is not None:
            found += _weights(_split(words, spoken), spoken)
        total = sum(found)
        return round(total / (abs(total) + _HALF), 4) + 0.0 if found else None


@cache
def language_lists(name: str) -> Language:
    """The lists of that language, read once."""
    data = tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8"))
    moods: dict[tuple[str, ...], float] = dict.fromkeys(_phrases(data["closings"]), 0.0)
    stems: dict[str, float] = {}
    for key, text in data["moods"].items():
        for phrase in _phrases(text):
            if phrase[-1].endswith("*"):
                stems[phrase[0].removesuffix("*")] = _WEIGHTS[key]
            else:
                moods[phrase] = _WEIGHTS[key]
    emphasis = dict.fromkeys(_phrases(data["intensifiers"]), _EMPHASISED) | dict.fromkeys(_phrases(data["softeners"]), _SOFTENED)
    single = {key: frozenset(p[0] for p in _phrases(data[key])) for key in ("negations", "joins", "boundaries", "common")}
    return Language(moods, stems, emphasis=emphasis, negations_after=int(data["negations_after"]), **single)


@cache
def _signs() -> dict[str, float]:
    data = tomllib.loads((WORDS / "signs.toml").read_text(encoding="utf-8"))
    return {sign: _WEIGHTS.get(key, 0.0) for key, text in data.items() for sign in text.split()}


@lru_cache(1 << 16)
def _weight(language: str, word: str) -> float | None:
    """What a single word counts, by the longest stem that fits; None if it is no mood word."""
    lists = language_lists(language)
    if word in lists.negations:
        return None
    if (found := lists.moods.get((word,))) is not None:
        return found
    stems = (word[:n] for n in range(len(word), max(0, len(word) - _ENDINGS - 1), -1))
    return next((lists.stems[stem] for stem in stems if stem in lists.stems), None)


@lru_cache(1 << 16)
def _is_known(language: str, word: str) -> bool:
    lists = language_lists(language)
    is_listed = word in lists.common or word in lists.negations or word in lists.phrased
    return is_listed or _weight(language, word) is not None


def _phrases(text: str) -> list[tuple[str, ...]]:
    return [tuple(phrase.split()) for phrase in text.split(",")]


def _split(words: Sequence[str], language: str) -> list[str]:
    """Words as the lists have them: English loses apostrophes (dont), the others part there (n est)."""
    if language == "en":
        return [word.replace("'", "") for word in words]
    return [part for word in words for part in word.split("'")]


def _language_of(words: Sequence[str], preferred: Sequence[str]) -> str | None:
    """Of all languages with lists the one that knows most of the words; of several the first preferred. None if none does."""
    best, most = None, 0
    for name in (*preferred, *(n for n in LANGUAGES if n not in preferred)):
        known = sum(_is_known(name, word) for word in set(_split(words, name)))
        if known > most:
            best, most = name, known
    return best


def _weights(words: Sequence[str], language: str) -> list[float]:
    """What each mood word or phrase counts, in order."""
    lists, found, at = language_lists(language), [], 0
    while at < len(words):
        phrase = _phrase_at(words, at, lists)
        weight = lists.moods.get(phrase) if len(phrase) > 1 else _weight(language, words[at])
        if weight is not None:
            found.append(weight * _factor(words, at, len(phrase), lists))
        at += len(phrase)
    return found


def _phrase_at(words: Sequence[str], at: int, lists: Language) -> tuple[str, ...]:
    """The longest phrase of the lists that begins there, else the single word."""
    if words[at] in lists.starts:
        for length in range(min(lists.longest, len(words) - at), 1, -1):
            phrase = tuple(words[at : at + length])
            if phrase in lists.moods or phrase in lists.emphasis:
                return phrase
    return (words[at],)


def _factor(words: Sequence[str], at: int, length: int, lists: Language) -> float:
    """Negation and emphasis around the mood word or phrase, within its clause."""
    before: list[str] = []
    for word in reversed(words[max(0, at - _REACH) : at]):
        if word == STOP or word in lists.boundaries:
            break
        before.insert(0, word)
    behind: list[str] = []
    for word in words[at + length : at + length + lists.negations_after]:
        if word == STOP or word in lists.boundaries or word in lists.joins:
            break
        behind.append(word)
    is_negated = any(word in lists.negations for word in (*before, *behind))
    emphasis = next((lists.emphasis[p] for p in _endings_of(before[-2:]) if p in lists.emphasis), 1.0)
    return emphasis * (_NEGATED if is_negated else 1.0)


def _endings_of(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The last two words together, the last, the one before it."""
    return [tuple(words), tuple(words[-1:]), tuple(words[:1])]
