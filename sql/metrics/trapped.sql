-- title      = "Trapped customers"
-- subject    = "AI handling"
-- question   = "Does the AI hold customers whom it does not help?"
-- definition = "Share of contained interactions after which the customer was in a negative mood and came back within the window."
-- formula    = "contained, negative end, came back within {window_days} days ÷ contained, window elapsed, customer and mood known"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- moods      = "uncorrected"
-- reads      = ["out_ai", "out_repeats"]
-- window     = "window_days"
-- awaits     = "the customer comes back"
-- params     = { window_days = 7 }
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
-- "core_interactions.end_score" = "no source scores the mood of customers"
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
-- out_repeats = '''
--   interaction_id | started_at             | next_any_at
--   a              | 2025-03-03 10:00:00+00 |
--   b              | 2025-03-03 10:00:00+00 |
--   c              | 2025-03-03 10:00:00+00 | 2025-03-10 10:00:00+00
--   d              | 2025-03-03 10:00:00+00 |
--   e              | 2025-03-03 10:00:01+00 | 2025-03-10 10:00:01+00
--   f              | 2025-03-03 10:00:00+00 | 2025-03-04 10:00:00+00
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | num_if_event | num_if_none | excluded
--   a       | 0   | 1   | 0            | 0           |
--   c       | 1   | 1   | 1            | 0           |
--   d       | 0   | 1   | 0            | 0           | customer not identified
--   e       | 0   | 1   | 0            | 0           | window not elapsed
--   f       | 0   | 1   | 0            | 0           | mood not known
-- '''

select
    a.interaction_id as unit_id,
    a.occurred_on,
    a.customer_or_interaction as cluster_id,
    case when a.is_repeated and a.end_sentiment = 'negative' then 1 else 0 end as num,
    1 as den,
    r.started_at as followed_from_at,
    a.matures_at,
    r.next_any_at as event_at,
    case when a.end_sentiment = 'negative' then 1 else 0 end as num_if_event,
    0 as num_if_none,
    case
        when a.customer_id is null then 'customer not identified'
        when a.end_sentiment is null then 'mood not known'
        when a.matures_at > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_ai as a
left join out_repeats as r on r.interaction_id = a.interaction_id
where a.is_contained
order by a.interaction_id
