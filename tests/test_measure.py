"""How far a figure can be believed, where its period begins and ends, and that its parts add up to it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.definitions.resources import resource_dir
from cxreports.errors import DefinitionError, LakeError, QuestionError
from cxreports.lake import view
from cxreports.lake.write import Basis
from cxreports.settings import ProjectSettings, Settings, SourceSettings, VariantSettings
from tests.worlds import CATALOGUE, PARAMS, Lake, at, deliver, everything, leg, look

DAY = (date(2025, 3, 3), date(2025, 3, 4))
LONG_AFTER = at(24 * 60)


def world(folder: Path, legs: Sequence[Mapping[str, Any]], day: int = 40, **others: Sequence[Mapping[str, Any]]) -> Lake:
    lake = Lake(folder)
    deliver(lake, day, legs, **others)
    return lake


def measurer(
    lake: Lake,
    as_of: datetime = LONG_AFTER,
    zone: str = "Europe/London",
    catalogue: Catalogue = CATALOGUE,
    params: Mapping[str, Any] = PARAMS,
    settle_days: int = 1,
    **settings: Any,
) -> Measurer:
    params = {**params, "timezone": zone}
    project = ProjectSettings(name="world", timezone=zone, settle_days=settle_days)
    opened = look(lake, as_of, Basis(catalogue, params, ()))
    return Measurer(opened, catalogue, Settings(project=project, **settings), params)


def one(m: Measurer, metric: str, start: date = DAY[0], end: date = DAY[1]) -> Measurement:
    (found,) = m.measure(metric, [], start, end)
    return found


def calls(n: int, hours: float = 0, prefix: str = "a", **more: Any) -> list[dict[str, Any]]:
    """So many calls of as many customers, a second apart."""
    return [leg(f"{prefix}{i:03}", hours + i / 3600, account_key=f"k_{prefix}{i}", intent="billing", **more) for i in range(n)]


LATER = leg("later", 24 * 9, account_key="k_later", intent="outage")


# --- states


@pytest.mark.parametrize(
    ("n", "waiting", "state", "reason", "is_shown"),
    [
        (0, 5, "provisional", "none of 5 interactions has its 7-day window behind it", False),
        (5, 0, "insufficient", "fewer than 10 interactions", False),
        (5, 5, "insufficient", "fewer than 10 interactions", False),
        (9, 0, "insufficient", "fewer than 10 interactions", False),
        (10, 0, "insufficient", "fewer than 30 interactions", True),
        (29, 40, "insufficient", "fewer than 30 interactions", True),
        (30, 0, "final", "", True),
        (30, 1, "provisional", "the 7-day window of 1 interactions has not elapsed", True),
    ],
)
def test_too_few_come_before_too_early(tmp_path: Path, n: int, waiting: int, state: str, reason: str, is_shown: bool) -> None:
    """Those of the morning have their window behind them when the data ends; those of the afternoon have not."""
    end = leg("end", 24 * 7 + 2, account_key="k_end")
    lake = world(tmp_path, [*calls(n, 0, "a"), *calls(waiting, 4, "w"), end], day=8)
    found = one(measurer(lake, at(24 * 8)), "repeat_trigger")
    assert (found.state, found.reason, found.value is not None) == (state, reason, is_shown)
    assert (found.n, found.excluded) == (n, {"window not elapsed": waiting} if waiting else {})


def test_what_no_source_says_is_not_computable_and_never_0(tmp_path: Path) -> None:
    found = one(measurer(world(tmp_path, calls(40))), "gross_containment")
    assert (found.state, found.reason) == ("not_computable", "no source says where an AI agent took part")
    assert (found.value, found.num, found.den, found.n) == (None, None, None, 0)


def test_not_computable_comes_before_all_else(tmp_path: Path) -> None:
    m = measurer(world(tmp_path, calls(3)), at(1))
    assert one(m, "csat").state == "not_computable"


@pytest.mark.parametrize(("as_of", "state"), [("2025-03-31 22:59:58", "provisional"), ("2025-03-31 22:59:59", "final")])
def test_a_day_of_23_hours_is_final_on_the_last_second_of_its_settling_day(tmp_path: Path, as_of: str, state: str) -> None:
    """30 March 2025 ends at 23:00 UTC, and so does its one settling day, in summer time."""
    legs = [*calls(40, 24 * 27), leg("end", 24 * 27 + 5)]
    lake = world(tmp_path, legs, day=28)
    m = measurer(lake, datetime.fromisoformat(f"{as_of}+00:00"))
    found = one(m, "interactions", date(2025, 3, 30), date(2025, 3, 31))
    assert (found.state, found.reason) == (state, "" if state == "final" else "late data is expected until 1 Apr 2025")


def test_data_that_stops_short_of_the_period_leaves_it_provisional_and_names_the_source(tmp_path: Path) -> None:
    lake = world(tmp_path, [*calls(40), leg("c", 24 * 8, source="chat")])
    found = one(measurer(lake), "interactions", date(2025, 3, 3), date(2025, 3, 10))
    assert found.state == "provisional"
    assert found.reason == "data reaches only to 3 Mar 2025 10:00; world has sent no interaction since 3 Mar 2025"


def test_days_before_the_data_are_not_computable_and_a_count_that_begins_within_is_provisional(tmp_path: Path) -> None:
    m = measurer(world(tmp_path, [*calls(40), LATER]))
    before = one(m, "interactions", date(2025, 2, 24), date(2025, 3, 3))
    assert (before.state, before.reason, before.value) == ("not_computable", "data begins only on 3 Mar 2025", None)
    across = one(m, "interactions", date(2025, 3, 1), date(2025, 3, 8))
    assert (across.state, across.reason, across.num) == ("provisional", "data begins only on 3 Mar 2025", 40)


def test_an_empty_period_is_no_calls_and_an_unknown_share(tmp_path: Path) -> None:
    m = measurer(world(tmp_path, [*calls(40, answered_at=at(0)), LATER]))
    none = one(m, "interactions", date(2025, 3, 6), date(2025, 3, 7))
    assert (none.state, none.value, none.low, round(none.high or 0, 2)) == ("final", 0.0, 0.0, 3.69)
    share = one(m, "answer_rate", date(2025, 3, 6), date(2025, 3, 7))
    assert (share.state, share.value, share.n) == ("insufficient", None, 0)
    assert m.measure("interactions", ["channel"], date(2025, 3, 6), date(2025, 3, 7)) == []
    with pytest.raises(QuestionError, match="has no day"):
        m.measure("interactions", [], DAY[0], DAY[0])


def test_a_matrix_with_immature_cells_is_provisional_in_every_cell(tmp_path: Path) -> None:
    bots = calls(40, 0, ai_agent="bot", end_score=0)
    lake = world(tmp_path, [*bots, leg("end", 24 * 6, answered_at=at(24 * 6))], day=7)
    early = measurer(lake, at(24 * 7)).measure("containment_quality", [], *DAY)
    assert {(f.by["cell"], f.num, f.state) for f in early} == {("immature", 40, "provisional")}
    assert early[0].reason == "the 7-day window of 40 interactions has not elapsed"
    deliver(lake, 9, [LATER])
    late = measurer(lake, at(24 * 12)).measure("containment_quality", [], *DAY)
    assert {(f.by["cell"], f.num, f.state) for f in late} == {("healthy", 40, "final")}


# --- how far the data reaches


@pytest.mark.parametrize(("hours", "n"), [(7 * 24, 1), (7 * 24 - 1 / 3600, 0)])
def test_a_window_has_elapsed_when_the_data_reaches_its_last_second(tmp_path: Path, hours: float, n: int) -> None:
    lake = world(tmp_path, [leg("a", 0, account_key="k_1"), leg("end", hours, account_key="k_2")])
    found = one(measurer(lake), "repeat_trigger")
    assert found.n == n and sum(found.excluded.values()) == 1 - n


@pytest.mark.parametrize(("hours", "num"), [(7 * 24, 1), (7 * 24 + 1 / 3600, 0)])
def test_a_return_counts_up_to_the_last_second_of_the_window(tmp_path: Path, hours: float, num: int) -> None:
    lake = world(tmp_path, [*calls(12), leg("b", hours, account_key="k_a0", intent="billing"), LATER])
    assert one(measurer(lake), "repeat_trigger").num == num


def test_a_start_in_the_future_lets_no_window_elapse(tmp_path: Path) -> None:
    """A clock set to 2031, and one that is a month ahead of the delivery: neither says that the data reaches so far."""
    lake = world(tmp_path, [*calls(40), leg("x", 24 * 365 * 6), leg("y", 24 * 33)], day=2)
    for as_of in (at(24 * 3), at(24 * 59)):
        m = measurer(lake, as_of)
        assert m.observed_until == at(39 / 3600)
        assert one(m, "repeat_trigger").state == "provisional"
    (account,) = view.accounts(m.view)
    assert account.data_through == at(39 / 3600)


def test_a_source_that_ended_holds_windows_back_until_the_settings_say_so(tmp_path: Path) -> None:
    lake = world(tmp_path, [*calls(40, 24), leg("old", 0, source="old_chat"), leg("z", 24 * 30)])
    held = one(measurer(lake), "repeat_trigger", date(2025, 3, 4), date(2025, 3, 5))
    assert held.state == "provisional"
    assert held.reason.endswith("; old_chat has sent no interaction since 3 Mar 2025")
    ended = {"old_chat": SourceSettings(kind="table", path="x", ended=date(2025, 3, 3))}
    freed = one(measurer(lake, sources=ended), "repeat_trigger", date(2025, 3, 4), date(2025, 3, 5))
    assert (freed.state, freed.n) == ("final", 40)
    still = {"old_chat": SourceSettings(kind="table", path="x", ended=LONG_AFTER.date())}
    assert one(measurer(lake, sources=still), "repeat_trigger", date(2025, 3, 4), date(2025, 3, 5)).state == "provisional"


def test_a_source_that_is_added_later_takes_no_figure_of_the_time_before_it(tmp_path: Path) -> None:
    lake = world(tmp_path, [*calls(40, 24 * 8), leg("first", 0), LATER, leg("z", 24 * 35)])
    days = (date(2025, 3, 11), date(2025, 3, 12))
    before = one(measurer(lake), "fcr_repeat", *days)
    assert (before.n, before.state) == (40, "final")
    deliver(lake, 41, [leg(f"n{i}", 24 * 30 + i, source="chat", account_key=f"k_n{i}") for i in range(40)])
    after = one(measurer(lake), "fcr_repeat", *days)
    assert (after.n, after.num, after.state) == (before.n, before.num, "final")
    young = one(measurer(lake), "fcr_repeat", date(2025, 4, 2), date(2025, 4, 3))
    assert set(young.excluded) >= {"history too short"} and young.n == 0


# --- what adds up


def mixed(n: int = 400) -> list[dict[str, Any]]:
    """Calls and chats of three weeks, some answered, some lost, some without a queue's name, a few tests."""
    legs = []
    for i in range(n):
        started = i * 1.27
        legs.append(
            leg(
                f"m{i:03}", started, account_key=f"k_{i % 150}", intent=["billing", "outage", None][i % 3],
                channel=["voice", "chat", "email"][i % 5 % 3], queue=["cards", None][i % 2],
                region=["north", "south", None][i % 3],
                enqueued_at=at(started) if i % 4 else None, answered_at=at(started) if i % 3 else None,
                wait_ms=[0, 4999, 5000, 20000, 20001, None, -1][i % 7], talk_ms=1000 * i, is_test=i % 50 == 0,
                ai_agent=["bot", None][i % 2], end_score=[None, 0, -1][i % 3], is_callback_requested=i % 37 == 0,
            )
        )  # fmt: skip
    return legs


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    surveys = [
        {"response_id": f"s{i}", "leg_id": f"m{i:03}", "score": [None, 1, 5, 9][i % 4], "scale_max": 5} for i in range(200)
    ]
    return measurer(world(tmp_path_factory.mktemp("busy"), mixed(), survey_responses=surveys))


