-- title      = "Escalation rate"
-- subject    = "AI handling"
-- question   = "How often did the AI hand over?"
-- definition = "Share of interactions with an AI that reached a person, or left a ticket or a callback."
-- formula    = "escalated ÷ with AI"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["out_ai"]
-- notes      = """
-- A lower rate is good only while customers are not trapped: read containment quality beside it."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [example.params]
-- observed_until = "2025-03-10 10:00:00+00"
--
-- [example.given]
-- out_ai = '''
--   interaction_id | occurred_on | customer_or_interaction | customer_id | ai_outcome     | is_contained | end_sentiment | is_repeated | matures_at
--   a              | 2025-03-03  | k1                      | k1          | goal_completed | true         | neutral       | false       | 2025-03-10 10:00:00+00
--   b              | 2025-03-03  | k2                      | k2          | escalated      | false        | negative      | false       | 2025-03-10 10:00:00+00
--   c              | 2025-03-03  | k3                      | k3          | ambiguous      | true         | negative      | true        | 2025-03-10 10:00:00+00
--   d              | 2025-03-03  | d                       |             | ambiguous      | true         | neutral       |             | 2025-03-10 10:00:00+00
--   e              | 2025-03-03  | k5                      | k5          | inferred       | true         | neutral       | false       | 2025-03-10 10:00:01+00
--   f              | 2025-03-03  | k6                      | k6          | goal_completed | true         |               | true        | 2025-03-10 10:00:00+00
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 0   | 1   |
--   b       | 1   | 1   |
--   c       | 0   | 1   |
--   d       | 0   | 1   |
--   e       | 0   | 1   |
--   f       | 0   | 1   |
-- '''

select
    a.interaction_id as unit_id,
    a.occurred_on,
    a.customer_or_interaction as cluster_id,
    case when a.ai_outcome = 'escalated' then 1 else 0 end as num,
    1 as den,
    cast(null as varchar) as excluded
from out_ai as a
order by a.interaction_id
