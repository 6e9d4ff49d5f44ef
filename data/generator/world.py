"""Larkfield: its customers, its people, and what is written down about an interaction. Nothing happens here."""

from dataclasses import dataclass, field
from random import Random

from draw import chance, pick, stream

REGIONS = {"north": 0.57, "midlands": 0.14, "south": 0.12, "wales": 0.08, "scotland": 0.09}
# Ranges that Ofcom keeps for drama: nobody can be called on them. Each has a thousand numbers.
PREFIXES = {
    "north": ("+44113496", "+44114496", "+44151496", "+44161496", "+44191498"),
    "midlands": ("+44115496", "+44116496", "+44121496"),
    "south": ("+44117496", "+44118496", "+44207946"),
    "wales": ("+44292018", "+44163296"),
    "scotland": ("+44131496", "+44141496"),
}
MOBILE = "+447700900"
FIRST = ("alis", "ben", "carys", "dev", "ella", "farah", "gareth", "huw", "isla", "jack", "kofi", "lowri", "megan")
LAST = ("adams", "brown", "clarke", "davies", "evans", "fraser", "green", "hughes", "iqbal", "jones", "khan", "lewis")
SITES = {"Leeds": 0.5, "Cardiff": 0.3, "Stirling": 0.2}
SWITCHBOARD = "+441134960999"
N_CUSTOMERS = 5200
N_SWITCHBOARD = 25
N_HOUSEHOLDS = 14


@dataclass(frozen=True)
class Customer:
    """One account, and who calls about it."""

    account: str
    region: str
    segment: str
    language: str
    phone: str
    email: str


@dataclass(frozen=True)
class Agent:
    """One person who answers."""

    username: str
    site: str
    number: int


@dataclass
class Leg:
    """One contact of Amazon Connect: one handler's part."""

    contact_id: str
    channel: str
    initiation: str
    started: int
    ended: int = 0
    queue: str | None = None
    enqueued: int | None = None
    dequeued: int | None = None
    agent: Agent | None = None
    answered: int | None = None
    talk: int = 0
    hold: int = 0
    holds: int = 0
    acw: int = 0
    previous: str | None = None
    next: str | None = None
    transferred: int | None = None
    reason: str | None = None
    callback_asked: bool = False


@dataclass
class Interaction:
    """What the customer would call one contact, with what really came of it."""

    customer: Customer
    channel: str  # voice, chat, sms, email, task
    intent: str
    started: int
    kind: str = "customer"  # customer, test, outbound, task
    legs: list[Leg] = field(default_factory=list)
    address: str | None = None
    identified: bool = False
    ai_agent: str | None = None
    ai_version: str | None = None
    ai_replies: int | None = None
    outcome: str | None = None
    escalation: str | None = None
    ticket: str | None = None
    callback: bool = False
    negative: bool = False
    trap_on: bool = False
    loop: bool = False
    forward_of: "Interaction | None" = None
    note: str | None = None
    device: str = "phone"
    greeted: bool = False
    spoken: str | None = None  # a sentence with planted personal data, marked by `personal.HIDE`
    secret: str | None = None
    analysed: bool = False  # Contact Lens has seen its last part

    @property
    def root(self) -> str:
        return self.legs[0].contact_id

    @property
    def ended(self) -> int:
        return max(leg.ended for leg in self.legs if leg.initiation not in ("MONITOR", "DISCONNECT"))

    @property
    def reached_human(self) -> bool:
        return any(leg.agent for leg in self.legs if leg.initiation != "MONITOR")

    @property
    def ai_involved(self) -> bool:
        return (self.ai_replies or 0) >= 1

    @property
    def handed_over(self) -> bool:
        """To a queue, a ticket or a callback, whether or not anybody took it."""
        return any(leg.queue for leg in self.legs) or bool(self.ticket) or self.callback

    @property
    def contained(self) -> bool:
        return self.ai_involved and not self.handed_over


@dataclass(frozen=True)
class World:
    """Everybody there is."""

    customers: tuple[Customer, ...]
    switchboard: tuple[Customer, ...]
    households: tuple[tuple[Customer, ...], ...]
    agents: tuple[Agent, ...]
    tester: Customer
    owed: dict[str, float] = field(default_factory=dict)  # so that a planted share comes out even


def numbers(rng: Random) -> dict[str, list[str]]:
    """All numbers that may be given out, by region, shuffled; a number is given once."""
    pools = {}
    for region, prefixes in PREFIXES.items():
        pool = [f"{prefix}{n:04d}" for prefix in prefixes for n in range(1000)]
        pool.remove(SWITCHBOARD) if SWITCHBOARD in pool else None
        rng.shuffle(pool)
        pools[region] = pool
    mobiles = [f"{MOBILE}{n:03d}" for n in range(200, 1000)]
    rng.shuffle(mobiles)
    return {**pools, "mobile": mobiles}


def customer(rng: Random, number: int, region: str, segment: str, phone: str) -> Customer:
    """One account holder."""
    language = "cy" if region == "wales" and chance(rng, 0.3) else "en"
    name = f"{rng.choice(FIRST)}.{rng.choice(LAST)}"
    return Customer(f"LK-{number:07d}", region, segment, language, phone, f"{name}{number}@example.com")


def population(rng: Random) -> list[Customer]:
    """Everybody with a number of their own."""
    pools, people = numbers(rng), []
    for n in range(N_CUSTOMERS):
        region = pick(rng, REGIONS)
        mobile = bool(pools["mobile"]) and chance(rng, 0.16)
        segment = "business" if chance(rng, 0.12) else "residential"
        people.append(customer(rng, 10_000 + 7 * n, region, segment, pools["mobile" if mobile else region].pop()))
    return people


def build() -> World:
    """The whole of Larkfield."""
    rng = stream("world")
    people = population(rng)
    homes = []
    for _ in range(N_HOUSEHOLDS):
        first, *others = (people.pop() for _ in range(rng.choice((2, 2, 3))))
        homes.append((first, *(customer(rng, int(o.account[3:]), first.region, "residential", first.phone) for o in others)))
    board = tuple(customer(rng, 90_001 + 3 * n, "north", "business", SWITCHBOARD) for n in range(N_SWITCHBOARD))
    agents = tuple(Agent(f"{FIRST[n % 13]}.{LAST[(n * 5) % 12]}{n}", pick(rng, SITES), n) for n in range(1, 47))
    tester = customer(rng, 99_999, "midlands", "residential", "+443069990001")
    return World(tuple(people), board, tuple(homes), agents, tester)
