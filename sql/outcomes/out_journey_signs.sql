-- title      = "Signs of journeys"
-- definition = "Everything that shows something of a journey of the settings: what begins it, its steps, its goal, and what else belongs to it."
-- version    = 1
-- grain      = "one event or fact of one interaction and one thing that it shows of one journey"
-- entity     = "interaction_id"
-- day        = ""
-- reads      = ["core_interactions", "core_legs", "core_events"]
-- params     = { journeys = "[]", journey_signs = "[]", procedures = "[]" }
-- notes      = """
-- An intent and a journey show at the start of the interaction; an outcome at its end, or at its start while it is open, and only where
-- something else of the interaction has to do with the journey: a bill that was paid does not complete a move. An event shows
-- at its own time; one that is dated up to an hour before its interaction began (clocks differ) at that start. An event dated earlier
-- than that, or more than 30 days after the interaction, has a wrong clock: it is put at the start and shows no step. A journey whose
-- steps come from a procedure takes as steps the events of each interaction that the procedure of its name asks for."""
--
-- [columns]
-- interaction_id = ["VARCHAR", "the interaction"]
-- journey        = ["VARCHAR", "the journey, as the settings name it"]
-- procedure      = ["VARCHAR", "the procedure that the interaction names, where the journey's steps come from one"]
-- role           = ["VARCHAR", "start, goal, step, belongs, only_if, unless"]
-- step_name      = ["VARCHAR", "the step, for step, only_if and unless"]
-- sign_no        = ["BIGINT", "which of the journey's signs it is; empty: a step of a procedure"]
-- happened_at    = ["TIMESTAMP WITH TIME ZONE", "when"]
-- moment_rank    = ["BIGINT", "of what shows at one instant: 0 the interaction itself, 1 events, 2 outcomes"]
-- event_seq      = ["BIGINT", "order of events at one instant"]
-- moment_key     = ["VARCHAR", "what it is: the event, or intent, journey, an outcome"]
-- is_failed      = ["BOOLEAN", "the event says that it failed"]
-- is_misdated    = ["BOOLEAN", "the event's time cannot be right"]
--
-- [example.params]
-- journeys = '[{"journey":"move","steps_from":""},{"journey":"shop","steps_from":"journey"}]'
-- journey_signs = '[{"journey":"move","role":"start","step_name":"","sign_no":0,"shown_by":"intent","name":"move_home","kind":"","result":""},{"journey":"move","role":"goal","step_name":"","sign_no":1,"shown_by":"outcome","name":"goal_completed","kind":"","result":""},{"journey":"move","role":"step","step_name":"address","sign_no":2,"shown_by":"event","name":"address_given","kind":"slot","result":""},{"journey":"shop","role":"start","step_name":"","sign_no":0,"shown_by":"journey","name":"*","kind":"","result":""}]'
-- procedures = '[{"procedure":"return","step_no":1,"step_name":"find"},{"procedure":"return","step_no":2,"step_name":"refund"}]'
-- [example.given]
-- core_interactions = '''
--   interaction_id | started_at             | ended_at               | intent    | journey | is_goal_completed | excluded_as
--   a              | 2025-03-03 10:00:00+00 | 2025-03-03 10:30:00+00 | move_home |         | true              |
--   b              | 2025-03-03 11:00:00+00 |                        | billing   | return  | true              | session
--   c              | 2025-03-03 11:00:00+00 |                        | move_home |         | false             | test
-- '''
-- core_legs = '''
--   leg_id | root_id
--   a      |
--   a2     | a
--   b      |
-- '''
-- core_events = '''
--   event_id | leg_id | source | event_at               | event_seq | kind | name          | is_error
--   1        | a      | bot    | 2025-03-03 09:00:00+00 |           | slot | address_given | true
--   2        | a2     | bot    | 2025-03-03 10:20:00+00 | 7         | slot | address_given |
--   3        | a      | bot    | 2025-03-03 10:20:00+00 |           | flow | address_given |
--   4        | a      | bot    | 2025-03-03 08:59:59+00 |           | slot | address_given |
--   5        | b      | bot    | 2025-03-03 11:05:00+00 |           | tool | refund        |
--   6        | a      | bot    | 2025-03-03 10:05:00+00 |           | tool | refund        |
-- '''
-- [example]
-- expect = '''
--   interaction_id | journey | role  | step_name | happened_at            | moment_rank | event_seq | moment_key     | is_failed | is_misdated
--   a              | move    | start |           | 2025-03-03 10:00:00+00 | 0           |           | intent         | false     | false
--   a              | move    | step  | address   | 2025-03-03 10:00:00+00 | 1           |           | bot 1          | true      | false
--   a              | move    | step  | address   | 2025-03-03 10:00:00+00 | 1           |           | bot 4          | false     | true
--   a              | move    | step  | address   | 2025-03-03 10:20:00+00 | 1           | 7         | bot 2          | false     | false
--   a              | move    | goal  |           | 2025-03-03 10:30:00+00 | 2           |           | goal_completed | false     | false
--   b              | shop    | start |           | 2025-03-03 11:00:00+00 | 0           |           | journey        | false     | false
--   b              | shop    | step  | refund    | 2025-03-03 11:05:00+00 | 1           |           | bot 5          | false     | false
-- '''

with

