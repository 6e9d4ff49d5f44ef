-- title      = "Automated resolution, before verification (Zendesk)"
-- subject    = "Vendors' figures"
-- question   = "How much could Zendesk bill as resolved by its AI agent?"
-- definition = "As Zendesk counts automated resolutions, up to its last step: share of conversations in which an AI agent replied, no person answered, and the customer wrote no more on that channel for 72 hours. Zendesk then lets a language model check the words; its verdict is in no export, so Zendesk's own figure is at most this one."
-- formula    = "AI replied, no person, nothing more on this channel within {window_hours} hours ÷ conversations with a reply of the AI, window elapsed"
-- version    = 1
-- kind       = "proportion"
-- unit       = "percent"
-- better     = "neither"
-- min_n      = 30
-- owner      = "AI operations"
-- grain      = "interaction"
-- reads      = ["core_interactions", "out_repeats"]
-- window     = "window_hours"
-- params     = { window_hours = 72 }
-- notes      = """
-- Source: Zendesk help, "About automated resolutions for AI agents". Counted per conversation: a customer who comes back by another channel, or whom nobody can identify, is a new one and spoils nothing. The window runs from start to start, as everywhere in these figures; Zendesk's runs from the last message."""
--
-- [needs]
-- "legs.ai_agent" = "no source says where an AI agent took part"
-- "legs.answered_at" = "no source says when a person answered"
--
-- [example.params]
-- observed_until = "2025-03-06 10:00:00+00"
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | started_at             | channel | has_ai | is_answered | excluded_as
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | chat    | true   | false       |
--   b              | 2025-03-06  | 2025-03-06 10:00:00+00 | chat    | true   | false       |
--   c              | 2025-03-03  | 2025-03-03 10:00:00+00 | chat    | true   | false       |
--   d              | 2025-03-03  | 2025-03-03 11:00:00+00 | voice   | false  | true        |
--   e              | 2025-03-03  | 2025-03-03 10:00:00+00 | chat    | true   | true        |
--   f              | 2025-03-03  | 2025-03-03 10:00:00+00 | chat    | true   | false       |
--   g              | 2025-03-03  | 2025-03-03 10:00:00+00 | chat    | true   | false       |
--   h              | 2025-03-06  | 2025-03-06 10:00:01+00 | chat    | true   | false       |
-- '''
-- out_repeats = '''
--   interaction_id | started_at             | customer_id | customer_or_interaction
--   a              | 2025-03-03 10:00:00+00 | k1          | k1
--   b              | 2025-03-06 10:00:00+00 | k1          | k1
--   c              | 2025-03-03 10:00:00+00 | k2          | k2
--   d              | 2025-03-03 11:00:00+00 | k2          | k2
--   e              | 2025-03-03 10:00:00+00 | k3          | k3
--   f              | 2025-03-03 10:00:00+00 |             | f
--   g              | 2025-03-03 10:00:00+00 | k4          | k4
--   h              | 2025-03-06 10:00:01+00 | k4          | k4
-- '''
-- [example]
-- expect = '''
--   unit_id | num | den | excluded
--   a       | 0   | 1   |
--   b       | 1   | 1   | window not elapsed
--   c       | 1   | 1   |
--   e       | 0   | 1   |
--   f       | 1   | 1   |
--   g       | 1   | 1   |
--   h       | 1   | 1   | window not elapsed
-- '''

with

followed as (  -- each conversation with the customer's next one on the same channel
    select
        r.interaction_id,
        r.customer_or_interaction,
        r.started_at,
        lead(r.started_at) over (
            partition by r.customer_or_interaction, i.channel order by r.started_at, r.interaction_id
        ) as next_at
    from out_repeats as r
    join core_interactions as i on i.interaction_id = r.interaction_id
)

select
    i.interaction_id as unit_id,
    i.occurred_on,
    f.customer_or_interaction as cluster_id,
    case when i.is_answered or f.next_at <= f.started_at + to_hours($window_hours) then 0 else 1 end as num,
    1 as den,
    case when f.started_at + to_hours($window_hours) > $observed_until::timestamptz then 'window not elapsed' end as excluded
from core_interactions as i
join followed as f on f.interaction_id = i.interaction_id
where i.excluded_as is null and i.has_ai
order by i.interaction_id
