-- title      = "First-contact resolution, by survey"
-- subject    = "Outcomes"
-- question   = "Was the first contact enough, in the customers' own words?"
-- definition = "Share of answers that say it was solved, about an interaction that was the customer's first for the matter."
-- formula    = "answers 'solved' about a first interaction ÷ answers to the question whether it was solved"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer insight"
-- grain      = "survey response"
-- reads      = ["core_interactions", "out_surveys", "out_repeats"]
-- params     = { window_hours = 168 }
-- notes      = """
-- An answer about an interaction that is itself a repeat (same customer and reason within the window before) says that the first contact was not enough, whatever was solved then. Where the customer is not identified the answer is taken as about a first interaction.
-- Few customers answer: the surveys without an answer stand beside the figure where the source exports them, and survey_response gives the rate. Never averaged with first-contact resolution by repeat contact: the two ask different people different things."""
--
-- [needs]
-- "survey_responses.is_resolved" = "no survey asks whether it was solved"
--
-- [for_full]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "customers are not identified: an answer about a repeat counts as one about a first interaction"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | excluded_as
--   a              | voice   |
--   b              | voice   |
--   c              | voice   |
--   d              | voice   | test
-- '''
-- out_surveys = '''
--   response_id | interaction_id | occurred_on | score | is_resolved
--   s1          | a              | 2025-03-10  | 4     | true
--   s2          | b              | 2025-03-10  | 5     | true
--   s3          | c              | 2025-03-10  | 1     | true
--   s4          | c              | 2025-03-10  | 5     | false
--   s5          | c              | 2025-03-10  | 5     |
--   s6          | c              | 2025-03-10  |       |
--   s7          | c              | 2025-03-10  |       | true
--   s8          | d              | 2025-03-10  | 5     | true
-- '''
-- out_repeats = '''
--   interaction_id | started_at             | customer_id | customer_or_interaction | is_forward | previous_same_at
--   a              | 2025-03-10 10:00:00+00 | k1          | k1                      | false      | 2025-03-03 10:00:00+00
--   b              | 2025-03-10 10:00:01+00 | k2          | k2                      | false      | 2025-03-03 10:00:00+00
--   c              | 2025-03-10 10:00:00+00 |             | c                       | false      |
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   s1      | 0   | 1   |
--   s2      | 1   | 1   |
--   s3      | 1   | 1   |
--   s4      | 0   | 1   |
--   s5      | 0   | 1   | question not answered
--   s6      | 0   | 1   | not answered
--   s7      | 1   | 1   |
-- '''

select
    s.response_id as unit_id,
    s.occurred_on,
    coalesce(r.customer_or_interaction, s.interaction_id) as cluster_id,
    case when s.is_resolved and not coalesce(r.previous_same_at >= r.started_at - to_hours($window_hours), false) then 1 else 0 end as num,
    1 as den,
    case
        when s.is_resolved is null and s.score is null then 'not answered'
        when s.is_resolved is null then 'question not answered'
    end as excluded
from out_surveys as s
join core_interactions as i on i.interaction_id = s.interaction_id
left join out_repeats as r on r.interaction_id = s.interaction_id
where i.excluded_as is null
order by s.response_id
