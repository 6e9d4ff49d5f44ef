-- title      = "Dialogflow CX interaction logs"
-- definition = "One JSON object per turn, as BigQuery exports the interaction log of Dialogflow CX: words, intents, hand-overs."
-- version    = 1
-- system     = "Dialogflow CX"
-- framing    = "json"
-- fills      = ["legs", "turns", "events", "sentiments", "knowledge_searches"]
-- notes      = '''
--   A row is a turn, and no row tells when its conversation began or ended: each turn is a leg of the conversation's chain, so that
--   the chain begins with the first and ends with the last. The chain's id is the session's.
--   Where a telephone system's own source has the contact, set legs = false and leg_id_parameter to the session parameter that holds
--   its id: words and events are then that leg's, and nothing is counted twice.
--   The log ends where the bot ends. A hand-over to a person is taken as answered at that moment, because no queue is seen here.
--   Conversations of the draft environment (or of none) are tests. At most 500 turns are exported: turn 500 leaves an event.
--   A greeting, a reprompt after no match and one after no input are no substantive replies.
--   Scores run from -1 to 1, as ours do. JSON columns may be objects or texts.
-- '''
--
-- [params]
-- legs                 = true
-- leg_id_parameter     = "contactId"
-- account_id_parameter = "accountId"
-- ai_agent             = ""
-- channel              = "chat"
-- goal_page            = ""
-- draft_is_test        = true
--
-- [derived]
-- "legs.started_at" = "the first turn stands for the beginning of the contact"
-- "legs.answered_at" = "a hand-over counts as answered: whether a person took it is in another system"
--
-- [example]
-- expect = '''
--   leg_id | root_id | started_at                | answered_at               | ai_replies | intent    | is_test | escalation_reason | disconnect_reason
--   s1:1   | s1      | 2025-03-03 09:00:00+00:00 |                           | 0          |           | false   |                   |
--   s1:2   | s1      | 2025-03-03 09:00:20+00:00 |                           | 1          | lost.card | false   |                   |
--   s1:3   | s1      | 2025-03-03 09:00:40+00:00 | 2025-03-03 09:00:40+00:00 | 0          |           | false   | customer_asked    | handed_over
--   s2:1   | s2      | 2025-03-03 10:00:00+00:00 |                           | 1          | hours     | true    |                   | ended_by_bot
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"agent_id":"a1","conversation_name":"projects/p/locations/l/agents/a1/environments/live/sessions/s1","turn_position":1,"request_time":"2025-03-03T09:00:00Z","language_code":"en","request":{"queryInput":{"event":{"event":"WELCOME"}}},"response":{"queryResult":{"match":{"matchType":"EVENT","confidence":1},"responseMessages":[{"text":{"text":["Hello!"]}}]}}}
--   f       | 2        | {"agent_id":"a1","conversation_name":"projects/p/locations/l/agents/a1/environments/live/sessions/s1","turn_position":"2","request_time":"2025-03-03 09:00:20 UTC","language_code":"en","request":"{\"queryInput\":{\"text\":{\"text\":\"I lost my card\"}}}","response":"{\"queryResult\":{\"match\":{\"matchType\":\"INTENT\",\"confidence\":0.82,\"intent\":{\"displayName\":\"lost.card\"}},\"responseMessages\":[{\"text\":{\"text\":[\"Sorry.\"]}},{\"text\":{\"text\":[\"Which one?\"]}}]}}"}
--   f       | 3        | {"agent_id":"a1","conversation_name":"projects/p/locations/l/agents/a1/environments/live/sessions/s1","turn_position":3,"request_time":"2025-03-03T09:00:40Z","request":{"queryInput":{"text":{"text":"A person!"}}},"response":{"queryResult":{"match":{"matchType":"NO_MATCH","confidence":0.3},"responseMessages":[{"liveAgentHandoff":{}}]}},"conversation_signals":{"turnSignals":{"noMatch":true,"userEscalated":true,"sentimentScore":-0.6}}}
--   f       | 4        | {"agent_id":"a1","conversation_name":"projects/p/locations/l/agents/a1/sessions/s2","turn_position":1,"request_time":"2025-03-03T10:00:00Z","request":{"queryInput":{"text":{"text":"When do you open?"}}},"response":{"queryResult":{"match":{"matchType":"INTENT","confidence":0.9,"intent":{"displayName":"hours"}},"responseMessages":[{"text":{"text":["At nine."]}},{"endInteraction":{}}]}}}
-- '''

