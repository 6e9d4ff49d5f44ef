-- title      = "Zendesk tickets in Fivetran's tables"
-- definition = "Rows of Fivetran's table `ticket`: the case, and the contact that opened it. Replies and reopens come with the tables of comments and field changes."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["id", "created_at", "status", "requester_id", "submitter_id", "via_channel"]
-- needs_timezone = true
-- fills      = ["legs", "cases"]
-- params     = { chats = true }
-- notes      = '''
--   Fivetran's times carry no zone and are UTC: timezone = "UTC". The row with the newest _fivetran_synced wins.
--   A row that Fivetran marks as deleted is a deleted case, and stays. A ticket that an agent opened is no customer interaction.
--   Where the chats come from zendesk_fivetran_ticket_chat_event: chats = false; a ticket of a chat is then its case only.
-- '''
--
-- [derived]
-- "legs.started_at" = "the creation of the ticket stands for the beginning of the contact"
-- "legs.direction" = "told by who wrote first"
--
-- [example]
-- expect = '''
--   leg_id    | channel | direction | account_key | is_test | excluded_as
--   zendesk:1 | email   | inbound   | zendesk:20  | false   |
--   zendesk:2 | web     | outbound  | zendesk:20  | false   | no_customer_message
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"1","created_at":"2025-03-03 09:00:00","status":"on-hold","requester_id":"20","submitter_id":"20","via_channel":"email","_fivetran_synced":"2025-03-04 00:00:00"}
--   f       | 2        | {"id":"2","created_at":"2025-03-03 09:00:00","status":"solved","requester_id":"20","submitter_id":"11","via_channel":"web","_fivetran_synced":"2025-03-04 00:00:00"}
--   f       | 3        | {"id":"3","created_at":"03/03/2025","status":"solved","requester_id":"20","submitter_id":"20","via_channel":"web"}
-- '''

with

tickets as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.id' as id,
        record ->> '$.created_at' as created,
        timezone($timezone, try_cast(record ->> '$.created_at' as timestamp)) as created_at,
        timezone(
            $timezone,
            coalesce(try_cast(record ->> '$._fivetran_synced' as timestamp), try_cast(record ->> '$.updated_at' as timestamp))
        ) as version_at,
        case
            when lower(record ->> '$._fivetran_deleted') = 'true' then 'deleted'
            when (record ->> '$.status') = 'on-hold' then 'hold'
            else record ->> '$.status'
        end as status,
        record ->> '$.requester_id' as requester_id,
        record ->> '$.submitter_id' as submitter_id,
        record ->> '$.assignee_id' as assignee_id,
        record ->> '$.group_id' as group_id,
        record ->> '$.priority' as priority,
        record ->> '$.type' as ticket_type,
        lower(record ->> '$.is_public') as is_public,
        record ->> '$.subject' as subject,
        record ->> '$.via_channel' as via_channel,
        record ->> '$.via_source_rel' as via_rel,
        record ->> '$.via_source_from_address' as from_address,
        record ->> '$.via_followup_source_id' as followed_id
    from records
),

told as (  -- the same tickets with our words
    select
        *,
        case
            when via_channel in ('email', 'voice', 'sms', 'chat') then via_channel
            when
                via_channel in ('native_messaging', 'messaging', 'whatsapp', 'facebook', 'twitter', 'instagram_dm', 'line', 'mobile_sdk')
                then 'messaging'
            when via_channel in ('web', 'help_center', 'web_widget', 'mobile', 'api') then 'web'
            else 'other'
        end as channel,
        case
            when is_public = 'false' then 'internal'
            when via_rel = 'inbound' then 'inbound'
            when via_rel = 'outbound' or submitter_id <> requester_id then 'outbound'
            else 'inbound'
        end as direction
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
    end as fault,  -- never with a value
    [{
        'leg_id': 'zendesk:' || id,
        'channel': channel,
        'direction': direction,
        'initiation': case when direction = 'inbound' then 'customer' else 'outbound' end,
        'started_at': created_at,
        'ended_at': created_at,
        'queue': group_id,
        'agent_id': assignee_id,
        'account_key': 'zendesk:' || requester_id,
        'email_key': case when via_channel = 'email' and direction = 'inbound' then from_address end,
        'is_test': coalesce(via_channel = 'sample_ticket', false),
        'excluded_as': case
            when direction <> 'inbound' then 'no_customer_message'
            when not $chats and via_channel in ('chat', 'native_messaging') then 'counted_as_chat'
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
        'category': ticket_type,
        'channel': channel,
        'priority': priority,
        'assignee_id': assignee_id,
        'queue': group_id,
        'follow_up_of_id': 'zendesk:' || followed_id,
        'is_test': coalesce(via_channel = 'sample_ticket', false)
    }] as cases
from told
order by file_id, position
