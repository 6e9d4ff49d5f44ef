-- title      = "Queue abandonment"
-- subject    = "Contact handling"
-- question   = "Could customers reach us?"
-- definition = "Share of interactions offered to a queue in which the customer gave up before an agent answered. Customers who gave up within the first seconds are left out and counted apart; a requested callback is no abandonment."
-- formula    = "abandoned in queue ÷ offered to queue, leaving out abandons shorter than {short_s} seconds"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- vendor     = ["genesys_abandonment", "genesys_abandonment_no_short", "connect_abandonment"]
-- params     = { short_s = 5, population = "queue", channels = "live" }
-- notes      = """
-- Only channels on which the customer waits live (voice, chat, video) unless channels = 'all': a mail that waits till morning is no customer on hold.
-- population = 'all' counts every customer interaction, and giving up in self-service too (variant abandonment_all)."""
--
-- [needs]
-- "legs.enqueued_at when population = queue" = "no source says when an interaction entered a queue"
-- "legs.is_abandoned | legs.answered_at" = "no source says whether a person answered"
-- "legs.is_abandoned | legs.ended_at" = "no source says when an interaction ended"
--
-- [for_full]
-- "core_interactions.wait_ms" = "no waits: short abandons cannot be told apart"
-- "legs.is_abandoned when population = all" = "who gave up in self-service is not known"
--
-- [derived]
-- "legs.is_abandoned" = "gave up: left the queue without an answer; the source itself does not say it"
--
-- [variants]
-- abandonment_all = { channels = "all", population = "all", short_s = 0, title = "Abandonment anywhere" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | queue | is_queued | is_answered | is_callback | is_abandoned | abandoned_in | wait_ms | excluded_as
--   a              | 2025-03-03  | cards | true      | true        | false       | false        |              | 12000   |
--   b              | 2025-03-03  | cards | true      | false       | false       | true         | queue        | 5000    |
--   c              | 2025-03-03  | cards | true      | false       | false       | true         | queue        | 4999    |
--   d              | 2025-03-03  | cards | true      | false       | true        | false        |              | 60000   |
--   e              | 2025-03-03  |       | false     | false       | false       | true         | self_service |         |
--   f              | 2025-03-03  | cards | true      | true        | false       | false        |              | 1       | test
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 0   | 1   |
--   b       | 1   | 1   |
--   c       | 1   | 1   | short abandon
--   d       | 0   | 1   |
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    case when i.is_abandoned and (i.abandoned_in = 'queue' or $population = 'all') then 1 else 0 end as num,
    1 as den,
    case when i.abandoned_in = 'queue' and i.wait_ms < $short_s * 1000 then 'short abandon' end as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where
    i.excluded_as is null
    and (i.is_queued or $population = 'all')
    and ($channels = 'all' or coalesce(i.channel, 'voice') not in ('email', 'sms', 'messaging', 'social', 'task'))
order by i.interaction_id
