"""Training a model of moods with scikit-learn, and its error on labels that it had not seen. Nothing else needs it."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from cxreports.errors import MissingToolError, QuestionError
from cxreports.sentiment.model import DIGITS, ModelFile, model_of, terms_of
from cxreports.sentiment.scorer import MOODS, Mood, found_of, no_confusion

FOLDS = 5
FEWEST = 20  # labels of a class; below that its error cannot be told
Labelled = tuple[str, Mood]  # masked text of a turn, how the customer felt


def train(labelled: Sequence[Labelled]) -> ModelFile:
    """The model of those turns, in whatever order they come; QuestionError where they are too few, all faults at once."""
    known = sorted(set(labelled))  # a turn that stands twice would be seen in training and be judged as unseen
    counts = Counter(label for _, label in known)
    classes = [mood for mood in MOODS if counts[mood]]
    faults = [
        f"{mood}: {counts[mood]} different turns; at least {FEWEST} are needed, or none"
        for mood in classes
        if counts[mood] < FEWEST
    ]
    if len(classes) < 2 or "negative" not in classes:
        faults.append("labels must be of two classes at least, one of them 'negative'")
    if faults:
        raise QuestionError(faults)
    measured = no_confusion()
    for fold in range(FOLDS):
        rest = [turn for n, turn in _numbered(known) if n % FOLDS != fold]
        scorer = model_of(_fitted(rest, classes).text())
        for n, (text, label) in _numbered(known):
            if n % FOLDS == fold:
                measured[label][found_of(scorer.score(text))] += 1
    digest = hashlib.sha256(repr(known).encode("utf-8", "surrogatepass")).hexdigest()
    return _fitted(known, classes).model_copy(update={"measured": measured, "n_labels": len(known), "labels": digest})


def _numbered(known: Sequence[Labelled]) -> list[tuple[int, Labelled]]:
    """Each turn with its number within its class, in an order that has nothing to do with its words."""
    mixed = sorted(known, key=lambda turn: hashlib.sha256(turn[0].encode("utf-8", "surrogatepass")).digest())
    seen: Counter[str] = Counter()
    numbered = []
    for turn in mixed:
        numbered.append((seen[turn[1]], turn))
        seen[turn[1]] += 1
    return numbered


def _fitted(known: Sequence[Labelled], classes: Sequence[Mood]) -> ModelFile:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise MissingToolError("training needs scikit-learn: pip install 'cxreports[sentiment]'") from None
    texts, labels = [text for text, _ in known], [label for _, label in known]
    vectors = TfidfVectorizer(analyzer=terms_of, min_df=2)
    try:
        matrix = vectors.fit_transform(texts)
    except ValueError:
        raise QuestionError("the labelled turns have no words in common") from None
    fitted = LogisticRegression(C=1.0, tol=1e-9, max_iter=5_000).fit(matrix, labels)
    weights, intercepts = _by_class(fitted, classes)
    terms = {
        term: [round(float(vectors.idf_[column]), DIGITS), *(round(float(row[column]), DIGITS) for row in weights)]
        for term, column in vectors.vocabulary_.items()
    }
    return ModelFile(
        format="cxreports mood model 1", classes=list(classes), intercepts=[round(float(x), DIGITS) for x in intercepts],
        terms=terms, n_labels=len(known), labels="", measured=no_confusion(),
    )  # fmt: skip


def _by_class(fitted: Any, classes: Sequence[Mood]) -> tuple[list[Any], list[float]]:
    """Coefficients and intercepts per class, in the order of `classes`; of two classes scikit-learn keeps the second only."""
    rows, ends = list(fitted.coef_), list(fitted.intercept_)
    if len(rows) == 1:
        rows, ends = [rows[0] * 0, rows[0]], [0.0, ends[0]]
    at = {str(name): n for n, name in enumerate(fitted.classes_)}
    return [rows[at[mood]] for mood in classes], [ends[at[mood]] for mood in classes]
