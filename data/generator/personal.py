"""Personal data that is planted in free text. Every literal is of a range kept for tests or for drama, or made up."""

from random import Random

from draw import chance, stream
from world import Interaction

HIDE = "\x02"  # stands before and after what the redacted twin masks
CARDS = ("4111 1111 1111 1111", "5555-5555-5555-4444", "4242424242424242", "3782 822463 10005", "6011 1111 1111 1117",
         "5105105105105100", "4012-8888-8888-1881", "4000 0566 5566 5556")  # fmt: skip
NINOS = ("AB 12 34 56 C", "JG103759A", "CE 65 43 21 B")
SSN = "536-90-4399"
PLACES = ("020 7946 0", "0113 496 0", "0161 496 0", "0191 498 0")
NAMES = ("megan.pritchard", "t.okafor", "joan_doyle", "s.rahman", "rhys.bowen", "k.lindqvist", "p.macleod")
SENTENCES = {
    "card": "My card number is {}.",
    "email": "You can write to me at {}.",
    "phone": "Please ring me on {}.",
    "nino": "My national insurance number is {}.",
    "ssn": "My social security number is {}.",
}


def literal(rng: Random, kind: str, n: int) -> str:
    """One thing that must never be stored or shown."""
    if kind == "card":
        return rng.choice(CARDS)
    if kind == "email":
        return f"{rng.choice(NAMES)}{n}@example.{rng.choice(('com', 'org'))}"
    if kind == "nino":
        return rng.choice(NINOS)
    if kind == "ssn":
        return SSN
    if chance(rng, 0.5):
        return f"07700 900{n % 100:03d}" if n % 2 else f"+44 7700 900{n % 100:03d}"
    return f"{rng.choice(PLACES)}{n % 100:03d}" if n % 3 else f"+44 20 7946 0{n % 100:03d}"


def sentence(rng: Random, n: int) -> tuple[str, str]:
    """A sentence and the literal in it."""
    kind = ("card", "email", "phone", "card", "email", "phone", "nino", "phone", "email", "card", "ssn")[n % 11]
    secret = literal(rng, kind, n)
    return SENTENCES[kind].format(f"{HIDE}{secret}{HIDE}"), secret


def plain(text: str) -> str:
    """As it was said."""
    return text.replace(HIDE, "")


def plant(events: list[Interaction]) -> list[str]:
    """Put personal data into transcripts and notes; give back the literals."""
    rng, secrets = stream("personal"), []
    spoken = rng.sample([e for e in events if e.kind == "customer" and e.channel in ("chat", "voice")], 150)
    noted = rng.sample([e for e in events if e.kind == "customer" and e.note is None and e.reached_human], 40)
    for n, it in enumerate(spoken):
        it.spoken, it.secret = sentence(rng, n)
    for n, it in enumerate(noted):
        text, secret = sentence(rng, 200 + n)
        it.note = f"Customer said: {plain(text)}"
        secrets.append(secret)
    return secrets
