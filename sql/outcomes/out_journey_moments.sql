-- title      = "Moments of journey runs"
-- definition = "The signs of journeys put together into runs: one attempt of one customer at one designed goal, on whichever channels."
-- version    = 1
-- grain      = "one sign within one run"
-- entity     = "customer_or_interaction"
-- day        = ""
-- reads      = ["core_interactions", "out_journey_signs", "out_repeats", "out_sessions", "out_cases"]
-- params     = { journeys = "[]", journey_signs = "[]" }
-- notes      = """
-- A run begins with a start sign and ends with the goal, or when no sign has come for longer than the silence. While an interaction
-- that shows a sign goes on, it is not silent. A start within a run begins no second one: the customer is at the same thing. What
-- comes before a start belongs to no run; a goal without any start is kept as such. A customer who is not identified has runs
-- within one interaction only. Signs at one instant stand in this order: the interaction itself, events by their number, outcomes."""
--
-- [columns]
-- run_id         = ["VARCHAR", "the run: journey, interaction and sign with which it begins"]
-- journey        = ["VARCHAR", "the journey"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the interaction where there is none"]
-- customer_id    = ["VARCHAR", "the customer; empty: not identified"]
-- has_start      = ["BOOLEAN", "false: a goal was reached and nothing before it began a run"]
-- moment_no      = ["BIGINT", "order of the run's moments; signs of one moment share it"]
-- interaction_id = ["VARCHAR", "the interaction"]
-- channel        = ["VARCHAR", "its channel"]
-- source         = ["VARCHAR", "its source"]
-- procedure      = ["VARCHAR", "the procedure that the interaction names"]
-- happened_at    = ["TIMESTAMP WITH TIME ZONE", "when"]
-- active_until   = ["TIMESTAMP WITH TIME ZONE", "until when the run was active by then: the latest end of its interactions so far"]
-- role           = ["VARCHAR", "start, goal, step, belongs, only_if, unless"]
-- step_name      = ["VARCHAR", "the step, for step, only_if and unless"]
-- sign_no        = ["BIGINT", "which of the journey's signs it is"]
-- is_failed      = ["BOOLEAN", "the event says that it failed"]
-- is_misdated    = ["BOOLEAN", "the event's time cannot be right"]
--
-- [example.params]
-- journeys = '[{"journey":"move","silence_ms":3600000}]'
-- journey_signs = '[{"journey":"move","role":"goal","step_name":"","sign_no":9,"shown_by":"outcome","name":"case_solved","kind":"","result":""}]'
-- [example.given]
-- core_interactions = '''
--   interaction_id | started_at             | ended_at               | channel | source
--   a              | 2025-03-03 10:00:00+00 | 2025-03-03 10:10:00+00 | chat    | bot
--   b              | 2025-03-03 11:10:00+00 | 2025-03-03 11:20:00+00 | voice   | pbx
--   c              | 2025-03-03 12:20:01+00 | 2025-03-03 12:30:00+00 | voice   | pbx
--   d              | 2025-03-03 12:00:00+00 |                        | app     | app
-- '''
-- out_repeats = '''
--   interaction_id | customer_id | customer_or_interaction
--   a              | k_1         | k_1
--   b              | k_1         | k_1
--   c              | k_1         | k_1
-- '''
-- out_sessions = '''
--   interaction_id | customer_id | customer_or_interaction
--   d              |             | d
-- '''
-- out_journey_signs = '''
--   interaction_id | journey | role  | step_name | sign_no | happened_at            | moment_rank | moment_key | is_failed | is_misdated
--   a              | move    | step  | address   | 2       | 2025-03-03 09:59:00+00 | 1           | bot 1      | false     | false
--   a              | move    | start |           | 0       | 2025-03-03 10:00:00+00 | 0           | intent     | false     | false
--   b              | move    | start |           | 0       | 2025-03-03 11:10:00+00 | 0           | intent     | false     | false
--   c              | move    | start |           | 0       | 2025-03-03 12:20:01+00 | 0           | intent     | false     | false
--   d              | move    | goal  |           | 1       | 2025-03-03 12:00:00+00 | 1           | app 1      | false     | false
--   d              | move    | step  | address   | 2       | 2025-03-03 12:00:00+00 | 1           | app 1      | false     | false
-- '''
-- out_cases = '''
--   case_id | interaction_id | solved_at
--   t       | c              | 2025-03-03 13:00:00+00
-- '''
-- [example]
-- expect = '''
--   run_id        | has_start | moment_no | interaction_id | role  | happened_at            | active_until
--   move d app 1  | false     | 1         | d              | goal  | 2025-03-03 12:00:00+00 | 2025-03-03 12:00:00+00
--   move d app 1  | false     | 1         | d              | step  | 2025-03-03 12:00:00+00 | 2025-03-03 12:00:00+00
--   move a intent | true      | 2         | a              | start | 2025-03-03 10:00:00+00 | 2025-03-03 10:10:00+00
--   move a intent | true      | 3         | b              | start | 2025-03-03 11:10:00+00 | 2025-03-03 11:20:00+00
--   move c intent | true      | 4         | c              | start | 2025-03-03 12:20:01+00 | 2025-03-03 12:30:00+00
--   move c intent | true      | 5         | c              | goal  | 2025-03-03 13:00:00+00 | 2025-03-03 13:00:00+00
-- '''

with

journeys as (
    select j ->> '$.journey' as journey, cast(j ->> '$.silence_ms' as bigint) as silence_ms
    from (select unnest(json_extract($journeys, '$[*]')) as j) as given
),

case_signs as (
    select
        s ->> '$.journey' as journey,
        s ->> '$.role' as role,
        s ->> '$.step_name' as step_name,
        cast(s ->> '$.sign_no' as bigint) as sign_no
    from (select unnest(json_extract($journey_signs, '$[*]')) as s) as given
    where s ->> '$.name' = 'case_solved' and s ->> '$.shown_by' = 'outcome'
),

customers as (  -- who each interaction's customer is
    select interaction_id, customer_id, customer_or_interaction from out_repeats
    union all
    select interaction_id, customer_id, customer_or_interaction from out_sessions
),

signs as (
    select
        interaction_id, journey, procedure, role, step_name, sign_no, happened_at, moment_rank, event_seq, moment_key, is_failed,
        is_misdated
    from out_journey_signs
    union all
    select
        n.interaction_id, n.journey, n.procedure, s.role, case when s.step_name <> '' then s.step_name end, s.sign_no, c.solved_at, 2,
        null, concat_ws(' ', 'case_solved', c.case_id), false, false
    from (select distinct interaction_id, journey, procedure from out_journey_signs) as n
    join case_signs as s on s.journey = n.journey
    join out_cases as c on c.interaction_id = n.interaction_id
    where c.solved_at is not null
),

placed_signs as (  -- with the customer and the interaction; numbered by moment
    select
        s.*,
        c.customer_id,
        c.customer_or_interaction,
        i.channel,
        i.source,
        greatest(s.happened_at, coalesce(i.ended_at, s.happened_at)) as busy_until,
        dense_rank() over (
            partition by s.journey, c.customer_or_interaction
            order by s.happened_at, s.moment_rank, s.event_seq nulls last, s.interaction_id, s.moment_key
        ) as moment_no
    from signs as s
    join customers as c on c.interaction_id = s.interaction_id
    join core_interactions as i on i.interaction_id = s.interaction_id
),

moments as (  -- one row per moment
    select
        journey,
        customer_or_interaction,
        moment_no,
        min(happened_at) as happened_at,
        max(busy_until) as busy_until,
        max(case when role = 'start' then 1 else 0 end) as is_start,
        max(case when role = 'goal' and not is_failed and not is_misdated then 1 else 0 end) as is_goal,
        min(concat_ws(' ', journey, interaction_id, moment_key)) as run_name
    from placed_signs
    group by journey, customer_or_interaction, moment_no
),

reaching_moments as (  -- until when the customer was at it before
    select
        *,
        max(busy_until) over (
            partition by journey, customer_or_interaction order by moment_no rows between unbounded preceding and 1 preceding
        ) as was_busy_until
    from moments
),

sittings as (  -- numbered by silences
    select
        m.*,
        sum(case when epoch_ms(m.happened_at) > epoch_ms(m.was_busy_until) + j.silence_ms then 1 else 0 end) over (
            partition by m.journey, m.customer_or_interaction order by m.moment_no rows between unbounded preceding and current row
        ) as sitting_no
    from reaching_moments as m
    join journeys as j on j.journey = m.journey
),

attempts as (  -- within a sitting numbered by the goals reached before
    select
        *,
        coalesce(sum(is_goal) over (
            partition by journey, customer_or_interaction, sitting_no order by moment_no
            rows between unbounded preceding and 1 preceding
        ), 0) as attempt_no
    from sittings
),

begun as (  -- with the moment that begins the run of the attempt
    select
        *,
        min(case when is_start = 1 then moment_no end) over (
            partition by journey, customer_or_interaction, sitting_no, attempt_no
        ) as start_no,
        max(is_goal) over (partition by journey, customer_or_interaction, sitting_no, attempt_no) as has_goal
    from attempts
),

run_moments as (  -- what belongs to a run, or is a goal that nothing began
    select
        *,
        start_no is not null as has_start,
        first_value(run_name) over (
            partition by journey, customer_or_interaction, sitting_no, attempt_no order by moment_no
            rows between unbounded preceding and unbounded following
        ) as run_key,
        max(busy_until) over (
            partition by journey, customer_or_interaction, sitting_no, attempt_no order by moment_no
            rows between unbounded preceding and current row
        ) as active_until
    from begun
    where
        moment_no >= start_no
        or (start_no is null and has_goal = 1 and attempt_no = 0 and is_goal = 1)
)

select
    r.run_key as run_id,
    s.journey,
    s.customer_or_interaction,
    s.customer_id,
    r.has_start,
    s.moment_no,
    s.interaction_id,
    s.channel,
    s.source,
    s.procedure,
    s.happened_at,
    r.active_until,
    s.role,
    s.step_name,
    s.sign_no,
    s.is_failed,
    s.is_misdated
from placed_signs as s
join run_moments as r
    on r.journey = s.journey and r.customer_or_interaction = s.customer_or_interaction and r.moment_no = s.moment_no
order by s.journey, s.customer_or_interaction, s.moment_no, s.sign_no nulls last, s.step_name
