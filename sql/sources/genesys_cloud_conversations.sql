-- title      = "Genesys Cloud conversations"
-- definition = "One JSON object per conversation, as the conversation detail job gives them: its participants' sessions as legs."
-- version    = 1
-- system     = "Genesys Cloud"
-- framing    = "json"
-- records_in = "conversations"
-- fills      = ["legs", "events", "survey_responses", "evaluations"]
-- notes      = '''
--   The conversation is the first leg of its chain and carries the customer; every session of a queue, a flow, a person or a
--   third party is a further leg, in the order of their starts; its id is `<conversationId>:<sessionId>`.
--   Times come from the metrics, never from sums of segments: wait is tAcd, talk tTalkComplete (tTalk while it goes on), hold
--   tHeldComplete, after-contact work tAcw. A person whose session has neither tTalk nor tAnswered did not answer, whatever tAlert,
--   tNotResponding, tAcw and tHandle say; such a session has no talk, hold and after-contact work.
--   A transfer is a session of a person that ends by a transfer; what follows it is the leg that continues. Who comes and goes
--   while a person stays on the line (a colleague who is asked, a third party, a secure flow) is a consultation. Monitoring,
--   coaching and barging are no path.
--   A conversation without conversationEnd is open, even where all of its segments have ended.
--   Pulls carry no version: the newest instant that a record tells (ends, metrics, surveys, evaluations) stands for it, and of
--   two pulls with the same one the later known wins.
--   Queues, skills and wrap-ups are ids here. ININ-WRAP-UP-TIMEOUT is a default and no disposition.
--   A time that is there and cannot be read quarantines the conversation; a time that is missing is empty, except the start.
--   Attributes are those of the participants (the job returns them, the synchronous query does not). The parameter
--   account_id_attribute may be "externalContactId", the customer's contact in Genesys itself.
-- '''
--
-- [types]
-- "participants[].sessions[].metrics[].value" = "number"
-- "participants[].sessions[].segments[].segmentStart" = "time"
-- "participants[].sessions[].segments[].segmentEnd" = "time"
-- "surveys[].oSurveyTotalScore" = "number"
-- "surveys[].surveyPromoterScore" = "number"
-- "evaluations[].oTotalScore" = "number"
--
-- [params]
-- account_id_attribute        = "accountId"
-- intent_attribute            = "intent"
-- journey_attribute           = "journey"
-- region_attribute            = "region"
-- language_attribute          = "language"
-- segment_attribute           = "segment"
-- escalation_reason_attribute = "escalationReason"
-- ticket_id_attribute         = "ticketId"
-- test_attribute              = "testContact"
-- goal_outcome                = ""
-- resolved_wrap_ups           = ""
--
-- [configured]
-- account_id_attribute        = ["legs.account_key"]
-- intent_attribute            = ["legs.intent"]
-- journey_attribute           = ["legs.journey"]
-- region_attribute            = ["legs.region"]
-- language_attribute          = ["legs.language"]
-- segment_attribute           = ["legs.segment"]
-- escalation_reason_attribute = ["legs.escalation_reason"]
-- ticket_id_attribute         = ["legs.ticket_id"]
-- test_attribute              = ["legs.is_test"]
--
-- [example]
-- expect = '''
--   leg_id | root_id | previous_id | initiation     | queue | agent_id | answered_at            | wait_ms | talk_ms | acw_ms | is_transferred | ended_at
--   c      |         |             | customer       |       |          |                        |         |         |        |                | 2025-03-03 09:10:00+00:00
--   c:q    | c       | c           | customer       | cards |          |                        | 17421   |         |        |                | 2025-03-03 09:00:17.421000+00:00
--   c:s1   | c       | c:q         | queue_transfer | cards | ann      |                        |         |         |        | false          | 2025-03-03 09:00:08+00:00
--   c:s2   | c       | c:s1        | queue_transfer | cards | bob      | 2025-03-03 09:00:17.421000+00:00 |  | 240000  | 9000   | true           | 2025-03-03 09:05:00+00:00
--   c:m    | c       | c           | monitor        | cards | eve      |                        |         |         |        |                | 2025-03-03 09:04:00+00:00
--   c:s3   | c       | c:s2        | transfer       | loans | cid      | 2025-03-03 09:05:01+00:00 |         | 200000  |        | false          | 2025-03-03 09:09:59+00:00
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"conversationId":"c","conversationStart":"2025-03-03T09:00:00.000Z","conversationEnd":"2025-03-03T09:10:00.000Z","originatingDirection":"inbound","participants":[{"purpose":"customer","sessions":[{"sessionId":"k","mediaType":"voice","segments":[{"segmentStart":"2025-03-03T09:00:00.000Z","segmentEnd":"2025-03-03T09:10:00.000Z","segmentType":"interact"}]}]},{"purpose":"acd","sessions":[{"sessionId":"q","mediaType":"voice","metrics":[{"name":"tAcd","value":17421}],"segments":[{"segmentStart":"2025-03-03T09:00:00.000Z","segmentEnd":"2025-03-03T09:00:17.421Z","queueId":"cards","disconnectType":"transfer","segmentType":"interact"}]}]},{"purpose":"agent","userId":"ann","sessions":[{"sessionId":"s1","mediaType":"voice","metrics":[{"name":"tAlert","value":7421},{"name":"tNotResponding","value":7421},{"name":"tAcw","value":57000},{"name":"tHandle","value":57000}],"segments":[{"segmentStart":"2025-03-03T09:00:01.000Z","segmentEnd":"2025-03-03T09:00:08.000Z","queueId":"cards","segmentType":"alert"}]}]},{"purpose":"agent","userId":"bob","sessions":[{"sessionId":"s2","mediaType":"voice","metrics":[{"name":"tTalk","value":100000},{"name":"tTalk","value":140000},{"name":"tTalkComplete","value":240000},{"name":"tAcw","value":9000}],"segments":[{"segmentStart":"2025-03-03T09:00:10.000Z","segmentEnd":"2025-03-03T09:00:17.421Z","queueId":"cards","segmentType":"alert"},{"segmentStart":"2025-03-03T09:00:17.421Z","segmentEnd":"2025-03-03T09:05:00.000Z","queueId":"cards","disconnectType":"transfer","segmentType":"interact"},{"segmentStart":"2025-03-03T09:05:00.000Z","segmentEnd":"2025-03-03T09:05:09.000Z","queueId":"cards","segmentType":"wrapup","wrapUpCode":"ININ-WRAP-UP-TIMEOUT"}]}]},{"purpose":"user","userId":"eve","sessions":[{"sessionId":"m","mediaType":"voice","segments":[{"segmentStart":"2025-03-03T09:02:00.000Z","segmentEnd":"2025-03-03T09:04:00.000Z","queueId":"cards","segmentType":"monitoring"}]}]},{"purpose":"agent","userId":"cid","sessions":[{"sessionId":"s3","mediaType":"voice","metrics":[{"name":"tTalkComplete","value":200000}],"segments":[{"segmentStart":"2025-03-03T09:05:01.000Z","segmentEnd":"2025-03-03T09:09:59.000Z","queueId":"loans","segmentType":"interact"}]}]}]}
-- '''

