-- title      = "Handoffs that lost the context"
-- subject    = "Handoff to people"
-- question   = "Did the person know what the AI had got?"
-- definition = "Share of handoffs to a person in which the person was not given what the AI had got: attributes, a summary or the transcript."
-- formula    = "connected, context not passed on ÷ connected, known whether it was"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "handoff"
-- reads      = ["out_handoffs", "out_repeats"]
-- by         = ["first_trigger", "outcome"]
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "out_handoffs.is_context_kept" = "no source says whether the context was passed on"
--
-- [example.given]
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | outcome       | is_context_kept
--   a:1        | a              | 2025-03-03  | connected     | false
--   b:1        | b              | 2025-03-03  | connected     | true
--   c:1        | c              | 2025-03-03  | connected     |
--   d:1        | d              | 2025-03-03  | lost_in_queue |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a:1     | 1   | 1   |
--   b:1     | 0   | 1   |
--   c:1     | 0   | 1   | context not known
-- '''

select
    h.handoff_id as unit_id,
    h.occurred_on,
    coalesce(r.customer_or_interaction, h.interaction_id) as cluster_id,
    h.first_trigger, h.outcome,
    case when not h.is_context_kept then 1 else 0 end as num,
    1 as den,
    case when h.is_context_kept is null then 'context not known' end as excluded
from out_handoffs as h
left join out_repeats as r on r.interaction_id = h.interaction_id
where h.outcome = 'connected'
order by h.handoff_id
