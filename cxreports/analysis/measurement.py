"""A measurement: one figure with everything a reader must know to believe it. Data only."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

State = Literal["final", "provisional", "insufficient", "not_computable"]
NOT_ELAPSED = "window not elapsed"  # the reason why a metric's body leaves out a unit that still waits
HIDDEN = "hidden so that a small group cannot be worked out"  # the reason of a figure whose numbers are not shown
TOO_YOUNG = "history too short"  # the same for a unit whose window reaches back behind the first data


@dataclass(frozen=True)
class Measurement:
    """One metric over one half-open period of local dates for one group, as known at `as_of` (UTC).

    `value`, `low`, `high` are in the metric's unit (rates from 0 to 1, seconds, counts, points); the interval is 95 %.
    `excluded` counts the units of the population that were not counted, by reason.
    """

    metric: str
    version: int
    period_start: date
    period_end: date
    as_of: datetime
    by: dict[str, str]
    n: int
    num: int | Decimal | None
    den: int | Decimal | None
    value: float | None
    low: float | None
    high: float | None
    state: State
    reason: str = ""
    excluded: dict[str, int] = field(default_factory=dict)
