-- title      = "Journey runs"
-- definition = "Every attempt of one customer at one designed goal, stitched across channels: when it began, whether and when the goal was reached, and where it stopped."
-- version    = 1
-- grain      = "one run"
-- entity     = "customer_or_interaction"
-- day        = "occurred_on"
-- reads      = ["out_journey_moments", "out_journey_steps"]
-- params     = { journeys = "[]", journey_signs = "[]", journey_sources = "[]", timezone = "UTC" }
-- notes      = """
-- How runs are put together stands with out_journey_moments. A run that is unfinished goes on until `ends_at`; readers compare it with how
-- far the data reaches: before, it is open, after, the customer dropped out. A start by a sign that had begun the run before is a retry;
-- one by another sign (the app, then the bot) is the way on. Where some source and channel of an unfinished run never sends what
-- would show the goal, nobody knows whether it was reached."""
--
-- [columns]
-- run_id         = ["VARCHAR", "the run: journey, interaction and sign with which it begins"]
-- journey        = ["VARCHAR", "the journey, as the settings name it"]
-- procedure      = ["VARCHAR", "the procedure whose steps it asks for, where they come from one"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the interaction where there is none"]
-- customer_id    = ["VARCHAR", "the customer; empty: not identified"]
-- interaction_id = ["VARCHAR", "the interaction with which it began"]
-- occurred_on    = ["DATE", "local date of its start"]
-- started_at     = ["TIMESTAMP WITH TIME ZONE", "its start"]
-- state          = ["VARCHAR", "completed (within the limit), completed_late, unfinished, goal_without_start"]
-- goal_at        = ["TIMESTAMP WITH TIME ZONE", "when the goal was reached"]
-- is_goal_visible = ["BOOLEAN", "the goal was reached, or would be seen wherever the run went"]
-- last_at        = ["TIMESTAMP WITH TIME ZONE", "until when the customer was at it: its last sign, or the end of its last interaction"]
-- ends_at        = ["TIMESTAMP WITH TIME ZONE", "the goal, or when the silence after its last sign is over"]
-- limit_at       = ["TIMESTAMP WITH TIME ZONE", "until when the goal should be reached"]
-- matures_at     = ["TIMESTAMP WITH TIME ZONE", "from when on nothing that comes can count any more"]
-- first_channel  = ["VARCHAR", "where it began"]
-- last_channel   = ["VARCHAR", "where it was last"]
-- channels       = ["VARCHAR", "all of its channels, in the order in which it came to each"]
-- n_channels     = ["BIGINT", "how many"]
-- n_interactions = ["BIGINT", "interactions and sessions with a sign of it"]
-- n_retries      = ["BIGINT", "starts by the same sign and tries of a step beyond the first"]
-- failed_step    = ["VARCHAR", "unfinished: the first required step that was not passed, or goal; empty: it has no steps, or is not unfinished"]
--
-- [example.params]
-- timezone = "Europe/London"
-- journeys = '[{"journey":"move","limit_ms":600000,"silence_ms":3600000,"longest_ms":1200000}]'
-- journey_signs = '[{"journey":"move","role":"goal","step_name":"","sign_no":1,"shown_by":"event","name":"moved"}]'
-- journey_sources = '[{"journey":"move","what":"event","source":"bot","channel":"chat"}]'
-- [example.given]
-- out_journey_moments = '''
--   run_id | journey | customer_or_interaction | has_start | moment_no | interaction_id | channel | source | happened_at            | active_until           | role  | step_name | sign_no | is_failed | is_misdated
--   r1     | move    | k_1                     | true      | 1         | a              | chat    | bot    | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00 | start |           | 0       | false     | false
--   r1     | move    | k_1                     | true      | 2         | a              | chat    | bot    | 2025-03-03 10:10:00+00 | 2025-03-03 10:10:00+00 | goal  |           | 1       | false     | false
--   r2     | move    | k_2                     | true      | 1         | b              | voice   | bot    | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00 | start |           | 0       | false     | false
--   r2     | move    | k_2                     | true      | 2         | c              | chat    | bot    | 2025-03-03 10:02:00+00 | 2025-03-03 10:05:00+00 | start |           | 0       | false     | false
--   r2     | move    | k_2                     | true      | 3         | c              | chat    | bot    | 2025-03-03 10:10:01+00 | 2025-03-03 10:10:01+00 | goal  |           | 1       | false     | false
--   r3     | move    | k_3                     | true      | 1         | d              | voice   | pbx    | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00 | start |           | 0       | false     | false
--   r3     | move    | k_3                     | true      | 2         | e              | chat    | bot    | 2025-03-03 10:06:00+00 | 2025-03-03 10:07:00+00 | start |           | 2       | false     | false
--   r4     | move    | k_4                     | true      | 1         | f              | chat    | bot    | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00 | start |           | 0       | false     | false
--   r4     | move    | k_4                     | true      | 2         | f              | chat    | bot    | 2025-03-03 10:20:01+00 | 2025-03-03 10:20:01+00 | goal  |           | 1       | false     | false
--   r5     | move    | k_5                     | false     | 1         | g              | chat    | bot    | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00 | goal  |           | 1       | false     | false
-- '''
-- out_journey_steps = '''
--   run_id | step_no | step    | is_required | state | n_retries
--   r2     | 1       | known   | true        | pass  | 1
--   r3     | 1       | known   | true        | pass  | 0
--   r3     | 2       | address | true        | fail  | 0
-- '''
-- [example]
-- expect = '''
--   run_id | state              | is_goal_visible | ends_at                | matures_at             | channels     | n_retries | failed_step
--   r1     | completed          | true            | 2025-03-03 10:10:00+00 | 2025-03-03 10:20:00+00 | chat         | 0         |
--   r2     | completed_late     | true            | 2025-03-03 10:10:01+00 | 2025-03-03 10:20:00+00 | voice > chat | 2         |
--   r3     | unfinished         | false           | 2025-03-03 11:07:00+00 | 2025-03-03 10:20:00+00 | voice > chat | 0         | address
--   r4     | unfinished         | true            | 2025-03-03 10:20:01+00 | 2025-03-03 10:20:00+00 | chat         | 0         |
--   r5     | goal_without_start | true            | 2025-03-03 10:00:00+00 | 2025-03-03 10:20:00+00 | chat         | 0         |
-- '''

with

journeys as (
    select
        j ->> '$.journey' as journey,
        cast(j ->> '$.limit_ms' as bigint) as limit_ms,
        cast(j ->> '$.silence_ms' as bigint) as silence_ms,
        cast(j ->> '$.longest_ms' as bigint) as longest_ms
    from (select unnest(json_extract($journeys, '$[*]')) as j) as given
),

goal_signs as (
    select distinct
        s ->> '$.journey' as journey,
        case when s ->> '$.shown_by' = 'outcome' then s ->> '$.name' else s ->> '$.shown_by' end as what
    from (select unnest(json_extract($journey_signs, '$[*]')) as s) as given
    where s ->> '$.role' = 'goal'
),

goal_sources as (  -- sources and channels that would show the goal
    select distinct g.journey, s.source, s.channel
    from goal_signs as g
    join (
        select
            s ->> '$.journey' as journey,
            s ->> '$.what' as what,
            s ->> '$.source' as source,
            s ->> '$.channel' as channel
        from (select unnest(json_extract($journey_sources, '$[*]')) as s) as given
    ) as s on s.journey = g.journey and s.what = g.what
),

run_times as (
    select
        m.run_id,
        m.journey,
        m.customer_or_interaction,
        m.has_start,
        any_value(m.customer_id) as customer_id,
        min_by(m.interaction_id, m.moment_no) as interaction_id,
        min_by(m.procedure, m.moment_no) as procedure,
        min_by(m.channel, m.moment_no) as first_channel,
        max_by(m.channel, m.moment_no) as last_channel,
        count(distinct m.interaction_id) as n_interactions,
        min(m.happened_at) as started_at,
        max(m.active_until) as last_at,
        min(m.happened_at) filter (where m.role = 'goal' and not m.is_failed and not m.is_misdated) as goal_at,
        any_value(j.limit_ms) as limit_ms,
        any_value(j.silence_ms) as silence_ms,
        any_value(j.longest_ms) as longest_ms
    from out_journey_moments as m
    join journeys as j on j.journey = m.journey
    group by m.run_id, m.journey, m.customer_or_interaction, m.has_start
),

restarts as (  -- by a sign that had begun the run before; where a step was shown with it, that is the retry
    select m.run_id, count(*) - count(distinct m.sign_no) as n
    from out_journey_moments as m
    left join (select distinct run_id, moment_no from out_journey_moments where role = 'step') as s
        on s.run_id = m.run_id and s.moment_no = m.moment_no
    where m.role = 'start' and s.run_id is null
    group by m.run_id
),

first_touches as (  -- of each channel
    select run_id, channel, min(moment_no) as moment_no
    from out_journey_moments
    where channel is not null
    group by run_id, channel
),

channel_ways as (
    select
        run_id,
        count(*) as n_channels,
        array_to_string(
            list_transform(
                list_sort(array_agg(concat(lpad(moment_no::varchar, 12, '0'), channel))), lambda touch: substr(touch, 13)
            ),
            ' > '
        ) as channels
    from first_touches
    group by run_id
),

blind_runs as (  -- that were somewhere where the goal would not be seen
    select distinct m.run_id
    from out_journey_moments as m
    left join goal_sources as g
        on g.journey = m.journey and g.source = m.source and g.channel = coalesce(m.channel, '')
    where g.source is null
),

step_counts as (
    select
        run_id,
        sum(n_retries)::bigint as n_retries,
        min_by(step, step_no) filter (where is_required and state in ('fail', 'error', 'not_evaluated')) as failed_step
    from out_journey_steps
    group by run_id
),

judged_runs as (
    select
        *,
        case
            when not has_start then 'goal_without_start'
            when epoch_ms(goal_at) <= epoch_ms(started_at) + limit_ms then 'completed'
            when epoch_ms(goal_at) <= epoch_ms(started_at) + longest_ms then 'completed_late'
            else 'unfinished'
        end as state
    from run_times
)

select
    r.run_id,
    r.journey,
    r.procedure,
    r.customer_or_interaction,
    r.customer_id,
    r.interaction_id,
    local_date(r.started_at, $timezone) as occurred_on,
    r.started_at,
    r.state,
    r.goal_at,
    r.goal_at is not null or b.run_id is null as is_goal_visible,
    r.last_at,
    coalesce(r.goal_at, make_timestamptz((epoch_ms(r.last_at) + r.silence_ms) * 1000)) as ends_at,
    make_timestamptz((epoch_ms(r.started_at) + r.limit_ms) * 1000) as limit_at,
    make_timestamptz((epoch_ms(r.started_at) + r.longest_ms) * 1000) as matures_at,
    r.first_channel,
    r.last_channel,
    c.channels,
    coalesce(c.n_channels, 0) as n_channels,
    r.n_interactions,
    coalesce(t.n, 0) + coalesce(s.n_retries, 0) as n_retries,
    case when r.state = 'unfinished' and s.run_id is not null then coalesce(s.failed_step, 'goal') end as failed_step
from judged_runs as r
left join restarts as t on t.run_id = r.run_id
left join channel_ways as c on c.run_id = r.run_id
left join blind_runs as b on b.run_id = r.run_id
left join step_counts as s on s.run_id = r.run_id
order by r.run_id