with

conversations as (  -- one row per record, with its own facts
    select
        file_id,
        position,
        record ->> '$.conversationId' as conversation_id,
        record ->> '$.conversationStart' as start_text,
        record ->> '$.conversationEnd' as end_text,
        try_cast(record ->> '$.conversationStart' as timestamptz) as started_at,
        try_cast(record ->> '$.conversationEnd' as timestamptz) as ended_at,
        lower(record ->> '$.originatingDirection') as direction,
        json_type(record, '$.participants') as participants_type,
        list_concat(
            ['{"purpose":"conversation","sessions":[{}]}'], json_extract(record, '$.participants[*]')
        ) as participants,  -- the conversation itself is the first, so that it becomes a leg as the others do
        json_extract(record, '$.surveys[*]') as surveys,
        json_extract(record, '$.evaluations[*]') as evaluations,
        json_extract(record, '$.resolutions[*]') as resolutions
    from records
),

numbered_participants as (
    select
        file_id,
        position,
        unnest(list_transform(participants, lambda p, i: {'participant_no': i, 'participant': p})) as item
    from conversations
),

participants as (  -- one row per participant; several may be the same person
    select
        file_id,
        position,
        item.participant_no,
        lower(item.participant ->> '$.purpose') as purpose,
        item.participant ->> '$.userId' as user_id,
        item.participant ->> '$.teamId' as team_id,
        item.participant ->> '$.externalContactId' as external_contact_id,
        item.participant -> '$.attributes' as attributes,
        json_extract(item.participant, '$.sessions[*]') as sessions
    from numbered_participants
),

