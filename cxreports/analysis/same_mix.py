"""What others reach with the same mix of cases, so that nobody is judged by the cases that came to them. Arithmetic only.

Direct standardisation to one's own mix: with w_k the share of one's own cases of kind k and p_k what others reach with that kind,
Σ w_k·p_k is what they would reach with these cases. Limits of the sum, and of the difference to one's own figure, from the limits
of their parts (MOVER: Zou, Huang and Zhang, Computational Statistics & Data Analysis 53, 2009, 1080–1085). Kinds of which others
have too few cases are left out on both sides; `coverage` says what is left.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import sqrt

from cxreports.analysis.estimate import HIDDEN_BELOW, Estimate, Sums

LEAST_COVERAGE = 0.8  # of one's own cases: with less, what is compared is somebody else


@dataclass(frozen=True)
class SameMix:
    """One's own figure and that of others over the same kinds of cases, and the difference with its 95 % interval.

    `coverage`: the share of one's own cases that are of these kinds.
    """

    own: float
    others: float
    difference: float
    low: float
    high: float
    n: int
    coverage: float


def same_mix(
    own: Mapping[str, Sums], others: Mapping[str, Sums], min_n: int, value_of: Callable[[Sums], Estimate]
) -> SameMix | str:
    """The comparison over all kinds of which others have enough cases; where it would not be honest, why."""
    shared = {kind: s for kind, s in own.items() if kind in others and others[kind].n >= HIDDEN_BELOW}
    everything = sum(s.den for s in own.values())
    whole = total(shared)
    if not everything or not whole.den:
        return "others have too few of the same cases"
    coverage = whole.den / everything
    if coverage < LEAST_COVERAGE:
        return f"others have enough of only {100 * coverage:.0f}% of these cases"
    if whole.n < min_n:
        return f"fewer than {min_n} comparable cases"
    if sum(others[kind].n for kind in shared) < min_n:
        return "others have too few of the same cases"
    mine = value_of(whole)
    theirs = [(s.den / whole.den, value_of(others[kind])) for kind, s in sorted(shared.items())]
    return _difference(mine, theirs, whole.n, coverage) or "too few customers for an interval"


def total(parts: Mapping[str, Sums]) -> Sums:
    """Sums over all parts; a customer who is in several counts as one in each."""
    return Sums(*(sum(getattr(s, f.name) for s in parts.values()) for f in fields(Sums)))


def without(whole: Sums, part: Sums) -> Sums:
    """What is left of a total without one of its parts."""
    return Sums(*(getattr(whole, f.name) - getattr(part, f.name) for f in fields(Sums)))


def _difference(mine: Estimate, theirs: list[tuple[float, Estimate]], n: int, coverage: float) -> SameMix | None:
    """None where a part has no interval."""
    value, low, high = mine.value, mine.low, mine.high
    parts = [(w, e.value, e.low, e.high) for w, e in theirs]
    if value is None or low is None or high is None:
        return None
    expected = below = above = 0.0
    for weight, v, lo, hi in parts:
        if v is None or lo is None or hi is None:
            return None
        expected += weight * v
        below += (weight * (v - lo)) ** 2
        above += (weight * (hi - v)) ** 2
    d = value - expected
    ends = d - sqrt((value - low) ** 2 + above), d + sqrt((high - value) ** 2 + below)
    return SameMix(value, expected, d, *ends, n, coverage)
