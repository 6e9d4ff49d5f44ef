-- title      = "AI outcomes"
-- definition = "How each interaction with an AI ended: one outcome each, the first that fits."
-- version    = 1
-- grain      = "one customer interaction in which an AI gave a substantive reply"
-- entity     = "customer_or_interaction"
-- day        = "occurred_on"
-- reads      = ["core_interactions", "out_repeats"]
-- params     = { window_days = 7 }
-- notes      = """
-- First match wins: escalated (a person answered, or a ticket or callback was left), abandoned (the customer left the AI in
-- the middle, or the queue behind it), failed (the AI logged it), goal_completed (system of record), confirmed (the
-- customer), inferred (nothing of these, but the customer is known, the mood at the end is known and not negative, and nobody
-- came back within the window for any reason on any channel), ambiguous (everything else, and who still waits in the queue
-- behind the AI). Inferred can only be believed once
-- the window has passed: readers compare `matures_at` with how far the data reaches."""
--
-- [columns]
-- interaction_id   = ["VARCHAR", "the interaction"]
-- occurred_on      = ["DATE", "local date of its start"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the interaction where there is none"]
-- customer_id      = ["VARCHAR", "the customer; empty: not identified"]
-- ai_outcome       = ["VARCHAR", "escalated, abandoned, failed, goal_completed, confirmed, inferred, ambiguous"]
-- is_contained     = ["BOOLEAN", "no person, no ticket, no callback, and never in the queue behind the AI"]
-- end_sentiment    = ["VARCHAR", "negative, neutral, positive; empty: unknown"]
-- is_repeated      = ["BOOLEAN", "the customer came back within the window, any reason, any channel"]
-- matures_at       = ["TIMESTAMP WITH TIME ZONE", "when the window has passed"]
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | has_ai | is_answered | is_callback | ticket_id | abandoned_in | is_abandoned | is_queued | is_ai_dropped | is_ai_failed | is_goal_completed | is_confirmed | end_sentiment
--   answered       | 2025-03-03  | true   | true        | false       |           |              | false        | false     | false         | false        | true              | false        | positive
--   ticket         | 2025-03-03  | true   | false       | false       | T1        |              | false        | false     | false         | true         | false             | false        |
--   dropped        | 2025-03-03  | true   | false       | false       |           |              | false        | false     | true          | true         | false             | false        |
--   failed         | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | true         | true              | false        |
--   done           | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | true              | true         | negative
--   yes            | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | true         |
--   quiet          | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | false        | neutral
--   edge           | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | false        | neutral
--   back           | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | false        | neutral
--   moody          | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | false        | negative
--   silent         | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | false        |
--   stranger       | 2025-03-03  | true   | false       | false       |           |              | false        | false     | false         | false        | false             | false        | neutral
--   lost           | 2025-03-03  | true   | false       | false       |           | queue        | true         | true      | false         | false        | false             | false        |
--   person         | 2025-03-03  | false  | true        | false       |           |              | false        | false     | false         | false        | false             | false        | neutral
--   waiting        | 2025-03-03  | true   | false       | false       |           |              | false        | true      | false         | false        | false             | false        | neutral
-- '''
-- out_repeats = '''
--   interaction_id | started_at             | customer_id | customer_or_interaction | next_any_at            | is_forward
--   answered       | 2025-03-03 10:00:00+00 | k_1         | k_1                     |                        | false
--   ticket         | 2025-03-03 10:00:00+00 | k_2         | k_2                     |                        | false
--   dropped        | 2025-03-03 10:00:00+00 | k_3         | k_3                     |                        | false
--   failed         | 2025-03-03 10:00:00+00 | k_4         | k_4                     |                        | false
--   done           | 2025-03-03 10:00:00+00 | k_5         | k_5                     |                        | false
--   yes            | 2025-03-03 10:00:00+00 | k_6         | k_6                     |                        | false
--   quiet          | 2025-03-03 10:00:00+00 | k_7         | k_7                     |                        | false
--   edge           | 2025-03-03 10:00:00+00 | k_8         | k_8                     | 2025-03-10 10:00:01+00 | false
--   back           | 2025-03-03 10:00:00+00 | k_9         | k_9                     | 2025-03-10 10:00:00+00 | false
--   moody          | 2025-03-03 10:00:00+00 | k_10        | k_10                    |                        | false
--   silent         | 2025-03-03 10:00:00+00 | k_11        | k_11                    |                        | false
--   stranger       | 2025-03-03 10:00:00+00 |             | stranger                |                        | false
--   lost           | 2025-03-03 10:00:00+00 | k_13        | k_13                    |                        | false
--   waiting        | 2025-03-03 10:00:00+00 | k_14        | k_14                    |                        | false
--   person         | 2025-03-03 10:00:00+00 | k_12        | k_12                    |                        | false
-- '''
-- [example]
-- expect = '''
--   interaction_id | ai_outcome     | is_contained | is_repeated
--   answered       | escalated      | false        | false
--   back           | ambiguous      | true         | true
--   done           | goal_completed | true         | false
--   dropped        | abandoned      | true         | false
--   edge           | inferred       | true         | false
--   failed         | failed         | true         | false
--   lost           | abandoned      | false        | false
--   moody          | ambiguous      | true         | false
--   quiet          | inferred       | true         | false
--   silent         | ambiguous      | true         | false
--   stranger       | ambiguous      | true         |
--   ticket         | escalated      | false        | false
--   waiting        | ambiguous      | false        | false
--   yes            | confirmed      | true         | false
-- '''

with

ai_interactions as (  -- with what is known about the customer's return
    select
        i.interaction_id,
        i.occurred_on,
        i.end_sentiment,
        i.is_abandoned,
        i.is_ai_dropped,
        i.is_ai_failed,
        i.is_goal_completed,
        i.is_confirmed,
        i.is_answered or i.is_callback or i.ticket_id is not null as is_escalated,
        coalesce(i.is_queued, false) as is_queued,
        r.customer_or_interaction,
        r.customer_id,
        case
            when r.customer_id is not null then coalesce(r.next_any_at <= r.started_at + to_days($window_days), false)
        end as is_repeated,
        r.started_at + to_days($window_days) as matures_at
    from core_interactions as i
    join out_repeats as r on r.interaction_id = i.interaction_id
    where i.has_ai
)

select
    interaction_id,
    occurred_on,
    customer_or_interaction,
    customer_id,
    case
        when is_escalated then 'escalated'
        when is_abandoned or is_ai_dropped then 'abandoned'
        when is_ai_failed then 'failed'
        when is_queued then 'ambiguous'
        when is_goal_completed then 'goal_completed'
        when is_confirmed then 'confirmed'
        when not is_repeated and end_sentiment in ('neutral', 'positive') then 'inferred'
        else 'ambiguous'
    end as ai_outcome,
    not is_escalated and not is_queued as is_contained,
    end_sentiment,
    is_repeated,
    matures_at
from ai_interactions
order by interaction_id
