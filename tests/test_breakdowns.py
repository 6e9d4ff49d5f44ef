"""Every metric can be broken down by everything usual, and a unit's group is what its interaction says."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.explain import explain
from cxreports.analysis.measure import Measurer
from cxreports.definitions.breakdowns import INTERACTION_OF, USUAL
from cxreports.lake.engine import rows
from tests.test_measure import DAY, measurer, world
from tests.worlds import CATALOGUE, at, leg

ASKED_FOR = [  # by the requirements; the person and the team stand beside them
    "channel", "queue", "journey", "intent", "handler", "ai_agent", "ai_agent_version", "region", "device", "language",
    "segment", "hour", "new_or_repeat",
]  # fmt: skip
SAID: dict[str, Any] = {
    "channel": "chat", "enqueued_at": at(0), "answered_at": at(0.01), "wait_ms": 36_000, "talk_ms": 60_000, "agent_id": "ann",
    "team": "Leeds", "queue": "cards", "intent": "billing", "journey": "renewal", "region": "north", "language": "cy",
    "device": "phone", "segment": "gold", "ai_agent": "bea", "ai_agent_version": "7", "end_score": 0.5, "account_key": "k_a",
}  # fmt: skip
GROUPS = {
    "channel": "chat", "queue": "cards", "intent": "billing", "journey": "renewal", "region": "north", "language": "cy",
    "device": "phone", "segment": "gold", "handler": "ai_then_human", "ai_agent": "bea", "ai_agent_version": "7",
    "agent_id": "ann", "team": "Leeds", "hour": "10", "new_or_repeat": "unknown",
}  # fmt: skip
# Counts of other systems belong to no interaction.
BY_THEMSELVES = {"reported_count", "reported_share"}
ONE_OF_EACH_GRAIN = ("interactions", "resolution", "csat", "reopen")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    """One conversation that says everything, with a case, a survey, words and steps of the AI."""
    lake = world(
        tmp_path_factory.mktemp("whole"),
        [leg("a", 0, **SAID), leg("later", 24 * 35, account_key="k_later")],
        cases=[{"case_id": "t1", "leg_id": "a", "opened_at": at(0), "status": "solved", "solved_at": at(2), "n_reopens": 0,
                "first_reply_at": at(1), "n_replies": 1}],
        case_events=[
            {"event_id": "t1:1", "case_id": "t1", "event_at": at(0), "field": "status", "new_value": "open"},
            {"event_id": "t1:2", "case_id": "t1", "event_at": at(2), "field": "status", "new_value": "solved"},
        ],
        survey_responses=[{"response_id": "s1", "leg_id": "a", "answered_at": at(3), "score": 5, "is_resolved": True}],
        events=[{"event_id": "e1", "leg_id": "a", "event_at": at(0), "kind": "bot", "name": "balance", "is_no_match": False,
                 "confidence": 0.9}],
        turns=[{"turn_id": "w1", "leg_id": "a", "speaker": "bot", "content": "Which card is it?"}],
    )  # fmt: skip
    return measurer(lake)


def test_everything_that_was_asked_for_is_usual() -> None:
    assert set(ASKED_FOR) <= set(USUAL) == set(GROUPS)


@pytest.mark.parametrize("metric", sorted(set(CATALOGUE.metrics) - BY_THEMSELVES))
def test_every_metric_offers_every_usual_breakdown(metric: str, whole: Measurer) -> None:
    header = CATALOGUE.metrics[metric].header
    assert set(USUAL) <= set(header.breakdowns)
    assert header.grain in INTERACTION_OF
    found = rows(whole.view.con, f"select * from {whole.units(metric, list(USUAL))} where occurred_on = $day", {"day": DAY[0]})
    assert found or metric not in ONE_OF_EACH_GRAIN
    for row in found:
        assert {b: row[b] for b in USUAL} == GROUPS


@pytest.mark.parametrize("breakdown", GROUPS)
def test_a_count_goes_to_the_group_of_its_interaction(breakdown: str, whole: Measurer) -> None:
    (found,) = whole.measure("interactions", [breakdown], *DAY)
    assert (found.by, found.num) == ({breakdown: GROUPS[breakdown]}, 1)


def test_what_the_source_does_not_say_is_a_group_of_its_own(whole: Measurer) -> None:
    days = (date(2025, 4, 7), date(2025, 4, 8))
    for breakdown in set(GROUPS) - {"channel", "handler", "hour", "new_or_repeat"}:
        (found,) = whole.measure("interactions", [breakdown], *days)
        assert found.by == {breakdown: "not given"}


def test_a_case_keeps_its_own_queue(tmp_path: Path) -> None:
    """The conversation knows no queue, the case does; the region is the conversation's."""
    lake = world(
        tmp_path,
        [leg("a", 0, region="north"), leg("later", 24 * 35)],
        cases=[{"case_id": "t1", "leg_id": "a", "opened_at": at(0), "status": "open", "queue": "tickets"}],
    )
    m = measurer(lake)
    assert rows(m.view.con, f"select unit_id, queue, region from {m.units('first_reply', ['queue', 'region'])}") == [
        {"unit_id": "t1", "queue": "tickets", "region": "north"}
    ]


