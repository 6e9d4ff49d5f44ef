"""How one interaction goes: the AI's part, the queue, the people, and how the customer feels at the end."""

from random import Random

from clock import at_local, local, utc
from draw import Curve, along, chance, new_id, pick
from people import answer, hand_on, open_hours, queue_for, serve
from world import Customer, Interaction, Leg, World

TRAP_FROM = utc(2026, 10, 13, 8)  # 09:00 in London
LEAK_FROM, LEAK_TO = utc(2026, 9, 13, 23), utc(2026, 11, 22, 0)
CHAT_42, VOICE_31 = utc(2026, 9, 8, 6), utc(2026, 9, 14, 5, 30)

WITHHELD = ("anonymous", "Restricted", None, "+266696687")
BOT_SECONDS: Curve = ((0, 25), (0.5, 75), (0.9, 170), (1, 320))
CHAT_BOT_SECONDS: Curve = ((0, 40), (0.5, 150), (0.9, 420), (1, 800))
REASONS = {"customer_asked": 0.46, "policy": 0.25, "failure": 0.21, "unavailable": 0.08}
CONTAINED = {"completed": 0.38, "confirmed": 0.14, "failed": 0.05, "dropped": 0.10, "": 0.33}
TRAPPED = {"completed": 0.04, "failed": 0.06, "dropped": 0.16, "": 0.74}


def leak_share(instant: int) -> float:
    """Authentication failures of the voice bot: level, then slowly rising."""
    through = (instant - LEAK_FROM) / (LEAK_TO - LEAK_FROM)
    return 0.08 + 0.27 * min(1.0, max(0.0, through))


def in_trap(channel: str, region: str, instant: int) -> bool:
    """Chat in the north after release 4.3, and nowhere else."""
    return channel == "chat" and region == "north" and instant >= TRAP_FROM


def version_of(agent: str, channel: str, region: str, instant: int) -> str:
    """The AI agent's version in service."""
    if agent == "lara-voice":
        return "3.1" if instant >= VOICE_31 else "3.0"
    if in_trap(channel, region, instant):
        return "4.3"
    return "4.2" if instant >= CHAT_42 else "4.1"


def is_due(world: World, subject: str, share: float) -> bool:
    """True as often as the shares so far add up to, without the noise of chance."""
    owed = world.owed.get(subject, 0.0) + share
    world.owed[subject] = owed - (owed >= 1)
    return owed >= 1


def north_chat(rng: Random, world: World, it: Interaction, what: str, share: float) -> bool:
    """Even where the trap is planted, by chance elsewhere."""
    if it.channel == "chat" and it.customer.region == "north":
        return is_due(world, f"{what}/{it.trap_on}", share)
    return chance(rng, share)


def escalates(rng: Random, world: World, it: Interaction) -> str | None:
    """Why the AI hands over, or None where it does not."""
    if it.channel == "voice" and it.intent == "account_access":
        if is_due(world, "leak", leak_share(it.started)):
            return "authentication_failed"
        return pick(rng, REASONS) if chance(rng, 0.30) else None
    share = {"voice": 0.55, "chat": 0.41, "sms": 0.35}[it.channel] + (0.25 if it.intent == "complaint" else 0.0)
    return pick(rng, REASONS) if north_chat(rng, world, it, "escalated", share - (0.18 if it.trap_on else 0.0)) else None


def with_ai(rng: Random, world: World, it: Interaction, at: int) -> int:
    """The AI's part from `at`; says when it ended. Sets outcome and reason on the interaction."""
    it.ai_agent = "lara-voice" if it.channel == "voice" else "lara-chat"
    it.ai_version = version_of(it.ai_agent, it.channel, it.customer.region, it.started)
    it.trap_on = in_trap(it.channel, it.customer.region, it.started)
    if chance(rng, 0.05):  # nothing but a greeting: the customer asks for a person at once
        it.ai_replies = 0
        it.escalation, it.outcome = "customer_asked", "escalated"
        return at + 6 + rng.randrange(10)
    it.ai_replies = 1 + along(rng, ((0, 0), (0.5, 2), (0.9, 5), (1, 8))) + (2 if it.trap_on else 0)
    it.escalation = escalates(rng, world, it)
    seconds = along(rng, BOT_SECONDS if it.channel == "voice" else CHAT_BOT_SECONDS)
    if it.escalation:
        it.outcome = "escalated"
        return at + seconds // 2 + 10
    it.negative = north_chat(rng, world, it, "negative", 0.50 if it.trap_on else 0.14)
    it.outcome = pick(rng, TRAPPED if it.trap_on and it.negative else CONTAINED) or None
    if it.negative and it.outcome == "confirmed":
        it.outcome = None
    return at + seconds


def identify(rng: Random, it: Interaction) -> None:
    """Whether the flow knows the account: not where authentication failed."""
    share = {"voice": 0.80, "chat": 0.95, "sms": 0.45, "email": 0.55}[it.channel]
    if it.ai_agent == "lara-voice":
        share = 0.90
    it.identified = it.escalation != "authentication_failed" and chance(rng, share)


