"""The glossary and the data dictionary, as Markdown, from headers and the model. Nobody retypes a definition; text only, no data.

`python -m cxreports.definitions.documents [FOLDER]` writes both (default: docs); tests/test_docs.py fails while they are stale.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cxreports.definitions.catalogue import Catalogue, ComputedTable, Metric, read_catalogue
from cxreports.definitions.definition import Scalar
from cxreports.definitions.model import LANDED, PROVENANCE, Column, Table
from cxreports.definitions.needs import needs_of

COMMAND = "python -m cxreports.definitions.documents"
GENERATED = f"<!-- Made from the headers in sql/ by `{COMMAND}`; do not edit. -->"

# What a reader of figures must know before the first of them: grains, then how figures are counted, then states.
TERMS = (
    ("turn", "One utterance of one speaker: customer, AI or person."),
    ("leg", "One handler's part in an interaction. A transfer begins a new leg; so does a supervisor who listens in."),
    (
        "interaction",
        "One unbroken exchange of a customer on one channel, transfers included. It counts on the local date on which it began.",
    ),
    ("episode", "All interactions of one customer about one reason, until nothing more was heard for the quiet period."),
    ("survey response", "One survey sent, answered or not."),
    ("case", "One ticket or conversation of a help desk, from opened to solved; it may be opened again."),
    ("period count", "What another system counted over a day: sessions of a bot of which no records are kept, for example."),
    (
        "customer",
        "Whoever the best identifier names: the account, else what the e-mail address, the telephone number or the cookie stands"
        " for. Withheld and widely shared numbers name nobody. Names and numbers are replaced before anything is stored.",
    ),
    (
        "repeat contact",
        "The same customer comes back within the window. It is charged to the earlier interaction, which caused it.",
    ),
    (
        "escalation",
        "The AI hands over to a person, or leaves a ticket or a callback. A person who passes a customer on transfers.",
    ),
    (
        "contained",
        "No person took part, and the customer left neither a ticket nor a callback nor a queue. That alone does not say that"
        " anything was solved.",
    ),
    (
        "window",
        "How long we wait before we say that nobody came back. An interaction whose window has not passed is not counted yet.",
    ),
    (
        "left out",
        "Units that a figure does not count, such as tests or unknown customers. They are counted beside it, by reason.",
    ),
    (
        "interval",
        "The range in which the true figure lies in 95 of 100 such cases. Several contacts of one customer are one voice, not"
        " many. A change whose interval includes zero is no clear change.",
    ),
    ("as of", "What was known at that instant. A report made again as of the same instant shows the same figures."),
    ("final", "The window has passed and no late data is expected."),
    (
        "provisional",
        "The window has not passed for all, or late data is expected: the figure will still move. It is no headline.",
    ),
    (
        "insufficient",
        "Too few units to judge by: fewer than the smallest number that the figure asks for. Below 10 it is not shown.",
    ),
    ("not computable", "No source says what the figure needs. It is never shown as zero."),
)
BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": "neither by itself; read it beside others"}
UNITS = {"count": "a number", "percent": "per cent", "seconds": "seconds", "score": "points of the scale"}
KINDS = {
    "count": "a count",
    "proportion": "a share",
    "mean": "a mean",
    "percentile": "a value that was observed, not an average",
    "composition": "shares that add up to the whole",
    "nowcast": "a share as it is expected to become",
}
PRIVACY = {
    "id": "kept: a record's own number in its source, or made from one; a keyed hash where it holds a card or an e-mail address",
    "label": "kept; masked where it holds personal data",
    "value": "kept: a number, a time, yes or no",
    "pseudonym": "replaced by a keyed hash before it is stored; without the key nobody can go back",
    "text": "stored only with personal data masked (privacy.md says which)",
}
# Computed columns that stand for a person.
PSEUDONYMS = {"identifier", "customer_id", "customer_or_interaction"}
# What the lake adds to every landed row (lake/landing.py).
VERSION = (
    Column("version_at", "TIMESTAMP WITH TIME ZONE", "when the source wrote this version of the record; the newest is used"),
    Column("content_id", "VARCHAR", "hash of the record's content: a re-delivered record is known by it", "id"),
    Column("known_at", "TIMESTAMP WITH TIME ZONE", "when this version was first seen; 'as of' looks here"),
    Column("file_no", "BIGINT", "the place of its file among those that became known together, by path"),
    Column("is_overtaken", "BOOLEAN", "it was read by a retry, when a newer file had already brought the record"),
)


def glossary(catalogue: Catalogue) -> str:
    """Every metric for people who read reports, sorted by title."""
    metrics = sorted(catalogue.metrics.values(), key=lambda m: m.header.title)
    usual = _usual_breakdowns(metrics)
    contents = [
        (f"[{m.header.title}](#{slug(m.header.title)})", m.header.question, BETTER[m.header.better].partition(";")[0])
        for m in metrics
    ]
    parts = [
        GENERATED,
        "# Glossary",
        "What each figure in the reports means, how it is counted, and one small case worked through. The worked cases are run"
        " by the tests, so they cannot fall behind the program.",
        "## Words",
        _table(("Word", "Meaning"), ((f"**{word}**", meaning) for word, meaning in TERMS)),
        "## Figures",
        _table(("Figure", "Question", "Direction"), contents),
        f"The usual breakdowns are {_listed(usual)}. Numbers in formulas are the defaults; a project's settings may change them."
        " In the worked cases `num` and `den` are what a unit adds above and below the line, times are in milliseconds, and"
        " `excluded` says why a unit is left out.",
        *(_metric(m, usual) for m in metrics),
    ]
    return "\n\n".join(parts) + "\n"


def data_dictionary(catalogue: Catalogue) -> str:
    """Every table with its columns, for people who query the lake or must say what is stored."""
    parts = [
        GENERATED,
        "# Data dictionary",
        "Every table of the lake. An empty cell means that the source said nothing; it never means zero. Names end in `_at` for"
        " an instant (UTC), `_on` for a local date, `_ms` for milliseconds, `_key` for a pseudonym, `_id` for an id; `is_` and"
        " `has_` begin what is true or false, `n_` a number of things.",
        "## How people are hidden",
        _table(("Kind", "What happens to it"), PRIVACY.items()),
        "## Landed tables",
        "What sources are mapped onto. `stg_…` holds every version that was ever received; `core_…` the newest version of each"
        ' record as known at the instant asked for. Any file can be mapped onto them in `cxreports.toml` (`kind = "table"`).',
        *(_landed(t, catalogue) for t in LANDED.values()),
        "### In every landed row",
        "Where the row comes from, and which version of its record it belongs to (the last three in `stg_…` only).",
        _columns((*PROVENANCE, *VERSION)),
        "## Computed tables",
        "Computed from the landed tables in this order, and again for the days that new records change.",
        *(_computed(t) for t in catalogue.tables.values()),
        "## Rows of a metric",
        "A metric's SQL gives one row per unit counted: `unit_id`, `occurred_on`, `cluster_id` (whose units are not independent),"
        " its breakdowns, `num`, `den`, and `excluded` (why the unit is left out). `cxreports explain` shows them.",
    ]
    return "\n\n".join(parts) + "\n"


def slug(title: str) -> str:
    """The anchor that Markdown viewers give a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _metric(metric: Metric, usual: Sequence[str]) -> str:
    h = metric.header
    facts = [
        ("Formula", h.formula.format_map(_Values(h.params))),
        ("Direction", BETTER[h.better]),
        ("Unit", f"{UNITS[h.unit]}; {KINDS[h.kind]}"),
        ("One unit counted", f"one {h.grain}"),
        ("Judged from", f"{h.min_n} {h.grain}s on" if h.kind != "count" else "any number"),
        ("Window", _window(h.window, h.params) if h.window else ""),
        ("Waits for", h.awaits),
        ("Owner", h.owner),
        ("Broken down by", _breakdowns(h.by, usual)),
        ("Not computable when", _needed(h.needs)),
        ("Partial when", _needed(h.for_full)),
        ("Derived when", _needed(h.derived)),
        ("As vendors count", _listed([f"`{name}`" for name in h.vendor]) if h.vendor else ""),
        ("Parameters", ", ".join(_setting(name, value) for name, value in h.params.items())),
        ("Name and version", f"`{metric.name}`, version {h.version}"),
    ]
    parts = [f"### {h.title}", f"*{h.question}*", h.definition, _prose(h.notes)]
    parts += [_table(("", ""), ((f"**{name}**", text) for name, text in facts if text)), _variants(metric), _example(metric)]
    return "\n\n".join(p for p in parts if p)


