"""Two figures side by side: their difference is taken apart into units, and the parts add up to it exactly."""

import json
from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline
from cxreports.analysis.bridge import Bridge, bridge, bridge_faults, twins
from cxreports.analysis.measure import Measurer
from cxreports.errors import DefinitionError, QuestionError
from cxreports.lake.engine import rows
from tests.test_cli import cx
from tests.test_measure import DAY, MONTH, busy, measurer, own_metric, world  # noqa: F401  (busy is a fixture)
from tests.worlds import CATALOGUE, at, leg


def call(leg_id: str, wait_s: int, answered: bool = True, **more: Any) -> dict[str, Any]:
    """A call that was offered to a queue at ten and left it so many seconds later, answered or lost."""
    gone = {"answered_at": at(wait_s / 3600)} if answered else {}
    return leg(leg_id, 0, account_key=f"k_{leg_id}", enqueued_at=at(0), wait_ms=wait_s * 1000, **gone, **more)


def many(prefix: str, n: int, wait_s: int, answered: bool = True) -> list[dict[str, Any]]:
    return [call(f"{prefix}{i}", wait_s, answered) for i in range(n)]


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    """Ten answered in 20 s, four in 21 s, three lost after 10 s, two after 4 s."""
    legs = [*many("fast", 10, 20), *many("slow", 4, 21), *many("lost", 3, 10, False), *many("short", 2, 4, False)]
    return measurer(world(tmp_path_factory.mktemp("queue"), legs))


def parts(found: Bridge) -> dict[tuple[str, str], tuple[int, Fraction | None]]:
    return {(p.side, p.reason): (p.units, p.share) for p in found.parts}


def test_abandons_that_count_as_reached_are_the_whole_difference(queue: Measurer) -> None:
    found = bridge(queue, "service_level", "service_level_abandons_succeed", *DAY, {}, None)
    assert found.difference == Fraction(13, 17) - Fraction(10, 17)
    assert parts(found) == {("more", ""): (3, Fraction(3, 17)), ("alike", ""): (14, 0)}
    assert [r["unit_id"] for r in found.rows] == ["lost0", "lost1", "lost2"]


def test_what_the_other_leaves_out_says_why(queue: Measurer) -> None:
    found = bridge(queue, "service_level", "service_level_answered", *DAY, {}, None)
    assert found.difference == Fraction(10, 14) - Fraction(10, 17)
    assert parts(found) == {("only_a", "abandoned"): (3, Fraction(15, 119)), ("alike", ""): (14, 0)}


def test_what_only_the_other_counts_says_why(queue: Measurer) -> None:
    found = bridge(queue, "service_level", "service_level_offered", *DAY, {}, None)
    assert parts(found) == {("only_b", "short abandon"): (2, Fraction(-20, 323)), ("alike", ""): (17, 0)}


def test_a_yes_on_one_side_only_counts_for_that_side(queue: Measurer) -> None:
    found = bridge(queue, "abandonment", "service_level", *DAY, {}, None)
    assert parts(found) == {
        ("more", ""): (10, Fraction(10, 17)),
        ("less", ""): (3, Fraction(-3, 17)),
        ("alike", ""): (4, 0),
    }


def test_the_way_back_has_the_same_parts_with_the_other_sign(queue: Measurer) -> None:
    there = bridge(queue, "service_level", "service_level_answered", *DAY, {}, None)
    back = bridge(queue, "service_level_answered", "service_level", *DAY, {}, None)
    assert back.difference == -(there.difference or 0)
    assert parts(back) == {("only_b", "abandoned"): (3, Fraction(-15, 119)), ("alike", ""): (14, 0)}


