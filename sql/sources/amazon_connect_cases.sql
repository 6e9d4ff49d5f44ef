-- title      = "Amazon Connect cases"
-- definition = "The cases of Amazon Connect Cases as their newest event shows them; read from the same files as the case events."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json_log_event"
-- fills      = ["cases"]
-- params     = { category_field = "case_reason" }
-- notes      = '''
--   The newest event of a case is its newest version: the event stream must be set to include the case's fields, else they are empty.
--   Events of related items (comments, contacts, files) are accounted for and give no case.
--   A reference number is not unique, the case's id is. A deleted case stays, with that status.
--   Not in these events: first reply, replies, reopenings, which contact opened it. Contacts are case events of the field contact.
--   Unverified mapping (in no sample): assigned_queue, assigned_user, customer_id, last_closed_datetime.
-- '''
--
-- [example]
-- expect = '''
--   case_id | opened_at                 | status | closed_at                 | category
--   k       | 2025-03-03 09:00:00+00:00 | closed | 2025-03-03 09:05:00+00:00 | Shipment lost
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"detail":{"eventType":"CASE.UPDATED","approximateChangeTime":"2025-03-03T09:05:00Z","case":{"caseId":"k","createdDateTime":"2025-03-03T09:00:00Z","fields":{"status":{"value":{"stringValue":"closed"}},"last_closed_datetime":{"value":{"stringValue":"2025-03-03T09:05:00Z"}},"case_reason":{"value":{"stringValue":"Shipment lost"}}}}}}
--   f       | 2        | {"detail":{"eventType":"RELATED_ITEM.CREATED","approximateChangeTime":"2025-03-03T09:06:00Z","relatedItem":{"relatedItemType":"Comment","relatedItemId":"i","caseId":"k"}}}
--   f       | 3        | {"detail":{"eventType":"CASE.UPDATED","approximateChangeTime":"2025-03-03T09:05:00Z","case":{"caseId":""}}}
-- '''

with

parts as (  -- one row per event, out of its envelope
    select file_id, position, coalesce(record -> '$.detail', record) as detail
    from records
),

changes as (  -- the same, with the case it is about
    select
        file_id,
        position,
        upper(detail ->> '$.eventType') as change,
        try_cast(detail ->> '$.approximateChangeTime' as timestamptz) as changed_at,
        nullif(detail ->> '$.case.caseId', '') as case_id,
        nullif(detail ->> '$.relatedItem.caseId', '') as item_case_id,
        detail ->> '$.relatedItem.relatedItemId' as item_id,
        detail ->> '$.case.createdDateTime' as created,
        detail -> '$.case.fields' as fields
    from parts
),

whole_cases as (  -- their fields by our names
    select
        file_id,
        position,
        change,
        changed_at,
        case_id,
        coalesce(case_id, item_case_id || ':' || item_id) as record_key,
        coalesce(try_cast(created as timestamptz), case when change = 'CASE.DELETED' then changed_at end) as opened_at,
        case when change = 'CASE.DELETED' then 'deleted' else lower(fields ->> '$.status.value.stringValue') end as status,
        fields ->> '$.last_closed_datetime.value.stringValue' as closed,
        fields ->> ('$."' || $category_field || '".value.stringValue') as category,
        regexp_extract(fields ->> '$.customer_id.value.stringValue', '([^/]+)$', 1) as customer_id,
        regexp_extract(fields ->> '$.assigned_user.value.userArnValue', '([^/]+)$', 1) as assignee_id,
        regexp_extract(fields ->> '$.assigned_queue.value.stringValue', '([^/]+)$', 1) as queue
    from changes
)

select
    file_id,
    position,
    record_key,
    changed_at as version_at,
    case
        when record_key is null then 'caseId is missing'
        when changed_at is null then 'approximateChangeTime is missing or no time'
        when case_id is not null and opened_at is null then 'createdDateTime is missing or no time'
    end as fault,
    list_filter(
        [{
            'case_id': case_id,
            'account_key': customer_id,
            'opened_at': opened_at,
            'status': status,
            'solved_at': case when status = 'closed' then try_cast(closed as timestamptz) end,
            'closed_at': case when status = 'closed' then try_cast(closed as timestamptz) end,
            'category': category,
            'assignee_id': assignee_id,
            'queue': queue
        }],
        lambda c: c.case_id is not null
    ) as cases
from whole_cases
order by file_id, position
