"""Who gets in touch when: the shape of days and hours, and who comes back."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from clock import DAY, DAYS, at_local, local
from draw import Curve, along, chance, pick, stream
from story import is_due, north_chat, tell
from world import Customer, Interaction, World

FRESH = (118, 108, 104, 101, 97, 40, 29)  # Monday to Sunday, before those who come back
CHANNELS = {"voice": 0.605, "chat": 0.295, "email": 0.05, "sms": 0.05}
WEEKEND = {"voice": 0.50, "chat": 0.42, "email": 0.03, "sms": 0.05}
INTENTS = {
    "billing": 0.20, "payment": 0.14, "outage": 0.11, "move_home": 0.10, "tariff_change": 0.10,
    "meter_reading": 0.14, "account_access": 0.17, "complaint": 0.05,
}  # fmt: skip
HOURS = {
    "voice": (8, 9, 12, 12, 11, 9, 9, 10, 9, 8, 6, 4),  # from 08:00
    "chat": (2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 22, 20, 20, 18, 17, 17, 18, 19, 20, 20, 18, 14, 8, 4),  # from 00:00
}
DELAY: Curve = ((0, 0.12), (0.35, 1.0), (0.65, 2.6), (1, 6.5))  # days until they come back
QUIET = 9 * DAY


@dataclass(order=True)
class Plan:
    """An interaction that will happen."""

    start: int
    number: int
    customer: Customer = field(compare=False)
    channel: str = field(compare=False)
    intent: str = field(compare=False)
    kind: str = field(compare=False, default="customer")
    loop: bool = field(compare=False, default=False)
    forward_of: Interaction | None = field(compare=False, default=None)


def clock_time(rng: Random, day: date, channel: str, intent: str) -> int:
    """A start on that day, by the channel's hours."""
    if channel != "voice":
        hour = int(pick(rng, {str(h): w for h, w in enumerate(HOURS["chat"])}))
    elif intent == "outage" and chance(rng, 0.15):
        hour = rng.randrange(24)
    else:
        weights = {str(8 + n): float(w) for n, w in enumerate(HOURS["voice"])}
        opens, closes = {5: (9, 17), 6: (10, 16)}.get(day.weekday(), (8, 20))
        hour = int(pick(rng, {h: w for h, w in weights.items() if opens <= int(h) < closes}))
    return at_local(day, hour * 3600 + rng.randrange(3600))


def fresh(rng: Random, world: World, day: date, busy: dict[str, int], numbers: Iterator[int]) -> list[Plan]:
    """Those who get in touch about something new; nobody who did so a few days ago."""
    plans = []
    noise = 0.93 + 0.14 * rng.random()
    for _ in range(int(FRESH[day.weekday()] * noise)):
        channel = pick(rng, WEEKEND if day.weekday() > 4 else CHANNELS)
        intent = pick(rng, INTENTS)
        start = clock_time(rng, day, channel, intent)
        who = rng.choice(world.customers)
        while busy.get(who.account, 0) > start:
            who = rng.choice(world.customers)
        busy[who.account] = start + QUIET
        plans.append(Plan(start, next(numbers), who, channel, intent))
    return plans


def shared_lines(rng: Random, world: World, numbers: Iterator[int]) -> list[Plan]:
    """The switchboard and the households, whose calls show one number for several accounts."""
    plans = []
    for n in range(60):
        day = rng.choice([d for d in DAYS if d.weekday() < 5])
        who = world.switchboard[n % len(world.switchboard)]
        intent = pick(rng, {"billing": 3, "tariff_change": 2, "meter_reading": 2, "account_access": 1})
        plans.append(Plan(clock_time(rng, day, "voice", intent), next(numbers), who, "voice", intent))
    for home in world.households:
        for who in home:
            for _ in range(rng.choice((1, 2))):
                day, intent = rng.choice(DAYS), pick(rng, INTENTS)
                plans.append(Plan(clock_time(rng, day, "voice", intent), next(numbers), who, "voice", intent))
    return plans


def comes_back(rng: Random, world: World, it: Interaction) -> bool:
    """Whether the same customer will be in touch again within a week."""
    if it.kind != "customer" or it.loop:
        return it.loop and chance(rng, 0.3)
    if it.contained:
        share = (0.82 if it.negative else 0.13) if it.trap_on else (0.21 if it.negative else 0.095)
        return north_chat(rng, world, it, f"returns/{it.negative}", share)
    if not it.reached_human:
        return chance(rng, 0.25)
    share = {"voice": 0.116, "chat": 0.11}.get(it.channel, 0.08)
    if it.escalation == "authentication_failed":
        share += 0.06
    return chance(rng, 0.26 if it.negative else share)


def again(rng: Random, world: World, it: Interaction, number: int) -> Plan | None:
    """The next interaction of the same customer, if there is one."""
    ended = it.ended
    if it.channel == "voice" and it.reached_human and it.kind == "customer" and not it.loop and is_due(world, "forward", 0.0052):
        return Plan(ended + 60 + rng.randrange(480), number, it.customer, "voice", it.intent, forward_of=it)
    if not comes_back(rng, world, it):
        return None
    channel = "voice" if chance(rng, 0.62) else ("chat" if it.channel != "sms" else "sms")
    intent = it.intent if chance(rng, 0.88) else pick(rng, INTENTS)
    day = local(it.started + along(rng, DELAY) * DAY).date() if chance(rng, 0.8) else local(it.started).date()
    start = clock_time(rng, day, channel, intent)
    while start < ended + 1800:
        day += timedelta(days=1)
        start = clock_time(rng, day, channel, intent)
    return Plan(start, number, it.customer, channel, intent) if start < it.started + 7 * DAY - 3600 else None


def unfold(world: World, planned: list[Plan], numbers: Iterator[int]) -> list[Interaction]:
    """Day by day, everything that happens, in order of start."""
    rng, told = stream("arrivals"), []
    busy = {plan.customer.account: plan.start + QUIET for plan in planned}
    waiting = planned + shared_lines(rng, world, numbers)
    heapq.heapify(waiting)
    for day in DAYS:
        for plan in fresh(rng, world, day, busy, numbers):
            heapq.heappush(waiting, plan)
        ends = at_local(day + timedelta(days=1), 0)
        while waiting and waiting[0].start < ends:
            plan = heapq.heappop(waiting)
            it = Interaction(plan.customer, plan.channel, plan.intent, plan.start, plan.kind, loop=plan.loop)
            it.forward_of = plan.forward_of
            told.append(tell(rng, world, it))
            following = again(rng, world, it, next(numbers))
            if following:
                busy[it.customer.account] = following.start + QUIET
                heapq.heappush(waiting, following)
    return told
