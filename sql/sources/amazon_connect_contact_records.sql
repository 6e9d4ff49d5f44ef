-- title      = "Amazon Connect contact records"
-- definition = "One JSON object per contact record (CTR), as Kinesis and Firehose write them; newest version of a ContactId wins."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json"
-- fills      = ["legs", "recordings"]
-- notes      = '''
--   A contact record is one leg: every transfer makes a new ContactId; InitialContactId names the first of the chain.
--   Talk, hold and after-contact work are the record's own durations. Disconnect minus connect is no handle time: an external
--   third party can keep the contact open long after the agent has left.
--   The AI's part is known only through what the flow copies into Attributes; the parameters name the keys. Keys that differ
--   only in case are different keys.
--   An agent's e-mail reply and an e-mail that a flow sends have records of their own, and so has a guide that is opened beside a
--   contact: they are outbound and guide, and no customer interaction.
--   is_transferred follows TransferCompletedTimestamp, which a warm transfer leaves empty: the chain shows those. Whether a leg was a
--   transfer or only a consultation needs two legs; left_at (start of after-contact work) is what tells, see core_interactions.
--   Each of Recordings is a recording; an older record's single Recording only where there is no list. AVAILABLE is what Connect
--   knows: that a lifecycle rule has deleted the file in the store is not in the record. The file's name and place are not kept.
-- '''
--
-- [types]
-- "Queue.Duration" = "number"
-- "Queue.DequeueTimestamp" = "time"
-- "Agent.AgentInteractionDuration" = "number"
-- "Agent.CustomerHoldDuration" = "number"
-- "Agent.AfterContactWorkDuration" = "number"
-- "Agent.AfterContactWorkStartTimestamp" = "time"
--
-- [params]
-- account_id_attribute         = "accountId"
-- intent_attribute             = "intent"
-- journey_attribute            = "journey"
-- region_attribute             = "region"
-- language_attribute           = "language"
-- segment_attribute            = "segment"
-- device_attribute             = "device"
-- ai_agent_attribute           = "aiAgent"
-- ai_agent_version_attribute   = "aiAgentVersion"
-- ai_replies_attribute         = "aiReplies"
-- ai_outcome_attribute         = "aiOutcome"
-- escalation_reason_attribute  = "escalationReason"
-- ticket_id_attribute          = "ticketId"
-- callback_requested_attribute = "callbackRequested"
-- test_attribute               = "testContact"
-- note_attribute               = "note"
-- context_kept_attribute       = "contextKept"
--
-- [configured]
-- account_id_attribute         = ["legs.account_key"]
-- intent_attribute             = ["legs.intent"]
-- journey_attribute            = ["legs.journey"]
-- region_attribute             = ["legs.region"]
-- language_attribute           = ["legs.language"]
-- segment_attribute            = ["legs.segment"]
-- device_attribute             = ["legs.device"]
-- ai_agent_attribute           = ["legs.ai_agent"]
-- ai_agent_version_attribute   = ["legs.ai_agent_version"]
-- ai_replies_attribute         = ["legs.ai_replies"]
-- ai_outcome_attribute         = ["legs.is_goal_completed", "legs.is_confirmed", "legs.is_ai_failed", "legs.is_ai_dropped"]
-- escalation_reason_attribute  = ["legs.escalation_reason"]
-- ticket_id_attribute          = ["legs.ticket_id"]
-- callback_requested_attribute = ["legs.is_callback_requested"]
-- test_attribute               = ["legs.is_test"]
-- note_attribute               = ["legs.note"]
-- context_kept_attribute       = ["legs.is_context_kept"]
--
-- [example]
-- expect = '''
--   leg_id | root_id | channel | direction | initiation | wait_ms | talk_ms | excluded_as | phone_key      | intent  | is_goal_completed
--   a      |         | voice   | inbound   | customer   | 17000   | 239000  |             | +441134960001  | billing | true
--   b      | a       | voice   | inbound   | monitor    |         |         | monitor     |                |         |
--   c      |         | sms     | inbound   | customer   |         |         |             | +447700900200  |         |
--   d      |         | task    | inbound   | task       |         |         | task        |                |         |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"ContactId":"a","Channel":"VOICE","InitiationMethod":"INBOUND","InitiationTimestamp":"2025-03-03T09:00:00Z","DisconnectTimestamp":"2025-03-03T09:30:00Z","LastUpdateTimestamp":"2025-03-03T09:31:00Z","Queue":{"Name":"Billing","EnqueueTimestamp":"2025-03-03T09:01:00Z","Duration":17},"Agent":{"Username":"ann","ConnectedToAgentTimestamp":"2025-03-03T09:01:17Z","AgentInteractionDuration":239},"CustomerEndpoint":{"Type":"TELEPHONE_NUMBER","Address":"+441134960001"},"Attributes":{"intent":"billing","Intent":"other","aiOutcome":"completed"}}
--   f       | 2        | {"ContactId":"b","InitialContactId":"a","Channel":"VOICE","InitiationMethod":"MONITOR","InitiationTimestamp":"2025-03-03T09:02:00Z","LastUpdateTimestamp":"2025-03-03T09:31:00Z"}
--   f       | 3        | {"ContactId":"c","Channel":"CHAT","InitiationMethod":"API","SegmentAttributes":{"connect:Subtype":{"ValueString":"connect:SMS"}},"InitiationTimestamp":"2025-03-03T09:02:00Z","LastUpdateTimestamp":"2025-03-03T09:31:00Z","CustomerEndpoint":{"Address":"+447700900200"}}
--   f       | 4        | {"ContactId":"d","Channel":"TASK","InitiationMethod":"API","InitiationTimestamp":"2025-03-03T09:02:00Z","LastUpdateTimestamp":"2025-03-03T09:31:00Z"}
--   f       | 5        | {"ContactId":"e","Channel":"VOICE","InitiationMethod":"INBOUND","InitiationTimestamp":"2025-03-03T09:02:00Z","DisconnectTimestamp":"2025-03-03T09:01:59Z"}
-- '''

