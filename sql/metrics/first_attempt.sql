-- title      = "First-attempt success"
-- subject    = "Journeys"
-- question   = "Did customers reach their goal without trying anything twice?"
-- definition = "Share of journey runs that reached the goal with no step and no start repeated."
-- formula    = "runs with the goal and without a retry ÷ runs begun, longest time elapsed, goal observable"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Journey owners"
-- grain      = "journey run"
-- reads      = ["out_journey_runs"]
-- by         = ["journey", "procedure", "first_channel", "last_channel", "channels"]
-- params     = { only_mature = true }
-- notes      = """
-- A goal that is reached on the third try is no first-attempt success, and neither is one that needed a second call about the same thing. A goal reached
-- without a retry after the journey's limit is one: it was slow, which journey completion says."""
--
-- [needs]
-- "out_journey_runs.run_id" = "no journey of the settings has begun in what arrived"
--
-- [example.params]
-- observed_until = "2025-03-03 10:20:00+00"
-- [example.given]
-- out_journey_runs = '''
--   run_id | journey | interaction_id | occurred_on | customer_or_interaction | state              | is_goal_visible | n_retries | matures_at
--   r1     | move    | a              | 2025-03-03  | k_1                     | completed          | true            | 0         | 2025-03-03 10:20:00+00
--   r2     | move    | a              | 2025-03-03  | k_1                     | completed          | true            | 1         | 2025-03-03 10:20:00+00
--   r3     | move    | a              | 2025-03-03  | k_1                     | completed_late     | true            | 0         | 2025-03-03 10:20:00+00
--   r4     | move    | a              | 2025-03-03  | k_1                     | unfinished         | true            | 0         | 2025-03-03 10:20:00+00
--   r5     | move    | a              | 2025-03-03  | k_1                     | completed          | true            | 0         | 2025-03-03 10:20:01+00
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   r1      | 1   | 1   |
--   r2      | 0   | 1   |
--   r3      | 1   | 1   |
--   r4      | 0   | 1   |
--   r5      | 1   | 1   | window not elapsed
-- '''

select
    r.run_id as unit_id,
    r.occurred_on,
    r.customer_or_interaction as cluster_id,
    r.journey, r.procedure, r.first_channel, r.last_channel, r.channels,
    case when r.state in ('completed', 'completed_late') and r.n_retries = 0 then 1 else 0 end as num,
    1 as den,
    case
        when r.state = 'goal_without_start' then 'goal without a start'
        when not r.is_goal_visible then 'goal not observable'
        when $only_mature and r.matures_at > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_journey_runs as r
order by r.run_id
