"""Stores that are reached over the network: S3 and SFTP. The only module of the program that leaves this machine.

A store's listing is complete or fails; a file is copied whole, into a private folder, or left. Nothing is ever written to a
store. Errors name the source and its URL, never what a library said: its words may hold an address with credentials.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cxreports.errors import CxError, InputError, MissingToolError, SettingsError
from cxreports.intake.locations import MAGIC, S3, Found, printable, scheme_of, split_at_pattern
from cxreports.settings import FILE, SourceSettings

CONNECT_S, READ_S, ATTEMPTS = 15, 60, 3
PIECE = 1 << 22  # bytes asked for at a time
# What the libraries raise, by the name of the class → what a person can do about it.
_WORDS = {
    "HostKeyNotVerifiable": "the host's key is not known; add it to the file that storage.known_hosts names",
    "NoCredentialsError": "there are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "ProfileNotFound": "the AWS configuration has no such profile",
    "KeyImportError": "storage.key_file holds no key that can be read; is its passphrase set (storage.passphrase_env)?",
    "KeyEncryptionError": "storage.key_file cannot be decrypted; is its passphrase right (storage.passphrase_env)?",
    "SFTPPermissionDenied": "the store refuses it: are user, password or key right, and may they read there?",
    "PermissionError": "the store refuses it: are user, password or key right, and may they read there?",
    "FileNotFoundError": "there is no such bucket or folder",
    "TimeoutError": "the store does not answer",
    "FSTimeoutError": "the store does not answer",
}


@dataclass(frozen=True)
class Store:
    """One source's store, connected. `fs` is an fsspec file system."""

    source: str
    url: str
    fs: Any

    def listing(self) -> list[Found]:
        """Every file that the URL names, by URL. InputError where any part of it cannot be listed."""
        path = self._inner(self.url)
        base, pattern = split_at_pattern(path)
        is_wanted = _matcher(path)
        with told(self.source, self.url):
            infos = self._s3(base, pattern) if scheme_of(self.url) == S3 else self._sftp(base, pattern.split("/"))
            found = [self._found(i) for i in infos if is_wanted(i["name"])]
        return sorted(found, key=lambda f: f.path)

    def fetch(self, found: Found, target: Path) -> bool:
        """Copy the file; False where it changed or vanished meanwhile, and must be left for another run."""
        with told(self.source, found.path):
            try:
                self._copy(found.key, target)
                after = self._found({**self.fs.info(found.key, refresh=True), "name": found.key})
            except FileNotFoundError:
                return False
        return (after.size, after.stamp) == (found.size, found.stamp) and target.stat().st_size == found.size

    def _copy(self, key: str, target: Path) -> None:
        if scheme_of(self.url) == S3:
            self.fs.get_file(key, str(target))
            return
        # Not get_file: of a link it would make a link here, and the host could choose to which file of ours.
        with self.fs.open(key, "rb") as theirs, target.open("xb") as ours:
            while piece := theirs.read(PIECE):
                ours.write(piece)

    def _inner(self, url: str) -> str:
        """The path as the store knows it: bucket and key, or the absolute path on the host."""
        rest = url.split("://", 1)[1]
        return rest if scheme_of(self.url) == S3 else "/" + rest.split("/", 1)[1]

    def _s3(self, base: str, pattern: str) -> list[dict[str, Any]]:
        """Flat: a page of a thousand objects per request, however many folders there are."""
        infos = self.fs.find(base, detail=True, prefix=MAGIC.split(pattern, maxsplit=1)[0])
        return [i for i in infos.values() if i["type"] == "file"]

    def _sftp(self, folder: str, pattern: list[str]) -> Iterator[dict[str, Any]]:
        """Only folders that the pattern can reach. Links to files count as files, links to folders are not followed."""
        first, rest = pattern[0], pattern[1:]
        for info in self.fs.ls(folder, detail=True):
            name = info["name"].rsplit("/", 1)[-1]
            if info["type"] == "directory":
                if first == "**":
                    yield from self._sftp(info["name"], pattern)
                elif rest and _matcher(first)(name):
                    yield from self._sftp(info["name"], rest)
            elif info["type"] == "file":
                yield info
            elif info["type"] == "link" and (target := self._linked(info["name"])):
                yield target

    def _linked(self, path: str) -> dict[str, Any] | None:
        try:
            info = {**self.fs.info(path), "name": path}
        except FileNotFoundError:
            return None
        return info if info["type"] == "file" else None

    def _found(self, info: dict[str, Any]) -> Found:
        at: datetime = (info.get("LastModified") or info["mtime"]).astimezone(UTC)
        stamp = str(info["ETag"]).strip('"') if "ETag" in info else at.isoformat()
        scheme, _, rest = self.url.partition("://")
        head = "" if scheme_of(self.url) == S3 else rest.split("/", 1)[0]
        return Found(printable(f"{scheme}://{head}{info['name']}"), int(info["size"]), stamp, at, key=info["name"])


