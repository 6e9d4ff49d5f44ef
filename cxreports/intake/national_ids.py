"""Which strings are national ids: a pattern first, then the check digits that python-stdnum knows.

Where a number of few digits has a single check digit, one order number in ten would pass: such ids are only believed after a word
that names them.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from stdnum import get_cc_module

from cxreports.intake.masking.plain import Place, near

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
# Numbers without a date or a letter in them and with one check digit (or none, as an SSN): believed after a word only.
WEAK = {("AR", "cuit"), ("AU", "tfn"), ("CA", "sin"), ("CL", "rut"), ("DE", "idnr"), ("GB", "nhs"), ("HR", "oib"), ("IL", "idnr"),
        ("IN", "aadhaar"), ("NL", "bsn"), ("NZ", "ird"), ("PT", "nif"), ("TH", "pin"), ("UA", "rntrc"), ("US", "ssn"),
        ("US", "itin")}  # fmt: skip
_WORDS = re.compile(
    r"\b(?:nhs|ssn|itin|sin|tfn|bsn|oib|ird|nif|nino|cuit|cuil|rut|aadhaar|aadhar|tax|steuer\w*|id(?:entity|entification)?|idnr"
    r"|social (?:security|insurance)|national|insurance|burgerservice\w*|fiscal\w*|personal (?:number|code)|teudat|zehut)"
    r"\b[^\d]{0,25}$", re.IGNORECASE,
)  # fmt: skip
# python-stdnum has no NINO: two letters, six digits, a letter from A to D.
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\d){6}[ -]?[A-D](?!\w)", re.IGNORECASE
)
# Any nine digits could be an SSN, so the usual groups are required where no word names it.
_SSN = re.compile(r"(?<![\d-])\d{3}([- ])\d{2}\1\d{4}(?![\d-])")
_CANDIDATE = re.compile(
    r"(?<![\w+])(?:(?=[A-Za-z]{0,20}\d)[A-Za-z\d]{8,20}|\d{2,}[+-]?\w{4,5}|\d(?:[ ./-]?\d){7,17}[ -]?[A-Za-z]?)(?!\w)"
)


def unknown_countries(codes: tuple[str, ...]) -> list[str]:
    """Those of the country codes whose national ids we cannot tell."""
    return [code for code in codes if code.upper() not in PERSONAL]


def national_ids(text: str, countries: tuple[str, ...]) -> Iterator[Place]:
    """Places of the national ids of those countries."""
    codes = tuple(code.upper() for code in countries)
    if "GB" in codes:
        yield from (m.span() for m in _NINO.finditer(text))
    if "US" in codes:
        yield from (m.span() for m in _SSN.finditer(text) if any(check(m.group()) for check in _validators("US", True)))
    for m in _CANDIDATE.finditer(text):
        strong = any(check(m.group()) for code in codes for check in _validators(code, False))
        if strong or (
            near(text, m.start(), _WORDS) and any(check(m.group()) for code in codes for check in _validators(code, True))
        ):
            yield m.span()


@lru_cache
def _validators(code: str, is_weak: bool) -> tuple[Callable[[str], bool], ...]:
    """The checks of a country's ids: of the weak ones, or of the others."""
    names = [name for name in PERSONAL.get(code, ()) if ((code, name) in WEAK) == is_weak]
    modules = (get_cc_module(code.lower(), name) for name in names)
    return tuple(module.is_valid for module in modules if module is not None)
