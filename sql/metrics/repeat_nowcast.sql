-- title      = "Repeat contact, nowcast"
-- subject    = "Outcomes"
-- question   = "How many customers will have come back when the window is over?"
-- definition = "What repeat contact is expected to be when the window of all interactions has elapsed: a Kaplan-Meier estimate from the part of the window that has. It stands beside the mature figure, never in its place."
-- formula    = "(interactions repeated so far + sum of the others' chances to be repeated within {window_hours} hours) ÷ interactions, customer identified"
-- version    = 1
-- kind       = "nowcast"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- reads      = ["out_repeats"]
-- window     = "window_hours"
-- awaits     = "the customer comes back"
-- params     = { window_hours = 168, same_reason = true }
-- notes      = """
-- The chance of a repeat comes from the interactions of the same channel and intent that began within the eight weeks and one window before the data ends, each followed as far as the data reaches. Strata with fewer than 20 repeats go together within their channel, then over all channels. The interval is for the final figure: it holds chance, the curve's own uncertainty (Greenwood) and what differs between days. num is 1 where the repeat has been seen already. 'cxreports nowcast score' compares past nowcasts with what came true."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
--
-- [for_full]
-- "core_interactions.intent when same_reason = true" = "no intents: every return counts as for the same reason"
--
-- [variants]
-- repeat_nowcast_1d = { window_hours = 24, title = "Repeat contact, 1 day, nowcast" }
-- repeat_nowcast_3d = { window_hours = 72, title = "Repeat contact, 3 days, nowcast" }
-- repeat_nowcast_30d = { window_hours = 720, title = "Repeat contact, 30 days, nowcast" }
-- repeat_nowcast_any = { same_reason = false, title = "Repeat contact, any reason, nowcast" }
--
-- [example.params]
-- observed_until = "2025-03-06 10:00:00+00"
--
-- [example.given]
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | is_forward | next_same_at           | next_any_at
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k1          | k1                      | false      | 2025-03-06 10:00:00+00 | 2025-03-04 10:00:00+00
--   b              | 2025-03-03  | 2025-03-03 10:00:00+00 | k2          | k2                      | false      | 2025-03-06 10:00:01+00 | 2025-03-06 10:00:01+00
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 |             | c                       | false      |                        |
--   d              | 2025-02-20  | 2025-02-20 10:00:00+00 | k4          | k4                      | false      | 2025-02-27 10:00:01+00 | 2025-02-27 10:00:01+00
--   e              | 2025-03-03  | 2025-03-03 09:00:00+00 | k5          | k5                      | true       |                        |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded                | matures_at             | event_at
--   a       | 1   | 1   |                         | 2025-03-10 10:00:00+00 | 2025-03-06 10:00:00+00
--   b       | 0   | 1   |                         | 2025-03-10 10:00:00+00 | 2025-03-06 10:00:01+00
--   c       | 0   | 1   | customer not identified | 2025-03-10 10:00:00+00 |
--   d       | 0   | 1   |                         | 2025-02-27 10:00:00+00 | 2025-02-27 10:00:01+00
-- '''

with

returns as (  -- the return that counts
    select *, case when $same_reason then next_same_at else next_any_at end as event_at
    from out_repeats
    where not is_forward
)

select
    r.interaction_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    case
        when r.event_at <= r.started_at + to_hours($window_hours) and r.event_at <= $observed_until::timestamptz then 1
        else 0
    end as num,
    1 as den,
    r.started_at as followed_from_at,
    r.started_at + to_hours($window_hours) as matures_at,
    r.event_at,
    1 as num_if_event,
    0 as num_if_none,
    case when r.customer_id is null then 'customer not identified' end as excluded
from returns as r
order by r.interaction_id
