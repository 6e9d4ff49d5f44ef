"""The headline and the lines below it, decided by rules from the readings. Every sentence of the first page is made here."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.measurement import NOT_ELAPSED, Measurement
from cxreports.reports import changes, words
from cxreports.reports.changes import Driver, Key
from cxreports.reports.context import ReportContext, Target
from cxreports.reports.readings import (
    BASELINE,
    FIVE,
    NOT_GIVEN,
    NOT_IDENTIFIED,
    TRAPPED,
    WATCHED,
    WEEK,
    WEEKS,
    Reading,
    local,
    segment_counts,
    whole_counts,
    window_days,
)
from cxreports.reports.since import Trail, since

Line = dict[str, str]
NO_COST = "What failures cost is not computed yet."
CHANGE_WEEKS = 8  # how far back the start of a change is looked for
Readings = Mapping[str, Reading]


def tell(ctx: ReportContext, dims: tuple[str, ...], readings: Readings, worst: Key | None) -> tuple[str, list[Line]]:
    """Headline, and the lines What changed, Where, Since, Standing out, Who acts, Not yet known."""
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
    if acts := _who_acts(ctx, readings, found, segment_words(dims, worst) if standing and worst else ""):
        lines.append({"label": "Who acts", "text": acts})
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


def is_met(r: Reading, target: Target) -> bool | None:
    """Whether the figure reaches its target; None where there is none to judge."""
    m, limit = r.current, target.limit
    if limit is None or m is None or m.value is None or m.state not in ("final", "provisional"):
        return None
    return m.value >= limit if target.at_least is not None else m.value <= limit


def spans(r: Reading, target: Target) -> bool:
    """The interval includes the target: met or missed may be chance."""
    m, limit = r.current, target.limit
    return m is not None and limit is not None and m.low is not None and m.high is not None and m.low < limit < m.high


def _who_acts(ctx: ReportContext, readings: Readings, found: Reading | None, worst: str) -> str:
    """The owners of what got worse, of the segment that stands out, and of targets missed, from the metrics' definitions."""
    tasks: list[tuple[Reading, str]] = []
    if found and found.vs_baseline and is_worse(found) and not (worst and found.metric == TRAPPED):
        tasks.append((found, f"{_mid(title(found))} {'rose' if found.vs_baseline.diff > 0 else 'fell'}"))
    if worst:
        tasks.append((readings[TRAPPED], f"{_mid(title(readings[TRAPPED]))}: {worst}"))
    for r in (readings[metric] for metric in FIVE):
        if (target := ctx.targets.get(r.metric)) and is_met(r, target) is False:
            tasks.append((r, f"{_mid(title(r))} misses its target" + (", perhaps by chance" if spans(r, target) else "")))
    owners: dict[str, list[str]] = {}
    for r, text in tasks:
        owners.setdefault(words.clean(r.info.owner, 60) if r.info else "nobody named", []).append(text)
    return " ".join(f"{owner} ({'; '.join(texts)})." for owner, texts in owners.items())


def title(reading: Reading) -> str:
    """The measure's name in a sentence, without what stands behind a comma."""
    return words.clean(re.split(r"[,(]", reading.info.title if reading.info else reading.metric)[0], 60)


def segment_words(dims: Sequence[str], key: Key, limit: int = 40) -> str:
    """chat in north; chat, region not given"""
    given = " in ".join(words.clean(part, limit) for part in key if part != NOT_GIVEN) if dims else ""
    missing = [f"{name} {NOT_GIVEN}" for name, part in zip(dims, key, strict=True) if part == NOT_GIVEN] if dims else []
    return ", ".join([*([given] if given else []), *missing])


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
    if worst not in counts:
        return None
    own, rest = counts[worst], changes.without(whole_counts(ctx, r.metric, start, end), counts[worst])
    if rest[1] < HIDDEN_BELOW:
        return None
    name, share = segment_words(dims, worst), words.value("percent", own[0] / own[1])
    began = since(ctx, Trail(r.metric, dims, worst, end, WEEKS), True, "The difference")
    return (
        f"{name} traps the customer in {share} of contained interactions of known mood",
        f"In {name} {words.counted(*own)} of contained interactions of known mood ended unhappy and came back in "
        f"{words.week_name(start)}, against {words.counted(*rest)} of all others. {began}",
    )


