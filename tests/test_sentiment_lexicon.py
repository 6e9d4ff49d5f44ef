"""The scorer of word lists: each score worked out by hand as s ÷ (|s| + 2), in four languages, on hostile texts, too."""

import hashlib
import subprocess
import sys

import pytest

from cxreports.sentiment.lexicon import LANGUAGES, VERSION, WORDS, Lexicon
from cxreports.sentiment.scorer import mood_of

ALL = Lexicon()
LISTS = "9e8e886f086a42ef"


@pytest.mark.parametrize(("text", "score"), [
    ("This is good", 0.3333),  # 1 ÷ 3
    ("This is terrible", -0.5),  # −2 ÷ 4
    ("This is terrible and slow", -0.6),  # −3 ÷ 5
    ("very good", 0.4286),  # 1.5 ÷ 3.5
    ("a bit slow", -0.2),  # −0.5 ÷ 2.5
    ("not good", -0.2727),  # −0.75 ÷ 2.75
    ("not bad", 0.2727),
    ("not very good", -0.36),  # 1.5 · −0.75 = −1.125; −1.125 ÷ 3.125
    ("not, good", 0.3333),  # the comma ends the clause of the negation
    ("I don’t think that this is good", 0.3333),  # five words lie between
    ("I don't think this is good", -0.2727),  # four
    ("not fast but good", 0.1111),  # −0.75 + 1 = 0.25; 0.25 ÷ 2.25
    ("never again", -0.5),  # a phrase wins over its words
    ("a waste of time", -0.5),
    ("annoying", -0.3333),  # annoy*
    ("annoyingly", None),  # four letters more than the stem
    ("good 😊", 0.5),
    ("good 😡", -0.3333),  # 1 − 2
    ("👍🏿", 0.3333),  # whatever the colour of skin
    (":-(", -0.3333),
    ("", None),
    ("Where is my parcel?", None),
    ("no", None),  # a negation alone is no mood
])  # fmt: skip
def test_english_is_scored_as_by_hand(text: str, score: float | None) -> None:
    assert ALL.score(text, "en-GB") == score


@pytest.mark.parametrize(("text", "language", "score"), [
    ("Das war sehr hilfreich", "de", 0.4286),
    ("Das hilft mir nicht", "de", -0.2727),  # German negates behind the verb, two words on
    ("Das ist schlecht, aber nicht schrecklich", "de", 0.2),  # −1 + 1.5
    ("kein Problem", "de", 0.0),
    ("muy buena atención", "es", 0.4286),
    ("no me gusta", "es", -0.2727),
    ("no funciona", "es", -0.3333),
    ("c'est très bien", "fr", 0.4286),
    ("ça ne marche pas", "fr", -0.2727),
    ("J'adore", "fr", 0.5),
])  # fmt: skip
def test_other_languages_are_scored_as_by_hand(text: str, language: str, score: float) -> None:
    assert ALL.score(text, language) == score
    assert ALL.score(text, None) == score  # and told by their words


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you, bye!", "Have a nice day", "Vielen Dank, auf Wiedersehen", "Gracias", "Merci", "🙏"]
)
def test_who_only_thanks_or_takes_leave_is_neither_pleased_nor_angry(text: str) -> None:
    assert ALL.score(text, None) == 0.0


def test_thanks_do_not_hide_what_stands_beside_them() -> None:
    assert ALL.score("Thanks, but this is useless", "en") == -0.3333
    assert ALL.score("Thanks for nothing", "en") == -0.5


def test_a_language_without_lists_or_not_asked_for_has_no_score() -> None:
    assert ALL.score("Isto é terrible", "pt") is None
    assert ALL.score("This is terrible", "de") is None  # no German word is in it
    english = Lexicon(("en",))
    assert english.score("Das ist wirklich schlecht", None) is None  # German, by its words
    assert english.score("Das ist wirklich schlecht", "de_DE") is None


def test_words_of_several_languages_are_taken_for_the_first_that_was_asked_for() -> None:
    """`super` is a word of the German and of the French lists, `genial` of the German and the Spanish."""
    assert ALL.score("super", None) == 0.3333
    assert Lexicon(("fr", "de")).score("super !", None) == 0.3333


@pytest.mark.parametrize("text", [
    "שירות נורא", "خدمة سيئة جدا", "最悪だ", "\u202e\u202d", "\x00\x01\x02", "’’’'''", "((((((((", "1234 5678", "\ud800",
])  # fmt: skip
def test_a_text_without_a_known_word_has_no_score(text: str) -> None:
    assert ALL.score(text, None) is None


@pytest.mark.parametrize("text", ["b\u200bad", "\u202ebad\u202c", "ｂａｄ", "BAD", "b\x00ad", "bad\u00ad"])
def test_marks_that_nobody_sees_hide_nothing(text: str) -> None:
    assert ALL.score(text, "en") == -0.3333


def test_of_a_very_long_turn_the_beginning_is_read() -> None:
    assert ALL.score("bad " + "x" * 5_000_000, "en") == -0.3333
    assert ALL.score(" " * 10_000 + "bad", "en") is None
    assert ALL.score("bad " * 1_000_000, "en") == -0.9992  # 2,500 words: −2500 ÷ 2502
    assert ALL.score("\ufdfa" * 10_000, None) is None  # one character that stands for eighteen


def test_the_ends_of_the_scale_are_never_left() -> None:
    assert ALL.score("terrible! " * 999, "en") == -0.999  # −1998 ÷ 2000
    assert [mood_of(s) for s in (-0.2001, -0.2, 0.2, 0.2001)] == ["negative", "neutral", "neutral", "positive"]


def test_another_process_scores_the_same() -> None:
    text = "Vielen Dank, aber das ist sehr ärgerlich und nicht hilfreich 😡"
    code = f"from cxreports.sentiment.lexicon import Lexicon; print(Lexicon().score({text!r}, None))"
    out = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert out == ["-0.68\n"] * 2  # −1.5 − 0.75 − 2 = −4.25; ÷ 6.25


def test_the_lists_change_only_with_the_version() -> None:
    """A new list under an old version would mix scores that cannot be compared: first the next `VERSION`, then this digest."""
    text = b"".join((WORDS / f"{name}.toml").read_bytes() for name in (*LANGUAGES, "signs"))
    assert (VERSION, hashlib.sha256(text).hexdigest()[:16]) == (1, LISTS)
