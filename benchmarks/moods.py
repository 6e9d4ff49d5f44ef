"""What scoring moods costs: turns through `turn_score`, next to a bare scan of the same turns.

    python -m benchmarks.moods [--turns N] [--repeat N]

Both run in one process with two threads, interleaved; the median counts. The ratio depends little on the machine.
"""

import argparse
import random
import resource
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cxreports.lake.scoring import scoring
from cxreports.sentiment.lexicon import Lexicon

SAID = (
    "Hello, I have been waiting for my parcel since last week and nobody could help me.", "thanks, bye", "yes", "Not good",
    "Ich warte seit einer Woche auf meine Rechnung, das ist wirklich ärgerlich", "Where is the number of my contract?",
    "ok", "C'est très bien, merci beaucoup", "No funciona, ya he llamado tres veces y nadie me ayuda", "12 345 678",
    "great 👍",
)  # fmt: skip
WORDS = ("about", "account", "again", "amount", "bank", "change", "check", "contract", "date", "delivery", "form", "invoice")
SCAN = "select count(*), sum(length(content)) from turns"
SCORE = "select count(turn_score(content, language)), sum(length(content)) from turns"


def make(n: int, path: Path) -> None:
    """So many turns of one to sixteen words and a sentence; the same each time."""
    rng = random.Random(1)
    texts = [" ".join([*rng.choices(WORDS, k=rng.randint(0, 15)), rng.choice(SAID)]) for _ in range(n)]
    pq.write_table(pa.table({"content": texts, "language": pa.nulls(n, pa.string())}), path)


def readings(n: int, repeat: int) -> Iterator[tuple[float, float]]:
    """CPU seconds of the scan and of the scoring, one after the other."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        make(n, Path(folder) / "turns.parquet")
        con.execute("set threads = 2")
        con.execute(f"create view turns as from read_parquet('{folder}/turns.parquet')")
        with scoring(con, Lexicon()):
            for _ in range(repeat):
                yield _spent(con, SCAN), _spent(con, SCORE)


def _spent(con: duckdb.DuckDBPyConnection, query: str) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    con.execute(query).fetchall()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print turns a second, and the ratio to the scan."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.moods")
    parser.add_argument("--turns", type=int, default=500_000)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    found = list(readings(args.turns, args.repeat))
    scan, score = (statistics.median(times) for times in zip(*found, strict=True))
    print(f"{args.turns:,} turns: bare scan {scan:.2f} CPU s, scored {score:.2f} CPU s, ratio {score / max(scan, 1e-9):.0f};"
          f" {args.turns / max(score, 1e-9):,.0f} turns a CPU second")  # fmt: skip


if __name__ == "__main__":
    main()
