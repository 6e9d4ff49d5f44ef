"""A made-up contact centre of any size: legs as the lake holds them.  The same rows and seed give the same world.

Randomness is a hash of the row's number, so a hundred million rows need no loop. Every fifth interaction follows an earlier one
of the same customer for the same reason within days; customers are skewed; one record in a hundred was delivered twice or more.
Does not try to look like people: `data/generator` does that.
"""

from pathlib import Path

import duckdb

FIRST_DAY = "2024-10-01"
CUSTOMERS_PER_ROW = 0.6

SQL = """
with

numbers as (  -- one interaction; u_… are even in [0, 1)
    select
        i,
        hash(i, 'follows', $seed) % 5 = 0 and i > 100 as follows,
        i - case when follows then 1 + (hash(i, 'back', $seed) % 100)::bigint else 0 end as cause,
        hash(i, 'delay', $seed) / 18446744073709551616.0 as u_delay,
        hash(i, 'wait', $seed) / 18446744073709551616.0 as u_wait,
        hash(i, 'talk', $seed) / 18446744073709551616.0 as u_talk,
        hash(i, 'again', $seed) / 18446744073709551616.0 as u_again,
        hash(cause, 'customer', $seed) / 18446744073709551616.0 as u_customer,
        hash(cause, 'intent', $seed) / 18446744073709551616.0 as u_intent,
        hash(i, 'channel', $seed) % 20 as channel_no,
        hash(i, 'queue', $seed) % 12 as queue_no
    from range($rows) as t(i)
),

interactions as (
    select
        *,
        $first_day::timestamptz + to_microseconds(
            cause * ($days * 86400000000 // $rows) + case when follows then (86400e6 * 12 * u_delay * u_delay)::bigint else 0 end
        ) as started_at,
        (4000 + 600000 * u_talk * u_talk)::bigint as talk_ms,
        (120000 * u_wait * u_wait * u_wait)::bigint as wait_ms,
        (u_customer * u_customer * $rows * $customers_per_row)::bigint as customer_no
    from numbers
),

versions as (  -- a record as one file delivered it
    select i.*, v as version_no
    from interactions as i, range(4) as t(v)
    where v = 0 or ($again and u_again < 0.01 / power(8, v - 1))
)

select
    'connect' as source,
    lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || '-' || lpad(to_hex(i), 10, '0') as record_key,
    record_key as leg_id,
    started_at + to_milliseconds(talk_ms) + to_hours(version_no // 2 * 5) as version_at,
    date_trunc('day', started_at) + to_hours(28) + to_days(version_no * (i % 2)) as known_at,
    md5(date_trunc('day', known_at)::varchar) as file_id,
    i + 1 + version_no * $rows as position,
    started_at,
    started_at + to_milliseconds(wait_ms + talk_ms) as ended_at,
    case when channel_no < 11 then 'voice' when channel_no < 16 then 'chat' when channel_no < 19 then 'messaging' else 'email'
        end as channel,
    case when channel_no % 10 = 7 then 'outbound' else 'inbound' end as direction,
    'queue ' || lpad(queue_no::varchar, 2, '0') as queue,
    'intent ' || lpad((40 * u_intent * u_intent)::int::varchar, 2, '0') as intent,
    'region ' || (customer_no % 7) as region,
    'k_' || lpad(to_hex(hash(customer_no, $seed)), 16, '0') as customer_id,
    wait_ms,
    talk_ms + version_no as talk_ms
from versions
order by known_at, position
"""


def make(rows: int, folder: Path, again: bool = True, days: int = 730, seed: int = 7) -> Path:
    """Write the world to one Parquet file in `folder`, in order of arrival. `again`: with what was delivered again."""
    path = folder / f"{'legs' if again else 'interactions'}.parquet"
    params = {
        "rows": rows,
        "seed": seed,
        "again": again,
        "days": days,
        "first_day": FIRST_DAY,
        "customers_per_row": CUSTOMERS_PER_ROW,
    }
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        con.execute(f"copy ({SQL}) to '{path}' (format parquet, compression zstd)", params)
    return path
