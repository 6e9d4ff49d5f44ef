"""A leg as the contact record that Amazon Connect would stream."""

from typing import Any

from clock import iso, local
from world import Agent, Interaction, Leg

ACCOUNT = "111111111111"
INSTANCE = "11111111-1111-4111-8111-111111111111"
INSTANCE_ARN = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{INSTANCE}"
CHANNEL = {"voice": "VOICE", "chat": "CHAT", "sms": "CHAT", "email": "EMAIL", "task": "TASK"}
SUBTYPE = {"voice": "connect:Telephony", "chat": "connect:Chat", "sms": "connect:SMS", "email": "connect:Email",
           "task": "connect:Task"}  # fmt: skip
OUR_NUMBER = "+448081570100"
NO_SYSTEM_ENDPOINT = ("CALLBACK", "MONITOR", "QUEUE_TRANSFER", "DISCONNECT")
QUEUE_IDS = {name: f"0000000{n}-5a5a-4b4b-8c8c-00000000000{n}" for n, name in enumerate(
    ("Billing", "Tariffs", "Moves", "Outages", "Metering", "General", "Complaints", "Cymraeg"), 1)}  # fmt: skip

Record = dict[str, Any]


def attributes(it: Interaction, leg: Leg) -> dict[str, str]:
    """What the flows wrote on the contact; a transfer carries it along."""
    given = {
        "accountId": it.customer.account if it.identified else None,
        "aiAgent": it.ai_agent,
        "aiAgentVersion": it.ai_version,
        "aiOutcome": it.outcome if it.ai_agent else None,
        "aiReplies": None if it.ai_replies is None else str(it.ai_replies),
        "callbackRequested": "true" if leg.callback_asked else None,
        "device": it.device if it.channel != "task" else None,
        "escalationReason": it.escalation,
        "intent": it.intent,
        "language": it.customer.language,
        "note": it.note,
        "region": it.customer.region,
        "segment": it.customer.segment,
        "testContact": "true" if it.kind == "test" else None,
        "ticketId": it.ticket,
    }
    if it.greeted:
        given |= {"greetingPlayed": "true", "GreetingPlayed": "true"}
    return {key: value for key, value in sorted(given.items()) if value is not None}


def agent_block(agent: Agent, leg: Leg) -> Record:
    """Who answered, and how long it took."""
    arn = f"{INSTANCE_ARN}/agent/a9e47000-0000-4000-8000-{agent.number:012d}"
    return {
        "ARN": arn,
        "AfterContactWorkDuration": leg.acw,
        "AfterContactWorkEndTimestamp": iso(leg.ended + leg.acw),
        "AfterContactWorkStartTimestamp": iso(leg.ended),
        "AgentInteractionDuration": leg.talk,
        "AgentPauseDurationInSeconds": None,
        "ConnectedToAgentTimestamp": iso(leg.answered or leg.started),
        "CustomerHoldDuration": leg.hold,
        "HierarchyGroups": {"Level1": {"ARN": f"{INSTANCE_ARN}/agent-group/{agent.site.lower()}", "GroupName": agent.site}},
        "LongestHoldDuration": leg.hold if leg.holds < 2 else leg.hold - leg.hold // 3,
        "NumberOfHolds": leg.holds,
        "RoutingProfile": {"ARN": f"{INSTANCE_ARN}/routing-profile/1", "Name": "Customer care"},
        "Username": agent.username,
    }


def queue_block(leg: Leg) -> Record | None:
    """How long it waited, and for what."""
    if leg.queue is None or leg.enqueued is None:
        return None
    left = leg.dequeued or leg.enqueued
    return {
        "ARN": f"{INSTANCE_ARN}/queue/{QUEUE_IDS[leg.queue]}",
        "DequeueTimestamp": iso(left),
        "Duration": left - leg.enqueued,
        "EnqueueTimestamp": iso(leg.enqueued),
        "Name": leg.queue,
    }


