"""Inputs by SFTP, against a server on this machine: its key is verified, what it holds is read once, what it refuses is told."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from cxreports.errors import InputError, MissingToolError, SettingsError
from cxreports.intake import remote
from tests.stores import Desk, contact


class _Server(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("anna", "a word of the test")


@dataclass(frozen=True)
class Host:
    """A running server: its port, its public key as a line of known_hosts, a private key that it lets in."""

    port: int
    known_hosts: str
    client_key: asyncssh.SSHKey
    root: Path


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Iterator[Host]:
    root = tmp_path_factory.mktemp("sftp")
    key, client = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    allowed = asyncssh.import_authorized_keys(client.export_public_key().decode())
    loop = asyncio.new_event_loop()

    def factory(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(root).encode())

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            _Server, "127.0.0.1", 0, server_host_keys=[key], authorized_client_keys=allowed, sftp_factory=factory
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    port = server.get_port()
    yield Host(port, f"[127.0.0.1]:{port} {key.export_public_key().decode()}", client, root)
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.fixture
def out(host) -> Iterator[Path]:
    """The folder that the server calls /out, empty."""
    folder = host.root / "out"
    folder.mkdir()
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


@pytest.fixture
def desk(host, out, tmp_path, monkeypatch) -> Desk:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    found = Desk(tmp_path / "project")
    found.folder.mkdir()
    (found.folder / "hosts").write_text(host.known_hosts)
    host.client_key.write_private_key(found.folder / "id")
    return found.write(url(host, "**/*.json"), storage=KEY)


KEY = 'username = "anna"\nkey_file = "id"\nknown_hosts = "hosts"'


def url(host: Host, pattern: str) -> str:
    return f"sftp://127.0.0.1:{host.port}/out/{pattern}"


@pytest.fixture
def fetched(monkeypatch) -> list[str]:
    found: list[str] = []
    real = remote.Store.fetch

    def counted(store, file, target):
        found.append(file.path.rsplit("/", 1)[-1])
        return real(store, file, target)

    monkeypatch.setattr(remote.Store, "fetch", counted)
    return found


def test_files_are_read_whatever_folder_they_lie_in_and_once(desk, host, out, fetched):
    (out / "deep" / "er").mkdir(parents=True)
    (out / "a.json").write_text(contact("a"))
    (out / "deep" / "er" / "b.json").write_text(contact("b"))
    (out / "deep" / "notes.txt").write_text("x")
    assert desk.run() == [url(host, "a.json"), url(host, "deep/er/b.json")]
    desk.run()
    assert fetched == ["a.json", "b.json"]
    (out / "a.json").rename(out / "c.json")
    assert desk.run() == [url(host, "a.json"), url(host, "deep/er/b.json")]
    assert fetched == ["a.json", "b.json", "c.json"]


def test_only_folders_that_the_pattern_reaches_are_listed(desk, host, out):
    for name in ("2025/in", "2025/old", "2026/in"):
        (out / name).mkdir(parents=True)
        (out / name / "x.json").write_text(contact(name))
    (out / "x.json").write_text(contact("top"))
    desk.write(url(host, "202?/in/*.json"), storage=KEY)
    assert desk.run() == [url(host, "2025/in/x.json"), url(host, "2026/in/x.json")]


def test_links_to_files_are_files_and_links_to_folders_are_not_followed(desk, host, out):
    (out / "real").mkdir()
    (out / "real" / "a.txt").write_text(contact("a"))
    (out / "a.json").symlink_to(Path("real") / "a.txt")
    (out / "gone.json").symlink_to("nowhere")
    (out / "round").symlink_to(".")
    assert desk.run() == [url(host, "a.json")]


def test_a_name_that_is_no_text_is_read_all_the_same(desk, host, out):
    (out / os.fsdecode(b"caf\xe9.json")).write_text(contact("a"))
    assert desk.run() == [url(host, "caf\ufffd.json")]


def test_young_files_are_left_by_the_time_of_the_host(desk, host, out):
    (out / "a.json").write_text(contact("a"))
    os.utime(out / "a.json", (1_740_996_000, 1_740_996_000))  # 2025-03-03 10:00:00 UTC
    desk.write(url(host, "*.json"), "settle_seconds = 60", KEY)
    assert desk.run(datetime(2025, 3, 3, 10, 0, 59, tzinfo=UTC)) == []
    assert desk.run(datetime(2025, 3, 3, 10, 1, tzinfo=UTC)) == [url(host, "a.json")]


def test_a_file_that_grows_while_it_is_copied_is_left(desk, host, out, monkeypatch):
    (out / "a.json").write_text(contact("a"))
    real = remote.Store.fetch

    def growing(store, found, target):
        (out / "a.json").write_text(contact("a") + contact("b"))
        return real(store, found, target)

    monkeypatch.setattr(remote.Store, "fetch", growing)
    assert desk.run() == []
    assert f"{url(host, 'a.json')} changed while it was copied; it is left for the next run" in desk.said


def test_a_password_comes_from_the_environment(desk, host, out, monkeypatch):
    (out / "a.json").write_text(contact("a"))
    desk.write(url(host, "*.json"), storage='username = "anna"\nknown_hosts = "hosts"\npassword_env = "OUT_PASSWORD"')
    with pytest.raises(SettingsError, match=r"password_env: the environment variable OUT_PASSWORD is not set"):
        desk.run()
    monkeypatch.setenv("OUT_PASSWORD", "a word of the test")
    assert desk.run() == [url(host, "a.json")]


def told(desk: Desk) -> str:
    """The one fault of a run that stores nothing."""
    with pytest.raises(InputError) as failed:
        desk.run()
    assert not (desk.folder / "lake" / "commits").exists()
    (fault,) = failed.value.faults
    return fault


def test_a_wrong_password_is_told_without_it(desk, host, monkeypatch):
    monkeypatch.setenv("OUT_PASSWORD", "another word")
    desk.write(url(host, "*.json"), storage='username = "anna"\nknown_hosts = "hosts"\npassword_env = "OUT_PASSWORD"')
    assert told(desk) == (
        f"cxreports.toml: sources.calls.path: {url(host, '*.json')}: "
        "the store refuses it: are user, password or key right, and may they read there?"
    )


def test_a_host_whose_key_is_not_known_is_refused(desk, host):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (desk.folder / "hosts").write_text(f"[127.0.0.1]:{host.port} {other}")
    assert "the host's key is not known; add it to the file that storage.known_hosts names" in told(desk)
    (desk.folder / "hosts").write_text("")
    assert "the host's key is not known; add it to the file that storage.known_hosts names" in told(desk)


def test_without_a_file_of_known_hosts_nothing_is_connected(desk, host):
    desk.write(url(host, "*.json"), storage='username = "anna"\nkey_file = "id"')
    with pytest.raises(SettingsError, match=r"storage\.known_hosts: there is no file .*known_hosts"):
        desk.run()


def test_no_configuration_of_ssh_can_switch_the_check_off(desk, host, tmp_path):
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\n  UserKnownHostsFile none\n  StrictHostKeyChecking no\n")
    (tmp_path / ".ssh" / "known_hosts").write_text("")
    desk.write(url(host, "*.json"), storage='username = "anna"\nkey_file = "id"')
    assert "the host's key is not known" in told(desk)


def test_a_folder_that_is_not_there_is_told(desk, host):
    desk.write(f"sftp://127.0.0.1:{host.port}/elsewhere/*.json", storage=KEY)
    assert told(desk).endswith("/elsewhere/*.json: there is no such bucket or folder")


def test_a_missing_library_names_what_adds_it(desk, monkeypatch):
    monkeypatch.setitem(sys.modules, "sshfs", None)
    with pytest.raises(MissingToolError, match=r"pip install cxreports\[sftp\]"):
        desk.run()
