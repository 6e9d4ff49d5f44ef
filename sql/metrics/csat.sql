-- title      = "Customer satisfaction"
-- subject    = "Satisfaction and mood"
-- question   = "Were customers satisfied?"
-- definition = "Share of survey answers about satisfaction that gave one of the two best marks of the scale."
-- formula    = "answers with one of the two best marks ÷ answers"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer insight"
-- grain      = "survey response"
-- reads      = ["core_interactions", "out_surveys", "out_repeats"]
-- notes      = """
-- On a scale of up to three marks (thumbs, smileys) only the best one counts. An answer outside its scale is left out.
-- Few customers answer: read the response rate beside it. Compare AI and people only within one intent, because the AI gets the easier ones."""
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
--   response_id | interaction_id | occurred_on | kind | score | scale_max | steps_to_best
--   s1          | a              | 2025-03-03  | csat | 4     | 5         | 1
--   s2          | a              | 2025-03-03  | csat | 3     | 5         | 2
--   s3          | b              | 2025-03-03  | csat |       | 5         |
--   s4          | b              | 2025-03-03  | csat | 0     | 1         | 1
--   s5          | b              | 2025-03-03  | csat | 1     | 1         | 0
--   s6          | b              | 2025-03-03  | csat | 3     | 3         | 0
--   s7          | b              | 2025-03-03  | csat | 10    | 5         | -5
--   s8          | b              | 2025-03-03  | csat | 2     | 5         | 1
--   s9          | b              | 2025-03-03  | ces  | 7     | 7         | 0
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   s1      | 1   | 1   |
--   s2      | 0   | 1   |
--   s3      | 0   | 1   | not answered
--   s4      | 0   | 1   |
--   s5      | 1   | 1   |
--   s6      | 1   | 1   |
--   s7      | 1   | 1   | answer outside its scale
--   s8      | 1   | 1   |
-- '''

select
    s.response_id as unit_id,
    s.occurred_on,
    coalesce(r.customer_or_interaction, s.interaction_id) as cluster_id,
    case when s.steps_to_best <= case when s.scale_max > 3 then 1 else 0 end then 1 else 0 end as num,
    1 as den,
    case
        when s.score is null then 'not answered'
        when s.score < 0 or s.score > s.scale_max then 'answer outside its scale'
    end as excluded
from out_surveys as s
join core_interactions as i on i.interaction_id = s.interaction_id
left join out_repeats as r on r.interaction_id = s.interaction_id
where i.excluded_as is null and s.kind = 'csat'
order by s.response_id
