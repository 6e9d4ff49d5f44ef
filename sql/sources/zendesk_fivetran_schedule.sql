-- title      = "Zendesk schedules in Fivetran's tables"
-- definition = "Rows of Fivetran's table `schedule`: one opening of one schedule in every week."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["id", "start_time", "end_time", "time_zone"]
-- needs_timezone = true
-- fills      = ["schedule_openings"]
-- notes      = '''
--   Minutes after Sunday 00:00 by the clock of the schedule's zone, which has the name that Rails gives it (start_time_utc and end_time_utc
--   are right in winter only, and are not read). Times of rows are UTC: timezone = "UTC". A row counts from its _fivetran_synced on, what
--   came with the first delivery also for before. A row that Fivetran marks as deleted ends its opening: leave such rows in the export.
-- '''
--
-- [types]
-- start_time = "number"
-- end_time = "number"
--
-- [example]
-- expect = '''
--   opening_id       | schedule_id | name        | timezone | opens_min | closes_min
--   zendesk:501:1980 | 501         | London 9-17 | London   | 540       | 1020
--   zendesk:501:0    | 501         |             | London   |           |
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"501","start_time":"1980","end_time":"2460","time_zone":"London","name":"London 9-17","created_at":"2024-01-01 00:00:00"}
--   f       | 2        | {"id":"501","start_time":"0","end_time":"60","time_zone":"London","_fivetran_deleted":"TRUE"}
--   f       | 3        | {"id":"502","start_time":"0","time_zone":"Tokyo"}
-- '''

with

openings as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.name' as name,
        record ->> '$.time_zone' as zone,
        try_cast(record ->> '$.start_time' as bigint) as starts,
        try_cast(record ->> '$.end_time' as bigint) as ends,
        timezone($timezone, try_cast(record ->> '$.created_at' as timestamp)) as created_at,
        timezone($timezone, try_cast(record ->> '$._fivetran_synced' as timestamp)) as version_at,
        coalesce(lower(record ->> '$._fivetran_deleted'), 'false') = 'true' as is_deleted
    from records
)

select
    file_id,
    position,
    'schedule:' || id || ':' || starts as record_key,
    version_at,
    case
        when id is null then 'id is missing'
        when starts is null then 'start_time is missing'
        when ends is null then 'end_time is missing'
    end as fault,  -- never with a value
    [{
        'opening_id': 'zendesk:' || id || ':' || starts,
        'schedule_id': id,
        'name': name,
        'timezone': zone,
        'created_at': created_at,
        'opens_min': case when not is_deleted then (starts + 8640) % 10080 end,
        'closes_min': case when not is_deleted then (starts + 8640) % 10080 + ends - starts end
    }] as schedule_openings
from openings
order by file_id, position
