"""The lake on disk: immutable Parquet parts, and commits that say which parts make up which table. The only writer.

    lake/parts/<table>/<sha256>.parquet     named by content, so writing the same rows twice is writing nothing
    lake/commits/00000001.json              one per commit: every table's parts; renamed into place when all parts are safe
    lake/LOCK                               held by the one run that may write

A reader takes the newest commit and never sees a later one. A crash leaves parts that no commit names; they do no harm. Only
its owner can enter a lake that is made here: pseudonyms are personal data.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from pydantic import TypeAdapter

from cxreports import __version__
from cxreports.errors import LakeError, LockedError
from cxreports.lake.engine import Connection, one

FORMAT = 1
_NAME = re.compile(r"\d{8}\.json")  # no "00000002 (copy).json"


@dataclass(frozen=True)
class Part:
    """One immutable Parquet file. `path` is relative to the lake."""

    path: str
    rows: int
    bytes: int
    sha256: str


Tables = Mapping[str, Mapping[str, Part]]


@dataclass(frozen=True)
class Commit:
    """What the lake held after one run: table → partition → part. `as_of` and `observed_until` are UTC instants (ISO)."""

    seq: int
    as_of: str
    observed_until: str | None
    built_with: str  # digest of table definitions and of the settings that they depend on
    version: str
    parent: str | None = None  # sha256 of the previous commit's file: the commits form a chain
    tables: Tables = field(default_factory=dict)
    key_check: str | None = None  # which key made the pseudonyms: the pseudonym of a constant; None: written before there was one
    rekeyed_from: str | None = None  # sha256 of the last commit before the newest rotation of the key, which is gone

    @property
    def as_of_instant(self) -> datetime:
        """`as_of` as an aware datetime."""
        return datetime.fromisoformat(self.as_of)


_COMMIT = TypeAdapter(Commit)


class Lake:
    """The lake in one folder. Holds no state but the path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def commits(self) -> list[Commit]:
        """Every commit, oldest first."""
        return [_read(path) for path in self._files()]

    def head(self) -> Commit | None:
        """The newest commit, or None for an empty lake."""
        files = self._files()
        return _read(files[-1]) if files else None

    def at(self, as_of: datetime) -> Commit | None:
        """The newest commit whose as-of instant is not after `as_of`."""
        for path in reversed(self._files()):
            commit = _read(path)
            if commit.as_of_instant <= as_of:
                return commit
        return None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the right to write; LockedError says who holds it already."""
        with disk(self.root):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = (self.root / "LOCK").open("a+", encoding="utf-8")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "another process"
                raise LockedError(f"{self.root}: {holder} is writing to this lake; wait until it ends, then run again") from None
            with disk(self.root):
                file.truncate(0)
                file.write(f"process {os.getpid()} on {socket.gethostname()}")
                file.flush()
                self._discard_drafts()
            try:
                yield
            finally:
                file.truncate(0)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder that nobody else may read, gone afterwards, as is what a killed run left of it. Expects the lock."""
        folder = self.root / "scratch"
        shutil.rmtree(folder, ignore_errors=True)
        with disk(folder):
            folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _discard_drafts(self) -> None:
        """Remove what killed runs were writing. Expects the lock."""
        for draft in [*self.root.glob("parts/*/.draft-*"), *self.root.glob("commits/.draft-*")]:
            draft.unlink()

    def write(self, con: Connection, table: str, query: str) -> Part | None:
        """Write the query's rows as one part; None if there are none. The query must have an `order by`."""
        folder = self.root / "parts" / table
        draft = folder / f".draft-{os.getpid()}.parquet"
        with disk(folder, draft):
            folder.mkdir(parents=True, exist_ok=True)
            result = one(con, f"copy ({query}) to '{_quoted(draft)}' (format parquet, compression zstd)")
            count = int(result[0]) if result else 0
            if not count:
                return None
            digest, size = _digest(draft), draft.stat().st_size
            final = folder / f"{digest[:32]}.parquet"
            if not final.exists() or final.stat().st_size != size:  # one that was damaged since is mended
                _sync(draft)
                draft.replace(final)
        return Part(final.relative_to(self.root).as_posix(), count, size, digest)

    def commit(self, commit: Commit) -> None:
        """Make it the head, in one atomic step."""
        folder = self.root / "commits"
        final, draft = folder / f"{commit.seq:08d}.json", folder / f".draft-{os.getpid()}.json"
        text = json.dumps({"format": FORMAT, **asdict(commit)}, indent=0, sort_keys=True) + "\n"
        with disk(folder, draft):
            folder.mkdir(parents=True, exist_ok=True)
            if final.exists():
                raise LakeError(f"{final}: this commit exists already; another run wrote to the lake without the lock")
            draft.write_text(text, encoding="utf-8")
            tables = {self.root / Path(p.path).parent for parts in commit.tables.values() for p in parts.values()}
            for path in (draft, *tables, self.root / "parts", self.root):
                if path.exists():
                    _sync(path)
            draft.replace(final)
            _sync(folder)

    def forget_before(self, head: Commit) -> None:
        """Remove every older commit, and every part that `head` does not name. Expects the lock."""
        for path in self._files():
            if path.name != f"{head.seq:08d}.json":
                path.unlink()
        kept = {p.path for parts in head.tables.values() for p in parts.values()}
        for path in self.root.glob("parts/*/*.parquet"):
            if path.relative_to(self.root).as_posix() not in kept:
                path.unlink()

    def digest_of(self, commit: Commit | None) -> str | None:
        """sha256 of a commit's file."""
        return _digest(self.root / "commits" / f"{commit.seq:08d}.json") if commit else None

    def view(self, con: Connection, name: str, parts: Sequence[Part], schema: Mapping[str, str]) -> None:
        """A temporary view over those parts with the schema's columns (all that the parts have, where it is empty).

        Parts written by an earlier version may lack a column that came later; it is NULL in their rows.
        """
        if not parts:
            empty = ", ".join(f"null::{type_} as {column}" for column, type_ in schema.items())
            con.execute(f"create or replace temp view {name} as select {empty} where false")
            return
        if faults := self._part_faults(parts):
            raise LakeError([*faults, f"{self.root}: restore what is named above from a copy of the lake"])
        try:
            self._view(con, name, parts, schema)
        except duckdb.Error:
            raise LakeError(f"{self.root}: parts of {name} cannot be read; 'cxreports doctor --deep' names them") from None

    def _view(self, con: Connection, name: str, parts: Sequence[Part], schema: Mapping[str, str]) -> None:
        files = [f"'{_literal(self.root / p.path)}'" for p in parts]
        source = f"read_parquet([{', '.join(files)}])"
        oldest, newest = (_columns(con, f"read_parquet({file})") for file in (files[0], files[-1]))
        if set(schema) <= oldest & newest:
            con.execute(f"create or replace temp view {name} as from {source}")
            return
        source = f"read_parquet([{', '.join(files)}], union_by_name = true)"
        known = _columns(con, source)
        picked = ", ".join(c if c in known else f"null::{type_} as {c}" for c, type_ in schema.items())
        con.execute(f"create or replace temp view {name} as select {picked} from {source}")

    def faults(self, deep: bool = False) -> list[str]:
        """What is wrong: the chain of commits broken; parts of any commit missing, of another size or (deep) with other bytes."""
        commits = self.commits()
        found = [
            f"{self.root}: commit {c.seq} does not follow the one before it; one was changed or removed"
            for before, c in zip([None, *commits], commits, strict=False)
            if c.parent != self.digest_of(before)
        ]
        parts = {p.path: p for c in commits for parts in c.tables.values() for p in parts.values()}
        return found + self._part_faults(parts.values(), deep)

    def _part_faults(self, parts: Iterable[Part], deep: bool = False) -> list[str]:
        found = []
        for part in parts:
            path = self.root / part.path
            if not path.is_file():
                found.append(f"{path}: is missing")
            elif path.stat().st_size != part.bytes or (deep and _digest(path) != part.sha256):
                found.append(f"{path}: was changed after it was written")
        return found

    def _files(self) -> list[Path]:
        folder = self.root / "commits"
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name)) if folder.is_dir() else []


