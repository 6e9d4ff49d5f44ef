-- title      = "Policy adherence"
-- subject    = "Scorecards"
-- question   = "Did people keep to what is prescribed?"
-- definition = "Share of judgements in which the person had kept to what is prescribed."
-- formula    = "judgements that fulfil it ÷ judgements of these questions that apply"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Quality assurance"
-- grain      = "judgement"
-- reads      = ["core_evaluation_answers", "core_evaluations", "core_interactions", "core_legs", "out_repeats"]
-- by         = ["form", "question", "agent_id", "team"]
-- labelled   = true
-- params     = { measures = "policy_adherence", items = "[]" }
-- notes      = """
-- Which questions of which forms stand for it, and what answer fulfils them, the settings say ([evaluations]); nothing is guessed from names.
-- Of several evaluations the newest counts; drafts, retracted ones and calibrations do not. A question that does not apply is left out.
-- Where a machine judged, its answers count, corrected for its errors by those that people judged, too; else the figure says uncorrected."""
--
-- [needs]
-- "evaluation_answers.score | evaluation_answers.answer" = "no source gives evaluations"
--
-- [example.params]
-- items = '[{"measures":"policy_adherence","question":"q","form":null,"pass_at":"0.8000","answers":null,"reversed":"false"},{"measures":"policy_adherence","question":"r","form":"QA","pass_at":"1.0000","answers":"|no|","reversed":"true"},{"measures":"other","question":"s","form":null,"pass_at":"1.0000","answers":null,"reversed":"false"}]'
-- timezone = "Europe/London"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | agent_id | excluded_as
--   a              | 2025-03-03  | ann      |
--   b              | 2025-03-03  | ann      |
--   t              | 2025-03-03  | ann      | test
-- '''
-- core_legs = '''
--   leg_id | root_id | agent_id
--   a      |         | ann
--   b      |         | ann
--   t      |         | ann
-- '''
-- core_evaluations = '''
--   source | evaluation_id | leg_id | form | status    | kind        | is_automatic | submitted_at
--   x      | 1             | a      | QA   | submitted | standard    |              | 2025-03-04 10:00:00+00
--   x      | 2             | a      | QA   | submitted | standard    |              | 2025-03-05 10:00:00+00
--   x      | 3             | a      | QA   | submitted | calibration |              | 2025-03-06 10:00:00+00
--   x      | 4             | b      | QA   | submitted | standard    |              | 2025-03-04 10:00:00+00
--   x      | 5             | b      | QA   | submitted | standard    | true         | 2025-03-04 10:00:00+00
--   x      | 6             | gone   | QA   |           |             |              | 2025-03-04 10:00:00+00
--   x      | 7             | t      | QA   | submitted | standard    |              | 2025-03-04 10:00:00+00
-- '''
-- core_evaluation_answers = '''
--   source | answer_id | evaluation_id | question | answer | score  | is_not_applicable
--   x      | 1         | 1             | q        |        | 1      |
--   x      | 2         | 2             | q        |        | 0.7999 |
--   x      | 3         | 3             | q        |        | 1      |
--   x      | 4         | 4             | q        |        | 0.8    |
--   x      | 5         | 4             | r        | No     |        |
--   x      | 6         | 5             | r        | Yes    |        |
--   x      | 7         | 2             | r        | Yes    |        |
--   x      | 8         | 4             | s        |        | 1      |
--   x      | 9         | 6             | q        |        |        | true
--   x      | 10        | 7             | q        |        | 1      |
-- '''
-- [example]
-- expect = '''
--   unit_id   | agent_id | num | den | is_machine | label | excluded
--   a:QA:q    | ann      | 0   | 1   | false      | 0     |
--   a:QA:r    | ann      | 1   | 1   | false      | 1     | judged by people only
--   b:QA:q    | ann      | 1   | 1   | false      | 1     |
--   b:QA:r    | ann      | 1   | 1   | true       | 0     |
--   gone:QA:q |          |     | 1   | false      |       | interaction not loaded
-- '''

with

items as (  -- the questions that stand for it, by the settings
    select
        o ->> '$.question' as question,
        o ->> '$.form' as form,
        cast(o ->> '$.pass_at' as decimal(9, 4)) as pass_at,
        o ->> '$.answers' as answers,
        (o ->> '$.reversed') = 'true' as is_reversed
    from (select unnest(json_extract($items, '$[*]')) as o) as given
    where (o ->> '$.measures') = $measures
),

answers as (  -- submitted answers to them; calibrations are for evaluation_consistency
    select
        e.leg_id,
        coalesce(e.form, '') as form,
        a.question,
        e.agent_id,
        e.submitted_at,
        coalesce(e.is_automatic, false) as is_machine,
        coalesce(a.is_not_applicable, false) as is_not_applicable,
        case
            when a.is_not_applicable then null
            when i.answers is not null then contains(i.answers, '|' || lower(trim(a.answer)) || '|') <> i.is_reversed
            else (a.score >= i.pass_at) <> i.is_reversed
        end as is_fulfilled,
        row_number() over (
            partition by e.leg_id, coalesce(e.form, ''), a.question, coalesce(e.is_automatic, false)
            order by e.submitted_at desc nulls last, e.evaluation_id desc, a.answer_id, i.form nulls last
        ) as newest_no
    from core_evaluation_answers as a
    join core_evaluations as e on e.evaluation_id = a.evaluation_id and e.source = a.source
    join items as i on i.question = a.question and (i.form is null or i.form = e.form)
    where
        coalesce(e.status, 'submitted') = 'submitted' and coalesce(e.kind, 'standard') = 'standard' and e.leg_id is not null
),

judgements as (  -- the newest of people and of the machine on one leg
    select
        leg_id,
        form,
        question,
        max(agent_id) as agent_id,
        max(submitted_at) as submitted_at,
        max(case when is_machine then case when is_fulfilled then 1 when not is_fulfilled then 0 end end) as machines,
        max(case when not is_machine then case when is_fulfilled then 1 when not is_fulfilled then 0 end end) as peoples,
        max(case when is_not_applicable then 1 else 0 end) = 1 as is_not_applicable
    from answers
    where newest_no = 1
    group by leg_id, form, question
),

compared as (
    select *, count(machines) over (partition by form, question) > 0 as has_machine
    from judgements
)

select
    j.leg_id || ':' || j.form || ':' || j.question as unit_id,
    coalesce(i.occurred_on, local_date(j.submitted_at, $timezone)) as occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id, j.leg_id) as cluster_id,
    j.form,
    j.question,
    coalesce(l.agent_id, j.agent_id) as agent_id,
    l.team,
    coalesce(j.machines, j.peoples) as num,
    1 as den,
    j.machines is not null as is_machine,
    j.peoples as label,
    case
        when i.interaction_id is null then 'interaction not loaded'
        when coalesce(j.machines, j.peoples) is null and j.is_not_applicable then 'does not apply'
        when coalesce(j.machines, j.peoples) is null then 'not scored'
        when j.machines is null and j.has_machine then 'judged by people only'
    end as excluded
from compared as j
left join core_legs as l on l.leg_id = j.leg_id
left join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
left join out_repeats as r on r.interaction_id = i.interaction_id
where i.excluded_as is null
order by j.leg_id, j.form, j.question
