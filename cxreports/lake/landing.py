"""New records into the lake: what is fresh, what is a re-delivery, when it became known, and the append-only `stg_` tables.

`stg_files` one row per file, `stg_records` one per received record, `stg_<t>` the rows of landed table t, all versions;
`stg_masked` how many of each kind of personal data were masked, per file and column, in the records that were not duplicates;
`stg_objects` one row per version of an object of a remote store that was fetched, so that it need not be fetched again, and per
copy of a file of this machine.
A file may be read again for its quarantined records (`attempts`): what comes out differently is appended with the next `attempt`,
and readers see the newest attempt that was known.
"""

from datetime import datetime

from cxreports.definitions.model import LANDED, PROVENANCE, Table
from cxreports.lake import fields
from cxreports.lake.engine import Connection, create
from cxreports.lake.store import Commit, Lake, Part

FILES = {
    "file_id": "VARCHAR", "source": "VARCHAR", "path": "VARCHAR", "bytes": "BIGINT",
    "delivered_at": "TIMESTAMP WITH TIME ZONE", "framing": "VARCHAR", "n_records": "BIGINT",
    "known_at": "TIMESTAMP WITH TIME ZONE", "attempt": "BIGINT",
}  # fmt: skip
RECORDS = {
    "source": "VARCHAR", "record_key": "VARCHAR", "version_at": "TIMESTAMP WITH TIME ZONE", "content_id": "VARCHAR",
    "file_id": "VARCHAR", "position": "BIGINT", "member": "VARCHAR", "reason": "VARCHAR", "is_duplicate": "BOOLEAN",
    "known_at": "TIMESTAMP WITH TIME ZONE", "excerpt": "VARCHAR", "attempt": "BIGINT", "file_no": "BIGINT",
    "is_overtaken": "BOOLEAN",
}  # fmt: skip
# Which version of a record counts. `file_no` counts files that became known together, by path: where a source has no versions of
# its own, the file whose name comes last is the newest. What a retry reads in an old file is no newer than what newer files had
# brought by then (`is_overtaken`).
NEWEST_FIRST = (
    "version_at desc nulls last, coalesce(is_overtaken, false), known_at desc, file_no desc nulls last, file_id desc,"
    " position desc"
)
_VERSION = {
    "version_at": "TIMESTAMP WITH TIME ZONE", "content_id": "VARCHAR", "known_at": "TIMESTAMP WITH TIME ZONE",
    "file_no": "BIGINT", "is_overtaken": "BOOLEAN",
}  # fmt: skip
OBJECTS = {
    "source": "VARCHAR", "url": "VARCHAR", "bytes": "BIGINT", "stamp": "VARCHAR", "file_id": "VARCHAR",
    "delivered_at": "TIMESTAMP WITH TIME ZONE", "known_at": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
MASKED = {
    "source": "VARCHAR", "file_id": "VARCHAR", "column_name": "VARCHAR", "kind": "VARCHAR", "n": "BIGINT",
    "known_at": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
# Tables of what intake or a retry found, which rows that came by no file do not bring.
NEW_MASKED = "source varchar, file_id varchar, position bigint, column_name varchar, kind varchar, n bigint"
_NEW = {
    "new_masked": NEW_MASKED,
    "new_objects": ", ".join(f"{name} {type_}" for name, type_ in OBJECTS.items() if name != "known_at"),
    "new_attempts": "source varchar, file_id varchar, attempt bigint, is_restated boolean, arrived_at timestamptz,"
    " arrival_no bigint",
    "new_overtaken": "source varchar, file_id varchar, position bigint",
}
BEFORE_ALL = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
# Known from the delivery on, unless a run has already reported on that day without it: then from this run on, so that what was
# reported stays what was known.
_KNOWN_AT = "case when delivered_at > $last and delivered_at <= $now then delivered_at else $now end"


def staged_schema(table: Table) -> dict[str, str]:
    """Columns of `stg_<table>`: the landed ones, where they came from, and which version they belong to."""
    return {c.name: c.type for c in (*table.columns, *PROVENANCE)} | _VERSION


def staged_schemas() -> dict[str, dict[str, str]]:
    """Every append-only table of the lake with its columns."""
    own = {"stg_objects": OBJECTS, "stg_files": FILES, "stg_records": RECORDS, "stg_masked": MASKED}
    own["stg_fields"] = fields.SCHEMA
    return own | {f"stg_{t.name}": staged_schema(t) for t in LANDED.values()}


def known_files(con: Connection, lake: Lake, head: Commit | None) -> set[tuple[str, str]]:
    """(source, sha256) of every file that was read before: one file may serve two sources."""
    attach_staged(con, lake, head)
    return {(str(row[0]), str(row[1])) for row in con.execute("select source, file_id from stg_files").fetchall()}


def known_objects(con: Connection) -> list[tuple[str, str, int, str | None, str]]:
    """(source, path or URL, bytes, stamp, sha256) of what was last seen at each place; no stamp for files of this machine.

    Reads `stg_…` as `attach_staged` leaves them.
    """
    found = con.execute(
        """
        with
        places as (
            select source, url, bytes, stamp, file_id, known_at, false as is_file from stg_objects
            union all
            select source, path as url, bytes, null as stamp, file_id, known_at, true as is_file from stg_files
        )
        select source, url, bytes, stamp, file_id
        from places
        qualify row_number() over (partition by source, url order by known_at desc, is_file, file_id) = 1
        order by source, url
        """
    ).fetchall()
    return [(str(s), str(u), int(b), t, str(f)) for s, u, b, t, f in found]


def with_archives(con: Connection, files: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those files (source, sha256), and the archives that they are members of."""
    found = con.execute(
        """
        select distinct m.source, m.file_id, a.file_id
        from stg_files as a
        join stg_files as m on m.source = a.source and starts_with(m.path, a.path || '!')
        where a.framing = 'zip'
        """
    ).fetchall()
    return files | {(str(source), str(archive)) for source, member, archive in found if (source, member) in files}


def attach_staged(con: Connection, lake: Lake, commit: Commit | None) -> None:
    """Views `stg_…` over everything that was known at that commit."""
    for name, schema in staged_schemas().items():
        parts = commit.tables.get(name, {}) if commit else {}
        lake.view(con, name, [parts[key] for key in sorted(parts)], schema)


def prepare_new(con: Connection) -> None:
    """Every `new_…` table that intake did not make: empty."""
    for name, columns in _NEW.items():
        con.execute(f"create temp table if not exists {name} ({columns})")
    fields.prepare(con)


def append_new(con: Connection, lake: Lake, head: Commit | None, seq: int, as_of: datetime) -> dict[str, dict[str, Part]]:
    """Write what intake left in `new_…` as parts of commit `seq`; returns every append-only table's parts with the new ones.

    Expects `prepare_new`.
    """
    _date(con, head.as_of_instant if head else BEFORE_ALL, as_of)
    _classify(con)
    tables = {name: dict(head.tables.get(name, {})) if head else {} for name in staged_schemas()}
    queries = {
        "stg_objects": "from known_new_objects order by source, url",
        "stg_files": "select * exclude (is_restated, arrived_at, arrival_no, file_no) from known_new_files"
        " where attempt = 0 or is_restated order by source, path",
        "stg_records": "from classified order by file_id, position",
        "stg_masked": "select m.source, m.file_id, m.column_name, m.kind, sum(m.n)::bigint as n, f.known_at"
        " from new_masked as m join fresh_records as f using (source, file_id, position) group by all order by all",
    }
    for t in LANDED.values():
        queries[f"stg_{t.name}"] = (
            f"select n.*, f.version_at, f.content_id, f.known_at, f.file_no, f.is_overtaken from new_{t.name} as n"
            f" join fresh_records as f using (source, file_id, position)"
            f" order by n.source, n.record_key, n.file_id, n.position, n.{t.key}"
        )
    queries["stg_fields"] = fields.NEW
    for name, query in queries.items():
        if part := lake.write(con, name, query):
            tables[name][f"c{seq:08d}"] = part
    return tables


def forget_new(con: Connection) -> None:
    """Drop what only a refresh needs of the new records, once they are appended: they may be as many as the history has."""
    for name in ("classified", "fresh_records"):
        con.execute(f"drop table if exists {name}")


def _date(con: Connection, last_as_of: datetime, as_of: datetime) -> None:
    """Temp tables `known_new_objects` and `known_new_files`, with known_at; files have file_no, their place among those known
    together. A file that is read again is known from this run on, and has its place by when it was first read."""
    instants = {"last": last_as_of, "now": as_of}
    create(con, "known_new_objects", f"select *, {_KNOWN_AT} as known_at from new_objects", instants)
    create(
        con,
        "known_new_files",
        f"""
        with
        dated as (
            select
                f.*,
                case when a.attempt is null then {_KNOWN_AT} else $now end as known_at,
                coalesce(a.attempt, 0) as attempt,
                coalesce(a.is_restated, false) as is_restated,
                a.arrived_at, a.arrival_no
            from new_files as f
            left join new_attempts as a on a.source = f.source and a.file_id = f.file_id
        )
        select
            *,
            row_number() over (partition by source, known_at order by arrived_at, arrival_no, path, file_id) as file_no
        from dated
        """,
        instants,
    )


def _classify(con: Connection) -> None:
    """Temp tables `classified` (all new records) and `fresh_records` (those that count), of the files that are dated."""
    create(
        con,
        "classified",
        f"""
        with
        arrivals as (
            select
                r.source, r.record_key, r.version_at, r.content_id, r.file_id, r.position, r.member, r.reason, r.excerpt,
                f.known_at, f.attempt, f.file_no, o.position is not null as is_overtaken,
                row_number() over (
                    partition by r.source, r.record_key, r.version_at, r.content_id, r.reason is null, is_overtaken
                    order by f.known_at, f.file_no, r.position
                ) as arrival_no,
                lag(r.content_id) over (
                    partition by r.source, r.record_key, r.version_at, r.reason is null, is_overtaken
                    order by f.known_at, f.file_no, r.position
                ) as content_before
            from new_records as r
            join known_new_files as f on f.source = r.source and f.file_id = r.file_id
            left join new_overtaken as o on o.source = r.source and o.file_id = r.file_id and o.position = r.position
        ),
        known as (
            select source, record_key, version_at, content_id, known_at, file_no, is_overtaken, file_id, position
            from stg_records
            where reason is null and not is_duplicate and record_key in (select record_key from new_records)
        ),
        seen as (  -- a version that says when it is from is the same whenever it comes; any other only while nothing came since
            select source, record_key, version_at, content_id from known where version_at is not null
            union all
            select source, record_key, version_at, content_id from known where version_at is null
            qualify row_number() over (
                partition by source, record_key
                order by {NEWEST_FIRST}
            ) = 1
        )
        select
            a.source, a.record_key, a.version_at, a.content_id, a.file_id, a.position, a.member, a.reason,
            a.reason is null and case
                when a.version_at is not null then a.arrival_no > 1 or s.record_key is not null
                when a.content_before is not null then a.content_before = a.content_id
                else s.record_key is not null
            end as is_duplicate,
            a.known_at, a.excerpt, a.attempt, a.file_no, a.is_overtaken
        from arrivals as a
        left join seen as s
            on s.source = a.source and s.record_key = a.record_key and s.content_id = a.content_id
            and s.version_at is not distinct from a.version_at
        """,
    )
    create(con, "fresh_records", "select * from classified where reason is null and not is_duplicate")


def newest_sql(staged: str) -> str:
    """Rows of the newest version of every record. Only records delivered more than once are sorted, found by a 64-bit hash:
    two keys with one hash are sorted in vain, no more (docs/benchmarks.md)."""
    return f"""
        with
        repeated_keys as (
            select hash(source, record_key) as key_hash from {staged}
            group by key_hash having min(hash(file_id, position)) <> max(hash(file_id, position))
        ),
        ranked as (
            select source, file_id, position, dense_rank() over (
                partition by source, record_key
                order by {NEWEST_FIRST}
            ) as version_no
            from {staged}
            where hash(source, record_key) in (select key_hash from repeated_keys)
        ),
        superseded as (select distinct source, file_id, position from ranked where version_no > 1)
        select * from {staged} anti join superseded using (source, file_id, position)
    """