def _read(path: Path) -> Commit:
    """The commit in that file; LakeError where there is none that this version understands."""
    fault = f"{path}: is no commit of cxreports; restore it from a copy of the lake"
    try:
        data: Any = json.loads(path.read_bytes())
        written = data.pop("format", 1)
        if isinstance(written, int) and written > FORMAT:
            fault = f"{path}: was written by a newer cxreports ({data.get('version')}); this one is {__version__}"
            raise LakeError(fault)
        commit = _COMMIT.validate_python(data)
        is_whole = commit.as_of_instant.tzinfo is not None and path.name == f"{commit.seq:08d}.json"
    except OSError as error:
        raise LakeError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise LakeError(fault) from None
    if not is_whole:
        raise LakeError(fault)
    return commit


@contextmanager
def disk(place: Path, draft: Path | None = None) -> Iterator[None]:
    """What the disk refuses is told in words, and no draft stays."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        reason = error.strerror if isinstance(error, OSError) else "full, read-only, or not yours"
        raise LakeError(f"{place}: the disk does not take it ({reason}). The lake stands as it was before.") from None
    finally:
        if draft:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _columns(con: Connection, source: str) -> set[str]:
    return {str(row[0]) for row in con.execute(f"describe from {source}").fetchall()}


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _literal(path: Path) -> str:
    """A path as DuckDB reads it: where it would take a character for a pattern, two projects' parts could be mixed."""
    return _quoted(Path(re.sub(r"[*?\[]", r"[\g<0>]", str(path))))
