-- title      = "Amazon Connect contact events"
-- definition = "One event per change of a contact's state, as EventBridge hands it on, in its envelope or bare."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json_log_event"
-- fills      = ["events"]
-- notes      = '''
--   Delivered by best effort, without order, more than once: good to follow a contact early, never to count contacts by. The same
--   state of the same contact at the same time is one record.
--   The time is that of the state itself where the event has one, else that of the envelope. Without either it is quarantined.
--   Names are spelled in two ways within one feed (agentInfo and AgentInfo, VOICE and Voice).
--   Not read: attributes and endpoints of the contact. The contact records have them, complete.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | event_at                  | kind  | name               | result              | detail
--   c      | 2025-03-03 09:01:00+00:00 | state | QUEUED             |                     | voice inbound
--   c      | 2025-03-03 09:02:00+00:00 | state | CONNECTED_TO_AGENT |                     | voice inbound
--   c      | 2025-03-03 09:09:00+00:00 | state | DISCONNECTED       | CUSTOMER_DISCONNECT | voice inbound
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"contactId":"c","channel":"VOICE","initiationMethod":"INBOUND","eventType":"QUEUED","queueInfo":{"enqueueTimestamp":"2025-03-03T09:01:00Z"}}
--   f       | 2        | {"id":"x","time":"2025-03-03T09:02:03Z","detail":{"contactId":"c","channel":"Voice","initiationMethod":"INBOUND","eventType":"CONNECTED_TO_AGENT","AgentInfo":{"connectedToAgentTimestamp":"2025-03-03T09:02:00Z"}}}
--   f       | 3        | {"id":"y","time":"2025-03-03T09:09:00Z","detail":{"contactId":"c","channel":"VOICE","initiationMethod":"INBOUND","eventType":"DISCONNECTED","disconnectReason":"CUSTOMER_DISCONNECT"}}
--   f       | 4        | {"contactId":"c","eventType":"COMPLETED"}
-- '''

with

parts as (  -- one row per event, out of its envelope
    select file_id, position, record ->> '$.time' as told, coalesce(record -> '$.detail', record) as detail
    from records
),

states as (  -- the same, with the time that belongs to its state
    select
        file_id,
        position,
        nullif(detail ->> '$.contactId', '') as contact_id,
        upper(detail ->> '$.eventType') as state,
        coalesce(
            case upper(detail ->> '$.eventType')
                when 'INITIATED' then detail ->> '$.initiationTimestamp'
                when 'CONNECTED_TO_SYSTEM' then detail ->> '$.connectedToSystemTimestamp'
                when 'QUEUED' then detail ->> '$.queueInfo.enqueueTimestamp'
                when 'CONNECTED_TO_AGENT' then coalesce(
                    detail ->> '$.agentInfo.connectedToAgentTimestamp', detail ->> '$.AgentInfo.connectedToAgentTimestamp'
                )
                when 'DISCONNECTED' then detail ->> '$.disconnectTimestamp'
            end,
            told
        ) as happened,
        detail ->> '$.disconnectReason' as disconnect_reason,
        concat_ws(' ', lower(detail ->> '$.channel'), lower(detail ->> '$.initiationMethod')) as words
    from parts
)

select
    file_id,
    position,
    contact_id || ':' || state || ':' || happened as record_key,
    try_cast(happened as timestamptz) as version_at,
    case
        when contact_id is null then 'contactId is missing'
        when state is null then 'eventType is missing'
        when happened is null then 'the event has no time'
        when try_cast(happened as timestamptz) is null then 'the event''s time is no time'
    end as fault,
    [{
        'event_id': contact_id || ':' || state || ':' || happened,
        'leg_id': contact_id,
        'event_at': try_cast(happened as timestamptz),
        'kind': 'state',
        'name': state,
        'result': disconnect_reason,
        'detail': words
    }] as events
from states
order by file_id, position
