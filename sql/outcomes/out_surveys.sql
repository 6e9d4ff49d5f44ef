-- title      = "Surveys"
-- definition = "Every survey sent, with the interaction it asks about."
-- version    = 1
-- grain      = "one survey sent"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_survey_responses", "core_legs", "core_interactions"]
-- notes      = "A survey counts on the local date on which its interaction began; one whose interaction is not known counts nowhere and is reported as unlinked."
--
-- [columns]
-- response_id    = ["VARCHAR", "the survey"]
-- interaction_id = ["VARCHAR", "the interaction it asks about"]
-- occurred_on    = ["DATE", "local date of the interaction's start"]
-- score          = ["INTEGER", "the answer on its own scale; empty: not answered"]
-- scale_max      = ["INTEGER", "best answer of the scale"]
-- is_resolved    = ["BOOLEAN", "the customer says it was solved"]
-- unanswered_id  = ["VARCHAR", "the survey, where it was not answered: only who exports such surveys knows the response rate"]
--
-- [example.given]
-- core_survey_responses = '''
--   response_id | leg_id | score | scale_max
--   s1          | b      | 4     | 5
--   s2          | zz     | 4     | 5
-- '''
-- core_legs = '''
--   leg_id | root_id
--   a      |
--   b      | a
-- '''
-- core_interactions = '''
--   interaction_id | occurred_on
--   a              | 2025-03-03
-- '''
-- [example]
-- expect = '''
--   response_id | interaction_id | occurred_on | score
--   s1          | a              | 2025-03-03  | 4
-- '''

select
    s.response_id,
    i.interaction_id,
    i.occurred_on,
    s.score,
    coalesce(s.scale_max, 5) as scale_max,
    s.is_resolved,
    case when s.score is null then s.response_id end as unanswered_id
from core_survey_responses as s
join core_legs as l on l.leg_id = s.leg_id
join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
order by s.response_id
