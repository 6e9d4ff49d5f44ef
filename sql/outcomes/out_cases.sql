-- title      = "Cases"
-- definition = "Every ticket with the interaction that opened it: when it was answered and solved, who waited for whom, how often it was opened again."
-- version    = 1
-- grain      = "one case"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_cases", "core_case_events", "core_legs", "core_interactions"]
-- notes      = '''
--   A case counts on the local date on which its interaction began; one whose interaction is not known counts nowhere. Times are
--   calendar times. The changes of the case are believed before the platform's own sums, which stand in where it exports no changes.
--   Where the source gives no role, whoever has the case's own account is the customer and anybody else one of our people.
--   A case is reopened when it leaves solved again after the customer wrote or changed it: an automation alone brings nobody back.
--   Waits end with the last change of status: how long an open case has been waiting is for the reader to add (status_since_at).
-- '''
--
-- [columns]
-- case_id             = ["VARCHAR", "the case"]
-- interaction_id      = ["VARCHAR", "the interaction that opened it"]
-- occurred_on         = ["DATE", "local date of the interaction's start"]
-- opened_at           = ["TIMESTAMP WITH TIME ZONE", "when it was opened"]
-- status              = ["VARCHAR", "new, open, pending, hold, solved, closed, deleted"]
-- status_since_at     = ["TIMESTAMP WITH TIME ZONE", "its last change of status; empty: the source gives none"]
-- channel             = ["VARCHAR", "channel through which it came"]
-- queue               = ["VARCHAR", "group or queue"]
-- category            = ["VARCHAR", "what it is about"]
-- priority            = ["VARCHAR", "priority, as of its newest version"]
-- assignee_id         = ["VARCHAR", "the person it is assigned to"]
-- first_reply_at      = ["TIMESTAMP WITH TIME ZONE", "first reply that the customer could see"]
-- first_reply_ms      = ["BIGINT", "from opened to first reply, milliseconds"]
-- first_solved_at     = ["TIMESTAMP WITH TIME ZONE", "when it was first solved"]
-- solved_at           = ["TIMESTAMP WITH TIME ZONE", "when it was last solved; empty while it is not"]
-- resolution_ms       = ["BIGINT", "from opened to last solved, milliseconds; empty while it is not"]
-- n_reopens           = ["BIGINT", "times that the customer brought it back after it was solved"]
-- first_reopened_at   = ["TIMESTAMP WITH TIME ZONE", "when the customer first brought it back; empty: never, or the source gives no changes"]
-- first_needed_at     = ["TIMESTAMP WITH TIME ZONE", "when the customer first brought it back with a need: one of us replied before it was solved again, or it is still open; a thanks is none"]
-- n_left_solved       = ["BIGINT", "times that it left solved for whatever reason; empty: the source gives no changes"]
-- n_replies           = ["BIGINT", "replies that the customer could see", "t.status in ('solved', 'closed')"]
-- n_customer_comments = ["BIGINT", "what the customer wrote; empty: the source gives no comments"]
-- requester_wait_ms   = ["BIGINT", "new, open and on hold: the customer waits, milliseconds"]
-- agent_wait_ms       = ["BIGINT", "pending: we wait for the customer, milliseconds"]
-- hold_ms             = ["BIGINT", "on hold, a part of the customer's wait, milliseconds"]
-- solved_by           = ["VARCHAR", "human, ai, automation, customer; who made it solved, where known"]
-- vendor_resolution   = ["VARCHAR", "the platform's own word for how its AI left it"]
-- follow_up_of_id     = ["VARCHAR", "the closed case that it follows up"]
--
-- [example.given]
-- core_cases = '''
--   case_id | leg_id | account_key | opened_at              | status | first_reply_at         | n_reopens
--   c1      | a      | k           | 2025-03-03 09:00:00+00 | solved |                        |
--   c2      | b      | k           | 2025-03-03 09:00:00+00 | open   | 2025-03-03 09:10:00+00 | 2
--   c3      | zz     | k           | 2025-03-03 09:00:00+00 | open   |                        |
-- '''
-- core_case_events = '''
--   case_id | event_id | event_at               | field   | new_value | actor | account_key | position
--   c1      | 1        | 2025-03-03 09:00:00+00 | status  | new       |       | k           | 1
--   c1      | 2        | 2025-03-03 09:00:00+00 | comment | public    |       | k           | 2
--   c1      | 3        | 2025-03-03 09:05:00+00 | comment | internal  |       | ann         | 3
--   c1      | 4        | 2025-03-03 09:30:00+00 | comment | public    |       | ann         | 4
--   c1      | 5        | 2025-03-03 09:30:00+00 | status  | pending   |       | ann         | 5
--   c1      | 6        | 2025-03-03 10:00:00+00 | status  | solved    |       | ann         | 6
--   c1      | 7        | 2025-03-03 11:00:00+00 | comment | public    |       | k           | 7
--   c1      | 8        | 2025-03-03 11:00:00+00 | status  | open      |       | k           | 8
--   c1      | 9        | 2025-03-03 11:10:00+00 | status  | solved    |       | ann         | 9
--   c1      | 10       | 2025-03-03 12:00:00+00 | status  | open      | automation |        | 10
--   c1      | 11       | 2025-03-03 12:01:00+00 | status  | solved    |       | ann         | 11
-- '''
-- core_legs = '''
--   leg_id | root_id
--   a      |
--   b      |
-- '''
-- core_interactions = '''
--   interaction_id | occurred_on
--   a              | 2025-03-03
--   b              | 2025-03-03
-- '''
-- [example]
-- expect = '''
--   case_id | first_reply_ms | resolution_ms | n_reopens | n_left_solved | n_replies | requester_wait_ms | agent_wait_ms
--   c1      | 1800000        | 10860000      | 1         | 2             | 1         | 2460000           | 1800000
--   c2      | 600000         |               | 2         |               |           |                   |
-- '''

