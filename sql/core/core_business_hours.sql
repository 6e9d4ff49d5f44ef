-- title      = "Business hours"
-- definition = "When each schedule, of the settings or of an export, is open, as instants, cut at midnight UTC: what is open up to an instant is open_before_ms of its UTC date and what is open of that date until then."
-- version    = 1
-- grain      = "one opening of one schedule on one date (UTC); a date without any has one row without instants"
-- entity     = "schedule_id"
-- day        = ""
-- reads      = ["core_cases", "core_case_events"]
-- params     = { openings = "[]", holidays = "[]" }
-- notes      = '''
--   Openings are laid on local dates and then turned into instants, so a day of 23 or 25 hours is as long as it is. An opening begins
--   when the clock first shows its time or a later one: an hour that an autumn night repeats begins with its first showing, and one
--   that a spring night skips ends when it would have begun. A holiday is closed from local midnight to midnight, also for a night
--   shift that began the day before. Openings that overlap count once. An opening of an export counts from from_at to until_at, between
--   which its version was the newest: the hours of before a change stay what they were (lake/hours.py says which these are). Dates reach from a day before the first to a day after the
--   last instant of any case, those before 1990 or after 2099 left out.
-- '''
--
-- [columns]
-- schedule_id    = ["VARCHAR", "the schedule's name in the settings, or its id in the export"]
-- on_utc         = ["DATE", "date in UTC"]
-- opens_at       = ["TIMESTAMP WITH TIME ZONE", "when it opens, or midnight UTC"]
-- closes_at      = ["TIMESTAMP WITH TIME ZONE", "when it closes, or midnight UTC"]
-- open_before_ms = ["BIGINT", "how long it was open on the dates before, since the first, milliseconds"]
--
-- [example.params]
-- openings = '[{"schedule_id":"night","timezone":"Europe/London","first_day":null,"last_day":null,"weekday":5,"opens_min":1320,"closes_min":1440},{"schedule_id":"night","timezone":"Europe/London","first_day":null,"last_day":null,"weekday":6,"opens_min":0,"closes_min":360},{"schedule_id":"501","timezone":"UTC","weekday":5,"opens_min":540,"closes_min":1020,"until_at":"2025-03-29T12:00:00+00:00"},{"schedule_id":"501","timezone":"UTC","weekday":5,"opens_min":600,"closes_min":900,"from_at":"2025-03-29T12:00:00+00:00"}]'
-- holidays = '[{"schedule_id":"day","day":"2025-03-29"}]'
--
-- [example.given]
-- core_cases = '''
--   case_id | opened_at
--   a       | 2025-03-30 09:00:00+00
-- '''
-- [example]
-- expect = '''
--   schedule_id | on_utc     | opens_at               | closes_at              | open_before_ms
--   501         | 2025-03-29 | 2025-03-29 09:00:00+00 | 2025-03-29 12:00:00+00 | 0
--   501         | 2025-03-29 | 2025-03-29 12:00:00+00 | 2025-03-29 15:00:00+00 | 0
--   501         | 2025-03-30 |                        |                        | 21600000
--   501         | 2025-03-31 |                        |                        | 21600000
--   night       | 2025-03-29 | 2025-03-29 22:00:00+00 | 2025-03-30 00:00:00+00 | 0
--   night       | 2025-03-30 | 2025-03-30 00:00:00+00 | 2025-03-30 05:00:00+00 | 7200000
--   night       | 2025-03-31 |                        |                        | 25200000
-- '''

with

openings as (  -- of one weekday, Monday is 0
    select
        o ->> '$.schedule_id' as schedule_id,
        o ->> '$.timezone' as timezone,
        cast(o ->> '$.first_day' as date) as first_day,
        cast(o ->> '$.last_day' as date) as last_day,
        cast(o ->> '$.from_at' as timestamptz) as from_at,
        cast(o ->> '$.until_at' as timestamptz) as until_at,
        cast(o ->> '$.weekday' as bigint) as weekday,
        cast(o ->> '$.opens_min' as bigint) as opens_min,
        cast(o ->> '$.closes_min' as bigint) as closes_min
    from (select unnest(json_extract($openings, '$[*]')) as o) as given
),

holidays as (
    select h ->> '$.schedule_id' as schedule_id, cast(h ->> '$.day' as date) as holiday
    from (select unnest(json_extract($holidays, '$[*]')) as h) as given
),

instants as (  -- of cases
    select opened_at as moment from core_cases
    union all
    select first_reply_at from core_cases
    union all
    select solved_at from core_cases
    union all
    select event_at from core_case_events
),

