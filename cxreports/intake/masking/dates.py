"""Dates of birth: a date beside a word that says so. Other dates are what a contact centre talks about all day, and stay."""

import re
from collections.abc import Iterator

from cxreports.intake.masking.plain import Place, near

# Twelve months in each language; an abbreviation of three letters and more counts, too.
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|januar|jänner|februar|märz|mai|juni|juli|oktober|dezember"
    "|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|januari|februari|maart|mei|augustus"
)
_SHORT = "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mär|mrz|okt|dez|janv|févr|avr|juil|déc|ene|abr|ago|dic"
_MONTH = rf"(?:{_MONTHS}|{_SHORT})\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|\.|º)?"
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"
_OF = r"[ ,]{0,3}(?:of |de |di |le )?"
_DATE = re.compile(
    rf"(?<![\w/.-])(?:"
    rf"(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ](?:[12]\d|3[01]|0?[1-9])"
    rf"|\d\d?[ ]?[-/. ][ ]?\d\d?[ ]?[-/. ][ ]?{_YEAR}"
    rf"|{_DAY}{_OF}{_MONTH}(?:[ ,-]{{0,3}}(?:of |de |del )?{_YEAR})?"
    rf"|{_MONTH}[ ]?(?:the )?{_DAY}(?:[ ,]{{0,3}}{_YEAR})?"
    rf"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d"
    rf"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf")(?![\w/-]|\.\d)",
    re.IGNORECASE,
)  # fmt: skip
_BIRTH = (
    r"\b(?:birth ?(?:day|date)|(?:date|day) of birth|born|d\.?o\.?b\b|b-?day"
    r"|geboren|geb|geburts(?:datum|tag)\w*|n[ée]e? le|naissance|anniversaire|nacid[oa]|nac[ií]|nacimiento|cumplea[nñ]os"
    r"|nat[oa] (?:il|a)|nascita|compleanno|geboortedatum|geboren op|verjaardag|nascimento|nascid[oa])"
)
_BEFORE = re.compile(_BIRTH, re.IGNORECASE)
_AFTER = re.compile(
    r"[ ,]{0,2}(?:is|was|ist|war|es|est|è)?[ ]?(?:my|the|her|his|their|mein|meine|ihr|sein)?[ ]?" + _BIRTH, re.IGNORECASE
)


def birth_dates(text: str) -> Iterator[Place]:
    """Places of dates of birth, numeric or with the month in words."""
    if not _BEFORE.search(text):
        return
    for m in _DATE.finditer(text):
        if near(text, m.start(), _BEFORE, 50) or _AFTER.match(text, m.end()):
            yield m.span()
