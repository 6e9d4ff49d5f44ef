-- title      = "Zendesk comments in Fivetran's tables"
-- definition = "Rows of Fivetran's table `ticket_comment`: who wrote to a ticket when, and, of what the customer could see, the words."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["id", "created", "public", "ticket_id", "user_id"]
-- needs_timezone = true
-- fills      = ["case_events", "turns"]
-- params     = { agent_ids = "" }
-- notes      = '''
--   Internal notes are events of the case, no turns: the customer did not see them. Times are UTC: timezone = "UTC".
--   The table does not say who is an agent: whoever is not the ticket's requester counts as a person of ours, and the turns have
--   no speaker, unless agent_ids (comma-separated) names the agents. A comment that Fivetran marks as deleted gives nothing.
-- '''
--
-- [example]
-- expect = '''
--   event_id          | case_id   | field   | new_value | actor | account_key
--   zendesk:comment:7 | zendesk:1 | comment | public    |       | zendesk:20
--   zendesk:comment:8 | zendesk:1 | comment | internal  |       | zendesk:11
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"7","created":"2025-03-03 09:00:00","public":"TRUE","ticket_id":"1","user_id":"20","body":"where is it?"}
--   f       | 2        | {"id":"8","created":"2025-03-03 09:05:00","public":"FALSE","ticket_id":"1","user_id":"11","body":"ask the depot"}
--   f       | 3        | {"id":"9","created":"2025-03-03 09:06:00","public":"TRUE","ticket_id":"1","user_id":"11","_fivetran_deleted":"true"}
--   f       | 4        | {"id":"10","created":"2025-03-03 09:06:00","public":"perhaps","ticket_id":"1","user_id":"11"}
-- '''

with

comments as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.ticket_id' as ticket_id,
        record ->> '$.created' as created,
        timezone($timezone, try_cast(record ->> '$.created' as timestamp)) as created_at,
        timezone($timezone, try_cast(record ->> '$._fivetran_synced' as timestamp)) as version_at,
        lower(record ->> '$.public') as is_public,
        coalesce(lower(record ->> '$._fivetran_deleted'), 'false') = 'true' as is_deleted,
        record ->> '$.user_id' as user_id,
        record ->> '$.body' as body
    from records
),

told as (  -- the same comments, with who wrote them where that is known
    select
        *,
        case
            when user_id = '-1' then 'automation'
            when $agent_ids <> '' and contains(',' || $agent_ids || ',', ',' || user_id || ',') then 'human'
            when $agent_ids <> '' and user_id is not null then 'customer'
        end as actor
    from comments
)

select
    file_id,
    position,
    id as record_key,
    version_at,
    case
        when id is null then 'id is missing'
        when ticket_id is null then 'ticket_id is missing'
        when created is null then 'created is missing'
        when created_at is null then 'created is no time'
        when is_public is null or is_public not in ('true', 'false') then 'public is neither true nor false'
    end as fault,  -- never with a value
    case
        when is_deleted then []
        else [{
            'event_id': 'zendesk:comment:' || id,
            'case_id': 'zendesk:' || ticket_id,
            'leg_id': 'zendesk:' || ticket_id,
            'event_at': created_at,
            'field': 'comment',
            'new_value': case when is_public = 'true' then 'public' else 'internal' end,
            'actor': actor,
            'account_key': 'zendesk:' || user_id
        }]
    end as case_events,
    case
        when is_deleted or is_public = 'false' then []
        else [{
            'turn_id': 'zendesk:comment:' || id,
            'leg_id': 'zendesk:' || ticket_id,
            'speaker': case actor when 'human' then 'agent' when 'automation' then 'system' else actor end,
            'occurred_at': created_at,
            'content': body
        }]
    end as turns
from told
order by file_id, position
