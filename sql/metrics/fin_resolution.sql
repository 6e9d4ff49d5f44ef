-- title      = "Fin resolution rate (Intercom)"
-- subject    = "Vendors' figures"
-- question   = "What would Intercom's screen say that Fin resolved?"
-- definition = "As Intercom counts it: share of conversations with Fin in which the customer confirmed Fin's last answer, or left without asking for more help (assumed). Silence counts as success, whether or not the customer comes back later by another channel."
-- formula    = "confirmed or assumed resolutions ÷ conversations in which Fin took part"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "case"
-- reads      = ["core_interactions", "out_cases", "out_repeats"]
-- by         = ["resolution"]
-- params     = { counted = "resolved" }
-- notes      = """
-- Sources: Intercom help, "Fin AI Agent Outcomes" and "Fin AI Agent report". By `counted`: resolved (confirmed and assumed, Intercom's rate); confirmed (the customer's word only); deflected (nobody of ours answered, and Fin neither escalated nor handed over). A procedure handoff is billed as an outcome and is no resolution. When the customer comes back in the same conversation Intercom takes an assumed resolution back, also in past periods: the newest version of the conversation counts. Conversations that are still open are in the denominator, as on Intercom's screen."""
--
-- [needs]
-- "cases.vendor_resolution" = "no source gives Fin's own word on how a conversation ended"
-- "legs.ai_agent" = "no source says where an AI agent took part"
--
-- [variants]
-- fin_resolution_confirmed = { counted = "confirmed", title = "Fin resolution rate, confirmed only (Intercom)" }
-- fin_deflection = { counted = "deflected", title = "Fin deflection rate (Intercom)" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | ai_agent | is_answered | excluded_as
--   a              | Fin      | false       |
--   b              | Fin      | false       |
--   c              | Fin      | true        |
--   d              | Fin      | false       |
--   e              | Fin      | true        |
--   f              |          | true        |
--   g              | Fin      | false       | no_customer_message
-- '''
-- out_cases = '''
--   case_id | interaction_id | occurred_on | vendor_resolution
--   a       | a              | 2025-03-03  | confirmed_resolution
--   b       | b              | 2025-03-03  | assumed_resolution
--   c       | c              | 2025-03-03  | assumed_resolution
--   d       | d              | 2025-03-03  |
--   e       | e              | 2025-03-03  | procedure_handoff
--   f       | f              | 2025-03-03  |
--   g       | g              | 2025-03-03  | assumed_resolution
-- '''
-- [example]
-- expect = '''
--   unit_id | resolution           | num | den | excluded
--   a       | confirmed_resolution | 1   | 1   |
--   b       | assumed_resolution   | 1   | 1   |
--   c       | assumed_resolution   | 1   | 1   |
--   d       | none                 | 0   | 1   |
--   e       | procedure_handoff    | 0   | 1   |
-- '''

select
    c.case_id as unit_id,
    c.occurred_on,
    coalesce(r.customer_or_interaction, c.interaction_id) as cluster_id,
    coalesce(c.vendor_resolution, 'none') as resolution,
    case
        when c.vendor_resolution = 'confirmed_resolution' and $counted in ('resolved', 'confirmed') then 1
        when c.vendor_resolution = 'assumed_resolution' and $counted = 'resolved' then 1
        when $counted = 'deflected' and not i.is_answered
            and coalesce(c.vendor_resolution, 'none') not in ('escalated', 'procedure_handoff') then 1
        else 0
    end as num,
    1 as den,
    cast(null as varchar) as excluded
from out_cases as c
join core_interactions as i on i.interaction_id = c.interaction_id
left join out_repeats as r on r.interaction_id = c.interaction_id
where i.excluded_as is null and i.ai_agent is not null
order by c.case_id
