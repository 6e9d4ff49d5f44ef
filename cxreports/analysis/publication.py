"""What a report asked for, kept as it was told, so that it can be entered into the ledger. Measures nothing of its own."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cxreports import __version__
from cxreports.analysis.buckets import BUCKETS, bucket, key_sql
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.definitions.versions import figure_digest
from cxreports.errors import QuestionError
from cxreports.lake import build
from cxreports.lake.engine import rows
from cxreports.lake.published import FigureKey, PublishedFigure

Question = tuple[str, tuple[str, ...], date, date]


@dataclass(frozen=True)
class Recorder:
    """Measures for a report, and remembers every answer: what a report is told counts as published."""

    measurer: Measurer
    asked: dict[Question, list[Measurement]] = field(default_factory=dict)
    told: dict[Question, list[Measurement]] = field(default_factory=dict)

    def measure(self, name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        """As `Measurer.measure`; asking again gives the same answer at once."""
        question = (name, tuple(by), start, end)
        if question not in self.asked:
            self.asked[question] = self.measurer.measure(name, by, start, end)
        return self.asked[question]

    def note(self, m: Measurement) -> None:
        """One more figure that the report tells: what was published before and is another one now."""
        self.told.setdefault((m.metric, tuple(sorted(m.by)), m.period_start, m.period_end), []).append(m)

    def figures(self, report: str, period: str) -> list[PublishedFigure]:
        """Every figure that was asked for, once, as the ledger holds it."""
        found: dict[FigureKey, PublishedFigure] = {}
        for question, answers in [*sorted(self.asked.items()), *sorted(self.told.items())]:
            digests = rows_digests(self.measurer, question) if any(m.n for m in answers) else {}
            made_with = made_with_digest(self.measurer, question[0])
            for m in answers:
                entry = entry_of(m, report, period, made_with, digests.get((breakdown_of(m.by), m.period_start), ""))
                found.setdefault(entry.key, entry)
        return [found[key] for key in sorted(found)]


def breakdown_of(by: Mapping[str, str]) -> str:
    """The group of a measurement as JSON, by name."""
    return json.dumps(dict(sorted(by.items())), ensure_ascii=False)


def entry_of(m: Measurement, report: str, period: str, made_with: str, rows_digest: str) -> PublishedFigure:
    """A measurement as the ledger holds it, not yet in a publication."""
    return PublishedFigure(
        publication=0, report=report, report_period=period, as_of=m.as_of, metric=m.metric, version=m.version,
        breakdown=breakdown_of(m.by), period_start=m.period_start, period_end=m.period_end, n=m.n, num=_whole(m.num),
        den=_whole(m.den), value=m.value, low=m.low, high=m.high, state=m.state, reason=m.reason,
        excluded=json.dumps(dict(sorted(m.excluded.items())), ensure_ascii=False), made_with=made_with, rows_digest=rows_digest,
    )  # fmt: skip


def _whole(n: int | Decimal | None) -> Decimal | None:
    return None if n is None else Decimal(n)


def made_with_digest(m: Measurer, name: str) -> str:
    """Changes with whatever makes another figure of the same records: the metric, its parameters, the tables, the settings,
    the program.

    Empty for a metric that is not defined any more.
    """
    try:
        metric, _ = m.catalogue.metric(name, m.settings.variants)
    except QuestionError:  # it was published once and is gone
        return ""
    params = {k: str(v) for k, v in m.params_of(name).items() if k not in ("observed_until", "as_of")}
    ended = {source: str(s.ended) for source, s in m.settings.sources.items() if s.ended}
    switchboards = [str(r["identifier"]) for r in rows(m.view.con, "from switchboards order by identifier")]
    tables = build.built_with(m.catalogue, m.params, switchboards)
    told = [__version__, figure_digest(metric), params, m.settings.project.settle_days, ended, tables]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def rows_digests(m: Measurer, question: Question) -> dict[tuple[str, date], str]:
    """By breakdown and first day: a digest of the group's units, counted or not. Equal units give equal digests, in any order."""
    name, by, start, end = question
    metric, _ = m.catalogue.metric(name, m.settings.variants)
    if metric.header.kind == "nowcast" or m.missing(name):
        return {}
    dims = [*by, *([metric.header.part] if metric.header.part and metric.header.part not in by else [])]
    keys = "".join(f"{key_sql(b)} as g{i}, " for i, b in enumerate(dims))
    found = rows(
        m.view.con,
        f"""
        select {keys}bit_xor(md5_number_lower(concat_ws('|', unit_id, occurred_on, num, den, coalesce(excluded, '-')))) as digest
        from {m.units(name, dims)}
        where occurred_on >= $start and occurred_on < $end
        group by all
        """,
        {"start": start, "end": end},
    )
    out = {}
    for r in found:
        label = {b: str(r[f"g{i}"]) for i, b in enumerate(dims)}
        first, _ = bucket(label, start, end)
        out[breakdown_of({b: v for b, v in label.items() if b not in BUCKETS}), first] = f"{int(r['digest']):016x}"
    return out
