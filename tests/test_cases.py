"""Cases: sixty tickets against what the published dbt package says of those with even ids; built day by day as at once."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports.intake.intake import take_in
from cxreports.lake import build, hours, landing
from cxreports.lake.engine import connect, create
from cxreports.lake.scoring import scoring
from cxreports.lake.store import Lake
from cxreports.lake.write import Basis
from cxreports.opening_hours import DAYS
from cxreports.settings import Settings
from tests.test_sources import KEY, LATER, project
from tests.worlds import CATALOGUE, PARAMS, at, deliver, everything, leg, look

SIXTY = "formats/samples/zendesk_60_tickets"
TABLES = ("ticket", "ticket_field_history", "ticket_comment", "ticket_schedule", "schedule", "schedule_holiday")
# What tables/schedule_data.csv and schedule_holiday_data.csv say, as settings; the first was created first.
SCHEDULES = {
    "501": {
        "timezone": "Europe/London", **dict.fromkeys(DAYS[:5], "09:00-17:00"), "holidays": [date(2025, 5, 5), date(2025, 8, 25)],
    },
    "502": {"timezone": "Asia/Tokyo", **dict.fromkeys(DAYS[:6], "09:00-18:00"), "holidays": [date(2025, 4, 29)]},
}  # fmt: skip
CLOCK = "2026-01-01 12:00:00+00"  # what dbt's run took for now: the wait of an open ticket goes on until then


@pytest.fixture(scope="module")
def sixty(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """`dbt` (their answers), `out_cases` (ours), `minutes` (ours of instants without their seconds: dbt counts whole minutes)."""
    folder = tmp_path_factory.mktemp("sixty")
    for table in TABLES:
        shutil.copy(shared / SIXTY / f"tables/{table}_data.csv", folder / f"{table}.csv")
    sources = {t: {"kind": f"zendesk_fivetran_{t}", "path": f"{t}.csv", "timezone": "UTC"} for t in TABLES}
    con = connect()
    take_in(con, folder, project(sources), CATALOGUE, KEY, set(), LATER, lambda line: None)
    create(con, "stg_files", f"select *, timestamptz '{CLOCK}' as known_at from new_files")
    for name in ("legs", "sentiments", "turns", "cases", "case_events", "schedule_openings", "schedule_holidays"):
        version = f"r.version_at, timestamptz '{CLOCK}' as known_at, 1 as file_no, false as is_overtaken"
        joined = f"select n.*, {version} from new_{name} as n join new_records as r"
        create(con, f"stg_{name}", f"{joined} using (source, file_id, position)")
        create(con, f"core_{name}", landing.newest_sql(f"stg_{name}"))
    with scoring(con, None):
        compute(con, "core_turn_scores")
    compute(con, "core_interactions")
    compute(con, "out_cases")
    expected = (shared / SIXTY / "expected/zendesk__ticket_metrics.csv").as_posix()
    create(con, "dbt", f"select *, 'zendesk:' || ticket_id as case_id from read_csv('{expected}', all_varchar = true)")
    create(con, "seconds", "from out_cases")
    params = hours.with_landed(con, build.build_params(Settings.model_validate({"project": {"name": "x", "timezone": "UTC"}})))
    for name in ("core_business_hours", "out_case_hours"):
        create(con, name, CATALOGUE.tables[name].sql, params)
    con.execute("update core_cases set opened_at = date_trunc('minute', opened_at)")
    con.execute("update core_case_events set event_at = date_trunc('minute', event_at)")
    compute(con, "out_cases")
    create(con, "minutes", "from out_cases")
    return con


def compute(con: duckdb.DuckDBPyConnection, table: str) -> None:
    definition = CATALOGUE.tables[table]
    create(con, table, definition.sql, {**definition.header.params, "timezone": "UTC"})


def differing(con: duckdb.DuckDBPyConnection, table: str, ours: str, theirs: str) -> dict[str, tuple[Any, Any]]:
    """Tickets of which we say something else than dbt, with both; of 30."""
    rows = con.execute(
        f"select d.ticket_id, {ours}, {theirs} from dbt as d join {table} as o using (case_id) order by d.ticket_id"
    ).fetchall()
    assert len(rows) == 30
    return {ticket: (our, their) for ticket, our, their in rows if our != their}


@pytest.mark.parametrize(
    ("table", "ours", "theirs"),
    [
        ("seconds", "round(o.first_reply_ms / 60000.0, 4)", "d.first_reply_time_calendar_minutes::double"),
        ("minutes", "o.resolution_ms / 60000.0", "d.final_resolution_calendar_minutes::double"),
        ("seconds", "o.n_left_solved", "coalesce(d.count_reopens::bigint, 0)"),
        ("seconds", "o.n_replies = 1 and o.status in ('solved', 'closed')", "d.is_one_touch_resolution = 't'"),
        ("seconds", "o.n_replies", "d.count_public_agent_comments::bigint"),
        ("seconds", "o.n_customer_comments", "d.count_end_user_comments::bigint"),
        ("minutes", "o.hold_ms / 60000.0", "d.on_hold_time_in_calendar_minutes::double"),
        (
            "minutes",
            f"o.agent_wait_ms / 60000.0 + case when d.status = 'pending' then date_diff('minute', o.status_since_at, "
            f"timestamptz '{CLOCK}') else 0 end",
            "d.agent_wait_time_in_calendar_minutes::double",
        ),
        (
            "minutes",
            f"o.requester_wait_ms / 60000.0 + case when d.status in ('new', 'open', 'hold') then date_diff('minute', "
            f"o.status_since_at, timestamptz '{CLOCK}') else 0 end",
            "d.requester_wait_time_in_calendar_minutes::double",
        ),
    ],
    ids=["first_reply", "resolution", "left_solved", "one_touch", "replies", "customer_comments", "hold", "agent_wait", "wait"],
)
def test_thirty_tickets_of_thirty_say_what_dbt_says(sixty: duckdb.DuckDBPyConnection, table: str, ours: str, theirs: str) -> None:
    assert differing(sixty, table, ours, theirs) == {}


@pytest.mark.parametrize(
    ("ours", "theirs", "different"),
    [
        ("first_reply_ms", "first_reply_time_business_minutes", {"1038": (0.0333, 0.0)}),
        ("resolution_ms", "full_resolution_business_minutes", {"1038": (2700.0333, 2700.0)}),
        ("agent_wait_ms", "agent_wait_time_in_business_minutes", {}),
        ("hold_ms", "on_hold_time_in_business_minutes", {}),
        (
            "requester_wait_ms",
            "requester_wait_time_in_business_minutes",
            # 1038: as above. The others are not solved: ours ends with the last change, theirs runs into the future.
            {
                "1008": (199.15, 96019.15), "1022": (74.55, 37514.55), "1036": (0.0, 105600.0), "1038": (1080.0333, 1080.0),
                "1050": (1314.7, 109320.0),
            },
        ),
    ],
)  # fmt: skip
def test_business_minutes_are_what_dbt_says_but_for_tickets_that_the_decisions_explain(
    sixty: duckdb.DuckDBPyConnection, ours: str, theirs: str, different: dict[str, tuple[float, float]]
) -> None:
    assert differing(sixty, "out_case_hours", f"round(o.{ours} / 60000.0, 4)", f"d.{theirs}::double") == different


def test_the_schedules_of_the_export_are_those_that_its_tables_show(sixty: duckdb.DuckDBPyConnection) -> None:
    found = hours.with_landed(sixty, {})
    told = build.build_params(Settings.model_validate({"project": {"name": "x", "timezone": "UTC"}, "schedules": SCHEDULES}))
    keys = ("schedule_id", "timezone", "weekday", "opens_min", "closes_min", "from_at", "until_at")
    assert [[o.get(k) for k in keys] for o in json.loads(str(found["openings"]))] == [
        [o.get(k) for k in keys] for o in json.loads(str(told["openings"]))
    ]
    assert found["default_schedule"] == "501"
    assert json.loads(str(found["holidays"])) == [
        {"schedule_id": "501", "day": "2025-05-05"}, {"schedule_id": "501", "day": "2025-08-25"},
        {"schedule_id": "502", "day": "2025-04-29"},
    ]  # fmt: skip


def test_ticket_1002_in_the_hours_of_tokyo(sixty: duckdb.DuckDBPyConnection) -> None:
    # London is closed when it opens (06:59:37). Two seconds later Tokyo applies: Wednesday 14:59:39 to 18:00, Thursday all day.
    assert sixty.execute("select first_reply_ms from out_case_hours where case_id = 'zendesk:1002'").fetchall() == [
        ((3 * 3600 + 21 + 9 * 3600) * 1000,)
    ]


def test_a_reopening_that_no_customer_asked_for_is_the_only_difference_in_reopens(sixty: duckdb.DuckDBPyConnection) -> None:
    # In each of these an agent (101 to 104) moved the ticket out of solved once, and the requester had not written since.
    assert differing(sixty, "seconds", "o.n_reopens", "coalesce(d.count_reopens::bigint, 0)") == {
        "1006": (1, 2), "1012": (0, 1), "1024": (0, 1), "1026": (0, 1), "1038": (0, 1), "1044": (1, 2),
        "1048": (0, 1), "1056": (0, 1),
    }  # fmt: skip


def test_ticket_1002_minute_by_minute(sixty: duckdb.DuckDBPyConnection) -> None:
    assert sixty.execute(
        "select opened_at::varchar, first_reply_at::varchar, solved_at::varchar, status, n_replies, n_reopens from seconds "
        "where case_id = 'zendesk:1002'"
    ).fetchall() == [("2025-06-18 05:59:37+00", "2025-06-19 11:45:10+00", "2025-06-21 00:35:14+00", "closed", 2, 0)]


def test_every_ticket_is_an_interaction_and_what_agents_opened_is_no_customers(sixty: duckdb.DuckDBPyConnection) -> None:
    assert sixty.execute("select excluded_as, count(*) from core_interactions group by 1 order by 1").fetchall() == [
        ("no_customer_message", 6), (None, 54),
    ]  # fmt: skip


def test_a_schedule_that_a_case_is_given_later_changes_its_hours_as_building_anew_does(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    settings = Settings.model_validate({"project": {"name": "x", "timezone": "UTC"}, "schedules": SCHEDULES})
    basis = Basis(CATALOGUE, {**PARAMS, **{k: v for k, v in build.build_params(settings).items() if k not in PARAMS}}, ())
    case = {"case_id": "z:1", "leg_id": "z:1", "opened_at": at(0), "solved_at": at(24), "status": "solved"}
    deliver(lake, 20, [leg("z:1", 0)], cases=[case], basis=basis)
    assert [c["resolution_ms"] for c in everything(lake, "out_case_hours", basis=basis)] == [
        8 * 3_600_000
    ]  # London, Monday 10:00
    given = {"event_id": "1", "case_id": "z:1", "leg_id": "z:1", "event_at": at(2), "field": "schedule", "new_value": "502"}
    deliver(lake, 21, case_events=[given], basis=basis)
    stored = everything(lake, "out_case_hours", basis=basis)
    assert [c["resolution_ms"] for c in stored] == [(2 + 9) * 3_600_000]  # from 12:00Z Tokyo: closed until midnight, then 9 to 18
    anew = look(lake, at(24 * 60), Basis(CATALOGUE, {**basis.params, "other": 1}, ()))
    columns = ", ".join(CATALOGUE.tables["out_case_hours"].header.columns)
    assert anew.con.sql(f"select {columns} from out_case_hours").to_arrow_table().to_pylist() == stored


@pytest.mark.parametrize("named", [{"leg_id": "zendesk:1"}, {}])  # an event may name its case only
def test_cases_that_change_from_day_to_day_are_what_building_anew_gives(tmp_path: Path, named: dict[str, str]) -> None:
    lake = Lake(tmp_path)
    case = {"case_id": "zendesk:1", "leg_id": "zendesk:1", "account_key": "a_1", "opened_at": at(0), "status": "open"}
    event = {"case_id": "zendesk:1", **named}

    def change(n: int, hours: float, field: str, value: str, who: str) -> dict[str, Any]:
        return {**event, "event_id": str(n), "event_at": at(hours), "field": field, "new_value": value, "account_key": who}

    deliver(lake, 20, [leg("zendesk:1", 0, account_key="a_1")], cases=[case])
    deliver(lake, 21, case_events=[change(1, 0, "status", "new", "a_1"), change(2, 1, "comment", "public", "a_9")])
    deliver(lake, 22, case_events=[change(3, 2, "status", "solved", "a_9"), change(4, 3, "status", "open", "a_1")])
    deliver(
        lake, 23, cases=[{**case, "status": "closed", "version": at(40)}], case_events=[change(5, 4, "status", "solved", "a_9")]
    )
    columns = ", ".join(CATALOGUE.tables["out_cases"].header.columns)
    anew = look(lake, at(24 * 60), Basis(CATALOGUE, dict(PARAMS, other=1), ()))
    computed = anew.con.sql(f"select {columns} from out_cases order by all").to_arrow_table().to_pylist()
    stored = everything(lake, "out_cases")
    assert stored == computed
    assert [(c["first_reply_ms"], c["resolution_ms"], c["n_reopens"], c["first_reopened_at"]) for c in stored] == [
        (3_600_000, 14_400_000, 1, at(0) + timedelta(hours=3))
    ]
