"""Scales, hatching and labels that do not collide."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.reports.charts import hatch, layout, percent_tick, runs, ticks
from cxreports.reports.labels import SIZE, Box, Mark, lanes, place, spread, width

BOUNDS = Box(0, 0, 600, 300)


def box_of(x: float, y: float, text: str) -> Box:
    return Box(x, y - SIZE * 0.8, x + width(text), y + SIZE * 0.25)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(10, 590), st.integers(10, 290), st.integers(3, 15)), max_size=25))
def test_placed_labels_never_overlap_each_other_or_leave_the_chart(points):
    marks = [Mark(float(x), float(y), float(r), f"segment {i}", 0.0) for i, (x, y, r) in enumerate(points)]
    boxes = [box_of(found.x, found.y, found.text) for found in place(marks, BOUNDS) if found]
    assert all(b.within(BOUNDS) for b in boxes)
    assert not any(a.hits(b) for a, b in combinations(boxes, 2))


def test_a_label_keeps_off_a_reserved_corner():
    label = place([Mark(50, 50, 5, "north", 0)], BOUNDS, [Box(50, 0, 600, 300)])[0]
    assert label is not None
    assert label.x + width("north") <= 50


def test_ticks_are_round_and_cover_the_data():
    assert ticks(0.612, 0.668, 4) == [0.6, 0.62, 0.64, 0.66, 0.68]
    assert ticks(0.0, 1.0, 5)[-1] == 1.0
    assert len(ticks(0.5, 0.5)) >= 2
    assert percent_tick(0.025, 0.005) == "2.5%"


def test_ends_of_lines_move_apart_and_stay_inside():
    assert spread([50, 52], 24, 0, 100) == [50, 74]
    assert spread([95, 96], 24, 0, 100) == [76, 100]


def test_release_labels_take_another_lane_before_they_collide():
    assert lanes([0, 10, 20, 30], [40, 40, 40, 40], 3) == [0, 1, 2, None]


def test_hatching_stays_inside_its_rectangle():
    numbers = [float(n) for n in hatch(10, 20, 60, 50).replace("M", " ").replace("L", " ").split()]
    assert all(10 <= x <= 60 for x in numbers[::2]) and all(20 <= y <= 50 for y in numbers[1::2])


def test_a_gap_in_the_data_is_a_gap_in_the_line():
    assert runs([{"value": 1}, {"value": None}, {"value": 2}, {"value": 3}]) == [[0], [2, 3]]


def test_a_sparkline_of_one_point_is_a_dot():
    point = {"label": "W47", "value": 0.5, "low": 0.4, "high": 0.6, "state": "final", "text": "50.0%"}
    drawn = layout({"kind": "sparkline", "id": "s", "alt": "a", "points": [point], "target": None})
    assert (len(drawn["dots"]), drawn["paths"]) == (1, [])


def test_a_sparkline_of_nothing_draws_nothing():
    none = {"label": "W47", "value": None, "low": None, "high": None, "state": "none", "text": "-"}
    drawn = layout({"kind": "sparkline", "id": "s", "alt": "a", "points": [none] * 12, "target": 0.7})
    assert (drawn["dots"], drawn["paths"], drawn["target_y"], drawn["hatch"]) == ([], [], None, "")