def test_a_limit_holds_for_each_part_and_says_how_many_there_are(queue: Measurer) -> None:
    found = bridge(queue, "abandonment", "service_level", *DAY, {}, 2)
    assert (len(found.rows), found.total) == (4, 13)
    assert [r["unit_id"] for r in found.rows] == ["fast0", "fast1", "lost0", "lost1"]
    assert all(r["position"] for r in found.rows)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    """Twelve calls, the last answered after 21 s. The first has two cases (one reply, two), the next ten one each."""
    legs = [call(f"c{i:02}", 21 if i == 11 else 20, ended_at=at(1)) for i in range(12)]
    told = [{"case_id": f"t{i:02}", "leg_id": f"c{i:02}", "n_replies": 1} for i in range(11)]
    told.append({"case_id": "t11", "leg_id": "c00", "n_replies": 2})
    rows_of = [{"opened_at": at(0), "status": "solved", "queue": "cards", **case} for case in told]
    return measurer(world(tmp_path_factory.mktemp("cases"), legs, cases=rows_of))


def test_cases_and_calls_meet_at_the_interaction(cases: Measurer) -> None:
    """Both are 11/12. Over interactions: c00 has 1 of 2 against 1 of 1, and c11 stands on one side only."""
    found = bridge(cases, "one_touch", "service_level", *DAY, {}, None)
    assert (found.grain, found.difference) == ("interaction", 0)
    assert parts(found) == {
        ("weighed", ""): (1, Fraction(11, 144)),
        ("only_b", "not in its population"): (1, Fraction(-11, 144)),
        ("alike", ""): (10, 0),
    }
    assert {(r["unit_id"], r["num_a"], r["den_a"], r["num_b"], r["den_b"]) for r in found.rows} == {
        ("c00", 1, 2, 1, 1),
        ("c11", 0, 0, 0, 1),
    }


def test_of_one_grain_the_units_themselves_are_compared(cases: Measurer) -> None:
    found = bridge(cases, "one_touch", "one_touch", *DAY, {}, None)
    assert (found.grain, parts(found), found.total) == ("case", {("alike", ""): (12, 0)}, 0)


def test_a_unit_that_the_other_counts_in_another_group_is_no_stranger(cases: Measurer) -> None:
    """The cases say cards, the calls name no queue."""
    found = bridge(cases, "one_touch", "service_level", *DAY, {"queue": "cards"}, None)
    assert found.b is None and found.difference is None
    assert parts(found) == {("only_a", "on another day or in another group"): (11, None)}


def test_below_ten_the_difference_is_not_told_but_the_units_are(tmp_path: Path) -> None:
    m = measurer(world(tmp_path, [*many("fast", 8, 20), *many("lost", 2, 10, False)]))
    found = bridge(m, "service_level", "service_level_answered", *DAY, {}, None)
    assert found.a and found.a.n == 10 and found.b and found.b.n == 8
    assert found.difference is None
    assert parts(found) == {("alike", ""): (8, None), ("only_a", "abandoned"): (2, None)}


def test_what_is_not_computable_is_not_bridged(tmp_path: Path) -> None:
    found = bridge(measurer(world(tmp_path, many("fast", 12, 20))), "service_level", "gross_containment", *DAY, {}, None)
    assert found.b and found.b.state == "not_computable"
    assert (found.difference, found.parts, found.rows) == (None, [], [])


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ("wait", "asa", "wait is a percentile"),
        ("service_level", "containment_quality", "containment_quality has no single figure"),
        ("repeat_nowcast", "repeat_trigger", "repeat_nowcast is an expectation"),
        ("handle_time", "csat", "handle_time is a mean in seconds and csat is a share in percent"),
        ("interactions", "csat", "interactions is a count in count and csat is a share in percent"),
    ],
)
def test_two_that_cannot_be_bridged_are_refused_in_words(queue: Measurer, a: str, b: str, told: str) -> None:
    with pytest.raises(QuestionError, match=told):
        bridge(queue, a, b, *DAY, {}, None)


def test_units_that_belong_to_no_interaction_are_refused_in_words() -> None:
    one = CATALOGUE.metrics["service_level"].header
    other = one.model_copy(update={"grain": "agent week"})
    (fault,) = bridge_faults("service_level", one, "workload", other)
    told = (
        "service_level counts interactions and workload counts agent weeks, and an agent week does not belong to one interaction"
    )
    assert fault == told


