-- title      = "Zendesk holidays in Fivetran's tables"
-- definition = "Rows of Fivetran's table `schedule_holiday`: one holiday of one schedule."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["id", "schedule_id", "start_date", "end_date"]
-- needs_timezone = true
-- fills      = ["schedule_holidays"]
-- notes      = '''
--   Local days of the schedule, the last one included. Times of rows are UTC: timezone = "UTC". A row counts for days from its
--   _fivetran_synced on, what came with the source's first delivery also for before. A row that Fivetran marks as deleted takes the holiday
--   back from then on: leave such rows in the export.
-- '''
--
-- [example]
-- expect = '''
--   holiday_id            | schedule_id | name      | first_on   | last_on
--   zendesk:501:holiday:7 | 501         | Christmas | 2025-12-25 | 2025-12-26
--   zendesk:501:holiday:8 | 501         |           |            |
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"7","schedule_id":"501","name":"Christmas","start_date":"2025-12-25","end_date":"2025-12-26"}
--   f       | 2        | {"id":"8","schedule_id":"501","start_date":"2025-04-21","end_date":"2025-04-21","_fivetran_deleted":"true"}
--   f       | 3        | {"id":"9","schedule_id":"501","start_date":"in spring","end_date":"2025-04-21"}
-- '''

with

holidays as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.schedule_id' as schedule_id,
        record ->> '$.name' as name,
        record ->> '$.start_date' as starts,
        record ->> '$.end_date' as ends,
        try_cast(record ->> '$.start_date' as date) as first_on,
        try_cast(record ->> '$.end_date' as date) as last_on,
        timezone($timezone, try_cast(record ->> '$._fivetran_synced' as timestamp)) as version_at,
        coalesce(lower(record ->> '$._fivetran_deleted'), 'false') = 'true' as is_deleted
    from records
)

select
    file_id,
    position,
    schedule_id || ':holiday:' || id as record_key,
    version_at,
    case
        when id is null then 'id is missing'
        when schedule_id is null then 'schedule_id is missing'
        when starts is null then 'start_date is missing'
        when first_on is null then 'start_date is no date'
        when ends is not null and last_on is null then 'end_date is no date'
    end as fault,  -- never with a value
    [{
        'holiday_id': 'zendesk:' || schedule_id || ':holiday:' || id,
        'schedule_id': schedule_id,
        'name': name,
        'first_on': case when not is_deleted then first_on end,
        'last_on': case when not is_deleted then last_on end
    }] as schedule_holidays
from holidays
order by file_id, position
