-- title      = "Interactions"
-- definition = "One unbroken exchange of a customer on one channel, transfers included: the legs of a chain rolled up to their root."
-- version    = 2
-- grain      = "one chain of legs"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_legs", "core_sentiments", "core_turn_scores"]
-- params     = { negative_below = -0.2, positive_above = 0.2, consult_ms = 2000, history_start = "0001-01-01 00:00:00+00" }
-- notes      = """
-- A chain counts on the local date of its start. Supervisors' legs, post-chat surveys and consultations belong to the chain
-- but not to its times. A move counts as a transfer only when a person who had answered passed the customer on: a flow that
-- moves a waiting customer to another queue (overflow) and an AI that hands over to a person (escalation) are none.
-- Where the source says when each person left the conversation: who was called in and left before the one who had called was
-- consulted if he talked to the customer for no more than consult_ms (such a leg is not part of the path), else it was a conference;
-- neither is a transfer. Somebody outside who stays on after the person has left was passed the customer.
-- Where a source has one record per interaction, an answered record that says it was transferred is one transfer.
-- A customer who overflows from queue to queue waits until a person answers: the waits of all these legs are one wait. After
-- the answer, and for a call back, nobody holds the line. A negative time is a clock that is wrong, and counts as not known.
-- A source that says that the customer did not give up is believed; only without its word is it derived from the queue.
-- The mood at the end is the source's own score; where it has none and the settings name a scorer, that of the customer's last words
-- (core_turn_scores), with the scorer's name and version beside it."""
--
-- [columns]
-- interaction_id   = ["VARCHAR", "id of the first leg of the chain"]
-- source           = ["VARCHAR", "the source of the first leg"]
-- file_id          = ["VARCHAR", "sha256 of the file that holds the first leg's record"]
-- position         = ["BIGINT", "number of that record within the file"]
-- started_at       = ["TIMESTAMP WITH TIME ZONE", "start of the first leg"]
-- ended_at         = ["TIMESTAMP WITH TIME ZONE", "end of the last leg; empty while one is open"]
-- occurred_on      = ["DATE", "local date of the start, in the reporting time zone"]
-- hour             = ["VARCHAR", "local hour of the start, 00 to 23"]
-- channel          = ["VARCHAR", "channel of the first leg that gives one"]
-- direction        = ["VARCHAR", "inbound, outbound or internal"]
-- excluded_as      = ["VARCHAR", "why it is no customer interaction: test, outbound, monitor, survey_leg, task, …; empty: it is one"]
-- is_complete      = ["BOOLEAN", "every leg has ended"]
-- n_legs           = ["BIGINT", "legs, all kinds"]
-- n_agents         = ["BIGINT", "different people who answered"]
-- n_transfers      = ["BIGINT", "moves from a person who had answered to another person or queue"]
-- is_queued        = ["BOOLEAN", "it entered a queue"]
-- is_answered      = ["BOOLEAN", "a person answered"]
-- is_callback      = ["BOOLEAN", "the customer asked to be called back"]
-- is_abandoned     = ["BOOLEAN", "the customer gave up before a person answered"]
-- abandoned_in     = ["VARCHAR", "queue or self_service; empty if not abandoned"]
-- wait_ms          = ["BIGINT", "wait in queues until a person answered or the customer left, milliseconds; empty: not known", "is_queued"]
-- talk_ms          = ["BIGINT", "conversation with people, milliseconds", "is_answered"]
-- hold_ms          = ["BIGINT", "hold, milliseconds"]
-- acw_ms           = ["BIGINT", "after-contact work, milliseconds"]
-- handle_ms        = ["BIGINT", "talk + hold + after-contact work, milliseconds; empty if nobody answered or the source gives none"]
-- queue            = ["VARCHAR", "the first queue"]
-- agent_id         = ["VARCHAR", "the last person who answered"]
-- team             = ["VARCHAR", "that person's team"]
-- has_ai           = ["BOOLEAN", "an AI agent gave at least one substantive reply"]
-- ai_agent         = ["VARCHAR", "the AI agent"]
-- ai_agent_version = ["VARCHAR", "its version"]
-- handler          = ["VARCHAR", "ai_only, ai_then_human, human_only or none"]
-- is_goal_completed   = ["BOOLEAN", "a system of record shows the goal reached"]
-- is_confirmed        = ["BOOLEAN", "the customer confirmed that it is solved"]
-- is_ai_failed        = ["BOOLEAN", "the AI logged a failure"]
-- is_ai_dropped       = ["BOOLEAN", "the customer left the AI in the middle"]
-- is_claimed_resolved = ["BOOLEAN", "an agent or an AI claims that it is solved"]
-- escalation_reason   = ["VARCHAR", "why the AI handed over"]
-- ticket_id        = ["VARCHAR", "a ticket left behind"]
-- intent           = ["VARCHAR", "what the customer wanted", "true"]
-- journey          = ["VARCHAR", "designed journey"]
-- region           = ["VARCHAR", "region"]
-- language         = ["VARCHAR", "language"]
-- device           = ["VARCHAR", "device"]
-- segment          = ["VARCHAR", "customer segment"]
-- account_key      = ["VARCHAR", "pseudonym of the account", "true"]
-- email_key        = ["VARCHAR", "pseudonym of the e-mail address", "true"]
-- phone_key        = ["VARCHAR", "pseudonym of the number; empty where withheld", "true"]
-- cookie_key       = ["VARCHAR", "pseudonym of the browser", "true"]
-- end_score        = ["DECIMAL(9,4)", "customer's sentiment at the end, -1 to 1", "true"]
-- end_sentiment    = ["VARCHAR", "negative, neutral, positive; empty: unknown"]
-- scorer           = ["VARCHAR", "who scored it"]
-- start_score      = ["DECIMAL(9,4)", "the customer's mood at the start, -1 to 1; empty: unknown"]
-- start_scorer     = ["VARCHAR", "who scored that"]
--
-- [example.params]
-- timezone = "Europe/London"
-- history_start = "2025-03-03 10:00:00+00"
-- [example.given]
-- core_legs = '''
--   leg_id | root_id | previous_id | source  | channel | initiation     | started_at             | ended_at               | enqueued_at            | answered_at            | wait_ms | talk_ms | acw_ms | queue | agent_id | left_at | is_transferred | is_abandoned
--   a      |         |             | connect | voice   | customer       | 2025-03-03 23:58:00+00 | 2025-03-04 00:10:00+00 | 2025-03-03 23:59:00+00 | 2025-03-04 00:00:00+00 | 60000   | 300000  | 30000  | cards | ann |
--   b      | a       | a           | connect | voice   | transfer       | 2025-03-04 00:05:00+00 | 2025-03-04 00:20:00+00 | 2025-03-04 00:05:00+00 | 2025-03-04 00:06:00+00 | 60000   | 600000  | 0      | loans | bob |
--   c      | a       | b           | connect | voice   | monitor        | 2025-03-04 00:06:00+00 | 2025-03-04 00:20:00+00 |                        | 2025-03-04 00:06:00+00 |         | 840000  |        |       | eve |
--   d      |         |             | connect | voice   | customer       | 2025-03-30 00:59:00+00 | 2025-03-30 01:10:00+00 | 2025-03-30 00:59:30+00 |                        | 40000   |         |        | cards | |
--   e      | d       | d           | connect | voice   | queue_transfer | 2025-03-30 01:00:10+00 | 2025-03-30 01:10:00+00 | 2025-03-30 01:00:10+00 | 2025-03-30 01:05:00+00 | 290000  | 250000  | 50000  | loans | bob |
--   f      |         |             | connect | voice   | customer       | 2025-03-03 10:00:00+00 | 2025-03-03 10:20:00+00 | 2025-03-03 10:00:00+00 | 2025-03-03 10:01:00+00 | 60000   | 500000  | 0       | cards | ann | 2025-03-03 10:10:00+00
--   g      | f       | f           | connect | voice   | transfer       | 2025-03-03 10:04:00+00 | 2025-03-03 10:05:00+00 |                        | 2025-03-03 10:04:00+00 |         | 2000    | 0       |       | eve | 2025-03-03 10:05:00+00
--   h      | f       | f           | connect | voice   | transfer       | 2025-03-03 10:07:00+00 | 2025-03-03 10:08:00+00 |                        | 2025-03-03 10:07:00+00 |         | 2001    | 0       |       | joe | 2025-03-03 10:08:00+00
--   i      | f       | f           | connect | voice   | transfer       | 2025-03-03 10:09:00+00 | 2025-03-03 10:20:00+00 |                        | 2025-03-03 10:09:00+00 |         | 600000  | 0       |       | bob | 2025-03-03 10:20:00+00
--   t      |         |             | table   | voice   |                | 2025-03-04 09:00:00+00 | 2025-03-04 09:10:00+00 | 2025-03-04 09:00:00+00 | 2025-03-04 09:00:00+00 | -1000   | 60000   |        | cards | ann      |        | true           |
--   u      |         |             | table   | voice   |                | 2025-03-04 09:00:00+00 | 2025-03-04 09:10:00+00 | 2025-03-04 09:00:00+00 |                        | 9000    |         |        | cards |          |        |                | false
--   v      |         |             | table   | voice   | outbound       | 2025-03-04 09:00:00+00 | 2025-03-04 09:10:00+00 |                        |                        |         |         |        |       |          |        |                |
--   w      |         |             | table   | voice   |                | 2025-03-03 09:59:59+00 | 2025-03-03 10:10:00+00 |                        |                        |         |         |        |       |          |        |                |
-- '''
-- core_sentiments = '''
--   leg_id | speaker  | part  | score   | scorer
--   b      | customer | end   | -0.2001 | lens
--   b      | customer | begin | -1      | lens
--   a      | customer | begin | 0.5     | lens
--   a      | agent    | begin | 0.6     | lens
--   e      | customer | end   | -0.2    | lens
-- '''
-- core_turn_scores = '''
--   interaction_id | leg_id | turn_no | part  | score   | scorer
--   u              | u      | 1       | begin | 0.5000  | lexicon 1 (en)
--   u              | u      | 3       | end   | -0.5000 | lexicon 1 (en)
--   u              | u      | 4       | end   | 0.0000  | lexicon 1 (en)
-- '''
-- [example]
-- expect = '''
--   interaction_id | occurred_on | n_legs | n_agents | n_transfers | is_answered | is_abandoned | wait_ms | handle_ms | queue | agent_id | end_sentiment | start_score | excluded_as
--   a              | 2025-03-03  | 3      | 2        | 1           | true        | false        | 60000   | 930000    | cards | bob      | negative      | 0.5000      |
--   d              | 2025-03-30  | 2      | 1        | 0           | true        | false        | 330000  | 300000    | cards | bob      | neutral       |             |
--   f              | 2025-03-03  | 4      | 3        | 1           | true        | false        | 60000   | 1102001   | cards | bob      |               |
--   t              | 2025-03-04  | 1      | 1        | 1           | true        | false        |         | 60000     | cards | ann      |               |
--   u              | 2025-03-04  | 1      | 0        | 0           | false       | false        | 9000    |           | cards |          | negative      | 0.5000      |
--   v              | 2025-03-04  | 1      | 0        | 0           | false       | false        |         |           |       |          |               |             | outbound
-- '''

