"""Reading exports: CPU, time and peak memory of our intake, next to bare DuckDB doing the same file → Parquet in the same run.

python -m benchmarks.intake [--records N] [--only lines|back-to-back|csv] [--repeat N]

The yardstick is `copy (from read_json(file)) to parquet` (`read_csv` for the table): it infers columns and keeps every value as
it is. Ours frames, names each record by its content, maps it, masks it, accounts for it, quarantines what is at fault, and writes
the lake's parts. The records are those of `data/samples`, each again and again with other ids, numbers and notes; two in a
thousand have no start and are quarantined, one in a hundred is delivered twice.
"""

import argparse
import csv
import gzip
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxreports.definitions.catalogue import read_catalogue
from cxreports.intake.intake import take_in
from cxreports.lake import landing
from cxreports.lake.engine import allow_spill, bound_memory, connect
from cxreports.lake.store import Lake
from cxreports.settings import read_settings

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples" / "exports" / "connect"
THREADS = 2
FILES = {"lines": "records.json", "back-to-back": "records.json", "csv": "answers.csv"}
YARDSTICKS = {
    "lines": "read_json($path, format = 'newline_delimited', maximum_object_size = 16000000)",
    "back-to-back": "read_json($path, format = 'unstructured', maximum_object_size = 16000000)",
    "csv": "read_csv($path, header = true)",
}
NOTES = (
    "Customer asked for a copy of the last bill, sent by post.",
    "Meter reading taken over the phone; no further action.",
    "Wants a call back on {phone} after six.",
    "Refund of 42.50 agreed, reference {number}.",
    "Mail to {name}@example.com bounced, address to be checked.",
)
PROJECT = """
[project]
name = "Speed"
timezone = "Europe/London"

[privacy]
phone_region = "GB"
national_ids = ["GB", "US"]
"""
CONNECT = """
[sources.connect]
kind = "amazon_connect_contact_records"
path = "records.json"
"""
SURVEYS = """
[sources.surveys]
kind = "table"
path = "answers.csv"
table = "survey_responses"
timezone = "Europe/London"
version = "strptime(answered_at, '%d/%m/%Y %H:%M')"

[sources.surveys.columns]
response_id = "response_id"
leg_id = "contact_id"
answered_at = "strptime(answered_at, '%d/%m/%Y %H:%M')"
score = "score"
scale_max = "5"
comment = "comment"
"""


@dataclass(frozen=True)
class Reading:
    """One run: CPU and wall seconds, peak memory of its process in MB, and how many records became what."""

    cpu_s: float
    wall_s: float
    peak_mb: int
    accounts: dict[str, int]


def make(shape: str, n_records: int, folder: Path, seed: int = 7) -> None:
    """Write a project with one export file of so many records."""
    (folder / "cxreports.toml").write_text(PROJECT + (SURVEYS if shape == "csv" else CONNECT), encoding="utf-8")
    chance = random.Random(seed)
    with (folder / FILES[shape]).open("w", encoding="utf-8", newline="") as file:
        if shape == "csv":
            _write_answers(csv.writer(file), n_records, chance)
            return
        ending = "\n" if shape == "lines" else ""
        for record in _records(n_records, chance):
            file.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + ending)


