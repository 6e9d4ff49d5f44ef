"""Published figures that moved: each reason on the smallest world that has it, and sums that add up exactly in any world."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cxreports.analysis import measure as measuring
from cxreports.analysis.measure import Measurer
from cxreports.analysis.publication import Recorder
from cxreports.analysis.restatement import GONE, NO_UNITS, Restatement, differs, restatements
from cxreports.lake.published import PublishedFigure
from cxreports.lake.store import Lake
from cxreports.settings import ProjectSettings, Settings, VariantSettings
from tests.worlds import CATALOGUE, PARAMS, at, deliver, leg, look

MONDAY, NEXT = date(2025, 3, 3), date(2025, 3, 10)
# Twelve customers, one interaction each on Monday: as few as are shown.
TWELVE = [leg(f"f{i:02d}", i, account_key=f"acc{i}") for i in range(12)]
END = leg("end", 24 * 11, account_key="other")  # data reaches so far that the windows of the first week have passed


def asking(lake: Lake, as_of: datetime, **more: Any) -> Measurer:
    project = ProjectSettings(name="world", timezone="Europe/London")
    return Measurer(look(lake, as_of), CATALOGUE, Settings(project=project, **more), PARAMS)


def published(m: Measurer, *questions: tuple[str, Sequence[str]]) -> list[PublishedFigure]:
    """What a report that asks these of the first week enters into the ledger."""
    recorder = Recorder(m)
    for name, by in questions:
        recorder.measure(name, by, MONDAY, NEXT)
    return [replace(f, publication=1) for f in recorder.figures("weekly", "2025-W10")]


def moved(
    lake: Lake, then: float, now: float, name: str, by: Sequence[str] = (), settings_now: Mapping[str, Any] | None = None
) -> list[Restatement]:
    """Restatements of one question between two days of a world."""
    entries = published(asking(lake, at(24 * then)), (name, by))
    more = dict(settings_now or {})
    return restatements(
        entries, asking(lake, at(24 * now), **more), lambda instant: asking(lake, instant, **more), None
    )  # fmt: skip


def told(r: Restatement) -> list[tuple[str, int | None, int, int | None, int | None]]:
    return [(p.reason, p.units, p.n, p.num, p.den) for p in r.parts]


def test_what_did_not_move_is_no_restatement(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, [*TWELVE, leg("next", 190, account_key="n")])
    deliver(lake, 9, [leg("later", 200, account_key="m")])
    assert moved(lake, 8, 9, "interactions", ["channel"]) == []


def test_a_late_interaction_is_late_data(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE)
    deliver(lake, 9, [leg("late", 20, account_key="x")])
    (r,) = moved(lake, 8, 9, "interactions")
    assert (r.then.value, r.now.value, r.difference) == (12, 13, 1)
    assert told(r) == [("late data", 1, 1, 1, 1)]
    (row,) = r.rows
    assert (row["unit_id"], row["counted_then"], row["counted_now"], row["position"]) == ("late", 0, 1, 1)
    assert len(row["file"]) == 64, "the file that brought it"


def test_a_late_return_moves_the_interaction_before_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 12, [*TWELVE, END])
    deliver(lake, 13, [leg("r", 30, account_key="acc0")])
    (r,) = moved(lake, 12, 13, "repeat_trigger")
    assert ((r.then.num, r.then.den), (r.now.num, r.now.den)) == ((0, 12), (1, 13))
    assert told(r) == [("late data", 2, 1, 1, 1)]
    assert [(row["unit_id"], row["num_then"], row["num_now"], row["den_then"], row["den_now"]) for row in r.rows] == [
        ("f00", 0, 1, 1, 1), ("r", 0, 0, 0, 1)
    ]  # fmt: skip
    assert r.difference == Fraction(1, 13) == r.parts[0].share


def test_a_figure_counted_in_hundredths_differs_in_its_unit(tmp_path: Path) -> None:
    """Twelve answers in the middle of the scale, 50 each; the thirteenth came late, at its easy end."""

    def answer(i: int, score: int) -> dict[str, Any]:
        asked = {"response_id": f"s{i}", "leg_id": f"f{i % 12:02d}", "answered_at": at(i + 1), "kind": "ces"}
        return {**asked, "score": score, "scale_max": 7, "is_high_best": True}

    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE, survey_responses=[answer(i, 4) for i in range(12)])
    deliver(lake, 9, survey_responses=[answer(12, 7)])
    (r,) = moved(lake, 8, 9, "effort_stated")
    assert (r.then.value, r.now.value) == (50, pytest.approx(700 / 13))
    assert told(r) == [("late data", 1, 1, 10000, 1)]
    assert r.difference == Fraction(50, 13) == r.parts[0].share


def test_a_window_that_passed_is_maturity(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 1, TWELVE)
    deliver(lake, 12, [END])
    (r,) = moved(lake, 1, 12, "repeat_trigger")
    assert (r.then.state, r.then.n, r.then.num, r.now.n, r.now.num) == ("provisional", 0, None, 12, 0)
    assert told(r) == [("maturity", 12, 12, 0, 12)]
    assert r.difference is None, "nothing was shown then"


def test_a_cell_that_was_too_early_to_tell_is_maturity(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    bots = [leg(f"b{i:02d}", i, account_key=f"acc{i}", ai_agent="bot", end_score=Decimal("0.5")) for i in range(12)]
    deliver(lake, 1, [*bots, leg("person", 2, account_key="p", answered_at=at(2))])
    deliver(lake, 12, [END, leg("back", 24, account_key="acc0", answered_at=at(24))])
    found = {r.then.breakdown: r for r in moved(lake, 1, 12, "containment_quality")}
    assert set(found) == {'{"cell": "immature"}'}
    assert told(found['{"cell": "immature"}']) == [("maturity", 12, -12, -12, 0)]


def test_a_newer_version_of_the_record_is_a_source_correction(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE)
    deliver(lake, 9, [TWELVE[2] | {"channel": "chat"}])
    (r,) = moved(lake, 8, 9, "interactions", ["channel"])
    assert (r.then.breakdown, r.then.value, r.now.value) == ('{"channel": "voice"}', 12, 11)
    assert told(r) == [("source correction", 1, -1, -1, -1)]


def test_a_record_that_became_part_of_another_is_a_merge(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE)
    deliver(lake, 9, [TWELVE[3] | {"root_id": "f02", "initiation": "transfer"}])
    (r,) = moved(lake, 8, 9, "interactions")
    assert told(r) == [("merge", 1, -1, -1, -1)]
    assert [(row["unit_id"], row["counted_now"]) for row in r.rows] == [("f03", 0)]
    assert r.rows[0]["file"], "the leg is still found, although it is no interaction of its own"


def test_a_customer_who_became_known_is_identity(tmp_path: Path) -> None:
    """f01 called from a number that nobody knew; later the same number calls with an account that had come back on Tuesday."""
    lake = Lake(tmp_path)
    unknown = [t | {"account_key": None, "phone_key": "p_1"} if t["leg_id"] == "f01" else t for t in TWELVE]
    deliver(lake, 12, [*unknown, leg("back", 40, account_key="acc99"), END])
    deliver(lake, 13, [leg("names", 24 * 12, account_key="acc99", phone_key="p_1")])
    (r,) = moved(lake, 12, 13, "repeat_trigger")
    assert ((r.then.num, r.then.den), (r.now.num, r.now.den)) == ((0, 13), (1, 13))
    assert told(r) == [("identity", 1, 0, 1, 0)]
    assert [row["unit_id"] for row in r.rows] == ["f01"]


def test_a_case_that_the_customer_opened_again_is_a_reopen(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    cases = [
        {"case_id": f"c{i:02d}", "leg_id": f"f{i:02d}", "account_key": f"acc{i}", "opened_at": at(i), "status": "solved"}
        for i in range(12)
    ]

    def solved(i: int) -> dict[str, Any]:
        named = {"event_id": f"s{i}", "leg_id": f"f{i:02d}", "case_id": f"c{i:02d}", "event_at": at(i + 1), "field": "status"}
        return {**named, "new_value": "solved", "actor": "human"}

    deliver(lake, 12, [*TWELVE, END], cases=cases, case_events=[solved(i) for i in range(12)])
    again = {"event_id": "o", "leg_id": "f00", "case_id": "c00", "event_at": at(90), "field": "status", "new_value": "open"}
    deliver(lake, 13, case_events=[again | {"actor": "customer"}])
    (r,) = moved(lake, 12, 13, "reopen")
    assert ((r.then.num, r.then.den), (r.now.num, r.now.den)) == ((0, 12), (1, 12))
    assert told(r) == [("reopen", 1, 0, 1, 0)]


def test_another_definition_is_split_off_before_what_moved_by_itself(tmp_path: Path) -> None:
    """Published with a week's window, now with a day's: f00's return after 30 hours no longer counts. And one came late."""
    lake = Lake(tmp_path)
    deliver(lake, 12, [*TWELVE, leg("r", 30, account_key="acc0"), END])
    deliver(lake, 13, [leg("late", 20, account_key="acc1")])
    week = {"variants": {"mine": VariantSettings.model_validate({"metric": "repeat_trigger", "window_hours": 168})}}
    day = {"variants": {"mine": VariantSettings.model_validate({"metric": "repeat_trigger", "window_hours": 24})}}
    entries = published(asking(lake, at(24 * 12), **week), ("mine", []))
    (r,) = restatements(entries, asking(lake, at(24 * 13), **day), lambda i: asking(lake, i, **day), None)
    assert ((r.then.num, r.then.den), (r.now.num, r.now.den)) == ((1, 13), (1, 14))
    assert sorted(told(r), key=str) == [("late data", 2, 1, 1, 1), ("redefinition", None, 0, -1, 0)]
    assert r.difference == Fraction(1, 14) - Fraction(1, 13) == sum((p.share or Fraction(0) for p in r.parts), Fraction(0))


