"""Steps, times and the command of journeys by hand: five states, the same step in two channels, who gave up."""

import json
import re
from pathlib import Path

import pytest

from cxreports import journey_settings
from cxreports.analysis.journeys import FIGURES, contrasts, journeys
from cxreports.errors import QuestionError
from cxreports.printing.journeys import print_journeys
from tests.journey_worlds import BY_HAND, DAY, PAY, SHOP, basis_of, event, measurer, one, pays, steps_of, told
from tests.worlds import Lake, deliver, leg


def test_the_same_step_passes_in_chat_and_fails_in_voice(tmp_path: Path) -> None:
    chats = [pays(f"c{n}", 0, account_key=f"c_{n}") for n in range(40)]
    calls = [pays(f"v{n}", 0, account_key=f"v_{n}", channel="voice") for n in range(40)]
    known = [event(f"c{n}", 0.05, "known") for n in range(38)] + [event(f"v{n}", 0.05, "known") for n in range(10)]
    told(tmp_path, [*chats, *calls], known)
    m = measurer(Lake(tmp_path), BY_HAND)
    by_channel = {c: one(m, "step_conformance", step="known", channel=c) for c in ("chat", "voice")}
    assert [(f.num, f.n, f.state) for f in by_channel.values()] == [(38, 40, "final"), (10, 40, "final")]
    assert by_channel["voice"].high < by_channel["chat"].low  # type: ignore[operator]
    assert one(m, "journey_conformance").num == 0  # nobody gave a card
    assert one(m, "journey_conformance").n == 80


def test_a_step_that_failed_and_then_succeeded_elsewhere_is_charged_to_where_it_failed_first(tmp_path: Path) -> None:
    events = [event("v", 0.02, "known", is_error=True), event("c", 0.11, "known"), event("c", 0.12, "card")]
    told(tmp_path, [pays("v", 0, channel="voice"), pays("c", 0.1)], events)
    assert steps_of(tmp_path)["v", "known"] == ("pass", None, "chat", 1)
    m = measurer(Lake(tmp_path), BY_HAND)
    first_try = "select channel, num from {} where step = 'known'".format(m.units("step_conformance_first_try"))
    assert m.view.con.execute(first_try).fetchall() == [("voice", 0)]
    assert m.view.con.execute(
        first_try.replace(m.units("step_conformance_first_try"), m.units("step_conformance"))
    ).fetchall() == [("chat", 1)]


def test_a_step_that_only_failed_for_technical_reasons_is_failed_and_no_error(tmp_path: Path) -> None:
    told(tmp_path, [pays("a", 0)], [event("a", 0.02, "known", is_error=True)])
    assert steps_of(tmp_path)["a", "known"] == ("fail", "tried", "chat", 0)
    assert steps_of(tmp_path)["a", "card"] == ("fail", "missing", "chat", 0)


@pytest.mark.parametrize(("hours", "state"), [(-1, "pass"), (-1 - 1 / 3600, "error"), (24 * 30 + 1 / 12, "fail"),
                                              (24 * 30 + 1 / 12 + 1 / 3600, "error")])  # fmt: skip
def test_evidence_with_a_time_that_cannot_be_right_is_an_error_and_never_a_pass(tmp_path: Path, hours: float, state: str) -> None:
    told(tmp_path, [pays("a", 0)], [event("a", hours, "known"), event("a", 0.05, "card")])
    assert steps_of(tmp_path)["a", "known"][0] == state
    (found,) = measurer(Lake(tmp_path), BY_HAND).measure("step_conformance", ["step"], *DAY)[1:]
    assert found.by == {"step": "known"}
    assert found.excluded == ({"evaluation error": 1} if state == "error" else {})


