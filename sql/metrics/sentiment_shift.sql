-- title      = "Change of mood"
-- subject    = "Satisfaction and mood"
-- question   = "Did customers leave in a better mood than they came?"
-- definition = "Mean change of the customer's mood from the start of an interaction to its end, from -1 (from wholly positive to wholly negative) to 1 (the other way)."
-- formula    = "Σ (mood at the end − mood at the start) ÷ 2 ÷ interactions with both"
-- version    = 1
-- kind       = "mean"
-- unit       = "score"
-- parts      = 20000
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- moods      = "uncorrected"
-- reads      = ["core_interactions", "out_repeats"]
-- by         = ["scorer"]
-- notes      = """
-- Moods are scored from -1 to 1. Both must come from one scorer in one version: two scorers differ without any change of mood. The scorer stands with each row; a new version is a break (--by scorer). Who comes angry can hardly leave angrier: read it beside the share that ends negative."""
--
-- [needs]
-- "core_interactions.end_score" = "no source scores the mood of customers"
-- "core_interactions.start_score" = "no source scores the mood at the start"
--
-- [derived]
-- "sentiments.score | legs.end_score" = "the mood is scored here from the customer's words"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | start_score | end_score | scorer | start_scorer | excluded_as
--   a              | 2025-03-03  | -1          | 1         | lens 2 | lens 2       |
--   b              | 2025-03-03  | 0.5         | 0.4999    | lens 2 | lens 2       |
--   c              | 2025-03-03  |             | 0.5       | lens 2 |              |
--   d              | 2025-03-03  | 0.5         |           |        | lens 2       |
--   e              | 2025-03-03  | 0.5         | 0.5       | lens 2 | lens 1       |
--   f              | 2025-03-03  | -1          | 1         | lens 2 | lens 2       | test
-- '''
-- [example]
-- expect = '''
--   unit_id | scorer | num   | den | excluded
--   a       | lens 2 | 20000 | 1   |
--   b       | lens 2 | -1    | 1   |
--   c       | lens 2 |       | 1   | mood at the start not known
--   d       |        |       | 1   | mood at the end not known
--   e       | lens 2 | 0     | 1   | scored by two scorers
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    i.scorer,
    cast((i.end_score - i.start_score) * 10000 as bigint) as num,
    1 as den,
    case
        when i.end_score is null then 'mood at the end not known'
        when i.start_score is null then 'mood at the start not known'
        when i.scorer <> i.start_scorer then 'scored by two scorers'
    end as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null
order by i.interaction_id
