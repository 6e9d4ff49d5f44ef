"""What customers say themselves: satisfaction by who handled the whole matter, and effort on scales of both directions."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measure import Measurer
from tests.test_measure import DAY, measurer, one, world
from tests.worlds import leg

END = leg("end", 24 * 40)


def asked(n: int, leg_id: str, prefix: str = "s", **said: Any) -> list[dict[str, Any]]:
    """So many surveys about the interactions leg_id0, leg_id1, …"""
    return [{"response_id": f"{prefix}{i:02}", "leg_id": f"{leg_id}{i:02}", **said} for i in range(n)]


def chats(n: int, prefix: str, hours: float = 0, **more: Any) -> list[dict[str, Any]]:
    talk = {"channel": "chat", "intent": "billing", **more}
    return [leg(f"{prefix}{i:02}", hours, account_key=f"k_{prefix[-1]}{i}", **talk) for i in range(n)]


# --- satisfaction with the AI


def with_a_call(folder: Path, hours: float, as_of_days: int = 40) -> Measurer:
    """Forty customers chat with the AI and are content; ten of them call a person so many hours later. Ten had called at once."""
    calls = [leg(f"v{i:02}", hours, account_key=f"k_a{i}", intent="billing", answered_at=END["started_at"]) for i in range(10)]
    people = chats(10, "p", channel="voice", answered_at=END["started_at"])
    told = [*asked(40, "a", score=5), *asked(10, "p", "t", score=1)]
    return measurer(world(folder, [*chats(40, "a", ai_agent="bea"), *calls, *people, END], as_of_days, survey_responses=told))


@pytest.mark.parametrize(("hours", "ai", "both"), [(168, 30, 10), (168 + 1 / 3600, 40, 0)])
def test_who_needed_a_person_after_all_was_not_served_by_the_ai(tmp_path: Path, hours: float, ai: int, both: int) -> None:
    m = with_a_call(tmp_path, hours)
    assert (one(m, "csat_ai").n, one(m, "csat_ai").value) == (ai, 1.0)
    assert one(m, "csat_ai_then_human").n == both
    people = one(m, "csat_human_only")
    assert (people.num, people.den, people.value) == (0, 10, 0.0)
    found = {f.by["episode_handler"]: f.n for f in m.measure("csat_by_handler", ["episode_handler"], *DAY)}
    assert found == {k: v for k, v in {"ai_only": ai, "ai_then_human": both, "human_only": 10}.items() if v}


def test_ai_and_people_are_compared_within_an_intent(tmp_path: Path) -> None:
    """The AI's praise comes from the easy intent: within each intent people do as well."""
    easy, hard = {"intent": "balance"}, {"intent": "dispute"}
    person = {"answered_at": END["started_at"]}
    legs = [
        *chats(30, "a", ai_agent="bea", **easy), *chats(10, "b", ai_agent="bea", **hard),
        *chats(10, "c", **easy, **person), *chats(30, "d", **hard, **person), END,
    ]  # fmt: skip
    told = [
        *asked(30, "a", "a", score=5), *asked(10, "b", "b", score=1), *asked(10, "c", "c", score=5), *asked(30, "d", "d", score=1)
    ]  # fmt: skip
    m = measurer(world(tmp_path, legs, survey_responses=told))
    assert (one(m, "csat_ai").value, one(m, "csat_human_only").value) == (0.75, 0.25)
    for name in ("csat_ai", "csat_human_only"):
        assert {f.by["intent"]: f.value for f in m.measure(name, ["intent"], *DAY)} == {"balance": 1.0, "dispute": 0.0}


def test_without_an_ai_there_is_no_satisfaction_with_it(tmp_path: Path) -> None:
    m = measurer(world(tmp_path, [*chats(30, "p"), END], survey_responses=asked(30, "p", score=5)))
    found = one(m, "csat_ai")
    assert (found.state, found.reason) == ("not_computable", "no source says where an AI agent took part")
    assert one(m, "csat_by_handler").n == 30


# --- effort


CES = {"kind": "ces", "scale_max": 7, "question": "It was easy to get help."}


def survey(folder: Path, *told: Mapping[str, Any], n: int = 40) -> Measurer:
    return measurer(world(folder, [*chats(n, "a"), END], survey_responses=list(told)))


@pytest.mark.parametrize(
    ("is_high_best", "mean", "top"), [(True, 66.67, 1.0), (False, 33.33, 0.0)]  # 5 of 7: 4 of 6 steps up, or 2 of 6
)  # fmt: skip
def test_the_same_mark_is_easy_or_hard_by_the_wording(tmp_path: Path, is_high_best: bool, mean: float, top: float) -> None:
    m = survey(tmp_path, *asked(30, "a", score=5, is_high_best=is_high_best, **CES))
    assert (one(m, "effort_stated").num, one(m, "effort_stated").value) == (30 * round(100 * mean), mean)
    assert one(m, "effort_top_box").value == 0.0  # neither 6 nor 7, nor 1 or 2
    six = survey(tmp_path / "six", *asked(30, "a", score=6 if is_high_best else 3, is_high_best=is_high_best, **CES))
    assert one(six, "effort_top_box").value == top


def test_where_no_survey_says_which_end_is_easy_nothing_is_guessed(tmp_path: Path) -> None:
    found = one(survey(tmp_path, *asked(40, "a", score=7, **CES)), "effort_stated")
    assert (found.state, found.reason) == ("not_computable", "no survey says which end of its scale is the easy one")


def test_an_answer_whose_direction_is_not_known_is_left_out(tmp_path: Path) -> None:
    told = [*asked(40, "a", score=7, is_high_best=True, **CES), *asked(5, "a", "x", score=7, **CES)]
    found = one(survey(tmp_path, *told), "effort_stated")
    assert (found.n, found.value, found.excluded) == (40, 100.0, {"easy end of the scale not known": 5})


def test_scales_of_both_directions_meet_in_one_figure_and_stand_apart_beside_it(tmp_path: Path) -> None:
    seven = asked(20, "a", score=7, is_high_best=True, **CES)
    five = asked(20, "a", "f", score=5, is_high_best=False, kind="ces", scale_max=5, question="How much effort was it?")
    m = survey(tmp_path, *seven, *five)
    assert one(m, "effort_stated").value == 50.0
    assert {f.by["scale"]: f.value for f in m.measure("effort_stated", ["scale"], *DAY)} == {"1–7": 100.0, "5–1": 0.0}
    assert {f.by["question"] for f in m.measure("effort_stated", ["question"], *DAY)} == {
        CES["question"],
        "How much effort was it?",
    }


def test_effort_and_recommendation_are_no_satisfaction(tmp_path: Path) -> None:
    told = [
        *asked(30, "a", score=5), *asked(30, "a", "e", score=1, is_high_best=True, **CES),
        *asked(30, "a", "n", score=0, kind="nps", scale_min=0, scale_max=10),
    ]  # fmt: skip
    m = survey(tmp_path, *told)
    assert (one(m, "csat").num, one(m, "csat").den, one(m, "csat_mean").value) == (30, 30, 5.0)


def test_surveys_of_satisfaction_only_say_nothing_about_effort(tmp_path: Path) -> None:
    found = one(survey(tmp_path, *asked(40, "a", score=5)), "effort_stated", date(2025, 3, 3), date(2025, 3, 4))
    assert (found.state, found.reason) == ("not_computable", "no survey asks how much effort it took")