with

chained_legs as (  -- every leg with its chain
    select
        *,
        coalesce(root_id, leg_id) as interaction_id,
        leg_id = coalesce(root_id, leg_id) as is_root
    from core_legs
),

called_legs as (  -- legs that began because somebody was called in, and who of the two left the conversation first
    select
        l.leg_id,
        l.initiation = 'transfer' and coalesce(l.left_at < p.left_at, false) as has_left_first,
        case
            when l.initiation = 'transfer' then p.leg_id is null or p.answered_at is not null
            else p.answered_at is not null and coalesce(l.ended_at > p.left_at, false)
        end as is_passed_on
    from chained_legs as l
    left join chained_legs as p on p.leg_id = l.previous_id and p.interaction_id = l.interaction_id
    where l.initiation = 'transfer' or (l.initiation = 'outbound' and l.previous_id is not null)
),

judged_legs as (  -- whether a leg is part of the customer's own path, and whether it began by passing the customer on
    select
        l.*,
        coalesce(l.initiation, 'customer') not in ('monitor', 'survey', 'consult')
            and not (coalesce(c.has_left_first, false) and coalesce(l.talk_ms, 0) <= $consult_ms) as is_path,
        coalesce(c.is_passed_on and not c.has_left_first, false) as is_handover
    from chained_legs as l
    left join called_legs as c on c.leg_id = l.leg_id
),

