"""Roll-up, identity, repeats and containment agree with the obvious version; a day's refresh agrees with building anew."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cxreports.analysis.measure import Measurer
from cxreports.lake.compact import compact
from cxreports.lake.engine import connect
from cxreports.lake.write import Basis
from cxreports.settings import ProjectSettings, Settings
from tests import reference
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, everything, fresh_lake, leg, look

IDS = ["a", "b", "c", "d", "e", "f", "g", "h"]
HOURS = [0, 0.1, 0.25, 0.3, 1, 24, 167.9, 168, 168.1, 200, 300]
TABLES = ["core_interactions", "out_repeats", "out_ai", "out_episodes", "out_surveys"]


@st.composite
def a_leg(draw: st.DrawFn) -> dict[str, object]:
    hours = draw(st.sampled_from(HOURS))
    answered = draw(st.booleans())
    row = leg(
        draw(st.sampled_from(IDS)),
        hours,
        root_id=draw(st.sampled_from([None, None, *IDS[:4]])),
        previous_id=draw(st.sampled_from([None, *IDS[:4]])),
        initiation=draw(
            st.sampled_from(["customer", "transfer", "transfer", "queue_transfer", "monitor", "callback", "outbound"])
        ),
        left_at=at(hours + draw(st.sampled_from([0, 0.1]))) if answered and draw(st.booleans()) else None,
        talk_ms=draw(st.sampled_from([None, 0, 2000, 2001])),
        enqueued_at=at(hours) if draw(st.booleans()) else None,
        answered_at=at(hours) if answered else None,
        wait_ms=draw(st.sampled_from([None, -1, 0, 4999, 5000, 60000])),
        is_transferred=draw(st.sampled_from([None, False, True])),
        is_abandoned=draw(st.sampled_from([None, None, False, True])),
        channel=draw(st.sampled_from(["voice", "chat"])),
        intent=draw(st.sampled_from([None, "billing", "outage"])),
        account_key=draw(st.sampled_from([None, "k_1", "k_2", "k_3"])),
        phone_key=draw(st.sampled_from([None, "t_1", "t_2"])),
        ai_agent=draw(st.sampled_from([None, "bot"])),
        is_goal_completed=draw(st.booleans()),
        end_score=draw(st.sampled_from([None, Decimal("-0.5"), Decimal("-0.2"), Decimal("0.4")])),
        version=START + timedelta(minutes=draw(st.integers(0, 2))),
    )
    if draw(st.integers(0, 9)) == 0:
        row["ended_at"] = None
    return row


batches = st.lists(st.lists(a_leg(), min_size=1, max_size=6), min_size=1, max_size=4)
quick = settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@quick
@given(batches)
def test_a_days_refresh_gives_what_building_anew_gives(days: list[list[dict[str, object]]]) -> None:
    with TemporaryDirectory() as folder:
        step_by_step = Lake(Path(folder))
        for n, legs in enumerate(days):
            deliver(step_by_step, 20 + n, legs)
        other = Basis(CATALOGUE, {**PARAMS, "other": 1}, ())  # stored tables do not fit this, so all is computed anew
        anew = look(step_by_step, at(24 * 60), other)
        assert anew.commit.seq == len(days)
        for table in TABLES:
            stored = everything(step_by_step, table)
            columns = ", ".join(CATALOGUE.tables[table].header.columns)
            computed = anew.con.execute(f"select {columns} from {table} order by all").to_arrow_table().to_pylist()
            assert stored == computed, table


@quick
@given(batches)
def test_roll_up_identity_and_repeats_agree_with_the_obvious_version(days: list[list[dict[str, object]]]) -> None:
    with TemporaryDirectory() as folder:
        lake = fresh_lake(Path(folder), [(20 + n, legs) for n, legs in enumerate(days)])
        found = reference.interactions(reference.newest([row for legs in days for row in legs]).values())
        stored = {row["interaction_id"]: row for row in everything(lake, "core_interactions")}
        assert set(stored) == set(found)
        for key, row in found.items():
            assert {name: stored[key][name] for name in row} == row, key
        named = reference.customers(found, 2)
        wanted = reference.repeats(found, named, timedelta(minutes=15))
        repeats = {row["interaction_id"]: row for row in everything(lake, "out_repeats")}
        for key, row in wanted.items():
            got = repeats[key]
            assert (got["customer_id"], got["is_forward"]) == (named[key], row["is_forward"]), key
            assert (got["next_same_id"], got["next_any_id"]) == (row["same"], row["any"]), key


@quick
@given(batches)
def test_the_containment_matrix_agrees_with_the_obvious_version(days: list[list[dict[str, object]]]) -> None:
    with TemporaryDirectory() as folder:
        lake = fresh_lake(Path(folder), [(20 + n, legs) for n, legs in enumerate(days)])
        view = look(lake, at(24 * 30))
        measurer = Measurer(view, CATALOGUE, Settings(project=ProjectSettings(name="world", timezone="Europe/London")), PARAMS)
        found = reference.interactions(reference.newest([row for legs in days for row in legs]).values())
        named = reference.customers(found, 2)
        repeats = reference.repeats(found, named, timedelta(minutes=15))
        wanted = {}
        for key, row in found.items():
            if row["has_ai"] and key in repeats:
                after = repeats[key]["any"]
                back = found[after]["started_at"] if after else None
                escalated = {**row, "is_answered": row["is_answered"] or _callback(days, key)}
                wanted[key] = reference.containment_cell(escalated, back, named[key], view.observed_until, timedelta(days=7))
        table = measurer.units("containment_quality")
        got = dict(view.con.execute(f"select unit_id, cell from {table}").fetchall())
        assert got == wanted


def _callback(days: list[list[dict[str, object]]], root: str) -> bool:
    legs = reference.newest([row for legs in days for row in legs]).values()  # type: ignore[arg-type]
    return any((g.get("root_id") or g["leg_id"]) == root and g["initiation"] == "callback" for g in legs)


def test_running_again_with_nothing_new_changes_no_byte(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [leg("a", 0)])
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    deliver(lake, 20)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_a_new_day_rewrites_only_the_days_that_it_changes(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first = deliver(lake, 20, [leg("a", 0, account_key="k_1"), leg("b", 48, account_key="k_2"), leg("c", 72, account_key="k_3")])
    second = deliver(lake, 21, [leg("d", 24 * 10, account_key="k_2")])
    assert second.tables["core_interactions"]["2025-03-03"] == first.tables["core_interactions"]["2025-03-03"]
    assert second.tables["out_repeats"]["2025-03-03"] == first.tables["out_repeats"]["2025-03-03"]
    assert second.tables["out_repeats"]["2025-03-05"] != first.tables["out_repeats"]["2025-03-05"]
    assert second.tables["out_repeats"]["2025-03-06"] == first.tables["out_repeats"]["2025-03-06"]


def test_what_was_known_then_can_be_seen_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 20, [leg("a", 0, account_key="k_1", intent="billing")])
    then = everything(lake, "out_repeats")
    deliver(lake, 25, [leg("b", 1, account_key="k_1", intent="billing")])
    assert everything(lake, "out_repeats", as_of=at(24 * 22)) == then
    assert everything(lake, "out_repeats") != then


def test_compaction_joins_closed_months_and_changes_no_row(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for n in range(4):
        deliver(lake, 20 + n, [leg(f"a{n}", 24 * n, account_key="k_1", intent="billing")])
    deliver(lake, 100, [leg("b", 24 * 90, account_key="k_2")])
    rows = {table: everything(lake, table) for table in TABLES}
    with lake.lock():
        before, after = compact(lake)
    assert after < before
    assert {table: everything(lake, table) for table in TABLES} == rows
    assert compact(lake) == (after, after)
    deliver(lake, 101, [leg("a9", 1, account_key="k_1", intent="billing")])
    head = lake.head()
    assert head and "2025-03" in head.tables["out_repeats"] and "2025-03-03" not in head.tables["out_repeats"]
    assert [r["next_same_id"] for r in everything(lake, "out_repeats")][:2] == ["a9", "a2"]
    anew = look(lake, at(24 * 101), Basis(CATALOGUE, {**PARAMS, "other": 1}, ()))
    columns = ", ".join(CATALOGUE.tables["out_repeats"].header.columns)
    computed = anew.con.execute(f"select {columns} from out_repeats order by all").to_arrow_table().to_pylist()
    assert everything(lake, "out_repeats") == computed


def test_parts_of_an_earlier_version_lack_a_column_that_came_later(tmp_path: Path) -> None:
    lake, con = Lake(tmp_path), connect()
    old = lake.write(con, "things", "select 1 as a order by 1")
    new = lake.write(con, "things", "select 2 as a, 'x' as b order by 1")
    assert old and new
    for parts in ([old], [old, new], [new, old]):
        lake.view(con, "things", parts, {"a": "INTEGER", "b": "VARCHAR", "c": "DATE"})
        rows = con.execute("select a, b, c from things order by a").fetchall()
        assert rows == [(1, None, None), (2, "x", None)][: len(parts)]
