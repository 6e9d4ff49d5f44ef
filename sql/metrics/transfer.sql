-- title      = "Transfer rate"
-- subject    = "Contact handling"
-- question   = "Did the first person solve it?"
-- definition = "Share of interactions answered by a person that were passed on to another person or queue at least once. An AI handing over is an escalation, a queue overflowing is none of either."
-- formula    = "passed on by a person at least once ÷ answered by a person"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- params     = { at_least = 1 }
-- notes      = """
-- Variant transfer_loop: passed on three times or more."""
--
-- [needs]
-- "legs.answered_at" = "no source says when a person answered"
-- "legs.is_transferred | legs.previous_id | legs.root_id" = "no source says which leg continues which"
--
-- [variants]
-- transfer_loop = { at_least = 3, title = "Passed on three times or more" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | is_answered | n_transfers | excluded_as
--   a              | 2025-03-03  | true        | 0           |
--   b              | 2025-03-03  | true        | 1           |
--   c              | 2025-03-03  | false       | 1           |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 0   | 1   |
--   b       | 1   | 1   |
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    case when i.n_transfers >= $at_least then 1 else 0 end as num,
    1 as den,
    cast(null as varchar) as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null and i.is_answered
order by i.interaction_id
