-- title      = "Time that we waited for the customer, mean"
-- subject    = "Cases"
-- question   = "How long do our people wait for an answer of the customer?"
-- definition = "The time that solved cases spent pending: we had asked the customer for something."
-- formula    = "sum of the time in pending ÷ solved cases; calendar time, nights and weekends included, unless business_hours = true"
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
-- The clock of many service levels stands still while a case is pending; read this beside the time to full resolution before believing it. A case that is not solved yet is counted beside the figure, not in it."""
--
-- [variants]
-- agent_wait_business = { business_hours = true, title = "Time that we waited for the customer in business hours, mean" }
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
--   case_id | interaction_id | occurred_on | status  | agent_wait_ms
--   a       | a              | 2025-03-03  | solved  | 720000
--   b       | b              | 2025-03-03  | closed  |
--   c       | c              | 2025-03-03  | open    | 720000
--   d       | d              | 2025-03-03  | closed  | 720000
--   e       | e              | 2025-03-03  | solved  | 720000
-- '''
-- out_case_hours = '''
--   case_id | agent_wait_ms
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
    case when $business_hours then h.agent_wait_ms else c.agent_wait_ms end as num,
    1 as den,
    case
        when c.status = 'deleted' then 'deleted'
        when c.status not in ('solved', 'closed') then 'not solved'
        when c.agent_wait_ms is null then 'no changes of status'
        when $business_hours and h.agent_wait_ms is null then 'no schedule known'
    end as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_case_hours as h on h.case_id = c.case_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null
order by c.case_id
