-- title      = "Repeats"
-- definition = "Every customer interaction with its customer, and the next time that this customer came back."
-- version    = 1
-- grain      = "one customer interaction"
-- entity     = "customer_or_interaction"
-- day        = "occurred_on"
-- reads      = ["core_interactions", "core_identities"]
-- params     = { forward_minutes = 15, horizon_days = 30, thanks_intents = "" }
-- notes      = """
-- The customer is the account where one is known, else what the e-mail address, the number or the cookie stands for, in this
-- order. An interaction that begins within the forward limit after a person handled the same customer on the same channel is
-- the same matter passed on: it is a forward, neither a repeat nor a new start. So is a message that only says thanks, where the
-- settings name the intents of such messages (repeat.thanks_intents). An interaction without an intent has the
-- intent 'unknown', so two of them count as the same reason. Windows run from start to start. What comes later than the horizon
-- is left out, so that a customer who returns after a year does not change what is stored about the year before."""
--
-- [columns]
-- interaction_id   = ["VARCHAR", "the interaction"]
-- occurred_on      = ["DATE", "local date of its start"]
-- started_at       = ["TIMESTAMP WITH TIME ZONE", "its start"]
-- customer_id      = ["VARCHAR", "the customer; empty: not identified"]
-- customer_basis   = ["VARCHAR", "account, email, phone, cookie; which identifier named the customer"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the interaction where there is none"]
-- reason           = ["VARCHAR", "intent, or unknown"]
-- is_forward       = ["BOOLEAN", "the same matter passed on by a person, or only thanks: no matter of its own"]
-- next_same_id     = ["VARCHAR", "the customer's next interaction for the same reason within 30 days"]
-- next_same_at     = ["TIMESTAMP WITH TIME ZONE", "its start"]
-- next_any_id      = ["VARCHAR", "the customer's next interaction for any reason within 30 days"]
-- next_any_at      = ["TIMESTAMP WITH TIME ZONE", "its start"]
-- next_any_channel = ["VARCHAR", "its channel"]
-- previous_same_at = ["TIMESTAMP WITH TIME ZONE", "start of the customer's interaction before, same reason, within 30 days, forwards left out"]
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | started_at             | ended_at               | channel | intent  | is_answered | account_key | phone_key | excluded_as
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 | 2025-03-03 10:05:00+00 | voice   | billing | true        | k_1         | t_1       |
--   b              | 2025-03-03  | 2025-03-03 10:19:59+00 | 2025-03-03 10:30:00+00 | voice   | billing | true        |             | t_1       |
--   c              | 2025-03-10  | 2025-03-10 10:00:00+00 | 2025-03-10 10:05:00+00 | chat    | billing | false       | k_1         |           |
--   d              | 2025-03-10  | 2025-03-10 10:06:00+00 | 2025-03-10 10:09:00+00 | voice   | outage  | true        | k_1         |           |
--   e              | 2025-03-10  | 2025-03-10 11:00:00+00 | 2025-03-10 11:09:00+00 | voice   | outage  | true        |             |           |
--   f              | 2025-03-11  | 2025-03-11 11:00:00+00 | 2025-03-11 11:09:00+00 | voice   | outage  | true        | k_1         |           | outbound
-- '''
-- core_identities = '''
--   identifier | n_accounts | customer_id
--   t_1        | 1          | k_1
-- '''
-- [example]
-- expect = '''
--   interaction_id | customer_id | customer_basis | is_forward | next_same_id | next_any_id | next_any_channel
--   a              | k_1         | account        | false      | c            | c           | chat
--   b              | k_1         | phone          | true       |              |             |
--   c              | k_1         | account        | false      |              | d           | voice
--   d              | k_1         | account        | false      |              |             |
--   e              |             |                | false      |              |             |
-- '''

with

customer_interactions as (  -- with the best identifier that links
    select
        i.interaction_id,
        i.occurred_on,
        i.started_at,
        i.ended_at,
        i.channel,
        i.is_answered,
        coalesce(i.intent, 'unknown') as reason,
        coalesce(i.account_key, e.customer_id, p.customer_id, k.customer_id) as customer_id,
        case
            when i.account_key is not null then 'account'
            when e.customer_id is not null then 'email'
            when p.customer_id is not null then 'phone'
            when k.customer_id is not null then 'cookie'
        end as customer_basis
    from core_interactions as i
    left join core_identities as e on e.identifier = i.email_key
    left join core_identities as p on p.identifier = i.phone_key
    left join core_identities as k on k.identifier = i.cookie_key
    where i.excluded_as is null
),

keyed as (  -- times as whole milliseconds: adding an interval to an instant consults the calendar row by row
    select
        *,
        coalesce(customer_id, interaction_id) as customer_or_interaction,
        epoch_ms(started_at) as started_ms,
        epoch_ms(ended_at) as ended_ms
    from customer_interactions
),

marked as (  -- a person handled the same customer on the same channel a moment before
    select
        *,
        coalesce(
            lag(is_answered) over by_customer
            and lag(channel) over by_customer = channel
            and started_ms < lag(ended_ms) over by_customer + $forward_minutes::bigint * 60000
            and $forward_minutes > 0,
            false
        ) or strpos($thanks_intents, '|' || reason || '|') > 0 as is_forward
    from keyed
    window by_customer as (partition by customer_or_interaction order by started_at, interaction_id)
),

followed as (  -- what came next, forwards left out
    select
        interaction_id,
        lead(interaction_id) over same_reason as next_same_id,
        lead(started_at) over same_reason as next_same_at,
        lead(started_ms) over same_reason as next_same_ms,
        lead(interaction_id) over any_reason as next_any_id,
        lead(started_at) over any_reason as next_any_at,
        lead(started_ms) over any_reason as next_any_ms,
        lead(channel) over any_reason as next_any_channel,
        lag(started_at) over same_reason as previous_same_at,
        lag(started_ms) over same_reason as previous_same_ms
    from marked
    where not is_forward
    window
        same_reason as (partition by customer_or_interaction, reason order by started_at, interaction_id),
        any_reason as (partition by customer_or_interaction order by started_at, interaction_id)
)

select
    m.interaction_id,
    m.occurred_on,
    m.started_at,
    m.customer_id,
    m.customer_basis,
    m.customer_or_interaction,
    m.reason,
    m.is_forward,
    case when f.next_same_ms <= m.started_ms + $horizon_days::bigint * 86400000 then f.next_same_id end as next_same_id,
    case when f.next_same_ms <= m.started_ms + $horizon_days::bigint * 86400000 then f.next_same_at end as next_same_at,
    case when f.next_any_ms <= m.started_ms + $horizon_days::bigint * 86400000 then f.next_any_id end as next_any_id,
    case when f.next_any_ms <= m.started_ms + $horizon_days::bigint * 86400000 then f.next_any_at end as next_any_at,
    case when f.next_any_ms <= m.started_ms + $horizon_days::bigint * 86400000 then f.next_any_channel end as next_any_channel,
    case when f.previous_same_ms >= m.started_ms - $horizon_days::bigint * 86400000 then f.previous_same_at end as previous_same_at
from marked as m
left join followed as f on f.interaction_id = m.interaction_id
order by m.interaction_id
