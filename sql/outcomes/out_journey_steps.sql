-- title      = "Steps of journey runs"
-- definition = "What became of each step of each run of a journey: passed, failed, not applicable, not evaluated, or error."
-- version    = 1
-- grain      = "one step of one run"
-- entity     = "customer_or_interaction"
-- day        = "occurred_on"
-- reads      = ["out_journey_moments"]
-- params     = { journeys = "[]", journey_signs = "[]", journey_steps = "[]", procedures = "[]", journey_sources = "[]", timezone = "UTC" }
-- notes      = """
-- pass: shown, in its place, within its limit. fail: shown out of its place or too late, tried without success, or missing although it is
-- required. not_applicable: its conditions are not met, or it is not required and was not taken. not_evaluated: it was not seen, and an
-- interaction of the run belongs to a source and channel that never sends what would show it, so nobody knows. error: what shows it
-- has a time that cannot be right. A missing step of a run that goes on may still come: readers compare `matures_at` with how far
-- the data reaches. In sequence, a step is in its place where one showing lies after those of the steps before it, each as early as
-- may be; with order = first, where its first showing is not before the first of any step before it. One thing shows one step: of a
-- procedure that asks twice for the same action, the second needs a second showing. What comes after `longest` does not count."""
--
-- [columns]
-- step_id        = ["VARCHAR", "run and number of the step"]
-- run_id         = ["VARCHAR", "the run"]
-- journey        = ["VARCHAR", "the journey"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the interaction where there is none"]
-- interaction_id = ["VARCHAR", "the interaction with which the run began"]
-- occurred_on    = ["DATE", "local date of the run's start"]
-- started_at     = ["TIMESTAMP WITH TIME ZONE", "the run's start"]
-- matures_at     = ["TIMESTAMP WITH TIME ZONE", "from when on nothing that comes can count any more"]
-- step_no        = ["BIGINT", "its place in the journey"]
-- step           = ["VARCHAR", "its name"]
-- is_required    = ["BOOLEAN", "a run without it does not conform"]
-- state          = ["VARCHAR", "pass, fail, not_applicable, not_evaluated, error"]
-- failed_as      = ["VARCHAR", "missing, tried, order, time; empty: it did not fail"]
-- shown_at       = ["TIMESTAMP WITH TIME ZONE", "when it was shown"]
-- channel        = ["VARCHAR", "where it was shown, else where it was last tried, else where the run was last"]
-- tried_in       = ["VARCHAR", "where it was first tried, else the same as channel"]
-- n_tries        = ["BIGINT", "times that it was shown or tried without success"]
-- n_retries      = ["BIGINT", "of these, how many were not needed"]
-- is_in_order    = ["BOOLEAN", "in its place; empty: not shown, or its place does not matter"]
-- is_in_time     = ["BOOLEAN", "within its limit; empty: not shown, or without a limit"]
--
-- [example.params]
-- timezone = "Europe/London"
-- journeys = '[{"journey":"move","step_order":"sequence","longest_ms":3600000,"steps_from":""},{"journey":"shop","step_order":"first","longest_ms":3600000,"steps_from":"journey"}]'
-- journey_signs = '[{"journey":"move","role":"step","step_name":"known","sign_no":2,"shown_by":"event","name":"k"},{"journey":"move","role":"step","step_name":"address","sign_no":3,"shown_by":"event","name":"a"},{"journey":"move","role":"step","step_name":"paid","sign_no":4,"shown_by":"event","name":"p"}]'
-- journey_steps = '[{"journey":"move","step_no":1,"step_name":"known","is_required":true,"limit_ms":60000,"after_step":null,"has_place":true,"channels":"","has_condition":false},{"journey":"move","step_no":2,"step_name":"address","is_required":true,"limit_ms":60000,"after_step":"known","has_place":true,"channels":"","has_condition":false},{"journey":"move","step_no":3,"step_name":"paid","is_required":true,"limit_ms":null,"after_step":null,"has_place":true,"channels":"voice","has_condition":false}]'
-- procedures = '[{"procedure":"return","step_no":1,"step_name":"find"},{"procedure":"return","step_no":2,"step_name":"look"},{"procedure":"return","step_no":3,"step_name":"find"}]'
-- journey_sources = '[{"journey":"move","what":"event","source":"bot","channel":"chat"},{"journey":"shop","what":"event","source":"bot","channel":"chat"}]'
-- [example.given]
-- out_journey_moments = '''
--   run_id | journey | has_start | moment_no | interaction_id | channel | source | procedure | happened_at            | role  | step_name | sign_no | is_failed | is_misdated
--   r1     | move    | true      | 1         | a              | chat    | bot    |           | 2025-03-03 23:59:00+00 | start |           | 0       | false     | false
--   r1     | move    | true      | 2         | a              | chat    | bot    |           | 2025-03-03 23:59:30+00 | step  | address   | 3       | false     | false
--   r1     | move    | true      | 3         | a              | chat    | bot    |           | 2025-03-04 00:00:00+00 | step  | known     | 2       | false     | false
--   r1     | move    | true      | 4         | a              | chat    | bot    |           | 2025-03-04 00:01:00+00 | step  | address   | 3       | false     | false
--   r2     | move    | true      | 1         | b              | chat    | bot    |           | 2025-03-03 10:00:00+00 | start |           | 0       | false     | false
--   r2     | move    | true      | 2         | b              | chat    | bot    |           | 2025-03-03 10:01:01+00 | step  | known     | 2       | false     | false
--   r2     | move    | true      | 3         | b              | chat    | bot    |           | 2025-03-03 10:02:00+00 | step  | address   | 3       | true      | false
--   r2     | move    | true      | 4         | b              | chat    | bot    |           | 2025-03-03 11:00:01+00 | step  | address   | 3       | false     | false
--   r3     | move    | true      | 1         | c              | voice   | pbx    |           | 2025-03-03 10:00:00+00 | start |           | 0       | false     | false
--   r3     | move    | true      | 2         | c              | voice   | pbx    |           | 2025-03-03 10:00:00+00 | step  | address   | 3       | false     | true
--   r4     | shop    | true      | 1         | d              | chat    | bot    | return    | 2025-03-03 10:00:00+00 | start |           | 0       | false     | false
--   r4     | shop    | true      | 2         | d              | chat    | bot    | return    | 2025-03-03 10:01:00+00 | step  | look      |         | false     | false
--   r4     | shop    | true      | 3         | d              | chat    | bot    | return    | 2025-03-03 10:02:00+00 | step  | find      |         | false     | false
-- '''
-- [example]
-- expect = '''
--   run_id | occurred_on | step    | state          | failed_as | shown_at               | channel | n_tries | n_retries | is_in_order | is_in_time
--   r1     | 2025-03-03  | known   | pass           |           | 2025-03-04 00:00:00+00 | chat    | 1       | 0         | true        | true
--   r1     | 2025-03-03  | address | pass           |           | 2025-03-04 00:01:00+00 | chat    | 2       | 1         | true        | true
--   r1     | 2025-03-03  | paid    | not_applicable |           |                        | chat    | 0       | 0         |             |
--   r2     | 2025-03-03  | known   | fail           | time      | 2025-03-03 10:01:01+00 | chat    | 1       | 0         | true        | false
--   r2     | 2025-03-03  | address | fail           | tried     |                        | chat    | 1       | 0         |             |
--   r2     | 2025-03-03  | paid    | not_applicable |           |                        | chat    | 0       | 0         |             |
--   r3     | 2025-03-03  | known   | not_evaluated  |           |                        | voice   | 0       | 0         |             |
--   r3     | 2025-03-03  | address | error          |           |                        | voice   | 1       | 0         |             |
--   r3     | 2025-03-03  | paid    | not_evaluated  |           |                        | voice   | 0       | 0         |             |
--   r4     | 2025-03-03  | find    | pass           |           | 2025-03-03 10:02:00+00 | chat    | 1       | 0         | true        |
--   r4     | 2025-03-03  | look    | fail           | order     | 2025-03-03 10:01:00+00 | chat    | 1       | 0         | false       |
--   r4     | 2025-03-03  | find    | fail           | missing   |                        | chat    | 1       | 0         |             |
-- '''

with

journeys as (
    select
        j ->> '$.journey' as journey,
        j ->> '$.step_order' as step_order,
        j ->> '$.steps_from' as steps_from,
        cast(j ->> '$.longest_ms' as bigint) as longest_ms
    from (select unnest(json_extract($journeys, '$[*]')) as j) as given
),

designed_steps as (  -- of the settings
    select
        s ->> '$.journey' as journey,
        cast(s ->> '$.step_no' as bigint) as step_no,
        s ->> '$.step_name' as step_name,
        cast(s ->> '$.is_required' as boolean) as is_required,
        cast(s ->> '$.limit_ms' as bigint) as limit_ms,
        s ->> '$.after_step' as after_step,
        cast(s ->> '$.has_place' as boolean) as has_place,
        s ->> '$.channels' as channels,
        cast(s ->> '$.has_condition' as boolean) as has_condition
    from (select unnest(json_extract($journey_steps, '$[*]')) as s) as given
),

procedure_steps as (
    select
        p ->> '$.procedure' as procedure,
        cast(p ->> '$.step_no' as bigint) as step_no,
        p ->> '$.step_name' as step_name
    from (select unnest(json_extract($procedures, '$[*]')) as p) as given
),

steps as (  -- nth: which of those of one name
    select
        journey, null as procedure, step_no, step_name, is_required, limit_ms, after_step, has_place, channels, has_condition,
        1 as nth, 1 as n_same, step_name as known_as
    from designed_steps
    union all
    select
        j.journey, p.procedure, p.step_no, p.step_name, true, null, null, true, '', false,
        row_number() over (partition by j.journey, p.procedure, p.step_name order by p.step_no),
        count(*) over (partition by j.journey, p.procedure, p.step_name), ''
    from procedure_steps as p
    join journeys as j on j.steps_from <> ''
),

step_signs as (  -- what would show a step, by the name under which it is looked for
    select distinct
        s ->> '$.journey' as journey,
        s ->> '$.step_name' as known_as,
        case when s ->> '$.shown_by' = 'outcome' then s ->> '$.name' else s ->> '$.shown_by' end as what
    from (select unnest(json_extract($journey_signs, '$[*]')) as s) as given
    where s ->> '$.role' = 'step'
    union all
    select journey, '', 'event' from journeys where steps_from <> ''
),

journey_sources as (  -- which source sends what, on which channel
    select
        s ->> '$.journey' as journey,
        s ->> '$.what' as what,
        s ->> '$.source' as source,
        s ->> '$.channel' as channel
    from (select unnest(json_extract($journey_sources, '$[*]')) as s) as given
),

runs as (
    select
        m.run_id,
        m.journey,
        m.customer_or_interaction,
        min(m.happened_at) as started_at,
        min_by(m.interaction_id, m.moment_no) as interaction_id,
        min_by(m.procedure, m.moment_no) as procedure,
        max_by(m.channel, m.moment_no) as last_channel,
        any_value(j.step_order) as step_order,
        any_value(j.longest_ms) as longest_ms
    from out_journey_moments as m
    join journeys as j on j.journey = m.journey
    where m.has_start
    group by m.run_id, m.journey, m.customer_or_interaction
),

run_steps as (
    select
        r.*, s.step_no, s.step_name, s.is_required, s.limit_ms, s.after_step, s.has_place, s.channels, s.has_condition, s.nth,
        s.n_same, s.known_as,
        row_number() over (partition by r.run_id order by s.step_no) + 1 as place_no
    from runs as r
    join steps as s on s.journey = r.journey and (s.procedure is null or s.procedure = r.procedure)
),

counted_moments as (  -- while they count, of the run's own procedure
    select m.*
    from out_journey_moments as m
    join runs as r on r.run_id = m.run_id
    where
        epoch_ms(m.happened_at) <= epoch_ms(r.started_at) + r.longest_ms
        and (m.sign_no is not null or m.procedure = r.procedure)
),

tries as (  -- of a step, one row per moment
    select
        run_id,
        step_name,
        moment_no,
        min(happened_at) as happened_at,
        min(channel) as channel,
        min(case when is_failed then 1 else 0 end) = 1 as is_failed,
        max(case when is_misdated then 1 else 0 end) = 1 as is_misdated
    from counted_moments
    where role = 'step'
    group by run_id, step_name, moment_no
),

try_counts as (
    select
        run_id,
        step_name,
        count(*) as n_tries,
        count(*) filter (where is_misdated) as n_misdated,
        count(*) filter (where is_failed and not is_misdated) as n_failed,
        min_by(channel, moment_no) as tried_in,
        max_by(channel, moment_no) as last_tried_in
    from tries
    group by run_id, step_name
),

showings as (
    select
        run_id, step_name, moment_no, happened_at, channel,
        row_number() over (partition by run_id, step_name order by moment_no) as show_no
    from tries
    where not is_failed and not is_misdated
),

shown_steps as (  -- the moments that may show each step
    select
        s.run_id,
        s.step_no,
        min(m.moment_no) as first_no,
        array_agg(m.moment_no) as shown_nos
    from run_steps as s
    join showings as m on m.run_id = s.run_id and m.step_name = s.step_name and m.show_no >= s.nth
    group by s.run_id, s.step_no
),

run_places as (  -- what each step of a run was shown by, in one sequence; the number that begins each keeps the order
    select
        s.run_id,
        in_sequence(list_sort(array_agg(
            case
                when s.has_place and m.step_no is not null then list_concat([s.step_no - 1000000], m.shown_nos)
                else [s.step_no - 1000000]
            end
        ))) as places
    from run_steps as s
    left join shown_steps as m on m.run_id = s.run_id and m.step_no = s.step_no
    where s.step_order = 'sequence'
    group by s.run_id
),

ordered_steps as (
    select
        s.*,
        m.first_no,
        p.places[s.place_no] as sequence_no,
        max(case when s.has_place then m.first_no end) over (
            partition by s.run_id order by s.step_no rows between unbounded preceding and 1 preceding
        ) as before_no
    from run_steps as s
    left join shown_steps as m on m.run_id = s.run_id and m.step_no = s.step_no
    left join run_places as p on p.run_id = s.run_id
),

dated_steps as (
    select
        s.*,
        w.happened_at as shown_at,
        w.channel as shown_in,
        case
            when s.first_no is null or not s.has_place or s.step_order = 'any' then null
            when s.step_order = 'sequence' then s.sequence_no > 0
            else coalesce(s.first_no >= s.before_no, true)
        end as is_in_order
    from ordered_steps as s
    left join showings as w
        on w.run_id = s.run_id
        and w.step_name = s.step_name
        and w.moment_no = case
            when s.step_order = 'sequence' and s.has_place and s.sequence_no > 0 then s.sequence_no
            else s.first_no
        end
),

conditions as (  -- that were met
    select distinct run_id, role, step_name
    from counted_moments
    where role in ('only_if', 'unless') and not is_misdated
),

touched as (
    select distinct run_id, journey, source, coalesce(channel, '') as channel
    from out_journey_moments
),

wanted_channels as (
    select distinct journey, step_no, unnest(string_split(channels, '|')) as channel
    from designed_steps
    where channels <> ''
),

met_channels as (
    select distinct t.run_id, w.step_no
    from touched as t
    join wanted_channels as w on w.journey = t.journey and w.channel = t.channel
),

seen_places as (  -- at how many of a run's sources and channels a step would be seen
    select run_id, known_as, count(*) as n_seen
    from (
        select distinct t.run_id, t.source, t.channel, g.known_as
        from touched as t
        join step_signs as g on g.journey = t.journey
        join journey_sources as s
            on s.journey = t.journey and s.what = g.what and s.source = t.source and s.channel = t.channel
    ) as seen
    group by run_id, known_as
),

judged_steps as (
    select
        s.*,
        b.shown_at as after_at,
        coalesce(c.n_tries, 0) as n_tries,
        coalesce(c.n_misdated, 0) as n_misdated,
        coalesce(c.n_failed, 0) as n_failed,
        c.tried_in,
        c.last_tried_in,
        (s.channels = '' or h.step_no is not null)
            and (not s.has_condition or o.run_id is not null)
            and u.run_id is null as is_applicable,
        coalesce(v.n_seen, 0) < n.n_touched as is_blind,
        case
            when s.limit_ms is null or s.shown_at is null or (s.after_step is not null and b.shown_at is null) then null
            else epoch_ms(s.shown_at) <= epoch_ms(coalesce(b.shown_at, s.started_at)) + s.limit_ms
        end as is_in_time
    from dated_steps as s
    left join dated_steps as b on b.run_id = s.run_id and b.step_name = s.after_step
    left join try_counts as c on c.run_id = s.run_id and c.step_name = s.step_name
    left join met_channels as h on h.run_id = s.run_id and h.step_no = s.step_no
    left join conditions as o on o.run_id = s.run_id and o.step_name = s.step_name and o.role = 'only_if'
    left join conditions as u on u.run_id = s.run_id and u.step_name = s.step_name and u.role = 'unless'
    left join seen_places as v on v.run_id = s.run_id and v.known_as = s.known_as
    join (select run_id, count(*) as n_touched from touched group by run_id) as n on n.run_id = s.run_id
),

settled_steps as (
    select
        *,
        case
            when not is_applicable then 'not_applicable'
            when shown_at is not null and coalesce(is_in_order, true) and coalesce(is_in_time, true) then 'pass'
            when shown_at is not null then 'fail'
            when n_misdated > 0 then 'error'
            when n_failed > 0 then 'fail'
            when not is_required then 'not_applicable'
            when is_blind then 'not_evaluated'
            else 'fail'
        end as state
    from judged_steps
)

select
    concat_ws(' ', run_id, step_no::varchar) as step_id,
    run_id,
    journey,
    customer_or_interaction,
    interaction_id,
    local_date(started_at, $timezone) as occurred_on,
    started_at,
    make_timestamptz((epoch_ms(started_at) + longest_ms) * 1000) as matures_at,
    step_no,
    step_name as step,
    is_required,
    state,
    case
        when state <> 'fail' then null
        when shown_at is null and n_failed > 0 then 'tried'
        when shown_at is null then 'missing'
        when not coalesce(is_in_order, true) then 'order'
        else 'time'
    end as failed_as,
    shown_at,
    coalesce(shown_in, last_tried_in, last_channel) as channel,
    coalesce(tried_in, last_channel) as tried_in,
    n_tries,
    case when nth = n_same then greatest(n_tries - n_same, 0) else 0 end as n_retries,
    is_in_order,
    is_in_time
from settled_steps
order by run_id, step_no
