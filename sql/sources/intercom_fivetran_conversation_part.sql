-- title      = "Intercom parts of conversations in Fivetran's tables"
-- definition = "Rows of Fivetran's table `conversation_part_history`: what was written, who was given the conversation, who closed and opened it."
-- version    = 1
-- system     = "Intercom"
-- framing    = "csv"
-- columns    = ["id", "conversation_id", "created_at", "updated_at", "part_type", "author_type"]
-- needs_timezone = true
-- fills      = ["case_events", "turns", "events"]
-- notes      = '''
--   Times are UTC: timezone = "UTC". The newest updated_at of a part wins.
--   A note is internal: it is an event of the case and no turn. A part that closes or hands on may carry words: they are a turn, too,
--   and count as no reply of their own. Opened by a user or lead, the customer came back; by anybody else, somebody else opened it.
-- '''
--
-- [example]
-- expect = '''
--   event_id            | case_id    | field    | new_value | actor    | account_key
--   intercom:7          | intercom:1 | comment  | public    | customer | intercom:u
--   intercom:8          | intercom:1 | comment  | internal  | human    | intercom:a
--   intercom:9          | intercom:1 | status   | solved    | human    | intercom:a
--   intercom:10         | intercom:1 | status   | open      | customer | intercom:u
--   intercom:11         | intercom:1 | assignee | a         | automation | intercom:b
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"7","conversation_id":"1","created_at":"2025-03-03 09:00:00","updated_at":"2025-03-03 09:00:00","part_type":"comment","author_type":"lead","author_id":"u","body":"<p>Hello</p>"}
--   f       | 2        | {"id":"8","conversation_id":"1","created_at":"2025-03-03 09:05:00","updated_at":"2025-03-03 09:05:00","part_type":"note","author_type":"admin","author_id":"a","body":"ask the depot"}
--   f       | 3        | {"id":"9","conversation_id":"1","created_at":"2025-03-03 09:06:00","updated_at":"2025-03-03 09:06:00","part_type":"close","author_type":"admin","author_id":"a"}
--   f       | 4        | {"id":"10","conversation_id":"1","created_at":"2025-03-03 09:07:00","updated_at":"2025-03-03 09:07:00","part_type":"open","author_type":"user","author_id":"u"}
--   f       | 5        | {"id":"11","conversation_id":"1","created_at":"2025-03-03 09:07:01","updated_at":"2025-03-03 09:07:01","part_type":"assignment","author_type":"bot","author_id":"b","assigned_to_id":"a","assigned_to_type":"admin"}
--   f       | 6        | {"id":"12","conversation_id":"1","created_at":"soon","updated_at":"2025-03-03 09:07:01","part_type":"close","author_type":"admin","author_id":"a"}
-- '''

with

parts as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.conversation_id' as conversation_id,
        record ->> '$.created_at' as created,
        timezone($timezone, try_cast(record ->> '$.created_at' as timestamp)) as created_at,
        timezone($timezone, try_cast(record ->> '$.updated_at' as timestamp)) as updated_at,
        record ->> '$.part_type' as part_type,
        record ->> '$.author_id' as author_id,
        record ->> '$.author_type' as author_type,
        record ->> '$.assigned_to_id' as assigned_to_id,
        record ->> '$.assigned_to_type' as assigned_to_type,
        record ->> '$.body' as body
    from records
),

told as (  -- the same parts with our words: which field of the case they change, and who did it
    select
        *,
        case
            when part_type in ('comment', 'note') then 'comment'
            when part_type in ('open', 'close', 'snoozed') then 'status'
            when assigned_to_type = 'admin' then 'assignee'
            when assigned_to_type = 'team' then 'group'
        end as field,
        case part_type
            when 'comment' then 'public'
            when 'note' then 'internal'
            when 'open' then 'open'
            when 'close' then 'solved'
            when 'snoozed' then 'hold'
            else assigned_to_id
        end as new_value,
        case
            when author_type = 'admin' then 'human'
            when author_type in ('user', 'lead', 'contact') then 'customer'
            else 'automation'
        end as actor
    from parts
)

select
    file_id,
    position,
    id as record_key,
    updated_at as version_at,
    case
        when id is null then 'id is missing'
        when conversation_id is null then 'conversation_id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
        when updated_at is null then 'updated_at is no time'
        when part_type is null then 'part_type is missing'
    end as fault,  -- never with a value
    case
        when field is null then []
        else [{
            'event_id': 'intercom:' || id,
            'case_id': 'intercom:' || conversation_id,
            'leg_id': 'intercom:' || conversation_id,
            'event_at': created_at,
            'field': field,
            'new_value': new_value,
            'actor': actor,
            'account_key': 'intercom:' || author_id
        }]
    end as case_events,
    case
        when body is null or part_type = 'note' then []
        else [{
            'turn_id': 'intercom:' || id,
            'leg_id': 'intercom:' || conversation_id,
            'speaker': case
                when author_type = 'bot' then 'bot'
                when author_type = 'admin' then 'agent'
                when author_type in ('user', 'lead', 'contact') then 'customer'
                else 'system'
            end,
            'occurred_at': created_at,
            'content': regexp_replace(body, '<[^>]*>', ' ', 'g')
        }]
    end as turns,
    case
        when part_type in ('comment', 'note') then []
        else [{
            'event_id': 'intercom:' || id,
            'leg_id': 'intercom:' || conversation_id,
            'event_at': created_at,
            'kind': 'state',
            'name': part_type,
            'result': part_type
        }]
    end as events
from told
order by file_id, position
