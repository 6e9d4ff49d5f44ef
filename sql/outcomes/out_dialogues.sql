-- title      = "Dialogues"
-- definition = "How the AI got on in each interaction with an AI: whether it went round in a loop, and how often it did not understand."
-- version    = 1
-- grain      = "one customer interaction in which an AI gave a substantive reply"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_interactions", "core_legs", "core_turns", "core_events"]
-- params     = { min_prompts = 3, same_percent = 80, min_returns = 2, low_confidence = 0.4, most_wordings = 100, most_letters = 1000 }
-- notes      = """
-- Two prompts are near-identical if, of all words that stand in either, same_percent of a hundred stand in both; case, digits, punctuation
-- and the order of words do not count. In writing without spaces a sentence is one word: there only the same prompt is near-identical.
-- Of a prompt the first most_letters characters are read. Of an interaction with more than most_wordings different prompts only the
-- most frequent are compared with each other: a loop that is found among them is one, but without one nobody knows.
-- A prompt loop: min_prompts prompts near-identical to one of them. A state is what the AI understood and what it did next (events of
-- kind bot); a return is the same state again after another one, with nothing new since it was last there: no state for the first
-- time, and no slot (events of kind slot) for the first time. A state loop: min_returns returns. To stay in a state is no return:
-- a form asks for one thing after the other there.
-- An AI turn is an event of kind bot that says whether the AI understood; where a source logs intents or sessions only, each is a turn.
-- Fallbacks in a row, with nothing understood between them, are fallbacks on one question."""
--
-- [columns]
-- interaction_id     = ["VARCHAR", "the interaction"]
-- occurred_on        = ["DATE", "local date of its start"]
-- n_prompts          = ["BIGINT", "prompts of the AI with words; empty: its words did not arrive", "true"]
-- n_same_prompts     = ["BIGINT", "the most prompts that are near-identical to one of them, itself included; at least so many if not all were compared"]
-- is_all_compared    = ["BOOLEAN", "false: it has more different prompts than are compared; empty: the AI's words did not arrive"]
-- n_states           = ["BIGINT", "states, as often as the AI came to one; empty: none arrived", "true"]
-- n_returns          = ["BIGINT", "returns to a state with nothing new"]
-- is_loop            = ["BOOLEAN", "it went round in prompts or in states; empty: neither arrived, or none was found and not all prompts were compared", "true"]
-- looped_in          = ["VARCHAR", "prompts, states or both; empty: no loop"]
-- n_ai_turns         = ["BIGINT", "AI turns of which is known whether the AI understood; empty: none arrived", "true"]
-- n_no_match         = ["BIGINT", "AI turns in which it did not understand"]
-- n_low_confidence   = ["BIGINT", "AI turns in which it understood with a confidence below low_confidence"]
-- n_fallbacks        = ["BIGINT", "both together"]
-- n_fallbacks_in_row = ["BIGINT", "the most fallbacks in a row"]
--
-- [example.params]
-- most_wordings = 3
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | has_ai | excluded_as
--   same           | 2025-03-03  | true   |
--   alike          | 2025-03-03  | true   |
--   unlike         | 2025-03-03  | true   |
--   round          | 2025-03-03  | true   |
--   onward         | 2025-03-03  | true   |
--   stay           | 2025-03-03  | true   |
--   lost           | 2025-03-03  | true   |
--   quiet          | 2025-03-03  | true   |
--   human          | 2025-03-03  | false  |
--   test           | 2025-03-03  | true   | test
--   many           | 2025-03-03  | true   |
--   many_same      | 2025-03-03  | true   |
-- '''
-- core_legs = '''
--   leg_id  | root_id
--   same    |
--   alike   |
--   unlike  |
--   unlike2 | unlike
--   round   |
--   onward  |
--   stay    |
--   lost    |
--   quiet   |
--   human   |
--   test    |
--   many    |
--   many_same |
-- '''
-- core_turns = '''
--   turn_id | leg_id  | speaker  | content
--   1       | same    | bot      | Which card ends in 4321?
--   2       | same    | bot      | which card  ends in 8765
--   3       | same    | customer | Which card ends in
--   4       | same    | bot      | Ends in which CARD?!
--   5       | alike   | bot      | one two three four
--   6       | alike   | bot      | one two three four five
--   7       | alike   | bot      | two three four one
--   8       | unlike  | bot      | one two three
--   9       | unlike2 | bot      | one two three four
--   10      | unlike  | bot      | one two three
--   11      | unlike  | bot      | 42
--   12      | test    | bot      | one
--   13      | human   | bot      | one
--   14      | many    | bot      | alpha
--   15      | many    | bot      | beta
--   16      | many    | bot      | gamma
--   17      | many    | bot      | delta
--   18      | many    | bot      | delta!
--   19      | many_same | bot    | alpha
--   20      | many_same | bot    | beta
--   21      | many_same | bot    | gamma
--   22      | many_same | bot    | delta
--   23      | many_same | bot    | Delta
--   24      | many_same | bot    | delta
-- '''
-- core_events = '''
--   event_id | leg_id | event_at               | event_seq | kind | name     | detail | confidence | is_no_match
--   1        | round  | 2025-03-03 10:00:00+00 |           | bot  | balance  |        | 0.4        | false
--   2        | round  | 2025-03-03 10:00:01+00 |           | bot  | transfer |        |            | false
--   3        | round  | 2025-03-03 10:00:02+00 |           | bot  | balance  |        |            | false
--   4        | round  | 2025-03-03 10:00:03+00 |           | bot  | transfer |        |            | false
--   5        | round  | 2025-03-03 10:00:04+00 |           | bot  | balance  |        |            | false
--   6        | onward | 2025-03-03 10:00:00+00 | 1         | bot  | balance  |        |            | false
--   7        | onward | 2025-03-03 10:00:00+00 | 2         | bot  | transfer |        |            | false
--   8        | onward | 2025-03-03 10:00:00+00 | 3         | bot  | balance  |        |            | false
--   9        | onward | 2025-03-03 10:00:00+00 | 4         | bot  | transfer |        |            | false
--   10       | onward | 2025-03-03 10:00:00+00 | 5         | slot | amount   |        |            |
--   11       | onward | 2025-03-03 10:00:00+00 | 6         | bot  | balance  |        |            | false
--   12       | stay   | 2025-03-03 10:00:00+00 | 1         | bot  | form     |        |            | false
--   13       | stay   | 2025-03-03 10:00:00+00 | 2         | bot  | form     |        |            | false
--   14       | stay   | 2025-03-03 10:00:00+00 | 3         | bot  | form     |        |            | false
--   15       | lost   | 2025-03-03 10:00:00+00 |           | bot  | Fallback |        |            | true
--   16       | lost   | 2025-03-03 10:00:01+00 |           | bot  | balance  |        | 0.3999     | false
--   17       | lost   | 2025-03-03 10:00:02+00 |           | bot  | balance  |        | 0.4        | false
--   18       | lost   | 2025-03-03 10:00:03+00 |           | bot  | Fallback |        | 0.1        | true
--   19       | quiet  | 2025-03-03 10:00:00+00 |           | tool | lookup   |        |            |
--   20       | quiet  | 2025-03-03 10:00:00+00 |           | bot  | chat     |        |            |
-- '''
-- [example]
-- expect = '''
--   interaction_id | n_prompts | n_same_prompts | is_all_compared | n_states | n_returns | is_loop | looped_in | n_ai_turns | n_no_match | n_low_confidence | n_fallbacks_in_row
--   alike          | 3         | 3              | true            |          |           | true    | prompts   |            |            |                  |
--   lost           |           |                |                 | 2        | 0         | false   |           | 4          | 2          | 1                | 2
--   many           | 5         | 2              | false           |          |           |         |           |            |            |                  |
--   many_same      | 6         | 3              | false           |          |           | true    | prompts   |            |            |                  |
--   onward         |           |                |                 | 5        | 1         | false   |           | 5          | 0          | 0                | 0
--   quiet          |           |                |                 |          |           |         |           |            |            |                  |
--   round          |           |                |                 | 5        | 2         | true    | states    | 5          | 0          | 0                | 0
--   same           | 3         | 3              | true            |          |           | true    | prompts   |            |            |                  |
--   stay           |           |                |                 | 3        | 0         | false   |           | 3          | 0          | 0                | 0
--   unlike         | 3         | 2              | true            |          |           | false   |           |            |            |                  |
-- '''

with

ai_interactions as (
    select interaction_id, occurred_on
    from core_interactions
    where has_ai and excluded_as is null
),

ai_legs as (
    select l.leg_id, i.interaction_id
    from core_legs as l
    join ai_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
),

wordings as (  -- what the AI said, letters only, and how often
    select
        l.interaction_id,
        trim(regexp_replace(lower(left(t.content, $most_letters)), '[^\p{L}\p{M}]+', ' ', 'g')) as wording,
        count(*) as n
    from core_turns as t
    join ai_legs as l on l.leg_id = t.leg_id
    where t.speaker = 'bot' and t.content is not null and not coalesce(t.is_test, false)
    group by l.interaction_id, trim(regexp_replace(lower(left(t.content, $most_letters)), '[^\p{L}\p{M}]+', ' ', 'g'))
),

prompts as (  -- those that say something, the most frequent first
    select
        interaction_id,
        wording,
        n,
        row_number() over (partition by interaction_id order by n desc, wording) as wording_no
    from wordings
    where wording <> ''
),

compared as (  -- the same as sets of words; each is compared with each, so there may not be any number of them
    select interaction_id, wording, n, words, array_length(words) as n_words
    from (
        select interaction_id, wording, n, array_distinct(string_split(wording, ' ')) as words
        from prompts
        where wording_no <= $most_wordings
    ) as p
),

compared_prompts as (  -- each with each of its interaction, itself included, that is long enough to be near-identical
    select
        a.interaction_id,
        a.wording,
        b.n,
        array_length(array_intersect(a.words, b.words)) as n_shared,
        a.n_words + b.n_words as n_both
    from compared as a
    join compared as b on b.interaction_id = a.interaction_id
    where 100 * least(a.n_words, b.n_words) >= $same_percent * greatest(a.n_words, b.n_words)
),

alike_prompts as (  -- how many are near-identical to each
    select interaction_id, wording, sum(n)::bigint as n_same
    from compared_prompts
    where 100 * n_shared >= $same_percent * (n_both - n_shared)
    group by interaction_id, wording
),

prompt_counts as (
    select p.interaction_id, p.n_prompts, a.n_same_prompts, p.n_wordings <= $most_wordings as is_all_compared
    from (select interaction_id, sum(n)::bigint as n_prompts, count(*) as n_wordings from prompts group by interaction_id) as p
    join (select interaction_id, max(n_same) as n_same_prompts from alike_prompts group by interaction_id) as a
        on a.interaction_id = p.interaction_id
),

steps as (  -- the AI's turns and what it obtained, in order
    select
        l.interaction_id,
        e.kind,
        concat_ws(' ', e.name, e.detail) as state,
        e.kind = 'bot' and not e.is_no_match and e.name is not null as is_state,
        coalesce(e.is_no_match, false) as is_no_match,
        not e.is_no_match and coalesce(e.confidence < $low_confidence, false) as is_low_confidence,
        row_number() over (partition by l.interaction_id order by e.event_at, e.event_seq nulls last, e.source, e.event_id) as step_no
    from core_events as e
    join ai_legs as l on l.leg_id = e.leg_id
    where ((e.kind = 'bot' and e.is_no_match is not null) or e.kind = 'slot') and not coalesce(e.is_test, false)
),

numbered_steps as (  -- whether a state or a slot is there for the first time; fallbacks do not make states
    select
        interaction_id,
        kind,
        state,
        is_state,
        step_no,
        is_no_match or is_low_confidence as is_fallback,
        case
            when (is_state or kind = 'slot')
                and row_number() over (partition by interaction_id, kind, is_state, state order by step_no) = 1 then 1
            else 0
        end as is_new
    from steps
),

counted_steps as (
    select
        *,
        sum(is_new) over (partition by interaction_id order by step_no rows between unbounded preceding and current row) as n_new,
        sum(case when is_state then 1 else 0 end) over (
            partition by interaction_id order by step_no rows between unbounded preceding and current row
        ) as state_no,
        sum(case when kind = 'bot' and not is_fallback then 1 else 0 end) over (
            partition by interaction_id order by step_no rows between unbounded preceding and current row
        ) as n_understood
    from numbered_steps
),

visits as (  -- each coming to a state, with the one before to the same
    select
        interaction_id,
        n_new,
        state_no,
        lag(n_new) over (partition by interaction_id, state order by step_no) as last_n_new,
        lag(state_no) over (partition by interaction_id, state order by step_no) as last_state_no
    from counted_steps
    where is_state
),

state_counts as (
    select
        interaction_id,
        count(*) as n_states,
        count(*) filter (where last_n_new = n_new and last_state_no < state_no - 1) as n_returns
    from visits
    group by interaction_id
),

rows_of_fallbacks as (  -- fallbacks with nothing understood between them
    select interaction_id, n_understood, count(*) as n
    from counted_steps
    where kind = 'bot' and is_fallback
    group by interaction_id, n_understood
),

turn_counts as (
    select
        interaction_id,
        count(*) as n_ai_turns,
        count(*) filter (where is_no_match) as n_no_match,
        count(*) filter (where is_low_confidence) as n_low_confidence
    from steps
    where kind = 'bot'
    group by interaction_id
),

judged_dialogues as (
    select
        i.interaction_id,
        i.occurred_on,
        p.n_prompts,
        p.n_same_prompts,
        p.is_all_compared,
        s.n_states,
        s.n_returns,
        p.n_same_prompts >= $min_prompts as is_prompt_loop,
        s.n_returns >= $min_returns as is_state_loop,
        t.n_ai_turns,
        t.n_no_match,
        t.n_low_confidence,
        case when t.n_ai_turns is not null then coalesce(r.n_fallbacks_in_row, 0) end as n_fallbacks_in_row
    from ai_interactions as i
    left join prompt_counts as p on p.interaction_id = i.interaction_id
    left join state_counts as s on s.interaction_id = i.interaction_id
    left join turn_counts as t on t.interaction_id = i.interaction_id
    left join (select interaction_id, max(n) as n_fallbacks_in_row from rows_of_fallbacks group by interaction_id) as r
        on r.interaction_id = i.interaction_id
)

select
    interaction_id,
    occurred_on,
    n_prompts,
    n_same_prompts,
    is_all_compared,
    n_states,
    n_returns,
    case
        when is_prompt_loop or is_state_loop then true
        when not is_all_compared then null
        when is_prompt_loop is not null or is_state_loop is not null then false
    end as is_loop,
    case
        when is_prompt_loop and is_state_loop then 'both'
        when is_prompt_loop then 'prompts'
        when is_state_loop then 'states'
    end as looped_in,
    n_ai_turns,
    n_no_match,
    n_low_confidence,
    n_no_match + n_low_confidence as n_fallbacks,
    n_fallbacks_in_row
from judged_dialogues
order by interaction_id