dates as (  -- that the cases reach over, with one on either side
    select cast(midnight as date) as on_date
    from (
        select unnest(generate_series(first_on, last_on, interval 1 day)) as midnight
        from (
            select local_date(min(moment), 'UTC') - 1 as first_on, local_date(max(moment), 'UTC') + 1 as last_on
            from instants
            where moment >= timestamptz '1990-01-01 00:00:00+00' and moment < timestamptz '2100-01-01 00:00:00+00'
        ) as span
    ) as midnights_of_span
),

local_openings as (  -- by the clock of the schedule's zone
    select
        o.schedule_id,
        o.timezone,
        o.from_at,
        o.until_at,
        cast(d.on_date as timestamp) + to_minutes(o.opens_min) as opens_local,
        cast(d.on_date as timestamp) + to_minutes(o.closes_min) as closes_local
    from dates as d
    join openings as o on o.weekday = date_diff('day', date '1970-01-05', d.on_date) % 7
    left join holidays as h on h.schedule_id = o.schedule_id and h.holiday = d.on_date
    where
        h.holiday is null
        and o.opens_min < o.closes_min
        and (o.first_day is null or o.first_day <= d.on_date)
        and (o.last_day is null or o.last_day >= d.on_date)
),

clock_times as (
    select timezone, opens_local as clock from local_openings
    union
    select timezone, closes_local from local_openings
),

converted as (  -- engines take the first or the second of two; what they make of none is moved on by what was skipped
    select timezone as zone, clock, timezone(timezone, clock) as moment
    from clock_times
),

shown as (  -- the instant from which the clock shows that time or a later one
    select
        zone,
        clock,
        case
            when local_clock(moment - to_minutes(60), zone) = clock then moment - to_minutes(60)
            when local_clock(moment - to_minutes(30), zone) = clock then moment - to_minutes(30)
            when cast(local_clock(moment, zone) as date) <> cast(clock as date)
                then timezone(zone, cast(cast(local_clock(moment, zone) as date) as timestamp))
            when local_clock(moment, zone) <> clock then moment - to_minutes(cast(date_part('minute', clock) as bigint))
            else moment
        end as moment
    from converted
),

in_force as (  -- as instants, while their version was the newest
    select
        l.schedule_id,
        greatest(o.moment, coalesce(l.from_at, o.moment)) as opens_at,
        least(c.moment, coalesce(l.until_at, c.moment)) as closes_at
    from local_openings as l
    join shown as o on o.zone = l.timezone and o.clock = l.opens_local
    join shown as c on c.zone = l.timezone and c.clock = l.closes_local
),

opened as (  -- with what an earlier opening covers already
    select
        schedule_id,
        opens_at,
        closes_at,
        max(closes_at) over (
            partition by schedule_id order by opens_at, closes_at rows between unbounded preceding and 1 preceding
        ) as covered_until
    from in_force
    where opens_at < closes_at
),

apart as (
    select schedule_id, greatest(opens_at, coalesce(covered_until, opens_at)) as opens_at, closes_at
    from opened
),

midnights as (  -- UTC dates that an opening touches: at most three
    select a.schedule_id, a.opens_at, a.closes_at, local_date(a.opens_at, 'UTC') + n.day_no as on_utc
    from apart as a
    cross join (values (0), (1), (2)) as n (day_no)
    where a.opens_at < a.closes_at
),

pieces as (
    select
        schedule_id,
        on_utc,
        greatest(opens_at, timezone('UTC', cast(on_utc as timestamp))) as opens_at,
        least(closes_at, timezone('UTC', cast(on_utc + 1 as timestamp))) as closes_at
    from midnights
    where closes_at > timezone('UTC', cast(on_utc as timestamp))
),

totals as (  -- per schedule and date
    select s.schedule_id, d.on_date, sum(epoch_ms(p.closes_at) - epoch_ms(p.opens_at)) as open_ms
    from (select distinct schedule_id from openings) as s
    cross join dates as d
    left join pieces as p on p.schedule_id = s.schedule_id and p.on_utc = d.on_date
    group by s.schedule_id, d.on_date
),

running as (
    select
        schedule_id,
        on_date,
        sum(coalesce(open_ms, 0)) over (
            partition by schedule_id order by on_date rows between unbounded preceding and 1 preceding
        ) as open_before_ms
    from totals
)

select
    r.schedule_id,
    r.on_date as on_utc,
    p.opens_at,
    p.closes_at,
    cast(coalesce(r.open_before_ms, 0) as bigint) as open_before_ms
from running as r
left join pieces as p on p.schedule_id = r.schedule_id and p.on_utc = r.on_date
order by r.schedule_id, r.on_date, p.opens_at