MONTH = (date(2025, 3, 1), date(2025, 4, 1))


HEADERS = {name: CATALOGUE.header(name, {}) for name in CATALOGUE.names({})}
OFFERED = {name: [*h.breakdowns, *([] if h.is_level else ["day", "week"])] for name, h in HEADERS.items()}


@pytest.mark.parametrize(
    ("by", "name"), [(b, n) for b in ("queue", "region", "day", "week", "new_or_repeat") for n in OFFERED if b in OFFERED[n]]
)
def test_the_groups_of_every_metric_add_up_to_the_whole(busy: Measurer, name: str, by: str) -> None:
    whole, groups = busy.measure(name, [], *MONTH), busy.measure(name, [by], *MONTH)
    assert sum(f.n for f in groups) == sum(f.n for f in whole)
    assert sum(sum(f.excluded.values()) for f in groups) == sum(sum(f.excluded.values()) for f in whole)


@pytest.mark.parametrize("name", CATALOGUE.names({}))
def test_counted_and_left_out_are_the_population(busy: Measurer, name: str) -> None:
    if found := [f for f in busy.measure(name, [], *MONTH) if f.state != "not_computable"]:
        total = busy.view.con.execute(f"select count(*) from {busy.units(name)}").fetchall()[0][0]
        assert sum(f.n + sum(f.excluded.values()) for f in found) == total


