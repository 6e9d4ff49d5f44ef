-- title      = "Journey completion"
-- subject    = "Journeys"
-- question   = "Did customers who began reach their goal?"
-- definition = "Share of journey runs that reached the goal within the journey's limit, on whichever channel."
-- formula    = "runs with the goal within the limit ÷ runs begun, limit elapsed, goal observable"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Journey owners"
-- grain      = "journey run"
-- reads      = ["out_journey_runs"]
-- by         = ["journey", "procedure", "first_channel", "last_channel", "channels"]
-- params     = { within = "limit", only_mature = true }
-- notes      = """
-- A run is one attempt of one customer at one goal of [journeys] in the settings; its limit stands there. It counts on the day of its start, once the
-- limit has passed since then, also if it reached the goal before: counting only the quick ones early would make the newest days look better than they are.
-- Eventual completion counts the goal up to the journey's longest time, and waits for that. first_channel, last_channel and channels
-- are the run's; the other breakdowns are those of the interaction with which it began."""
--
-- [needs]
-- "out_journey_runs.run_id" = "no journey of the settings has begun in what arrived"
--
-- [variants]
-- journey_completion_eventual = { within = "longest", title = "Eventual journey completion" }
--
-- [example.params]
-- observed_until = "2025-03-03 10:10:00+00"
-- [example.given]
-- out_journey_runs = '''
--   run_id | journey | interaction_id | occurred_on | customer_or_interaction | state              | is_goal_visible | limit_at               | matures_at
--   r1     | move    | a              | 2025-03-03  | k_1                     | completed          | true            | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00
--   r2     | move    | b              | 2025-03-03  | k_2                     | completed_late     | true            | 2025-03-03 10:09:00+00 | 2025-03-03 10:20:00+00
--   r3     | move    | a              | 2025-03-03  | k_1                     | completed          | true            | 2025-03-03 10:10:01+00 | 2025-03-03 10:20:00+00
--   r4     | move    | b              | 2025-03-03  | k_2                     | unfinished         | true            | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00
--   r5     | move    | b              | 2025-03-03  | k_2                     | unfinished         | false           | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00
--   r6     | move    | b              | 2025-03-03  | k_2                     | goal_without_start | true            | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   r1      | 1   | 1   |
--   r2      | 0   | 1   |
--   r3      | 1   | 1   | window not elapsed
--   r4      | 0   | 1   |
--   r5      | 0   | 1   | goal not observable
--   r6      | 0   | 1   | goal without a start
-- '''

select
    r.run_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    r.journey, r.procedure, r.first_channel, r.last_channel, r.channels,
    case when r.state = 'completed' or ($within = 'longest' and r.state = 'completed_late') then 1 else 0 end as num,
    1 as den,
    case
        when r.state = 'goal_without_start' then 'goal without a start'
        when not r.is_goal_visible then 'goal not observable'
        when $only_mature and case when $within = 'longest' then r.matures_at else r.limit_at end > $observed_until::timestamptz
            then 'window not elapsed'
    end as excluded
from out_journey_runs as r
order by r.run_id
