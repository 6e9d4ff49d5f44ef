"""Journey runs by hand: what begins and ends one, what belongs to it, and when it counts."""

from pathlib import Path

import pytest

from cxreports import journey_settings
from tests.journey_worlds import BY_HAND, DAY, PAY, basis_of, event, measurer, one, pays, told
from tests.worlds import Lake, at, deliver, everything, leg


def test_a_customer_goes_from_app_to_bot_to_voice_in_one_run(tmp_path: Path) -> None:
    (run,) = told(
        tmp_path,
        [
            leg("app", 0, channel="app", excluded_as="session", cookie_key="b_1", ended_at=at(0.1)),
            pays("bot", 0.2, cookie_key="b_1"),
            pays("call", 0.4, channel="voice", cookie_key=None),
        ],
        [event("app", 0.05, "begun"), event("app", 0.1, "known"), event("bot", 0.25, "card"), event("call", 0.45, "paid")],
    )
    assert (run["state"], run["channels"], run["first_channel"], run["last_channel"]) == (
        "completed", "app > chat > voice", "app", "voice",
    )  # fmt: skip
    assert (run["started_at"], run["goal_at"], run["n_interactions"], run["customer_id"]) == (at(0.05), at(0.45), 3, "k_1")
    assert run["n_retries"] == 1  # the same intent begins again by telephone; app and bot begin by different signs


def test_a_session_is_in_no_figure_about_contacts(tmp_path: Path) -> None:
    session = leg("app", 0, channel="app", excluded_as="session", account_key="k_1")
    told(tmp_path, [session], [event("app", 0, "begun")])
    m = measurer(Lake(tmp_path), BY_HAND)
    assert m.measure("interactions", [], *DAY)[0].excluded == {"session": 1}
    assert [r["interaction_id"] for r in everything(Lake(tmp_path), "out_repeats", basis=BY_HAND)] == ["later"]


@pytest.mark.parametrize(("hours", "n_runs"), [(1 + 5 / 60, 1), (1 + 5 / 60 + 1 / 3600, 2)])
def test_silence_counts_from_the_end_of_the_interaction_up_to_the_last_second(tmp_path: Path, hours: float, n_runs: int) -> None:
    assert len(told(tmp_path, [pays("a", 0), pays("b", hours)], [])) == n_runs


def test_a_journey_begun_twice_is_one_run_with_a_retry(tmp_path: Path) -> None:
    (run,) = told(tmp_path, [pays("a", 0), pays("b", 0.5)], [event("b", 0.5, "paid")])
    assert (run["interaction_id"], run["n_retries"], run["state"]) == ("a", 1, "completed")


def test_after_the_goal_a_new_start_begins_a_new_run(tmp_path: Path) -> None:
    first, second = told(tmp_path, [pays("a", 0), pays("b", 0.5)], [event("a", 0.1, "paid"), event("b", 0.6, "paid")])
    assert [first["state"], second["state"]] == ["completed", "completed"]
    assert [first["n_retries"], second["n_retries"]] == [0, 0]


def test_a_goal_before_the_start_completes_nothing(tmp_path: Path) -> None:
    legs = [pays("a", 0, intent=None), pays("b", 0.5)]
    early, run = told(tmp_path, legs, [event("a", 0.1, "paid")])
    assert (early["state"], run["state"], run["goal_at"]) == ("goal_without_start", "unfinished", None)
    (found,) = measurer(Lake(tmp_path), BY_HAND).measure("journey_completion", [], *DAY)
    assert (found.n, found.excluded) == (1, {"goal without a start": 1})


@pytest.mark.parametrize(("minutes", "state"), [(30, "completed"), (30 + 1 / 60, "completed_late"), (120, "completed_late"),
                                                (120 + 1 / 60, "unfinished")])  # fmt: skip
def test_the_limit_counts_to_the_last_second_and_later_is_eventual(tmp_path: Path, minutes: float, state: str) -> None:
    (run,) = told(tmp_path, [pays("a", 0, minutes=180)], [event("a", minutes / 60, "paid")])
    assert run["state"] == state


def test_a_customer_who_is_not_known_has_runs_within_one_interaction_only(tmp_path: Path) -> None:
    nobody = {"account_key": None}
    first, second = told(tmp_path, [pays("a", 0, **nobody), pays("b", 0.2, **nobody)], [event("b", 0.3, "paid")])
    assert (first["state"], second["state"], first["customer_id"]) == ("unfinished", "completed", None)


def test_a_run_across_midnight_counts_on_the_day_it_began(tmp_path: Path) -> None:
    (run,) = told(tmp_path, [pays("a", 13.9), pays("b", 14.2)], [event("b", 14.3, "paid")])
    assert (run["occurred_on"], run["goal_at"]) == (DAY[0], at(14.3))


