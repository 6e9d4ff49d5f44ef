-- title      = "Failure demand"
-- subject    = "Outcomes"
-- question   = "How much demand did our own failures make?"
-- definition = "Interactions that an earlier failure of ours made necessary, by the strength of the evidence, as shares of all interactions. What no evidence shows may still be failure demand: the share is a lower bound."
-- formula    = "interactions of this tier ÷ interactions"
-- version    = 1
-- kind       = "composition"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- by         = ["tier"]
-- part       = "tier"
-- params     = { window_hours = 168, failure_intents = "" }
-- notes      = """
-- tier_1_repeat: the same customer had come for the same reason within the window before, so that time it was not settled. not_shown: the customer is known and had not come before. unknown: the customer is not known, or the history before is too short to tell. tier_2_reason: its reason is one of those that the settings call failures in themselves (repeat.failure_intents: where is my order, does not work again); where they name none, there is no such tier. Tier 3, the judgement of a model, is not made up. Forwards are part of the interaction before and are not counted."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
--
-- [for_full]
-- "core_interactions.intent" = "no intents: every return counts as for the same reason"
--
-- [example.params]
-- failure_intents = "|order late|"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | source  | started_at
--   a              | voice   | connect | 2025-03-03 10:00:00+00
--   b              | chat    | connect | 2025-03-10 10:00:00+00
--   c              | voice   | connect | 2025-03-03 10:00:00+00
--   d              | voice   | connect | 2025-03-10 10:00:01+00
--   e              | voice   | connect | 2025-03-10 11:00:00+00
--   f              | voice   | connect | 2025-03-10 11:00:00+00
--   g              | voice   | connect | 2025-03-10 11:00:00+00
--   h              | voice   | connect | 2025-03-10 11:00:00+00
--   z              | voice   | connect | 2025-02-17 10:00:00+00
-- '''
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | is_forward | previous_same_at | reason
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k1          | k1                      | false      |                        | billing
--   b              | 2025-03-10  | 2025-03-10 10:00:00+00 | k1          | k1                      | false      | 2025-03-03 10:00:00+00 | billing
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 | k2          | k2                      | false      |                        | billing
--   d              | 2025-03-10  | 2025-03-10 10:00:01+00 | k2          | k2                      | false      | 2025-03-03 10:00:00+00 | billing
--   e              | 2025-03-10  | 2025-03-10 11:00:00+00 |             | e                       | false      |                        | billing
--   f              | 2025-03-10  | 2025-03-10 11:00:00+00 | k2          | k2                      | true       |                        | billing
--   g              | 2025-03-10  | 2025-03-10 11:00:00+00 |             | g                       | false      |                        | order late
--   h              | 2025-03-10  | 2025-03-10 11:00:00+00 | k5          | k5                      | false      | 2025-03-10 10:00:00+00 | order late
--   z              | 2025-02-17  | 2025-02-17 10:00:00+00 | k4          | k4                      | false      |                        | billing
-- '''
-- [example]
-- expect = '''
--   unit_id | tier          | num | den | excluded
--   a       | not_shown     | 1   | 1   |
--   b       | tier_1_repeat | 1   | 1   |
--   c       | not_shown     | 1   | 1   |
--   d       | not_shown     | 1   | 1   |
--   e       | unknown       | 1   | 1   |
--   g       | tier_2_reason | 1   | 1   |
--   h       | tier_1_repeat | 1   | 1   |
--   z       | unknown       | 1   | 1   |
-- '''

with

young as (  -- interactions in the first window of some source: what came before them there is not known
    select distinct i.interaction_id
    from core_interactions as i
    join (select source, min(started_at) as began_at from core_interactions group by source) as s
        on i.started_at >= s.began_at and i.started_at < s.began_at + to_hours($window_hours)
)

select
    r.interaction_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    case
        when r.customer_id is not null and r.previous_same_at >= r.started_at - to_hours($window_hours) then 'tier_1_repeat'
        when strpos($failure_intents, '|' || r.reason || '|') > 0 then 'tier_2_reason'
        when r.customer_id is null then 'unknown'
        when y.interaction_id is not null then 'unknown'
        else 'not_shown'
    end as tier,
    1 as num,
    1 as den,
    cast(null as varchar) as excluded
from out_repeats as r
left join young as y on y.interaction_id = r.interaction_id
where not r.is_forward
order by r.interaction_id
