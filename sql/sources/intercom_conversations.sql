-- title      = "Intercom conversations"
-- definition = "Conversations as Intercom's API gives them, singly or in pages: the interaction and its case, its turns and events, ratings, and how Fin left it."
-- version    = 1
-- system     = "Intercom"
-- framing    = "json"
-- records_in = "conversations"
-- fills      = ["legs", "cases", "turns", "events", "case_events", "survey_responses"]
-- notes      = '''
--   Where the customer never wrote (no first_contact_reply) there is no customer interaction. Previews of Fin and of workflows are tests.
--   Fin's word is kept as vendor_resolution: confirmed_resolution is the customer's word; assumed_resolution is 24 hours of silence, a
--   claim only, and is taken back when the customer returns. The newest updated_at wins.
--   Lists give no parts, and a conversation at most 500: the case's changes are used only where all parts are there.
--   The rating of the conversation and that of Fin are two answers about two things; ai_ratings = false leaves out Fin's.
--   handling_time is none of talk, hold or wrap-up and is not read; the time to assignment is no wait in a queue.
-- '''
--
-- [types]
-- "updated_at" = "number"
-- "statistics.first_admin_reply_at" = "number"
-- "statistics.last_close_at" = "number"
-- "statistics.count_reopens" = "number"
-- "conversation_parts.total_count" = "number"
-- "conversation_parts.conversation_parts[].created_at" = "number"
-- "ai_agent.updated_at" = "number"
-- "conversation_rating.created_at" = "number"
--
-- [params]
-- intent_attribute = "intent"
-- ai_ratings       = true
--
-- [derived]
-- "legs.started_at" = "the creation of the conversation stands for the beginning of the contact"
-- "legs.answered_at" = "the first reply of a person"
--
-- [configured]
-- intent_attribute = ["legs.intent"]
--
-- [example]
-- expect = '''
--   leg_id     | channel   | direction | answered_at               | ai_agent | ai_replies | is_confirmed | is_claimed_resolved | is_test | excluded_as
--   intercom:1 | messaging | inbound   | 1970-01-01 00:01:40+00:00 |          |            |              |                     | false   |
--   intercom:2 | messaging | outbound  |                           |          |            |              |                     | false   | no_customer_message
--   intercom:3 | messaging | inbound   |                           | Fin      | 1          |              | true                | false   |
--   intercom:4 | messaging | inbound   |                           | Fin      |            | true         |                     | true    |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"1","created_at":10,"updated_at":100,"state":"open","source":{"type":"conversation","delivered_as":"customer_initiated"},"first_contact_reply":{"created_at":10},"statistics":{"first_admin_reply_at":100}}
--   f       | 2        | {"id":"2","created_at":10,"updated_at":100,"state":"closed","source":{"type":"conversation","delivered_as":"automated"},"first_contact_reply":null}
--   f       | 3        | {"id":"3","created_at":10,"updated_at":100,"state":"closed","source":{"type":"whatsapp","delivered_as":"customer_initiated"},"first_contact_reply":{"created_at":10},"ai_agent_participated":true,"ai_agent":{"resolution_state":"assumed_resolution","source_type":"workflow"},"conversation_parts":{"total_count":1,"conversation_parts":[{"id":"7","part_type":"comment","body":"<p>Here</p>","created_at":12,"author":{"type":"bot","from_ai_agent":true,"is_ai_answer":true}}]}}
--   f       | 4        | {"id":"4","created_at":10,"updated_at":100,"state":"closed","source":{"type":"conversation","delivered_as":"customer_initiated"},"first_contact_reply":{"created_at":10},"ai_agent_participated":true,"ai_agent":{"resolution_state":"confirmed_resolution","source_type":"fin_preview"}}
--   f       | 5        | {"id":"5","created_at":"2025-03-03","updated_at":100,"state":"open"}
-- '''

with

