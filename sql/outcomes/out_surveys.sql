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
-- scale_max      = ["INTEGER", "highest number of the scale; of csat 5 where the source says nothing"]
-- is_resolved    = ["BOOLEAN", "the customer says it was solved"]
-- unanswered_id  = ["VARCHAR", "the survey, where it was not answered: only who exports such surveys knows the response rate"]
-- kind           = ["VARCHAR", "what the score says: csat, ces or nps; csat where the source says nothing"]
-- question       = ["VARCHAR", "the wording of the question"]
-- scale          = ["VARCHAR", "its lowest and its highest number, the best one last; empty: not known"]
-- steps_to_best  = ["INTEGER", "how far the answer is from the best one of its scale; empty: not known which that is"]
-- n_steps        = ["INTEGER", "how far the worst one is; empty: not known"]
-- effort_id      = ["VARCHAR", "the survey, where it asks for effort"]
-- effort_steps   = ["INTEGER", "steps_to_best of an answer about effort"]
--
-- [example.given]
-- core_survey_responses = '''
--   source | response_id | leg_id | answered_at      | score | scale_max | kind | is_high_best | scale_min
--   one    | s1          | b      | 2025-03-03 12:00 | 4     | 5         |      |              |
--   two    | s1          | b      |                  |       | 5         |      |              |
--   two    | s2          | zz     | 2025-03-03 12:00 | 4     | 5         |      |              |
--   two    | s3          | a      | 2025-03-03 12:00 | 6     | 7         | ces  | true         |
--   two    | s4          | a      | 2025-03-03 12:00 | 6     | 7         | ces  | false        |
--   two    | s5          | a      | 2025-03-03 12:00 | 6     | 7         | ces  |              |
--   two    | s6          | a      | 2025-03-03 12:00 | 9     | 10        | nps  | true         | 0
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
--   response_id | interaction_id | occurred_on | score | kind | scale | steps_to_best | n_steps | effort_steps
--   s1          | a              | 2025-03-03  | 4     | csat | 1–5   | 1             | 4       |
--   s3          | a              | 2025-03-03  | 6     | ces  | 1–7   | 1             | 6       | 1
--   s4          | a              | 2025-03-03  | 6     | ces  | 7–1   | 5             | 6       | 5
--   s5          | a              | 2025-03-03  | 6     | ces  |       |               |         |
--   s6          | a              | 2025-03-03  | 9     | nps  | 0–10  | 1             | 10      |
-- '''

with

told as (  -- each survey as often as exports tell of it
    select
        s.response_id,
        i.interaction_id,
        i.occurred_on,
        s.score,
        case when coalesce(s.kind, 'csat') = 'csat' then coalesce(s.scale_max, 5) else s.scale_max end as scale_max,
        coalesce(s.scale_min, 1) as scale_min,
        s.is_resolved,
        coalesce(s.kind, 'csat') as kind,
        s.question,
        case when coalesce(s.kind, 'csat') = 'csat' then coalesce(s.is_high_best, true) else s.is_high_best end as is_high_best,
        row_number() over (
            partition by s.response_id, i.interaction_id
            order by case when s.score is null then 1 else 0 end, s.answered_at desc nulls last, s.source, s.file_id, s.position
        ) as copy_no
    from core_survey_responses as s
    join core_legs as l on l.leg_id = s.leg_id
    join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
),

placed as (  -- where the answer is on its scale
    select
        *,
        case
            when is_high_best then scale_min || '–' || scale_max
            when not is_high_best then scale_max || '–' || scale_min
        end as scale,
        case when is_high_best then scale_max - score when not is_high_best then score - scale_min end as steps_to_best,
        case when is_high_best is not null then scale_max - scale_min end as n_steps
    from told
    where copy_no = 1
)

select
    response_id,
    interaction_id,
    occurred_on,
    score,
    scale_max,
    is_resolved,
    case when score is null then response_id end as unanswered_id,
    kind,
    question,
    scale,
    steps_to_best,
    n_steps,
    case when kind = 'ces' then response_id end as effort_id,
    case when kind = 'ces' then steps_to_best end as effort_steps
from placed
order by response_id
