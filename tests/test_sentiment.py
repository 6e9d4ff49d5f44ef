"""Moods scored from customers' words: only where a source has none, only if asked for, and never mixed without a word."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measure import Measurer
from cxreports.errors import SettingsError
from cxreports.lake import build
from cxreports.lake.write import Basis
from cxreports.pipeline import settings_faults
from cxreports.sentiment.lexicon import Lexicon
from cxreports.settings import ProjectSettings, Settings, read_settings
from tests.conftest import sample_project
from tests.test_measure import DAY, one
from tests.worlds import BASIS, CATALOGUE, PARAMS, Lake, at, deliver, everything, leg, look

ENGLISH = Lexicon(("en",))
NAME = "lexicon 1 (en)"
Rows = Sequence[Mapping[str, Any]]


def scored(scorer: Lexicon = ENGLISH, sources: str = "") -> Basis:
    return replace(BASIS, params={**PARAMS, "scorer": scorer.name, "scored_sources": sources}, scorer=scorer)


def said(leg_id: str, *words: str, speaker: str = "customer", **more: Any) -> list[dict[str, Any]]:
    """Turns of one leg, one after the other."""
    return [
        {"turn_id": f"{leg_id}-{n}", "leg_id": leg_id, "turn_seq": n, "speaker": speaker, "content": text, **more}
        for n, text in enumerate(words)
    ]


def ends(lake: Lake, basis: Basis, day: int = 30) -> dict[str, tuple[Any, str | None]]:
    """Score and scorer of each interaction's end."""
    found = everything(lake, "core_interactions", at(24 * day), basis)
    return {r["interaction_id"]: (r["end_score"], r["scorer"]) for r in found}


def measurer(lake: Lake, basis: Basis) -> Measurer:
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"))
    return Measurer(look(lake, at(24 * 60), basis), CATALOGUE, settings, basis.params)


def test_nothing_is_scored_unless_the_settings_ask_for_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 1, [leg("a", 0)], turns=said("a", "This is terrible"))
    assert ends(lake, BASIS) == {"a": (None, None)}
    assert everything(lake, "core_turn_scores") == []
    assert build.build_params(Settings(project=ProjectSettings(name="x", timezone="UTC")))["scored_sources"] == ""


def test_a_figure_that_was_not_computable_is_derived_once_a_scorer_is_on(tmp_path: Path) -> None:
    legs = [leg(f"a{n:02}", n / 60, account_key=f"k_{n}") for n in range(40)]
    words = [t for n in range(40) for t in said(f"a{n:02}", "Hello", "This is terrible" if n < 10 else "thanks")]
    lake = Lake(tmp_path)
    deliver(lake, 1, [*legs, leg("later", 24 * 30)], turns=words)
    before = one(measurer(lake, BASIS), "negative_end")
    assert (before.state, before.reason, before.value) == ("not_computable", "no source scores the mood of customers", None)
    m = measurer(lake, scored())
    after = one(m, "negative_end")
    assert (after.n, after.num, after.value) == (40, 10, 0.25)
    (label,) = m.labels("negative_end", ["world"])
    assert (label.label, label.reason) == ("derived", "the mood is scored here from the customer's words")
    assert m.measure("negative_end", ["scorer"], *DAY)[0].by == {"scorer": NAME}


def test_the_end_is_the_mean_of_what_the_second_half_of_the_turns_shows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    turns = [
        *said("four", "great", "great", "This is terrible", "thanks"),  # −0.5 and 0: −0.25
        *said("three", "great", "This is terrible", "where is it?"),  # the second of three is of the end
        *said("one", "great"),
        *said("mute", "great", "great", "and then?", "where?"),  # no mood at the end: not known
    ]
    deliver(lake, 1, [leg(name, 0) for name in ("four", "three", "one", "mute")], basis=scored(), turns=turns)
    assert ends(lake, scored()) == {
        "four": (Decimal("-0.25"), NAME), "three": (Decimal("-0.5"), NAME), "one": (Decimal("0.3333"), NAME),
        "mute": (None, None),
    }  # fmt: skip


