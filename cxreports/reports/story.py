"""The headline and the lines below it, decided by rules from the readings. Every sentence of the first page is made here."""

import re
from collections.abc import Mapping
from datetime import date

from cxreports.analysis.measurement import Measurement
from cxreports.reports import changes, words
from cxreports.reports.changes import Change, Driver, Key
from cxreports.reports.context import Release, ReportContext
from cxreports.reports.readings import (
    BASELINE,
    NOT_ELAPSED,
    NOT_IDENTIFIED,
    REPEAT,
    TRAPPED,
    WATCHED,
    WEEK,
    Ask,
    Reading,
    ask,
    segment_counts,
    segment_names,
    window_days,
)

Line = dict[str, str]
LOOK_BACK = WEEK * 8
BEFORE_ONSET = 14  # days in which a release may have come before what it is set beside
SLACK = 2  # days by which a start may be dated too early


def tell(ctx: ReportContext, readings: Mapping[Ask, Reading], worst: Key | None) -> tuple[str, list[Line]]:
    """Headline, and the lines What changed, Where, Since, Not yet known."""
    found = _chosen(readings)
    if found is None:
        headline, lines = _quiet(ctx, readings, worst)
    else:
        headline, lines = _changed(ctx, readings, found)
    return headline, [*lines, {"label": "Not yet known", "text": _not_yet_known(ctx, readings)}]


def is_worse(reading: Reading) -> bool | None:
    """Whether the clear change of a reading is for the worse; None where it has no clear change or no better side."""
    change, better = reading.vs_baseline, _better(reading)
    if change is None or not change.is_clear or better == "neither":
        return None
    return (change.diff < 0) == (better == "higher")


def title(reading: Reading) -> str:
    """The measure's name in a sentence."""
    if reading.ask == TRAPPED:
        return "Trapped customers"
    name = reading.info.title if reading.info else reading.ask.metric
    return words.clean(re.split(r"[,(]", name)[0], 60)


def segment_words(names: list[str], key: Key) -> str:
    """chat in north"""
    return " in ".join(words.clean(part, 40) for part in key) if names else ""


def _better(reading: Reading) -> str:
    if reading.ask == TRAPPED:
        return "lower"
    return reading.info.better if reading.info else "neither"


def _chosen(readings: Mapping[Ask, Reading]) -> Reading | None:
    worse = [r for what in WATCHED if is_worse(r := readings[what])]
    improved = [r for what in WATCHED if is_worse(r := readings[what]) is False]
    return next(iter([*worse, *improved]), None)


def _changed(ctx: ReportContext, readings: Mapping[Ask, Reading], r: Reading) -> tuple[str, list[Line]]:
    assert r.current and r.info and r.vs_baseline and r.current.value is not None  # noqa: S101 - a clear change has them
    week = words.week_name(r.current.period_start)
    verb = "rose" if r.vs_baseline.diff > 0 else "fell"
    driver = _driver(ctx, r)
    where = segment_words(segment_names(ctx, r.ask), driver.key) if driver and driver.is_apart else ""
    now = words.value(r.info.unit, r.current.value)
    if r.ask == TRAPPED:
        more = "More" if r.vs_baseline.diff > 0 else "Fewer"
        headline = f"{more} customers were trapped by the AI: {now} in {week}"
    else:
        headline = f"{title(r)} {verb} to {now} in {week}"
    headline += f", mostly in {where}" if where else ""
    return headline, [
        {"label": "What changed", "text": _what(readings, r)},
        {"label": "Where", "text": _where(ctx, r, driver)},
        {"label": "Since", "text": _since(ctx, r, driver.key if driver and where else None)},
    ]


