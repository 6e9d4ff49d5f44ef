"""Synthetic journeys from CDEvents, JUnit XML and Playwright: every attempt once, a flaky test neither passed nor failed."""

from pathlib import Path
from typing import Any

import pytest

from cxreports.errors import SettingsError
from cxreports.intake.adapters import adapter_for
from cxreports.settings import SourceSettings
from tests.source_files import CATALOGUE, Taken, lines, take

SAMPLES = "formats/samples/synthetic/cdevents_{}.json"
ZONE = {"timezone": "America/New_York"}


def test_finished_test_cases_and_suites_of_cdevents_are_runs(shared: Path, tmp_path: Path) -> None:
    for name in ("testcaserun_finished", "testsuiterun_finished"):
        path = shared / SAMPLES.format(name)
        (tmp_path / path.name).write_bytes(path.read_bytes())
    taken = take(tmp_path, {"kind": "cdevents", "path": "*.json"})
    assert taken.rows(
        "select suite, test, environment, started_at::varchar, duration_ms, status, failure_kind, failure_message "
        "from new_synthetic_runs order by run_id"
    ) == [
        (None, "Login Test", "dev", "2023-03-20 14:27:05.315384+00", None, "passed", None, None),
        (
            "Auth TestSuite", None, "dev", "2023-03-20 14:27:05.315384+00", None, "failed", "critical",
            "Host [IP] not found",
        ),
    ]  # fmt: skip
    assert taken.rows("select count(*) from new_releases") == [(0,)]
    assert taken.reasons() == [None, None]


def junit(folder: Path, text: str, **source: Any) -> Taken:
    (folder / "report.xml").write_text(f'<?xml version="1.0"?>{text}')
    return take(folder, {"kind": "junit_xml", "path": "*.xml", **ZONE, **source})


RUNS = "select suite, test, attempt, started_at::varchar, duration_ms, status from new_synthetic_runs order by position, run_id"


def test_times_of_junit_are_in_the_declared_zone(tmp_path: Path) -> None:
    taken = junit(
        tmp_path,
        '<testsuites name="all"><testsuite name="ivr" timestamp="2025-01-06T09:00:00"><testcase classname="pay" name="card" '
        'time="0.25"/></testsuite><testsuite name="chat" timestamp="2025-07-07T09:00:00"><testcase name="hello"/></testsuite>'
        '<testsuite name="web" timestamp="2025-07-07T09:00:00+02:00"><testcase name="hello"/></testsuite></testsuites>',
    )
    assert taken.rows(RUNS) == [
        ("ivr", "pay.card", 1, "2025-01-06 14:00:00+00", 250, "passed"),
        ("chat", "hello", 1, "2025-07-07 13:00:00+00", None, "passed"),
        ("web", "hello", 1, "2025-07-07 07:00:00+00", None, "passed"),
    ]
    assert taken.reasons() == [None, None, None]


def test_junit_without_a_declared_zone_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"sources.it.timezone: junit_xml has times without zone"):
        adapter_for("it", SourceSettings(kind="junit_xml", path="*.xml"), CATALOGUE)


def test_a_test_that_passed_when_tried_again_is_flaky_and_one_that_never_did_failed(tmp_path: Path) -> None:
    taken = junit(
        tmp_path,
        '<testsuite name="s" timestamp="2025-01-06T09:00:00" hostname="lon"><testcase name="a" time="1,234.5">'
        '<flakyFailure message="no answer" type="Timeout"/><flakyError message="x"/></testcase>'
        '<testcase name="b"><failure message="no" type="T"/><rerunFailure message="no"/></testcase>'
        '<testcase name="c"><error message="broke"/></testcase><testcase name="d"><skipped/></testcase></testsuite>',
    )
    at = "2025-01-06 14:00:00+00"
    assert taken.rows(RUNS) == [
        ("s", "a", 3, at, 1_234_500, "flaky"),
        ("s", "b", 2, at, None, "failed"),
        ("s", "c", 1, at, None, "error"),
        ("s", "d", 1, at, None, "skipped"),
    ]
    assert taken.rows("select location, failure_kind, failure_message from new_synthetic_runs where test = 'a'") == [
        ("lon", "Timeout", "no answer")
    ]


