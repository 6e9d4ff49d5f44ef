-- title      = "Intercom tags of conversations in Fivetran's tables"
-- definition = "Rows of Fivetran's table `conversation_tag_history`: which tag was put on a conversation, as a change of its case."
-- version    = 1
-- system     = "Intercom"
-- framing    = "csv"
-- columns    = ["tag_id", "conversation_id", "_fivetran_start"]
-- needs_timezone = true
-- fills      = ["case_events"]
-- notes      = '''
--   A row that is no longer active gives no change: the tag was taken off again, and Fivetran does not say when. What is newest
--   is told by _fivetran_start. Times are UTC: timezone = "UTC". The tag's name stands in the table `tag`; here it is its id.
-- '''
--
-- [example]
-- expect = '''
--   event_id         | case_id    | event_at                  | field | new_value
--   intercom:1:tag:5 | intercom:1 | 2025-03-03 09:00:00+00:00 | tag   | 5
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"tag_id":"5","conversation_id":"1","_fivetran_start":"2025-03-03 09:00:00","_fivetran_active":"TRUE"}
--   f       | 2        | {"tag_id":"6","conversation_id":"1","_fivetran_start":"2025-03-03 09:00:00","_fivetran_active":"false"}
--   f       | 3        | {"tag_id":null,"conversation_id":"1","_fivetran_start":"2025-03-03 09:00:00"}
-- '''

with

tags as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.tag_id' as tag_id,
        record ->> '$.conversation_id' as conversation_id,
        timezone($timezone, try_cast(record ->> '$._fivetran_start' as timestamp)) as start_at,
        coalesce(lower(record ->> '$._fivetran_active'), 'true') = 'true' as is_active
    from records
)

select
    file_id,
    position,
    conversation_id || ':' || tag_id as record_key,
    start_at as version_at,
    case
        when tag_id is null then 'tag_id is missing'
        when conversation_id is null then 'conversation_id is missing'
        when start_at is null then '_fivetran_start is no time'
    end as fault,  -- never with a value
    case
        when not is_active then []
        else [{
            'event_id': 'intercom:' || conversation_id || ':tag:' || tag_id,
            'case_id': 'intercom:' || conversation_id,
            'leg_id': 'intercom:' || conversation_id,
            'event_at': start_at,
            'field': 'tag',
            'new_value': tag_id
        }]
    end as case_events
from tags
order by file_id, position
