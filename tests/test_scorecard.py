"""Scorecards: what stands on which, what is not shown, and what others reach with the same cases."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxreports.analysis.estimate import proportion, single, wilson
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import HIDDEN
from cxreports.analysis.same_mix import SameMix, same_mix
from cxreports.analysis.scorecard import CARDS, Line, scorecard
from cxreports.errors import QuestionError
from cxreports.evaluation_settings import EvaluationItemSettings
from cxreports.printing.scorecards import print_scorecard
from cxreports.settings import ProjectSettings, Settings
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, leg, look

DAY = (START.date(), START.date().replace(day=START.day + 1))
TONE = {"tone": EvaluationItemSettings(measures="tone", question="tone")}


def test_others_are_weighed_by_ones_own_mix() -> None:
    # Own: 60 hard cases, 40 easy. Others reach 50 % of the hard, 90 % of the easy ones: 0.6 · 0.5 + 0.4 · 0.9 = 0.66.
    own = {"hard": single(33, 60), "easy": single(37, 40)}
    others = {"hard": single(50, 100), "easy": single(450, 500), "other": single(0, 900)}
    found = same_mix(own, others, 30, proportion)
    assert isinstance(found, SameMix)
    assert (round(found.own, 6), round(found.others, 6), round(found.difference, 6), found.n) == (0.7, 0.66, 0.04, 100)
    assert found.coverage == 1.0
    # MOVER by hand from Wilson's limits: own 70 of 100, hard 50 of 100, easy 450 of 500.
    (lo, up), (lh, uh), (le, ue) = wilson(0.7, 100), wilson(0.5, 100), wilson(0.9, 500)
    assert found.low == pytest.approx(0.04 - ((0.7 - lo) ** 2 + (0.6 * (uh - 0.5)) ** 2 + (0.4 * (ue - 0.9)) ** 2) ** 0.5)
    assert found.high == pytest.approx(0.04 + ((up - 0.7) ** 2 + (0.6 * (0.5 - lh)) ** 2 + (0.4 * (0.9 - le)) ** 2) ** 0.5)


def test_the_interval_of_the_difference_holds_the_truth_in_93_of_100_samples() -> None:
    draw, held, trials = np.random.default_rng(20250303), 0, 1000
    for _ in range(trials):  # one is as good as the others at both kinds: the true difference is none
        own = {k: single(int(draw.binomial(n, p)), n) for k, n, p in (("hard", 60, 0.5), ("easy", 40, 0.95))}
        others = {k: single(int(draw.binomial(n, p)), n) for k, n, p in (("hard", 40, 0.5), ("easy", 300, 0.95))}
        found = same_mix(own, others, 30, proportion)
        held += isinstance(found, SameMix) and found.low <= 0 <= found.high
    assert held / trials >= 0.93


@pytest.mark.parametrize(("own", "others", "why"), [
    ({"a": single(1, 100)}, {"a": single(5, 9)}, "others have too few of the same cases"),
    ({"a": single(1, 100)}, {}, "others have too few of the same cases"),
    ({"a": single(1, 79), "b": single(1, 21)}, {"a": single(5, 10)}, "others have enough of only 79% of these cases"),
    ({"a": single(1, 29)}, {"a": single(5, 10)}, "fewer than 30 comparable cases"),
    ({"a": single(1, 30)}, {"a": single(5, 29)}, "others have too few of the same cases"),
    ({}, {"a": single(5, 10)}, "others have too few of the same cases"),
])  # fmt: skip
def test_where_others_had_other_cases_nobody_is_compared(own: Any, others: Any, why: str) -> None:
    assert same_mix(own, others, 30, proportion) == why


def test_four_fifths_of_the_cases_are_enough_and_the_rest_is_left_out_on_both_sides() -> None:
    found = same_mix({"a": single(40, 80), "b": single(20, 20)}, {"a": single(15, 30)}, 30, proportion)
    assert isinstance(found, SameMix)
    assert (found.own, found.others, found.coverage) == (0.5, 0.5, 0.8)


def world(folder: Path, people: Sequence[tuple[str, str, int, int]]) -> Measurer:
    """(person, intent, judgements of the tone, of these good)."""
    lake, legs, evaluations, answers = Lake(folder), [], [], []
    for who, intent, n, good in people:
        for k in range(n):
            key = f"{who}-{intent}-{k}"
            legs.append(leg(key, 0, answered_at=START, agent_id=who, intent=intent or None, ai_agent="bot"))
            evaluations.append({"evaluation_id": key, "leg_id": key, "form": "QA", "submitted_at": at(1)})
            answers.append({"answer_id": key, "evaluation_id": key, "question": "tone", "score": float(k < good)})
    deliver(lake, 20, legs, evaluations=evaluations, evaluation_answers=answers)
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"), evaluations=TONE)
    return Measurer(look(lake, at(24 * 30)), CATALOGUE, settings, PARAMS)


def of(lines: Sequence[Line], metric: str) -> dict[str, Line]:
    return {line.figure.by.get("agent_id", ""): line for line in lines if line.figure.metric == metric}


def test_who_gets_the_hard_cases_is_not_behind(tmp_path: Path) -> None:
    # Ann has the hard ones and is better at each kind; over all, Bob looks better (0.8 against 0.6).
    m = world(tmp_path, [("ann", "hard", 40, 20), ("ann", "easy", 10, 10), ("bob", "hard", 10, 4), ("bob", "easy", 40, 36)])
    tone = of(scorecard(m, "human", ["agent_id"], *DAY), "tone")
    assert {who: line.figure.value for who, line in tone.items()} == {"ann": 0.6, "bob": 0.8}
    ann, bob = tone["ann"].mix, tone["bob"].mix
    assert ann and bob
    assert round(ann.others, 6) == 0.5  # 0.8 · 4/10 + 0.2 · 36/40
    assert round(bob.others, 6) == 0.9  # 0.2 · 20/40 + 0.8 · 10/10
    assert (round(ann.difference, 6), round(bob.difference, 6)) == (0.1, -0.1)


def test_below_the_minimum_nothing_of_a_person_is_shown(tmp_path: Path) -> None:
    m = world(tmp_path, [("ann", "easy", 30, 20), ("bob", "easy", 29, 29)])
    tone = of(scorecard(m, "human", ["agent_id"], *DAY), "tone")
    assert tone["ann"].figure.value == pytest.approx(2 / 3)
    bob = tone["bob"].figure
    assert (bob.state, bob.num, bob.den, bob.value, bob.low, bob.high, tone["bob"].mix) == ("insufficient", *(None,) * 6)


def test_a_person_with_few_judgements_cannot_be_worked_out_from_the_others(tmp_path: Path) -> None:
    m = world(tmp_path, [("ann", "easy", 40, 20), ("bob", "easy", 9, 9), ("eve", "easy", 35, 30)])
    tone = of(scorecard(m, "human", ["agent_id"], *DAY), "tone")
    assert {who: line.figure.value is None for who, line in tone.items()} == {"ann": False, "bob": True, "eve": True}
    assert tone["eve"].figure.reason == HIDDEN and tone["eve"].mix is None


def test_without_intents_nobody_is_compared(tmp_path: Path) -> None:
    m = world(tmp_path, [("ann", "", 40, 20), ("bob", "", 40, 20)])
    tone = of(scorecard(m, "human", ["agent_id"], *DAY), "tone")
    assert (tone["ann"].mix, tone["ann"].why_no_mix) == (None, "too few intents are known")


def test_the_ai_and_people_never_stand_on_one_card(tmp_path: Path) -> None:
    assert not set(CARDS["ai"].metrics) & set(CARDS["human"].metrics)
    m = world(tmp_path, [("ann", "easy", 30, 20)])
    for who in ("ai", "human"):
        shown = list(dict.fromkeys(line.figure.metric for line in scorecard(m, who, [], *DAY)))
        assert shown == list(CARDS[who].metrics)
    with pytest.raises(QuestionError, match="never shown together"):
        scorecard(m, "both", [], *DAY)
    with pytest.raises(QuestionError, match="no breakdown 'agent_id'"):
        scorecard(m, "ai", ["agent_id"], *DAY)


def test_people_stand_in_the_order_of_their_names_and_there_is_no_total(tmp_path: Path) -> None:
    m = world(tmp_path, [("bob", "easy", 30, 30), ("ann", "easy", 30, 1)])
    lines = scorecard(m, "human", ["agent_id"], *DAY)
    named = [line.figure.by["agent_id"] for line in lines if line.figure.by]
    assert named == sorted(named) and set(named) == {"ann", "bob"}
    assert {line.figure.metric for line in lines} == set(CARDS["human"].metrics)


def test_what_cannot_be_computed_says_why_once(tmp_path: Path) -> None:
    m = world(tmp_path, [("ann", "easy", 30, 20), ("bob", "easy", 30, 20)])
    found = [line.figure for line in scorecard(m, "human", ["agent_id"], *DAY) if line.figure.metric == "policy_adherence"]
    assert [(f.state, f.by, f.value) for f in found] == [("not_computable", {}, None)]


def test_a_card_prints_as_table_json_and_csv(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    m = world(tmp_path, [("ann", "easy", 30, 20), ("bob", "easy", 30, 15)])
    lines = scorecard(m, "human", ["agent_id"], *DAY)
    print_scorecard(lines, ["agent_id"], "table")
    (ann,) = [text for text in capsys.readouterr().out.splitlines() if "ann" in text and "Tone" in text]
    assert "66.7%" in ann and "50.0%" in ann and "16.7%" in ann
    print_scorecard(lines, ["agent_id"], "csv")
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("metric,title,part,agent_id,value,low,high,n,state,reason,better,mix_own,mix_others")
    assert len(rows) == len(lines)
    print_scorecard(lines, ["agent_id"], "json")
    assert '"same_mix": {' in capsys.readouterr().out
