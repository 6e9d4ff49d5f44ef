-- title      = "Amazon Connect AI agent logs"
-- definition = "One log event per step of an AI agent, in self-service or beside a person: words, tools, errors, searches, feedback."
-- version    = 1
-- system     = "Amazon Connect AI agents"
-- framing    = "json_log_event"
-- fills      = ["events", "turns", "knowledge_searches"]
-- notes      = '''
--   Times are milliseconds since 1970. A log event has no id of its own: the same log event twice is one record.
--   Most log events name only the AI's session. The contact stands in session_name of the event that creates the session, and that it
--   is the contact's id is unproven. So leg_id is the session's id, and the event named session ties it to session_name in its leg_id:
--   until that is joined, turns and searches belong to no interaction.
--   Who speaks is a mark in front of the words ([Customer]). A self-service message is logged once for each prompt: the customer's
--   words are taken from the first, the bot's from the answer.
--   A search and its feedback are two log events and give two rows with one search_id, the feedback's without query.
--   Arguments and results of tools are not read: they hold personal data.
--   Unverified mapping (in no sample): ORCHESTRATION_ERROR, guardrail_blocked, self-service messages, tool results, words of queries.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | event_at                         | kind      | name          | result         | is_error | detail
--   n      | 2024-10-21 17:02:53.612000+00:00 | state     | session       |                |          | s
--   s      | 2024-10-21 17:02:53.612000+00:00 | tool      | ResetPassword | called         |          |
--   s      | 2024-10-21 17:02:53.612000+00:00 | guardrail | blocked       |                |          |
--   s      | 2024-10-21 17:02:53.612000+00:00 | error     | Throttled     |                | true     | too many
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"event_timestamp":1729530173612,"event_type":"TRANSCRIPT_CREATE_SESSION","session_id":"s","session_name":"n"}
--   f       | 2        | {"event_timestamp":1729530173612,"event_type":"TRANSCRIPT_UTTERANCE","session_id":"s","utterance":"[Customer] Hello"}
--   f       | 3        | {"event_timestamp":1729530173612,"event_type":"TRANSCRIPT_ORCHESTRATION_MESSAGE","session_id":"s","participant":"BOT","values":"[{\"type\":\"tool_use\",\"name\":\"ResetPassword\",\"arguments\":{\"email\":\"a@example.com\"}}]"}
--   f       | 4        | {"event_timestamp":1729530173612,"event_type":"TRANSCRIPT_ORCHESTRATION_MESSAGE","session_id":"s","participant":"BOT","values":"no list","guardrail_blocked":true}
--   f       | 5        | {"event_timestamp":1729530173612,"event_type":"ORCHESTRATION_ERROR","session_id":"s","error_code":"Throttled","error_message":"too many"}
--   f       | 6        | {"event_type":"TRANSCRIPT_UTTERANCE","session_id":"s"}
-- '''

with

parts as (  -- one row per log event, cut into the parts that are read more than once
    select
        file_id,
        position,
        record ->> '$.event_type' as step,
        make_timestamptz(try_cast(record ->> '$.event_timestamp' as bigint) * 1000) as logged_at,
        (record ->> '$.event_type') || ':' || md5(record) as log_key,
        nullif(record ->> '$.session_id', '') as session_id,
        nullif(coalesce(record ->> '$.contact_id', record ->> '$.session_name', record ->> '$.session_id'), '') as leg_id,
        record ->> '$.utterance' as utterance,
        record ->> '$.prompt_type' as prompt,
        coalesce(record ->> '$.parsed_response', record ->> '$.completion') as answer,
        record ->> '$.intent' as intent,
        (record ->> '$.intent_clicked') in ('1', 'true') as is_clicked,
        (record ->> '$.is_valid_trigger') in ('1', 'true') as is_valid_trigger,
        record ->> '$.issue_probability' as probability,
        record ->> '$.recommendation_id' as recommendation_id,
        coalesce(record ->> '$.query', record ->> '$.query_text') as query,
        (record ->> '$.is_recommendation_useful') in ('1', 'true') as is_useful,
        coalesce((record ->> '$.guardrail_blocked') in ('1', 'true'), false) as is_blocked,
        coalesce(record ->> '$.error_code', record ->> '$.error_type') as error_code,
        record ->> '$.error_message' as error_message,
        case upper(record ->> '$.participant')
            when 'BOT' then 'bot'
            when 'CUSTOMER' then 'customer'
            when 'AGENT' then 'agent'
        end as participant,
        case when json_valid(record ->> '$.values') then record ->> '$.values' else '[]' end as content
    from records
),

steps as (  -- the same, with the items of a message and the speaker that is marked in front of the words
    select
        *,
        case lower(regexp_extract(utterance, '^\[([A-Za-z_]+)\]', 1))
            when 'customer' then 'customer'
            when 'agent' then 'agent'
            when 'bot' then 'bot'
            when 'system' then 'system'
        end as speaker,
        regexp_replace(utterance, '^\[[A-Za-z_]+\]\s*', '') as words,
        json_extract(content, '$[*]') as items
    from parts
)

