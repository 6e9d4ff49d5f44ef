-- title      = "Time to full resolution, median"
-- subject    = "Cases"
-- question   = "How long until a case is solved for good?"
-- definition = "The time from a case's opening to when it was last solved, for half of the cases that are solved now, or less."
-- formula    = "the {quantile} quantile of last solved - opened: an observed time, no average; calendar time, nights and weekends included, unless business_hours = true"
-- version    = 2
-- kind       = "percentile"
-- unit       = "seconds"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "case"
-- reads      = ["core_interactions", "out_cases", "out_case_hours", "out_repeats"]
-- by         = ["channel", "queue", "intent", "priority", "agent_id"]
-- params     = { quantile = 0.5, business_hours = false }
-- notes      = """
-- A case belongs to the local date on which it was opened. Recent days lack the cases that take long: compare days only when most of their cases are solved. A case that is opened again is unsolved until it is solved again, and the figure of its day changes."""
--
-- [needs]
-- "cases.opened_at" = "no source of cases"
-- "out_cases.resolution_ms" = "no source says when cases were solved"
--
-- [variants]
-- full_resolution_p90 = { quantile = 0.9, title = "Time to full resolution, 90th percentile" }
-- full_resolution_business = { business_hours = true, title = "Time to full resolution in business hours, median" }
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
--   case_id | interaction_id | occurred_on | status  | resolution_ms
--   a       | a              | 2025-03-03  | solved  | 720000
--   b       | b              | 2025-03-03  | closed  | 0
--   c       | c              | 2025-03-03  | open    |
--   d       | d              | 2025-03-03  | deleted |
--   e       | e              | 2025-03-03  | solved  | 720000
-- '''
-- out_case_hours = '''
--   case_id | resolution_ms
--   a       | 120000
-- '''
-- [example]
-- expect = '''
--   unit_id | num    | den | excluded
--   a       | 720000 | 1   |
--   b       | 0      | 1   |
--   c       |        | 1   | not solved
--   d       |        | 1   | deleted
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
    case when $business_hours then h.resolution_ms else c.resolution_ms end as num,
    1 as den,
    case
        when c.status = 'deleted' then 'deleted'
        when c.resolution_ms is null then 'not solved'
        when $business_hours and h.resolution_ms is null then 'no schedule known'
    end as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_case_hours as h on h.case_id = c.case_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null
order by c.case_id
