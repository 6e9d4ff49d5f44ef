"""Which figures of a breakdown are not shown, so that no small group can be worked out from the others. For what is printed.

Groups with fewer units than the floor are hidden. Whoever knows a sum over several groups (all channels, one region) could then
subtract, so that others are hidden with them: those with the fewest units that leave no hidden group determined by the sums.
A hidden count is determined if the sums, as equations in the hidden counts, leave it no second value. For each such count the
cheapest change that keeps every sum is looked for by linear programming (the cheapest cycle, where there are two breakdowns);
the groups that it moves are hidden, too. Known are all sums over one or more breakdowns that hold at least two groups and are
large enough to be shown. Days and weeks are apart from each other: each is a table of its own.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.measurement import HIDDEN, Measurement
from cxreports.definitions.definition import MetricHeader

Cell = tuple[str, ...]
_NOTHING = 1e-9


def hide_small(found: Sequence[Measurement], header: MetricHeader) -> list[Measurement]:
    """The measurements of one metric for people to see: those of groups that must not be worked out have no numbers.

    The parts of a whole are hidden together. Counts are not hidden: that somebody called is no figure about him.
    """
    if header.kind == "count":
        return list(found)
    tables: dict[tuple[date, date], dict[Cell, int]] = {}
    for m in found:
        if key := _cell(m, header):
            of_period = tables.setdefault((m.period_start, m.period_end), {})
            of_period[key] = of_period.get(key, 0) + m.n
    hidden = {period: hidden_cells(cells) for period, cells in tables.items()}

    def is_hidden(m: Measurement) -> bool:
        return _cell(m, header) in hidden.get((m.period_start, m.period_end), set())

    return [_without_numbers(m) if is_hidden(m) else m for m in found]


def hidden_cells(cells: Mapping[Cell, int]) -> set[Cell]:
    """The cells of one table that are not shown: the small ones, and those without which they could be worked out."""
    keys = sorted(key for key, n in cells.items() if n)
    small = [i for i, key in enumerate(keys) if cells[key] < HIDDEN_BELOW]
    if not small:
        return set()
    counts = [cells[key] for key in keys]
    sums = known_sums(keys, counts)
    hidden, given_up = set(small), set[int]()
    while open_ := sorted(determined(sums, sorted(hidden)) - given_up):
        moved = _cheapest_change(sums, open_[0], counts, hidden)
        hidden |= moved
        given_up |= set() if moved else {open_[0]}  # the sums alone tell it, whatever is hidden here
    return {keys[i] for i in hidden}


def known_sums(keys: Sequence[Cell], counts: Sequence[int]) -> np.ndarray:
    """One row per sum that may be known (1 for each of its cells): over all, and over every choice of some breakdowns."""
    found: dict[Hashable, np.ndarray] = {}
    for size in range(len(keys[0])):
        for chosen in combinations(range(len(keys[0])), size):
            for i, key in enumerate(keys):
                row = found.setdefault((chosen, tuple(key[c] for c in chosen)), np.zeros(len(keys)))
                row[i] = 1
    rows = [row for row in found.values() if row.sum() >= 2 and row @ np.array(counts) >= HIDDEN_BELOW]
    return np.array(rows).reshape(len(rows), len(keys))


def determined(sums: np.ndarray, hidden: Sequence[int]) -> set[int]:
    """Those of the hidden cells whose counts follow from the sums and from all that is shown."""
    of_hidden = sums[:, hidden]
    of_hidden = of_hidden[of_hidden.any(axis=1)]
    if not len(of_hidden):
        return set()
    _, sizes, turned = np.linalg.svd(of_hidden, full_matrices=False)
    told = (turned[sizes > _NOTHING] ** 2).sum(axis=0)  # 1 where the equations leave a count no room, less elsewhere
    return {i for i, share in zip(hidden, told, strict=True) if share > 1 - _NOTHING}


def _cheapest_change(sums: np.ndarray, cell: int, counts: Sequence[int], hidden: set[int]) -> set[int]:
    """Cells that must not be shown for this one to be open, those with the fewest units; none where that is not possible."""
    n = len(counts)
    # Of two ways that cost the same, that with the cells that come first.
    cost = np.array([0.0 if i in hidden else c + (i + 1) / (4 * n * n) for i, c in enumerate(counts)])
    fixed: list[tuple[float, float | None]] = [(0.0, None)] * (2 * n)
    fixed[cell], fixed[n + cell] = (1.0, 1.0), (0.0, 0.0)
    change = linprog(np.concatenate([cost, cost]), A_eq=np.hstack([sums, -sums]), b_eq=np.zeros(len(sums)), bounds=fixed)
    if change.status != 0:
        return set()
    return {i for i in range(n) if change.x[i] + change.x[n + i] > _NOTHING} - hidden


def _cell(m: Measurement, header: MetricHeader) -> Cell:
    """Where a measurement stands in its table; nothing for a figure of no group."""
    return tuple(value for name, value in sorted(m.by.items()) if name != header.part)


def _without_numbers(m: Measurement) -> Measurement:
    return replace(
        m, n=0, num=None, den=None, value=None, low=None, high=None, state="insufficient", reason=HIDDEN, excluded={},
    )  # fmt: skip
