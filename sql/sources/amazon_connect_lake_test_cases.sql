-- title      = "Amazon Connect data lake: connect_test_case_execution_results"
-- definition = "Parquet extracts of the table connect_test_case_execution_results: one run of one test case, and whether it passed."
-- version    = 1
-- system     = "Amazon Connect"
-- framing    = "parquet"
-- columns    = ["connect_test_case_execution_id", "connect_test_case_resource_arn", "connect_test_case_execution_start_timestamp", "connect_test_case_status", "connect_test_case_result"]
-- fills      = ["synthetic_runs"]
-- notes      = '''
--   The contact that a run made is no customer's: leg_id names its first leg, by which such interactions can be left out.
--   A run that has not ended has no status yet; one that was aborted or could not run is an error, not a failure of what it tests.
--   Instants are UTC. Not read: further contacts of the run; its first one leads to them.
-- '''
--
-- [example]
-- expect = '''
--   run_id | suite    | test    | status | duration_ms | failure_message | leg_id
--   x      | FlowTest | Opening | passed | 12000       |                 | c
--   y      | FlowTest | Opening | error  |             |                 |
--   z      | FlowTest | Opening |        |             |                 |
--   w      | FlowTest | Opening | failed | 1000        | ["no greeting"] |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"connect_test_case_execution_id":"x","connect_test_case_resource_arn":"arn:x/test-case/1","connect_test_case_resource_name":"Opening","connect_test_case_type":"FlowTest","connect_test_case_execution_start_timestamp":"2025-03-03 09:00:00","connect_test_case_execution_end_timestamp":"2025-03-03 09:00:12","connect_test_case_status":"Completed","connect_test_case_result":"Passed","connect_test_case_associated_initial_contact_id":"c"}
--   f       | 2        | {"connect_test_case_execution_id":"y","connect_test_case_resource_arn":"arn:x/test-case/1","connect_test_case_resource_name":"Opening","connect_test_case_type":"FlowTest","connect_test_case_execution_start_timestamp":"2025-03-03 09:00:00","connect_test_case_status":"Aborted","connect_test_case_result":null}
--   f       | 3        | {"connect_test_case_execution_id":"z","connect_test_case_resource_arn":"arn:x/test-case/1","connect_test_case_resource_name":"Opening","connect_test_case_type":"FlowTest","connect_test_case_execution_start_timestamp":"2025-03-03 09:00:00","connect_test_case_status":"InProgress","connect_test_case_result":null}
--   f       | 4        | {"connect_test_case_execution_id":"w","connect_test_case_resource_arn":"arn:x/test-case/1","connect_test_case_resource_name":"Opening","connect_test_case_type":"FlowTest","connect_test_case_execution_start_timestamp":"2025-03-03 09:00:00","connect_test_case_execution_end_timestamp":"2025-03-03 09:00:01","connect_test_case_status":"Completed","connect_test_case_result":"Failed","connect_test_case_failure_reasons":["no greeting"]}
-- '''

with

runs as (  -- one row per run
    select
        file_id,
        position,
        record,
        nullif(record ->> '$.connect_test_case_execution_id', '') as run_id,
        try_cast(record ->> '$.connect_test_case_execution_start_timestamp' as timestamptz) as started_at,
        try_cast(record ->> '$.connect_test_case_execution_end_timestamp' as timestamptz) as ended_at,
        lower(record ->> '$.connect_test_case_status') as progress,
        lower(record ->> '$.connect_test_case_result') as outcome
    from records
)

select
    file_id,
    position,
    run_id as record_key,
    coalesce(
        try_cast(record ->> '$.data_lake_last_processed_timestamp' as timestamptz), ended_at, started_at
    ) as version_at,
    case
        when run_id is null then 'connect_test_case_execution_id is missing'
        when started_at is null then 'connect_test_case_execution_start_timestamp is missing or no time'
    end as fault,
    [{
        'run_id': run_id,
        'suite': record ->> '$.connect_test_case_type',
        'test': coalesce(
            record ->> '$.connect_test_case_resource_name',
            regexp_extract(record ->> '$.connect_test_case_resource_arn', '([^/]+)$', 1)
        ),
        'started_at': started_at,
        'duration_ms': epoch_ms(ended_at) - epoch_ms(started_at),
        'status': case
            when outcome in ('passed', 'failed', 'skipped') then outcome
            when outcome = 'aborted' or progress in ('aborted', 'failed') then 'error'
        end,
        'failure_message': record ->> '$.connect_test_case_failure_reasons',
        'component': record ->> '$.connect_test_case_initiating_flow_id',
        'leg_id': record ->> '$.connect_test_case_associated_initial_contact_id'
    }] as synthetic_runs
from runs
order by file_id, position
