-- title      = "Zendesk chats"
-- definition = "Chats and offline messages of the Chat API (pages with a list `chats`) or one per line: the chat, each agent who joined, what was said, the rating."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "chats"
-- fills      = ["legs", "turns", "events", "survey_responses"]
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. A chat begins at its timestamp and lasts its duration. Each joining
--   of an agent (chat.memberjoin) is a leg that answers it and lasts until the chat's end: when agents left is an event only. missed is
--   Zendesk's word for a visitor whom no agent served before he left: abandoned. A chat that an agent or a trigger began, in which the
--   visitor said nothing, is no customer interaction.
--   An offline message (offline_msg) is a message that was left while nobody was there: a contact by web, complete when it was sent.
--   Whether a chat waited in a queue is not told; the department is its queue. rating good is 1 of 1, bad 0 of 1, its time the last
--   chat.rating, else the chat's end. Newest update_timestamp wins; a deleted chat gives nothing. The visitor's id is that of a browser,
--   and no requester of tickets. The ticket that a chat became is not linked: set chats = false for the tickets, lest every chat count
--   twice. Names and addresses of the visitor's session are not read. Messaging conversations are not in this API.
-- '''
--
-- [types]
-- duration = "number"
-- "history[].timestamp" = "time"
-- "update_timestamp" = "time"
--
-- [derived]
-- "legs.ended_at" = "the chat's start and its duration"
-- "legs.answered_at" = "an agent's joining"
--
-- [example]
-- expect = '''
--   leg_id           | root_id        | channel | direction | started_at                | ended_at                  | answered_at               | agent_id | queue   | is_abandoned
--   zendesk:chat:c   |                | chat    | inbound   | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:05:00+00:00 |                           |          | Billing |
--   zendesk:chat:c:2 | zendesk:chat:c | chat    | inbound   | 2025-03-03 09:02:00+00:00 | 2025-03-03 09:05:00+00:00 | 2025-03-03 09:02:00+00:00 | 11       | Billing |
--   zendesk:chat:d   |                | web     | inbound   | 2025-03-03 10:00:00+00:00 | 2025-03-03 10:00:00+00:00 |                           |          |         |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"c","type":"chat","timestamp":"2025-03-03T09:00:00Z","duration":300,"started_by":"visitor","department_name":"Billing","missed":false,"visitor":{"id":"1.2"},"history":[{"type":"chat.msg","sender_type":"Visitor","timestamp":"2025-03-03T09:00:00Z","msg":"hello"},{"type":"chat.memberjoin","sender_type":"Agent","agent_id":"11","timestamp":"2025-03-03T09:02:00Z"}]}
--   f       | 2        | {"id":"d","type":"offline_msg","timestamp":"2025-03-03T10:00:00Z","message":"call me","visitor":{"id":"1.3"}}
--   f       | 3        | {"id":"e","type":"chat","timestamp":"in the morning"}
-- '''

with

chats as (  -- one row per chat
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.type' as type,
        record ->> '$.timestamp' as started,
        try_cast(record ->> '$.timestamp' as timestamptz) as started_at,
        cast(coalesce(try_cast(record ->> '$.duration' as decimal(12, 3)), 0) * 1000 as bigint) as duration_ms,
        try_cast(record ->> '$.update_timestamp' as timestamptz) as updated_at,
        record ->> '$.started_by' as started_by,
        coalesce(record ->> '$.missed', 'false') = 'true' as is_missed,
        coalesce(record ->> '$.deleted', 'false') = 'true' as is_deleted,
        record ->> '$.department_name' as department,
        record ->> '$.visitor.id' as visitor_id,
        record ->> '$.visitor.email' as email,
        record ->> '$.visitor.phone' as phone,
        record ->> '$.message' as message,
        record ->> '$.rating' as rating,
        record ->> '$.comment' as comment,
        list_transform(
            json_extract(record, '$.history[*]'),
            lambda h, i: {
                'no': i,
                'type': h ->> '$.type',
                'sender': h ->> '$.sender_type',
                'agent_id': h ->> '$.agent_id',
                'at': try_cast(h ->> '$.timestamp' as timestamptz),
                'words': h ->> '$.msg'
            }
        ) as history
    from records
),

told as (  -- the same chats with our words
    select
        *,
        'zendesk:chat:' || id as root_leg_id,
        make_timestamptz((epoch_ms(started_at) + duration_ms) * 1000) as ended_at,
        case type when 'offline_msg' then 'web' else 'chat' end as channel,
        array_length(list_filter(history, lambda h: h.type = 'chat.msg' and h.sender = 'Visitor')) as n_visitor_messages,
        list_filter(history, lambda h: h.type = 'chat.memberjoin' and h.sender = 'Agent') as joinings,
        list_last(list_filter(history, lambda h: h.type = 'chat.rating')).at as rated_at
    from chats
),

placed as (  -- who began them
    select
        *,
        case
            when started_by = 'agent' or (started_by = 'trigger' and n_visitor_messages = 0) then 'outbound' else 'inbound'
        end as direction,
        case when started_by in ('agent', 'trigger') and n_visitor_messages = 0 then 'no_customer_message' end as excluded_as
    from told
)

select
    file_id,
    position,
    'chat:' || id as record_key,
    updated_at as version_at,
    case
        when id is null then 'id is missing'
        when type is null or type not in ('chat', 'offline_msg') then 'type is neither chat nor offline_msg'
        when started is null then 'timestamp is missing'
        when started_at is null then 'timestamp is no time'
        when duration_ms < 0 then 'duration is negative'
        when array_length(list_filter(history, lambda h: h.type is null)) > 0 then 'history: a type is missing'
        when array_length(list_filter(history, lambda h: h.at is null)) > 0 then 'history: a timestamp is missing'
    end as fault,  -- never with a value
    case
        when is_deleted then []
        else list_transform(
            list_concat([cast(null as bigint)], list_transform(joinings, lambda h: h.no)),
            lambda n: {
                'leg_id': root_leg_id || coalesce(':' || n, ''),
                'root_id': case when n is not null then root_leg_id end,
                'previous_id': case when n is not null then root_leg_id end,
                'channel': channel,
                'direction': direction,
                'initiation': case when n is null then case direction when 'inbound' then 'customer' else 'outbound' end end,
                'started_at': coalesce(history[n].at, started_at),
                'ended_at': greatest(ended_at, coalesce(history[n].at, ended_at)),
                'answered_at': history[n].at,
                'queue': department,
                'agent_id': history[n].agent_id,
                'is_abandoned': case when n is null and is_missed and type = 'chat' then true end,
                'email_key': case when n is null then email end,
                'phone_key': case when n is null then phone end,
                'cookie_key': case when n is null then visitor_id end,
                'excluded_as': case when n is null then excluded_as end
            }
        )
    end as legs,
    case
        when is_deleted then []
        when type = 'offline_msg' and message is not null then [{
            'turn_id': root_leg_id || ':message',
            'leg_id': root_leg_id,
            'turn_seq': cast(1 as bigint),
            'speaker': 'customer',
            'occurred_at': started_at,
            'content': message
        }]
        else list_transform(
            list_filter(history, lambda h: h.type = 'chat.msg' and h.words is not null),
            lambda h: {
                'turn_id': root_leg_id || ':' || h.no,
                'leg_id': root_leg_id,
                'turn_seq': h.no,
                'speaker': case h.sender
                    when 'Visitor' then 'customer' when 'Agent' then 'agent' when 'Bot' then 'bot' else 'system'
                end,
                'occurred_at': h.at,
                'content': h.words
            }
        )
    end as turns,
    case
        when is_deleted then []
        else list_transform(
            list_filter(history, lambda h: h.type <> 'chat.msg'),
            lambda h: {
                'event_id': root_leg_id || ':' || h.no,
                'leg_id': root_leg_id,
                'event_at': h.at,
                'event_seq': h.no,
                'kind': case when h.type in ('chat.memberjoin', 'chat.memberleave') and h.sender = 'Agent' then 'agent' else 'state' end,
                'name': h.type
            }
        )
    end as events,
    case
        when not is_deleted and rating in ('good', 'bad') then [{
            'response_id': root_leg_id || ':rating',
            'leg_id': root_leg_id,
            'answered_at': coalesce(rated_at, ended_at),
            'score': case rating when 'good' then 1 else 0 end,
            'scale_max': 1,
            'comment': comment
        }]
        else []
    end as survey_responses
from placed
order by file_id, position
