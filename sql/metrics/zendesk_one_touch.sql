-- title      = "One-touch tickets (Zendesk)"
-- subject    = "Vendors' figures"
-- question   = "What would Zendesk's screen say about tickets solved at once?"
-- definition = "As Zendesk Explore counts one-touch tickets: share of solved or closed tickets with fewer than two public replies of an agent. A ticket that was solved without any reply counts as one touch; ours wants exactly one."
-- formula    = "solved or closed tickets with fewer than {max_replies} public replies ÷ solved or closed tickets"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "case"
-- reads      = ["core_interactions", "out_cases", "out_repeats"]
-- by         = ["channel", "queue", "intent", "priority", "agent_id"]
-- params     = { max_replies = 2 }
-- notes      = """
-- Source: Zendesk help, "How are one-touch resolutions calculated?", with the Explore formula of its Tickets dataset (Agent replies < 2 and status Solved or Closed). Newer versions of that page speak of exactly one reply, as ours does. For comparison only."""
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
-- '''
-- out_cases = '''
--   case_id | interaction_id | occurred_on | status  | n_replies
--   a       | a              | 2025-03-03  | solved  | 1
--   b       | b              | 2025-03-03  | closed  | 2
--   c       | c              | 2025-03-03  | solved  | 0
--   d       | d              | 2025-03-03  | pending | 1
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 1   | 1   |
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
    case when c.n_replies < $max_replies then 1 else 0 end as num,
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