@pytest.mark.parametrize(
    ("told", "group"),
    [
        ({"account_key": "k_p", "hours": 240}, "repeat"),  # 7 days after to the second
        ({"account_key": "k_p", "hours": 240 + 1 / 3600}, "new"),
        ({"account_key": "k_p", "hours": 240, "intent": "outage"}, "new"),  # another reason
        ({"account_key": "k_other", "hours": 240}, "new"),
        ({"hours": 240}, "unknown"),  # nobody knows who it is
        ({"account_key": "k_other", "hours": 168 - 1 / 3600}, "unknown"),  # the first week: what came before is not known
        ({"account_key": "k_other", "hours": 168}, "new"),
        ({"account_key": "k_p", "hours": 72.2}, "forward"),  # two minutes after a person ended the call before
    ],
)
def test_whether_somebody_is_new_is_told_from_the_seven_days_before(told: dict[str, Any], group: str, tmp_path: Path) -> None:
    first = leg("first", 0, account_key="k_first", intent="billing")
    before = leg("p", 72, account_key="k_p", intent="billing", answered_at=at(72), ended_at=at(72.17))
    asked = leg("q", told["hours"], **{"intent": "billing"} | {k: v for k, v in told.items() if k != "hours"})
    m = measurer(world(tmp_path, [first, before, asked, leg("end", 24 * 30)]))
    found = rows(m.view.con, f"select new_or_repeat from {m.units('interactions', ['new_or_repeat'])} where unit_id = 'q'")
    assert found == [{"new_or_repeat": group}]


def test_groups_of_new_and_repeat_add_up_to_all(tmp_path: Path) -> None:
    legs = [
        leg(f"{i}_{n}", 240 + n, account_key=f"k_{i}" if i % 3 else None, intent="billing") for i in range(9) for n in range(2)
    ]
    m = measurer(world(tmp_path, [leg("first", 0), *legs]))
    found = m.measure("interactions", ["new_or_repeat"], date(2025, 3, 13), date(2025, 3, 14))
    assert {f.by["new_or_repeat"]: f.num for f in found} == {"new": 6, "repeat": 6, "unknown": 6}


def test_the_rows_behind_a_figure_can_be_picked_by_a_usual_breakdown(whole: Measurer) -> None:
    told = explain(whole, "csat", *DAY, {"segment": "gold"}, None)
    assert [(r["unit_id"], r["segment"], r["new_or_repeat"]) for r in told.rows] == [("s1", "gold", "unknown")]
    assert explain(whole, "csat", *DAY, {"segment": "silver"}, None).rows == []
