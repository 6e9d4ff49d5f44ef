"""What masking finds and what it costs.  python -m benchmarks.masking [--texts FOLDER]

Precision and recall by kind over texts with labelled spans (texts.parquet, label_spans.parquet of presidio-research, MIT): a
label is found where a mark covers all of its letters and digits, and a mark is right where it overlaps a label of its kind.
"""

import argparse
import json
import time
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from cxreports.definitions.columns import Column
from cxreports.definitions.resources import resource_dir
from cxreports.intake.masking.first_pass import SUSPECT
from cxreports.intake.masking.mask import Rules, find, mask_text
from cxreports.intake.privacy import hidden, install

RULES = Rules("US", ("GB", "US"))
# Our kind → the corpora's labels that it answers to. Of their dates only those beside a word about birth are anybody's.
LABELS = {
    "CARD": ("CREDIT_CARD",),
    "BANK_ACCOUNT": ("IBAN_CODE",),
    "NATIONAL_ID": ("US_SSN",),
    "EMAIL": ("EMAIL_ADDRESS",),
    "PHONE": ("PHONE_NUMBER",),
    "BIRTH_DATE": ("DATE_TIME",),
    "IP": ("IP_ADDRESS",),
}
_BIRTH = "regexp_matches(lower(t.text), 'born|birth|\\bdob\\b')"
Span = tuple[int, int]


@dataclass(frozen=True)
class Score:
    """Of one kind: labels found whole, marks at no such label, labels missed in part or whole."""

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """Share of the marks that stand at a label of their kind; 1 without any mark."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 1.0

    @property
    def recall(self) -> float:
        """Share of the labels that are covered whole."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 1.0


def labelled(folder: Path) -> list[tuple[str, str, list[tuple[str, Span]]]]:
    """Corpus, text and labelled spans of every text."""
    with duckdb.connect() as con:
        for name in ("texts", "label_spans"):
            con.execute(f"create view {name} as from read_parquet('{folder / name}.parquet')")
        spans = con.execute(
            f"""select s.text_id, s.entity_type, s.start, s."end" from label_spans as s join texts as t using (text_id)
                where s.entity_type <> 'DATE_TIME' or ({_BIRTH} and regexp_matches(s.value, '[0-9].*[-/. ].*[0-9]'))
                order by all"""
        ).fetchall()
        texts = con.execute("select text_id, source, text from texts order by text_id").fetchall()
    of_text: dict[str, list[tuple[str, Span]]] = {}
    for text_id, label, start, end in spans:
        of_text.setdefault(text_id, []).append((label, (start, end)))
    return [(source, text, of_text.get(text_id, [])) for text_id, source, text in texts]


def scores(folder: Path) -> dict[tuple[str, str], Score]:
    """(corpus, kind) → score; the corpus '' is both."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for corpus, text, labels in labelled(folder):
        found = find(text, RULES)
        for kind, names in LABELS.items():
            own = [span for label, span in labels if label in names]
            marks = [place for k, place in found if k == kind]
            hit = sum(any(_covers(text, mark, span) for mark in marks) for span in own)
            wrong = sum(not any(_overlap(mark, span) for span in own) for mark in marks)
            for name in (corpus, ""):
                counts.update({(name, kind, "tp"): hit, (name, kind, "fn"): len(own) - hit, (name, kind, "fp"): wrong})
    corpora = sorted({corpus for corpus, _, _ in counts})
    return {(c, k): Score(*(counts[c, k, what] for what in ("tp", "fp", "fn"))) for c in corpora for k in LABELS}


def _overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _covers(text: str, mark: Span, label: Span) -> bool:
    """Whether no letter or digit of the label stands outside of the mark."""
    outside = range(label[0], label[1])
    return not any(text[i].isalnum() for i in outside if not mark[0] <= i < mark[1])


def table(found: dict[tuple[str, str], Score]) -> str:
    """The scores as a table in Markdown."""
    lines = [
        "| kind | corpus | labels | found | marks elsewhere | recall | precision |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for kind in LABELS:
        for corpus in sorted({c for c, _ in found}, key=lambda c: (c == "", c)):
            s = found[corpus, kind]
            name = corpus or "both"
            lines.append(f"| {kind} | {name} | {s.tp + s.fn} | {s.tp} | {s.fp} | {s.recall:.3f} | {s.precision:.3f} |")
    return "\n".join(lines)


def chat() -> list[str]:
    """Every turn of the samples' transcripts: the talk of an invented utility, a few personal data planted."""
    turns = []
    for path in sorted((resource_dir("data") / "samples" / "exports").glob("**/*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if n.endswith(".json")):
                with suppress(ValueError):  # a few are damaged on purpose
                    transcript = json.loads(archive.read(name)).get("Transcript", [])
                    turns += [str(turn["Content"]) for turn in transcript if turn.get("Content")]
    return turns


def costs(texts: list[str], at_least: int = 200_000) -> tuple[float, dict[str, float]]:
    """Share of the texts that reach Python, and CPU seconds of each way over so many texts (the same ones, repeated)."""
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        install(con, b"a key for the benchmark", RULES.region, RULES.countries)
        con.register("given", pa.table({"x": texts}))
        con.execute(f"create table texts as select x from given, range({at_least // len(texts) + 1})")
        row = con.execute(f"select avg(regexp_matches(x, '{SUSPECT}')::int) from given").fetchone()
        ways = {
            "bare scan": "regexp_matches(x, '[0-9]')",
            "first pass": f"regexp_matches(x, '{SUSPECT}')",
            "masked": f"length({hidden(Column('x', 'VARCHAR', '', 'text'), 'x')}) > 0",
        }
        spent = {}
        for name, condition in ways.items():
            before = time.process_time()
            con.execute(f"select count(*) filter ({condition}) from texts").fetchone()
            spent[name] = time.process_time() - before
        started = time.process_time()
        for text in texts:
            mask_text(text, RULES)
        spent["Python alone, every text"] = (time.process_time() - started) * (at_least // len(texts) + 1)
    return (float(row[0]) if row else 0.0), spent


def print_costs(name: str, texts: list[str]) -> None:
    """One block of lines: the share that reaches Python, and each way as a ratio to the bare scan of the same run."""
    share, spent = costs(texts)
    print(f"\n{name}: {len(texts):,} texts, {share:.1%} reach Python\n")
    print("| way | ratio to the bare scan |\n|---|---:|")
    for way, seconds in spent.items():
        print(f"| {way} | {seconds / spent['bare scan']:,.1f} |")


def main() -> None:
    """Print both tables; without a folder of labelled texts only what masking costs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.masking")
    parser.add_argument("--texts", type=Path, help="folder with texts.parquet and label_spans.parquet")
    folder: Path | None = parser.parse_args().texts
    if folder:
        print(table(scores(folder)))
        print_costs("labelled texts", [text for _, text, _ in labelled(folder)])
    print_costs("chat of the samples", chat())


if __name__ == "__main__":
    main()
