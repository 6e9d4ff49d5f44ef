-- title      = "Amazon Connect evaluations"
-- definition = "One JSON file per submitted evaluation form: who judged which leg by which form, and every answer."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "json"
-- fills      = ["evaluations", "evaluation_answers"]
-- notes      = '''
--   Connect writes an evaluation twice, to its old and its new path, and again when it is submitted anew: one evaluationId is one
--   record, and the newest submission wins.
--   An answer that does not apply has no score; so has a text. Neither is a 0, and neither is in the form's percentage.
--   Calibrations are marked by calibrationSessionId or evaluationType, drafts by status or by a missing submission: both are kept
--   and belong in no average. An automatic fail is marked, the percentage stays what the file says.
--   contactId is the leg of the agent who is judged, not the first leg of the chain.
--   Unverified mapping (in no sample): calibrationSessionId, evaluationType, status, autoEvaluation, automaticFail.
--   Not read: notes of the evaluator, scores of sections.
-- '''
--
-- [types]
-- "metadata.score.percentage" = "number"
-- "questions[].score.percentage" = "number"
--
-- [example]
-- expect = '''
--   evaluation_id | leg_id | form    | form_version | kind        | status    | submitted_at              | score  | is_auto_fail
--   e             | c      | Opening | 2            | standard    | submitted | 2025-03-03 09:30:00+00:00 | 0.7500 |
--   f             | c      | Opening | 2            | calibration | submitted | 2025-03-03 09:30:00+00:00 | 0.0000 | true
--   g             | c      | Opening | 2            | standard    | draft     |                           |        |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"evaluationId":"e","metadata":{"contactId":"c","evaluationDefinitionTitle":"Opening","evaluationDefinitionVersion":2,"evaluationStartTimestamp":"2025-03-03T09:00:00Z","evaluationSubmitTimestamp":"2025-03-03T09:30:00Z","score":{"percentage":75}},"sections":[{"sectionRefId":"s","sectionTitle":"Greeting"}],"questions":[{"questionRefId":"q","sectionRefId":"s","questionText":"Named?","answer":{"values":[{"valueText":"Yes","selected":true},{"valueText":"No","selected":false}]},"score":{"percentage":100}},{"questionRefId":"r","sectionRefId":"s","answer":{"value":"","metadata":{"notApplicable":true}},"score":{"notApplicable":true}}]}
--   f       | 2        | {"evaluationId":"f","metadata":{"contactId":"c","evaluationDefinitionTitle":"Opening","evaluationDefinitionVersion":2,"calibrationSessionId":"k","evaluationSubmitTimestamp":"2025-03-03T09:30:00Z","score":{"percentage":0,"automaticFail":true}}}
--   f       | 3        | {"evaluationId":"g","metadata":{"contactId":"c","evaluationDefinitionTitle":"Opening","evaluationDefinitionVersion":2,"evaluationStartTimestamp":"2025-03-03T09:00:00Z"}}
--   f       | 4        | {"metadata":{"contactId":"c"}}
-- '''

with

parts as (  -- one row per evaluation, cut into the parts that are read more than once
    select
        file_id,
        position,
        nullif(record ->> '$.evaluationId', '') as evaluation_id,
        nullif(record ->> '$.metadata.contactId', '') as contact_id,
        record -> '$.metadata' as metadata,
        record ->> '$.metadata.evaluationSubmitTimestamp' as submitted,
        record ->> '$.metadata.evaluationStartTimestamp' as begun,
        lower(coalesce(record ->> '$.status', record ->> '$.metadata.status')) as status,
        json_extract(record, '$.sections[*]') as sections,
        json_extract(record, '$.questions[*]') as questions
    from records
)

select
    file_id,
    position,
    evaluation_id as record_key,
    try_cast(coalesce(submitted, begun) as timestamptz) as version_at,
    case
        when evaluation_id is null then 'evaluationId is missing'
        when contact_id is null then 'metadata.contactId is missing'
        when submitted is not null and try_cast(submitted as timestamptz) is null then 'evaluationSubmitTimestamp is no time'
    end as fault,
    [{
        'evaluation_id': evaluation_id,
        'leg_id': contact_id,
        'agent_id': metadata ->> '$.agentId',
        'form': metadata ->> '$.evaluationDefinitionTitle',
        'form_version': metadata ->> '$.evaluationDefinitionVersion',
        'evaluator': metadata ->> '$.evaluator',
        'kind': case
            when (metadata ->> '$.calibrationSessionId') is not null or upper(metadata ->> '$.evaluationType') = 'CALIBRATION'
                then 'calibration'
            else 'standard'
        end,
        'status': coalesce(status, case when submitted is null then 'draft' else 'submitted' end),
        'submitted_at': try_cast(submitted as timestamptz),
        'score': case
            when coalesce(metadata ->> '$.score.notApplicable', '') <> 'true'
                then try_cast(metadata ->> '$.score.percentage' as decimal(18, 9)) / 100
        end,
        'is_auto_fail': metadata ->> '$.score.automaticFail',
        'is_automatic': metadata ->> '$.autoEvaluation.autoEvaluationEnabled'
    }] as evaluations,
    list_transform(
        questions,
        lambda q, i: {
            'answer_id': evaluation_id || ':' || coalesce(q ->> '$.questionRefId', i::varchar),
            'evaluation_id': evaluation_id,
            'section': list_filter(sections, lambda s: (s ->> '$.sectionRefId') = (q ->> '$.sectionRefId'))[1] ->> '$.sectionTitle',
            'question': q ->> '$.questionRefId',
            'question_text': q ->> '$.questionText',
            'answer': coalesce(
                nullif(
                    array_to_string(
                        list_transform(
                            list_filter(json_extract(q, '$.answer.values[*]'), lambda v: (v ->> '$.selected') = 'true'),
                            lambda v: v ->> '$.valueText'
                        ),
                        ', '
                    ),
                    ''
                ),
                q ->> '$.answer.value'
            ),
            'score': case
                when coalesce(q ->> '$.score.notApplicable', '') <> 'true'
                    and coalesce(q ->> '$.answer.metadata.notApplicable', '') <> 'true'
                    then try_cast(q ->> '$.score.percentage' as decimal(18, 9)) / 100
            end,
            'is_not_applicable': q ->> '$.answer.metadata.notApplicable'
        }
    ) as evaluation_answers
from parts
order by file_id, position
