-- title      = "Zendesk schedules of tickets in Fivetran's tables"
-- definition = "Rows of Fivetran's table `ticket_schedule`: from when which schedule of business hours applied to a ticket."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["created_at", "ticket_id", "schedule_id"]
-- needs_timezone = true
-- fills      = ["case_events"]
-- notes      = '''
--   The hours themselves stand in the settings, as a schedule with this table's schedule_id for its name. Times are UTC:
--   timezone = "UTC". A ticket that never left the default schedule has no row. A row that Fivetran marks as deleted gives nothing.
-- '''
--
-- [example]
-- expect = '''
--   event_id                                    | case_id   | event_at               | field    | new_value | actor
--   zendesk:1:schedule:2025-03-03 09:00:02      | zendesk:1 | 2025-03-03 09:00:02+00:00 | schedule | 502       | automation
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"created_at":"2025-03-03 09:00:02","ticket_id":"1","schedule_id":"502"}
--   f       | 2        | {"created_at":"soon","ticket_id":"1","schedule_id":"501"}
--   f       | 3        | {"created_at":"2025-03-03 09:00:02","ticket_id":"2","schedule_id":"501","_fivetran_deleted":"TRUE"}
-- '''

with

assignments as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.ticket_id' as ticket_id,
        record ->> '$.schedule_id' as schedule_id,
        record ->> '$.created_at' as created,
        timezone($timezone, try_cast(record ->> '$.created_at' as timestamp)) as created_at,
        timezone($timezone, try_cast(record ->> '$._fivetran_synced' as timestamp)) as version_at,
        coalesce(lower(record ->> '$._fivetran_deleted'), 'false') = 'true' as is_deleted
    from records
)

select
    file_id,
    position,
    ticket_id || ':schedule:' || created as record_key,
    version_at,
    case
        when ticket_id is null then 'ticket_id is missing'
        when schedule_id is null then 'schedule_id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
    end as fault,  -- never with a value
    case
        when is_deleted then []
        else [{
            'event_id': 'zendesk:' || ticket_id || ':schedule:' || created,
            'case_id': 'zendesk:' || ticket_id,
            'leg_id': 'zendesk:' || ticket_id,
            'event_at': created_at,
            'field': 'schedule',
            'new_value': schedule_id,
            'actor': 'automation'
        }]
    end as case_events
from assignments
order by file_id, position
