"""How a source's records have changed since its first delivery: fields that are new, have another type, or no longer come.

Read from `stg_fields` as the view knows it. The first delivery of a source is what later ones are held against; what an adapter
or a mapping reads is no news when it comes later than that (many fields are rare), but is when it stays away.
"""

from cxreports.lake.engine import rows
from cxreports.lake.view import View

Change = dict[str, object]  # source, what (new, type, gone), field, type, before, is_read, n_records, file, position, excerpt, at

_CHANGES = """
    with
    deliveries as (select distinct source, known_at, n_looked_at from stg_fields),
    reaches as (
        select source, min(known_at) as first_at, max(known_at) as last_at from deliveries group by source
    ),
    fields as (  -- one row per field, with how many of the records delivered while it came had it
        select
            f.source, f.field, bool_or(f.is_read) as is_read, sum(f.n_records)::bigint as n_records,
            min(f.known_at) as first_at, max(f.known_at) as last_at,
            string_agg(distinct f.type, ' or ' order by f.type) filter (where f.type <> 'empty') as type,
            arg_min(f.file_id, (f.known_at, f.file_id)) as file_id, arg_min(f.position, (f.known_at, f.file_id)) as position,
            arg_min(f.excerpt, (f.known_at, f.file_id)) filter (where f.excerpt is not null) as excerpt
        from stg_fields as f
        group by f.source, f.field
    ),
    new_fields as (
        select f.source, 'new' as what, f.field, f.type, null as before, f.is_read, f.n_records, f.file_id, f.position, f.excerpt,
            f.first_at as at
        from fields as f
        join reaches as r on r.source = f.source and f.first_at > r.first_at
        where not f.is_read
    ),
    types as (  -- one row per type that a field had
        select
            source, field, type, bool_or(is_read) as is_read, sum(n_records)::bigint as n_records, min(known_at) as first_at,
            arg_min(file_id, (known_at, file_id)) as file_id, arg_min(position, (known_at, file_id)) as position,
            arg_min(excerpt, (known_at, file_id)) filter (where excerpt is not null) as excerpt
        from stg_fields
        where type not in ('empty', 'list of empty')
        group by source, field, type
    ),
    changed_types as (
        select t.source, 'type' as what, t.field, t.type, string_agg(b.type, ' or ' order by b.type) as before, t.is_read,
            t.n_records, t.file_id, t.position, t.excerpt, t.first_at as at
        from types as t
        join types as b on b.source = t.source and b.field = t.field and b.first_at < t.first_at
        where not (t.type like 'list%' and b.type = 'list') and not (t.type = 'list' and b.type like 'list%')
        group by all
    ),
    gone_fields as (  -- every record had it from the first delivery on, and none of the last
        select f.source, 'gone' as what, f.field, f.type, null as before, f.is_read, since.n_records, null as file_id,
            null as position, null as excerpt, since.at
        from fields as f
        join reaches as r on r.source = f.source and f.first_at = r.first_at and f.last_at < r.last_at
        join lateral (
            select
                sum(d.n_looked_at) filter (where d.known_at <= f.last_at) as n_before,
                sum(d.n_looked_at) filter (where d.known_at > f.last_at)::bigint as n_records,
                min(d.known_at) filter (where d.known_at > f.last_at) as at
            from deliveries as d where d.source = f.source
        ) as since on since.n_before = f.n_records
    ),
    changes as (from new_fields union all by name from changed_types union all by name from gone_fields)
    select c.* exclude (file_id), f.path as file
    from changes as c
    left join stg_files as f on f.source = c.source and f.file_id = c.file_id
    order by c.at desc, c.source, c.what, c.field, c.type
"""


def changes(view: View) -> list[Change]:
    """Every change, the newest first. What stands below a field that is itself new or gone is left out.

    `n_records`: how many records have had the new field or type; of a field that is gone, how many came without it.
    """
    found = rows(view.con, _CHANGES)
    told = {(c["source"], c["what"], c["field"]) for c in found if c["what"] != "type"}
    return [c for c in found if not any((c["source"], c["what"], above) in told for above in _above(str(c["field"])))]


def _above(field: str) -> list[str]:
    """The objects and lists that a field stands in: a and a[].b of a[].b.c."""
    parts = field.split(".")
    return [".".join(parts[:n]).removesuffix("[]") for n in range(1, len(parts))]
