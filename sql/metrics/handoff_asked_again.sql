-- title      = "Handoffs with the same question again"
-- subject    = "Handoff to people"
-- question   = "Did customers have to say it twice?"
-- definition = "Share of handoffs to a person after which the person, or the next AI, asked again for what the AI had already got."
-- formula    = "connected, asked again ÷ connected, words or slots of both sides known"
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
-- Only nearly the same words and the same slots are seen: who asks the same in other words is not. The figure is the least that it can be."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "out_handoffs.is_asked_again" = "no source gives the words, or the slots, of both the AI and whoever took over"
--
-- [example.given]
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | outcome       | is_asked_again
--   a:1        | a              | 2025-03-03  | connected     | true
--   b:1        | b              | 2025-03-03  | connected     | false
--   c:1        | c              | 2025-03-03  | connected     |
--   d:1        | d              | 2025-03-03  | lost_in_queue |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a:1     | 1   | 1   |
--   b:1     | 0   | 1   |
--   c:1     | 0   | 1   | words not known
-- '''

select
    h.handoff_id as unit_id,
    h.occurred_on,
    coalesce(r.customer_or_interaction, h.interaction_id) as cluster_id,
    h.first_trigger, h.outcome,
    case when h.is_asked_again then 1 else 0 end as num,
    1 as den,
    case when h.is_asked_again is null then 'words not known' end as excluded
from out_handoffs as h
left join out_repeats as r on r.interaction_id = h.interaction_id
where h.outcome = 'connected'
order by h.handoff_id
