"""Numbers, dates and states as a reader sees them, in British English. Nothing here measures anything."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from cxreports.analysis.measurement import Measurement

Unit = Literal["count", "percent", "seconds", "score"]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\u2212"
# Control characters break XML; direction overrides reorder the text around them; lone surrogates cannot be encoded.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: object, limit: int = 0) -> str:
    """Somebody else's text without characters that break a page; cut after `limit` characters if that is given."""
    plain = " ".join(_UNPRINTABLE.sub("", str(text)).split())
    return plain[: limit - 1].rstrip() + "…" if limit and len(plain) > limit else plain


def filled(text: str, *params: Mapping[str, object]) -> str:
    """A definition's words with its {parameters} put in, of several variants side by side; unknown names stay as they are."""

    def put(m: re.Match[str]) -> str:
        return listed(list(dict.fromkeys(str(p.get(m[1], m[0])) for p in params)))

    return clean(re.sub(r"\{(\w+)\}", put, text))


def number(x: float) -> str:
    """1,234 and −5."""
    return f"{round(x):,}".replace("-", MINUS)


def value(unit: Unit, x: float, scale: float = 0.0) -> str:
    """5.2%, 48 s, 4:12 min, 1,234, 4.12. Times are printed as one of size `scale` would be."""
    size = max(abs(x), scale)
    return _scaled(unit, x, size) + _suffix(unit, size)


def interval(unit: Unit, low: float, high: float) -> str:
    """51.2–53.0%, 46–50 s; the unit once, at the size of the upper end."""
    size = max(abs(low), abs(high))
    return f"{_scaled(unit, low, size)}–{_scaled(unit, high, size)}{_suffix(unit, size)}"


def change(unit: Unit, difference: float, scale: float = 0.0) -> str:
    """+1.1 pt, −3 s, +120, −0.05; no sign on what rounds to nothing. Times are printed as one of size `scale` would be."""
    size = abs(difference)
    scale = max(size, scale)
    if unit == "percent":
        body, end = f"{size * 100:.1f}", " pt"
    else:
        body, end = _scaled(unit, size, scale), _suffix(unit, scale)
    sign = "" if not re.search("[1-9]", body) else "+" if difference > 0 else MINUS
    return f"{sign}{body}{end}"


def change_interval(unit: Unit, low: float, high: float) -> str:
    """−1.5 to −0.1, or −2:48 to −0:32 min: percentage points without their unit, which stands beside it."""
    scale = max(abs(low), abs(high))
    ends = [change(unit, x, scale).removesuffix(" pt") for x in (low, high)]
    first = ends[0].removesuffix(_suffix(unit, scale)) if unit == "seconds" else ends[0]
    return f"{first} to {ends[1]}"


def _scaled(unit: Unit, x: float, size: float) -> str:
    sign = MINUS if x < 0 else ""
    x = abs(x)
    if unit == "percent":
        return f"{sign}{x * 100:.1f}"
    if unit == "score":
        return f"{sign}{x:.2f}"
    if unit == "count":
        return f"{sign}{round(x):,}"
    if size >= 119.5:
        step = 60 if size < 3600 else 3600
        part = round(x / (step / 60))
        return f"{sign}{part // 60}:{part % 60:02d}"
    return f"{sign}{x:.0f}" if size >= 9.95 else f"{sign}{x:.1f}"


def _suffix(unit: Unit, size: float) -> str:
    if unit == "seconds":
        return " s" if size < 119.5 else " min" if size < 3600 else " h"
    return "%" if unit == "percent" else ""


def measured(m: Measurement, unit: Unit) -> tuple[str, str]:
    """Value and interval of a measurement; words where there is no figure; 0 of 12 as counts, with the bound that matters."""
    if m.value is None:
        return state_words(m), ""
    if unit == "percent" and m.num is not None and m.den and m.low is not None and m.high is not None:
        if m.num == 0:
            return f"0 of {number(float(m.den))}", f"up to {short_percent(m.high)}"
        if m.num == m.den:
            return f"{number(float(m.num))} of {number(float(m.den))}", f"at least {short_percent(m.low)}"
    band = interval(unit, m.low, m.high) if m.low is not None and m.high is not None and unit != "count" else ""
    return value(unit, m.value, m.high or 0.0), band


def short_percent(x: float) -> str:
    """24%, 0.8%: one decimal only where it says something."""
    return f"{x * 100:.0f}%" if x >= 0.1 else f"{x * 100:.1f}%"


def state_words(m: Measurement) -> str:
    """Why there is no figure. Never 0, never blank."""
    reason = clean(m.reason)
    if m.state == "not_computable":
        return reason if reason.startswith("not computable") else f"not computable: {reason or 'no reason was given'}"
    if m.state == "insufficient":
        return reason or f"too few: {number(m.n)}"
    return reason or "not yet known"


def units(n: float, grain: str) -> str:
    """617 episodes, 1 interaction"""
    return f"{number(n)} {clean(grain)}{'' if n == 1 else 's'}"


def counted(num: float, den: float) -> str:
    """34.8% (32 of 92); 0 of 48 without a percentage."""
    of = f"{number(num)} of {number(den)}"
    return f"{value('percent', num / den)} ({of})" if num else of


def week_name(start: date) -> str:
    """week 47"""
    return f"week {start.isocalendar().week}"


def week_label(start: date) -> str:
    """W47"""
    return f"W{start.isocalendar().week:02d}"


def day(d: date, year: bool = False) -> str:
    """3 Nov, or 3 Nov 2026."""
    return f"{d.day} {MONTHS[d.month - 1]}" + (f" {d.year}" if year else "")


def days(start: date, end: date) -> str:
    """16–22 Nov 2026 for the half-open period; month and year repeated only where they differ."""
    last = end - timedelta(days=1)
    if start.year != last.year:
        return f"{day(start, True)}–{day(last, True)}"
    first = str(start.day) if start.month == last.month else day(start)
    return f"{first}–{day(last, True)}"


def instant(at: datetime) -> str:
    """22 Nov 2026 23:58, in the time zone that `at` carries."""
    return f"{day(at.date(), True)} {at:%H:%M}"


def lag(hours: float) -> str:
    """How old the newest record is, in hours or days."""
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def listed(words: list[str]) -> str:
    """a, b and c"""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def sentence(text: str) -> str:
    """With a capital at the start; the rest as it is."""
    return text[:1].upper() + text[1:]
