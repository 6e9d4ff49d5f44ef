"""How people are reached: e-mail addresses, telephone numbers, IP addresses."""

import ipaddress
import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberMatcher

from cxreports.intake.masking.plain import Place, near

_LOCAL = re.compile(r"[^\s@<>\"(),;:\[\]\x00=&?/|{}\\]{1,256}$")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,10}(?:xn--[\w-]{1,59}|[^\W\d_]{2,63})")
_AT = re.compile(r"(?i:[ ]*[\[({<][ ]*at[ ]*[\])}>][ ]*|[ ]+at[ ]+)")
_DOT = r"(?:[ ]*[\[({<][ ]*dot[ ]*[\])}>][ ]*|[ ]+(?:dot|point|punkt|punto)[ ]+|[.])"
_TLDS = "com|org|net|edu|gov|info|biz|io|ai|app|co|me|eu|uk|us|ca|au|nz|ie|de|at|ch|fr|es|it|nl|be|pl|pt|se|no|dk|fi|in|za|br|mx"
_SPOKEN_DOMAIN = re.compile(rf"(?i:[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,3}}?(?:{_DOT}(?:{_TLDS})\b){{1,2}})")
_LINK = r"[ ]+(?:dot|point|punkt|punto|underscore|dash|hyphen|plus|minus)[ ]+"
_SPOKEN_LOCAL = re.compile(rf"(?i:(?<!\w)(?:\w(?:[ ]\w\b){{2,30}}|[\w.+'-]{{1,64}})(?:{_LINK}[\w.+'-]{{1,64}}){{0,6}}$)")


def emails(text: str) -> Iterator[Place]:
    """Places of e-mail addresses, written as such."""
    position = text.find("@")
    while position >= 0:
        local = _LOCAL.search(text[max(0, position - 256) : position])
        domain = _DOMAIN.match(text, position + 1)
        if local and domain and (name := local.group().lstrip("'")):
            yield position - len(name), domain.end()
        position = text.find("@", position + 1)


def spoken_emails(text: str) -> Iterator[Place]:
    """Places of e-mail addresses as they are said: jo dot doe at example dot com; jo (at) example (dot) com."""
    done = 0
    for at in _AT.finditer(text):
        domain = _SPOKEN_DOMAIN.match(text, at.end())
        # A full stop alone, with a bare "at", is how sentences end: he was at home.It rained.
        if not domain or not re.search(r"(?i)dot|point|punkt|punto|[\[({<]", domain.group() + at.group()):
            continue
        begin = max(done, at.start() - 200)
        local = _SPOKEN_LOCAL.search(text[begin : at.start()])
        if local and at.start() >= done:
            done = domain.end()
            yield begin + local.start(), done


_PHONE_RUN = re.compile(r"(?<![\w.,])[+(]{0,2}\d(?:[^\w\x00]{0,3}\d){6,40}(?!\w|[.,]\d)|(?<=tel)\+?\d{7,15}\b")
_INTERNATIONAL = re.compile(r"(?<![\w+.])(?:\+|00?)[ (]?[1-9](?:[ ()./-]{0,2}\d){7,13}(?:x\d{1,6})?(?!\w)")
# Three, three and four digits as in North America; an area code in brackets.
_SHAPED = re.compile(
    r"(?<![\w+.-])(?:(?:\+?1|001)[-. ])?(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-. ]\d{4}(?:[ ]?(?i:x|ext\.?)[ ]?\d{1,6})?(?!\w|-\d)"
    r"|(?<![\w+.-])\(0?\d{2,5}\) ?\d{3,4}[- ]?\d{3,4}(?:x\d{1,6})?(?!\w|-\d)"
)
_PHONE_WORDS = re.compile(
    r"\b(?:tele(?:ph|f)on\w*|phones?|tel|mobile|cell\w*|handy\w*|fax|call(?:ing|ed)?|rings?|reach|text|whatsapp|sms|landline|dial"
    r"|number is|nummer ist|anrufen|rufnummer|ll[aá]m\w*|m[oó]vil|portable|cellulare)\b[^\d]{0,25}$", re.IGNORECASE,
)  # fmt: skip
_LOCAL_NUMBER = re.compile(r"(?<![\w+.,/:#-])\(?\d(?:[ ()./-]{0,2}\d){6,14}(?!\w|[-:/.,]\d)")
_DATE_OR_TIME = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d|\d\d?:\d\d|^\d\d-\d\d-\d{4}"
)


def phones(text: str, region: str | None) -> Iterator[Place]:
    """Places of telephone numbers: valid in the region or with a country code, shaped as one, or after words that say so."""
    patterns = (_INTERNATIONAL, _SHAPED)
    sure = [m.span() for p in patterns for m in p.finditer(text) if not _DATE_OR_TIME.search(m.group())]
    yield from sure
    for m in _PHONE_RUN.finditer(text):
        if any(start <= m.start() and m.end() <= end for start, end in sure):  # all of it is masked; the matcher is slow
            continue
        for found in PhoneNumberMatcher(m.group(), region):
            if not _DATE_OR_TIME.search(m.group()[found.start : found.end]):
                yield m.start() + found.start, m.start() + found.end
    for m in _LOCAL_NUMBER.finditer(text):
        if near(text, m.start(), _PHONE_WORDS) and not _DATE_OR_TIME.search(m.group()):
            yield m.span()


def is_phone(digits: str, region: str | None) -> bool:
    """Whether those digits, dictated or written, are a valid telephone number."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


_IP = re.compile(
    r"(?<![\w./:-])(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)|(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{6,39}(?![\w:]))"
)
_FEWEST_DIGITS = 6  # 4.3.0.1 is a version, 10.0.0.1 is nobody's


def ip_addresses(text: str) -> Iterator[Place]:
    """Places of IP addresses of either version."""
    for m in _IP.finditer(text):
        value = m.group().rstrip(":")
        if sum(c.isalnum() for c in value) >= _FEWEST_DIGITS and not near(text, m.start(), _VERSION, 12) and _is_ip(value):
            yield m.start(), m.start() + len(value)


_VERSION = re.compile(r"\b(?:v|version|release|build)[ .:]*$", re.IGNORECASE)


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
