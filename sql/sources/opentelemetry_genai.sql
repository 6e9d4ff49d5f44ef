-- title      = "OpenTelemetry GenAI spans"
-- definition = "Traces of AI agents as OTLP JSON, one export object per record: calls of models and tools, retrievals, errors and, if captured, what was said."
-- version    = 1
-- system     = "OpenTelemetry"
-- framing    = "json"
-- fills      = ["events", "turns", "knowledge_searches"]
-- notes      = '''
--   A record is one export of a collector. Its spans with gen_ai.operation.name are read; others, logs and metrics give nothing.
--   A conversation is spread over many exports, so spans give no legs: conversation_attribute names the attribute that holds the id of
--   the leg that another source gives. A span without it takes it from another span of its trace in the same export.
--   Every call of a model is sent all that was said before: a turn is only the last message, if it is the customer's, and the
--   answer's text. Messages must be captured as JSON text; one that was cut off is no turn.
--   No attribute says that the AI handed over: handoff_tool names the tool whose call means that, and the event is an outcome.
--   Nothing says whether the customer was helped. Older names (gen_ai.system, prompt_tokens, completion_tokens) are known.
--   environment limits what is read to one deployment.environment.name of the resource; tests elsewhere are no customers.
-- '''
--
-- [types]
-- "resourceSpans[].scopeSpans[].spans[].startTimeUnixNano" = "number"
-- "resourceSpans[].scopeSpans[].spans[].endTimeUnixNano" = "number"
--
-- [params]
-- conversation_attribute = "gen_ai.conversation.id"
-- handoff_tool           = ""
-- environment            = ""
--
-- [example]
-- expect = '''
--   leg_id | event_at                         | kind  | name        | result     | duration_ms | is_error | detail      | model | n_input_tokens
--   c1     | 2025-03-03 09:00:00+00:00        | bot   | chat        | tool_calls | 1500        | false    |             | m-1   | 120
--   c1     | 2025-03-03 09:00:01.500000+00:00 | tool  | get_balance | error      | 250         | true     | TimeoutError |      |
--   c1     | 2025-03-03 09:00:01.600000+00:00 | error | Timeout     |            |             | true     | no answer   |       |
-- '''
--
-- [example.given]
-- records = '''
--   file_id | position | record
--   f       | 1        | {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"t","spanId":"1","name":"chat m-1","startTimeUnixNano":"1740992400000000000","endTimeUnixNano":"1740992401500000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.conversation.id","value":{"stringValue":"c1"}},{"key":"gen_ai.response.model","value":{"stringValue":"m-1"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"120"}},{"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[{"stringValue":"tool_calls"}]}}}]},{"traceId":"t","spanId":"2","name":"execute_tool get_balance","startTimeUnixNano":"1740992401500000000","endTimeUnixNano":"1740992401750000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"get_balance"}},{"key":"error.type","value":{"stringValue":"TimeoutError"}}],"status":{"code":2},"events":[{"timeUnixNano":"1740992401600000000","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"Timeout"}},{"key":"exception.message","value":{"stringValue":"no answer"}}]}]},{"traceId":"t","spanId":"3","name":"GET /","startTimeUnixNano":"1740992401500000000","endTimeUnixNano":"1740992401750000000"}]}]}]}
--   f       | 2        | {"resourceMetrics":[]}
--   f       | 3        | {"spans":[]}
-- '''

with

exports as (  -- one row per export, with its resources that count
    select
        file_id,
        position,
        'export:' || substr(sha256(record), 1, 32) as export_id,
        coalesce(json_type(record, '$.resourceSpans'), json_type(record, '$.resourceLogs'), json_type(record, '$.resourceMetrics'))
            = 'ARRAY' as is_export,
        list_filter(
            json_extract(record, '$.resourceSpans[*]'),
            lambda r: $environment = '' or array_length(list_filter(
                json_extract(r, '$.resource.attributes[*]'),
                lambda a: (a ->> '$.key') in ('deployment.environment.name', 'deployment.environment')
                    and (a ->> '$.value.stringValue') = $environment
            )) > 0
        ) as resources
    from records
),

