-- title      = "GitHub webhooks"
-- definition = "Webhook payloads of deployments, deployment statuses, releases and workflow runs, one JSON object each: what was put into service, and when."
-- version    = 1
-- system     = "GitHub"
-- framing    = "json"
-- fills      = ["releases"]
-- notes      = '''
--   A deployment takes effect when a status says success, not when it is created: a payload without that gives no release.
--   A later status (inactive, when the next deployment follows) does not take the release back.
--   A release is sent several times (published, released, edited): one release. Drafts are none; a pre-release says so in kind.
--   Most workflow runs are tests: only a success of the workflow that deploy_workflow names is a release. Each attempt is its own.
--   Payloads of other events are read and give nothing. The payload does not name its event; its keys tell.
-- '''
--
-- [params]
-- environment     = ""
-- deploy_workflow = ""
--
-- [example]
-- expect = '''
--   release_id      | released_at            | component | version | kind    | environment
--   deployment:7    | 2025-03-03 09:20:00+00:00 | shop/web  | f95f852 | release | production
--   release:4       | 2025-03-03 10:00:00+00:00 | shop/web  | 1.4     | release |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"action":"created","deployment":{"id":7,"sha":"f95f852","environment":"production","created_at":"2025-03-03T09:00:00Z"},"repository":{"full_name":"shop/web"}}
--   f       | 2        | {"action":"created","deployment_status":{"id":70,"state":"in_progress","created_at":"2025-03-03T09:10:00Z"},"deployment":{"id":7,"sha":"f95f852","environment":"production","created_at":"2025-03-03T09:00:00Z"},"repository":{"full_name":"shop/web"}}
--   f       | 3        | {"action":"created","deployment_status":{"id":71,"state":"success","created_at":"2025-03-03T09:20:00Z"},"deployment":{"id":7,"sha":"f95f852","environment":"production","created_at":"2025-03-03T09:00:00Z"},"repository":{"full_name":"shop/web"}}
--   f       | 4        | {"action":"created","deployment_status":{"id":72,"state":"inactive","created_at":"2025-03-04T09:00:00Z"},"deployment":{"id":7,"sha":"f95f852","environment":"production","created_at":"2025-03-03T09:00:00Z"},"repository":{"full_name":"shop/web"}}
--   f       | 5        | {"action":"published","release":{"id":4,"tag_name":"1.4","published_at":"2025-03-03T10:00:00Z"},"repository":{"full_name":"shop/web"}}
--   f       | 6        | {"action":"completed","workflow_run":{"id":9,"run_attempt":1,"name":"test","conclusion":"success","updated_at":"2025-03-03T11:00:00Z"},"repository":{"full_name":"shop/web"}}
--   f       | 7        | {"action":"created","issue":{"id":1},"repository":{"full_name":"shop/web"}}
-- '''

with

payloads as (  -- one row per payload, cut into the objects that are read more than once
    select
        file_id,
        position,
        record,
        record ->> '$.action' as action,
        record ->> '$.repository.full_name' as repository,
        record -> '$.deployment' as deployment,
        record -> '$.deployment_status' as status,
        record -> '$.release' as release,
        record -> '$.workflow_run' as run
    from records
),

told as (  -- the same payloads with the event that they tell, by their keys
    select
        file_id,
        position,
        record,
        action,
        repository,
        deployment,
        status,
        release,
        run,
        case
            when (status ->> '$.id') is not null then 'deployment_status'
            when (deployment ->> '$.id') is not null then 'deployment'
            when (release ->> '$.id') is not null then 'release'
            when (run ->> '$.id') is not null then 'workflow_run'
            else 'other'
        end as event,
        coalesce(status ->> '$.environment', deployment ->> '$.environment') as environment,
        coalesce(nullif(record ->> '$.workflow.name', ''), nullif(run ->> '$.name', '')) as workflow
    from payloads
),

changes as (  -- one row per payload, with what it changed; released_at is empty where nothing took effect
    select
        file_id,
        position,
        repository,
        event,
        environment,
        case event
            when 'deployment_status' then
                'deployment:' || (deployment ->> '$.id')
                || case when (status ->> '$.state') = 'success' then '' else ':status:' || (status ->> '$.id') end
            when 'deployment' then 'deployment:' || (deployment ->> '$.id') || ':created'
            when 'release' then
                'release:' || (release ->> '$.id')
                || case when action in ('deleted', 'unpublished') then ':' || action else '' end
            when 'workflow_run' then
                'workflow_run:' || (run ->> '$.id') || ':' || coalesce(run ->> '$.run_attempt', '1')
                || case when action = 'completed' then '' else ':' || coalesce(action, '') end
            else 'other:' || sha256(record)
        end as change_id,
        case event
            when 'deployment_status' then status ->> '$.created_at'
            when 'deployment' then deployment ->> '$.created_at'
            when 'release' then coalesce(release ->> '$.published_at', release ->> '$.created_at')
            when 'workflow_run' then run ->> '$.updated_at'
        end as told_at,
        case event
            when 'deployment_status' then
                (status ->> '$.state') = 'success' and ($environment = '' or environment = $environment)
            when 'release' then (release ->> '$.published_at') is not null and action not in ('deleted', 'unpublished')
            when 'workflow_run' then
                action = 'completed' and (run ->> '$.conclusion') = 'success' and workflow = $deploy_workflow
            else false
        end as is_effective,
        case event
            when 'deployment_status' then deployment ->> '$.sha'
            when 'release' then release ->> '$.tag_name'
            when 'workflow_run' then run ->> '$.head_sha'
        end as version,
        case
            when event = 'deployment_status' and (deployment ->> '$.task') like '%rollback%' then 'rollback'
            when event = 'release' and (release ->> '$.prerelease') = 'true' then 'prerelease'
            else 'release'
        end as kind,
        case event
            when 'deployment_status' then coalesce(nullif(status ->> '$.description', ''), deployment ->> '$.description')
            when 'release' then coalesce(nullif(release ->> '$.name', ''), release ->> '$.body')
            when 'workflow_run' then run ->> '$.display_title'
        end as description
    from told
)

select
    file_id,
    position,
    change_id as record_key,
    try_cast(told_at as timestamptz) as version_at,
    case
        when event <> 'other' and told_at is null then 'the time of the event is missing'
        when event <> 'other' and try_cast(told_at as timestamptz) is null then 'the time of the event is no time'
        when event <> 'other' and not regexp_matches(told_at, '(Z|[+-][0-9]{2}:?[0-9]{2})$') then 'the time of the event has no zone'
    end as fault,
    list_filter(
        [
            {
                'release_id': change_id,
                'released_at': case when is_effective then try_cast(told_at as timestamptz) end,
                'component': repository,
                'version': version,
                'kind': kind,
                'description': description,
                'environment': environment
            }
        ],
        lambda c: c.released_at is not null
    ) as releases
from changes
order by file_id, position
