-- title      = "Amazon Connect data lake: contact_record"
-- definition = "Parquet extracts of the table contact_record: one row per contact record, as the analytics data lake holds it."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["contact_id", "channel", "initiation_method", "initiation_timestamp", "disconnect_timestamp"]
-- fills      = ["legs"]
-- notes      = '''
--   Use it or amazon_connect_contact_records, never both for one instance: each leg would be there twice.
--   Durations are milliseconds; contact records have whole seconds, so that the two differ by up to a second in each.
--   Instants are UTC. The newest data_lake_last_processed_timestamp wins; it does not say that a contact is complete.
--   Unverified mapping (no extract was at hand; names from a secondary list): every column but the keys, above all segment_attribute,
--   transfer_completed_timestamp and queue_dequeue_timestamp. Not read: recordings, chat metrics, audio quality.
-- '''
--
-- [params]
-- account_id_attribute         = "accountId"
-- intent_attribute             = "intent"
-- journey_attribute            = "journey"
-- region_attribute             = "region"
-- language_attribute           = "language"
-- segment_attribute            = "segment"
-- ai_agent_attribute           = "aiAgent"
-- ai_agent_version_attribute   = "aiAgentVersion"
-- ai_outcome_attribute         = "aiOutcome"
-- escalation_reason_attribute  = "escalationReason"
-- test_attribute               = "testContact"
-- context_kept_attribute       = "contextKept"
--
-- [configured]
-- account_id_attribute        = ["legs.account_key"]
-- intent_attribute            = ["legs.intent"]
-- journey_attribute           = ["legs.journey"]
-- region_attribute            = ["legs.region"]
-- language_attribute          = ["legs.language"]
-- segment_attribute           = ["legs.segment"]
-- ai_agent_attribute          = ["legs.ai_agent"]
-- ai_agent_version_attribute  = ["legs.ai_agent_version"]
-- ai_outcome_attribute        = ["legs.is_goal_completed", "legs.is_confirmed", "legs.is_ai_failed", "legs.is_ai_dropped"]
-- escalation_reason_attribute = ["legs.escalation_reason"]
-- test_attribute              = ["legs.is_test"]
-- context_kept_attribute      = ["legs.is_context_kept"]
--
-- [example]
-- expect = '''
--   leg_id | root_id | channel | initiation | started_at                       | wait_ms | talk_ms | hold_ms | queue   | intent  | excluded_as
--   a      |         | voice   | customer   | 2025-03-03 09:00:00.250000+00:00 | 17250   | 239100  | 0       | Billing | billing |
--   b      | a       | voice   | monitor    | 2025-03-03 09:02:00+00:00        |         |         |         |         |         | monitor
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"contact_id":"a","channel":"VOICE","initiation_method":"INBOUND","initiation_timestamp":"2025-03-03 09:00:00.250","disconnect_timestamp":"2025-03-03 09:30:00","queue_name":"Billing","queue_duration_ms":17250,"agent_interaction_duration_ms":239100,"agent_customer_hold_duration_ms":0,"attributes":{"intent":"billing"}}
--   f       | 2        | {"contact_id":"b","initial_contact_id":"a","channel":"VOICE","initiation_method":"MONITOR","initiation_timestamp":"2025-03-03 09:02:00","disconnect_timestamp":null}
--   f       | 3        | {"contact_id":"c","channel":"VOICE","initiation_method":"INBOUND","initiation_timestamp":null}
-- '''

with

words as (  -- one row per contact record, its codes as our words
    select
        file_id,
        position,
        record,
        nullif(record ->> '$.contact_id', '') as contact_id,
        upper(record ->> '$.channel') as channel,
        upper(record ->> '$.initiation_method') as method,
        record ->> '$.segment_attribute."connect:Subtype"' as subtype,
        try_cast(record ->> '$.data_lake_last_processed_timestamp' as timestamptz) as processed_at,
        try_cast(record ->> '$.initiation_timestamp' as timestamptz) as started_at,
        try_cast(record ->> '$.disconnect_timestamp' as timestamptz) as ended_at,
        record -> '$.attributes' as attributes,
        coalesce(
            upper(record ->> '$.customer_endpoint_type'),
            case when upper(record ->> '$.channel') = 'VOICE' then 'TELEPHONE_NUMBER' end
        ) as endpoint_type,
        record ->> '$.customer_endpoint_address' as address
    from records
),

