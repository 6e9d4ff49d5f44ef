-- title      = "Solved with one reply"
-- subject    = "Cases"
-- question   = "Was one answer enough?"
-- definition = "Share of solved cases in which the customer got exactly one reply."
-- formula    = "solved cases with exactly one public reply ÷ solved cases"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "case"
-- reads      = ["core_interactions", "out_cases", "out_repeats"]
-- vendor     = ["zendesk_one_touch"]
-- by         = ["channel", "queue", "intent", "priority", "agent_id"]
-- notes      = """
-- A case that was solved without any reply is in the denominator only. One reply does not say that it helped: read how many come back beside it."""
--
-- [needs]
-- "cases.opened_at" = "no source of cases"
-- "cases.status" = "no source says which cases are solved"
-- "out_cases.n_replies" = "no source says how many replies customers got"
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
--   case_id | interaction_id | occurred_on | status  | n_replies
--   a       | a              | 2025-03-03  | solved  | 1
--   b       | b              | 2025-03-03  | closed  | 2
--   c       | c              | 2025-03-03  | solved  | 0
--   d       | d              | 2025-03-03  | open    | 1
--   e       | e              | 2025-03-03  | solved  | 1
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 0   | 1   |
--   d       | 1   | 1   | not solved
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
    case when c.n_replies = 1 then 1 else 0 end as num,
    1 as den,
    case
        when c.status is null then 'status not known'
        when c.status = 'deleted' then 'deleted'
        when c.status not in ('solved', 'closed') then 'not solved'
        when c.n_replies is null then 'replies not known'
    end as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null
order by c.case_id
