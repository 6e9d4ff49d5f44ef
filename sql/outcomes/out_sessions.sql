-- title      = "Sessions"
-- definition = "Every visit to an app or a website: no contact and in no figure about contacts, but a part of the customer's journeys."
-- version    = 1
-- grain      = "one interaction that its source excludes as 'session'"
-- entity     = "customer_or_interaction"
-- day        = "occurred_on"
-- reads      = ["core_interactions", "core_identities"]
-- notes      = """
-- Who the customer is, is told as in out_repeats: the account, else what the e-mail address, the number or the cookie stands for."""
--
-- [columns]
-- interaction_id   = ["VARCHAR", "the session"]
-- occurred_on      = ["DATE", "local date of its start"]
-- started_at       = ["TIMESTAMP WITH TIME ZONE", "its start"]
-- customer_id      = ["VARCHAR", "the customer; empty: not identified"]
-- customer_or_interaction = ["VARCHAR", "the customer, or the session where there is none"]
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | occurred_on | started_at             | account_key | cookie_key | excluded_as
--   a              | 2025-03-03  | 2025-03-03 10:00:00+00 |             | b_1        | session
--   b              | 2025-03-03  | 2025-03-03 11:00:00+00 |             | b_2        | session
--   c              | 2025-03-03  | 2025-03-03 12:00:00+00 | k_1         | b_1        |
--   d              | 2025-03-03  | 2025-03-03 13:00:00+00 | k_1         | b_1        | test
-- '''
-- core_identities = '''
--   identifier | n_accounts | customer_id
--   b_1        | 1          | k_1
--   b_2        | 9          |
-- '''
-- [example]
-- expect = '''
--   interaction_id | occurred_on | customer_id | customer_or_interaction
--   a              | 2025-03-03  | k_1         | k_1
--   b              | 2025-03-03  |             | b
-- '''

select
    i.interaction_id,
    i.occurred_on,
    i.started_at,
    coalesce(i.account_key, e.customer_id, p.customer_id, k.customer_id) as customer_id,
    coalesce(i.account_key, e.customer_id, p.customer_id, k.customer_id, i.interaction_id) as customer_or_interaction
from core_interactions as i
left join core_identities as e on e.identifier = i.email_key
left join core_identities as p on p.identifier = i.phone_key
left join core_identities as k on k.identifier = i.cookie_key
where i.excluded_as = 'session'
order by i.interaction_id
