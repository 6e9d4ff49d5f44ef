-- title      = "Long holds"
-- subject    = "Scorecards"
-- question   = "How often were customers kept on hold for long?"
-- definition = "Share of answered legs in which the customer was on hold for more than {hold_s} seconds in all."
-- formula    = "answered legs with more than {hold_s} seconds of hold ÷ answered legs"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "leg"
-- reads      = ["core_interactions", "core_legs", "out_repeats"]
-- by         = ["agent_id", "team", "queue"]
-- params     = { hold_s = 60 }
-- notes      = """
-- Sources add up the holds of a leg: three short ones count as one long one.
-- A person's own leg counts for that person, also where another answered last. A leg without a hold time is not one without hold: it is left out."""
--
-- [needs]
-- "legs.answered_at" = "no source says when a person answered"
-- "legs.hold_ms" = "no source gives hold times"
-- "legs.talk_ms" = "no source gives talk times"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | excluded_as
--   a              | 2025-03-03  |
--   t              | 2025-03-03  | test
-- '''
-- core_legs = '''
--   leg_id | root_id | initiation | answered_at            | talk_ms | hold_ms | acw_ms | agent_id
--   a      |         | customer   | 2025-03-03 10:00:00+00 | 540000  | 60000   |        | ann
--   b      | a       | transfer   | 2025-03-03 10:00:00+00 | 300000  | 60001   | 39999  | bob
--   c      | a       | transfer   | 2025-03-03 10:00:00+00 | 300000  |         |        | bob
--   d      | a       | monitor    | 2025-03-03 10:00:00+00 | 300000  | 99999   |        | eve
--   e      | a       | transfer   |                        |         |         |        |
--   t      |         | customer   | 2025-03-03 10:00:00+00 | 300000  | 99999   |        | ann
-- '''
-- [example]
-- expect = '''
--   unit_id | agent_id | num   | den    | excluded
--   a       | ann      | 0     | 1      |
--   b       | bob      | 1     | 1      |
--   c       | bob      | 0     | 1      | hold time not known
-- '''

select
    l.leg_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    l.agent_id,
    l.team,
    coalesce(l.queue, i.queue) as queue,
    case when l.hold_ms > $hold_s * 1000 then 1 else 0 end as num,
    1 as den,
    case
        when l.hold_ms is null or l.hold_ms < 0 then 'hold time not known'
        when l.talk_ms is null or l.talk_ms < 0 or coalesce(l.acw_ms, 0) < 0 then 'talk time not known'
        when l.talk_ms + l.hold_ms + coalesce(l.acw_ms, 0) = 0 then 'no time at all'
    end as excluded
from core_legs as l
join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
left join out_repeats as r on r.interaction_id = i.interaction_id
where
    i.excluded_as is null and l.answered_at is not null
    and coalesce(l.initiation, 'customer') not in ('monitor', 'survey', 'consult')
order by l.leg_id
