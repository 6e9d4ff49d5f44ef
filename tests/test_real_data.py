"""Two real contact centres, each loaded through a settings file of some dozen lines, against figures computed by others."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measure import Measurer
from cxreports.lake import view
from tests.real_sets import load, truth_of

FEBRUARY = (date(1999, 2, 1), date(1999, 3, 1))
QUARTER = (date(2021, 1, 1), date(2021, 4, 1))


@pytest.fixture(scope="module")
def bank(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Measurer, dict[str, Any]]]:
    yield (
        load(shared, "anonymous_bank_feb1999", ["calls.csv"], tmp_path_factory.mktemp("bank")),
        truth_of(shared, "anonymous_bank_feb1999"),
    )


@pytest.fixture(scope="module")
def phone_now(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Measurer, dict[str, Any]]]:
    yield load(shared, "pwc_call_center", ["calls.csv"], tmp_path_factory.mktemp("pwc")), truth_of(shared, "pwc_call_center")


def one(m: Measurer, metric: str, period: tuple[date, date], **by: str) -> Any:
    found = [f for f in m.measure(metric, list(by), *period) if f.by == by]
    assert len(found) == 1, found
    return found[0]


def test_every_call_of_the_bank_is_loaded(bank: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = bank
    (account,) = view.accounts(m.view)
    assert (account.received, account.loaded) == (truth["rows"], truth["rows"])
    assert (account.duplicate, account.superseded, account.quarantined) == (0, 0, 0)


def test_the_banks_calls_per_day_are_those_counted_elsewhere(bank: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = bank
    days = {str(f.period_start): f for f in m.measure("interactions", ["day"], *FEBRUARY)}
    answered = {str(f.period_start): f for f in m.measure("answer_rate", ["day"], *FEBRUARY)}
    given_up = {str(f.period_start): f for f in m.measure("abandonment_all", ["day"], *FEBRUARY)}
    assert set(days) == set(truth["daily"])
    for day, counts in truth["daily"].items():
        assert days[day].n + days[day].excluded.get("phantom", 0) == counts["calls"]
        assert days[day].excluded.get("phantom", 0) == counts["phantom"]
        assert answered[day].num == counts["agent"]
        assert given_up[day].num == counts["hang"]


def test_the_banks_abandonment_is_that_counted_elsewhere(bank: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = bank
    everywhere = one(m, "abandonment_all", FEBRUARY)
    assert everywhere.num == truth["outcome"]["HANG"]
    assert round(everywhere.value, 6) == truth["abandon_rate_excl_phantom"]
    in_queue = one(m, "abandoned_in_queue", FEBRUARY)
    assert in_queue.num == truth["hang_in_queue"]
    assert everywhere.num - in_queue.num == truth["hang_in_ivr_no_queue"]


def test_the_banks_waits_and_service_times_are_those_counted_elsewhere(bank: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = bank
    queued = one(m, "mean_wait_queued", FEBRUARY)
    assert (queued.n, round(queued.value, 4)) == (truth["queued"], truth["mean_queue_s_of_queued"])
    assert round(one(m, "mean_wait_all", FEBRUARY).value, 4) == truth["mean_queue_s_all_excl_phantom"]
    service = one(m, "talk_time", FEBRUARY)
    assert (service.n, round(service.value, 3)) == (truth["service_s_agent"]["n"], truth["service_s_agent"]["mean"])
    assert one(m, "talk_time_median", FEBRUARY).value == truth["service_s_agent"]["median"]


@pytest.mark.parametrize(
    ("variant", "window"),
    [
        ("back_1h", "1h"), ("back_1h_same", "1h_same_type"), ("back_24h", "24h"), ("back_24h_same", "24h_same_type"),
        ("back_7d", "168h"), ("back_7d_same", "168h_same_type"),
    ],
)  # fmt: skip
def test_the_banks_repeat_contact_is_that_counted_elsewhere(
    bank: tuple[Measurer, dict[str, Any]], variant: str, window: str
) -> None:
    m, truth = bank
    wanted = truth["repeat_contact_identified_excl_phantom"][window]
    found = one(m, variant, FEBRUARY)
    assert (found.n, found.num, round(found.value, 6)) == (wanted["contacts"], wanted["repeated"], wanted["rate"])


@pytest.mark.parametrize(("variant", "window"), [("mature_24h", "24h"), ("mature_7d", "168h")])
def test_the_banks_mature_repeat_contact_is_that_counted_elsewhere(
    bank: tuple[Measurer, dict[str, Any]], variant: str, window: str
) -> None:
    m, truth = bank
    wanted = truth["repeat_contact_matured_only"][window]
    found = one(m, variant, FEBRUARY)
    assert (found.n, found.num, round(found.value, 6)) == (wanted["contacts"], wanted["repeated"], wanted["rate"])
    assert found.state == "provisional"
    assert found.excluded["window not elapsed"] == 13564 - wanted["contacts"]


def test_callers_who_hung_up_come_back_more_often(bank: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = bank
    for handler, key in (("none", "repeat_24h_after_HANG"), ("human_only", "repeat_24h_after_AGENT")):
        found = one(m, "back_24h", FEBRUARY, handler=handler)
        assert (found.n, found.num) == (truth[key]["contacts"], truth[key]["repeated"])


def test_callers_without_a_customer_number_are_left_out_and_counted(bank: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = bank
    found = one(m, "back_24h", FEBRUARY)
    assert found.excluded["customer not identified"] == truth["rows"] - truth["outcome"]["PHANTOM"] - found.n
    row = m.view.con.execute("select count(distinct account_key), count(account_key) from core_interactions").fetchall()
    assert row == [(truth["customers"], truth["identified_calls"])]


def test_phone_nows_answered_and_resolved_calls_are_those_counted_elsewhere(phone_now: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = phone_now
    answered = one(m, "answer_rate", QUARTER)
    assert (answered.n, answered.num, answered.value) == (truth["calls"], truth["answered"], truth["answered_rate"])
    resolved = one(m, "resolved_of_all", QUARTER)
    assert (resolved.n, resolved.num, resolved.value) == (truth["calls"], truth["resolved"], truth["resolved_rate_of_all"])
    of_answered = one(m, "resolved_of_all", QUARTER, handler="human_only")
    assert round(of_answered.value, 6) == truth["resolved_rate_of_answered"]


def test_phone_nows_speed_of_answer_and_marks_are_those_counted_elsewhere(phone_now: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = phone_now
    assert round(one(m, "asa", QUARTER).value, 4) == truth["asa"]
    assert round(one(m, "talk_time", QUARTER).value, 3) == truth["mean_talk_s"]
    marks = one(m, "csat_mean", QUARTER)
    assert (marks.n, round(marks.value, 4)) == (truth["rated"], truth["mean_satisfaction"])


@pytest.mark.parametrize(("breakdown", "key"), [("agent_id", "by_agent"), ("intent", "by_topic")])
def test_phone_nows_agents_and_topics_are_those_counted_elsewhere(
    phone_now: tuple[Measurer, dict[str, Any]], breakdown: str, key: str
) -> None:
    m, truth = phone_now
    for name, wanted in truth[key].items():
        assert one(m, "resolved_of_all", QUARTER, **{breakdown: name}).num == wanted["resolved"]
        assert round(one(m, "csat_mean", QUARTER, **{breakdown: name}).value, 4) == wanted["mean_sat"]
        calls = one(m, "answer_rate", QUARTER, **{breakdown: name})
        if breakdown == "intent":
            assert (calls.n, calls.num) == (wanted["calls"], wanted["answered"])


def test_phone_nows_weeks_are_iso_weeks_even_across_the_year(phone_now: tuple[Measurer, dict[str, Any]]) -> None:
    m, truth = phone_now
    found = {f"{f.period_start.isocalendar()[0]}-W{f.period_start.isocalendar()[1]:02d}": f
             for f in m.measure("resolved_of_all", ["week"], *QUARTER)}  # fmt: skip
    assert {week: (f.n, f.num) for week, f in found.items()} == {
        week: (w["calls"], w["resolved"]) for week, w in truth["per_iso_week"].items()
    }
