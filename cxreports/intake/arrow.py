"""Records → Arrow tables of a few thousand rows, in the shape that `land` takes."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from cxreports.intake.read import Record

MOST_RECORDS = 5_000
MOST_CHARACTERS = 16_000_000  # that wait in Python, however few records they are

SCHEMA = pa.schema(
    [
        ("file_id", pa.string()),
        ("position", pa.int64()),
        ("member", pa.string()),
        ("content_id", pa.string()),
        ("reason", pa.string()),
        ("record", pa.string()),
        ("structure_id", pa.string()),
    ]
)


def tables(file_id: str, records: Iterable[Record]) -> Iterator[pa.Table]:
    """The records of one file, in order, some thousands to a table."""
    waiting: list[Record] = []
    size = 0
    for record in records:
        waiting.append(record)
        size += len(record.text or "")
        if len(waiting) >= MOST_RECORDS or size >= MOST_CHARACTERS:
            yield _table(file_id, waiting)
            waiting, size = [], 0
    if waiting:
        yield _table(file_id, waiting)


def _table(file_id: str, records: list[Record]) -> pa.Table:
    columns = (
        [file_id] * len(records),
        [r.position for r in records],
        [r.member for r in records],
        [r.content_id for r in records],
        [r.reason for r in records],
        [r.text for r in records],
        [r.structure for r in records],
    )
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
