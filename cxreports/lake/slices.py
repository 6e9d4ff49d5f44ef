"""A long history, computed slice by slice: some statements hold all they group in memory, and a first load may be years.

Chains of legs are whole in one slice, with what hangs on their legs; later customers are, with their interactions. So the rows
of all slices together are those of one statement over everything (tests/test_slices.py). `n_slices` 1 cuts nothing.
"""

from collections.abc import Mapping, Sequence

from cxreports.definitions.catalogue import ComputedTable
from cxreports.definitions.definition import Scalar
from cxreports.lake.engine import Connection, create, one

MOST_LEGS = 200_000  # of a slice, about 2 kB each while they are rolled up
MOST_INTERACTIONS = 400_000  # of a slice, about 1 kB each while customers are followed
MOST_IDENTIFIED = 2_000_000  # of a slice, about 100 bytes each while their identifiers are counted

_IDENTIFIERS = ("email_key", "phone_key", "cookie_key")
# Interactions with the slice of their customer; who that is, out_repeats tells in the same order: account, e-mail, phone, cookie.
_BY_CUSTOMER = """
    with
    sightings as (
        select interaction_id, 1 as rank, email_key as identifier from core_interactions
        where account_key is null and email_key is not null
        union all
        select interaction_id, 2, phone_key from core_interactions where account_key is null and phone_key is not null
        union all
        select interaction_id, 3, cookie_key from core_interactions where account_key is null and cookie_key is not null
    ),
    known as (
        select s.interaction_id, min_by(hash(i.customer_id), s.rank) as customer_hash
        from sightings as s
        join core_identities as i on i.identifier = s.identifier
        where i.customer_id is not null
        group by s.interaction_id
    )
    select i.*, coalesce(hash(i.account_key), k.customer_hash, hash(i.interaction_id)) % {n} as slice_no
    from core_interactions as i
    left join known as k on k.interaction_id = i.interaction_id
    order by slice_no
"""


def slices_for(con: Connection, table: str, most: int) -> int:
    """Into how many slices of at most about so many rows the table goes."""
    row = one(con, f"select count(*) from {table}")
    return max(1, -(-int(row[0]) // most)) if row else 1


def cut_chains(con: Connection, n_slices: int, legs: str, on_legs: Mapping[str, str]) -> None:
    """`core_legs` and the tables that hang on it, in the order of their slices. SQL for the legs, and for each of the others."""
    of_chain = f"hash(coalesce(root_id, leg_id)) % {n_slices}"
    create(con, "sliced_legs", f"select *, {of_chain} as slice_no from ({legs}) order by slice_no")
    for name, rows in on_legs.items():
        create(
            con,
            f"sliced_{name}",
            f"select s.*, l.slice_no from ({rows}) as s left join sliced_legs as l on l.leg_id = s.leg_id order by l.slice_no",
        )
    _show(con, ["legs", *on_legs])


def compute_identities(con: Connection, n_slices: int, table: ComputedTable, params: Mapping[str, Scalar]) -> None:
    """`core_identities`, each identifier in one slice: `core_interactions` shows in turn only those of one."""
    con.execute("alter table core_interactions rename to all_identified")
    for slice_no in range(n_slices):
        shown = ", ".join(f"case when hash({key}) % {n_slices} = {slice_no} then {key} end as {key}" for key in _IDENTIFIERS)
        con.execute(f"create or replace temp view core_interactions as select * replace ({shown}) from all_identified")
        compute(con, [table], params)
        _append(con, table)
    con.execute("drop view core_interactions")
    con.execute("alter table all_identified rename to core_interactions")
    _settle(con, table)


def cut_customers(con: Connection, n_slices: int) -> None:
    """`core_interactions` in the order of their customers' slices. Reads `core_identities`."""
    create(con, "sliced_interactions", _BY_CUSTOMER.format(n=n_slices))
    con.execute("drop table core_interactions")
    _show(con, ["interactions"])


def compute(con: Connection, tables: Sequence[ComputedTable], params: Mapping[str, Scalar]) -> None:
    """Those tables in order, each from everything."""
    for t in tables:
        create(con, t.name, t.sql, {**t.header.params, **params})


def compute_by_slice(
    con: Connection, n_slices: int, cut: Sequence[str], tables: Sequence[ComputedTable], params: Mapping[str, Scalar]
) -> None:
    """Those tables, each from the slices of what was `cut` and of those before it."""
    for slice_no in range(n_slices):
        _show(con, cut, slice_no)
        compute(con, tables, params)
        for t in tables:
            _append(con, t)
    _show(con, cut)
    for t in tables:
        _settle(con, t)


def _append(con: Connection, table: ComputedTable) -> None:
    con.execute(f"create temp table if not exists whole_{table.name} as from {table.name} limit 0")
    con.execute(f"insert into whole_{table.name} from {table.name}")


def _settle(con: Connection, table: ComputedTable) -> None:
    """The rows of all slices under the table's own name."""
    con.execute(f"drop table {table.name}")
    con.execute(f"alter table whole_{table.name} rename to {table.name}")


def _show(con: Connection, names: Sequence[str], slice_no: int | None = None) -> None:
    """`core_<name>`: the rows of that slice, or all."""
    for name in names:
        rows = f"where slice_no = {slice_no}" if slice_no is not None else ""
        con.execute(f"create or replace temp view core_{name} as select * exclude (slice_no) from sliced_{name} {rows}")
