-- title      = "Salesforce cases"
-- definition = "The Case object as Bulk API or Data Export give it: each case as of its newest version, and the written contact that opened it."
-- version    = 1
-- system     = "Salesforce Service Cloud"
-- framing    = "csv"
-- columns    = ["Id", "CreatedDate", "SystemModstamp", "Status"]
-- fills      = ["cases", "legs"]
-- notes      = '''
--   A case is a contact of its own only where it came in writing: Origin is one of written_origins. A case of a call or a chat was
--   opened by that contact, which another record tells; it would count twice.
--   A closed case may be opened again, so closed is solved here and never closed for good. Merged cases name their master.
--   The owner is a queue (00G…) or a person (005…). No reply, wait or handle time is in a case.
-- '''
--
-- [params]
-- written_origins = "Email,Web"
--
-- [derived]
-- "legs.started_at" = "the creation of the case stands for the beginning of the contact"
--
-- [example]
-- params = { timezone = "UTC" }
-- expect = '''
--   case_id            | opened_at                 | status | solved_at                 | queue              | assignee_id        | leg_id             | merged_into_id
--   500000000000001AAA | 2025-03-03 09:00:00+00:00 | open   |                           | 00G000000000001AAA |                    | 500000000000001AAA |
--   500000000000002AAA | 2025-03-03 09:00:00+00:00 | solved | 2025-03-04 10:00:00+00:00 |                    | 005000000000001AAA |                    | 500000000000001AAA
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"Id":"500000000000001AAA","CreatedDate":"2025-03-03T09:00:00.000+0000","SystemModstamp":"2025-03-03T09:00:00.000+0000","Status":"New","Origin":"Email","OwnerId":"00G000000000001AAA","IsClosed":"false"}
--   f       | 2        | {"Id":"500000000000002AAA","CreatedDate":"2025-03-03T09:00:00.000Z","ClosedDate":"2025-03-04 10:00:00","SystemModstamp":"2025-03-04T10:00:00.000Z","Status":"Closed","Origin":"Phone","OwnerId":"005000000000001AAA","IsClosed":"true","MasterRecordId":"500000000000001AAA"}
--   f       | 3        | {"Id":"500000000000003","CreatedDate":"2025-03-03T09:00:00.000Z","SystemModstamp":"2025-03-03T09:00:00.000Z","Status":"New"}
-- '''

with

case_rows as (  -- one row per case
    select
        file_id,
        position,
        record ->> '$.Id' as id,
        lower(record ->> '$.Status') as status,
        lower(record ->> '$.IsClosed') in ('true', '1') as is_closed,
        lower(record ->> '$.IsDeleted') in ('true', '1') as is_deleted,
        record ->> '$.Origin' as origin,
        record ->> '$.OwnerId' as owner_id,
        coalesce(record ->> '$.ContactId', record ->> '$.AccountId') as account,
        coalesce(record ->> '$.SuppliedEmail', record ->> '$.ContactEmail') as email,
        coalesce(record ->> '$.Reason', record ->> '$.Type') as reason,
        lower(record ->> '$.Priority') as priority,
        record ->> '$.MasterRecordId' as master_id,
        record ->> '$.Language' as language,
        [
            record ->> '$.SystemModstamp',
            record ->> '$.CreatedDate',
            record ->> '$.ClosedDate'
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
    from case_rows
),

times as (  -- the same rows, each time by its name
    select
        *,
        known[1] as modified_at,
        known[2] as created_at,
        known[3] as closed_at,
        case
            when told[1] is not null and known[1] is null then 'SystemModstamp is no time with a zone; set timezone if the export has none'
            when told[2] is not null and known[2] is null then 'CreatedDate is no time with a zone; set timezone if the export has none'
            when told[3] is not null and known[3] is null then 'ClosedDate is no time with a zone; set timezone if the export has none'
        end as time_fault
    from instants
),

cases as (  -- the same rows, in our words
    select
        *,
        case lower(origin) when 'phone' then 'voice' when 'web' then 'web' else lower(origin) end as channel,
        contains(',' || lower($written_origins) || ',', ',' || lower(origin) || ',') as is_written,
        case
            when is_deleted then 'deleted'
            when is_closed or status = 'closed' then 'solved'
            when status like '%hold%' then 'hold'
            when status like '%wait%' or status like '%pending%' then 'pending'
            else 'open'
        end as state
    from times
)

select
    file_id,
    position,
    id as record_key,
    modified_at as version_at,
    case
        when id is null then 'Id is missing'
        when length(id) <> 18 then 'Id has not 18 characters'
        when created_at is null and time_fault is null then 'CreatedDate is missing'
        else time_fault
    end as fault,  -- never with a value
    [{
        'case_id': id,
        'leg_id': case when is_written then id end,
        'account_key': account,
        'email_key': email,
        'opened_at': created_at,
        'status': state,
        'solved_at': case when state = 'solved' then closed_at end,
        'category': reason,
        'channel': channel,
        'priority': priority,
        'assignee_id': case when owner_id like '005%' then owner_id end,
        'queue': case when owner_id like '00G%' then owner_id end,
        'merged_into_id': master_id
    }] as cases,
    case
        when is_written then [{
            'leg_id': id,
            'channel': channel,
            'direction': 'inbound',
            'initiation': 'customer',
            'started_at': created_at,
            'ended_at': created_at,
            'intent': reason,
            'language': language,
            'account_key': account,
            'email_key': email,
            'excluded_as': case when is_deleted then 'deleted' when master_id is not null then 'merged' end
        }]
    end as legs
from cases
order by file_id, position