def _what(readings: Mapping[Ask, Reading], r: Reading) -> str:
    assert r.current and r.info and r.vs_baseline  # noqa: S101
    unit, change = r.info.unit, r.vs_baseline
    now, band = words.measured(r.current, unit)
    side = "worse" if is_worse(r) else "better"
    text = (
        f"{title(r)} {'were' if r.ask == TRAPPED else 'was'} {now} in {words.week_name(r.current.period_start)}"
        f"{f' ({band})' if band else ''}{' of AI-handled interactions' if r.ask == TRAPPED else ''}, "
        f"{words.change(unit, change.diff)} against the {_baseline(r)} (interval "
        f"{words.change_interval(unit, change.low, change.high)}): a clear change for the {side}."
    )
    others = [readings[w] for w in WATCHED if w != r.ask]
    clear = [f"{_mid(title(o))} {_short(o)}" for o in others if o.vs_baseline and o.vs_baseline.is_clear]
    unclear = [_mid(title(o)) for o in others if o.vs_baseline and not o.vs_baseline.is_clear]
    text += f" Also clear: {words.listed(clear)}." if clear else ""
    return text + (f" No clear change: {words.listed(unclear)}." if unclear else "")


def _short(r: Reading) -> str:
    return words.change(r.info.unit, r.vs_baseline.diff) if r.info and r.vs_baseline else ""


