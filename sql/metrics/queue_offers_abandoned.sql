-- title      = "Abandoned offers, as Genesys and Amazon count"
-- subject    = "Vendors' figures"
-- question   = "What would the telephone platform's own screen say about abandonment?"
-- definition = "Share of offers to a queue that customers abandoned, each queue on the way counted by itself: a call that overflows from one queue into another is offered twice. Offers that flowed out or were turned into a callback stay in the denominator, hang-ups of the first seconds in both."
-- formula    = "abandoned offers ÷ all offers, leaving out abandons shorter than {short_s} seconds"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "leg"
-- reads      = ["core_interactions", "core_legs", "out_repeats"]
-- by         = ["channel", "queue", "agent_id", "team"]
-- params     = { short_s = 0 }
-- notes      = """
-- Sources: Genesys Cloud resource center, "abandoned rate" (abandoned in assignment ÷ offered to assignment) and "Why does the Offered metric not always equal the Answered plus Abandoned metrics?" (offers are answered, abandoned or flow-outs: voicemail, callback, another queue); short abandons are left out where the organization's analytics settings say so. Amazon Connect administrator guide, "Abandonment rate" (contacts abandoned ÷ contacts queued; queued for callback is not abandoned). Every leg that entered a queue is one offer, whatever the channel. Ours counts customers, each once."""
--
-- [needs]
-- "legs.enqueued_at" = "no source says when an interaction entered a queue"
-- "legs.is_abandoned | legs.answered_at" = "no source says whether a person answered"
-- "legs.is_abandoned | legs.ended_at" = "no source says when an interaction ended"
--
-- [derived]
-- "legs.is_abandoned" = "gave up: left the queue without an answer; the source itself does not say it"
--
-- [variants]
-- genesys_abandonment = { short_s = 0, title = "Abandon rate (Genesys)" }
-- genesys_abandonment_no_short = { short_s = 10, title = "Abandon rate without short abandons (Genesys)" }
-- connect_abandonment = { short_s = 0, title = "Abandonment rate (Amazon Connect)" }
--
-- [example.params]
-- short_s = 10
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
--   h              | 2025-03-03  | test
-- '''
-- core_legs = '''
--   leg_id | root_id | queue | started_at             | enqueued_at            | answered_at            | ended_at               | wait_ms | is_callback_requested | is_abandoned
--   a      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:12+00 | 2025-03-03 10:05:00+00 | 12000   |                       |
--   b      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:40+00 | 40000   |                       |
--   b2     | b       | loans | 2025-03-03 10:00:40+00 | 2025-03-03 10:00:40+00 |                        | 2025-03-03 10:05:00+00 | 260000  |                       |
--   c      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:10+00 | 10000   |                       |
--   d      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:09+00 | 9999    |                       |
--   e      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:01:00+00 | 60000   | true                  |
--   f      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        |                        |         |                       |
--   g      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:00:30+00 | 30000   |                       |
--   g2     | g       |       | 2025-03-03 10:00:30+00 |                        | 2025-03-03 10:00:30+00 | 2025-03-03 10:05:00+00 |         |                       |
--   h      |         | cards | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:01:00+00 | 60000   |                       |
-- '''
-- [example]
-- expect = '''
--   unit_id | queue | num | den | excluded
--   a       | cards | 0   | 1   |
--   b       | cards | 0   | 1   |
--   b2      | loans | 1   | 1   |
--   c       | cards | 1   | 1   |
--   d       | cards | 1   | 1   | short abandon
--   e       | cards | 0   | 1   |
--   f       | cards | 0   | 1   | still waiting
--   g       | cards | 0   | 1   |
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
),

judged as (  -- whether the customer gave up: the source's word, else an offer that ended with nobody and nothing behind it
    select
        *,
        coalesce(is_abandoned, taken_at is null and not goes_on and not is_callback and ended_at is not null) as is_lost,
        taken_at is null and not goes_on and not is_callback and ended_at is null and not coalesce(is_abandoned, false) as is_open
    from offers
)

select
    o.leg_id as unit_id,
    o.occurred_on,
    coalesce(r.customer_or_interaction, o.interaction_id) as cluster_id,
    o.channel, o.queue, o.agent_id, o.team,
    case when o.is_lost then 1 else 0 end as num,
    1 as den,
    case
        when o.is_open then 'still waiting'
        when o.is_lost and o.wait_ms < $short_s * 1000 then 'short abandon'
    end as excluded
from judged as o
left join out_repeats as r on r.interaction_id = o.interaction_id
order by o.leg_id
