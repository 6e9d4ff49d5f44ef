-- title      = "Amazon Connect Contact Lens"
-- definition = "One JSON file per analysed contact, raw and redacted, in zip archives or alone: what was said, and how the customer sounded."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json_zip_member"
-- fills      = ["turns", "sentiments"]
-- notes      = '''
--   The contact's id stands in CustomerMetadata.ContactId, or in the file's name `<id>_analysis[_redacted]_<time>Z.json`.
--   The raw file and its redacted twin are two versions of one record, so turns and scores are never doubled. The twins are
--   written seconds apart in either order: a redacted one counts as an hour newer than its name says, and wins.
--   Scores run from -5 to 5 and are stored divided by 5. Only the customer's are stored: an agent's voice is never scored here.
--   A voice file's begin and end are the first and the last quarter; its offsets count from the start of the recording.
--   Voice files do not hold what was said to a bot before an agent answered.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | turn_seq | speaker  | content       | sentiment | offset_ms
--   a      | 1        | agent    | Good morning. | neutral   | 0
--   a      | 2        | customer | [PII] here.   |           | 160
--   b      | 2        | bot      | Hello         |           |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | member                                         | record
--   f       | 1        | a_analysis_redacted_2025-03-03T09:30:00Z.json  | {"Channel":"VOICE","Participants":[{"ParticipantId":"x","ParticipantRole":"AGENT"}],"ConversationCharacteristics":{"Sentiment":{"OverallSentiment":{"CUSTOMER":3.1},"SentimentByPeriod":{"QUARTER":{"CUSTOMER":[{"Score":-2.5},{"Score":5}]}}}},"Transcript":[{"ParticipantId":"x","Content":"Good morning.","BeginOffsetMillis":0,"Sentiment":"NEUTRAL"},{"ParticipantId":"CUSTOMER","Content":"[PII] here.","BeginOffsetMillis":160}]}
--   f       | 2        | b.json                                         | {"Channel":"CHAT","CustomerMetadata":{"ContactId":"b"},"Transcript":[{"Type":"EVENT"},{"Type":"MESSAGE","ParticipantRole":"CUSTOM_BOT","Content":"Hello"}]}
--   f       | 3        | c_analysis_2025-03-03T09:30:00Z.json           | {"Channel":"CHAT","CustomerMetadata":{"ContactId":"d"}}
-- '''

with

parts as (  -- one row per file, cut into the parts that are read more than once
    select
        file_id,
        position,
        nullif(record ->> '$.CustomerMetadata.ContactId', '') as told_id,
        nullif(regexp_extract(member, '([^/]+)_analysis_', 1), '') as named_id,
        try_cast(
            replace(regexp_extract(member, '_([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}[:_][0-9]{2}[:_][0-9]{2})Z', 1), '_', ':') || 'Z'
            as timestamptz
        ) as analysed_at,
        coalesce((record ->> '$.ContentMetadata.Output') = 'Redacted', false)
            or coalesce(regexp_matches(member, '_analysis_redacted_'), false) as is_redacted,
        upper(record ->> '$.Channel') as channel,
        coalesce(record ->> '$.Version', record ->> '$.ChatTranscriptVersion') as scorer_version,
        json_type(record, '$.Transcript') as transcript_type,
        record -> '$.ConversationCharacteristics.Sentiment' as sentiment,
        json_extract(record, '$.Transcript[*]') as items,
        json_extract(record, '$.Participants[*]') as participants
    from records
),

