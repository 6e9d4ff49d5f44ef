"""A scorer that was trained on the project's own labelled turns: words weighted by TF-IDF, classes by logistic regression.

The file is JSON of numbers and words, checked on reading; nothing in it can run. Reckoning needs no library beyond Python's own.
For a turn with terms t, count n(t) and weight w(t) = n(t) · idf(t), divided by the length √Σ w², the logit of a class is its
intercept plus Σ w(t) · coefficient(t); probabilities are their softmax. The score is P(positive) − P(negative).
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import exp, sqrt
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cxreports.errors import SettingsError
from cxreports.sentiment.scorer import Found, Mood
from cxreports.sentiment.text import STOP, pieces

MOST_BYTES = 100_000_000
DIGITS = 6  # of stored weights
Weight = Annotated[float, Field(ge=-1e6, le=1e6)]


class ModelFile(BaseModel):
    """What stands in the file. `terms`: term → idf, then a coefficient for each class. `measured`: how often a label (row) was
    given each class (column) by models that had not seen it, in cross-validation."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    format: Literal["cxreports mood model 1"]
    classes: Annotated[list[Mood], Field(min_length=2, max_length=3)]
    intercepts: list[Weight]
    terms: dict[str, list[Weight]]
    n_labels: Annotated[int, Field(ge=1)]
    labels: str  # sha256 of the labels that it was trained on
    measured: dict[Mood, dict[Found, Annotated[int, Field(ge=0)]]]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        n = len(self.classes)
        if len(set(self.classes)) < n or len(self.intercepts) != n or any(len(w) != n + 1 for w in self.terms.values()):
            raise ValueError("its parts do not fit each other")
        return self

    def text(self) -> str:
        """The file: the same for the same weights, byte for byte."""
        return json.dumps(self.model_dump(), ensure_ascii=True, sort_keys=True, indent=0, separators=(",", ":")) + "\n"


@dataclass(frozen=True)
class Model:
    """The scorer of one file; named by the file's digest, so that every other file is another version."""

    file: ModelFile
    name: str

    def score(self, text: str, language: str | None = None) -> float | None:
        """As `Scorer.score`. A text of which the model knows no term has none."""
        counts = Counter(term for term in terms_of(text) if term in self.file.terms)
        if not counts:
            return None
        weights = {term: n * self.file.terms[term][0] for term, n in sorted(counts.items())}
        length = sqrt(sum(w * w for w in weights.values())) or 1.0
        logits = [
            intercept + sum(w / length * self.file.terms[term][i] for term, w in weights.items())
            for i, intercept in enumerate(self.file.intercepts, 1)
        ]
        chances = [exp(logit - max(logits)) for logit in logits]
        by_class = dict(zip(self.file.classes, chances, strict=True))
        return round((by_class.get("positive", 0.0) - by_class.get("negative", 0.0)) / sum(chances), 4) + 0.0


def terms_of(text: str) -> list[str]:
    """Words and signs of a turn, and pairs of words within one clause."""
    words, signs = pieces(text)
    pairs = (f"{a} {b}" for a, b in pairwise(words) if STOP not in (a, b))
    return [*(w for w in words if w != STOP), *pairs, *signs]


def model_of(text: str) -> Model:
    """The scorer of a file's text; ValueError if it is none."""
    return Model(ModelFile.model_validate(json.loads(text)), f"model {hashlib.sha256(text.encode()).hexdigest()[:12]}")


def read_model(path: Path) -> Model:
    """The scorer in that file; SettingsError where there is none."""
    fault = f"{path}: is no model of 'cxreports sentiment train'; train one, or take scorer = \"lexicon\""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(fault)
        return model_of(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); 'cxreports sentiment train' writes it") from None
    except (ValueError, ValidationError, RecursionError):
        raise SettingsError(fault) from None
