-- title      = "Found it easy"
-- subject    = "Effort"
-- question   = "How easy did customers find it?"
-- definition = "Share of the answers to the question how easy it was that gave one of the two easiest of the scale."
-- formula    = "answers with one of the two easiest marks ÷ answers"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer insight"
-- grain      = "survey response"
-- reads      = ["core_interactions", "out_surveys", "out_repeats"]
-- by         = ["scale", "question"]
-- notes      = """
-- On a scale of up to three marks only the easiest counts. Some surveys ask how easy it was, others how much effort it took: which end of the scale is the easy one must be said (is_high_best); where it is not, the answer is left out and nothing is guessed. Scale and wording stand with each answer, the best number last: do not compare one wording with another. The survey response rate stands beside it."""
--
-- [needs]
-- "out_surveys.effort_id" = "no survey asks how much effort it took"
-- "out_surveys.effort_steps" = "no survey says which end of its scale is the easy one"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | excluded_as
--   a              | voice   |
--   b              | voice   | test
-- '''
-- out_surveys = '''
--   response_id | interaction_id | occurred_on | kind | score | scale_max | scale | steps_to_best | n_steps
--   s1          | a              | 2025-03-03  | ces  | 6     | 7         | 1–7   | 1             | 6
--   s2          | a              | 2025-03-03  | ces  | 1     | 5         | 5–1   | 0             | 4
--   s3          | a              | 2025-03-03  | ces  | 3     | 5         | 5–1   | 2             | 4
--   s4          | a              | 2025-03-03  | ces  | 6     | 7         |       |               |
--   s5          | a              | 2025-03-03  | ces  |       | 7         | 1–7   |               | 6
--   s6          | a              | 2025-03-03  | ces  | 8     | 7         | 1–7   | -1            | 6
--   s7          | a              | 2025-03-03  | csat | 5     | 5         | 1–5   | 0             | 4
--   s8          | b              | 2025-03-03  | ces  | 6     | 7         | 1–7   | 1             | 6
-- '''
-- [example]
-- expect = '''
--   unit_id | scale | num | den | excluded
--   s1      | 1–7   | 1   | 1   |
--   s2      | 5–1   | 1   | 1   |
--   s3      | 5–1   | 0   | 1   |
--   s4      |       | 0   | 1   | easy end of the scale not known
--   s5      | 1–7   | 0   | 1   | not answered
--   s6      | 1–7   | 1   | 1   | answer outside its scale
-- '''

select
    s.response_id as unit_id,
    s.occurred_on,
    coalesce(r.customer_or_interaction, s.interaction_id) as cluster_id,
    s.scale,
    s.question,
    case when s.steps_to_best <= case when s.n_steps > 2 then 1 else 0 end then 1 else 0 end as num,
    1 as den,
    case
        when s.score is null then 'not answered'
        when s.steps_to_best is null or s.n_steps <= 0 then 'easy end of the scale not known'
        when s.steps_to_best < 0 or s.steps_to_best > s.n_steps then 'answer outside its scale'
    end as excluded
from out_surveys as s
join core_interactions as i on i.interaction_id = s.interaction_id
left join out_repeats as r on r.interaction_id = s.interaction_id
where i.excluded_as is null and s.kind = 'ces'
order by s.response_id