with

linked as (  -- cases whose interaction is known
    select c.*, i.interaction_id, i.occurred_on
    from core_cases as c
    join core_legs as l on l.leg_id = c.leg_id
    join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
),

changes as (  -- what happened to them, with who did it
    select
        e.case_id,
        e.event_id,
        e.event_at,
        e.position,
        e.field,
        e.new_value,
        coalesce(e.actor, case when e.account_key = c.account_key then 'customer' when e.account_key is not null then 'human' end) as actor
    from core_case_events as e
    join linked as c on c.case_id = e.case_id
),

comments as (  -- per case; an internal note is no reply
    select
        c.case_id,
        min(e.event_at) filter (where e.actor in ('human', 'ai') and e.event_at > c.opened_at) as first_reply_at,
        count(*) filter (where e.actor in ('human', 'ai')) as n_replies,
        count(*) filter (where e.actor = 'customer') as n_customer_comments
    from linked as c
    join changes as e on e.case_id = c.case_id and e.field = 'comment' and e.new_value = 'public'
    group by c.case_id
),

statuses as (  -- one row per status that a case had, with the one before
    select
        case_id,
        event_id,
        event_at,
        new_value as status,
        actor,
        epoch_ms(lead(event_at) over by_time) - epoch_ms(event_at) as lasted_ms,
        lag(new_value) over by_time as status_before,
        lag(event_at) over by_time as since_at,
        min(case when new_value in ('solved', 'closed') then event_at end) over (
            partition by case_id order by event_at, position, event_id rows between 1 following and unbounded following
        ) as solved_again_at
    from changes
    where field = 'status'
    window by_time as (partition by case_id order by event_at, position, event_id)
),

