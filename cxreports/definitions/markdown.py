"""Tables, lists and anchors of Markdown, as the generated documents write them."""

import re
from collections.abc import Iterable, Sequence

from cxreports.definitions.definition import Scalar

COMMAND = "python -m cxreports.definitions.documents"
GENERATED = f"<!-- Made from the headers in sql/ by `{COMMAND}`; do not edit. -->"


def slug(title: str) -> str:
    """The anchor that Markdown viewers give a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a head; `|` in a cell is escaped."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def listed(words: Sequence[str]) -> str:
    """a, b and c"""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def prose(text: str) -> str:
    """The words in one line."""
    return " ".join(text.split())


def setting(name: str, value: Scalar) -> str:
    """`name = value`"""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{name} = {text}`"
