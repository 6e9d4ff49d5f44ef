"""Pages of an API, as they were stored: an object with a list of records → each of them as a record of its own.

A page as one record would be quarantined as a whole for one bad item, and none of its items could have a newer version.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from cxreports.intake.framing import NO_OBJECT
from cxreports.intake.quick import canonical
from cxreports.intake.read import Record, damaged, digest, whole


def paged(found: Iterable[Record], records_in: str) -> Iterator[Record]:
    """The items of every page's list `records_in`; an object without it is one record as it stands. Counted from 1 anew."""
    for position, record in enumerate(_items(found, records_in), start=1):
        yield record._replace(position=position)


def _items(found: Iterable[Record], records_in: str) -> Iterator[Record]:
    for record in found:
        is_whole = record.reason is None and record.text is not None
        page = json.loads(record.text or "") if is_whole and f'"{records_in}"' in (record.text or "") else {}
        if records_in not in page:
            yield record
        elif isinstance(items := page[records_in], list):
            yield from (_record(item) for item in items)
        else:
            yield damaged(1, None, NO_OBJECT, record.text or "", record.text)


def _record(item: Any) -> Record:
    if not isinstance(item, dict):
        return damaged(1, None, NO_OBJECT, json.dumps(item), json.dumps(item))
    return whole(1, None, json.dumps(item, ensure_ascii=False), digest(canonical(item)), item)
