"""Models of moods: trained on labels, measured on turns that they had not seen, read from a file in which nothing can run."""

import json
import pickle
import subprocess
import sys
from math import log
from pathlib import Path
from typing import Any

import pytest

from cxreports.errors import QuestionError, SettingsError
from cxreports.sentiment.choose import choose
from cxreports.sentiment.model import model_of, read_model, terms_of
from cxreports.sentiment.scorer import Mood
from cxreports.sentiment.train import Labelled, train
from cxreports.sentiment_settings import SentimentSettings

THINGS = ["parcel", "invoice", "router", "contract", "card", "refund", "bill", "order", "meter", "account"]
PEOPLE = ["driver", "advisor", "shop", "website", "robot"]
SAID: dict[Mood, str] = {
    "negative": "the {} about my {} was dreadful",
    "positive": "the {} sorted my {} wonderfully",
    "neutral": "the {} has my {} number",
}


def turns(n: int = 50) -> list[Labelled]:
    return [(words.format(PEOPLE[i % 5], THINGS[i // 5 % 10]), mood) for mood, words in SAID.items() for i in range(n)]


def a_file(**other: Any) -> dict[str, Any]:
    """Two terms: `bad` (idf 2) and `bad day` (idf 1)."""
    return {
        "format": "cxreports mood model 1", "classes": ["negative", "positive"], "intercepts": [0.0, 0.0],
        "terms": {"bad": [2.0, 1.0, -1.0], "bad day": [1.0, 0.0, 2.0]}, "n_labels": 1, "labels": "", "measured": {}, **other,
    }  # fmt: skip


@pytest.mark.parametrize(("text", "score"), [
    ("BAD!", -0.7616),  # one term: weight 1; logits 1 and −1: (1/e − e) ÷ (1/e + e) = −tanh 1
    ("a bad day", -0.4196),  # weights 2/√5 and 1/√5; logits 2/√5 and −2/√5 + 2/√5 = 0: −tanh(1/√5)
    ("bad. day", -0.7616),  # no pair across a full stop
    ("a good day", None),
    ("", None),
])  # fmt: skip
def test_a_score_is_what_the_formula_says(text: str, score: float | None) -> None:
    assert model_of(json.dumps(a_file())).score(text) == score


def test_terms_are_words_pairs_within_a_clause_and_signs() -> None:
    assert terms_of("Not good, at ALL 😡") == ["not", "good", "at", "all", "not good", "at all", "😡"]


def test_a_trained_model_tells_what_it_was_taught_and_measures_itself_on_what_it_had_not_seen() -> None:
    made = train(turns())
    scorer = model_of(made.text())
    assert scorer.score("the driver of my router was dreadful") == pytest.approx(-0.56, abs=0.05)
    assert (scorer.score("the shop sorted my bill wonderfully") or 0) > 0.5
    assert scorer.score("quite another matter") is None
    assert made.n_labels == 150
    assert {label: sum(row.values()) for label, row in made.measured.items()} == {"negative": 50, "neutral": 50, "positive": 50}
    assert made.measured["negative"] == {"negative": 50, "neutral": 0, "positive": 0, "none": 0}


def test_labels_that_say_nothing_are_measured_as_such() -> None:
    """The label has nothing to do with the words: a model that looked at what it judges would still seem good."""
    words = (f"{THINGS[i % 10]} {PEOPLE[i // 10 % 5]} {'yes' if i % 3 else 'no'}" for i in range(150))
    made = train([(text, "negative" if i * 7 % 11 < 5 else "neutral") for i, text in enumerate(words)])
    n = sum(sum(row.values()) for row in made.measured.values())
    right = made.measured["negative"]["negative"] + made.measured["neutral"]["neutral"]
    assert right / n < 0.7


def test_scikit_learn_gives_the_same_chances() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    known = sorted(turns())
    vectors = TfidfVectorizer(analyzer=terms_of, min_df=2)
    fitted = LogisticRegression(C=1.0, tol=1e-9, max_iter=5_000).fit(
        vectors.fit_transform([t for t, _ in known]), [label for _, label in known]
    )
    scorer = model_of(train(turns()).text())
    for text in ("the driver of my router was dreadful", "my number, my card", "sorted"):
        negative, _, positive = fitted.predict_proba(vectors.transform([text]))[0]
        assert scorer.score(text) == pytest.approx(positive - negative, abs=2e-4)


def test_two_classes_are_enough_and_their_order_is_kept() -> None:
    made = train([turn for turn in turns() if turn[1] != "neutral"])
    assert made.classes == ["negative", "positive"]
    assert (model_of(made.text()).score("dreadful") or 0) < -0.2
    assert (model_of(made.text()).score("wonderfully") or 0) > 0.2


def test_the_same_labels_give_the_same_bytes_in_any_order_and_in_another_process() -> None:
    code = "from tests.test_sentiment_model import train, turns; print(train(turns()).text(), end='')"
    root = Path(__file__).resolve().parent.parent
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert out == train([*reversed(turns()), turns()[0]]).text()


def test_too_few_labels_are_refused_all_faults_at_once() -> None:
    few = [(f"{i} words", "neutral") for i in range(19)] + [("one", "positive")]
    with pytest.raises(QuestionError) as caught:
        train(few)  # type: ignore[arg-type]
    assert list(caught.value.faults) == [
        "neutral: 19 different turns; at least 20 are needed, or none",
        "positive: 1 different turns; at least 20 are needed, or none",
        "labels must be of two classes at least, one of them 'negative'",
    ]
    nothing: list[Labelled] = [(f"{chr(0x4E00 + i)}", "negative" if i % 2 else "neutral") for i in range(60)]
    with pytest.raises(QuestionError, match="no words in common"):
        train(nothing)


class Evil:
    """What a pickle could do on being read."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return (Path.touch, (self.place,))


@pytest.mark.parametrize("content", [
    "", "{}", "[1]", "null", "{" * 100_000, json.dumps(a_file(format="2")), json.dumps(a_file(intercepts=[0.0])),
    json.dumps(a_file(terms={"bad": [1.0, 2.0]})), json.dumps(a_file(terms={"bad": ["1", "2", "3"]})),
    json.dumps(a_file(classes=["negative", "negative"])), json.dumps(a_file(classes=["negative", "__import__"])),
    json.dumps(a_file(run="os.system")), json.dumps(a_file(intercepts=[float("nan"), 0.0])),
    json.dumps(a_file(intercepts=[1e300, 0.0])),
])  # fmt: skip
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "m.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match="is no model of 'cxreports sentiment train'"):
        read_model(file)


def test_a_pickle_in_place_of_a_model_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(pickle.dumps(Evil(tmp_path / "was-here")))
    with pytest.raises(SettingsError):
        choose(SentimentSettings(scorer="model", model="m.json"), tmp_path)
    assert not (tmp_path / "was-here").exists()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_model(tmp_path / "absent.json")


def test_every_other_file_is_another_scorer(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(a_file()))
    one = choose(SentimentSettings(scorer="model", model="m.json"), tmp_path)
    (tmp_path / "m.json").write_text(json.dumps(a_file(intercepts=[0.0, 0.5])))
    two = choose(SentimentSettings(scorer="model", model="m.json"), tmp_path)
    assert one and two
    assert one.name != two.name
    assert one.name.startswith("model ")


def test_idf_is_that_of_scikit_learn() -> None:
    """ln((1 + n) ÷ (1 + df)) + 1, as in the file."""
    made = train(turns())
    assert made.terms["dreadful"][0] == round(log(151 / 51) + 1, 6)
