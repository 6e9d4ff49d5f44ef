"""Where a label may stand so that it touches no other label, no mark and no edge. Geometry only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SIZE = 10.5  # font size of chart labels
NARROW, WIDE = set("iljtfrI.,:;'|!()[] -/"), set("mwMW@%&")


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x0: float
    y0: float
    x1: float
    y1: float

    def hits(self, other: "Box") -> bool:
        """Whether the two overlap."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def within(self, other: "Box") -> bool:
        """Whether this one lies inside the other."""
        return self.x0 >= other.x0 and self.x1 <= other.x1 and self.y0 >= other.y0 and self.y1 <= other.y1


@dataclass(frozen=True)
class Mark:
    """A circle that wants a label; those of higher rank choose first."""

    x: float
    y: float
    r: float
    text: str
    rank: float


@dataclass(frozen=True)
class Label:
    """A label that found its place: the baseline's left end, and the mark's edge where a leader begins if it stands away."""

    x: float
    y: float
    text: str
    leader: tuple[float, float, float, float] | None


def width(text: str, size: float = SIZE) -> float:
    """About how wide the text is in Inter; a little too wide rather than too narrow."""
    return size * sum(_advance(c) for c in text)


def _advance(c: str) -> float:
    if c in NARROW:
        return 0.34
    if c in WIDE:
        return 0.93
    if c.isupper() or c.isdigit():
        return 0.68
    return 0.59 if ord(c) < 0x250 or c in "–—−…·" else 1.05


def place(marks: Sequence[Mark], bounds: Box, taken: Iterable[Box] = (), avoid: Sequence[Box] = ()) -> list[Label | None]:
    """A label for each mark, or None where there is no free place near it; on `avoid` only where no other place is free."""
    circles = [Box(m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r) for m in marks]
    used = list(taken)
    found: list[Label | None] = [None] * len(marks)
    for i in sorted(range(len(marks)), key=lambda i: (-marks[i].rank, i)):
        free = [
            (label, box)
            for label, box in _candidates(marks[i])
            if box.within(bounds) and not any(box.hits(b) for b in [*used, *circles])
        ]
        clear = [spot for spot in free if not any(spot[1].hits(b) for b in avoid)]
        if free:
            found[i], box = (clear or free)[0]
            used.append(box)
    return found


def _candidates(m: Mark) -> Iterable[tuple[Label, Box]]:
    w, h = width(m.text), SIZE
    for away in (3.0, 14.0, 26.0):
        d = m.r + away
        middle, high, low = m.y + h * 0.36, m.y - d * 0.75, m.y + d * 0.75 + h * 0.7
        spots = (
            (m.x + d, middle), (m.x - d - w, middle), (m.x - w / 2, m.y - d), (m.x - w / 2, m.y + d + h * 0.75),
            (m.x + d * 0.75, high), (m.x + d * 0.75, low), (m.x - d * 0.75 - w, high), (m.x - d * 0.75 - w, low),
        )  # fmt: skip
        for x, y in spots:
            box = Box(x - 1, y - h * 0.85, x + w + 1, y + h * 0.3)
            leader = _leader(m, box) if away > 3 else None
            yield Label(round(x, 1), round(y, 1), m.text, leader), box


def _leader(m: Mark, box: Box) -> tuple[float, float, float, float]:
    end_x, end_y = min(max(m.x, box.x0), box.x1), min(max(m.y, box.y0), box.y1)
    length = max(1e-6, ((end_x - m.x) ** 2 + (end_y - m.y) ** 2) ** 0.5)
    x, y = m.x + (end_x - m.x) / length * m.r, m.y + (end_y - m.y) / length * m.r
    return round(x, 1), round(y, 1), round(end_x, 1), round(end_y, 1)


def spread(ys: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The same heights, moved apart so that neighbours keep the gap, between low and high where there is room."""
    order = sorted(range(len(ys)), key=lambda i: (ys[i], i))
    out = list(ys)
    for before, i in pairwise(order):
        out[i] = max(out[i], out[before] + gap)
    if order and out[order[-1]] > high:
        out[order[-1]] = high
        for after, i in pairwise(reversed(order)):
            out[i] = max(low, min(out[i], out[after] - gap))
    return [round(y, 1) for y in out]


def lanes(starts: Sequence[float], widths: Sequence[float], count: int) -> list[int | None]:
    """For labels that begin at these x, left to right: the first lane in which each is free, None where none is."""
    free = [float("-inf")] * count
    found: list[int | None] = []
    for x, w in zip(starts, widths, strict=True):
        lane = next((i for i in range(count) if free[i] <= x), None)
        if lane is not None:
            free[lane] = x + w + 6
        found.append(lane)
    return found
