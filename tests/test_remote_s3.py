"""Inputs from S3, against a server on this machine: what is fetched, what is known already, what is left, and what is told."""

import gzip
import io
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from cxreports import pipeline, upkeep
from cxreports.errors import InputError, MissingToolError, SettingsError
from cxreports.intake import remote
from cxreports.intake.check import check_sources
from tests.stores import AS_OF, Desk, contact

BUCKET = "exports"
URL = f"s3://{BUCKET}/connect"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    started = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def s3(server, monkeypatch, tmp_path) -> Any:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-test")
    client = boto3.client("s3", endpoint_url=server, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for found in page.get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=found["Key"])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def desk(s3, server, tmp_path) -> Desk:
    return Desk(tmp_path / "project").write(f"{URL}/**/*.gz", storage=f'endpoint_url = "{server}"')


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    """The URLs that are copied, in order."""
    found: list[str] = []
    real = remote.Store.fetch

    def counted(store, file, target):
        found.append(file.path)
        return real(store, file, target)

    monkeypatch.setattr(remote.Store, "fetch", counted)
    return found


def put(s3: Any, key: str, *contacts: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"connect/{key}", Body=gzip.compress("".join(map(contact, contacts)).encode(), mtime=0))


def test_objects_are_read_whatever_folder_they_lie_in(s3, desk):
    put(s3, "a.gz", "a")
    put(s3, "2025/03/b [1]?.gz", "b", "c")
    put(s3, "2025/03/notes.txt", "x")
    s3.put_object(Bucket=BUCKET, Key="connect/2025/", Body=b"")
    s3.put_object(Bucket=BUCKET, Key="connections/d.gz", Body=b"")
    assert desk.run() == [f"{URL}/2025/03/b [1]?.gz", f"{URL}/a.gz"]
    assert "calls: 2 new files" in desk.said


def test_many_objects_come_in_several_pages(s3, desk, fetched):
    for n in range(1001):
        s3.put_object(Bucket=BUCKET, Key=f"connect/{n:04}.gz", Body=b"")
    found = remote.open_store(desk.folder, "calls", pipeline.open_project(desk.folder).settings.sources["calls"]).listing()
    assert (len(found), found[1000].path) == (1001, f"{URL}/1000.gz")


def test_known_objects_are_not_fetched_again(s3, desk, fetched):
    put(s3, "a.gz", "a")
    desk.run()
    desk.run()
    assert fetched == [f"{URL}/a.gz"]


def test_a_renamed_object_and_a_copy_are_fetched_once_more_and_load_nothing(s3, desk, fetched):
    put(s3, "a.gz", "a")
    desk.run()
    s3.delete_object(Bucket=BUCKET, Key="connect/a.gz")
    put(s3, "b.gz", "a")
    put(s3, "c.gz", "a")
    assert desk.run() == [f"{URL}/a.gz"]
    assert "calls: 0 new files" in desk.said
    assert desk.run() == [f"{URL}/a.gz"]
    assert fetched == [f"{URL}/a.gz", f"{URL}/b.gz", f"{URL}/c.gz"]


def test_an_object_that_was_replaced_is_fetched_again(s3, desk, fetched):
    put(s3, "a.gz", "a")
    desk.run()
    put(s3, "a.gz", "b")
    assert desk.run() == [f"{URL}/a.gz", f"{URL}/a.gz"]
    desk.run()
    assert len(fetched) == 2


def test_an_object_that_changes_while_it_is_copied_is_left_for_the_next_run(s3, desk, monkeypatch):
    put(s3, "a.gz", "a")
    put(s3, "b.gz", "b")
    real = remote.Store.fetch

    def disturbed(store, found, target):
        if found.path.endswith("a.gz"):
            put(s3, "a.gz", "z")
        return real(store, found, target)

    monkeypatch.setattr(remote.Store, "fetch", disturbed)
    assert desk.run() == [f"{URL}/b.gz"]
    assert f"{URL}/a.gz changed while it was copied; it is left for the next run" in desk.said
    monkeypatch.undo()


def test_an_object_that_vanishes_while_it_is_copied_is_left(s3, desk, monkeypatch):
    put(s3, "a.gz", "a")
    real = remote.Store.listing

    def outdated(store):
        found = real(store)
        s3.delete_object(Bucket=BUCKET, Key="connect/a.gz")
        return found

    monkeypatch.setattr(remote.Store, "listing", outdated)
    assert desk.run() == []
    assert f"{URL}/a.gz changed while it was copied; it is left for the next run" in desk.said


def test_young_objects_are_left_by_the_time_of_the_store(s3, server, tmp_path):
    desk = Desk(tmp_path / "project").write(f"{URL}/*.gz", "settle_seconds = 60", f'endpoint_url = "{server}"')
    put(s3, "a.gz", "a")
    written = s3.head_object(Bucket=BUCKET, Key="connect/a.gz")["LastModified"]
    assert desk.run(written + timedelta(seconds=59)) == []
    assert f"{URL}/a.gz is still being written; it is left for the next run" in desk.said
    assert desk.run(written + timedelta(seconds=60)) == [f"{URL}/a.gz"]


def test_objects_from_before_since_are_never_fetched(s3, server, tmp_path, fetched):
    more = 'delivered = "%Y/%m/%d"\nsince = 2025-03-02'
    desk = Desk(tmp_path / "project").write(f"{URL}/**/*.gz", more, f'endpoint_url = "{server}"')
    put(s3, "2025/03/01/a.gz", "a")
    put(s3, "2025/03/02/b.gz", "b")
    assert desk.run() == fetched == [f"{URL}/2025/03/02/b.gz"]


