-- title      = "Salesforce messaging sessions"
-- definition = "The MessagingSession object: one session of a customer with a bot, an agent, or first one and then the other."
-- version    = 1
-- system     = "Salesforce Service Cloud"
-- framing    = "csv"
-- columns    = ["Id", "StartTime", "AgentType", "SystemModstamp"]
-- fills      = ["legs"]
-- notes      = '''
--   AgentType says who took part: Bot, BotToAgent, Agent, System. AcceptTime is an answer only where an agent is among them.
--   The wait is known for sessions that went to an agent at once; behind a bot only AgentWork tells when the queue was entered.
--   A case that a bot's session left behind is a ticket. Sessions that we began are outbound. AgentMessageCount is not read: enhanced
--   messaging does not compute it. Talk, hold and after-contact work are not in a session; AgentWork has the handle time.
-- '''
--
-- [params]
-- ai_agent = "bot"
--
-- [example]
-- params = { timezone = "UTC" }
-- expect = '''
--   leg_id             | channel   | started_at                | answered_at               | wait_ms | ai_agent | ticket_id          | excluded_as
--   0Mw000000000001AAA | chat      | 2025-03-03 09:00:00+00:00 |                           |         | bot      | 500000000000001AAA |
--   0Mw000000000002AAA | messaging | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:00:45+00:00 |         | bot      |                    |
--   0Mw000000000003AAA | sms       | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:00:45+00:00 | 45000   |          |                    |
--   0Mw000000000004AAA | messaging | 2025-03-03 09:00:00+00:00 |                           |         |          |                    | outbound
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"Id":"0Mw000000000001AAA","StartTime":"2025-03-03T09:00:00.000+0000","EndTime":"2025-03-03T09:05:00.000+0000","AcceptTime":"2025-03-03T09:00:00.000+0000","AgentType":"Bot","ChannelType":"EmbeddedMessaging","Origin":"InboundInitiated","CaseId":"500000000000001AAA"}
--   f       | 2        | {"Id":"0Mw000000000002AAA","StartTime":"2025-03-03T09:00:00.000Z","AcceptTime":"2025-03-03T09:00:45.000Z","AgentType":"BotToAgent","ChannelType":"WhatsApp","Origin":"InboundInitiated","CaseId":"500000000000001AAA"}
--   f       | 3        | {"Id":"0Mw000000000003AAA","StartTime":"2025-03-03T09:00:00.000Z","AcceptTime":"2025-03-03T09:00:45.000Z","AgentType":"Agent","ChannelType":"Text","Origin":"InboundInitiated"}
--   f       | 4        | {"Id":"0Mw000000000004AAA","StartTime":"2025-03-03T09:00:00.000Z","AgentType":"System","ChannelType":"Facebook","Origin":"TriggeredOutbound"}
-- '''

with

session_rows as (  -- one row per session
    select
        file_id,
        position,
        record ->> '$.Id' as id,
        lower(record ->> '$.AgentType') as agent_type,
        lower(record ->> '$.ChannelType') as channel_type,
        lower(record ->> '$.Origin') as origin,
        record ->> '$.Status' as status,
        record ->> '$.CaseId' as case_id,
        record ->> '$.OwnerId' as owner_id,
        record ->> '$.MessagingEndUserId' as end_user_id,
        coalesce(record ->> '$.EndUserContactId', record ->> '$.EndUserAccountId') as account,
        record ->> '$.EndUserLanguage' as language,
        [
            record ->> '$.SystemModstamp',
            record ->> '$.CreatedDate',
            record ->> '$.StartTime',
            record ->> '$.EndTime',
            record ->> '$.AcceptTime'
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
    from session_rows
),

times as (  -- the same rows, each time by its name
    select
        *,
        known[1] as modified_at,
        known[2] as created_at,
        known[3] as began_at,
        known[4] as ended_at,
        known[5] as accepted_at,
        case
            when told[1] is not null and known[1] is null then 'SystemModstamp is no time with a zone; set timezone if the export has none'
            when told[2] is not null and known[2] is null then 'CreatedDate is no time with a zone; set timezone if the export has none'
            when told[3] is not null and known[3] is null then 'StartTime is no time with a zone; set timezone if the export has none'
            when told[4] is not null and known[4] is null then 'EndTime is no time with a zone; set timezone if the export has none'
            when told[5] is not null and known[5] is null then 'AcceptTime is no time with a zone; set timezone if the export has none'
        end as time_fault
    from instants
),

sessions as (  -- the same rows, in our words
    select
        *,
        coalesce(began_at, created_at) as started_at,
        agent_type in ('agent', 'bottoagent') as is_persons,
        origin like '%outbound%' or origin = 'agentinitiated' as is_outbound
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
        when started_at is null and time_fault is null then 'StartTime is missing'
        when ended_at < started_at then 'EndTime is before StartTime'
        else time_fault
    end as fault,  -- never with a value
    [{
        'leg_id': id,
        'channel': case channel_type when 'text' then 'sms' when 'embeddedmessaging' then 'chat' else 'messaging' end,
        'direction': case when is_outbound then 'outbound' else 'inbound' end,
        'initiation': case when is_outbound then 'outbound' else 'customer' end,
        'started_at': started_at,
        'ended_at': ended_at,
        'enqueued_at': case when agent_type = 'agent' then started_at end,
        'answered_at': case when is_persons then accepted_at end,
        'wait_ms': case
            when agent_type = 'agent' and accepted_at >= started_at then epoch_ms(accepted_at) - epoch_ms(started_at)
        end,
        'queue': case when owner_id like '00G%' then owner_id end,
        'agent_id': case when is_persons and owner_id like '005%' then owner_id end,
        'ai_agent': case when agent_type in ('bot', 'bottoagent') then $ai_agent end,
        'ticket_id': case when agent_type = 'bot' then case_id end,
        'disconnect_reason': status,
        'language': language,
        'account_key': account,
        'cookie_key': end_user_id,
        'excluded_as': case when is_outbound then 'outbound' end
    }] as legs
from sessions
order by file_id, position
