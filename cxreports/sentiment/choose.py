"""The scorer that a project's settings ask for."""

from pathlib import Path

from cxreports.sentiment.lexicon import Lexicon
from cxreports.sentiment.model import read_model
from cxreports.sentiment.scorer import Scorer
from cxreports.sentiment_settings import SentimentSettings


def choose(settings: SentimentSettings, folder: Path) -> Scorer | None:
    """None where moods are scored by their sources alone. `folder`: that of the project."""
    if settings.model is not None:
        return read_model(folder / settings.model)
    return Lexicon(settings.languages) if settings.is_on else None
