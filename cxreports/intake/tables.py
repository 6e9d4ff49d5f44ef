"""kind = "table": files of any shape, through the mapping of cxreports.toml, into one landed table."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from cxreports.errors import InputError
from cxreports.intake.discover import ExportFile
from cxreports.intake.keep import KEPT, path_faults
from cxreports.intake.land import Adapter
from cxreports.intake.mapping import column_faults, statement, type_faults, wanted_columns
from cxreports.intake.read import records
from cxreports.intake.rows import UnreadableError, batches, format_of, open_sheet
from cxreports.lake.engine import connect
from cxreports.settings import FILE, SourceSettings

LOOKED_AT = 1000  # records of a JSON file whose keys count as its columns


def file_format(source: SourceSettings, path: Path) -> str | None:
    """The declared format, or the one that the file's name tells."""
    return source.format or format_of(path)


def file_columns(path: Path, format_: str, encoding: str) -> dict[str, str] | None:
    """Column → DuckDB type; of a JSON file, the keys of its first records. None where the file cannot be read."""
    if format_ != "json":
        try:
            return open_sheet(path, format_, encoding).columns
        except UnreadableError:
            return None
    with closing(connect()) as con:
        whole = (r.text for r in islice(records(path, "json", encoding), LOOKED_AT) if not r.reason)
        texts = [text for text in whole if text and _is_text(text)]
        rows = con.execute("select distinct unnest(json_keys(t)) from (select unnest($texts) as t)", {"texts": texts})
        return {row[0]: "VARCHAR" for row in sorted(rows.fetchall())}


def _is_text(text: str) -> bool:
    """Whether DuckDB can take it: a record may hold, or spell, half a surrogate pair."""
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


def json_adapter(name: str, source: SourceSettings) -> Adapter:
    """How JSON records become a landed table: every key is a column of text."""
    types = dict.fromkeys(wanted_columns(source), "VARCHAR")
    if faults := [*type_faults(name, source, types), *path_faults(f"{FILE}: sources.{name}", source.keep)]:
        raise InputError(faults)
    return _adapter(name, source, types, is_json=True, kept=source.keep)


def open_table(name: str, source: SourceSettings, file: ExportFile, format_: str) -> tuple[Adapter, Iterator[pa.Table]]:
    """How that file's rows become a landed table, and its rows in batches.

    A file that is not what its format says is one damaged record. InputError where a column is missing.
    """
    wanted = wanted_columns(source)
    text = dict.fromkeys(wanted, "VARCHAR")
    try:
        sheet = open_sheet(file.full_path, format_, source.encoding)
    except UnreadableError as error:
        return _adapter(name, source, text), iter([_damaged(file, str(error), wanted)])
    if not sheet.columns:
        return _adapter(name, source, text), iter(())
    if faults := column_faults(name, source, sheet.columns, file.path) or type_faults(name, source, sheet.columns):
        raise InputError(faults)
    own = {column.lower(): column for column in sheet.columns}
    names = [own[w.lower()] for w in wanted]
    adapter = _adapter(
        name, source, {w: sheet.columns[n] for w, n in zip(wanted, names, strict=True)}, sheet.columns, kept=source.keep
    )
    cells = list(dict.fromkeys([*names, *(own[k.lower()] for k in source.keep if k.lower() in own)]))
    absent = [k for k in source.keep if k.lower() not in own]
    return adapter, (_with_empty(absent, _of_file(file, rows)) for rows in batches(file.full_path, format_, sheet, cells))


def _adapter(
    name: str,
    source: SourceSettings,
    types: dict[str, str],
    columns: Mapping[str, str] = MappingProxyType({}),
    is_json: bool = False,
    kept: tuple[str, ...] = (),
) -> Adapter:
    sql, fills = statement(source, types, is_json), (source.table or "", *([KEPT] if kept else []))
    return Adapter(name, f"{FILE}: sources.{name}", sql, {}, fills, is_json, tuple(columns.items()), kept=kept)


def _of_file(file: ExportFile, rows: pa.Table) -> pa.Table:
    ids = pa.array([file.file_id] * len(rows), pa.string())
    return rows.add_column(0, "file_id", ids).append_column("member", pa.nulls(len(rows), pa.string()))


def _with_empty(columns: list[str], rows: pa.Table) -> pa.Table:
    """Those columns, too, without a value: kept ones that this file does not have."""
    for column in columns:
        rows = rows.append_column(f"c_{column}", pa.nulls(len(rows), pa.string()))
    return rows


def _damaged(file: ExportFile, reason: str, wanted: list[str]) -> pa.Table:
    one = {"position": [1], "content_id": [file.file_id], "reason": [reason], "record": pa.nulls(1, pa.string())}
    cells = {f"c_{w}": pa.nulls(1, pa.string()) for w in wanted}
    return _of_file(file, pa.table({**one, **cells}))