with

texts as (  -- one row per turn; JSON columns as text, whichever way they were exported
    select
        file_id,
        position,
        record ->> '$.conversation_name' as conversation_name,
        record ->> '$.turn_position' as turn_text,
        record ->> '$.request_time' as time_text,
        record ->> '$.agent_id' as agent_id,
        record ->> '$.language_code' as language,
        case when json_valid(record ->> '$.request') then record ->> '$.request' end as request,
        case when json_valid(record ->> '$.response') then record ->> '$.response' end as response,
        case when json_valid(record ->> '$.conversation_signals') then record ->> '$.conversation_signals' end as signals,
        case when json_valid(record ->> '$.bot_answer_feedback') then record ->> '$.bot_answer_feedback' end as feedback
    from records
),

exchanges as (  -- the same turns, taken apart
    select
        file_id,
        position,
        conversation_name,
        nullif(regexp_extract(conversation_name, '/sessions/(.+)$', 1), '') as session_id,
        regexp_extract(conversation_name, '/environments/([^/]+)/', 1) as environment,
        turn_text,
        try_cast(turn_text as bigint) as turn_no,
        time_text,
        try_cast(replace(time_text, ' UTC', '+00') as timestamptz) as said_at,
        agent_id,
        language,
        coalesce(
            request ->> '$.queryInput.text.text', request ->> '$.queryInput.dtmf.digits', response ->> '$.queryResult.transcript'
        ) as words,
        (request ->> '$.queryInput.audio') is not null or (request ->> '$.queryInput.dtmf') is not null as is_voice,
        upper(response ->> '$.queryResult.match.matchType') as match_type,
        try_cast(response ->> '$.queryResult.match.confidence' as decimal(18, 9)) as confidence,
        coalesce(
            response ->> '$.queryResult.match.intent.displayName', response ->> '$.queryResult.intent.displayName'
        ) as intent,
        response ->> '$.queryResult.currentPage.displayName' as page,
        response ->> ('$.queryResult.parameters."' || $account_id_parameter || '"') as account,
        response ->> ('$.queryResult.parameters."' || $leg_id_parameter || '"') as told_leg_id,
        json_extract(response, '$.queryResult.responseMessages[*]') as messages,
        coalesce(
            signals ->> '$.turnSignals.sentimentScore',
            signals ->> '$.turn_signals.sentiment_score',
            response ->> '$.queryResult.sentimentAnalysisResult.score'
        ) as score,
        coalesce(signals ->> '$.turnSignals.noMatch', signals ->> '$.turn_signals.no_match') = 'true' as has_no_match,
        coalesce(signals ->> '$.turnSignals.noUserInput', signals ->> '$.turn_signals.no_user_input') = 'true' as has_no_input,
        coalesce(signals ->> '$.turnSignals.userEscalated', signals ->> '$.turn_signals.user_escalated') = 'true' as is_asked_for_person,
        coalesce(signals ->> '$.turnSignals.agentEscalated', signals ->> '$.turn_signals.agent_escalated') = 'true' as has_handed_over,
        coalesce(signals ->> '$.turnSignals.reachedEndPage', signals ->> '$.turn_signals.reached_end_page') = 'true' as has_ended,
        coalesce(signals ->> '$.turnSignals.failureReasons', signals ->> '$.turn_signals.failure_reasons') as failures,
        upper(feedback ->> '$.rating') as rating
    from texts
),

turns_read as (  -- the same turns, in our words
    select
        *,
        session_id || ':' || turn_no as turn_id,
        case when $legs then session_id || ':' || turn_no else coalesce(told_leg_id, session_id) end as leg_id,
        array_to_string(list_filter(list_transform(messages, lambda m: m ->> '$.text.text[0]'), lambda t: t is not null), ' ') as reply,
        coalesce(has_no_match, false) or coalesce(match_type = 'NO_MATCH', false) as is_no_match,
        coalesce(has_no_input, false) or coalesce(match_type = 'NO_INPUT', false) as is_no_input,
        coalesce(has_handed_over, false)
            or list_filter(messages, lambda m: (m ->> '$.liveAgentHandoff') is not null)[1] is not null as is_handed_over,
        coalesce(has_ended, false)
            or list_filter(messages, lambda m: (m ->> '$.endInteraction') is not null)[1] is not null as is_ended,
        coalesce(failures not in ('[]', 'null'), false) as is_failed
    from exchanges
)