def end_in_flow(rng: Random, it: Interaction, leg: Leg, at: int) -> None:
    """Nobody took over: the customer leaves, goes quiet, or the flow closes."""
    leg.ended = at
    if it.channel != "voice" and it.outcome in ("dropped", None) and chance(rng, 0.4):
        leg.reason = "IDLE_DISCONNECT"
        leg.ended = at + 300
    else:
        leg.reason = "CONTACT_FLOW_DISCONNECT" if it.outcome == "completed" else "CUSTOMER_DISCONNECT"


def leave_ticket(rng: Random, it: Interaction, leg: Leg, at: int) -> None:
    """Out of hours there is nobody to hand over to."""
    it.ticket = f"T-{100_000 + rng.randrange(900_000)}"
    it.outcome = "escalated"
    leg.ended, leg.reason = at + 20, "CONTACT_FLOW_DISCONNECT"


def voice(rng: Random, world: World, it: Interaction, leg: Leg) -> None:
    """A call: a bot or a plain menu, then perhaps the queue."""
    at = leg.started + 8 + rng.randrange(10)
    if chance(rng, 0.95 if it.intent == "account_access" else 0.40) and not it.loop:
        at = with_ai(rng, world, it, at)
        identify(rng, it)
        if not it.escalation:
            return end_in_flow(rng, it, leg, at)
    else:
        identify(rng, it)
        at += 8 + rng.randrange(25)
        if chance(rng, 0.03) and not it.loop:
            leg.ended, leg.reason = at, "CUSTOMER_DISCONNECT"  # hung up in the menu: never in a queue
            return None
    if not open_hours("voice", at) and it.intent != "outage":
        leg.ended, leg.reason = at + 12, "CONTACT_FLOW_DISCONNECT"
        return None
    return serve(rng, world, it, leg, at)


def chat(rng: Random, world: World, it: Interaction, leg: Leg) -> None:
    """A chat or a text message: nearly always the AI first."""
    at = leg.started + 2 + rng.randrange(5)
    if chance(rng, 0.95 if it.channel == "chat" else 0.55):
        at = with_ai(rng, world, it, at)
    identify(rng, it)
    if it.ai_agent and not it.escalation:
        return end_in_flow(rng, it, leg, at)
    if not open_hours("chat", at):
        return leave_ticket(rng, it, leg, at)
    return serve(rng, world, it, leg, at)


def email(rng: Random, world: World, it: Interaction, leg: Leg) -> None:
    """A letter waits until somebody has time in working hours."""
    identify(rng, it)
    day = local(leg.started)
    wait = along(rng, ((0, 600), (0.6, 5000), (1, 14_000)))
    if not open_hours("email", leg.started + wait):
        opens = at_local(day.date(), 86_400 + 9 * 3600)
        while not open_hours("email", opens):
            opens += 86_400
        wait = opens - leg.started + rng.randrange(7200)
    leg.queue, leg.enqueued = queue_for(it), leg.started + 2
    answer(rng, world, it, leg, wait)


def loop(rng: Random, world: World, it: Interaction, leg: Leg) -> None:
    """Billing says it is Moves, Moves says it is Billing."""
    identify(rng, it)
    leg.queue, leg.enqueued = "Billing", leg.started + 40
    answer(rng, world, it, leg, 5 + rng.randrange(60))
    for turn in range(rng.choice((3, 3, 3, 4))):
        leg = hand_on(rng, world, it, leg, ("Moves", "Billing")[turn % 2], "TRANSFER")
    it.negative = chance(rng, 0.75)


def address_of(rng: Random, channel: str, who: Customer) -> str | None:
    """What the other end is called: a number (or what stands for a withheld one), an e-mail address, or nothing."""
    if channel == "email":
        return who.email
    if channel == "chat":
        return None
    return rng.choice(WITHHELD) if channel == "voice" and chance(rng, 0.06) else who.phone


def tell(rng: Random, world: World, it: Interaction) -> Interaction:
    """The whole course of an interaction that a customer starts."""
    initiation = "API" if it.channel in ("chat", "sms") else "INBOUND"
    leg = Leg(new_id(rng), it.channel, initiation, it.started)
    it.legs.append(leg)
    it.address = address_of(rng, it.channel, it.customer)
    it.device = {"chat": "app" if chance(rng, 0.45) else "web", "email": "web"}.get(it.channel, "phone")
    it.greeted = it.channel in ("voice", "chat") and chance(rng, 0.7)
    if it.loop:
        loop(rng, world, it, leg)
    else:
        {"voice": voice, "chat": chat, "sms": chat, "email": email}[it.channel](rng, world, it, leg)
    if not it.contained and not it.loop:
        it.negative = chance(rng, 0.30 if not it.reached_human else 0.125)
    return it
