-- title      = "Twilio Flex Insights segments"
-- definition = "Pages of the Insights Segments API: the assessments of each segment, as QA evaluations."
-- version    = 1
-- system     = "Twilio Flex"
-- framing    = "json"
-- records_in = "segments"
-- fills      = ["evaluations"]
-- notes      = '''
--   The API gives a segment's date with the grain of a day, and neither its kind nor its times: no leg is made of it, because the
--   leg would begin at midnight. Legs come from the report (twilio_flex_insights); segment_id joins the two.
--   assessment_type and assessment_percentage are lists that belong together item by item; [null] means none.
-- '''
--
-- [example]
-- expect = '''
--   evaluation_id | leg_id | agent_id | form      | status    | score  | submitted_at
--   s:2           | s      | a1       | Greeting  | submitted | 0.8750 |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"segment_id":"s","agent_id":"a1","date":"2025-03-03T08:00:00Z","assessment_type":[null,"Greeting"],"assessment_percentage":[null,87.5]}
--   f       | 2        | {"segment_id":"t","agent_id":"a1","date":"2025-03-03T08:00:00Z","assessment_type":[null],"assessment_percentage":[null]}
-- '''

with

segments as (  -- one row per segment
    select
        file_id,
        position,
        record ->> '$.segment_id' as segment_id,
        record ->> '$.agent_id' as agent_id,
        json_extract(record, '$.assessment_type[*]') as types,
        record -> '$.assessment_percentage' as percentages
    from records
),

assessed as (  -- the same segments with their assessments in a list
    select
        file_id,
        position,
        segment_id,
        list_filter(
            list_transform(
                types,
                lambda t, i: {
                    'evaluation_id': segment_id || ':' || i,
                    'leg_id': segment_id,
                    'agent_id': agent_id,
                    'form': nullif(trim(cast(t as varchar), '"'), 'null'),
                    'kind': 'standard',
                    'status': 'submitted',
                    'score': try_cast(percentages ->> ('$[' || (i - 1) || ']') as decimal(9, 3)) / 100
                }
            ),
            lambda e: e.form is not null
        ) as evaluations
    from segments
)

select
    file_id,
    position,
    segment_id as record_key,
    cast(null as timestamptz) as version_at,  -- the later answer wins
    case when segment_id is null or segment_id = '' then 'segment_id is missing' end as fault,
    evaluations
from assessed
order by file_id, position
