-- title      = "Zendesk tickets"
-- definition = "Tickets of the incremental export (pages with a list `tickets`) or one ticket per line: the case, the contact that opened it, its rating."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "tickets"
-- fills      = ["legs", "cases", "survey_responses"]
-- notes      = '''
--   One ticket is one case and the one interaction that opened it: what the customer wrote is complete when it was sent. Who
--   wrote first gives the direction; a ticket that an agent opened has no customer message and is no customer interaction.
--   Pages overlap and tickets change: newest generated_timestamp wins. Deleted tickets stay, as deleted.
--   A rating of 'offered' is a survey sent, no answer. good is 1 of 1, bad 0 of 1. ratings = false where another source has them.
--   First reply, reopens and replies are there only where the export includes metric_sets; they are whole minutes.
--   Where the chats come from zendesk_chats: chats = false; a ticket of a chat is then its case only.
--   A merged ticket is known by its tag only, not which ticket it was merged into: it is kept and is no further interaction.
-- '''
--
-- [types]
-- "generated_timestamp" = "number"
-- "metric_set.reply_time_in_minutes.calendar" = "number"
-- "metric_set.solved_at" = "time"
--
-- [params]
-- category_field = ""
-- merge_tag      = "closed_by_merge"
-- ratings        = true
-- chats          = true
--
-- [derived]
-- "legs.started_at" = "the creation of the ticket stands for the beginning of the contact"
-- "legs.direction" = "told by who wrote first"
-- "legs.answered_at" = "the first public reply"
--
-- [example]
-- expect = '''
--   leg_id    | channel   | direction | started_at             | answered_at            | account_key | is_test | excluded_as
--   zendesk:5 | other     | inbound   | 2025-03-03 09:00:00+00:00 |                        | zendesk:20  | true    |
--   zendesk:6 | email     | inbound   | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:12:00+00:00 | zendesk:20  | false   |
--   zendesk:7 | web       | outbound  | 2025-03-03 09:00:00+00:00 |                        | zendesk:20  | false   | no_customer_message
--   zendesk:8 | messaging | inbound   | 2025-03-03 09:00:00+00:00 |                        | zendesk:20  | false   | merged
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":5,"via":{"channel":"sample_ticket"},"created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-03T09:01:00Z","status":"open","requester_id":20,"submitter_id":20,"tags":["sample_ticket"],"satisfaction_rating":{"score":"unoffered"}}
--   f       | 2        | {"id":6,"via":{"channel":"email","source":{"from":{"address":"a@example.com"}}},"created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-04T09:00:00Z","status":"solved","requester_id":20,"submitter_id":20,"tags":[],"satisfaction_rating":{"score":"offered"},"metric_set":{"replies":1,"reopens":0,"reply_time_in_minutes":{"calendar":12}}}
--   f       | 3        | {"id":7,"via":{"channel":"web"},"created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-03T09:00:00Z","status":"open","requester_id":20,"submitter_id":11,"tags":[]}
--   f       | 4        | {"id":8,"via":{"channel":"whatsapp"},"created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-03T09:00:00Z","status":"closed","requester_id":20,"submitter_id":20,"tags":["closed_by_merge"]}
--   f       | 5        | {"id":9,"created_at":"03/03/2025","updated_at":"2025-03-03T09:00:00Z","status":"open"}
-- '''

with

tickets as (  -- one row per ticket, cut into what is read more than once
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.created_at' as created,
        record ->> '$.updated_at' as updated,
        coalesce(
            to_timestamp(try_cast(record ->> '$.generated_timestamp' as bigint)),
            try_cast(record ->> '$.updated_at' as timestamptz)
        ) as version_at,
        try_cast(record ->> '$.created_at' as timestamptz) as created_at,
        case record ->> '$.status' when 'on-hold' then 'hold' else record ->> '$.status' end as status,
        record ->> '$.requester_id' as requester_id,
        record ->> '$.submitter_id' as submitter_id,
        record ->> '$.assignee_id' as assignee_id,
        record ->> '$.group_id' as group_id,
        record ->> '$.priority' as priority,
        record ->> '$.type' as ticket_type,
        record ->> '$.is_public' as is_public,
        record ->> '$.from_messaging_channel' as is_messaging,
        record ->> '$.subject' as subject,
        coalesce(record ->> '$.tags', '[]') as tags,
        json_extract(record, '$.custom_fields[*]') as custom_fields,
        record ->> '$.via.channel' as via_channel,
        record ->> '$.via.source.rel' as via_rel,
        record ->> '$.via.source.from.address' as from_address,
        coalesce(record ->> '$.via.source.from.phone', record ->> '$.via.source.from.formatted_phone') as from_phone,
        coalesce(record ->> '$.via.source.from.ticket_id', record ->> '$.via_followup_source_id') as followed_id,
        record -> '$.metric_set' as metrics,
        record ->> '$.satisfaction_rating.score' as rating,
        record ->> '$.satisfaction_rating.comment' as rating_comment
    from records
),

