"""Figures from evaluations: which questions count, what a machine's verdicts are worth, and what is never counted."""

from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.bridge import bridge_faults
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.errors import SettingsError
from cxreports.evaluation_settings import EvaluationItemSettings, items_json
from cxreports.printing.figures import as_figure
from cxreports.settings import ProjectSettings, Settings, read_settings
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, leg, look

DAY = (START.date(), START.date().replace(day=START.day + 1))
SAFE = EvaluationItemSettings(measures="unsafe_reply", question="safe", reversed=True)
TONE = EvaluationItemSettings(measures="tone", question="tone", pass_at=0.5)


def evaluated(n: int, score: float | None, machine: bool = False, question: str = "safe", **more: Any) -> list[dict[str, Any]]:
    """One evaluation of leg n with one answer: the evaluation, then the answer."""
    key = f"{n}{'m' if machine else 'p'}"
    about = {"evaluation_id": key, "leg_id": f"c{n}", "form": "QA", "is_automatic": machine, "submitted_at": at(1)}
    answer = {"answer_id": key, "evaluation_id": key, "question": question, "score": score}
    return [{**about, **{k: v for k, v in more.items() if k != "is_not_applicable"}},
            {**answer, **{k: v for k, v in more.items() if k == "is_not_applicable"}}]  # fmt: skip


Items = dict[str, EvaluationItemSettings]
Pairs = list[list[dict[str, Any]]]


def measured(folder: Path, name: str, pairs: Pairs, items: Items, **legs: Any) -> list[Measurement]:
    m = world(folder, pairs, items, **legs)
    return m.measure(name, [], *DAY)


def world(folder: Path, pairs: Pairs, items: Items, **more: Any) -> Measurer:
    lake = Lake(folder)
    n_legs = 1 + max((int(e["leg_id"][1:]) for e, _ in pairs), default=0)
    legs = [leg(f"c{n}", 0, answered_at=START, agent_id="ann" if n % 2 else "bob", **more) for n in range(n_legs)]
    deliver(lake, 20, legs, evaluations=[e for e, _ in pairs], evaluation_answers=[a for _, a in pairs])
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"), evaluations=items)
    return Measurer(look(lake, at(24 * 30)), CATALOGUE, settings, PARAMS)


def test_what_people_judged_needs_no_correction(tmp_path: Path) -> None:
    (found,) = measured(tmp_path, "unsafe_reply", [evaluated(n, 0.0 if n < 4 else 1.0) for n in range(40)], {"safe": SAFE})
    assert (found.num, found.den, found.value, found.state, found.reason) == (4, 40, 0.1, "final", "")


def test_what_only_a_machine_judged_says_that_it_is_uncorrected(tmp_path: Path) -> None:
    (found,) = measured(
        tmp_path, "unsafe_reply", [evaluated(n, 0.0 if n < 4 else 1.0, machine=True) for n in range(40)], {"safe": SAFE}
    )
    assert (found.num, found.den, found.value, found.state) == (4, 40, 0.1, "final")
    assert found.reason == "uncorrected: people judged nothing that the machine judged"


def test_a_machines_verdicts_are_corrected_by_what_people_say_of_some_of_them(tmp_path: Path) -> None:
    # The machine calls 30 of 100 unsafe. People judged 60: of 20 unsafe ones it found 18, of 40 safe ones it left 36 alone.
    machine = [evaluated(n, 0.0 if n < 30 else 1.0, machine=True) for n in range(100)]
    unsafe = [*range(18), 30, 31]
    safe = [*range(18, 22), *range(32, 68)]
    people = [evaluated(n, 0.0) for n in unsafe] + [evaluated(n, 1.0) for n in safe]
    (found,) = measured(tmp_path, "unsafe_reply", machine + people, {"safe": SAFE})
    assert (found.num, found.den, found.n) == (30, 100, 100)
    assert round(found.value or 0, 6) == 0.25  # (0.3 + 0.9 − 1) / (0.9 + 0.9 − 1)
    assert found.low is not None and found.high is not None and found.low < 0.25 < found.high
    assert found.reason == "corrected for the machine's errors by the 60 that people judged, too; the machine says 30.0%"


def test_a_machine_no_better_than_a_coin_is_not_corrected(tmp_path: Path) -> None:
    machine = [evaluated(n, float(n % 2), machine=True) for n in range(40)]
    people = [evaluated(n, float(n < 20)) for n in range(40)]
    (found,) = measured(tmp_path, "unsafe_reply", machine + people, {"safe": SAFE})
    assert found.value == 0.5
    assert found.reason == "uncorrected: by the 40 that people judged, too, the machine cannot be told from chance"


def test_what_people_alone_judged_stands_apart_where_a_machine_judges_the_same_question(tmp_path: Path) -> None:
    pairs = [evaluated(n, 1.0, machine=True) for n in range(40)] + [evaluated(n, 0.0) for n in range(40, 50)]
    (found,) = measured(tmp_path, "unsafe_reply", pairs, {"safe": SAFE})
    assert (found.num, found.den, found.excluded) == (0, 40, {"judged by people only": 10})


