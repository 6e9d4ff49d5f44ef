-- title      = "Amazon Connect data lake: contact_evaluation_record"
-- definition = "Parquet extracts of the table contact_evaluation_record: one row per form, section and question of each evaluation."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["evaluation_id", "item_reference_id", "item_type", "contact_id", "evaluation_submitted_timestamp", "score"]
-- fills      = ["evaluations", "evaluation_answers"]
-- notes      = '''
--   A row of the form is the evaluation, a row of a question its answer; sections are accounted for and give nothing. A deleted
--   record is a retracted evaluation. Calibrations are marked. Only submitted evaluations are in the lake.
--   A question without a score has none: it is never a 0. Use it or the evaluation files, never both.
--   Unverified mapping (column list from a secondary source): the words of item_type, evaluation_type and evaluation_source, the scale
--   of score (per cent). Titles of forms and questions are not in this table, only their ids; nor is who was judged.
-- '''
--
-- [types]
-- "score" = "number"
--
-- [example]
-- expect = '''
--   evaluation_id | leg_id | kind        | status    | score  | is_auto_fail | is_automatic
--   e             | c      | standard    | submitted | 0.7500 | false        | false
--   k             | c      | calibration | submitted | 1.0000 |              | true
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"evaluation_id":"e","item_reference_id":"form","item_type":"form","contact_id":"c","evaluation_submitted_timestamp":"2025-03-03 09:00:00","score":75.0,"automatic_fail":false,"evaluation_type":"STANDARD","evaluation_source":"MANUAL"}
--   f       | 2        | {"evaluation_id":"e","item_reference_id":"q","item_type":"question","contact_id":"c","evaluation_submitted_timestamp":"2025-03-03 09:00:00","score":null,"answer_reference_id":"o"}
--   f       | 3        | {"evaluation_id":"e","item_reference_id":"s","item_type":"section","contact_id":"c","evaluation_submitted_timestamp":"2025-03-03 09:00:00","score":75.0}
--   f       | 4        | {"evaluation_id":"k","item_reference_id":"form","item_type":"form","contact_id":"c","evaluation_submitted_timestamp":"2025-03-03 09:00:00","score":100.0,"evaluation_type":"CALIBRATION","evaluation_source":"AUTOMATED"}
-- '''

with

items as (  -- one row per form, section or question
    select
        file_id,
        position,
        record,
        nullif(record ->> '$.evaluation_id', '') as evaluation_id,
        nullif(record ->> '$.item_reference_id', '') as item_id,
        lower(record ->> '$.item_type') as item_type,
        try_cast(record ->> '$.evaluation_submitted_timestamp' as timestamptz) as submitted_at,
        try_cast(record ->> '$.score' as decimal(18, 9)) / 100 as score
    from records
)

select
    file_id,
    position,
    evaluation_id || ':' || coalesce(item_id, item_type) as record_key,
    coalesce(try_cast(record ->> '$.data_lake_last_processed_timestamp' as timestamptz), submitted_at) as version_at,
    case
        when evaluation_id is null then 'evaluation_id is missing'
        when coalesce(item_id, item_type) is null then 'item_reference_id is missing'
    end as fault,
    list_filter(
        [{
            'evaluation_id': case when item_type in ('form', 'deleted record', 'deleted') then evaluation_id end,
            'leg_id': record ->> '$.contact_id',
            'form': item_id,
            'evaluator': record ->> '$.evaluator_id',
            'kind': case when upper(record ->> '$.evaluation_type') like '%CALIBRATION%' then 'calibration' else 'standard' end,
            'status': case when item_type = 'form' then 'submitted' else 'retracted' end,
            'submitted_at': submitted_at,
            'score': score,
            'is_auto_fail': record ->> '$.automatic_fail',
            'is_automatic': lower(record ->> '$.evaluation_source') not like 'manual%'
        }],
        lambda e: e.evaluation_id is not null
    ) as evaluations,
    list_filter(
        [{
            'answer_id': evaluation_id || ':' || item_id,
            'evaluation_id': case when item_type = 'question' then evaluation_id end,
            'question': item_id,
            'answer': coalesce(
                record ->> '$.answer_reference_id',
                record ->> '$.numeric_answer',
                record ->> '$.date_time_answer',
                record ->> '$.multi_select_answer_reference_ids',
                record ->> '$.automation_gen_ai_text_answer'
            ),
            'score': score
        }],
        lambda a: a.evaluation_id is not null
    ) as evaluation_answers
from items
order by file_id, position