conversations as (  -- one row per conversation, cut into what is read more than once
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.created_at' as created,
        to_timestamp(try_cast(record ->> '$.created_at' as bigint)) as created_at,
        to_timestamp(try_cast(record ->> '$.updated_at' as bigint)) as updated_at,
        record ->> '$.state' as state,
        record ->> '$.priority' as priority,
        record ->> '$.title' as title,
        record ->> '$.admin_assignee_id' as admin_id,
        record ->> '$.team_assignee_id' as team_id,
        record ->> '$.source.type' as source_type,
        record ->> '$.source.delivered_as' as delivered_as,
        record ->> '$.source.id' as source_id,
        record ->> '$.source.body' as source_body,
        record ->> '$.source.redacted' as source_redacted,
        record ->> '$.source.author.type' as author_type,
        record ->> '$.source.author.email' as author_email,
        record ->> '$.first_contact_reply.created_at' as contact_reply,
        record ->> '$.contacts.contacts[0].id' as contact_id,
        record ->> '$.contacts.contacts[0].external_id' as external_id,
        record ->> '$.custom_attributes.Language' as language,
        record -> '$.custom_attributes' as attributes,
        record -> '$.statistics' as statistics,
        record ->> '$.ai_agent_participated' as has_ai,
        record ->> '$.ai_agent.resolution_state' as resolution,
        record ->> '$.ai_agent.source_type' as ai_source,
        record ->> '$.ai_agent.rating' as ai_rating,
        record ->> '$.ai_agent.rating_remark' as ai_remark,
        to_timestamp(try_cast(record ->> '$.ai_agent.updated_at' as bigint)) as ai_rated_at,
        record ->> '$.conversation_rating.created_at' as rating_created,
        record ->> '$.conversation_rating.rating' as rating,
        record ->> '$.conversation_rating.remark' as remark,
        json_extract(record, '$.conversation_parts.conversation_parts[*]') as parts,
        coalesce(
            json_array_length(record -> '$.conversation_parts.conversation_parts')
            >= try_cast(record ->> '$.conversation_parts.total_count' as bigint),
            false
        ) as has_all_parts,
        json_array_length(record -> '$.conversation_parts.conversation_parts') as n_parts
    from records
),

told as (  -- the same conversations with our words
    select
        *,
        case
            when source_type in ('phone_call', 'phone_switch') then 'voice'
            when source_type in ('email', 'sms') then source_type
            when source_type is not null then 'messaging'
        end as channel,
        case
            when delivered_as = 'customer_initiated' then 'inbound'
            when delivered_as in ('automated', 'operator_initiated') and contact_reply is not null then 'inbound'
            else 'outbound'
        end as direction,
        coalesce(ai_source in ('fin_preview', 'workflow_preview'), false) as is_test,
        coalesce(external_id, 'intercom:' || contact_id) as account,
        case when author_type in ('user', 'lead', 'contact') then author_email end as email,
        attributes ->> ('$."' || $intent_attribute || '"') as intent,
        to_timestamp(try_cast(statistics ->> '$.first_admin_reply_at' as bigint)) as replied_at,
        to_timestamp(try_cast(statistics ->> '$.last_close_at' as bigint)) as last_close_at,
        list_transform(
            list_filter(parts, lambda p: (p ->> '$.part_type') <> 'note' and (p ->> '$.body') is not null),
            lambda p, i: {
                'turn_id': 'intercom:' || (p ->> '$.id'),
                'leg_id': 'intercom:' || id,
                'turn_seq': i + 1,
                'speaker': case
                    when (p ->> '$.author.from_ai_agent') = 'true' or (p ->> '$.author.type') = 'bot' then 'bot'
                    when (p ->> '$.author.type') = 'admin' then 'agent'
                    when (p ->> '$.author.type') in ('user', 'lead', 'contact') then 'customer'
                    else 'system'
                end,
                'occurred_at': to_timestamp(try_cast(p ->> '$.created_at' as bigint)),
                'content': regexp_replace(p ->> '$.body', '<[^>]*>', ' ', 'g'),
                'is_vendor_redacted': (p ->> '$.redacted') = 'true'
            }
        ) as part_turns
    from conversations
)

