-- title      = "AI involvement"
-- subject    = "AI handling"
-- question   = "How much does the AI take part in?"
-- definition = "Share of customer interactions in which an AI gave at least one substantive reply; a greeting is none."
-- formula    = "with a substantive AI reply ÷ customer interactions"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | has_ai | excluded_as
--   a              | 2025-03-03  | true   |
--   b              | 2025-03-03  | false  |
--   c              | 2025-03-03  | true   | test
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    case when i.has_ai then 1 else 0 end as num,
    1 as den,
    cast(null as varchar) as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null
order by i.interaction_id
