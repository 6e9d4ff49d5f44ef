"""New records into the lake: what is fresh, what is a re-delivery, when it became known, and the append-only `stg_` tables.

`stg_files` one row per file, `stg_records` one per received record, `stg_<t>` the rows of landed table t, all versions.
"""

from datetime import datetime

from cxreports.definitions.model import LANDED, PROVENANCE, Table
from cxreports.lake.engine import Connection, create
from cxreports.lake.store import Commit, Lake, Part

FILES = {
    "file_id": "VARCHAR", "source": "VARCHAR", "path": "VARCHAR", "bytes": "BIGINT",
    "delivered_at": "TIMESTAMP WITH TIME ZONE", "framing": "VARCHAR", "n_records": "BIGINT",
    "known_at": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
RECORDS = {
    "source": "VARCHAR", "record_key": "VARCHAR", "version_at": "TIMESTAMP WITH TIME ZONE", "content_id": "VARCHAR",
    "file_id": "VARCHAR", "position": "BIGINT", "member": "VARCHAR", "reason": "VARCHAR", "is_duplicate": "BOOLEAN",
    "known_at": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
NEWEST_FIRST = "version_at desc nulls last, known_at desc, file_id desc, position desc"  # which version of a record counts
_VERSION = {"version_at": "TIMESTAMP WITH TIME ZONE", "content_id": "VARCHAR", "known_at": "TIMESTAMP WITH TIME ZONE"}


def staged_schema(table: Table) -> dict[str, str]:
    """Columns of `stg_<table>`: the landed ones, where they came from, and which version they belong to."""
    return {c.name: c.type for c in (*table.columns, *PROVENANCE)} | _VERSION


def staged_schemas() -> dict[str, dict[str, str]]:
    """Every append-only table of the lake with its columns."""
    return {"stg_files": FILES, "stg_records": RECORDS} | {f"stg_{t.name}": staged_schema(t) for t in LANDED.values()}


def known_files(con: Connection, lake: Lake, head: Commit | None) -> set[tuple[str, str]]:
    """(source, sha256) of every file that was read before: one file may serve two sources."""
    attach_staged(con, lake, head)
    return {(str(row[0]), str(row[1])) for row in con.execute("select source, file_id from stg_files").fetchall()}


def attach_staged(con: Connection, lake: Lake, commit: Commit | None) -> None:
    """Views `stg_…` over everything that was known at that commit."""
    for name, schema in staged_schemas().items():
        parts = commit.tables.get(name, {}) if commit else {}
        lake.view(con, name, [parts[key] for key in sorted(parts)], schema)


def append_new(con: Connection, lake: Lake, head: Commit | None, seq: int, as_of: datetime) -> dict[str, dict[str, Part]]:
    """Write what intake left in `new_…` as parts of commit `seq`; returns every append-only table's parts with the new ones."""
    _classify(con, head.as_of_instant if head else None, as_of)
    tables = {name: dict(head.tables.get(name, {})) if head else {} for name in staged_schemas()}
    queries = {
        "stg_files": "from known_new_files order by source, path",
        "stg_records": "from classified order by file_id, position",
    }
    for t in LANDED.values():
        queries[f"stg_{t.name}"] = (
            f"select n.*, f.version_at, f.content_id, f.known_at from new_{t.name} as n"
            f" join fresh_records as f using (source, file_id, position)"
            f" order by n.source, n.record_key, n.file_id, n.position, n.{t.key}"
        )
    for name, query in queries.items():
        if part := lake.write(con, name, query):
            tables[name][f"c{seq:08d}"] = part
    return tables


def _classify(con: Connection, last_as_of: datetime | None, as_of: datetime) -> None:
    """Temp tables `known_new_files` (with known_at), `classified` (all new records) and `fresh_records` (those that count).

    A file is known from its delivery on, unless a run has already reported on that day without it: then from this run on,
    so that what was reported stays what was known.
    """
    create(
        con,
        "known_new_files",
        """select *, case when delivered_at > $last and delivered_at <= $now then delivered_at else $now end as known_at
           from new_files""",
        {"last": last_as_of or datetime.fromisoformat("0001-01-01T00:00:00+00:00"), "now": as_of},
    )
    create(
        con,
        "classified",
        """
        with
        arrivals as (
            select
                r.source, r.record_key, r.version_at, r.content_id, r.file_id, r.position, r.member, r.reason, f.known_at,
                row_number() over (
                    partition by r.source, r.record_key, r.version_at, r.content_id, r.reason is null
                    order by f.known_at, f.path, r.position
                ) as arrival_no
            from new_records as r
            join known_new_files as f on f.source = r.source and f.file_id = r.file_id
        ),
        seen as (
            select distinct source, record_key, version_at, content_id
            from stg_records
            where reason is null and record_key in (select record_key from new_records)
        )
        select
            a.source, a.record_key, a.version_at, a.content_id, a.file_id, a.position, a.member, a.reason,
            a.reason is null and (a.arrival_no > 1 or s.record_key is not null) as is_duplicate,
            a.known_at
        from arrivals as a
        left join seen as s
            on s.source = a.source and s.record_key = a.record_key and s.content_id = a.content_id
            and s.version_at is not distinct from a.version_at
        """,
    )
    create(con, "fresh_records", "select * from classified where reason is null and not is_duplicate")
