-- title      = "Bot deflection rate (Salesforce)"
-- subject    = "Vendors' figures"
-- question   = "What would Salesforce's screen say that the bot deflected?"
-- definition = "As bot reports of Salesforce count it: share of sessions with a bot that were not passed on to a person. A session in which the bot only greeted counts, one that left a case behind counts as deflected, and nobody asks whether the customer came back."
-- formula    = "sessions with a bot that reached neither a queue nor a person ÷ sessions with a bot"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- notes      = """
-- Source: Salesforce help on bot performance and Agent Analytics (sessions by how they ended: escalated, else deflected). Since June 2026 Agentforce lets a language model judge which sessions were abandoned, deflected or ambiguous; that judgement is in no export that we read, so this is the figure by events as it was before. A session that was to be passed on, and that nobody took, cannot be told from one that the bot kept where the source logs neither queue nor reason."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | ai_agent | has_ai | is_answered | is_queued | ticket_id | escalation_reason | excluded_as
--   a              | 2025-03-03  | bot      | true   | false       | false     |           |                   |
--   b              | 2025-03-03  | bot      | true   | true        | true      |           |                   |
--   c              | 2025-03-03  | bot      | true   | false       | true      |           |                   |
--   d              | 2025-03-03  | bot      | true   | false       | false     | T1        |                   |
--   e              | 2025-03-03  | bot      | false  | false       | false     |           |                   |
--   f              | 2025-03-03  |          | false  | true        | true      |           |                   |
--   g              | 2025-03-03  | bot      | true   | false       | false     |           | customer_asked    |
--   h              | 2025-03-03  | bot      | true   | false       | false     |           |                   | test
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 0   | 1   |
--   d       | 1   | 1   |
--   e       | 1   | 1   |
--   g       | 0   | 1   |
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    case when i.is_answered or i.is_queued or i.escalation_reason is not null then 0 else 1 end as num,
    1 as den,
    cast(null as varchar) as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null and i.ai_agent is not null
order by i.interaction_id
