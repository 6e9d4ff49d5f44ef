-- title      = "Negative end"
-- subject    = "Satisfaction and mood"
-- question   = "In which mood did customers leave?"
-- definition = "Share of interactions that ended with the customer in a negative mood, among those whose mood at the end is known."
-- formula    = "end negative ÷ end mood known"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "interaction"
-- moods      = "corrected"
-- reads      = ["core_interactions", "out_repeats"]
-- by         = ["scorer"]
-- notes      = """
-- The mood is the source's own score; where a source has none and the settings name a scorer, that of the customer's last words. The
-- scorer and its version stand with each row, and a new version is a break. Calls that were too short to be analysed are not in it."""
--
-- [needs]
-- "core_interactions.end_score" = "no source scores the mood of customers"
--
-- [derived]
-- "sentiments.score | legs.end_score" = "the mood is scored here from the customer's words"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | end_sentiment | excluded_as
--   a              | 2025-03-03  | negative      |
--   b              | 2025-03-03  | neutral       |
--   c              | 2025-03-03  |               |
--   d              | 2025-03-03  | negative      | test
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 1   | 1   |
--   b       | 0   | 1   |
--   c       | 0   | 1   | mood not known
-- '''

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    i.scorer,
    case when i.end_sentiment = 'negative' then 1 else 0 end as num,
    1 as den,
    case when i.end_sentiment is null then 'mood not known' end as excluded
from core_interactions as i
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null
order by i.interaction_id
