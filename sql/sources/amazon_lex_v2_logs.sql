-- title      = "Amazon Lex V2 conversation logs"
-- definition = "One log event per utterance: what the customer said or pressed, what the bot answered, which intent it took it for."
-- version    = 1
-- system     = "Amazon Lex V2"
-- framing    = "json_log_event"
-- fills      = ["events", "turns"]
-- params     = { contact_attribute = "ContactId" }
-- notes      = '''
--   The leg is the contact that the flow put into the session's attributes; only without it sessionId, which Connect often but not
--   always sets to the contact. Where neither is a known contact, turns and events belong to no interaction.
--   The same utterance stands in several log streams: one requestId is one record.
--   A missed utterance and the fallback intent are no match. nluConfidence is a text in some versions and an object in others.
--   Keys pressed are kept up to two, which is a menu; more may be a card or a PIN and become [DTMF].
--   Sentiment is logged only where the alias has it on; its label goes to the customer's turn. Its four probabilities are no score
--   from -1 to 1, so that nothing is put into sentiments.
--   The draft version and the alias TSTALIASID are tests. Whether a person took over is not in these logs.
-- '''
--
-- [types]
-- "interpretations[].nluConfidence.score" = "number"
--
-- [example]
-- expect = '''
--   event_id | leg_id | kind | name           | result     | confidence | is_no_match | is_error | is_test
--   r        | c      | bot  | BookHotel      | InProgress | 0.8400     | false       | false    | false
--   s        | y      | bot  | FallbackIntent | Failed     |            | true        | true     | true
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"messageVersion":"2.0","bot":{"aliasId":"PROD","version":"7"},"requestId":"r","sessionId":"x","timestamp":"2025-03-03T09:00:00Z","inputMode":"Speech","inputTranscript":"a room","missedUtterance":false,"interpretations":[{"intent":{"name":"BookHotel"},"nluConfidence":"0.84"}],"sessionState":{"intent":{"name":"BookHotel","state":"InProgress"},"sessionAttributes":{"ContactId":"c"}},"messages":[{"content":"Which city?"}]}
--   f       | 2        | {"messageVersion":"2.0","bot":{"aliasId":"TSTALIASID","version":"DRAFT"},"requestId":"s","sessionId":"y","timestamp":"2025-03-03T09:00:00Z","inputMode":"DTMF","inputTranscript":"4929","missedUtterance":true,"sessionState":{"intent":{"name":"FallbackIntent","state":"Failed"}}}
--   f       | 3        | {"sessionId":"y","timestamp":"2025-03-03T09:00:00Z"}
-- '''

with

parts as (  -- one row per utterance, cut into the parts that are read more than once
    select
        file_id,
        position,
        nullif(record ->> '$.requestId', '') as request_id,
        record ->> '$.timestamp' as said,
        nullif(record ->> '$.sessionId', '') as session_id,
        record -> '$.sessionState.sessionAttributes' as attributes,
        upper(record ->> '$.inputMode') as input_mode,
        nullif(coalesce(record ->> '$.inputTranscript', record ->> '$.rawInputTranscript'), '') as said_words,
        coalesce(record ->> '$.sessionState.intent.name', record ->> '$.interpretations[0].intent.name') as intent,
        coalesce(record ->> '$.sessionState.intent.state', record ->> '$.interpretations[0].intent.state') as state,
        coalesce(
            try_cast(record ->> '$.interpretations[0].nluConfidence' as decimal(18, 9)),
            try_cast(record ->> '$.interpretations[0].nluConfidence.score' as decimal(18, 9))
        ) as confidence,
        record ->> '$.interpretations[0].sentimentResponse.sentiment' as sentiment,
        record ->> '$.sessionState.dialogAction.type' as dialog,
        record ->> '$.sessionState.dialogAction.slotToElicit' as slot,
        (record ->> '$.missedUtterance') = 'true' as is_missed,
        coalesce((record ->> '$.bot.version') = 'DRAFT', false)
            or coalesce((record ->> '$.bot.aliasId') = 'TSTALIASID', false) as is_test,
        json_extract(record, '$.messages[*]') as messages
    from records
),

utterances as (  -- the same, with the leg they belong to
    select
        file_id,
        position,
        request_id,
        said,
        try_cast(said as timestamptz) as said_at,
        coalesce(nullif(attributes ->> ('$."' || $contact_attribute || '"'), ''), session_id) as leg_id,
        case when input_mode = 'DTMF' and length(said_words) > 2 then '[DTMF]' else said_words end as words,
        intent,
        state,
        confidence,
        lower(sentiment) as sentiment,
        concat_ws(' ', dialog, slot) as next_step,
        coalesce(is_missed, false) or coalesce(intent in ('FallbackIntent', 'AMAZON.FallbackIntent'), false) as is_no_match,
        is_test,
        messages
    from parts
)

select
    file_id,
    position,
    request_id as record_key,
    said_at as version_at,
    case
        when request_id is null then 'requestId is missing'
        when leg_id is null then 'neither the contact nor sessionId is there'
        when said is null then 'timestamp is missing'
        when said_at is null then 'timestamp is no time'
    end as fault,
    [{
        'event_id': request_id,
        'leg_id': leg_id,
        'event_at': said_at,
        'kind': 'bot',
        'name': intent,
        'result': state,
        'confidence': confidence,
        'is_no_match': is_no_match,
        'is_error': state = 'Failed',
        'detail': next_step,
        'is_test': is_test
    }] as events,
    list_filter(
        list_concat(
            [{
                'turn_id': request_id || ':0',
                'leg_id': leg_id,
                'turn_seq': 0,
                'speaker': 'customer',
                'occurred_at': said_at,
                'content': words,
                'sentiment': sentiment,
                'is_test': is_test
            }],
            list_transform(
                messages,
                lambda m, i: {
                    'turn_id': request_id || ':' || i,
                    'leg_id': leg_id,
                    'turn_seq': i::integer,
                    'speaker': 'bot',
                    'occurred_at': said_at,
                    'content': nullif(m ->> '$.content', ''),
                    'sentiment': null::varchar,
                    'is_test': is_test
                }
            )
        ),
        lambda t: t.content is not null
    ) as turns
from utterances
order by file_id, position
