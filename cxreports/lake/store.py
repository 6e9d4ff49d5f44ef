"""The lake on disk: immutable Parquet parts, and commits that say which parts make up which table. The only writer.

    lake/parts/<table>/<sha256>.parquet     named by content, so writing the same rows twice is writing nothing
    lake/commits/00000001.json              one per commit: every table's parts; renamed into place when all parts are safe
    lake/LOCK                               held by the one run that may write

A reader takes the newest commit and never sees a later one. A crash leaves parts that no commit names; they do no harm.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from cxreports.errors import LakeError, LockedError
from cxreports.lake.engine import Connection, one

FORMAT = 1


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

    @property
    def as_of_instant(self) -> datetime:
        """`as_of` as an aware datetime."""
        return datetime.fromisoformat(self.as_of)


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
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "LOCK").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                holder = file.read().strip() or "another process"
                raise LockedError(f"{self.root}: {holder} is writing to this lake; wait until it ends, then run again") from None
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
            yield
            file.truncate(0)

    def write(self, con: Connection, table: str, query: str) -> Part | None:
        """Write the query's rows as one part; None if there are none. The query must have an `order by`."""
        folder = self.root / "parts" / table
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".draft-{os.getpid()}.parquet"
        result = one(con, f"copy ({query}) to '{_quoted(draft)}' (format parquet, compression zstd)")
        count = int(result[0]) if result else 0
        if not count:
            draft.unlink()
            return None
        digest = _digest(draft)
        final = folder / f"{digest[:32]}.parquet"
        size = draft.stat().st_size
        if final.exists():
            draft.unlink()
        else:
            _sync(draft)
            draft.replace(final)
        return Part(final.relative_to(self.root).as_posix(), count, size, digest)

    def commit(self, commit: Commit) -> None:
        """Make it the head, in one atomic step."""
        folder = self.root / "commits"
        folder.mkdir(parents=True, exist_ok=True)
        final = folder / f"{commit.seq:08d}.json"
        if final.exists():
            raise LakeError(f"{final}: this commit exists already; another run wrote to the lake without the lock")
        draft = folder / f".draft-{os.getpid()}.json"
        draft.write_text(json.dumps(asdict(commit), indent=0, sort_keys=True) + "\n", encoding="utf-8")
        for path in (draft, *{self.root / Path(p.path).parent for parts in commit.tables.values() for p in parts.values()}):
            _sync(path)
        draft.replace(final)
        _sync(folder)

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
        files = ", ".join(f"'{_quoted(self.root / p.path)}'" for p in parts)
        source = f"read_parquet([{files}])"
        oldest, newest = (_columns(con, f"read_parquet('{_quoted(self.root / p.path)}')") for p in (parts[0], parts[-1]))
        if set(schema) <= oldest & newest:
            con.execute(f"create or replace temp view {name} as from {source}")
            return
        source = f"read_parquet([{files}], union_by_name = true)"
        known = _columns(con, source)
        picked = ", ".join(c if c in known else f"null::{type_} as {c}" for c, type_ in schema.items())
        con.execute(f"create or replace temp view {name} as select {picked} from {source}")

    def faults(self, deep: bool = False) -> list[str]:
        """What is wrong with the newest commit: parts missing, of another size or (deep) with other bytes."""
        head = self.head()
        found = []
        for part in (p for parts in (head.tables if head else {}).values() for p in parts.values()):
            path = self.root / part.path
            if not path.is_file():
                found.append(f"{path}: is missing")
            elif path.stat().st_size != part.bytes or (deep and _digest(path) != part.sha256):
                found.append(f"{path}: was changed after it was written")
        return found

    def _files(self) -> list[Path]:
        return sorted((self.root / "commits").glob("[0-9]*.json"))


def _read(path: Path) -> Commit:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        tables = {t: {k: Part(**p) for k, p in parts.items()} for t, parts in data.pop("tables").items()}
        return Commit(**data, tables=tables)
    except (ValueError, TypeError, KeyError):
        raise LakeError(f"{path}: is no commit of this version of cxreports; restore it from a copy of the lake") from None


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
