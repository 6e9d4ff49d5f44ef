-- title      = "CDEvents"
-- definition = "Events of delivery and operation in the CDEvents form, one JSON object each: services deployed, changes merged, incidents, finished tests."
-- version    = 1
-- system     = "CDEvents"
-- framing    = "json"
-- fills      = ["releases", "synthetic_runs"]
-- notes      = '''
--   Read are service deployed, upgraded, rolledback and removed, change merged, incident detected and resolved, test case run and
--   test suite run finished; every other event gives nothing. An event inside a CloudEvents envelope (data) is read alike.
--   An event is known by its source, id and type: some senders use one id for events of several types.
--   A finished event does not say when the test began: started_at is when it finished, and there is no duration.
--   A suite's own run has a suite and no test: leave it out where tests are counted. A cancelled run is neither passed nor failed.
--   environment limits releases and incidents to one environment, by its id.
-- '''
--
-- [params]
-- environment = ""
--
-- [example]
-- expect = '''
--   release_id                     | released_at            | component | version     | kind         | environment
--   s:1:service.deployed           | 2025-03-03 09:00:00+00:00 | web       | pkg:oci/web | release      | prod
--   s:1:service.rolledback         | 2025-03-03 09:30:00+00:00 | web       | pkg:oci/old | rollback     | prod
--   s:2:incident.resolved          | 2025-03-03 09:35:00+00:00 | web       |             | incident_end | prod
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"context":{"id":"1","source":"s","type":"dev.cdevents.service.deployed.0.3.0","timestamp":"2025-03-03T09:00:00Z"},"subject":{"id":"web","content":{"environment":{"id":"prod"},"artifactId":"pkg:oci/web"}}}
--   f       | 2        | {"context":{"id":"1","source":"s","type":"dev.cdevents.service.rolledback.0.3.0","timestamp":"2025-03-03T10:30:00+01:00"},"subject":{"id":"web","content":{"environment":{"id":"prod"},"artifactId":"pkg:oci/old"}}}
--   f       | 3        | {"specversion":"1.0","type":"dev.cdevents.incident.resolved.0.3.0","data":{"context":{"id":"2","source":"s","type":"dev.cdevents.incident.resolved.0.3.0","timestamp":"2025-03-03T09:35:00Z"},"subject":{"id":"i","content":{"environment":{"id":"prod"},"service":{"id":"web"}}}}}
--   f       | 4        | {"context":{"id":"3","source":"s","type":"dev.cdevents.build.started.0.3.0","timestamp":"2025-03-03T09:35:00Z"},"subject":{"id":"b","content":{}}}
--   f       | 5        | {"context":{"id":"4","source":"s","type":"dev.cdevents.service.deployed.0.3.0","timestamp":"2025-03-03T09:35:00"},"subject":{"id":"b","content":{}}}
-- '''

with

envelopes as (  -- one row per event, out of its CloudEvents envelope where it has one
    select
        file_id,
        position,
        coalesce(record -> '$.data.context', record -> '$.context') as context,
        coalesce(record -> '$.data.subject.content', record -> '$.subject.content') as content,
        coalesce(record ->> '$.data.subject.id', record ->> '$.subject.id') as subject_id
    from records
),

told as (  -- the same events with their kind in words: 'service.deployed'
    select
        file_id,
        position,
        content,
        subject_id,
        context ->> '$.id' as context_id,
        context ->> '$.source' as event_source,
        context ->> '$.timestamp' as told_at,
        nullif(regexp_extract(context ->> '$.type', '^dev\.cdevents\.([a-z]+\.[a-z]+)\.[0-9]', 1), '') as event,
        content ->> '$.environment.id' as environment,
        content ->> '$.outcome' as outcome
    from envelopes
),

events as (  -- the same events with key, time and what they are to us
    select
        file_id,
        position,
        content,
        subject_id,
        event,
        environment,
        event_source || ':' || context_id || ':' || event as event_key,
        told_at,
        try_cast(told_at as timestamptz) as happened_at,
        case event
            when 'service.deployed' then 'release'
            when 'service.upgraded' then 'release'
            when 'service.rolledback' then 'rollback'
            when 'service.removed' then 'removal'
            when 'change.merged' then 'change'
            when 'incident.detected' then 'incident'
            when 'incident.resolved' then 'incident_end'
        end as change_kind,
        event in ('testcaserun.finished', 'testsuiterun.finished') as is_test,
        case
            when outcome in ('success', 'pass') then 'passed'
            when outcome in ('failure', 'fail') then 'failed'
            when outcome in ('cancel', 'skip') then 'skipped'
            else outcome
        end as status
    from told
)

select
    file_id,
    position,
    event_key as record_key,
    happened_at as version_at,
    case
        when event is null then 'context.type names no CDEvents event'
        when event_key is null then 'context.source or context.id is missing'
        when told_at is null then 'context.timestamp is missing'
        when happened_at is null then 'context.timestamp is no time'
        when not regexp_matches(told_at, '(Z|[+-][0-9]{2}:?[0-9]{2})$') then 'context.timestamp has no zone'
    end as fault,
    list_filter(
        [
            {
                'release_id': event_key,
                'released_at': happened_at,
                'component': coalesce(
                    content ->> '$.service.id', content ->> '$.repository.id', case when event like 'service.%' then subject_id end
                ),
                'version': content ->> '$.artifactId',
                'kind': case
                    when event = 'change.merged' or $environment = '' or environment = $environment then change_kind
                end,
                'description': coalesce(content ->> '$.description', case when event = 'change.merged' then subject_id end),
                'environment': environment
            }
        ],
        lambda r: r.kind is not null
    ) as releases,
    list_filter(
        [
            {
                'run_id': event_key,
                'suite': content ->> '$.testSuite.name',
                'test': coalesce(content ->> '$.testCase.name', content ->> '$.testCase.id'),
                'environment': environment,
                'started_at': case when is_test then happened_at end,
                'status': status,
                'failure_kind': content ->> '$.severity',
                'failure_message': content ->> '$.reason'
            }
        ],
        lambda r: r.started_at is not null
    ) as synthetic_runs
from events
order by file_id, position
