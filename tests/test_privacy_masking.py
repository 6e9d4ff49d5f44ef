"""What is masked in words, kind by kind, what stays, and that no surrounding makes a planted number readable."""

import random
import uuid

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.intake.masking.first_pass import SUSPECT
from cxreports.intake.masking.mask import Rules, mask_text

RULES = Rules("GB", ("GB", "US"))

MASKED = [
    ("４１１１ １１１１ １１１１ １１１１", "[CARD]", {"CARD": 1}),
    ("41\u200b11-1111–1111.1111", "[CARD]", {"CARD": 1}),
    ("visa4111111111111111exp1225", "visa[CARD]exp1225", {"CARD": 1}),
    ("x94111111111111111y", "x9[CARD]y", {"CARD": 1}),
    ("order 4539 4111 1111 1111 1111", "order 4539 [CARD]", {"CARD": 1}),
    ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[CARD]", {"CARD": 1}),
    ("2223 0031 2200 3222 and 6759649826438453", "[CARD] and [CARD]", {"CARD": 2}),
    ("four one one one, double one double one one one, one one one one one one", "[CARD]", {"CARD": 1}),
    ("4111 1111 1111 1112, 1411111111111111", "4111 1111 1111 1112, 1411111111111111", {}),  # no check digit, no issuer
    ("IMEI 490154203237518 at 1764000000000", "IMEI 490154203237518 at 1764000000000", {}),
    ("IBAN GB29 NWBK 6016 1331 9268 19.", "IBAN [BANK_ACCOUNT].", {"BANK_ACCOUNT": 1}),
    ("to DE89370400440532013000 or MT84 MALT 0110 0001 2345 MTLC AST0 01S", "to [BANK_ACCOUNT] or [BANK_ACCOUNT]",
     {"BANK_ACCOUNT": 2}),
    ("GB30 NWBK 6016 1331 9268 19", "GB30 NWBK 6016 1331 9268 19", {}),  # wrong check digits
    ("sort code 12-34-56 and account number 12345678", "sort code [BANK_ACCOUNT] and account number [BANK_ACCOUNT]",
     {"BANK_ACCOUNT": 2}),
    ("routing 021000021 account 1234567890", "routing [BANK_ACCOUNT] account [BANK_ACCOUNT]", {"BANK_ACCOUNT": 2}),
    ("order 12345678", "order 12345678", {}),
    ("NI AB 12 34 56 C, SSN 536-90-4399, ssn 536904399", "NI [NATIONAL_ID], SSN [NATIONAL_ID], ssn [NATIONAL_ID]",
     {"NATIONAL_ID": 3}),
    ("NHS 943 476 5919", "NHS [NATIONAL_ID]", {"NATIONAL_ID": 1}),
    ("order 9434765919", "order 9434765919", {}),
    ("'jo.o'neil+x@example.co.uk'", "'[EMAIL]'", {"EMAIL": 1}),
    ("mailto:jo@bücher.example.org?x=1", "mailto:[EMAIL]?x=1", {"EMAIL": 1}),
    ("jo dot doe at example dot com thanks", "[EMAIL] thanks", {"EMAIL": 1}),
    ("j o e (at) example (dot) com", "[EMAIL]", {"EMAIL": 1}),
    ("meet me at home. It rained at noon dot", "meet me at home. It rained at noon dot", {}),
    ("call 618-226-1460 or (044)688-7538x8775", "call [PHONE] or [PHONE]", {"PHONE": 2}),
    ("telephone: 450 0840", "telephone: [PHONE]", {"PHONE": 1}),
    ("450 0840 points", "450 0840 points", {}),
    ("oh seven seven double oh nine double oh, um, one two three", "[PHONE]", {"PHONE": 1}),
    ("sieben acht neun null eins zwei drei vier", "[DIGITS]", {"DIGITS": 1}),
    ("two or three days, one or two calls, at seven thirty", "two or three days, one or two calls, at seven thirty", {}),
    ("my dob is 12 March 1980", "my dob is [BIRTH_DATE]", {"BIRTH_DATE": 1}),
    ("geboren am 3.4.1985; née le 12 août 1971", "geboren am [BIRTH_DATE]; née le [BIRTH_DATE]", {"BIRTH_DATE": 2}),
    ("3/4/85 is my date of birth", "[BIRTH_DATE] is my date of birth", {"BIRTH_DATE": 1}),
    ("it broke on 12 March 2025 at 10:15:22", "it broke on 12 March 2025 at 10:15:22", {}),
    ("from 192.168.100.23 or 3b20:9a3a:1b2f:7ce:9ef1:4787:85fc:261e", "from [IP] or [IP]", {"IP": 2}),
    ("version 10.20.30.40, 4.3.0.1, 10:15:22", "version 10.20.30.40, 4.3.0.1, 10:15:22", {}),
    ("I am [NAME], [CREDIT_DEBIT_NUMBER] **** 1111 [PII] [REDACTED] <US_SSN> ███",
     "I am [NAME], [CREDIT_DEBIT_NUMBER] **** 1111 [PII] [REDACTED] <US_SSN> ███", {"VENDOR": 7}),
    ("press [DTMF] now [OK] and **bold**", "press [DTMF] now [OK] and **bold**", {"DTMF": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked", "counts"), MASKED)
def test_each_kind_is_masked_and_counted(text, masked, counts):
    found = mask_text(text, RULES)
    assert (found.text, found.counts) == (masked, counts)


def test_the_first_pass_lets_through_whatever_is_masked_and_nothing_of_plain_chat():
    chat = [
        "hi, I would like to know when my order comes",
        "two or 3 days, said the agent",
        "ok, thank you!",
        "PIN 4711 at 10:15",
    ]
    texts = [text for text, _, counts in MASKED if counts]
    with duckdb.connect() as con:
        looked_at = [con.execute("select regexp_matches($t, $p)", {"t": t, "p": SUSPECT}).fetchone() for t in [*texts, *chat]]
    assert looked_at == [(True,)] * len(texts) + [(False,)] * len(chat)


def test_no_random_uuid_or_hash_is_taken_for_a_person():
    draw = random.Random(7)
    uuids = [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(20_000)]
    hashes = [f"{draw.getrandbits(4 * n):0{n}x}" for n in (32, 40, 64) for _ in range(2_000)]
    kept = [x for x in [*uuids, *hashes, f"queue/{uuids[0]}", f"CA{hashes[0]}"] if mask_text(x, RULES).text != x]
    assert kept == []


def test_a_card_in_place_of_an_id_is_masked():
    assert mask_text("41111111-1111-1111", RULES).text == "[CARD]"
    assert mask_text("ref-4111111111111111", RULES).text == "ref-[CARD]"
    assert mask_text("6f9619ff-8b86-d011-b42d-00c04fc964ff 4111111111111111", RULES).text == (
        "6f9619ff-8b86-d011-b42d-00c04fc964ff [CARD]"
    )


CARDS = ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000", "30569309025904"]
IBANS = ["GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606", "NO9386011117947"]
EMAILS = ["jo.doe+x@example.org", "o'neil_99@mail.example.co.uk"]
SEPARATORS = ["", " ", "-", ".", "\u200b", "\u2013", "\u00a0", "\u2060-", " - ", "_"]
NOISE = st.lists(
    st.sampled_from([*"aZé7 0.,-@:/[]()*\n\u200b\u0661\u00a0", "four ", "dob ", "account ", "[CARD]"]), max_size=12
).map("".join)
DIGIT_SETS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CARDS), st.sampled_from(SEPARATORS), st.sampled_from(DIGIT_SETS), NOISE, NOISE)
def test_no_four_digits_of_a_planted_card_stay(card, separator, digits, before, after):
    own = card.translate({ord(str(i)): d for i, d in enumerate(digits)})
    planted = separator.join(own[i : i + 4] for i in range(0, len(own), 4))
    hidden = mask_text(f"{before} {planted} {after}", RULES).text
    assert not any(own[i : i + 4] in hidden for i in range(len(own) - 3) if own[i : i + 4] not in before + after), hidden


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CARDS[:3]), st.sampled_from("abz17"), st.sampled_from("abz17"))
def test_a_card_is_found_between_letters_and_digits_without_a_blank(card, before, after):
    assert card not in mask_text(f"{before}{card}{after}", RULES).text


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(IBANS), st.integers(1, 5), st.sampled_from([" ", "-", "\u00a0", "\u200b"]), st.booleans(), NOISE, NOISE)
def test_a_planted_iban_is_masked_however_it_is_spaced(iban, width, separator, is_lower, before, after):
    own = iban.lower() if is_lower else iban
    planted = separator.join(own[i : i + width] for i in range(0, len(own), width))
    hidden = mask_text(f"{before}; {planted}; {after}", RULES).text
    assert planted not in hidden and own[-6:] not in hidden


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EMAILS), NOISE, NOISE)
def test_a_planted_address_is_masked(email, before, after):
    hidden = mask_text(f"{before} {email} {after}", RULES).text
    assert email not in hidden and "example" not in hidden


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*CARDS, *IBANS, *EMAILS, *(text for text, _, _ in MASKED), "dob ", " ", "1", "-", "at "]), max_size=8
    )
)
def test_masking_a_masked_text_changes_nothing(pieces):
    once = mask_text("".join(pieces), RULES).text
    assert mask_text(once, RULES).text == once


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "a@", "@", "at x dot ", "[A", "[NAME_", "GB29", "four ", "dob 1/2/1980 ", "+44 113 ", "(", "1:", "Xx", "b."],
)
def test_a_huge_text_of_one_piece_comes_to_an_end(piece):
    """No pattern backtracks without bound: an exponential or cubic one would never end here."""
    assert mask_text(piece * (20_000 // len(piece)), RULES).text
