-- title      = "Playwright JSON report"
-- definition = "Reports of Playwright's JSON reporter, one object per report: every attempt of every test, and its steps."
-- version    = 1
-- system     = "Playwright"
-- framing    = "json"
-- fills      = ["synthetic_runs", "synthetic_steps"]
-- notes      = '''
--   Every attempt is one run; attempt counts from 1. A test that passed only when tried again has a failed first attempt and a last
--   one with status flaky. is_last_attempt marks the one that decides.
--   A test that is expected to fail and does has passed; one that passes unexpectedly has failed.
--   A test that was skipped before it began has no attempt and no time: it gives no run.
--   Suites may nest five deep (file and four describe blocks); a deeper report is quarantined rather than read in part.
--   Only steps that the test names itself are in the report, and of these the outermost are read.
--   The same suites again, whatever the report's settings, are one report.
-- '''
--
-- [params]
-- environment = ""
-- component   = ""
-- commit_id   = ""
--
-- [example]
-- expect = '''
--   suite             | test          | location | attempt | started_at                | duration_ms | status | failure_kind | is_last_attempt
--   chat.spec › hours | asks hours    | chrome   | 1       | 2025-03-03 09:00:00+00:00 | 30000       | failed | timeout      | false
--   chat.spec › hours | asks hours    | chrome   | 2       | 2025-03-03 09:01:00+00:00 | 900         | flaky  |              | true
--   chat.spec         | refuses cards | chrome   | 1       | 2025-03-03 09:02:00+00:00 | 100         | passed |              | true
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"config":{},"suites":[{"title":"chat.spec","file":"chat.spec","specs":[{"title":"refuses cards","id":"b","tests":[{"projectName":"chrome","expectedStatus":"failed","status":"expected","results":[{"status":"failed","retry":0,"startTime":"2025-03-03T09:02:00.000Z","duration":100,"errors":[{"message":"refused"}]}]}]}],"suites":[{"title":"hours","specs":[{"title":"asks hours","id":"a","tests":[{"projectName":"chrome","expectedStatus":"passed","status":"flaky","results":[{"status":"timedOut","retry":0,"startTime":"2025-03-03T09:00:00.000Z","duration":30000,"errors":[{"message":"30 s"}]},{"status":"passed","retry":1,"startTime":"2025-03-03T09:01:00.000Z","duration":900,"steps":[{"title":"open","duration":300},{"title":"ask","duration":600}]}]}]}]}]}]}
--   f       | 2        | {"suites":[{"title":"a","suites":[{"title":"b","suites":[{"title":"c","suites":[{"title":"d","suites":[{"title":"e","suites":[{"title":"f"}]}]}]}]}]}]}
--   f       | 3        | {"stats":{}}
-- '''

with

first_level as (  -- one row per report, with its suites as {path, suite}, at each depth in turn
    select
        file_id,
        position,
        json_type(record, '$.suites') as suites_type,
        substr(sha256(cast(record -> '$.suites' as varchar)), 1, 32) as report_id,
        list_transform(
            json_extract(record, '$.suites[*]'), lambda s: {'path': coalesce(s ->> '$.title', ''), 'suite': s}
        ) as level_1
    from records
),

second_level as (
    select
        *,
        flatten(list_transform(level_1, lambda a: list_transform(
            json_extract(a.suite, '$.suites[*]'), lambda s: {'path': a.path || ' › ' || coalesce(s ->> '$.title', ''), 'suite': s}
        ))) as level_2
    from first_level
),

third_level as (
    select
        *,
        flatten(list_transform(level_2, lambda a: list_transform(
            json_extract(a.suite, '$.suites[*]'), lambda s: {'path': a.path || ' › ' || coalesce(s ->> '$.title', ''), 'suite': s}
        ))) as level_3
    from second_level
),

fourth_level as (
    select
        *,
        flatten(list_transform(level_3, lambda a: list_transform(
            json_extract(a.suite, '$.suites[*]'), lambda s: {'path': a.path || ' › ' || coalesce(s ->> '$.title', ''), 'suite': s}
        ))) as level_4
    from third_level
),

fifth_level as (
    select
        *,
        flatten(list_transform(level_4, lambda a: list_transform(
            json_extract(a.suite, '$.suites[*]'), lambda s: {'path': a.path || ' › ' || coalesce(s ->> '$.title', ''), 'suite': s}
        ))) as level_5
    from fourth_level
),