def test_a_composition_adds_up_to_one_in_every_group(busy: Measurer) -> None:
    for by in ([], ["channel"], ["week", "region"]):
        wholes: dict[Any, list[Measurement]] = {}
        for f in busy.measure("containment_quality", by, *MONTH):
            key = (f.period_start, *(v for k, v in f.by.items() if k != "cell"))
            wholes.setdefault(key, []).append(f)
        for found in wholes.values():
            assert len({f.den for f in found}) == 1
            if found[0].den is not None:
                assert sum(int(f.num or 0) for f in found) == found[0].den
                assert sum(f.value or 0 for f in found) == pytest.approx(1.0)


def test_parts_of_a_whole_and_percentiles_allow_for_customers_with_many_interactions(tmp_path: Path) -> None:
    """Six customers with five calls each, of one wait and one end: thirty calls that say little more than six."""
    legs = [
        leg(f"c{c}{i}", c + i / 60, account_key=f"k{c}", ai_agent="bot", enqueued_at=at(c + i / 60), wait_ms=1000 * (c + 1),
            answered_at=at(c + i / 60) if c < 3 else None, escalation_reason="failure" if c < 3 else None)
        for c in range(6) for i in range(5)
    ]  # fmt: skip
    alone = [x | {"account_key": f"k{x['leg_id']}"} for x in legs]
    for metric in ("escalation_cause", "wait"):
        shared, free = (measurer(world(tmp_path / f"{metric}{n}", [*x, LATER])) for n, x in enumerate((legs, alone)))
        for together, apart in zip(shared.measure(metric, [], *DAY), free.measure(metric, [], *DAY), strict=True):
            assert (together.num, together.den, together.value) == (apart.num, apart.den, apart.value)
            ends = [(f.low if f.low is not None else 0.0, f.high if f.high is not None else 1e9) for f in (together, apart)]
            assert ends[0][0] < ends[1][0] and ends[0][1] > ends[1][1], metric


