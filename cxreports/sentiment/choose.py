"""The scorer that a project's settings ask for."""

from pathlib import Path

from cxreports.sentiment.lexicon import Lexicon
from cxreports.sentiment.scorer import Scorer
from cxreports.sentiment_settings import SentimentSettings


def choose(settings: SentimentSettings, folder: Path) -> Scorer | None:
    """None where moods are scored by their sources alone. `folder`: that of the project."""
    if settings.scorer == "lexicon":
        return Lexicon(settings.languages)
    return None