def test_nested_suites_are_read_to_the_third_and_refused_from_the_fourth(tmp_path: Path) -> None:
    three = '<testsuite name="b"><testsuite name="c"><testcase name="x"/>{}</testsuite></testsuite>'
    head = '<testsuites><testsuite name="a" timestamp="2025-01-06T09:00:00">'
    taken = junit(tmp_path, f"{head}{three.format('')}</testsuite></testsuites>")
    assert taken.rows(RUNS) == [("a › b › c", "x", 1, "2025-01-06 14:00:00+00", None, "passed")]
    deeper = three.format('<testsuite name="d"><testcase name="y"/></testsuite>')
    taken = junit(tmp_path, f"{head}{deeper}</testsuite></testsuites>")
    assert taken.reasons() == ["suites nest more than three deep"]
    assert taken.rows(RUNS) == []


def test_a_suite_without_any_time_is_quarantined(tmp_path: Path) -> None:
    assert junit(tmp_path, '<testsuite name="s"><testcase name="a"/></testsuite>').reasons() == [
        "neither suite nor case has a timestamp"
    ]


def attempt(status: str, second: int, **more: Any) -> dict[str, Any]:
    return {"status": status, "startTime": f"2025-03-03T09:00:{second:02}.500Z", "duration": 1000, **more}


def playwright(*tests: dict[str, Any], depth: int = 1) -> dict[str, Any]:
    suite: dict[str, Any] = {"title": f"s{depth}", "specs": [{"title": "pays", "id": "x", "tests": list(tests)}]}
    for n in range(depth - 1, 0, -1):
        suite = {"title": f"s{n}", "specs": [], "suites": [suite]}
    return {"config": {}, "suites": [suite]}


def test_attempts_of_playwright_are_runs_and_the_last_one_decides(tmp_path: Path) -> None:
    tries = [attempt("timedOut", 1, retry=0, errors=[{"message": "30 s"}]), attempt("passed", 40, retry=1)]
    test = {"projectName": "chrome", "expectedStatus": "passed", "status": "flaky", "results": tries}
    lines(tmp_path / "report.json", playwright(test))
    taken = take(tmp_path, {"kind": "playwright_json", "path": "*.json", "params": {"environment": "live"}})
    assert taken.rows(
        "select attempt, started_at::varchar, status, failure_kind, failure_message, is_last_attempt, environment, location "
        "from new_synthetic_runs order by attempt"
    ) == [
        (1, "2025-03-03 09:00:01.5+00", "failed", "timeout", "30 s", False, "live", "chrome"),
        (2, "2025-03-03 09:00:40.5+00", "flaky", None, None, True, "live", "chrome"),
    ]


def test_what_playwright_expects_to_fail_has_passed_when_it_fails_and_failed_when_it_passes(tmp_path: Path) -> None:
    lines(
        tmp_path / "report.json",
        playwright(
            {"projectName": "a", "expectedStatus": "failed", "status": "expected", "results": [attempt("failed", 1)]},
            {"projectName": "b", "expectedStatus": "failed", "status": "unexpected", "results": [attempt("passed", 1)]},
            {"projectName": "c", "expectedStatus": "skipped", "status": "skipped", "results": []},
        ),
    )
    taken = take(tmp_path, {"kind": "playwright_json", "path": "*.json"})
    assert taken.rows("select location, status, failure_kind from new_synthetic_runs order by all") == [
        ("a", "passed", None),
        ("b", "failed", "unexpected pass"),
    ]


def test_suites_of_playwright_are_read_at_every_depth(tmp_path: Path) -> None:
    test = {"projectName": "chrome", "status": "expected", "results": [attempt("passed", 1, steps=[{"title": "open"}])]}
    lines(tmp_path / "report.json", *(playwright(test, depth=n) for n in range(1, 7)))
    taken = take(tmp_path, {"kind": "playwright_json", "path": "*.json"})
    assert taken.rows("select suite from new_synthetic_runs order by position") == [
        ("s1",),
        ("s1 › s2",),
        ("s1 › s2 › s3",),
        ("s1 › s2 › s3 › s4",),
        ("s1 › s2 › s3 › s4 › s5",),
    ]
    assert taken.reasons() == [None] * 5 + ["suites nest more than five deep"]
    assert taken.rows("select count(*) from new_synthetic_steps where name = 'open' and status = 'passed'") == [(5,)]


def test_a_report_with_other_settings_is_the_same_report(tmp_path: Path) -> None:
    test = {"projectName": "chrome", "status": "expected", "results": [attempt("passed", 1)]}
    lines(tmp_path / "a.json", playwright(test))
    lines(tmp_path / "b.json", {**playwright(test), "config": {"workers": 2}})
    taken = take(tmp_path, {"kind": "playwright_json", "path": "*.json"})
    assert taken.rows("select count(*), count(distinct record_key) from new_records") == [(2, 1)]
