-- title      = "Identities"
-- definition = "What a number, an address or a cookie says about who the customer is: the one account it belongs to, itself, or nothing."
-- version    = 1
-- grain      = "one identifier seen on customer interactions"
-- entity     = "identifier"
-- day        = ""
-- reads      = ["core_interactions"]
-- params     = { shared_limit = 3 }
-- notes      = """
-- An identifier used by exactly one account stands for that account. Used by two up to the limit (a household) it stands for
-- itself. Used by more (a switchboard, a shop's telephone) it links nobody; nor do the numbers listed as switchboards."""
--
-- [columns]
-- identifier  = ["VARCHAR", "pseudonym of a number, address or cookie"]
-- n_accounts  = ["BIGINT", "different accounts seen with it"]
-- customer_id = ["VARCHAR", "the customer it stands for; empty: it links nobody"]
--
-- [example.given]
-- core_interactions = '''
--   interaction_id | phone_key | account_key
--   a              | t_home    | k_1
--   b              | t_home    |
--   c              | t_pair    | k_2
--   d              | t_pair    | k_3
--   e              | t_desk    | k_4
--   f              | t_desk    | k_5
--   g              | t_desk    | k_6
--   h              | t_desk    | k_7
--   i              | t_board   | k_8
-- '''
-- switchboards = '''
--   identifier
--   t_board
-- '''
-- [example]
-- expect = '''
--   identifier | n_accounts | customer_id
--   t_board    | 1          |
--   t_desk     | 4          |
--   t_home     | 1          | k_1
--   t_pair     | 2          | t_pair
-- '''

with

sightings as (  -- an identifier on interactions, with each account that is known with it, and none
    select email_key as identifier, account_key from core_interactions where email_key is not null
    union
    select phone_key as identifier, account_key from core_interactions where phone_key is not null
    union
    select cookie_key as identifier, account_key from core_interactions where cookie_key is not null
),

identifiers as (
    select identifier, count(account_key) as n_accounts, min(account_key) as first_account
    from sightings
    group by identifier
)

select
    i.identifier,
    i.n_accounts,
    case
        when b.identifier is not null or i.n_accounts > $shared_limit then null
        when i.n_accounts = 1 then i.first_account
        else i.identifier
    end as customer_id
from identifiers as i
left join switchboards as b on b.identifier = i.identifier
order by i.identifier
