-- title      = "Customer satisfaction with the AI"
-- subject    = "Satisfaction and mood"
-- question   = "Were customers satisfied whom the AI served from first to last?"
-- definition = "Share of survey answers about satisfaction that gave one of the two best marks, where only an AI took part in the whole matter, over all its contacts."
-- formula    = "answers with one of the two best marks ÷ answers, episodes handled by {episode_handler}, closed"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "higher"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "survey response"
-- reads      = ["core_interactions", "out_surveys", "out_repeats", "out_episodes"]
-- by         = ["episode_handler"]
-- window     = "quiet_days"
-- params     = { quiet_days = 7, episode_handler = "ai_only" }
-- notes      = """
-- Who praises the AI and then needs a person after all has not been served by the AI: what counts is who took part in the whole episode (ai_only, ai_then_human, human_only), which is known when it is closed. An answer counts on the day of the interaction that it is about.
-- Compare AI and people only within one intent (--by intent), because the AI gets the easier ones; few customers answer, and the response rate stands beside it."""
--
-- [needs]
-- "survey_responses.score" = "no survey source"
-- "legs.ai_agent when episode_handler = ai_only" = "no source says where an AI agent took part"
-- "legs.ai_agent when episode_handler = ai_then_human" = "no source says where an AI agent took part"
--
-- [for_full]
-- "core_interactions.account_key | core_interactions.email_key | core_interactions.phone_key | core_interactions.cookie_key" = "customers are not identified: each interaction is an episode of its own"
--
-- [derived]
-- "survey_responses.scale_max" = "the best mark is taken to be 5"
--
-- [variants]
-- csat_ai_then_human = { episode_handler = "ai_then_human", title = "Customer satisfaction, AI and a person" }
-- csat_human_only = { episode_handler = "human_only", title = "Customer satisfaction, people only" }
-- csat_by_handler = { episode_handler = "any", title = "Customer satisfaction, by who handled the matter" }
--
-- [example.params]
-- observed_until = "2025-03-12 10:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | channel | excluded_as
--   a              | chat    |
--   b              | chat    |
--   c              | voice   |
--   d              | chat    |
--   e              | chat    |
-- '''
-- out_surveys = '''
--   response_id | interaction_id | occurred_on | kind | score | scale_max | steps_to_best
--   s1          | a              | 2025-03-03  | csat | 4     | 5         | 1
--   s2          | b              | 2025-03-03  | csat | 5     | 5         | 0
--   s3          | c              | 2025-03-05  | csat | 5     | 5         | 0
--   s4          | d              | 2025-03-05  | csat | 3     | 5         | 2
--   s5          | d              | 2025-03-05  | csat |       | 5         |
--   s6          | e              | 2025-03-05  | csat | 5     | 5         | 0
-- '''
-- out_repeats = '''
--   interaction_id | started_at             | customer_or_interaction | reason
--   a              | 2025-03-03 10:00:00+00 | k1                      | billing
--   b              | 2025-03-03 10:00:00+00 | k2                      | billing
--   c              | 2025-03-05 10:00:00+00 | k2                      | billing
--   d              | 2025-03-05 10:00:00+00 | k2                      | outage
--   e              | 2025-03-05 10:00:01+00 | k3                      | outage
-- '''
-- out_episodes = '''
--   episode_id | customer_or_interaction | reason  | started_at             | last_at                | closes_at              | handler
--   a          | k1                      | billing | 2025-03-03 10:00:00+00 | 2025-03-03 10:00:00+00 | 2025-03-10 10:00:00+00 | ai_only
--   b          | k2                      | billing | 2025-03-03 10:00:00+00 | 2025-03-05 10:00:00+00 | 2025-03-12 10:00:00+00 | ai_then_human
--   d          | k2                      | outage  | 2025-03-05 10:00:00+00 | 2025-03-05 10:00:00+00 | 2025-03-12 10:00:00+00 | ai_only
--   e          | k3                      | outage  | 2025-03-05 10:00:01+00 | 2025-03-05 10:00:01+00 | 2025-03-12 10:00:01+00 | ai_only
-- '''
-- [example]
-- expect = '''
--   unit_id | episode_handler | num | den | excluded
--   s1      | ai_only         | 1   | 1   |
--   s4      | ai_only         | 0   | 1   |
--   s5      | ai_only         | 0   | 1   | not answered
--   s6      | ai_only         | 1   | 1   | window not elapsed
-- '''

select
    s.response_id as unit_id,
    s.occurred_on,
    r.customer_or_interaction as cluster_id,
    e.handler as episode_handler,
    case when s.steps_to_best <= case when s.scale_max > 3 then 1 else 0 end then 1 else 0 end as num,
    1 as den,
    case
        when s.score is null then 'not answered'
        when s.score < 0 or s.score > s.scale_max then 'answer outside its scale'
        when e.closes_at > $observed_until::timestamptz then 'window not elapsed'
    end as excluded
from out_surveys as s
join core_interactions as i on i.interaction_id = s.interaction_id
join out_repeats as r on r.interaction_id = s.interaction_id
join out_episodes as e
    on e.customer_or_interaction = r.customer_or_interaction
    and e.reason = r.reason
    and r.started_at between e.started_at and e.last_at
where
    i.excluded_as is null
    and s.kind = 'csat'
    and ($episode_handler = 'any' or e.handler = $episode_handler)
order by s.response_id