with

cut as (  -- one row per record, parsed once for its texts and once for the objects in it
    select
        file_id,
        position,
        record ->> [
            '$.ContactId',
            '$.LastUpdateTimestamp',
            '$.InitiationTimestamp',
            '$.DisconnectTimestamp',
            '$.TransferCompletedTimestamp',
            '$.DisconnectReason',
            '$.InitialContactId',
            '$.PreviousContactId',
            '$.Channel',
            '$.InitiationMethod',
            '$.SegmentAttributes."connect:Subtype".ValueString'
        ] as texts,
        record -> ['$.Queue', '$.Agent', '$.Recording', '$.CustomerEndpoint', '$.Attributes'] as objects,
        json_extract(record, '$.Recordings[*]') as recordings
    from records
),

parts as (  -- the same with names
    select
        file_id,
        position,
        texts[1] as contact_id,
        texts[2] as updated,
        texts[3] as initiated,
        texts[4] as disconnected,
        texts[5] as transferred,
        texts[6] as disconnect_reason,
        texts[7] as initial_contact_id,
        texts[8] as previous_contact_id,
        upper(texts[9]) as channel,
        upper(texts[10]) as method,
        texts[11] as subtype,
        objects[1] as queue,
        objects[2] as agent,
        objects[3] as recording,
        objects[4] as endpoint,
        objects[5] ->> [
            '$."' || $ai_outcome_attribute || '"',
            '$."' || $callback_requested_attribute || '"',
            '$."' || $ai_agent_attribute || '"',
            '$."' || $ai_agent_version_attribute || '"',
            '$."' || $ai_replies_attribute || '"',
            '$."' || $escalation_reason_attribute || '"',
            '$."' || $ticket_id_attribute || '"',
            '$."' || $intent_attribute || '"',
            '$."' || $journey_attribute || '"',
            '$."' || $region_attribute || '"',
            '$."' || $language_attribute || '"',
            '$."' || $device_attribute || '"',
            '$."' || $segment_attribute || '"',
            '$."' || $account_id_attribute || '"',
            '$."' || $test_attribute || '"',
            '$."' || $note_attribute || '"',
            '$."' || $context_kept_attribute || '"'
        ] as attributes,
        recordings
    from cut
),

