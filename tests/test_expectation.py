"""The report's line on what the week is expected to become: the nowcast, and how often such intervals held what came true."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cxreports import pipeline
from cxreports.analysis.expectation import Expected, expected
from cxreports.analysis.following import nowcasts
from cxreports.analysis.measurement import Measurement, State
from cxreports.analysis.nowcast import Nowcast
from cxreports.analysis.nowcast_score import Score, score_history
from cxreports.reports.context import ReportContext
from cxreports.reports.expecting import expected_figures
from cxreports.reports.readings import FIVE, TRAPPED, Reading

WEEK = (date(2026, 11, 16), date(2026, 11, 23))


def test_the_samples_week_is_expected_as_its_nowcast_says_and_scored_as_early_as_it_is(larkfield: pipeline.Project) -> None:
    m = pipeline.measurer(larkfield)
    found = expected(m, "fcr_repeat", *WEEK)
    assert found
    (whole,) = nowcasts(m, "fcr_repeat", [], *WEEK)
    assert found.nowcast == whole.nowcast
    assert 0 < found.nowcast.waiting < found.nowcast.n
    past = [s for s in score_history(m, "fcr_repeat", 7, date(2026, 9, 28), WEEK[1]) if s.lag == 0]  # data end 23 Nov, 23:02
    assert (found.score.scored, found.score.coverage) == (len(past), sum(s.is_covered for s in past) / len(past))


def test_what_waits_for_nothing_has_no_expectation(larkfield: pipeline.Project) -> None:
    m = pipeline.measurer(larkfield)
    assert expected(m, "service_level", *WEEK) is None
    assert expected(m, "fcr_repeat", date(2026, 10, 5), date(2026, 10, 12)) is None  # every window is over


def reading(metric: str, state: State) -> Reading:
    newest = Measurement(metric, 1, *WEEK, datetime(2026, 11, 24, tzinfo=UTC), {}, 50, 5, 50, 0.1, 0.05, 0.2, state)
    return Reading(metric, None, (newest,), newest, 0, None, None)


@pytest.mark.parametrize(("score", "held"), [
    (Score("", 44, 0.0, 0.0, 43 / 44, 0.1), "43 of 44 held"),
    (Score("", 0, None, None, None, None), "none of the past to judge it by"),
])  # fmt: skip
def test_only_what_is_not_final_is_foreseen_in_words(larkfield: pipeline.Project, score: Score, held: str) -> None:
    def expect(metric: str, start: date, end: date) -> Expected | None:
        assert (start, end) == WEEK
        return Expected(metric, Nowcast(50, 20, 0.705, 0.8667, 0.857, 0.875), score) if metric != "verified_containment" else None

    m = pipeline.measurer(larkfield)
    states: Mapping[str, State] = {"fcr_repeat": "provisional", "verified_containment": "provisional", TRAPPED: "final"}
    readings = {metric: reading(metric, states.get(metric, "final")) for metric in (*FIVE, TRAPPED)}
    ctx = ReportContext(
        "p", "UTC", WEEK_END, {}, m.measure, {n: m.header_of(n) for n in readings}, {}, (), (), (), {}, expect=expect
    )
    row: dict[str, Any] = {
        "metric": "fcr_repeat", "title": "First-contact resolution, by repeat contact", "value": "86.7% (85.7–87.5%)",
        "text": f"70% mature, {held}",
    }  # fmt: skip
    assert expected_figures(ctx, readings, WEEK[0]) == [row]
    assert expected_figures(replace(ctx, expect=None), readings, WEEK[0]) == []


WEEK_END = datetime(2026, 11, 23, tzinfo=UTC)


def test_intervals_of_trapped_customers_are_missed_only_just_after_the_release_that_changed_them(
    larkfield: pipeline.Project,
) -> None:
    """Nowcasts of seven days each; lara-chat 4.3 came on 13 October 2026 (data/samples/exports/releases)."""
    found = score_history(pipeline.measurer(larkfield), "trapped", 7, date(2026, 8, 31), date(2026, 11, 24))
    missed = [s for s in found if not s.is_covered]
    assert len(found) > 250
    assert {s.end for s in missed if s.lag == 0} == {date(2026, 10, day) for day in range(16, 24)}
    assert {s.end for s in missed} <= {date(2026, 10, day) for day in range(15, 29)}  # 23 of 297; every other interval held
    assert (len(missed), sum(s.is_covered for s in found)) == (23, 274)
