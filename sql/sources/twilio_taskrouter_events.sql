-- title      = "Twilio TaskRouter events"
-- definition = "One JSON object per event of TaskRouter, from the Events API or from Event Streams: states, and each acceptance by an agent."
-- version    = 1
-- system     = "Twilio TaskRouter"
-- framing    = "json"
-- records_in = "events"
-- fills      = ["legs", "events"]
-- notes      = '''
--   An accepted reservation is a leg of its task; the task itself comes from twilio_taskrouter_task_events over the same files.
--   TaskRouter knows neither talk nor hold, and no event tells when an earlier one was: the leg of a reservation is the moment
--   of its acceptance, and the interaction ends with its task. A reservation that timed out, was rejected, rescinded or
--   canceled is no leg.
--   task_attributes is JSON within a string. event_date_ms orders events of one second. The Events API keeps 30 days.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | root_id | initiation     | answered_at                | wait_ms | agent_id | queue
--   WR2    | WT1     | queue_transfer | 2025-03-03 09:00:42.500000+00:00 | 41500   | WK2      | Cards
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"sid":"EV1","event_type":"reservation.timeout","event_date":"2025-03-03T09:00:20Z","event_date_ms":1740992420000,"event_data":{"task_sid":"WT1","reservation_sid":"WR1","worker_sid":"WK1"}}
--   f       | 2        | {"specversion":"1.0","type":"com.twilio.taskrouter.reservation.accepted","data":{"payload":{"sid":"EV2","eventtype":"reservation.accepted","timestamp":"2025-03-03T09:00:42.500Z","task_sid":"WT1","reservation_sid":"WR2","worker_sid":"WK2","task_queue_name":"Cards","task_queue_entered_date":"2025-03-03T09:00:01Z"}}}
--   f       | 3        | {"sid":"EV3","event_type":"worker.activity","event_date":"2025-03-03T09:01:00Z","event_date_ms":1740992460000,"event_data":{"worker_sid":"WK1","worker_activity_name":"Offline"}}
-- '''

with

parts as (  -- one row per event, with its payload wherever it stands
    select
        file_id,
        position,
        coalesce(record ->> '$.event_data', record ->> '$.data.payload', record ->> '$.data') as payload,
        coalesce(record ->> '$.sid', record ->> '$.data.payload.sid', record ->> '$.id') as event_sid,
        coalesce(
            record ->> '$.event_type', record ->> '$.data.payload.eventtype', replace(record ->> '$.type', 'com.twilio.taskrouter.', '')
        ) as event_type,
        coalesce(record ->> '$.event_date', record ->> '$.data.payload.timestamp', record ->> '$.time') as at_text,
        try_cast(coalesce(record ->> '$.event_date_ms', record ->> '$.data.payload.timestamp_ms') as bigint) as at_ms,
        record ->> '$.description' as description
    from records
),

happenings as (  -- the same events, in our words
    select
        file_id,
        position,
        event_sid,
        event_type,
        at_text,
        at_ms,
        description,
        case
            when at_text like '%.%' or at_ms is null then try_cast(at_text as timestamptz)
            else try_cast(
                left(at_text, 19) || '.' || right('000' || cast(at_ms % 1000 as varchar), 3) || 'Z' as timestamptz
            )
        end as event_at,
        payload ->> '$.task_sid' as task_sid,
        payload ->> '$.reservation_sid' as reservation_sid,
        payload ->> '$.worker_sid' as worker_sid,
        payload ->> '$.task_queue_name' as queue,
        try_cast(payload ->> '$.task_queue_entered_date' as timestamptz) as enqueued_at,
        payload ->> '$.task_channel_unique_name' as task_channel,
        coalesce(payload ->> '$.transfer_sid', payload ->> '$.task_transfer_sid') as transfer_sid,
        coalesce(
            payload ->> '$.reason',
            payload ->> '$.task_canceled_reason',
            payload ->> '$.task_completed_reason',
            payload ->> '$.worker_activity_name',
            payload ->> '$.task_assignment_status'
        ) as result,
        coalesce(
            try_cast(payload ->> '$.worker_time_in_previous_activity_ms' as bigint),
            try_cast(payload ->> '$.worker_time_in_previous_activity' as bigint) * 1000
        ) as duration_ms
    from parts
)

select
    file_id,
    position,
    event_sid as record_key,
    event_at as version_at,
    case
        when event_sid is null or event_sid = '' then 'sid is missing'
        when event_type is null then 'event_type is missing'
        when at_text is null then 'event_date is missing'
        when event_at is null then 'event_date is no time'
        when event_type = 'reservation.accepted' and (task_sid is null or reservation_sid is null) then 'task_sid or reservation_sid is missing'
    end as fault,  -- never with a value
    case
        when event_type = 'reservation.accepted' then [{
            'leg_id': reservation_sid,
            'root_id': task_sid,
            'previous_id': case when transfer_sid is null then task_sid end,
            'channel': case when task_channel in ('voice', 'chat', 'sms', 'email') then task_channel end,
            'initiation': case when transfer_sid is null then 'queue_transfer' else 'transfer' end,
            'started_at': event_at,
            'ended_at': event_at,
            'answered_at': event_at,
            'wait_ms': case when enqueued_at <= event_at then epoch_ms(event_at) - epoch_ms(enqueued_at) end,
            'queue': queue,
            'agent_id': worker_sid
        }]
    end as legs,
    [{
        'event_id': event_sid,
        'leg_id': coalesce(reservation_sid, task_sid),
        'event_at': event_at,
        'event_seq': at_ms,
        'kind': case
            when event_type like 'worker.%' then 'agent'
            when event_type like 'task-queue.%' or event_type like 'workflow.%' then 'queue'
            else 'state'
        end,
        'name': event_type,
        'result': result,
        'duration_ms': duration_ms,
        'is_error': event_type in ('reservation.failed', 'workflow.timeout'),
        'detail': description
    }] as events
from happenings
order by file_id, position