def test_units_that_are_gone_while_nothing_else_changed_are_an_erasure(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE)
    (e,) = published(asking(lake, at(24 * 8)), ("interactions", []))
    of_before = replace(e, n=13, num=Decimal(13), den=Decimal(13), value=13.0, low=e.low, high=e.high)
    (r,) = restatements([of_before], asking(lake, at(24 * 9)), lambda i: asking(lake, i), None)
    assert told(r) == [("erasure", None, -1, -1, -1)]


def test_a_figure_that_only_settled_is_maturity_without_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 7, [*TWELVE, leg("sunday", 24 * 6 + 13, account_key="s")])
    deliver(lake, 9, [leg("next", 24 * 8, account_key="n")])
    (r,) = moved(lake, 7, 9, "interactions")
    assert (r.then.state, r.now.state, r.then.value, r.now.value) == ("provisional", "final", 13, 13)
    assert (told(r), r.rows) == ([("maturity", 0, 0, 0, 0)], [])


def test_a_metric_that_is_gone_is_told_and_stops_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE)
    deliver(lake, 9, [leg("late", 20, account_key="x")])
    entries = published(asking(lake, at(24 * 8)), ("interactions", []))
    entries = [replace(entries[0], metric="of_old"), entries[0]]
    gone, other = restatements(entries, asking(lake, at(24 * 9)), lambda i: asking(lake, i), None)
    assert (gone.now.state, gone.now.reason, gone.reasons) == ("not_computable", GONE, ["redefinition"])
    assert other.reasons == ["late data"]


