"""Offered = answered + abandoned + flowed out + callback + in progress; what fits none or several is told row by row."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.flow import Flow, Flows, flows
from cxreports.errors import QuestionError
from cxreports.reports.gaps import flow_line
from tests.test_cli import cx
from tests.test_measure import DAY, measurer, world
from tests.test_reports_world import context
from tests.worlds import at, leg

ENDED = at(0) + timedelta(minutes=5)
KNOWN = leg("known", 48, enqueued_at=at(48), answered_at=at(48))  # two days later: this source does say who answers


def offer(leg_id: str, **more: Any) -> dict[str, Any]:
    return leg(leg_id, 0, **{"enqueued_at": at(0), "queue": "cards", **more})


def flow_of(folder: Path, *legs: dict[str, Any], by: tuple[str, ...] = ()) -> Flows:
    return flows(measurer(world(folder, [*legs, KNOWN])), by, *DAY)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"answered_at": at(0)}, "answered"),
        ({}, "abandoned"),
        ({"is_abandoned": True}, "abandoned"),
        ({"is_transferred": True}, "flowed_out"),
        ({"is_callback_requested": True}, "callback"),
        ({"ended_at": None}, "in_progress"),
        ({"ended_at": None, "answered_at": at(0)}, "answered"),
    ],
)
def test_an_offer_has_exactly_one_outcome(tmp_path: Path, more: dict[str, Any], outcome: str) -> None:
    found = flow_of(tmp_path, offer("a", **more))
    counts = {"answered": 0, "abandoned": 0, "flowed_out": 0, "callback": 0, "in_progress": 0, "residual": 0} | {outcome: 1}
    assert found.groups == (Flow({}, 1, **counts),)
    assert found.residual == ()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"answered_at": at(0), "is_abandoned": True}, "answered and abandoned"),
        ({"is_abandoned": True, "is_callback_requested": True}, "abandoned and callback"),
        ({"is_abandoned": True, "is_transferred": True}, "abandoned and flowed_out"),
        ({"answered_at": at(0), "is_callback_requested": True}, "answered and callback"),
        ({"is_abandoned": False}, "ended without an answer, and is said not to be abandoned"),
        ({"enqueued_at": ENDED + timedelta(milliseconds=1)}, "ended before it was offered"),
        ({"enqueued_at": at(0.01), "answered_at": at(0)}, "answered before it was offered"),
        ({"answered_at": ENDED + timedelta(milliseconds=1)}, "answered after it ended"),
    ],
)
def test_what_fits_none_or_several_is_listed_with_its_record(tmp_path: Path, more: dict[str, Any], why: str) -> None:
    found = flow_of(tmp_path, offer("a", answered_at=at(0)), offer("b", **more))
    assert found.groups == (Flow({}, 2, 1, 0, 0, 0, 0, 1),)
    (row,) = found.residual
    assert (row.leg_id, row.position, row.queue, row.day, row.why) == ("b", 2, "cards", "2025-03-03", why)
    assert row.file


def test_an_instant_that_two_things_share_is_no_contradiction(tmp_path: Path) -> None:
    found = flow_of(tmp_path, offer("a", enqueued_at=ENDED, answered_at=ENDED))
    assert found.groups == (Flow({}, 1, 1, 0, 0, 0, 0, 0),)


def test_an_overflow_is_offered_to_both_queues_and_leaves_the_first(tmp_path: Path) -> None:
    first = offer("a")
    second = leg(
        "b", 0.02, root_id="a", previous_id="a", initiation="queue_transfer", enqueued_at=at(0.02), answered_at=at(0.03),
        queue="loans",
    )  # fmt: skip
    found = flow_of(tmp_path, first, second, by=("queue", "channel"))
    assert found.groups == (
        Flow({"queue": "cards", "channel": "voice"}, 1, 0, 0, 1, 0, 0, 0),
        Flow({"queue": "loans", "channel": "voice"}, 1, 1, 0, 0, 0, 0, 0),
    )


def test_the_persons_leg_behind_the_queues_leg_answers_its_offer(tmp_path: Path) -> None:
    """Genesys and Flex Insights keep the queue and the person apart."""
    person = leg("b", 0.02, root_id="a", previous_id="a", answered_at=at(0.02))
    assert flow_of(tmp_path, offer("a"), person).groups == (Flow({}, 1, 1, 0, 0, 0, 0, 0),)


def test_a_call_back_made_later_leaves_the_offer_a_callback(tmp_path: Path) -> None:
    later = leg("b", 3, root_id="a", previous_id="a", initiation="callback", enqueued_at=at(1), answered_at=at(3))
    found = flow_of(tmp_path, offer("a", is_callback_requested=True), later)
    assert found.groups == (Flow({}, 1, 0, 0, 0, 1, 0, 0),)


def test_supervisors_outbound_and_tests_are_offered_to_nobody(tmp_path: Path) -> None:
    listening = leg("m", 0.01, root_id="a", initiation="monitor", enqueued_at=at(0.01), answered_at=at(0.01))
    others = [offer("o", direction="outbound"), offer("t", is_test=True)]
    found = flow_of(tmp_path, offer("a", answered_at=at(0.01)), listening, *others)
    assert found.groups == (Flow({}, 1, 1, 0, 0, 0, 0, 0),)


def test_an_offer_counts_on_the_local_day_of_entering_the_queue(tmp_path: Path) -> None:
    """30 March 2025, London: 23:30 UTC is half past midnight of the 31st."""
    night = leg("n", 24 * 27 - 10 + 23.5, enqueued_at=at(24 * 27 - 10 + 23.5), answered_at=at(24 * 27 - 10 + 23.5))
    m = measurer(world(tmp_path, [night]))
    found = flows(m, ["day"], DAY[0], DAY[1] + timedelta(days=60))
    assert [g.by for g in found.groups] == [{"day": "2025-03-31"}]


def test_a_source_that_never_says_who_answered_is_left_out_and_counted(tmp_path: Path) -> None:
    silent = [leg(f"s{i}", 0, source="pbx", enqueued_at=at(0)) for i in range(7)]
    found = flow_of(tmp_path, offer("a", answered_at=at(0)), *silent)
    assert found.groups == (Flow({}, 1, 1, 0, 0, 0, 0, 0),)
    assert found.not_measurable == {"pbx": 7}


def test_the_report_says_in_a_line_what_became_of_the_weeks_offers() -> None:
    week = date(2026, 11, 16)
    asked: list[tuple[date, date]] = []

    def told(start: date, end: date) -> Flows:
        asked.append((start, end))
        return Flows((Flow({}, 1_235, 1_100, 120, 8, 4, 0, 3),), (), {"pbx": 7})

    assert flow_line(context(flow=told), week) == {
        "flow": "Of 1,235 offers to a queue: 1,100 answered, 120 abandoned, 8 sent on and 4 to be called back; 3 fit none or "
        "several ('cxreports flow' names them). What became of 7 offers of pbx is not told."
    }
    assert asked == [(week, date(2026, 11, 23))]
    whole = Flows((Flow({}, 1, 1, 0, 0, 0, 0, 0),), (), {})
    assert flow_line(context(flow=lambda *_: whole), week) == {"flow": "Of 1 offer to a queue: 1 answered; none is left over."}
    assert flow_line(context(flow=lambda *_: Flows((), (), {})), week) == {}


def test_an_unknown_breakdown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="flow cannot be broken down by 'queu'; did you mean 'queue'"):
        flow_of(tmp_path, offer("a"), by=("queu",))


def test_the_samples_add_up_and_the_command_prints_them(larkfield: Any) -> None:
    told = cx("flow", "--project", str(larkfield.folder), "--by", "", "--from", "2026-08-24", "--to", "2026-11-24").stdout
    head, line = (row.split() for row in told.splitlines()[:2])
    numbers = dict(
        zip(["offered", "answered", "abandoned", "flowed", "callback", "progress", "residual"], map(_number, line), strict=True)
    )
    assert head[0] == "offered"
    assert numbers["offered"] == sum(n for name, n in numbers.items() if name != "offered")
    assert numbers["answered"] > 0


def _number(text: str) -> int:
    return int(text.replace(",", ""))
