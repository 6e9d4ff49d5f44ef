-- title      = "Interactions"
-- subject    = "Contact handling"
-- question   = "How often did customers contact us?"
-- definition = "Customer interactions that began in the period. Tests, supervisors' legs, surveys, tasks and outbound contacts are left out and counted separately."
-- formula    = "count of customer interactions"
-- version    = 1
-- kind       = "count"
-- unit       = "count"
-- better     = "neither"
-- min_n      = 1
-- owner      = "Operations"
-- grain      = "interaction"
-- reads      = ["core_interactions"]
-- notes      = """
-- The interval is that of a count of independent events (Garwood); real volumes vary more than that."""
--
-- [for_full]
-- "legs.direction | legs.initiation" = "nothing tells outbound and internal contacts apart: all count as the customer's"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | channel | excluded_as
--   a              | 2025-03-03  | voice   |
--   b              | 2025-03-03  | chat    |
--   c              | 2025-03-03  | voice   | test
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 1   | 1   |
--   c       | 1   | 1   | test
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    i.interaction_id as cluster_id,
    1 as num,
    1 as den,
    i.excluded_as as excluded
from core_interactions as i
order by i.interaction_id