def test_what_is_not_given_is_a_group_of_its_own(busy: Measurer) -> None:
    found = {f.by["region"]: f.n for f in busy.measure("interactions", ["region"], *MONTH)}
    assert set(found) == {"north", "south", "not given"}


# --- days and weeks


@pytest.mark.parametrize(
    ("zone", "instant", "day", "week"),
    [
        ("Europe/London", "2025-10-26 00:30", "2025-10-26", "2025-10-20"),  # first 01:30 of a night of 25 hours
        ("Europe/London", "2025-10-26 01:30", "2025-10-26", "2025-10-20"),  # the second
        ("Europe/London", "2025-10-26 23:59:59", "2025-10-26", "2025-10-20"),
        ("Europe/London", "2025-10-27 00:00", "2025-10-27", "2025-10-27"),
        ("Europe/London", "2025-06-01 22:59:59", "2025-06-01", "2025-05-26"),
        ("Europe/London", "2025-06-01 23:00", "2025-06-02", "2025-06-02"),
        ("America/New_York", "2025-01-01 04:59:59", "2024-12-31", "2024-12-30"),
        ("America/New_York", "2025-01-01 05:00", "2025-01-01", "2024-12-30"),
        ("Pacific/Auckland", "2024-12-29 10:59:59", "2024-12-29", "2024-12-23"),
        ("Pacific/Auckland", "2024-12-29 11:00", "2024-12-30", "2024-12-30"),
        ("Pacific/Chatham", "2024-12-31 10:15", "2025-01-01", "2024-12-30"),  # 13:45 ahead of UTC
        ("Asia/Kathmandu", "2026-12-31 18:14:59", "2026-12-31", "2026-12-28"),
        ("Asia/Kathmandu", "2026-12-31 18:15", "2027-01-01", "2026-12-28"),  # week 53
    ],
)
def test_an_interaction_counts_on_its_local_day_and_iso_week(
    tmp_path: Path, zone: str, instant: str, day: str, week: str
) -> None:
    started = datetime.fromisoformat(f"{instant}+00:00")
    lake = world(tmp_path, [{"leg_id": "a", "started_at": started, "ended_at": started, "channel": "voice"}], day=1000)
    m = measurer(lake, at(24 * 1000), zone)
    years = (date(2024, 1, 1), date(2028, 1, 1))
    assert [str(f.period_start) for f in m.measure("interactions", ["day"], *years)] == [day]
    (found,) = m.measure("interactions", ["week"], *years)
    assert (str(found.period_start), found.period_end - found.period_start) == (week, timedelta(days=7))
    assert started.astimezone(ZoneInfo(zone)).date().isoformat() == day


