"""What every metric of the catalogue costs over a long history.  python -m benchmarks.metrics [--rows N] [--repeat N]

A project of calls and chats, half of them begun by an AI, with turns, moods and surveys, is loaded once. Then each metric is
measured over one month in one process, as a report does it: by itself and by channel. The yardstick is one pass over every column
of `core_interactions` of the same view, in the same process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import duckdb

from cxreports import pipeline
from cxreports.analysis.measure import Measurer

FIRST, LAST = date(2025, 5, 1), date(2025, 6, 1)
AS_OF = datetime(2025, 7, 20, tzinfo=UTC)
SHOWN = 10

SETTINGS = """
[project]
name = "Benchmark"
timezone = "Europe/London"

[sources.calls]
kind = "table"
path = "exports/legs.parquet"
table = "legs"
timezone = "UTC"

[sources.calls.columns]
leg_id = "leg_id"
root_id = "root_id"
previous_id = "root_id"
channel = "channel"
initiation = "initiation"
started_at = "started_at"
ended_at = "ended_at"
enqueued_at = "enqueued_at"
answered_at = "answered_at"
wait_ms = "wait_ms"
talk_ms = "talk_ms"
queue = "queue"
intent = "intent"
agent_id = "agent_id"
ai_agent = "ai_agent"
account_key = "account"

[sources.words]
kind = "table"
path = "exports/turns.parquet"
table = "turns"
timezone = "UTC"
columns = { turn_id = "turn_id", leg_id = "leg_id", occurred_at = "said_at", speaker = "speaker", content = "words" }

[sources.moods]
kind = "table"
path = "exports/moods.parquet"
table = "sentiments"
columns = { sentiment_id = "sentiment_id", leg_id = "leg_id", speaker = "'customer'", part = "part", score = "score" }

