-- title      = "Amazon Connect data lake: bot_conversations"
-- definition = "Parquet extracts of the table bot_conversations: one run of one bot on a contact, and how the bot ended it."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["event_id", "contact_id", "bot_id", "bot_alias_id", "bot_version", "bot_conversation_start_timestamp", "bot_conversation_end_timestamp", "bot_conversation_outcome"]
-- fills      = ["events"]
-- notes      = '''
--   Success says that the bot's block of the flow ended well, not that the customer was helped: it is no goal reached.
--   Instants are UTC. The draft version and the alias TSTALIASID are tests.
--   The table names its key (instance_id, event_id); extracts of one instance are expected.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | event_at                  | kind | name         | result  | duration_ms | is_error | detail    | is_test
--   c      | 2025-03-03 09:00:00+00:00 | bot  | conversation | Success | 30500       | false    | b 7 3     | false
--   d      | 2025-03-03 09:00:00+00:00 | bot  | conversation | Failure |             | true     | b DRAFT 1 | true
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"event_id":"e","contact_id":"c","bot_id":"b","bot_alias_id":"P","bot_version":"7","bot_conversation_start_timestamp":"2025-03-03 09:00:00","bot_conversation_end_timestamp":"2025-03-03 09:00:30.5","bot_conversation_outcome":"Success","bot_number_of_conversation_turns":3}
--   f       | 2        | {"event_id":"g","contact_id":"d","bot_id":"b","bot_alias_id":"TSTALIASID","bot_version":"DRAFT","bot_conversation_start_timestamp":"2025-03-03 09:00:00","bot_conversation_end_timestamp":null,"bot_conversation_outcome":"Failure","bot_number_of_conversation_turns":1}
-- '''

with

runs as (  -- one row per run of a bot
    select
        file_id,
        position,
        nullif(record ->> '$.event_id', '') as event_id,
        nullif(record ->> '$.contact_id', '') as contact_id,
        try_cast(record ->> '$.bot_conversation_start_timestamp' as timestamptz) as started_at,
        try_cast(record ->> '$.bot_conversation_end_timestamp' as timestamptz) as ended_at,
        record ->> '$.data_lake_last_processed_timestamp' as processed,
        record ->> '$.bot_conversation_outcome' as outcome,
        concat_ws(
            ' ', record ->> '$.bot_id', record ->> '$.bot_version', record ->> '$.bot_number_of_conversation_turns'
        ) as words,
        coalesce((record ->> '$.bot_version') = 'DRAFT', false)
            or coalesce((record ->> '$.bot_alias_id') = 'TSTALIASID', false) as is_test
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
        when started_at is null then 'bot_conversation_start_timestamp is missing or no time'
    end as fault,
    [{
        'event_id': event_id,
        'leg_id': contact_id,
        'event_at': started_at,
        'kind': 'bot',
        'name': 'conversation',
        'result': outcome,
        'duration_ms': epoch_ms(ended_at) - epoch_ms(started_at),
        'is_error': outcome = 'Failure',
        'detail': words,
        'is_test': is_test
    }] as events
from runs
order by file_id, position
