-- title      = "Twilio TaskRouter reservations"
-- definition = "Pages of the Reservations resource: each offer of a task to an agent; those that were accepted are legs of the task."
-- version    = 1
-- system     = "Twilio TaskRouter"
-- framing    = "json"
-- records_in = "reservations"
-- fills      = ["legs", "events"]
-- notes      = '''
--   Only two times are told: created and last updated. While a reservation is accepted, it was answered when it was updated; once it
--   is in wrap-up or completed, the time of the answer is gone, and the offer's own time stands for it (some seconds early).
--   Talk and hold do not exist. A reservation that was not accepted is an event of the agent, and no leg.
-- '''
--
-- [types]
-- "date_updated" = "time"
--
-- [example]
-- expect = '''
--   leg_id | root_id | answered_at               | ended_at                  | agent_id
--   WR1    | WT1     | 2025-03-03 09:00:09+00:00 |                           | WK1
--   WR2    | WT2     | 2025-03-03 09:00:00+00:00 | 2025-03-03 09:05:00+00:00 | WK1
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"sid":"WR1","task_sid":"WT1","reservation_status":"accepted","date_created":"2025-03-03T09:00:00Z","date_updated":"2025-03-03T09:00:09Z","worker_sid":"WK1"}
--   f       | 2        | {"sid":"WR2","task_sid":"WT2","reservation_status":"completed","date_created":"2025-03-03T09:00:00Z","date_updated":"2025-03-03T09:05:00Z","worker_sid":"WK1"}
--   f       | 3        | {"sid":"WR3","task_sid":"WT3","reservation_status":"timeout","date_created":"2025-03-03T09:00:00Z","date_updated":"2025-03-03T09:00:20Z","worker_sid":"WK1"}
-- '''

with

reservations as (  -- one row per reservation
    select
        file_id,
        position,
        record ->> '$.sid' as reservation_sid,
        record ->> '$.task_sid' as task_sid,
        record ->> '$.worker_sid' as worker_sid,
        lower(record ->> '$.reservation_status') as status,
        record ->> '$.date_created' as created_text,
        record ->> '$.date_updated' as updated_text,
        try_cast(record ->> '$.date_created' as timestamptz) as created_at,
        try_cast(record ->> '$.date_updated' as timestamptz) as updated_at
    from records
)

select
    file_id,
    position,
    reservation_sid as record_key,
    updated_at as version_at,
    case
        when reservation_sid is null or reservation_sid = '' then 'sid is missing'
        when task_sid is null then 'task_sid is missing'
        when created_text is null then 'date_created is missing'
        when created_at is null then 'date_created is no time'
        when updated_text is not null and updated_at is null then 'date_updated is no time'
        when updated_at < created_at then 'date_updated is before date_created'
    end as fault,  -- never with a value
    case
        when status in ('accepted', 'wrapping', 'completed') then [{
            'leg_id': reservation_sid,
            'root_id': task_sid,
            'previous_id': task_sid,
            'initiation': 'queue_transfer',
            'started_at': created_at,
            'ended_at': case when status in ('wrapping', 'completed') then updated_at end,
            'answered_at': case when status = 'accepted' then coalesce(updated_at, created_at) else created_at end,
            'agent_id': worker_sid
        }]
    end as legs,
    case
        when status not in ('accepted', 'wrapping', 'completed') then [{
            'event_id': reservation_sid,
            'leg_id': task_sid,
            'event_at': created_at,
            'kind': 'agent',
            'name': 'reservation',
            'result': status,
            'duration_ms': epoch_ms(updated_at) - epoch_ms(created_at),
            'detail': worker_sid
        }]
    end as events
from reservations
order by file_id, position