def test_only_the_customers_own_words_count_and_the_last_leg_that_shows_a_mood(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [
        leg("a", 0),
        leg("b", 1, root_id="a", previous_id="a", initiation="transfer"),
        leg("c", 2, root_id="a", previous_id="b"),
    ]
    turns = [
        *said("a", "This is terrible"), *said("b", "That is great"), *said("c", "where?"),
        *said("d", "This is terrible", speaker="agent"), *said("e", "This is terrible", is_test=True),
    ]  # fmt: skip
    deliver(lake, 1, [*legs, leg("d", 0), leg("e", 0)], basis=scored(), turns=turns)
    assert ends(lake, scored()) == {"a": (Decimal("0.3333"), NAME), "d": (None, None), "e": (None, None)}


def test_an_interaction_that_its_source_scores_keeps_that_score(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [leg("vendor", 0), leg("whole", 0), leg("own", 0, end_score=Decimal("0.9")), leg("none", 0), leg("label", 0)]
    turns = [
        t
        for row in legs
        for t in said(row["leg_id"], "This is terrible", sentiment="NEUTRAL" if row["leg_id"] == "label" else None)
    ]
    scores = [
        {
            "sentiment_id": "v",
            "leg_id": "vendor",
            "speaker": "customer",
            "part": "end",
            "score": Decimal("0.4"),
            "scorer": "lens 3",
        },
        {"sentiment_id": "w", "leg_id": "whole", "speaker": "customer", "part": "overall", "score": Decimal("0.4")},
        {"sentiment_id": "n", "leg_id": "none", "speaker": "agent", "part": "end", "score": Decimal("0.4")},
    ]
    deliver(lake, 1, legs, basis=scored(), turns=turns, sentiments=scores)
    assert ends(lake, scored()) == {
        "vendor": (Decimal("0.4"), "lens 3"), "whole": (None, None), "own": (Decimal("0.9"), "world"),
        "none": (Decimal("-0.5"), NAME), "label": (None, None),
    }  # fmt: skip


def test_only_the_sources_that_the_settings_name_are_scored(tmp_path: Path) -> None:
    lake, basis = Lake(tmp_path), scored(sources="\nchat\n")
    legs = [leg("a", 0, source="chat"), leg("b", 0, source="chats")]
    turns = [*said("a", "great", source="logs"), *said("b", "great", source="chat")]  # the interaction's source counts
    deliver(lake, 1, legs, basis=basis, turns=turns)
    assert ends(lake, basis) == {"a": (Decimal("0.3333"), NAME), "b": (None, None)}


def test_days_of_deliveries_give_what_one_late_delivery_gives(tmp_path: Path) -> None:
    """Words come after their legs, are corrected, and a score of the source comes last of all and wins."""
    score = {"sentiment_id": "s", "leg_id": "b", "speaker": "customer", "part": "end", "score": Decimal("0.4")}
    days: list[dict[str, Rows]] = [
        {"legs": [leg("a", 0, account_key="k"), leg("b", 1, account_key="k")]},
        {"legs": [], "turns": [*said("a", "great"), *said("b", "This is terrible")]},
        {"legs": [], "turns": said("a", "not good", version=at(40))},
        {"legs": [], "sentiments": [score]},
    ]
    daily, late = Lake(tmp_path / "daily"), Lake(tmp_path / "late")
    seen = []
    for day, tables in enumerate(days, 1):
        deliver(daily, day, basis=scored(), **tables)
        seen.append(ends(daily, scored(), day))
    deliver(late, 9, days[0]["legs"], scored(), turns=[*said("a", "not good", version=at(40)), *said("b", "This is terrible")],
            sentiments=[score])  # fmt: skip
    assert seen == [
        {"a": (None, None), "b": (None, None)},
        {"a": (Decimal("0.3333"), NAME), "b": (Decimal("-0.5"), NAME)},
        {"a": (Decimal("-0.2727"), NAME), "b": (Decimal("-0.5"), NAME)},
        {"a": (Decimal("-0.2727"), NAME), "b": (Decimal("0.4"), "world")},
    ]
    assert ends(late, scored()) == seen[-1]
    parts = [[p.sha256 for p in lk.head().tables["core_turn_scores"].values()] for lk in (daily, late) if lk.head()]  # type: ignore[union-attr]
    assert len(parts[0]) == 1
    assert parts[0] == parts[1]  # byte for byte
    assert ends(daily, scored(), 2) == seen[1]  # and as of then, as it was


def test_another_scorer_scores_everything_anew(tmp_path: Path) -> None:
    lake, german = Lake(tmp_path), scored(Lexicon(("de", "en")))
    deliver(lake, 1, [leg("a", 0), leg("b", 0)], basis=scored(), turns=[*said("a", "great"), *said("b", "das ist schlecht")])
    assert ends(lake, scored()) == {"a": (Decimal("0.3333"), NAME), "b": (None, None)}
    deliver(lake, 2, [leg("c", 9)], german, turns=said("c", "great"))
    name = "lexicon 1 (de en)"
    good = (Decimal("0.3333"), name)
    assert ends(lake, german) == {"a": good, "b": (Decimal("-0.3333"), name), "c": good}


def test_settings_that_cannot_be_meant_are_refused_with_their_place(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "p")
    file = project.folder / "cxreports.toml"
    text = file.read_text()

    def faults(block: str) -> list[str]:
        file.write_text(f"{text}\n[sentiment]\n{block}\n")
        try:
            return settings_faults(replace(project, settings=read_settings(project.folder)))
        except SettingsError as error:
            return [fault.partition(": ")[2] for fault in error.faults]

    assert faults('scorer = "lexicon"\nlanguages = ["en"]\nsources = ["connect"]') == []
    assert faults('scorer = "lexicon"\nsources = ["conect"]') == [
        "cxreports.toml: sentiment.sources: 'conect' is no source; did you mean 'connect'?"
    ]
    assert faults('scorer = "model"') == ['sentiment: model = "…" and scorer = "model" belong together']
    assert faults('scorer = "lexicon"\nlanguages = []') == ["sentiment.languages: name each language once, and at least one"]
    assert faults('scorr = "lexicon"') == ["sentiment.scorr: unknown setting; did you mean 'scorer'?"]


@pytest.mark.parametrize("most", [1, 3])
def test_a_history_that_is_cut_into_slices_is_scored_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    legs = [leg(f"a{n}", n, account_key=f"k_{n % 3}") for n in range(12)]
    turns = [t for n in range(12) for t in said(f"a{n}", "great" if n % 2 else "This is terrible", "thanks")]
    whole, sliced = Lake(tmp_path / "whole"), Lake(tmp_path / "sliced")
    deliver(whole, 1, legs, scored(), turns=turns)
    monkeypatch.setattr("cxreports.lake.slices.MOST_LEGS", most)
    deliver(sliced, 1, legs, scored(), turns=turns)
    assert len(everything(whole, "core_turn_scores", None, scored())) == 24
    assert everything(sliced, "core_turn_scores", None, scored()) == everything(whole, "core_turn_scores", None, scored())
    assert ends(sliced, scored()) == ends(whole, scored())
