-- title      = "Step conformance"
-- subject    = "Journeys"
-- question   = "Were the steps of journeys taken as they should be?"
-- definition = "Share of journey runs in which a step was taken, in its place and in time, of those to which the step applies."
-- formula    = "steps passed ÷ steps passed or failed, longest time of the run elapsed"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Journey owners"
-- grain      = "journey step"
-- reads      = ["out_journey_steps"]
-- by         = ["step", "journey", "channel", "tried_in", "failed_as"]
-- params     = { first_try = false, only_mature = true }
-- notes      = """
-- What each state means stands with the table out_journey_steps. Steps that do not apply, that nobody could see (not evaluated) and whose evidence cannot
-- be right (error) are counted apart, never as passed. channel is where the step was taken, else where it was last tried or the run was last; tried_in is
-- where it was first tried. At the first try: a step that was repeated is not passed, and it is charged to where it was first tried."""
--
-- [needs]
-- "out_journey_steps.state" = "no run of a journey with steps has begun in what arrived"
--
-- [variants]
-- step_conformance_first_try = { first_try = true, title = "Step conformance at the first try" }
--
-- [example.params]
-- observed_until = "2025-03-03 10:20:00+00"
-- [example.given]
-- out_journey_steps = '''
--   step_id | journey | interaction_id | occurred_on | customer_or_interaction | step    | state          | channel | tried_in | n_retries | matures_at
--   r1 1    | move    | a              | 2025-03-03  | k_1                     | known   | pass           | chat    | voice    | 1         | 2025-03-03 10:20:00+00
--   r1 2    | move    | a              | 2025-03-03  | k_1                     | address | fail           | chat    | chat     | 0         | 2025-03-03 10:20:00+00
--   r1 3    | move    | a              | 2025-03-03  | k_1                     | paid    | not_evaluated  | chat    | chat     | 0         | 2025-03-03 10:20:00+00
--   r1 4    | move    | a              | 2025-03-03  | k_1                     | key     | not_applicable | chat    | chat     | 0         | 2025-03-03 10:20:00+00
--   r1 5    | move    | a              | 2025-03-03  | k_1                     | told    | error          | chat    | chat     | 0         | 2025-03-03 10:20:00+00
--   r2 1    | move    | a              | 2025-03-03  | k_1                     | known   | pass           | chat    | chat     | 0         | 2025-03-03 10:20:01+00
-- '''
-- [example]
-- expect = '''
--   unit_id | step    | channel | num | den | excluded
--   r1 1    | known   | chat    | 1   | 1   |
--   r1 2    | address | chat    | 0   | 1   |
--   r1 3    | paid    | chat    | 0   | 1   | not evaluated
--   r1 4    | key     | chat    | 0   | 1   | not applicable
--   r1 5    | told    | chat    | 0   | 1   | evaluation error
--   r2 1    | known   | chat    | 1   | 1   | window not elapsed
-- '''

select
    s.step_id as unit_id,
    s.occurred_on,
    s.customer_or_interaction as cluster_id,
    s.step, s.journey, case when $first_try then s.tried_in else s.channel end as channel, s.tried_in, s.failed_as,
    case when s.state = 'pass' and not ($first_try and s.n_retries > 0) then 1 else 0 end as num,
    1 as den,
    case
        when $only_mature and s.matures_at > $observed_until::timestamptz then 'window not elapsed'
        when s.state = 'not_applicable' then 'not applicable'
        when s.state = 'not_evaluated' then 'not evaluated'
        when s.state = 'error' then 'evaluation error'
    end as excluded
from out_journey_steps as s
order by s.step_id
