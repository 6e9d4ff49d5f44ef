"""`[sentiment]` of the settings: whether moods are scored here where a source has none, by what, and how well it did."""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

WHERE_MISSING: Final = "where missing"


class SentimentSettings(BaseModel):
    """Which scorer reads the words of customers, of which interactions. Off unless the project asks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scorer: Literal["off", "lexicon", "model"] = "off"
    model: str | None = None  # scorer = "model": the file that `sentiment train` wrote
    languages: tuple[Literal["en", "de", "es", "fr"], ...] = ("en", "de", "es", "fr")  # scorer = "lexicon"
    # Interactions without a score of their source's own: all of them, or only those of these sources.
    sources: Literal["where missing"] | tuple[str, ...] = WHERE_MISSING
    checked: str = "sentiment-checked.json"  # what `sentiment check` measured

    @field_validator("languages")
    @classmethod
    def _some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) < len(value):
            raise ValueError("name each language once, and at least one")
        return value

    @model_validator(mode="after")
    def _model(self) -> Self:
        if (self.scorer == "model") != (self.model is not None):
            raise ValueError('model = "…" and scorer = "model" belong together')
        return self

    @property
    def is_on(self) -> bool:
        """Whether anything is scored here."""
        return self.scorer != "off"