customers as (  -- one row per conversation: its customer, and what the participants' attributes say
    select
        file_id,
        position,
        coalesce(
            min(participant_no) filter (where purpose = 'customer'), min(participant_no) filter (where purpose = 'external')
        ) as customer_no,
        case
            when $account_id_attribute = 'externalContactId' then min_by(external_contact_id, participant_no)
            else min_by(attributes ->> ('$."' || $account_id_attribute || '"'), participant_no)
        end as account,
        min_by(attributes ->> ('$."' || $intent_attribute || '"'), participant_no) as intent,
        min_by(attributes ->> ('$."' || $journey_attribute || '"'), participant_no) as journey,
        min_by(attributes ->> ('$."' || $region_attribute || '"'), participant_no) as region,
        min_by(attributes ->> ('$."' || $language_attribute || '"'), participant_no) as language,
        min_by(attributes ->> ('$."' || $segment_attribute || '"'), participant_no) as segment,
        min_by(attributes ->> ('$."' || $escalation_reason_attribute || '"'), participant_no) as escalation_reason,
        min_by(attributes ->> ('$."' || $ticket_id_attribute || '"'), participant_no) as ticket_id,
        lower(min_by(attributes ->> ('$."' || $test_attribute || '"'), participant_no)) in ('true', 'yes', '1') as is_test
    from participants
    group by file_id, position
),

numbered_sessions as (
    select
        file_id,
        position,
        participant_no,
        purpose,
        user_id,
        team_id,
        unnest(list_transform(sessions, lambda s, i: {'session_no': i, 'session': s})) as item
    from participants
),

sessions as (  -- one row per session
    select
        file_id,
        position,
        participant_no,
        item.session_no,
        purpose,
        user_id,
        team_id,
        coalesce(item.session ->> '$.sessionId', participant_no || '.' || item.session_no) as session_id,
        lower(item.session ->> '$.mediaType') as media,
        lower(item.session ->> '$.messageType') as message_type,
        coalesce(item.session ->> '$.ani', item.session ->> '$.callbackNumbers[0]') as ani,
        item.session ->> '$.dnis' as dnis,
        item.session ->> '$.addressFrom' as address_from,
        item.session ->> '$.addressTo' as address_to,
        item.session ->> '$.flow.flowName' as flow_name,
        upper(item.session ->> '$.flow.flowType') as flow_type,
        item.session ->> '$.flow.flowVersion' as flow_version,
        item.session ->> '$.flow.exitReason' as exit_reason,
        item.session ->> '$.flow.recognitionFailureReason' as recognition_failure,
        lower(item.session ->> '$.flow.issuedCallback') = 'true' as has_issued_callback,
        lower(item.session ->> '$.flow.startingLanguage') as flow_language,
        json_extract(item.session, '$.flow.outcomes[*]') as outcomes,
        json_extract(item.session, '$.metrics[*]') as metrics,
        json_extract(item.session, '$.segments[*]') as segments
    from numbered_sessions
),

metrics as (  -- one row per emitted metric
    select file_id, position, participant_no, session_no, unnest(metrics) as metric from sessions
),

named_metrics as (
    select
        file_id,
        position,
        participant_no,
        session_no,
        metric ->> '$.name' as name,
        try_cast(metric ->> '$.value' as decimal(18, 3)) as number,
        metric ->> '$.emitDate' as emit_text,
        try_cast(metric ->> '$.emitDate' as timestamptz) as emitted_at
    from metrics
),

