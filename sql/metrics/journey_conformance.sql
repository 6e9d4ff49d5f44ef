-- title      = "Journey conformance"
-- subject    = "Journeys"
-- question   = "Did journeys run as they were designed?"
-- definition = "Share of journey runs in which every step that applies was taken, in its place and in time."
-- formula    = "runs without a failed step ÷ runs with steps, longest time elapsed, all steps evaluated or one failed"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Journey owners"
-- grain      = "journey run"
-- reads      = ["out_journey_runs", "out_journey_steps"]
-- by         = ["journey", "procedure", "first_channel", "last_channel", "channels"]
-- params     = { only_mature = true }
-- notes      = """
-- One failed step is enough, whatever could not be evaluated beside it. A run in which nothing failed and something could not be seen (or has a time that
-- cannot be right) is left out and counted: nobody knows. A run conforms or not whether or not it reached its goal."""
--
-- [needs]
-- "out_journey_steps.state" = "no run of a journey with steps has begun in what arrived"
--
-- [example.params]
-- observed_until = "2025-03-03 10:20:00+00"
-- [example.given]
-- out_journey_runs = '''
--   run_id | journey | interaction_id | occurred_on | customer_or_interaction | state     | matures_at
--   r1     | move    | a              | 2025-03-03  | k_1                     | completed | 2025-03-03 10:20:00+00
--   r2     | move    | a              | 2025-03-03  | k_1                     | completed | 2025-03-03 10:20:00+00
--   r3     | move    | a              | 2025-03-03  | k_1                     | completed | 2025-03-03 10:20:00+00
--   r4     | move    | a              | 2025-03-03  | k_1                     | completed | 2025-03-03 10:20:00+00
--   r5     | move    | a              | 2025-03-03  | k_1                     | completed | 2025-03-03 10:20:00+00
-- '''
-- out_journey_steps = '''
--   run_id | step    | state
--   r1     | known   | pass
--   r1     | address | not_applicable
--   r2     | known   | not_evaluated
--   r2     | address | fail
--   r3     | known   | pass
--   r3     | address | not_evaluated
--   r4     | known   | not_applicable
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   r1      | 1   | 1   |
--   r2      | 0   | 1   |
--   r3      | 0   | 1   | not evaluated
--   r4      | 0   | 1   | no step applies
--   r5      | 0   | 1   | no step applies
-- '''

with

judged as (  -- how many steps of each run were in each state
    select
        run_id,
        count(*) filter (where state = 'pass') as n_pass,
        count(*) filter (where state = 'fail') as n_fail,
        count(*) filter (where state = 'not_evaluated') as n_not_evaluated,
        count(*) filter (where state = 'error') as n_error
    from out_journey_steps
    group by run_id
)

select
    r.run_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    r.journey, r.procedure, r.first_channel, r.last_channel, r.channels,
    case when s.n_pass > 0 and s.n_fail + s.n_not_evaluated + s.n_error = 0 then 1 else 0 end as num,
    1 as den,
    case
        when r.state = 'goal_without_start' then 'goal without a start'
        when $only_mature and r.matures_at > $observed_until::timestamptz then 'window not elapsed'
        when s.n_fail > 0 then null
        when s.n_error > 0 then 'evaluation error'
        when s.n_not_evaluated > 0 then 'not evaluated'
        when coalesce(s.n_pass, 0) = 0 then 'no step applies'
    end as excluded
from out_journey_runs as r
left join judged as s on s.run_id = r.run_id
order by r.run_id