def test_a_week_that_was_asked_for_in_part_says_so(busy: Measurer) -> None:
    found = busy.measure("interactions", ["week"], date(2025, 3, 5), date(2025, 3, 12))
    assert [(f.period_start, f.period_end) for f in found] == [
        (date(2025, 3, 5), date(2025, 3, 10)), (date(2025, 3, 10), date(2025, 3, 12)),
    ]  # fmt: skip


# --- parameters and a project's own files


def test_a_variants_parameter_comes_before_the_projects_and_that_before_the_metrics(tmp_path: Path) -> None:
    m = measurer(
        world(tmp_path, calls(1)), params={**PARAMS, "window_hours": 100},
        variants={"own": VariantSettings(metric="repeat_trigger", **{"window_hours": 24})},
    )  # fmt: skip
    assert m.params_of("asa")["population"] == "answered"
    assert m.params_of("repeat_trigger")["window_hours"] == 100
    assert m.params_of("own")["window_hours"] == 24


def test_a_parameter_that_a_variant_cannot_change_is_refused_and_not_ignored(tmp_path: Path) -> None:
    variants = {"vc_3": VariantSettings(metric="verified_containment", **{"window_days": 3})}
    with pytest.raises(QuestionError, match="window_days of verified_containment is the same for the whole project"):
        measurer(world(tmp_path, calls(1)), variants=variants).params_of("vc_3")


def own_metric(folder: Path, name: str, *changes: tuple[str, str]) -> Catalogue:
    """The catalogue of a project with its own version of the metric `answer_rate` under that name."""
    text = (resource_dir("sql") / "metrics" / "answer_rate.sql").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "sql" / "metrics").mkdir(parents=True, exist_ok=True)
    (folder / "sql" / "metrics" / f"{name}.sql").write_text(text)
    return read_catalogue(folder)


