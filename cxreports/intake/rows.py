"""A CSV, XLSX or Parquet file → numbered rows of cells; rows that cannot be read keep their number and get a reason.

Cells are text (CSV, XLSX) or typed (Parquet). An empty cell is NULL. Positions count data rows from 1, the header aside.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa

from cxreports.intake.arrow import MOST_CHARACTERS
from cxreports.intake.expressions import quoted
from cxreports.intake.framing import BAD_BYTES, MAX_RECORD, has_bad_bytes
from cxreports.intake.read import BAD, CUT_OFF, beginning, digest, encoding_of
from cxreports.intake.unpack import opened
from cxreports.lake.engine import connect

ROWS = 50_000  # a batch, or as many as have MOST_CHARACTERS in them
csv.field_size_limit(MAX_RECORD)  # a cell may hold a whole transcript
TOO_LONG = "row is longer than 16 million characters"
MAX_LINES = 500  # a quoted cell that spans more lines than this was never closed
UNREADABLE = {"xlsx": "file is no XLSX workbook", "parquet": "file is no Parquet file"}


@dataclass(frozen=True)
class Row:
    """One data row: its cells in the order of the header, or why there are none and how its text begins."""

    cells: Sequence[Any]
    content_id: str
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A file's columns with their DuckDB types, and its rows."""

    columns: dict[str, str]
    rows: Iterator[Row]


class UnreadableError(Exception):
    """The file is not what its format says. Its text is a reason."""


def open_sheet(path: Path, format_: str, encoding: str) -> Sheet:
    """The file's columns, and its rows one after the other."""
    if format_ == "csv":
        return _csv(path, encoding)
    return _xlsx(path) if format_ == "xlsx" else _parquet(path)


def format_of(path: Path) -> str | None:
    """The format that the file's name tells: csv, json, xlsx or parquet; None where it tells none."""
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in (".gz", ".zst")]
    known = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json"}
    return {**known, ".xlsx": "xlsx", ".parquet": "parquet"}.get(suffixes[-1] if suffixes else "")


def _csv(path: Path, encoding: str) -> Sheet:
    lines = _lines(path, encoding)
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        return Sheet({}, iter(()))
    if first in (CUT_OFF, TOO_LONG):
        raise UnreadableError(first)
    if has_bad_bytes(first):
        raise UnreadableError("file's header is not valid text in the declared encoding")
    delimiter = max(",;\t|", key=first.count)
    names = _distinct(next(csv.reader([first], delimiter=delimiter)))
    return Sheet(dict.fromkeys(names, "VARCHAR"), _csv_rows(lines, delimiter, len(names)))


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with opened(path) as raw:
        try:
            text = io.TextIOWrapper(raw, encoding_of(raw.peek(4)[:4], encoding), errors=BAD, newline="")
            while line := text.readline(MAX_RECORD):
                is_whole = len(line) < MAX_RECORD or line.endswith(("\n", "\r"))
                while not is_whole and (more := text.readline(MAX_RECORD)):
                    is_whole = more.endswith(("\n", "\r"))
                    line = TOO_LONG
                yield line
        except (OSError, EOFError):
            yield CUT_OFF


def _csv_rows(lines: Iterator[str], delimiter: str, width: int) -> Iterator[Row]:
    waiting: list[str] = []  # lines put back after a quote that was never closed
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        if not line.strip():
            continue
        if line in (CUT_OFF, TOO_LONG):
            yield Row((), digest(line), line)
            continue
        taken, is_open, size = [line], line.count('"') % 2 == 1, len(line)
        while is_open and len(taken) < MAX_LINES and size < MAX_RECORD:
            more = waiting.pop(0) if waiting else next(lines, None)
            if more is None:
                break
            taken.append(more)
            size += len(more)
            is_open ^= more.count('"') % 2 == 1
        row = _csv_row("".join(taken), delimiter, width)
        if row.reason and len(taken) > 1:
            waiting, row = taken[1:] + waiting, _csv_row(line, delimiter, width)
        yield row


def _csv_row(text: str, delimiter: str, width: int) -> Row:
    content_id = digest(text.rstrip("\r\n"))
    if has_bad_bytes(text):
        return Row((), content_id, BAD_BYTES, beginning(text))
    try:
        parsed = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return Row((), content_id, "row has a quote that is not closed or stands in the middle of a cell", beginning(text))
    if len(parsed) != 1 or len(parsed[0]) != width:
        reason = f"row has {len(parsed[0]) if parsed else 0} cells, the header has {width}"
        return Row((), content_id, reason, beginning(text))
    return Row([cell or None for cell in parsed[0]], content_id)


