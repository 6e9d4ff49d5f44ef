-- title      = "Amazon Connect case events"
-- definition = "One event per change of a case of Amazon Connect Cases, as EventBridge hands it on: which fields changed, and to what."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json_log_event"
-- fills      = ["case_events"]
-- notes      = '''
--   Each changed field is one case event; the event tells the new value, never the old one, and not who changed it.
--   Values stand only where the event stream is set to include them; a field that is not included changes to nothing that is known.
--   A related item gives one event by its type (contact, comment, file, task, sla); a contact by its id. Words of comments are not read.
--   The same change of the same case at the same time is one record: EventBridge delivers more than once.
--   The cases themselves, as they stand now, come out of the same files by the kind amazon_connect_cases.
-- '''
--
-- [example]
-- expect = '''
--   case_id | event_at                  | field   | new_value
--   k       | 2025-03-03 09:00:00+00:00 | created | open
--   k       | 2025-03-03 09:05:00+00:00 | status  | closed
--   k       | 2025-03-03 09:05:00+00:00 | urgent  | true
--   k       | 2025-03-03 09:06:00+00:00 | contact | c-9
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":"x","detail":{"eventType":"CASE.CREATED","approximateChangeTime":"2025-03-03T09:00:00Z","case":{"caseId":"k","createdDateTime":"2025-03-03T09:00:00Z","fields":{"status":{"value":{"stringValue":"open"}}}}}}
--   f       | 2        | {"id":"y","detail":{"eventType":"CASE.UPDATED","approximateChangeTime":"2025-03-03T09:05:00Z","changedFieldIds":["status","last_updated_datetime","urgent"],"case":{"caseId":"k","fields":{"status":{"value":{"stringValue":"closed"}},"urgent":{"value":{"booleanValue":true}}}}}}
--   f       | 3        | {"id":"z","detail":{"eventType":"RELATED_ITEM.CREATED","approximateChangeTime":"2025-03-03T09:06:00Z","relatedItem":{"relatedItemType":"Contact","relatedItemId":"i","caseId":"k","contact":{"contactArn":"arn:x/contact/c-9"}}}}
--   f       | 4        | {"id":"z","detail":{"eventType":"CASE.UPDATED","case":{"caseId":"k"}}}
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
        detail ->> '$.approximateChangeTime' as changed,
        try_cast(detail ->> '$.approximateChangeTime' as timestamptz) as changed_at,
        nullif(coalesce(detail ->> '$.case.caseId', detail ->> '$.relatedItem.caseId'), '') as case_id,
        lower(detail ->> '$.relatedItem.relatedItemType') as item_kind,
        detail ->> '$.relatedItem.relatedItemId' as item_id,
        nullif(regexp_extract(detail ->> '$.relatedItem.contact.contactArn', '([^/]+)$', 1), '') as contact_id,
        detail -> '$.case.fields' as fields,
        list_filter(
            list_transform(json_extract(detail, '$.changedFieldIds[*]'), lambda f: replace(f::varchar, '"', '')),
            lambda f: f <> 'last_updated_datetime'
        ) as changed_fields
    from parts
),

keyed_changes as (  -- with the key that a second delivery has, too
    select *, concat_ws(':', case_id, change, item_id, changed) as change_id
    from changes
)

select
    file_id,
    position,
    change_id as record_key,
    changed_at as version_at,
    case
        when case_id is null then 'caseId is missing'
        when change is null then 'eventType is missing'
        when changed_at is null then 'approximateChangeTime is missing or no time'
    end as fault,
    case
        when item_kind is not null then [{
            'event_id': change_id,
            'case_id': case_id,
            'event_at': changed_at,
            'field': item_kind,
            'new_value': contact_id
        }]
        when change = 'CASE.UPDATED' then list_transform(
            changed_fields,
            lambda f: {
                'event_id': change_id || ':' || f,
                'case_id': case_id,
                'event_at': changed_at,
                'field': f,
                'new_value': coalesce(
                    fields ->> ('$."' || f || '".value.stringValue'),
                    fields ->> ('$."' || f || '".value.booleanValue'),
                    fields ->> ('$."' || f || '".value.doubleValue'),
                    fields ->> ('$."' || f || '".value.userArnValue')
                )
            }
        )
        else [{
            'event_id': change_id,
            'case_id': case_id,
            'event_at': changed_at,
            'field': case change when 'CASE.CREATED' then 'created' when 'CASE.DELETED' then 'deleted' else lower(change) end,
            'new_value': fields ->> '$.status.value.stringValue'
        }]
    end as case_events
from keyed_changes
order by file_id, position
