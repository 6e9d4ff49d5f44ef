-- title      = "Zendesk ticket metric events"
-- definition = "Metric events of the API's list (pages with a list `ticket_metric_events`) or one per line: when each clock of a ticket ran, and which target it broke."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "ticket_metric_events"
-- fills      = ["case_events"]
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. Each event is a change of the field metric:<clock>:<instance>
--   (metric:reply_time:2 is the ticket's second wait for a reply) to activate, pause, fulfill, breach, measure or apply_sla.
--   A breach is dated to when the target was due, and is taken back with deleted = true when the target moves: such an event gives
--   nothing, in whichever order the two deliveries come. The clocks are Zendesk's own: no figure is computed from them.
-- '''
--
-- [example]
-- expect = '''
--   event_id         | case_id   | event_at                  | field               | new_value | actor
--   zendesk:metric:7 | zendesk:1 | 2025-03-03 09:00:00+00:00 | metric:reply_time:1 | activate  | automation
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":7,"ticket_id":1,"metric":"reply_time","instance_id":1,"type":"activate","time":"2025-03-03T09:00:00Z"}
--   f       | 2        | {"id":8,"ticket_id":1,"metric":"reply_time","instance_id":1,"type":"breach","time":"2025-03-03T10:00:00Z","deleted":true}
--   f       | 3        | {"id":9,"ticket_id":1,"metric":"reply_time","instance_id":1,"type":"breach","time":"soon"}
-- '''

with

happenings as (  -- one row per event of the list
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.ticket_id' as ticket_id,
        record ->> '$.metric' as metric,
        record ->> '$.instance_id' as instance_id,
        record ->> '$.type' as type,
        record ->> '$.time' as happened,
        try_cast(record ->> '$.time' as timestamptz) as happened_at,
        coalesce(record ->> '$.deleted', 'false') = 'true' as is_deleted
    from records
)

select
    file_id,
    position,
    'metric:' || id as record_key,
    case when is_deleted then timestamptz '9999-12-31 00:00:00+00' else happened_at end as version_at,  -- the taking back is the last word
    case
        when id is null then 'id is missing'
        when ticket_id is null then 'ticket_id is missing'
        when metric is null then 'metric is missing'
        when type is null then 'type is missing'
        when happened is null then 'time is missing'
        when happened_at is null then 'time is no time'
    end as fault,  -- never with a value
    case
        when is_deleted then []
        else [{
            'event_id': 'zendesk:metric:' || id,
            'case_id': 'zendesk:' || ticket_id,
            'leg_id': 'zendesk:' || ticket_id,
            'event_at': happened_at,
            'field': concat_ws(':', 'metric', metric, instance_id),
            'new_value': type,
            'actor': 'automation'
        }]
    end as case_events
from happenings
order by file_id, position
