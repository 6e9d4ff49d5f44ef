"""The one interface of all scorers, and what their scores are called. Which scorer a project has, `choose` says."""

from typing import Literal, Protocol

Mood = Literal["negative", "neutral", "positive"]
Found = Literal["negative", "neutral", "positive", "none"]  # what a scorer says of a text; none: it shows no mood
Confusion = dict[Mood, dict[Found, int]]  # how often what people said (row) was scored as what (column)
MOODS: tuple[Mood, ...] = ("negative", "neutral", "positive")
NEGATIVE_BELOW, POSITIVE_ABOVE = -0.2, 0.2  # as sql/core/core_interactions.sql has it
MOST_CHARACTERS = 10_000  # of a turn; what stands behind is not read


class Scorer(Protocol):
    """Text of one customer's turn → −1 (negative) to 1 (positive) in four decimals; None where it shows no mood.

    `name` changes whenever a score could: it is stored with each.
    """

    @property
    def name(self) -> str: ...

    def score(self, text: str, language: str | None) -> float | None: ...


def no_confusion() -> Confusion:
    """A table of zeros."""
    return {label: {"negative": 0, "neutral": 0, "positive": 0, "none": 0} for label in MOODS}


def found_of(score: float | None) -> Found:
    """The word for a score, or for none."""
    return "none" if score is None else mood_of(score)


def mood_of(score: float) -> Mood:
    """The word for a score."""
    if score < NEGATIVE_BELOW:
        return "negative"
    return "positive" if score > POSITIVE_ABOVE else "neutral"
