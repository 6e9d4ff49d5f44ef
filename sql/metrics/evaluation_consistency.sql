-- title      = "Spread between evaluations"
-- subject    = "Scorecards"
-- question   = "Would somebody else have judged the same?"
-- definition = "How far the scores that several evaluations by people gave the same leg on the same form lie apart, on average: 0 % is full agreement, 100 % could not be further."
-- formula    = "Σ (highest − lowest score of a leg and form) ÷ legs and forms that were evaluated more than once"
-- version    = 1
-- kind       = "mean"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Quality assurance"
-- grain      = "leg"
-- reads      = ["core_evaluations", "core_interactions", "core_legs"]
-- by         = ["agent_id", "team"]
-- notes      = """
-- Calibrations count: they are made for this. A machine's evaluations, drafts and retracted ones do not. What evaluators agree on may still be wrong.
-- A form with few points spreads wider than one with many: compare a form with itself."""
--
-- [needs]
-- "evaluations.score" = "no source gives evaluations with scores"
--
-- [example.params]
-- timezone = "Europe/London"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on
--   a              | 2025-03-03
--   b              | 2025-03-03
-- '''
-- core_legs = '''
--   leg_id | root_id | agent_id
--   a      |         | ann
--   b      |         | bob
-- '''
-- core_evaluations = '''
--   source | evaluation_id | leg_id | form | status    | kind        | is_automatic | score
--   x      | 1             | a      | QA   | submitted | standard    |              | 0.9
--   x      | 2             | a      | QA   | submitted | calibration |              | 0.75
--   x      | 3             | a      | QA   | submitted | standard    | true         | 0.1
--   x      | 4             | a      | X    | submitted | standard    |              | 0.1
--   x      | 5             | b      | QA   | submitted | standard    |              | 0.5
--   x      | 6             | b      | QA   | draft     | standard    |              | 0.9
--   x      | 7             | b      | QA   | submitted | standard    |              |
-- '''
-- [example]
-- expect = '''
--   unit_id | agent_id | num  | den   | excluded
--   a       | ann      | 1500 | 10000 |
-- '''

with

repeated as (  -- legs that people evaluated more than once on one form
    select leg_id, form, max(agent_id) as agent_id, max(score) - min(score) as spread
    from core_evaluations
    where
        coalesce(status, 'submitted') = 'submitted' and not coalesce(is_automatic, false)
        and leg_id is not null and score is not null
    group by leg_id, form
    having count(*) > 1
),

spreads as (
    select
        leg_id,
        max(agent_id) as agent_id,
        cast(round(sum(spread) * 10000) as bigint) as spread_sum,
        cast(count(*) * 10000 as bigint) as full_sum
    from repeated
    group by leg_id
)

select
    s.leg_id as unit_id,
    i.occurred_on,
    i.interaction_id as cluster_id,
    coalesce(l.agent_id, s.agent_id) as agent_id,
    l.team,
    s.spread_sum as num,
    s.full_sum as den,
    cast(null as varchar) as excluded
from spreads as s
join core_legs as l on l.leg_id = s.leg_id
join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
where i.excluded_as is null
order by s.leg_id
