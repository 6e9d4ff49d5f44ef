-- title      = "Twilio TaskRouter tasks"
-- definition = "Pages of the Tasks resource: each task as it was when it was asked for, as the first leg of its chain."
-- version    = 1
-- system     = "Twilio TaskRouter"
-- framing    = "json"
-- records_in = "tasks"
-- fills      = ["legs"]
-- notes      = '''
--   TaskRouter deletes ended tasks after minutes, so this resource mostly shows open ones; the events show all. Use one of the two.
--   A task ended when it was last updated, if it is completed or canceled; a later update of an ended task would move that.
--   attributes is JSON within a string; the parameters name its keys.
-- '''
--
-- [types]
-- "date_updated" = "time"
-- "task_queue_entered_date" = "time"
--
-- [params]
-- account_id_attribute = "customer_id"
-- intent_attribute     = "intent"
-- language_attribute   = "language"
-- test_attribute       = "test"
--
-- [derived]
-- "legs.started_at" = "the creation of the task stands for the beginning of the contact"
-- "legs.wait_ms" = "from entering the queue to leaving it"
--
-- [configured]
-- account_id_attribute = ["legs.account_key"]
-- intent_attribute     = ["legs.intent"]
-- language_attribute   = ["legs.language"]
-- test_attribute       = ["legs.is_test"]
--
-- [example]
-- expect = '''
--   leg_id | channel | started_at                | ended_at                  | wait_ms | is_abandoned | intent
--   WT1    | chat    | 2025-03-03 09:00:00+00:00 |                           |         |              | billing
--   WT2    | voice   | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:01:00+00:00 | 55000   | true         |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"sid":"WT1","assignment_status":"assigned","date_created":"2025-03-03T09:00:00Z","date_updated":"2025-03-03T09:01:00Z","task_channel_unique_name":"chat","attributes":"{\"intent\":\"billing\"}"}
--   f       | 2        | {"sid":"WT2","assignment_status":"canceled","reason":"hangup","date_created":"2025-03-03T09:00:00Z","date_updated":"2025-03-03T09:01:00Z","task_queue_entered_date":"2025-03-03T09:00:05Z","task_channel_unique_name":"voice","attributes":"no JSON"}
--   f       | 3        | {"sid":"WT3","date_created":"yesterday"}
-- '''

with

tasks as (  -- one row per task
    select
        file_id,
        position,
        record ->> '$.sid' as task_sid,
        record ->> '$.date_created' as created_text,
        record ->> '$.date_updated' as updated_text,
        try_cast(record ->> '$.date_created' as timestamptz) as started_at,
        try_cast(record ->> '$.date_updated' as timestamptz) as updated_at,
        try_cast(record ->> '$.task_queue_entered_date' as timestamptz) as enqueued_at,
        lower(record ->> '$.assignment_status') as status,
        record ->> '$.task_queue_friendly_name' as queue,
        lower(record ->> '$.task_channel_unique_name') as task_channel,
        record ->> '$.reason' as reason,
        case when json_valid(record ->> '$.attributes') then record ->> '$.attributes' end as attributes
    from records
),

parties as (  -- the same tasks, with what their attributes say of the customer
    select
        *,
        coalesce(attributes ->> '$.from', attributes ->> '$.caller', attributes ->> '$.customerAddress') as address,
        lower(attributes ->> '$.direction') as direction
    from tasks
)

select
    file_id,
    position,
    task_sid as record_key,
    updated_at as version_at,
    case
        when task_sid is null or task_sid = '' then 'sid is missing'
        when created_text is null then 'date_created is missing'
        when started_at is null then 'date_created is no time'
        when updated_text is not null and updated_at is null then 'date_updated is no time'
        when updated_at < started_at then 'date_updated is before date_created'
    end as fault,  -- never with a value
    [{
        'leg_id': task_sid,
        'channel': case when task_channel in ('default', 'programmable-chat') then 'messaging' else task_channel end,
        'direction': case when direction = 'outbound' then 'outbound' else 'inbound' end,
        'initiation': case when direction = 'outbound' then 'outbound' else 'customer' end,
        'started_at': started_at,
        'ended_at': case when status in ('completed', 'canceled') then updated_at end,
        'enqueued_at': enqueued_at,
        'wait_ms': case
            when status = 'canceled' and enqueued_at <= updated_at then epoch_ms(updated_at) - epoch_ms(enqueued_at)
        end,
        'queue': queue,
        'is_abandoned': case when status = 'canceled' and regexp_matches(lower(reason), 'hang.?up|hung.?up|abandon') then true end,
        'disconnect_reason': reason,
        'intent': attributes ->> ('$."' || $intent_attribute || '"'),
        'language': attributes ->> ('$."' || $language_attribute || '"'),
        'account_key': attributes ->> ('$."' || $account_id_attribute || '"'),
        'phone_key': case
            when task_channel in ('voice', 'sms') or address like 'whatsapp:%' or address like '+%'
                then replace(address, 'whatsapp:', '')
        end,
        'is_test': lower(attributes ->> ('$."' || $test_attribute || '"')) in ('true', 'yes', '1'),
        'excluded_as': case when direction = 'outbound' then 'outbound' end
    }] as legs
from parties
order by file_id, position
