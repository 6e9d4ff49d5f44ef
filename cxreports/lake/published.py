"""The ledger: every figure that a report published, appended in a commit of its own and never changed or removed.

One row per figure and publication. Grain of a figure: metric or variant, breakdown, period of local dates. No row of a customer
stands here; `rows_digest` and the as-of instant lead back to the rows that were counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from cxreports.errors import NoDataError
from cxreports.lake.engine import connect, rows
from cxreports.lake.store import Commit, Lake, Part

TABLE = "published_figures"
_TYPES = {
    "publication": ("BIGINT", pa.int64()), "report": ("VARCHAR", pa.string()), "report_period": ("VARCHAR", pa.string()),
    "as_of": ("TIMESTAMP WITH TIME ZONE", pa.timestamp("us", "UTC")), "metric": ("VARCHAR", pa.string()),
    "version": ("INTEGER", pa.int32()), "breakdown": ("VARCHAR", pa.string()), "period_start": ("DATE", pa.date32()),
    "period_end": ("DATE", pa.date32()), "n": ("BIGINT", pa.int64()), "num": ("DECIMAL(38,0)", pa.decimal128(38, 0)),
    "den": ("DECIMAL(38,0)", pa.decimal128(38, 0)), "value": ("DOUBLE", pa.float64()), "low": ("DOUBLE", pa.float64()),
    "high": ("DOUBLE", pa.float64()), "state": ("VARCHAR", pa.string()), "reason": ("VARCHAR", pa.string()),
    "excluded": ("VARCHAR", pa.string()), "made_with": ("VARCHAR", pa.string()), "rows_digest": ("VARCHAR", pa.string()),
}  # fmt: skip
SCHEMA = {name: sql for name, (sql, _) in _TYPES.items()}
_ORDER = "publication, metric, period_start, period_end, breakdown"
FigureKey = tuple[str, str, date, date]


@dataclass(frozen=True)
class PublishedFigure:
    """A measurement as a report published it. `breakdown` and `excluded` are JSON with sorted keys; `made_with` is a digest of
    the definition, the parameters and the tables' definitions; `rows_digest` changes with any unit of the figure."""

    publication: int
    report: str
    report_period: str
    as_of: datetime
    metric: str
    version: int
    breakdown: str
    period_start: date
    period_end: date
    n: int
    num: Decimal | None
    den: Decimal | None
    value: float | None
    low: float | None
    high: float | None
    state: str
    reason: str
    excluded: str
    made_with: str
    rows_digest: str

    @property
    def key(self) -> FigureKey:
        """Which figure it is, whoever published it and whatever it was."""
        return self.metric, self.breakdown, self.period_start, self.period_end


def published(lake: Lake, head: Commit | None = None) -> list[PublishedFigure]:
    """Every entry of the ledger, in the order of publication."""
    head = head or lake.head()
    parts = head.tables.get(TABLE, {}) if head else {}
    if not parts:
        return []
    con = connect()
    lake.view(con, TABLE, [parts[key] for key in sorted(parts)], SCHEMA)
    found = rows(con, f"select {', '.join(SCHEMA)} from {TABLE} order by {_ORDER}")
    con.close()
    return [PublishedFigure(**row) for row in found]


def ledger_of(head: Commit) -> dict[str, Mapping[str, Part]]:
    """The ledger's parts as they stand, for a commit that follows: whatever else it changes, these go with it."""
    return {TABLE: head.tables[TABLE]} if TABLE in head.tables else {}


def visible_to(entries: Sequence[PublishedFigure], report: str, period: str, as_of: datetime) -> list[PublishedFigure]:
    """What a report as of that instant may know: what was published earlier, of earlier instants.

    A report that is made again sees what it saw at first, whatever was published since, even of instants before its own.
    """
    own = [e.publication for e in entries if (e.report, e.report_period, e.as_of) == (report, period, as_of)]
    return [e for e in entries if e.as_of < as_of and (not own or e.publication < min(own))]


def latest(entries: Sequence[PublishedFigure]) -> dict[FigureKey, PublishedFigure]:
    """Of each figure what was published as of the latest instant; of one instant, what was published last."""
    return {e.key: e for e in sorted(entries, key=lambda e: (e.as_of, e.publication))}


def publish(lake: Lake, figures: Sequence[PublishedFigure]) -> int:
    """Append the figures of one report; their publication's number, 0 where the ledger has just these of it already.

    Needs the right to write only where something is to be added: LockedError while a run holds the lake.
    """
    if not figures or _holds(published(lake), figures):
        return 0
    with lake.lock():
        head = lake.head()
        if head is None:
            raise NoDataError(f"{lake.root}: nothing has been loaded yet; 'cxreports run' does")
        known = published(lake, head)
        if _holds(known, figures):
            return 0
        number = known[-1].publication + 1 if known else 1
        con = connect()
        columns = [asdict(replace(f, publication=number)) for f in figures]
        con.register("entries", pa.table({c: pa.array([r[c] for r in columns], t) for c, (_, t) in _TYPES.items()}))
        part = lake.write(con, TABLE, f"select * from entries order by {_ORDER}")
        con.close()
        assert part  # noqa: S101  # there are figures
        parts = {**head.tables.get(TABLE, {}), f"p{number:08d}": part}
        lake.commit(replace(head, seq=head.seq + 1, parent=lake.digest_of(head), tables={**head.tables, TABLE: parts}))
    return number


def _holds(known: Sequence[PublishedFigure], figures: Sequence[PublishedFigure]) -> bool:
    """Whether one publication of that report says just this. Digests are left out: a rotated key, or a definition that moves
    nothing, changes them."""
    of = figures[0]
    by_number: dict[int, set[PublishedFigure]] = {}
    for e in known:
        if (e.report, e.report_period, e.as_of) == (of.report, of.report_period, of.as_of):
            by_number.setdefault(e.publication, set()).add(replace(e, publication=0, made_with="", rows_digest=""))
    return {replace(f, publication=0, made_with="", rows_digest="") for f in figures} in by_number.values()