ordered_legs as (  -- numbered along the path: the root first, then by time
    select
        *,
        row_number() over (partition by interaction_id order by is_root desc, is_path desc, started_at, leg_id) as leg_no
    from judged_legs
),

waiting_legs as (  -- legs of the path that began before the first answer: where the customer waited; not the queue of a call back
    select
        l.interaction_id,
        case when l.wait_ms >= 0 then l.wait_ms end as known_wait_ms,
        l.wait_ms < 0 as is_wrong
    from ordered_legs as l
    join (
        select
            interaction_id,
            min(leg_no) filter (where answered_at is not null and is_path) as answer_no,
            min(answered_at) filter (where is_path) as first_answer_at
        from ordered_legs
        group by interaction_id
    ) as f on f.interaction_id = l.interaction_id
    where
        l.is_path
        and coalesce(l.initiation, 'customer') <> 'callback'
        and (f.answer_no is null or l.leg_no <= f.answer_no or l.started_at < f.first_answer_at)
),

waits as (
    select
        interaction_id,
        case when count(*) filter (where is_wrong) = 0 then sum(known_wait_ms)::bigint end as wait_ms
    from waiting_legs
    group by interaction_id
),

own_scores as (  -- of interactions that their source does not score: beginnings and ends of legs, from their turns
    select leg_id, part, (sum(score) / count(*))::decimal(9,4) as score, min(scorer) as scorer
    from core_turn_scores
    group by leg_id, part
),

