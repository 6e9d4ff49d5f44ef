"""Cells, tables, CSV and JSON on stdout. Other people's text is made harmless to a terminal and to a spreadsheet."""

import csv
import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

WIDEST = 200  # characters of a cell in a table for people
# What moves a terminal's cursor, colours, reorders or hides text, or cannot be encoded.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
_NUMBER = re.compile(r"-?[\d,.]+(%| s)?|[\d,]+ of [\d,]+|–|")


def visible(text: str) -> str:
    """Somebody else's text in one line of a terminal: characters that act instead of showing are written as \\u001b."""
    return _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return {"\n": "\\n", "\t": "\\t"}.get(match.group(), f"\\u{ord(match.group()):04x}")


def print_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they must be; those of numbers to the right."""
    shown = [[visible(str(cell)[:WIDEST]) for cell in line] for line in [head, *lines]]
    widths = [max(len(line[i]) for line in shown) for i in range(len(head))]
    right = [all(_NUMBER.fullmatch(line[i]) for line in shown[1:]) for i in range(len(head))]
    for line in shown:
        cells = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True))
        print("  ".join(cells).rstrip())


def print_csv(head: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> None:
    """A line each, with the cells that `head` names."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_safe(as_text(line.get(c))) for c in head] for line in lines)


def print_json(value: Any) -> None:
    """Dates in ISO format; a decimal as a whole number, or as text."""

    def plain(x: Any) -> Any:
        if isinstance(x, (date, datetime)):
            return x.isoformat()
        return int(x) if isinstance(x, Decimal) and x == int(x) else str(x)

    text = json.dumps(value, default=plain, indent=1, ensure_ascii=False)
    print("\n".join(visible(line) for line in text.split("\n")))  # such characters stand in strings only: JSON escapes them so


def as_value(x: float | None, unit: str) -> str:
    """A figure in its unit, as people read it."""
    if x is None:
        return "–"
    if unit == "seconds":
        return _duration(x)
    return {"percent": f"{100 * x:.1f}%", "count": f"{x:,.0f}"}.get(unit, f"{x:.2f}")


def _duration(seconds: float) -> str:
    """Seconds up to two hours, then hours, then days of 24 hours: a case lies for weeks, a caller waits for seconds."""
    if abs(seconds) < 2 * 3600:
        return f"{seconds:,.1f} s"
    return f"{seconds / 3600:,.1f} h" if abs(seconds) < 72 * 3600 else f"{seconds / 86400:,.1f} days"


def as_text(value: Any) -> str:
    """A cell as text: nothing for None, dates in ISO format."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _safe(text: str) -> str:
    """A cell that a spreadsheet would run as a formula is written as text; what cannot be encoded is escaped."""
    start = text.lstrip()[:1]  # some programs drop the blanks, and take the wide forms for the narrow ones
    is_formula = start in tuple("=@＝＠") or text[:1] in ("\t", "\r", "\n") or (start in tuple("+-＋－") and not _is_number(text))
    return "'" * is_formula + text.encode("utf-8", "backslashreplace").decode()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
