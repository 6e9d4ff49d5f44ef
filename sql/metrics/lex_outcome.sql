-- title      = "Successful conversations (Amazon Lex)"
-- subject    = "Vendors' figures"
-- question   = "What would the bot's own analytics say about how conversations ended?"
-- definition = "As Lex Analytics counts conversations: success where the last intent was fulfilled and closed; failed where it failed or the bot fell back; dropped where the customer did not answer before either. A bot that closes its intent by passing the customer on has a success."
-- formula    = "conversations that ended as {counted} ÷ conversations of which the bot's states are known"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "core_events", "core_legs", "out_repeats"]
-- by         = ["outcome"]
-- params     = { counted = "success" }
-- notes      = """
-- Source: Amazon Lex V2 developer guide, "Key definitions" of its analytics (Intents, Conversations). Where the Connect data lake tells the outcome of a conversation, that is taken; else it is concluded from the last utterance in the conversation log: Fulfilled or ReadyForFulfillment with Close is a success, Failed with Close or the fallback intent a failure. Of several conversations with a bot in one interaction the last one counts."""
--
-- [needs]
-- "events.result" = "no source gives the states of a bot's intents"
--
-- [variants]
-- lex_failed = { counted = "failed", title = "Failed conversations (Amazon Lex)" }
-- lex_dropped = { counted = "dropped", title = "Dropped conversations (Amazon Lex)" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | excluded_as
--   a              | 2025-03-03  |
--   b              | 2025-03-03  |
--   c              | 2025-03-03  |
--   d              | 2025-03-03  |
--   e              | 2025-03-03  |
--   f              | 2025-03-03  |
--   g              | 2025-03-03  | test
--   h              | 2025-03-03  |
--   i              | 2025-03-03  |
-- '''
-- core_legs = '''
--   leg_id | root_id
--   a      |
--   a2     | a
--   b      |
--   c      |
--   d      |
--   e      |
--   f      |
--   g      |
--   h      |
--   i      |
-- '''
-- core_events = '''
--   event_id | leg_id | event_at               | kind | name                  | result              | detail         | is_test
--   1        | a      | 2025-03-03 10:00:00+00 | bot  | Balance               | InProgress          | ElicitSlot pin |
--   2        | a2     | 2025-03-03 10:01:00+00 | bot  | Balance               | ReadyForFulfillment | Close          |
--   3        | b      | 2025-03-03 10:00:00+00 | bot  | Balance               | Fulfilled           | ElicitIntent   |
--   4        | c      | 2025-03-03 10:00:00+00 | bot  | Balance               | Failed              | Close          |
--   5        | d      | 2025-03-03 10:00:00+00 | bot  | AMAZON.FallbackIntent | ReadyForFulfillment | Close          |
--   6        | e      | 2025-03-03 10:00:00+00 | bot  | Balance               | Fulfilled           | Close          |
--   7        | e      | 2025-03-03 09:59:00+00 | bot  | conversation          | Failure             |                |
--   8        | f      | 2025-03-03 10:00:00+00 | bot  | Balance               | Switched            |                |
--   9        | g      | 2025-03-03 10:00:00+00 | bot  | Balance               | Fulfilled           | Close          |
--   10       | h      | 2025-03-03 10:00:00+00 | bot  | Balance               | Fulfilled           | Close          | true
--   11       | i      | 2025-03-03 10:00:00+00 | bot  | Balance               | Failed              | ElicitIntent   |
-- '''
-- [example]
-- expect = '''
--   unit_id | outcome | num | den | excluded
--   a       | success | 1   | 1   |
--   b       | dropped | 0   | 1   |
--   c       | failed  | 0   | 1   |
--   d       | failed  | 0   | 1   |
--   e       | failed  | 0   | 1   |
--   f       | dropped | 0   | 1   |
--   i       | dropped | 0   | 1   |
-- '''

with

bot_states as (  -- what a bot said of itself, the lake's word on a whole conversation before single states, the last one first
    select
        coalesce(l.root_id, l.leg_id) as interaction_id,
        case
            when e.name in ('FallbackIntent', 'AMAZON.FallbackIntent') then 'failed'
            when e.result = 'Success' or (e.result in ('Fulfilled', 'ReadyForFulfillment') and e.detail = 'Close') then 'success'
            when e.result = 'Failure' or (e.result = 'Failed' and coalesce(e.detail, '') not like 'Elicit%') then 'failed'
            else 'dropped'
        end as outcome,
        row_number() over (
            partition by coalesce(l.root_id, l.leg_id)
            order by
                case when e.name = 'conversation' then 0 else 1 end, e.event_at desc, coalesce(e.event_seq, 0) desc, e.event_id desc
        ) as state_no
    from core_events as e
    join core_legs as l on l.leg_id = e.leg_id
    where
        e.kind = 'bot'
        and not coalesce(e.is_test, false)
        and e.result in (
            'Fulfilled', 'ReadyForFulfillment', 'Failed', 'InProgress', 'FulfillmentInProgress', 'Waiting', 'Success', 'Failure',
            'Dropped', 'Switched'
        )
)

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    s.outcome,
    case when s.outcome = $counted then 1 else 0 end as num,
    1 as den,
    cast(null as varchar) as excluded
from bot_states as s
join core_interactions as i on i.interaction_id = s.interaction_id
left join out_repeats as r on r.interaction_id = i.interaction_id
where s.state_no = 1 and i.excluded_as is null
order by i.interaction_id
