"""One spelling for one telephone number: E.164 where `phonenumbers` takes it for possible.

`phonenumbers` needs some 50 µs for a number. Most are delivered in E.164 already, and of those it changes only few: numbers with
a national prefix after the country code (+44 0…), or of a length that the country does not have. `is_normal` knows the others.
"""

import re
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import phonenumbers

SCHEME = re.compile(r"^(?:tel|sip|sips):", re.IGNORECASE)
_WRITTEN = re.compile(r"\+[1-9][0-9]{7,14}")
_LONGEST_CODE = 3  # digits of a country calling code (ITU-T E.164)


class _Plan(NamedTuple):
    """What `phonenumbers` knows of a country calling code: lengths of national numbers, and what may begin a dialled one."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None


def normal_phone(text: str, region: str | None) -> str:
    """The number as E.164; where it is none that could be, its digits, plus and letters."""
    bare = SCHEME.sub("", text).partition("@")[0].strip()
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    return bare if is_normal(bare) else by_rules(bare, region)


def by_rules(bare: str, region: str | None) -> str:
    """The same, from what `phonenumbers` makes of it."""
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(bare, region)
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return re.sub(r"[^0-9a-z+]", "", bare.lower()) or bare.lower()


def is_normal(bare: str) -> bool:
    """Whether `by_rules` would surely give it back as it is, in any region; False also where that is not known."""
    if not _WRITTEN.fullmatch(bare):
        return False
    for n in range(2, _LONGEST_CODE + 2):
        if plan := _plan(bare[1:n]):
            national = bare[n:]
            # A prefix may be taken off, or another put in its place; a zero may be part of the number (Italy).
            has_prefix = national[0] == "0" or (plan.prefix is not None and plan.prefix.match(national) is not None)
            return len(national) in plan.lengths and not has_prefix
    return False


@cache
def _plan(code: str) -> _Plan | None:
    """The plan of a calling code (at most three digits, so that few are remembered); None where there is no such code."""
    if int(code) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return None
    region = phonenumbers.region_code_for_country_code(int(code))
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if metadata is None or metadata.general_desc is None:
        return _Plan(frozenset(), None)
    prefix = metadata.national_prefix_for_parsing
    lengths = frozenset(metadata.general_desc.possible_length) - frozenset(metadata.general_desc.possible_length_local_only)
    return _Plan(lengths, re.compile(prefix) if prefix else None)