def test_what_a_source_without_such_events_did_not_show_is_not_evaluated(tmp_path: Path) -> None:
    """A chat without its second step goes on by a telephone that logs nothing: nobody knows whether it was done there."""
    legs = [pays("a", 0), pays("b", 0.2, channel="voice", source="pbx"), pays("alone", 0, account_key="k_2")]
    told(tmp_path, [*legs, leg("far", 24 * 30, source="pbx")], [event("a", 0.05, "known")])
    found = steps_of(tmp_path)
    assert found["a", "known"] == ("pass", None, "chat", 0)
    assert found["a", "card"] == ("not_evaluated", None, "voice", 0)
    assert found["alone", "card"] == ("fail", "missing", "chat", 0)
    m = measurer(Lake(tmp_path), BY_HAND)
    assert one(m, "step_conformance", step="card").excluded == {"not evaluated": 1}
    assert one(m, "journey_conformance").excluded == {"not evaluated": 1}


def test_the_first_event_of_a_journey_from_a_source_makes_its_older_runs_known(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 40, [pays("a", 0), leg("later", 24 * 30)], BY_HAND)
    assert steps_of(tmp_path)["a", "known"][0] == "not_evaluated"
    deliver(lake, 41, [pays("b", 24, account_key="k_2")], BY_HAND, events=[event("b", 24.05, "known")])
    assert steps_of(tmp_path)["a", "known"] == ("fail", "missing", "chat", 0)


def test_a_changed_procedure_is_asked_of_older_runs_too(tmp_path: Path) -> None:
    shop = basis_of({"shop": SHOP})
    lake = Lake(tmp_path)
    asked = [{"step_id": "1", "procedure": "return", "step_seq": 1, "name": "A"}]
    deliver(lake, 40, [pays("a", 0, journey="return")], shop, events=[event("a", 0.05, "A")], procedure_steps=asked)
    assert steps_of(tmp_path, shop) == {("a", "A"): ("pass", None, "chat", 0)}
    deliver(lake, 41, [], shop, procedure_steps=[{"step_id": "2", "procedure": "return", "step_seq": 2, "name": "B"}])
    assert steps_of(tmp_path, shop)["a", "B"] == ("fail", "missing", "chat", 0)


def test_time_to_goal_follows_who_gave_up_until_then(tmp_path: Path) -> None:
    """20 pay after 6 minutes, 10 after 12, 10 left after the five minutes of their chat: 30 of 30 who stayed, 10 unknown."""
    legs = [pays(f"a{n}", 0, account_key=f"k_{n}") for n in range(40)]
    paid = [event(f"a{n}", 0.1, "paid") for n in range(20)] + [event(f"a{n}", 0.2, "paid") for n in range(20, 30)]
    told(tmp_path, legs, paid)
    m = measurer(Lake(tmp_path), BY_HAND)
    median = one(m, "journey_time")
    assert (median.n, median.num, median.value, median.state) == (40, 30, 360.0, "final")
    assert (one(m, "journey_time_p90").value, one(m, "journey_in_time").value) == (720.0, 1.0)
    assert one(m, "journey_completion").value == 0.75


def test_a_time_that_too_few_reach_is_not_computable(tmp_path: Path) -> None:
    legs = [pays(f"a{n}", 0, minutes=30, account_key=f"k_{n}") for n in range(40)]
    told(tmp_path, legs, [event(f"a{n}", 0.1, "paid") for n in range(20)])
    m = measurer(Lake(tmp_path), BY_HAND)
    assert one(m, "journey_time").value == 360.0
    p90 = one(m, "journey_time_p90")
    assert (p90.state, p90.value, p90.num) == ("not_computable", None, 20)
    assert p90.reason == "20 of 40 journey runs reached the goal; the others ended before 90% had"
    assert round(one(m, "journey_in_time").value or 0, 6) == 0.5


# --- the command's figures


