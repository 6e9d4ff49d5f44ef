-- title      = "Average speed of answer"
-- subject    = "Contact handling"
-- question   = "How long did customers wait?"
-- definition = "Mean wait in queue of answered interactions. A mean hides the long waits: read the percentiles beside it."
-- formula    = "Σ wait ÷ answered from a queue"
-- version    = 1
-- kind       = "mean"
-- unit       = "seconds"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- notes      = """
-- Only channels on which the customer waits live (voice, chat, video) unless channels = 'all': a mail that waits till morning is no customer on hold.
-- A customer who chose to be called back did not wait until answered, and is left out of the waits until answered."""
-- params     = { population = "answered", channels = "live" }
--
-- [needs]
-- "core_interactions.wait_ms" = "no source gives a wait in queue"
-- "legs.enqueued_at" = "no source says when an interaction entered a queue"
-- "legs.answered_at when population = answered" = "no source says when a person answered"
-- "legs.is_abandoned | legs.answered_at when population = abandoned" = "no source says whether a person answered"
-- "legs.is_abandoned | legs.ended_at when population = abandoned" = "no source says when an interaction ended"
--
-- [variants]
-- mean_wait_queued = { population = "queued", title = "Mean wait of all queued" }
-- mean_wait_all = { channels = "all", population = "all", title = "Mean wait of all interactions" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | queue | is_queued | is_answered | is_callback | is_abandoned | abandoned_in | wait_ms | excluded_as
--   a              | 2025-03-03  | cards | true      | true        | false       | false        |              | 20000   |
--   b              | 2025-03-03  | cards | true      | false       | false       | true         | queue        | 7000    |
--   c              | 2025-03-03  | cards | false     | true        | false       | false        |              |         |
--   d              | 2025-03-03  | cards | true      | false       | true        | false        |              | 60000   |
--   e              | 2025-03-03  | cards | true      | true        | true        | false        |              | 60000   |
-- '''
-- [example]
-- expect = '''
--   unit_id | num   | den | excluded
--   a       | 20000 | 1   |
--   e       | 60000 | 1   | callback requested
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    coalesce(i.wait_ms, 0) as num,
    1 as den,
    case
        when $population = 'answered' and i.is_callback then 'callback requested'
        when i.is_queued and i.wait_ms is null then 'wait not known'
    end as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where
    i.excluded_as is null
    and ($channels = 'all' or coalesce(i.channel, 'voice') not in ('email', 'sms', 'messaging', 'social', 'task'))
    and case $population
        when 'answered' then i.is_queued and i.is_answered
        when 'abandoned' then coalesce(i.abandoned_in = 'queue', false)
        when 'queued' then i.is_queued
        else true
    end
order by i.interaction_id
