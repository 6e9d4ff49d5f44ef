"""What Contact Lens makes of one leg: transcript and sentiment. Which legs, and into which file: see `lens_files.py`."""

from random import Random
from typing import Any

import phrases
from clock import iso
from connect import ACCOUNT, INSTANCE
from draw import chance
from world import Interaction, Leg

Line = tuple[str, str, str]  # role, text, mood
PROGRESS = {"good": 3.75, "flat": 0, "bad": -3.75}
MOODS = {"good": "POSITIVE", "flat": "NEUTRAL", "bad": "NEGATIVE"}
PARTICIPANT = {"CUSTOMER": "fc00", "CUSTOM_BOT": "fb00", "AGENT": "fa00", "SYSTEM": "f500"}


def mood_of(rng: Random, negative: bool, last: bool) -> str:
    """How one customer turn sounds."""
    if negative:
        return "bad" if last or chance(rng, 0.6) else "flat"
    return rng.choice(("good", "good", "flat")) if last else rng.choice(("flat", "flat", "good", "bad"))


def said(rng: Random, mood: str) -> str:
    """A short customer turn of that mood."""
    return rng.choice({"good": phrases.GOOD, "flat": phrases.FLAT, "bad": phrases.BAD}[mood])


def bot_lines(rng: Random, it: Interaction, negative: bool) -> list[Line]:
    """Customer and bot, until it ends or is handed over."""
    lines: list[Line] = [("CUSTOM_BOT", phrases.GREETING, "flat")]
    lines.append(("CUSTOMER", opening(rng, it), "flat"))
    most = (3 if negative else 2) if it.trap_on else (2 if chance(rng, 0.3) else 1)
    rounds = min(most, it.ai_replies or 0)
    for n in range(rounds):
        trapped = it.trap_on and negative
        lines.append(("CUSTOM_BOT", rng.choice(phrases.BOT_TRAP if trapped else phrases.BOT[it.intent]), "flat"))
        mood = mood_of(rng, negative, n == rounds - 1)
        lines.append(("CUSTOMER", said(rng, mood), mood))
    if it.ticket:
        lines.append(("CUSTOM_BOT", phrases.TICKET, "flat"))
    elif it.escalation:
        lines.append(("CUSTOM_BOT", phrases.HANDOVER, "flat"))
    return lines


def opening(rng: Random, it: Interaction) -> str:
    """What they came for, with the planted personal data if there is any."""
    text = rng.choice(phrases.WELSH if it.customer.language == "cy" else phrases.OPENING[it.intent])
    return f"{text} {it.spoken}" if it.spoken else text


def agent_lines(rng: Random, it: Interaction, leg: Leg, fresh: bool) -> list[Line]:
    """Customer and person."""
    lines: list[Line] = [("AGENT", rng.choice(phrases.AGENT_OPEN), "good")]
    if fresh:
        lines.append(("CUSTOMER", opening(rng, it), "flat"))
    lines.append(("AGENT", phrases.AGENT_GOODBYE if leg.transferred else rng.choice(phrases.AGENT_WORK), "flat"))
    mood = mood_of(rng, it.negative, not leg.transferred)
    lines.append(("CUSTOMER", said(rng, mood), mood))
    return lines


def score(rng: Random, mood: str) -> float:
    """A score on Contact Lens' scale from -5 to 5: a bad one is clearly below zero, the others are not."""
    low, high = {"bad": (-20, -7), "flat": (0, 4), "good": (4, 18)}[mood]
    return rng.randrange(low, high) / 4


def end_mood(lines: list[Line]) -> str:
    """How the customer's last turn sounds."""
    return next((mood for role, _, mood in reversed(lines) if role == "CUSTOMER"), "flat")


def chat_sentiment(rng: Random, bot: list[Line], agent: list[Line]) -> dict[str, Any]:
    """Overall, with and without an agent, and the shift from beginning to end."""
    begin, end = rng.randrange(-8, 5) / 4, score(rng, end_mood(agent or bot))
    overall: dict[str, float] = {"CUSTOMER": round((begin + end) / 2, 2)}
    parts, shifts = {}, {}
    if bot:
        last = score(rng, end_mood(bot)) if agent else end
        parts["WithoutAgent"] = round((begin + last) / 2, 2)
        shifts["WithoutAgent"] = {"BeginScore": begin, "EndScore": last}
    if agent:
        overall = {"AGENT": rng.randrange(0, 9) / 4, **overall}
        parts["WithAgent"] = end if bot else overall["CUSTOMER"]
        shifts["WithAgent"] = {"BeginScore": begin if not bot else last, "EndScore": end}
    return {
        "OverallSentiment": {
            "DetailsByInteraction": {"DetailsByParticipantRole": {"CUSTOMER": parts}},
            "DetailsByParticipantRole": overall,
        },
        "SentimentShift": {
            "DetailsByInteraction": {"DetailsByParticipantRole": {"CUSTOMER": shifts}},
            "DetailsByParticipantRole": {"CUSTOMER": {"BeginScore": begin, "EndScore": end}},
        },
    }


