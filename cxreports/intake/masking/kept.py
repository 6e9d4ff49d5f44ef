"""What is no personal data although it looks like it: marks that stand in the text already, and ids of machines."""

import re
from collections.abc import Iterator
from itertools import pairwise

from cxreports.intake.masking.plain import Place

# What a vendor's redaction is called, alone or in a longer name such as CREDIT_DEBIT_NUMBER or US_SSN.
_NAMES = re.compile(
    "PII|PHI|PCI|REDACT|MASK|REMOVED|HIDDEN|NAME|PERSON|ADDRESS|LOCATION|AGE|SSN|PIN|CVV|CARD|NUMBER|ACCOUNT|IBAN|E-?MAIL|PHONE"
    "|FAX|DATE|DOB|BIRTH|URL|IP|PASSWORD|LICENSE|PASSPORT|NATIONAL_ID|DIGITS|ORGANIZATION|SECRET|KEY"
)
_BRACKETED = re.compile(r"[\[<({]{1,2}[A-Z][A-Z0-9_ -]{1,40}[\])>}]{1,2}|[\[<(](?i:redacted)[\])>]")
_COVERED = re.compile(r"\*{4,}|[█▇]{2,}|(?<!\w)[Xx]{4,}(?!\w)")
MARK = re.compile(r"\[[A-Z][A-Z_]*\]")
DTMF = "[DTMF]"  # set by a source's SQL in place of keys that a customer pressed

UUID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])")
_TOKEN = re.compile(r"[0-9A-Za-z]{16,}")
_HASHES = (32, 40, 56, 64, 96, 128)  # hexadecimal digits of MD5, SHA-1 and SHA-2
_HEX = re.compile(r"[0-9A-Fa-f]+")


def vendor_marks(text: str) -> Iterator[Place]:
    """Places of what somebody has masked already: [NAME], <US_SSN>, {{PHONE}}, [redacted], ****, ███."""
    for m in _BRACKETED.finditer(text):
        if _NAMES.search(m.group().upper()) and m.group() != DTMF:
            yield m.span()
    yield from (m.span() for m in _COVERED.finditer(text))


def uuids(text: str) -> Iterator[Place]:
    """Places of UUIDs. One without a single letter is none: chance makes one in three million so."""
    for m in UUID.finditer(text):
        if not m.group().replace("-", "").isdigit():
            yield m.span()


def machine_ids(text: str) -> Iterator[Place]:
    """Places of hashes and random ids: 16 and more hexadecimal digits, or 20 letters and digits, that change often.

    A card between two words written without a blank changes twice or three times, a hash of 32 about fourteen times.
    """
    for m in _TOKEN.finditer(text):
        token = m.group()
        is_hex = _HEX.fullmatch(token) is not None
        if len(token) >= 20 or is_hex:
            changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(token))
            if changes >= (2 if is_hex and len(token) in _HASHES else max(4, len(token) // 8)):
                yield m.span()
