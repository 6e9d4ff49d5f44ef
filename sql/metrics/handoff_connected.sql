-- title      = "Handoffs that reached a person"
-- subject    = "Handoff to people"
-- question   = "When the AI handed over, did a person answer?"
-- definition = "Share of the AI's handoffs to a person in which a person answered."
-- formula    = "with AI, handed over and answered by a person ÷ with AI, handed over"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- by         = ["handoff_end"]
-- notes      = """
-- Handed over: a person answered, a queue was entered, or the AI gave a reason for handing over. handoff_end tells a queue that lost the
-- customer (lost_in_queue) from a handoff that reached no queue at all (no_queue): there bot and queue may both look healthy.
-- Who left a ticket or asked for a callback was not promised a person now; who still waits is not lost yet. Both are left out."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [for_full]
-- "core_interactions.escalation_reason" = "no source says that the AI meant to hand over: what never reached a queue is not seen"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | has_ai | is_queued | is_answered | is_callback | ticket_id | is_complete | escalation_reason | excluded_as
--   a              | 2025-03-03  | true   | true      | true        | false       |           | true        |                   |
--   b              | 2025-03-03  | true   | true      | false       | false       |           | true        |                   |
--   c              | 2025-03-03  | true   | false     | false       | false       |           | true        | failure           |
--   d              | 2025-03-03  | true   | false     | false       | false       | T1        | true        | unavailable       |
--   e              | 2025-03-03  | true   | true      | false       | true        |           | true        |                   |
--   f              | 2025-03-03  | true   | true      | false       | false       |           | false       |                   |
--   g              | 2025-03-03  | true   | false     | false       | false       |           | true        |                   |
--   h              | 2025-03-03  | false  | true      | true        | false       |           | true        |                   |
--   i              | 2025-03-03  | true   | true      | true        | true        | T2        | true        |                   |
-- '''
-- [example]
-- expect = '''
--   unit_id | handoff_end   | num | den | excluded
--   a       | connected     | 1   | 1   |
--   b       | lost_in_queue | 0   | 1   |
--   c       | no_queue      | 0   | 1   |
--   d       | ticket        | 0   | 1   | ticket left instead
--   e       | callback      | 0   | 1   | callback requested
--   f       | waiting       | 0   | 1   | still open
--   i       | connected     | 1   | 1   |
-- '''

with

handoffs as (  -- interactions that the AI handed over, or meant to
    select
        *,
        case
            when is_answered then 'connected'
            when is_callback then 'callback'
            when ticket_id is not null then 'ticket'
            when not is_complete then 'waiting'
            when is_queued then 'lost_in_queue'
            else 'no_queue'
        end as handoff_end
    from core_interactions
    where has_ai and excluded_as is null and (is_answered or is_queued or escalation_reason is not null)
)

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    i.handoff_end,
    case when i.is_answered then 1 else 0 end as num,
    1 as den,
    case i.handoff_end
        when 'callback' then 'callback requested'
        when 'ticket' then 'ticket left instead'
        when 'waiting' then 'still open'
    end as excluded
from handoffs as i
left join out_repeats as r on r.interaction_id = i.interaction_id
order by i.interaction_id
