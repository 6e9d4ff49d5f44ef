"""One spelling for a telephone number, and the short way to it: it must never differ from what `phonenumbers` says."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.intake.phones import by_rules, is_normal, normal_phone

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
REGIONS = [None, "GB", "US", "IT", "DE", "IN", "BR", "RU"]
WRITTEN = st.builds("+{}{}".format, st.sampled_from(CODES), st.text("0123456789", min_size=4, max_size=13))
ANY = st.from_regex(r"\+[0-9]{1,17}|\+?[0-9 +().-]{0,18}", fullmatch=True)


@settings(max_examples=3000)
@given(WRITTEN | ANY, st.sampled_from(REGIONS))
def test_a_number_taken_as_it_is_written_is_one_that_phonenumbers_leaves_so(text: str, region: str | None) -> None:
    if is_normal(text):
        assert by_rules(text, region) == text


@pytest.mark.parametrize("code", CODES)
def test_in_every_country_with_numbers_of_every_length(code: int) -> None:
    for first in range(100):
        for length in range(4, 14):
            text = f"+{code}{first:02}" + "5550123456789"[: length - 2]
            if is_normal(text):
                assert by_rules(text, None) == text


def test_most_countries_examples_are_taken_as_they_are_written() -> None:
    found = [phonenumbers.example_number(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
    written = [phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164) for n in found if n]
    assert sum(map(is_normal, written)) > 0.8 * len(written)


@pytest.mark.parametrize("text", ["+441144960324", "+12025550123", "+4930123456", "+919876543210", "+33123456789"])
def test_numbers_of_the_usual_shape_take_the_short_way(text: str) -> None:
    assert is_normal(text)
    assert normal_phone(text, None) == text


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+4401144960324", "+441144960324"),  # with the national trunk zero
        ("+4411449603241", "+4411449603241"),  # a digit too many: no possible number, left as it is
        ("+390612345678", "+390612345678"),  # in Italy the zero belongs to the number
        ("+112025550123", "+12025550123"),  # North America's national prefix, after its country code
        ("+78001234567", "+78001234567"),
        ("+99912345678", "+99912345678"),  # no such country code
        ("+44 114 496 0324", "+441144960324"),
        ("00441144960324", "+441144960324"),
        ("tel:+441144960324", "+441144960324"),
        ("sip:+441144960324@example.com", "+441144960324"),
    ],
)
def test_other_spellings_come_to_the_same(text: str, normal: str) -> None:
    assert normal_phone(text, None) == normal


def test_digits_of_other_scripts_and_line_ends_do_not_take_the_short_way() -> None:
    assert not is_normal("+44١١٤٤٩٦٠٣٢٤")
    assert not is_normal("+441144960324\n")
