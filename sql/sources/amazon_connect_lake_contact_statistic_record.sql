-- title      = "Amazon Connect data lake: contact_statistic_record"
-- definition = "Parquet extracts of the table contact_statistic_record: times and yes-or-no marks of each contact record, worked out by Connect."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["contact_id", "channel", "initiation_method", "disconnect_timestamp", "queue_time_ms", "agent_interaction_time_ms", "is_abandoned", "is_handled", "is_queued", "is_transferred_in"]
-- fills      = ["legs"]
-- notes      = '''
--   For those who share only this table: it knows neither the start of a contact nor its chain. contact_record knows both; use this
--   instead of it, never beside it.
--   The start is worked out: disconnect less the time in flow, queue, conversation and hold. So is the moment of entering the queue.
--   A contact that was transferred in cannot be tied to the one before it. It is kept, and counts as no interaction of its own
--   (excluded_as no_chain): its handle time is in no interaction.
--   Durations are milliseconds, instants UTC, marks 0 or 1. queue_id and agent_id are ids, no names.
--   Unverified mapping (column list from a secondary source): all columns.
-- '''
--
-- [types]
-- "contact_flow_time_ms" = "number"
-- "queue_time_ms" = "number"
-- "agent_interaction_time_ms" = "number"
-- "customer_hold_time_ms" = "number"
--
-- [example]
-- expect = '''
--   leg_id | started_at                | wait_ms | talk_ms | is_abandoned | answered_at               | excluded_as
--   a      | 2025-03-03 09:00:00+00:00 | 20000   | 60000   | false        | 2025-03-03 09:00:50+00:00 |
--   b      | 2025-03-03 09:00:00+00:00 | 20000   | 0       | true         |                           |
--   c      | 2025-03-03 09:00:00+00:00 | 0       | 60000   | false        | 2025-03-03 09:00:00+00:00 | no_chain
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"contact_id":"a","channel":"VOICE","initiation_method":"INBOUND","disconnect_timestamp":"2025-03-03 09:02:00","contact_flow_time_ms":30000,"queue_time_ms":20000,"agent_interaction_time_ms":60000,"customer_hold_time_ms":10000,"is_abandoned":0,"is_handled":1,"is_queued":1,"is_transferred_in":0}
--   f       | 2        | {"contact_id":"b","channel":"VOICE","initiation_method":"INBOUND","disconnect_timestamp":"2025-03-03 09:00:50","contact_flow_time_ms":30000,"queue_time_ms":20000,"agent_interaction_time_ms":0,"is_abandoned":1,"is_handled":0,"is_queued":1,"is_transferred_in":0}
--   f       | 3        | {"contact_id":"c","channel":"VOICE","initiation_method":"TRANSFER","disconnect_timestamp":"2025-03-03 09:01:00","queue_time_ms":0,"agent_interaction_time_ms":60000,"is_abandoned":0,"is_handled":1,"is_queued":0,"is_transferred_in":1}
-- '''

with

times as (  -- one row per contact record, its times as numbers
    select
        file_id,
        position,
        record,
        nullif(record ->> '$.contact_id', '') as contact_id,
        upper(record ->> '$.channel') as channel,
        upper(record ->> '$.initiation_method') as method,
        epoch_ms(try_cast(record ->> '$.disconnect_timestamp' as timestamptz)) as ended_ms,
        coalesce(try_cast(record ->> '$.contact_flow_time_ms' as bigint), 0) as flow_ms,
        coalesce(try_cast(record ->> '$.queue_time_ms' as bigint), 0) as queue_ms,
        coalesce(try_cast(record ->> '$.agent_interaction_time_ms' as bigint), 0) as talk_ms,
        coalesce(try_cast(record ->> '$.customer_hold_time_ms' as bigint), 0) as hold_ms,
        (record ->> '$.is_abandoned') in ('1', 'true') as is_abandoned,
        (record ->> '$.is_handled') in ('1', 'true') as is_handled,
        (record ->> '$.is_queued') in ('1', 'true') as is_queued,
        (record ->> '$.is_transferred_in') in ('1', 'true') as is_transferred_in
    from records
)

select
    file_id,
    position,
    contact_id as record_key,
    coalesce(
        try_cast(record ->> '$.data_lake_last_processed_timestamp' as timestamptz),
        try_cast(record ->> '$.disconnect_timestamp' as timestamptz)
    ) as version_at,
    case
        when contact_id is null then 'contact_id is missing'
        when ended_ms is null then 'disconnect_timestamp is missing or no time'
    end as fault,
    [{
        'leg_id': contact_id,
        'channel': lower(channel),
        'direction': case when method in ('OUTBOUND', 'EXTERNAL_OUTBOUND') then 'outbound' else 'inbound' end,
        'initiation': case method
            when 'INBOUND' then 'customer'
            when 'WEBRTC_API' then 'customer'
            when 'API' then case when channel = 'TASK' then 'task' else 'customer' end
            when 'DISCONNECT' then 'survey'
            when 'EXTERNAL_OUTBOUND' then 'outbound'
            else lower(method)
        end,
        'started_at': make_timestamptz((ended_ms - flow_ms - queue_ms - talk_ms - hold_ms) * 1000),
        'ended_at': make_timestamptz(ended_ms * 1000),
        'enqueued_at': case when is_queued then make_timestamptz((ended_ms - queue_ms - talk_ms - hold_ms) * 1000) end,
        'answered_at': case when is_handled then make_timestamptz((ended_ms - talk_ms - hold_ms) * 1000) end,
        'wait_ms': record ->> '$.queue_time_ms',
        'talk_ms': record ->> '$.agent_interaction_time_ms',
        'hold_ms': record ->> '$.customer_hold_time_ms',
        'acw_ms': record ->> '$.after_contact_work_time_ms',
        'queue': record ->> '$.queue_id',
        'agent_id': record ->> '$.agent_id',
        'is_transferred': record ->> '$.is_transferred_out',
        'is_abandoned': is_abandoned,
        'excluded_as': case
            when method = 'MONITOR' then 'monitor'
            when method = 'DISCONNECT' then 'survey_leg'
            when channel = 'TASK' then 'task'
            when method in ('OUTBOUND', 'EXTERNAL_OUTBOUND') then 'outbound'
            when is_transferred_in or method in ('TRANSFER', 'QUEUE_TRANSFER') then 'no_chain'
        end
    }] as legs
from times
order by file_id, position
