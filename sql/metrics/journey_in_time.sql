-- title      = "Goals reached in time"
-- subject    = "Journeys"
-- question   = "How many would reach their goal within the limit if nobody gave up?"
-- definition = "Share of journey runs that reach the goal within the journey's limit, by the curve of all runs, in which who gave up counts only until then."
-- formula    = "the Kaplan-Meier curve of all runs at the limit of each"
-- version    = 1
-- kind       = "time_share"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Journey owners"
-- grain      = "journey run"
-- reads      = ["out_journey_runs"]
-- by         = ["journey", "procedure", "first_channel", "last_channel", "channels"]
-- params     = { at = 1000000, only_mature = true }
-- notes      = """
-- Journey completion counts everybody who gave up as not completed; this figure asks how fast the journey is for those who stay, and is therefore higher.
-- Read both: a fast journey that many leave is no good one. Times are counted in millionths of each run's own limit, so that journeys with
-- different limits can stand in one figure, a begun millionth as a whole one. The interval is on the log-log scale."""
--
-- [needs]
-- "out_journey_runs.run_id" = "no journey of the settings has begun in what arrived"
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
--   r1      | 1000000  | 1   | 1   |
--   r2      | 2000000  | 1   | 1   |
--   r3      | 500000   | 0   | 1   |
--   r4      | 2000000  | 0   | 1   |
--   r5      | 998334   | 1   | 1   | window not elapsed
--   r6      | 500000   | 0   | 1   | goal not observable
-- '''

select
    r.run_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    r.journey, r.procedure, r.first_channel, r.last_channel, r.channels,
    (
        (
            least(
                epoch_ms(coalesce(case when r.state in ('completed', 'completed_late') then r.goal_at end, r.last_at)),
                epoch_ms(r.matures_at)
            ) - epoch_ms(r.started_at)
        ) * 1000000 + epoch_ms(r.limit_at) - epoch_ms(r.started_at) - 1
    ) // (epoch_ms(r.limit_at) - epoch_ms(r.started_at)) as followed,
    case when r.state in ('completed', 'completed_late') then 1 else 0 end as num,
    1 as den,
    case
        when r.state = 'goal_without_start' then 'goal without a start'
        when not r.is_goal_visible then 'goal not observable'
        when $only_mature and r.matures_at > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_journey_runs as r
order by r.run_id