[sources.answers]
kind = "table"
path = "exports/answers.parquet"
table = "survey_responses"
columns = { response_id = "response_id", leg_id = "leg_id", score = "score", scale_max = "5" }
"""
# Numbers from hashes of the row: the same rows every time, and none that a pseudorandom generator of a version decides.
FILES = {
    "numbers": """
        create temp table numbers as
        select
            i, hash(i, 1) % 2 = 0 as has_ai, hash(i, 2) % 3 = 0 as is_handed, hash(i, 3) % 100 as luck,
            timestamp '2025-01-01' + to_seconds(i * (180 * 86400) // $rows) as started_at,
            hash(case when hash(i, 4) % 4 = 0 then i - hash(i, 5) % 40 else i end, 6) % $rows as customer
        from range($rows) as t(i)
    """,
    "legs": """
        select
            'a' || i as leg_id, null as root_id, if(hash(i, 7) % 2 = 0, 'voice', 'chat') as channel, null as initiation,
            started_at, started_at + interval 4 minute as ended_at, if(has_ai, null, started_at) as enqueued_at,
            if(has_ai or luck < 6, null, started_at + to_seconds(luck)) as answered_at,
            if(has_ai, null, luck * 1000) as wait_ms, if(has_ai, null, 240000) as talk_ms,
            if(has_ai, null, 'queue ' || hash(i, 8) % 9) as queue, 'intent ' || customer % 12 as intent,
            if(has_ai or luck < 6, null, 'agent ' || hash(i, 9) % 150) as agent_id, if(has_ai, 'bot', null) as ai_agent,
            'k' || customer as account
        from numbers
        union all
        select
            'b' || i, 'a' || i, if(hash(i, 7) % 2 = 0, 'voice', 'chat'), 'transfer', started_at + interval 4 minute,
            started_at + interval 9 minute, started_at + interval 4 minute,
            if(luck < 10, null, started_at + interval 4 minute + to_seconds(luck)), luck * 1000, 200000,
            'queue ' || hash(i, 8) % 9, 'intent ' || customer % 12, if(luck < 10, null, 'agent ' || hash(i, 9) % 150), null,
            'k' || customer
        from numbers where has_ai and is_handed
    """,
    "turns": """
        select
            't' || i || '-' || n as turn_id, 'a' || i as leg_id, started_at + to_seconds(n * 20) as said_at,
            if(n % 2 = 0, 'customer', 'bot') as speaker, 'words ' || hash(i, n, 10) % 5000 || ' of this conversation' as words
        from numbers, range(6) as t(n) where has_ai
    """,
    "moods": """
        select
            'm' || i || p.part as sentiment_id, 'a' || i as leg_id, p.part, hash(i, p.part) % 200 / 100.0 - 1 as score
        from numbers, (values ('start'), ('end')) as p(part) where hash(i, 11) % 3 > 0
    """,
    "answers": "select 's' || i as response_id, 'a' || i as leg_id, 1 + hash(i, 12) % 5 as score from numbers where luck < 15",
}


def make(rows: int, folder: Path) -> None:
    """A project with that many interactions over 180 days, loaded."""
    exports = folder / "exports"
    exports.mkdir(parents=True)
    con = duckdb.connect()
    for name, query in FILES.items():
        if name == "numbers":
            con.execute(query, {"rows": rows})
        else:
            con.execute(f"copy ({query} order by 1) to '{exports / name}.parquet' (format parquet)")
    (folder / "cxreports.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "pseudonym.key").write_text("a key for the benchmark", encoding="utf-8")
    pipeline.run(pipeline.open_project(folder), AS_OF, lambda words: None)


def run_here(folder: Path) -> dict[str, float]:
    """CPU seconds: `scan`, and each metric of the catalogue that can be computed, by itself and by channel."""
    m = pipeline.measurer(pipeline.open_project(folder))
    found = {"scan": _scan(m)}
    for name, metric in m.catalogue.metrics.items():
        began = time.process_time()
        by = ["channel"] if "channel" in metric.header.breakdowns else []
        figures = [f for wanted in ([], by) for f in m.measure(name, wanted, FIRST, LAST)]
        if any(f.value is not None for f in figures):
            found[name] = time.process_time() - began
    return found


def _scan(m: Measurer) -> float:
    m.view.con.execute("select count(*) from core_interactions").fetchall()
    columns = [r[0] for r in m.view.con.execute("describe core_interactions").fetchall()]
    began = time.process_time()
    m.view.con.execute(f"select {', '.join(f'max({c})' for c in columns)} from core_interactions").fetchall()
    return time.process_time() - began


def child(*arguments: str) -> str:
    """What a process of its own prints."""
    command = [sys.executable, "-m", "benchmarks.metrics", "--child", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(rows: int, repeat: int) -> dict[str, float]:
    """Medians of so many processes over one lake."""
    with tempfile.TemporaryDirectory() as folder:
        child("make", str(rows), f"{folder}/project")
        found = [json.loads(child("run", f"{folder}/project")) for _ in range(repeat)]
    return {name: median(f[name] for f in found) for name in found[0]}


def main() -> None:
    """Print the table; as a child, do one thing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics")
    parser.add_argument("--rows", type=int, default=300_000, help="interactions (default 300,000)")
    parser.add_argument("--repeat", type=int, default=3, help="processes, of which the median counts (default 3)")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child and args.child[0] == "make":
        make(int(args.child[1]), Path(args.child[2]))
    elif args.child:
        print(json.dumps(run_here(Path(args.child[1]))))
    else:
        found = measure(args.rows, args.repeat)
        scan = found.pop("scan")
        total = sum(found.values())
        print(f"{args.rows:,} interactions; {len(found)} metrics, each by itself and by channel\n")
        print("| figure | CPU s | of the scan |\n|---|---:|---:|")
        print(f"| one pass over core_interactions | {scan:.2f} | 1.00 |\n| all metrics | {total:.2f} | {total / scan:.1f} |")
        for name, cpu in sorted(found.items(), key=lambda item: -item[1])[:SHOWN]:
            print(f"| {name} | {cpu:.2f} | {cpu / scan:.1f} |")


if __name__ == "__main__":
    main()
