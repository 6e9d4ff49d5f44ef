"""People cannot be read from what is stored, and can still be followed."""

import pytest

from cxreports.intake.privacy import mask, pseudonym

KEY = b"0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "written", ["+441134960001", "0113 496 0001", "+44 (0)113 496 0001", "0044 113 4960001", "tel:+441134960001"]
)
def test_one_telephone_number_has_one_pseudonym_however_it_is_written(written):
    assert pseudonym("phone", written, KEY, "GB") == pseudonym("phone", "+441134960001", KEY, "GB")


def test_a_pseudonym_tells_its_kind_and_nothing_else():
    assert (pseudonym("email", "a@b.org", KEY, None) or "").startswith("e_")
    assert len(pseudonym("email", "a@b.org", KEY, None) or "") == 26
    assert pseudonym("email", " A@B.org", KEY, None) == pseudonym("email", "a@b.org", KEY, None)
    assert pseudonym("account", "a@b.org", KEY, None) != pseudonym("email", "a@b.org", KEY, None)
    assert pseudonym("email", "a@b.org", KEY, None) != pseudonym("email", "a@b.org", KEY[::-1], None)


@pytest.mark.parametrize(
    "value", ["", " ", None, "anonymous", "Restricted", "PRIVATE", "+266696687", "266696687", "sip:anonymous@x"]
)
def test_a_withheld_number_is_nobodys(value):
    assert pseudonym("phone", value, KEY, "GB") is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my card 4111 1111 1111 1111 please", "my card [CARD] please"),
        ("amex 3782 822463 10005.", "amex [CARD]."),
        ("4111 1111 1111 1112 is no card", "4111 1111 1111 1112 is no card"),
        ("write to jo.o'neil@example.org, thanks", "write to [EMAIL], thanks"),
        ("joan_doyle136@example.org", "[EMAIL]"),
        ("call 020 7946 0007 or +44 7700 900014", "call [PHONE] or [PHONE]"),
        ("NI AB 12 34 56 C and jg103759a", "NI [NATIONAL_ID] and [NATIONAL_ID]"),
        ("SSN 536-90-4399", "SSN [NATIONAL_ID]"),
        ("I am [PII], on 2025-03-03 at 10:15, order 12345", "I am [PII], on 2025-03-03 at 10:15, order 12345"),
        ("lara-chat 4.3", "lara-chat 4.3"),
    ],
)
def test_personal_data_in_words_are_masked(text, masked):
    assert mask(text, "GB", ("GB", "US")) == masked
