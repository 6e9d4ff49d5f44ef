-- title      = "Time that the customer waited for us, mean"
-- subject    = "Cases"
-- question   = "How long do customers wait for us while we work on their case?"
-- definition = "The time that solved cases spent new, open or on hold: the customer waited for us, or for somebody we waited for."
-- formula    = "sum of the time in new, open and on hold ÷ solved cases; calendar time, nights and weekends included, unless business_hours = true"
-- version    = 1
-- kind       = "mean"
-- unit       = "seconds"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "case"
-- reads      = ["core_interactions", "out_cases", "out_case_hours", "out_repeats"]
-- by         = ["channel", "queue", "intent", "priority", "agent_id"]
-- needs      = { "case_events.event_at" = "no source of changes of cases" }
-- params     = { business_hours = false }
-- notes      = """
-- A case that is not solved yet still waits; it is counted beside the figure, not in it. What happens after it was opened again belongs to the wait, too."""
--
-- [variants]
-- requester_wait_business = { business_hours = true, title = "Time that the customer waited for us in business hours, mean" }
--
-- [example.params]
-- business_hours = true
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
--   case_id | interaction_id | occurred_on | status  | requester_wait_ms
--   a       | a              | 2025-03-03  | solved  | 720000
--   b       | b              | 2025-03-03  | closed  |
--   c       | c              | 2025-03-03  | open    | 720000
--   d       | d              | 2025-03-03  | closed  | 720000
--   e       | e              | 2025-03-03  | solved  | 720000
-- '''
-- out_case_hours = '''
--   case_id | requester_wait_ms
--   a       | 120000
--   c       | 120000
-- '''
-- [example]
-- expect = '''
--   unit_id | num    | den | excluded
--   a       | 120000 | 1   |
--   b       |        | 1   | no changes of status
--   c       | 120000 | 1   | not solved
--   d       |        | 1   | no schedule known
-- '''

select
    c.case_id as unit_id,
    c.occurred_on,
    coalesce(r.customer_or_interaction, c.interaction_id) as cluster_id,
    coalesce(i.channel, c.channel) as channel,
    coalesce(i.queue, c.queue) as queue,
    coalesce(i.intent, c.category) as intent,
    c.priority,
    coalesce(i.agent_id, c.assignee_id) as agent_id,
    case when $business_hours then h.requester_wait_ms else c.requester_wait_ms end as num,
    1 as den,
    case
        when c.status = 'deleted' then 'deleted'
        when c.status not in ('solved', 'closed') then 'not solved'
        when c.requester_wait_ms is null then 'no changes of status'
        when $business_hours and h.requester_wait_ms is null then 'no schedule known'
    end as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_case_hours as h on h.case_id = c.case_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null
order by c.case_id
