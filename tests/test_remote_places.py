"""Where files may lie, by the form of the path alone; files elsewhere on this machine; files from before `since`."""

import ast
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxreports import pipeline
from cxreports.errors import SettingsError
from cxreports.intake.locations import path_fault, split_at_pattern
from cxreports.settings import read_settings
from tests.stores import Desk, contact

ROOT = Path(__file__).resolve().parent.parent
NETWORK = {
    "upath", "fsspec", "s3fs", "sshfs", "asyncssh", "paramiko", "boto3", "botocore", "aiohttp", "requests", "httpx",
    "urllib3", "urllib.request", "http.client", "smtplib", "ftplib",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "project")


@pytest.mark.parametrize(
    "path",
    ["exports/**/*.json", "file:///data/a b/**/*.gz", "s3://bucket/exports/**/*.gz", "sftp://host:2222/out/*.csv", "S3://b/x"],
)
def test_places_that_can_be_used(path):
    assert path_fault(path) is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/data/*.json", "must be a path below the project's folder"),
        ("../x.json", "must be a path below the project's folder"),
        ("https://host/x.json", "https:// is not understood; known are file://, s3:// and sftp://"),
        ("file://host/x.json", "must be file:// and an absolute path"),
        ("s3://bucket", "must name one bucket and the files in it"),
        ("s3://*/x", "must name one bucket and the files in it"),
        ("sftp:///x.csv", "must name one host and the files in it"),
        ("sftp://host:ninety/x.csv", "must name one host and the files in it"),
        ("sftp://host/a/../../x", "must not hold '..'"),
        ("sftp://anna:secret@host/x.csv", "must hold no user and no password"),
    ],
)
def test_places_that_cannot_be_used(path, words):
    fault = path_fault(path)
    assert fault and fault.startswith(words)
    assert "secret" not in fault


def test_settings_of_another_kind_of_store_are_refused(desk):
    desk.write("sftp://host/x.csv", storage='profile = "prod"\nendpoint_url = "https://a:b@minio/?x=1"')
    with pytest.raises(SettingsError) as refused:
        desk.run()
    assert list(refused.value.faults) == [
        "cxreports.toml: sources.calls.storage.endpoint_url: only s3:// has it",
        "cxreports.toml: sources.calls.storage.profile: only s3:// has it",
        "cxreports.toml: sources.calls.storage.endpoint_url: must be the address of a server without user and query, "
        "as in https://minio.example",
    ]


def test_a_path_is_split_before_its_first_pattern():
    assert split_at_pattern("/data/out/2026-*/**/*.gz") == ("/data/out", "2026-*/**/*.gz")
    assert split_at_pattern("/data/out/x.gz") == ("/data/out", "x.gz")
    assert split_at_pattern("/x.gz") == ("/", "x.gz")


def test_files_elsewhere_on_this_machine_are_read_where_they_lie(desk, tmp_path):
    for name in ("a.json", "deep/er/b.json", "c.txt"):
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_text(contact(name))
    (tmp_path / "elsewhere.json").write_text(contact("elsewhere"))
    (tmp_path / "out" / "link.json").symlink_to(tmp_path / "elsewhere.json")
    desk.write(f"file://{tmp_path}/out/**/*.json")
    assert desk.run() == [f"file://{tmp_path}/out/a.json", f"file://{tmp_path}/out/deep/er/b.json"]
    assert desk.said[0] == "calls: 2 new files"
    assert desk.run() and desk.said[0] == "calls: 0 new files"


def test_files_delivered_before_since_are_not_opened(desk):
    folder = desk.folder / "exports"
    folder.mkdir(parents=True)
    for stamp in ("2025-06-01-22", "2025-06-01-23", "2025-06-02-00"):  # midnight in London is 23:00 UTC
        (folder / f"{stamp}.json").write_text(contact(stamp))
    desk.write("exports/*.json", 'delivered = "%Y-%m-%d-%H"\nsince = 2025-06-02')
    assert desk.run() == ["exports/2025-06-01-23.json", "exports/2025-06-02-00.json"]


def test_without_a_delivery_time_since_looks_at_the_time_of_change(desk):
    folder = desk.folder / "exports"
    folder.mkdir(parents=True)
    for name, second in (("old", 59), ("new", 60)):
        (folder / f"{name}.json").write_text(contact(name))
        at = datetime(2025, 6, 2, 5, 59, tzinfo=UTC).timestamp() + second
        os.utime(folder / f"{name}.json", (at, at))
    desk.write("exports/*.json", "since = 2025-06-02T08:00:00+02:00")
    assert desk.run() == ["exports/new.json"]


def test_a_copy_on_this_machine_is_noted_once(desk):
    (desk.folder / "exports").mkdir(parents=True)
    (desk.folder / "exports" / "2025-06-01.json").write_text(contact("a"))
    (desk.folder / "exports" / "2025-06-02.json").write_text(contact("a"))
    desk.write("exports/*.json", 'delivered = "%Y-%m-%d"')
    seen = "select url, delivered_at::date::varchar as day from stg_objects order by url"
    for _ in range(2):
        assert desk.run() == ["exports/2025-06-01.json"]
        view = pipeline.open_view(pipeline.open_project(desk.folder))
        assert view.con.execute(seen).fetchall() == [("exports/2025-06-02.json", "2025-06-02")]


def test_a_time_without_offset_is_no_instant(desk):
    desk.write("exports/*.json", "since = 2025-06-02T08:00:00")
    with pytest.raises(SettingsError, match=r"cxreports\.toml:8: sources\.calls\.since.*a time needs an offset"):
        read_settings(desk.folder)


def test_only_one_module_reaches_beyond_this_machine():
    found = {
        file.relative_to(ROOT).as_posix()
        for package in ("cxreports", "dagster_defs")
        for file in (ROOT / package).rglob("*.py")
        if NETWORK & set(_imported(file.read_text(encoding="utf-8")))
    }
    assert found == {"cxreports/intake/remote.py"}


def _imported(source: str) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [*names, *(name.split(".")[0] for name in names)]
