"""How a scorer of moods did, on stdout. Formats only; computes nothing but shares of what is counted."""

from cxreports.printing.cells import print_table
from cxreports.sentiment.scorer import MOODS, Confusion, Found

_COLUMNS: tuple[Found, ...] = (*MOODS, "none")


def print_confusion(title: str, table: Confusion) -> None:
    """Counts by what people said and what was scored, and what it means for what ends negatively."""
    n = sum(sum(row.values()) for row in table.values())
    print(f"{title} ({n:,}):")
    print_table(["people say", *(f"scored {name}" for name in _COLUMNS)],
                [[label, *(f"{row[name]:,}" for name in _COLUMNS)] for label, row in table.items()])  # fmt: skip
    given = {label: {name: k for name, k in row.items() if name != "none"} for label, row in table.items()}
    found, there = given["negative"]["negative"], sum(given["negative"].values())
    others = sum(sum(row.values()) for label, row in given.items() if label != "negative")
    wrong = sum(row["negative"] for label, row in given.items() if label != "negative")
    print(f"  of {there:,} that people call negative and that have a score it finds {found:,}; of {others:,} others it leaves "
          f"{others - wrong:,} alone; {n - there - others:,} have no score")  # fmt: skip
