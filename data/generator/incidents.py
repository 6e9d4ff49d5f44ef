"""What is planted on purpose: the loop, the night of the clock change, calls across midnight, tests, tasks, outbound."""

from collections.abc import Iterator
from datetime import date
from random import Random

from arrivals import Plan
from clock import DAYS, at_local, utc
from draw import new_id, stream
from people import answer, follow
from world import Interaction, Leg, World

LOOP_FROM, LOOP_TO = date(2026, 11, 2), date(2026, 11, 15)
N_LOOPS = 40
NOTES = ("Prefers a letter.", "Smart meter fitted in May.", "Asked for large print.", "Moving at the end of the month.")
MIDNIGHTS = (date(2026, 8, 31), date(2026, 9, 17), date(2026, 10, 2), date(2026, 10, 20), date(2026, 10, 31),
             date(2026, 11, 12))  # fmt: skip


def loops(rng: Random, world: World, numbers: Iterator[int]) -> list[Plan]:
    """People who move house, sent round between Billing and Moves."""
    days = [d for d in DAYS if LOOP_FROM <= d <= LOOP_TO and d.weekday() < 5]
    people = rng.sample(world.customers, N_LOOPS)
    return [
        Plan(at_local(days[n % 10], 9 * 3600 + rng.randrange(9 * 3600)), next(numbers), who, "voice", "move_home", loop=True)
        for n, who in enumerate(people)
    ]


def odd_hours(rng: Random, world: World) -> list[Interaction]:
    """Calls to the emergency line at chosen instants: (start, seconds of talk)."""
    change = utc(2026, 10, 25, 1)
    wanted = [(change - 3000 + 800 * n, 240) for n in range(3)] + [(change + 300 + 900 * n, 260) for n in range(3)]
    wanted.append((change - 400, 900))  # begins before the change, ends after it
    wanted += [(at_local(d, 86_400 - 500 - 20 * n), 840 + 30 * n) for n, d in enumerate(MIDNIGHTS)]
    return [emergency(rng, world, start, talk) for start, talk in wanted]


def emergency(rng: Random, world: World, start: int, talk: int) -> Interaction:
    """One answered call about an outage."""
    who = rng.choice(world.customers[-400:])
    it = Interaction(who, "voice", "outage", start, address=who.phone, identified=True, greeted=True)
    leg = Leg(new_id(rng), "voice", "INBOUND", start, queue="Outages", enqueued=start + 20)
    it.legs.append(leg)
    answer(rng, world, it, leg, 6)
    leg.talk, leg.hold, leg.holds = talk, 0, 0
    leg.ended = (leg.answered or start) + talk
    return it


def tests(rng: Random, world: World, told: list[Interaction]) -> None:
    """Somebody of Larkfield tries the bots: the same stories, told by the tester."""
    paired = {id(it.forward_of) for it in told} | {id(it) for it in told if it.forward_of}
    usable = [it for it in told if it.channel in ("voice", "chat") and not it.loop and id(it) not in paired]
    for it in rng.sample(usable, 66):
        it.kind, it.customer = "test", world.tester
        it.address = world.tester.phone if it.channel == "voice" else None


def back_office(rng: Random, world: World) -> list[Interaction]:
    """Calls out and tasks: legs of Connect that no customer began."""
    made = []
    for n in range(64):
        kind = "outbound" if n % 8 < 5 else "task"
        day = rng.choice([d for d in DAYS if d.weekday() < 5])
        start = at_local(day, 9 * 3600 + rng.randrange(8 * 3600))
        who = rng.choice(world.customers)
        channel = "voice" if kind == "outbound" else "task"
        it = Interaction(who, channel, rng.choice(("billing", "complaint")), start, kind, identified=True)
        it.address = who.phone if kind == "outbound" else None
        leg = Leg(new_id(rng), channel, "OUTBOUND" if kind == "outbound" else "API", start)
        it.legs.append(leg)
        if kind == "task":
            leg.queue, leg.enqueued = "Complaints", start + 1
        answer(rng, world, it, leg, 15 + rng.randrange(20))
        made.append(it)
    return made


def surveys_after_chat(rng: Random, told: list[Interaction]) -> None:
    """The flow that runs when a chat is over is a contact of its own."""
    for it in told:
        last = it.legs[-1]
        if it.channel == "chat" and last.initiation == "API" and last.reason != "IDLE_DISCONNECT" and rng.random() < 0.07:
            after = follow(rng, it, last, "DISCONNECT", last.ended)
            after.ended = after.started + 20 + rng.randrange(60)
            after.reason = "CUSTOMER_DISCONNECT"


def notes(rng: Random, told: list[Interaction]) -> None:
    """Free text without anything personal in it."""
    for it in rng.sample(told, 120):
        it.note = rng.choice(NOTES)


def plan(world: World, numbers: Iterator[int]) -> list[Plan]:
    """Everything that must be known before the days unfold."""
    return loops(stream("loops"), world, numbers)


def plant(world: World, told: list[Interaction]) -> list[Interaction]:
    """Everything that is added afterwards; the result is in order of start."""
    rng = stream("incidents")
    tests(rng, world, told)
    surveys_after_chat(rng, told)
    notes(rng, told)
    everything = told + odd_hours(rng, world) + back_office(rng, world)
    return sorted(everything, key=lambda it: (it.started, it.root))