session_times as (  -- one row per session that has metrics, in milliseconds
    select
        file_id,
        position,
        participant_no,
        session_no,
        max(case when name in ('tTalk', 'tTalkComplete', 'tAnswered') then 1 else 0 end) = 1 as has_answered,
        min(emitted_at) filter (where name = 'tAnswered') as answered_at,
        cast(sum(number) filter (where name = 'tAcd') as bigint) as acd_ms,
        cast(sum(number) filter (where name in ('tAbandon', 'tFlowOut', 'tVoicemail', 'tWait')) as bigint) as left_ms,
        cast(sum(number) filter (where name = 'tTalkComplete') as bigint) as talk_ms,
        cast(sum(number) filter (where name = 'tTalk') as bigint) as talk_so_far_ms,
        cast(sum(number) filter (where name = 'tHeldComplete') as bigint) as hold_ms,
        cast(sum(number) filter (where name = 'tHeld') as bigint) as hold_so_far_ms,
        cast(sum(number) filter (where name = 'tAcw') as bigint) as acw_ms,
        cast(sum(number) filter (where name = 'tNotResponding') as bigint) as not_responding_ms,
        max(case when name = 'tAbandon' then 1 else 0 end) = 1 as has_abandoned,
        max(case when name = 'tVoicemail' then 1 else 0 end) = 1 as has_left_voicemail,
        max(emitted_at) as last_at,
        max(case when emit_text is not null and emitted_at is null then 1 else 0 end) = 1 as has_bad_time
    from named_metrics
    group by file_id, position, participant_no, session_no
),

numbered_segments as (
    select
        file_id,
        position,
        participant_no,
        session_no,
        unnest(list_transform(segments, lambda s, i: {'segment_no': i, 'segment': s})) as item
    from sessions
),

segments as (  -- one row per segment
    select
        file_id,
        position,
        participant_no,
        session_no,
        item.segment_no,
        lower(item.segment ->> '$.segmentType') as kind,
        item.segment ->> '$.segmentStart' as start_text,
        item.segment ->> '$.segmentEnd' as end_text,
        try_cast(item.segment ->> '$.segmentStart' as timestamptz) as started_at,
        try_cast(item.segment ->> '$.segmentEnd' as timestamptz) as ended_at,
        item.segment ->> '$.queueId' as queue_id,
        item.segment ->> '$.disconnectType' as disconnect_type,
        item.segment ->> '$.wrapUpCode' as wrap_up_code,
        item.segment ->> '$.wrapUpNote' as wrap_up_note
    from numbered_segments
),

session_segments as (  -- one row per session that has segments; after-contact work does not prolong it
    select
        file_id,
        position,
        participant_no,
        session_no,
        min(started_at) as started_at,
        coalesce(max(ended_at) filter (where kind <> 'wrapup'), max(ended_at)) as ended_at,
        max(case when ended_at is null and kind <> 'wrapup' then 1 else 0 end) = 1 as is_open,
        min(started_at) filter (where kind = 'interact') as interact_at,
        min_by(queue_id, segment_no) filter (where queue_id is not null) as queue_id,
        max_by(disconnect_type, segment_no) filter (where disconnect_type is not null) as disconnect_type,
        max(case when kind in ('monitoring', 'coaching', 'barging', 'screenmonitoring') then 1 else 0 end) = 1 as is_supervised,
        max(case when kind = 'voicemail' then 1 else 0 end) = 1 as is_voicemail,
        max_by(wrap_up_code, segment_no) filter (where wrap_up_code <> 'ININ-WRAP-UP-TIMEOUT') as wrap_up_code,
        max_by(wrap_up_note, segment_no) filter (where wrap_up_note is not null) as wrap_up_note,
        coalesce(min(started_at) filter (where kind = 'wrapup'), max(ended_at)) as wrapped_up_at,
        max(ended_at) as last_at,
        max(
            case
                when (start_text is not null and started_at is null) or (end_text is not null and ended_at is null) then 1
                else 0
            end
        ) = 1 as has_bad_time
    from segments
    group by file_id, position, participant_no, session_no
),

