"""The lake as it was known at an instant: every table under its name, ready to be measured. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cxreports.definitions.catalogue import Catalogue
from cxreports.definitions.definition import Scalar
from cxreports.definitions.model import KEPT_FIELDS, LANDED
from cxreports.errors import NoDataError
from cxreports.lake import attempts, build, landed_params, landing
from cxreports.lake.engine import Connection, allow_spill, connect, create, one, rows
from cxreports.lake.scoring import scoring
from cxreports.lake.store import Commit, Lake
from cxreports.sentiment.scorer import Scorer


@dataclass(frozen=True)
class View:
    """An open connection over the lake as of an instant. `observed_until`: how far the interactions reach.

    `reaches`: the same for each source of interactions; `observed_from`: the start of the first interaction since the history's
    start, None without any.
    """

    con: Connection
    as_of: datetime
    observed_until: datetime
    commit: Commit
    reaches: Mapping[str, datetime]
    observed_from: datetime | None


def open_view(
    lake: Lake,
    catalogue: Catalogue,
    params: Mapping[str, Scalar],
    switchboards: Sequence[str],
    as_of: datetime,
    scorer: Scorer | None = None,
) -> View:
    """Everything that was known at `as_of`, from stored tables where they fit, else computed anew in memory.

    Stored tables fit when they were built with the same definitions and settings from just the files known at `as_of`.
    """
    commit = lake.at(as_of) or lake.head()
    if commit is None:
        raise NoDataError(f"{lake.root}: nothing has been loaded yet; 'cxreports run' does")
    con = connect()
    allow_spill(con, lake.root / "spill")
    _hide_later(con, lake, as_of)
    params = landed_params.with_landed(con, params)
    build.load_switchboards(con, switchboards)
    if commit.built_with == build.built_with(catalogue, params, switchboards) and _is_built_from(con, lake, commit):
        for name, schema in build.stored_schemas(catalogue).items():
            lake.view(con, name, list(commit.tables.get(name, {}).values()), schema)
        for name in LANDED:
            build.newest_of(con, name)
    else:
        with scoring(con, scorer):
            build.compute_all(con, catalogue, params)
    reaches = reach_of_sources(con, as_of)
    start = {"start": params.get("history_start", landing.BEFORE_ALL.isoformat())}
    first = one(con, "select min(started_at) from stg_legs where started_at >= $start::timestamptz", start)
    return View(con, as_of, min(reaches.values(), default=as_of), commit, reaches, first[0] if first else None)


def _hide_later(con: Connection, lake: Lake, as_of: datetime) -> None:
    """Narrow every `stg_` view to what was known at `as_of`, and to the newest reading of files that were read again."""
    head = lake.head()
    for name, schema in landing.staged_schemas().items():
        parts = head.tables.get(name, {}) if head else {}
        lake.view(con, f"whole_{name}", [parts[key] for key in sorted(parts)], schema)
        instant = as_of.isoformat()
        known = name.replace("stg_", "known_") if name in ("stg_files", "stg_records") else name
        con.execute(f"create or replace temp view {known} as from whole_{name} where known_at <= '{instant}'::timestamptz")
    attempts.newest_attempts(con, "known_files", "known_records", "")


def _is_built_from(con: Connection, lake: Lake, commit: Commit) -> bool:
    """Whether the commit was built from just the files that the view shows: none fewer, none more."""
    lake.view(con, "commit_files", list(commit.tables.get("stg_files", {}).values()), landing.FILES)
    differing = one(
        con,
        """
        select count(*) from (
            (select source, file_id from stg_files except select source, file_id from commit_files)
            union all
            (select source, file_id from commit_files except select source, file_id from stg_files)
        )
        """,
    )
    return differing == (0,)


_PLAUSIBLE = "{at} <= least($as_of, known_at + interval 1 day)"  # a delivery folder names a day, not its last second


def reach_of_sources(con: Connection, as_of: datetime) -> dict[str, datetime]:
    """How far each source of interactions reaches: its newest start. The earliest of them is how far all is known.

    A window counts as elapsed only up to there: an export that stopped must not make customers look content. A start after
    `as_of`, or later than a day after its record became known, is a clock that is wrong, and says nothing.
    """
    believed = _PLAUSIBLE.format(at="started_at")
    found = rows(
        con, f"select source, max(started_at) as newest from stg_legs where {believed} group by source", {"as_of": as_of}
    )
    return {r["source"]: r["newest"] for r in sorted(found, key=lambda r: str(r["source"]))}


@dataclass(frozen=True)
class Account:
    """What became of the records of one source: received = loaded + duplicate + superseded + quarantined."""

    source: str
    files: int
    received: int
    loaded: int
    duplicate: int
    superseded: int
    quarantined: int
    data_through: datetime | None


_STATUS = f"""
    select
        *,
        case
            when reason is not null then 'quarantined'
            when is_duplicate then 'duplicate'
            when row_number() over (
                partition by source, record_key, reason is null and not is_duplicate
                order by {landing.NEWEST_FIRST}
            ) = 1 then 'loaded'
            else 'superseded'
        end as status
    from stg_records
