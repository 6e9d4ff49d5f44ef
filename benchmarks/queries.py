"""The heavy steps as SQL, the obvious way and the cheapest way found, and the scans that they are held against.

`legs` has records as delivered, some of them twice; `interactions` has each once. A step and its yardstick read the same columns.
A step that returns rows is wrapped in the sums of its yardstick, so that every column is really made.
"""

from cxreports.definitions.catalogue import read_catalogue
from cxreports.lake.landing import newest_sql

ORDER = "version_at desc nulls last, known_at desc, file_id desc, position desc"
COLUMNS = (
    "source, record_key, leg_id, version_at, known_at, file_id, position, started_at, ended_at, channel, direction, queue, "
    "intent, region, customer_id, wait_ms, talk_ms"
)
NUMBERS = {"position", "wait_ms", "talk_ms"}
INSTANTS = {"version_at", "known_at", "started_at", "ended_at"}

# The product's own statement. Records delivered once, 99 in 100, are told by a 64-bit hash of the key; only the others are
# sorted, and only the few rows that lose are taken out of the whole.
NEWEST = f"select {COLUMNS} from ({newest_sql('legs')})"

NEWEST_OBVIOUS = f"""
select {COLUMNS}
from legs
qualify rank() over (partition by source, record_key order by {ORDER}) = 1
"""

# Windows over whole numbers: a 64-bit hash in place of each text, microseconds in place of instants (adding an interval to an
# instant asks the calendar of the time zone, row by row). Two customers with one hash would be taken for one: the odds are one in
# a million for six million customers, one in ten thousand for sixty million.
REPEATS = """
with

starts as (
    select hash(customer_id) as customer, hash(customer_id, intent) as reason, epoch_us(started_at) as started_us
    from interactions
),

followed as (  -- microseconds until the customer's next start, for any reason and for the same one
    select
        lead(started_us) over (partition by customer order by started_us) - started_us as any_us,
        lead(started_us) over (partition by reason order by started_us) - started_us as same_us
    from starts
)
"""

REPEATS_OBVIOUS = """
with

followed as (
    select
        epoch_us(lead(started_at) over (partition by customer_id order by started_at)) - epoch_us(started_at) as any_us,
        epoch_us(lead(started_at) over (partition by customer_id, intent order by started_at)) - epoch_us(started_at) as same_us
    from interactions
)
"""

WINDOWS = (1, 3, 7, 30)

# The same with the ids of the interactions that followed. The id breaks ties; carrying it, a text, costs more than the sorting.
NEXT_IDS = """
with

starts as (
    select leg_id as interaction_id, hash(customer_id) as customer, hash(customer_id, intent) as reason, started_at
    from interactions
)

select
    interaction_id,
    lead(interaction_id) over any_reason as next_any_id,
    lead(started_at) over any_reason as next_any_at,
    lead(interaction_id) over same_reason as next_same_id,
    lead(started_at) over same_reason as next_same_at
from starts
window
    any_reason as (partition by customer order by started_at, interaction_id),
    same_reason as (partition by reason order by started_at, interaction_id)
"""

NEXT_IDS_OBVIOUS = """
select
    leg_id as interaction_id,
    lead(leg_id) over any_reason as next_any_id,
    lead(started_at) over any_reason as next_any_at,
    lead(leg_id) over same_reason as next_same_id,
    lead(started_at) over same_reason as next_same_at
from interactions
window
    any_reason as (partition by customer_id order by started_at, leg_id),
    same_reason as (partition by customer_id, intent order by started_at, leg_id)
"""

CUBE = """
select started_at::date as day, channel, queue, count(*) as n, sum(wait_ms)::bigint as wait_ms, sum(talk_ms)::bigint as talk_ms
from interactions
group by day, channel, queue
"""


def newest() -> str:
    """SQL of the newest version of every record of `legs`."""
    return f"select * from ({NEWEST})"


def product_repeats() -> str:
    """The rows of sql/outcomes/out_repeats.sql over `interactions`, nobody's number shared, with its parameters written in."""
    definition = read_catalogue().tables["out_repeats"]
    body = definition.sql
    for name, value in definition.header.params.items():
        body = body.replace(f"${name}", str(value))
    return f"""
        with core_interactions as (
            select
                leg_id as interaction_id, started_at::date as occurred_on, started_at, ended_at, channel, intent,
                true as is_answered,
                customer_id as account_key, null::varchar as email_key, null::varchar as phone_key, null::varchar as cookie_key,
                null::varchar as excluded_as
            from interactions
        ),
        core_identities as (select null::varchar as identifier, null::varchar as customer_id where false)
        select * from ({body})
    """


def consumed(column: str) -> str:
    """Aggregates of the column; beside those of an instant none can be answered from the statistics that Parquet keeps."""
    if column in NUMBERS:
        return f"sum({column})::bigint"
    return f"bit_xor(epoch_us({column}))" if column in INSTANTS else f"min({column}), max({column})"


def scan(columns: str, rows: str) -> str:
    """Read those columns and nothing more."""
    return f"select count(*), {', '.join(consumed(name) for name in columns.split(', '))} from {rows}"


def shares(followed: str) -> str:
    """How many came back within each window, for any reason and for the same one."""
    day_us = 86_400_000_000
    counts = [f"count(*) filter ({reason}_us <= {days * day_us})" for reason in ("any", "same") for days in WINDOWS]
    return f"{followed} select count(*), {', '.join(counts)} from followed"


def digest(rows: str) -> str:
    """One row that depends on every cell of the next ids, whatever the order."""
    cells = "interaction_id, next_any_id, next_any_at, next_same_id, next_same_at"
    return f"select count(*), sum(hash({cells}) % 1000003)::bigint from ({rows})"


def total(rows: str) -> str:
    """One row that sums the cube."""
    return f"select count(*), sum(n)::bigint, sum(wait_ms)::bigint, sum(talk_ms)::bigint, max(day), max(queue) from ({rows})"


# figure → (what it is held against, the cheapest way, the obvious way; empty: there is no other)
FIGURES = {
    "newest version per record": (
        scan(COLUMNS, "legs"),
        scan(COLUMNS, f"({NEWEST})"),
        scan(COLUMNS, f"({NEWEST_OBVIOUS})"),
    ),
    "repeat contact, 1/3/7/30 days": (
        scan("customer_id, intent, started_at", "interactions"),
        shares(REPEATS),
        shares(REPEATS_OBVIOUS),
    ),
    "next interactions, with ids": (
        scan("leg_id, customer_id, intent, started_at", "interactions"),
        digest(NEXT_IDS),
        digest(NEXT_IDS_OBVIOUS),
    ),
    "out_repeats, forwards and horizon too": (
        scan("leg_id, customer_id, intent, channel, started_at, ended_at", "interactions"),
        f"select count(*), sum(hash(interaction_id, is_forward, next_same_id, next_any_id, previous_same_at) % 1000003)::bigint "
        f"from ({product_repeats()})",
        "",
    ),
    "daily cube by channel × queue": (
        scan("started_at, channel, queue, wait_ms, talk_ms", "interactions"),
        total(CUBE),
        "",
    ),
}
