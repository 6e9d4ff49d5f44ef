"""Releases from GitHub's webhooks, CDEvents and a plain CSV: when a change took effect, and that nothing counts twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.source_files import Taken, take

GITHUB = "formats/samples/releases/github_{}.json"
CDEVENTS = "formats/samples/releases/cdevents_{}.json"
RELEASES = "select release_id, released_at::varchar, component, version, kind, environment from new_releases order by all"
Read = Callable[..., Taken]


@pytest.fixture
def read(shared: Path, tmp_path: Path) -> Read:
    def reading(pattern: str, kind: str, *names: str, **source: Any) -> Taken:
        for name in names:
            path = shared / pattern.format(name)
            (tmp_path / path.name).write_bytes(path.read_bytes())
        return take(tmp_path, {"kind": kind, "path": "*.json", **source})

    return reading


def test_a_deployment_takes_effect_when_its_status_says_success(read: Read) -> None:
    taken = read(GITHUB, "github_webhooks", "deployment_payload", "deployment_status_payload")
    assert taken.rows(RELEASES) == [
        (
            "deployment:145988746",
            "2019-05-15 15:20:55+00",
            "Codertocat/Hello-World",
            "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
            "release",
            "production",
        )
    ]
    assert taken.reasons() == [None, None]


def test_a_deployment_that_was_only_created_is_no_release(read: Read) -> None:
    taken = read(GITHUB, "github_webhooks", "deployment_payload")
    assert taken.reasons() == [None]
    assert taken.rows(RELEASES) == []


def test_published_and_released_are_one_release(read: Read) -> None:
    taken = read(GITHUB, "github_webhooks", "release_published", "release_released")
    assert taken.rows("select distinct record_key from new_records") == [("release:17372790",)]
    assert taken.rows(RELEASES.replace("select ", "select distinct ")) == [
        ("release:17372790", "2019-05-15 15:20:53+00", "Codertocat/Hello-World", "0.0.1", "release", None)
    ]


def test_a_workflow_run_is_a_release_only_where_the_settings_name_its_workflow(read: Read) -> None:
    assert read(GITHUB, "github_webhooks", "workflow_run_completed").rows(RELEASES) == []
    taken = read(GITHUB, "github_webhooks", "workflow_run_completed", params={"deploy_workflow": "test"})
    assert taken.rows(RELEASES) == [
        (
            "workflow_run:289782451:1",
            "2020-10-05 16:33:49+00",
            "octo-org/octo-repo",
            "3484a3fb816e0859fd6e1cea078d76385ff50625",
            "release",
            None,
        )
    ]


def test_a_deployment_elsewhere_is_left_out_where_one_environment_is_asked_for(read: Read) -> None:
    taken = read(GITHUB, "github_webhooks", "deployment_status_payload", params={"environment": "staging"})
    assert taken.reasons() == [None]
    assert taken.rows(RELEASES) == []


SERVICES = ("service_deployed", "service_upgraded", "service_rolledback")
OTHERS = ("change_merged", "incident_detected", "incident_resolved")
MYAPP = "pkg:oci/myapp@sha256%3A0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427"


def test_events_of_several_types_that_share_an_id_are_several_releases(read: Read) -> None:
    event = "/event/source/123:271069a8-fc18-44f1-b38f-9d70a1695819"
    at = "2023-03-20 14:27:05.315384+00"
    taken = read(CDEVENTS, "cdevents", *SERVICES)
    assert taken.rows(RELEASES) == [
        (f"{event}:service.deployed", at, "mySubject123", MYAPP, "release", "test123"),
        (f"{event}:service.rolledback", at, "mySubject123", MYAPP, "rollback", "test123"),
        (f"{event}:service.upgraded", at, "mySubject123", MYAPP, "release", "test123"),
    ]
    assert taken.reasons() == [None, None, None]


def test_merged_changes_and_both_ends_of_an_incident_are_told_apart(read: Read) -> None:
    incident = "/monitoring/prod1:F4BD2B55-B6F6-4F44-AF72-BD2D0E7A8708:incident"
    at = "2022-11-11 13:52:20.079+00"
    taken = read(CDEVENTS, "cdevents", *OTHERS)
    assert [row[:3] + row[4:] for row in taken.rows(RELEASES)] == [
        (
            "/event/source/123:271069a8-fc18-44f1-b38f-9d70a1695819:change.merged",
            "2023-03-20 14:27:05.315384+00",
            "TestRepo/TestOrg",
            "change",
            None,
        ),
        (f"{incident}.detected", at, "myApp", "incident", "prod1"),
        (f"{incident}.resolved", at, "myApp", "incident_end", "prod1"),
    ]
    assert taken.rows("select description from new_releases where kind = 'incident'") == [
        ("Response time above threshold of 100ms",)
    ]


def test_a_deployment_to_another_environment_is_left_out_where_one_is_asked_for(read: Read) -> None:
    taken = read(CDEVENTS, "cdevents", *SERVICES, *OTHERS, params={"environment": "prod1"})
    assert taken.rows("select kind from new_releases order by all") == [("change",), ("incident",), ("incident_end",)]


def test_a_plain_csv_of_releases_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "releases.csv").write_text(
        "id,released_at,service,environment,version,kind\n"
        "r1,2025-03-03T09:00:00Z,billing bot,production,2.4,release\n"
        "r2,2025-03-04T10:00:00+01:00,opening hours,production,,configuration\n"
        "r3,yesterday,billing bot,production,2.5,release\n"
    )
    taken = take(
        tmp_path,
        {
            "kind": "table",
            "table": "releases",
            "path": "releases.csv",
            "columns": {
                "release_id": "id",
                "released_at": "released_at",
                "component": "service",
                "environment": "environment",
                "version": "version",
                "kind": "kind",
            },
        },
    )
    assert taken.rows(RELEASES) == [
        ("r1", "2025-03-03 09:00:00+00", "billing bot", "2.4", "release", "production"),
        ("r2", "2025-03-04 09:00:00+00", "opening hours", None, "configuration", "production"),
    ]
    assert taken.reasons() == [None, None, "column released_at: no time"]
