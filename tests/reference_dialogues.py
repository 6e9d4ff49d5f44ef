"""The obvious version of the dialogue tables: loops and dicts, no cleverness. Rows of one interaction come in as dicts."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]


def words_of(text: str) -> tuple[str, ...]:
    """Letters only, in lower case, as a set of words in order."""
    letters = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in text.lower())
    return tuple(sorted(set(letters.split())))


def same_prompts(prompts: Iterable[str]) -> tuple[int, int] | None:
    """How many prompts have words, and the most that are near-identical to one of them; None where there are none."""
    sets = [set(words_of(p)) for p in prompts if words_of(p)]
    if not sets:
        return None
    return len(sets), max(sum(len(a & b) / len(a | b) >= 0.8 for b in sets) for a in sets)


def returns(steps: Iterable[Row]) -> tuple[int, int] | None:
    """States and returns with nothing new, over bot and slot events in order; None where there is no state."""
    known: set[tuple[str, str]] = set()
    last_at: dict[str, int] = {}
    news_at: dict[str, int] = {}
    state_no = found = 0
    for step in steps:
        if step["kind"] == "slot":
            known.add(("slot", step["name"]))
            continue
        if step["is_no_match"] is not False:
            continue
        state_no += 1
        name = step["name"]
        known.add(("bot", name))
        if name in last_at and last_at[name] < state_no - 1 and news_at[name] == len(known):
            found += 1
        last_at[name], news_at[name] = state_no, len(known)
    return (state_no, found) if state_no else None


def fallbacks(steps: Iterable[Row]) -> tuple[int, int, int] | None:
    """AI turns, fallbacks and the most of them in a row; None where nothing says whether the AI understood."""
    n = total = run = longest = 0
    for step in steps:
        if step["kind"] != "bot" or step["is_no_match"] is None:
            continue
        n += 1
        is_unsure = step["confidence"] is not None and float(step["confidence"]) < 0.4
        is_fallback = step["is_no_match"] or is_unsure
        total += is_fallback
        run = run + 1 if is_fallback else 0
        longest = max(longest, run)
    return (n, total, longest) if n else None
