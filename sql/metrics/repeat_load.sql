-- title      = "Repeat share"
-- subject    = "Outcomes"
-- question   = "How much of the load is customers who come back?"
-- definition = "Share of interactions whose customer had come for the same reason within the window before. It is charged to the later interaction: the day and the queue that bear the load."
-- formula    = "interactions with an earlier one of the same customer and reason within {window_hours} hours ÷ interactions, customer identified, history long enough"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- params     = { window_hours = 168, same_reason = true }
-- notes      = """
-- What made the customer come back is charged to the earlier interaction (repeat_trigger). The window looks back, so nothing has to ripen; but within the first window of a source's history what came before is not known, and interactions of that time are left out. Forwards are the same interaction; an interaction may be a repeat and be repeated itself."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
--
-- [for_full]
-- "core_interactions.intent when same_reason = true" = "no intents: every return counts as for the same reason"
--
-- [variants]
-- repeat_load_1d = { window_hours = 24, title = "Repeat share, 1 day" }
-- repeat_load_3d = { window_hours = 72, title = "Repeat share, 3 days" }
-- repeat_load_30d = { window_hours = 720, title = "Repeat share, 30 days" }
-- repeat_load_any = { same_reason = false, title = "Repeat share, any reason" }
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
--   y              | voice   | connect | 2025-02-24 09:59:59+00
--   z              | voice   | connect | 2025-02-17 09:59:59+00
-- '''
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | is_forward | next_same_id | next_any_id
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k1          | k1                      | false      | b            | b
--   b              | 2025-03-10  | 2025-03-10 10:00:00+00 | k1          | k1                      | false      |              |
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 | k2          | k2                      | false      | d            | d
--   d              | 2025-03-10  | 2025-03-10 10:00:01+00 | k2          | k2                      | false      |              |
--   e              | 2025-03-10  | 2025-03-10 11:00:00+00 |             | e                       | false      |              |
--   f              | 2025-03-10  | 2025-03-10 11:00:00+00 | k2          | k2                      | true       |              |
--   y              | 2025-02-24  | 2025-02-24 09:59:59+00 | k3          | k3                      | false      |              |
--   z              | 2025-02-17  | 2025-02-17 09:59:59+00 | k4          | k4                      | false      |              |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 0   | 1   |
--   b       | 1   | 1   |
--   c       | 0   | 1   |
--   d       | 0   | 1   |
--   e       | 0   | 1   | customer not identified
--   y       | 0   | 1   |
--   z       | 0   | 1   | history too short
-- '''

with

young as (  -- interactions in the first window of some source: what came before them there is not known
    select distinct i.interaction_id
    from core_interactions as i
    join (select source, min(started_at) as began_at from core_interactions group by source) as s
        on i.started_at >= s.began_at and i.started_at < s.began_at + to_hours($window_hours)
),

returns as (  -- interactions with one of the same customer before them, and when that began
    select case when $same_reason then next_same_id else next_any_id end as interaction_id, started_at as previous_at
    from out_repeats
    where case when $same_reason then next_same_id else next_any_id end is not null
)

select
    r.interaction_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    case when r.started_at <= p.previous_at + to_hours($window_hours) then 1 else 0 end as num,
    1 as den,
    case
        when r.customer_id is null then 'customer not identified'
        when y.interaction_id is not null then 'history too short'
    end as excluded
from out_repeats as r
left join returns as p on p.interaction_id = r.interaction_id
left join young as y on y.interaction_id = r.interaction_id
where not r.is_forward
order by r.interaction_id
