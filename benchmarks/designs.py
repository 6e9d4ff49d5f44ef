"""Four ways to keep `legs` and its `ledger` on disk, for storage_spike.  Each: load the base, deliver a day, say what to read."""

import json
import os
from pathlib import Path
from typing import Protocol

import duckdb

from benchmarks.queries import newest

Connection = duckdb.DuckDBPyConnection


class Design(Protocol):
    """One way to keep two tables. `atomic`: one commit covers both."""

    atomic: bool

    def load(self, con: Connection) -> None:
        """Store the table `base`."""

    def deliver(self, con: Connection) -> None:
        """Store the tables `delivery` and `ledger`, safe against SIGKILL when it returns."""

    def rows(self, con: Connection) -> str:
        """SQL of the newest version of every record."""


def sync(path: Path) -> None:
    """Ask the operating system to have it on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Manifest:
    """Immutable Parquet parts, and one small JSON file that names those in force; renaming it into place is the commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def head(self) -> dict[str, dict[str, str]]:
        """table → partition → file, as of the newest commit."""
        commits = sorted(self.folder.glob("*.json"))
        found: dict[str, dict[str, str]] = json.loads(commits[-1].read_text(encoding="utf-8")) if commits else {}
        return found

    def write(self, con: Connection, table: str, partition: str, query: str) -> str:
        """One part, on disk before anybody may name it."""
        path = self.folder / f"{table}-{partition}-{len(list(self.folder.glob('*.json')))}.parquet"
        con.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)")
        sync(path)
        return path.name

    def commit(self, changed: dict[str, dict[str, str]]) -> None:
        """All tables at once: the head with those partitions added or replaced."""
        head = self.head()
        tables = {name: head.get(name, {}) | changed.get(name, {}) for name in head.keys() | changed.keys()}
        final = self.folder / f"{len(list(self.folder.glob('*.json'))):08d}.json"
        draft = final.with_suffix(".draft")
        draft.write_text(json.dumps(tables), encoding="utf-8")
        sync(draft)
        draft.replace(final)
        sync(self.folder)

    def parts(self, table: str) -> str:
        """SQL that reads a table."""
        names = ", ".join(f"'{self.folder / name}'" for name in self.head().get(table, {}).values())
        return f"select * from read_parquet([{names}])"


def days_of(con: Connection, query: str) -> list[str]:
    """The distinct days of a query's column `day`, in order."""
    return [str(day) for (day,) in con.execute(f"select distinct day from ({query}) order by day").fetchall()]


class Appended:
    """Every delivery is one more part; the newest version of a record is chosen by whoever reads."""

    atomic = True

    def __init__(self, folder: Path) -> None:
        self.store = Manifest(folder)

    def load(self, con: Connection) -> None:
        """One part per day of arrival."""
        days = days_of(con, "select known_at::date as day from base")
        self.store.commit(
            {
                "legs": {
                    d: self.store.write(con, "legs", d, f"from base where known_at::date = '{d}' order by position") for d in days
                }
            }
        )

    def deliver(self, con: Connection) -> None:
        """Two parts and a commit."""
        legs = self.store.write(con, "legs", "delivery", "from delivery order by position")
        ledger = self.store.write(con, "ledger", "delivery", "from ledger order by day")
        self.store.commit({"legs": {"delivery": legs}, "ledger": {"delivery": ledger}})

    def rows(self, con: Connection) -> str:
        """The newest version of every record."""
        con.execute(f"create or replace temp view legs as {self.store.parts('legs')}")
        return newest()


class ReplacedDays:
    """One part per day of the interaction, newest versions only; a delivery writes anew the days that it touches."""

    atomic = True

    def __init__(self, folder: Path) -> None:
        self.store = Manifest(folder)

    def write_days(self, con: Connection, query: str) -> dict[str, str]:
        """One part per day of the query's rows."""
        con.execute(f"create or replace temp table touched as select *, started_at::date as day from ({query})")
        return {
            day: self.store.write(con, "legs", day, f"select * exclude (day) from touched where day = '{day}' order by position")
            for day in days_of(con, "from touched")
        }

    def load(self, con: Connection) -> None:
        """The newest version of every record, by day."""
        con.execute("create or replace temp view legs as from base")
        self.store.commit({"legs": self.write_days(con, newest())})

    def deliver(self, con: Connection) -> None:
        """Read the touched days, choose the newest versions, write them anew, commit."""
        days = days_of(con, "select started_at::date as day from delivery")
        held = [self.store.folder / name for day, name in self.store.head()["legs"].items() if day in days]
        paths = ", ".join(f"'{path}'" for path in held)
        con.execute(f"create or replace temp view legs as from read_parquet([{paths}]) union all by name from delivery")
        legs = self.write_days(con, newest())
        ledger = self.store.write(con, "ledger", "delivery", "from ledger order by day")
        self.store.commit({"legs": legs, "ledger": {"delivery": ledger}})

    def rows(self, con: Connection) -> str:
        """What is there is what is newest."""
        return self.store.parts("legs")


class DeltaAppended:
    """Delta's log in place of the manifest, one per table; append only, newest version on read."""

    atomic = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, con: Connection, table: str, query: str) -> None:
        """One transaction on one table."""
        from deltalake import write_deltalake

        write_deltalake(str(self.folder / table), con.execute(query).to_arrow_table(), mode="append")

    def load(self, con: Connection) -> None:
        """One transaction per day of arrival."""
        for day in days_of(con, "select known_at::date as day from base"):
            self.append(con, "legs", f"from base where known_at::date = '{day}' order by position")

    def deliver(self, con: Connection) -> None:
        """Two transactions, one after the other."""
        self.append(con, "legs", "from delivery order by position")
        self.append(con, "ledger", "from ledger order by day")

    def rows(self, con: Connection) -> str:
        """The newest version of every record in the files that Delta's log names."""
        from deltalake import DeltaTable

        names = ", ".join(f"'{name}'" for name in DeltaTable(str(self.folder / "legs")).file_uris())
        con.execute(f"create or replace temp view legs as select * from read_parquet([{names}])")
        return newest()


class DuckLake:
    """DuckLake with a DuckDB file for its metadata; corrections deleted and inserted again in one transaction."""

    atomic = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, con: Connection) -> None:
        """Newest versions in one insert."""
        import duckdb_extension_ducklake

        extension = next(Path(duckdb_extension_ducklake.__file__).parent.rglob("*.duckdb_extension"))
        con.execute(f"load '{extension}'")
        con.execute(f"attach 'ducklake:{self.folder / 'meta.db'}' as lake (data_path '{self.folder / 'data'}')")
        con.execute("create or replace temp view legs as from base")
        con.execute(f"create table lake.legs as {newest()} order by known_at, position")
        con.execute("create table lake.ledger as from ledger where false")

    def deliver(self, con: Connection) -> None:
        """Delete what is superseded, insert what is new, both tables in one transaction."""
        con.execute("begin")
        con.execute("delete from lake.legs where record_key in (select record_key from delivery)")
        con.execute("create or replace temp view legs as from delivery")
        con.execute(f"insert into lake.legs {newest()} order by position")
        con.execute("insert into lake.ledger from ledger")
        con.execute("commit")

    def rows(self, con: Connection) -> str:
        """What is there is what is newest."""
        return "select * from lake.legs"
