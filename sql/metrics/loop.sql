-- title      = "Loop rate"
-- subject    = "AI handling"
-- question   = "How often did the AI go round in circles?"
-- definition = "Share of interactions with an AI in which it said nearly the same thing three times, or came back to the same point twice with nothing new."
-- formula    = "with AI and a loop ÷ with AI, its words or its states known"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_dialogues", "out_repeats"]
-- by         = ["looped_in"]
-- params     = { evidence = "any", ending = "any" }
-- notes      = """
-- What is near-identical, a state and a return stands with the table out_dialogues. looped_in says which of the two it was.
-- A loop then a disconnect: no person answered, no ticket and no callback was left, and nothing says that the matter was solved.
-- An interaction of which neither the AI's words nor its states arrived is left out, because nobody knows; so is one without a loop
-- that has more different prompts than are compared."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "out_dialogues.is_loop when evidence = any" = "no source gives the words or the states of an AI"
-- "out_dialogues.n_prompts when evidence = prompts" = "no source gives the words of an AI"
-- "out_dialogues.n_states when evidence = states" = "no source gives the states of an AI"
--
-- [for_full]
-- "out_dialogues.n_prompts when evidence = any" = "the words of the AI are not there: loops in states only"
-- "out_dialogues.n_states when evidence = any" = "the states of the AI are not there: loops in prompts only"
--
-- [variants]
-- loop_prompts = { evidence = "prompts", title = "Loop rate, repeated prompts" }
-- loop_states = { evidence = "states", title = "Loop rate, returns with nothing new" }
-- loop_then_disconnect = { ending = "disconnect", title = "Loop, then disconnect" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | is_answered | is_callback | ticket_id | is_goal_completed | is_confirmed
--   a              | chat    | false       | false       |           | false             | false
--   b              | chat    | true        | false       |           | false             | false
--   c              | chat    | false       | false       |           | false             | false
--   d              | chat    | false       | false       |           | false             | false
--   e              | chat    | false       | false       |           | false             | false
--   f              | chat    | false       | false       |           | false             | false
-- '''
-- out_dialogues = '''
--   interaction_id | occurred_on | n_prompts | n_same_prompts | is_all_compared | n_states | n_returns | is_loop | looped_in
--   a              | 2025-03-03  | 4         | 3              | true            |          |           | true    | prompts
--   b              | 2025-03-03  | 4         | 2              | true            | 5        | 2         | true    | states
--   c              | 2025-03-03  | 4         | 2              | true            | 3        | 1         | false   |
--   d              | 2025-03-03  |           |                |                 |          |           |         |
--   e              | 2025-03-03  | 900       | 2              | false           | 3        | 0         |         |
--   f              | 2025-03-03  | 900       | 3              | false           |          |           | true    | prompts
-- '''
-- [example]
-- expect = '''
--   unit_id | looped_in | num | den | excluded
--   a       | prompts   | 1   | 1   |
--   b       | states    | 1   | 1   |
--   c       |           | 0   | 1   |
--   d       |           | 0   | 1   | words and states of the AI not known
--   e       |           | 0   | 1   | more different prompts than are compared
--   f       | prompts   | 1   | 1   |
-- '''

select
    d.interaction_id as unit_id,
    d.occurred_on,
    coalesce(r.customer_or_interaction, d.interaction_id) as cluster_id,
    d.looped_in,
    case
        when $evidence = 'prompts' and not coalesce(d.looped_in in ('prompts', 'both'), false) then 0
        when $evidence = 'states' and not coalesce(d.looped_in in ('states', 'both'), false) then 0
        when not coalesce(d.is_loop, false) then 0
        when $ending = 'disconnect' and (
            i.is_answered or i.is_callback or i.ticket_id is not null
            or coalesce(i.is_goal_completed, false) or coalesce(i.is_confirmed, false)
        ) then 0
        else 1
    end as num,
    1 as den,
    case
        when $evidence = 'prompts' and d.n_prompts is null then 'words of the AI not known'
        when $evidence = 'states' and d.n_states is null then 'states of the AI not known'
        when $evidence = 'states' then null
        when not d.is_all_compared and (d.is_loop is null or ($evidence = 'prompts' and d.looped_in = 'states'))
            then 'more different prompts than are compared'
        when d.is_loop is null then 'words and states of the AI not known'
    end as excluded
from out_dialogues as d
join core_interactions as i on i.interaction_id = d.interaction_id
left join out_repeats as r on r.interaction_id = d.interaction_id
order by d.interaction_id