leg_scores as (  -- scores of the customer's mood at the beginning and the end of a leg
    select leg_id, part, score, coalesce(scorer, source) as scorer, source, sentiment_id
    from core_sentiments
    where speaker = 'customer' and part in ('begin', 'end') and score is not null
    union all
    select leg_id, part, score, scorer, '' as source, '' as sentiment_id
    from own_scores
),

scored_ends as (  -- the chain's last first
    select
        l.interaction_id,
        s.score as end_score,
        s.scorer,
        row_number() over (partition by l.interaction_id order by l.leg_no desc, s.source, s.sentiment_id) as score_no
    from leg_scores as s
    join ordered_legs as l on l.leg_id = s.leg_id
    where s.part = 'end' and l.is_path
),

scored_starts as (  -- the chain's first first
    select
        l.interaction_id,
        s.score as start_score,
        s.scorer,
        row_number() over (partition by l.interaction_id order by l.leg_no, s.source, s.sentiment_id) as score_no
    from leg_scores as s
    join ordered_legs as l on l.leg_id = s.leg_id
    where s.part = 'begin' and l.is_path
),

chain_scores as (select interaction_id, end_score, scorer from scored_ends where score_no = 1),

chains as (  -- one row per chain; first and last by leg_no
    select
        l.interaction_id,
        min_by(l.source, l.leg_no) as source,
        min_by(l.file_id, l.leg_no) as file_id,
        min_by(l.position, l.leg_no) as position,
        min_by(l.started_at, l.leg_no) as started_at,
        max(l.ended_at) filter (where l.is_path or l.is_root) as last_ended_at,
        count(*) filter (where l.ended_at is null and l.is_path) = 0 as is_complete,
        min_by(l.channel, l.leg_no) as channel,
        min_by(coalesce(l.direction, 'inbound'), l.leg_no) as direction,
        min_by(coalesce(l.excluded_as, ''), l.leg_no) as root_excluded_as,
        min_by(coalesce(l.initiation, 'customer'), l.leg_no) as root_initiation,
        max(case when l.is_test then 1 else 0 end) = 1 as is_test,
        count(*) as n_legs,
        count(distinct l.agent_id) filter (where l.answered_at is not null and l.is_path) as n_agents,
        greatest(
            count(*) filter (where l.is_handover),
            case when count(*) = 1 then count(*) filter (where l.is_transferred and l.answered_at is not null) else 0 end
        ) as n_transfers,
        count(*) filter (where l.enqueued_at is not null and l.is_path) > 0 as is_queued,
        count(*) filter (where l.answered_at is not null and l.is_path) > 0 as is_answered,
        count(*) filter (where l.is_callback_requested or l.initiation = 'callback') > 0 as is_callback,
        count(*) filter (where l.is_abandoned and l.is_path) > 0 as is_said_abandoned,
        count(*) filter (where not l.is_abandoned and l.is_path) > 0 as is_said_kept,
        sum(l.talk_ms) filter (where l.talk_ms >= 0 and l.answered_at is not null and l.is_path)::bigint as talk_ms,
        sum(l.hold_ms) filter (where l.hold_ms >= 0 and l.answered_at is not null and l.is_path)::bigint as hold_ms,
        sum(l.acw_ms) filter (where l.acw_ms >= 0 and l.answered_at is not null and l.is_path)::bigint as acw_ms,
        min_by(l.queue, l.leg_no) filter (where l.queue is not null and l.is_path) as queue,
        max_by(l.agent_id, l.leg_no) filter (where l.answered_at is not null and l.is_path and l.agent_id is not null) as agent_id,
        max_by(l.team, l.leg_no) filter (where l.answered_at is not null and l.is_path and l.team is not null) as team,
        count(*) filter (where l.ai_agent is not null and coalesce(l.ai_replies, 1) > 0) > 0 as has_ai,
        min_by(l.ai_agent, l.leg_no) filter (where l.ai_agent is not null) as ai_agent,
        min_by(l.ai_agent_version, l.leg_no) filter (where l.ai_agent_version is not null) as ai_agent_version,
        count(*) filter (where l.is_goal_completed) > 0 as is_goal_completed,
        count(*) filter (where l.is_confirmed) > 0 as is_confirmed,
        count(*) filter (where l.is_ai_failed) > 0 as is_ai_failed,
        count(*) filter (where l.is_ai_dropped) > 0 as is_ai_dropped,
        count(*) filter (where l.is_claimed_resolved) > 0 as is_claimed_resolved,
        min_by(l.escalation_reason, l.leg_no) filter (where l.escalation_reason is not null) as escalation_reason,
        min_by(l.ticket_id, l.leg_no) filter (where l.ticket_id is not null) as ticket_id,
        min_by(l.intent, l.leg_no) filter (where l.intent is not null) as intent,
        min_by(l.journey, l.leg_no) filter (where l.journey is not null) as journey,
        min_by(l.region, l.leg_no) filter (where l.region is not null) as region,
        min_by(l.language, l.leg_no) filter (where l.language is not null) as language,
        min_by(l.device, l.leg_no) filter (where l.device is not null) as device,
        min_by(l.segment, l.leg_no) filter (where l.segment is not null) as segment,
        min_by(l.account_key, l.leg_no) filter (where l.account_key is not null) as account_key,
        min_by(l.email_key, l.leg_no) filter (where l.email_key is not null) as email_key,
        min_by(l.phone_key, l.leg_no) filter (where l.phone_key is not null) as phone_key,
        min_by(l.cookie_key, l.leg_no) filter (where l.cookie_key is not null) as cookie_key,
        max_by(l.end_score, l.leg_no) filter (where l.end_score is not null and l.is_path) as own_end_score
    from ordered_legs as l
    group by l.interaction_id
),

