"""What arrived: per source and landed table, the newest rows, how many have a value in each column, how many hang on nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from cxreports.definitions.columns import Table
from cxreports.definitions.model import LANDED
from cxreports.lake.engine import rows
from cxreports.lake.view import View


@dataclass(frozen=True)
class Landed:
    """The newest rows of one source in one landed table. `unlinked`: those whose leg or interaction was never loaded (None:
    such rows belong to no leg); they count in no figure. `columns`: rows with a value, for each column that has any."""

    source: str
    table: str
    rows: int
    unlinked: int | None
    columns: Mapping[str, int]


def landed(view: View) -> list[Landed]:
    """One per source and table that has rows; one pass over each table."""
    found = []
    for table in LANDED.values():
        for r in rows(view.con, _counts(table)):
            columns = {c.name: r[f"n_{c.name}"] for c in table.columns if r[f"n_{c.name}"]}
            found.append(Landed(r["source"], table.name, r["n"], r["unlinked"], columns))
    return sorted(found, key=lambda x: x.source)


def _counts(table: Table) -> str:
    counts = ", ".join(f"count(t.{c.name}) as n_{c.name}" for c in table.columns)
    hangs = table.name != "legs" and table.column("leg_id") is not None
    unlinked = "count(*) filter (where l.leg_id is null)" if hangs else "null::bigint"
    join = " left join (select distinct leg_id from core_legs) as l on l.leg_id = t.leg_id" if hangs else ""
    return (
        f"select t.source, count(*) as n, {unlinked} as unlinked, {counts} from core_{table.name} as t{join}"
        " group by t.source order by t.source"
    )
