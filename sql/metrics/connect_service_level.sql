-- title      = "Service level (Amazon Connect)"
-- subject    = "Vendors' figures"
-- question   = "What would Amazon Connect's screen say about being reached in time?"
-- definition = "As Amazon Connect counts it: share of contacts that left their queue within the threshold, because a person answered, because the customer gave up, or because the customer asked for a callback. Giving up early therefore improves it."
-- formula    = "left the queue within {threshold_s} s (answered, abandoned or callback) ÷ contacts queued"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "leg"
-- reads      = ["core_interactions", "core_legs", "out_repeats"]
-- by         = ["channel", "queue", "agent_id", "team"]
-- params     = { threshold_s = 20 }
-- notes      = """
-- Source: Amazon Connect administrator guide, metric definitions, "Service level X". Every leg that entered a queue is one contact: a call that overflows in time is counted twice, and its first leg, moved on by a flow, was not answered in time. All channels count."""
--
-- [needs]
-- "legs.enqueued_at" = "no source says when an interaction entered a queue"
-- "legs.wait_ms" = "no source gives a wait in queue"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | excluded_as
--   a              | 2025-03-03  |
--   b              | 2025-03-03  |
--   c              | 2025-03-03  |
--   d              | 2025-03-03  |
--   e              | 2025-03-03  |
--   f              | 2025-03-03  |
--   g              | 2025-03-03  |
-- '''
-- core_legs = '''
--   leg_id | root_id | queue | started_at             | enqueued_at            | answered_at            | ended_at               | wait_ms | is_callback_requested
--   a      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:20+00 | 2025-03-03 10:05:00+00 | 20000   |
--   b      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:21+00 | 2025-03-03 10:05:00+00 | 20001   |
--   c      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:04+00 | 4000    |
--   d      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:10+00 | 10000   | true
--   e      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:10+00 | 10000   |
--   e2     | e       | loans | 2025-03-03 10:00:10+00 | 2025-03-03 10:00:10+00 | 2025-03-03 10:00:15+00 | 2025-03-03 10:05:00+00 | 5000    |
--   f      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        |                        |         |
--   g      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:20+00 | 2025-03-03 10:05:00+00 | -1000   |
-- '''
-- [example]
-- expect = '''
--   unit_id | queue | num | den | excluded
--   a       | cards | 1   | 1   |
--   b       | cards | 0   | 1   |
--   c       | cards | 1   | 1   |
--   d       | cards | 1   | 1   |
--   e       | cards | 0   | 1   |
--   e2      | loans | 1   | 1   |
--   f       | cards | 0   | 1   | still waiting
--   g       | cards | 0   | 1   | wait not known
-- '''

with

path_legs as (  -- the customer's own way, in order; a call back is made later, and is no next step of the wait
    select
        l.leg_id, l.enqueued_at, l.answered_at, l.ended_at, l.wait_ms, l.is_abandoned, l.is_callback_requested, l.is_transferred,
        l.started_at,
        coalesce(l.channel, i.channel) as channel,
        coalesce(l.queue, i.queue) as queue,
        coalesce(l.agent_id, i.agent_id) as agent_id,
        coalesce(l.team, i.team) as team,
        i.interaction_id, i.occurred_on
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
    window along as (
        partition by interaction_id order by started_at, case when leg_id = interaction_id then 0 else 1 end, leg_id
    )
),

offers as (  -- what a queue was offered, with its own answer, else that of the person's leg behind it
    select
        *,
        coalesce(answered_at, case when next_enqueued_at is null then next_answered_at end) as taken_at,
        next_id is not null or coalesce(is_transferred, false) as goes_on,
        coalesce(is_callback_requested, false) as is_callback
    from steps
    where enqueued_at is not null
)

select
    o.leg_id as unit_id,
    o.occurred_on,
    coalesce(r.customer_or_interaction, o.interaction_id) as cluster_id,
    o.channel, o.queue, o.agent_id, o.team,
    case
        when o.wait_ms < 0 or o.wait_ms > $threshold_s * 1000 or o.wait_ms is null then 0
        when o.taken_at is not null or o.is_callback or not o.goes_on then 1
        else 0
    end as num,
    1 as den,
    case
        when o.taken_at is null and not o.goes_on and not o.is_callback and o.ended_at is null then 'still waiting'
        when o.wait_ms is null or o.wait_ms < 0 then 'wait not known'
    end as excluded
from offers as o
left join out_repeats as r on r.interaction_id = o.interaction_id
order by o.leg_id