def _distinct(names: Sequence[Any]) -> list[str]:
    """Column names that differ even when case is ignored: a second 'id' becomes 'id_2', an empty one 'column_3'."""
    taken: set[str] = set()
    out = []
    for i, name in enumerate(names, start=1):
        base = str(name).strip() if name not in (None, "") else f"column_{i}"
        unique, n = base, 2
        while unique.lower() in taken:
            unique, n = f"{base}_{n}", n + 1
        taken.add(unique.lower())
        out.append(unique)
    return out


def _xlsx(path: Path) -> Sheet:
    try:
        # As a stream, because a name that ends in anything but .xlsx is refused. Its rows are read later: it stays open.
        book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
        values = book.worksheets[0].iter_rows(values_only=True)
        header = next((row for row in values if any(c is not None for c in row)), ())
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError, TypeError) as error:
        raise UnreadableError(UNREADABLE["xlsx"]) from error
    width = max((i for i, name in enumerate(header, start=1) if name is not None), default=0)
    names = _distinct(header[:width])
    return Sheet(dict.fromkeys(names, "VARCHAR"), _xlsx_rows(values, len(names)))


def _xlsx_rows(values: Iterator[tuple[Any, ...]], width: int) -> Iterator[Row]:
    for cells in values:
        if all(c is None for c in cells):
            continue
        texts = [_cell(c) for c in cells]
        content_id = digest("\x1f".join(t or "" for t in texts))
        extra = any(t is not None for t in texts[width:])
        reason = f"row has more cells than the header ({width})" if extra else None
        yield Row([*texts[:width], *[None] * (width - len(texts))], content_id, reason)


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, datetime) else _plain(value)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _parquet(path: Path) -> Sheet:
    with closing(connect()) as con:
        try:
            described = con.execute("describe select * from read_parquet($path)", {"path": str(path)}).fetchall()
        except duckdb.Error as error:
            raise UnreadableError(UNREADABLE["parquet"]) from error
    return Sheet({row[0]: row[1] for row in described}, iter(()))


def batches(path: Path, format_: str, sheet: Sheet, wanted: Sequence[str]) -> Iterator[pa.Table]:
    """The sheet's rows as Arrow tables: position, content_id, reason, and the wanted columns."""
    if format_ == "parquet":
        yield from _parquet_batches(path, sheet, wanted)
        return
    index = [list(sheet.columns).index(name) for name in wanted]
    position, rows, size = 0, list[Row](), 0
    for row in sheet.rows:
        rows.append(row)
        size += sum(len(cell) for cell in row.cells if cell)
        if len(rows) == ROWS or size >= MOST_CHARACTERS:
            yield _arrow(rows, position, wanted, index)
            position, rows, size = position + len(rows), [], 0
    if rows:
        yield _arrow(rows, position, wanted, index)


def _arrow(rows: list[Row], before: int, wanted: Sequence[str], index: Sequence[int]) -> pa.Table:
    columns = {
        "position": pa.array(range(before + 1, before + len(rows) + 1), pa.int64()),
        "content_id": pa.array([r.content_id for r in rows], pa.string()),
        "reason": pa.array([r.reason for r in rows], pa.string()),
        "record": pa.array([r.text for r in rows], pa.string()),
    }
    for name, i in zip(wanted, index, strict=True):
        columns[f"c_{name}"] = pa.array([r.cells[i] if r.reason is None else None for r in rows], pa.string())
    return pa.table(columns)


def _parquet_batches(path: Path, sheet: Sheet, wanted: Sequence[str]) -> Iterator[pa.Table]:
    whole = ", ".join(quoted(name) for name in sheet.columns)
    cells = "".join(f", {quoted(name)} as {quoted('c_' + name)}" for name in wanted)
    query = (
        f"select file_row_number + 1 as position, sha256(row({whole})::varchar) as content_id, "
        f"null::varchar as reason, null::varchar as record{cells} from read_parquet($path, file_row_number = true)"
    )
    n_rows = 0
    try:
        for batch in parquet_batches(path, query):
            n_rows += batch.num_rows
            yield pa.Table.from_batches([batch])
    except UnreadableError as error:
        yield _arrow([Row((), digest(path.name), str(error))], n_rows, wanted, [0] * len(wanted))


def parquet_batches(path: Path, query: str) -> Iterator[pa.RecordBatch]:
    """What a query over that file ($path) gives, in the order of its rows, a few thousand at a time: it may not fit in memory.

    UnreadableError where the file's footer is whole and its pages are not.
    """
    with closing(connect()) as con:
        try:
            yield from con.sql(query, params={"path": str(path)}).to_arrow_reader(ROWS)
        except (duckdb.Error, pa.ArrowException) as error:
            raise UnreadableError(UNREADABLE["parquet"]) from error