select
    file_id,
    position,
    log_key as record_key,
    logged_at as version_at,
    case
        when step is null then 'event_type is missing'
        when logged_at is null then 'event_timestamp is missing or no number of milliseconds'
        when leg_id is null and step <> 'TRANSCRIPT_RESULT_FEEDBACK' then 'session_id is missing'
    end as fault,
    list_filter(
        list_concat(
            [{
                'event_id': log_key,
                'leg_id': leg_id,
                'event_at': logged_at,
                'event_seq': null::bigint,
                'kind': case
                    when is_blocked then 'guardrail'
                    when step = 'TRANSCRIPT_CREATE_SESSION' then 'state'
                    when step = 'ORCHESTRATION_ERROR' then 'error'
                    when step not in (
                        'TRANSCRIPT_UTTERANCE', 'TRANSCRIPT_SELF_SERVICE_MESSAGE', 'TRANSCRIPT_QUERY_ASSISTANT',
                        'TRANSCRIPT_RESULT_FEEDBACK', 'TRANSCRIPT_ORCHESTRATION_MESSAGE'
                    ) then 'bot'
                end,
                'name': case
                    when is_blocked then 'blocked'
                    when step = 'TRANSCRIPT_CREATE_SESSION' then 'session'
                    when step = 'ORCHESTRATION_ERROR' then coalesce(error_code, 'error')
                    when step = 'TRANSCRIPT_INTENT_TRIGGERING_REFERENCE' then 'intent'
                    when step = 'TRANSCRIPT_RECOMMENDATION' then 'recommendation'
                    when step = 'TRANSCRIPT_TRIGGER_DETECTION_MODEL_INVOCATION' then 'trigger'
                    else lower(step)
                end,
                'result': case
                    when step = 'TRANSCRIPT_RECOMMENDATION' and is_clicked then 'intent_clicked'
                    when is_valid_trigger then 'valid'
                    when not is_valid_trigger then 'not_valid'
                end,
                'confidence': try_cast(probability as decimal(18, 9)),
                'is_error': case when step = 'ORCHESTRATION_ERROR' then true end,
                'detail': case when step = 'TRANSCRIPT_CREATE_SESSION' then session_id else coalesce(intent, error_message) end
            }],
            list_transform(
                items,
                lambda v, i: {
                    'event_id': log_key || ':' || i,
                    'leg_id': leg_id,
                    'event_at': logged_at,
                    'event_seq': i::bigint,
                    'kind': case when (v ->> '$.type') in ('tool_use', 'tool_result') then 'tool' end,
                    'name': coalesce(v ->> '$.name', v ->> '$.toolId', v ->> '$.toolUseId'),
                    'result': case when (v ->> '$.type') = 'tool_use' then 'called' else lower(v ->> '$.status') end,
                    'confidence': null::decimal(18, 9),
                    'is_error': case
                        when (v ->> '$.type') = 'tool_result'
                            then coalesce((v ->> '$.isError') = 'true', false) or coalesce(lower(v ->> '$.status') = 'error', false)
                    end,
                    'detail': null::varchar
                }
            )
        ),
        lambda e: e.kind is not null
    ) as events,
    list_filter(
        list_concat(
            [
                {
                    'turn_id': log_key || ':0',
                    'leg_id': leg_id,
                    'turn_seq': 0,
                    'speaker': speaker,
                    'occurred_at': logged_at,
                    'content': case when coalesce(prompt, '') <> 'SELF_SERVICE_ANSWER_GENERATION' then words end
                },
                {
                    'turn_id': log_key || ':answer',
                    'leg_id': leg_id,
                    'turn_seq': 1,
                    'speaker': 'bot',
                    'occurred_at': logged_at,
                    'content': case when prompt = 'SELF_SERVICE_ANSWER_GENERATION' then answer end
                }
            ],
            list_transform(
                items,
                lambda v, i: {
                    'turn_id': log_key || ':' || i,
                    'leg_id': leg_id,
                    'turn_seq': i::integer,
                    'speaker': participant,
                    'occurred_at': logged_at,
                    'content': case when (v ->> '$.type') = 'text' then coalesce(v ->> '$.text', v ->> '$.value') end
                }
            )
        ),
        lambda t: t.content is not null
    ) as turns,
    list_filter(
        [{
            'search_id': case
                when step in ('TRANSCRIPT_QUERY_ASSISTANT', 'TRANSCRIPT_RESULT_FEEDBACK') then coalesce(recommendation_id, log_key)
            end,
            'leg_id': leg_id,
            'searched_at': logged_at,
            'query': query,
            'feedback': case
                when step <> 'TRANSCRIPT_RESULT_FEEDBACK' then null
                when is_useful then 'helpful'
                when not is_useful then 'not_helpful'
            end
        }],
        lambda k: k.search_id is not null
    ) as knowledge_searches
from steps
order by file_id, position
