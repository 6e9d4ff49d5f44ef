"""Daily counts of a telephone bot, and a shop's procedures, through `kind = "table"`, against figures computed by others.

Of letsgo_ivr_daily's `truth.json` cannot be asked of the lake: `files`, `unparsed`, `date_in_body_differs_from_filename` (about
the mails that the CSV was made from), `n_with_stated_pct`, `stated_pct_disagrees_with_count`, `disagree_sample` (a stated
percentage is no count, and no landed table holds it), `published` (about records that are not in the set).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis.measure import Measurer
from cxreports.lake import view
from tests.real_sets import load, truth_of

Loaded = tuple[Measurer, dict[str, Any]]
# One row per day: what the mail of that day says; NULL where it says nothing.
DAYS = """
    select
        start_on, max(n) filter (where measure = 'sessions') as sessions,
        max(n) filter (where measure = 'no_turn_sessions') as no_turn,
        max(n) filter (where measure = 'sessions_ge4_turns') as ge4, max(n) filter (where measure = 'est_successes') as successes
    from core_period_counts where end_on is null group by start_on
"""
# Days of which one of the two counts is missing, and the sums of the other.
HALF_DAYS = f"""
    select count(*), coalesce(sum(successes), 0)::bigint, coalesce(sum(ge4), 0)::bigint
    from ({DAYS}) where year(start_on) = {{year}} and (successes is null) <> (ge4 is null)