def test_two_journeys_at_once_are_two_runs_and_do_not_complete_each_other(tmp_path: Path) -> None:
    other = PAY.model_copy(update={"start": (journey_settings.SignSettings(intent="move"),),
                                   "goal": (journey_settings.SignSettings(outcome="goal_completed"),)})  # fmt: skip
    found = told(tmp_path, [pays("a", 0, is_goal_completed=True), pays("b", 0.1, intent="move", is_goal_completed=False)],
                 [event("b", 0.15, "paid")], basis_of({"pay": PAY, "move": other}))  # fmt: skip
    assert {(r["journey"], r["interaction_id"], r["state"]) for r in found} == {
        ("pay", "a", "completed"), ("move", "b", "unfinished"),
    }  # fmt: skip


def test_an_earlier_event_that_comes_late_moves_the_start_to_its_day(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    begins = leg("app", 13.9, channel="app", excluded_as="session", account_key="k_1", ended_at=at(14))
    deliver(lake, 40, [pays("b", 14.2), leg("later", 24 * 30)], BY_HAND)
    before = everything(lake, "out_journey_runs", basis=BY_HAND)
    deliver(lake, 41, [begins], BY_HAND, events=[event("app", 13.95, "begun")])
    after = everything(lake, "out_journey_runs", basis=BY_HAND)
    assert [(r["interaction_id"], r["occurred_on"]) for r in before] == [("b", DAY[1])]
    assert [(r["interaction_id"], r["occurred_on"]) for r in after] == [("app", DAY[0])]
    assert everything(lake, "out_journey_runs", at(24 * 40), BY_HAND) == before


def test_a_case_that_was_solved_is_a_goal_of_the_interaction_that_opened_it(tmp_path: Path) -> None:
    by_case = PAY.model_copy(update={"goal": (journey_settings.SignSettings(outcome="case_solved"),)})
    cases = [{"case_id": "t", "leg_id": "a", "opened_at": at(0.1), "solved_at": at(0.4), "status": "solved"}]
    (run,) = told(tmp_path, [pays("a", 0)], [], basis_of({"pay": by_case}), cases=cases)
    assert (run["state"], run["goal_at"]) == ("completed", at(0.4))


def test_runs_count_once_their_limit_is_over_also_those_that_reached_the_goal_before(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    legs = [pays(f"a{n}", 0, account_key=f"k_{n}") for n in range(40)] + [
        pays(f"b{n}", 0.4, account_key=f"m_{n}") for n in range(9)
    ]
    paid = [event(g, 0.05, "paid") for g in ("a1", "a2", "a3")] + [event("b1", 0.41, "paid"), event("a4", 0.51, "paid")]
    deliver(lake, 40, [*legs, leg("last", 0.6)], BY_HAND, events=paid)
    found = one(measurer(lake, BY_HAND), "journey_completion")
    assert (found.n, found.num, found.excluded, found.state) == (40, 3, {"window not elapsed": 9}, "provisional")
    assert found.reason == "the time limit of 9 journey runs has not elapsed; world has sent no interaction since 3 Mar 2025"
    deliver(lake, 41, [leg("later", 24 * 30)], BY_HAND)
    found = one(measurer(lake, BY_HAND, 41), "journey_completion")
    assert (found.n, found.num, found.excluded, found.state) == (49, 4, {}, "final")
    assert one(measurer(lake, BY_HAND, 41), "journey_completion_eventual").num == 5
    assert one(measurer(lake, BY_HAND, 41), "first_attempt").num == 5


def test_without_journeys_their_figures_cannot_be_computed(tmp_path: Path) -> None:
    told(tmp_path, [pays("a", 0)], [], basis_of({}))
    found = one(measurer(Lake(tmp_path), basis_of({})), "journey_completion")
    assert (found.state, found.value) == ("not_computable", None)
    assert found.reason == "no journey of the settings has begun in what arrived"


def test_where_the_goal_would_not_be_seen_nobody_knows_whether_it_was_reached(tmp_path: Path) -> None:
    """Chats send events of the journey; the telephone system of the other source sends none at all."""
    calls = [pays(f"v{n}", 0, channel="voice", source="pbx", account_key=f"v_{n}") for n in range(12)]
    chats = [pays(f"c{n}", 0, account_key=f"c_{n}") for n in range(12)]
    told(tmp_path, [*calls, *chats, leg("far", 24 * 30, source="pbx")], [event("c1", 0.1, "paid")])
    m = measurer(Lake(tmp_path), BY_HAND)
    found = one(m, "journey_completion", first_channel="voice")
    assert (found.n, found.num, found.excluded) == (0, None, {"goal not observable": 12})
    assert (one(m, "journey_completion", first_channel="chat").n, one(m, "journey_completion", first_channel="chat").num) == (
        12,
        1,
    )
