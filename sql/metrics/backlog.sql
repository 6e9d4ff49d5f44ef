-- title      = "Open cases"
-- subject    = "Cases"
-- question   = "How much is still to be done?"
-- definition = "Cases that were open at the end of the period's last day, local time."
-- formula    = "cases opened before the day's end and neither solved nor closed then"
-- version    = 1
-- kind       = "count"
-- is_level   = true
-- unit       = "count"
-- better     = "lower"
-- min_n      = 1
-- owner      = "Workforce planning"
-- grain      = "case"
-- reads      = ["core_interactions", "core_case_events", "out_cases", "out_repeats"]
-- by         = ["status", "age", "channel", "queue", "intent", "priority", "agent_id"]
-- notes      = """
-- It is read from the changes of each case, so that it can be told again for any day; asked as of an earlier instant it is what was known then. Where a source exports no changes, a case is open until it was last solved. Solved cases that the customer may still open again are not open. A month's backlog is that of its last day, not a sum. status is the status at that time; queue, person and priority are those that the case has now."""
--
-- [needs]
-- "cases.opened_at" = "no source of cases"
-- "cases.status | case_events.new_value" = "no source says whether cases are open"
--
-- [derived]
-- "case_events.new_value" = "no changes of cases: each is open until it was last solved"
--
-- [example.params]
-- level_on = "2025-03-10"
-- day_end = "2025-03-11 00:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | excluded_as
--   a              |
--   b              |
--   c              |
--   d              |
--   e              |
--   f              |
--   g              |
--   h              | test
-- '''
-- out_cases = '''
--   case_id | interaction_id | status  | opened_at              | solved_at              | priority
--   a       | a              | solved  | 2025-03-10 23:59:59+00 | 2025-03-11 00:00:00+00 | high
--   b       | b              | open    | 2025-03-11 00:00:00+00 |                        |
--   c       | c              | open    | 2025-03-03 00:00:00+00 |                        |
--   d       | d              | solved  | 2025-03-03 00:00:00+00 | 2025-03-11 00:00:00+00 |
--   e       | e              | solved  | 2025-03-03 00:00:00+00 | 2025-03-10 23:59:59+00 |
--   f       | f              | solved  | 2025-03-03 00:00:00+00 |                        |
--   g       | g              | deleted | 2025-03-03 00:00:00+00 |                        |
--   h       | h              | open    | 2025-03-03 00:00:00+00 |                        |
-- '''
-- core_case_events = '''
--   case_id | event_id | field  | event_at               | position | new_value
--   c       | 1        | status | 2025-03-03 00:00:00+00 | 1        | open
--   c       | 2        | status | 2025-03-10 20:00:00+00 | 2        | solved
--   c       | 3        | status | 2025-03-10 23:59:59+00 | 3        | pending
--   c       | 4        | status | 2025-03-11 00:00:00+00 | 4        | solved
-- '''
-- [example]
-- expect = '''
--   unit_id | occurred_on | status  | age          | num | excluded
--   a       | 2025-03-10  | open    | under 1 day  | 1   |
--   c       | 2025-03-10  | pending | 7 to 30 days | 1   |
--   d       | 2025-03-10  | open    | 7 to 30 days | 1   |
--   f       | 2025-03-10  |         | 7 to 30 days | 1   | not known when it was solved
-- '''

with

last_statuses as (  -- the status that a case had at the end of the day, by its changes
    select case_id, status
    from (
        select
            case_id,
            new_value as status,
            row_number() over (partition by case_id order by event_at desc, position desc, event_id desc) as change_no
        from core_case_events
        where field = 'status' and event_at < $day_end::timestamptz
    ) as s
    where change_no = 1
),

levels as (
    select
        c.*,
        case
            when s.case_id is not null then s.status
            when c.solved_at < $day_end::timestamptz then 'solved'
            when c.status in ('solved', 'closed') and c.solved_at is null then null
            when c.status in ('solved', 'closed') then 'open'
            else c.status
        end as status_then,
        epoch_ms($day_end::timestamptz) - epoch_ms(c.opened_at) as age_ms
    from out_cases as c
    left join last_statuses as s on s.case_id = c.case_id
    where c.opened_at < $day_end::timestamptz
)

select
    c.case_id as unit_id,
    $level_on::date as occurred_on,
    coalesce(r.customer_or_interaction, c.interaction_id) as cluster_id,
    c.status_then as status,
    case
        when c.age_ms < 86400000 then 'under 1 day'
        when c.age_ms < 3 * 86400000 then '1 to 3 days'
        when c.age_ms < 7 * 86400000 then '3 to 7 days'
        when c.age_ms < 30 * 86400000::bigint then '7 to 30 days'
        else '30 days or more'
    end as age,
    coalesce(i.channel, c.channel) as channel,
    coalesce(i.queue, c.queue) as queue,
    coalesce(i.intent, c.category) as intent,
    c.priority,
    coalesce(i.agent_id, c.assignee_id) as agent_id,
    1 as num,
    1 as den,
    case when c.status_then is null then 'not known when it was solved' end as excluded
from levels as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null and coalesce(c.status_then, 'open') not in ('solved', 'closed', 'deleted')
order by c.case_id
