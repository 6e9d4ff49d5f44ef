-- title      = "Why the AI handed over"
-- subject    = "AI handling"
-- question   = "Why did the AI hand over?"
-- definition = "Share of interactions with an AI by the cause of escalation that the source gives; the shares, with those not escalated, add up to all."
-- formula    = "escalated for this cause ÷ with AI"
-- version    = 1
-- kind       = "composition"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_ai"]
-- by         = ["cause"]
-- part       = "cause"
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
-- "legs.escalation_reason" = "no source says why an AI handed over"
--
-- [example.params]
-- observed_until = "2025-03-10 10:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | channel | escalation_reason
--   a              | 2025-03-03  | chat    |
--   b              | 2025-03-03  | chat    | policy
--   c              | 2025-03-03  | chat    |
--   d              | 2025-03-03  | chat    |
--   e              | 2025-03-03  | chat    |
--   f              | 2025-03-03  | chat    |
-- '''
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
--   unit_id | cause         | num | den | excluded
--   a       | not_escalated | 1   | 1   |
--   b       | policy        | 1   | 1   |
--   c       | not_escalated | 1   | 1   |
--   d       | not_escalated | 1   | 1   |
--   e       | not_escalated | 1   | 1   |
--   f       | not_escalated | 1   | 1   |
-- '''

select
    a.interaction_id as unit_id,
    a.occurred_on,
    a.customer_or_interaction as cluster_id,
    case when a.ai_outcome = 'escalated' then coalesce(i.escalation_reason, 'not_given') else 'not_escalated' end as cause,
    1 as num,
    1 as den,
    cast(null as varchar) as excluded
from out_ai as a
join core_interactions as i on i.interaction_id = a.interaction_id
order by a.interaction_id
