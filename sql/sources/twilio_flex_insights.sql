-- title      = "Twilio Flex Insights report"
-- definition = "One row per segment of a conversation, as a report of Flex Insights exports them: a queue's wait, or an agent's part."
-- version    = 1
-- system     = "Twilio Flex"
-- framing    = "csv"
-- columns    = ["Segment", "Conversation", "Kind", "Date", "Time"]
-- needs_timezone = true
-- fills      = ["legs", "events"]
-- notes      = '''
--   A contact is several rows: Kind = Queue for each wait, Kind = Conversation for each agent. Its id is Conversation; none of the
--   rows is the contact itself. Rows are never added up over kinds.
--   Date has the grain of a day, so the report must carry Time, too; both are local times of the workspace. Date is YYYY-MM-DD.
--   Times are seconds and belong to the start of the segment, also where it goes on past midnight.
--   Abandoned counts for queues alone: who hangs up in the IVR is in no row. Missed Conversation is an agent who did not answer.
--   Agent Status rows are no contacts: they become events. A segment in progress has no end; the next report gives it one.
-- '''
--
-- [types]
-- "Queue Time" = "number"
-- "Talk Time" = "number"
-- "Hold Time" = "number"
-- "Wrap Up Time" = "number"
-- "Activity Time" = "number"
--
-- [params]
-- account_id_column = "Customer External ID"
-- intent_column     = "Conversation Attribute 1"
-- test_column       = "Conversation Attribute 10"
--
-- [example]
-- expect = '''
--   leg_id | root_id | started_at                | ended_at                  | wait_ms | talk_ms | acw_ms | agent_id | is_abandoned | excluded_as
--   q      | c       | 2025-03-03 23:59:50+00:00 | 2025-03-04 00:00:02+00:00 | 12000   |         |        |          |              |
--   s      | c       | 2025-03-04 00:00:02+00:00 | 2025-03-04 00:02:02+00:00 |         | 120000  | 30500  | ann      |              |
--   m      | d       | 2025-03-04 09:00:00+00:00 | 2025-03-04 09:00:00+00:00 |         |         |        | bob      |              |
--   p      | d       | 2025-03-04 09:00:00+00:00 |                           |         |         |        | ann      |              |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"Segment":"q","Conversation":"c","Kind":"Queue","Date":"2025-03-03","Time":"23:59:50","Queue Time":"12","Abandoned":"No"}
--   f       | 2        | {"Segment":"s","Conversation":"c","Kind":"Conversation","Date":"2025-03-04","Time":"00:00:02","Talk Time":"120","Wrap Up Time":"30.5","Agent":"ann"}
--   f       | 3        | {"Segment":"m","Conversation":"d","Kind":"Missed Conversation","Date":"2025-03-04","Time":"09:00","Agent":"bob"}
--   f       | 4        | {"Segment":"p","Conversation":"d","Kind":"Conversation in Progress","Date":"2025-03-04","Time":"09:00:00","Agent":"ann"}
--   f       | 5        | {"Segment":"a","Conversation":null,"Kind":"Agent Status","Date":"2025-03-04","Time":"09:00:00","Agent":"ann","Activity":"Break","Activity Time":"600"}
--   f       | 6        | {"Segment":"x","Conversation":"e","Kind":"Queue","Date":"03/04/2025","Time":"09:00:00"}
-- '''

with

