-- title      = "Late handoffs"
-- subject    = "Handoff to people"
-- question   = "Did the AI hand over in time?"
-- definition = "Share of handoffs before which the AI had not understood, or the customer had been negative, at least {min_signals} times together."
-- formula    = "handoffs tried, at least {min_signals} fallbacks and negative turns before ÷ handoffs tried, fallbacks or negative turns known"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "handoff"
-- reads      = ["out_handoffs", "out_repeats"]
-- by         = ["first_trigger", "outcome"]
-- params     = { min_signals = 3 }
-- notes      = """
-- Where only one of the two is known, the other counts as none there: the figure then is the least that it can be."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "out_handoffs.n_fallbacks | out_handoffs.n_negative_turns" = "no source says whether an AI understood, or judges turns"
--
-- [for_full]
-- "out_handoffs.n_fallbacks" = "no source says whether an AI understood: negative turns only"
-- "out_handoffs.n_negative_turns" = "no source judges turns: fallbacks only"
--
-- [example.given]
-- out_handoffs = '''
--   handoff_id | interaction_id | occurred_on | is_tried | n_fallbacks | n_negative_turns
--   a:1        | a              | 2025-03-03  | true     | 2           | 1
--   b:1        | b              | 2025-03-03  | true     | 2           | 0
--   c:1        | c              | 2025-03-03  | true     |             | 3
--   d:1        | d              | 2025-03-03  | true     |             |
--   e:1        | e              | 2025-03-03  | false    | 9           | 9
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a:1     | 1   | 1   |
--   b:1     | 0   | 1   |
--   c:1     | 1   | 1   |
--   d:1     | 0   | 1   | fallbacks and moods not known
-- '''

select
    h.handoff_id as unit_id,
    h.occurred_on,
    coalesce(r.customer_or_interaction, h.interaction_id) as cluster_id,
    h.first_trigger, h.outcome,
    case when coalesce(h.n_fallbacks, 0) + coalesce(h.n_negative_turns, 0) >= $min_signals then 1 else 0 end as num,
    1 as den,
    case when h.n_fallbacks is null and h.n_negative_turns is null then 'fallbacks and moods not known' end as excluded
from out_handoffs as h
left join out_repeats as r on r.interaction_id = h.interaction_id
where h.is_tried
order by h.handoff_id
