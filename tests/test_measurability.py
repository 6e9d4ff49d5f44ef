"""What no source says is never counted as 0: metric by metric, with worlds whose sources lack what the metric needs."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measurability import Measurability
from cxreports.lake.arrived import landed
from cxreports.lake.view import accounts
from cxreports.pipeline import Project
from cxreports.settings import SourceSettings
from tests.test_cli import cx
from tests.test_measure import calls, measurer, one, world
from tests.worlds import CATALOGUE, Lake, at, leg

Rows = Sequence[Mapping[str, Any]]
QUEUED = {"enqueued_at": at(0), "wait_ms": 9_000}
ANSWERED = {"answered_at": at(0), "talk_ms": 60_000}
WITH_AI = {"ai_agent": "helper"}


def plain(n: int = 40, prefix: str = "p", **more: Any) -> list[dict[str, Any]]:
    """Calls of nobody known: whatever a source could say more is left to the test."""
    return [{**c, "account_key": None, "intent": None} for c in calls(n, 0, prefix, **more)]


def label(lake: Lake, metric: str, source: str = "world", **sources: SourceSettings) -> Measurability:
    (found,) = measurer(lake, sources=sources).labels(metric, [source])
    return found


def case(i: int, **more: Any) -> dict[str, Any]:
    return {"case_id": f"c{i}", "leg_id": f"p{i:03}", "opened_at": at(0), **more}


def survey(i: int, **more: Any) -> dict[str, Any]:
    return {"response_id": f"s{i}", "leg_id": f"p{i:03}", "scale_max": 5, **more}


# --- one source that does not say it: not computable, in words


@pytest.mark.parametrize(
    ("metric", "legs", "reason"),
    [
        ("abandonment", plain(**QUEUED), "no source says whether a person answered"),
        ("abandonment", plain(**{**QUEUED, **ANSWERED, "ended_at": None}), "no source says when an interaction ended"),
        ("abandonment", plain(**ANSWERED), "no source says when an interaction entered a queue"),
        ("service_level", plain(**QUEUED, is_abandoned=False), "no source says when a person answered"),
        ("service_level", plain(enqueued_at=at(0), **ANSWERED), "no source gives a wait in queue"),
        ("asa", plain(wait_ms=0, **ANSWERED), "no source says when an interaction entered a queue"),
        ("time_to_abandon", plain(**QUEUED), "no source says whether a person answered"),
        ("ai_involvement", plain(**ANSWERED), "no source says where an AI agent took part"),
        ("answer_rate", plain(**QUEUED), "no source says when a person answered"),
        ("escalation", plain(**WITH_AI), "no source says when a person answered"),
        ("gross_containment", plain(**WITH_AI), "no source says when a person answered"),
        ("containment_quality", plain(**WITH_AI), "no source says when a person answered"),
        ("escalation_cause", plain(**WITH_AI, **ANSWERED), "no source says why an AI handed over"),
        (
            "verified_containment",
            calls(40, **WITH_AI, **ANSWERED),
            "no source says how an interaction with an AI ended: no goal, no word of the customer, no mood",
        ),
        ("verified_containment", plain(**WITH_AI, **ANSWERED), "no source says who the customer is"),
        ("trapped", calls(40, **WITH_AI, **ANSWERED), "no source scores the mood of customers"),
        ("negative_end", plain(), "no source scores the mood of customers"),
        ("transfer", plain(**ANSWERED), "no source says which leg continues which"),
        ("transfer_loop", plain(**ANSWERED), "no source says which leg continues which"),
        ("fcr_repeat", plain(), "no source says who the customer is"),
        ("repeat_trigger", plain(), "no source says who the customer is"),
        ("handle_time", plain(answered_at=at(0)), "no source gives talk times"),
        ("resolution", plain(), "no source says what was resolved, nor who the customer is"),
        ("resolution", plain(is_claimed_resolved=True), "no source says what was resolved, nor who the customer is"),
        ("resolution_recorded", calls(40), "no system of record says what was resolved"),
        ("csat", plain(), "no survey source"),
        ("reopen", plain(), "no source of cases"),
    ],
)
def test_what_the_only_source_does_not_say_is_not_computable(tmp_path: Path, metric: str, legs: Rows, reason: str) -> None:
    found = one(measurer(world(tmp_path, [*legs])), metric)
    assert (found.state, found.reason) == ("not_computable", reason)
    assert (found.value, found.num, found.den, found.n) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("metric", "others", "reason"),
    [
        (
            "survey_response",
            {"survey_responses": [survey(i, score=5) for i in range(40)]},
            "no source says which surveys were sent",
        ),
        (
            "first_reply",
            {"cases": [case(i, status="solved") for i in range(40)]},
            "no source says when customers got a first reply",
        ),
        ("full_resolution", {"cases": [case(i, status="solved") for i in range(40)]}, "no source says when cases were solved"),
        ("one_touch", {"cases": [case(i, n_replies=1) for i in range(40)]}, "no source says which cases are solved"),
        (
            "one_touch",
            {"cases": [case(i, status="solved") for i in range(40)]},
            "no source says how many replies customers got",
        ),
        (
            "reopen",
            {"cases": [case(i, status="solved", solved_at=at(1)) for i in range(40)]},
            "no source gives the changes of cases",
        ),
        (
            "reopen",
            {
                "cases": [case(i, status="solved") for i in range(40)],
                "case_events": [
                    {"event_id": f"e{i}", "case_id": f"c{i}", "event_at": at(1), "field": "status", "new_value": "solved"}
                    for i in range(40)
                ],
            },
            "no source says who changed a case",
        ),
        (
            "csat",
            {"survey_responses": [{**survey(i, score=5), "leg_id": f"elsewhere{i}"} for i in range(40)]},
            "survey_responses.score is empty in all that belongs to a loaded interaction",
        ),
    ],
)
def test_what_cases_and_surveys_do_not_say_is_not_computable(
    tmp_path: Path, metric: str, others: Mapping[str, Rows], reason: str
) -> None:
    found = one(measurer(world(tmp_path, plain(), **others)), metric)
    assert (found.state, found.reason, found.value) == ("not_computable", reason, None)


def test_a_survey_without_an_answer_is_enough_to_know_that_it_was_sent(tmp_path: Path) -> None:
    surveys = [survey(i, score=5 if i < 10 else None) for i in range(40)]
    found = one(measurer(world(tmp_path, plain(), survey_responses=surveys)), "survey_response")
    assert (found.num, found.den) == (10, 40)


def test_a_case_whose_status_is_not_known_is_not_solved(tmp_path: Path) -> None:
    cases = [case(i, n_replies=1, status="solved" if i < 30 else None) for i in range(40)]
    found = one(measurer(world(tmp_path, plain(), cases=cases)), "one_touch")
    assert (found.num, found.den, found.excluded) == (30, 30, {"status not known": 10})


# --- several sources, of which only some can


def test_a_source_that_cannot_is_left_out_of_the_denominator_and_named(tmp_path: Path) -> None:
    """20 of the chat's 40 interactions had an AI; the switchboard's 50 calls say nothing of it, and are no 50 without one."""
    chat = [*plain(20, "c", source="chat", channel="chat", **WITH_AI), *plain(20, "d", source="chat", channel="chat")]
    m = measurer(world(tmp_path, [*chat, *plain(50, "t", source="pbx"), leg("z", 50, source="pbx"), leg("y", 50, source="chat")]))
    found = one(m, "ai_involvement")
    assert (found.num, found.den, found.state) == (20, 40, "final")
    assert found.excluded == {"not measurable from pbx": 50}
    assert found.reason == "without 50 interactions of pbx (legs.ai_agent is empty: name of the AI agent that took part)"
    by_channel = {
        g.by["channel"]: (g.n, g.value) for g in m.measure("ai_involvement", ["channel"], *(found.period_start, found.period_end))
    }
    assert by_channel == {"chat": (40, 0.5), "voice": (0, None)}


@pytest.mark.parametrize(
    ("metric", "known", "silent", "others", "figure"),
    [
        ("abandonment", {**QUEUED, **ANSWERED}, QUEUED, {}, (0, 40)),
        ("service_level", {**QUEUED, **ANSWERED}, {**QUEUED, "is_abandoned": True}, {}, (40, 40)),
        ("answer_rate", ANSWERED, {}, {}, (40, 40)),
        ("transfer", {**ANSWERED, "is_transferred": True}, ANSWERED, {}, (40, 40)),
        ("escalation", {**WITH_AI, **ANSWERED}, WITH_AI, {}, (40, 40)),
        ("gross_containment", {**WITH_AI, **ANSWERED}, WITH_AI, {}, (0, 40)),
        ("negative_end", {"end_score": -1}, {}, {}, (40, 40)),
    ],
)
def test_units_of_a_silent_source_are_never_zeros(
    tmp_path: Path, metric: str, known: dict[str, Any], silent: dict[str, Any], others: dict[str, Rows], figure: tuple[int, int]
) -> None:
    legs = [*plain(40, "k", source="known", **known), *plain(60, "s", source="silent", **silent)]
    found = one(measurer(world(tmp_path, legs, **others)), metric)
    assert (found.num, found.den, found.excluded) == (*figure, {"not measurable from silent": 60})


def test_where_each_source_lacks_something_else_both_are_named(tmp_path: Path) -> None:
    legs = [*plain(40, "a", source="bots", **WITH_AI), *plain(40, "b", source="pbx", **ANSWERED)]
    found = one(measurer(world(tmp_path, legs)), "gross_containment")
    assert found.state == "not_computable"
    assert found.reason == (
        "no source says all that it needs: bots: legs.answered_at is empty: when a person took it; "
        "pbx: legs.ai_agent is empty: name of the AI agent that took part"
    )


def test_a_leg_of_another_source_speaks_for_the_interaction_that_it_continues(tmp_path: Path) -> None:
    """The bot's export never says who answered; the telephone's does, for the calls that the bot handed over."""
    bot = plain(40, "b", source="bot", **WITH_AI)
    phone = [leg(f"t{i}", 0.1, root_id=f"b{i:03}", initiation="transfer", source="phone", answered_at=at(0.1)) for i in range(10)]
    found = one(measurer(world(tmp_path, [*bot, *phone])), "escalation")
    assert (found.num, found.den, found.excluded) == (10, 40, {})


# --- labels


def test_a_metric_is_measured_where_all_it_needs_arrived(tmp_path: Path) -> None:
    lake = world(tmp_path, plain(20, **ANSWERED))
    assert label(lake, "answer_rate") == Measurability("answer_rate", "world", "measured", "")


@pytest.mark.parametrize(("n_known", "name"), [(95, "measured"), (94, "partial")])
def test_partial_begins_below_95_of_100(tmp_path: Path, n_known: int, name: str) -> None:
    waits = [9_000] * n_known + [None] * (100 - n_known)
    legs = [{**c, **QUEUED, **ANSWERED, "wait_ms": wait} for c, wait in zip(plain(100), waits, strict=True)]
    found = label(world(tmp_path, [*legs, *plain(100, "unqueued")]), "asa")
    reason = "core_interactions.wait_ms only in 94 of 100 (94 %) interactions"
    assert (found.label, found.reason) == (name, reason if name == "partial" else "")


def test_a_figure_that_lacks_one_of_its_parts_is_partial(tmp_path: Path) -> None:
    found = label(world(tmp_path, plain(**ANSWERED, hold_ms=0)), "handle_time")
    assert (found.label, found.reason) == ("partial", "no after-contact work: talk and hold only")
    assert label(Lake(tmp_path), "talk_time").label == "measured"


def test_what_the_metric_concludes_by_itself_is_derived(tmp_path: Path) -> None:
    found = label(world(tmp_path, plain(**QUEUED, **ANSWERED)), "abandonment")
    assert found.label == "derived"
    assert found.reason == "gave up: left the queue without an answer; the source itself does not say it"
    said = world(tmp_path / "said", plain(**QUEUED, **ANSWERED, is_abandoned=False))
    assert label(said, "abandonment").label == "measured"


def test_what_the_source_takes_from_another_fact_is_derived(tmp_path: Path) -> None:
    lake = world(tmp_path, plain(direction="inbound", source="desk"))
    desk = SourceSettings(kind="zendesk_tickets", path="x")
    found = label(lake, "interactions", "desk", desk=desk)
    assert found.label == "derived"
    assert found.reason == (
        "legs.started_at: the creation of the ticket stands for the beginning of the contact; "
        "legs.direction: told by who wrote first"
    )
    assert label(lake, "interactions", "desk").label == "measured"


def test_what_a_parameter_names_and_no_record_has_is_only_if_configured(tmp_path: Path) -> None:
    lake = world(tmp_path, plain(source="connect"))
    connect = SourceSettings(kind="amazon_connect_contact_records", path="x", params={"ai_agent_attribute": "bot"})
    found = label(lake, "ai_involvement", "connect", connect=connect)
    assert found.label == "only if configured"
    assert found.reason == "legs.ai_agent is empty: no record has what is named by ai_agent_attribute (now 'bot')"
    assert label(lake, "escalation", "connect", connect=connect).label == "not measurable"


def test_scores_of_another_source_make_the_mood_of_these_calls_known(tmp_path: Path) -> None:
    scores = [
        {"sentiment_id": f"s{i}", "leg_id": f"p{i:03}", "speaker": "customer", "part": "end", "score": -1, "source": "lens"}
        for i in range(10)
    ]
    lake = world(tmp_path, plain(), sentiments=scores)
    found = label(lake, "negative_end")
    assert (found.label, found.reason) == ("partial", "core_interactions.end_score only in 10 of 40 (25 %) interactions")
    lens = label(lake, "negative_end", "lens")
    assert (lens.label, lens.reason) == ("not measurable", "gives no customer interactions of its own")


def test_every_parameter_that_names_an_attribute_says_what_it_fills() -> None:
    links = {"contact_attribute", "conversation_attribute"}  # name what joins a log to its contact: without it nothing lands
    missing = {
        f"{name}: {p}"
        for name, source in CATALOGUE.sources.items()
        for p in source.header.params
        if p.endswith("_attribute") and p not in {*source.header.configured, *links}
    }
    assert missing == set()


# --- what arrived


def test_rows_are_counted_by_column_and_those_of_no_loaded_interaction_apart(tmp_path: Path) -> None:
    surveys = [survey(0, score=5), survey(1), {**survey(2), "leg_id": "elsewhere"}, {**survey(3), "leg_id": None}]
    lake = world(tmp_path, plain(4), survey_responses=surveys)
    legs, answers = landed(measurer(lake).view)
    assert (legs.table, legs.rows, legs.unlinked, legs.columns) == (
        "legs", 4, None, {"leg_id": 4, "channel": 4, "started_at": 4, "ended_at": 4},
    )  # fmt: skip
    assert (answers.table, answers.rows, answers.unlinked) == ("survey_responses", 4, 2)
    assert answers.columns == {"response_id": 4, "leg_id": 3, "score": 1, "scale_max": 4}


def test_sources_prints_labels_with_their_reasons_as_table_json_and_csv(larkfield: Project) -> None:
    told = cx("sources", "--project", str(larkfield.folder), "--metric", "handle_time").stdout
    assert "connect       amazon_connect_contact_records" in told
    assert "handle_time  measured" in told
    lines = json.loads(cx("sources", "--project", str(larkfield.folder), "--json", "--source", "surveys").stdout)
    assert [s["source"] for s in lines["sources"]] == ["surveys"]
    assert {m["label"] for m in lines["metrics"]} == {"not measurable"}
    table = csv.DictReader(io.StringIO(cx("sources", "--project", str(larkfield.folder), "--format", "csv").stdout))
    rows = {(r["metric"], r["source"]): (r["label"], r["reason"]) for r in table}
    assert rows["reopen", "connect"][0] == "not measurable"
    assert rows["asa", "connect"] == ("measured", "")
    assert len(rows) == 6 * len(CATALOGUE.metrics)


def test_an_unknown_metric_or_source_is_refused_with_the_nearest_known(larkfield: Project) -> None:
    assert "did you mean 'connect'" in cx("sources", "--project", str(larkfield.folder), "--source", "conect").stderr
    assert "is no metric" in cx("sources", "--project", str(larkfield.folder), "--metric", "nope").stderr


def test_data_reach_as_far_as_the_newest_row_of_any_table(tmp_path: Path) -> None:
    """A plan reaches into the future: what has not happened yet is no data."""
    events = [{"event_id": "e1", "event_at": at(1), "source": "flow_log"}]
    recordings = [{"recording_id": "r1", "started_at": at(2), "source": "store"}]
    plan = [{"interval_id": f"i{h}", "started_at": at(h), "source": "plan"} for h in (3, 24 * 50)]
    answers = [{"answer_id": "x", "evaluation_id": "y", "version": at(4), "source": "forms"}]
    lake = world(tmp_path, plain(1), events=events, recordings=recordings, staffing=plan, evaluation_answers=answers)
    through = {a.source: a.data_through for a in accounts(measurer(lake).view)}
    assert through == {"flow_log": at(1), "forms": at(4), "plan": at(3), "store": at(2), "world": at(0)}
