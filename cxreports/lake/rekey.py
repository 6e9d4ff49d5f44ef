"""A rotation of the key, applied to the lake: every stored pseudonym replaced by the one that the longer key makes.

Equal pseudonyms stay equal, so every figure stays. Old pseudonyms are nowhere in the new commit; `Lake.forget_before` then
removes the commits and parts that hold them. Reports of earlier days are computed anew from the versions and
instants, which all stay.
"""

from dataclasses import replace

from cxreports.definitions.model import LANDED
from cxreports.lake import build, landing
from cxreports.lake.engine import Connection
from cxreports.lake.published import ledger_of
from cxreports.lake.scoring import scoring
from cxreports.lake.store import Commit, Lake, Part
from cxreports.lake.write import Basis

_PSEUDONYM = "^[a-z]_[0-9a-f]{24}$"  # an id of a source is a pseudonym only where it held personal data


def rekey(con: Connection, lake: Lake, head: Commit, basis: Basis) -> Commit:
    """The commit that follows `head` in content and begins a new chain. Expects the lock, and the function `cx_rekey`."""
    staged: dict[str, dict[str, Part]] = {}
    for name, schema in landing.staged_schemas().items():
        staged[name] = {}
        columns = ", ".join(_rekeyed(name, column) for column in schema)
        for key, part in head.tables.get(name, {}).items():
            lake.view(con, "old_part", [part], schema)
            written = lake.write(con, name, f"select {columns} from old_part order by all")
            assert written  # noqa: S101  # parts are never empty
            staged[name][key] = written
    draft = replace(head, seq=head.seq + 1, parent=None, tables=staged, key_check=basis.key_check)
    landing.attach_staged(con, lake, draft)
    basis = basis.with_landed(con)
    draft = replace(draft, built_with=basis.digest, rekeyed_from=lake.digest_of(head))
    build.load_switchboards(con, basis.switchboards)
    with scoring(con, basis.scorer):
        computed = build.full_build(con, lake, basis.catalogue, basis.params)
    commit = replace(draft, tables={**staged, **computed, **ledger_of(head)})
    lake.commit(commit)
    return commit


def _rekeyed(table: str, name: str) -> str:
    """SQL for a column of an append-only table after the rotation."""
    landed = LANDED.get(table.removeprefix("stg_"))
    column = landed.column(name) if landed else None
    if column and column.privacy == "pseudonym":
        return f"cx_rekey({name}) as {name}"
    if name == "record_key" or (column and column.privacy == "id"):
        return f"case when regexp_matches({name}, '{_PSEUDONYM}') then cx_rekey({name}) else {name} end as {name}"
    return name
