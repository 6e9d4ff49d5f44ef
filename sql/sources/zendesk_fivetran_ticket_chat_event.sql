-- title      = "Zendesk chats in Fivetran's tables"
-- definition = "Rows of Fivetran's table `ticket_chat_event`: each chat from its first event, each agent who joined, and what was said."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["chat_id", "created_at", "actor_id", "chat_index", "message", "type"]
-- needs_timezone = true
-- fills      = ["legs", "turns", "events"]
-- params     = { agent_ids = "" }
-- notes      = '''
--   Times are UTC: timezone = "UTC". The event with chat_index 0 is the chat's first, and is the chat. A chat that no agent joins was
--   answered by nobody; whether the visitor gave up or was missed the table does not say. No row tells an end or a length.
--   The bot writes under an agent's id: original_message tells it, and is believed first. After it: agent:… is an agent, __system and
--   __trigger are the system. A bare id may be either: it has no speaker, unless agent_ids (comma-separated) names the agents.
--   A message that is repeated for context (is_history_context) is no turn. Words of other events are not read: they hold addresses.
--   Messaging looks like chat in this table. Set chats = false for zendesk_fivetran_ticket, lest every chat count twice.
-- '''
--
-- [derived]
-- "legs.started_at" = "the first event of the chat stands for its beginning, an agent's joining for the beginning of the agent's part"
-- "legs.ended_at" = "no row tells the end: the beginning stands for it"
-- "legs.answered_at" = "an agent's joining"
--
-- [configured]
-- agent_ids = ["turns.speaker", "legs.agent_id", "legs.answered_at", "legs.account_key"]
--
-- [example]
-- expect = '''
--   leg_id           | root_id        | channel | started_at                | answered_at               | agent_id
--   zendesk:chat:c   |                | chat    | 2025-03-03 09:00:00+00:00 |                           |
--   zendesk:chat:c:2 | zendesk:chat:c | chat    | 2025-03-03 09:02:00+00:00 | 2025-03-03 09:02:00+00:00 | 11
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"chat_id":"c","created_at":"2025-03-03 09:00:00","actor_id":"20","chat_index":"0","message":"hello","type":"ChatMessage"}
--   f       | 2        | {"chat_id":"c","created_at":"2025-03-03 09:01:00","actor_id":"agent:99","chat_index":"1","message":"I am a bot","type":"ChatMessage","original_message":"{\"author\":{\"type\":\"BUSINESS\"},\"source\":{\"type\":\"zd:answerBot\"}}"}
--   f       | 3        | {"chat_id":"c","created_at":"2025-03-03 09:02:00","actor_id":"agent:11","chat_index":"2","type":"ChatJoin"}
--   f       | 4        | {"chat_id":"d","created_at":"soon","actor_id":"20","chat_index":"0","message":"hello","type":"ChatMessage"}
-- '''

with

parts as (  -- one row per row of the table
    select
        file_id,
        position,
        nullif(record ->> '$.chat_id', '') as chat_id,
        record ->> '$.created_at' as created,
        timezone($timezone, try_cast(record ->> '$.created_at' as timestamp)) as created_at,
        timezone($timezone, try_cast(record ->> '$._fivetran_synced' as timestamp)) as synced_at,
        try_cast(record ->> '$.chat_index' as bigint) as chat_index,
        nullif(record ->> '$.type', '') as type,
        record ->> '$.message' as message,
        nullif(record ->> '$.actor_id', '') as actor,
        nullif(regexp_replace(record ->> '$.actor_id', '^agent:', ''), '') as actor_id,
        coalesce(lower(record ->> '$.is_history_context'), 'false') = 'true' as is_repeated,
        coalesce(lower(record ->> '$._fivetran_deleted'), 'false') = 'true' as is_deleted,
        case when json_valid(record ->> '$.original_message') then record ->> '$.original_message' end as original
    from records
),

told as (  -- the same events, with who caused them where that is known
    select
        *,
        case
            when original ->> '$.source.type' = 'zd:answerBot' then 'bot'
            when original ->> '$.author.type' = 'USER' then 'customer'
            when actor in ('__system', '__trigger') then 'system'
            when actor like 'agent:%' then 'agent'
            when $agent_ids <> '' and contains(',' || $agent_ids || ',', ',' || actor_id || ',') then 'agent'
            when $agent_ids <> '' and actor_id is not null then 'customer'
        end as speaker,
        'zendesk:chat:' || chat_id as root_leg_id
    from parts
),

kept as (  -- with what each gives
    select
        *,
        coalesce(speaker = 'agent' and type = 'ChatJoin', false) as is_joining,
        'zendesk:chat:' || chat_id || ':' || created as event_key
    from told
)

select
    file_id,
    position,
    chat_id || ':' || created as record_key,
    coalesce(synced_at, created_at) as version_at,
    case
        when chat_id is null then 'chat_id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
        when chat_index is null then 'chat_index is missing or no number'
        when type is null then 'type is missing'
    end as fault,  -- never with a value
    case
        when is_deleted or is_repeated or (chat_index <> 0 and not is_joining) then []
        else [{
            'leg_id': case when chat_index = 0 then root_leg_id else root_leg_id || ':' || chat_index end,
            'root_id': case when chat_index <> 0 then root_leg_id end,
            'previous_id': case when chat_index <> 0 then root_leg_id end,
            'channel': 'chat',
            'direction': 'inbound',
            'initiation': case when chat_index = 0 then 'customer' end,
            'started_at': created_at,
            'ended_at': created_at,
            'answered_at': case when is_joining then created_at end,
            'agent_id': case when is_joining then actor_id end,
            'account_key': case when speaker = 'customer' then 'zendesk:' || actor_id end
        }]
    end as legs,
    case
        when is_deleted or is_repeated or type <> 'ChatMessage' or coalesce(message, '') = '' then []
        else [{
            'turn_id': event_key,
            'leg_id': root_leg_id,
            'turn_seq': chat_index,
            'speaker': speaker,
            'occurred_at': created_at,
            'content': message
        }]
    end as turns,
    case
        when is_deleted or is_repeated or type = 'ChatMessage' then []
        else [{
            'event_id': event_key,
            'leg_id': root_leg_id,
            'event_at': created_at,
            'event_seq': chat_index,
            'kind': case
                when type in ('ChatJoin', 'ChatLeave') and speaker = 'agent' then 'agent'
                when type = 'ChatDepartmentTransfer' then 'queue'
                else 'state'
            end,
            'name': type
        }]
    end as events
from kept
order by file_id, position