select
    file_id,
    position,
    turn_id as record_key,
    said_at as version_at,
    case
        when conversation_name is null then 'conversation_name is missing'
        when session_id is null then 'conversation_name is no session''s name'
        when turn_text is null then 'turn_position is missing'
        when turn_no is null then 'turn_position is not a whole number'
        when time_text is null then 'request_time is missing'
        when said_at is null then 'request_time is no time'
    end as fault,  -- never with a value
    case
        when $legs then [{
            'leg_id': leg_id,
            'root_id': session_id,
            'channel': case when is_voice then 'voice' else $channel end,
            'direction': 'inbound',
            'initiation': 'customer',
            'started_at': said_at,
            'ended_at': said_at,
            'answered_at': case when is_handed_over then said_at end,
            'ai_agent': coalesce(nullif($ai_agent, ''), agent_id),
            'ai_agent_version': nullif(environment, ''),
            'ai_replies': case
                when reply = '' or is_no_match or is_no_input or coalesce(match_type, '') = 'EVENT' then 0
                else 1
            end,
            'is_goal_completed': case when $goal_page <> '' and page = $goal_page then true end,
            'escalation_reason': case
                when is_handed_over and is_asked_for_person then 'customer_asked'
                when is_handed_over then 'policy'
            end,
            'disconnect_reason': case when is_handed_over then 'handed_over' when is_ended then 'ended_by_bot' end,
            'intent': case
                when match_type in ('INTENT', 'DIRECT_INTENT') and intent not like 'Default %' then intent
            end,
            'language': language,
            'account_key': account,
            'is_test': $draft_is_test and environment in ('', 'draft', '-')
        }]
    end as legs,
    list_filter(
        [
            {
                'turn_id': turn_id || ':customer',
                'leg_id': leg_id,
                'turn_seq': turn_no * 2 - 1,
                'speaker': 'customer',
                'occurred_at': said_at,
                'content': words
            },
            {
                'turn_id': turn_id || ':bot',
                'leg_id': leg_id,
                'turn_seq': turn_no * 2,
                'speaker': 'bot',
                'occurred_at': said_at,
                'content': nullif(reply, '')
            }
        ],
        lambda t: t.content is not null
    ) as turns,
    list_filter(
        [
            {
                'event_id': turn_id || ':match',
                'leg_id': leg_id,
                'event_at': said_at,
                'event_seq': turn_no,
                'kind': 'bot',
                'name': coalesce(intent, page, match_type),
                'result': match_type,
                'confidence': confidence,
                'is_no_match': is_no_match,
                'is_error': is_failed
            },
            {
                'event_id': case when is_handed_over then turn_id || ':hand_over' end,
                'leg_id': leg_id,
                'event_at': said_at,
                'event_seq': turn_no,
                'kind': 'state',
                'name': 'hand_over',
                'result': case when is_asked_for_person then 'customer_asked' else 'policy' end,
                'confidence': null,
                'is_no_match': false,
                'is_error': false
            },
            {
                'event_id': case when turn_no >= 500 then turn_id || ':turn_limit' end,
                'leg_id': leg_id,
                'event_at': said_at,
                'event_seq': turn_no,
                'kind': 'state',
                'name': 'turn_limit',
                'result': 'later turns are not exported',
                'confidence': null,
                'is_no_match': false,
                'is_error': false
            }
        ],
        lambda e: e.event_id is not null
    ) as events,
    case
        when try_cast(score as decimal(18, 9)) is not null then [{
            'sentiment_id': turn_id,
            'leg_id': leg_id,
            'speaker': 'customer',
            'part': case when $legs then 'end' else 'turn' end,
            'score': try_cast(score as decimal(18, 9)),
            'scorer': 'Dialogflow CX'
        }]
    end as sentiments,
    case
        when match_type = 'KNOWLEDGE_CONNECTOR' then [{
            'search_id': turn_id,
            'leg_id': leg_id,
            'searched_at': said_at,
            'actor': 'customer',
            'query': words,
            'is_answered': reply <> '',
            'feedback': case rating when 'THUMBS_UP' then 'helpful' when 'THUMBS_DOWN' then 'not_helpful' end
        }]
    end as knowledge_searches
from turns_read
order by file_id, position
