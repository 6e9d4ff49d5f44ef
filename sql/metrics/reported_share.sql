-- title      = "Reported share"
-- subject    = "Counts of other systems"
-- question   = "How did another system's counts relate?"
-- definition = "One count of another system as a share of another, over the days of which both came: for example successful sessions of all sessions."
-- formula    = "sum of {numerator} ÷ sum of {denominator}, over days with both counts"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "Operations"
-- grain      = "period count"
-- reads      = ["core_period_counts"]
-- by         = ["channel", "queue"]
-- params     = { numerator = "", denominator = "" }
-- notes      = """
-- Name both counts in the settings with a variant. n is what was counted, not the days. Whose sessions they were is not known: the interval
-- takes each as independent, and is too narrow where few customers have many. A day of which one of the two counts is missing or came
-- twice, or where the part is larger than the whole, is left out and named."""
--
-- [needs]
-- "period_counts.n" = "no source reports counts of another system"
--
-- [example.params]
-- numerator = "successes"
-- denominator = "sessions"
-- [example.given]
-- core_period_counts = '''
--   count_id | source | start_on   | end_on     | measure   | channel | n
--   a        | mails  | 2025-03-03 |            | sessions  | voice   | 120
--   b        | mails  | 2025-03-03 |            | successes | voice   | 120
--   c        | mails  | 2025-03-04 |            | sessions  | voice   | 90
--   d        | mails  | 2025-03-05 |            | sessions  | voice   | 80
--   e        | mails  | 2025-03-05 |            | successes | voice   | 81
--   f        | mails  | 2025-03-06 |            | successes | voice   | 3
--   g        | mails  | 2025-03-01 | 2025-04-01 | sessions  | voice   | 3000
--   h        | mails  | 2025-03-01 |            | successes | voice   | 9
--   i        | mails  | 2025-03-03 |            | sessions  | chat    | 10
--   j        | mails  | 2025-03-03 |            | successes | chat    | 0
--   k        | mails  | 2025-03-07 |            | sessions  | voice   | 10
--   l        | log    | 2025-03-07 |            | sessions  | voice   | 10
--   m        | mails  | 2025-03-07 |            | successes | voice   | 5
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 120 | 120 |
--   c       | 0   | 90  | one of the two counts is missing
--   d       | 81  | 80  | the part is larger than the whole
--   f       | 3   | 0   | one of the two counts is missing
--   h       | 9   | 0   | one of the two counts is missing
--   i       | 0   | 10  |
--   k       | 5   | 10  | counted more than once
--   l       | 5   | 10  | counted more than once
-- '''

with

daily_counts as (  -- counts of one local day, and how often that day, channel and queue were counted
    select
        count_id, start_on, channel, queue, measure, n,
        count(*) over (partition by measure, start_on, channel, queue) as n_counts
    from core_period_counts
    where measure in ($numerator, $denominator) and coalesce(end_on <= start_on + 1, true)
),

wholes as (select * from daily_counts where measure = $denominator),

parts as (  -- one row per day, channel and queue
    select start_on, channel, queue, min(count_id) as count_id, sum(n)::bigint as n, count(*) as n_counts
    from daily_counts
    where measure = $numerator
    group by start_on, channel, queue
)

select
    coalesce(w.count_id, p.count_id) as unit_id,
    coalesce(w.start_on, p.start_on) as occurred_on,
    coalesce(w.count_id, p.count_id) as cluster_id,
    coalesce(w.channel, p.channel) as channel,
    coalesce(w.queue, p.queue) as queue,
    coalesce(p.n, 0) as num,
    coalesce(w.n, 0) as den,
    case
        when w.count_id is null or p.count_id is null then 'one of the two counts is missing'
        when w.n_counts > 1 or p.n_counts > 1 then 'counted more than once'
        when p.n > w.n then 'the part is larger than the whole'
    end as excluded
from wholes as w
full join parts as p
    on p.start_on = w.start_on
    and p.channel is not distinct from w.channel
    and p.queue is not distinct from w.queue
order by unit_id
