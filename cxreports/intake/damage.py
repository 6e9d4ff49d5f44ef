"""When a run must not go on: times that need a zone, or more damaged records than a source allows."""

import duckdb

from cxreports.errors import InputError
from cxreports.intake.mapping import NO_ZONE
from cxreports.settings import FILE, Settings

Count = tuple[str | None, int, str, int]  # reason (None: good), records, path and position of the first


def check_damage(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Raise InputError where a source is too damaged. Reads `new_records` and `new_files`; nothing is stored before it."""
    faults = []
    for name, source in settings.sources.items():
        counts = _counts(con, name)
        faults += _zone_faults(name, counts)
        if source.max_quarantined is not None:
            faults += _share_faults(name, counts, source.max_quarantined)
    if faults:
        raise InputError(faults)


def _counts(con: duckdb.DuckDBPyConnection, source: str) -> list[Count]:
    """Records by reason, the most frequent reason first, the good ones last."""
    return con.execute(
        "select reason, count(*), min_by(path, (path, position)), min_by(position, (path, position)) "
        "from new_records join new_files using (source, file_id) where source = $source "
        "group by reason order by reason is null, count(*) desc, reason",
        {"source": source},
    ).fetchall()


def _zone_faults(name: str, counts: list[Count]) -> list[str]:
    for reason, _, path, position in counts:
        if reason and reason.endswith(NO_ZONE):
            column = reason.partition(":")[0]
            return [
                f"{FILE}: sources.{name}.timezone: {column} of {path}, record {position}, is a time without zone; "
                'say which zone such times are in, for example timezone = "Europe/London"'
            ]
    return []


def _share_faults(name: str, counts: list[Count], limit: float) -> list[str]:
    bad = [count for count in counts if count[0] is not None]
    total, n_bad = sum(c[1] for c in counts), sum(c[1] for c in bad)
    if n_bad <= limit * total:
        return []
    reason, n, path, position = bad[0]
    return [
        f"source {name}: {n_bad} of {total} records are damaged, more than max_quarantined = {limit} allows; "
        f"most often ({n}): {reason}; first in {path}, record {position}. Nothing has been stored."
    ]