segments as (  -- one row per segment
    select
        file_id,
        position,
        record ->> '$.Segment' as segment_id,
        record ->> '$.Conversation' as conversation_id,
        lower(record ->> '$.Kind') as kind,
        record ->> '$.Date' as day_text,
        record ->> '$.Time' as time_text,
        case
            when regexp_matches(record ->> '$.Date', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')
                then try_cast((record ->> '$.Date') || ' ' || (record ->> '$.Time') as timestamp)
        end as local_at,
        lower(coalesce(record ->> '$."Communication Channel"', record ->> '$.Channel')) as channel,
        lower(record ->> '$.Direction') as direction,
        record ->> '$.Queue' as queue,
        coalesce(record ->> '$."Agent ID"', record ->> '$.Agent') as agent,
        record ->> '$."Team Name"' as team,
        lower(record ->> '$.Abandoned') as abandoned,
        coalesce(record ->> '$."Hang Up By"', record ->> '$.Outcome') as hung_up_by,
        coalesce(record ->> '$."Customer Phone"', record ->> '$."External Contact"') as phone,
        record ->> '$.Language' as language,
        record ->> '$.Activity' as activity,
        record ->> ('$."' || $account_id_column || '"') as account,
        record ->> ('$."' || $intent_column || '"') as intent,
        lower(record ->> ('$."' || $test_column || '"')) as test,
        cast(try_cast(record ->> '$."Queue Time"' as decimal(18, 3)) * 1000 as bigint) as queue_ms,
        cast(try_cast(record ->> '$."Talk Time"' as decimal(18, 3)) * 1000 as bigint) as talk_ms,
        cast(try_cast(record ->> '$."Hold Time"' as decimal(18, 3)) * 1000 as bigint) as hold_ms,
        cast(try_cast(record ->> '$."Wrap Up Time"' as decimal(18, 3)) * 1000 as bigint) as acw_ms,
        cast(try_cast(record ->> '$."Activity Time"' as decimal(18, 3)) * 1000 as bigint) as activity_ms
    from records
),

starts as (  -- the same segments with the instant of their start
    select
        *,
        timezone($timezone, local_at) as started_at
    from segments
)

select
    file_id,
    position,
    segment_id as record_key,
    cast(null as timestamptz) as version_at,  -- the later report wins
    case
        when segment_id is null then 'Segment is missing'
        when kind is null then 'Kind is missing'
        when day_text is null or time_text is null then 'Date or Time is missing'
        when local_at is null then 'Date is not YYYY-MM-DD, or Time is no time of day'
        when conversation_id is null and kind not like 'agent status%' then 'Conversation is missing'
    end as fault,  -- never with a value
    case
        when kind not like 'agent status%' then [{
            'leg_id': segment_id,
            'root_id': conversation_id,
            'channel': case channel
                when 'call' then 'voice'
                when 'phone' then 'voice'
                when 'web' then 'chat'
                else coalesce(channel, 'voice')
            end,
            'direction': case when direction in ('inbound', 'outbound', 'internal') then direction end,
            'initiation': case when kind = 'queue' then 'customer' else 'queue_transfer' end,
            'started_at': started_at,
            'ended_at': case
                when kind like '%in progress' then null
                when kind = 'queue' then started_at + coalesce(queue_ms, 0) * interval 1 millisecond
                when kind = 'conversation'
                    then started_at + (coalesce(talk_ms, 0) + coalesce(hold_ms, 0)) * interval 1 millisecond
                else started_at
            end,
            'enqueued_at': case when kind like 'queue%' then started_at end,
            'answered_at': case when kind in ('conversation', 'conversation in progress') then started_at end,
            'wait_ms': case when kind like 'queue%' then queue_ms end,
            'talk_ms': case when kind = 'conversation' then talk_ms end,
            'hold_ms': case when kind = 'conversation' then hold_ms end,
            'acw_ms': case when kind = 'conversation' then acw_ms end,
            'queue': queue,
            'agent_id': agent,
            'team': team,
            'is_abandoned': case when kind = 'queue' and abandoned in ('yes', 'true', '1', 'abandoned') then true end,
            'disconnect_reason': hung_up_by,
            'intent': intent,
            'language': language,
            'account_key': account,
            'phone_key': phone,
            'is_test': test in ('true', 'yes', '1', 'test'),
            'excluded_as': case
                when direction in ('outbound', 'internal') then direction
                when kind not like 'queue%' and kind not like '%conversation%' then 'other_segment'
            end
        }]
    end as legs,
    case
        when kind like 'agent status%' then [{
            'event_id': segment_id,
            'event_at': started_at,
            'kind': 'agent',
            'name': coalesce(activity, kind),
            'result': case when kind like '%in progress' then 'in_progress' end,
            'duration_ms': activity_ms,
            'detail': agent
        }]
    end as events
from starts
order by file_id, position
