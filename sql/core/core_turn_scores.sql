-- title      = "Scored turns"
-- definition = "What the project's own scorer makes of the words of customers, where their source does not score the mood itself."
-- version    = 1
-- grain      = "one turn of a customer in which the scorer found a mood"
-- entity     = "interaction_id"
-- day        = "occurred_on"
-- reads      = ["core_legs", "core_sentiments", "core_turns"]
-- params     = { scorer = "", scored_sources = "", history_start = "0001-01-01 00:00:00+00" }
-- notes      = """
-- Empty unless the settings name a scorer ([sentiment]). Only masked words are read. An interaction of which the source gives any score
-- of the customer's mood keeps that and is not scored here; nor is a turn that carries a label of its source. The scorer's name and
-- version stand with each score; another one scores everything anew. A turn in which the scorer finds no mood has no row.
-- The beginning is the first half of a customer's turns on a leg, the end the second; of three turns the second belongs to the
-- end, and a single turn is one. What a part is scored with is the mean of its turns that have a score."""
--
-- [columns]
-- interaction_id   = ["VARCHAR", "the interaction"]
-- leg_id           = ["VARCHAR", "the leg"]
-- source           = ["VARCHAR", "the source of the turn"]
-- turn_id          = ["VARCHAR", "the turn, by its id within its record"]
-- occurred_on      = ["DATE", "local date of the interaction's start"]
-- turn_no          = ["BIGINT", "number of the turn among the customer's turns on the leg, from 1"]
-- n_turns          = ["BIGINT", "the customer's turns on the leg"]
-- part             = ["VARCHAR", "begin or end"]
-- score            = ["DECIMAL(9,4)", "mood, -1 to 1"]
-- scorer           = ["VARCHAR", "who scored it, with version"]
--
-- [example.params]
-- timezone = "Europe/London"
-- scorer = "lexicon 1 (en de es fr)"
-- [example.given]
-- core_legs = '''
--   leg_id | root_id | source | started_at             | language | end_score
--   a      |         | chat   | 2025-03-03 23:58:00+00 | en-GB    |
--   b      | a       | chat   | 2025-03-04 00:05:00+00 | en-GB    |
--   c      |         | chat   | 2025-03-03 10:00:00+00 |          |
--   d      |         | chat   | 2025-03-03 10:00:00+00 |          | 0.1
--   e      |         | chat   | 2025-03-03 10:00:00+00 | pt       |
-- '''
-- core_sentiments = '''
--   leg_id | speaker  | part    | score
--   c      | customer | overall | 0.5
-- '''
-- core_turns = '''
--   source | record_key | turn_id | leg_id | turn_seq | speaker  | content                     | sentiment
--   chat   | r          | 1       | a      | 1        | customer | This is terrible!           |
--   chat   | r          | 2       | a      | 2        | bot      | This is terrible!           |
--   chat   | r          | 3       | a      | 3        | customer | Where is my parcel?         |
--   chat   | r          | 4       | a      | 4        | customer | thanks, bye                 |
--   chat   | r          | 5       | b      | 1        | customer | I am very happy, thank you. |
--   chat   | r          | 6       | b      | 2        | customer | not good                    | NEUTRAL
--   chat   | r          | 7       | c      | 1        | customer | This is terrible!           |
--   chat   | r          | 8       | d      | 1        | customer | This is terrible!           |
--   chat   | r          | 9       | e      | 1        | customer | Isto é terrible             |
-- '''
-- [example]
-- expect = '''
--   interaction_id | leg_id | turn_id | occurred_on | turn_no | n_turns | part  | score   | scorer
--   a              | a      | 1       | 2025-03-03  | 1       | 3       | begin | -0.5000 | lexicon 1 (en de es fr)
--   a              | a      | 4       | 2025-03-03  | 3       | 3       | end   | 0.0000  | lexicon 1 (en de es fr)
--   a              | b      | 5       | 2025-03-03  | 1       | 2       | begin | 0.4286  | lexicon 1 (en de es fr)
-- '''

with

chained_legs as (
    select leg_id, coalesce(root_id, leg_id) as interaction_id, source, language, started_at, end_score
    from core_legs
    where $scorer <> ''
),

numbered_legs as (  -- the first leg first
    select
        *,
        row_number() over (partition by interaction_id order by leg_id <> interaction_id, started_at, leg_id) as leg_no,
        count(end_score) over (partition by interaction_id) as n_own_scores
    from chained_legs
),

chains as (  -- source and start of the first leg
    select interaction_id, source, started_at, n_own_scores
    from numbered_legs
    where leg_no = 1
),

scored_by_source as (
    select distinct l.interaction_id
    from core_sentiments as s
    join chained_legs as l on l.leg_id = s.leg_id
    where s.speaker = 'customer' and s.score is not null
),

unscored_legs as (
    select l.leg_id, l.language, c.interaction_id, c.started_at
    from chained_legs as l
    join chains as c on c.interaction_id = l.interaction_id
    left join scored_by_source as s on s.interaction_id = l.interaction_id
    where
        s.interaction_id is null
        and c.n_own_scores = 0
        and c.started_at >= $history_start::timestamptz
        and ($scored_sources = '' or contains($scored_sources, chr(10) || c.source || chr(10)))
),

customer_turns as (
    select
        l.interaction_id,
        l.leg_id,
        l.language,
        l.started_at,
        t.source,
        t.turn_id,
        case when t.sentiment is null then t.content end as words,
        row_number() over (
            partition by l.leg_id
            order by t.occurred_at nulls last, t.offset_ms nulls last, t.turn_seq nulls last, t.source, t.record_key, t.turn_id
        ) as turn_no,
        count(*) over (partition by l.leg_id) as n_turns
    from core_turns as t
    join unscored_legs as l on l.leg_id = t.leg_id
    where t.speaker = 'customer' and t.content is not null and not coalesce(t.is_test, false)
),

scored_turns as (
    select *, turn_score(words, language)::decimal(9,4) as score
    from customer_turns
)

select
    interaction_id,
    leg_id,
    source,
    turn_id,
    local_date(started_at, $timezone) as occurred_on,
    turn_no,
    n_turns,
    case when 2 * turn_no <= n_turns then 'begin' else 'end' end as part,
    score,
    $scorer as scorer
from scored_turns
where score is not null
order by interaction_id, leg_id, turn_no
