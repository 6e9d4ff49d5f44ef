-- title      = "Reported count"
-- subject    = "Counts of other systems"
-- question   = "What did another system count?"
-- definition = "What another system counted over the days of the period, such as sessions of a bot of which no records are kept."
-- formula    = "sum of the counts of {measure} over local days"
-- version    = 1
-- kind       = "count"
-- unit       = "count"
-- better     = "neither"
-- min_n      = 1
-- owner      = "Operations"
-- grain      = "period count"
-- reads      = ["core_period_counts"]
-- by         = ["measure", "channel", "queue", "source"]
-- params     = { measure = "any" }
-- notes      = """
-- Name the count in the settings with a variant: measure = "sessions". Without a name every count adds up, whatever it counts: break
-- it down by measure. Counts over more than a day stand in no day; they are left out and named. A day of which no count came is not 0,
-- it is missing: the figure is the sum of the days that came. The interval is that of a count of independent events (Garwood)."""
--
-- [needs]
-- "period_counts.n" = "no source reports counts of another system"
--
-- [example.params]
-- measure = "sessions"
-- [example.given]
-- core_period_counts = '''
--   count_id | source | start_on   | end_on     | measure  | channel | n
--   a        | mails  | 2025-03-03 |            | sessions | voice   | 120
--   b        | mails  | 2025-03-04 | 2025-03-05 | sessions | voice   | 0
--   c        | mails  | 2025-03-01 | 2025-04-01 | sessions | voice   | 3000
--   d        | mails  | 2025-03-03 |            | calls    | voice   | 130
-- '''
-- [example]
-- expect = '''
--   unit_id | occurred_on | num  | den | excluded
--   a       | 2025-03-03  | 120  | 1   |
--   b       | 2025-03-04  | 0    | 1   |
--   c       | 2025-03-01  | 3000 | 1   | count over more than a day
-- '''

select
    c.count_id as unit_id,
    c.start_on as occurred_on,
    c.count_id as cluster_id,
    c.measure, c.channel, c.queue, c.source,
    c.n as num,
    1 as den,
    case when c.end_on > c.start_on + 1 then 'count over more than a day' end as excluded
from core_period_counts as c
where $measure = 'any' or c.measure = $measure
order by c.count_id
