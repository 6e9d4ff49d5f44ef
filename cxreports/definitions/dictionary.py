"""The data dictionary: every table of the lake with its columns, from the model and the headers of the definitions."""

from collections.abc import Iterable

from cxreports.definitions.catalogue import Catalogue, ComputedTable
from cxreports.definitions.markdown import GENERATED, listed, prose, setting, table
from cxreports.definitions.model import LANDED, PROVENANCE, Column, Table

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

# The ledger's columns (lake/published.py).
PUBLISHED = {
    "publication": "number of the publication, from 1",
    "report": "the report, such as weekly",
    "report_period": "its period, such as 2026-W46",
    "as_of": "what was known at that instant",
    "metric": "metric or variant; NAME@1 is a version that was kept",
    "version": "version of the metric",
    "breakdown": "the group, as JSON; {} is all of them together",
    "period_start": "first local date of the figure's period",
    "period_end": "the local date after its last",
    "n": "units counted",
    "num": "what they add above the line; empty where too few to be shown",
    "den": "what they add below the line; empty where too few to be shown",
    "value": "the figure in the metric's unit; empty where there is none",
    "low": "lower end of its 95 % interval",
    "high": "upper end of its 95 % interval",
    "state": "final, provisional, insufficient, not_computable",
    "reason": "why it is not final",
    "excluded": "units left out, by reason, as JSON",
    "made_with": "digest of the definition, its parameters, the tables' definitions, settings and program that made it",
    "rows_digest": "digest of the units behind it; empty where there are none",
}


def data_dictionary(catalogue: Catalogue) -> str:
    """Every table with its columns, for people who query the lake or must say what is stored."""
    parts = [
        GENERATED,
        "# Data dictionary",
        "Every table of the lake. An empty cell means that the source said nothing; it never means zero. Names end in `_at` for"
        " an instant (UTC), `_on` for a local date, `_ms` for milliseconds, `_key` for a pseudonym, `_id` for an id; `is_` and"
        " `has_` begin what is true or false, `n_` a number of things.",
        "## How people are hidden",
        table(("Kind", "What happens to it"), PRIVACY.items()),
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
        "## Published figures",
        "`published_figures`. One row is one figure in one publication of a report; rows are appended and never changed."
        " `cxreports restated` sets them against today's figures.",
        table(("Column", "Meaning"), ((f"`{name}`", meaning) for name, meaning in PUBLISHED.items())),
        "## Rows of a metric",
        "A metric's SQL gives one row per unit counted: `unit_id`, `occurred_on`, `cluster_id` (whose units are not independent),"
        " its breakdowns, `num`, `den`, and `excluded` (why the unit is left out). `cxreports explain` shows them.",
    ]
    return "\n\n".join(parts) + "\n"


def _landed(t: Table, catalogue: Catalogue) -> str:
    filled = [s.header.title for s in catalogue.sources.values() if t.name in s.header.fills]
    by = f" Filled by {listed(sorted(filled))}." if filled else ""
    words = f"One row is {t.grain}; `{t.key}` names it within its source.{by}"
    return f"### {t.title}\n\n`stg_{t.name}`, `core_{t.name}`. {words}\n\n{_columns(t.columns)}"


def _computed(t: ComputedTable) -> str:
    h = t.header
    made = f"Computed from {listed([f'`{name}`' for name in h.reads])}."
    params = f" Parameters: {', '.join(setting(k, v) for k, v in h.params.items())}." if h.params else ""
    rows = (
        (f"`{name}`", doc.type, doc.meaning + _expected(doc.expected), _privacy(name, doc.type))
        for name, doc in h.columns.items()
    )
    columns = table(("Column", "Type", "Meaning", "Privacy"), rows)
    words = [f"### {h.title}", f"`{t.name}`. One row is {h.grain}. {h.definition}", prose(h.notes), made + params, columns]
    return "\n\n".join(w for w in words if w)


def _expected(condition: str) -> str:
    """Which rows ought to have a value: in fewer of them a figure is partial."""
    return f" (expected where `{condition.replace('t.', '')}`)" if condition else ""


def _columns(columns: Iterable[Column]) -> str:
    rows = ((f"`{c.name}`", c.type, c.meaning + (" (required)" if c.required else ""), c.privacy) for c in columns)
    return table(("Column", "Type", "Meaning", "Privacy"), rows)


def _privacy(name: str, type_: str) -> str:
    """How a computed column is treated: as the landed column of the same name, else by what it is."""
    landed = next((c.privacy for t in LANDED.values() if (c := t.column(name))), None)
    if name in PSEUDONYMS or landed:
        return "pseudonym" if name in PSEUDONYMS else str(landed)
    return "id" if name.endswith("_id") else "label" if type_ == "VARCHAR" else "value"
