-- title      = "Zendesk satisfaction ratings"
-- definition = "Ratings of the API's list (pages with a list `satisfaction_ratings`) or one per line: what the customer said of a ticket, last."
-- version    = 1
-- system     = "Zendesk"
-- framing    = "json"
-- records_in = "satisfaction_ratings"
-- fills      = ["survey_responses"]
-- notes      = '''
--   The shape is from Zendesk's documentation; no real file was at hand. A ticket's rating is its newest (updated_at): somebody who
--   changes good to bad gives one answer. 'offered' is a survey sent, no answer; 'unoffered' is no survey at all. good is 1 of 1,
--   bad 0 of 1. Set ratings = false for zendesk_tickets, lest every rating count twice.
-- '''
--
-- [example]
-- expect = '''
--   response_id        | leg_id    | answered_at               | score | scale_max
--   zendesk:1:rating   | zendesk:1 | 2025-03-04 09:00:00+00:00 | 0     | 1
--   zendesk:2:rating   | zendesk:2 |                           |       | 1
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"id":35436,"ticket_id":1,"score":"bad_with_comment","created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-04T09:00:00Z"}
--   f       | 2        | {"id":35437,"ticket_id":2,"score":"offered","created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-03T09:00:00Z"}
--   f       | 3        | {"id":35438,"ticket_id":3,"score":"unoffered","created_at":"2025-03-03T09:00:00Z","updated_at":"2025-03-03T09:00:00Z"}
--   f       | 4        | {"id":35439,"ticket_id":4,"score":"good","created_at":"yesterday","updated_at":"2025-03-03T09:00:00Z"}
-- '''

with

ratings as (  -- one row per rating of the list
    select
        file_id,
        position,
        record ->> '$.ticket_id' as ticket_id,
        record ->> '$.score' as score,
        record ->> '$.comment' as comment,
        record ->> '$.created_at' as created,
        try_cast(record ->> '$.created_at' as timestamptz) as created_at,
        record ->> '$.updated_at' as updated,
        try_cast(record ->> '$.updated_at' as timestamptz) as updated_at
    from records
)

select
    file_id,
    position,
    ticket_id || ':rating' as record_key,
    updated_at as version_at,
    case
        when ticket_id is null then 'ticket_id is missing'
        when score is null then 'score is missing'
        when score <> 'offered' and score <> 'unoffered' and score not like 'good%' and score not like 'bad%'
            then 'score is none of offered, unoffered, good, bad'
        when created_at is null then 'created_at is no time'
        when updated_at is null then 'updated_at is no time'
    end as fault,  -- never with a value
    case
        when score = 'unoffered' then []
        else [{
            'response_id': 'zendesk:' || ticket_id || ':rating',
            'leg_id': 'zendesk:' || ticket_id,
            'sent_at': case when score = 'offered' then created_at end,
            'answered_at': case when score <> 'offered' then updated_at end,
            'score': case when score like 'good%' then 1 when score like 'bad%' then 0 end,
            'scale_max': 1,
            'comment': comment
        }]
    end as survey_responses
from ratings
order by file_id, position