words as (  -- the same records with their times as times and their codes as our words
    select
        file_id,
        position,
        contact_id,
        updated,
        initiated,
        disconnected,
        transferred,
        disconnect_reason,
        initial_contact_id,
        previous_contact_id,
        channel,
        method,
        subtype,
        queue,
        agent,
        recording,
        recordings,
        attributes,
        endpoint ->> '$.Address' as address,
        try_cast(updated as timestamptz) as version_at,
        try_cast(initiated as timestamptz) as started_at,
        try_cast(disconnected as timestamptz) as ended_at,
        queue ->> '$.EnqueueTimestamp' as enqueued,
        queue ->> '$.DequeueTimestamp' as dequeued,
        agent ->> '$.ConnectedToAgentTimestamp' as answered,
        coalesce(
            upper(endpoint ->> '$.Type'), case when channel = 'VOICE' or subtype = 'connect:SMS' then 'TELEPHONE_NUMBER' end
        ) as endpoint_type,
        case
            when channel = 'CHAT' and subtype = 'connect:SMS' then 'sms'
            when channel = 'CHAT' and subtype is not null and subtype not in ('connect:Chat', 'connect:Guide') then 'messaging'
            else lower(channel)
        end as channel_word,
        case
            when method in ('OUTBOUND', 'EXTERNAL_OUTBOUND', 'AGENT_REPLY', 'FLOW') then 'outbound' else 'inbound'
        end as direction,
        lower(attributes[1]) as ai_outcome
    from parts
)