outcomes as (  -- what the flow noted of the AI's outcome
    select file_id, position, lower(attributes ->> ('$."' || $ai_outcome_attribute || '"')) as ai_outcome
    from words
)

select
    file_id,
    position,
    contact_id as record_key,
    coalesce(processed_at, ended_at, started_at) as version_at,
    case
        when contact_id is null then 'contact_id is missing'
        when started_at is null then 'initiation_timestamp is missing or no time'
        when ended_at < started_at then 'disconnect_timestamp is before initiation_timestamp'
    end as fault,
    [{
        'leg_id': contact_id,
        'root_id': nullif(record ->> '$.initial_contact_id', contact_id),
        'previous_id': record ->> '$.previous_contact_id',
        'channel': case when channel = 'CHAT' and subtype = 'connect:SMS' then 'sms' else lower(channel) end,
        'direction': case
            when method in ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY', 'FLOW') then 'outbound' else 'inbound'
        end,
        'initiation': case method
            when 'INBOUND' then 'customer'
            when 'WEBRTC_API' then 'customer'
            when 'API' then case when channel = 'TASK' then 'task' else 'customer' end
            when 'DISCONNECT' then 'survey'
            when 'EXTERNAL_OUTBOUND' then 'outbound'
            else lower(method)
        end,
        'started_at': started_at,
        'ended_at': ended_at,
        'enqueued_at': record ->> '$.queue_enqueue_timestamp',
        'answered_at': record ->> '$.agent_connected_to_agent_timestamp',
        'wait_ms': record ->> '$.queue_duration_ms',
        'talk_ms': record ->> '$.agent_interaction_duration_ms',
        'hold_ms': record ->> '$.agent_customer_hold_duration_ms',
        'acw_ms': record ->> '$.agent_after_contact_work_duration_ms',
        'queue': record ->> '$.queue_name',
        'agent_id': record ->> '$.agent_username',
        'team': coalesce(record ->> '$.agent_hierarchy_groups_level_1_name', record ->> '$.agent_routing_profile_name'),
        'is_transferred': case when (record ->> '$.transfer_completed_timestamp') is not null then true end,
        'ai_agent': attributes ->> ('$."' || $ai_agent_attribute || '"'),
        'ai_agent_version': attributes ->> ('$."' || $ai_agent_version_attribute || '"'),
        'is_goal_completed': case when ai_outcome = 'completed' then true end,
        'is_confirmed': case when ai_outcome = 'confirmed' then true end,
        'is_ai_failed': case when ai_outcome = 'failed' then true end,
        'is_ai_dropped': case when ai_outcome = 'dropped' then true end,
        'escalation_reason': attributes ->> ('$."' || $escalation_reason_attribute || '"'),
        'disconnect_reason': record ->> '$.disconnect_reason',
        'intent': attributes ->> ('$."' || $intent_attribute || '"'),
        'journey': attributes ->> ('$."' || $journey_attribute || '"'),
        'region': attributes ->> ('$."' || $region_attribute || '"'),
        'language': attributes ->> ('$."' || $language_attribute || '"'),
        'segment': attributes ->> ('$."' || $segment_attribute || '"'),
        'account_key': attributes ->> ('$."' || $account_id_attribute || '"'),
        'email_key': case when endpoint_type = 'EMAIL_ADDRESS' then address end,
        'phone_key': case when endpoint_type = 'TELEPHONE_NUMBER' then address end,
        'is_test': lower(attributes ->> ('$."' || $test_attribute || '"')) in ('true', 'yes', '1'),
        'excluded_as': case
            when method = 'MONITOR' then 'monitor'
            when method = 'DISCONNECT' then 'survey_leg'
            when channel = 'TASK' then 'task'
            when subtype = 'connect:Guide' then 'guide'
            when method in ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY', 'FLOW') then 'outbound'
        end,
        'left_at': record ->> '$.agent_after_contact_work_start_timestamp',
        'is_context_kept': lower(attributes ->> ('$."' || $context_kept_attribute || '"')) in ('true', 'yes', '1')
    }] as legs
from words
join outcomes using (file_id, position)
order by file_id, position
