"""Two sets of bot dialogues through `kind = "table"`, against figures computed by others. Neither gives times or real customers.

Of `truth.json` cannot be asked of the lake: of sgd_bot `files_listed` and `files_present` (how many files of the original were at
hand); of tau_airline_bot nothing (`pass_k_published_readme` is what its makers printed: it is held against our own).
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measure import Measurer
from cxreports.lake import view
from tests.real_sets import load, truth_of

Loaded = tuple[Measurer, dict[str, Any]]
DAY_OF_TAU = (date(2024, 5, 15), date(2024, 5, 16))
DAY_OF_SGD = (date(2020, 1, 1), date(2020, 1, 2))


@pytest.fixture(scope="module")
def tau(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    files = ["dialogues.parquet", "turns.parquet", "required_actions.parquet"]
    yield load(shared, "tau_airline_bot", files, tmp_path_factory.mktemp("tau")), truth_of(shared, "tau_airline_bot")


@pytest.fixture(scope="module")
def sgd(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    files = ["dialogues.parquet", "turns.parquet"]
    yield load(shared, "sgd_bot", files, tmp_path_factory.mktemp("sgd")), truth_of(shared, "sgd_bot")


def asked(m: Measurer, sql: str) -> list[tuple[Any, ...]]:
    return m.view.con.execute(sql).fetchall()


def number(m: Measurer, sql: str) -> Any:
    ((value,),) = asked(m, sql)
    return value


def received_and_loaded(m: Measurer) -> dict[str, tuple[int, int]]:
    return {a.source: (a.received, a.loaded) for a in view.accounts(m.view)}


def test_every_record_of_the_airlines_bot_is_loaded(tau: Loaded) -> None:
    m, truth = tau
    dialogues, turns, steps = truth["dialogues"], truth["turn_rows"], truth["required_actions"]
    assert received_and_loaded(m) == {
        "dialogues": (dialogues, dialogues), "tests": (dialogues, dialogues), "turns": (turns, turns), "tools": (turns, turns),
        "steps_exact": (steps, steps), "steps_by_name": (steps, steps), "procedures": (steps, steps),
    }  # fmt: skip
    assert number(m, "select count(*) from core_turns") == turns
    assert asked(m, "select count(distinct test), max(attempt), count(*) from core_synthetic_runs") == [
        (truth["tasks"], truth["trials"], dialogues)
    ]


def test_the_airlines_bot_contained_and_handed_over_what_others_counted(tau: Loaded) -> None:
    m, truth = tau
    (contained,) = m.measure("gross_containment", [], *DAY_OF_TAU)
    assert (contained.n, contained.num) == (truth["dialogues"], truth["contained"])
    (handed_over,) = m.measure("escalation", [], *DAY_OF_TAU)
    assert (handed_over.n, handed_over.num) == (truth["dialogues"], truth["transferred"])


def test_the_airlines_bot_tried_and_made_as_many_handoffs_as_others_counted(tau: Loaded) -> None:
    m, truth = tau
    (tried,) = m.measure("handoff_attempted", [], *DAY_OF_TAU)
    (connected,) = m.measure("handoff_connected", [], *DAY_OF_TAU)
    assert (tried.num, tried.den) == (truth["transferred"], truth["dialogues"])
    assert (connected.num, connected.den) == (truth["transferred"], truth["transferred"])


def test_of_the_airlines_customers_requests_for_a_person_are_found_as_read_by_hand(tau: Loaded) -> None:
    m, _ = tau  # each in a dialogue of its own; two of the messages only speak of calling a person
    sql = "select count(*), sum(n_requests)::bigint from out_handoffs where is_asked_for"
    assert asked(m, sql) == [(35, 35)]


def test_what_the_airlines_bot_contained_was_mostly_not_resolved(tau: Loaded) -> None:
    m, truth = tau
    (resolved,) = m.measure("resolved", [], *DAY_OF_TAU)
    assert (resolved.n, resolved.num) == (truth["dialogues"], truth["resolved"])
    found = {f.by["handler"]: [f.num, f.n] for f in m.measure("resolved", ["handler"], *DAY_OF_TAU)}
    assert found == {
        "ai_only": truth["resolved_given_contained"],
        "ai_then_human": truth["resolved_given_transferred"],
    }


def test_the_airlines_bot_passes_a_task_k_times_as_often_as_its_makers_say(tau: Loaded) -> None:
    m, truth = tau
    passed = asked(m, "select count(*) filter (where status = 'passed'), count(*) from core_synthetic_runs group by test")
    for k, wanted in truth["pass_k_computed"].items():
        # pass^k: the chance that k of a task's n trials, drawn without putting back, all passed; averaged over the tasks.
        share = sum(_ways(c, int(k)) / _ways(n, int(k)) for c, n in passed) / len(passed)
        assert round(share, 4) == wanted
        assert round(share, 3) == truth["pass_k_published_readme"][k]
    trials = asked(m, "select attempt - 1, count(*) from core_synthetic_runs where status = 'passed' group by attempt")
    assert {str(t): n for t, n in trials} == truth["per_trial_resolved"]


def _ways(n: int, k: int) -> int:
    """Ways to choose k of n."""
    ways = 1
    for i in range(k):
        ways = ways * (n - i) // (i + 1)
    return ways


# Tools of the airline that change a booking; the others only look things up, compute or hand over.
WRITES = """('book_reservation', 'update_reservation_flights', 'update_reservation_baggages', 'cancel_reservation',
    'send_certificate', 'update_reservation_passengers')"""


def test_the_airlines_bot_wrote_without_looking_the_customer_up(tau: Loaded) -> None:
    m, truth = tau
    assert (
        dict(asked(m, f"select name, count(*) from core_events where name in {WRITES} group by name")) == truth["writes_by_tool"]
    )
    found = asked(
        m,
        f"""
        with
        firsts as (
            select
                leg_id, min(event_seq) filter (where name in {WRITES}) as write_no,
                min(event_seq) filter (where name = 'get_user_details') as look_up_no
            from core_events group by leg_id
        )
        select count(*), count(*) filter (where look_up_no is null or look_up_no > write_no)
        from firsts where write_no is not null
        """,
    )
    assert found == [(truth["dialogues_with_write"], truth["write_without_prior_get_user_details"])]


def test_the_airlines_bot_did_the_required_steps_that_others_counted(tau: Loaded) -> None:
    m, truth = tau
    steps = asked(
        m, "select source, count(*), count(*) filter (where status = 'passed') from core_synthetic_steps group by source"
    )
    assert {source: (n, passed) for source, n, passed in steps} == {
        "steps_exact": (truth["required_actions"], truth["required_performed_exact"]),
        "steps_by_name": (truth["required_actions"], truth["required_performed_by_name"]),
    }


def test_all_steps_done_and_resolved_are_two_things(tau: Loaded) -> None:
    m, truth = tau
    found = asked(
        m,
        """
        with
        judged as (  -- a dialogue without required steps did all of them
            select i.interaction_id, i.is_goal_completed, count(s.step_id) filter (where s.status = 'failed') = 0 as is_done
            from core_interactions as i
            left join core_synthetic_steps as s on s.run_id = i.interaction_id and s.source = 'steps_exact'
            group by all
        )
        select
            count(*) filter (where is_done), count(*) filter (where is_goal_completed and not is_done),
            count(*) filter (where is_done and not is_goal_completed)
        from judged
        """,
    )
    assert found == [
        (truth["all_required_exact"], truth["resolved_but_not_all_required"], truth["all_required_but_not_resolved"])
    ]


def test_required_steps_in_order_are_found_among_the_tools_used(tau: Loaded) -> None:
    m, truth = tau
    required = "select run_id, name from core_synthetic_steps where source = 'steps_by_name' order by run_id, step_seq"
    wanted: dict[str, list[str]] = {}
    for dialogue, name in asked(m, required):
        wanted.setdefault(dialogue, []).append(name)
    done: dict[str, list[str]] = {d: [] for (d,) in asked(m, "select interaction_id from core_interactions")}
    for dialogue, name in asked(m, "select leg_id, name from core_events order by leg_id, event_seq"):
        done[dialogue].append(name)
    in_order = 0
    for dialogue, tools in done.items():
        left = iter(tools)
        in_order += all(name in left for name in wanted.get(dialogue, []))
    assert in_order == truth["all_required_by_name_in_order"]


def test_the_airlines_bot_conforms_to_its_tasks_as_often_as_counted_elsewhere(tau: Loaded) -> None:
    m, truth = tau
    (done,) = m.measure("tasks_completed", [], *DAY_OF_TAU)
    assert (done.n, done.num) == (truth["dialogues"], truth["resolved"])
    (whole,) = m.measure("tasks_as_asked", [], *DAY_OF_TAU)
    nothing_asked = whole.excluded["no step applies"]  # a task that asks for nothing is done as asked, to those who counted
    assert (whole.num + nothing_asked, whole.n + nothing_asked) == (truth["all_required_by_name_in_order"], truth["dialogues"])
    (steps,) = m.measure("steps_taken", [], *DAY_OF_TAU)
    assert steps.n == truth["required_actions"]
    # Where a task asks twice for the same tool, one use is one step to us, and both to those who counted.
    assert number(m, "select count(*) from out_journey_steps where n_tries > 0") == truth["required_performed_by_name"]
    assert number(m, "select count(*) from out_journey_steps where failed_as = 'missing' and n_tries > 0") == 35
    assert steps.num == truth["required_performed_by_name"] - 35 - 6  # six were used in another order


def test_every_dialogue_and_turn_of_the_assistant_is_loaded(sgd: Loaded) -> None:
    m, truth = sgd
    dialogues, turns = truth["dialogues"], truth["turns"]
    assert received_and_loaded(m) == {"dialogues": (dialogues, dialogues), "turns": (turns, turns), "acts": (turns, turns)}
    assert number(m, "select count(distinct leg_id) from core_legs") == truth["unique_ids"]
    assert asked(m, "select count(*), count(distinct turn_id), count(distinct leg_id) from core_turns") == [
        (turns, turns, dialogues)
    ]


def test_the_assistants_dialogues_per_part_of_the_set_are_those_counted_elsewhere(sgd: Loaded) -> None:
    m, truth = sgd
    assert {f.by["segment"]: f.n for f in m.measure("interactions", ["segment"], *DAY_OF_SGD)} == truth["per_split"]


def test_the_assistants_acts_are_those_counted_elsewhere(sgd: Loaded) -> None:
    m, truth = sgd
    acts = dict(asked(m, "select a, count(*) from (select unnest(string_split(name, '|')) as a from core_events) group by a"))
    assert acts == truth["acts"]
    assert (acts["NOTIFY_SUCCESS"], acts["NOTIFY_FAILURE"]) == (truth["notify_success"], truth["notify_failure"])
    rate = acts["NOTIFY_SUCCESS"] / (acts["NOTIFY_SUCCESS"] + acts["NOTIFY_FAILURE"])
    assert round(rate, 6) == truth["transaction_success_rate"]


def test_the_assistants_failed_transactions_are_those_counted_elsewhere(sgd: Loaded) -> None:
    m, truth = sgd
    found = asked(
        m,
        """
        select
            count(*) filter (where is_goal_completed or is_ai_failed), count(*) filter (where is_ai_failed),
            count(*) filter (where is_ai_failed and not is_goal_completed)
        from core_interactions
        """,
    )
    assert found == [
        (
            truth["dialogues_with_transaction"],
            truth["dialogues_with_any_failure"],
            truth["dialogues_failure_then_none_succeeded"],
        )
    ]
    outcomes = dict(asked(m, "select ai_outcome, count(*) from out_ai group by ai_outcome"))
    assert outcomes["failed"] == truth["dialogues_with_any_failure"]
    assert outcomes["goal_completed"] == truth["dialogues_with_transaction"] - truth["dialogues_with_any_failure"]


def test_the_assistants_journeys_complete_as_often_as_a_transaction_succeeded(sgd: Loaded) -> None:
    m, truth = sgd
    (found,) = m.measure("transactions_done", [], *DAY_OF_SGD)
    assert found.n == truth["dialogues"]
    assert found.num == truth["dialogues_with_transaction"] - truth["dialogues_failure_then_none_succeeded"]
    assert asked(m, "select sum(n_retries)::bigint, max(n_interactions) from out_journey_runs") == [(0, 1)]