select
    file_id,
    position,
    contact_id as record_key,
    version_at,
    case
        when contact_id is null or contact_id = '' then 'ContactId is missing'
        when initiated is null then 'InitiationTimestamp is missing'
        when started_at is null then 'InitiationTimestamp is no time'
        when updated is not null and version_at is null then 'LastUpdateTimestamp is no time'
        when disconnected is not null and ended_at is null then 'DisconnectTimestamp is no time'
        when ended_at < started_at then 'DisconnectTimestamp is before InitiationTimestamp'
        when enqueued is not null and try_cast(enqueued as timestamptz) is null then 'Queue.EnqueueTimestamp is no time'
        when answered is not null and try_cast(answered as timestamptz) is null then 'Agent.ConnectedToAgentTimestamp is no time'
    end as fault,  -- never with a value
    [{
        'leg_id': contact_id,
        'root_id': nullif(initial_contact_id, contact_id),
        'previous_id': previous_contact_id,
        'channel': channel_word,
        'direction': direction,
        'initiation': case method
            when 'INBOUND' then 'customer'
            when 'WEBRTC_API' then 'customer'
            when 'API' then case when channel = 'TASK' then 'task' else 'customer' end
            when 'TRANSFER' then 'transfer'
            when 'QUEUE_TRANSFER' then 'queue_transfer'
            when 'CALLBACK' then 'callback'
            when 'OUTBOUND' then 'outbound'
            when 'EXTERNAL_OUTBOUND' then 'outbound'
            when 'MONITOR' then 'monitor'
            when 'DISCONNECT' then 'survey'
            else lower(method)
        end,
        'started_at': started_at,
        'ended_at': ended_at,
        'enqueued_at': try_cast(enqueued as timestamptz),
        'answered_at': try_cast(answered as timestamptz),
        'wait_ms': coalesce(
            try_cast(queue ->> '$.Duration' as bigint) * 1000,
            epoch_ms(try_cast(dequeued as timestamptz)) - epoch_ms(try_cast(enqueued as timestamptz))
        ),
        'talk_ms': try_cast(agent ->> '$.AgentInteractionDuration' as bigint) * 1000,
        'hold_ms': try_cast(agent ->> '$.CustomerHoldDuration' as bigint) * 1000,
        'acw_ms': try_cast(agent ->> '$.AfterContactWorkDuration' as bigint) * 1000,
        'queue': queue ->> '$.Name',
        'agent_id': agent ->> '$.Username',
        'team': coalesce(agent ->> '$.HierarchyGroups.Level1.GroupName', agent ->> '$.RoutingProfile.Name'),
        'is_transferred': transferred is not null,
        'is_callback_requested': lower(attributes[2]) in ('true', 'yes', '1'),
        'ai_agent': attributes[3],
        'ai_agent_version': attributes[4],
        'ai_replies': attributes[5],
        'is_goal_completed': case when ai_outcome = 'completed' then true end,
        'is_confirmed': case when ai_outcome = 'confirmed' then true end,
        'is_ai_failed': case when ai_outcome = 'failed' then true end,
        'is_ai_dropped': case when ai_outcome = 'dropped' then true end,
        'escalation_reason': attributes[6],
        'ticket_id': attributes[7],
        'disconnect_reason': disconnect_reason,
        'intent': attributes[8],
        'journey': attributes[9],
        'region': attributes[10],
        'language': attributes[11],
        'device': attributes[12],
        'segment': attributes[13],
        'account_key': attributes[14],
        'email_key': case when endpoint_type = 'EMAIL_ADDRESS' then address end,
        'phone_key': case when endpoint_type = 'TELEPHONE_NUMBER' then address end,
        'is_withheld': case
            when endpoint_type = 'TELEPHONE_NUMBER' and method = 'INBOUND' and coalesce(address, '') = '' then true
        end,
        'is_test': lower(attributes[15]) in ('true', 'yes', '1'),
        'excluded_as': case
            when method = 'MONITOR' then 'monitor'
            when method = 'DISCONNECT' then 'survey_leg'
            when channel = 'TASK' then 'task'
            when subtype = 'connect:Guide' then 'guide'
            when direction = 'outbound' then 'outbound'
        end,
        'note': attributes[16],
        'left_at': try_cast(agent ->> '$.AfterContactWorkStartTimestamp' as timestamptz),
        'is_context_kept': lower(attributes[17]) in ('true', 'yes', '1')
    }] as legs,
    list_filter(
        list_concat(
            list_transform(
                recordings,
                lambda r, i: {
                    'recording_id': contact_id || ':' || i,
                    'leg_id': contact_id,
                    'media': case upper(r ->> '$.MediaStreamType')
                        when 'VIDEO' then 'screen'
                        when 'CHAT' then 'transcript'
                        else lower(r ->> '$.MediaStreamType')
                    end,
                    'is_redacted': regexp_matches(lower(r ->> '$.Location'), 'redacted'),
                    'started_at': r ->> '$.StartTimestamp',
                    'ended_at': r ->> '$.StopTimestamp',
                    'status': lower(r ->> '$.Status'),
                    'deletion_reason': r ->> '$.DeletionReason'
                }
            ),
            [{
                'recording_id': case
                    when recordings[1] is null and coalesce(recording ->> '$.Location', recording ->> '$.Status') is not null
                        then contact_id || ':1'
                end,
                'leg_id': contact_id,
                'media': case upper(recording ->> '$.Type') when 'CHAT' then 'transcript' else lower(recording ->> '$.Type') end,
                'is_redacted': regexp_matches(lower(recording ->> '$.Location'), 'redacted'),
                'started_at': null::varchar,
                'ended_at': null::varchar,
                'status': lower(recording ->> '$.Status'),
                'deletion_reason': recording ->> '$.DeletionReason'
            }]
        ),
        lambda r: r.recording_id is not null
    ) as recordings
from words
order by file_id, position
