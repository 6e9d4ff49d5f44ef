"""Published figures that are other figures now: old and new, taken apart by reason, with the rows that moved. Adds up exactly.

A published figure F (as of then) and today's figure R (as of now) differ by two steps. The first is F → the figure as of then
with today's definitions: a redefinition, or an erasure where the definitions are the same and what was counted is gone. The
second is from there to R: both sides have their units, each unit that counts otherwise has one reason (`moves`), and the sums of
the units are the difference (`difference`).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cxreports.analysis.difference import Difference
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import NOT_ELAPSED, Measurement
from cxreports.analysis.moved_rows import Part, moved_rows
from cxreports.analysis.moves import Reason, Sides, moved_units, prepare, redefined_units
from cxreports.analysis.publication import Recorder, breakdown_of, made_with_digest
from cxreports.definitions.definition import MetricHeader
from cxreports.errors import QuestionError
from cxreports.lake.published import FigureKey, PublishedFigure, latest

GONE = "no longer defined"
NO_UNITS = "no units any more"
_SUMS = ("count", "proportion", "mean", "composition")  # kinds whose value is a quotient of sums over units
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


@dataclass(frozen=True)
class Restatement:
    """A published figure, what it is now, and why. `rows` are those that moved (at most as many as asked for); `total` all."""

    then: PublishedFigure
    now: Measurement
    difference: Fraction | None
    parts: list[Part]
    rows: list[dict[str, Any]]
    total: int

    @property
    def is_ripened(self) -> bool:
        """The figure was published as one that still waits, or only waiting moved it: it was expected to move."""
        waited = self.then.state == "insufficient" and NOT_ELAPSED in json.loads(self.then.excluded)
        return waited or self.then.state == "provisional" or set(self.reasons) == {"maturity"}

    @property
    def reasons(self) -> list[Reason]:
        """The reasons, the one that moves most first."""
        return [p.reason for p in self.parts]


def restatements(
    entries: Iterable[PublishedFigure], now: Measurer, open_then: Callable[[datetime], Measurer], limit: int | None
) -> list[Restatement]:
    """Those of the entries that differ now, in their order, each with its reasons and at most `limit` rows."""
    entries = list(entries)
    found = measured(now, entries)
    moved: dict[datetime, list[PublishedFigure]] = defaultdict(list)
    for e in entries:
        if differs(e, found[e.key]):
            moved[e.as_of].append(e)
    out: dict[PublishedFigure, Restatement] = {}
    for instant, group in sorted(moved.items()):
        sides = Sides(open_then(instant), now)
        prepare(sides)
        by_metric: dict[str, list[PublishedFigure]] = defaultdict(list)
        for e in group:
            by_metric[e.metric].append(e)
        for name, figures in sorted(by_metric.items()):
            out |= {r.then: r for r in _of_metric(sides, name, figures, found, limit)}
    return [out[e] for e in entries if e in out]


@dataclass(frozen=True)
class Changed:
    """What moved since the last issue. `last` is the newest instant of what had been published before; None: nothing had."""

    last: datetime | None
    found: list[Restatement]


def since_last_issue(
    recorder: Recorder, entries: Sequence[PublishedFigure], open_then: Callable[[datetime], Measurer], limit: int
) -> Changed:
    """What moved of the figures that a report may see, each against its latest publication; told, and so published anew."""
    found = restatements(latest(entries).values(), recorder.measurer, open_then, limit)
    for r in found:
        recorder.note(r.now)
    return Changed(max((e.as_of for e in entries), default=None), found)


def differs(then: PublishedFigure, now: Measurement) -> bool:
    """Whether a reader would see another value, state or count. Of the same counts another interval is no other figure."""
    if (then.n, then.value, then.state) != (now.n, now.value, now.state):
        return True
    return (then.num, then.den) != tuple(None if x is None else Decimal(x) for x in (now.num, now.den))


def measured(now: Measurer, entries: Sequence[PublishedFigure]) -> dict[FigureKey, Measurement]:
    """Each published figure as it is now; weeks and days of one breakdown are measured at once."""
    questions: dict[tuple[str, tuple[str, ...], date, date], list[PublishedFigure]] = defaultdict(list)
    for e in entries:
        dims, length = tuple(sorted(json.loads(e.breakdown))), e.period_end - e.period_start
        if length == _WEEK and e.period_start.weekday() == 0:
            questions[e.metric, ("week", *dims), date.min, date.min].append(e)
        elif length == _DAY:
            questions[e.metric, ("day", *dims), date.min, date.min].append(e)
        else:
            questions[e.metric, dims, e.period_start, e.period_end].append(e)
    out: dict[FigureKey, Measurement] = {}
    for (name, by, _, _), group in questions.items():
        start, end = min(e.period_start for e in group), max(e.period_end for e in group)
        try:
            answers = now.measure(name, by, start, end)
        except QuestionError:
            answers = [_nothing(group[0], now.view.as_of, "not_computable", GONE)]
        out |= _matched(group, answers, now.view.as_of)
        for e in group:
            if e.breakdown == "{}" and out[e.key].reason == NO_UNITS:  # of all, and not of a group: a count of none is 0
                out[e.key] = next(iter(now.measure(name, [], e.period_start, e.period_end)), out[e.key])  # a composition: none
    return out


def _matched(
    group: Sequence[PublishedFigure], answers: Sequence[Measurement], as_of: datetime
) -> dict[FigureKey, Measurement]:  # fmt: skip
    if len(answers) == 1 and answers[0].state == "not_computable" and not answers[0].by:
        return {
            e.key: replace(_nothing(e, as_of, "not_computable", answers[0].reason), version=answers[0].version) for e in group
        }
    known = {(breakdown_of(m.by), m.period_start): m for m in answers}
    return {e.key: known.get((e.breakdown, e.period_start)) or _whole(e, answers, as_of) for e in group}


def _whole(e: PublishedFigure, answers: Sequence[Measurement], as_of: datetime) -> Measurement:
    """A composition that could not be computed then, now that its parts can; or a group that has no unit now."""
    by = json.loads(e.breakdown)
    parts = [m for m in answers if m.period_start == e.period_start and len(m.by) > len(by) and by.items() <= m.by.items()]
    if not parts:
        return _nothing(e, as_of, "insufficient", NO_UNITS)
    return replace(parts[0], by=by, n=sum(m.n for m in parts), num=None, value=None, low=None, high=None, excluded={})


def _nothing(e: PublishedFigure, as_of: datetime, state: Any, reason: str) -> Measurement:
    by, nothing = json.loads(e.breakdown), (None,) * 5
    return Measurement(e.metric, e.version, e.period_start, e.period_end, as_of, by, 0, *nothing, state, reason)


def _of_metric(
    s: Sides, name: str, figures: Sequence[PublishedFigure], found: Mapping[FigureKey, Measurement], limit: int | None
) -> list[Restatement]:
    if any(found[e.key].reason == GONE for e in figures):
        return [Restatement(e, found[e.key], None, [Part("redefinition", None, -e.n, None, None)], [], 0) for e in figures]
    header = s.now.header_of(name)
    as_then = measured(s.then, figures)
    first = _first_steps(s.then, name, figures, as_then, limit)
    is_summed, dims = header.kind != "nowcast", _dims(figures)
    if is_summed:
        moved_units(s, name, dims, *_span(figures))
    out = []
    for e in figures:
        middle, now = as_then[e.key], found[e.key]
        step, picked, total = first.get(e, ([], [], 0))
        parts, later, n_later = moved_rows(s.now.view.con, e, header, dims, limit) if is_summed else ([], [], 0)
        parts = [replace(p, share=_share(p, middle, now, header)) for p in parts]
        if not step and not parts:
            parts = [Part("maturity" if e.state == "provisional" or not is_summed else "late data", 0, 0, 0, 0, Fraction(0))]
        ordered = sorted([*step, *parts], key=lambda p: (-abs(p.share or 0), -(p.units or 0), p.reason))
        out.append(Restatement(e, now, _whole_difference(e, now, header), ordered, [*later, *picked][:limit], total + n_later))
    return out


def _dims(figures: Sequence[PublishedFigure]) -> list[str]:
    return sorted({b for e in figures for b in json.loads(e.breakdown)})


def _span(figures: Sequence[PublishedFigure]) -> tuple[date, date]:
    return min(e.period_start for e in figures), max(e.period_end for e in figures)


def _first_steps(
    m: Measurer, name: str, figures: Sequence[PublishedFigure], as_then: Mapping[FigureKey, Measurement], limit: int | None
) -> dict[PublishedFigure, tuple[list[Part], list[dict[str, Any]], int]]:
    """From what was published to the same instant with today's definitions; row by row where the version of then was kept."""
    header, made_with = m.header_of(name), made_with_digest(m, name)
    metric, _ = m.catalogue.metric(name, m.settings.variants)
    out: dict[PublishedFigure, tuple[list[Part], list[dict[str, Any]], int]] = {}
    for e in figures:
        middle = as_then[e.key]
        if not differs(e, middle):
            continue
        is_erased = e.made_with == made_with and middle.n < e.n
        whole = _step(e, middle, header, "erasure" if is_erased else "redefinition")
        out[e] = ([whole], [], 0)
        if e.version != metric.header.version and f"{metric.name}@{e.version}" in m.catalogue.earlier:
            redefined_units(m, f"{name}@{e.version}", name, _dims([e]), *_span([e]))
            parts, picked, total = moved_rows(m.view.con, e, header, _dims([e]), limit)
            if [(p.n, p.num, p.den) for p in parts] == [(whole.n, whole.num, whole.den)]:
                out[e] = ([replace(whole, units=total)], picked, total)
    return out


def _step(e: PublishedFigure, middle: Measurement, header: MetricHeader, reason: Reason) -> Part:
    """From what was published to the same instant with today's definitions, without rows."""
    num = None if e.num is None or middle.num is None else int(middle.num - e.num)
    den = None if e.den is None or middle.den is None else int(middle.den - e.den)
    return Part(reason, None, middle.n - e.n, num, den, _whole_difference(e, middle, header))


def _difference(then: PublishedFigure | Measurement, now: Measurement, header: MetricHeader) -> Difference | None:
    """None for figures that are no sums, and where the sums are not shown."""
    if header.kind not in _SUMS or header.labelled or then.num is None or now.num is None:
        return None
    return Difference.of((then.num, then.den), (now.num, now.den), header)


def _whole_difference(then: PublishedFigure | Measurement, now: Measurement, header: MetricHeader) -> Fraction | None:
    found = _difference(then, now, header)
    return found.whole if found else None


def _share(p: Part, then: Measurement, now: Measurement, header: MetricHeader) -> Fraction | None:
    """What a part's units make of the difference of the values."""
    found = _difference(then, now, header)
    return None if found is None or p.num is None or p.den is None else found.share(p.num, p.den)
