"""Bank accounts: IBANs wherever they stand; other account numbers, sort codes and routing numbers after words that say so."""

import re
from collections.abc import Iterator
from functools import cache

from stdnum import iban, numdb
from stdnum.iso7064 import mod_97_10

from cxreports.intake.masking.plain import Place, joined, near

_START = re.compile(r"(?=[A-Za-z][^\w\x00]{0,3}[A-Za-z][^\w\x00]{0,3}\d[^\w\x00]{0,3}\d)")
_REST = re.compile(r"(?:[^\w\x00]{0,3}[0-9A-Za-z]){15,34}")
_ACCOUNT_WORDS = re.compile(
    r"\b(?:accounts?|acct|acc|a/c|iban|sort[ -]?code|bsb|routing|aba|bank|konto\w*|kto|blz|compte|cuenta|conto|rekening\w*)\b"
    r"[^.!?\d]{0,30}$", re.IGNORECASE,
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w+.,/-])\d(?:[ -]{0,3}\d){5,16}(?![\w@]|[.,/-]\d)")


def accounts(text: str) -> Iterator[Place]:
    """Places of bank accounts that only words tell. `ibans` come first."""
    done = 0
    for m in _NUMBER.finditer(text):
        is_next = done > 0 and m.start() - done <= 30 and _is_account_and(text[done : m.start()])
        if is_next or near(text, m.start(), _ACCOUNT_WORDS):
            done = m.end()
            yield m.span()


def _is_account_and(between: str) -> bool:
    """Whether what stands between two numbers makes the second one part of the same account: 'sort code 12-34-56, 12345678'."""
    return re.fullmatch(r"[\s,;:/-]*(?:and|und|et|y|e|account|acct|number|no|nr)?[\s,;:/.-]*", between, re.IGNORECASE) is not None


def ibans(text: str) -> Iterator[Place]:
    """Places of IBANs with valid check digits and the structure of their country, however they are spaced."""
    found = []
    for m in _START.finditer(text):
        rest = _REST.match(text, m.start())
        if rest is None:
            continue
        at = [i for i in range(*rest.span()) if text[i].isalnum()]
        n = _length(text[at[0]].upper() + text[at[1]].upper())
        if 0 < n <= len(at) and _is_iban("".join(text[i] for i in at[:n]).upper()):
            found.append((at[0], at[n - 1] + 1))
    yield from joined(found)


@cache
def _length(country: str) -> int:
    """How many characters the IBANs of that country have (two letters, so that few are remembered); 0 where it has none."""
    _, properties = numdb.get("iban").info(country)[0]
    return 4 + sum(map(int, re.findall(r"\d+", properties["bban"]))) if properties else 0


def _is_iban(number: str) -> bool:
    return bool(mod_97_10.is_valid(number[4:] + number[:4])) and bool(iban.is_valid(number))
