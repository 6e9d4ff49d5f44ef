-- title      = "Cases in business hours"
-- definition = "How long customers waited for us, and we for them, while the schedule in force was open."
-- version    = 1
-- grain      = "one case"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["out_cases", "core_case_events", "core_business_hours"]
-- params     = { default_schedule = "" }
-- notes      = '''
--   A case may be given a schedule, and another one later (change of the field schedule): each counts from its change on, the default
--   schedule (docs/business-hours.md says which) before the first. Where the schedule is neither in the settings nor in an export, or there
--   is none, the times are empty. The waits end, as in calendar time, with the last change of status.
-- '''
--
-- [columns]
-- case_id           = ["VARCHAR", "the case"]
-- interaction_id    = ["VARCHAR", "the interaction that opened it"]
-- occurred_on       = ["DATE", "local date of the interaction's start"]
-- first_reply_ms    = ["BIGINT", "from opened to first reply, milliseconds of business hours"]
-- resolution_ms     = ["BIGINT", "from opened to last solved, milliseconds of business hours"]
-- requester_wait_ms = ["BIGINT", "new, open and on hold, milliseconds of business hours"]
-- agent_wait_ms     = ["BIGINT", "pending, milliseconds of business hours"]
-- hold_ms           = ["BIGINT", "on hold, a part of the customer's wait, milliseconds of business hours"]
--
-- [example.params]
-- default_schedule = "day"
--
-- [example.given]
-- out_cases = '''
--   case_id | interaction_id | occurred_on | opened_at              | first_reply_at         | solved_at              | requester_wait_ms | agent_wait_ms | hold_ms
--   c1      | a              | 2025-03-03  | 2025-03-03 08:00:00+00 | 2025-03-03 09:30:00+00 | 2025-03-03 12:00:00+00 | 1                 | 1             | 0
--   c2      | b              | 2025-03-03  | 2025-03-03 08:00:00+00 | 2025-03-03 09:30:00+00 |                        |                   |               |
-- '''
-- core_case_events = '''
--   case_id | event_id | event_at               | field    | new_value | position
--   c1      | 1        | 2025-03-03 08:00:00+00 | status   | new       | 1
--   c1      | 2        | 2025-03-03 09:30:00+00 | status   | pending   | 2
--   c1      | 3        | 2025-03-03 10:00:00+00 | schedule | late      | 3
--   c1      | 4        | 2025-03-03 12:00:00+00 | status   | solved    | 4
--   c2      | 5        | 2025-03-03 09:00:00+00 | schedule | unknown   | 5
-- '''
-- core_business_hours = '''
--   schedule_id | on_utc     | opens_at               | closes_at              | open_before_ms
--   day         | 2025-03-03 | 2025-03-03 09:00:00+00 | 2025-03-03 11:00:00+00 | 0
--   late        | 2025-03-03 | 2025-03-03 11:30:00+00 | 2025-03-03 19:00:00+00 | 0
-- '''
-- [example]
-- expect = '''
--   case_id | first_reply_ms | resolution_ms | requester_wait_ms | agent_wait_ms | hold_ms
--   c1      | 1800000        | 5400000       | 1800000           | 3600000       | 0
--   c2      |                |               |                   |               |
-- '''

with

given_schedules as (  -- in force from their change to the next
    select
        case_id,
        new_value as schedule_id,
        event_at as from_at,
        lead(event_at) over (partition by case_id order by event_at, position, event_id) as until_at
    from core_case_events
    where field = 'schedule' and new_value is not null
),

in_force as (  -- and the default one before the first
    select case_id, schedule_id, from_at, until_at from given_schedules
    union all
    select c.case_id, $default_schedule, cast(null as timestamptz), g.first_at
    from out_cases as c
    left join (select case_id, min(from_at) as first_at from given_schedules group by case_id) as g on g.case_id = c.case_id
),

statuses as (
    select
        case_id,
        new_value as status,
        event_at,
        lead(event_at) over (partition by case_id order by event_at, position, event_id) as until_at
    from core_case_events
    where field = 'status'
),

spans as (  -- what is to be measured
    select case_id, 'first_reply' as measure, opened_at as from_at, first_reply_at as until_at from out_cases
    union all
    select case_id, 'resolution', opened_at, solved_at from out_cases
    union all
    select case_id, 'requester_wait', event_at, until_at from statuses where status in ('new', 'open', 'hold')
    union all
    select case_id, 'agent_wait', event_at, until_at from statuses where status = 'pending'
    union all
    select case_id, 'hold', event_at, until_at from statuses where status = 'hold'
),

pieces as (  -- of spans, each under one schedule
    select
        s.case_id,
        s.measure,
        f.schedule_id,
        greatest(s.from_at, coalesce(f.from_at, s.from_at)) as from_at,
        least(s.until_at, coalesce(f.until_at, s.until_at)) as until_at
    from spans as s
    join in_force as f on f.case_id = s.case_id
    where
        s.from_at <= s.until_at
        and (f.from_at is null or f.from_at <= s.until_at)
        and (f.until_at is null or f.until_at >= s.from_at)
),

points as (
    select schedule_id, from_at as moment from pieces
    union
    select schedule_id, until_at from pieces
),

clocked as (  -- how long the schedule had been open by then
    select
        p.schedule_id,
        p.moment,
        max(h.open_before_ms) + sum(
            coalesce(greatest(epoch_ms(least(h.closes_at, p.moment)) - epoch_ms(h.opens_at), 0), 0)
        ) as open_ms
    from points as p
    join core_business_hours as h on h.schedule_id = p.schedule_id and h.on_utc = local_date(p.moment, 'UTC')
    group by p.schedule_id, p.moment
),

measured as (  -- nothing where any schedule on the way is not known
    select
        p.case_id,
        p.measure,
        case when count(*) = count(u.open_ms - f.open_ms) then cast(sum(u.open_ms - f.open_ms) as bigint) end as open_ms
    from pieces as p
    left join clocked as f on f.schedule_id = p.schedule_id and f.moment = p.from_at
    left join clocked as u on u.schedule_id = p.schedule_id and u.moment = p.until_at
    group by p.case_id, p.measure
),

per_case as (
    select
        case_id,
        max(open_ms) filter (where measure = 'first_reply') as first_reply_ms,
        max(open_ms) filter (where measure = 'resolution') as resolution_ms,
        max(open_ms) filter (where measure = 'requester_wait') as requester_wait_ms,
        max(open_ms) filter (where measure = 'agent_wait') as agent_wait_ms,
        max(open_ms) filter (where measure = 'hold') as hold_ms
    from measured
    group by case_id
)

select
    c.case_id,
    c.interaction_id,
    c.occurred_on,
    m.first_reply_ms,
    m.resolution_ms,
    case when c.requester_wait_ms = 0 and $default_schedule <> '' then 0 else m.requester_wait_ms end as requester_wait_ms,
    case when c.agent_wait_ms = 0 and $default_schedule <> '' then 0 else m.agent_wait_ms end as agent_wait_ms,
    case when c.hold_ms = 0 and $default_schedule <> '' then 0 else m.hold_ms end as hold_ms
from out_cases as c
left join per_case as m on m.case_id = c.case_id
order by c.case_id
