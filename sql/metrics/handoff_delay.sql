-- title      = "Time to a person, median"
-- subject    = "Handoff to people"
-- question   = "How long did it take from the first sign of trouble to a person?"
-- definition = "Time from the first trigger of a handoff (the customer asks for a person, the AI does not understand, a negative turn, the AI's own reason) until a person answered, that half of the handoffs did not exceed."
-- formula    = "the {quantile} quantile of that time: an observed time, no average"
-- version    = 1
-- kind       = "percentile"
-- unit       = "seconds"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "handoff"
-- reads      = ["out_handoffs", "out_repeats"]
-- by         = ["first_trigger", "outcome"]
-- params     = { quantile = 0.5, population = "connected", part = "all" }
-- notes      = """
-- The wait in queue is part of it and stands apart, as does the time before the AI handed over. So does the time of those whom nobody answered,
-- until they were gone."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at when population = connected" = "no source says when a person answered"
-- "out_handoffs.first_trigger" = "no source says what led to a handoff"
-- "legs.enqueued_at when part = queue" = "no source says when an interaction entered a queue"
-- "legs.ended_at when population = given_up" = "no source says when an interaction ended"
--
-- [for_full]
-- "turns.content" = "the customers' words are not there: requests in words are not seen"
-- "out_handoffs.n_fallbacks" = "no source says whether an AI understood: fallbacks are not seen"
-- "out_handoffs.n_negative_turns" = "no source judges turns: negative ones are not seen"
--
-- [variants]
-- handoff_delay_p90 = { quantile = 0.9, title = "Time to a person, 90th percentile" }
-- handoff_delay_p95 = { quantile = 0.95, title = "Time to a person, 95th percentile" }
-- handoff_delay_ai = { part = "ai", title = "Time to a person, before the AI handed over" }
-- handoff_delay_queue = { part = "queue", title = "Time to a person, in queue" }
-- handoff_given_up = { population = "given_up", title = "Handoffs that nobody answered, time until gone" }
-- handoff_given_up_p90 = { population = "given_up", quantile = 0.9, title = "Handoffs that nobody answered, time until gone, 90th percentile" }
--
-- [example.given]
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | outcome       | first_trigger | first_trigger_at       | handed_over_at         | connected_at           | wait_ms | delay_ms | given_up_ms
--   a:1        | a              | 2025-03-03  | connected     | request       | 2025-03-03 10:00:00+00 | 2025-03-03 10:01:00+00 | 2025-03-03 10:03:00+00 | 120000  | 180000   |
--   b:1        | b              | 2025-03-03  | connected     | request       |                        | 2025-03-03 10:01:00+00 | 2025-03-03 10:03:00+00 | 120000  |          |
--   c:1        | c              | 2025-03-03  | connected     |               |                        | 2025-03-03 10:01:00+00 | 2025-03-03 10:03:00+00 |         |          |
--   d:1        | d              | 2025-03-03  | lost_in_queue | fallback      | 2025-03-03 10:00:00+00 | 2025-03-03 10:01:00+00 |                        |         |          | 90000
-- '''
-- [example]
-- expect = '''
--   unit_id | num    | den | excluded
--   a:1     | 180000 | 1   |
--   b:1     |        | 1   | time of the trigger not known
--   c:1     |        | 1   | trigger not known
-- '''

with

measured as (
    select
        *,
        case
            when $population = 'given_up' then given_up_ms
            when $part = 'queue' then coalesce(wait_ms, 0)
            when $part = 'ai' then epoch_ms(handed_over_at) - epoch_ms(first_trigger_at)
            else delay_ms
        end as took_ms
    from out_handoffs
    where case when $population = 'given_up' then outcome in ('lost_in_queue', 'no_queue', 'gave_up', 'not_tried') else outcome = 'connected' end
)

select
    h.handoff_id as unit_id,
    h.occurred_on,
    coalesce(r.customer_or_interaction, h.interaction_id) as cluster_id,
    h.first_trigger, h.outcome,
    h.took_ms as num,
    1 as den,
    case when h.first_trigger is null then 'trigger not known' when h.first_trigger_at is null or h.took_ms is null then 'time of the trigger not known' end as excluded
from measured as h
left join out_repeats as r on r.interaction_id = h.interaction_id

order by h.handoff_id
