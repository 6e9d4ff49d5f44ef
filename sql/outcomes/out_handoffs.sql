-- title      = "Handoffs"
-- definition = "Each time that an AI handed a customer over to a person, or was asked to: what led to it, how long it took, what became of it, and what was lost on the way."
-- version    = 1
-- grain      = "one handoff, tried or asked for, of one customer interaction with an AI"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_interactions", "core_legs", "core_turns", "core_events"]
-- params     = { low_confidence = 0.4, same_percent = 80, min_question_words = 3, most_wordings = 100, most_letters = 1000 }
-- notes      = """
-- An interaction has one handoff for every stretch of its legs that begins with an AI and ends before an AI takes over again from a person.
-- Tried: the AI gave a reason for handing over or logged it (an event escalated or hand_over), a queue was entered, a person answered, or a
-- ticket or a callback was left. Asked for: the customer used words of the list (docs/handoffs.md), the bot understood such an intent, or the
-- source says customer_asked. Whose call back is answered later was not connected: that is a callback.
-- Signals are requests, fallbacks (the AI did not understand, or with a confidence below low_confidence) and turns of the customer with a
-- negative sentiment, before the AI handed over. A turn without a time counts if it stands before the person's first turn. The first of
-- them is the first trigger; without any, it is the reason that the source gives. That it escalated is no reason.
-- Asked again: a question of the person (or of an AI that took over later) has, of all words in either, same_percent of a hundred in common
-- with a question that the AI had asked and that was followed by an answer, or a slot that the AI had filled is filled again. A question is
-- a sentence that ends with a question mark and has min_question_words words; most_wordings different ones of each side are compared."""
--
-- [columns]
-- handoff_id         = ["VARCHAR", "the interaction and the number of the handoff within it"]
-- interaction_id     = ["VARCHAR", "the interaction"]
-- occurred_on        = ["DATE", "local date of its start"]
-- handoff_no         = ["BIGINT", "1 for the first"]
-- is_tried           = ["BOOLEAN", "the AI handed over, or meant to; false: the customer only asked"]
-- is_asked_for       = ["BOOLEAN", "the customer asked for a person; empty: neither words of the customer nor a reason arrived", "true"]
-- first_trigger      = ["VARCHAR", "request, fallback, negative_turn, or the source's reason (policy, failure, …); empty: not known", "true"]
-- first_trigger_at   = ["TIMESTAMP WITH TIME ZONE", "when; empty: the source gives no time"]
-- n_requests         = ["BIGINT", "requests for a person before the AI handed over; empty: not known", "true"]
-- n_fallbacks        = ["BIGINT", "fallbacks before; empty: no source says whether the AI understood", "true"]
-- n_negative_turns   = ["BIGINT", "negative turns of the customer before; empty: no source judges turns", "true"]
-- requested_at       = ["TIMESTAMP WITH TIME ZONE", "first request; empty: none, or without a time"]
-- handed_over_at     = ["TIMESTAMP WITH TIME ZONE", "when the AI handed over: it logged so, the queue was entered, or a person answered"]
-- connected_at       = ["TIMESTAMP WITH TIME ZONE", "when a person answered"]
-- wait_ms            = ["BIGINT", "of the delay, the wait in queue, milliseconds; empty: no queue, or nobody answered"]
-- delay_ms           = ["BIGINT", "from the first trigger until a person answered, milliseconds; empty: nobody did, or the trigger has no time", "outcome = 'connected'"]
-- given_up_ms        = ["BIGINT", "from the first trigger until the customer was gone without a person, ticket or callback, milliseconds"]
-- outcome            = ["VARCHAR", "connected, callback, ticket, waiting, lost_in_queue, no_queue (handed over to nobody), gave_up (left the AI after asking), not_tried (asked, and the AI went on)"]
-- is_context_kept    = ["BOOLEAN", "who took over was given what the AI had got; empty: no source says so", "outcome = 'connected'"]
-- is_asked_again     = ["BOOLEAN", "who took over asked again for what the AI had got; empty: words or slots of one side did not arrive", "outcome = 'connected'"]
--
-- [example.params]
-- request_pattern = " (?:talk to a person) |^ (?:agent) $"
-- request_names = ",speaktoagent,"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | has_ai | is_complete | excluded_as | ended_at
--   asked          | 2025-03-03  | true   | true        |             | 2025-03-03 10:10:00+00
--   queue          | 2025-03-03  | true   | true        |             | 2025-03-03 10:10:00+00
--   nobody         | 2025-03-03  | true   | true        |             | 2025-03-03 10:10:00+00
--   ignored        | 2025-03-03  | true   | true        |             | 2025-03-03 10:10:00+00
--   happy          | 2025-03-03  | true   | true        |             | 2025-03-03 10:10:00+00
--   twice          | 2025-03-03  | true   | true        |             | 2025-03-03 10:10:00+00
--   test           | 2025-03-03  | true   | true        | test        | 2025-03-03 10:10:00+00
-- '''
-- core_legs = '''
--   leg_id  | root_id | started_at             | enqueued_at            | answered_at            | ai_agent | escalation_reason | is_context_kept
--   asked   |         | 2025-03-03 10:00:00+00 |                        |                        | bot      |                   |
--   asked2  | asked   | 2025-03-03 10:01:00+00 | 2025-03-03 10:01:00+00 | 2025-03-03 10:03:00+00 |          |                   | false
--   queue   |         | 2025-03-03 10:00:00+00 | 2025-03-03 10:02:00+00 |                        | bot      | failure           |
--   nobody  |         | 2025-03-03 10:00:00+00 |                        |                        | bot      | policy            |
--   ignored |         | 2025-03-03 10:00:00+00 |                        |                        | bot      |                   |
--   happy   |         | 2025-03-03 10:00:00+00 |                        |                        | bot      |                   |
--   twice   |         | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:01:00+00 | bot      |                   |
--   twice2  | twice   | 2025-03-03 10:02:00+00 |                        |                        | bot      |                   |
--   twice3  | twice   | 2025-03-03 10:03:00+00 | 2025-03-03 10:03:00+00 |                        |          |                   |
--   test    |         | 2025-03-03 10:00:00+00 |                        | 2025-03-03 10:03:00+00 | bot      |                   |
-- '''
-- core_turns = '''
--   turn_id | leg_id  | turn_seq | speaker  | occurred_at            | content                                        | sentiment
--   1       | asked   | 1        | bot      | 2025-03-03 10:00:00+00 | Hello. What is your card number?               |
--   2       | asked   | 2        | customer | 2025-03-03 10:00:10+00 | 1234                                           | negative
--   3       | asked   | 3        | customer | 2025-03-03 10:00:20+00 | Let me talk to a PERSON, please                | negative
--   4       | asked2  | 1        | agent    | 2025-03-03 10:03:10+00 | Ann here. And what is your card number?         |
--   5       | asked2  | 2        | customer | 2025-03-03 10:03:20+00 | Again?                                         | negative
--   6       | ignored | 1        | customer | 2025-03-03 10:00:10+00 | Agent!                                         |
--   7       | happy   | 1        | customer | 2025-03-03 10:00:10+00 | My agent said so                               |
-- '''
-- core_events = '''
--   event_id | leg_id | event_at               | kind | name              | is_no_match | confidence
--   1        | queue  | 2025-03-03 10:00:30+00 | bot  | Fallback          | true        |
--   2        | queue  | 2025-03-03 10:01:00+00 | bot  | SpeakToAgent      | false       |
--   3        | queue  | 2025-03-03 10:02:01+00 | bot  | Fallback          | true        |
--   4        | happy  | 2025-03-03 10:00:30+00 | bot  | Fallback          | true        |
-- '''
-- [example]
-- expect = '''
--   handoff_id | is_tried | is_asked_for | first_trigger | n_requests | n_fallbacks | n_negative_turns | wait_ms | delay_ms | given_up_ms | outcome       | is_context_kept | is_asked_again
--   asked:1    | true     | true         | negative_turn | 1          |             | 2                | 120000  | 170000   |             | connected     | false           | true
--   ignored:1  | false    | true         | request       | 1          |             |                  |         |          | 590000      | not_tried     |                 |
--   nobody:1   | true     | false        | policy        | 0          |             |                  |         |          |             | no_queue      |                 |
--   queue:1    | true     | true         | fallback      | 1          | 1           |                  |         |          | 570000      | lost_in_queue |                 |
--   twice:1    | true     |              |               |            |             |                  |         |          |             | connected     |                 |
--   twice:2    | true     |              |               |            |             |                  |         |          |             | lost_in_queue |                 |
-- '''

with

ai_interactions as (
    select interaction_id, occurred_on, ended_at, is_complete
    from core_interactions
    where has_ai and excluded_as is null
),

path_legs as (  -- the customer's own way, in order: the root first, then by time
    select
        l.*,
        i.interaction_id,
        l.ai_agent is not null as is_ai,
        row_number() over (partition by i.interaction_id order by l.leg_id <> i.interaction_id, l.started_at, l.leg_id) as leg_no
    from core_legs as l
    join ai_interactions as i on i.interaction_id = coalesce(l.root_id, l.leg_id)
    where coalesce(l.initiation, 'customer') not in ('monitor', 'survey', 'consult')
),

answered_before as (  -- how often a person had answered before each leg
    select
        *,
        count(answered_at) over (
            partition by interaction_id order by leg_no rows between unbounded preceding and current row
        ) - case when answered_at is not null then 1 else 0 end as n_answered
    from path_legs
),

stretch_legs as (  -- legs by the stretch to which they belong; legs before the first AI to none
    select
        *,
        max(case when is_ai then n_answered end) over (
            partition by interaction_id order by leg_no rows between unbounded preceding and current row
        ) as stretch
    from answered_before
),

stretches as (
    select
        interaction_id,
        stretch,
        min(started_at) filter (where is_ai) as began_at,
        min(answered_at) filter (where coalesce(initiation, 'customer') <> 'callback') as connected_at,
        min(enqueued_at) as enqueued_at,
        max(case when is_callback_requested or initiation = 'callback' then 1 else 0 end) = 1 as is_callback,
        min(ticket_id) as ticket_id,
        min_by(escalation_reason, leg_no) filter (where escalation_reason is not null) as reason,
        max(case when is_ai_failed then 1 else 0 end) = 1 as is_failed,
        max(case when is_ai_dropped or is_abandoned then 1 else 0 end) = 1 as is_left,
        max(case when is_context_kept then 1 when not is_context_kept then 0 end) as context_kept
    from stretch_legs
    where stretch is not null
    group by interaction_id, stretch
),

turns as (  -- with their time and their place among the turns of the stretch
    select
        l.interaction_id,
        l.stretch,
        t.turn_id,
        t.turn_seq,
        t.speaker,
        t.sentiment,
        coalesce(t.occurred_at, l.started_at + t.offset_ms * interval 1 millisecond) as said_at,
        left(t.content, $most_letters) as content,
        min(case when t.speaker = 'agent' then t.turn_seq end) over (partition by t.leg_id) as first_agent_seq
    from core_turns as t
    join stretch_legs as l on l.leg_id = t.leg_id
    where l.stretch is not null and not coalesce(t.is_test, false)
),

events as (
    select
        l.interaction_id,
        l.stretch,
        e.event_id,
        e.event_at,
        e.kind,
        e.name,
        e.result,
        e.is_no_match,
        e.is_no_match or coalesce(e.confidence < $low_confidence, false) as is_fallback,
        coalesce(e.result = 'customer_asked', false) or contains(
            $request_names,
            ',' || regexp_replace(regexp_replace(lower(e.name), '[^a-z0-9]+', '', 'g'), 'intent$', '') || ','
        ) as is_request,
        (e.kind = 'outcome' and coalesce(e.result = 'escalated', false)) or e.name = 'hand_over' as is_hand_over,
        case when e.kind = 'context' then case e.result when 'kept' then 1 when 'lost' then 0 end end as context_kept
    from core_events as e
    join stretch_legs as l on l.leg_id = e.leg_id
    where l.stretch is not null and not coalesce(e.is_test, false) and e.event_at is not null
),

event_marks as (
    select
        interaction_id,
        stretch,
        min(event_at) filter (where is_hand_over) as logged_at,
        max(context_kept) as context_kept,
        count(*) filter (where kind = 'bot' and is_no_match is not null) > 0 as has_ai_turns
    from events
    group by interaction_id, stretch
),

marked as (  -- a queue that was entered before the AI came is no sign that the AI handed over
    select
        s.*,
        e.logged_at,
        nullif(s.reason, 'escalated') as cause,
        coalesce(s.context_kept, e.context_kept) as kept,
        coalesce(e.has_ai_turns, false) as has_ai_turns,
        least(
            case when s.enqueued_at > s.began_at then s.enqueued_at end,
            e.logged_at,
            s.connected_at
        ) as handed_over_at
    from stretches as s
    left join event_marks as e on e.interaction_id = s.interaction_id and e.stretch = s.stretch
),

turns_before as (  -- turns of customer and AI before the AI handed over
    select
        t.*,
        ' ' || trim(regexp_replace(lower(t.content), '[^\p{L}\p{M}]+', ' ', 'g')) || ' ' as padded,
        row_number() over (
            partition by t.interaction_id, t.stretch order by t.said_at nulls last, t.turn_seq nulls last, t.turn_id
        ) as turn_no
    from turns as t
    join marked as m on m.interaction_id = t.interaction_id and m.stretch = t.stretch
    where
        t.speaker in ('customer', 'bot')
        and case
            when m.handed_over_at is null then true
            when t.said_at is not null then t.said_at <= m.handed_over_at
            else t.first_agent_seq is null or coalesce(t.turn_seq < t.first_agent_seq, false)
        end
),

signals as (
    select interaction_id, stretch, 'request' as trigger, said_at as signal_at, turn_id as signal_id
    from turns_before
    where speaker = 'customer' and regexp_matches(padded, $request_pattern)
    union all
    select interaction_id, stretch, 'negative_turn', said_at, turn_id
    from turns_before
    where speaker = 'customer' and sentiment = 'negative'
    union all
    select e.interaction_id, e.stretch, case when e.is_request then 'request' else 'fallback' end, e.event_at, e.event_id
    from events as e
    join marked as m on m.interaction_id = e.interaction_id and m.stretch = e.stretch
    where (e.is_request or (e.kind = 'bot' and e.is_fallback)) and (m.handed_over_at is null or e.event_at <= m.handed_over_at)
),

ordered_signals as (  -- what has no time comes last; of what happened at once, the request first
    select
        *,
        row_number() over (partition by interaction_id, stretch order by signal_at nulls last, trigger desc, signal_id) as signal_no
    from signals
),

signal_counts as (
    select
        interaction_id,
        stretch,
        count(*) filter (where trigger = 'request') as n_requests,
        count(*) filter (where trigger = 'fallback') as n_fallbacks,
        count(*) filter (where trigger = 'negative_turn') as n_negative_turns,
        min(trigger) filter (where signal_no = 1) as first_trigger,
        min(signal_at) filter (where signal_no = 1) as first_trigger_at,
        min(signal_at) filter (where trigger = 'request') as requested_at
    from ordered_signals
    group by interaction_id, stretch
),

words_before as (  -- what is known of the words before the handoff
    select
        interaction_id,
        stretch,
        count(content) filter (where speaker = 'customer') > 0 as has_customers_words,
        count(sentiment) filter (where speaker = 'customer') > 0 as has_moods,
        count(content) filter (where speaker = 'bot') > 0 as has_ais_words,
        max(turn_no) filter (where speaker = 'customer') as last_customer_no
    from turns_before
    group by interaction_id, stretch
),

turns_after as (  -- what the person said who took over, and an AI that took over later; `stretch` is that of the handoff
    select a.interaction_id, m.stretch, a.content
    from turns as a
    join marked as m on m.interaction_id = a.interaction_id and m.connected_at is not null
    where (a.speaker = 'agent' and a.stretch = m.stretch) or (a.speaker = 'bot' and a.stretch > m.stretch)
),

asking as (
    select b.interaction_id, b.stretch, true as is_before, translate(b.content, '？؟', '??') as content
    from turns_before as b
    join words_before as w on w.interaction_id = b.interaction_id and w.stretch = b.stretch
    where b.speaker = 'bot' and b.turn_no < w.last_customer_no and b.content is not null
    union all
    select interaction_id, stretch, false, translate(content, '？؟', '??')
    from turns_after
    where content is not null
),

sentences as (  -- what stands before each question mark
    select
        interaction_id,
        stretch,
        is_before,
        unnest(list_transform(pieces, lambda p, i: case when i < array_length(pieces) then p end)) as piece
    from (select interaction_id, stretch, is_before, string_split(content, '?') as pieces from asking) as cut
),

questions as (  -- of it, what follows the end of the sentence before, letters only
    select distinct
        interaction_id,
        stretch,
        is_before,
        trim(regexp_replace(lower(regexp_replace(piece, '(?s)^.*[.!。！…\n]', '')), '[^\p{L}\p{M}]+', ' ', 'g')) as wording
    from sentences
    where piece is not null
),

numbered_questions as (
    select
        *,
        array_distinct(string_split(wording, ' ')) as words,
        row_number() over (partition by interaction_id, stretch, is_before order by wording) as wording_no
    from questions
),

compared_questions as (
    select *, array_length(words) as n_words
    from numbered_questions
    where wording_no <= $most_wordings and array_length(words) >= $min_question_words
),

repeated_questions as (
    select distinct interaction_id, stretch
    from (
        select
            b.interaction_id,
            b.stretch,
            array_length(array_intersect(b.words, a.words)) as n_shared,
            b.n_words + a.n_words as n_both
        from compared_questions as b
        join compared_questions as a on a.interaction_id = b.interaction_id and a.stretch = b.stretch
        where
            b.is_before and not a.is_before
            and 100 * least(a.n_words, b.n_words) >= $same_percent * greatest(a.n_words, b.n_words)
    ) as pairs
    where 100 * n_shared >= $same_percent * (n_both - n_shared)
),

uncompared as (
    select distinct interaction_id, stretch
    from numbered_questions
    where wording_no > $most_wordings
),

slots as (  -- filled by the AI before it handed over, and by whoever came after
    select
        m.interaction_id,
        m.stretch,
        e.name,
        max(case when e.stretch = m.stretch and e.event_at <= m.handed_over_at then 1 else 0 end) as is_before,
        max(case when e.stretch > m.stretch or e.event_at > m.connected_at then 1 else 0 end) as is_after
    from events as e
    join marked as m on m.interaction_id = e.interaction_id and e.stretch >= m.stretch
    where e.kind = 'slot' and e.name is not null and m.connected_at is not null
    group by m.interaction_id, m.stretch, e.name
),

slot_marks as (
    select
        interaction_id,
        stretch,
        max(is_before) = 1 and max(is_after) = 1 as is_known,
        max(is_before * is_after) = 1 as is_again
    from slots
    group by interaction_id, stretch
),

after_marks as (
    select interaction_id, stretch, count(content) > 0 as has_words_after
    from turns_after
    group by interaction_id, stretch
),

judged as (
    select
        i.occurred_on,
        i.ended_at,
        i.is_complete,
        m.interaction_id,
        m.stretch,
        m.connected_at,
        m.handed_over_at,
        m.enqueued_at,
        m.kept,
        m.enqueued_at is not null or m.connected_at is not null or m.logged_at is not null or m.is_callback
            or m.ticket_id is not null or m.reason is not null as is_tried,
        greatest(coalesce(c.n_requests, 0), case when m.reason = 'customer_asked' then 1 else 0 end) as n_asked,
        coalesce(w.has_customers_words, false) or m.cause is not null as is_asking_known,
        case when m.has_ai_turns then coalesce(c.n_fallbacks, 0) end as n_fallbacks,
        case when w.has_moods then coalesce(c.n_negative_turns, 0) end as n_negative_turns,
        c.requested_at,
        coalesce(
            c.first_trigger,
            case m.cause when 'customer_asked' then 'request' when 'procedure_handoff' then 'policy' else m.cause end,
            case when m.is_failed then 'failure' end
        ) as first_trigger,
        case
            when c.first_trigger is not null then c.first_trigger_at
            when m.cause is not null or m.is_failed then m.handed_over_at
        end as first_trigger_at,
        case
            when m.connected_at is not null then 'connected'
            when m.is_callback then 'callback'
            when m.ticket_id is not null then 'ticket'
            when not i.is_complete then 'waiting'
            when m.enqueued_at is not null then 'lost_in_queue'
            when m.logged_at is not null or m.reason is not null then 'no_queue'
            when m.is_left then 'gave_up'
            else 'not_tried'
        end as outcome,
        case
            when r.interaction_id is not null or coalesce(s.is_again, false) then true
            when u.interaction_id is not null then null
            when (coalesce(w.has_ais_words, false) and coalesce(a.has_words_after, false)) or coalesce(s.is_known, false) then false
        end as is_asked_again
    from marked as m
    join ai_interactions as i on i.interaction_id = m.interaction_id
    left join signal_counts as c on c.interaction_id = m.interaction_id and c.stretch = m.stretch
    left join words_before as w on w.interaction_id = m.interaction_id and w.stretch = m.stretch
    left join after_marks as a on a.interaction_id = m.interaction_id and a.stretch = m.stretch
    left join repeated_questions as r on r.interaction_id = m.interaction_id and r.stretch = m.stretch
    left join uncompared as u on u.interaction_id = m.interaction_id and u.stretch = m.stretch
    left join slot_marks as s on s.interaction_id = m.interaction_id and s.stretch = m.stretch
),

handoffs as (
    select
        *,
        row_number() over (partition by interaction_id order by stretch) as handoff_no,
        epoch_ms(connected_at) - epoch_ms(first_trigger_at) as until_connected_ms,
        epoch_ms(ended_at) - epoch_ms(first_trigger_at) as until_gone_ms,
        epoch_ms(connected_at) - epoch_ms(enqueued_at) as in_queue_ms
    from judged
    where is_tried or n_asked > 0
)

select
    interaction_id || ':' || handoff_no as handoff_id,
    interaction_id,
    occurred_on,
    handoff_no,
    is_tried,
    case when n_asked > 0 then true when is_asking_known then false end as is_asked_for,
    first_trigger,
    first_trigger_at,
    case when n_asked > 0 or is_asking_known then n_asked end as n_requests,
    n_fallbacks,
    n_negative_turns,
    requested_at,
    handed_over_at,
    connected_at,
    case when in_queue_ms >= 0 then in_queue_ms end as wait_ms,
    case when outcome = 'connected' and until_connected_ms >= 0 then until_connected_ms end as delay_ms,
    case
        when outcome in ('lost_in_queue', 'no_queue', 'gave_up', 'not_tried') and until_gone_ms >= 0 then until_gone_ms
    end as given_up_ms,
    outcome,
    case when outcome = 'connected' then kept = 1 end as is_context_kept,
    case when outcome = 'connected' then is_asked_again end as is_asked_again
from handoffs
order by interaction_id, handoff_no