def _needed(needs: Mapping[str, str]) -> str:
    """no source says who the customer is (`legs.account_key` or `legs.phone_key`)"""
    told = []
    for need in needs_of(needs):
        when = f"; only when {need.when[0]} = {need.when[1]}" if need.when else ""
        told.append(f"{need.words} ({' or '.join(f'`{c}`' for c in need.columns)}{when})")
    return "; ".join(told)


def _window(name: str, params: Mapping[str, Scalar]) -> str:
    count, unit = params[name], name.rpartition("_")[2]
    days = f" ({count // 24} days)" if unit == "hours" and isinstance(count, int) and count % 24 == 0 else ""
    return f"{count} {unit}{days} must have passed before a unit counts (`{name}`)"


def _variants(metric: Metric) -> str:
    variants = metric.header.variants
    if not variants:
        return ""
    rows = [
        (str(v.get("title", "")), f"`{name}`", ", ".join(_setting(k, x) for k, x in v.items() if k != "title"))
        for name, v in variants.items()
    ]
    return "The same, counted otherwise:\n\n" + _table(("Variant", "Name", "What differs"), rows)


def _example(metric: Metric) -> str:
    example = metric.header.example
    given = [f"`{table}`\n\n{_text_table(text)}" for table, text in example.given.items()]
    told = f", with {', '.join(_setting(k, v) for k, v in example.params.items())}," if example.params else ""
    return "\n\n".join(p for p in ("**Worked case.** From", *given, f"comes out{told}", _text_table(example.expect)) if p)


