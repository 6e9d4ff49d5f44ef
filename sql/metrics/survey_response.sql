-- title      = "Survey response rate"
-- subject    = "Satisfaction and mood"
-- question   = "Whom do the surveys speak for?"
-- definition = "Share of surveys sent that were answered."
-- formula    = "answered ÷ sent"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer insight"
-- grain      = "survey response"
-- reads      = ["core_interactions", "out_surveys", "out_repeats"]
--
-- [needs]
-- "survey_responses.score" = "no survey source"
-- "survey_responses.sent_at | out_surveys.unanswered_id" = "no source says which surveys were sent"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | excluded_as
--   a              | voice   |
--   b              | voice   |
-- '''
-- out_surveys = '''
--   response_id | interaction_id | occurred_on | score | scale_max
--   s1          | a              | 2025-03-03  | 4     | 5
--   s2          | a              | 2025-03-03  | 3     | 5
--   s3          | b              | 2025-03-03  |       | 5
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   s1      | 1   | 1   |
--   s2      | 1   | 1   |
--   s3      | 0   | 1   |
-- '''

select
    s.response_id as unit_id,
    s.occurred_on,
    coalesce(r.customer_or_interaction, s.interaction_id) as cluster_id,
    case when s.score is null then 0 else 1 end as num,
    1 as den,
    cast(null as varchar) as excluded
from out_surveys as s
join core_interactions as i on i.interaction_id = s.interaction_id
left join out_repeats as r on r.interaction_id = s.interaction_id
where i.excluded_as is null
order by s.response_id
