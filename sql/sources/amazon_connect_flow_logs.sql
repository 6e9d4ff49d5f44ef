-- title      = "Amazon Connect flow logs"
-- definition = "One log event per block that a contact went through in a flow, from CloudWatch Logs."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json_log_event"
-- fills      = ["events"]
-- notes      = '''
--   Read as subscriptions deliver it (envelopes of log events, in gzip or not), as export tasks write it, and as bare lines. A
--   line without ContactId belongs to no contact and is quarantined.
--   A log event has no id of its own in the message: the same message twice is one record.
--   Flows keep their id when they are published anew; the log does not tell which version ran. Logging can be off for single
--   blocks, and it ends where the contact enters a queue. That a contact passed a block does not mean that its goal was reached.
--   Results may be what the customer pressed: more than two digits become [DTMF].
--   Parameters, ExternalResults and attributes are not read: they hold whatever the flow's author put there.
-- '''
--
-- [example]
-- expect = '''
--   leg_id | event_at                         | kind | name         | result  | is_error | detail
--   c      | 2025-03-03 09:00:00.250000+00:00 | flow | PlayPrompt   |         |          | Main / block-1
--   c      | 2025-03-03 09:00:01+00:00        | flow | GetUserInput | [DTMF]  |          | flow-9
--   c      | 2025-03-03 09:00:02+00:00        | flow | GetUserInput | 2       |          | Main
--   c      | 2025-03-03 09:00:03+00:00        | flow | InvokeExternalResource | The Lambda Function Returned An Error. | true | Main
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"ContactId":"c","ContactFlowId":"arn:x/contact-flow/flow-9","ContactFlowName":"Main","ContactFlowModuleType":"PlayPrompt","Identifier":"block-1","Timestamp":"2025-03-03T09:00:00.250Z"}
--   f       | 2        | {"ContactId":"c","ContactFlowId":"arn:x/contact-flow/flow-9","ContactFlowModuleType":"GetUserInput","Timestamp":"2025-03-03T09:00:01Z","Results":"4929123"}
--   f       | 3        | {"ContactId":"c","ContactFlowName":"Main","ContactFlowModuleType":"GetUserInput","Timestamp":"2025-03-03T09:00:02Z","Results":"2"}
--   f       | 4        | {"ContactId":"c","ContactFlowName":"Main","ContactFlowModuleType":"InvokeExternalResource","Timestamp":"2025-03-03T09:00:03Z","Results":"The Lambda Function Returned An Error."}
--   f       | 5        | {"Results":"Error","ContactFlowName":"Main"}
-- '''

with

blocks as (  -- one row per log event
    select
        file_id,
        position,
        nullif(record ->> '$.ContactId', '') as contact_id,
        record ->> '$.Timestamp' as logged,
        try_cast(record ->> '$.Timestamp' as timestamptz) as logged_at,
        record ->> '$.ContactFlowModuleType' as block_kind,
        record ->> '$.Identifier' as block_id,
        coalesce(record ->> '$.ContactFlowName', regexp_extract(record ->> '$.ContactFlowId', '([^/]+)$', 1)) as flow,
        record ->> '$.Results' as result,
        md5(record) as digest
    from records
)

select
    file_id,
    position,
    contact_id || ':' || digest as record_key,
    logged_at as version_at,
    case
        when contact_id is null then 'ContactId is missing'
        when logged is null then 'Timestamp is missing'
        when logged_at is null then 'Timestamp is no time'
    end as fault,
    [{
        'event_id': contact_id || ':' || digest,
        'leg_id': contact_id,
        'event_at': logged_at,
        'kind': 'flow',
        'name': block_kind,
        'result': case when regexp_matches(result, '^[0-9*#]{3,}$') then '[DTMF]' else result end,
        'is_error': case when lower(result) like '%error%' then true end,
        'detail': concat_ws(' / ', flow, block_id)
    }] as events
from blocks
order by file_id, position
