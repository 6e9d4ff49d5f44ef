-- title      = "Zendesk schedules"
-- definition = "Schedules of the API's list (pages with a list `schedules`) or one per line: the business hours of every week."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "schedules"
-- fills      = ["schedule_openings"]
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. Intervals are minutes after Sunday 00:00 by the clock of the
--   schedule's zone, which has the name that Rails gives it. A version counts from updated_at on, the first one also for before. A
--   schedule without intervals is never open. One that was deleted is simply no longer in the list: it stays as it was.
-- '''
--
-- [types]
-- "intervals[].start_time" = "number"
-- "intervals[].end_time" = "number"
--
-- [example]
-- expect = '''
--   opening_id        | schedule_id | name   | timezone | opens_min | closes_min
--   zendesk:501:1980  | 501         | London | London   | 540       | 1020
--   zendesk:501:0     | 501         | London | London   | 8640      | 8700
--   zendesk:502:never | 502         | Closed | Tokyo    |           |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":501,"name":"London","time_zone":"London","intervals":[{"start_time":1980,"end_time":2460},{"start_time":0,"end_time":60}],"created_at":"2024-01-01T00:00:00Z","updated_at":"2024-02-01T00:00:00Z"}
--   f       | 2        | {"id":502,"name":"Closed","time_zone":"Tokyo","intervals":[],"updated_at":"2024-02-01T00:00:00Z"}
--   f       | 3        | {"id":503,"name":"Open","time_zone":"Tokyo","intervals":[{"end_time":60}],"updated_at":"2024-02-01T00:00:00Z"}
-- '''

with

schedules as (  -- one row per schedule
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.name' as name,
        record ->> '$.time_zone' as zone,
        try_cast(record ->> '$.created_at' as timestamptz) as created_at,
        record ->> '$.updated_at' as updated,
        try_cast(record ->> '$.updated_at' as timestamptz) as updated_at,
        json_type(record, '$.intervals') as intervals_type,
        list_transform(
            json_extract(record, '$.intervals[*]'),
            lambda i: {
                'starts': try_cast(i ->> '$.start_time' as bigint),
                'ends': try_cast(i ->> '$.end_time' as bigint)
            }
        ) as intervals
    from records
)

select
    file_id,
    position,
    'schedule:' || id as record_key,
    updated_at as version_at,
    case
        when id is null then 'id is missing'
        when zone is null then 'time_zone is missing'
        when updated is not null and updated_at is null then 'updated_at is no time'
        when intervals_type is null or intervals_type <> 'ARRAY' then 'intervals is no list'
        when array_length(list_filter(intervals, lambda i: i.starts is null or i.ends is null)) > 0 then 'intervals: a time is missing'
    end as fault,  -- never with a value
    case
        when array_length(intervals) = 0 then [{
            'opening_id': 'zendesk:' || id || ':never',
            'schedule_id': id,
            'name': name,
            'timezone': zone,
            'created_at': created_at,
            'opens_min': cast(null as bigint),
            'closes_min': cast(null as bigint)
        }]
        else list_transform(
            intervals,
            lambda i: {
                'opening_id': 'zendesk:' || id || ':' || i.starts,
                'schedule_id': id,
                'name': name,
                'timezone': zone,
                'created_at': created_at,
                'opens_min': (i.starts + 8640) % 10080,
                'closes_min': (i.starts + 8640) % 10080 + i.ends - i.starts
            }
        )
    end as schedule_openings
from schedules
order by file_id, position
