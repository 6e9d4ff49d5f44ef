-- title          = "JUnit XML"
-- definition     = "Reports of test runners in the JUnit form: one record per suite below the root, one run per test case."
-- version        = 1
-- system         = "JUnit"
-- framing        = "xml"
-- needs_timezone = true
-- fills          = ["synthetic_runs"]
-- notes          = '''
--   A suite's timestamp carries no zone, so timezone must be set; one that does carry a zone is taken as it is. A case without a
--   time of its own gets its suite's; a suite without any time is quarantined.
--   A test is named by class and name: JUnit has no stable id. The same file again, or copied, counts once.
--   flakyFailure and flakyError: the test passed when tried again, and is flaky. rerunFailure: it failed every time. Such a case
--   is one run whose attempt says how often it was tried; the attempts have no times of their own.
--   Suites may nest three deep; a deeper one is quarantined rather than read in part.
-- '''
--
-- [params]
-- environment     = ""
-- commit_property = "commit"
-- component_property = "component"
--
-- [example]
-- params = { timezone = "Europe/London" }
-- expect = '''
--   suite        | test        | attempt | started_at                | duration_ms | status  | failure_kind | commit_id
--   smoke        | ivr.balance | 1       | 2025-07-01 08:00:00+00:00 | 1500        | passed  |              | f95f
--   smoke        | ivr.card    | 2       | 2025-07-01 08:00:00+00:00 | 1234500     | flaky   | Timeout      | f95f
--   smoke        | ivr.loan    | 3       | 2025-07-01 08:00:00+00:00 |             | failed  | NoAnswer     | f95f
--   smoke › chat | chat.hello  | 1       | 2025-07-01 09:00:00+00:00 |             | skipped |              | f95f
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"#name":"testsuite","@name":"smoke","@timestamp":"2025-07-01T09:00:00","properties":[{"property":[{"@name":"commit","@value":"f95f"}]}],"testcase":[{"@classname":"ivr","@name":"balance","@time":"1.5"},{"@classname":"ivr","@name":"card","@time":"1,234.5","flakyFailure":[{"@type":"Timeout"}]},{"@classname":"ivr","@name":"loan","failure":[{"@type":"NoAnswer"}],"rerunFailure":[{"@type":"NoAnswer"},{"@type":"NoAnswer"}]}],"testsuite":[{"@name":"chat","@timestamp":"2025-07-01T09:00:00Z","testcase":[{"@classname":"chat","@name":"hello","skipped":[{}]}]}]}
--   f       | 2        | {"#name":"testsuite","@name":"no time","testcase":[{"@name":"x"}]}
-- '''

with

roots as (  -- one row per record, with the time and the properties that its suites share
    select
        file_id,
        position,
        record,
        coalesce(record ->> '$."@timestamp"', record ->> '$."#parent"."@timestamp"') as told_at,
        coalesce(record ->> '$."@name"', '') as name,
        record ->> '$."@hostname"' as host,
        json_extract(record, '$.properties[0].property[*]') as properties,
        json_extract(record, '$.testsuite[*]') as children
    from records
),

nested as (  -- the same records with their suites at each depth, as {path, host, told_at, suite}
    select
        file_id,
        position,
        record,
        told_at,
        name,
        host,
        properties,
        list_transform(
            children,
            lambda s: {
                'path': name || ' › ' || coalesce(s ->> '$."@name"', ''),
                'host': coalesce(s ->> '$."@hostname"', host),
                'told_at': coalesce(s ->> '$."@timestamp"', told_at),
                'cases': json_extract(s, '$.testcase[*]'),
                'children': json_extract(s, '$.testsuite[*]')
            }
        ) as second
    from roots
),

