"""What a day's new records can change: the chains they belong to, the customers behind them, and nothing else.

The tables left behind: `scope_chains` (interaction_id) whose legs are rolled up anew; `scope_interactions` (interaction_id)
and `scope_entities` (entity) whose outcomes are computed anew. A first or full build has everything in scope.
"""

from collections.abc import Sequence

from cxreports.definitions.model import LANDED
from cxreports.lake.engine import Connection, create
from cxreports.lake.landing import NEWEST_FIRST, newest_sql

_TOKENS = ("email_key", "phone_key", "cookie_key")


def changed_chains(con: Connection, on_legs: Sequence[str]) -> None:
    """Chains of the fresh records: of every version of their legs, and of every leg that their rows of `on_legs` name."""
    create(con, "fresh_keys", "select distinct source, record_key from fresh_records")
    if "cases" in on_legs:
        create(con, "case_legs", f"select case_id, min(leg_id) as leg_id from ({newest_sql('stg_cases')}) group by case_id")
    named = " union ".join(
        f"select {leg} as leg_id from stg_{t} as s {join}"
        " semi join fresh_keys as f on f.source = s.source and f.record_key = s.record_key"
        for t in on_legs
        for leg, join in [_leg_of(t)]
    )
    create(
        con,
        "scope_chains",
        f"""
        select coalesce(l.root_id, l.leg_id) as interaction_id
        from stg_legs as l
        semi join fresh_keys as f on f.source = l.source and f.record_key = l.record_key
        union
        select coalesce(l.root_id, l.leg_id) from stg_legs as l semi join ({named}) as n on n.leg_id = l.leg_id
        """,
    )


def _leg_of(table: str) -> tuple[str, str]:
    """The leg on which a row `s` of the landed table hangs, and what to join to know it: an event may name its case only."""
    if table != "cases" and LANDED[table].column("case_id"):
        return "coalesce(s.leg_id, k.leg_id)", "left join case_legs as k on k.case_id = s.case_id"
    return "s.leg_id", ""


def newest_rows(con: Connection, table: str, chains: str) -> None:
    """`core_<table>`: the newest version of the records of those chains' legs (`chains`: a table of interaction_id)."""
    link = "coalesce(s.root_id, s.leg_id)" if table == "legs" else "coalesce(l.root_id, l.leg_id)"
    leg, case = _leg_of(table)
    join = "" if table == "legs" else f"{case} join core_legs as l on l.leg_id = {leg}"
    create(
        con,
        f"core_{table}",
        f"""
        with
        touched as (  -- records any of whose versions belongs to the chains
            select distinct s.source, s.record_key from stg_{table} as s {join}
            semi join {chains} as c on c.interaction_id = {link}
        ),
        versions as (
            select s.*, dense_rank() over (
                partition by s.source, s.record_key
                order by {NEWEST_FIRST}
            ) as version_no
            from stg_{table} as s
            semi join touched as t on t.source = s.source and t.record_key = s.record_key
        )
        select s.* exclude (version_no)
        from versions as s {join}
        semi join {chains} as c on c.interaction_id = {link}
        where s.version_no = 1
        """,
    )


def widen_to_customers(con: Connection) -> None:
    """From the chains that changed to every interaction whose customer or repeat can change.

    Reads `all_interactions` (after the change), `old_interactions` (the stored rows of the scope) and `old_customers` (stored).
    An identifier seen on a changed interaction may now stand for another customer; so may those seen together with it.
    """
    create(con, "touched", "from old_interactions union all by name from new_core_interactions")
    create(con, "tokens_1", _tokens_of("touched", with_accounts=True))
    create(con, "neighbours", _sharing("tokens_1"))
    create(con, "tokens_2", _tokens_of("neighbours", with_accounts=False))
    create(con, "identity_evidence", _sharing("tokens_2") + " union select * from neighbours")


def customers(prefix: str = "") -> str:
    """SQL: whose each interaction is, sessions included."""
    columns = "interaction_id, customer_or_interaction"
    return f"select {columns} from {prefix}out_repeats union all select {columns} from {prefix}out_sessions"


def settle_interactions(con: Connection) -> None:
    """`scope_entities` and `scope_interactions`: the neighbours, and all that their customers (as named before, and now) have.

    Reads `out_repeats` and `out_sessions` as computed over `identity_evidence`, which names the neighbours' customers rightly.
    """
    create(con, "centre", "select interaction_id from neighbours union select interaction_id from scope_chains")
    create(
        con,
        "scope_entities",
        f"""
        select customer_or_interaction as entity from ({customers()}) semi join centre using (interaction_id)
        union
        select customer_or_interaction from old_customers semi join centre using (interaction_id)
        union
        select interaction_id from scope_chains
        """,
    )
    create(
        con,
        "scope_interactions",
        """
        select interaction_id from centre
        union
        select o.interaction_id from old_customers as o semi join scope_entities as e on e.entity = o.customer_or_interaction
        """,
    )


def identity_evidence_of_scope(con: Connection) -> None:
    """`identity_evidence`: every interaction that says something about the identifiers within `scope_interactions`."""
    create(con, "scoped", "select * from all_interactions semi join scope_interactions using (interaction_id)")
    create(con, "tokens_3", _tokens_of("scoped", with_accounts=False))
    create(con, "identity_evidence", _sharing("tokens_3") + " union select * from scoped")


def _tokens_of(table: str, with_accounts: bool) -> str:
    names = (*_TOKENS, "account_key") if with_accounts else _TOKENS
    return " union ".join(f"select {name} as token from {table} where {name} is not null" for name in names)


def _sharing(tokens: str) -> str:
    """Interactions that carry one of those tokens."""
    names = (*_TOKENS, "account_key")
    return " union ".join(
        f"select i.* from all_interactions as i semi join {tokens} as t on t.token = i.{name}" for name in names
    )
