-- title      = "Salesforce agent work"
-- definition = "The AgentWork object of Omni-Channel: each assignment of a session, chat, call or case to an agent, as a leg of that item."
-- version    = 1
-- system     = "Salesforce Service Cloud"
-- framing    = "csv"
-- columns    = ["Id", "WorkItemId", "UserId", "RequestDateTime", "AcceptDateTime", "SystemModstamp"]
-- fills      = ["legs", "events"]
-- notes      = '''
--   WorkItemId is the session, chat, call or case: the chain's id. A declined, canceled or missed assignment is no answer; it is an event.
--   HandleTime, SpeedToAnswer and AfterConversationActualTime are seconds. HandleTime runs from acceptance to close; after-contact work
--   is a part of it and is taken out of talk, so that the two add up to it. ActiveTime (the tab was in focus) is not read.
--   A transfer makes a new record that does not name the one before: people are counted, transfers are not.
-- '''
--
-- [types]
-- "SpeedToAnswer" = "number"
-- "HandleTime" = "number"
-- "AfterConversationActualTime" = "number"
--
-- [example]
-- params = { timezone = "UTC" }
-- expect = '''
--   leg_id             | root_id            | answered_at               | wait_ms | talk_ms | acw_ms | agent_id           | is_transferred
--   0Bz000000000001AAA | 0Mw000000000002AAA | 2025-03-03 09:00:45+00:00 | 45000   | 270000  | 30000  | 005000000000001AAA | false
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"Id":"0Bz000000000001AAA","WorkItemId":"0Mw000000000002AAA","UserId":"005000000000001AAA","RequestDateTime":"2025-03-03T09:00:00.000+0000","AcceptDateTime":"2025-03-03T09:00:45.000+0000","CloseDateTime":"2025-03-03T09:05:45.000+0000","SpeedToAnswer":"45","HandleTime":"300","AfterConversationActualTime":"30","Status":"Closed"}
--   f       | 2        | {"Id":"0Bz000000000002AAA","WorkItemId":"0Mw000000000002AAA","UserId":"005000000000002AAA","RequestDateTime":"2025-03-03T09:00:00.000+0000","DeclineDateTime":"2025-03-03T09:00:15.000+0000","Status":"DeclinedOnPushTimeout"}
-- '''

with

work_rows as (  -- one row per assignment
    select
        file_id,
        position,
        record ->> '$.Id' as id,
        record ->> '$.WorkItemId' as item_id,
        record ->> '$.UserId' as user_id,
        coalesce(record ->> '$.OriginalQueueId', record ->> '$.OriginalGroupId') as queue_id,
        lower(record ->> '$.Status') as status,
        record ->> '$.DeclineReason' as decline_reason,
        try_cast(record ->> '$.SpeedToAnswer' as bigint) as wait_s,
        try_cast(record ->> '$.HandleTime' as bigint) as handle_s,
        try_cast(record ->> '$.AfterConversationActualTime' as bigint) as acw_s,
        [
            record ->> '$.SystemModstamp',
            record ->> '$.CreatedDate',
            record ->> '$.RequestDateTime',
            record ->> '$.AcceptDateTime',
            record ->> '$.CloseDateTime',
            record ->> '$.DeclineDateTime',
            record ->> '$.CancelDateTime'
        ] as told
    from records
),

instants as (  -- the same rows, their times as instants: Salesforce writes Z or +0000, its weekly export no zone at all
    select
        *,
        list_transform(
            told,
            lambda t: case
                when regexp_matches(t, '[+-][0-9][0-9][0-9][0-9]$')
                    then try_cast(left(t, length(t) - 2) || ':' || right(t, 2) as timestamptz)
                when regexp_matches(t, '(Z|[+-][0-9][0-9]:[0-9][0-9])$') then try_cast(t as timestamptz)
                else timezone(cast($timezone as varchar), try_cast(t as timestamp))
            end
        ) as known
    from work_rows
),

times as (  -- the same rows, each time by its name
    select
        *,
        known[1] as modified_at,
        known[2] as created_at,
        known[3] as requested_at,
        known[4] as accepted_at,
        known[5] as closed_at,
        known[6] as declined_at,
        known[7] as canceled_at,
        case
            when told[1] is not null and known[1] is null then 'SystemModstamp is no time with a zone; set timezone if the export has none'
            when told[2] is not null and known[2] is null then 'CreatedDate is no time with a zone; set timezone if the export has none'
            when told[3] is not null and known[3] is null then 'RequestDateTime is no time with a zone; set timezone if the export has none'
            when told[4] is not null and known[4] is null then 'AcceptDateTime is no time with a zone; set timezone if the export has none'
            when told[5] is not null and known[5] is null then 'CloseDateTime is no time with a zone; set timezone if the export has none'
            when told[6] is not null and known[6] is null then 'DeclineDateTime is no time with a zone; set timezone if the export has none'
            when told[7] is not null and known[7] is null then 'CancelDateTime is no time with a zone; set timezone if the export has none'
        end as time_fault
    from instants
),

works as (  -- the same rows, in our words
    select *, coalesce(requested_at, created_at) as started_at from times
)

select
    file_id,
    position,
    id as record_key,
    modified_at as version_at,
    case
        when id is null then 'Id is missing'
        when length(id) <> 18 then 'Id has not 18 characters'
        when item_id is null then 'WorkItemId is missing'
        when started_at is null and time_fault is null then 'RequestDateTime is missing'
        when closed_at < started_at then 'CloseDateTime is before RequestDateTime'
        else time_fault
    end as fault,  -- never with a value
    case
        when accepted_at is not null then [{
            'leg_id': id,
            'root_id': item_id,
            'previous_id': item_id,
            'initiation': 'queue_transfer',
            'started_at': started_at,
            'ended_at': closed_at,
            'enqueued_at': requested_at,
            'answered_at': accepted_at,
            'wait_ms': coalesce(wait_s * 1000, epoch_ms(accepted_at) - epoch_ms(requested_at)),
            'talk_ms': (handle_s - coalesce(acw_s, 0)) * 1000,
            'acw_ms': acw_s * 1000,
            'queue': queue_id,
            'agent_id': user_id,
            'is_transferred': coalesce(status = 'transferred', false)
        }]
    end as legs,
    case
        when accepted_at is null then [{
            'event_id': id,
            'leg_id': item_id,
            'event_at': coalesce(declined_at, canceled_at, started_at),
            'kind': 'agent',
            'name': 'assignment',
            'result': status,
            'detail': decline_reason
        }]
    end as events
from works
order by file_id, position