journeys as (
    select j ->> '$.journey' as journey, j ->> '$.steps_from' as steps_from
    from (select unnest(json_extract($journeys, '$[*]')) as j) as given
),

signs as (
    select
        s ->> '$.journey' as journey,
        s ->> '$.role' as role,
        s ->> '$.step_name' as step_name,
        cast(s ->> '$.sign_no' as bigint) as sign_no,
        s ->> '$.shown_by' as shown_by,
        s ->> '$.name' as name,
        s ->> '$.kind' as kind,
        s ->> '$.result' as result
    from (select unnest(json_extract($journey_signs, '$[*]')) as s) as given
),

procedure_steps as (  -- what each procedure asks for, once
    select distinct p ->> '$.procedure' as procedure, p ->> '$.step_name' as step_name
    from (select unnest(json_extract($procedures, '$[*]')) as p) as given
),

customer_interactions as (  -- of customers, sessions included, with each journey that there is
    select
        i.*,
        j.journey as of_journey,
        case j.steps_from when 'journey' then i.journey when 'intent' then i.intent end as procedure
    from core_interactions as i
    cross join journeys as j
    where i.excluded_as is null or i.excluded_as = 'session'
),

named as (  -- what an interaction is about
    select i.interaction_id, i.of_journey, i.procedure, i.started_at, 'intent' as shown_by, i.intent as name
    from customer_interactions as i
    where i.intent is not null
    union all
    select i.interaction_id, i.of_journey, i.procedure, i.started_at, 'journey', i.journey
    from customer_interactions as i
    where i.journey is not null
),

named_events as (  -- events that a sign or a procedure names
    select
        e.name,
        e.kind,
        e.result,
        e.event_at,
        e.event_seq,
        concat_ws(' ', e.source, e.event_id) as moment_key,
        coalesce(e.is_error, false) as is_failed,
        coalesce(l.root_id, l.leg_id) as interaction_id
    from core_events as e
    join core_legs as l on l.leg_id = e.leg_id
    where
        not coalesce(e.is_test, false)
        and e.name in (select name from signs where shown_by = 'event' union select step_name from procedure_steps)
),

dated_events as (
    select
        i.interaction_id,
        i.of_journey,
        i.procedure,
        e.name,
        e.kind,
        e.result,
        e.event_seq,
        e.moment_key,
        e.is_failed,
        e.event_at < i.started_at - to_hours(1) or e.event_at > coalesce(i.ended_at, i.started_at) + to_days(30) as is_misdated,
        greatest(e.event_at, i.started_at) as event_at,
        i.started_at
    from named_events as e
    join customer_interactions as i on i.interaction_id = e.interaction_id
),

shown as (
    select
        n.interaction_id,
        n.of_journey as journey,
        n.procedure,
        s.role,
        s.step_name,
        s.sign_no,
        n.started_at as happened_at,
        0::bigint as moment_rank,
        null::bigint as event_seq,
        n.shown_by as moment_key,
        false as is_failed,
        false as is_misdated
    from named as n
    join signs as s on s.journey = n.of_journey and s.shown_by = n.shown_by and s.name in (n.name, '*')
    union all
    select
        e.interaction_id,
        e.of_journey,
        e.procedure,
        s.role,
        s.step_name,
        s.sign_no,
        case when e.is_misdated then e.started_at else e.event_at end,
        1,
        e.event_seq,
        e.moment_key,
        e.is_failed,
        e.is_misdated
    from dated_events as e
    join signs as s
        on s.journey = e.of_journey
        and s.shown_by = 'event'
        and s.name = e.name
        and s.kind in (e.kind, '')
        and s.result in (e.result, '')
    union all
    select
        e.interaction_id,
        e.of_journey,
        e.procedure,
        'step',
        p.step_name,
        null,
        case when e.is_misdated then e.started_at else e.event_at end,
        1,
        e.event_seq,
        e.moment_key,
        e.is_failed,
        e.is_misdated
    from dated_events as e
    join procedure_steps as p on p.procedure = e.procedure and p.step_name = e.name
),

ended as (  -- how an interaction ended that has to do with the journey
    select
        i.interaction_id,
        i.of_journey,
        i.procedure,
        s.role,
        s.step_name,
        s.sign_no,
        coalesce(i.ended_at, i.started_at) as happened_at,
        s.name
    from customer_interactions as i
    join (select distinct interaction_id, journey from shown) as n
        on n.interaction_id = i.interaction_id and n.journey = i.of_journey
    join signs as s on s.journey = i.of_journey and s.shown_by = 'outcome'
    where
        case s.name
            when 'goal_completed' then i.is_goal_completed
            when 'confirmed' then i.is_confirmed
            when 'claimed_resolved' then i.is_claimed_resolved
            when 'answered' then i.is_answered
            when 'escalated' then i.has_ai and (i.is_answered or i.is_callback or i.ticket_id is not null)
        end
),

found as (
    select * from shown
    union all
    select interaction_id, of_journey, procedure, role, step_name, sign_no, happened_at, 2, null, name, false, false
    from ended
)

select
    interaction_id,
    journey,
    procedure,
    role,
    case when step_name <> '' then step_name end as step_name,
    sign_no,
    happened_at,
    moment_rank,
    event_seq,
    moment_key,
    is_failed,
    is_misdated
from found
order by journey, interaction_id, happened_at, moment_rank, event_seq nulls first, moment_key, sign_no nulls last, step_name
