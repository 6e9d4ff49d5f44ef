-- title      = "Containment and mood"
-- subject    = "AI handling"
-- question   = "Were contained customers content?"
-- definition = "What contained interactions were worth: end mood against coming back within the window on any channel. The cells add up to gross containment."
-- formula    = "contained with this mood and return ÷ with AI"
-- version    = 1
-- kind       = "composition"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- moods      = "uncorrected"
-- reads      = ["out_ai"]
-- by         = ["cell"]
-- part       = "cell"
-- window     = "window_days"
-- params     = { window_days = 7 }
-- notes      = """
-- healthy: not negative, nobody came back. quiet_failure: not negative, but came back. grudging: negative, did not come back. trapped: negative and came back. unknown: mood or customer not known. immature: the window has not elapsed and nobody has come back yet. not_contained: a person, ticket or callback."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [for_full]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "customers are not identified: who came back is not known"
-- "core_interactions.end_score" = "the mood of customers is not known"
--
-- [derived]
-- "sentiments.score | legs.end_score" = "the mood is scored here from the customer's words"
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
--   unit_id | cell          | num | den | excluded
--   a       | healthy       | 1   | 1   |
--   b       | not_contained | 1   | 1   |
--   c       | trapped       | 1   | 1   |
--   d       | unknown       | 1   | 1   |
--   e       | immature      | 1   | 1   |
--   f       | unknown       | 1   | 1   |
-- '''

select
    a.interaction_id as unit_id,
    a.occurred_on,
    a.customer_or_interaction as cluster_id,
    case
        when not a.is_contained then 'not_contained'
        when a.customer_id is null or a.end_sentiment is null then 'unknown'
        when a.is_repeated and a.end_sentiment = 'negative' then 'trapped'
        when a.is_repeated then 'quiet_failure'
        when a.matures_at > $observed_until::timestamptz then 'immature'
        when a.end_sentiment = 'negative' then 'grudging'
        else 'healthy'
    end as cell,
    1 as num,
    1 as den,
    cast(null as varchar) as excluded
from out_ai as a
order by a.interaction_id
