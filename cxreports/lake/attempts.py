"""Files that were read again for their quarantined records: which those are, what of them is appended, which reading counts.

A reading is an attempt, numbered from 0. Of a record, or of a file that is stated anew, the newest attempt counts. A record that
is mended keeps its place in the order of arrival: it is no newer version than what newer files have brought since.
"""

from cxreports.lake.engine import Connection, create


def quarantined_files(con: Connection, source: str | None) -> set[tuple[str, str]]:
    """(source, sha256) of every file that has quarantined records now. Reads `stg_…` as `attach_staged` leaves them."""
    newest_attempts(con, "stg_files", "stg_records", "now_")
    found = con.execute("select distinct source, file_id from now_stg_records where reason is not null").fetchall()
    return {(str(row[0]), str(row[1])) for row in found if source in (None, row[0])}


def narrow_to_retried(con: Connection) -> list[str]:
    """Of files that intake read again, keep in `new_files` and `new_records` only what is to be appended as a new attempt.

    That is: quarantined records that now have no fault, or another one. Where a file is now cut into another number of records,
    all of them, provided that none of it had been loaded: the file is stated anew. Otherwise it is left as it is; returned are
    the paths of such files.
    """
    newest_attempts(con, "stg_files", "stg_records", "now_")
    create(
        con,
        "first_readings",
        """
        select source, file_id, min(known_at) as arrived_at, coalesce(min(file_no), 0) as arrival_no
        from stg_records
        where coalesce(attempt, 0) = 0
        group by source, file_id
        """,
    )
    create(
        con,
        "new_attempts",
        """
        with
        before as (
            select
                source, file_id, count(*) as n_records, count(*) filter (where reason is null) as n_good,
                max(coalesce(attempt, 0)) as attempt
            from now_stg_records
            group by source, file_id
        )
        select
            f.source, f.file_id, f.path, coalesce(b.attempt, 0) + 1 as attempt,
            f.n_records <> coalesce(b.n_records, 0) as is_restated,
            f.n_records <> coalesce(b.n_records, 0) and coalesce(b.n_good, 0) > 0 as is_left,
            a.arrived_at, a.arrival_no
        from new_files as f
        left join before as b on b.source = f.source and b.file_id = f.file_id
        left join first_readings as a on a.source = f.source and a.file_id = f.file_id
        """,
    )
    left = [str(row[0]) for row in con.execute("select path from new_attempts where is_left order by path").fetchall()]
    create(
        con,
        "kept_records",
        """
        select r.*
        from new_records as r
        join new_attempts as a on a.source = r.source and a.file_id = r.file_id and not a.is_left
        left join now_stg_records as b on b.source = r.source and b.file_id = r.file_id and b.position = r.position
        where a.is_restated or (b.reason is not null and r.reason is distinct from b.reason)
        order by r.source, r.file_id, r.position
        """,
    )
    con.execute("create or replace temp view new_records as from kept_records")
    con.execute(
        "create or replace temp table new_files as from new_files semi join new_records using (source, file_id)"
        " order by source, path"
    )
    _note_overtaken(con)
    return left


def _note_overtaken(con: Connection) -> None:
    """`new_overtaken`: records of `new_records` of which a newer file, or a later line of theirs, has brought that version or a
    later one without a version of its own. Copies count: a record that went back to what it was is what came last."""
    create(
        con,
        "new_overtaken",
        """
        with
        brought as (
            select r.source, r.record_key, r.version_at, a.arrived_at, a.arrival_no, r.file_id, r.position
            from now_stg_records as r
            join first_readings as a on a.source = r.source and a.file_id = r.file_id
            where r.reason is null and r.record_key in (select record_key from new_records)
        )
        select distinct n.source, n.file_id, n.position
        from new_records as n
        join first_readings as a on a.source = n.source and a.file_id = n.file_id
        join brought as b
            on b.source = n.source and b.record_key = n.record_key and b.version_at is not distinct from n.version_at
            and row(b.arrived_at, b.arrival_no, b.file_id, b.position) > row(a.arrived_at, a.arrival_no, n.file_id, n.position)
        where n.reason is null
        order by n.source, n.file_id, n.position
        """,
    )


def newest_attempts(con: Connection, files: str, records: str, prefix: str) -> None:
    """Views `<prefix>stg_files` and `<prefix>stg_records`: of those tables, only the newest reading of each file and record."""
    con.execute(f"""
        create or replace temp view {prefix}stg_files as
        select f.* from {files} as f
        anti join (select source, file_id, attempt from {files} where attempt > 0) as a
            on a.source = f.source and a.file_id = f.file_id and a.attempt > coalesce(f.attempt, 0)
    """)
    con.execute(f"""
        create or replace temp view {prefix}stg_records as
        select r.* from {records} as r
        anti join (select source, file_id, position, attempt from {records} where attempt > 0) as a
            on a.source = r.source and a.file_id = r.file_id and a.position = r.position and a.attempt > coalesce(r.attempt, 0)
        anti join (select source, file_id, attempt from {files} where attempt > 0) as f
            on f.source = r.source and f.file_id = r.file_id and f.attempt > coalesce(r.attempt, 0)
    """)
