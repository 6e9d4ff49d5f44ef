"""Random draws from plain arithmetic only: no logarithms, whose last digit differs between machines."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random

SEED = 20261123

Curve = Sequence[tuple[float, float]]  # (share of cases, value at that share), rising


def stream(name: str) -> Random:
    """An own stream of random numbers for each subject, so that a change in one leaves the others alone."""
    return Random(f"{SEED}/{name}")


def along(rng: Random, curve: Curve) -> int:
    """A whole number from a distribution given by some of its quantiles."""
    share = rng.random()
    for (p0, v0), (p1, v1) in pairwise(curve):
        if share <= p1:
            return int(v0 + (v1 - v0) * (share - p0) / (p1 - p0))
    return int(curve[-1][1])


def pick(rng: Random, weights: Mapping[str, float]) -> str:
    """One key, as often as its weight says."""
    left = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        left -= weight
        if left < 0:
            return key
    return key


def chance(rng: Random, share: float) -> bool:
    """True in that share of cases."""
    return rng.random() < share


def new_id(rng: Random) -> str:
    """A contact id in the shape of a version 4 UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) % 4]}{digits[17:20]}-{digits[20:]}"
