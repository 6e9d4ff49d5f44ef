"""Which strings are national ids: a pattern first, then the check digits that python-stdnum knows."""

import re
from collections.abc import Callable
from functools import lru_cache

from stdnum import get_cc_module

# Country code → python-stdnum modules of numbers that name a person.
PERSONAL = {
    "AR": ("cuit",), "AT": ("vnr",), "AU": ("tfn",), "BE": ("nn",), "BG": ("egn",), "BR": ("cpf",), "CA": ("sin",),
    "CH": ("ssn",), "CL": ("rut",), "CN": ("ric",), "CZ": ("rc",), "DE": ("idnr",), "DK": ("cpr",), "EE": ("ik",),
    "ES": ("dni", "nie"), "FI": ("hetu",), "FR": ("nir",), "GB": ("nhs",), "GR": ("amka",), "HR": ("oib",),
    "IE": ("pps",), "IL": ("idnr",), "IN": ("aadhaar", "pan"), "IT": ("codicefiscale",), "KR": ("rrn",),
    "LT": ("asmens",), "LV": ("pk",), "MX": ("curp",), "NL": ("bsn",), "NO": ("fodselsnummer",), "NZ": ("ird",),
    "PL": ("pesel",), "PT": ("nif",), "RO": ("cnp",), "SE": ("personnummer",), "SI": ("emso",), "SK": ("rc",),
    "TH": ("pin",), "TR": ("tckimlik",), "UA": ("rntrc",), "US": ("ssn", "itin"), "ZA": ("idnr",),
}  # fmt: skip
# python-stdnum has no NINO: two letters, six digits, a letter from A to D.
_NINO = re.compile(r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\d){6}[ -]?[A-D]\b", re.IGNORECASE)
# Any nine digits could be an SSN, so the usual groups are required.
_SSN = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
_CANDIDATE = re.compile(
    r"(?<![\w+])(?:(?=[A-Za-z]*\d)[A-Za-z\d]{8,20}|\d{2,}[+-]?\w{4,5}|\d(?:[ ./-]?\d){7,17}[ -]?[A-Za-z]?)(?!\w)"
)


def unknown_countries(codes: tuple[str, ...]) -> list[str]:
    """Those of the country codes whose national ids we cannot tell."""
    return [code for code in codes if code.upper() not in PERSONAL]


def mask_national_ids(text: str, countries: tuple[str, ...]) -> str:
    """The text with the national ids of those countries replaced by [NATIONAL_ID]."""
    codes = tuple(code.upper() for code in countries)
    if "GB" in codes:
        text = _NINO.sub("[NATIONAL_ID]", text)
    if "US" in codes:
        text = _SSN.sub(lambda m: "[NATIONAL_ID]" if _is_valid(m.group(), ("US",)) else m.group(), text)
    others = tuple(code for code in codes if code != "US")
    return _CANDIDATE.sub(lambda m: "[NATIONAL_ID]" if _is_valid(m.group(), others) else m.group(), text)


def _is_valid(candidate: str, codes: tuple[str, ...]) -> bool:
    return any(check(candidate) for code in codes for check in _validators(code))


@lru_cache
def _validators(code: str) -> tuple[Callable[[str], bool], ...]:
    modules = (get_cc_module(code.lower(), name) for name in PERSONAL.get(code, ()))
    return tuple(module.is_valid for module in modules if module is not None)
