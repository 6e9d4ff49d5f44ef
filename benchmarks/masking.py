"""What masking finds and what it costs.  python -m benchmarks masking [--texts FOLDER]

Precision and recall by kind over texts with labelled spans (texts.parquet, label_spans.parquet of presidio-research, MIT): a
label is found where a mark covers all of its letters and digits, and a mark is right where it overlaps a label of its kind.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cxreports.intake.masking.first_pass import SUSPECT
from cxreports.intake.masking.mask import Rules, find

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


def share_looked_at(texts: list[str]) -> float:
    """Share of the texts that the first pass lets through to Python."""
    with duckdb.connect() as con:
        con.execute("create table t (x varchar)")
        con.executemany("insert into t values (?)", [[text] for text in texts])
        row = con.execute("select avg(regexp_matches(x, $p)::int) from t", {"p": SUSPECT}).fetchone()
    return float(row[0]) if row else 0.0


if __name__ == "__main__":
    print(table(scores(Path(sys.argv[1]))))