def _landed(table: Table, catalogue: Catalogue) -> str:
    filled = [s.header.title for s in catalogue.sources.values() if table.name in s.header.fills]
    by = f" Filled by {_listed(sorted(filled))}." if filled else ""
    words = f"One row is {table.grain}; `{table.key}` names it within its source.{by}"
    return f"### {table.title}\n\n`stg_{table.name}`, `core_{table.name}`. {words}\n\n{_columns(table.columns)}"


def _computed(table: ComputedTable) -> str:
    h = table.header
    made = f"Computed from {_listed([f'`{name}`' for name in h.reads])}."
    params = f" Parameters: {', '.join(_setting(k, v) for k, v in h.params.items())}." if h.params else ""
    rows = (
        (f"`{name}`", doc.type, doc.meaning + _expected(doc.expected), _privacy(name, doc.type))
        for name, doc in h.columns.items()
    )
    columns = _table(("Column", "Type", "Meaning", "Privacy"), rows)
    words = [f"### {h.title}", f"`{table.name}`. One row is {h.grain}. {h.definition}", _prose(h.notes), made + params, columns]
    return "\n\n".join(w for w in words if w)


def _expected(condition: str) -> str:
    """Which rows ought to have a value: in fewer of them a figure is partial."""
    return f" (expected where `{condition.replace('t.', '')}`)" if condition else ""


def _columns(columns: Iterable[Column]) -> str:
    rows = ((f"`{c.name}`", c.type, c.meaning + (" (required)" if c.required else ""), c.privacy) for c in columns)
    return _table(("Column", "Type", "Meaning", "Privacy"), rows)


def _privacy(name: str, type_: str) -> str:
    """How a computed column is treated: as the landed column of the same name, else by what it is."""
    landed = next((c.privacy for t in LANDED.values() if (c := t.column(name))), None)
    if name in PSEUDONYMS or landed:
        return "pseudonym" if name in PSEUDONYMS else str(landed)
    return "id" if name.endswith("_id") else "label" if type_ == "VARCHAR" else "value"


def _usual_breakdowns(metrics: Sequence[Metric]) -> list[str]:
    """Breakdowns that every metric offers, in the order of the first."""
    return [b for b in metrics[0].header.by if all(b in m.header.by for m in metrics)] if metrics else []


def _breakdowns(by: Sequence[str], usual: Sequence[str]) -> str:
    return _listed([*[f"`{b}`" for b in by if b not in usual], "the usual breakdowns"])


def _setting(name: str, value: Scalar) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{name} = {text}`"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _prose(text: str) -> str:
    return " ".join(text.split())


def _text_table(text: str) -> str:
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return _table(head, (row + [""] * (len(head) - len(row)) for row in rows))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


class _Values(dict[str, Scalar]):
    """Parameters of a formula; a name without a value stays as it is."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def main(folder: Path) -> None:
    """Write both documents into the folder."""
    catalogue = read_catalogue()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "glossary.md").write_text(glossary(catalogue), encoding="utf-8")
    (folder / "data-dictionary.md").write_text(data_dictionary(catalogue), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