told as (  -- the same tickets with our words
    select
        *,
        case
            when via_channel = 'email' then 'email'
            when via_channel = 'voice' then 'voice'
            when via_channel in ('sms', 'chat') then via_channel
            when
                is_messaging = 'true'
                or via_channel in ('native_messaging', 'messaging', 'whatsapp', 'facebook', 'twitter', 'instagram_dm', 'line', 'mobile_sdk')
                then 'messaging'
            when via_channel in ('web', 'help_center', 'web_widget', 'mobile', 'api') then 'web'
            else 'other'
        end as channel,
        case
            when is_public = 'false' then 'internal'
            when via_rel = 'inbound' then 'inbound'
            when via_rel = 'outbound' or submitter_id <> requester_id then 'outbound'
            else 'inbound'
        end as direction,
        coalesce(via_channel = 'sample_ticket' or contains(tags, '"sample_ticket"'), false) as is_test,
        created_at
        + to_minutes(try_cast(metrics ->> '$.reply_time_in_minutes.calendar' as integer)) as first_reply_at,
        list_filter(custom_fields, lambda f: (f ->> '$.id') = $category_field)[1] ->> '$.value' as category
    from tickets
)

select
    file_id,
    position,
    id as record_key,
    version_at,
    case
        when id is null then 'id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
        when updated is not null and try_cast(updated as timestamptz) is null then 'updated_at is no time'
    end as fault,  -- never with a value
    [{
        'leg_id': 'zendesk:' || id,
        'channel': channel,
        'direction': direction,
        'initiation': case when direction = 'inbound' then 'customer' else 'outbound' end,
        'started_at': created_at,
        'ended_at': created_at,
        'answered_at': first_reply_at,
        'queue': group_id,
        'agent_id': assignee_id,
        'intent': category,
        'account_key': 'zendesk:' || requester_id,
        'email_key': case when via_channel = 'email' and direction = 'inbound' then from_address end,
        'phone_key': case when channel in ('voice', 'sms', 'messaging') and direction = 'inbound' then from_phone end,
        'is_test': is_test,
        'excluded_as': case
            when direction <> 'inbound' then 'no_customer_message'
            when not $chats and via_channel in ('chat', 'native_messaging') then 'counted_as_chat'
            when contains(tags, '"' || $merge_tag || '"') then 'merged'
        end,
        'note': subject
    }] as legs,
    [{
        'case_id': 'zendesk:' || id,
        'leg_id': 'zendesk:' || id,
        'account_key': 'zendesk:' || requester_id,
        'email_key': case when via_channel = 'email' and direction = 'inbound' then from_address end,
        'opened_at': created_at,
        'status': status,
        'first_reply_at': first_reply_at,
        'solved_at': try_cast(metrics ->> '$.solved_at' as timestamptz),
        'n_reopens': metrics ->> '$.reopens',
        'n_replies': metrics ->> '$.replies',
        'category': coalesce(category, ticket_type),
        'channel': channel,
        'priority': priority,
        'assignee_id': assignee_id,
        'queue': group_id,
        'follow_up_of_id': 'zendesk:' || case when via_rel = 'follow_up' then followed_id end,
        'is_test': is_test
    }] as cases,
    case
        when $ratings and rating in ('offered', 'good', 'bad', 'good_with_comment', 'bad_with_comment') then [{
            'response_id': 'zendesk:' || id || ':rating',
            'leg_id': 'zendesk:' || id,
            'score': case when rating like 'good%' then 1 when rating like 'bad%' then 0 end,
            'scale_max': 1,
            'comment': rating_comment
        }]
        else []
    end as survey_responses
from told
order by file_id, position