"""
SUMS = "count(*), sum(sessions)::bigint, sum(ge4)::bigint, sum(successes)::bigint, sum(no_turn)::bigint"


@pytest.fixture(scope="module")
def letsgo(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    files = ["daily.csv", "monthly_crosscheck.csv", "system_changes.csv"]
    yield load(shared, "letsgo_ivr_daily", files, tmp_path_factory.mktemp("letsgo")), truth_of(shared, "letsgo_ivr_daily")


@pytest.fixture(scope="module")
def abcd(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    files = ["required_actions.csv", "sample_dialogues.csv", "sample_turns.csv", "extra_text_dialogues.csv"]
    yield load(shared, "abcd_procedures", files, tmp_path_factory.mktemp("abcd")), truth_of(shared, "abcd_procedures")


@pytest.fixture(scope="module")
def bank(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(shared, "bank_calls", ["calls_daily.csv"], tmp_path_factory.mktemp("calls")), truth_of(shared, "bank_calls")


def asked(m: Measurer, sql: str) -> list[tuple[Any, ...]]:
    return m.view.con.execute(sql).fetchall()


def test_every_mail_of_the_telephone_bot_is_loaded(letsgo: Loaded) -> None:
    m, truth = letsgo
    accounts = {a.source: (a.received, a.loaded) for a in view.accounts(m.view)}
    daily = (truth["rows"], truth["rows"])
    assert {accounts[name] for name in ("sessions", "no_turn", "ge4", "successes")} == {daily}
    assert accounts["changelog_calls"] == (75, 75)


def test_the_telephone_bots_days_are_those_counted_elsewhere(letsgo: Loaded) -> None:
    m, truth = letsgo
    found = asked(
        m,
        f"select min(start_on)::varchar, max(start_on)::varchar, count(*), max(start_on) - min(start_on) + 1 from ({DAYS})",
    )
    first, last = truth["span"]
    assert found == [(first, last, truth["rows"], truth["calendar_days"])]
    assert truth["calendar_days"] - truth["rows"] == truth["missing_days"]
    per_day = "select count(*) from core_period_counts where end_on is null group by measure, start_on having count(*) > 1"
    assert len(asked(m, per_day)) == truth["duplicate_dates"]
    assert asked(m, f"select count(*) from ({DAYS}) where successes > ge4") == [(truth["success_gt_ge4"],)]


def test_the_telephone_bots_sums_are_those_counted_elsewhere(letsgo: Loaded) -> None:
    m, truth = letsgo
    t = truth["totals"]
    assert asked(m, f"select {SUMS} from ({DAYS})") == [
        (truth["rows"], t["sessions"], t["sessions_ge4_turns"], t["est_successes"], t["no_turn_sessions"])
    ]
    years = asked(m, f"select year(start_on), {SUMS}, round(sum(successes) / sum(ge4), 4) from ({DAYS}) group by 1 order by 1")
    assert years == [
        (int(year), w["days"], w["sessions"], w["ge4"], w["successes"], w["no_turn"], w["success_rate_of_ge4"])
        for year, w in truth["by_year"].items()
    ]


def test_the_telephone_bots_success_rate_breaks_where_its_definition_changed(letsgo: Loaded) -> None:
    m, truth = letsgo
    months = dict(asked(m, f"select left(start_on::varchar, 7), round(sum(successes) / sum(ge4), 4) from ({DAYS}) group by 1"))
    assert {month: rate for month, rate in months.items() if rate is not None} == truth["monthly_success_rate"]


def test_the_telephone_bots_years_are_measured_as_they_are_counted_elsewhere(letsgo: Loaded) -> None:
    m, truth = letsgo
    for year, w in truth["by_year"].items():
        period = (date(int(year), 1, 1), date(int(year) + 1, 1, 1))
        ((sessions,), (completion,)) = (m.measure(name, [], *period) for name in ("sessions", "completion"))
        assert (sessions.num, sessions.state) == (w["sessions"], "final")
        assert sum(f.num or 0 for f in m.measure("est_successes", [], *period)) == w["successes"]
        ((days, parts, wholes),) = asked(m, HALF_DAYS.format(year=year))
        # The independent rate divides the sums of all days; ours leaves out days of which one of the two counts is missing.
        assert completion.excluded == ({"one of the two counts is missing": days} if days else {})
        assert completion.n == w["ge4"] - wholes
        if completion.state == "insufficient":  # in 2016 there were 25 sessions
            assert completion.n < 30
            continue
        assert completion.num == w["successes"] - parts
        assert days or round(completion.value or 0, 4) == w["success_rate_of_ge4"]


def test_a_part_of_no_known_whole_is_not_measured(letsgo: Loaded) -> None:
    m, truth = letsgo
    first, last = (date.fromisoformat(d) for d in truth["span"])
    ((found,)) = m.measure("reported_share", [], first, last)  # the metric itself names no counts; only its variants do
    assert (found.n, found.value, found.state) == (0, None, "insufficient")


def test_the_banks_calls_are_measured_as_they_are_counted_elsewhere(bank: Loaded) -> None:
    m, truth = bank
    first, last = date(2003, 3, 3), date(2003, 10, 25)
    (total,) = m.measure("reported_count", [], first, last)
    assert (total.n, total.num, total.state) == (truth["days"], truth["total_calls"], "final")
    weeks = {f"{f.period_start:%G-W%V}": (f.n, f.num) for f in m.measure("reported_count", ["week"], first, last)}
    assert weeks == {week: (w["days"], w["calls"]) for week, w in truth["per_iso_week"].items()}
    days = defaultdict(list)
    for f in m.measure("reported_count", ["day"], first, last):
        days[f"{f.period_start:%a}"].append(f.num or 0)
    assert {day: round(sum(n) / len(n), 2) for day, n in days.items()} == truth["mean_daily_by_weekday"]


def test_the_telephone_bots_week_is_busiest_on_saturday(letsgo: Loaded) -> None:
    m, truth = letsgo
    days = asked(m, f"select left(dayname(start_on), 3), round(avg(sessions), 2) from ({DAYS}) group by 1")
    assert dict(days) == truth["mean_sessions_by_weekday"]


def test_a_change_on_the_thirtieth_of_february_is_quarantined_and_the_others_are_releases(letsgo: Loaded) -> None:
    m, truth = letsgo
    (account,) = [a for a in view.accounts(m.view) if a.source == "changes"]
    assert account.received == truth["system_changes"]["rows"]
    assert (account.loaded, account.quarantined) == (truth["system_changes"]["dated"] - 1, 1)
    ((record),) = view.quarantine(m.view)
    assert (record["position"], record["reason"]) == (130, "column released_at: no time")
    assert asked(m, "select count(*), max(released_at)::date::varchar from core_releases") == [(185, "2102-10-18")]


def test_the_change_log_and_the_mails_count_differently(letsgo: Loaded) -> None:
    m, truth = letsgo
    found = asked(
        m,
        f"""
        with
        logged as (  -- five months stand there twice; the independent figures count the mails of such a month twice, too
            select start_on as month_on, n from core_period_counts where measure = 'changelog_calls'
        ),
        mailed as (select date_trunc('month', start_on) as month_on, sum(sessions) as n from ({DAYS}) group by 1)
        select count(*), sum(logged.n)::bigint, sum(mailed.n)::bigint from logged join mailed using (month_on)
        """,
    )
    w = truth["monthly_crosscheck"]
    assert found == [(w["months_in_both"], w["changelog_calls"], w["daily_report_sessions"])]


def test_the_shops_procedures_are_those_counted_elsewhere(abcd: Loaded) -> None:
    m, truth = abcd
    found = asked(
        m,
        """
        with lengths as (select procedure, count(*) as n from core_procedure_steps group by procedure)
        select count(*), sum(n)::bigint, min(n), max(n) from lengths
        """,
    )
    assert found == [(truth["subflows"], truth["required_rows"], truth["min_len"], truth["max_len"])]
    used = dict(asked(m, "select name, count(*) from core_procedure_steps group by name"))
    assert (len(used), used) == (truth["distinct_actions"], truth["action_use"])


def test_eight_procedures_change_something_before_they_ask_who_it_is(abcd: Loaded) -> None:
    m, truth = abcd
    found = asked(
        m,
        """
        select
            procedure,
            coalesce(
                min(step_seq) filter (where name = 'verify-identity')
                    < min(step_seq) filter (where name in ('update-account', 'update-order')),
                false
            )
        from core_procedure_steps group by procedure having count(*) filter (where name in ('update-account', 'update-order')) > 0
        """,
    )
    assert dict(found) == truth["identity_before_change"]


def test_the_shops_dialogues_are_held_against_their_procedures(abcd: Loaded) -> None:
    m, truth = abcd
    for sample in truth["sample"]:
        leg = str(sample["convo_id"])
        (about,) = asked(m, f"select queue, intent, journey from core_legs where leg_id = '{leg}'")
        assert about == (sample["flow"], sample["subflow"], sample["kb_key"])
        required = [
            n for (n,) in asked(m, f"select name from core_procedure_steps where procedure = '{about[2]}' order by step_seq")
        ]
        done = [n for (n,) in asked(m, f"select name from core_events where leg_id = '{leg}' order by event_seq")]
        assert ("|".join(required), "|".join(done)) == (sample["required"], sample["performed"])
        left = iter(done)
        assert len(required) == sample["n_required"]
        assert sum(name in done for name in required) == sample["n_required_performed"]
        assert all(name in done for name in required) == sample["all_performed"]
        assert all(name in left for name in required) == sample["all_in_order"]


def test_the_shops_dialogues_conform_to_their_procedures_as_counted_elsewhere(abcd: Loaded) -> None:
    m, truth = abcd
    for sample in truth["sample"]:
        steps = asked(
            m,
            f"""select count(*), count(*) filter (where state = 'pass'), count(*) filter (where not is_in_order)
                from out_journey_steps where interaction_id = '{sample["convo_id"]}'""",
        )
        assert steps == [(sample["n_required"], sample["n_required_performed"], 0)]
    (found,) = m.measure("as_asked", [], date(2020, 1, 1), date(2020, 1, 2))
    assert (found.n, found.excluded) == (len(truth["sample"]), {})
    units = m.units("as_asked")
    whole = {leg for (leg,) in asked(m, f"select split_part(unit_id, ' ', 2) from {units} where num = 1")}
    assert whole == {str(s["convo_id"]) for s in truth["sample"] if s["all_performed"] and s["all_in_order"]}


def test_the_shops_other_dialogues_are_loaded_with_their_words(abcd: Loaded) -> None:
    m, truth = abcd
    extra = "source like 'more%'"
    assert asked(m, f"select count(*) from core_legs where {extra}") == [(truth["extra_text_dialogues"],)]
    assert asked(m, f"select count(distinct leg_id) from core_turns where {extra}") == [(truth["extra_text_dialogues"],)]
