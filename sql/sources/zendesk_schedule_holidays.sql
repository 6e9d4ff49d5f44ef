-- title      = "Zendesk holidays of a schedule"
-- definition = "Holidays of one schedule as the API lists them (pages with a list `holidays`) or one per line."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "holidays"
-- fills      = ["schedule_holidays"]
-- params     = { schedule_id = "" }
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. A holiday does not say of which schedule it is: the API is asked
--   for those of one, so there is one source per schedule, with its id in the parameter schedule_id. A holiday that is no longer in
--   the list stays. One that came later than the first delivery counts for days from its coming on.
-- '''
--
-- [example]
-- expect = '''
--   holiday_id            | schedule_id | name      | first_on   | last_on
--   zendesk:501:holiday:7 | 501         | Christmas | 2025-12-25 | 2025-12-26
-- '''
--
-- [example.params]
-- schedule_id = "501"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":7,"name":"Christmas","start_date":"2025-12-25","end_date":"2025-12-26"}
--   f       | 2        | {"id":8,"name":"Easter","start_date":"in spring","end_date":"2025-04-21"}
-- '''

with

holidays as (  -- one row per holiday
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.name' as name,
        record ->> '$.start_date' as starts,
        record ->> '$.end_date' as ends,
        try_cast(record ->> '$.start_date' as date) as first_on,
        try_cast(record ->> '$.end_date' as date) as last_on
    from records
)

select
    file_id,
    position,
    $schedule_id || ':holiday:' || id as record_key,
    cast(null as timestamptz) as version_at,
    case
        when $schedule_id = '' then 'the parameter schedule_id is not set'
        when id is null then 'id is missing'
        when starts is null then 'start_date is missing'
        when first_on is null then 'start_date is no date'
        when ends is not null and last_on is null then 'end_date is no date'
    end as fault,  -- never with a value
    [{
        'holiday_id': 'zendesk:' || $schedule_id || ':holiday:' || id,
        'schedule_id': cast($schedule_id as varchar),
        'name': name,
        'first_on': first_on,
        'last_on': last_on
    }] as schedule_holidays
from holidays
order by file_id, position
