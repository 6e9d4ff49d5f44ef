-- title      = "Verified containment"
-- subject    = "AI handling"
-- question   = "How often did the AI really solve it?"
-- definition = "Share of interactions with an AI that ended solved (system of record, the customer's word, or nobody came back and the mood was known and not negative), without a return of the customer on any channel within the window and without a negative end."
-- formula    = "(goal completed + confirmed + inferred), no return within {window_days} days, end not negative ÷ with AI, window elapsed, customer identified"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- moods      = "uncorrected"
-- reads      = ["out_ai", "out_repeats"]
-- vendor     = ["fin_resolution", "fin_resolution_confirmed", "zendesk_automated_resolution", "lex_outcome", "salesforce_deflection"]
-- window     = "window_days"
-- awaits     = "the customer comes back"
-- params     = { window_days = 7 }
-- notes      = """
-- The window is the project's repeat window (settings: repeat.window_days). An interaction with an unknown customer cannot be verified and is left out; its share stands beside the figure."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
-- "legs.is_goal_completed | legs.is_confirmed | core_interactions.end_score" = "no source says how an interaction with an AI ended: no goal, no word of the customer, no mood"
--
-- [for_full]
-- "core_interactions.end_score" = "the mood of customers is not known: solved only where a goal or the customer's word shows it"
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
--   a       | 1   | 1   | 0            | 1           |
--   b       | 0   | 1   | 0            | 0           |
--   c       | 0   | 1   | 0            | 0           |
--   d       | 0   | 1   | 0            | 0           | customer not identified
--   e       | 1   | 1   | 0            | 1           | window not elapsed
--   f       | 0   | 1   | 0            | 1           |
-- '''

select
    a.interaction_id as unit_id,
    a.occurred_on,
    a.customer_or_interaction as cluster_id,
    case
        when a.ai_outcome in ('goal_completed', 'confirmed', 'inferred')
            and not a.is_repeated
            and coalesce(a.end_sentiment, 'unknown') <> 'negative' then 1
        else 0
    end as num,
    1 as den,
    r.started_at as followed_from_at,
    a.matures_at,
    r.next_any_at as event_at,
    0 as num_if_event,
    case
        when coalesce(a.end_sentiment, 'unknown') = 'negative' then 0
        when a.ai_outcome in ('goal_completed', 'confirmed', 'inferred') then 1
        when a.ai_outcome = 'ambiguous' and a.is_contained and a.is_repeated and a.end_sentiment is not null then 1
        else 0
    end as num_if_none,
    case
        when a.customer_id is null then 'customer not identified'
        when a.matures_at > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_ai as a
left join out_repeats as r on r.interaction_id = a.interaction_id
order by a.interaction_id
