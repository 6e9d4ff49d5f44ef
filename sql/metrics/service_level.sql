-- title      = "Service level"
-- subject    = "Contact handling"
-- question   = "Could customers reach us?"
-- definition = "Share of interactions offered to a queue that were answered within the threshold. Abandons count as missed; short abandons and requested callbacks are left out."
-- formula    = "answered within {threshold_s} s ÷ (offered − abandons shorter than {short_s} s − callbacks)"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- vendor     = ["connect_service_level"]
-- params     = { threshold_s = 20, short_s = 5, method = "abandons_fail", channels = "live" }
-- notes      = """
-- Only channels on which the customer waits live (voice, chat, video) unless channels = 'all': a mail that waits till morning is no customer on hold.
-- Four published ways to count, by `method`: abandons_fail (ours); answered_only (answered in time ÷ answered); all_offered (short abandons stay in the denominator); abandons_succeed (an abandon within the threshold counts as reached).
-- A customer who chose to be called back was not answered within seconds, however short the wait before: whether the call back was made is another figure."""
--
-- [needs]
-- "legs.enqueued_at" = "no source says when an interaction entered a queue"
-- "legs.answered_at" = "no source says when a person answered"
-- "core_interactions.wait_ms" = "no source gives a wait in queue"
-- "legs.is_abandoned | legs.answered_at when method = answered_only" = "no source says whether a person answered"
-- "legs.is_abandoned | legs.ended_at when method = answered_only" = "no source says when an interaction ended"
-- "legs.is_abandoned | legs.answered_at when method = abandons_succeed" = "no source says whether a person answered"
-- "legs.is_abandoned | legs.ended_at when method = abandons_succeed" = "no source says when an interaction ended"
--
-- [derived]
-- "legs.is_abandoned" = "gave up: left the queue without an answer; the source itself does not say it"
--
-- [variants]
-- service_level_answered = { method = "answered_only", title = "Service level, of answered" }
-- service_level_offered = { method = "all_offered", title = "Service level, of all offered" }
-- service_level_abandons_succeed = { method = "abandons_succeed", title = "Service level, early abandons as reached" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | queue | is_queued | is_answered | is_callback | is_abandoned | abandoned_in | wait_ms | excluded_as
--   a              | 2025-03-03  | cards | true      | true        | false       | false        |              | 20000   |
--   b              | 2025-03-03  | cards | true      | true        | false       | false        |              | 20001   |
--   c              | 2025-03-03  | cards | true      | false       | false       | true         | queue        | 4999    |
--   d              | 2025-03-03  | cards | true      | false       | false       | true         | queue        | 5000    |
--   e              | 2025-03-03  | cards | true      | false       | true        | false        |              | 60000   |
--   f              | 2025-03-03  | cards | true      | true        | true        | false        |              | 10000   |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 0   | 1   | short abandon
--   d       | 0   | 1   |
--   e       | 0   | 1   | callback requested
--   f       | 0   | 1   | callback requested
-- '''

with

offered as (
    select
        i.interaction_id,
        i.occurred_on,
        coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
        i.is_answered,
        i.is_callback,
        coalesce(i.abandoned_in = 'queue', false) as is_lost,
        i.wait_ms
    from core_interactions as i
    left join out_repeats as r on r.interaction_id = i.interaction_id
    where
        i.excluded_as is null
        and i.is_queued
        and ($channels = 'all' or coalesce(i.channel, 'voice') not in ('email', 'sms', 'messaging', 'social', 'task'))
)

select
    o.interaction_id as unit_id,
    o.occurred_on,
    o.cluster_id,
    case
        when o.is_answered and not o.is_callback and o.wait_ms <= $threshold_s * 1000 then 1
        when o.is_lost and $method = 'abandons_succeed' and o.wait_ms <= $threshold_s * 1000 then 1
        else 0
    end as num,
    1 as den,
    case
        when o.is_lost and $method = 'answered_only' then 'abandoned'
        when o.is_lost and $method <> 'all_offered' and o.wait_ms < $short_s * 1000 then 'short abandon'
        when o.is_callback then 'callback requested'
        when o.wait_ms is null then 'wait not known'
    end as excluded
from offered as o
order by o.interaction_id