def _mid(name: str) -> str:
    """A title inside a sentence: small first letter unless the word is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _baseline(r: Reading) -> str:
    n = r.baseline_weeks
    return "four weeks before" if n == BASELINE else "week before" if n == 1 else f"{n} weeks before that have data"


def _driver(ctx: ReportContext, r: Reading) -> Driver | None:
    if r.current is None or r.info is None or r.info.unit != "percent":
        return None
    start = r.current.period_start
    now = segment_counts(ctx, r.ask, start, r.current.period_end)
    return changes.driver(now, segment_counts(ctx, r.ask, start - WEEK * BASELINE, start))


def _where(ctx: ReportContext, r: Reading, driver: Driver | None) -> str:
    assert r.info and r.vs_baseline  # noqa: S101
    way = "rise" if r.vs_baseline.diff > 0 else "fall"
    if driver is None or not driver.is_apart:
        return f"No clear segment: no single channel and region stands apart from the rest in this {way}."
    name = words.sentence(segment_words(segment_names(ctx, r.ask), driver.key))
    before, now = (words.value(r.info.unit, f.value) for f in (driver.before, driver.now))
    share = "all" if driver.share >= 0.995 else f"{driver.share * 100:.0f}%"
    return f"{name}: from {before} to {now}. It makes {share} of the {way} and stands apart from every other segment."


def _since(ctx: ReportContext, r: Reading, key: Key | None) -> str:
    assert r.current and r.vs_baseline  # noqa: S101
    began = _onset(ctx, r.ask, key, r.current.period_end)
    if began is None:
        return "The start cannot be dated from the daily figures."
    names = segment_names(ctx, r.ask) if key else []
    place = dict(zip(names, key or (), strict=False))
    return _beside_releases(ctx, "rise" if r.vs_baseline.diff > 0 else "fall", began, place)


def _onset(ctx: ReportContext, what: Ask, key: Key | None, end: date) -> date | None:
    names = segment_names(ctx, what) if key else []
    points = [
        (m.period_start, float(m.num), float(m.den))
        for m in ask(ctx, what, ["day", *names], end - LOOK_BACK, end)
        if m.num is not None and m.den and (not key or tuple(m.by.get(n) or "unknown" for n in names) == key)
    ]
    return changes.onset(sorted(points))


def _beside_releases(ctx: ReportContext, way: str, began: date, place: dict[str, str]) -> str:
    near = [r for r in ctx.releases if _concerns(r, place) and -SLACK <= (began - r.released_on).days <= BEFORE_ONSET]
    near.sort(key=lambda r: (abs((began - r.released_on).days), -bool(r.channel) - bool(r.region), r.component))
    text = f"The {way} began about {words.day(began)}"
    if not near:
        where = f" for {' in '.join(words.clean(p, 40) for p in place.values())}" if place else ""
        return f"{text}; no release is recorded in the {BEFORE_ONSET} days before{where}."
    gap = (began - near[0].released_on).days
    when = f"within {gap} day{'s' if gap > 1 else ''} after" if gap > 0 else "about the day of"
    text += f", {when} {_release(near[0])}; not proof of cause."
    others = [_release(r) for r in near[1:3]]
    return text + (f" Also in those days: {words.listed(others)}." if others else "")


def _concerns(r: Release, place: dict[str, str]) -> bool:
    if not place:
        return True
    return r.channel in ("", place.get("channel", r.channel)) and r.region in ("", place.get("region", r.region))


def _release(r: Release) -> str:
    where = ", ".join(words.clean(w, 30) for w in (r.channel, r.region) if w) or "all channels"
    return f"{words.clean(r.component, 40)} {words.clean(r.version, 20)} ({where}; {words.day(r.released_on)})"


def _quiet(ctx: ReportContext, readings: Mapping[Ask, Reading], worst: Key | None) -> tuple[str, list[Line]]:
    known = [r for r in readings.values() if r.vs_baseline]
    if not known:
        return "There is nothing yet to compare this week with", [
            {"label": "What changed", "text": "Not known: no measure has a final week and a final week before it."}
        ]
    small = [f"{_mid(title(r))} {_short(r)}" for w in WATCHED if (r := readings[w]).vs_baseline]
    lines = [
        {
            "label": "What changed",
            "text": f"Every difference from the four weeks before is within what chance gives: {words.listed(small)}.",
        }
    ]
    if worst:
        name = words.sentence(segment_words(segment_names(ctx, TRAPPED), worst))
        lines.append({"label": "Where", "text": f"{name} stands apart, though not newly: see containment below."})
    return "No clear change this week", lines


def _not_yet_known(ctx: ReportContext, readings: Mapping[Ask, Reading]) -> str:
    parts = [*_waiting(ctx, readings), *_unidentified(readings)]
    for what in WATCHED:
        r = readings[what]
        if what != TRAPPED and r.newest is not None and r.newest.state in ("not_computable", "insufficient"):
            if not r.is_older:
                parts.append(f"{title(r)}: {words.state_words(r.newest)}.")
        elif what != TRAPPED and r.newest is None:
            parts.append(f"{title(r)}: nothing was measured.")
    return " ".join(parts) or "Nothing is outstanding: every figure of this week is final."


def _waiting(ctx: ReportContext, readings: Mapping[Ask, Reading]) -> list[str]:
    for what in (REPEAT, *WATCHED):
        m = readings[what].newest
        if m and (n := m.excluded.get(NOT_ELAPSED, 0)):
            days = window_days(ctx, what.metric)
            span = f"the {days} days in which a customer may come back have" if days else "the repeat window has"
            last = words.days(m.period_start, m.period_end)
            return [
                f"For {words.number(n)} of {words.number(_population(m))} interactions of {last} {span} not elapsed; "
                f"what depends on it is given for the newest week that is final."
            ]
    return []


def _unidentified(readings: Mapping[Ask, Reading]) -> list[str]:
    for what in (REPEAT, *WATCHED):
        m = readings[what].newest
        if m and (n := m.excluded.get(NOT_IDENTIFIED, 0)):
            share = words.short_percent(n / _population(m))
            return [f"{share} of interactions have no identified customer: whether they came back cannot be seen."]
    return []


def _population(m: Measurement) -> int:
    return m.n + sum(m.excluded.values())


def change_words(unit: words.Unit, change: Change | None) -> tuple[str, str, bool]:
    """The change, its interval or 'no clear change', and whether it is clear."""
    if change is None:
        return "not known", "", False
    text = words.change(unit, change.diff)
    if not change.is_clear:
        return text, "no clear change", False
    return text, words.change_interval(unit, change.low, change.high), True