def test_a_breakdown_that_one_of_the_two_lacks_is_refused(queue: Measurer) -> None:
    with pytest.raises(QuestionError, match="service_level has no breakdown 'evidence'"):
        bridge(queue, "resolution", "service_level", *DAY, {"evidence": "A"}, None)


# --- against the obvious version


def summable() -> list[tuple[str, str]]:
    """Every metric and variant beside the next one of its kind and unit, where the two can be bridged."""
    by_kind: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in CATALOGUE.names({}):
        header = CATALOGUE.header(name, {})
        if header.kind in ("count", "proportion", "mean"):
            by_kind[header.kind, header.unit].append(name)
    pairs = [pair for names in by_kind.values() for pair in pairwise([*names, names[0]])]
    return [(a, b) for a, b in pairs if not bridge_faults(a, CATALOGUE.header(a, {}), b, CATALOGUE.header(b, {}))]


def plain_units(m: Measurer, name: str, by_interaction: bool) -> dict[str, tuple[int, int, int]]:
    """n, num and den of what the metric counts in the month, by unit or by its interaction, with dicts."""
    tables = {"case_id": "out_cases", "response_id": "out_surveys", "handoff_id": "out_handoffs"}
    tables |= {"run_id": "out_journey_runs", "step_id": "out_journey_steps"}
    of = {r[key]: r["interaction_id"] for key, table in tables.items() for r in rows(m.view.con, f"select * from {table}")}
    sums: dict[str, tuple[int, int, int]] = {}
    for r in rows(m.view.con, f"select unit_id, occurred_on, num, den, excluded from {m.units(name)}"):
        if r["excluded"] is None and MONTH[0] <= r["occurred_on"] < MONTH[1]:
            key = of.get(r["unit_id"], r["unit_id"]) if by_interaction else r["unit_id"]
            n, num, den = sums.get(key, (0, 0, 0))
            sums[key] = (n + 1, num + int(r["num"]), den + int(r["den"]))
    return sums


def plain_parts(a: Mapping[str, tuple[int, int, int]], b: Mapping[str, tuple[int, int, int]]) -> dict[str, tuple[int, ...]]:
    """Units and sums by side."""
    found: dict[str, tuple[int, ...]] = {}
    for key in {*a, *b}:
        (of_a, num_a, den_a), (of_b, num_b, den_b) = a.get(key, (0, 0, 0)), b.get(key, (0, 0, 0))
        if of_a and of_b:
            side = "weighed" if den_a != den_b else "alike" if num_a == num_b else "more" if num_b > num_a else "less"
        else:
            side = "only_a" if of_a else "only_b"
        found[side] = tuple(x + y for x, y in zip(found.get(side, (0,) * 5), (1, num_a, den_a, num_b, den_b), strict=True))
    return found


@pytest.mark.parametrize(("a", "b"), summable())
def test_parts_add_up_exactly_and_are_those_of_the_obvious_version(busy: Measurer, a: str, b: str) -> None:  # noqa: F811
    found = bridge(busy, a, b, *MONTH, {}, 0)
    if found.a is None or found.b is None or "not_computable" in (found.a.state, found.b.state):
        assert found.parts == []
        return
    same = CATALOGUE.header(a, {}).grain == CATALOGUE.header(b, {}).grain
    wanted = plain_parts(plain_units(busy, a, not same), plain_units(busy, b, not same))
    got: dict[str, tuple[int, ...]] = {}
    for p in found.parts:
        numbers = (p.units, p.num_a, p.den_a, p.num_b, p.den_b)
        got[p.side] = tuple(x + y for x, y in zip(got.get(p.side, (0,) * 5), numbers, strict=True))
    assert got == wanted
    if found.difference is not None:
        assert sum((p.share for p in found.parts if p.share is not None), Fraction(0)) == found.difference
        assert found.a.value is not None and found.b.value is not None
        assert float(found.difference) == pytest.approx(found.b.value - found.a.value, abs=1e-12)


