"""All sources' new files → accounts and rows in temporary tables. The stages in order; what each does has its own module."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from cxreports.definitions.catalogue import Catalogue
from cxreports.errors import InputError, SettingsError
from cxreports.intake import arrow, drift, land, privacy, tables
from cxreports.intake.adapters import TABLE, adapter_faults, adapter_for
from cxreports.intake.archives import ZIP
from cxreports.intake.arrivals import Objects, Place, SeenObject, arrivals
from cxreports.intake.damage import check_damage
from cxreports.intake.discover import ExportFile
from cxreports.intake.formats import file_records
from cxreports.intake.land import Adapter
from cxreports.intake.read import records
from cxreports.settings import FILE, Settings, SourceSettings

BATCH_BYTES = 48_000_000  # of text; about six times as much memory while it is landed
BATCH_RECORDS = 100_000
SELDOM = 200_000  # objects made between two collections of garbage

_FILES = pa.schema(
    [
        ("file_id", pa.string()),
        ("source", pa.string()),
        ("path", pa.string()),
        ("bytes", pa.int64()),
        ("delivered_at", pa.timestamp("us", tz="UTC")),
        ("framing", pa.string()),
        ("n_records", pa.int64()),
    ]
)
_OBJECTS = pa.schema(
    [
        ("source", pa.string()),
        ("url", pa.string()),
        ("bytes", pa.int64()),
        ("stamp", pa.string()),
        ("file_id", pa.string()),
        ("delivered_at", pa.timestamp("us", tz="UTC")),
    ]
)
# An archive's own records are the members that were refused: none can be read.
_NOTHING = "select file_id, position, null::varchar as record_key, null::timestamptz as version_at, null as fault from records"
Opened = tuple[Adapter, Iterable[pa.Table], str]  # how rows are made, the records, how the file is framed


def take_in(
    con: duckdb.DuckDBPyConnection,
    project_dir: Path,
    settings: Settings,
    catalogue: Catalogue,
    key: bytes,
    known_files: Set[tuple[str, str]],
    as_of: datetime,
    tell: Callable[[str], None],
    now: datetime | None = None,
    only: Set[tuple[str, str]] | None = None,
    scratch: Path | None = None,
    objects: Objects | None = None,
) -> None:
    """Read every file that is not known yet into `new_files`, `new_records` and `new_<landed table>`, all of them masked;
    `new_objects`: what stores hold and was fetched.

    `now` is the machine's clock, for files that are still being written; without it every file counts as finished. `only`: read
    just those files (source, sha256) of the known ones again, whatever share of them is damaged. `scratch`: a private folder for
    what was read, which then need not fit in memory. `objects`: those of stores that need not be fetched; with `only`, those that
    are to be.
    """
    if faults := adapter_faults(settings, catalogue):
        raise SettingsError(faults)
    privacy.install(con, key, settings.privacy.phone_region, settings.privacy.national_ids)
    land.prepare(con, scratch)
    read: list[tuple[ExportFile, str, int]] = []
    fetched: list[SeenObject] = []
    try:
        with _seldom_collecting(), TemporaryDirectory(prefix="cxreports-") as staging:  # nobody else can enter it
            place = Place(project_dir, settings.project.zone, Path(staging), now, objects or {}, tell, fetched.append)
            for name, source in settings.sources.items():
                known = {file_id for read_by, file_id in known_files if read_by == name}
                wanted = None if only is None else {file_id for read_by, file_id in only if read_by == name}
                if wanted is None or wanted:
                    found = arrivals(place, name, source, catalogue, known, as_of, wanted)
                    read += _take_in_source(con, name, source, found, catalogue)
        files = [(f.file_id, f.source, f.path, f.n_bytes, f.delivered_at, framing, n) for f, framing, n in read]
        _note(con, "new_files", _FILES, files, "source, path")
        _note(con, "new_objects", _OBJECTS, [astuple(o) for o in fetched], "source, url")
        drift.finish(con)
        if only is None:
            check_damage(con, settings)
    finally:
        land.discard(con)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Records make many objects and no cycles among them: looking for these every 700 objects takes a fifth of the reading."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _take_in_source(
    con: duckdb.DuckDBPyConnection, name: str, source: SourceSettings, files: Iterable[ExportFile], catalogue: Catalogue
) -> Iterator[tuple[ExportFile, str, int]]:
    """Land the files, small ones together; give back each with its framing and its number of records."""
    batch = _Batch(con)
    faults: list[str] = []
    for file in files:
        try:
            adapter, rows, framing = _opened(name, source, file, catalogue)
        except InputError as error:
            faults += error.faults
            continue
        n_records = 0
        for table in rows:
            batch.add(adapter, table)
            n_records += len(table)
        if file.full_path.stat().st_size != file.n_bytes:
            faults.append(f"{file.path}: changed while it was read; nothing was stored; run again")
        yield file, framing, n_records
    if faults:
        raise InputError(faults)
    batch.flush()


def _opened(name: str, source: SourceSettings, file: ExportFile, catalogue: Catalogue) -> Opened:
    if file.is_archive:
        return Adapter(name, ZIP, _NOTHING, {}, ()), arrow.tables(file.file_id, file.refused), ZIP
    if source.kind != TABLE:
        adapter, framing = adapter_for(name, source, catalogue)
        header = catalogue.sources[source.kind].header
        found = file_records(file, framing, source.encoding, header.columns, header.records_in)
        if header.reads_path:
            found = (record._replace(member=file.path) for record in found)
        return adapter, arrow.tables(file.file_id, found), framing
    format_ = tables.file_format(source, file.full_path)
    if format_ is None:
        raise InputError(
            f"{FILE}: sources.{name}.format: '{file.path}' does not tell by its name; set csv, json, xlsx or parquet"
        )
    if format_ == "json":
        objects = records(file.full_path, "json", source.encoding)
        return tables.json_adapter(name, source), arrow.tables(file.file_id, objects), format_
    return *tables.open_table(name, source, file, format_), format_


class _Batch:
    """Records that wait to be landed together."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._adapter: Adapter | None = None
        self._tables: list[pa.Table] = []

    def add(self, adapter: Adapter, table: pa.Table) -> None:
        if adapter != self._adapter:
            self.flush()
        self._adapter = adapter
        self._tables.append(table)
        n_bytes, n_records = sum(t.nbytes for t in self._tables), sum(len(t) for t in self._tables)
        if n_bytes >= BATCH_BYTES or n_records >= BATCH_RECORDS:
            self.flush()

    def flush(self) -> None:
        if self._adapter is not None and self._tables:
            land.land(self._con, pa.concat_tables(self._tables), self._adapter)
        self._tables = []


def _note(con: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, rows: Sequence[tuple[object, ...]], order: str) -> None:
    """A temporary table of those rows."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    found = pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    con.register("cx_noted", found)
    con.execute(f"create or replace temp table {table} as from cx_noted order by {order}")
    con.unregister("cx_noted")
