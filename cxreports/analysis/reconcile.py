"""What should have come: files by the calendar, and another system's own totals beside what was loaded. As known at an instant.

Nothing is missing before its lateness has passed. Whether records are well formed is the accounts' business, not this module's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from cxreports.analysis.quantities import MEASURED, rows_sql
from cxreports.lake.engine import rows
from cxreports.lake.view import View
from cxreports.settings import ControlSettings, ExpectSettings, Settings, SourceSettings
from cxreports.zones import midnight

State = Literal["agrees", "differs", "too_early", "not_known"]
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Gap:
    """One hour or day of which no file was delivered. Half-open, UTC; `day` is its local day."""

    source: str
    every: str
    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Control:
    """One total of another system over local days [start_on, end_on), and the same of what was loaded; times are in seconds.

    `received` is None where rows were loaded and none of them tells the quantity. `difference` is received less expected.
    """

    source: str
    totals: str
    measure: str
    quantity: str
    start_on: date
    end_on: date
    channel: str | None
    queue: str | None
    expected: Decimal
    received: Decimal | None
    difference: Decimal | None
    state: State

    @property
    def is_wrong(self) -> bool:
        """It could be compared, or should have been, and does not agree."""
        return self.state in ("differs", "not_known")


@dataclass(frozen=True)
class Reconciliation:
    """Gaps and controls, in the order of sources and time."""

    gaps: tuple[Gap, ...]
    controls: tuple[Control, ...]

    @property
    def is_whole(self) -> bool:
        """Nothing is missing, and every total that can be compared agrees."""
        return not self.gaps and not any(c.is_wrong for c in self.controls)


def reconcile(
    view: View, settings: Settings, source: str | None = None, start: date | None = None, end: date | None = None
) -> Reconciliation:
    """Of one source or all, over local days [start, end); without them over all that was expected until the view's instant."""
    names = [name for name in settings.sources if source in (None, name)]
    zone = settings.project.zone
    gaps = [gap for name in names for gap in _gaps(view, name, settings.sources[name], zone, start, end)]
    controls = [c for name in names for c in _controls(view, name, settings, start or date.min, end or date.max)]
    return Reconciliation(tuple(gaps), tuple(controls))


def slots(expect: ExpectSettings, zone: ZoneInfo, start: date, end: date) -> Iterator[tuple[date, datetime, datetime]]:
    """The hours (of UTC) or local days of [start, end) of which a file is expected: local day, begin, end.

    A local day has 23 to 25 hours. An hour that a local midnight divides belongs to the day in which it begins.
    """
    for n in range((end - max(start, expect.first)).days):
        day = max(start, expect.first) + timedelta(days=n)
        if day in expect.closed_days or f"{day:%A}".lower() in expect.closed_weekdays:
            continue
        begin, until = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        if expect.every == "day":
            yield day, begin, until
            continue
        hour = begin.replace(minute=0, second=0)
        hour += HOUR if hour < begin else timedelta()
        while hour < until:
            yield day, hour, hour + HOUR
            hour += HOUR


def _gaps(view: View, name: str, source: SourceSettings, zone: ZoneInfo, start: date | None, end: date | None) -> Iterator[Gap]:
    expect = source.expect
    if expect is None:
        return
    due = view.as_of - timedelta(hours=expect.max_lateness_hours)
    last = due.astimezone(zone).date() + timedelta(days=1)
    until = min(end or last, last, source.ended + timedelta(days=1) if source.ended else last)
    delivered = {_slot_of(hour, source, expect.every, zone) for hour in _delivered(view, name)}
    for day, begin, stop in slots(expect, zone, start or expect.first, until):
        if stop <= due and (begin if expect.every == "hour" else day) not in delivered:
            yield Gap(name, expect.every, day, begin, stop)


def _delivered(view: View, name: str) -> set[datetime]:
    """The hours in which files of the source were delivered, copies among them: an hour without a contact may repeat the last."""
    found = rows(
        view.con,
        """select distinct date_trunc('hour', delivered_at) as hour
           from (
               select source, delivered_at from stg_files union all select source, delivered_at from stg_objects
           )
           where source = $source and delivered_at is not null
           order by hour""",
        {"source": name},
    )
    return {r["hour"].astimezone(UTC) for r in found}


def _slot_of(hour: datetime, source: SourceSettings, every: str, zone: ZoneInfo) -> datetime | date:
    """The hour or local day that a delivery belongs to. A path that names no hour names a date: it is taken as the local day."""
    if every == "hour":
        return hour
    return hour.astimezone(zone).date() if "%H" in (source.delivered or "") else hour.date()


def _controls(view: View, name: str, settings: Settings, start: date, end: date) -> Iterator[Control]:
    source, zone = settings.sources[name], settings.project.zone
    if source.control is None:
        return
    lateness = timedelta(hours=source.expect.max_lateness_hours if source.expect else 24 * settings.project.settle_days)
    for measure, quantity in source.control.measures.items():
        measured = MEASURED[quantity]
        sql = _CONTROLS.format(rows=rows_sql(measured))
        given = {
            "source": name,
            "totals": source.control.totals,
            "measure": measure,
            "zone": str(zone),
            "start": start,
            "end": end,
        }
        for r in rows(view.con, sql, given):
            is_early = midnight(r["end_on"], zone) + lateness > view.as_of
            yield _control(r, name, source.control, (measure, quantity), measured.divisor, is_early)


# Rows of the source that belong to the period of each total, limited to its channel and queue where it has them.
_CONTROLS = """
    with
    totals as (
        select count_id, start_on, coalesce(end_on, start_on + 1) as end_on, channel, queue, n
        from core_period_counts
        where source = $totals and measure = $measure and start_on >= $start::date and start_on < $end::date
    ),
    units as ({rows})
    select
        t.start_on, t.end_on, t.channel, t.queue, t.n as expected, count(u.began_on) as n_rows, sum(u.quantity) as received
    from totals as t
    left join units as u
        on u.began_on >= t.start_on and u.began_on < t.end_on
        and (t.channel is null or u.channel = t.channel) and (t.queue is null or u.queue = t.queue)
    group by t.count_id, t.start_on, t.end_on, t.channel, t.queue, t.n
    order by t.start_on, t.end_on, t.channel nulls first, t.queue nulls first, t.count_id
"""


def _control(
    r: Mapping[str, object], name: str, control: ControlSettings, asked: tuple[str, str], divisor: int, is_early: bool
) -> Control:
    sums = r["received"] if r["received"] is not None or r["n_rows"] else 0  # no row at all: nothing was received
    received = None if sums is None else Decimal(str(sums)) / divisor
    expected = Decimal(str(r["expected"]))
    difference = None if received is None else received - expected
    state: State = "not_known" if difference is None else "agrees" if abs(difference) <= control.tolerance else "differs"
    days = {"start_on": r["start_on"], "end_on": r["end_on"], "channel": r["channel"], "queue": r["queue"]}
    return Control(
        name, control.totals, *asked, **days, expected=expected, received=received, difference=difference,  # type: ignore[arg-type]
        state="too_early" if is_early else state,
    )  # fmt: skip
