-- title      = "Zendesk comments"
-- definition = "Comments of the API's list (pages with a list `comments`) or one per line: who wrote to a ticket when, the words that the customer could see, calls and their recordings."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "comments"
-- reads_path = true
-- fills      = ["case_events", "turns", "recordings"]
-- params     = { agent_ids = "" }
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. The API's comments do not say of which ticket they are: it stands
--   in the path, as the API has it (…/tickets/1001/comments.json), or in ticket_id, which export tools add.
--   Internal notes are events of the case, no turns: the customer did not see them. The list does not say who is an agent: whoever is not
--   the ticket's requester counts as a person of ours, and the turns have no speaker, unless agent_ids (comma-separated) names the agents.
--   A voice comment is a call or a voicemail. What was said is its transcription, without one there is no turn: its body only tells numbers
--   and length. Nobody answered a voicemail (no answered_by_id): its words are the customer's; those of a call are both parties'. Whether
--   the recording is still there is not told. Use one of comments and audits, not both: the same things would count twice.
-- '''
--
-- [types]
-- "data.call_duration" = "number"
-- "data.started_at" = "time"
--
-- [derived]
-- "recordings.ended_at" = "the start of the call and its length"
--
-- [configured]
-- agent_ids = ["turns.speaker", "case_events.actor"]
--
-- [example]
-- expect = '''
--   event_id          | case_id   | field   | new_value | actor | account_key
--   zendesk:comment:7 | zendesk:1 | comment | public    |       | zendesk:20
--   zendesk:comment:8 | zendesk:2 | comment | internal  |       | zendesk:11
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | member                              | record
--   f       | 1        | exports/tickets/1/comments.json     | {"id":7,"type":"Comment","author_id":20,"public":true,"body":"where is it?","created_at":"2025-03-03T09:00:00Z"}
--   f       | 2        | exports/comments.jsonl              | {"id":8,"ticket_id":2,"type":"Comment","author_id":11,"public":false,"body":"ask the depot","created_at":"2025-03-03T09:05:00Z"}
--   f       | 3        | exports/comments.jsonl              | {"id":9,"type":"Comment","author_id":11,"public":false,"body":"?","created_at":"2025-03-03T09:05:00Z"}
-- '''

with

comments as (  -- one row per comment
    select
        file_id,
        position,
        record ->> '$.id' as id,
        coalesce(record ->> '$.ticket_id', nullif(regexp_extract(member, 'tickets/([0-9]+)/comments', 1), '')) as ticket_id,
        record ->> '$.created_at' as created,
        try_cast(record ->> '$.created_at' as timestamptz) as created_at,
        lower(record ->> '$.public') as is_public,
        record ->> '$.type' = 'VoiceComment' as is_voice,
        record ->> '$.author_id' as author_id,
        coalesce(record ->> '$.plain_body', record ->> '$.body') as body,
        record ->> '$.data.transcription_text' as transcription,
        record ->> '$.data.answered_by_id' as answered_by,
        record ->> '$.data.recording_url' as recording_url,
        try_cast(record ->> '$.data.started_at' as timestamptz) as call_at,
        try_cast(record ->> '$.data.call_duration' as bigint) as call_s
    from records
),

told as (  -- the same comments, with who wrote them where that is known
    select
        *,
        case when is_voice then transcription else body end as words,
        case
            when author_id = '-1' then 'automation'
            when $agent_ids <> '' and contains(',' || $agent_ids || ',', ',' || author_id || ',') then 'human'
            when $agent_ids <> '' and author_id is not null then 'customer'
        end as actor
    from comments
)

select
    file_id,
    position,
    id as record_key,
    cast(null as timestamptz) as version_at,
    case
        when id is null then 'id is missing'
        when ticket_id is null then 'ticket_id is missing, and the path names no ticket (tickets/<id>/comments)'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
        when is_public is null or is_public not in ('true', 'false') then 'public is neither true nor false'
    end as fault,  -- never with a value
    [{
        'event_id': 'zendesk:comment:' || id,
        'case_id': 'zendesk:' || ticket_id,
        'leg_id': 'zendesk:' || ticket_id,
        'event_at': created_at,
        'field': 'comment',
        'new_value': case when is_public = 'true' then 'public' else 'internal' end,
        'actor': actor,
        'account_key': 'zendesk:' || author_id
    }] as case_events,
    case
        when words is null or is_public = 'false' then []
        else [{
            'turn_id': 'zendesk:comment:' || id,
            'leg_id': 'zendesk:' || ticket_id,
            'speaker': case
                when is_voice then case when answered_by is null then 'customer' end
                when actor = 'human' then 'agent'
                when actor = 'automation' then 'system'
                else actor
            end,
            'occurred_at': coalesce(case when is_voice then call_at end, created_at),
            'content': words
        }]
    end as turns,
    case
        when not is_voice or recording_url is null then []
        else [{
            'recording_id': 'zendesk:comment:' || id,
            'leg_id': 'zendesk:' || ticket_id,
            'media': 'audio',
            'started_at': call_at,
            'ended_at': make_timestamptz((epoch_ms(call_at) + 1000 * call_s) * 1000)
        }]
    end as recordings
from told
order by file_id, position
