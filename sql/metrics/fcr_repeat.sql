-- title      = "First-contact resolution, by repeat contact"
-- subject    = "Outcomes"
-- question   = "Was the first contact enough?"
-- definition = "Share of first interactions after which the customer did not come back for the same reason, on any channel, within the window."
-- formula    = "first interactions without another of the same customer and reason within {window_hours} hours ÷ first interactions, window elapsed, customer identified"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- vendor     = ["zendesk_one_touch"]
-- window     = "window_hours"
-- awaits     = "the customer comes back"
-- params     = { window_hours = 168, same_reason = true, only_mature = true }
-- notes      = """
-- A first interaction has none of the same customer and reason within the window before it; within the first window of a source's history this cannot be known, and interactions of that time are left out. A source that is added later puts out no figure of the time before it. Forwards within minutes are the same interaction; outbound calls do not count."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "no source says who the customer is"
--
-- [for_full]
-- "core_interactions.intent when same_reason = true" = "no intents: every return counts as for the same reason"
--
-- [variants]
-- fcr_repeat_1d = { window_hours = 24, title = "First-contact resolution, 1 day" }
-- fcr_repeat_3d = { window_hours = 72, title = "First-contact resolution, 3 days" }
-- fcr_repeat_30d = { window_hours = 720, title = "First-contact resolution, 30 days" }
-- fcr_repeat_any = { same_reason = false, title = "First-contact resolution, any reason" }
--
-- [example.params]
-- observed_until = "2025-03-10 10:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | source  | started_at
--   a              | voice   | connect | 2025-03-03 10:00:00+00
--   b              | chat    | connect | 2025-03-03 10:00:00+00
--   c              | voice   | connect | 2025-03-03 10:00:00+00
--   d              | voice   | connect | 2025-03-03 10:00:01+00
--   e              | voice   | connect | 2025-03-03 09:00:00+00
--   f              | voice   | connect | 2025-03-03 10:00:00+00
--   y              | voice   | connect | 2025-02-24 09:59:59+00
--   z              | voice   | connect | 2025-02-17 09:59:59+00
-- '''
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | is_forward | next_same_at           | next_any_at            | previous_same_at
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k1          | k1                      | false      | 2025-03-10 10:00:00+00 | 2025-03-04 10:00:00+00 |
--   b              | 2025-03-03  | 2025-03-03 10:00:00+00 | k2          | k2                      | false      | 2025-03-10 10:00:01+00 | 2025-03-10 10:00:01+00 |
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 |             | c                       | false      |                        |                        |
--   d              | 2025-03-03  | 2025-03-03 10:00:01+00 | k4          | k4                      | false      |                        |                        |
--   e              | 2025-03-03  | 2025-03-03 09:00:00+00 | k5          | k5                      | true       |                        |                        |
--   f              | 2025-03-03  | 2025-03-03 10:00:00+00 | k6          | k6                      | false      |                        |                        | 2025-03-01 10:00:00+00
--   y              | 2025-02-24  | 2025-02-24 09:59:59+00 | k7          | k7                      | false      |                        |                        |
--   z              | 2025-02-17  | 2025-02-17 09:59:59+00 | k8          | k8                      | false      |                        |                        |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 0   | 1   |
--   b       | 1   | 1   |
--   c       | 1   | 1   | customer not identified
--   d       | 1   | 1   | window not elapsed
--   f       | 1   | 1   | repeat itself
--   y       | 1   | 1   |
--   z       | 1   | 1   | history too short
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
    case when case when $same_reason then r.next_same_at else r.next_any_at end <= r.started_at + to_hours($window_hours) then 0 else 1 end as num,
    1 as den,
    r.started_at as followed_from_at,
    r.started_at + to_hours($window_hours) as matures_at,
    case when $same_reason then r.next_same_at else r.next_any_at end as event_at,
    0 as num_if_event,
    1 as num_if_none,
    case
        when r.customer_id is null then 'customer not identified'
        when r.previous_same_at >= r.started_at - to_hours($window_hours) then 'repeat itself'
        when y.interaction_id is not null then 'history too short'
        when $only_mature and r.started_at + to_hours($window_hours) > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_repeats as r
left join young as y on y.interaction_id = r.interaction_id
where not r.is_forward
order by r.interaction_id
