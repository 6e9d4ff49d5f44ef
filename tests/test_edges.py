"""The cases in which contact centres miscount, each by its name: small worlds, and values worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.lake.build import build_params
from cxreports.lake.store import Lake
from cxreports.lake.write import Basis
from cxreports.settings import ProjectSettings, RepeatSettings, Settings
from tests.test_measure import measurer, one, world
from tests.worlds import CATALOGUE, PARAMS, at, deliver, leg, look

DAY = (date(2025, 3, 13), date(2025, 3, 14))  # ten days after the world's first call
FIRST, END = leg("first", 0), leg("end", 24 * 40)


def callers(n: int, prefix: str, hours: float = 240, **more: Any) -> list[dict[str, Any]]:
    """So many calls about one bill, each of a customer with an account of their own unless told otherwise."""
    return [leg(f"{prefix}{i:02}", hours, **{"intent": "bill", "account_key": f"k_{prefix}{i}"} | more) for i in range(n)]


def seen(folder: Path, *legs: Mapping[str, Any], **others: Sequence[Mapping[str, Any]]) -> Measurer:
    return measurer(world(folder, [FIRST, *legs, END], **others))


def on_the_day(m: Measurer, metric: str) -> Measurement:
    return one(m, metric, *DAY)


# --- who is who


def test_withheld_numbers_link_nobody(tmp_path: Path) -> None:
    """Twelve calls with a withheld number, and twelve a day later: nobody came back, and nobody was settled either."""
    hidden = {"account_key": None, "is_withheld": True}
    m = seen(tmp_path, *callers(12, "a", **hidden), *callers(12, "b", 264, **hidden), *callers(12, "c"))
    found = on_the_day(m, "repeat_trigger")
    assert (found.num, found.den, found.excluded) == (0, 12, {"customer not identified": 12})
    assert {f.by["new_or_repeat"]: f.num for f in m.measure("interactions", ["new_or_repeat"], *DAY)} == {
        "new": 12,
        "unknown": 12,
    }


def test_a_number_shared_by_more_accounts_than_the_limit_links_nobody(tmp_path: Path) -> None:
    """Three accounts have called from one number (the limit is two): who calls from it without an account is not known."""
    shared = [leg(f"s{i}", 24 + i, account_key=f"k_s{i}", phone_key="t_office") for i in range(3)]
    office = callers(12, "a", account_key=None, phone_key="t_office")
    again = callers(12, "b", 264, account_key=None, phone_key="t_office")
    m = seen(tmp_path, *shared, *office, *again, *callers(12, "c"))
    found = on_the_day(m, "repeat_trigger")
    assert (found.num, found.den, found.excluded) == (0, 12, {"customer not identified": 12})


@pytest.mark.parametrize(("switchboards", "num"), [((), 11), (("t_office",), 0)])
def test_a_switchboard_links_nobody_however_few_accounts_use_it(tmp_path: Path, switchboards: tuple[str, ...], num: int) -> None:
    """Twelve calls within the hour from one number: one customer who comes again and again, unless it is a switchboard."""
    office = [leg(f"a{i:02}", 240 + i / 60, account_key=None, phone_key="t_office", intent="bill") for i in range(12)]
    lake, basis = Lake(tmp_path), Basis(CATALOGUE, PARAMS, switchboards)
    deliver(lake, 60, [FIRST, *office, *callers(12, "c"), END], basis)
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"))
    found = on_the_day(Measurer(look(lake, at(24 * 60), basis), CATALOGUE, settings, PARAMS), "repeat_trigger")
    assert (found.num, found.n) == (num, 12 + (0 if switchboards else 12))


# --- one matter, several records


def test_a_transfer_is_no_second_contact(tmp_path: Path) -> None:
    talk = {"answered_at": at(240)}
    passed_on = [
        leg(f"t{i:02}", 240.05, root_id=f"a{i:02}", previous_id=f"a{i:02}", initiation="transfer", account_key=f"k_a{i}", **talk)
        for i in range(12)
    ]
    m = seen(tmp_path, *callers(12, "a", **talk), *passed_on)
    assert on_the_day(m, "interactions").num == 12
    assert (on_the_day(m, "repeat_trigger").num, on_the_day(m, "transfer").num, on_the_day(m, "transfer").den) == (0, 12, 12)


@pytest.mark.parametrize(("seconds", "repeats"), [(15 * 60 - 1, 0), (15 * 60, 12)])
def test_a_forward_within_fifteen_minutes_is_the_same_contact(tmp_path: Path, seconds: int, repeats: int) -> None:
    """A person ends the call after five minutes; the next call comes so many seconds later."""
    later = callers(12, "b", 240 + 5 / 60 + seconds / 3600)
    people = [dict(g, account_key=f"k_a{i}") for i, g in enumerate(later)]
    m = seen(tmp_path, *callers(12, "a", answered_at=at(240)), *people)
    found = on_the_day(m, "repeat_trigger")
    assert (found.num, found.den) == (repeats, 12 + repeats)


def test_a_call_back_of_ours_is_no_contact_of_the_customer(tmp_path: Path) -> None:
    """They ask for a call back and get it two days later: no repeat, and the queue did not lose them."""
    asked = callers(12, "a", enqueued_at=at(240), is_callback_requested=True)
    called = callers(12, "b", 288, direction="outbound", initiation="outbound", answered_at=at(288))
    m = seen(tmp_path, *asked, *(dict(g, account_key=f"k_a{i}") for i, g in enumerate(called)))
    assert (on_the_day(m, "fcr_repeat").num, on_the_day(m, "fcr_repeat").den) == (12, 12)
    assert on_the_day(m, "abandonment").num == 0
    assert one(m, "interactions", date(2025, 3, 15), date(2025, 3, 16)).excluded == {"outbound": 12}


def test_a_merged_case_is_no_second_contact(tmp_path: Path) -> None:
    """The customer writes twice; the second ticket is merged into the first and leaves no interaction that counts."""
    twice = [dict(g, account_key=f"k_a{i}") for i, g in enumerate(callers(12, "b", 264, excluded_as="merged"))]
    m = seen(tmp_path, *callers(12, "a"), *twice)
    assert (on_the_day(m, "fcr_repeat").num, on_the_day(m, "fcr_repeat").den) == (12, 12)
    assert one(m, "interactions", date(2025, 3, 14), date(2025, 3, 15)).excluded == {"merged": 12}


# --- thanks


@pytest.mark.parametrize(("intents", "settled"), [((), 0), (("thanks",), 12)])
def test_a_thank_you_message_is_no_contact_of_its_own(tmp_path: Path, intents: tuple[str, ...], settled: int) -> None:
    thanks = [dict(g, account_key=f"k_a{i}") for i, g in enumerate(callers(12, "b", 264, intent="thanks"))]
    project = ProjectSettings(name="world", timezone="Europe/London")
    settings = Settings(project=project, repeat=RepeatSettings(thanks_intents=intents))
    params = build_params(settings)
    lake, basis = Lake(tmp_path), Basis(CATALOGUE, params, ())
    deliver(lake, 60, [FIRST, *callers(12, "a"), *thanks, END], basis)
    m = Measurer(look(lake, at(24 * 60), basis), CATALOGUE, settings, params)
    assert (on_the_day(m, "fcr_repeat_any").num, on_the_day(m, "fcr_repeat_any").den) == (settled, 12)
    assert one(m, "repeat_load_any", date(2025, 3, 14), date(2025, 3, 15)).n == (0 if intents else 12)


def case(n: int, *changes: tuple[float, str, str, str]) -> dict[str, list[dict[str, Any]]]:
    """So many solved cases of DAY with these changes: hours after the opening, field, new value, who."""
    opened = 240.0
    told = [
        (0.0, "status", "open", "customer"),
        (1.0, "comment", "public", "human"),
        (1.0, "status", "solved", "human"),
        *changes,
    ]
    return {
        "cases": [{"case_id": f"c{i:02}", "leg_id": f"a{i:02}", "opened_at": at(opened), "status": "solved"} for i in range(n)],
        "case_events": [
            {"event_id": f"c{i:02}:{k}", "case_id": f"c{i:02}", "event_at": at(opened + hours), "field": field,
             "new_value": value, "actor": who}
            for i in range(n)
            for k, (hours, field, value, who) in enumerate(told)
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reopened"),
    [
        ([], 0),
        # "Thanks!" opens the case again, and somebody closes it without a word
        ([(20, "comment", "public", "customer"), (20, "status", "open", "customer"), (21, "status", "solved", "human")], 0),
        # the same, but we had to answer
        ([(20, "comment", "public", "customer"), (20, "status", "open", "customer"), (21, "comment", "public", "human"),
          (21, "status", "solved", "human")], 12),
        # an internal note is no answer
        ([(20, "comment", "public", "customer"), (20, "status", "open", "customer"), (21, "comment", "internal", "human"),
          (21, "status", "solved", "human")], 0),
        # thanks first, a need two days later
        ([(20, "comment", "public", "customer"), (20, "status", "open", "customer"), (21, "status", "solved", "automation"),
          (70, "comment", "public", "customer"), (70, "status", "open", "customer"), (71, "comment", "public", "ai"),
          (71, "status", "solved", "ai")], 12),
        # still open: somebody is waiting
        ([(20, "comment", "public", "customer"), (20, "status", "open", "customer")], 12),
        # one of our people opens it again: nobody came back
        ([(20, "status", "open", "human"), (21, "comment", "public", "human"), (21, "status", "solved", "human")], 0),
        # eight days later: the window is over
        ([(1 + 168 + 0.001, "comment", "public", "customer"), (1 + 168 + 0.001, "status", "open", "customer"),
          (171, "comment", "public", "human"), (171, "status", "solved", "human")], 0),
    ],
)  # fmt: skip
def test_a_thanks_is_no_reopening(tmp_path: Path, changes: list[tuple[float, str, str, str]], reopened: int) -> None:
    found = on_the_day(seen(tmp_path, *callers(12, "a", channel="email"), **case(12, *changes)), "reopen")
    assert (found.num, found.den) == (reopened, 12)


# --- reasons that are failures


def test_what_the_settings_call_a_failure_is_failure_demand_of_the_second_tier(tmp_path: Path) -> None:
    """Thirty ask where the order is, ten of them for the second time; thirty buy something."""
    late = callers(30, "a", intent="order late")
    before = [dict(g, account_key=f"k_a{i}") for i, g in enumerate(callers(10, "b", 216, intent="order late"))]
    project = ProjectSettings(name="world", timezone="Europe/London")
    settings = Settings(project=project, repeat=RepeatSettings(failure_intents=("order late", "broken")))
    params = build_params(settings)
    lake, basis = Lake(tmp_path), Basis(CATALOGUE, params, ())
    deliver(lake, 60, [FIRST, *late, *before, *callers(30, "c", intent="buy"), END], basis)
    m = Measurer(look(lake, at(24 * 60), basis), CATALOGUE, settings, params)
    found = {f.by["tier"]: (f.num, f.den) for f in m.measure("failure_demand", [], *DAY)}
    assert found == {"tier_1_repeat": (10, 60), "tier_2_reason": (20, 60), "not_shown": (30, 60)}


# --- days and numbers


@pytest.mark.parametrize(
    ("first", "hours", "day"), [("2025-03-30 00:00", 23, date(2025, 3, 30)), ("2025-10-25 23:00", 25, date(2025, 10, 26))]
)
def test_a_night_of_a_clock_change_has_a_day_of_23_or_25_hours(tmp_path: Path, first: str, hours: int, day: date) -> None:
    """In London, one call every half hour: 46 on the short day, 50 on the long one, and the day is the sum of its hours."""
    begin = datetime.fromisoformat(first).replace(tzinfo=UTC)
    legs = [leg(f"a{n:03}", 0, started_at=begin + timedelta(minutes=30 * (n - 10))) for n in range(80)]
    m = measurer(world(tmp_path, legs, 400), at(24 * 400))
    days = (day, day + timedelta(days=1))
    assert one(m, "interactions", *days).num == 2 * hours
    by_hour = {f.by["hour"]: f.num for f in m.measure("interactions", ["hour"], *days)}
    assert sum(n for n in by_hour.values() if n) == 2 * hours
    assert by_hour.get("01") == (None if hours == 23 else 4)  # it is skipped, or comes twice


def test_nought_of_twelve_is_not_nought_for_certain(tmp_path: Path) -> None:
    """Wilson's upper end of 0 of 12 is z² ÷ (12 + z²) = 3.8415 ÷ 15.8415."""
    found = on_the_day(seen(tmp_path, *callers(12, "a")), "repeat_trigger")
    assert (found.num, found.den, found.value, found.low) == (0, 12, 0.0, 0.0)
    assert found.high == pytest.approx(0.24249, abs=1e-5)


