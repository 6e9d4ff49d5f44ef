"""The human part: queues, answers, transfers, callbacks, supervisors. Sets times on legs, decides nothing about the AI."""

from random import Random

from clock import local
from draw import Curve, along, chance, new_id
from world import Agent, Interaction, Leg, World

QUEUES = {
    "billing": "Billing", "payment": "Billing", "tariff_change": "Tariffs", "move_home": "Moves", "outage": "Outages",
    "meter_reading": "Metering", "account_access": "General", "complaint": "Complaints",
}  # fmt: skip
WAIT: Curve = ((0, 1), (0.5, 6), (0.80, 17), (0.84, 20), (0.91, 75), (0.97, 210), (1, 480))
CHAT_WAIT: Curve = ((0, 2), (0.5, 14), (0.8, 40), (0.95, 160), (1, 420))
TALK: Curve = ((0, 12), (0.05, 40), (0.25, 140), (0.5, 245), (0.75, 380), (0.95, 740), (1, 1400))
PATIENCE: Curve = ((0, 6), (0.3, 35), (0.7, 130), (1, 400))
ACW: Curve = ((0, 4), (0.5, 45), (0.9, 120), (1, 240))


def open_hours(channel: str, instant: int) -> bool:
    """When people are there."""
    now = local(instant)
    hour, day = now.hour, now.weekday()
    if channel == "chat":
        return 8 <= hour < 22
    if day < 5:
        return 8 <= hour < 20
    return channel == "voice" and (9 <= hour < 17 if day == 5 else 10 <= hour < 16)


def queue_for(it: Interaction) -> str:
    """Where the flow sends it."""
    return "Cymraeg" if it.customer.language == "cy" else QUEUES[it.intent]


def answer(rng: Random, world: World, it: Interaction, leg: Leg, wait: int) -> None:
    """Somebody takes it after `wait` seconds in the queue."""
    start = leg.enqueued if leg.enqueued is not None else leg.started
    leg.agent = rng.choice(world.agents)
    leg.answered = leg.dequeued = start + wait
    leg.talk = along(rng, TALK) * (13 if leg.channel == "chat" else 10) // 10
    if leg.channel == "voice" and chance(rng, 0.22):
        leg.hold = along(rng, ((0, 10), (0.6, 70), (1, 300)))
        leg.holds = 1 + (leg.hold > 120)
    leg.acw = along(rng, ACW)
    leg.ended = leg.answered + leg.talk + leg.hold
    leg.reason = "AGENT_DISCONNECT" if chance(rng, 0.35) else "CUSTOMER_DISCONNECT"


def follow(rng: Random, it: Interaction, leg: Leg, initiation: str, started: int) -> Leg:
    """A further contact of the same chain."""
    child = Leg(new_id(rng), it.channel, initiation, started, previous=leg.contact_id)
    it.legs.append(child)
    return child


def hand_on(rng: Random, world: World, it: Interaction, leg: Leg, queue: str, initiation: str) -> Leg:
    """The leg ends by going to another queue, where somebody takes it."""
    leg.transferred, leg.reason = leg.ended, None
    child = follow(rng, it, leg, initiation, leg.ended)
    leg.next = child.contact_id
    child.queue, child.enqueued = queue, child.started + 1
    answer(rng, world, it, child, 3 + along(rng, WAIT))
    child.acw = max(child.acw, 8)
    leg.acw = min(leg.acw, child.talk + 1)
    return child


def abandon(rng: Random, leg: Leg, wait: int) -> None:
    """The customer gives up in the queue."""
    leg.dequeued = leg.ended = (leg.enqueued or leg.started) + wait
    leg.reason = "CUSTOMER_DISCONNECT"


def call_back(rng: Random, world: World, it: Interaction, leg: Leg) -> None:
    """The customer asks in the queue to be called back, and is: no abandonment, and no interaction of its own."""
    leg.dequeued = leg.ended = (leg.enqueued or leg.started) + 60 + rng.randrange(200)
    leg.reason, leg.callback_asked, it.callback = "CONTACT_FLOW_DISCONNECT", True, True
    child = follow(rng, it, leg, "CALLBACK", leg.ended)
    leg.next = child.contact_id
    child.queue, child.enqueued = leg.queue, child.started + 5
    answer(rng, world, it, child, 600 + rng.randrange(4200))


def monitored(rng: Random, world: World, it: Interaction, leg: Leg) -> None:
    """A supervisor listens in."""
    heard = leg.answered or leg.started
    spy = follow(rng, it, leg, "MONITOR", heard + 5)
    spy.agent = Agent("supervisor.price", "Leeds", 90)
    spy.answered, spy.ended = spy.started + 1, max(leg.ended - 2, heard + 8)
    spy.talk = spy.ended - spy.answered
    spy.reason = "AGENT_DISCONNECT"


def serve(rng: Random, world: World, it: Interaction, leg: Leg, at: int) -> None:
    """From the moment it enters the queue."""
    leg.queue, leg.enqueued = queue_for(it), at
    fate = rng.random()
    if fate < 0.012:
        return abandon(rng, leg, 1 + rng.randrange(4))
    if fate < 0.064:
        return abandon(rng, leg, along(rng, PATIENCE))
    if fate < 0.083 and it.channel == "voice" and open_hours("voice", at + 5400):
        return call_back(rng, world, it, leg)
    if fate < 0.098:  # overflow: it moves on before anybody answered
        leg.dequeued = leg.ended = at + 90
        hand_on(rng, world, it, leg, "General", "QUEUE_TRANSFER")
        return None
    answer(rng, world, it, leg, along(rng, CHAT_WAIT if it.channel == "chat" else WAIT))
    if it.channel == "voice" and chance(rng, 0.015):
        monitored(rng, world, it, leg)
    if leg.talk > 60 and chance(rng, 0.078):
        other = rng.choice([q for q in sorted(set(QUEUES.values())) if q != leg.queue])
        last = hand_on(rng, world, it, leg, other, "TRANSFER")
        if chance(rng, 0.12):
            hand_on(rng, world, it, last, "General", "TRANSFER")
    return None