timed_sessions as (  -- one row per session, with its times and what part it played
    select
        s.file_id,
        s.position,
        s.participant_no,
        s.session_no,
        c.conversation_id || ':' || s.session_id as session_id,
        coalesce(g.started_at, t.answered_at, c.started_at) as started_at,
        case when coalesce(g.is_open, true) then c.ended_at else g.ended_at end as ended_at,
        case
            when s.purpose = 'conversation' then 'conversation'
            when s.purpose in ('customer', 'external') and s.participant_no = f.customer_no or s.purpose = 'customer' then 'customer'
            when s.purpose = 'external' then 'third_party'
            when g.is_supervised or s.media = 'screenmonitoring' then 'supervisor'
            when s.purpose in ('agent', 'user') then 'person'
            when s.purpose = 'acd' then 'queue'
            when s.purpose = 'voicesurveyflow' or s.flow_type in ('VOICESURVEY', 'SURVEYINVITE') then 'survey'
            when s.purpose = 'botflow' or s.flow_type in ('BOT', 'DIGITALBOT') then 'bot'
            when s.purpose in ('ivr', 'voicemail') then 'flow'
        end as part,
        s.user_id,
        s.team_id,
        s.media,
        case
            when s.media in ('voice', 'callback') then 'voice'
            when s.media = 'message' and s.message_type = 'sms' then 'sms'
            when s.media = 'message' then 'messaging'
            else s.media
        end as channel,
        case when s.media in ('voice', 'callback') or s.message_type in ('sms', 'whatsapp') then true else false end as is_phone,
        coalesce(s.ani, s.address_from) as from_address,
        coalesce(s.dnis, s.address_to) as to_address,
        s.flow_name,
        s.flow_version,
        s.flow_language,
        s.exit_reason,
        s.recognition_failure,
        s.outcomes,
        coalesce(s.has_issued_callback, false) or (s.purpose = 'acd' and s.media = 'callback')
            or coalesce(g.is_voicemail, false) or coalesce(t.has_left_voicemail, false) as is_callback_requested,
        g.queue_id,
        g.disconnect_type,
        coalesce(lower(g.disconnect_type) like '%transfer', false) as is_transfer,
        g.wrap_up_code,
        g.wrap_up_note,
        g.wrapped_up_at,
        coalesce(t.has_answered, false) as has_answered,
        coalesce(g.interact_at, t.answered_at, g.started_at) as answered_at,
        coalesce(t.acd_ms, t.left_ms) as wait_ms,
        coalesce(t.talk_ms, t.talk_so_far_ms) as talk_ms,
        coalesce(t.hold_ms, t.hold_so_far_ms) as hold_ms,
        t.acw_ms,
        t.not_responding_ms,
        t.has_abandoned,
        greatest(g.last_at, t.last_at) as last_at,
        coalesce(g.has_bad_time, false) or coalesce(t.has_bad_time, false) as has_bad_time
    from sessions as s
    join conversations as c on c.file_id = s.file_id and c.position = s.position
    join customers as f on f.file_id = s.file_id and f.position = s.position
    left join session_times as t
        on t.file_id = s.file_id
        and t.position = s.position
        and t.participant_no = s.participant_no
        and t.session_no = s.session_no
    left join session_segments as g
        on g.file_id = s.file_id
        and g.position = s.position
        and g.participant_no = s.participant_no
        and g.session_no = s.session_no
),

numbered_outcomes as (
    select
        file_id,
        position,
        participant_no,
        session_no,
        session_id,
        coalesce(ended_at, started_at) as session_at,
        unnest(list_transform(outcomes, lambda o, i: {'outcome_no': i, 'outcome': o})) as item
    from timed_sessions
),

outcomes as (  -- one row per flow outcome
    select
        file_id,
        position,
        participant_no,
        session_no,
        session_id,
        item.outcome_no,
        coalesce(item.outcome ->> '$.flowOutcome', item.outcome ->> '$.flowOutcomeId') as name,
        upper(item.outcome ->> '$.flowOutcomeValue') as result,
        coalesce(
            try_cast(item.outcome ->> '$.flowOutcomeEndTimestamp' as timestamptz),
            try_cast(item.outcome ->> '$.flowOutcomeStartTimestamp' as timestamptz),
            session_at
        ) as event_at,
        $goal_outcome = '' or $goal_outcome in (item.outcome ->> '$.flowOutcome', item.outcome ->> '$.flowOutcomeId') as is_goal
    from numbered_outcomes
),

session_goals as (  -- one row per session with outcomes
    select
        file_id,
        position,
        participant_no,
        session_no,
        max(case when is_goal and result = 'SUCCESS' then 1 else 0 end) = 1 as has_success,
        max(case when is_goal and result = 'FAILURE' then 1 else 0 end) = 1 as has_failure
    from outcomes
    group by file_id, position, participant_no, session_no
),

accompanied as (  -- every session, and until when the people who answered before it stayed
    select
        *,
        max(case when part = 'person' and has_answered then coalesce(ended_at, timestamptz '9999-12-31 00:00:00+00') end) over (
            partition by file_id, position
            order by started_at, participant_no, session_no
            rows between unbounded preceding and 1 preceding
        ) as before_until
    from timed_sessions
),

