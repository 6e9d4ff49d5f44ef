-- title      = "Surveys"
-- definition = "Every survey sent, with the interaction it asks about."
-- version    = 1
-- grain      = "one survey sent"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_survey_responses", "core_legs", "core_interactions"]
-- notes      = "A survey counts on the local date on which its interaction began; one whose interaction is not known counts nowhere and is reported as unlinked. One that two exports tell of (a ticket's own rating, and the list of ratings) is one: answered before unanswered, then the latest."
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
--   source | response_id | leg_id | answered_at      | score | scale_max
--   one    | s1          | b      | 2025-03-03 12:00 | 4     | 5
--   two    | s1          | b      |                  |       | 5
--   two    | s2          | zz     | 2025-03-03 12:00 | 4     | 5
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

with

told as (  -- each survey as often as exports tell of it
    select
        s.response_id,
        i.interaction_id,
        i.occurred_on,
        s.score,
        coalesce(s.scale_max, 5) as scale_max,
        s.is_resolved,
        row_number() over (
            partition by s.response_id, i.interaction_id
            order by case when s.score is null then 1 else 0 end, s.answered_at desc nulls last, s.source, s.file_id, s.position
        ) as copy_no
    from core_survey_responses as s
    join core_legs as l on l.leg_id = s.leg_id
    join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
)

select
    response_id,
    interaction_id,
    occurred_on,
    score,
    scale_max,
    is_resolved,
    case when score is null then response_id end as unanswered_id
from told
where copy_no = 1
order by response_id
