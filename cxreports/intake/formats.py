"""A file of any framing → its records, for a definition to read: rows of tables and parts of XML become JSON objects, too.

The object of a row has every column of the file; an empty cell is null. Its keys are sorted, so that the order of columns is
no part of the content.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cxreports.errors import InputError, nearest_column
from cxreports.intake.discover import ExportFile
from cxreports.intake.expressions import quoted
from cxreports.intake.pages import paged
from cxreports.intake.read import Record, damaged, digest, records, whole
from cxreports.intake.rows import Row, Sheet, UnreadableError, open_sheet, parquet_batches
from cxreports.intake.xml import xml_records

TABLES = ("csv", "parquet")


def file_records(file: ExportFile, framing: str, encoding: str, columns: Sequence[str], records_in: str = "") -> Iterable[Record]:
    """Every record of the file in order, damaged ones with the reason. InputError where a table lacks one of the columns."""
    if framing == "xml":
        return xml_records(file.full_path)
    if framing not in TABLES:
        found = records(file.full_path, framing, encoding)
        return paged(found, records_in) if records_in else found
    try:
        sheet = open_sheet(file.full_path, framing, encoding)
    except UnreadableError as error:
        return [damaged(1, None, str(error), file.file_id)]
    if faults := missing_columns(file.path, sheet.columns, columns):
        raise InputError(faults)
    names = _names(sheet.columns, columns)
    return _parquet(file.full_path, names) if framing == "parquet" else _rows(sheet, names)


def missing_columns(path: str, found: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """One fault per column that the file should have and has not; none for a file without any column."""
    known = list(_names(found, wanted).values())
    return [f"{path}: has no column '{c}'; {nearest_column(c, known)}" for c in wanted if known and c not in known]


def _names(found: Iterable[str], wanted: Sequence[str]) -> dict[str, str]:
    """The file's columns, each with the name that a definition reads. A warehouse may write all names in capitals."""
    known = list(found)
    in_capitals = wanted and not set(wanted) & set(known) and all(name == name.upper() for name in known)
    return {name: name.lower() if in_capitals else name for name in known}


def _rows(sheet: Sheet, read_as: Mapping[str, str]) -> Iterator[Record]:
    names = [read_as[name] for name in sheet.columns]
    order = sorted(range(len(names)), key=names.__getitem__)
    keys = [f"{json.dumps(names[i], ensure_ascii=False)}:" for i in order]
    for position, row in enumerate(sheet.rows, start=1):
        yield _record(position, row, names, keys, order)


def _record(position: int, row: Row, names: Sequence[str], keys: Sequence[str], order: Sequence[int]) -> Record:
    if row.reason is not None:
        return Record(position, None, row.text, row.content_id, row.reason)
    cells = (f"{key}{json.dumps(row.cells[i], ensure_ascii=False)}" for key, i in zip(keys, order, strict=True))
    text = "{" + ",".join(cells) + "}"
    return whole(position, None, text, digest(text), dict(zip(names, row.cells, strict=True)))


def _parquet(path: Path, read_as: Mapping[str, str]) -> Iterator[Record]:
    members = ", ".join(f"{quoted(read_as[name])} := {quoted(name)}" for name in sorted(read_as))
    query = (
        f"select file_row_number + 1, to_json(struct_pack({members}))::varchar from read_parquet($path, file_row_number = true)"
    )
    position = 0
    try:
        for batch in parquet_batches(path, query):
            for position, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield whole(position, None, text, digest(text), json.loads(text))
    except UnreadableError as error:
        yield damaged(position + 1, None, str(error), path.name)
