"""A text → the text with marks in place of personal data, and what was found, by kind. The order of the finders is here.

A mark names its kind: [CARD], [BANK_ACCOUNT], [NATIONAL_ID], [EMAIL], [PHONE], [BIRTH_DATE], [IP]; [DIGITS] is dictated digits
of no other kind. Marks that a vendor has set stay as they are and count as VENDOR. Masking a masked text again changes nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cxreports.intake.masking import accounts, cards, contact, dates, kept, spoken
from cxreports.intake.masking.plain import Place, Plain, joined, plain
from cxreports.intake.national_ids import national_ids

KINDS = ("CARD", "BANK_ACCOUNT", "NATIONAL_ID", "EMAIL", "PHONE", "BIRTH_DATE", "IP", "DIGITS", "DTMF", "VENDOR")
FEWEST_DIGITS = 4  # that a national id, an account or a telephone number has: India's PAN
_DIGIT = re.compile(r"\d")
MOST_PASSES = 8  # a mark can bring a word nearer to a number that follows; two passes are usual


@dataclass(frozen=True)
class Rules:
    """What depends on the project: region of numbers without a country code, countries whose national ids are known."""

    region: str | None
    countries: tuple[str, ...]


@dataclass(frozen=True)
class Masked:
    """A masked text, and how many of each kind were found."""

    text: str
    counts: dict[str, int]


def mask_text(text: str, rules: Rules) -> Masked:
    """Mask until nothing more is found."""
    counts: Counter[str] = Counter()
    counts["DTMF"] = text.count(kept.DTMF)
    counts["VENDOR"] = sum(1 for _ in kept.vendor_marks(text))
    for _ in range(MOST_PASSES):
        found = find(text, rules)
        if not found:
            break
        counts.update(kind for kind, _ in found)
        text = _replaced(text, found)
    return Masked(text, {kind: counts[kind] for kind in KINDS if counts[kind]})


def find(text: str, rules: Rules) -> list[tuple[str, Place]]:
    """Kind and place of all personal data in the text, in order of place."""
    copy = plain(text)
    marks = (m.span() for m in kept.MARK.finditer(copy.text))
    copy.blank(joined([*marks, *kept.vendor_marks(copy.text), *kept.uuids(copy.text)]))
    found: list[tuple[str, Place]] = []
    for kind, places in _finders(copy, rules):
        if taken := joined(places):
            found += [(kind, copy.original(place)) for place in taken]
            copy.blank(taken)
    return sorted(found, key=lambda f: f[1])


def _finders(copy: Plain, rules: Rules) -> Iterator[tuple[str, Iterable[Place]]]:
    """Kind by kind, the surest first. Each looks at what those before it have left."""
    yield "EMAIL", contact.emails(copy.text)
    yield "EMAIL", contact.spoken_emails(copy.text)
    n_digits = len(_DIGIT.findall(copy.text))
    if n_digits:
        yield "BANK_ACCOUNT", accounts.ibans(copy.text)
        copy.blank(list(kept.machine_ids(copy.text)))
    yield "IP", contact.ip_addresses(copy.text)
    if n_digits:
        yield "CARD", cards.cards(copy.text)
        yield "BIRTH_DATE", dates.birth_dates(copy.text)
    if n_digits >= FEWEST_DIGITS:
        yield "NATIONAL_ID", national_ids(copy.text, rules.countries)
        yield "BANK_ACCOUNT", accounts.accounts(copy.text)
        yield "PHONE", contact.phones(copy.text, rules.region)
    runs = [(dictated_kind(run.digits, rules), run.place) for run in spoken.dictated(copy.text)]
    for kind in sorted({kind for kind, _ in runs}):
        yield kind, [place for k, place in runs if k == kind]


def dictated_kind(digits: str, rules: Rules) -> str:
    """What dictated digits are: a card, a telephone number, or only digits."""
    if cards.is_card(digits):
        return "CARD"
    begins_as_phone = digits.startswith("0") and 10 <= len(digits) <= 14
    return "PHONE" if begins_as_phone or contact.is_phone(digits, rules.region) else "DIGITS"


def _replaced(text: str, found: list[tuple[str, Place]]) -> str:
    pieces, position = [], 0
    for kind, (start, end) in found:
        pieces += [text[position:start], f"[{kind}]"]
        position = end
    return "".join([*pieces, text[position:]])
