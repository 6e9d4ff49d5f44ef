"""Payment cards: digits that begin as some issuer's do, in a length that it uses, and pass the Luhn check (ISO/IEC 7812-1)."""

import re
from collections.abc import Iterator

from stdnum import luhn

from cxreports.intake.masking.plain import Place, joined, near

# First digits (from, to: inclusive, of one length) → lengths in use.
_ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 18, 19)),  # Visa
    ("51", "55", (16,)), ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)), ("37", "37", (15,)),  # American Express
    ("6011", "6011", (16, 19)), ("644", "649", (16, 19)), ("65", "65", (16, 19)),  # Discover
    # Diners
    ("300", "305", (14, 16, 19)), ("3095", "3095", (14, 16, 19)), ("36", "36", (14, 16, 19)), ("38", "39", (14, 16, 19)),
    ("3500", "3599", (16, 19)), ("2131", "2131", (15,)), ("1800", "1800", (15,)),  # JCB
    ("62", "62", (16, 17, 18, 19)), ("81", "82", (16,)), ("508", "508", (16,)),  # UnionPay, RuPay
    ("5018", "5018", (13, 15, 16, 18, 19)), ("5020", "5020", (16, 18)), ("5038", "5038", (13, 15, 16, 18, 19)),  # Maestro
    ("5893", "5893", (16,)), ("6304", "6304", (16, 18, 19)), ("6759", "6759", (16, 18, 19)),
    ("6761", "6763", (13, 15, 16, 18, 19)),
    ("2200", "2204", (16, 17, 18, 19)), ("9792", "9792", (16,)),  # Mir, Troy
)  # fmt: skip
# After one of these words any digits that pass the check are a card's, whoever issued it: Maestro has cards of twelve digits.
_WORDS = re.compile(
    r"\b(?:cards?|visa|master ?card|maestro|amex|debit|credit|karte\w*|carte|tarjeta|carta)\b[^\d]{0,25}$", re.IGNORECASE
)
# Digits with at most three characters between them that are no letters.
_RUN = re.compile(r"\d(?:[^\w\x00]{0,3}_?[^\w\x00]{0,3}\d){11,}")
_WHOLE = ([16], [15], [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [8, 8], [4, 4, 4, 4, 3], [4, 4, 4, 3], [19])


def lengths(digits: str) -> tuple[int, ...]:
    """Lengths that cards have which begin with those digits; empty where no issuer's do."""
    return tuple(n for low, high, known in _ISSUERS if low <= digits[: len(low)] <= high for n in known)


def is_card(digits: str) -> bool:
    """Whether those digits, and no more, are a card's."""
    return len(digits) in lengths(digits) and bool(luhn.is_valid(digits))


def cards(text: str) -> Iterator[Place]:
    """Places of cards, whatever separates their digits. Where two could be meant, both are taken: no part of either stays."""
    for run in _RUN.finditer(text):
        at = [i for i in range(*run.span()) if text[i].isdigit()]
        digits = "".join(text[i] for i in at)
        found = []
        if len(digits) <= 19 and luhn.is_valid(digits) and near(text, run.start(), _WORDS):
            found.append(run.span())
        for first in range(len(digits) - 12):
            for n in lengths(digits[first : first + 4]):
                last = first + n
                if last <= len(digits) and is_card(digits[first:last]) and _is_plausible(at, first, last):
                    found.append((at[first], at[last - 1] + 1))
        yield from joined(found)


def _is_plausible(at: list[int], first: int, last: int) -> bool:
    """A card stands between characters that are no digits; where more digits are glued to it, it must be grouped as cards are."""
    is_alone = (first == 0 or at[first - 1] + 1 < at[first]) and (last == len(at) or at[last - 1] + 1 < at[last])
    if is_alone:
        return True
    groups = [1]
    for before, here in zip(at[first : last - 1], at[first + 1 : last], strict=True):
        if here == before + 1:
            groups[-1] += 1
        else:
            groups.append(1)
    return groups in _WHOLE