def test_a_project_adds_a_metric_and_replaces_one_of_ours(tmp_path: Path) -> None:
    lake = world(tmp_path / "lake", [*calls(40, answered_at=at(0)), *calls(10, 1, "b"), LATER])
    added = own_metric(tmp_path / "p1", "lost_rate", ("when i.is_answered then 1 else 0", "when i.is_answered then 0 else 1"))
    assert one(measurer(lake, catalogue=added), "lost_rate").num == 10
    assert one(measurer(lake, catalogue=added), "answer_rate").num == 40
    replaced = own_metric(
        tmp_path / "p2", "answer_rate", ("when i.is_answered then 1 else 0", "when i.is_answered then 0 else 1")
    )
    assert one(measurer(lake, catalogue=replaced), "answer_rate").num == 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("where i.excluded_as is null", "cross join range(2)\nwhere i.excluded_as is null"),
            "each unit_id must stand in one row",
        ),
        (("then 1 else 0 end as num", "then 2 else 0 end as num"), "not between 0 and den"),
        (("then 1 else 0 end as num", "then 1 end as num"), "without num or den"),
        (("then 1 else 0 end as num", "then 0.5 else 0 end as num"), "num must be whole numbers"),
    ],
)
def test_a_metric_whose_sql_breaks_its_contract_is_refused(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    lake = world(tmp_path / "lake", [*calls(20, answered_at=at(0)), *calls(20, 1, "b")])
    catalogue = own_metric(tmp_path / "p", "own", change)
    m = measurer(lake, catalogue=catalogue)
    for _ in range(2):
        with pytest.raises(DefinitionError, match=words):
            m.measure("own", [], *DAY)


# --- one interaction, seen from all sides


def told(folder: Path, *legs: Mapping[str, Any]) -> dict[str, Any]:
    """The interaction of the first leg."""
    lake = world(folder, legs)
    return next(
        r for r in everything(lake, "core_interactions") if r["interaction_id"] == (legs[0].get("root_id") or legs[0]["leg_id"])
    )


def test_an_overflowing_customer_waits_until_a_person_answers(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        leg("a", 0, enqueued_at=at(0), wait_ms=15_000),
        leg("b", 0.01, root_id="a", previous_id="a", initiation="queue_transfer", enqueued_at=at(0.01),
            answered_at=at(0.1), wait_ms=300_000),
        leg("c", 0.2, root_id="a", previous_id="b", initiation="transfer", enqueued_at=at(0.2),
            answered_at=at(0.3), wait_ms=60_000),
    )  # fmt: skip
    assert (found["wait_ms"], found["n_transfers"]) == (315_000, 1)


def test_a_negative_wait_is_an_unknown_one(tmp_path: Path) -> None:
    known = leg("known", 1, enqueued_at=at(1), answered_at=at(1), wait_ms=1000)
    lake = world(tmp_path, [*calls(40, enqueued_at=at(0), answered_at=at(0), wait_ms=-5000), known])
    assert one(measurer(lake), "service_level").excluded == {"wait not known": 40}


def test_a_callback_is_not_answered_within_seconds(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        leg("a", 0, enqueued_at=at(0), wait_ms=10_000, is_callback_requested=True),
        leg("b", 3, root_id="a", previous_id="a", initiation="callback", enqueued_at=at(1), answered_at=at(3), wait_ms=7_200_000),
    )
    assert (found["wait_ms"], found["is_callback"], found["is_answered"], found["is_abandoned"]) == (10_000, True, True, False)
    m = measurer(Lake(tmp_path))
    assert (one(m, "service_level").n, one(m, "service_level").excluded) == (0, {"callback requested": 1})
    assert one(m, "wait").excluded == {"callback requested": 1}
    assert (one(m, "abandonment").n, one(m, "abandonment").excluded) == (1, {})


def test_a_source_is_believed_that_the_customer_did_not_give_up(tmp_path: Path) -> None:
    found = told(tmp_path, leg("a", 0, enqueued_at=at(0), wait_ms=9000, is_abandoned=False))
    assert (found["is_abandoned"], found["abandoned_in"]) == (False, None)


def test_one_record_per_call_says_itself_that_it_was_transferred(tmp_path: Path) -> None:
    assert told(tmp_path, leg("a", 0, answered_at=at(0), is_transferred=True))["n_transfers"] == 1


@pytest.mark.parametrize(("initiation", "word"), [("outbound", "outbound"), ("monitor", "monitor"), ("survey", "survey_leg")])
def test_a_chain_that_no_customer_began_is_none_whatever_its_source_leaves_empty(
    tmp_path: Path, initiation: str, word: str
) -> None:
    assert told(tmp_path, leg("a", 0, initiation=initiation))["excluded_as"] == word


def test_a_customer_still_in_the_queue_behind_the_bot_is_not_contained(tmp_path: Path) -> None:
    told(tmp_path, leg("a", 0, ai_agent="bot", enqueued_at=at(0), end_score=0, account_key="k_1", ended_at=None))
    (found,) = everything(Lake(tmp_path), "out_ai")
    assert (found["is_contained"], found["ai_outcome"]) == (False, "ambiguous")


def test_a_supervisors_and_a_survey_legs_mood_is_not_the_customers(tmp_path: Path) -> None:
    """Scores of legs off the path count for nothing, also where two scorers judge one leg."""
    legs = [leg("a", 0, answered_at=at(0)), leg("b", 0.01, root_id="a", initiation="monitor", answered_at=at(0.01))]
    scores = [
        {"sentiment_id": f"{g}{n}", "leg_id": g, "speaker": "customer", "part": "end", "score": s, "scorer": n}
        for g, n, s in (("a", "x", 0.5), ("a", "y", -0.5), ("b", "x", -1))
    ]
    (found,) = everything(world(tmp_path, legs, sentiments=scores), "core_interactions")
    assert (found["end_sentiment"], found["scorer"]) == ("positive", "x")


def test_children_come_before_their_root_and_then_take_its_day_and_customer(tmp_path: Path) -> None:
    """Until the root comes, the chain stands on the day of its first known leg; when it comes, nothing is left behind."""
    lake = world(
        tmp_path, [leg("b", 24, root_id="a", previous_id="a", initiation="transfer", answered_at=at(24), account_key="k_2")]
    )
    (early,) = everything(lake, "core_interactions")
    assert (early["interaction_id"], early["occurred_on"], early["account_key"]) == ("a", date(2025, 3, 4), "k_2")
    deliver(lake, 41, [leg("a", 0, answered_at=at(0), account_key="k_1", is_test=True)])
    (late,) = everything(lake, "core_interactions")
    assert (late["occurred_on"], late["account_key"], late["excluded_as"], late["n_transfers"]) == (DAY[0], "k_1", "test", 1)
    assert everything(lake, "out_repeats") == []


def test_a_late_version_moves_an_interaction_to_another_chain_and_day(tmp_path: Path) -> None:
    lake = world(tmp_path, [leg("a", 0), leg("b", 30, channel="chat", version=at(0))])
    deliver(lake, 41, [leg("b", 5, channel="voice", root_id="a", initiation="transfer", version=at(1))])
    (found,) = everything(lake, "core_interactions")
    assert (found["interaction_id"], found["n_legs"], found["occurred_on"]) == ("a", 2, DAY[0])


def test_a_child_whose_clock_is_ahead_of_its_root_changes_no_start(tmp_path: Path) -> None:
    found = told(tmp_path, leg("a", 24, queue="one"), leg("b", -1, root_id="a", initiation="transfer", queue="two"))
    assert (found["started_at"], found["occurred_on"], found["queue"]) == (at(24), date(2025, 3, 4), "one")


def test_two_sources_with_the_same_leg_ids_are_refused_in_words(tmp_path: Path) -> None:
    lake = world(tmp_path, [leg("1", 0, source="phones"), leg("2", 0, source="phones")])
    with pytest.raises(LakeError, match=r"sources 'phones' and 'chats' have 2 leg ids in common"):
        deliver(lake, 41, [leg("1", 5, source="chats"), leg("2", 5, source="chats")])
    assert lake.head() is not None and len(everything(lake, "core_interactions")) == 2
    with pytest.raises(LakeError, match="1 leg ids in common"):
        deliver(Lake(tmp_path / "other"), 41, [leg("1", 5, source="chats"), leg("1", 5, source="phones")])


@pytest.mark.parametrize(("score", "scale", "counted", "num"), [
    (4, 5, 1, 1), (3, 5, 1, 0), (9, 10, 1, 1), (1, 1, 1, 1), (0, 1, 1, 0), (1, 2, 1, 0), (2, 3, 1, 0),
    (10, 5, 0, 0), (-1, 5, 0, 0),
])  # fmt: skip
def test_the_best_marks_of_every_scale(tmp_path: Path, score: int, scale: int, counted: int, num: int) -> None:
    surveys = [{"response_id": f"s{i}", "leg_id": "a", "score": score, "scale_max": scale} for i in range(12)]
    found = one(measurer(world(tmp_path, [leg("a", 0)], survey_responses=surveys)), "csat")
    assert (found.n, found.num or 0) == (12 * counted, 12 * num)


def test_a_case_that_was_reopened_is_no_record_of_a_solution(tmp_path: Path) -> None:
    lake = world(
        tmp_path, [leg("a", 0)], cases=[{"case_id": "t", "leg_id": "a", "opened_at": at(0), "status": "solved", "n_reopens": 0}]
    )
    assert [r["evidence"] for r in everything(lake, "out_episodes")] == ["A"]
    deliver(
        lake,
        41,
        cases=[{"case_id": "t", "leg_id": "a", "opened_at": at(0), "status": "solved", "n_reopens": 1, "version": at(9)}],
    )
    assert [r["evidence"] for r in everything(lake, "out_episodes")] == [None]


def test_a_no_in_any_answer_of_an_interaction_is_a_no(tmp_path: Path) -> None:
    surveys = [
        {"response_id": f"s{i}", "leg_id": "a", "score": 5, "is_resolved": said} for i, said in enumerate([True, False, None])
    ]
    lake = world(tmp_path, [leg("a", 0, account_key="k_1"), leg("b", 24 * 30)], survey_responses=surveys)
    assert everything(lake, "out_episodes")[0]["evidence"] is None


@pytest.mark.parametrize(("hours", "episodes"), [(24 * 7, 1), (24 * 7 + 1 / 3600, 2)])
def test_an_episode_goes_on_up_to_the_last_second_of_the_quiet_period(tmp_path: Path, hours: float, episodes: int) -> None:
    lake = world(tmp_path, [leg("a", 0, account_key="k_1"), leg("b", hours, account_key="k_1")])
    assert len(everything(lake, "out_episodes")) == episodes


def test_a_call_after_we_called_is_a_contact_and_our_call_is_none(tmp_path: Path) -> None:
    out = leg("a", 0, account_key="k_1", direction="outbound", answered_at=at(0))
    lake = world(tmp_path, [out, leg("b", 0.1, account_key="k_1")])
    (found,) = everything(lake, "out_repeats")
    assert (found["interaction_id"], found["is_forward"]) == ("b", False)


def test_forwards_of_forwards_belong_to_the_first_as_long_as_people_answer(tmp_path: Path) -> None:
    talk = {"account_key": "k_1", "intent": "billing"}
    lake = world(tmp_path, [
        leg("a", 0, answered_at=at(0), **talk), leg("b", 0.2, answered_at=at(0.2), **talk), leg("c", 0.4, **talk),
        leg("d", 0.6, answered_at=at(0.6), **talk),
    ])  # fmt: skip
    found = {r["interaction_id"]: r for r in everything(lake, "out_repeats")}
    assert [found[i]["is_forward"] for i in "abcd"] == [False, True, True, False]  # nobody answered c, so d came back
    assert found["a"]["next_same_id"] == "d"


def test_calls_without_a_channel_are_counted_and_never_forwards(tmp_path: Path) -> None:
    talk = {"account_key": "k_1", "channel": None, "answered_at": at(0), "enqueued_at": at(0), "wait_ms": 1000}
    m = measurer(world(tmp_path, [leg("a", 0, **talk), leg("b", 0.1, **talk)]))
    assert [f.by["channel"] for f in m.measure("abandonment", ["channel"], *DAY)] == ["not given"]
    assert not any(r["is_forward"] for r in everything(Lake(tmp_path), "out_repeats"))
