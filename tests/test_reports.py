"""What the executive weekly report says, in a small world where the truth is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cxreports.analysis.measurement import Measurement
from cxreports.errors import NoDataError, QuestionError
from cxreports.reports.context import Account, Release, Target
from cxreports.reports.report import build_weekly
from cxreports.reports.story import segment_words
from tests.test_reports_world import METRICS, WEEK_START, World, context, measure_of


def lines(report: Mapping[str, Any]) -> dict[str, str]:
    return {line["label"]: line["text"] for line in report["story"]}


def row(report: Mapping[str, Any], table: str, metric: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in report[table]["rows"] if r["metric"] == metric)
    return found


def bent(metric: str, **changed: Any) -> Any:
    """The world's measure with one metric's measurements changed."""
    plain = measure_of(World())

    def measure(name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        found = plain(name, by, start, end)
        return [replace(m, **changed) for m in found] if name == metric else found

    return measure


@pytest.fixture(scope="module")
def broken() -> Mapping[str, Any]:
    return build_weekly(context(), WEEK_START)


def test_the_headline_names_the_measure_that_got_worse_and_where(broken):
    assert broken["headline"] == (
        "More customers were trapped by the AI in week 46: 6.8% of those contained whose mood is known, mostly on chat in north"
    )


def test_the_release_shortly_before_the_start_is_set_beside_it_without_blaming_it(broken):
    assert (
        "began about 3 Nov, within 1 day after billing bot 4.2 (chat, north; 2 Nov); not proof of cause" in lines(broken)["Since"]
    )


def test_a_release_elsewhere_is_not_set_beside_the_change():
    elsewhere = [Release(date(2026, 11, 2), "voice bot", "1.8", "voice", "north")]
    report = build_weekly(context(releases=elsewhere), WEEK_START)
    assert "no release is recorded for chat in north in the 14 days before" in lines(report)["Since"]


def test_a_quiet_week_is_called_no_clear_change():
    report = build_weekly(context(World(broken_from=None)), WEEK_START)
    assert report["headline"] == "No clear change this week"
    assert {r["vs_baseline"]["note"] for r in report["five"]["rows"]} == {"no clear change"}


def test_a_fall_everywhere_has_no_clear_segment():
    report = build_weekly(context(World(broken_from=None, uniform_fall=0.05)), WEEK_START)
    assert report["headline"].startswith("Resolution rate fell to 66.9% in week 46")
    assert lines(report)["Where"].startswith("No clear segment")


def test_an_improvement_makes_the_headline_where_nothing_got_worse():
    report = build_weekly(context(World(broken_from=None, uniform_fall=-0.05)), WEEK_START)
    assert report["headline"].startswith("Resolution rate rose to")
    assert "clear change for the better" in lines(report)["What changed"]


def test_a_provisional_week_is_never_the_headline():
    """Resolution halves in week 47, whose window has not elapsed: the report must not say so yet."""
    plain = measure_of(World(broken_from=None))

    def measure(name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        found = plain(name, by, start, end)
        half = [replace(m, value=0.35, low=0.34, high=0.36) if m.state == "provisional" else m for m in found]
        return half if name in ("resolution", "service_level") else found

    report = build_weekly(context(measure=measure), WEEK_START)
    assert report["headline"] == "No clear change this week"
    assert row(report, "five", "resolution")["value"] != "35.0%"


def test_a_measure_that_waits_shows_the_newest_week_that_is_final_and_says_which(broken):
    assert row(broken, "five", "resolution")["note"] == "week 46, newest final"
    assert row(broken, "five", "csat")["note"] == "provisional"


def test_a_provisional_week_is_drawn_as_such(broken):
    points = row(broken, "five", "resolution")["sparkline"]["points"]
    assert [p["state"] for p in points[-2:]] == ["final", "provisional"]


def test_what_has_not_elapsed_and_who_is_not_identified_is_said(broken):
    text = lines(broken)["Not yet known"]
    assert "known after 7 days, which are not over for 4,451 of the 6,869 first interactions of week 47" in text
    assert "the customer is not identified" in text


def test_too_few_answers_are_words():
    gone = {"num": None, "den": None, "value": None, "low": None, "high": None}
    few = bent("csat", state="insufficient", reason="fewer than 10 answers", **gone)
    report = build_weekly(context(measure=few, targets={"csat": Target(at_least=0.8)}), WEEK_START)
    found = row(report, "five", "csat")
    assert (found["value"], found["interval"], found["status"]) == ("fewer than 10 answers", "", "Not yet known")


def test_what_cannot_be_computed_says_why():
    def measure(name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        found = measure_of(World())(name, by, start, end)
        if name != "csat":
            return found
        gone = {"num": None, "den": None, "value": None, "low": None, "high": None, "by": {}, "n": 0, "period_start": start}
        return [replace(found[0], state="not_computable", reason="no survey source", **gone)]

    report = build_weekly(context(measure=measure), WEEK_START)
    assert row(report, "five", "csat")["value"] == "not computable: no survey source"
    assert "Customer satisfaction: not computable: no survey source" in lines(report)["Not yet known"]


def test_a_metric_that_the_project_does_not_define_is_words():
    metrics = {k: v for k, v in METRICS.items() if k != "transfer"}
    report = build_weekly(context(metrics=metrics), WEEK_START)
    assert row(report, "reach", "transfer")["value"].startswith("not computable")


def test_none_of_twelve_is_printed_as_counts():
    report = build_weekly(context(measure=bent("csat", num=0, den=12, value=0.0, low=0.0, high=0.2425, n=12)), WEEK_START)
    found = row(report, "five", "csat")
    assert (found["value"], found["interval"]) == ("0 of 12", "up to 24%")


def test_a_target_is_met_missed_or_absent(broken):
    assert row(broken, "five", "resolution")["status"] == "Met"
    assert row(broken, "five", "resolution")["status_note"] == "may be chance"
    assert row(broken, "five", "fcr_repeat")["status"] == "Missed"
    assert row(broken, "five", "verified_containment")["status"] == "No target"
    assert row(broken, "five", "service_level")["status"] == "Missed so far"


def test_the_cells_add_up_to_gross_containment(broken):
    parts = {p["cell"]: p["value"] for p in broken["matrix"]["bars"]["bars"][0]["parts"]}
    assert sum(parts.values()) == pytest.approx(1, abs=1e-5)
    assert 1 - parts["not_contained"] == pytest.approx(0.604, abs=5e-4)


def test_the_trapped_segment_stands_out_in_the_quadrant(broken):
    marked = [p["name"] for p in broken["charts"][0]["chart"]["points"] if p["is_worst"]]
    assert marked == ["chat in north"]


def test_a_project_without_regions_is_split_by_channel_alone():
    blind = World(names=dict.fromkeys(("north", "south", "east"), "not given"))
    report = build_weekly(context(blind), WEEK_START)
    assert {p["name"] for p in report["charts"][0]["chart"]["points"]} == {"chat", "voice", "messaging", "email"}


def test_a_segment_that_has_long_trapped_customers_still_stands_out():
    """The bad release is eight weeks old: nothing changed this week, but it is not over."""
    report = build_weekly(context(World(broken_from=date(2026, 9, 22))), WEEK_START)
    assert report["headline"] == (
        "No clear change this week, but chat in north traps the customer in 25.4% of contained interactions of known mood"
    )
    assert "The difference began about 22 Sep" in lines(report)["Standing out"]


def test_without_a_sentiment_source_the_rest_is_still_reported():
    def measure(name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        found = measure_of(World())(name, by, start, end)
        if name == "containment_quality":
            return [replace(m, by={**m.by, "cell": "unknown"}) for m in found if m.by.get("cell") == "healthy"]
        if name != "trapped":
            return found
        gone = {"num": None, "den": None, "value": None, "low": None, "high": None, "by": {}, "n": 0, "period_start": start}
        return [replace(found[0], state="not_computable", reason="no source scores the mood of customers", **gone)]

    report = build_weekly(context(measure=measure), WEEK_START)
    assert report["matrix"]["labels"][0] == "W46"
    assert [c["chart"]["id"] for c in report["charts"]] == ["containment-trend"]
    assert "no source scores the mood" in lines(report)["Not yet known"]


def test_records_that_do_not_add_up_are_named():
    lost = [Account("genesys", 1, 100, 98, 0, 0, 1, None)]
    report = build_weekly(context(accounts=lost), WEEK_START)
    assert "does NOT hold for genesys" in report["completeness"]["subtitle"]


def test_without_any_rows_the_report_says_so():
    def measure(*_: Any) -> list[Measurement]:
        raise NoDataError("nothing is loaded")

    report = build_weekly(context(measure=measure, accounts=[], quarantine=[], data_through={}), WEEK_START)
    assert report["is_empty"] is True
    assert report["headline"] == "No interactions are loaded for this week"


def test_a_first_week_has_nothing_to_compare_with():
    def measure(name: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        return measure_of(World())(name, by, max(start, WEEK_START), end) if end > WEEK_START else []

    report = build_weekly(context(measure=measure), WEEK_START)
    assert report["headline"] == "There is nothing yet to compare this week with"
    assert row(report, "five", "csat")["vs_baseline"]["text"] == "not known"


def test_the_report_is_plain_json_and_the_same_every_time(broken):
    again = build_weekly(context(), WEEK_START)
    assert json.dumps(again, sort_keys=True) == json.dumps(broken, sort_keys=True)
    assert json.loads(json.dumps(broken)) == broken


def test_the_rows_behind_a_figure_have_a_command(broken):
    assert "cxreports explain resolution --period 2026-W46" in broken["commands"]


def test_the_first_command_makes_the_report_again(broken):
    assert broken["commands"][0] == f"cxreports report weekly --period 2026-W47 --as-of {broken['as_of']}"


def test_who_acts_are_the_owners_of_what_stands_out_and_of_targets_missed(broken):
    said = lines(broken)["Who acts"]
    assert said.startswith("Customer operations (trapped customers: chat in north; ")
    assert "first-contact resolution misses its target" in said


def test_a_segment_and_all_others_are_the_same_figures_in_words_and_in_the_chart():
    report = build_weekly(context(World(broken_from=date(2026, 9, 22))), WEEK_START)
    chart = next(c["chart"] for c in report["charts"] if c["chart"]["id"] == "trapped-trend")
    own, others = (s["points"][-2]["text"].split(" (")[0] for s in chart["series"])
    assert f"In chat in north {own} (" in lines(report)["Standing out"]
    assert f"against {others} (" in lines(report)["Standing out"]


def test_without_a_source_of_releases_none_is_said_to_be_missing():
    report = build_weekly(context(releases=[]), WEEK_START)
    assert "no source says what was released" in lines(report)["Since"]


def test_a_week_that_is_not_over_says_so():
    report = build_weekly(context(as_of=datetime(2026, 11, 20, 12, 0, tzinfo=UTC)), WEEK_START)
    assert lines(report)["Not yet known"].startswith("Week 47 is not over: it is known up to 20 Nov 2026 12:00.")


def test_a_segment_without_a_region_is_not_a_place():
    assert segment_words(("channel", "region"), ("chat", "not given")) == "chat, region not given"


def test_shares_of_too_few_interactions_are_words():
    report = build_weekly(
        context(metrics=METRICS | {"containment_quality": replace(METRICS["containment_quality"], min_n=10**6)}), WEEK_START
    )
    assert report["matrix"]["words"] == "Fewer than 1,000,000 interactions with an AI."


def test_a_week_starts_on_a_monday():
    with pytest.raises(QuestionError, match="Tuesday"):
        build_weekly(context(), WEEK_START + timedelta(days=1))


def test_a_segment_of_too_few_units_makes_no_headline():
    few = replace(METRICS["trapped"], min_n=10**6)
    report = build_weekly(context(World(broken_from=date(2026, 9, 22)), metrics=METRICS | {"trapped": few}), WEEK_START)
    assert "chat in north" not in report["headline"]
    assert "Standing out" not in lines(report)


def test_a_source_without_times_is_not_called_empty():
    quiet = Account("accounts", 1, 5, 5, 0, 0, 0, None)
    assert [a["through"] for a in build_weekly(context(accounts=[quiet]), WEEK_START)["completeness"]["rows"]] == [
        "gives no time"
    ]
