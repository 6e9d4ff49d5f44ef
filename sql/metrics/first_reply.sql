-- title      = "Time to first reply, median"
-- subject    = "Contact handling"
-- question   = "How long do customers wait for an answer in writing?"
-- definition = "The time from a case's opening to the first reply that the customer could see, for half of the answered cases, or less. Internal notes are no reply."
-- formula    = "the {quantile} quantile of first reply - opened: an observed time, no average; calendar time, nights and weekends included, unless business_hours = true"
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
-- Cases that nobody has answered yet are counted beside it, not in it: where many wait, the figure looks better than it is. A case that one of our people opened waits for nobody and is not counted."""
--
-- [needs]
-- "cases.opened_at" = "no source of cases"
-- "out_cases.first_reply_ms" = "no source says when customers got a first reply"
--
-- [variants]
-- first_reply_p90 = { quantile = 0.9, title = "Time to first reply, 90th percentile" }
-- first_reply_business = { business_hours = true, title = "Time to first reply in business hours, median" }
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
--   case_id | interaction_id | occurred_on | status  | first_reply_ms
--   a       | a              | 2025-03-03  | solved  | 720000
--   b       | b              | 2025-03-03  | open    | 0
--   c       | c              | 2025-03-03  | open    |
--   d       | d              | 2025-03-03  | deleted | 720000
--   e       | e              | 2025-03-03  | open    | 720000
-- '''
-- out_case_hours = '''
--   case_id | first_reply_ms
--   a       | 120000
-- '''
-- [example]
-- expect = '''
--   unit_id | num    | den | excluded
--   a       | 720000 | 1   |
--   b       | 0      | 1   |
--   c       |        | 1   | no reply yet
--   d       | 720000 | 1   | deleted
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
    case when $business_hours then h.first_reply_ms else c.first_reply_ms end as num,
    1 as den,
    case
        when c.status = 'deleted' then 'deleted'
        when c.first_reply_ms is null then 'no reply yet'
        when $business_hours and h.first_reply_ms is null then 'no schedule known'
    end as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_case_hours as h on h.case_id = c.case_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null
order by c.case_id