def endpoint(it: Interaction, leg: Leg) -> Record | None:
    """The customer's end. Chat has none; a withheld number keeps its placeholder or has no address."""
    if it.channel in ("chat", "task"):
        return None
    kind = "EMAIL_ADDRESS" if it.channel == "email" else "TELEPHONE_NUMBER"
    return {"Address": it.address, "Type": kind}


def system_end(it: Interaction, leg: Leg) -> Record | None:
    """Our end."""
    if it.channel in ("chat", "task") or leg.initiation in NO_SYSTEM_ENDPOINT:
        return None
    if it.channel == "email":
        return {"Address": "help@larkfield.example", "Type": "EMAIL_ADDRESS"}
    return {"Address": OUR_NUMBER, "Type": "TELEPHONE_NUMBER"}


def recordings(leg: Leg) -> list[Record] | None:
    """Calls are recorded from the moment an agent is there."""
    if leg.channel != "voice" or leg.agent is None or leg.initiation == "MONITOR":
        return None
    start = leg.answered or leg.started
    at = local(start)
    name = f"larkfield-connect/CallRecordings/{at:%Y/%m/%d}/{leg.contact_id}_{iso(start)[:16].replace('-', '')}_UTC.wav"
    return [{
        "DeletionReason": None, "FragmentStartNumber": None, "FragmentStopNumber": None, "Location": name,
        "MediaStreamType": "AUDIO", "ParticipantType": None, "StartTimestamp": None, "Status": "AVAILABLE",
        "StopTimestamp": None, "StorageType": "S3",
    }]  # fmt: skip


def ready_at(leg: Leg) -> int:
    """When Connect has finished the record."""
    return leg.ended + (leg.acw if leg.agent else 0) + 3


def segment(it: Interaction, leg: Leg) -> Record:
    """Subtype and direction."""
    direction = "OUTBOUND" if leg.initiation in ("OUTBOUND", "CALLBACK") else "INBOUND"
    return {
        "connect:Direction": {"ValueString": direction},
        "connect:Subtype": {"ValueString": SUBTYPE[it.channel]},
    }


def record(it: Interaction, leg: Leg) -> Record:
    """The whole record, with the names and the order of names that Connect uses."""
    answered = leg.agent is not None
    system_at = leg.started + (0 if leg.initiation in ("TRANSFER", "QUEUE_TRANSFER") else 1)
    return {
        "AWSAccountId": ACCOUNT,
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": agent_block(leg.agent, leg) if leg.agent else None,
        "AgentConnectionAttempts": 1 if answered else 0,
        "Attributes": attributes(it, leg),
        "Campaign": {"CampaignId": None},
        "Channel": CHANNEL[it.channel],
        "ConnectedToSystemTimestamp": (
            iso(leg.answered or leg.started) if leg.initiation in ("OUTBOUND", "CALLBACK") else iso(system_at)
        ),
        "ContactId": leg.contact_id,
        "CustomerEndpoint": endpoint(it, leg),
        "CustomerId": None,
        "DisconnectReason": leg.reason,
        "DisconnectTimestamp": iso(leg.ended),
        "InitialContactId": it.root if leg.previous else None,
        "InitiationMethod": leg.initiation,
        "InitiationTimestamp": iso(leg.started),
        "InstanceARN": INSTANCE_ARN,
        "LastUpdateTimestamp": iso(ready_at(leg)),
        "MediaStreams": [{"Type": "AUDIO" if it.channel == "voice" else "CHAT"}],
        "NextContactId": leg.next,
        "PreviousContactId": leg.previous,
        "Queue": queue_block(leg),
        "Recordings": recordings(leg),
        "References": [],
        "RelatedContactId": None,
        "ScheduledTimestamp": None,
        "SegmentAttributes": segment(it, leg),
        "SystemEndpoint": system_end(it, leg),
        "Tags": {"aws:connect:instanceId": INSTANCE},
        "TransferCompletedTimestamp": iso(leg.transferred) if leg.transferred else None,
        "TransferredToEndpoint": None,
    }
