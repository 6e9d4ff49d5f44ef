-- title      = "Zendesk field changes in Fivetran's tables"
-- definition = "Rows of Fivetran's table `ticket_field_history`: every change of a field of a ticket; satisfaction ratings are changes, too."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "csv"
-- columns    = ["field_name", "ticket_id", "updated", "user_id", "value"]
-- needs_timezone = true
-- fills      = ["case_events", "survey_responses"]
-- params     = { agent_ids = "" }
-- notes      = '''
--   Exact duplicates of a row are one change. on-hold and hold are one status. Times are UTC: timezone = "UTC".
--   A rating is the last of the ticket's: 'offered' is a survey sent, no answer; good is 1 of 1, bad 0 of 1.
--   The table does not say whether a user is an agent: whoever is not the ticket's requester counts as a person of ours, unless
--   agent_ids (comma-separated) names the agents.
--   Of subjects, requesters, own fields, targets of service levels and whatever else may hold words of somebody, only that they changed
--   is read, not to what: the value is no part of any id, either.
-- '''
--
-- [example]
-- expect = '''
--   event_id                                        | case_id   | field        | new_value | actor
--   zendesk:1:status:2025-03-03 09:00:00:hold       | zendesk:1 | status       | hold      | automation
--   zendesk:1:maiden name:2025-03-03 09:00:00:      | zendesk:1 | maiden name  |           |
-- '''
--
-- [example.params]
-- timezone = "UTC"
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"field_name":"status","ticket_id":"1","updated":"2025-03-03 09:00:00","user_id":"-1","value":"on-hold"}
--   f       | 2        | {"field_name":"satisfaction_score","ticket_id":"1","updated":"2025-03-04 09:00:00","user_id":"20","value":"offered"}
--   f       | 3        | {"field_name":"status","ticket_id":"1","updated":"soon","user_id":"20","value":"open"}
--   f       | 4        | {"field_name":"maiden name","ticket_id":"1","updated":"2025-03-03 09:00:00","user_id":"20","value":"Jane Doe"}
-- '''

with

changes as (  -- one row per row of the table
    select
        file_id,
        position,
        record ->> '$.ticket_id' as ticket_id,
        record ->> '$.field_name' as field_name,
        record ->> '$.updated' as updated,
        timezone($timezone, try_cast(record ->> '$.updated' as timestamp)) as updated_at,
        record ->> '$.user_id' as user_id,
        case
            when record ->> '$.field_name' = 'status' and record ->> '$.value' = 'on-hold' then 'hold'
            when
                record ->> '$.field_name' in (
                    'status', 'custom_status_id', 'priority', 'type', 'assignee_id', 'group_id', 'brand_id', 'ticket_form_id', 'tags',
                    'satisfaction_score'
                )
                then record ->> '$.value'
        end as new_value
    from records
),

told as (  -- the same changes, with who made them where that is known
    select
        *,
        field_name = 'satisfaction_score' as is_rating,
        case
            when user_id = '-1' then 'automation'
            when $agent_ids <> '' and contains(',' || $agent_ids || ',', ',' || user_id || ',') then 'human'
            when $agent_ids <> '' and user_id is not null then 'customer'
        end as actor
    from changes
)

select
    file_id,
    position,
    case
        when is_rating then ticket_id || ':rating'
        else ticket_id || ':' || field_name || ':' || updated || ':' || coalesce(new_value, '')
    end as record_key,
    updated_at as version_at,
    case
        when ticket_id is null then 'ticket_id is missing'
        when field_name is null then 'field_name is missing'
        when updated is null then 'updated is missing'
        when updated_at is null then 'updated is no time'
    end as fault,  -- never with a value
    case
        when is_rating then []
        else [{
            'event_id': 'zendesk:' || ticket_id || ':' || field_name || ':' || updated || ':' || coalesce(new_value, ''),
            'case_id': 'zendesk:' || ticket_id,
            'leg_id': 'zendesk:' || ticket_id,
            'event_at': updated_at,
            'field': case field_name when 'assignee_id' then 'assignee' when 'group_id' then 'group' else field_name end,
            'new_value': new_value,
            'actor': actor,
            'account_key': 'zendesk:' || user_id
        }]
    end as case_events,
    case
        when is_rating and (new_value = 'offered' or new_value like 'good%' or new_value like 'bad%') then [{
            'response_id': 'zendesk:' || ticket_id || ':rating',
            'leg_id': 'zendesk:' || ticket_id,
            'sent_at': case when new_value = 'offered' then updated_at end,
            'answered_at': case when new_value <> 'offered' then updated_at end,
            'score': case when new_value like 'good%' then 1 when new_value like 'bad%' then 0 end,
            'scale_max': 1
        }]
        else []
    end as survey_responses
from told
order by file_id, position
