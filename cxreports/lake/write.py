"""One commit: what intake left in `new_…` appended, what it changes computed, everything named in one step. Expects the lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cxreports import __version__
from cxreports.definitions.catalogue import Catalogue
from cxreports.definitions.definition import Scalar
from cxreports.errors import LakeError
from cxreports.lake import build, landed_params, landing
from cxreports.lake.engine import Connection, one, rows
from cxreports.lake.published import ledger_of
from cxreports.lake.scoring import scoring
from cxreports.lake.store import Commit, Lake, Part
from cxreports.lake.view import reach_of_sources
from cxreports.sentiment.scorer import Scorer

# Records; with more of them everything is computed anew, slice by slice: what they touch would not fit in memory at once.
MOST_FRESH = 200_000


@dataclass(frozen=True)
class Basis:
    """What tables are computed with: definitions, parameters (of the settings; they name the scorer), numbers that never link."""

    catalogue: Catalogue
    params: Mapping[str, Scalar]
    switchboards: Sequence[str]
    key_check: str | None = None
    scorer: Scorer | None = None

    @property
    def digest(self) -> str:
        """Changes when any of it does."""
        return build.built_with(self.catalogue, self.params, self.switchboards)

    def with_landed(self, con: Connection) -> "Basis":
        """The same with what only the landed tables can tell."""
        return replace(self, params=landed_params.with_landed(con, self.params))


def commit_new(con: Connection, lake: Lake, head: Commit | None, basis: Basis, as_of: datetime) -> Commit:
    """The commit after `head` with the rows of `new_…`; `head` itself when nothing is new, not even the as-of instant.

    Expects `stg_…` as they stand at `head`.
    """
    landing.prepare_new(con)
    n_files, n_objects = _count(con, "new_files"), _count(con, "new_objects")
    is_known = not n_files and not n_objects
    if head and is_known and as_of == head.as_of_instant and head.built_with == basis.with_landed(con).digest:
        return head
    seq = head.seq + 1 if head else 1
    staged = landing.append_new(con, lake, head, seq, as_of)
    draft = Commit(seq, as_of.isoformat(), None, "", __version__, lake.digest_of(head), staged)
    landing.attach_staged(con, lake, draft)
    basis = basis.with_landed(con)
    draft = replace(draft, built_with=basis.digest, key_check=basis.key_check, rekeyed_from=head.rekeyed_from if head else None)
    _refuse_shared_ids(con)
    build.load_switchboards(con, basis.switchboards)
    with scoring(con, basis.scorer):
        computed = _compute(con, lake, head if head and head.built_with == basis.digest else None, basis, bool(n_files))
    until = min(reach_of_sources(con, as_of).values(), default=None)
    tables = {**staged, **computed, **(ledger_of(head) if head else {})}
    commit = replace(draft, observed_until=until.isoformat() if until else None, tables=tables)
    lake.commit(commit)
    return commit


def changed_parts(head: Commit | None, commit: Commit) -> dict[str, int]:
    """Parts per table that the commit has and `head` has not."""
    before = {p.path for parts in (head.tables if head else {}).values() for p in parts.values()}
    counts = {name: sum(p.path not in before for p in parts.values()) for name, parts in sorted(commit.tables.items())}
    return {name: n for name, n in counts.items() if n}


def _compute(con: Connection, lake: Lake, fitting: Commit | None, basis: Basis, is_new: bool) -> Mapping[str, Mapping[str, Part]]:
    if fitting is None or (is_new and _count(con, "fresh_records") > MOST_FRESH):
        landing.forget_new(con)
        return build.full_build(con, lake, basis.catalogue, basis.params, fitting.tables if fitting else {})
    if is_new:
        return build.refresh(con, lake, basis.catalogue, basis.params, fitting)
    return {name: fitting.tables.get(name, {}) for name in build.stored_schemas(basis.catalogue)}


# Landed tables whose ids name one thing in the whole lake: key, what is named, where a prefix goes, when two are no clash.
_SHARED = {
    "legs": ("leg_id", "interaction", "leg_id, root_id and previous_id", "false"),
    "cases": ("case_id", "case", "case_id", "false"),
    # A ticket's own rating, and the list of ratings: both tell of one survey of one interaction, and it counts once.
    "survey_responses": ("response_id", "survey", "response_id", "n.leg_id is not distinct from o.leg_id"),
}


def _refuse_shared_ids(con: Connection) -> None:
    """LakeError when a new leg, case or survey has the id of another source's: they would be taken for one."""
    if faults := [fault for table in _SHARED for fault in _shared_ids(con, table)]:
        raise LakeError(faults)


def _shared_ids(con: Connection, table: str) -> list[str]:
    key, what, keys, harmless = _SHARED[table]
    found = rows(
        con,
        f"""select o.source as one, n.source as other, count(distinct n.{key}) as n
            from stg_{table} as o join new_{table} as n on n.{key} = o.{key} and n.source <> o.source
            where (o.source < n.source or o.source not in (select source from new_{table})) and not ({harmless})
            group by all order by all""",
    )
    ids = f"{key.replace('_', ' ')}s"
    return [
        f"sources '{r['one']}' and '{r['other']}' have {r['n']:,} {ids} in common: they would be taken for the same {what}. "
        f"If they are different ones, put a prefix before {keys} in cxreports.toml ({key} = \"'{r['other']}-' || …\"); "
        "if they are the same, leave one of the sources out."
        for r in found
    ]


def _count(con: Connection, table: str) -> int:
    row = one(con, f"select count(*) from {table}")
    return int(row[0]) if row else 0
