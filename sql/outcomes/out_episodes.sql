-- title      = "Episodes"
-- definition = "All interactions of one customer about one reason until it was quiet for the quiet period, and the best evidence that the matter was resolved."
-- version    = 1
-- grain      = "one customer, one reason, until quiet"
-- entity     = "customer_or_interaction"
-- day        = "occurred_on"
-- reads      = ["core_interactions", "core_legs", "out_repeats", "out_surveys", "core_cases"]
-- params     = { quiet_days = 7 }
-- notes      = """
-- Evidence, best first: A a system of record (goal completed, or a case solved and not reopened), B the customer (said so to
-- the AI or in the survey), C nobody came back (one interaction of an identified customer, not abandoned, not ending
-- negative), D claimed by an agent or AI. A customer who answers in the survey that it was not solved is believed over B, C
-- and D. An interaction of a customer who is not identified is an episode of its own, and C cannot be known for it."""
--
-- [columns]
-- episode_id     = ["VARCHAR", "its first interaction"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the interaction where there is none"]
-- customer_id    = ["VARCHAR", "the customer; empty: not identified"]
-- occurred_on    = ["DATE", "local date of its first start"]
-- started_at     = ["TIMESTAMP WITH TIME ZONE", "its first start"]
-- last_at        = ["TIMESTAMP WITH TIME ZONE", "start of its last interaction"]
-- closes_at      = ["TIMESTAMP WITH TIME ZONE", "when the quiet period after the last start has passed"]
-- n_interactions = ["BIGINT", "interactions, forwards left out"]
-- evidence       = ["VARCHAR", "A, B, C or D; empty: none"]
-- reason         = ["VARCHAR", "intent, or unknown"]
-- handler        = ["VARCHAR", "ai_only, ai_then_human (both took part, in whichever order), human_only or none, over all its interactions"]
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | is_abandoned | is_goal_completed | is_confirmed | is_claimed_resolved | end_sentiment | has_ai | is_answered
--   a              | false        | false             | false        | true                | neutral       | true   | false
--   b              | false        | false             | false        | true                | neutral       | false  | true
--   c              | false        | false             | false        | false               |               | true   | false
--   d              | false        | false             | true         | false               |               | false  | true
--   e              | false        | false             | false        | false               | negative      | false  | false
--   f              | false        | false             | false        | false               |               | true   | true
--   g              | false        | false             | false        | false               |               | false  | false
-- '''
-- out_repeats = '''
--   interaction_id | occurred_on | started_at             | customer_id | customer_or_interaction | reason  | is_forward
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | k_1         | k_1                     | billing | false
--   b              | 2025-03-10  | 2025-03-10 10:00:00+00 | k_1         | k_1                     | billing | false
--   c              | 2025-03-17  | 2025-03-17 10:00:01+00 | k_1         | k_1                     | billing | false
--   d              | 2025-03-03  | 2025-03-03 10:00:00+00 | k_2         | k_2                     | billing | false
--   e              | 2025-03-03  | 2025-03-03 10:00:00+00 | k_3         | k_3                     | billing | false
--   f              | 2025-03-03  | 2025-03-03 10:00:00+00 |             | f                       | billing | false
--   g              | 2025-03-03  | 2025-03-03 10:00:00+00 | k_4         | k_4                     | billing | false
-- '''
-- out_surveys = '''
--   response_id | interaction_id | score | is_resolved
--   s1          | d              | 1     | false
-- '''
-- core_cases = '''
--   case_id | leg_id | status | n_reopens
--   t1      | g      | solved | 1
-- '''
-- core_legs = '''
--   leg_id | root_id
--   g      |
-- '''
-- [example]
-- expect = '''
--   episode_id | n_interactions | evidence | closes_at              | handler
--   a          | 2              | D        | 2025-03-17 10:00:00+00 | ai_then_human
--   c          | 1              | C        | 2025-03-24 10:00:01+00 | ai_only
--   d          | 1              |          | 2025-03-10 10:00:00+00 | human_only
--   e          | 1              |          | 2025-03-10 10:00:00+00 | none
--   f          | 1              |          | 2025-03-10 10:00:00+00 | ai_then_human
--   g          | 1              | C        | 2025-03-10 10:00:00+00 | none
-- '''

with

survey_words as (  -- what customers said, per interaction: no wins over yes
    select interaction_id, min(case when is_resolved then 1 else 0 end) as said
    from out_surveys
    where is_resolved is not null
    group by interaction_id
),

solved_cases as (  -- per interaction: a case that is solved and was not reopened
    select
        coalesce(l.root_id, l.leg_id) as interaction_id,
        max(case when c.status in ('solved', 'closed') and coalesce(c.n_reopens, 0) = 0 then 1 else 0 end) as solved
    from core_cases as c
    join core_legs as l on l.leg_id = c.leg_id
    group by coalesce(l.root_id, l.leg_id)
),

facts as (  -- what each interaction says about resolution
    select
        r.interaction_id,
        r.occurred_on,
        r.started_at,
        r.customer_id,
        r.customer_or_interaction,
        r.reason,
        r.is_forward,
        case when i.is_goal_completed or coalesce(c.solved, 0) = 1 then 1 else 0 end as is_recorded,
        case when i.is_confirmed or coalesce(s.said, 0) = 1 then 1 else 0 end as is_said_solved,
        case when s.said = 0 then 1 else 0 end as is_denied,
        case when i.is_claimed_resolved then 1 else 0 end as is_claimed,
        case when i.is_abandoned or i.is_ai_dropped or i.is_ai_failed or i.end_sentiment = 'negative' then 1 else 0 end as is_soured,
        case when i.has_ai then 1 else 0 end as has_ai,
        case when i.is_answered then 1 else 0 end as has_human
    from out_repeats as r
    join core_interactions as i on i.interaction_id = r.interaction_id
    left join survey_words as s on s.interaction_id = r.interaction_id
    left join solved_cases as c on c.interaction_id = r.interaction_id
),

gaps as (  -- an interaction that begins an episode: nothing of this customer and reason for longer than the quiet period
    select
        *,
        case when started_at <= lag(started_at) over by_reason + to_days($quiet_days) then 0 else 1 end as is_first
    from facts
    window by_reason as (partition by customer_or_interaction, reason order by started_at, interaction_id)
),

numbered as (
    select
        *,
        sum(is_first) over (
            partition by customer_or_interaction, reason order by started_at, interaction_id
            rows between unbounded preceding and current row
        ) as episode_no,
        row_number() over (partition by customer_or_interaction, reason order by started_at, interaction_id) as row_no
    from gaps
),

episodes as (
    select
        customer_or_interaction,
        reason,
        episode_no,
        min_by(interaction_id, row_no) as episode_id,
        min(customer_id) as customer_id,
        min_by(occurred_on, row_no) as occurred_on,
        min(started_at) as started_at,
        max(started_at) as last_at,
        count(*) filter (where not is_forward) as n_interactions,
        max(is_recorded) as is_recorded,
        max_by(is_said_solved, row_no) as is_said_solved,
        max_by(is_denied, row_no) as is_denied,
        max_by(is_claimed, row_no) as is_claimed,
        max_by(is_soured, row_no) as is_soured,
        max(has_ai) as has_ai,
        max(has_human) as has_human
    from numbered
    group by customer_or_interaction, reason, episode_no
)

select
    episode_id,
    customer_or_interaction,
    customer_id,
    occurred_on,
    started_at,
    last_at,
    last_at + to_days($quiet_days) as closes_at,
    n_interactions,
    case
        when is_recorded = 1 then 'A'
        when is_denied = 1 then null
        when is_said_solved = 1 then 'B'
        when customer_id is not null and n_interactions <= 1 and is_soured = 0 then 'C'
        when is_claimed = 1 then 'D'
    end as evidence,
    reason,
    case
        when has_ai = 1 and has_human = 1 then 'ai_then_human'
        when has_ai = 1 then 'ai_only'
        when has_human = 1 then 'human_only'
        else 'none'
    end as handler
from episodes
order by episode_id