files as (  -- the same files, with the contact that they are about
    select
        file_id,
        position,
        coalesce(told_id, named_id) as contact_id,
        coalesce(analysed_at, timestamptz '1970-01-01 00:00:00+00')
            + case when is_redacted then interval 1 hour else interval 0 hour end as version_at,
        case
            when told_id is null and named_id is null then 'ContactId is missing, and the file is not named after it'
            when told_id <> named_id then 'CustomerMetadata.ContactId differs from the file name'
            when channel is null or channel not in ('VOICE', 'CHAT') then 'Channel is neither VOICE nor CHAT'
            when transcript_type <> 'ARRAY' then 'Transcript is no list'
        end as fault,
        is_redacted,
        'Contact Lens ' || coalesce(scorer_version, '') as scorer,
        case
            when channel = 'VOICE' then sentiment ->> '$.OverallSentiment.CUSTOMER'
            else sentiment ->> '$.OverallSentiment.DetailsByParticipantRole.CUSTOMER'
        end as overall,
        case
            when channel = 'VOICE' then sentiment ->> '$.SentimentByPeriod.QUARTER.CUSTOMER[0].Score'
            else sentiment ->> '$.SentimentShift.DetailsByParticipantRole.CUSTOMER.BeginScore'
        end as at_begin,
        case
            when channel = 'VOICE' then list_last(json_extract(sentiment, '$.SentimentByPeriod.QUARTER.CUSTOMER[*]')) ->> '$.Score'
            else sentiment ->> '$.SentimentShift.DetailsByParticipantRole.CUSTOMER.EndScore'
        end as at_end,
        sentiment ->> '$.OverallSentiment.DetailsByInteraction.DetailsByParticipantRole.CUSTOMER.WithAgent' as with_agent,
        sentiment ->> '$.OverallSentiment.DetailsByInteraction.DetailsByParticipantRole.CUSTOMER.WithoutAgent' as without_agent,
        items,
        participants
    from parts
),

scores as (  -- one row per file, with its scores in a list
    select
        file_id,
        position,
        list_filter(
            [
                {'part': 'overall', 'score': try_cast(overall as decimal(18, 9))},
                {'part': 'begin', 'score': try_cast(at_begin as decimal(18, 9))},
                {'part': 'end', 'score': try_cast(at_end as decimal(18, 9))},
                {'part': 'with_agent', 'score': try_cast(with_agent as decimal(18, 9))},
                {'part': 'without_agent', 'score': try_cast(without_agent as decimal(18, 9))}
            ],
            lambda s: s.score is not null
        ) as parts_scored
    from files
)

select
    f.file_id,
    f.position,
    f.contact_id as record_key,
    f.version_at,
    f.fault,
    list_filter(
        list_transform(
            f.items,
            lambda t, i: {
                'turn_id': f.contact_id || ':' || i,
                'leg_id': f.contact_id,
                'turn_seq': i,
                'speaker': case coalesce(
                    t ->> '$.ParticipantRole',
                    list_filter(f.participants, lambda p: (p ->> '$.ParticipantId') = (t ->> '$.ParticipantId'))[1] ->> '$.ParticipantRole',
                    t ->> '$.ParticipantId'
                )
                    when 'CUSTOMER' then 'customer'
                    when 'AGENT' then 'agent'
                    when 'CUSTOM_BOT' then 'bot'
                    when 'SYSTEM' then 'system'
                    when 'SUPERVISOR' then 'supervisor'
                end,
                'occurred_at': t ->> '$.AbsoluteTime',
                'offset_ms': t ->> '$.BeginOffsetMillis',
                'content': case when coalesce(t ->> '$.Type', 'MESSAGE') = 'MESSAGE' then coalesce(t ->> '$.Content', '') end,
                'sentiment': lower(t ->> '$.Sentiment'),
                'is_vendor_redacted': f.is_redacted and ((t -> '$.Redaction') is not null or regexp_matches((t ->> '$.Content'), '\[[A-Z_]+\]'))
            }
        ),
        lambda u: u.content is not null
    ) as turns,
    list_transform(
        s.parts_scored,
        lambda s: {
            'sentiment_id': f.contact_id || ':' || s.part,
            'leg_id': f.contact_id,
            'speaker': 'customer',
            'part': s.part,
            'score': s.score / 5,
            'scorer': f.scorer
        }
    ) as sentiments
from files as f
join scores as s using (file_id, position)
order by f.file_id, f.position
