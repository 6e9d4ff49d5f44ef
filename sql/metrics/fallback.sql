-- title      = "Fallback rate"
-- subject    = "AI handling"
-- question   = "How often did the AI not understand?"
-- definition = "Share of the AI's turns in which it did not understand the customer, or was too unsure."
-- formula    = "AI turns without a match or with low confidence ÷ AI turns"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["out_dialogues", "out_repeats"]
-- params     = { kind = "any" }
-- notes      = """
-- n counts the interactions whose AI turns are known, the denominator their turns. What an AI turn is stands with the table out_dialogues.
-- Platforms set confidence on scales of their own: compare low confidence only within one of them."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "out_dialogues.n_ai_turns" = "no source says whether an AI understood"
--
-- [for_full]
-- "events.confidence when kind = low_confidence" = "no source says how sure the AI was"
--
-- [variants]
-- no_match = { kind = "no_match", title = "No-match rate" }
-- low_confidence = { kind = "low_confidence", title = "Low-confidence rate" }
--
-- [example.given]
-- out_dialogues = '''
--   interaction_id | occurred_on | n_ai_turns | n_no_match | n_low_confidence | n_fallbacks
--   a              | 2025-03-03  | 4          | 2          | 1                | 3
--   b              | 2025-03-03  | 3          | 0          | 0                | 0
--   c              | 2025-03-03  |            |            |                  |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 3   | 4   |
--   b       | 0   | 3   |
--   c       | 0   | 0   | not known whether the AI understood
-- '''

select
    d.interaction_id as unit_id,
    d.occurred_on,
    coalesce(r.customer_or_interaction, d.interaction_id) as cluster_id,
    coalesce(
        case $kind when 'no_match' then d.n_no_match when 'low_confidence' then d.n_low_confidence else d.n_fallbacks end, 0
    ) as num,
    coalesce(d.n_ai_turns, 0) as den,
    case when d.n_ai_turns is null then 'not known whether the AI understood' end as excluded
from out_dialogues as d
left join out_repeats as r on r.interaction_id = d.interaction_id
order by d.interaction_id
