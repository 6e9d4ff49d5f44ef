"""Flow identities: offered = answered + abandoned + flowed out + callback + in progress, queue by queue.

What fits none or several is the residual, listed row by row. Counts what was landed; estimates nothing. One unit is one offer: a
leg on the customer's path that entered a queue. An overflow is therefore offered twice, to two queues. Where a source keeps queue
and person apart, the person's leg that follows without a queue of its own answers the offer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cxreports.analysis.buckets import check_period
from cxreports.analysis.measure import Measurer
from cxreports.errors import QuestionError, did_you_mean
from cxreports.lake.engine import create, rows

OUTCOMES = ("answered", "abandoned", "flowed_out", "callback", "in_progress")
COLUMNS = ("offered", *OUTCOMES, "residual")
BY = ("day", "queue", "channel", "source")

_OFFERS = """
with

path_legs as (  -- the customer's own way, in order; a call back is made later, and is no next step of the wait
    select l.*, i.interaction_id, i.channel as interaction_channel
    from core_legs as l
    join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
    where i.excluded_as is null and coalesce(l.initiation, 'customer') not in ('monitor', 'survey', 'consult', 'callback')
),

steps as (
    select
        *,
        lead(leg_id) over along as next_id,
        lead(enqueued_at) over along as next_enqueued_at,
        lead(answered_at) over along as next_answered_at
    from path_legs
    window along as (partition by interaction_id order by started_at, leg_id <> interaction_id, leg_id)
),

answers as (  -- the offer's own answer, else that of the person's leg behind it
    select
        *,
        coalesce(answered_at, case when next_enqueued_at is null then next_answered_at end) as taken_at,
        next_id is not null or coalesce(is_transferred, false) as goes_on
    from steps
    where enqueued_at is not null
),

offers as (  -- with every outcome that fits
    select
        *,
        list_filter(
            [
                case when taken_at is not null then 'answered' end,
                case
                    when is_abandoned then 'abandoned'
                    when is_abandoned is null and ended_at is not null and taken_at is null and not goes_on
                        and not coalesce(is_callback_requested, false) then 'abandoned'
                end,
                case when taken_at is null and goes_on then 'flowed_out' end,
                case when is_callback_requested then 'callback' end,
                case
                    when ended_at is null and taken_at is null and not goes_on and not coalesce(is_callback_requested, false)
                        and not coalesce(is_abandoned, false) then 'in_progress'
                end
            ],
            lambda outcome: outcome is not null
        ) as fits
    from answers
),

judged as (
    select
        *,
        case
            when ended_at < enqueued_at then 'ended before it was offered'
            when answered_at < enqueued_at then 'answered before it was offered'
            when answered_at > ended_at then 'answered after it ended'
            when len(fits) = 0 then 'ended without an answer, and is said not to be abandoned'
            when len(fits) > 1 then array_to_string(fits, ' and ')
        end as residual
    from offers
)

select
    source,
    leg_id,
    interaction_id,
    file_id,
    position,
    local_date(enqueued_at, $timezone)::varchar as day,
    coalesce(queue, 'not given') as queue,
    coalesce(channel, interaction_channel, 'not given') as channel,
    case when residual is null then fits[1] end as outcome,
    residual
from judged
order by source, leg_id
"""


@dataclass(frozen=True)
class Flow:
    """Offers of one group by what became of them."""

    by: Mapping[str, str]
    offered: int
    answered: int
    abandoned: int
    flowed_out: int
    callback: int
    in_progress: int
    residual: int


@dataclass(frozen=True)
class Residual:
    """An offer that fits none of the outcomes, or several: where its record stands, and why."""

    source: str
    file: str
    position: int
    leg_id: str
    day: str
    queue: str
    why: str


@dataclass(frozen=True)
class Flows:
    """The identity per group, what does not fit it, and the sources that do not say what became of their offers."""

    groups: tuple[Flow, ...]
    residual: tuple[Residual, ...]
    not_measurable: Mapping[str, int]


def flows(m: Measurer, by: Sequence[str], start: date, end: date) -> Flows:
    """Offers of start <= local day of entering the queue < end, by some of `BY`; all groups and rows in order."""
    if faults := [f"flow cannot be broken down by '{b}'; {did_you_mean(b, BY)}" for b in by if b not in BY]:
        raise QuestionError(faults)
    check_period(start, end)
    create(m.view.con, "offers", _OFFERS, {"timezone": m.settings.project.timezone})
    silent = _silent(m)
    told = {"start": str(start), "end": str(end), "silent": list(silent)}
    within = "day >= $start and day < $end"
    keys, names = "".join(f"{b}, " for b in by), ", ".join(by)
    counts = ", ".join(f"count(*) filter (where outcome = '{o}') as {o}" for o in OUTCOMES)
    grouped = rows(
        m.view.con,
        f"""select {keys}count(*) as offered, {counts}, count(*) filter (where residual is not null) as residual from offers
            where {within} and not list_contains($silent, source) {f"group by {names} order by {names}" if by else ""}""",
        told,
    )
    left_out = rows(
        m.view.con,
        f"select source, count(*) as n from offers where {within} and list_contains($silent, source) group by source order by 1",
        told,
    )
    return Flows(
        tuple(_flow(r, by) for r in grouped if r["offered"]), _residual(m, within, told), {r["source"]: r["n"] for r in left_out}
    )


def _flow(r: Mapping[str, Any], by: Sequence[str]) -> Flow:
    return Flow({b: str(r[b]) for b in by}, **{name: int(r[name]) for name in COLUMNS})


def _residual(m: Measurer, within: str, told: Mapping[str, Any]) -> tuple[Residual, ...]:
    found = rows(
        m.view.con,
        f"""select o.source, f.path as file, o.position, o.leg_id, o.day, o.queue, o.residual as why
            from offers as o left join stg_files as f on f.source = o.source and f.file_id = o.file_id
            where o.residual is not null and {within} and not list_contains($silent, o.source)
            order by o.source, f.path, o.position, o.leg_id""",
        told,
    )
    return tuple(Residual(**r) for r in found)


def _silent(m: Measurer) -> list[str]:
    """Sources that never say when a person answered, or never when a leg ended: what became of an offer is not known there."""
    never = [("legs", ("answered_at",)), ("legs", ("is_abandoned", "ended_at"))]
    return [s for s in sorted(m.arrivals.interactions) if any(not m.arrivals.share(s, item).n for item in never)]
