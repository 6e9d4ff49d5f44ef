"""What changed since the last issue: restated figures → the rows of a table and a few lines. No deciding why; no drawing."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from cxreports.analysis.measurement import Measurement
from cxreports.analysis.moved_rows import Part
from cxreports.analysis.restatement import Restatement
from cxreports.lake.published import PublishedFigure
from cxreports.reports import words
from cxreports.reports.context import ReportContext
from cxreports.reports.readings import WEEK, local

Row = dict[str, object]
LINES = 3  # of the first page
HEADING = "What changed since the last issue?"


def changed(ctx: ReportContext) -> dict[str, Row]:
    """The section, under its name; nothing where the pipeline keeps no ledger."""
    if ctx.changed is None:
        return {}
    told = ctx.changed()
    if told.last is None:
        first = "This is the first issue: no figure had been published as of an earlier day"
        return {"changed": {"heading": HEADING, "subtitle": first, "lines": [], "rows": [], "ripened": []}}
    restated = sorted((r for r in told.found if not r.is_ripened), key=_weight)
    ripened = sorted((r for r in told.found if r.is_ripened), key=_weight)
    return {
        "changed": {
            "heading": HEADING,
            "subtitle": _subtitle(ctx, told.last, restated, ripened),
            "lines": _lines(ctx, restated, ripened),
            "rows": [_row(ctx, r) for r in restated],
            "ripened": [_row(ctx, r) for r in ripened],
        }
    }


def _weight(r: Restatement) -> tuple[bool, bool, float, str, date, str]:
    """Whole weeks before segments and days; the largest move, against what it was, first."""
    was, size = abs(r.then.value or 0), abs((r.now.value or 0) - (r.then.value or 0))
    is_week, key = r.then.period_end - r.then.period_start == WEEK, r.then.key
    return key[1] != "{}", not is_week, -(size / was if was else size), key[0], key[2], key[1]


def _subtitle(ctx: ReportContext, last: datetime, restated: Sequence[Restatement], ripened: Sequence[Restatement]) -> str:
    n, m = (
        f"restated: {words.units(len(restated), 'figure')}",
        f"provisional then, and moved as announced: {words.number(len(ripened))}",
    )
    return f"Against what had been published, last as of {words.instant(local(ctx, last))}; {n}; {m}"


def _lines(ctx: ReportContext, restated: Sequence[Restatement], ripened: Sequence[Restatement]) -> list[str]:
    lines = [f"{_name(ctx, r)}: {_was(ctx, r)} → {_is(ctx, r)} ({_why(r)})." for r in restated[:LINES]]
    if left := len(restated) - len(lines):
        lines.append(f"{words.number(left)} more on the HTML page and in report.json; cxreports restated lists the rows of each.")
    now_final = [r for r in ripened if r.now.state == "final" and r.then.breakdown == "{}" and r.now.value is not None]
    if now_final:
        most = now_final[0]
        lines.append(
            f"{words.units(len(now_final), 'weekly or daily figure')} became final, as announced; the largest move:"
            f" {_name(ctx, most)}, {_was(ctx, most)} → {_is(ctx, most)}."
        )
    return lines


def _row(ctx: ReportContext, r: Restatement) -> Row:
    by: dict[str, str] = json.loads(r.then.breakdown)
    return {
        "metric": r.then.metric,
        "title": _title(ctx, r.then.metric),
        "period": _period(r),
        "by": ", ".join(f"{k} {words.clean(v, 40)}" for k, v in by.items()),
        "was": _was(ctx, r),
        "was_state": r.then.state,
        "was_as_of": words.instant(local(ctx, r.then.as_of)),
        "is": _is(ctx, r),
        "is_state": r.now.state,
        "why": _why(r),
        "parts": [_part(p) for p in r.parts],
        "units": [] if r.is_ripened else [{k: _plain(v) for k, v in row.items()} for row in r.rows],
        "n_units": r.total,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else words.clean(value, 120) if isinstance(value, str) else value


def _part(p: Part) -> Row:
    share = None if p.share is None else round(float(p.share), 9)
    return {"reason": p.reason, "units": p.units, "n": p.n, "num": p.num, "den": p.den, "share": share}


def _title(ctx: ReportContext, metric: str) -> str:
    info = ctx.info(metric)
    return words.clean(info.title, 80) if info else metric


def _period(r: Restatement) -> str:
    start, end = r.then.period_start, r.then.period_end
    return words.week_label(start) if end - start == WEEK and start.weekday() == 0 else words.days(start, end)


def _name(ctx: ReportContext, r: Restatement) -> str:
    by = ", ".join(words.clean(v, 30) for v in json.loads(r.then.breakdown).values())
    return f"{_title(ctx, r.then.metric)}{f' ({by})' if by else ''}, {_period(r)}"


def _was(ctx: ReportContext, r: Restatement) -> str:
    return _value(ctx, r, r.then)


def _is(ctx: ReportContext, r: Restatement) -> str:
    return _value(ctx, r, r.now)


def _value(ctx: ReportContext, r: Restatement, side: PublishedFigure | Measurement) -> str:
    """24.6%, or its state where there is no value; with the counts where rounding would hide the move."""
    info, said = ctx.info(r.then.metric), side.state.replace("_", " ")
    if side.value is None or info is None:
        return said
    text = words.value(info.unit, side.value)
    both = {words.value(info.unit, x) for x in (r.then.value, r.now.value) if x is not None}
    if both == {text} and side.num is not None and side.den and info.unit == "percent":
        text += f" ({words.number(float(side.num))} of {words.number(float(side.den))})"
    return text + ("" if side.state == "final" else f", {said}")


def _why(r: Restatement) -> str:
    """late data: 3 units; identity: 1 unit"""
    return "; ".join(f"{p.reason}: {words.units(p.units, 'unit')}" if p.units else p.reason for p in r.parts)