def test_where_a_machine_judged_one_question_and_people_another_nothing_is_corrected(tmp_path: Path) -> None:
    items = {"safe": SAFE, "other": EvaluationItemSettings(measures="unsafe_reply", question="other", reversed=True)}
    machine = [evaluated(n, 1.0, machine=True) for n in range(30)]
    people = [evaluated(n, 1.0, question="other", leg_id=f"c{n}") for n in range(30)]
    (found,) = measured(tmp_path, "unsafe_reply", machine + people, items)
    assert (found.n, found.reason) == (60, "uncorrected: a machine judged some, people others")


def test_answers_that_do_not_apply_drafts_and_calibrations_are_no_zero(tmp_path: Path) -> None:
    pairs = [evaluated(n, 1.0, question="tone") for n in range(30)]
    pairs += [evaluated(30, 0.0, question="tone", is_not_applicable=True), evaluated(31, 0.0, question="tone", status="draft"),
              evaluated(32, 0.0, question="tone", kind="calibration"), evaluated(33, None, question="tone")]  # fmt: skip
    (found,) = measured(tmp_path, "tone", pairs, {"tone": TONE})
    assert (found.num, found.den, found.excluded) == (30, 30, {"does not apply": 1, "not scored": 1})


def test_people_are_judged_by_their_own_leg(tmp_path: Path) -> None:
    m = world(tmp_path, [evaluated(n, 0.5 if n % 2 else 0.4999, question="tone") for n in range(60)], {"tone": TONE})
    assert {f.by["agent_id"]: (f.num, f.den) for f in m.measure("tone", ["agent_id"], *DAY)} == {"ann": (30, 30), "bob": (0, 30)}


@pytest.mark.parametrize("name", ["intent_match", "answer_accuracy", "unsafe_reply", "policy_adherence", "tone", "note_quality",
                                  "handoff_judgement", "discovery"])  # fmt: skip
def test_a_question_is_never_guessed(tmp_path: Path, name: str) -> None:
    (found,) = measured(tmp_path, name, [evaluated(n, 1.0, question=name) for n in range(40)], {})
    wanted = f"[evaluations] of cxreports.toml has no question with measures = '{name}'"
    assert (found.state, found.value, found.reason) == ("not_computable", None, wanted)


@pytest.mark.parametrize(("name", "reason"), [
    ("tone", "no source gives evaluations"),
    ("evaluation_consistency", "no source gives evaluations with scores"),
    ("hold_share", "no source gives hold times"),
    ("hold_long", "no source gives hold times"),
])  # fmt: skip
def test_without_evaluations_and_hold_times_people_are_not_judged(tmp_path: Path, name: str, reason: str) -> None:
    (found,) = measured(tmp_path, name, [], {"tone": TONE})
    assert (found.state, found.value, found.reason) == ("not_computable", None, reason)


def test_two_evaluators_who_differ_by_a_quarter_of_the_points_are_a_quarter_apart(tmp_path: Path) -> None:
    pairs = [evaluated(n, None) for n in [*range(30), *range(30)]]
    for k, (evaluation, answer) in enumerate(pairs):
        answer["evaluation_id"] = answer["answer_id"] = evaluation["evaluation_id"] = f"e{k}"
        evaluation["score"] = 0.75 if k < 30 else 0.5
    (found,) = measured(tmp_path, "evaluation_consistency", pairs, {})
    assert (found.n, found.value) == (30, 0.25)


def test_hold_is_weighed_by_time(tmp_path: Path) -> None:
    m = world(tmp_path, [evaluated(n, 1.0) for n in range(40)], {}, talk_ms=240_000, hold_ms=60_000)
    (found,) = m.measure("hold_share", [], *DAY)
    assert (found.n, found.value) == (40, 0.2)


def test_none_after_correction_is_not_printed_as_none_of_those_found() -> None:
    found = Measurement("unsafe_reply", 1, *DAY, START, {}, 50, 3, 50, 0.0, 0.0, 0.04, "final", "corrected")
    assert as_figure(found, "percent") == ("0.0%", "0.0% to 4.0%")


def test_items_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "cxreports.toml").write_text(
        '[project]\nname = "x"\ntimezone = "UTC"\n[evaluations.a]\nmeasures = "niceness"\nquestion = "q"\n'
        '[evaluations.b]\nmeasures = "tone"\nquestion = "q"\npass_at = 0.5\nanswers = ["Yes"]\n'
    )
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path)
    assert [fault.partition(": ")[0] for fault in refused.value.faults] == ["cxreports.toml:5", "cxreports.toml:7"]
    assert refused.value.faults[1] == "cxreports.toml:7: evaluations.b: needs either pass_at or answers"


def test_answers_are_compared_without_case() -> None:
    item = EvaluationItemSettings(measures="tone", question="q", answers=(" Yes", "PARTLY"))
    assert '"answers": "|yes|partly|"' in items_json({"a": item})


def test_a_corrected_figure_is_no_sum_that_a_bridge_could_take_apart() -> None:
    header = CATALOGUE.metrics["unsafe_reply"].header
    assert bridge_faults("unsafe_reply", header, "tone", CATALOGUE.metrics["tone"].header) == [
        "unsafe_reply is corrected for a machine's errors, and no sum over units",
        "tone is corrected for a machine's errors, and no sum over units",
    ]
