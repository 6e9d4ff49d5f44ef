"""Records that follow each other as the ones before them did, cut and parsed several times faster than `framing` can.

What is taken here is exactly what the framer would have found, with the same content: an object that orjson takes as a whole
ends where any parser ends it. Whatever is unusual (damage, other text between two records, NaN, half a surrogate pair, deep
nesting) is left to the framer, which goes on from there.
"""

import json
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

# Numbers that orjson may write otherwise than `json` does: 16 digits and more, very small ones, exponents.
_UNLIKE = r"[:,\[]-?(?:\d{16}|0\.0000|\d+(?:\.\d+)?e)"
Whole = tuple[str, dict[str, Any], bytes]  # text, value, canonical content


def canonical(value: dict[str, Any]) -> str:
    """The object with keys sorted and insignificant whitespace removed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def whole_records(text: str, position: int, between: str, opening: str) -> tuple[list[Whole], int]:
    """The records from `position` on, as long as each is followed by `between` and the `opening` of the next; where they end."""
    boundary, found = "}" + between + opening, list[Whole]()
    while (brace := text.find(boundary, position)) >= 0:
        raw = text[position : brace + 1]
        try:
            value = orjson.loads(raw)
            content = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except (ValueError, TypeError):  # not loaded; not dumped, because it is nested deeper than orjson writes
            break
        found.append((raw, value, content))
        position = brace + 1 + len(between)
    n_alike = _written_alike(found)
    for raw, _, _ in found[n_alike:]:
        position -= len(raw) + len(between)
    return found[:n_alike], position


def _written_alike(found: list[Whole]) -> int:
    """How many records have their content written as `json` does; where a number may not be, it is written again."""
    doubtful = pc.match_substring_regex(pa.array([content for _, _, content in found], pa.binary()), _UNLIKE)
    for i in pc.indices_nonzero(doubtful).to_pylist():
        raw = found[i][0]
        try:
            value = json.loads(raw)
            found[i] = raw, value, canonical(value).encode()
        except (ValueError, RecursionError):  # a whole number with thousands of digits
            return int(i)
    return len(found)