returns as (  -- changes out of solved that the customer made, or wrote before
    select distinct s.case_id, s.event_id, s.event_at, s.solved_again_at
    from statuses as s
    left join changes as e
        on e.case_id = s.case_id
        and e.field = 'comment'
        and e.actor = 'customer'
        and e.event_at >= s.since_at
        and e.event_at <= s.event_at
    where
        s.status_before = 'solved'
        and s.status not in ('solved', 'closed', 'deleted')
        and (s.actor = 'customer' or e.event_id is not null)
),

answered_returns as (  -- with a need: we replied before it was solved again; without comments that cannot be told
    select r.case_id, min(r.event_at) as first_needed_at
    from returns as r
    left join comments as m on m.case_id = r.case_id
    left join changes as e
        on e.case_id = r.case_id
        and e.field = 'comment'
        and e.new_value = 'public'
        and e.actor in ('human', 'ai')
        and e.event_at >= r.event_at
        and e.event_at <= r.solved_again_at
    where r.solved_again_at is null or m.case_id is null or e.event_id is not null
    group by r.case_id
),

reopenings as (
    select r.case_id, count(*) as n_reopens, min(r.event_at) as first_reopened_at, min(a.first_needed_at) as first_needed_at
    from returns as r
    left join answered_returns as a on a.case_id = r.case_id
    group by r.case_id
),

histories as (  -- per case, what its statuses add up to
    select
        case_id,
        max(event_at) as status_since_at,
        min(event_at) filter (where status = 'solved') as first_solved_at,
        max(event_at) filter (where status = 'solved' and coalesce(status_before, '') <> 'solved') as last_solved_at,
        max_by(actor, event_at) filter (where status = 'solved' and actor is not null) as solved_by,
        count(*) filter (where status_before = 'solved' and status not in ('solved', 'closed', 'deleted')) as n_left_solved,
        coalesce(sum(lasted_ms) filter (where status in ('new', 'open', 'hold')), 0)::bigint as requester_wait_ms,
        coalesce(sum(lasted_ms) filter (where status = 'pending'), 0)::bigint as agent_wait_ms,
        coalesce(sum(lasted_ms) filter (where status = 'hold'), 0)::bigint as hold_ms
    from statuses
    group by case_id
),

timed as (  -- cases with the instants that the rest is computed from
    select
        c.*,
        h.case_id is not null as has_history,
        h.status_since_at,
        h.first_solved_at,
        h.n_left_solved,
        h.requester_wait_ms,
        h.agent_wait_ms,
        h.hold_ms,
        h.solved_by as seen_solved_by,
        r.n_reopens as seen_reopens,
        r.first_reopened_at,
        r.first_needed_at,
        m.n_replies as seen_replies,
        m.n_customer_comments,
        coalesce(m.first_reply_at, c.first_reply_at) as replied_at,
        case when c.status in ('solved', 'closed') then coalesce(h.last_solved_at, c.solved_at) end as last_solved_at
    from linked as c
    left join comments as m on m.case_id = c.case_id
    left join histories as h on h.case_id = c.case_id
    left join reopenings as r on r.case_id = c.case_id
)

select
    case_id,
    interaction_id,
    occurred_on,
    opened_at,
    status,
    status_since_at,
    channel,
    queue,
    category,
    priority,
    assignee_id,
    replied_at as first_reply_at,
    epoch_ms(replied_at) - epoch_ms(opened_at) as first_reply_ms,
    first_solved_at,
    last_solved_at as solved_at,
    epoch_ms(last_solved_at) - epoch_ms(opened_at) as resolution_ms,
    case when has_history then coalesce(seen_reopens, 0) else n_reopens::bigint end as n_reopens,
    first_reopened_at,
    first_needed_at,
    n_left_solved,
    coalesce(seen_replies, n_replies::bigint) as n_replies,
    n_customer_comments,
    requester_wait_ms,
    agent_wait_ms,
    hold_ms,
    coalesce(solved_by, seen_solved_by) as solved_by,
    vendor_resolution,
    follow_up_of_id
from timed
order by case_id
