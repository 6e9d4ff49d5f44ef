-- title      = "Amazon Connect data lake: contact_flow_events"
-- definition = "Parquet extracts of the table contact_flow_events: each flow or module that a contact ran through, and how it left."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["event_id", "contact_id", "flow_resource_id", "resource_version", "start_timestamp", "end_timestamp", "flow_outcome"]
-- fills      = ["events"]
-- notes      = '''
--   Whole flows, not blocks; the flow logs have the blocks. Unlike these it tells which version ran, in detail.
--   An outcome that the flow's author has named is the author's word for a milestone. DROPPED and DISCONNECTED_PARTICIPANT mean that
--   the contact ended within the flow: it is no sign that the customer was helped.
--   Instants are UTC. Not read: that a version was published (resource_published_timestamp), a hint of a release.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | event_at                  | kind | name | result               | duration_ms | detail
--   c      | 2025-03-03 09:00:00+00:00 | flow | m    | TRANSFERRED_TO_QUEUE | 1250        | flow f, version 3, then queue q
--   c      | 2025-03-03 09:00:00+00:00 | flow | f    | DROPPED              |             | flow f, version 4
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"event_id":"e","contact_id":"c","flow_resource_id":"f","module_resource_id":"m","resource_version":"3","start_timestamp":"2025-03-03 09:00:00","end_timestamp":"2025-03-03 09:00:01.25","flow_outcome":"TRANSFERRED_TO_QUEUE","next_queue_resource_id":"q"}
--   f       | 2        | {"event_id":"g","contact_id":"c","flow_resource_id":"f","module_resource_id":null,"resource_version":"4","start_timestamp":"2025-03-03 09:00:00","end_timestamp":null,"flow_outcome":"DROPPED"}
--   f       | 3        | {"event_id":"h","contact_id":null,"flow_resource_id":"f"}
-- '''

with

flows as (  -- one row per flow that a contact ran through
    select
        file_id,
        position,
        nullif(record ->> '$.event_id', '') as event_id,
        nullif(record ->> '$.contact_id', '') as contact_id,
        try_cast(record ->> '$.start_timestamp' as timestamptz) as started_at,
        try_cast(record ->> '$.end_timestamp' as timestamptz) as ended_at,
        record ->> '$.data_lake_last_processed_timestamp' as processed,
        coalesce(record ->> '$.module_resource_id', record ->> '$.flow_resource_id') as resource,
        record ->> '$.flow_outcome' as outcome,
        concat_ws(
            ', ',
            'flow ' || (record ->> '$.flow_resource_id'),
            'version ' || (record ->> '$.resource_version'),
            'then flow ' || (record ->> '$.next_flow_resource_id'),
            'then queue ' || (record ->> '$.next_queue_resource_id')
        ) as words
    from records
)

select
    file_id,
    position,
    event_id as record_key,
    coalesce(try_cast(processed as timestamptz), ended_at, started_at) as version_at,
    case
        when event_id is null then 'event_id is missing'
        when contact_id is null then 'contact_id is missing'
        when started_at is null then 'start_timestamp is missing or no time'
    end as fault,
    [{
        'event_id': event_id,
        'leg_id': contact_id,
        'event_at': started_at,
        'kind': 'flow',
        'name': resource,
        'result': outcome,
        'duration_ms': epoch_ms(ended_at) - epoch_ms(started_at),
        'detail': words
    }] as events
from flows
order by file_id, position
