-- title      = "Answered by a person"
-- subject    = "Contact handling"
-- question   = "Could customers reach us?"
-- definition = "Share of customer interactions that a person answered."
-- formula    = "answered ÷ interactions"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- notes      = """
-- Neither direction is better by itself: what AI resolves need not be answered. Shown for reconciling with other reports."""
--
-- [needs]
-- "legs.answered_at" = "no source says when a person answered"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | is_answered | excluded_as
--   a              | 2025-03-03  | true        |
--   b              | 2025-03-03  | false       |
--   c              | 2025-03-03  | true        | outbound
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
    case when i.is_answered then 1 else 0 end as num,
    1 as den,
    cast(null as varchar) as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null
order by i.interaction_id