spans as (  -- the same exports with every span of every resource in one list
    select
        file_id,
        position,
        export_id,
        is_export,
        list_transform(
            flatten(flatten(list_transform(
                resources,
                lambda r: list_transform(
                    json_extract(r, '$.scopeSpans[*]'), lambda s: json_extract(s, '$.spans[*]')
                )
            ))),
            lambda s: {
                'span': s,
                'attributes': json_extract(s, '$.attributes[*]'),
                'trace_id': s ->> '$.traceId',
                'span_id': (s ->> '$.traceId') || ':' || (s ->> '$.spanId'),
                'start_ns': try_cast(s ->> '$.startTimeUnixNano' as bigint),
                'end_ns': try_cast(s ->> '$.endTimeUnixNano' as bigint)
            }
        ) as all_spans
    from exports
),

traces as (  -- the same exports with the conversation of every trace that names one
    select
        *,
        list_filter(
            list_transform(
                all_spans,
                lambda s: {
                    'trace_id': s.trace_id,
                    'conversation_id': nullif(list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = $conversation_attribute
                    )[1] ->> '$.value.stringValue', '')
                }
            ),
            lambda t: t.conversation_id is not null
        ) as conversations
    from spans
),

told as (  -- the same exports with the spans that tell of an AI, their attributes as columns
    select
        file_id,
        position,
        export_id,
        is_export,
        list_filter(
            list_transform(
                all_spans,
                lambda s: {
                    'span': s.span,
                    'span_id': s.span_id,
                    'start_ns': s.start_ns,
                    'end_ns': s.end_ns,
                    'leg_id': coalesce(
                        nullif(list_filter(
                            s.attributes, lambda a: (a ->> '$.key') = $conversation_attribute
                        )[1] ->> '$.value.stringValue', ''),
                        list_filter(conversations, lambda t: t.trace_id = s.trace_id)[1].conversation_id
                    ),
                    'operation': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.operation.name'
                    )[1] ->> '$.value.stringValue',
                    'tool': list_filter(s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.tool.name')[1] ->> '$.value.stringValue',
                    'agent': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.agent.name'
                    )[1] ->> '$.value.stringValue',
                    'agent_version': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.agent.version'
                    )[1] ->> '$.value.stringValue',
                    'model': coalesce(
                        list_filter(
                            s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.response.model'
                        )[1] ->> '$.value.stringValue',
                        list_filter(s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.request.model')[1] ->> '$.value.stringValue'
                    ),
                    'n_input_tokens': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') in ('gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens')
                    )[1] ->> '$.value.intValue',
                    'n_output_tokens': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') in ('gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens')
                    )[1] ->> '$.value.intValue',
                    'finish_reason': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.response.finish_reasons'
                    )[1] ->> '$.value.arrayValue.values[0].stringValue',
                    'error_type': list_filter(s.attributes, lambda a: (a ->> '$.key') = 'error.type')[1] ->> '$.value.stringValue',
                    'is_error': (s.span ->> '$.status.code') in ('2', 'STATUS_CODE_ERROR')
                        or array_length(list_filter(s.attributes, lambda a: (a ->> '$.key') = 'error.type')) > 0,
                    'query': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.retrieval.query.text'
                    )[1] ->> '$.value.stringValue',
                    'documents': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.retrieval.documents'
                    )[1] ->> '$.value.stringValue',
                    'input': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.input.messages'
                    )[1] ->> '$.value.stringValue',
                    'output': list_filter(
                        s.attributes, lambda a: (a ->> '$.key') = 'gen_ai.output.messages'
                    )[1] ->> '$.value.stringValue'
                }
            ),
            lambda s: s.operation is not null
        ) as ai_spans
    from traces
),

said as (  -- the same exports with the last message of each call of a model, and its answer
    select
        file_id,
        position,
        export_id,
        is_export,
        ai_spans,
        flatten(list_transform(
            list_filter(ai_spans, lambda s: s.leg_id is not null and s.operation in ('chat', 'generate_content', 'text_completion')),
            lambda s: [
                {
                    'turn_id': s.span_id || ':in',
                    'leg_id': s.leg_id,
                    'speaker': 'customer',
                    'occurred_ns': s.start_ns,
                    'message': list_last(json_extract(case when json_valid(s.input) then s.input end, '$[*]')),
                    'role': 'user'
                },
                {
                    'turn_id': s.span_id || ':out',
                    'leg_id': s.leg_id,
                    'speaker': 'bot',
                    'occurred_ns': s.end_ns,
                    'message': list_last(json_extract(case when json_valid(s.output) then s.output end, '$[*]')),
                    'role': 'assistant'
                }
            ]
        )) as messages
    from told
)

