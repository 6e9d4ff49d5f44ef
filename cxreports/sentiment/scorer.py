"""The one interface of all scorers, and what their scores are called. Which scorer a project has, `choose` says."""

from typing import Literal, Protocol

Mood = Literal["negative", "neutral", "positive"]
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


def mood_of(score: float) -> Mood:
    """The word for a score."""
    if score < NEGATIVE_BELOW:
        return "negative"
    return "positive" if score > POSITIVE_ABOVE else "neutral"
