-- title      = "AI confidence"
-- subject    = "Scorecards"
-- question   = "How sure was the AI of what it understood?"
-- definition = "Mean of the confidence that the platform gave each turn of the AI. Each platform has a scale of its own: compare it only with itself."
-- formula    = "Σ confidence ÷ turns of the AI with a confidence"
-- version    = 1
-- kind       = "mean"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_events", "core_interactions", "core_legs", "out_repeats"]
-- by         = []
-- notes      = """
-- Confidence is what the AI thinks of itself, not whether it was right: that is answer_accuracy. Turns without a confidence count nowhere."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "events.confidence" = "no source says how sure an AI was"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | has_ai | excluded_as
--   a              | 2025-03-03  | true   |
--   b              | 2025-03-03  | true   |
--   t              | 2025-03-03  | true   | test
-- '''
-- core_legs = '''
--   leg_id | root_id
--   a      |
--   a2     | a
--   b      |
--   t      |
-- '''
-- core_events = '''
--   event_id | leg_id | kind | confidence
--   1        | a      | bot  | 0.25
--   2        | a2     | bot  | 1
--   3        | a      | tool | 0.5
--   4        | b      | bot  |
--   5        | t      | bot  | 1
-- '''
-- [example]
-- expect = '''
--   unit_id | num   | den   | excluded
--   a       | 12500 | 20000 |
--   b       |       | 0     | confidence not known
-- '''

with

confidences as (
    select
        coalesce(l.root_id, l.leg_id) as interaction_id,
        cast(round(sum(e.confidence) * 10000) as bigint) as confidence_sum,
        count(*) * 10000 as full_sum
    from core_events as e
    join core_legs as l on l.leg_id = e.leg_id
    where e.kind = 'bot' and e.confidence is not null and not coalesce(e.is_test, false)
    group by coalesce(l.root_id, l.leg_id)
)

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    c.confidence_sum as num,
    coalesce(c.full_sum, 0) as den,
    case when c.interaction_id is null then 'confidence not known' end as excluded
from core_interactions as i
left join confidences as c on c.interaction_id = i.interaction_id
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.has_ai and i.excluded_as is null
order by i.interaction_id
