-- title      = "Salesforce chat transcripts"
-- definition = "The LiveChatTranscript object: one chat with its wait, its answer and how it ended."
-- version    = 1
-- system     = "Salesforce Service Cloud"
-- framing    = "csv"
-- columns    = ["Id", "RequestTime", "StartTime", "EndTime", "Abandoned", "SystemModstamp"]
-- fills      = ["legs"]
-- notes      = '''
--   Abandoned is a number of seconds after which the customer gave up, not a flag: 0 or empty means that the customer did not.
--   StartTime is the agent's acceptance, RequestTime the customer's click. WaitTime and ChatDuration are seconds.
--   Set talk_from_chat_duration = false where AgentWork is a source, too: it has the same minutes.
--   Body (HTML) and SupervisorTranscriptBody are not read.
-- '''
--
-- [types]
-- "Abandoned" = "number"
-- "WaitTime" = "number"
-- "ChatDuration" = "number"
--
-- [params]
-- ai_agent                = "bot"
-- talk_from_chat_duration = true
--
-- [example]
-- params = { timezone = "UTC" }
-- expect = '''
--   leg_id             | started_at                | answered_at               | ended_at                  | wait_ms | talk_ms | is_abandoned | agent_id           | disconnect_reason
--   570000000000001AAA | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:00:20+00:00 | 2025-03-03 09:05:20+00:00 | 20000   | 300000  |              | 005000000000001AAA | Visitor
--   570000000000002AAA | 2025-03-03 09:00:00+00:00 |                           | 2025-03-03 09:00:45+00:00 | 45000   |         | true         |                    | Visitor
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"Id":"570000000000001AAA","RequestTime":"2025-03-03T09:00:00.000+0000","StartTime":"2025-03-03T09:00:20.000+0000","EndTime":"2025-03-03T09:05:20.000+0000","Abandoned":"0","WaitTime":"20","ChatDuration":"300","EndedBy":"Visitor","OwnerId":"005000000000001AAA","Status":"Completed"}
--   f       | 2        | {"Id":"570000000000002AAA","RequestTime":"2025-03-03T09:00:00.000Z","StartTime":"2025-03-03T09:00:00.000Z","EndTime":"2025-03-03T09:00:45.000Z","Abandoned":"45","EndedBy":"Visitor","OwnerId":"005000000000009AAA","Status":"Missed"}
-- '''

with

chat_rows as (  -- one row per chat
    select
        file_id,
        position,
        record ->> '$.Id' as id,
        lower(record ->> '$.Status') as status,
        try_cast(record ->> '$.Abandoned' as bigint) as abandoned_s,
        try_cast(record ->> '$.WaitTime' as bigint) as wait_s,
        try_cast(record ->> '$.ChatDuration' as bigint) as chat_s,
        lower(record ->> '$.IsChatbotSession') in ('true', '1') as is_chatbot,
        record ->> '$.EndedBy' as ended_by,
        record ->> '$.OwnerId' as owner_id,
        record ->> '$.CaseId' as case_id,
        record ->> '$.ContactId' as contact_id,
        record ->> '$.LiveChatVisitorId' as visitor_id,
        coalesce(record ->> '$.SkillId', record ->> '$.LiveChatButtonId') as button_id,
        record ->> '$.VisitorLanguage' as language,
        [
            record ->> '$.SystemModstamp',
            record ->> '$.CreatedDate',
            record ->> '$.RequestTime',
            record ->> '$.StartTime',
            record ->> '$.EndTime'
        ] as told
    from records
),

instants as (  -- the same rows, their times as instants: Salesforce writes Z or +0000, its weekly export no zone at all
    select
        *,
        list_transform(
            told,
            lambda t: case
                when regexp_matches(t, '[+-][0-9][0-9][0-9][0-9]$')
                    then try_cast(left(t, length(t) - 2) || ':' || right(t, 2) as timestamptz)
                when regexp_matches(t, '(Z|[+-][0-9][0-9]:[0-9][0-9])$') then try_cast(t as timestamptz)
                else timezone(cast($timezone as varchar), try_cast(t as timestamp))
            end
        ) as known
    from chat_rows
),

times as (  -- the same rows, each time by its name
    select
        *,
        known[1] as modified_at,
        known[2] as created_at,
        known[3] as requested_at,
        known[4] as accepted_at,
        known[5] as ended_at,
        case
            when told[1] is not null and known[1] is null then 'SystemModstamp is no time with a zone; set timezone if the export has none'
            when told[2] is not null and known[2] is null then 'CreatedDate is no time with a zone; set timezone if the export has none'
            when told[3] is not null and known[3] is null then 'RequestTime is no time with a zone; set timezone if the export has none'
            when told[4] is not null and known[4] is null then 'StartTime is no time with a zone; set timezone if the export has none'
            when told[5] is not null and known[5] is null then 'EndTime is no time with a zone; set timezone if the export has none'
        end as time_fault
    from instants
),

chats as (  -- the same rows, in our words
    select
        *,
        coalesce(requested_at, accepted_at, created_at) as started_at,
        accepted_at is not null
            and coalesce(abandoned_s, 0) = 0
            and coalesce(status, '') not in ('missed', 'waiting', 'blocked')
            and owner_id like '005%' as is_answered
    from times
)

select
    file_id,
    position,
    id as record_key,
    modified_at as version_at,
    case
        when id is null then 'Id is missing'
        when length(id) <> 18 then 'Id has not 18 characters'
        when started_at is null and time_fault is null then 'RequestTime is missing'
        when ended_at < started_at then 'EndTime is before RequestTime'
        else time_fault
    end as fault,  -- never with a value
    [{
        'leg_id': id,
        'channel': 'chat',
        'direction': 'inbound',
        'initiation': 'customer',
        'started_at': started_at,
        'ended_at': ended_at,
        'enqueued_at': requested_at,
        'answered_at': case when is_answered then accepted_at end,
        'wait_ms': case when abandoned_s > 0 then abandoned_s else wait_s end * 1000,
        'talk_ms': case when is_answered and $talk_from_chat_duration then chat_s * 1000 end,
        'queue': button_id,
        'agent_id': case when is_answered then owner_id end,
        'is_abandoned': case when abandoned_s > 0 then true end,
        'ai_agent': case when is_chatbot then $ai_agent end,
        'ticket_id': case when is_chatbot and not is_answered then case_id end,
        'disconnect_reason': ended_by,
        'language': language,
        'account_key': contact_id,
        'cookie_key': visitor_id
    }] as legs
from chats
order by file_id, position