select
    file_id,
    position,
    id as record_key,
    updated_at as version_at,
    case
        when id is null then 'id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no count of seconds'
    end as fault,  -- never with a value
    [{
        'leg_id': 'intercom:' || id,
        'channel': channel,
        'direction': direction,
        'initiation': case when direction = 'inbound' then 'customer' else 'outbound' end,
        'started_at': created_at,
        'ended_at': case when state = 'closed' then greatest(coalesce(last_close_at, updated_at), created_at) end,
        'answered_at': replied_at,
        'queue': team_id,
        'agent_id': admin_id,
        'ai_agent': case when has_ai = 'true' then 'Fin' end,
        'ai_replies': case
            when has_ai = 'true' and n_parts is not null
                then json_array_length(to_json(list_filter(parts, lambda p: (p ->> '$.author.is_ai_answer') = 'true')))
        end,
        'is_confirmed': case when resolution = 'confirmed_resolution' then true end,
        'is_claimed_resolved': case when resolution = 'assumed_resolution' then true end,
        'is_ai_failed': case when resolution = 'negative_feedback' then true end,
        'escalation_reason': case when resolution in ('escalated', 'procedure_handoff') then resolution end,
        'intent': intent,
        'language': language,
        'account_key': account,
        'email_key': email,
        'is_test': is_test,
        'excluded_as': case when contact_reply is null then 'no_customer_message' end,
        'note': title
    }] as legs,
    [{
        'case_id': 'intercom:' || id,
        'leg_id': 'intercom:' || id,
        'account_key': account,
        'email_key': email,
        'opened_at': created_at,
        'status': case state when 'closed' then 'solved' when 'snoozed' then 'hold' else state end,
        'first_reply_at': replied_at,
        'solved_at': case when state = 'closed' then last_close_at end,
        'n_reopens': statistics ->> '$.count_reopens',
        'category': intent,
        'channel': channel,
        'priority': priority,
        'assignee_id': admin_id,
        'queue': team_id,
        'is_test': is_test,
        'vendor_resolution': resolution
    }] as cases,
    list_concat(
        case
            when nullif(source_body, '') is null then []
            else [{
                'turn_id': 'intercom:' || id || ':source:' || coalesce(source_id, ''),
                'leg_id': 'intercom:' || id,
                'turn_seq': 1,
                'speaker': case
                    when author_type in ('user', 'lead', 'contact') then 'customer'
                    when author_type = 'bot' then 'bot'
                    when author_type = 'admin' then 'agent'
                    else 'system'
                end,
                'occurred_at': created_at,
                'content': regexp_replace(source_body, '<[^>]*>', ' ', 'g'),
                'is_vendor_redacted': source_redacted = 'true'
            }]
        end,
        part_turns
    ) as turns,
    list_transform(
        list_filter(parts, lambda p: (p ->> '$.part_type') not in ('comment', 'note')),
        lambda p, i: {
            'event_id': 'intercom:' || (p ->> '$.id'),
            'leg_id': 'intercom:' || id,
            'event_at': to_timestamp(try_cast(p ->> '$.created_at' as bigint)),
            'event_seq': i,
            'kind': case when (p ->> '$.part_type') like 'custom_action%' then 'tool' else 'state' end,
            'name': coalesce(p ->> '$.event_details.action.name', p ->> '$.event_details.attribute.name', p ->> '$.part_type'),
            'result': coalesce(p ->> '$.event_details.action.result', p ->> '$.event_details.value.name', p ->> '$.part_type'),
            'is_test': is_test
        }
    ) as events,
    list_transform(
        list_filter(
            parts,
            lambda p: has_all_parts
            and (p ->> '$.part_type' in ('open', 'close', 'snoozed', 'comment', 'note'))
        ),
        lambda p, i: {
            'event_id': 'intercom:' || (p ->> '$.id'),
            'case_id': 'intercom:' || id,
            'leg_id': 'intercom:' || id,
            'event_at': to_timestamp(try_cast(p ->> '$.created_at' as bigint)),
            'field': case when (p ->> '$.part_type') in ('comment', 'note') then 'comment' else 'status' end,
            'new_value': case p ->> '$.part_type'
                when 'close' then 'solved'
                when 'snoozed' then 'hold'
                when 'comment' then 'public'
                when 'note' then 'internal'
                else 'open'
            end,
            'actor': case
                when (p ->> '$.author.from_ai_agent') = 'true' then 'ai'
                when (p ->> '$.author.type') = 'admin' then 'human'
                when (p ->> '$.author.type') in ('user', 'lead', 'contact') then 'customer'
                else 'automation'
            end
        }
    ) as case_events,
    list_concat(
        case
            when rating_created is null and rating is null then []
            else [{
                'response_id': 'intercom:' || id || ':conversation',
                'leg_id': 'intercom:' || id,
                'sent_at': case when rating is null then to_timestamp(try_cast(rating_created as bigint)) end,
                'answered_at': case when rating is not null then to_timestamp(try_cast(rating_created as bigint)) end,
                'score': rating,
                'scale_max': 5,
                'comment': remark
            }]
        end,
        case
            when ai_rating is null or not $ai_ratings then []
            else [{
                'response_id': 'intercom:' || id || ':ai_agent',
                'leg_id': 'intercom:' || id,
                'sent_at': cast(null as timestamptz),
                'answered_at': ai_rated_at,
                'score': ai_rating,
                'scale_max': 5,
                'comment': ai_remark
            }]
        end
    ) as survey_responses
from told
order by file_id, position
