-- title      = "Time to first response, median"
-- subject    = "Contact handling"
-- question   = "How long do customers wait for a first answer in a conversation?"
-- definition = "Time from the customer's first message in a written conversation to the first substantive reply, of a person or an AI. A greeting is no reply."
-- formula    = "the {quantile} quantile of (first substantive reply − customer's first message)"
-- version    = 1
-- kind       = "percentile"
-- unit       = "seconds"
-- better     = "lower"
-- min_n      = 30
-- owner      = "Workforce planning"
-- grain      = "interaction"
-- reads      = ["core_interactions", "core_legs", "core_turns", "out_repeats"]
-- by         = ["replied_by"]
-- params     = { quantile = 0.5, channels = "written" }
-- notes      = """
-- What was said before the customer wrote is no reply, nor are words of the system. Where the source counts the AI's substantive replies (legs.ai_replies), only so many of its last turns on a leg are replies and the turns before them greetings; elsewhere each turn of the AI after the customer's first message is one. Conversations without any reply are counted apart. Spoken conversations are left out unless channels = 'all': there the wait in the queue is what customers feel."""
--
-- [needs]
-- "turns.speaker" = "no source gives the words of both sides"
-- "turns.occurred_at | turns.offset_ms" = "no source says when things were said"
--
-- [variants]
-- first_response_p90 = { quantile = 0.9, title = "Time to first response, 90th percentile" }
-- first_response_p95 = { quantile = 0.95, title = "Time to first response, 95th percentile" }
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | channel | excluded_as
--   a              | 2025-03-03  | chat    |
--   b              | 2025-03-03  | chat    |
--   c              | 2025-03-03  | chat    |
--   d              | 2025-03-03  | chat    |
--   e              | 2025-03-03  | voice   |
--   f              | 2025-03-03  | chat    | test
-- '''
-- core_legs = '''
--   leg_id | root_id | started_at             | ai_replies
--   a      |         | 2025-03-03 10:00:00+00 | 1
--   a2     | a       | 2025-03-03 10:05:00+00 |
--   b      |         | 2025-03-03 10:00:00+00 | 0
--   b2     | b       | 2025-03-03 10:00:00+00 |
--   c      |         | 2025-03-03 10:00:00+00 |
--   d      |         | 2025-03-03 10:00:00+00 |
--   e      |         | 2025-03-03 10:00:00+00 |
--   f      |         | 2025-03-03 10:00:00+00 |
-- '''
-- core_turns = '''
--   turn_id | leg_id | turn_seq | speaker  | occurred_at            | offset_ms
--   1       | a      | 1        | bot      | 2025-03-03 10:00:00+00 |
--   2       | a      | 2        | customer | 2025-03-03 10:00:10+00 |
--   3       | a      | 3        | bot      | 2025-03-03 10:00:11+00 |
--   4       | a2     | 1        | agent    | 2025-03-03 10:05:10+00 |
--   5       | b      | 1        | customer | 2025-03-03 10:00:10+00 |
--   6       | b      | 2        | bot      | 2025-03-03 10:00:11+00 |
--   7       | b      | 3        | system   | 2025-03-03 10:00:12+00 |
--   8       | b2     | 1        | agent    | 2025-03-03 10:02:10+00 |
--   9       | c      | 1        | agent    | 2025-03-03 10:00:00+00 |
--   10      | c      | 2        | customer |                        | 4000
--   11      | c      | 3        | agent    |                        | 4000
--   12      | d      | 1        | customer | 2025-03-03 10:00:00+00 |
--   13      | d      | 2        | customer | 2025-03-03 10:00:30+00 |
--   14      | e      | 1        | customer | 2025-03-03 10:00:00+00 |
--   15      | f      | 1        | customer | 2025-03-03 10:00:00+00 |
-- '''
-- [example]
-- expect = '''
--   unit_id | replied_by | num    | den | excluded
--   a       | bot        | 1000   | 1   |
--   b       | agent      | 120000 | 1   |
--   c       | agent      | 0      | 1   |
--   d       |            |        | 1   | no reply
-- '''

with

written_legs as (
    select i.interaction_id, l.leg_id, epoch_ms(l.started_at) as started_ms, l.ai_replies
    from core_legs as l
    join core_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
    where i.excluded_as is null and ($channels = 'all' or i.channel not in ('voice', 'video'))
),

spoken as (  -- each turn with its instant, and how many of its speaker's turns on the leg come from it on
    select
        l.interaction_id,
        t.speaker,
        coalesce(t.turn_seq, 0) as turn_seq,
        coalesce(epoch_ms(t.occurred_at), l.started_ms + t.offset_ms) as said_ms,
        l.ai_replies,
        row_number() over (
            partition by l.leg_id, t.speaker
            order by coalesce(epoch_ms(t.occurred_at), l.started_ms + t.offset_ms) desc nulls last, t.turn_seq desc nulls last, t.turn_id desc
        ) as from_last
    from core_turns as t
    join written_legs as l on l.leg_id = t.leg_id
    where not coalesce(t.is_test, false)
),

messages as (  -- the customer's, the first first
    select
        interaction_id,
        said_ms as asked_ms,
        turn_seq as asked_seq,
        row_number() over (partition by interaction_id order by said_ms, turn_seq) as message_no
    from spoken
    where speaker = 'customer' and said_ms is not null
),

replies as (  -- what came after the customer's first message, the first first
    select
        m.interaction_id,
        m.asked_ms,
        s.speaker,
        s.said_ms,
        row_number() over (partition by m.interaction_id order by s.said_ms nulls last, s.turn_seq, s.speaker) as reply_no
    from messages as m
    left join spoken as s
        on s.interaction_id = m.interaction_id
        and (s.said_ms > m.asked_ms or (s.said_ms = m.asked_ms and s.turn_seq > m.asked_seq))
        and (s.speaker = 'agent' or (s.speaker = 'bot' and s.from_last <= coalesce(s.ai_replies, s.from_last)))
    where m.message_no = 1
)

select
    i.interaction_id as unit_id,
    i.occurred_on,
    coalesce(r.customer_or_interaction, i.interaction_id) as cluster_id,
    p.speaker as replied_by,
    p.said_ms - p.asked_ms as num,
    1 as den,
    case when p.said_ms is null then 'no reply' end as excluded
from replies as p
join core_interactions as i on i.interaction_id = p.interaction_id
left join out_repeats as r on r.interaction_id = i.interaction_id
where p.reply_no = 1
order by i.interaction_id