suites as (  -- the same records with the suites of all depths in one list
    select
        file_id,
        position,
        record,
        told_at,
        name,
        properties,
        list_concat(
            list_concat(
                [{'path': name, 'host': host, 'told_at': told_at, 'cases': json_extract(record, '$.testcase[*]'), 'n_deeper': 0}],
                list_transform(
                    second,
                    lambda s: {'path': s.path, 'host': s.host, 'told_at': s.told_at, 'cases': s.cases, 'n_deeper': 0}
                )
            ),
            flatten(
                list_transform(
                    second,
                    lambda s: list_transform(
                        s.children,
                        lambda t: {
                            'path': s.path || ' › ' || coalesce(t ->> '$."@name"', ''),
                            'host': coalesce(t ->> '$."@hostname"', s.host),
                            'told_at': coalesce(t ->> '$."@timestamp"', s.told_at),
                            'cases': json_extract(t, '$.testcase[*]'),
                            'n_deeper': array_length(json_extract(t, '$.testsuite[*]'))
                        }
                    )
                )
            )
        ) as all_suites
    from nested
),

cases as (  -- the same records with all of their test cases in one list
    select
        file_id,
        position,
        name,
        told_at,
        properties,
        name || ':' || coalesce(told_at, '') || ':' || substr(sha256(record), 1, 16) as record_key,
        array_length(list_filter(all_suites, lambda s: s.n_deeper > 0)) as n_too_deep,
        flatten(
            list_transform(
                all_suites,
                lambda s: list_transform(
                    s.cases,
                    lambda c: {
                        'path': s.path,
                        'host': s.host,
                        'told_at': coalesce(c ->> '$."@timestamp"', s.told_at),
                        'test': coalesce(nullif(c ->> '$."@classname"', '') || '.', '') || (c ->> '$."@name"'),
                        'seconds': replace(c ->> '$."@time"', ',', ''),
                        'failures': json_extract(c, '$.failure[*]'),
                        'errors': json_extract(c, '$.error[*]'),
                        'skips': json_extract(c, '$.skipped[*]'),
                        'flakes': list_concat(json_extract(c, '$.flakyFailure[*]'), json_extract(c, '$.flakyError[*]')),
                        'reruns': list_concat(json_extract(c, '$.rerunFailure[*]'), json_extract(c, '$.rerunError[*]'))
                    }
                )
            )
        ) as all_cases
    from suites
)

select
    file_id,
    position,
    record_key,
    try_cast(null as timestamptz) as version_at,
    case
        when n_too_deep > 0 then 'suites nest more than three deep'
        when array_length(list_filter(all_cases, lambda c: c.told_at is null)) > 0 then 'neither suite nor case has a timestamp'
        when array_length(list_filter(all_cases, lambda c: try_cast(c.told_at as timestamp) is null)) > 0 then 'a timestamp is no time'
    end as fault,
    list_transform(
        all_cases,
        lambda c, i: {
            'run_id': record_key || ':' || i,
            'suite': c.path,
            'test': c.test,
            'environment': nullif($environment, ''),
            'location': c.host,
            'attempt': 1 + array_length(c.flakes) + array_length(c.reruns),
            'started_at': case
                when regexp_matches(c.told_at, '[0-9](Z|[+-][0-9]{2}:?[0-9]{2})$') and c.told_at like '%:%'
                    then try_cast(c.told_at as timestamptz)
                else timezone($timezone, try_cast(c.told_at as timestamp))
            end,
            'duration_ms': try_cast(round(try_cast(c.seconds as double) * 1000) as bigint),
            'status': case
                when array_length(c.errors) > 0 then 'error'
                when array_length(c.failures) > 0 then 'failed'
                when array_length(c.skips) > 0 then 'skipped'
                when array_length(c.flakes) > 0 then 'flaky'
                else 'passed'
            end,
            'failure_kind': list_concat(list_concat(c.errors, c.failures), c.flakes)[1] ->> '$."@type"',
            'failure_message': list_concat(list_concat(c.errors, c.failures), c.flakes)[1] ->> '$."@message"',
            'component': list_filter(properties, lambda p: (p ->> '$."@name"') = $component_property)[1] ->> '$."@value"',
            'commit_id': list_filter(properties, lambda p: (p ->> '$."@name"') = $commit_property)[1] ->> '$."@value"',
            'is_last_attempt': true
        }
    ) as synthetic_runs
from cases
order by file_id, position