lost_chains as (  -- whether the customer gave up: the source's word, else a queue left without an answer
    select
        *,
        not is_answered and not is_callback
            and (is_said_abandoned or (is_queued and is_complete and not is_said_kept)) as is_lost
    from chains
)

select
    c.interaction_id,
    c.source,
    c.file_id,
    c.position,
    c.started_at,
    case when c.is_complete then c.last_ended_at end as ended_at,
    local_date(c.started_at, $timezone) as occurred_on,
    local_hour(c.started_at, $timezone) as hour,
    c.channel,
    c.direction,
    case
        when c.root_excluded_as <> '' then c.root_excluded_as
        when c.is_test then 'test'
        when c.direction <> 'inbound' then c.direction
        when c.root_initiation = 'survey' then 'survey_leg'
        when c.root_initiation in ('outbound', 'monitor', 'consult', 'task') then c.root_initiation
    end as excluded_as,
    c.is_complete,
    c.n_legs,
    c.n_agents,
    c.n_transfers,
    c.is_queued,
    c.is_answered,
    c.is_callback,
    c.is_lost as is_abandoned,
    case when c.is_lost and c.is_queued then 'queue' when c.is_lost then 'self_service' end as abandoned_in,
    w.wait_ms,
    c.talk_ms,
    c.hold_ms,
    c.acw_ms,
    case
        when c.is_answered and c.talk_ms is not null then c.talk_ms + coalesce(c.hold_ms, 0) + coalesce(c.acw_ms, 0)
    end as handle_ms,
    c.queue,
    c.agent_id,
    c.team,
    c.has_ai,
    c.ai_agent,
    c.ai_agent_version,
    case
        when c.has_ai and c.is_answered then 'ai_then_human'
        when c.has_ai then 'ai_only'
        when c.is_answered then 'human_only'
        else 'none'
    end as handler,
    c.is_goal_completed,
    c.is_confirmed,
    c.is_ai_failed,
    c.is_ai_dropped,
    c.is_claimed_resolved,
    c.escalation_reason,
    c.ticket_id,
    c.intent,
    c.journey,
    c.region,
    c.language,
    c.device,
    c.segment,
    c.account_key,
    c.email_key,
    c.phone_key,
    c.cookie_key,
    coalesce(s.end_score, c.own_end_score) as end_score,
    case
        when coalesce(s.end_score, c.own_end_score) < $negative_below then 'negative'
        when coalesce(s.end_score, c.own_end_score) > $positive_above then 'positive'
        when coalesce(s.end_score, c.own_end_score) is not null then 'neutral'
    end as end_sentiment,
    case when s.end_score is not null then s.scorer when c.own_end_score is not null then c.source end as scorer,
    b.start_score,
    b.scorer as start_scorer
from lost_chains as c
left join chain_scores as s on s.interaction_id = c.interaction_id
left join scored_starts as b on b.interaction_id = c.interaction_id and b.score_no = 1
left join waits as w on w.interaction_id = c.interaction_id
where c.started_at >= $history_start::timestamptz
order by c.interaction_id
