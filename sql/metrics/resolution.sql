-- title      = "Resolution"
-- subject    = "Outcomes"
-- question   = "Did we solve customers' problems?"
-- definition = "Share of episodes that ended resolved, by the best evidence at hand: A a system of record, B the customer's word, C nobody came back. A claim by an agent or AI (D) alone does not count."
-- formula    = "episodes with evidence A to {lowest_evidence} ÷ episodes quiet for the quiet period"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "Customer operations"
-- grain      = "episode"
-- reads      = ["out_episodes"]
-- vendor     = ["fin_resolution", "zendesk_automated_resolution", "zendesk_one_touch"]
-- by         = ["evidence"]
-- window     = "quiet_days"
-- params     = { quiet_days = 7, lowest_evidence = "C", only_closed = true, only_known = true }
-- notes      = """
-- An episode belongs to the local date, channel, queue … of its first interaction. only_closed = false counts episodes that may still go on; only_known = false counts episodes of unknown customers without evidence as not resolved."""
--
-- [needs]
-- "legs.is_goal_completed | cases.status when lowest_evidence = A" = "no system of record says what was resolved"
-- "legs.is_goal_completed | cases.status | legs.is_confirmed | survey_responses.is_resolved when lowest_evidence = B" = "no system of record and no customer says what was resolved"
-- "legs.is_goal_completed | cases.status | legs.is_confirmed | survey_responses.is_resolved | core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key when lowest_evidence = C" = "no source says what was resolved, nor who the customer is"
-- "legs.is_goal_completed | cases.status | legs.is_confirmed | survey_responses.is_resolved | core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key | legs.is_claimed_resolved when lowest_evidence = D" = "no source says what was resolved, nor who the customer is"
--
-- [for_full]
-- "legs.is_abandoned | legs.answered_at" = "who gave up is not known, and may count as resolved"
--
-- [derived]
-- "legs.is_goal_completed | cases.status | legs.is_confirmed | survey_responses.is_resolved" = "resolved: nobody came back; the source itself does not say it"
--
-- [variants]
-- resolution_claimed = { lowest_evidence = "D", title = "Resolution, claims included" }
-- resolution_recorded = { lowest_evidence = "A", title = "Resolution, on record" }
--
-- [example.params]
-- observed_until = "2025-03-10 10:00:00+00"
--
-- [example.given]
-- out_episodes = '''
--   episode_id | customer_or_interaction | customer_id | occurred_on | closes_at              | evidence
--   a          | k1                      | k1          | 2025-03-03  | 2025-03-10 10:00:00+00 | C
--   b          | k2                      | k2          | 2025-03-03  | 2025-03-10 10:00:01+00 | C
--   c          | c                       |             | 2025-03-03  | 2025-03-10 10:00:00+00 |
--   d          | d                       |             | 2025-03-03  | 2025-03-10 10:00:00+00 | A
--   e          | k5                      | k5          | 2025-03-03  | 2025-03-10 10:00:00+00 | D
-- '''
-- [example]
-- expect = '''
--   unit_id | evidence | num | den | excluded
--   a       | C        | 1   | 1   |
--   b       | C        | 1   | 1   | window not elapsed
--   c       | none     | 0   | 1   | customer not identified
--   d       | A        | 1   | 1   |
--   e       | D        | 0   | 1   |
-- '''

select
    e.episode_id as unit_id,
    e.occurred_on,
    e.customer_or_interaction as cluster_id,
    coalesce(e.evidence, 'none') as evidence,
    case when e.evidence <= $lowest_evidence then 1 else 0 end as num,
    1 as den,
    case
        when $only_closed and e.closes_at > $observed_until::timestamptz then 'window not elapsed'
        when $only_known and e.customer_id is null and e.evidence is null then 'customer not identified'
    end as excluded
from out_episodes as e
order by e.episode_id
