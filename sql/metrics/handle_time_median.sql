-- title      = "Handle time, median"
-- subject    = "Contact handling"
-- question   = "How long do people work on an interaction?"
-- definition = "The time that people spend on half of the interactions they answer, or less: talk, hold and after-contact work over all of its legs."
-- formula    = "the {quantile} quantile of talk + hold + after-contact work: an observed time, no average"
-- version    = 1
-- kind       = "percentile"
-- unit       = "seconds"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- params     = { part = "handle", quantile = 0.5 }
--
-- [needs]
-- "core_interactions.talk_ms" = "no source gives talk times"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [for_full]
-- "legs.hold_ms when part = handle" = "no hold times: talk and after-contact work only"
-- "legs.acw_ms when part = handle" = "no after-contact work: talk and hold only"
--
-- [variants]
-- handle_time_p90 = { quantile = 0.9, title = "Handle time, 90th percentile" }
-- talk_time_median = { part = "talk", title = "Talk time, median" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | is_answered | talk_ms | handle_ms | excluded_as
--   a              | 2025-03-03  | true        | 300000  | 360000    |
--   b              | 2025-03-03  | true        |         |           |
--   c              | 2025-03-03  | false       |         |           |
-- '''
-- [example]
-- expect = '''
--   unit_id | num    | den | excluded
--   a       | 360000 | 1   |
--   b       |        | 1   | time not known
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    case when $part = 'talk' then i.talk_ms else i.handle_ms end as num,
    1 as den,
    case when i.handle_ms is null then 'time not known' end as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null and i.is_answered
order by i.interaction_id
