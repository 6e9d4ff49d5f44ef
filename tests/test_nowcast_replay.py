"""The samples replayed day by day: mature figures stand still, nowcasts hold what came true, and both commands say so."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from cxreports import pipeline
from cxreports.analysis.following import nowcasts
from tests.test_cli import cx

WEEK = (date(2026, 10, 5), date(2026, 10, 12))
LAST_WAIT = date(2026, 10, 19)  # the 7-day window of the week's last interaction has elapsed, and late data has come


@pytest.mark.parametrize("metric", ["repeat_trigger", "fcr_repeat", "verified_containment"])
def test_a_weeks_figure_is_nowcast_until_it_is_final_and_then_stands_still(larkfield: Any, metric: str) -> None:
    seen = []
    for n in range(31):
        m = pipeline.measurer(larkfield, pipeline.end_of_day(WEEK[1] + timedelta(days=n), larkfield.settings))
        (found,) = m.measure(metric, [], *WEEK)
        (beside,) = nowcasts(m, metric, [], *WEEK)
        seen.append((WEEK[1] + timedelta(days=n), found, beside.nowcast))
    final = seen[-1][1]
    assert final.state == "final"
    after = [found for day, found, _ in seen if day > LAST_WAIT]
    assert len(after) == 23
    assert all((f.num, f.den, f.state) == (final.num, final.den, "final") for f in after)
    before = [nowcast for day, found, nowcast in seen if found.state == "provisional"]
    assert len(before) >= 6
    assert all(n.value is not None for n in before)
    assert all(0 <= n.low <= final.value <= n.high <= 1 for n in before), metric
    assert [n.maturity for n in before] == sorted(n.maturity for n in before)
    assert seen[-1][2].value == pytest.approx(final.value)


def test_past_nowcasts_are_scored_on_the_command_line(larkfield: Any) -> None:
    words = ["--days", "7", "--from", "2026-08-24", "--to", "2026-11-24", "--project", str(larkfield.folder)]
    told = cx("nowcast", "score", "repeat_trigger", *words, "--format", "json")
    scores = {s["label"]: s for s in json.loads(told.stdout)}
    assert scores["all"]["scored"] == 552
    assert 0.93 <= scores["all"]["coverage"] <= 1
    table = cx("nowcast", "score", "repeat_trigger", *words).stdout
    assert table.startswith("repeat_trigger: past nowcasts of 7 days against the final figure\n")
    assert "98.9%" in table
    each = cx("nowcast", "score", "repeat_trigger", *words, "--each", "--format", "csv").stdout.splitlines()
    assert len(each) == 553


def test_a_nowcast_stands_beside_a_figure_that_is_not_yet_known(larkfield: Any) -> None:
    words = ["measure", "repeat_trigger", "--nowcast", "--by", "week", "--from", "2026-11-09", "--to", "2026-11-23"]
    told = json.loads(cx(*words, "--format", "json", "--project", str(larkfield.folder)).stdout)
    assert [(m["state"], m["n"], m["nowcast"]["n"], m["nowcast"]["maturity"] == 1) for m in told] == [
        ("final", 747, 747, True), ("provisional", 118, 697, False),
    ]  # fmt: skip
    assert told[0]["nowcast"]["value"] == pytest.approx(told[0]["value"])
    table = cx(*words, "--project", str(larkfield.folder)).stdout
    assert "12.6% to 14.3%" in table and "69.4%" in table
    refused = cx("measure", "csat", "--nowcast", "--project", str(larkfield.folder))
    assert refused.returncode == 15 and "csat" in refused.stderr