roles as (  -- the same sessions, those that came and went while a person stayed on told apart
    select
        *,
        coalesce(ended_at <= before_until, false) and part in ('queue', 'person', 'bot', 'flow', 'third_party') as is_aside,
        part in ('queue', 'person', 'bot', 'flow', 'third_party') and not coalesce(ended_at <= before_until, false) as is_path
    from accompanied
),

path as (  -- the same sessions with the one before on the customer's path; what is no path stands in a line of its own
    select
        r.*,
        g.has_success,
        g.has_failure,
        lag(r.session_id) over before as before_id,
        lag(r.part = 'person' and r.has_answered and r.is_transfer) over before as is_before_transferred
    from roles as r
    left join session_goals as g
        on g.file_id = r.file_id
        and g.position = r.position
        and g.participant_no = r.participant_no
        and g.session_no = r.session_no
    window before as (partition by r.file_id, r.position, r.is_path order by r.started_at, r.participant_no, r.session_no)
),

callers as (  -- one row per conversation: what its customer's sessions tell
    select
        file_id,
        position,
        min_by(channel, participant_no * 1000 + session_no) filter (
            where part = 'customer' and media in ('voice', 'callback', 'chat', 'message', 'email', 'internalmessage')
        ) as channel,
        min_by(channel, participant_no * 1000 + session_no) filter (where channel is not null) as any_channel,
        min_by(from_address, participant_no * 1000 + session_no) filter (where part = 'customer' and is_phone) as from_phone,
        min_by(to_address, participant_no * 1000 + session_no) filter (where part = 'customer' and is_phone) as to_phone,
        min_by(from_address, participant_no * 1000 + session_no) filter (where part = 'customer' and media = 'email') as from_email,
        min_by(to_address, participant_no * 1000 + session_no) filter (where part = 'customer' and media = 'email') as to_email,
        max_by(disconnect_type, participant_no * 1000 + session_no) filter (where part = 'customer') as disconnect_type,
        max(case when part = 'customer' then 1 else 0 end) = 1 as has_customer,
        min(case when part = 'customer' and media <> 'callback' then 0 else 1 end) = 1
            and max(case when part = 'customer' then 1 else 0 end) = 1 as is_callback,
        max(case when has_bad_time then 1 else 0 end) = 1 as has_bad_time,
        max(last_at) as last_at
    from timed_sessions
    group by file_id, position
),

