-- title      = "Requests for a person that came to nothing"
-- subject    = "Handoff to people"
-- question   = "Who asked for a person and never got one?"
-- definition = "Share of interactions with an AI, in which the customer asked for a person, that ended without one."
-- formula    = "asked for a person, nobody answered ÷ asked for a person"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "handoff"
-- reads      = ["out_handoffs", "out_repeats"]
-- by         = ["first_trigger", "outcome"]
-- notes      = """
-- Who left a ticket or a callback instead, and who still waits, is left out. The outcome says where the others were lost: in the queue, in a
-- handoff that reached no queue, or with an AI that went on."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
-- "turns.content | legs.escalation_reason | out_handoffs.n_requests" = "no source gives the customers' words, their intents or why an AI handed over"
--
-- [for_full]
-- "turns.content" = "the customers' words are not there: only requests that the AI understood are seen"
--
-- [example.given]
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | outcome   | n_requests
--   a:1        | a              | 2025-03-03  | not_tried | 1
--   b:1        | b              | 2025-03-03  | connected | 2
--   c:1        | c              | 2025-03-03  | ticket    | 1
--   d:1        | d              | 2025-03-03  | waiting   | 1
--   e:1        | e              | 2025-03-03  | no_queue  | 0
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a:1     | 1   | 1   |
--   b:1     | 0   | 1   |
--   c:1     | 0   | 1   | ticket left instead
--   d:1     | 0   | 1   | still open
-- '''

select
    h.handoff_id as unit_id,
    h.occurred_on,
    coalesce(r.customer_or_interaction, h.interaction_id) as cluster_id,
    h.first_trigger, h.outcome,
    case when h.outcome in ('lost_in_queue', 'no_queue', 'gave_up', 'not_tried') then 1 else 0 end as num,
    1 as den,
    case h.outcome
        when 'callback' then 'callback requested'
        when 'ticket' then 'ticket left instead'
        when 'waiting' then 'still open'
    end as excluded
from out_handoffs as h
left join out_repeats as r on r.interaction_id = h.interaction_id
where h.n_requests > 0
order by h.handoff_id
