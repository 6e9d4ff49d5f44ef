"""Cost of the heavy steps on a made-up contact centre.  python -m benchmarks [--rows N] [--only NAME] [--repeat N]

Each measurement is a process of its own with two threads; ways are interleaved and the median is taken. CPU seconds depend on the
machine; the ratio to the bare scan of the same columns, taken in the same minutes, much less. The last parts add a day to a long
history (benchmarks/upsert.py) and read exports (benchmarks/intake.py).
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.queries import FIGURES
from benchmarks.world import make

WAYS = ("bare scan", "cheapest", "obvious")
THREADS = 2
LONG_HISTORY = 1_000_000  # interactions of the history to which a day is added


@dataclass(frozen=True)
class Reading:
    """One run of one query: CPU seconds, peak memory of its process in MB, and what it answered."""

    cpu_s: float
    peak_mb: int
    answer: str


def run_here(query: str, world: Path) -> Reading:
    """Run the query in this process, which should be a fresh one."""
    with duckdb.connect() as con:
        con.execute(f"set threads = {THREADS}")
        con.execute("set timezone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        con.execute("set preserve_insertion_order = false")
        for table in ("legs", "interactions"):
            con.execute(f"create view {table} as from read_parquet('{world / table}.parquet')")
        before = resource.getrusage(resource.RUSAGE_SELF)
        answer = con.execute(query).fetchall()
        after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Reading(spent, after.ru_maxrss // 1024, repr(answer))


def run_apart(figure: str, way: int, world: Path) -> Reading:
    """The same in a process of its own."""
    return Reading(**json.loads(child("run", figure, str(way), str(world))))


def child(*arguments: str) -> str:
    """What `in_child` prints. The world too is made in a child: a process inherits the peak memory of the one that started it."""
    command = [sys.executable, "-m", "benchmarks", "--child", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def in_child(task: str, *arguments: str) -> None:
    """What a process of its own does: make the world, or run one way of one figure."""
    if task == "make":
        for again in (True, False):
            make(int(arguments[0]), Path(arguments[1]), again)
    else:
        figure, way, world = arguments
        print(json.dumps(vars(run_here(FIGURES[figure][int(way)], Path(world)))))


def measure(figure: str, world: Path, repeat: int) -> dict[int, list[Reading]]:
    """Readings of every way of a figure, interleaved. The cheapest and the obvious way must give one answer."""
    ways = [way for way, query in enumerate(FIGURES[figure]) if query]
    readings: dict[int, list[Reading]] = {way: [] for way in ways}
    for _ in range(repeat):
        for way in ways:
            readings[way].append(run_apart(figure, way, world))
    answers = {reading.answer for way in ways[1:] for reading in readings[way]}
    if len(answers) != 1:
        raise SystemExit(f"{figure}: the ways disagree: {' / '.join(sorted(answers))}")
    return readings


def lines(figure: str, readings: dict[int, list[Reading]]) -> Iterator[str]:
    """The rows of the table for one figure."""
    scan = statistics.median(reading.cpu_s for reading in readings[0])
    for way, found in readings.items():
        spent = statistics.median(reading.cpu_s for reading in found)
        name = figure if way == 0 else ""
        yield f"| {name:38} | {WAYS[way]:9} | {spent:8.2f} | {spent / scan:6.2f} | {max(r.peak_mb for r in found):7,} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rows", type=int, default=3_000_000, help="interactions in the made-up world (default 3,000,000)")
    parser.add_argument("--only", choices=list(FIGURES), help="one figure")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts (default 5)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        in_child(*args.child)
        return
    print(f"{args.rows:,} interactions, DuckDB {duckdb.__version__}, {THREADS} threads, median of {args.repeat}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        child("make", str(args.rows), folder)
        print(f"| {'figure':38} | {'way':9} | {'CPU s':>8} | {'ratio':>6} | {'peak MB':>7} |")
        print(f"|{'-' * 40}|{'-' * 11}|{'-' * 9}:|{'-' * 7}:|{'-' * 8}:|")
        for figure in [args.only] if args.only else FIGURES:
            for line in lines(figure, measure(figure, Path(folder), args.repeat)):
                print(line, flush=True)
    if not args.only:
        print("\nA day's records into a long history, through the product's own lake:", flush=True)
        command = [sys.executable, "-m", "benchmarks.upsert", "--rows", str(min(args.rows, LONG_HISTORY))]
        subprocess.run(command, check=True)
        print("\nReading exports, next to bare DuckDB:", flush=True)
        subprocess.run([sys.executable, "-m", "benchmarks.intake", "--repeat", str(args.repeat)], check=True)


if __name__ == "__main__":
    main()
