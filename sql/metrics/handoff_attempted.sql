-- title      = "Handoffs tried"
-- subject    = "Handoff to people"
-- question   = "How often did the AI try to hand over?"
-- definition = "Share of interactions with an AI in which the AI handed over to a person, or tried to: by its own word, into a queue, or by a ticket or a callback."
-- formula    = "with AI and a handoff tried ÷ with AI"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_handoffs", "out_repeats"]
-- by         = []
-- notes      = """
-- Beside the escalation rate, which counts only those that reached a person, a ticket or a callback, it shows what was lost on the way."""
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
--   interaction_id | occurred_on | has_ai | excluded_as
--   a              | 2025-03-03  | true   |
--   b              | 2025-03-03  | true   |
--   c              | 2025-03-03  | true   |
--   d              | 2025-03-03  | false  |
--   e              | 2025-03-03  | true   | test
-- '''
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | is_tried
--   a:1        | a              | 2025-03-03  | true
--   a:2        | a              | 2025-03-03  | true
--   b:1        | b              | 2025-03-03  | false
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den
--   a       | 1   | 1
--   b       | 0   | 1
--   c       | 0   | 1
-- '''

with

tried as (select distinct interaction_id from out_handoffs where is_tried)

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    case when h.interaction_id is not null then 1 else 0 end as num,
    1 as den,
    cast(null as varchar) as excluded
from core_interactions as i
left join tried as h on h.interaction_id = i.interaction_id
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.has_ai and i.excluded_as is null
order by i.interaction_id