def test_a_step_is_held_against_the_channel_in_which_it_passes_most_often(tmp_path: Path) -> None:
    """56 of 70 against 48 of 80: the difference of Newcombe's own example, 0.2 (0.0524 to 0.3339), here the other way round."""
    chats = [pays(f"c{n}", 0, account_key=f"c_{n}") for n in range(70)]
    calls = [pays(f"v{n}", 0, account_key=f"v_{n}", channel="voice") for n in range(80)]
    known = [event(f"c{n}", 0.05, "known") for n in range(56)] + [event(f"v{n}", 0.05, "known") for n in range(48)]
    told(tmp_path, [*chats, *calls], [*known, event("c0", 0.06, "card"), event("c0", 0.07, "paid")])
    m = measurer(Lake(tmp_path), BY_HAND, {"pay": PAY})
    (found,) = journeys(m, ["pay"], *DAY)
    lines = {(s.step, s.channel): s for s in found.steps}
    assert list(lines) == [("known", "chat"), ("known", "voice"), ("card", "chat"), ("card", "voice")]
    assert found.compared == (2, 2)
    assert [s.figure.num for s in found.first_tries] == [56, 48, 1, 0]
    assert lines["known", "chat"].difference is None
    alone, _ = contrasts([lines["known", "chat"], lines["known", "voice"]])[1][::-1]
    assert alone.difference and alone.difference.value and alone.difference.low and alone.difference.high
    assert (alone.best, alone.is_clear) == ("chat", True)
    assert [round(x, 4) for x in (alone.difference.value, alone.difference.low, alone.difference.high)] == [
        -0.2,
        -0.3339,
        -0.0524,
    ]
    together = lines["known", "voice"].difference
    assert together and together.low and together.low < -0.3339
    assert [(d.step, d.channel, d.n) for d in found.drop_outs] == [
        ("card", "chat", 55), ("card", "voice", 48), ("known", "voice", 32), ("known", "chat", 14),
    ]  # fmt: skip
    assert (found.figures["journey_completion"].num, found.figures["journey_completion"].n) == (1, 150)


def test_a_journey_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    told(tmp_path, [pays("a", 0)], [])
    with pytest.raises(QuestionError, match="'pya' is no journey; did you mean 'pay'"):
        journeys(measurer(Lake(tmp_path), BY_HAND, {"pay": PAY}), ["pya"], *DAY)
    with pytest.raises(QuestionError, match="no journey is described in"):
        journeys(measurer(Lake(tmp_path), BY_HAND), [], *DAY)


def test_journeys_are_printed_for_people_and_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    legs = [pays(f"c{n}", 0, account_key=f"c_{n}") for n in range(40)]
    told(tmp_path, legs, [event(f"c{n}", 0.05, "known") for n in range(38)])
    m = measurer(Lake(tmp_path), BY_HAND, {"pay": PAY})
    units = {name: m.header_of(name).unit for name in FIGURES}
    found = journeys(m, [], *DAY)
    print_journeys(found, units, "table")
    shown = capsys.readouterr().out
    assert shown.startswith("Paying (pay), Billing\n")
    assert "Where 40 runs ended without the goal, by the first step that is lacking:" in shown
    assert re.search(r"known +chat +95\.0% +83\.5% to 98\.6% +40", shown)
    print_journeys(found, units, "csv")
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head.startswith("metric,journey,step,channel,n,num,value,low,high,state,not_applicable,not_evaluated,evaluation_error")
    assert first.startswith("step_conformance,pay,known,chat,40,38,0.95,0.83")
    print_journeys(found, units, "json")
    assert json.loads(capsys.readouterr().out)[0]["steps"][0]["step"] == "known"


def test_what_a_sign_names_and_never_came_is_told(tmp_path: Path) -> None:
    """Nobody sends `card`, and `known` comes from bots, not from tools; outcomes and 'any' name nothing."""
    sign = journey_settings.SignSettings
    step = PAY.steps[0].model_copy(update={"shown_by": (sign(event="known", kind="tool"), sign(event="known", result="ok"))})
    mine = PAY.model_copy(update={
        "start": (sign(intent="pay"), sign(intent="*"), sign(journey="billing")), "goal": (sign(outcome="confirmed"),),
        "steps": (step, PAY.steps[1]),
    })  # fmt: skip
    told(tmp_path, [pays("a", 0)], [event("a", 0.05, "known", result="ok")], basis_of({"pay": mine}))
    (found,) = journeys(measurer(Lake(tmp_path), basis_of({"pay": mine}), {"pay": mine}), [], *DAY)
    assert found.unseen == ["journey 'billing'", "event 'known' with kind 'tool'", "event 'card'"]