def test_an_empty_segment_has_no_row_and_an_unknown_one_is_not_given(tmp_path: Path) -> None:
    m = seen(tmp_path, *callers(12, "a", segment="gold"), *callers(12, "b"))
    found = m.measure("repeat_trigger", ["segment"], *DAY)
    assert [(f.by["segment"], f.n) for f in found] == [("gold", 12), ("not given", 12)]
    later = m.measure("repeat_trigger", ["segment"], date(2025, 3, 20), date(2025, 3, 21))
    assert later == []  # a day without any call has no segments, and no share of nought


def test_a_source_without_sentiment_is_not_computable(tmp_path: Path) -> None:
    m = seen(tmp_path, *callers(30, "a", ai_agent="bea"))
    for metric in ("negative_end", "sentiment_shift"):
        found = on_the_day(m, metric)
        assert (found.state, found.value, found.reason) == ("not_computable", None, "no source scores the mood of customers")


def test_a_window_longer_than_the_history_is_not_computable(tmp_path: Path) -> None:
    """The data began ten days before: whether thirty days were quiet before the call nobody can know."""
    m = seen(tmp_path, *callers(12, "a"))
    assert on_the_day(m, "fcr_repeat").n == 12
    found = on_the_day(m, "fcr_repeat_30d")
    assert (found.state, found.value) == ("not_computable", None)
    assert found.reason == "the data does not reach back over the window of any of 12 interactions"
