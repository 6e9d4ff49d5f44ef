-- title      = "Repeat contact"
-- subject    = "Outcomes"
-- question   = "What made customers come back?"
-- definition = "Share of interactions after which the same customer came back for the same reason within the window. It is charged to the earlier interaction: its date, channel, agent, AI and release."
-- formula    = "interactions followed by another of the same customer and reason within {window_hours} hours ÷ interactions, window elapsed, customer identified"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- reads      = ["out_repeats"]
-- window     = "window_hours"
-- awaits     = "the customer comes back"
-- params     = { window_hours = 168, same_reason = true, only_mature = true }
-- notes      = """
-- only_mature = false counts interactions whose window has not elapsed as not repeated, as many published figures do."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
--
-- [for_full]
-- "core_interactions.intent when same_reason = true" = "no intents: every return counts as for the same reason"
--
-- [variants]
-- repeat_trigger_1d = { window_hours = 24, title = "Repeat contact, 1 day" }
-- repeat_trigger_3d = { window_hours = 72, title = "Repeat contact, 3 days" }
-- repeat_trigger_30d = { window_hours = 720, title = "Repeat contact, 30 days" }
-- repeat_trigger_any = { same_reason = false, title = "Repeat contact, any reason" }
--
-- [example.params]
-- observed_until = "2025-03-10 10:00:00+00"
--
-- [example.given]
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | is_forward | next_same_at           | next_any_at            | previous_same_at
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k1          | k1                      | false      | 2025-03-10 10:00:00+00 | 2025-03-04 10:00:00+00 |
--   b              | 2025-03-03  | 2025-03-03 10:00:00+00 | k2          | k2                      | false      | 2025-03-10 10:00:01+00 | 2025-03-10 10:00:01+00 |
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 |             | c                       | false      |                        |                        |
--   d              | 2025-03-03  | 2025-03-03 10:00:01+00 | k4          | k4                      | false      |                        |                        |
--   e              | 2025-03-03  | 2025-03-03 09:00:00+00 | k5          | k5                      | true       |                        |                        |
--   f              | 2025-03-03  | 2025-03-03 10:00:00+00 | k6          | k6                      | false      |                        |                        | 2025-03-01 10:00:00+00
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 0   | 1   | customer not identified
--   d       | 0   | 1   | window not elapsed
--   f       | 0   | 1   |
-- '''

select
    r.interaction_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    case when case when $same_reason then r.next_same_at else r.next_any_at end <= r.started_at + to_hours($window_hours) then 1 else 0 end as num,
    1 as den,
    r.started_at as followed_from_at,
    r.started_at + to_hours($window_hours) as matures_at,
    case when $same_reason then r.next_same_at else r.next_any_at end as event_at,
    1 as num_if_event,
    0 as num_if_none,
    case
        when r.customer_id is null then 'customer not identified'
        when $only_mature and r.started_at + to_hours($window_hours) > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_repeats as r
where not r.is_forward
order by r.interaction_id
