"""Peak memory of a whole run by the size of its file: it should not grow with it.  python -m benchmarks.memory [--gb SIZE ...]

The files are those of `benchmarks.intake`, contact records one a line. Each run is a process of its own; its peak is read when
the last record is read, and again at the end, when the run is committed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.intake import FILES, make
from cxreports import pipeline

RECORD_BYTES = 2_180  # of the generator, about


@dataclass(frozen=True)
class Peak:
    """One run: its file in GB, records, the peak in MB after reading and of the whole run, CPU seconds of both."""

    gb: float
    records: int
    reading_mb: int
    whole_mb: int
    reading_cpu_s: float
    cpu_s: float


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def run_here(folder: Path) -> Peak:
    """Run the project in this process, which should be a fresh one."""
    told: dict[str, tuple[int, float]] = {}

    def tell(words: str) -> None:
        if words.startswith("computing"):
            told["read"] = (_peak_mb(), time.process_time())

    result = pipeline.run(pipeline.open_project(folder), datetime(2100, 1, 1, tzinfo=UTC), tell)
    size = (folder / FILES["lines"]).stat().st_size / 1e9
    return Peak(size, result.records, told["read"][0], _peak_mb(), told["read"][1], time.process_time())


def child(*arguments: str) -> str:
    """What a process of its own prints: one inherits the peak memory of the one that started it, so this one does no work."""
    command = [sys.executable, "-m", "benchmarks.memory", "--child", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(gb: float) -> Peak:
    """One run over a file of about that size."""
    with tempfile.TemporaryDirectory() as folder:
        child("make", str(round(gb * 1e9 / RECORD_BYTES)), folder)
        return Peak(**json.loads(child("run", folder)))


def main() -> None:
    """Print the table; as a child, do one thing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--gb", type=float, nargs="+", default=[0.4, 1.6], help="sizes of the files (default 0.4 1.6)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child and args.child[0] == "make":
        folder = Path(args.child[2])
        make("lines", int(args.child[1]), folder)
        (folder / "pseudonym.key").write_text("a key for the benchmark", encoding="utf-8")
    elif args.child:
        print(json.dumps(vars(run_here(Path(args.child[1])))))
    else:
        print("| file | records | peak while reading, MB | peak of the whole run, MB | CPU s, reading | CPU s, all |")
        print("|---|---:|---:|---:|---:|---:|")
        for gb in args.gb:
            p = measure(gb)
            line = (
                f"| {p.gb:.2f} GB | {p.records:,} | {p.reading_mb:,} | {p.whole_mb:,} | {p.reading_cpu_s:.0f} | {p.cpu_s:.0f} |"
            )
            print(line, flush=True)


if __name__ == "__main__":
    main()
