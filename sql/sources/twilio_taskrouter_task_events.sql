-- title      = "Twilio TaskRouter tasks from events"
-- definition = "The events of TaskRouter read for their tasks: each task as its newest task event tells it, as the first leg of its chain."
-- version    = 1
-- system     = "Twilio TaskRouter"
-- framing    = "json"
-- records_in = "events"
-- fills      = ["legs"]
-- notes      = '''
--   Point it at the files of twilio_taskrouter_events. A task ends with task.completed or task.canceled; task.deleted, which
--   TaskRouter sends for ended tasks later, changes nothing. Events of workers and reservations give no task.
--   A task canceled because of a hang-up was abandoned. A task is open while only created, updated or in wrap-up.
--   task_attributes is JSON within a string; the parameters name its keys.
-- '''
--
-- [params]
-- account_id_attribute = "customer_id"
-- intent_attribute     = "intent"
-- language_attribute   = "language"
-- test_attribute       = "test"
--
-- [derived]
-- "legs.started_at" = "the creation of the task stands for the beginning of the contact"
-- "legs.wait_ms" = "from entering the queue to leaving it"
--
-- [configured]
-- account_id_attribute = ["legs.account_key"]
-- intent_attribute     = ["legs.intent"]
-- language_attribute   = ["legs.language"]
-- test_attribute       = ["legs.is_test"]
--
-- [example]
-- expect = '''
--   leg_id | channel | direction | started_at                | ended_at                  | enqueued_at               | wait_ms | is_abandoned | phone_key     | disconnect_reason
--   WT1    | voice   | inbound   | 2025-03-03 09:00:00+00:00 |                           | 2025-03-03 09:00:01+00:00 |         |              | +441134960001 |
--   WT1    | voice   | inbound   | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:02:01+00:00 | 2025-03-03 09:00:01+00:00 | 120000  | true         | +441134960001 | hangup
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"sid":"EV1","event_type":"task.created","event_date":"2025-03-03T09:00:01Z","event_date_ms":1740992401000,"event_data":{"task_sid":"WT1","task_age":"1","task_queue_entered_date":"2025-03-03T09:00:01Z","task_channel_unique_name":"voice","task_attributes":"{\"from\":\"+441134960001\",\"direction\":\"inbound\"}"}}
--   f       | 2        | {"sid":"EV2","event_type":"task.canceled","event_date":"2025-03-03T09:02:01Z","event_date_ms":1740992521000,"event_data":{"task_sid":"WT1","task_date_created":"2025-03-03T09:00:00Z","task_queue_entered_date":"2025-03-03T09:00:01Z","task_canceled_reason":"hangup","task_channel_unique_name":"voice","task_attributes":"{\"from\":\"+441134960001\",\"direction\":\"inbound\"}"}}
--   f       | 3        | {"sid":"EV3","event_type":"task.deleted","event_date":"2025-03-03T09:07:01Z","event_date_ms":1740992821000,"event_data":{"task_sid":"WT1"}}
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
        try_cast(coalesce(record ->> '$.event_date_ms', record ->> '$.data.payload.timestamp_ms') as bigint) as at_ms
    from records
),

happenings as (  -- the same events, with what they say of their task
    select
        file_id,
        position,
        event_sid,
        event_type,
        at_text,
        case
            when at_text like '%.%' or at_ms is null then try_cast(at_text as timestamptz)
            else try_cast(
                left(at_text, 19) || '.' || right('000' || cast(at_ms % 1000 as varchar), 3) || 'Z' as timestamptz
            )
        end as event_at,
        case
            when event_type like 'task.%' and event_type not in ('task.deleted', 'task.system-deleted') then payload ->> '$.task_sid'
        end as task_sid,
        try_cast(payload ->> '$.task_date_created' as timestamptz) as created_at,
        try_cast(payload ->> '$.task_age' as bigint) as age_s,
        try_cast(payload ->> '$.task_queue_entered_date' as timestamptz) as enqueued_at,
        payload ->> '$.task_queue_name' as queue,
        lower(payload ->> '$.task_channel_unique_name') as task_channel,
        coalesce(payload ->> '$.task_canceled_reason', payload ->> '$.task_completed_reason', payload ->> '$.reason') as reason,
        case when json_valid(payload ->> '$.task_attributes') then payload ->> '$.task_attributes' end as attributes
    from parts
),

tasks as (  -- the same events, with the task's own times
    select
        *,
        coalesce(created_at, event_at - age_s * interval 1 second, event_at) as started_at,
        case when event_type in ('task.completed', 'task.canceled') then event_at end as ended_at,
        coalesce(attributes ->> '$.from', attributes ->> '$.caller', attributes ->> '$.customerAddress') as address,
        lower(attributes ->> '$.direction') as direction
    from happenings
)

select
    file_id,
    position,
    coalesce(task_sid, event_sid) as record_key,
    event_at as version_at,
    case
        when event_sid is null or event_sid = '' then 'sid is missing'
        when event_type is null then 'event_type is missing'
        when at_text is null then 'event_date is missing'
        when event_at is null then 'event_date is no time'
        when ended_at < started_at then 'the task ends before it was created'
    end as fault,  -- never with a value
    case
        when task_sid is not null then [{
            'leg_id': task_sid,
            'channel': case when task_channel in ('default', 'programmable-chat') then 'messaging' else task_channel end,
            'direction': case when direction = 'outbound' then 'outbound' else 'inbound' end,
            'initiation': case when direction = 'outbound' then 'outbound' else 'customer' end,
            'started_at': started_at,
            'ended_at': ended_at,
            'enqueued_at': enqueued_at,
            'wait_ms': case
                when event_type = 'task.canceled' and enqueued_at <= event_at then epoch_ms(event_at) - epoch_ms(enqueued_at)
            end,
            'queue': queue,
            'is_abandoned': case
                when event_type = 'task.canceled' and regexp_matches(lower(reason), 'hang.?up|hung.?up|abandon') then true
            end,
            'disconnect_reason': reason,
            'intent': attributes ->> ('$."' || $intent_attribute || '"'),
            'language': attributes ->> ('$."' || $language_attribute || '"'),
            'account_key': attributes ->> ('$."' || $account_id_attribute || '"'),
            'phone_key': case
                when task_channel in ('voice', 'sms') or address like 'whatsapp:%' or address like '+%'
                    then replace(address, 'whatsapp:', '')
            end,
            'is_test': lower(attributes ->> ('$."' || $test_attribute || '"')) in ('true', 'yes', '1'),
            'excluded_as': case when direction = 'outbound' then 'outbound' end
        }]
    end as legs
from tasks
order by file_id, position
