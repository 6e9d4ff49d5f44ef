"""Compaction: the parts of closed months joined, apart from the daily path. No row changes; older commits keep their parts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from cxreports.lake import landing
from cxreports.lake.engine import connect
from cxreports.lake.published import ledger_of
from cxreports.lake.store import Lake, Part

STILL_CHANGING = timedelta(days=62)  # late versions and returns within 30 days reach back so far; such days stay single parts


def compact(lake: Lake) -> tuple[int, int]:
    """Join the parts of every month that hardly changes any more; returns the number of parts before and after.

    Day parts of a computed table become one part of the month (a later change then rewrites that month); append-only parts
    of the runs of one month become one. A lake with nothing to join is left alone. Expects the lock.
    """
    head = lake.head()
    if head is None:
        return 0, 0
    open_month = f"{head.as_of_instant - STILL_CHANGING:%Y-%m}"
    months = _months_of_commits(lake)
    tables = {
        name: _joined(lake, name, parts, months if name in landing.staged_schemas() else {}, open_month)
        for name, parts in head.tables.items()
    } | ledger_of(head)
    before, after = _count(head.tables.values()), _count(tables.values())
    if after < before:
        lake.commit(replace(head, seq=head.seq + 1, parent=lake.digest_of(head), tables=tables))
    return before, after


def _joined(lake: Lake, table: str, parts: Mapping[str, Part], months: Mapping[str, str], open_month: str) -> dict[str, Part]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key in sorted(parts):
        month = months.get(key, key[:7]) if months else key[:7]
        groups[month].append(key)
    out: dict[str, Part] = {}
    for month, keys in sorted(groups.items()):
        if month >= open_month or len(keys) < 2:
            out |= {key: parts[key] for key in keys}
            continue
        con = connect()
        lake.view(con, "pieces", [parts[key] for key in keys], landing.staged_schemas().get(table, {}))
        part = lake.write(con, table, "select * from pieces order by all")
        assert part  # noqa: S101  # parts are never empty
        out[keys[-1] if months else month] = part
    return out


def _months_of_commits(lake: Lake) -> dict[str, str]:
    """Partition label of the append-only tables -> month of the run that wrote it."""
    return {f"c{c.seq:08d}": c.as_of[:7] for c in lake.commits()}


def _count(tables: Iterable[Mapping[str, Part]]) -> int:
    return sum(len(parts) for parts in tables)
