"""No page of a report gives a small group away: by what it shows beside it, or by the total."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cxreports.analysis.measurement import Measurement
from cxreports.reports.figures import quadrant, table, trapped_trend
from cxreports.reports.readings import WATCHED, read
from cxreports.reports.story import tell
from tests.test_reports_world import AS_OF, WEEK_START, World, context, measure_of

REFERENCE = WEEK_START - timedelta(days=14)


def matrix_of(segments: Mapping[str, int]) -> Any:
    """measure() of a week in which so many interactions of each segment were all contained and healthy."""

    def measure(metric: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        known = (n for n in segments.values())
        if metric != "containment_quality" or "channel" not in by:
            return [Measurement(metric, 1, start, end, AS_OF, {}, sum(known), None, None, None, None, None, "final")]
        return [
            Measurement(metric, 1, start, end, AS_OF, {"channel": c, "cell": "healthy"}, n, n, n, 1.0, 0.9, 1.0, "final")
            for c, n in segments.items()
        ]

    return measure


@pytest.mark.parametrize(
    ("segments", "drawn", "words"),
    [
        ({"chat": 300, "voice": 200, "sms": 40}, {"chat", "voice", "sms"}, ""),
        (
            {"chat": 300, "voice": 200, "sms": 9},
            {"chat"},
            "Segments left out: 1 with fewer than 10 contained interactions of known mood and 1 so that a small one cannot be"
            " worked out.",
        ),
        (
            {"chat": 300, "voice": 200, "sms": 9, "email": 3},
            {"chat", "voice"},
            "Segments left out: 2 with fewer than 10 contained interactions of known mood.",
        ),
    ],
)
def test_the_only_small_segment_takes_the_smallest_other_with_it(
    segments: dict[str, int], drawn: set[str], words: str
) -> None:  # fmt: skip
    chart = quadrant(context(measure=matrix_of(segments)), ("channel",), REFERENCE, None)
    assert chart is not None
    assert ({p["name"] for p in chart["points"]}, chart["left_out"]) == (drawn, words)


def test_all_others_of_a_few_are_not_told() -> None:
    """Eight interactions in all others: 40 less 32 of the segment that stands out."""

    def measure(metric: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        found = measure_of(World())(metric, by, start, end)
        if metric != "trapped" or "week" not in by:
            return found
        size = 32 if "channel" in by else 40
        return [replace(m, n=size, num=4, den=size, value=4 / size, low=0.0, high=0.5, state="final", reason="") for m in found]

    chart = trapped_trend(context(measure=measure), ("channel", "region"), WEEK_START, ("chat", "north"))
    assert chart is not None
    own, others = chart["series"]
    assert {p["value"] for p in own["points"]} == {0.125}
    assert {p["value"] for p in others["points"]} == {None}
    assert {str(row[2]) for row in table(chart)["rows"]} == {"fewer than 10"}


def test_a_segment_that_is_nearly_all_there_is_does_not_stand_out_against_a_few() -> None:
    """The sentence would name the counts of all others."""

    def measure(metric: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        found = measure_of(World())(metric, by, start, end)
        if metric != "trapped" or "channel" not in by:
            return found
        whole = next(m for m in measure_of(World())(metric, [], start, end))
        rest = (whole.den or 0) - 9
        return [
            replace(m, num=m.num and rest // 2, den=rest)
            for m in found if m.by == {"channel": "chat", "region": "north"}
        ]  # fmt: skip

    ctx = context(measure=measure)
    readings = {metric: read(ctx, metric, WEEK_START) for metric in WATCHED}
    _, lines = tell(ctx, ("channel", "region"), readings, ("chat", "north"))
    assert "Standing out" not in {line["label"] for line in lines}
