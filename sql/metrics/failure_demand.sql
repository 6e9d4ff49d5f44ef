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
-- params     = { window_hours = 168 }
-- notes      = """
-- tier_1_repeat: the same customer had come for the same reason within the window before, so that time it was not settled. not_shown: the customer is known and had not come before. unknown: the customer is not known, or the history before is too short to tell. Tier 2 (reasons that are failures in themselves, such as chasing an answer) and tier 3 (a model) are not told from the exports, and no figure of them is made up. Forwards are part of the interaction before and are not counted."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
--
-- [for_full]
-- "core_interactions.intent" = "no intents: every return counts as for the same reason"
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
--   z              | voice   | connect | 2025-02-17 10:00:00+00
-- '''
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | is_forward | previous_same_at
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k1          | k1                      | false      |
--   b              | 2025-03-10  | 2025-03-10 10:00:00+00 | k1          | k1                      | false      | 2025-03-03 10:00:00+00
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 | k2          | k2                      | false      |
--   d              | 2025-03-10  | 2025-03-10 10:00:01+00 | k2          | k2                      | false      | 2025-03-03 10:00:00+00
--   e              | 2025-03-10  | 2025-03-10 11:00:00+00 |             | e                       | false      |
--   f              | 2025-03-10  | 2025-03-10 11:00:00+00 | k2          | k2                      | true       |
--   z              | 2025-02-17  | 2025-02-17 10:00:00+00 | k4          | k4                      | false      |
-- '''
-- [example]
-- expect = '''
--   unit_id | tier          | num | den | excluded
--   a       | not_shown     | 1   | 1   |
--   b       | tier_1_repeat | 1   | 1   |
--   c       | not_shown     | 1   | 1   |
--   d       | not_shown     | 1   | 1   |
--   e       | unknown       | 1   | 1   |
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
        when r.customer_id is null then 'unknown'
        when r.previous_same_at >= r.started_at - to_hours($window_hours) then 'tier_1_repeat'
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
