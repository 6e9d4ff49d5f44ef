-- title      = "Time to goal"
-- subject    = "Journeys"
-- question   = "How long does it take customers to reach their goal?"
-- definition = "The time from the start of a journey run by which so many have reached the goal. Who gave up is followed until then: their time is not known, and it is not left out."
-- formula    = "the first time at which the Kaplan-Meier curve of all runs reaches {quantile}"
-- version    = 1
-- kind       = "time_percentile"
-- unit       = "seconds"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Journey owners"
-- grain      = "journey run"
-- reads      = ["out_journey_runs"]
-- by         = ["journey", "procedure", "first_channel", "last_channel", "channels"]
-- params     = { quantile = 0.5, only_mature = true }
-- notes      = """
-- The mean of those who arrived would hide everybody who did not. A run that stopped is followed to its last sign, one that goes on to the journey's longest
-- time. It is supposed that those who gave up would have needed as long as those who went on. Where too many gave up for the curve to come so far, there is
-- no figure. The interval is that of Brookmeyer and Crowley on the log-log scale, widened where customers have several runs."""
--
-- [needs]
-- "out_journey_runs.run_id" = "no journey of the settings has begun in what arrived"
--
-- [variants]
-- journey_time_p90 = { quantile = 0.9, title = "Time to goal, 90 of 100" }
-- journey_time_p95 = { quantile = 0.95, title = "Time to goal, 95 of 100" }
--
-- [example.params]
-- observed_until = "2025-03-03 10:20:00+00"
-- [example.given]
-- out_journey_runs = '''
--   run_id | journey | interaction_id | occurred_on | customer_or_interaction | state          | is_goal_visible | started_at             | goal_at                | last_at                | limit_at               | matures_at
--   r1     | move    | a              | 2025-03-03  | k_1                     | completed      | true            | 2025-03-03 10:00:00+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:15:00+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00
--   r2     | move    | a              | 2025-03-03  | k_1                     | completed_late | true            | 2025-03-03 10:00:00+00 | 2025-03-03 10:20:00+00 | 2025-03-03 10:20:00+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00
--   r3     | move    | a              | 2025-03-03  | k_1                     | unfinished     | true            | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:05:00+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00
--   r4     | move    | a              | 2025-03-03  | k_1                     | unfinished     | true            | 2025-03-03 10:00:00+00 | 2025-03-03 10:20:01+00 | 2025-03-03 10:20:01+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00
--   r5     | move    | a              | 2025-03-03  | k_1                     | completed      | true            | 2025-03-03 10:00:01+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:15:00+00 | 2025-03-03 10:10:01+00 | 2025-03-03 10:20:01+00
--   r6     | move    | a              | 2025-03-03  | k_1                     | unfinished     | false           | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:05:00+00 | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00
-- '''
-- [example]
-- expect = '''
--   unit_id | followed | num | den | excluded
--   r1      | 600000   | 1   | 1   |
--   r2      | 1200000  | 1   | 1   |
--   r3      | 300000   | 0   | 1   |
--   r4      | 1200000  | 0   | 1   |
--   r5      | 599000   | 1   | 1   | window not elapsed
--   r6      | 300000   | 0   | 1   | goal not observable
-- '''

select
    r.run_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    r.journey, r.procedure, r.first_channel, r.last_channel, r.channels,
    least(
        epoch_ms(coalesce(case when r.state in ('completed', 'completed_late') then r.goal_at end, r.last_at)), epoch_ms(r.matures_at)
    ) - epoch_ms(r.started_at) as followed,
    case when r.state in ('completed', 'completed_late') then 1 else 0 end as num,
    1 as den,
    case
        when r.state = 'goal_without_start' then 'goal without a start'
        when not r.is_goal_visible then 'goal not observable'
        when $only_mature and r.matures_at > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_journey_runs as r
order by r.run_id
