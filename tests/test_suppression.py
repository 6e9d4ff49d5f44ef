"""No small group can be worked out from what is printed: against the sums that a reader may know, by another route."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from cxreports import pipeline
from cxreports.analysis.measurement import HIDDEN
from cxreports.analysis.suppression import hidden_cells, hide_small
from tests.test_cli import cx
from tests.test_measure import DAY, calls, measurer, one, world
from tests.test_printing import KNOWN
from tests.worlds import CATALOGUE, at, leg

Cell = tuple[str, ...]
SHARE, COUNT, MATRIX = (CATALOGUE.header(name, {}) for name in ("answer_rate", "interactions", "containment_quality"))


def table(text: str) -> dict[Cell, int]:
    """A table of counts, rows by columns."""
    head, *lines = (line.split() for line in text.strip().splitlines())
    return {(line[0], column): int(n) for line in lines for column, n in zip(head, line[1:], strict=True) if n != "."}


def row(**counts: int) -> dict[Cell, int]:
    return {(name,): n for name, n in counts.items()}


# --- by hand


def test_one_small_group_hides_the_smallest_of_the_others() -> None:
    assert hidden_cells(row(chat=40, email=9, sms=12, voice=300)) == {("email",), ("sms",)}


def test_ten_is_large_enough() -> None:
    assert hidden_cells(row(chat=40, email=10)) == set()


def test_two_small_groups_hide_each_other() -> None:
    assert hidden_cells(row(chat=40, email=9, sms=3)) == {("email",), ("sms",)}


def test_a_group_without_a_unit_hides_nothing_and_is_not_hidden() -> None:
    assert hidden_cells(row(chat=40, email=0)) == set()
    assert hidden_cells(row(chat=40, email=0, sms=3)) == {("sms",), ("chat",)}


def test_of_equally_large_groups_the_first_is_hidden_whatever_their_order() -> None:
    assert hidden_cells(row(c=20, b=20, a=3)) == hidden_cells(row(a=3, b=20, c=20)) == {("a",), ("b",)}


def test_in_a_table_of_rows_and_columns_a_cheapest_rectangle_is_hidden() -> None:
    """Of all rectangles through the small cell, that of south and sms has the fewest other units: 30 + 20 + 15."""
    found = hidden_cells(
        table("""
              chat  sms voice
        east   100   80   300
        north    5   30    90
        south   20   15    70
        """)
    )
    assert found == {("north", "chat"), ("north", "sms"), ("south", "chat"), ("south", "sms")}


def test_a_row_whose_sum_is_not_shown_either_tells_nothing() -> None:
    """Chat and mail in the north: 5 + 3 = 8, which nobody is shown; each column has another to hide."""
    found = hidden_cells(
        table("""
              chat mail
        north    5    3
        south   40   50
        """)
    )
    assert found == {("north", "chat"), ("north", "mail"), ("south", "chat"), ("south", "mail")}


def test_a_path_longer_than_a_rectangle_is_found() -> None:
    """No other row has both columns of the small cell: the cheapest way round goes over a third."""
    found = hidden_cells(
        table("""
              a   b   c
        r1    5  20   .
        r2    .  30  40
        r3   25   .  50
        """)
    )
    assert len(found) == 6


# --- against linear programming over what is printed


def sums_of(cells: Mapping[Cell, int]) -> list[tuple[list[Cell], int]]:
    """Every sum over one or more breakdowns that a reader may know: of at least two groups, and of ten units."""
    found = []
    width = len(next(iter(cells)))
    for size in range(width):
        for chosen in combinations(range(width), size):
            for value in {tuple(cell[c] for c in chosen) for cell in cells}:
                members = [cell for cell in sorted(cells) if cells[cell] and tuple(cell[c] for c in chosen) == value]
                if len(members) > 1 and sum(cells[c] for c in members) >= 10:
                    found.append((members, sum(cells[c] for c in members)))
    return found


def ranges(cells: Mapping[Cell, int], hidden: Sequence[Cell]) -> dict[Cell, float]:
    """For each hidden cell: how far apart the least and the largest count are that what is printed leaves possible."""
    equations, sums = [], []
    for members, total in sums_of(cells):
        equations.append([1.0 if c in members else 0.0 for c in hidden])
        sums.append(total - sum(cells[c] for c in members if c not in hidden))
    found = {}
    for i, cell in enumerate(hidden):
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(hidden))
            aim[i] = sign
            given_ = {"A_eq": np.array(equations), "b_eq": np.array(sums)} if equations else {}
            ends.append(linprog(aim, bounds=[(0, 10_000)] * len(hidden), **given_).x[i])
        found[cell] = ends[1] - ends[0]
    return found


COUNTS = st.sampled_from([0, 1, 5, 9, 10, 11, 25, 40, 100])


@st.composite
def tables(draw: st.DrawFn) -> dict[Cell, int]:
    """One to three breakdowns of two to four values each; some groups do not occur."""
    shape = draw(st.sampled_from([(2,), (4,), (2, 2), (3, 3), (2, 4), (4, 4), (2, 2, 2), (2, 3, 2)]))
    cells = [tuple(str(i) for i in index) for index in np.ndindex(*shape)]
    kept = draw(st.lists(st.sampled_from(cells), min_size=1, unique=True)) if draw(st.booleans()) else cells
    return {cell: draw(COUNTS) for cell in sorted(kept)}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tables())
def test_no_hidden_count_can_be_solved_from_what_is_printed(cells: dict[Cell, int]) -> None:
    hidden = hidden_cells(cells)
    assert {c for c, n in cells.items() if 0 < n < 10} <= hidden <= {c for c, n in cells.items() if n}
    everything = ranges(cells, [c for c, n in cells.items() if n])
    for cell, width in ranges(cells, sorted(hidden)).items():
        assert width > 0.5 or everything[cell] < 0.5, (cell, "only the sums themselves may tell it")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(tables(), st.randoms(use_true_random=False))
def test_the_same_is_hidden_whatever_the_order(cells: dict[Cell, int], rng: Any) -> None:
    turned = list(cells.items())
    rng.shuffle(turned)
    assert hidden_cells(dict(turned)) == hidden_cells(cells)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([10, 11, 25, 40, 100]), min_size=8, max_size=8), st.sampled_from([1, 9]))
def test_one_small_cell_costs_as_little_as_any_choice_would(counts: list[int], small: int) -> None:
    """Three by three, against every set of cells that could be hidden."""
    cells = dict(zip([(r, c) for r in "abc" for c in "xyz"], [small, *counts], strict=True))
    own = sum(cells[c] for c in hidden_cells(cells))
    others = [c for c in cells if c != ("a", "x")]
    for size in range(3, 6):
        for more in combinations(others, size):
            if sum(cells[c] for c in more) + small < own:
                assert min(ranges(cells, [("a", "x"), *more]).values()) < 0.5, more


# --- measurements and what is printed of them


def test_hidden_measurements_have_no_numbers_and_say_why() -> None:
    few = replace(KNOWN, by={"channel": "sms"}, n=4, num=None, den=None, value=None, low=None, high=None, excluded={"x": 3})
    other = replace(KNOWN, by={"channel": "email"}, n=30, num=10, den=30)
    shown = hide_small([KNOWN, few, other], SHARE)
    assert [(m.by["channel"], m.reason) for m in shown] == [("chat", ""), ("sms", HIDDEN), ("email", HIDDEN)]
    assert [(m.n, m.num, m.den, m.value, m.excluded, m.state) for m in shown[1:]] == [
        (0, None, None, None, {}, "insufficient")
    ] * 2


def test_a_figure_of_no_group_and_a_count_are_shown() -> None:
    few = replace(KNOWN, by={}, n=4)
    assert hide_small([few], SHARE) == [few]
    calls_ = [replace(KNOWN, by={"channel": c}, n=n) for c, n in (("chat", 3), ("voice", 40))]
    assert hide_small(calls_, COUNT) == calls_


def test_days_are_tables_of_their_own() -> None:
    """Three in chat on one day hide voice on that day, and nothing on the next."""
    days = [KNOWN.period_start, KNOWN.period_end]
    found = [
        replace(KNOWN, by={"channel": c}, n=n, period_start=day)
        for day, c, n in ((days[0], "chat", 3), (days[0], "voice", 40), (days[1], "chat", 30), (days[1], "voice", 40))
    ]
    assert [m.reason == HIDDEN for m in hide_small(found, SHARE)] == [True, True, False, False]


def test_parts_of_a_small_whole_are_hidden_together() -> None:
    parts = [
        ("chat", "healthy", 5),
        ("chat", "trapped", 3),
        ("voice", "healthy", 20),
        ("voice", "trapped", 2),
        ("sms", "healthy", 60),
    ]
    found = [replace(KNOWN, by={"channel": c, "cell": cell}, n=n) for c, cell, n in parts]
    assert [m.reason == HIDDEN for m in hide_small(found, MATRIX)] == [True, True, True, True, False]


@pytest.fixture(scope="module")
def folder(larkfield: pipeline.Project) -> str:
    return str(larkfield.folder)


def test_programs_and_people_are_shown_the_same_groups(folder: str) -> None:
    words = ("measure", "csat", "--by", "queue", "--period", "2026-W46", "--project", folder)
    data = json.loads(cx(*words, "--format", "json").stdout)
    hidden = {m["by"]["queue"] for m in data if m["reason"] == HIDDEN}
    assert hidden and all(
        m[c] is None for m in data if m["reason"] == HIDDEN for c in ("n", "num", "den", "value", "low", "high")
    )
    lines = [line.split(",") for line in cx(*words, "--format", "csv").stdout.splitlines()]
    at_ = {name: lines[0].index(name) for name in ("queue", "n", "num", "den", "state", "reason")}
    assert {line[at_["queue"]] for line in lines[1:] if line[at_["reason"]] == HIDDEN} == hidden
    assert {"".join(line[at_[c]] for c in ("n", "num", "den")) for line in lines[1:] if line[at_["queue"]] in hidden} == {""}
    table_ = cx(*words).stdout
    assert table_.count(HIDDEN) == len(hidden)
    shown = [m for m in data if m["reason"] != HIDDEN]
    assert all(m["n"] == 0 or m["n"] >= 10 for m in shown)


@pytest.mark.parametrize("by", ["channel,region", "queue", "intent,channel", "hour,region"])
def test_no_group_of_the_samples_can_be_worked_out(larkfield: pipeline.Project, by: str) -> None:
    m = pipeline.measurer(larkfield)
    days = (KNOWN.period_start, KNOWN.period_end)
    found = m.measure("verified_containment", by.split(","), *days)
    cells = {tuple(f.by[b] for b in sorted(f.by)): f.n for f in found}
    hidden = [
        tuple(f.by[b] for b in sorted(f.by))
        for f in hide_small(found, CATALOGUE.header("verified_containment", {}))
        if f.reason == HIDDEN
    ]
    assert len(hidden) > 1 and min(ranges(cells, hidden).values()) > 0.5


def test_with_a_nowcast_beside_it_a_small_group_stays_hidden(folder: str) -> None:
    words = (
        "measure",
        "fcr_repeat",
        "--by",
        "queue",
        "--nowcast",
        "--period",
        "2026-W47",
        "--project",
        folder,
        "--format",
        "json",
    )
    data = json.loads(cx(*words).stdout)
    assert any(m["reason"] == HIDDEN for m in data) and all(m["nowcast"] is None for m in data if m["reason"] == HIDDEN)


# --- edges of the floor


@pytest.mark.parametrize(
    ("n", "value", "state", "reason"),
    [
        (0, None, "insufficient", "fewer than 10 interactions"),
        (9, None, "insufficient", "fewer than 10 interactions"),
        (10, 0.0, "insufficient", "fewer than 30 interactions"),
        (12, 0.0, "insufficient", "fewer than 30 interactions"),
        (29, 0.0, "insufficient", "fewer than 30 interactions"),
        (30, 0.0, "final", ""),
    ],
)
def test_none_of_so_many_answered(tmp_path: Path, n: int, value: float | None, state: str, reason: str) -> None:
    around = [leg(f"at{h}", h, enqueued_at=at(h), answered_at=at(h)) for h in (-48, 216)]
    legs = [*calls(n, enqueued_at=at(0)), *around]
    found = one(measurer(world(tmp_path, legs)), "answer_rate")
    assert (found.n, found.value, found.state, found.reason) == (n, value, state, reason)
    assert found.num == (None if n < 10 else 0)


def test_none_of_twelve_and_all_of_twelve_have_the_bound_that_matters(tmp_path: Path) -> None:
    ends = []
    for answered in (None, at(0)):
        legs = [*calls(12, answered_at=answered), leg("later", 24 * 9, answered_at=at(216))]
        found = one(measurer(world(tmp_path / str(bool(answered)), legs)), "answer_rate")
        ends.append((found.num, found.den, found.low, found.high))
    (none, _, low, high), (all_, den, least, most) = ends
    assert (none, low, f"{high:.1%}") == (0, 0.0, "24.2%") and (all_, den, f"{least:.1%}", most) == (12, 12, "75.8%", 1.0)


def test_a_segment_without_a_unit_that_counts_is_no_zero(tmp_path: Path) -> None:
    """Chats whose mood nobody scored: the segment is there, its figure is not, and it hides nobody."""
    scored = [leg(f"v{i}", 0, channel="voice", end_score=-1, account_key=f"k{i}") for i in range(30)]
    silent = [leg(f"c{i}", 0, channel="chat", account_key=f"k{i}") for i in range(30)]
    m = measurer(world(tmp_path, [*scored, *silent]))
    found = {f.by["channel"]: f for f in hide_small(m.measure("negative_end", ["channel"], *DAY), m.header_of("negative_end"))}
    assert (found["voice"].n, found["voice"].value) == (30, 1.0)
    assert (found["chat"].n, found["chat"].value, found["chat"].excluded) == (0, None, {"mood not known": 30})


def test_a_source_without_sentiment_is_named_and_never_a_zero(tmp_path: Path) -> None:
    scored = [leg(f"v{i}", 0, source="connect", end_score=-1, account_key=f"k{i}") for i in range(30)]
    silent = [leg(f"c{i}", 0, source="pbx", account_key=f"k{i}") for i in range(30)]
    found = one(measurer(world(tmp_path / "a", [*scored, *silent])), "negative_end")
    assert (found.num, found.den, found.excluded) == (30, 30, {"not measurable from pbx": 30})
    assert "without 30 interactions of pbx" in found.reason
    alone = one(measurer(world(tmp_path / "b", silent)), "negative_end")
    assert (alone.state, alone.value, alone.reason) == ("not_computable", None, "no source scores the mood of customers")
