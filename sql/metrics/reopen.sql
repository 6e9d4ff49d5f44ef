-- title      = "Reopened cases"
-- subject    = "Cases"
-- question   = "Did solved cases come back?"
-- definition = "Share of solved cases that the customer brought back with a need within the window: by opening them again, or by a follow-up of the closed case."
-- formula    = "cases reopened or followed up within {window_days} days after they were first solved ÷ cases solved at least once, window elapsed"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "case"
-- reads      = ["core_interactions", "out_cases", "out_repeats"]
-- by         = ["channel", "queue", "intent", "priority", "agent_id"]
-- window     = "window_days"
-- awaits     = "the customer brings the case back"
-- params     = { window_days = 7, count_follow_ups = true }
-- notes      = """
-- A case belongs to the local date on which it was opened. Who only says thanks has no need: a case that is solved again without a reply of ours was not brought back; where the source exports no comments this cannot be told, and each return counts. An automation or one of our people who opens a case again does not count; help desks count those, too (out_cases: n_left_solved). A closed case cannot be opened again in Zendesk; its follow-up is a new case, which count_follow_ups = false leaves out."""
--
-- [needs]
-- "cases.opened_at" = "no source of cases"
-- "out_cases.first_solved_at" = "no source gives the changes of cases"
-- "case_events.actor | case_events.account_key" = "no source says who changed a case"
--
-- [example.params]
-- observed_until = "2025-03-10 10:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | excluded_as
--   a              |
--   b              |
--   c              |
--   d              |
--   e              | no_customer_message
-- '''
-- out_cases = '''
--   case_id | interaction_id | occurred_on | status | opened_at              | first_solved_at        | first_needed_at        | follow_up_of_id
--   a       | a              | 2025-03-03  | solved | 2025-03-03 09:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-10 10:00:00+00 |
--   b       | b              | 2025-03-03  | solved | 2025-03-03 09:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-10 10:00:01+00 |
--   c       | c              | 2025-03-03  | solved | 2025-03-03 09:00:00+00 | 2025-03-03 10:00:01+00 |                        |
--   d       | d              | 2025-03-03  | open   | 2025-03-04 09:00:00+00 |                        |                        | b
--   e       | e              | 2025-03-03  | solved | 2025-03-03 09:00:00+00 | 2025-03-03 10:00:00+00 |                        |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 1   | 1   |
--   c       | 0   | 1   | window not elapsed
-- '''

with

follow_ups as (  -- the first case that follows up a closed one
    select follow_up_of_id as case_id, min(opened_at) as followed_at
    from out_cases
    where follow_up_of_id is not null
    group by follow_up_of_id
)

select
    c.case_id as unit_id,
    c.occurred_on,
    coalesce(r.customer_or_interaction, c.interaction_id) as cluster_id,
    coalesce(i.channel, c.channel) as channel,
    coalesce(i.queue, c.queue) as queue,
    coalesce(i.intent, c.category) as intent,
    c.priority,
    coalesce(i.agent_id, c.assignee_id) as agent_id,
    case
        when c.first_needed_at <= c.first_solved_at + to_days($window_days) then 1
        when $count_follow_ups and f.followed_at <= c.first_solved_at + to_days($window_days) then 1
        else 0
    end as num,
    1 as den,
    c.first_solved_at as followed_from_at,
    c.first_solved_at + to_days($window_days) as matures_at,
    case
        when $count_follow_ups then least(coalesce(c.first_needed_at, f.followed_at), coalesce(f.followed_at, c.first_needed_at))
        else c.first_needed_at
    end as event_at,
    1 as num_if_event,
    0 as num_if_none,
    case
        when c.status = 'deleted' then 'deleted'
        when c.first_solved_at + to_days($window_days) > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_repeats as r on r.interaction_id = c.interaction_id
left join follow_ups as f on f.case_id = c.case_id
where i.excluded_as is null and c.first_solved_at is not null
order by c.case_id