select
    file_id,
    position,
    export_id as record_key,
    try_cast(null as timestamptz) as version_at,
    case when not coalesce(is_export, false) then 'resourceSpans is missing' end as fault,
    list_concat(
        list_transform(
            ai_spans,
            lambda s: {
                'event_id': s.span_id,
                'leg_id': s.leg_id,
                'event_at': make_timestamptz(s.start_ns // 1000),
                'event_seq': s.start_ns,
                'kind': case
                    when s.operation = 'execute_tool' and s.tool = $handoff_tool then 'outcome'
                    when s.operation = 'execute_tool' then 'tool'
                    when s.operation in ('retrieval', 'embeddings') then 'knowledge'
                    else 'bot'
                end,
                'name': case when s.operation = 'execute_tool' then s.tool else s.operation end,
                'result': case
                    when s.is_error then 'error'
                    when s.operation = 'execute_tool' and s.tool = $handoff_tool then 'escalated'
                    else coalesce(s.finish_reason, 'ok')
                end,
                'duration_ms': (s.end_ns - s.start_ns) // 1000000,
                'is_error': coalesce(s.is_error, false),
                'detail': coalesce(nullif(s.span ->> '$.status.message', ''), s.error_type),
                'ai_agent': s.agent,
                'ai_agent_version': s.agent_version,
                'model': s.model,
                'n_input_tokens': s.n_input_tokens,
                'n_output_tokens': s.n_output_tokens
            }
        ),
        flatten(list_transform(
            ai_spans,
            lambda s: list_transform(
                list_filter(json_extract(s.span, '$.events[*]'), lambda e: (e ->> '$.name') = 'exception'),
                lambda e, i: {
                    'event_id': s.span_id || ':exception:' || i,
                    'leg_id': s.leg_id,
                    'event_at': make_timestamptz(try_cast(e ->> '$.timeUnixNano' as bigint) // 1000),
                    'event_seq': try_cast(e ->> '$.timeUnixNano' as bigint),
                    'kind': 'error',
                    'name': list_filter(
                        json_extract(e, '$.attributes[*]'), lambda a: (a ->> '$.key') = 'exception.type'
                    )[1] ->> '$.value.stringValue',
                    'result': try_cast(null as varchar),
                    'duration_ms': try_cast(null as bigint),
                    'is_error': true,
                    'detail': list_filter(
                        json_extract(e, '$.attributes[*]'), lambda a: (a ->> '$.key') = 'exception.message'
                    )[1] ->> '$.value.stringValue',
                    'ai_agent': s.agent,
                    'ai_agent_version': s.agent_version,
                    'model': try_cast(null as varchar),
                    'n_input_tokens': try_cast(null as varchar),
                    'n_output_tokens': try_cast(null as varchar)
                }
            )
        ))
    ) as events,
    list_filter(
        list_transform(
            list_filter(messages, lambda m: (m.message ->> '$.role') = m.role),
            lambda m: {
                'turn_id': m.turn_id,
                'leg_id': m.leg_id,
                'speaker': m.speaker,
                'occurred_at': make_timestamptz(m.occurred_ns // 1000),
                'content': coalesce(
                    nullif(array_to_string(
                        list_transform(
                            list_filter(json_extract(m.message, '$.parts[*]'), lambda p: (p ->> '$.type') = 'text'),
                            lambda p: p ->> '$.content'
                        ),
                        ' '
                    ), ''),
                    nullif(m.message ->> '$.content', '')
                )
            }
        ),
        lambda t: t.content is not null
    ) as turns,
    list_transform(
        list_filter(ai_spans, lambda s: s.operation = 'retrieval'),
        lambda s: {
            'search_id': s.span_id,
            'leg_id': s.leg_id,
            'searched_at': make_timestamptz(s.start_ns // 1000),
            'actor': 'ai',
            'query': s.query,
            'n_results': case
                when json_valid(s.documents) then array_length(json_extract(case when json_valid(s.documents) then s.documents end, '$[*]'))
            end,
            'document_id': case when json_valid(s.documents) then s.documents end ->> '$[0].id'
        }
    ) as knowledge_searches
from said
order by file_id, position
