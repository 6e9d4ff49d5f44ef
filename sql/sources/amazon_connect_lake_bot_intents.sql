-- title      = "Amazon Connect data lake: bot_intents"
-- definition = "Parquet extracts of the table bot_intents: each intent that a bot took up on a contact, and what came of it."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["event_id", "contact_id", "bot_id", "bot_alias_id", "bot_version", "bot_conversation_start_timestamp", "bot_intent_name", "bot_intent_outcome"]
-- fills      = ["events"]
-- notes      = '''
--   The table has the time of the conversation, not of the intent: bot_intent_level gives the order within it.
--   The fallback intent is no match. A switched intent is no failure: the customer wanted something else as well.
--   Instants are UTC. The draft version and the alias TSTALIASID are tests.
-- '''
--
-- [types]
-- "bot_intent_level" = "number"
--
-- [example]
-- expect = '''
--   leg_id | event_seq | kind | name           | result  | is_no_match | is_error | is_test
--   c      | 1         | bot  | FallbackIntent | Failed  | true        | true     | false
--   c      | 2         | bot  | BookHotel      | Success | false       | false    | false
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"event_id":"e","contact_id":"c","bot_id":"b","bot_alias_id":"P","bot_version":"7","bot_conversation_start_timestamp":"2025-03-03 09:00:00","bot_intent_name":"FallbackIntent","bot_intent_level":1,"bot_intent_outcome":"Failed"}
--   f       | 2        | {"event_id":"g","contact_id":"c","bot_id":"b","bot_alias_id":"P","bot_version":"7","bot_conversation_start_timestamp":"2025-03-03 09:00:00","bot_intent_name":"BookHotel","bot_intent_level":2,"bot_intent_outcome":"Success"}
-- '''

with

intents as (  -- one row per intent
    select
        file_id,
        position,
        nullif(record ->> '$.event_id', '') as event_id,
        nullif(record ->> '$.contact_id', '') as contact_id,
        try_cast(record ->> '$.bot_conversation_start_timestamp' as timestamptz) as started_at,
        record ->> '$.data_lake_last_processed_timestamp' as processed,
        try_cast(record ->> '$.bot_intent_level' as bigint) as intent_level,
        record ->> '$.bot_intent_name' as intent,
        record ->> '$.bot_intent_outcome' as outcome,
        coalesce((record ->> '$.bot_version') = 'DRAFT', false)
            or coalesce((record ->> '$.bot_alias_id') = 'TSTALIASID', false) as is_test
    from records
)

select
    file_id,
    position,
    event_id as record_key,
    coalesce(try_cast(processed as timestamptz), started_at) as version_at,
    case
        when event_id is null then 'event_id is missing'
        when contact_id is null then 'contact_id is missing'
        when started_at is null then 'bot_conversation_start_timestamp is missing or no time'
    end as fault,
    [{
        'event_id': event_id,
        'leg_id': contact_id,
        'event_at': started_at,
        'event_seq': intent_level,
        'kind': 'bot',
        'name': intent,
        'result': outcome,
        'is_no_match': intent in ('FallbackIntent', 'AMAZON.FallbackIntent'),
        'is_error': outcome = 'Failed',
        'is_test': is_test
    }] as events
from intents
order by file_id, position