def _records(n_records: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    samples = [record for path in sorted(SAMPLES.rglob("*.json.gz")) for record in _objects(path)]
    last: dict[str, Any] = {}
    for i in range(n_records):
        if last and i % 100 == 99:
            yield last
            continue
        last = _varied(samples[i % len(samples)], i, chance)
        yield last


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    text, decode, at = gzip.decompress(path.read_bytes()).decode(), json.JSONDecoder().raw_decode, 0
    while at < len(text):
        if text[at] != "{":
            at += 1
            continue
        try:
            value, at = decode(text, at)
        except ValueError:  # the samples hold a record that is cut off
            return
        yield value


def _varied(sample: dict[str, Any], i: int, chance: random.Random) -> dict[str, Any]:
    phone = f"+4420{chance.randrange(10**7, 10**8)}"
    attributes = {**(sample.get("Attributes") or {}), "accountId": f"LK-{chance.randrange(10**6):07}"}
    if i % 4 == 0:
        attributes["note"] = _note(phone, i, chance)
    attributes.pop("GreetingPlayed", None)  # a key that differs from another only in case stops `read_json`
    changes: dict[str, Any] = {"ContactId": f"{i:08x}-{chance.getrandbits(64):016x}", "Attributes": attributes}
    if sample.get("CustomerEndpoint"):
        changes["CustomerEndpoint"] = {**sample["CustomerEndpoint"], "Address": phone}
    if i % 1000 in (17, 517):
        changes["InitiationTimestamp"] = None
    return {**sample, **changes}


def _note(phone: str, i: int, chance: random.Random) -> str:
    return chance.choice(NOTES).format(phone=phone, number=chance.randrange(10**8), name=f"person{i}")


def _write_answers(writer: Any, n_records: int, chance: random.Random) -> None:
    writer.writerow(["response_id", "contact_id", "answered_at", "score", "comment", "site"])
    for i in range(n_records):
        day, hour, minute = i % 28 + 1, i % 13 + 8, i % 60
        score = "six" if i % 500 == 17 else chance.randrange(1, 6)
        comment = _note(f"020{chance.randrange(10**7, 10**8)}", i, chance) if i % 2 else ""
        row = [f"R{i}", f"{i:08x}", f"{day:02}/03/2026 {hour:02}:{minute:02}", score, comment, "north" if i % 3 else "south"]
        writer.writerow(row)


def ours(folder: Path) -> dict[str, int]:
    """Take the export in and write its parts."""
    lake, as_of = Lake(folder / "lake"), datetime(2100, 1, 1, tzinfo=UTC)
    settings, catalogue = read_settings(folder), read_catalogue()
    con = connect()
    bound_memory(con)
    con.execute(f"set threads = {THREADS}")
    with lake.lock(), lake.scratch() as scratch:
        seen = landing.known_files(con, lake, None)
        take_in(con, folder, settings, catalogue, b"0" * 32, seen, as_of, lambda _: None, scratch=scratch)
        allow_spill(con, lake.root / "spill")
        landing.prepare_new(con)
        landing.append_new(con, lake, None, 1, as_of)
    found = con.execute(
        "select case when reason is not null then 'quarantined' when is_duplicate then 'duplicate' else 'loaded' end as fate, "
        "count(*) from classified group by fate order by fate"
    )
    return dict(found.fetchall())


def bare(shape: str, folder: Path) -> dict[str, int]:
    """The same file into one Parquet file, nothing else."""
    con = connect()
    con.execute(f"set threads = {THREADS}")
    con.execute("set preserve_insertion_order = false")
    target = folder / "bare.parquet"
    con.execute(
        f"copy (from {YARDSTICKS[shape]}) to '{target}' (format parquet, compression zstd)", {"path": str(folder / FILES[shape])}
    )
    return {"rows": con.execute(f"select count(*) from '{target}'").fetchall()[0][0]}


def run_here(way: str, shape: str, folder: Path) -> Reading:
    """Run one way in this process, which should be a fresh one."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    accounts = ours(folder) if way == "ours" else bare(shape, folder)
    after, ended = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Reading(spent, ended - started, after.ru_maxrss // 1024, accounts)


def child(*arguments: str) -> str:
    """What a process of its own prints: one inherits the peak memory of the one that started it, so this one does no work."""
    command = [sys.executable, "-m", "benchmarks.intake", "--child", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(shape: str, n_records: int, repeat: int) -> Iterator[str]:
    """The rows of the table for one shape of file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        child("make", shape, str(n_records), name)
        size = (folder / FILES[shape]).stat().st_size
        readings: dict[str, list[Reading]] = {"bare": [], "ours": []}
        for _ in range(repeat):
            for way, found in readings.items():
                found.append(Reading(**json.loads(child(way, shape, name))))
                shutil.rmtree(folder / "lake", ignore_errors=True)
    yardstick = statistics.median(r.cpu_s for r in readings["bare"])
    for way, found in readings.items():
        cpu, wall = statistics.median(r.cpu_s for r in found), statistics.median(r.wall_s for r in found)
        first = f"{shape}, {n_records:,} records, {size / 1e6:,.0f} MB" if way == "bare" else ""
        fates = ", ".join(f"{n:,} {fate}" for fate, n in found[0].accounts.items())
        yield (
            f"| {first:42} | {way:4} | {cpu:7.2f} | {wall:7.2f} | {n_records / cpu:9,.0f} | {yardstick / cpu:5.2f} "
            f"| {max(r.peak_mb for r in found):7,} | {fates} |"
        )


def main() -> None:
    """Print the table; as a child, do one thing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--only", choices=list(FILES))
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median counts (default 3)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child and args.child[0] == "make":
        make(args.child[1], int(args.child[2]), Path(args.child[3]))
    elif args.child:
        print(json.dumps(vars(run_here(args.child[0], args.child[1], Path(args.child[2])))))
    else:
        print("| file | way | CPU s | wall s | records per CPU s | speed | peak MB | accounts |")
        print("|---|---|---:|---:|---:|---:|---:|---|")
        for shape in [args.only] if args.only else FILES:
            for line in measure(shape, args.records, args.repeat):
                print(line, flush=True)


if __name__ == "__main__":
    main()