"""


def load_accounts(view: View) -> None:
    """Tables `record_status` (one row per received record) and `file_accounts` (one per file)."""
    create(view.con, "record_status", _STATUS)
    create(
        view.con,
        "file_accounts",
        """
        select
            f.source, f.path, f.file_id, f.bytes, f.known_at, f.n_records as received,
            count(*) filter (where s.status = 'loaded') as loaded,
            count(*) filter (where s.status = 'duplicate') as duplicate,
            count(*) filter (where s.status = 'superseded') as superseded,
            count(*) filter (where s.status = 'quarantined') as quarantined
        from stg_files as f
        left join record_status as s on s.source = f.source and s.file_id = f.file_id
        group by all
        order by f.source, f.path
        """,
    )


def accounts(view: View) -> list[Account]:
    """One account per source."""
    load_accounts(view)
    through = {r["source"]: r["newest"] for r in rows(view.con, _data_through(), {"as_of": view.as_of})}
    found = rows(
        view.con,
        """
        select
            source, count(*) as files, sum(received)::bigint as received, sum(loaded)::bigint as loaded,
            sum(duplicate)::bigint as duplicate, sum(superseded)::bigint as superseded,
            sum(quarantined)::bigint as quarantined
        from file_accounts
        group by source
        order by source
        """,
    )
    return [Account(**r, data_through=through.get(r["source"])) for r in found]


def _data_through() -> str:
    """The newest instant of any landed row, by source; where a row has none, when its version was written."""
    pieces = [
        f"select source, coalesce({t.at}, version_at) as happened_at from stg_{t.name}"
        f" where {_PLAUSIBLE.format(at=f'coalesce({t.at}, version_at)')}"
        for t in LANDED.values()
        if t is not KEPT_FIELDS  # they happen with the record's other rows
    ]
    return f"select source, max(happened_at) as newest from ({' union all '.join(pieces)}) group by source order by source"


def masked(view: View) -> list[dict[str, object]]:
    """What was masked before it was stored: source, file, table and column, kind, and how many."""
    return rows(
        view.con,
        """
        select m.source, f.path, m.column_name, m.kind, sum(m.n)::bigint as n
        from stg_masked as m
        join stg_files as f on f.source = m.source and f.file_id = m.file_id
        group by all
        order by m.source, f.path, m.column_name, m.kind
        """,
    )


def quarantine(view: View, limit: int | None = 20) -> list[dict[str, object]]:
    """Damaged records: file, position, member of an archive, reason, masked excerpt, since when."""
    return rows(
        view.con,
        f"""select f.path as file, r.position, r.member, r.reason, r.excerpt, r.source, r.known_at
            from stg_records as r join stg_files as f on f.source = r.source and f.file_id = r.file_id
            where r.reason is not null order by f.path, r.position {"" if limit is None else f"limit {int(limit)}"}""",
    )