def test_archives_are_opened_and_remembered(s3, server, tmp_path, fetched):
    desk = Desk(tmp_path / "project").write(f"{URL}/*.zip", storage=f'endpoint_url = "{server}"')
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("a.json", contact("a"))
        archive.writestr("b.json", contact("b") + "{broken")
    s3.put_object(Bucket=BUCKET, Key="connect/x.zip", Body=body.getvalue())
    assert desk.run() == [f"{URL}/x.zip", f"{URL}/x.zip!a.json", f"{URL}/x.zip!b.json"]
    desk.run()
    assert fetched == [f"{URL}/x.zip"]


def test_a_retry_fetches_what_holds_quarantined_records_and_nothing_else(s3, server, tmp_path, fetched):
    desk = Desk(tmp_path / "project").write(f"{URL}/*", storage=f'endpoint_url = "{server}"')
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("b.json", contact("b") + "{broken")
    s3.put_object(Bucket=BUCKET, Key="connect/x.zip", Body=body.getvalue())
    put(s3, "bad.gz", "c", '"')
    s3.put_object(Bucket=BUCKET, Key="connect/worse.json", Body=b'{"ContactId": "d"}')
    put(s3, "good.gz", "a")
    desk.run()
    put(s3, "new.gz", "e")
    fetched.clear()
    desk.said.clear()
    upkeep.retry(pipeline.open_project(desk.folder), AS_OF, desk.said.append)
    assert fetched == [f"{URL}/worse.json", f"{URL}/x.zip"]
    assert desk.said == []


@pytest.fixture
def guarded(server) -> Iterator[None]:
    """The server asks for credentials that it knows, and knows none."""
    requests.post(f"{server}/moto-api/reset-auth", data=b"0", timeout=10)
    yield
    requests.post(f"{server}/moto-api/reset-auth", data=b"inf", timeout=10)


def told(desk: Desk) -> str:
    """The one fault of a run that stores nothing."""
    with pytest.raises(InputError) as failed:
        desk.run()
    assert failed.value.exit_code == 12
    assert not (desk.folder / "lake" / "commits").exists()
    (fault,) = failed.value.faults
    return fault


def test_wrong_credentials_are_told_in_words_without_secrets(s3, desk, guarded):
    assert told(desk) == (
        "cxreports.toml: sources.calls.path: s3://exports/connect/**/*.gz: "
        "the store refuses it: are user, password or key right, and may they read there?"
    )


def test_a_bucket_that_is_not_there_is_told(s3, server, tmp_path):
    desk = Desk(tmp_path / "project").write("s3://elsewhere/**/*.gz", storage=f'endpoint_url = "{server}"')
    assert told(desk) == "cxreports.toml: sources.calls.path: s3://elsewhere/**/*.gz: there is no such bucket or folder"


def test_without_credentials_the_way_to_give_them_is_told(desk, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(InputError, match="there are no AWS credentials; set AWS_PROFILE"):
        desk.run()


def test_a_server_that_is_not_there_is_told(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(remote, "ATTEMPTS", 1)
    desk = Desk(tmp_path / "project").write(f"{URL}/*.gz", storage='endpoint_url = "http://127.0.0.1:9"')
    with pytest.raises(InputError, match=r"s3://exports/connect/\*\.gz: it cannot be read \(EndpointConnectionError\)"):
        desk.run()


def test_a_missing_library_names_what_adds_it(desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingToolError, match=r"pip install cxreports\[s3\]"):
        desk.run()


def test_a_check_stays_offline(desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    project = pipeline.open_project(desk.folder)
    assert check_sources(desk.folder, project.settings, project.catalogue) == []
    desk.write("s3://exports")
    project = pipeline.open_project(desk.folder)
    (fault,) = check_sources(desk.folder, project.settings, project.catalogue)
    assert fault.startswith("cxreports.toml: sources.calls.path: must name one bucket")
    with pytest.raises(SettingsError):
        desk.run()


def test_nothing_that_was_fetched_stays(s3, desk, monkeypatch, tmp_path):
    import tempfile

    (tmp_path / "staging").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "staging"))
    put(s3, "a.gz", "a")
    put(s3, "b.gz", "b")
    counts = []
    real = remote.Store.fetch

    def watched(store, found, target):
        done = real(store, found, target)
        counts.append((oct(target.parent.stat().st_mode & 0o777), len(list(target.parent.iterdir()))))
        return done

    monkeypatch.setattr(remote.Store, "fetch", watched)
    desk.run()
    assert counts == [("0o700", 1), ("0o700", 1)]
    assert list((tmp_path / "staging").iterdir()) == []


def test_dagster_sees_objects_and_waits_until_they_are_quiet(s3, server, tmp_path):
    from dagster_defs.arrivals import listing

    desk = Desk(tmp_path / "project").write(f"{URL}/**/*.gz", 'delivered = "%Y/%m/%d/%H"', f'endpoint_url = "{server}"')
    put(s3, "2025/06/01/23/a.gz", "a")
    written = s3.head_object(Bucket=BUCKET, Key="connect/2025/06/01/23/a.gz")["LastModified"]
    settings = pipeline.open_project(desk.folder).settings
    assert list(listing(desk.folder, settings, written + timedelta(seconds=29))) == []
    (found,) = listing(desk.folder, settings, written + timedelta(seconds=30))
    assert (found.path, found.day) == (f"{URL}/2025/06/01/23/a.gz", datetime(2025, 6, 2, tzinfo=UTC).date())
