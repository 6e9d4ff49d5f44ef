"""The journey planted in the samples: every interaction stands in a run, every goal ends one, voice fails at identity."""

import json
from datetime import date
from typing import Any

import pytest

from cxreports import pipeline
from cxreports.analysis.journeys import journeys
from cxreports.analysis.measure import Measurer
from tests.conftest import SAMPLES

MATURE = (date(2026, 8, 24), date(2026, 11, 16))


@pytest.fixture(scope="module")
def planted() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / "planted.json").read_text())["journey"]
    return found


@pytest.fixture(scope="module")
def m(larkfield: pipeline.Project) -> Measurer:
    return pipeline.measurer(larkfield)


def asked(m: Measurer, sql: str) -> list[tuple[Any, ...]]:
    return m.view.con.execute(sql).fetchall()


def test_every_step_that_was_logged_is_there(m: Measurer, planted: dict[str, Any]) -> None:
    found = asked(
        m,
        """select i.channel || '/' || e.name || '/' || e.result, count(*)
           from core_events as e
           join core_legs as l on l.leg_id = e.leg_id
           join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
           group by 1""",
    )
    about = (
        f"from core_interactions where intent = '{planted['intent']}' and excluded_as is null and channel in ('voice', 'chat')"
    )
    found += asked(m, f"select channel || '/interactions', count(*) {about} group by 1")
    assert dict(found) == planted["counts"]


def test_every_interaction_about_it_stands_in_one_run_and_every_goal_ends_one(m: Measurer, planted: dict[str, Any]) -> None:
    about = f"from core_interactions where intent = '{planted['intent']}' and excluded_as is null"
    assert asked(m, "select sum(n_interactions)::bigint from out_journey_runs") == asked(m, f"select count(*) {about}")
    goals = sum(n for what, n in planted["counts"].items() if "access_restored" in what)
    assert asked(m, "select count(goal_at) from out_journey_runs") == [(goals,)]
    assert asked(m, "select count(*) from out_journey_runs where state = 'goal_without_start'") == [(0,)]
    # Who tries again on another channel stays in the run, and is found on both.
    both = (
        "select count(*), count(*) filter (where n_interactions > 1 and n_retries > 0) from out_journey_runs where n_channels > 1"
    )
    ((n, n_tried_again),) = asked(m, both)
    assert n == n_tried_again > 0


def test_identity_passes_in_chat_and_fails_in_voice_at_the_first_try(m: Measurer, planted: dict[str, Any]) -> None:
    (told,) = journeys(m, ["account_access"], *MATURE)
    tries = {(s.step, s.channel): s for s in told.first_tries}
    assert tries["identity", "voice"].is_clear and tries["identity", "voice"].best == "chat"
    silent = {s.channel for s in told.steps if s.figure.excluded.get("not evaluated")}
    assert silent == {"email", "sms"}  # they log nothing, so nobody knows; never counted as failed
    assert all(s.figure.n == 0 for s in told.steps if s.channel in silent)
    failed = asked(m, "select count(*) from core_events where is_error")
    assert failed == [(planted["counts"]["voice/identity_check/failed"],)]


def test_who_gives_up_is_no_completed_run_and_lasts_until_then(m: Measurer) -> None:
    (told,) = journeys(m, [], *MATURE)
    done, eventual, in_time = (told.figures[n] for n in ("journey_completion", "journey_completion_eventual", "journey_in_time"))
    assert {f.state for f in told.figures.values()} == {"final"}
    assert done.value < eventual.value < in_time.value  # type: ignore[operator]
    assert done.excluded == {"goal not observable": done.excluded["goal not observable"]}
    assert sum(d.n for d in told.drop_outs) == eventual.n - eventual.num  # type: ignore[operator]