legs as (  -- one row per record: all of its legs, the conversation's own among them
    select
        p.file_id,
        p.position,
        list_sort(list({
            'started_at': p.started_at,
            'leg_id': case when p.part = 'conversation' then c.conversation_id else p.session_id end,
            'root_id': case when p.part <> 'conversation' then c.conversation_id end,
            'previous_id': case
                when p.part = 'conversation' then null
                when p.is_path then coalesce(p.before_id, c.conversation_id)
                else c.conversation_id
            end,
            'channel': case when p.part = 'conversation' then coalesce(l.channel, l.any_channel) else p.channel end,
            'direction': c.direction,
            'initiation': case
                when p.part = 'conversation' and c.direction = 'outbound' then 'outbound'
                when p.part = 'conversation' and l.is_callback then 'callback'
                when p.part = 'conversation' then 'customer'
                when p.part = 'supervisor' then 'monitor'
                when p.part = 'survey' then 'survey'
                when p.is_aside then 'consult'
                when p.before_id is null then 'customer'
                when p.is_before_transferred then 'transfer'
                else 'queue_transfer'
            end,
            'ended_at': p.ended_at,
            'enqueued_at': case when p.part = 'queue' then p.started_at end,
            'answered_at': case when p.part = 'person' and p.has_answered then p.answered_at end,
            'wait_ms': case when p.part = 'queue' then p.wait_ms end,
            'talk_ms': case when p.part = 'person' and p.has_answered then p.talk_ms end,
            'hold_ms': case when p.part = 'person' and p.has_answered then p.hold_ms end,
            'acw_ms': case when p.part = 'person' and p.has_answered then p.acw_ms end,
            'queue': p.queue_id,
            'agent_id': case when p.part in ('person', 'supervisor') then p.user_id end,
            'team': case when p.part in ('person', 'supervisor') then p.team_id end,
            'is_transferred': case when p.part = 'person' then p.has_answered and p.is_transfer end,
            'is_callback_requested': case when p.part in ('queue', 'flow') and p.is_callback_requested then true end,
            'is_abandoned': case when p.part = 'queue' and p.has_abandoned then true end,
            'ai_agent': case when p.part = 'bot' then coalesce(p.flow_name, 'bot') end,
            'ai_agent_version': case when p.part = 'bot' then p.flow_version end,
            'is_goal_completed': case when p.has_success and not p.has_failure then true end,
            'is_ai_failed': case
                when p.part = 'bot' and (p.has_failure or p.recognition_failure is not null) then true
            end,
            'is_claimed_resolved': case
                when p.part = 'person' and p.has_answered and p.wrap_up_code is not null and $resolved_wrap_ups <> ''
                    then contains(',' || $resolved_wrap_ups || ',', ',' || p.wrap_up_code || ',')
            end,
            'escalation_reason': case when p.part = 'conversation' then f.escalation_reason end,
            'ticket_id': case when p.part = 'conversation' then f.ticket_id end,
            'disconnect_reason': case when p.part = 'conversation' then l.disconnect_type else p.disconnect_type end,
            'intent': case when p.part = 'conversation' then f.intent end,
            'journey': case when p.part = 'conversation' then f.journey end,
            'region': case when p.part = 'conversation' then f.region end,
            'language': case when p.part = 'conversation' then f.language else p.flow_language end,
            'segment': case when p.part = 'conversation' then f.segment end,
            'account_key': case when p.part = 'conversation' then f.account end,
            'email_key': case
                when p.part = 'conversation' then case when c.direction = 'outbound' then l.to_email else l.from_email end
            end,
            'phone_key': case
                when p.part = 'conversation' then case when c.direction = 'outbound' then l.to_phone else l.from_phone end
            end,
            'is_test': case when p.part = 'conversation' then f.is_test end,
            'excluded_as': case
                when p.part = 'supervisor' then 'monitor'
                when p.part = 'survey' then 'survey_leg'
                when p.part = 'conversation' and c.direction = 'outbound' then 'outbound'
                when p.part = 'conversation' and (not l.has_customer or l.channel = 'internalmessage') then 'internal'
            end,
            'note': case when p.part = 'person' then p.wrap_up_note end
        })) as legs
    from path as p
    join conversations as c on c.file_id = p.file_id and c.position = p.position
    join customers as f on f.file_id = p.file_id and f.position = p.position
    join callers as l on l.file_id = p.file_id and l.position = p.position
    where p.part not in ('customer')
    group by p.file_id, p.position
),

session_events as (  -- one row per event
    select
        file_id,
        position,
        session_id || ':outcome:' || outcome_no as event_id,
        session_id as leg_id,
        event_at,
        'outcome' as kind,
        name,
        lower(result) as result,
        cast(null as bigint) as duration_ms,
        false as is_no_match,
        result = 'FAILURE' as is_error
    from outcomes
    union all
    select
        file_id,
        position,
        session_id || ':flow' as event_id,
        session_id as leg_id,
        started_at as event_at,
        case when part = 'bot' then 'bot' else 'flow' end as kind,
        flow_name as name,
        coalesce(recognition_failure, exit_reason) as result,
        epoch_ms(ended_at) - epoch_ms(started_at) as duration_ms,
        recognition_failure is not null as is_no_match,
        coalesce(upper(exit_reason) like '%ERROR%', false) as is_error
    from timed_sessions
    where part in ('bot', 'flow', 'survey') and flow_name is not null
    union all
    select
        file_id,
        position,
        session_id || ':wrap_up' as event_id,
        session_id as leg_id,
        coalesce(wrapped_up_at, started_at) as event_at,
        'agent' as kind,
        'wrap_up' as name,
        wrap_up_code as result,
        acw_ms as duration_ms,
        false as is_no_match,
        false as is_error
    from timed_sessions
    where part = 'person' and wrap_up_code is not null
    union all
    select
        file_id,
        position,
        session_id || ':alert' as event_id,
        session_id as leg_id,
        started_at as event_at,
        'agent' as kind,
        'alert' as name,
        'not_responding' as result,
        not_responding_ms as duration_ms,
        false as is_no_match,
        false as is_error
    from timed_sessions
    where part = 'person' and not has_answered and not_responding_ms is not null
),

