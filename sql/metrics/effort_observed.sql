-- title      = "Effort that was seen"
-- subject    = "Effort"
-- question   = "How hard did we make it for customers?"
-- definition = "Points for what a customer had to do again or wait for until a matter was over: coming back, changing the channel, being passed on, answering again, waiting, going round in circles, proving who they are again. Mean per matter."
-- formula    = "({w_interaction} × extra interactions + {w_channel} × changes of channel + {w_transfer} × transfers + {w_question} × questions asked again + {w_wait} × full {wait_minutes} minutes of waiting + {w_loop} × loops + {w_authentication} × further authentications) ÷ closed episodes"
-- version    = 1
-- kind       = "mean"
-- unit       = "score"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "episode"
-- reads      = ["core_interactions", "core_legs", "core_events", "out_repeats", "out_episodes", "out_dialogues", "out_handoffs"]
-- window     = "quiet_days"
-- params     = { quiet_days = 7, component = "all", w_interaction = 3, w_channel = 2, w_transfer = 2, w_question = 2, w_wait = 1, w_loop = 2, w_authentication = 1, wait_minutes = 5 }
-- notes      = """
-- The weights are a judgement, not a measurement: change them with a variant in the settings, and read the components, which are counted without weights, beside the sum. What no source says is left out of the sum and named; the sum is then a lower bound, and not to be compared with one that has it. Forwards are no extra interaction. A question is asked again if who took over from the AI asks for what the AI had got. The first authentication of an episode is not counted."""
--
-- [needs]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key when component = all" = "no source says who the customer is: what belongs to one matter is not known"
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key when component = interactions" = "no source says who the customer is"
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key when component = channels" = "no source says who the customer is"
-- "legs.is_transferred | legs.previous_id | legs.root_id when component = transfers" = "no source says which leg continues which"
-- "out_handoffs.is_asked_again when component = questions" = "no source gives what was asked on both sides of a handoff"
-- "core_interactions.wait_ms when component = waits" = "no source gives a wait in queue"
-- "out_dialogues.is_loop when component = loops" = "no source gives the words or the states of an AI"
-- "events.is_authentication when component = authentications" = "no source says when customers prove who they are"
--
-- [for_full]
-- "legs.is_transferred | legs.previous_id | legs.root_id when component = all" = "without transfers: no source says which leg continues which"
-- "out_handoffs.is_asked_again when component = all" = "without questions asked again: no source gives what was asked on both sides of a handoff"
-- "core_interactions.wait_ms when component = all" = "without waits: no source gives a wait in queue"
-- "out_dialogues.is_loop when component = all" = "without loops: no source gives the words or the states of an AI"
-- "events.is_authentication when component = all" = "without authentications: no source says when customers prove who they are"
--
-- [variants]
-- effort_interactions = { component = "interactions", title = "Extra interactions per matter" }
-- effort_channels = { component = "channels", title = "Changes of channel per matter" }
-- effort_transfers = { component = "transfers", title = "Transfers per matter" }
-- effort_questions = { component = "questions", title = "Questions asked again per matter" }
-- effort_waits = { component = "waits", title = "Full five minutes of waiting per matter" }
-- effort_loops = { component = "loops", title = "Loops of the AI per matter" }
-- effort_authentications = { component = "authentications", title = "Further authentications per matter" }
--
-- [example.params]
-- observed_until = "2025-03-12 10:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | n_transfers | wait_ms
--   a              | chat    | 0           |
--   b              | voice   | 1           | 599999
--   c              | voice   | 0           | 1
--   f              | voice   | 0           | 300000
--   d              | voice   | 0           |
--   e              | voice   | 0           | 0
-- '''
-- core_legs = '''
--   leg_id | root_id
--   a      |
--   b      |
--   b2     | b
--   f      |
-- '''
-- core_events = '''
--   event_id | leg_id | kind | is_authentication | event_at
--   1        | a      | flow | true              | 2025-03-03 10:00:00+00
--   2        | b      | flow | true              | 2025-03-05 10:00:00+00
--   3        | b2     | flow | true              | 2025-03-05 10:01:00+00
--   4        | b2     | flow | false             | 2025-03-05 10:02:00+00
--   5        | f      | flow | false             | 2025-03-05 10:00:00+00
-- '''
-- out_repeats = '''
--   interaction_id | started_at             | customer_or_interaction | reason  | is_forward
--   a              | 2025-03-03 10:00:00+00 | k1                      | billing | false
--   b              | 2025-03-05 10:00:00+00 | k1                      | billing | false
--   c              | 2025-03-05 10:10:00+00 | k1                      | billing | true
--   f              | 2025-03-05 10:00:00+00 | k1                      | outage  | false
--   d              | 2025-03-03 10:00:00+00 | d                       | billing | false
--   e              | 2025-03-05 10:00:01+00 | k3                      | billing | false
-- '''
-- out_episodes = '''
--   episode_id | customer_or_interaction | customer_id | reason  | occurred_on | started_at             | last_at                | closes_at
--   a          | k1                      | k1          | billing | 2025-03-03  | 2025-03-03 10:00:00+00 | 2025-03-05 10:10:00+00 | 2025-03-12 10:00:00+00
--   d          | d                       |             | billing | 2025-03-03  | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-10 10:00:00+00
--   e          | k3                      | k3          | billing | 2025-03-05  | 2025-03-05 10:00:01+00 | 2025-03-05 10:00:01+00 | 2025-03-12 10:00:01+00
--   f          | k1                      | k1          | outage  | 2025-03-05  | 2025-03-05 10:00:00+00 | 2025-03-05 10:00:00+00 | 2025-03-12 10:00:00+00
-- '''
-- out_dialogues = '''
--   interaction_id | is_loop
--   a              | true
-- '''
-- out_handoffs = '''
--   handoff_id | interaction_id | is_asked_again
--   1          | b              | true
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 15  | 1   |
--   d       | 0   | 1   | customer not identified
--   e       | 0   | 1   | window not elapsed
--   f       | 1   | 1   |
-- '''

with

members as (  -- the interactions of each episode, with the channel before
    select
        e.episode_id,
        r.interaction_id,
        r.is_forward,
        i.n_transfers,
        i.wait_ms,
        i.channel,
        lag(i.channel) over (partition by e.episode_id order by r.started_at, r.interaction_id) as channel_before
    from out_episodes as e
    join out_repeats as r
        on r.customer_or_interaction = e.customer_or_interaction
        and r.reason = e.reason
        and r.started_at between e.started_at and e.last_at
    join core_interactions as i on i.interaction_id = r.interaction_id
),

authentications as (
    select coalesce(l.root_id, l.leg_id) as interaction_id, count(*) filter (where v.is_authentication) as n
    from core_events as v
    join core_legs as l on l.leg_id = v.leg_id
    where v.is_authentication is not null and not coalesce(v.is_test, false)
    group by coalesce(l.root_id, l.leg_id)
),

questions as (
    select interaction_id, count(*) filter (where is_asked_again) as n
    from out_handoffs
    where is_asked_again is not null
    group by interaction_id
),

counts as (  -- the components of each episode; empty: no source says
    select
        m.episode_id,
        count(*) filter (where not m.is_forward) as n_interactions,
        count(*) filter (where m.channel <> m.channel_before) as n_channels,
        sum(m.n_transfers)::bigint as n_transfers,
        sum(q.n)::bigint as n_questions,
        sum(m.wait_ms)::bigint as wait_ms,
        sum(case when d.is_loop then 1 when d.is_loop is not null then 0 end)::bigint as n_loops,
        sum(a.n)::bigint as n_authentications
    from members as m
    left join authentications as a on a.interaction_id = m.interaction_id
    left join questions as q on q.interaction_id = m.interaction_id
    left join out_dialogues as d on d.interaction_id = m.interaction_id
    group by m.episode_id
),

components as (
    select
        episode_id,
        greatest(n_interactions - 1, 0) as interactions,
        n_channels as channels,
        n_transfers as transfers,
        n_questions as questions,
        wait_ms // ($wait_minutes * 60000) as waits,
        n_loops as loops,
        case when n_authentications is not null then greatest(n_authentications - 1, 0) end as authentications
    from counts
),

efforts as (
    select
        episode_id,
        case $component
            when 'interactions' then interactions
            when 'channels' then channels
            when 'transfers' then transfers
            when 'questions' then questions
            when 'waits' then waits
            when 'loops' then loops
            when 'authentications' then authentications
            else
                $w_interaction * interactions + $w_channel * channels + $w_transfer * coalesce(transfers, 0)
                + $w_question * coalesce(questions, 0) + $w_wait * coalesce(waits, 0) + $w_loop * coalesce(loops, 0)
                + $w_authentication * coalesce(authentications, 0)
        end::bigint as points
    from components
)

select
    e.episode_id as unit_id,
    e.occurred_on,
    e.customer_or_interaction as cluster_id,
    p.points as num,
    1 as den,
    case
        when e.customer_id is null and $component in ('all', 'interactions', 'channels') then 'customer not identified'
        when e.closes_at > $observed_until::timestamptz then 'window not elapsed'
        when p.points is null then 'not known'
    end as excluded
from out_episodes as e
join efforts as p on p.episode_id = e.episode_id
order by e.episode_id