def _headline(dims: Sequence[str], r: Reading, apart: Driver | None) -> str:
    assert r.current and r.info and r.vs_baseline and r.current.value is not None  # noqa: S101
    week, now = words.week_name(r.current.period_start), words.value(r.info.unit, r.current.value)
    if r.metric == TRAPPED:
        more = "More" if r.vs_baseline.diff > 0 else "Fewer"
        text = f"{more} customers were trapped by the AI in {week}: {now} of those contained whose mood is known"
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
    first = f"{figure} of contained interactions of known mood ended unhappy and came back in {week}"
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
    before = "four weeks" if all(r.baseline_weeks == BASELINE for r in compared) else "weeks"
    text = f"No watched measure differs clearly from the {before} before: {'; '.join(_by_week(compared))}."
    headline = "No clear change this week" + (f", but {standing[0]}" if standing else "")
    return headline, [{"label": "What changed", "text": text}]


def _by_week(compared: Sequence[Reading]) -> list[str]:
    """resolution −0.5 pt in week 45; service level +4.9 pt in week 47"""
    weeks: dict[date, list[str]] = {}
    for r in sorted((r for r in compared if r.current), key=lambda r: r.current.period_start if r.current else date.min):
        weeks.setdefault(r.current.period_start if r.current else date.min, []).append(f"{_mid(title(r))} {_short(r)}")
    return [f"{words.listed(said)} in {words.week_name(start)}" for start, said in weeks.items()]


def _not_yet_known(ctx: ReportContext, readings: Readings) -> str:
    parts = [*_unfinished(ctx, readings), *_waiting(ctx, readings), *_unidentified(readings), *_late(readings)]
    for metric in WATCHED:
        r = readings[metric]
        if r.newest is None:
            parts.append(f"{title(r)}: nothing was measured.")
        elif not r.is_older and r.newest.value is None:
            parts.append(f"{title(r)}: {words.state_words(r.newest)}.")
    known = " ".join(parts) or "Nothing is outstanding: every figure of this week is final."
    return f"{known} {NO_COST}"


def _unfinished(ctx: ReportContext, readings: Readings) -> list[str]:
    newest = next((r.newest for r in readings.values() if r.newest), None)
    known = local(ctx, ctx.as_of)
    if newest is None or (known + timedelta(seconds=1)).date() >= newest.period_end:
        return []
    return [f"{words.sentence(words.week_name(newest.period_start))} is not over: it is known up to {words.instant(known)}."]


def _waiting(ctx: ReportContext, readings: Readings) -> list[str]:
    for metric in ("fcr_repeat", *WATCHED):
        r = readings[metric]
        m = r.newest
        if m and r.info and (n := m.excluded.get(NOT_ELAPSED, 0)) and (r.is_older or metric == "fcr_repeat"):
            days = window_days(ctx, metric)
            whole, first = m.n + n, "first " if metric == "fcr_repeat" else ""
            of = f"all {words.number(n)}" if n == whole else f"{words.number(n)} of the {words.number(whole)}"
            return [
                f"Whether a customer comes back is {_wait_words(days)} for {of} "
                f"{first}{words.clean(r.info.grain)}s of {words.week_name(m.period_start)}; "
                "what depends on it shows the newest week that is final."
            ]
    return []


def _wait_words(days: str) -> str:
    return f"known after {days} days, which are not over" if days else "not known yet"


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
            return [f"In {share} of interactions the customer is not identified: whether they came back cannot be seen."]
    return []


def _population(m: Measurement) -> int:
    return m.n + sum(m.excluded.values())
