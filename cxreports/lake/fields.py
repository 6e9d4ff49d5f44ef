"""`stg_fields`: which fields the records of a source have, delivery by delivery. Appended with a commit, like the records.

One row per field and type of the records of one source that became known at one instant. What intake noted (`new_shapes`,
`new_fields`) is summed up here; what it means is told by `schema_drift`.
"""

from cxreports.lake.engine import Connection

# `n_records` of `n_looked_at` records have the field, with that type; `file_id` and `position` name the first of them.
SCHEMA = {
    "source": "VARCHAR", "field": "VARCHAR", "type": "VARCHAR", "is_read": "BOOLEAN", "n_records": "BIGINT",
    "n_looked_at": "BIGINT", "file_id": "VARCHAR", "position": "BIGINT", "excerpt": "VARCHAR",
    "known_at": "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
SHAPES = "source varchar, file_id varchar, structure_id varchar, n_records bigint, position bigint"
FIELDS = "source varchar, structure_id varchar, field varchar, type varchar, is_read boolean, excerpt varchar"

# The rows to append; a file that is read again for its quarantined records adds none.
NEW = """
    with
    shapes as (  -- how many records of a file have one structure
        select s.source, s.structure_id, s.n_records, s.position, f.file_id, f.path, f.known_at
        from new_shapes as s
        join known_new_files as f on f.source = s.source and f.file_id = s.file_id and f.attempt = 0
    ),
    deliveries as (select source, known_at, sum(n_records)::bigint as n_looked_at from shapes group by source, known_at)
    select
        s.source, f.field, f.type, bool_or(f.is_read) as is_read, sum(s.n_records)::bigint as n_records, d.n_looked_at,
        arg_min(s.file_id, (s.path, s.position)) as file_id, arg_min(s.position, (s.path, s.position)) as position,
        arg_min(f.excerpt, (s.path, s.position)) filter (where f.excerpt is not null) as excerpt, s.known_at
    from shapes as s
    join new_fields as f on f.source = s.source and f.structure_id = s.structure_id
    join deliveries as d on d.source = s.source and d.known_at = s.known_at
    group by s.source, s.known_at, d.n_looked_at, f.field, f.type
    order by s.source, s.known_at, f.field, f.type
"""


def prepare(con: Connection) -> None:
    """Empty tables of what intake noted, where it noted nothing."""
    con.execute(f"create temp table if not exists new_shapes ({SHAPES})")
    con.execute(f"create temp table if not exists new_fields ({FIELDS})")