def chat_items(rng: Random, leg: Leg, lines: list[Line]) -> list[dict[str, Any]]:
    """The transcript, turn by turn, spread over the time of the chat."""
    stem, items = leg.contact_id[:-4], []
    step = max(3, (leg.ended - leg.started) // (len(lines) + 1) // 10 * 10)
    for n, (role, text, mood) in enumerate(lines):
        item = {
            "AbsoluteTime": f"{iso(leg.started + 2 + n * step)[:-1]}.000Z",
            "Content": text, "ContentType": "text/plain", "Id": f"{stem}{n:04x}",
            "ParticipantId": f"{stem}{PARTICIPANT[role]}",
            "ParticipantRole": role, "Type": "MESSAGE",
        }  # fmt: skip
        if role in ("CUSTOMER", "AGENT"):
            item["Sentiment"] = MOODS[mood]
        items.append(item)
    return items


def chat_file(rng: Random, it: Interaction, leg: Leg) -> dict[str, Any]:
    """Analysis of a chat leg."""
    first = leg is it.legs[0]
    bot = bot_lines(rng, it, it.negative and not leg.agent) if first and it.ai_agent else []
    agent = agent_lines(rng, it, leg, fresh=not bot) if leg.agent else []
    if not bot and not agent:
        bot = [("SYSTEM", "All our colleagues are busy.", "flat"), ("CUSTOMER", opening(rng, it), end_if(it))]
    items = chat_items(rng, leg, bot + agent)
    people = {i["ParticipantId"]: i["ParticipantRole"] for i in items}
    groups = [
        {"ParticipantRole": i["ParticipantRole"], "ProgressiveScore": PROGRESS[m], "Sentiment": i["Sentiment"],
         "TranscriptItems": [{"Id": i["Id"]}]}
        for i, (_, _, m) in zip(items, bot + agent, strict=True) if i["ParticipantRole"] == "CUSTOMER"
    ]  # fmt: skip
    sentiment = {"DetailsByTranscriptItemGroup": groups, **chat_sentiment(rng, bot, agent)}
    return {
        "AccountId": ACCOUNT,
        "Categories": {"MatchedCategories": [], "MatchedDetails": {}},
        "Channel": "CHAT",
        "ChatTranscriptVersion": "2019-08-26",
        "ContentMetadata": {"Output": "Raw"},
        "ConversationCharacteristics": {"Sentiment": sentiment},
        "CustomerMetadata": {"ContactId": leg.contact_id, "InstanceId": INSTANCE},
        "JobStatus": "COMPLETED",
        "LanguageCode": "en-GB",
        "Participants": [{"ParticipantId": p, "ParticipantRole": r} for p, r in people.items()],
        "Transcript": items,
        "Version": "CHAT-2022-11-30",
    }


def end_if(it: Interaction) -> str:
    """The mood of somebody who got no answer."""
    return "bad" if it.negative else "flat"


def quarters(scores: list[float], total: int) -> list[dict[str, Any]]:
    """Four equal parts of a call."""
    cuts = [total * n // 4 for n in range(5)]
    return [{"BeginOffsetMillis": a, "EndOffsetMillis": b, "Score": s} for a, b, s in zip(cuts, cuts[1:], scores, strict=False)]


def voice_file(rng: Random, it: Interaction, leg: Leg) -> dict[str, Any]:
    """Analysis of an answered call: it hears the agent's part only, and counts from there."""
    lines, total = agent_lines(rng, it, leg, fresh=leg is it.legs[0]), leg.talk * 1000
    mine = [rng.randrange(-8, 5) / 4, rng.randrange(-6, 6) / 4, rng.randrange(-6, 6) / 4, score(rng, end_mood(lines))]
    theirs = [rng.randrange(0, 9) / 4 for _ in range(4)]
    step, stem = total // (len(lines) + 1), leg.contact_id[:-4]
    items = [
        {"BeginOffsetMillis": n * step, "Content": text, "EndOffsetMillis": n * step + 60 * len(text),
         "Id": f"{stem}{n:04x}", "ParticipantId": role, "Sentiment": MOODS[mood]}
        for n, (role, text, mood) in enumerate(lines)
    ]  # fmt: skip
    whole = {"AGENT": sum(theirs) / 4, "CUSTOMER": sum(mine) / 4}
    body: dict[str, Any] = {
        "AccountId": ACCOUNT,
        "Categories": {"MatchedCategories": [], "MatchedDetails": {}},
        "Channel": "VOICE",
        "ContentMetadata": {"Output": "Raw"},
        "ConversationCharacteristics": {
            "Sentiment": {
                "OverallSentiment": whole,
                "SentimentByPeriod": {"QUARTER": {"AGENT": quarters(theirs, total), "CUSTOMER": quarters(mine, total)}},
            },
            "TotalConversationDurationMillis": total,
        },
        "JobStatus": "COMPLETED",
        "LanguageCode": "en-GB",
        "Participants": [{"ParticipantId": r, "ParticipantRole": r} for r in ("CUSTOMER", "AGENT")],
        "Transcript": items,
        "Version": "VOICE-2022-11-30",
    }
    if chance(rng, 0.5):
        body["CustomerMetadata"] = {"ContactId": leg.contact_id, "InstanceId": INSTANCE}
    return body
