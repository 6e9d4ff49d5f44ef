"""The headline and the lines below it, decided by rules from the readings. Every sentence of the first page is made here."""

import re
from collections.abc import Mapping, Sequence

from cxreports.analysis.measurement import Measurement
from cxreports.reports import changes, words
from cxreports.reports.changes import Driver, Key
from cxreports.reports.context import ReportContext
from cxreports.reports.readings import (
    BASELINE,
    NOT_ELAPSED,
    NOT_IDENTIFIED,
    TRAPPED,
    WATCHED,
    WEEK,
    WEEKS,
    Reading,
    segment_counts,
    window_days,
)
from cxreports.reports.since import Trail, since

Line = dict[str, str]
CHANGE_WEEKS = 8  # how far back the start of a change is looked for
Readings = Mapping[str, Reading]


def tell(ctx: ReportContext, dims: tuple[str, ...], readings: Readings, worst: Key | None) -> tuple[str, list[Line]]:
    """Headline, and the lines What changed, Where, Since, Standing out, Not yet known."""
    found = chosen(readings)
    standing = _standing(ctx, dims, readings[TRAPPED], worst)
    if found is None:
        headline, lines = _quiet(readings, standing)
        lines += [{"label": "Standing out", "text": standing[1]}] if standing else []
    else:
        apart = _apart(ctx, dims, found)
        headline, lines = _changed(ctx, dims, readings, found, apart)
        is_told = found.metric == TRAPPED and apart is not None and apart.key == worst
        lines += [{"label": "Standing out", "text": standing[1]}] if standing and not is_told else []
    return headline, [*lines, {"label": "Not yet known", "text": _not_yet_known(ctx, readings)}]


def chosen(readings: Readings) -> Reading | None:
    """The measure of the headline: the first in importance that clearly got worse, else the first that clearly got better."""
    final = [readings[metric] for metric in WATCHED if readings[metric].is_final]
    worse = [r for r in final if is_worse(r)]
    improved = [r for r in final if is_worse(r) is False]
    return next(iter([*worse, *improved]), None)


def is_worse(reading: Reading) -> bool | None:
    """Whether the change is clear and for the worse; None where there is no clear change or no better side."""
    change, better = reading.vs_baseline, reading.info.better if reading.info else "neither"
    if change is None or not change.is_clear or better == "neither":
        return None
    return (change.diff < 0) == (better == "higher")


def title(reading: Reading) -> str:
    """The measure's name in a sentence, without what stands behind a comma."""
    return words.clean(re.split(r"[,(]", reading.info.title if reading.info else reading.metric)[0], 60)


def segment_words(dims: Sequence[str], key: Key) -> str:
    """chat in north"""
    return " in ".join(words.clean(part, 40) for part in key) if dims else ""


def _on(dims: Sequence[str], key: Key) -> str:
    return f"{'on' if dims[0] == 'channel' else 'in'} {segment_words(dims, key)}"


def _changed(
    ctx: ReportContext, dims: tuple[str, ...], readings: Readings, r: Reading, apart: Driver | None
) -> tuple[str, list[Line]]:
    assert r.current and r.vs_baseline  # noqa: S101 - a clear change has them
    rising = r.vs_baseline.diff > 0
    trail = Trail(r.metric, dims, apart.key if apart else None, r.current.period_end, CHANGE_WEEKS)
    return _headline(dims, r, apart), [
        {"label": "What changed", "text": _what(readings, r)},
        {"label": "Where", "text": _where(dims, r, apart)},
        {"label": "Since", "text": since(ctx, trail, rising, "The rise" if rising else "The fall")},
    ]


def _standing(ctx: ReportContext, dims: tuple[str, ...], r: Reading, worst: Key | None) -> tuple[str, str] | None:
    """The segment that traps clearly more than all others, new or not: a clause for the headline, and a line."""
    if worst is None or r.current is None:
        return None
    start, end = r.current.period_start, r.current.period_end
    counts = segment_counts(ctx, r.metric, dims, start, end)
    rest = [c for key, c in counts.items() if key != worst]
    if worst not in counts or not rest:
        return None
    own = counts[worst][0] / counts[worst][1]
    num, den = sum(c[0] for c in rest), sum(c[1] for c in rest)
    others = words.value("percent", num / den) if num else f"0 of {words.number(den)}"
    name, share = segment_words(dims, worst), words.value("percent", own)
    began = since(ctx, Trail(r.metric, dims, worst, end, WEEKS), True, "The difference")
    return (
        f"{name} still traps {share} of those it contains",
        f"{words.sentence(name)}: {share} of contained interactions ended unhappy and came back in {words.week_name(start)}, "
        f"against {others} elsewhere. {began}",
    )


def _headline(dims: Sequence[str], r: Reading, apart: Driver | None) -> str:
    assert r.current and r.info and r.vs_baseline and r.current.value is not None  # noqa: S101
    week, now = words.week_name(r.current.period_start), words.value(r.info.unit, r.current.value)
    if r.metric == TRAPPED:
        more = "More" if r.vs_baseline.diff > 0 else "Fewer"
        text = f"{more} customers were trapped by the AI: {now} of contained interactions in {week}"
    else:
        text = f"{title(r)} {'rose' if r.vs_baseline.diff > 0 else 'fell'} to {now} in {week}"
    if apart is None:
        return text
    return f"{text}, {'mostly' if apart.share >= 0.5 else 'most clearly'} {_on(dims, apart.key)}"


