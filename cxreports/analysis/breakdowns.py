"""The usual breakdowns of a metric's units: those of the interaction that a unit belongs to, joined where they are asked for."""

from collections.abc import Sequence

from cxreports.definitions.breakdowns import INTERACTION_OF, USUAL
from cxreports.lake.engine import Connection, columns_of

_OF_ANOTHER_TABLE = {
    "new_or_repeat": """case
            when r.is_forward then 'forward'
            when r.previous_same_at >= r.started_at - to_days(7) then 'repeat'
            when r.interaction_id is not null and (r.customer_id is null or y.interaction_id is not null) then 'unknown'
            when r.interaction_id is not null then 'new'
        end"""
}
_JOINS = {
    "new_or_repeat": """
        left join out_repeats as r on r.interaction_id = i.interaction_id
        left join (  -- what came before the first week of some source is not known
            select distinct c.interaction_id
            from core_interactions as c
            join (select source, min(started_at) as began_at from core_interactions group by source) as s
                on c.started_at >= s.began_at and c.started_at < s.began_at + to_days(7)
        ) as y on y.interaction_id = i.interaction_id"""
}


def with_usual(con: Connection, units: str, grain: str, wanted: Sequence[str]) -> str:
    """What to select from, to have the wanted breakdowns: the table of units, or a query in brackets.

    A breakdown that the metric's body returns is its own and stays: a case has a queue of its own.
    """
    own = columns_of(con, units)
    joined = [b for b in dict.fromkeys(wanted) if b in USUAL and b not in own]
    if not joined:
        return units
    columns = ", ".join(f"{_OF_ANOTHER_TABLE.get(b, f'i.{b}')} as {b}" for b in joined)
    return f"""(
        select u.*, {columns}
        from {units} as u
        left join ({INTERACTION_OF[grain]}) as o on o.unit_id = u.unit_id
        left join core_interactions as i on i.interaction_id = o.interaction_id{"".join(_JOINS.get(b, "") for b in joined)}
    )"""
