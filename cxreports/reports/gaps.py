"""What should have come in the reported week and did not, and what became of its offers, in lines. Nothing is decided here."""

from collections.abc import Sequence
from datetime import date

from cxreports.analysis.flow import Flow
from cxreports.analysis.reconcile import Control, Gap, Reconciliation
from cxreports.reports import words
from cxreports.reports.context import ReportContext
from cxreports.reports.readings import WEEK

NAMED = 3  # days or totals that a line names


def gap_lines(ctx: ReportContext, week_start: date) -> dict[str, list[str]]:
    """One line per source that has missing files or differing totals, or one that says there are none; nothing where no
    source says what to expect."""
    if ctx.reconcile is None:
        return {}
    found = ctx.reconcile(week_start, week_start + WEEK)
    sources = dict.fromkeys([*(g.source for g in found.gaps), *(c.source for c in _differing(found))])
    lines = [_line(source, found) for source in sources]
    return {"gaps": lines or ["Of what the settings expect of this week, no file is missing and no total differs."]}


def flow_line(ctx: ReportContext, week_start: date) -> dict[str, str]:
    """What became of the week's offers to queues, and how many do not fit; nothing where there was no offer."""
    found = ctx.flow(week_start, week_start + WEEK) if ctx.flow else None
    if found is None or not (found.groups or found.not_measurable):
        return {}
    told = [_became(group) for group in found.groups]
    told += [
        f"What became of {_offers(n)} of {words.clean(source, 60)} is not told." for source, n in found.not_measurable.items()
    ]
    return {"flow": " ".join(told)}


def _became(f: Flow) -> str:
    outcomes = {
        "answered": f.answered, "abandoned": f.abandoned, "sent on": f.flowed_out, "to be called back": f.callback,
        "still waiting": f.in_progress,
    }  # fmt: skip
    parts = words.listed([f"{words.number(n)} {outcome}" for outcome, n in outcomes.items() if n])
    rest = f"{words.number(f.residual)} fit none or several ('cxreports flow' names them)" if f.residual else "none is left over"
    return f"Of {_offers(f.offered)} to a queue: {parts or 'none with a known end'}; {rest}."


def _offers(n: int) -> str:
    return f"{words.number(n)} offer{'' if n == 1 else 's'}"


def _differing(found: Reconciliation) -> list[Control]:
    return [c for c in found.controls if c.is_wrong]


def _line(source: str, found: Reconciliation) -> str:
    gaps = [g for g in found.gaps if g.source == source]
    controls = [c for c in _differing(found) if c.source == source]
    parts = []
    if gaps:
        unit = gaps[0].every if len(gaps) == 1 else f"{gaps[0].every}s"
        parts.append(f"no file of {words.number(len(gaps))} {unit}: {_some([words.day(d) for d in _days(gaps)])}")
    if controls:
        parts.append(f"{_totals(len(controls))} of {words.clean(controls[0].totals, 60)}: {_some([_told(c) for c in controls])}")
    return f"{words.clean(source, 60)}: {'; '.join(parts)}"


def _days(gaps: Sequence[Gap]) -> list[date]:
    return list(dict.fromkeys(g.day for g in gaps))


def _totals(n: int) -> str:
    return "does not agree with a total" if n == 1 else f"does not agree with {words.number(n)} totals"


def _told(c: Control) -> str:
    received = "not known" if c.received is None else f"{c.received:,}"
    return f"{words.clean(c.measure, 40)} on {words.day(c.start_on)} {received} of {c.expected:,}"


def _some(told: list[str]) -> str:
    more = len(told) - NAMED
    return words.listed([*told[:NAMED], f"{more} more"] if more > 0 else told)