events as (  -- one row per record that has events
    select
        file_id,
        position,
        list_sort(list({
            'event_at': event_at,
            'event_id': event_id,
            'leg_id': leg_id,
            'kind': kind,
            'name': name,
            'result': result,
            'duration_ms': duration_ms,
            'is_no_match': is_no_match,
            'is_error': is_error
        })) as events
    from session_events
    group by file_id, position
),

answering_people as (  -- one row per record in which somebody answered
    select
        file_id,
        position,
        list_sort(list({'answered_at': answered_at, 'session_id': session_id, 'user_id': user_id})) as people
    from timed_sessions
    where part = 'person' and has_answered
    group by file_id, position
)

select
    c.file_id,
    c.position,
    c.conversation_id as record_key,
    greatest(
        c.ended_at,
        k.last_at,
        list_max(list_transform(c.surveys, lambda s: try_cast(s ->> '$.surveyCompletedDate' as timestamptz))),
        list_max(list_transform(c.evaluations, lambda e: try_cast(e ->> '$.eventTime' as timestamptz))),
        list_max(list_transform(c.resolutions, lambda r: try_cast(r ->> '$.eventTime' as timestamptz)))
    ) as version_at,
    case
        when c.conversation_id is null or c.conversation_id = '' then 'conversationId is missing'
        when c.start_text is null then 'conversationStart is missing'
        when c.started_at is null then 'conversationStart is no time'
        when c.end_text is not null and c.ended_at is null then 'conversationEnd is no time'
        when c.ended_at < c.started_at then 'conversationEnd is before conversationStart'
        when coalesce(c.participants_type, '') <> 'ARRAY' then 'participants is no list'
        when k.has_bad_time then 'a time of a session''s segment or metric is no time'
    end as fault,  -- never with a value
    l.legs,
    coalesce(v.events, []) as events,
    list_transform(
        c.surveys,
        lambda s, i: {
            'response_id': coalesce(s ->> '$.surveyId', c.conversation_id || ':survey:' || i),
            'leg_id': c.conversation_id,
            'answered_at': s ->> '$.surveyCompletedDate',
            'score': cast(
                round(coalesce(
                    try_cast(s ->> '$.oSurveyTotalScore' as decimal(9, 3)), try_cast(s ->> '$.surveyPromoterScore' as decimal(9, 3))
                )) as bigint
            ),
            'scale_max': case
                when try_cast(s ->> '$.oSurveyTotalScore' as decimal(9, 3)) is not null then 100
                when try_cast(s ->> '$.surveyPromoterScore' as decimal(9, 3)) is not null then 10
            end
        }
    ) as survey_responses,
    list_transform(
        c.evaluations,
        lambda e, i: {
            'evaluation_id': coalesce(e ->> '$.evaluationId', c.conversation_id || ':evaluation:' || i),
            'leg_id': coalesce(
                list_filter(w.people, lambda p: p.user_id = (e ->> '$.userId'))[1].session_id, c.conversation_id
            ),
            'agent_id': e ->> '$.userId',
            'form': e ->> '$.formName',
            'form_version': e ->> '$.formId',
            'evaluator': e ->> '$.evaluatorId',
            'kind': case when (e ->> '$.calibrationId') is null then 'standard' else 'calibration' end,
            'status': case
                when lower(e ->> '$.deleted') = 'true' or lower(e ->> '$.evaluationStatus') = 'retracted' then 'retracted'
                when lower(e ->> '$.released') = 'true' then 'submitted'
                else 'draft'
            end,
            'submitted_at': e ->> '$.eventTime',
            'score': try_cast(e ->> '$.oTotalScore' as decimal(9, 3)) / 100,
            'is_automatic': lower(e ->> '$.systemSubmitted') = 'true'
        }
    ) as evaluations
from conversations as c
join callers as k on k.file_id = c.file_id and k.position = c.position
join legs as l on l.file_id = c.file_id and l.position = c.position
left join events as v on v.file_id = c.file_id and v.position = c.position
left join answering_people as w on w.file_id = c.file_id and w.position = c.position
order by c.file_id, c.position