def test_a_group_that_has_no_unit_any_more_is_told(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 8, TWELVE)
    deliver(lake, 9, [t | {"channel": "chat"} for t in TWELVE])
    (r,) = moved(lake, 8, 9, "interactions", ["channel"])
    assert (r.then.breakdown, r.now.n, r.now.value) == ('{"channel": "voice"}', 0, None)
    assert told(r) == [("source correction", 12, -12, -12, -12)]


def test_as_many_rows_as_asked_for_of_all(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    deliver(lake, 1, TWELVE)
    deliver(lake, 12, [END])
    entries = published(asking(lake, at(24)), ("repeat_trigger", []))
    (r,) = restatements(entries, asking(lake, at(24 * 12)), lambda i: asking(lake, i), 5)
    assert ([row["unit_id"] for row in r.rows], r.total) == (["f00", "f01", "f02", "f03", "f04"], 12)


QUESTIONS: tuple[tuple[str, Sequence[str]], ...] = (
    ("interactions", ()), ("interactions", ("channel",)), ("repeat_trigger", ()), ("fcr_repeat", ("day",)), ("resolution", ()),
    ("containment_quality", ()), ("abandonment", ("channel",)), ("handle_time", ()), ("wait", ()),
)  # fmt: skip


def _legs(rng: random.Random, n: int) -> list[dict[str, Any]]:
    """Of forty names, so that some are drawn again: then the last one stands."""
    found = {}
    for _ in range(n):
        made = leg(f"l{rng.randrange(40)}", rng.choice([0, 1, 23, 24, 100, 168, 169, 240]))
        if rng.random() < 0.5:
            made |= {"enqueued_at": made["started_at"], "answered_at": made["started_at"], "wait_ms": 0}
        made |= {"channel": rng.choice(["voice", "chat"]), "talk_ms": rng.choice([None, 1000, 7000])}
        made |= {
            "account_key": rng.choice([None, "k1", "k2", "k3", "k4"]),
            "phone_key": rng.choice([None, "p1", "p2", "p3", "p4"]),
        }
        root = rng.choice([None, None, None, None, "l0", "l1"])
        made |= {"ai_agent": rng.choice([None, "bot"]), "root_id": None if root == made["leg_id"] else root}
        found[made["leg_id"]] = made
    return list(found.values())


@pytest.mark.parametrize(("seed", "day"), [(0, 2), (4, 8), (5, 12)])
def test_parts_add_up_to_the_difference_in_any_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, day: int
) -> None:
    """Few names and customers: much of what comes later changes, merges or identifies what was there on the day."""
    monkeypatch.setattr(measuring, "HIDDEN_BELOW", 1)
    rng, lake = random.Random(seed), Lake(tmp_path)
    deliver(lake, day, _legs(rng, 40))
    deliver(lake, 20, [*_legs(rng, 15), leg("end", 24 * 19)])
    then, now = asking(lake, at(24 * day)), asking(lake, at(24 * 20))
    entries = published(then, *QUESTIONS)
    found = restatements(entries, now, lambda _: then, None)
    assert {p.reason for r in found for p in r.parts} >= {"late data", "identity", "source correction", "merge"}
    assert len({r.then.metric for r in found if r.difference}) >= 3
    for r in found:
        e = r.then
        assert differs(e, r.now) and r.parts
        assert sum(p.n for p in r.parts) == r.now.n - e.n
        for counted, old, new in (("num", e.num, r.now.num), ("den", e.den, r.now.den)):
            if old is not None and new is not None:
                assert sum(getattr(p, counted) for p in r.parts) == new - old
        if r.difference is not None:
            assert sum((p.share for p in r.parts if p.share is not None), Fraction(0)) == r.difference
        assert len(r.rows) == r.total == sum(p.units or 0 for p in r.parts)


def test_a_composition_that_has_no_unit_now_is_told_as_insufficient(tmp_path: Path) -> None:
    """Then no source said who customers are; now one does, but of no interaction of that week."""
    lake = Lake(tmp_path)
    deliver(lake, 12, [leg("a", 240)])
    deliver(lake, 20, [leg("b", 250, account_key="k_1"), leg("end", 24 * 19)])
    then, now = asking(lake, at(24 * 12)), asking(lake, at(24 * 20))
    found = list(restatements(published(then, ("failure_demand", ())), now, lambda _: then, None))
    assert [(r.then.state, r.now.state, r.now.reason) for r in found] == [("not_computable", "insufficient", NO_UNITS)]
