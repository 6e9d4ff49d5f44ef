"""What a day's load costs under four ways to keep a table on disk.  python -m benchmarks.storage_spike [--rows N] [--only NAME]

A day's rows and 2,000 corrections of the last 30 days go into a table of some 43 such days, together with a second table (the
ledger) that must never disagree with it. Each way runs in a process of its own, and all must read back the same cube. deltalake
and DuckLake are no dependencies of cxreports: a way whose library is absent is skipped, and says so.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks import designs
from benchmarks.world import make

DAY_ROWS = 150_000
CORRECTIONS = 2_000
WAYS: dict[str, Callable[[Path], designs.Design]] = {
    "parts, newest on read": designs.Appended,
    "parts, days replaced": designs.ReplacedDays,
    "Delta, newest on read": designs.DeltaAppended,
    "DuckLake": designs.DuckLake,
}
CUBE = """
    select started_at::date as day, channel, queue, count(*) as n, sum(talk_ms)::bigint as talk_ms
    from ({rows}) group by all order by all
"""


def cpu() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def prepare(con: duckdb.DuckDBPyConnection, world: Path, rows: int) -> None:
    """Tables `base` (newest versions of all but the last day) and `delivery` (the last day and the corrections)."""
    con.execute("set timezone = 'UTC'")
    con.execute("set enable_progress_bar = false")
    con.execute(f"create table base as from '{world}' where position <= {rows}")
    con.execute(f"""
        create table delivery as
        from '{world}' where position > {rows} and position <= {rows + DAY_ROWS}
        union all by name (
            select * replace (
                version_at + to_days(40) as version_at, known_at + to_days(40) as known_at, 'corrections' as file_id,
                talk_ms + 1 as talk_ms
            )
            from base
            where started_at::date > (select max(started_at::date) - 30 from base)
            order by hash(record_key) limit {CORRECTIONS}
        )
    """)
    con.execute("create table ledger as select known_at::date as day, count(*) as n from delivery group by all order by all")


def files(folder: Path) -> dict[Path, int]:
    """Every file of the store and its size."""
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def measure(name: str, world: Path, rows: int, folder: Path) -> dict[str, object]:
    """Load, deliver a day, read back; CPU seconds, bytes and files."""
    con = duckdb.connect()
    prepare(con, world, rows)
    design = WAYS[name](folder)
    design.load(con)
    before = files(folder)
    start = cpu()
    design.deliver(con)
    upsert = cpu() - start
    after = files(folder)
    written = sum(size for path, size in after.items() if before.get(path) != size)
    reading = []
    for _ in range(3):
        start = cpu()
        cube = con.sql(CUBE.format(rows=design.rows(con))).fetchall()
        reading.append(cpu() - start)
    return {
        "way": name,
        "upsert_cpu_s": round(upsert, 2),
        "written_mb": round(written / 1e6, 1),
        "cube_cpu_s": round(sorted(reading)[1], 2),
        "files": len(after),
        "new_files": len(after.keys() - before.keys()),
        "both_tables_in_one_commit": design.atomic,
        "check": f"{len(cube)} cells, {sum(n for *_, n, _ in cube)} rows, {sum(ms for *_, ms in cube)} ms",
    }


def in_a_child(name: str, rows: int, world: Path) -> str:
    """The figures of one way, measured in a fresh process, as one line of JSON."""
    with tempfile.TemporaryDirectory(dir=world.parent) as folder:
        command = [sys.executable, "-m", "benchmarks.storage_spike", "--rows", str(rows), "--child", name, str(world), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or f"{name}: skipped: {(done.stderr.strip().splitlines() or ['no output'])[-1][:160]}"


def main() -> None:
    """Print one line per way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage_spike")
    parser.add_argument("--rows", type=int, default=6_400_000)
    parser.add_argument("--only", choices=list(WAYS))
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        name, world, folder = args.child
        print(json.dumps(measure(name, Path(world), args.rows, Path(folder))))
        return
    print(f"duckdb {duckdb.__version__}, {args.rows:,} rows, a delivery of {DAY_ROWS:,} and {CORRECTIONS:,} corrections")
    with tempfile.TemporaryDirectory() as scratch:
        total = args.rows + DAY_ROWS
        world = make(total, Path(scratch), days=total // DAY_ROWS)
        for name in [args.only] if args.only else WAYS:
            print(in_a_child(name, args.rows, world), flush=True)


if __name__ == "__main__":
    main()