def test_every_pair_of_the_kinds_is_tried() -> None:
    kinds = {CATALOGUE.header(a, {}).kind for a, _ in summable()}
    assert kinds == {"proportion", "mean"}


def test_counts_differ_by_the_units_themselves(tmp_path: Path) -> None:
    """Nineteen calls, of which fourteen were answered."""
    legs = [*many("fast", 14, 20), *many("lost", 5, 10, False)]
    changes = [('kind       = "proportion"', 'kind       = "count"'), ('unit       = "percent"', 'unit       = "count"')]
    m = measurer(world(tmp_path / "lake", legs), catalogue=own_metric(tmp_path / "p", "answered", *changes))
    found = bridge(m, "interactions", "answered", *DAY, {}, None)
    assert (found.difference, parts(found)) == (-5, {("less", ""): (5, -5), ("alike", ""): (14, 0)})


def test_every_row_has_its_share_and_they_too_add_up(busy: Measurer) -> None:  # noqa: F811
    found = bridge(busy, "gross_containment", "verified_containment", *MONTH, {}, None)
    assert found.difference is not None and len(found.rows) == found.total > 50
    assert sum(r["share"] for r in found.rows) == pytest.approx(float(found.difference), abs=1e-12)


# --- on the sample project


def test_the_bridge_of_the_samples_is_printed_with_file_and_record(larkfield: pipeline.Project) -> None:
    words = ("bridge", "gross_containment", "verified_containment", "--period", "2026-W46", "--project", str(larkfield.folder))
    table = cx(*words, "--limit", "1").stdout
    assert "Difference verified_containment − gross_containment: -29.25 pt, made of" in table
    assert "in both, a yes for gross_containment only" in table
    assert "only in gross_containment; verified_containment: customer not identified" in table
    assert "2 of 140 interactions; --limit 0 shows all" in table
    assert ".json.gz" in table
    data = json.loads(cx(*words, "--limit", "0", "--format", "json").stdout)
    assert sum(p["share"] for p in data["parts"]) == pytest.approx(121 / 424 - 256 / 443)
    assert len(data["rows"]) == data["total"] == 140
    lines = cx(*words, "--limit", "0", "--format", "csv").stdout.splitlines()
    assert len(lines) == 141 and lines[0] == "part,unit_id,occurred_on,num_a,den_a,num_b,den_b,share,file,position"


# --- two versions of one metric


def test_a_new_version_is_bridged_to_the_one_before_row_by_row(tmp_path: Path) -> None:
    """Version 2 counts lost calls as answered, too: five of nineteen."""
    legs = [*many("fast", 14, 20), *many("lost", 5, 10, False)]
    changes = [("version    = 1", "version    = 2"), ("when i.is_answered then 1 else 0", "when i.is_answered then 1 else 1")]
    own_metric(tmp_path / "p", "answer_rate", *changes)
    m = measurer(world(tmp_path / "lake", legs), catalogue=own_metric(tmp_path / "p", "answer_rate@1"))
    found = bridge(m, "answer_rate@1", "answer_rate", *DAY, {}, None)
    assert found.a and found.b and (found.a.version, found.b.version) == (1, 2)
    assert (found.difference, parts(found)) == (Fraction(5, 19), {("more", ""): (5, Fraction(5, 19)), ("alike", ""): (14, 0)})
    assert [r["unit_id"] for r in found.rows] == [f"lost{i}" for i in range(5)]
    assert [name for name, _, _ in twins(m, "answer_rate", *DAY, {})] == ["answer_rate", "answer_rate@1"]


# --- vendors' twins in a header


def test_a_vendors_twin_that_is_no_metric_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="vendor = 'service_levl', which is no metric; did you mean 'service_level'"):
        own_metric(tmp_path / "a", "answer_rate", ("-- better ", '-- vendor = ["service_levl"]\n-- better '))
    with pytest.raises(DefinitionError, match="vendor = 'asa' is of kind mean, seconds; this one is proportion, percent"):
        own_metric(tmp_path / "b", "answer_rate", ("-- better ", '-- vendor = ["asa"]\n-- better '))
