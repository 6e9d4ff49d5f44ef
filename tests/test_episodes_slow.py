"""What is stitched over whole episodes, against the obvious version: loops over lists and dicts."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.test_build import batches, quick
from tests.test_measure import Lake, measurer
from tests.worlds import deliver, everything

QUIET = timedelta(days=7)
Row = dict[str, Any]


def episodes(repeats: Iterable[Row]) -> list[list[Row]]:
    """A customer's interactions for one reason, in order, cut where nothing came for longer than seven days."""
    by_matter: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(repeats, key=lambda r: (r["started_at"], r["interaction_id"])):
        by_matter[row["customer_or_interaction"], row["reason"]].append(row)
    found: list[list[Row]] = []
    for rows in by_matter.values():
        for n, row in enumerate(rows):
            if n == 0 or row["started_at"] > rows[n - 1]["started_at"] + QUIET:
                found.append([])
            found[-1].append(row)
    return found


def effort(members: list[Row], of: dict[str, Row]) -> dict[str, int]:
    """Components of one episode, without weights."""
    seen = [of[m["interaction_id"]] for m in members]
    switches = sum(1 for a, b in itertools.pairwise(seen) if a["channel"] != b["channel"])
    waits = [i["wait_ms"] for i in seen if i["wait_ms"] is not None]
    return {
        "effort_interactions": max(sum(1 for m in members if not m["is_forward"]) - 1, 0),
        "effort_channels": switches,
        "effort_transfers": sum(i["n_transfers"] for i in seen),
        "effort_waits": sum(waits) // 300_000,
    }


def handler(members: list[Row], of: dict[str, Row]) -> str:
    """Who took part in the whole episode."""
    seen = [of[m["interaction_id"]] for m in members]
    ai, human = any(i["has_ai"] for i in seen), any(i["is_answered"] for i in seen)
    return {(True, False): "ai_only", (True, True): "ai_then_human", (False, True): "human_only"}.get((ai, human), "none")


@quick
@given(batches)
def test_seen_effort_agrees_with_the_obvious_version(days: list[list[Row]]) -> None:
    with TemporaryDirectory() as folder:
        m, stitched, of = opened(folder, days)
        for name in ("effort_interactions", "effort_channels", "effort_transfers", "effort_waits"):
            got = dict(m.view.con.execute(f"select unit_id, num from {m.units(name)}").fetchall())
            known = {e[0]["interaction_id"]: effort(e, of)[name] for e in stitched}
            if name == "effort_waits":  # an episode of which no wait is known has none, and is not counted
                silent = {e[0]["interaction_id"] for e in stitched if all(of[r["interaction_id"]]["wait_ms"] is None for r in e)}
                known |= dict.fromkeys(silent)
            assert got == known, name


@quick
@given(batches, st.data())
def test_satisfaction_goes_by_who_handled_the_whole_episode(days: list[list[Row]], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        legs = [row["leg_id"] for day in days for row in day]
        asked = sorted(set(data.draw(st.lists(st.sampled_from(legs), min_size=1))))
        surveys = [
            {"response_id": f"s_{n}", "leg_id": leg_id, "score": 1 + n % 5, "scale_max": 5} for n, leg_id in enumerate(asked)
        ]
        m, stitched, of = opened(folder, days, survey_responses=surveys)
        by_interaction = {r["interaction_id"]: handler(e, of) for e in stitched for r in e}
        roots = dict(m.view.con.execute("select response_id, interaction_id from out_surveys").fetchall())
        got = m.view.con.execute(f"select unit_id, episode_handler, num from {m.units('csat_by_handler')}").fetchall()
        for unit, found, num in got:
            assert found == by_interaction[roots[unit]], unit
            assert num == (1 if 1 + int(unit[2:]) % 5 >= 4 else 0)
        assert {u for u, *_ in got} == {r for r, i in roots.items() if i in by_interaction}


def opened(folder: str, days: list[list[Row]], **others: Any) -> tuple[Any, list[list[Row]], dict[str, Row]]:
    """The world delivered day by day; its episodes by the obvious way; its interactions by id."""
    lake = Lake(Path(folder))
    for n, legs in enumerate(days):
        deliver(lake, 20 + n, legs, **(others if n == len(days) - 1 else {}))
    of = {row["interaction_id"]: row for row in everything(lake, "core_interactions")}
    return measurer(lake), episodes(everything(lake, "out_repeats")), of