def open_store(project_dir: Path, name: str, source: SourceSettings) -> Store:
    """Connect. InputError where the store refuses; MissingToolError where the library for it is not installed."""
    with told(name, source.path):
        fs = _s3_store(source) if scheme_of(source.path) == S3 else _sftp_store(project_dir, name, source)
    return Store(name, source.path, fs)


@contextmanager
def told(name: str, url: str) -> Iterator[None]:
    """What a store or its library refuses, as an error of this source's path."""
    try:
        yield
    except CxError:
        raise
    except Exception as error:  # a store may fail in ways that only its library knows
        kinds = [kind.__name__ for kind in type(error).__mro__]
        words = next((_WORDS[kind] for kind in kinds if kind in _WORDS), f"it cannot be read ({kinds[0]})")
        raise InputError(f"{FILE}: sources.{name}.path: {printable(url)}: {words}") from None


def _s3_store(source: SourceSettings) -> Any:
    """Credentials come from where every AWS program looks for them: environment, profile, the machine's role."""
    try:
        from s3fs import S3FileSystem
    except ImportError:
        raise _missing("s3") from None
    storage = source.storage
    limits = {"connect_timeout": CONNECT_S, "read_timeout": READ_S, "retries": {"max_attempts": ATTEMPTS, "mode": "standard"}}
    return S3FileSystem(
        endpoint_url=storage.endpoint_url,
        profile=storage.profile,
        client_kwargs={"region_name": storage.region} if storage.region else {},
        config_kwargs=limits,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def _sftp_store(project_dir: Path, name: str, source: SourceSettings) -> Any:
    """Only hosts whose key stands in known_hosts; no configuration of ssh is read, which could say otherwise."""
    try:
        from sshfs import SSHFileSystem
    except ImportError:
        raise _missing("sftp") from None
    storage, url = source.storage, urlsplit("/".join(source.path.split("/")[:3]))
    hosts = _file(project_dir, storage.known_hosts or "~/.ssh/known_hosts")
    if not hosts.is_file():
        raise SettingsError(
            f"{FILE}: sources.{name}.storage.known_hosts: there is no file {hosts}; 'ssh-keyscan HOST' shows a host's key, "
            "which its operator must confirm before it is written there"
        )
    options = {
        "username": storage.username,
        "client_keys": [str(_file(project_dir, storage.key_file))] if storage.key_file else None,
        "passphrase": _secret(name, "passphrase_env", storage.passphrase_env),
        "password": _secret(name, "password_env", storage.password_env),
    }
    return SSHFileSystem(
        url.hostname,
        port=url.port or 22,
        known_hosts=str(hosts),
        config=None,
        connect_timeout=CONNECT_S,
        login_timeout=CONNECT_S,
        keepalive_interval=CONNECT_S,
        sftp_client_kwargs={"path_errors": "surrogateescape"},
        skip_instance_cache=True,
        **{key: value for key, value in options.items() if value is not None},
    )


def _file(project_dir: Path, path: str) -> Path:
    return project_dir / Path(path).expanduser()


def _secret(name: str, setting: str, variable: str | None) -> str | None:
    if variable is None:
        return None
    if not (value := os.environ.get(variable)):
        raise SettingsError(f"{FILE}: sources.{name}.storage.{setting}: the environment variable {variable} is not set")
    return value


def _missing(extra: str) -> MissingToolError:
    return MissingToolError(f"{extra}:// needs more than is installed; 'pip install cxreports[{extra}]' adds it")


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path is one that the pattern names; `**` stands for any number of folders."""
    from fsspec.utils import glob_translate

    expression = re.compile(glob_translate(pattern))
    return lambda path: expression.match(path) is not None
