"""A metric's units as they are followed: from a table of its rows to arrays, and back to nowcasts by group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from cxreports.analysis.buckets import EPOCH, bucket, key_sql
from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.measurement import NOT_ELAPSED
from cxreports.analysis.nowcast import DAY_MS, NEVER, Followed, Nowcast, fit, nowcast
from cxreports.errors import DefinitionError, QuestionError
from cxreports.lake.engine import Connection, rows, run

if TYPE_CHECKING:
    from cxreports.analysis.measure import Measurer

STRATA = ("channel", "intent")
COLUMNS = ("followed_from_at", "matures_at", "event_at", "num_if_event", "num_if_none")
_COUNTED = f"(excluded is null or excluded = '{NOT_ELAPSED}') and followed_from_at is not null"
_ROWS = """
select
    (occurred_on - date '1970-01-01')::bigint as day,
    epoch_ms(followed_from_at) as began,
    coalesce(epoch_ms(event_at), {never}) as event,
    num_if_none::bigint as base,
    (num_if_event - num_if_none)::bigint as turn,
    dense_rank() over (order by channel nulls first, intent nulls first) - 1 as stratum,
    dense_rank() over (order by channel nulls first) - 1 as channel,
    dense_rank() over (order by {order}) - 1 as group_no,
    dense_rank() over (order by coalesce(cluster_id, unit_id)) - 1 as cluster,
    epoch_ms(matures_at) - epoch_ms(followed_from_at) as lasts
from {units}
where {counted}
order by began, unit_id
"""


@dataclass(frozen=True)
class GroupNowcast:
    """The nowcast of one group over one half-open period of local dates, as known at the horizon."""

    metric: str
    period_start: date
    period_end: date
    horizon: datetime
    by: dict[str, str]
    nowcast: Nowcast


def is_followed(m: "Measurer", name: str) -> bool:
    """Whether the metric says what its units wait for."""
    return bool(m.catalogue.metric(name, m.settings.variants)[0].header.awaits)


def need_awaits(m: "Measurer", name: str) -> None:
    """QuestionError where the metric's units wait for nothing."""
    if not is_followed(m, name):
        offered = ", ".join(n for n in m.catalogue.names(m.settings.variants) if is_followed(m, n))
        raise QuestionError(f"'{name}' waits for nothing that could be foreseen; a nowcast exists for {offered}")


def followed(con: Connection, units: str, keys: Sequence[str] = ()) -> Followed:
    """The units of a metric's rows, every day's, numbered by the group that the SQL expressions `keys` put them into."""
    order = ", ".join(keys) or "1"
    found = run(con, _ROWS.format(units=units, counted=_COUNTED, order=order, never=NEVER)).fetchnumpy()
    columns = {name: np.ma.getdata(values).astype(np.int64) for name, values in found.items()}
    lasts, turn = columns.pop("lasts"), columns["turn"]
    if len(set(lasts.tolist())) > 1 or (turn.min(initial=0) < 0 < turn.max(initial=0)):
        raise DefinitionError(
            "sql/metrics: where units await something, all have one window, and their events count in one direction"
        )
    return Followed(**columns | {"group": columns.pop("group_no")}, window=int(lasts[0]) if len(lasts) else DAY_MS)


def nowcasts(m: "Measurer", name: str, by: Sequence[str], start: date, end: date) -> list[GroupNowcast]:
    """The nowcast of the metric (or variant) over start <= day < end, one per group that has units, ordered by group."""
    need_awaits(m, name)
    if m.missing(name):
        return []
    units = m.units(name, [*by, *STRATA])
    keys = [key_sql(b) for b in by]
    named = ", ".join(f"{k} as g{i}" for i, k in enumerate(keys)) or "1 as g0"
    groups = rows(m.view.con, f"select distinct {named} from {units} where {_COUNTED} order by all")
    f, horizon = followed(m.view.con, units, keys), m.observed_until
    fitted = fit(f, int(horizon.timestamp() * 1000))
    inside = (f.day >= (start - EPOCH).days) & (f.day < (end - EPOCH).days)
    out = []
    for number in np.unique(f.group[inside]).tolist():
        label = {b: str(groups[number][f"g{i}"]) for i, b in enumerate(by)}
        first, last = bucket(label, start, end)
        out.append(GroupNowcast(name, first, last, horizon, label, _shown(nowcast(fitted, inside & (f.group == number)))))
    return out


def _shown(found: Nowcast) -> Nowcast:
    """Without its value where a figure of so few units would not be shown, either."""
    if found.n >= HIDDEN_BELOW:
        return found
    return replace(found, value=None, low=None, high=None, reason=f"fewer than {HIDDEN_BELOW} units")
