"""A day's records into a long history, through the product's own lake: what it costs, what it writes, what it leaves alone.

python -m benchmarks.upsert [--rows N]: N interactions over two years are loaded and their closed months compacted, then one more
day comes, with corrections of the days before. Each number is CPU seconds; the yardstick is a bare scan of the stored
interactions, in the same run.
"""

import argparse
import resource
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.world import make
from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.model import LANDED, PROVENANCE
from cxreports.lake import landing
from cxreports.lake.compact import compact
from cxreports.lake.engine import Connection, allow_spill, connect
from cxreports.lake.store import Commit, Lake
from cxreports.lake.write import Basis, commit_new
from cxreports.person_requests import HandoffSettings

PARAMS = {
    "timezone": "Europe/London", "shared_limit": 3, "forward_minutes": 15, "window_days": 7, "quiet_days": 7,
    "request_pattern": HandoffSettings().pattern, "request_names": HandoffSettings().names,
}  # fmt: skip
LAST_DAY = "2026-09-30"
# Landed columns that the world has under another name, or not at all.
GIVEN = {
    "account_key": "customer_id",
    "enqueued_at": "started_at",
    "answered_at": "case when position % 20 <> 0 then started_at + to_milliseconds(wait_ms) end",
    "ai_agent": "case when position % 3 = 0 then 'bot' end",
    "end_score": "((position % 20) - 8) / 10.0",
}


def main() -> None:
    """Load, then add a day; print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = make(arguments.rows, Path(folder))
        lake, basis = Lake(Path(folder) / "lake"), Basis(read_catalogue(), PARAMS, ())
        history = _deliver(lake, basis, world, f"known_at < '{LAST_DAY}'", datetime(2026, 9, 30, tzinfo=UTC))
        with lake.lock():
            compact(lake)
        first = lake.head()
        day = _deliver(lake, basis, world, f"known_at >= '{LAST_DAY}'", datetime(2026, 11, 1, tzinfo=UTC))
        last = lake.head()
        assert first and last  # noqa: S101
        _print(lake, first, last, history, day)


def _deliver(lake: Lake, basis: Basis, world: Path, which: str, as_of: datetime) -> tuple[int, float]:
    """(records, CPU seconds) of one run over those records."""
    con = connect()
    allow_spill(con, lake.root / "spill")
    head = lake.head()
    landing.known_files(con, lake, head)
    _land(con, world, which)
    n = con.execute("select count(*) from new_records").fetchall()[0][0]
    before = _cpu()
    with lake.lock():
        commit_new(con, lake, head, basis, as_of)
    return n, _cpu() - before


def _land(con: Connection, world: Path, which: str) -> None:
    """The tables that intake would leave."""
    con.execute(f"create temp view arriving as select * from read_parquet('{world}') where {which}")
    con.execute(
        "create temp table new_files as select file_id, 'connect' as source, file_id as path, 0::bigint as bytes, "
        "min(known_at) as delivered_at, 'json' as framing, count(*) as n_records from arriving group by file_id"
    )
    con.execute(
        "create temp table new_records as select source, record_key, version_at, "
        "md5(record_key || version_at || talk_ms) as content_id, file_id, position, "
        "null::varchar as member, null::varchar as reason from arriving"
    )
    own = {row[0] for row in con.execute("describe arriving").fetchall()}
    for table in LANDED.values():
        columns = (*table.columns, *PROVENANCE)
        if table.name == "legs":
            picked = ", ".join(f"({_given(c.name, own)})::{c.type} as {c.name}" for c in columns)
            con.execute(f"create temp table new_legs as select {picked} from arriving")
        else:
            con.execute(f"create temp table new_{table.name} ({', '.join(f'{c.name} {c.type}' for c in columns)})")


def _given(name: str, own: set[str]) -> str:
    return GIVEN.get(name, name if name in own else "null")


def _print(lake: Lake, first: Commit, last: Commit, history: tuple[int, float], day: tuple[int, float]) -> None:
    scan = _scan(lake, last)
    kept = _paths(first) & _paths(last)
    written = [p for parts in last.tables.values() for p in parts.values() if p.path not in _paths(first)]
    print(f"{history[0]:>12,} records of history, loaded and computed: {history[1]:8.1f} CPU s")
    print(f"{day[0]:>12,} records more (a day, corrections before it): {day[1]:8.1f} CPU s, {day[1] / scan:.1f} x the bare scan")
    print(f"{'':>12} bare scan of all stored interactions:        {scan:8.2f} CPU s")
    print(
        f"{len(written):>12,} parts written, {sum(p.bytes for p in written) / 1e6:.1f} MB; {len(kept):,} parts left as they were"
    )


def _scan(lake: Lake, commit: Commit) -> float:
    con = connect()
    lake.view(con, "interactions", list(commit.tables["core_interactions"].values()), {})
    columns = [row[0] for row in con.execute("describe interactions").fetchall()]
    before = _cpu()
    con.execute("select " + ", ".join(f"min({c}), max({c})" for c in columns) + " from interactions").fetchall()
    return _cpu() - before


def _paths(commit: Commit) -> set[str]:
    tables: Mapping[str, Mapping[str, object]] = commit.tables
    return {part.path for parts in tables.values() for part in parts.values()}  # type: ignore[attr-defined]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