reports as (  -- the same reports with the suites of all depths in one list, the deepest first
    select
        file_id,
        position,
        suites_type,
        report_id,
        array_length(list_filter(level_5, lambda a: array_length(json_extract(a.suite, '$.suites[*]')) > 0)) as n_too_deep,
        list_concat(level_5, list_concat(level_4, list_concat(level_3, list_concat(level_2, level_1)))) as suites
    from fifth_level
),

tests as (  -- the same reports with every test of every suite in one list
    select
        file_id,
        position,
        suites_type,
        report_id,
        n_too_deep,
        flatten(flatten(list_transform(
            suites,
            lambda a: list_transform(
                json_extract(a.suite, '$.specs[*]'),
                lambda s: list_transform(
                    json_extract(s, '$.tests[*]'),
                    lambda t: {
                        'path': a.path,
                        'title': s ->> '$.title',
                        'test_id': coalesce(s ->> '$.id', (s ->> '$.file') || ':' || (s ->> '$.line') || ':' || (s ->> '$.title')),
                        'project': coalesce(nullif(t ->> '$.projectName', ''), nullif(t ->> '$.projectId', '')),
                        'expected': coalesce(t ->> '$.expectedStatus', 'passed'),
                        'status': t ->> '$.status',
                        'results': json_extract(t, '$.results[*]')
                    }
                )
            )
        ))) as all_tests
    from reports
),

attempts as (  -- the same reports with every attempt that began in one list
    select
        file_id,
        position,
        suites_type,
        report_id,
        n_too_deep,
        list_filter(
            flatten(list_transform(
                all_tests,
                lambda t: list_transform(
                    t.results,
                    lambda r, i: {
                        'run_id': report_id || ':' || t.test_id || ':' || coalesce(t.project, '') || ':' || i,
                        'path': t.path,
                        'title': t.title,
                        'project': t.project,
                        'began': r ->> '$.startTime',
                        'result': r,
                        'attempt': coalesce(try_cast(r ->> '$.retry' as integer) + 1, i),
                        'is_last': i = array_length(t.results),
                        'status': case
                            when i = array_length(t.results) and t.status = 'flaky' then 'flaky'
                            when i = array_length(t.results) and t.status = 'skipped' then 'skipped'
                            when i = array_length(t.results) and t.status = 'expected' then 'passed'
                            when (r ->> '$.status') = 'skipped' then 'skipped'
                            when (r ->> '$.status') = 'interrupted' then 'error'
                            when i = array_length(t.results) and t.status = 'unexpected' then 'failed'
                            when (r ->> '$.status') = t.expected then 'passed'
                            else 'failed'
                        end
                    }
                )
            )),
            lambda a: a.began is not null
        ) as all_attempts
    from tests
)

select
    file_id,
    position,
    'report:' || report_id as record_key,
    try_cast(null as timestamptz) as version_at,
    case
        when suites_type is null or suites_type <> 'ARRAY' then 'suites is missing or no list'
        when n_too_deep > 0 then 'suites nest more than five deep'
    end as fault,
    list_transform(
        all_attempts,
        lambda a: {
            'run_id': a.run_id,
            'suite': a.path,
            'test': a.title,
            'environment': nullif($environment, ''),
            'location': a.project,
            'attempt': a.attempt,
            'started_at': a.began,
            'duration_ms': try_cast(round(try_cast(a.result ->> '$.duration' as double)) as bigint),
            'status': a.status,
            'failure_kind': case
                when a.status in ('passed', 'flaky', 'skipped') then null
                when (a.result ->> '$.status') = 'timedOut' then 'timeout'
                when (a.result ->> '$.status') = 'passed' then 'unexpected pass'
                else a.result ->> '$.status'
            end,
            'failure_message': case
                when a.status in ('failed', 'error') then coalesce(a.result ->> '$.errors[0].message', a.result ->> '$.error.message')
            end,
            'component': nullif($component, ''),
            'commit_id': nullif($commit_id, ''),
            'is_last_attempt': a.is_last
        }
    ) as synthetic_runs,
    flatten(list_transform(
        all_attempts,
        lambda a: list_transform(
            json_extract(a.result, '$.steps[*]'),
            lambda s, i: {
                'step_id': a.run_id || ':' || i,
                'run_id': a.run_id,
                'step_seq': i,
                'name': s ->> '$.title',
                'status': case when (s -> '$.error') is null then 'passed' else 'failed' end,
                'duration_ms': try_cast(round(try_cast(s ->> '$.duration' as double)) as bigint)
            }
        )
    )) as synthetic_steps
from attempts
order by file_id, position
