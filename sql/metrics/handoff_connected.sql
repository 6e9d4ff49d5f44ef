-- title      = "Handoffs that reached a person"
-- subject    = "Handoff to people"
-- question   = "When the AI handed over, did a person answer?"
-- definition = "Share of the AI's handoffs to a person in which a person answered."
-- formula    = "handed over and answered by a person ÷ handed over"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "handoff"
-- reads      = ["out_handoffs", "out_repeats"]
-- by         = ["handoff_end", "first_trigger"]
-- notes      = """
-- handoff_end tells a queue that lost the customer (lost_in_queue) from a handoff that reached no queue at all (no_queue): there bot and
-- queue may both look healthy. What counts as handed over stands with the table out_handoffs.
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
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | is_tried | outcome
--   a:1        | a              | 2025-03-03  | true     | connected
--   a:2        | a              | 2025-03-03  | true     | lost_in_queue
--   b:1        | b              | 2025-03-03  | true     | lost_in_queue
--   c:1        | c              | 2025-03-03  | true     | no_queue
--   d:1        | d              | 2025-03-03  | true     | ticket
--   e:1        | e              | 2025-03-03  | true     | callback
--   f:1        | f              | 2025-03-03  | true     | waiting
--   g:1        | g              | 2025-03-03  | false    | not_tried
-- '''
-- [example]
-- expect = '''
--   unit_id | handoff_end   | num | den | excluded
--   a:1     | connected     | 1   | 1   |
--   a:2     | lost_in_queue | 0   | 1   |
--   b:1     | lost_in_queue | 0   | 1   |
--   c:1     | no_queue      | 0   | 1   |
--   d:1     | ticket        | 0   | 1   | ticket left instead
--   e:1     | callback      | 0   | 1   | callback requested
--   f:1     | waiting       | 0   | 1   | still open
-- '''

select
    h.handoff_id as unit_id,
    h.occurred_on,
    coalesce(r.customer_or_interaction, h.interaction_id) as cluster_id,
    h.outcome as handoff_end,
    h.first_trigger,
    case when h.outcome = 'connected' then 1 else 0 end as num,
    1 as den,
    case h.outcome
        when 'callback' then 'callback requested'
        when 'ticket' then 'ticket left instead'
        when 'waiting' then 'still open'
    end as excluded
from out_handoffs as h
left join out_repeats as r on r.interaction_id = h.interaction_id
where h.is_tried
order by h.handoff_id
