"""How often a scorer errs, measured on labels; and figures corrected by it, or called uncorrected."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cxreports import mood_checks, pipeline
from cxreports.analysis.correction import LabelledSample, corrected
from cxreports.analysis.estimate import Estimate, single
from cxreports.analysis.moods import as_scored, samples_of
from cxreports.errors import InputError, QuestionError, SettingsError
from cxreports.sentiment.scorer import no_confusion
from tests.test_cli import cx
from tests.test_measure import DAY
from tests.test_sentiment_model import THINGS

HUNDRED = single(30, 100)
MOODS = {"scorer": {"negative": {"negative": 90, "neutral": 6, "positive": 4, "none": 50},
                    "neutral": {"negative": 15, "neutral": 80, "positive": 5, "none": 50},
                    "positive": {"negative": 5, "neutral": 15, "positive": 80, "none": 50}}}  # fmt: skip
SAMPLES = samples_of(json.dumps(MOODS))
TOML = """
[project]
name = "Words"
timezone = "Europe/London"
[sources.legs]
kind = "table"
path = "exports/legs.csv"
table = "legs"
columns = { leg_id = "id", started_at = "started::timestamptz", channel = "'chat'", account_key = "id" }
[sources.turns]
kind = "table"
path = "exports/turns.csv"
table = "turns"
columns = { turn_id = "id", leg_id = "leg", speaker = "'customer'", content = "said" }
[sentiment]
scorer = "lexicon"
languages = ["en"]
"""
NAME = "lexicon 1 (en)"


def project(folder: Path, n: int = 100, negative: int = 30) -> pipeline.Project:
    """So many interactions of one turn each, of which the lists find so many negative."""
    (folder / "exports").mkdir(parents=True)
    (folder / "cxreports.toml").write_text(TOML)
    (folder / "pseudonym.key").write_text("a key that nobody keeps secret\n")
    legs = "".join(f"i{k},2025-03-03 10:{k % 60:02}:00+00\n" for k in range(n))
    turns = "".join(f"t{k},i{k},{'This is terrible' if k < negative else 'thanks'}\n" for k in range(n))
    (folder / "exports/legs.csv").write_text("id,started\n" + legs)
    (folder / "exports/turns.csv").write_text("id,leg,said\n" + turns)
    opened = pipeline.open_project(folder)
    pipeline.run(opened, pipeline.end_of_day(DAY[0], opened.settings), lambda words: None)
    return opened


def labels(folder: Path, head: str, *lines: str) -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def test_what_a_scorer_looks_for_is_a_negative_end_and_units_without_a_score_are_no_error() -> None:
    assert {"scorer": LabelledSample(true_positives=90, false_negatives=10, true_negatives=180, false_positives=20)} == SAMPLES


def test_three_in_ten_scored_negative_were_one_in_four() -> None:
    e, words = as_scored(Estimate(0.3, 0.2, 0.4), HUNDRED, ["scorer"], "scorer", SAMPLES)
    assert round(e.value or 0, 12) == 0.25  # (0.30 + 0.90 − 1) ÷ 0.80
    assert (round(e.low or 0, 6), round(e.high or 0, 6)) == (0.136370, 0.378326)  # tests/test_correction.py
    assert words == "corrected for the errors of scorer by 300 interactions that people judged; it says 30.0%"


@pytest.mark.parametrize(("scorers", "own", "words"), [
    (["vendor"], "", ""),  # a source's own score that nobody checked is that source's word
    (["mine"], "mine", "uncorrected: moods by mine"),
    (["mine", "vendor"], "mine", "uncorrected: moods by 2 scorers, mine, vendor"),
    (["a", "b"], "", "moods by 2 scorers, a, b"),
    (["scorer", "vendor"], "", "uncorrected: moods by 2 scorers, scorer, vendor"),
    ([], "mine", ""),
])  # fmt: skip
def test_what_cannot_be_corrected_says_so_and_stays_as_it_is(scorers: list[str], own: str, words: str) -> None:
    e = Estimate(0.3, 0.2, 0.4)
    assert as_scored(e, HUNDRED, scorers, own, SAMPLES) == (e, words)


def test_a_scorer_that_is_no_better_than_chance_corrects_nothing() -> None:
    e, table = Estimate(0.3), no_confusion()
    table["negative"]["negative"] = table["negative"]["neutral"] = table["neutral"]["negative"] = table["neutral"]["neutral"] = 5
    assert as_scored(e, HUNDRED, ["s"], "s", samples_of(json.dumps({"s": table}))) == (
        e, "uncorrected: by the 20 interactions that people judged, s cannot be told from chance",
    )  # fmt: skip


def test_labels_of_interactions_correct_the_share_that_ends_negatively(tmp_path: Path) -> None:
    opened = project(tmp_path)
    (before,) = pipeline.measurer(opened).measure("negative_end", [], *DAY)
    assert (before.value, before.reason.split("; ")[-1]) == (0.3, f"uncorrected: moods by {NAME}")
    # Of 20 that the lists call negative people agree with 18; of 40 others with 38.
    judged = [f"i{k},{'negative' if k < 18 else 'neutral'}" for k in range(20)]
    judged += [f"i{30 + k},{'negative' if k < 2 else 'positive'}" for k in range(40)]
    done = mood_checks.check(opened, labels(tmp_path, "interaction_id,label", *judged))
    assert done.by_scorer == {NAME: {
        "negative": {"negative": 18, "neutral": 2, "positive": 0, "none": 0},
        "neutral": {"negative": 2, "neutral": 0, "positive": 0, "none": 0},
        "positive": {"negative": 0, "neutral": 38, "positive": 0, "none": 0},
    }}  # fmt: skip
    (after,) = pipeline.measurer(opened).measure("negative_end", [], *DAY)
    assert round(after.value or 0, 12) == round((0.3 + 0.95 - 1) / 0.85, 12)  # Se 18 of 20, Sp 38 of 40
    assert (after.num, after.den, after.n) == (30, 100, 100)
    expected = corrected(0.3, 100, LabelledSample(18, 2, 38, 2))
    assert expected and (after.low, after.high) == (expected.low, expected.high)
    words = f"corrected for the errors of {NAME} by 60 interactions that people judged; it says 30.0%"
    assert after.reason.split("; ")[-2:] == words.split("; ")


def test_another_version_of_the_scorer_is_uncorrected_until_it_is_checked(tmp_path: Path) -> None:
    opened = project(tmp_path)
    mood_checks.check(opened, labels(tmp_path, "interaction_id,label", *(f"i{k},negative" for k in range(5))))
    (tmp_path / "cxreports.toml").write_text(TOML.replace('["en"]', '["en", "de"]'))
    other = pipeline.open_project(tmp_path)
    pipeline.run(other, pipeline.end_of_day(DAY[1], other.settings), lambda words: None)
    (found,) = pipeline.measurer(other).measure("negative_end", [], *DAY)
    assert found.reason.endswith("uncorrected: moods by lexicon 1 (en de)")


def test_turns_and_texts_tell_how_good_the_scorer_is_and_correct_nothing(tmp_path: Path) -> None:
    opened = project(tmp_path)
    by_turn = mood_checks.check(opened, labels(tmp_path, "turn_id,label", "t0,negative", "t1,neutral", "t99,positive"))
    assert by_turn.by_scorer[NAME]["negative"]["negative"] == 1
    assert by_turn.by_scorer[NAME]["neutral"]["negative"] == 1
    assert by_turn.by_scorer[NAME]["positive"]["neutral"] == 1
    by_text = mood_checks.check(opened, labels(tmp_path, "text,label", "where is it?,negative", "great!,positive"))
    assert by_text.by_scorer[NAME]["negative"]["none"] == 1
    assert by_text.by_scorer[NAME]["positive"]["positive"] == 1
    assert not (tmp_path / "sentiment-checked.json").exists()


def test_labels_that_cannot_be_are_named_with_their_lines_and_without_their_words(tmp_path: Path) -> None:
    opened = project(tmp_path, 20, 5)

    def faults(head: str, *lines: str) -> list[str]:
        with pytest.raises(InputError) as caught:
            mood_checks.check(opened, labels(tmp_path, head, *lines))
        return [fault.replace(f"{tmp_path}/", "") for fault in caught.value.faults]

    assert faults("interaction_id,label", "i1,bad", ",negative") == [
        "labels.csv, line 2: label is none of negative, neutral, positive", "labels.csv, line 3: interaction_id is empty",
    ]  # fmt: skip
    assert (
        faults("interaction_id,label", "i1,negative", "i1,neutral")[1] == "labels.csv, line 3: was judged twice; settle it first"
    )
    assert faults("interaction_id,label", "secret,negative") == ["labels.csv, line 2: no such interaction was loaded"]
    assert faults("turn_id,label", "secret,negative") == ["labels.csv, line 2: no such turn of a customer was loaded"]
    assert faults("id,label", "i1,negative") == [
        "labels.csv: needs the columns 'label' and one of interaction_id, turn_id, text; it has id, label"
    ]
    assert faults("text,label") == ["labels.csv: holds no label"]
    (tmp_path / "sentiment-checked.json").write_text("[]")
    with pytest.raises(SettingsError, match="is not what 'cxreports sentiment check' writes"):
        pipeline.measurer(opened)


def test_without_a_scorer_there_are_no_turns_to_check(tmp_path: Path) -> None:
    opened = project(tmp_path, 20, 5)
    off = replace(
        opened,
        settings=opened.settings.model_copy(update={"sentiment": opened.settings.sentiment.model_copy(update={"scorer": "off"})}),
    )
    with pytest.raises(QuestionError, match="names none"):
        mood_checks.check(off, labels(tmp_path, "text,label", "great,positive"))


def test_a_model_is_trained_checked_and_scores_from_the_command_line(tmp_path: Path) -> None:
    project(tmp_path, 20, 5)
    lines = [f"{said} +44 113 496 {k:04} {THINGS[k % 10]} {k // 10 * 'x'},{mood}"
             for k in range(30) for said, mood in (("dreadful", "negative"), ("splendid", "positive"))]  # fmt: skip
    here = ("--project", str(tmp_path))
    told = cx("sentiment", "train", str(labels(tmp_path, "text,label", *lines)), *here)
    assert "of 60 labelled turns, each scored by a model that had not seen it (60):" in told.stdout
    written = (tmp_path / "sentiment-model.json").read_text()
    assert "dreadful" in written
    assert "113" not in written
    ours, model = 'scorer = "lexicon"\nlanguages = ["en"]', 'scorer = "model"\nmodel = "sentiment-model.json"'
    (tmp_path / "cxreports.toml").write_text(TOML.replace(ours, model))
    told = cx("sentiment", "check", str(labels(tmp_path, "text,label", "dreadful,negative", "splendid,positive")), *here)
    assert (
        "of 1 that people call negative and that have a score it finds 1; of 1 others it leaves 1 alone; 0 have no score"
        in told.stdout
    )
