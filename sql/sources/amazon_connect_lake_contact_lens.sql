-- title      = "Amazon Connect data lake: contact_lens_conversational_analytics"
-- definition = "Parquet extracts of the table contact_lens_conversational_analytics: how the customer sounded on each analysed contact."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["contact_id", "channel", "sentiment_overall_score_customer", "sentiment_end_score_customer", "sentiment_interaction_score_customer_with_agent", "sentiment_interaction_score_customer_without_agent"]
-- fills      = ["sentiments"]
-- notes      = '''
--   Scores run from -5 to 5 and are stored divided by 5. Use it or the Contact Lens files, never both: each score would be there twice.
--   Only the customer's are stored: an agent's voice is never scored here. A score that is not there is unknown, never 0.
--   Short recordings are not analysed: what is here leans towards longer contacts. Voice has no score for the part before an agent.
--   Unverified mapping (column list from a secondary source): the scale, and that empty means not analysed.
-- '''
--
-- [types]
-- "sentiment_overall_score_customer" = "number"
-- "sentiment_end_score_customer" = "number"
-- "sentiment_interaction_score_customer_with_agent" = "number"
-- "sentiment_interaction_score_customer_without_agent" = "number"
--
-- [example]
-- expect = '''
--   leg_id | speaker  | part       | score
--   a      | customer | overall    | 0.5000
--   a      | customer | end        | -1.0000
--   a      | customer | with_agent | 0.0000
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"contact_id":"a","channel":"VOICE","sentiment_overall_score_customer":2.5,"sentiment_end_score_customer":-5.0,"sentiment_interaction_score_customer_with_agent":0.0,"sentiment_interaction_score_customer_without_agent":null,"sentiment_overall_score_agent":4.0}
--   f       | 2        | {"contact_id":null,"channel":"VOICE"}
-- '''

with

scores as (  -- one row per contact, with its scores in a list
    select
        file_id,
        position,
        nullif(record ->> '$.contact_id', '') as contact_id,
        record ->> '$.disconnect_timestamp' as ended,
        record ->> '$.data_lake_last_processed_timestamp' as processed,
        [
            {
                'part': 'overall',
                'score': try_cast(record ->> '$.sentiment_overall_score_customer' as decimal(18, 9))
            },
            {
                'part': 'end',
                'score': try_cast(record ->> '$.sentiment_end_score_customer' as decimal(18, 9))
            },
            {
                'part': 'with_agent',
                'score': try_cast(record ->> '$.sentiment_interaction_score_customer_with_agent' as decimal(18, 9))
            },
            {
                'part': 'without_agent',
                'score': try_cast(record ->> '$.sentiment_interaction_score_customer_without_agent' as decimal(18, 9))
            }
        ] as parts_scored
    from records
)

select
    file_id,
    position,
    contact_id as record_key,
    try_cast(coalesce(processed, ended) as timestamptz) as version_at,
    case when contact_id is null then 'contact_id is missing' end as fault,
    list_transform(
        list_filter(parts_scored, lambda s: s.score is not null),
        lambda s: {
            'sentiment_id': contact_id || ':' || s.part,
            'leg_id': contact_id,
            'speaker': 'customer',
            'part': s.part,
            'score': s.score / 5,
            'scorer': 'Contact Lens'
        }
    ) as sentiments
from scores
order by file_id, position
