-- title      = "Customer satisfaction, mean mark"
-- subject    = "Satisfaction and mood"
-- question   = "Were customers satisfied?"
-- definition = "Mean of the marks that customers gave. For comparison with other reports; the share of good marks says more."
-- formula    = "Σ marks ÷ answers"
-- version    = 1
-- kind       = "mean"
-- unit       = "score"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer insight"
-- grain      = "survey response"
-- reads      = ["core_interactions", "out_surveys", "out_repeats"]
--
-- [needs]
-- "survey_responses.score" = "no survey source"
--
-- [derived]
-- "survey_responses.scale_max" = "the best mark is taken to be 5"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | excluded_as
--   a              | voice   |
--   b              | voice   |
-- '''
-- out_surveys = '''
--   response_id | interaction_id | occurred_on | kind | score | scale_max | scale
--   s1          | a              | 2025-03-03  | csat | 4     | 5         | 1–5
--   s2          | a              | 2025-03-03  | csat | 3     | 5         | 1–5
--   s3          | b              | 2025-03-03  | csat |       | 5         | 1–5
--   s4          | b              | 2025-03-03  | csat | 1     | 1         | 0–1
--   s5          | b              | 2025-03-03  | csat | 2     | 5         | 5–1
--   s6          | b              | 2025-03-03  | nps  | 10    | 10        | 0–10
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   s1      | 4   | 1   |
--   s2      | 3   | 1   |
--   s3      |     | 1   | not answered
--   s4      | 1   | 1   | only good or bad
--   s5      | 2   | 1   | lowest mark is the best
-- '''

select
    s.response_id as unit_id,
    s.occurred_on,
    coalesce(r.customer_or_interaction, s.interaction_id) as cluster_id,
    s.score as num,
    1 as den,
    case
        when s.score is null then 'not answered'
        when s.scale_max < 3 then 'only good or bad'
        when s.scale like s.scale_max || '–%' then 'lowest mark is the best'
        when s.score < 0 or s.score > s.scale_max then 'answer outside its scale'
    end as excluded
from out_surveys as s
join core_interactions as i on i.interaction_id = s.interaction_id
left join out_repeats as r on r.interaction_id = s.interaction_id
where i.excluded_as is null and s.kind = 'csat'
order by s.response_id
