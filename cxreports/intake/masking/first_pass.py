"""Which values are looked at in Python at all: one RE2 pattern, run by DuckDB over whole columns.

It must let through whatever a finder could mask (tests/test_privacy_masking.py holds it to that), and little of plain chat.
"""

from cxreports.intake.masking import spoken

# Six digits or more, whatever stands between them but words: nothing that we mask as a number has fewer. Bounded gaps, such as
# {0,3}, make the automaton of RE2 so large that it gives up; these do not.
_DIGITS = r"(?:[\p{Nd}\p{No}](?:[^\p{Nd}\p{No}\p{L}]*|\p{L})){6}"
_ADDRESS = r"[@＠﹫]|(?i:\bat\b.*\b(?:dot|point|punkt|punto)\b|[\[({<] *at *[\])}>])"
_SHORT_IDS = r"[A-Za-z]{5}[0-9]{4}[A-Za-z]"  # India's PAN
_IPV6 = r"[0-9A-Fa-f]{1,4}::?[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]"
_BIRTH = (
    r"(?i:birth|\bborn\b|d\.?o\.?b\b|\bb-?day|\bgeb|naissance|anniv|\bn[ée]e? le\b|\bnac|cumplea|\bnat[oa]\b"
    r"|nascita|compleanno|verjaardag|nascid|nascimento)"
)
_VENDOR = r"\[[A-Z]{2}|[\[<(](?i:redacted)|<[A-Z_]{3,}>|\{\{[A-Z]|\*\*\*\*|[█▇]{2}|[xX]{4}"


def _dictated() -> str:
    """Two digits as words, next to each other."""
    words = "|".join(sorted({*spoken.WORDS, *spoken.REPEATS}, key=lambda w: (-len(w), w)))
    return rf"(?i:\b(?:{words})\W+(?:{words})\b)"


SUSPECT = "|".join([_DIGITS, _ADDRESS, _SHORT_IDS, _IPV6, _BIRTH, _VENDOR, _dictated()])
