-- title      = "Intercom conversations in Fivetran's tables"
-- definition = "Rows of Fivetran's table `conversation_history`: every version of a conversation; the newest is the interaction and its case, its first words and its rating."
-- version    = 1
-- system     = "Intercom"
-- framing    = "csv"
-- columns    = ["id", "created_at", "updated_at", "state", "source_type", "source_delivered_as", "first_contact_reply_created_at"]
-- needs_timezone = true
-- fills      = ["legs", "cases", "turns", "survey_responses"]
-- notes      = '''
--   Fivetran's times carry no zone and are UTC: timezone = "UTC". The newest updated_at wins, in whatever order the rows stand; a
--   conversation without any active row was deleted at Intercom, and its newest version stays.
--   Where the customer never wrote (no first_contact_reply_created_at) there is no customer interaction.
--   The table does not say when somebody answered: replies come with `conversation_part_history`, and answered_at stays empty.
--   A closed conversation ends at its newest version's updated_at, which a later tag or note moves on.
--   Fin is in the table only where the connector has its columns (ai_agent_participated, ai_agent_resolution_state,
--   ai_agent_source_type); without them nothing says that an AI took part.
-- '''
--
-- [types]
-- "conversation_rating_created_at" = "time"
-- "conversation_rating_value" = "number"
--
-- [example]
-- expect = '''
--   leg_id     | channel   | direction | ended_at                  | agent_id | queue | account_key | ai_agent | is_claimed_resolved | excluded_as
--   intercom:1 | messaging | inbound   | 2025-03-05 10:00:00+00:00 | 7        |       | intercom:u  |          |                     |
--   intercom:1 | messaging | inbound   |                           |          | 8     | intercom:u  |          |                     |
--   intercom:2 | email     | outbound  |                           |          |       |             |          |                     | no_customer_message
--   intercom:3 | messaging | inbound   | 2025-03-03 09:10:00+00:00 |          |       | intercom:v  | Fin      | true                |
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"1","created_at":"2025-03-03 09:00:00","updated_at":"2025-03-05 10:00:00","state":"closed","assignee_id":"7","assignee_type":"admin","source_type":"conversation","source_delivered_as":"customer_initiated","source_author_id":"u","source_author_type":"user","first_contact_reply_created_at":"2025-03-03 09:00:00","_fivetran_active":"true"}
--   f       | 2        | {"id":"1","created_at":"2025-03-03 09:00:00","updated_at":"2025-03-03 09:30:00","state":"open","assignee_id":"8","assignee_type":"team","source_type":"conversation","source_delivered_as":"customer_initiated","source_author_id":"u","source_author_type":"user","first_contact_reply_created_at":"2025-03-03 09:00:00","_fivetran_active":"false"}
--   f       | 3        | {"id":"2","created_at":"2025-03-03 09:00:00","updated_at":"2025-03-03 09:00:00","state":"open","source_type":"email","source_delivered_as":"automated","source_author_id":"7","source_author_type":"admin","first_contact_reply_created_at":null}
--   f       | 4        | {"id":"3","created_at":"2025-03-03 09:00:00","updated_at":"2025-03-03 09:10:00","state":"closed","source_type":"whatsapp","source_delivered_as":"customer_initiated","source_author_id":"v","source_author_type":"lead","first_contact_reply_created_at":"2025-03-03 09:00:00","ai_agent_participated":"TRUE","ai_agent_resolution_state":"assumed_resolution"}
--   f       | 5        | {"id":"4","created_at":"03/03/2025","updated_at":"2025-03-03 09:10:00","state":"closed"}
-- '''

with

versions as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.created_at' as created,
        timezone($timezone, try_cast(record ->> '$.created_at' as timestamp)) as created_at,
        record ->> '$.updated_at' as updated,
        timezone($timezone, try_cast(record ->> '$.updated_at' as timestamp)) as updated_at,
        record ->> '$.state' as state,
        record ->> '$.priority' as priority,
        record ->> '$.assignee_id' as assignee_id,
        record ->> '$.assignee_type' as assignee_type,
        record ->> '$.source_type' as source_type,
        record ->> '$.source_delivered_as' as delivered_as,
        record ->> '$.source_id' as source_id,
        record ->> '$.source_author_id' as author_id,
        record ->> '$.source_author_type' as author_type,
        record ->> '$.source_subject' as subject,
        record ->> '$.source_body' as body,
        record ->> '$.first_contact_reply_created_at' as contact_reply,
        record ->> '$.conversation_rating_value' as rating,
        record ->> '$.conversation_rating_remark' as remark,
        timezone($timezone, try_cast(record ->> '$.conversation_rating_created_at' as timestamp)) as rating_at,
        lower(record ->> '$.ai_agent_participated') as has_ai,
        record ->> '$.ai_agent_resolution_state' as resolution,
        coalesce(record ->> '$.ai_agent_source_type' in ('fin_preview', 'workflow_preview'), false) as is_test
    from records
),

told as (  -- the same versions with our words
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
        case when author_type in ('user', 'lead', 'contact') then 'intercom:' || author_id end as account,
        case when assignee_type = 'admin' then assignee_id end as admin_id,
        case when assignee_type = 'team' then assignee_id end as team_id
    from versions
)

select
    file_id,
    position,
    id as record_key,
    updated_at as version_at,
    case
        when id is null then 'id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
        when updated is null then 'updated_at is missing'
        when updated_at is null then 'updated_at is no time'
    end as fault,  -- never with a value
    [{
        'leg_id': 'intercom:' || id,
        'channel': channel,
        'direction': direction,
        'initiation': case when direction = 'inbound' then 'customer' else 'outbound' end,
        'started_at': created_at,
        'ended_at': case when state = 'closed' then greatest(updated_at, created_at) end,
        'queue': team_id,
        'agent_id': admin_id,
        'ai_agent': case when has_ai = 'true' then 'Fin' end,
        'is_confirmed': case when resolution = 'confirmed_resolution' then true end,
        'is_claimed_resolved': case when resolution = 'assumed_resolution' then true end,
        'is_ai_failed': case when resolution = 'negative_feedback' then true end,
        'escalation_reason': case when resolution in ('escalated', 'procedure_handoff') then resolution end,
        'account_key': account,
        'is_test': is_test,
        'excluded_as': case when contact_reply is null then 'no_customer_message' end,
        'note': subject
    }] as legs,
    [{
        'case_id': 'intercom:' || id,
        'leg_id': 'intercom:' || id,
        'account_key': account,
        'opened_at': created_at,
        'status': case state when 'closed' then 'solved' when 'snoozed' then 'hold' else state end,
        'channel': channel,
        'priority': priority,
        'assignee_id': admin_id,
        'queue': team_id,
        'is_test': is_test,
        'vendor_resolution': resolution
    }] as cases,
    case
        when body is null then []
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
            'content': regexp_replace(body, '<[^>]*>', ' ', 'g')
        }]
    end as turns,
    case
        when rating is null and rating_at is null then []
        else [{
            'response_id': 'intercom:' || id || ':conversation',
            'leg_id': 'intercom:' || id,
            'sent_at': case when rating is null then rating_at end,
            'answered_at': case when rating is not null then rating_at end,
            'score': rating,
            'scale_max': 5,
            'comment': remark
        }]
    end as survey_responses
from told
order by file_id, position
