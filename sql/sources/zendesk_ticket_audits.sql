-- title      = "Zendesk ticket audits"
-- definition = "Audits of the API's list (pages with a list `audits`) or one per line: each update of a ticket, with the fields it changed and the comment it added."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "audits"
-- fills      = ["case_events", "turns"]
-- params     = { agent_ids = "" }
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. An audit is one update with several events: Create and Change
--   are changes of a field, Comment and VoiceComment are comments. Notifications repeat the words of comments and give nothing, nor do
--   the other types. Satisfaction is not read here: zendesk_satisfaction_ratings and the tickets have it.
--   The comment's author may be another than the audit's, who only sent it; the comment is its author's. Triggers and automations
--   (via.channel rule) change fields in the name of whoever caused the update: that is automation, by the event's own via.
--   Of subjects, requesters, own fields and whatever else may hold words of somebody, only that they changed is read, not to what.
--   An internal comment is an event of the case, no turn. A comment made internal later (CommentPrivacyChange) is not taken back.
--   The audit does not say who is an agent: agent_ids (comma-separated) names them; else whoever is not the ticket's requester counts
--   as a person of ours, and turns have no speaker. Use either this or Fivetran's tables of changes and comments, not both.
-- '''
--
-- [example]
-- expect = '''
--   event_id          | case_id   | field   | old_value | new_value | actor      | account_key
--   zendesk:comment:8 | zendesk:1 | comment |           | public    |            | zendesk:20
--   zendesk:event:9   | zendesk:1 | status  | open      | hold      | automation | zendesk:11
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":5,"ticket_id":1,"created_at":"2025-03-03T09:00:00Z","author_id":11,"via":{"channel":"web"},"events":[{"id":8,"type":"Comment","author_id":20,"public":true,"body":"where is it?"},{"id":9,"type":"Change","field_name":"status","previous_value":"open","value":"on-hold","via":{"channel":"rule"}},{"id":10,"type":"Notification","body":"where is it?"}]}
--   f       | 2        | {"id":6,"ticket_id":1,"created_at":"yesterday","author_id":11,"events":[]}
-- '''

with

audits as (  -- one row per update of a ticket
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.ticket_id' as ticket_id,
        record ->> '$.created_at' as created,
        try_cast(record ->> '$.created_at' as timestamptz) as created_at,
        record ->> '$.author_id' as author_id,
        record ->> '$.via.channel' as via_channel,
        json_type(record, '$.events') as events_type,
        json_extract(record, '$.events[*]') as events
    from records
),

read as (  -- with what each of its events tells: a change of a field, or a comment
    select
        *,
        list_transform(
            list_filter(
                events,
                lambda e: e ->> '$.type' in ('Create', 'Change', 'Comment', 'VoiceComment')
                and coalesce(e ->> '$.field_name', '') not like 'satisfaction%'
            ),
            lambda e: {
                'id': e ->> '$.id',
                'type': e ->> '$.type',
                'is_comment': e ->> '$.type' in ('Comment', 'VoiceComment'),
                'field_name': e ->> '$.field_name',
                'old_value': case e ->> '$.previous_value' when 'on-hold' then 'hold' else e ->> '$.previous_value' end,
                'new_value': case e ->> '$.value' when 'on-hold' then 'hold' else e ->> '$.value' end,
                'is_told': coalesce(e ->> '$.field_name', '') in (
                    'status', 'custom_status_id', 'priority', 'type', 'assignee_id', 'group_id', 'brand_id', 'ticket_form_id', 'tags'
                ),
                'is_public': coalesce(e ->> '$.public', 'true') = 'true',
                'body': e ->> '$.body',
                'author_id': coalesce(e ->> '$.author_id', author_id),
                'via_channel': coalesce(e ->> '$.via.channel', via_channel)
            }
        ) as told
    from audits
),

actors as (  -- with who did each, where that is known
    select
        *,
        list_transform(
            told,
            lambda e: case
                when e.via_channel = 'rule' or e.author_id = '-1' then 'automation'
                when $agent_ids <> '' and contains(',' || $agent_ids || ',', ',' || e.author_id || ',') then 'human'
                when $agent_ids <> '' and e.author_id is not null then 'customer'
            end
        ) as actor
    from read
)

select
    file_id,
    position,
    'audit:' || id as record_key,
    created_at as version_at,
    case
        when id is null then 'id is missing'
        when ticket_id is null then 'ticket_id is missing'
        when created is null then 'created_at is missing'
        when created_at is null then 'created_at is no time'
        when events_type is null or events_type <> 'ARRAY' then 'events is no list'
        when array_length(list_filter(told, lambda e: e.id is null)) > 0 then 'events: an id is missing'
        when array_length(list_filter(told, lambda e: not e.is_comment and e.field_name is null)) > 0 then 'events: a field_name is missing'
    end as fault,  -- never with a value
    list_transform(
        told,
        lambda e, i: {
            'event_id': case when e.is_comment then 'zendesk:comment:' else 'zendesk:event:' end || e.id,
            'case_id': 'zendesk:' || ticket_id,
            'leg_id': 'zendesk:' || ticket_id,
            'event_at': created_at,
            'field': case
                when e.is_comment then 'comment'
                when e.field_name = 'assignee_id' then 'assignee'
                when e.field_name = 'group_id' then 'group'
                else e.field_name
            end,
            'old_value': case when e.is_told then e.old_value end,
            'new_value': case
                when e.is_comment and e.is_public then 'public'
                when e.is_comment then 'internal'
                when e.is_told then e.new_value
            end,
            'actor': actor[i],
            'account_key': 'zendesk:' || e.author_id
        }
    ) as case_events,
    list_transform(
        list_filter(
            list_transform(told, lambda e, i: {'event': e, 'actor': actor[i]}), lambda p: p.event.is_comment and p.event.is_public
        ),
        lambda p: {
            'turn_id': 'zendesk:comment:' || p.event.id,
            'leg_id': 'zendesk:' || ticket_id,
            'speaker': case p.actor when 'human' then 'agent' when 'automation' then 'system' else p.actor end,
            'occurred_at': created_at,
            'content': p.event.body
        }
    ) as turns
from actors
order by file_id, position