def _what(readings: Readings, r: Reading) -> str:
    assert r.current and r.info and r.vs_baseline  # noqa: S101
    unit, change = r.info.unit, r.vs_baseline
    now, band = words.measured(r.current, unit)
    figure = f"{now}{f' ({band})' if band else ''}"
    week = words.week_name(r.current.period_start)
    first = f"{figure} of contained interactions ended unhappy and came back in {week}"
    text = (
        f"{first if r.metric == TRAPPED else f'{title(r)} was {figure} in {week}'}, "
        f"{words.change(unit, change.diff)} against the {_baseline(r)} "
        f"(interval {words.change_interval(unit, change.low, change.high)}): "
        f"a clear change for the {'worse' if is_worse(r) else 'better'}."
    )
    others = [o for metric in WATCHED if metric != r.metric and (o := readings[metric]).vs_baseline]
    clear = [f"{_mid(title(o))} {_short(o)}" for o in others if is_clear(o)]
    unclear = [_mid(title(o)) for o in others if not is_clear(o)]
    text += f" Also clear: {words.listed(clear)}." if clear else ""
    return text + (f" No clear change: {words.listed(unclear)}." if unclear else "")


def is_clear(r: Reading) -> bool:
    """Whether the change against the weeks before leaves zero out."""
    return r.vs_baseline is not None and r.vs_baseline.is_clear


def _short(r: Reading) -> str:
    return words.change(r.info.unit, r.vs_baseline.diff) if r.info and r.vs_baseline else ""


def _mid(name: str) -> str:
    """A title inside a sentence: small first letter unless the word is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _baseline(r: Reading) -> str:
    n = r.baseline_weeks
    return "four weeks before" if n == BASELINE else "week before" if n == 1 else f"{n} weeks before that have data"


def _apart(ctx: ReportContext, dims: Sequence[str], r: Reading) -> Driver | None:
    """The segment that carries the change, if one stands apart from the rest."""
    if r.current is None or r.info is None or r.info.unit != "percent":
        return None
    start = r.current.period_start
    now = segment_counts(ctx, r.metric, dims, start, r.current.period_end)
    found = changes.driver(now, segment_counts(ctx, r.metric, dims, start - WEEK * BASELINE, start))
    return found if found and found.is_apart else None


def _where(dims: Sequence[str], r: Reading, apart: Driver | None) -> str:
    assert r.info and r.vs_baseline  # noqa: S101
    way = "rise" if r.vs_baseline.diff > 0 else "fall"
    if apart is None:
        return f"No clear segment: no single {' and '.join(dims) or 'group'} stands apart from the rest in this {way}."
    name = words.sentence(segment_words(dims, apart.key))
    before, now = (words.value(r.info.unit, f.value) for f in (apart.before, apart.now))
    share = "all" if apart.share >= 0.995 else f"{apart.share * 100:.0f}%"
    return f"{name}: from {before} to {now}. It makes {share} of the {way} and stands apart from every other segment."


def _quiet(readings: Readings, standing: tuple[str, str] | None) -> tuple[str, list[Line]]:
    compared = [r for metric in WATCHED if (r := readings[metric]).vs_baseline]
    if not compared:
        text = "Not known: no measure has a final week and a week before it to compare with."
        return "There is nothing yet to compare this week with", [{"label": "What changed", "text": text}]
    small = words.listed([f"{_mid(title(r))} {_short(r)}" for r in compared])
    text = f"Every difference from the four weeks before is within what chance gives: {small}."
    headline = "No clear change this week" + (f", but {standing[0]}" if standing else "")
    return headline, [{"label": "What changed", "text": text}]


def _not_yet_known(ctx: ReportContext, readings: Readings) -> str:
    parts = [*_waiting(ctx, readings), *_unidentified(readings), *_late(readings)]
    for metric in WATCHED:
        r = readings[metric]
        if r.newest is None:
            parts.append(f"{title(r)}: nothing was measured.")
        elif not r.is_older and r.newest.value is None:
            parts.append(f"{title(r)}: {words.state_words(r.newest)}.")
    return " ".join(parts) or "Nothing is outstanding: every figure of this week is final."


def _waiting(ctx: ReportContext, readings: Readings) -> list[str]:
    for metric in ("fcr_repeat", *WATCHED):
        m = readings[metric].newest
        if m and (n := m.excluded.get(NOT_ELAPSED, 0)):
            days = window_days(ctx, metric)
            span = f"the {days} days in which a customer may come back have" if days else "the repeat window has"
            whole = _population(m)
            of = f"all {words.number(n)}" if n == whole else f"{words.number(n)} of {words.number(whole)}"
            return [
                f"For {of} first interactions of {words.week_name(m.period_start)} {span} not elapsed; what depends on it is "
                f"given for the newest week that is final."
                if metric == "fcr_repeat"
                else f"For {of} units of {words.week_name(m.period_start)} {span} not elapsed."
            ]
    return []


def _late(readings: Readings) -> list[str]:
    late = [r for m in WATCHED if (r := readings[m]).current and not r.is_older and r.newest and r.newest.state == "provisional"]
    shown = [r for r in late if r.newest and r.newest.value is not None]
    if not shown or shown[0].newest is None:
        return []
    names = words.listed([_mid(title(r)) for r in shown])
    return [f"{words.sentence(names)}: provisional, {words.clean(shown[0].newest.reason)}."]


def _unidentified(readings: Readings) -> list[str]:
    for metric in ("fcr_repeat", *WATCHED):
        m = readings[metric].newest
        if m and (n := m.excluded.get(NOT_IDENTIFIED, 0)):
            share = words.short_percent(n / _population(m))
            return [f"{share} of interactions have no identified customer: whether that customer came back cannot be seen."]
    return []


def _population(m: Measurement) -> int:
    return m.n + sum(m.excluded.values())
