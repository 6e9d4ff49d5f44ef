-- title      = "Interactions with a fallback"
-- subject    = "AI handling"
-- question   = "How many customers did the AI fail to understand?"
-- definition = "Share of interactions with an AI in which it did not understand at least once; five times in a row, on one question, stands apart."
-- formula    = "with AI and at least {min_in_row} fallback(s) in a row ÷ with AI, known whether it understood"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["out_dialogues", "out_repeats"]
-- params     = { min_in_row = 1 }
-- notes      = """
-- A fallback is a turn in which the AI did not understand, or was too unsure. Fallbacks with nothing understood between them are on one question."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "out_dialogues.n_ai_turns" = "no source says whether an AI understood"
--
-- [variants]
-- fallback_5_in_row = { min_in_row = 5, title = "Interactions with five fallbacks on one question" }
--
-- [example.given]
-- out_dialogues = '''
--   interaction_id | occurred_on | n_ai_turns | n_fallbacks | n_fallbacks_in_row
--   a              | 2025-03-03  | 4          | 1           | 1
--   b              | 2025-03-03  | 3          | 0           | 0
--   c              | 2025-03-03  |            |             |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 0   | 1   | not known whether the AI understood
-- '''

select
    d.interaction_id as unit_id,
    d.occurred_on,
    coalesce(r.customer_or_interaction, d.interaction_id) as cluster_id,
    case when d.n_fallbacks_in_row >= $min_in_row then 1 else 0 end as num,
    1 as den,
    case when d.n_ai_turns is null then 'not known whether the AI understood' end as excluded
from out_dialogues as d
left join out_repeats as r on r.interaction_id = d.interaction_id
order by d.interaction_id
