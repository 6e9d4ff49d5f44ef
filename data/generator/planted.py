"""What is true of the sample, from the generator's own world and never from the files: an independent answer book."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from clock import DAY, FIRST_DAY, LAST_DAY, iso, local, utc, week_of
from delivery import Arrival, Object
from draw import SEED
from story import LEAK_FROM, LEAK_TO, TRAP_FROM, WITHHELD, leak_share
from tables import RELEASES
from world import SWITCHBOARD, Interaction, World

WINDOW, FORWARD = 7 * DAY, 15 * 60


def customers_own(events: list[Interaction]) -> list[Interaction]:
    """The interactions that count: begun by a customer, no test."""
    return [it for it in events if it.kind == "customer"]


def followed_up(events: list[Interaction], fits: Callable[[Interaction, Interaction], bool] | None = None) -> set[str]:
    """Roots after which the same account was in touch again within seven days, forwards left out."""
    by_account: dict[str, list[Interaction]] = defaultdict(list)
    for it in customers_own(events):
        by_account[it.customer.account].append(it)
    return {
        a.root
        for own in by_account.values()
        for n, a in enumerate(own)
        for b in own[n + 1 :]
        if b.started - a.started <= WINDOW and b.started - a.ended > FORWARD and (fits is None or fits(a, b))
    }


def trap(events: list[Interaction]) -> dict[str, Any]:
    """North chat, week by week."""
    returned = followed_up(events)
    same = followed_up(events, lambda a, b: a.intent == b.intent)
    seen = followed_up(events, lambda a, b: a.identified and b.identified)
    weeks: dict[str, Counter[str]] = defaultdict(Counter)
    for it in customers_own(events):
        if it.channel != "chat" or it.customer.region != "north" or not it.ai_involved:
            continue
        n = weeks[week_of(it.started)]
        n["ai_involved"] += 1
        n["contained"] += it.contained
        n["contained_negative"] += it.contained and it.negative
        trapped = it.contained and it.negative and it.root in returned
        n["contained_negative_repeat"] += trapped
        n["contained_negative_repeat_same_intent"] += trapped and it.root in same
        n["contained_negative_repeat_measurable"] += trapped and it.root in seen and it.analysed
    return {
        "released_at": iso(TRAP_FROM), "channel": "chat", "region": "north", "component": "lara-chat", "version": "4.3",
        "window_days": 7, "immature_from": "2026-11-17", "weeks": {w: dict(n) for w, n in sorted(weeks.items())},
    }  # fmt: skip


def leak(events: list[Interaction]) -> dict[str, Any]:
    """Authentication failures of the voice bot, week by week."""
    weeks: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for it in customers_own(events):
        if it.ai_agent == "lara-voice" and it.ai_involved and it.intent == "account_access":
            weeks[week_of(it.started)][0] += it.escalation == "authentication_failed"
            weeks[week_of(it.started)][1] += 1
    return {
        "agent": "lara-voice", "intent": "account_access", "escalation_reason": "authentication_failed",
        "from": iso(LEAK_FROM), "to": iso(LEAK_TO), "share_before": leak_share(0), "share_at_end": round(leak_share(LEAK_TO), 4),
        "weeks": {w: {"num": n, "den": d} for w, (n, d) in sorted(weeks.items())},
    }  # fmt: skip


def clock_change(events: list[Interaction]) -> dict[str, Any]:
    """The night with 25 hours."""
    change, own = utc(2026, 10, 25, 1), customers_own(events)
    return {
        "changes_at": iso(change), "date": "2026-10-25", "hours": 25,
        "first_01": [it.root for it in own if change - 3600 <= it.started < change],
        "second_01": [it.root for it in own if change <= it.started < change + 3600],
        "across": [it.root for it in own if it.started < change < it.ended and it.channel != "email"],
        "interactions_that_day": sum(local(it.started).date() == date(2026, 10, 25) for it in own),
    }  # fmt: skip


def overnight(events: list[Interaction]) -> dict[str, Any]:
    """Across local midnight, e-mail aside."""
    own = [it for it in customers_own(events) if it.channel != "email"]
    across = [it for it in own if local(it.started).date() != local(it.ended).date()]
    return {
        "roots": [it.root for it in across],
        "across_month_end": [it.root for it in across if local(it.started).month != local(it.ended).month],
    }


def shared(events: list[Interaction], world: World) -> dict[str, Any]:
    """Numbers behind which there is more than one account."""
    calls = [it for it in customers_own(events) if it.customer.phone == SWITCHBOARD]
    return {
        "switchboard": {
            "number": SWITCHBOARD,
            "accounts": len({it.customer.account for it in calls}),
            "calls": len(calls),
            "calls_showing_the_number": sum(it.address == SWITCHBOARD for it in calls),
        },
        "households": [{"number": home[0].phone, "accounts": sorted(who.account for who in home)} for home in world.households],
    }


def addresses(events: list[Interaction]) -> list[str]:
    """The customers' own numbers and e-mail addresses in the contact records."""
    return sorted({it.address for it in events if it.address} - set(WITHHELD))


def voice_queue(events: list[Interaction]) -> dict[str, int]:
    """Roots of calls that entered a queue, and what became of them there."""
    queued = [it for it in customers_own(events) if it.channel == "voice" and it.legs[0].queue]
    gone = [it for it in queued if not it.reached_human and not it.callback]
    waits = [(it.legs[0].dequeued or 0) - (it.legs[0].enqueued or 0) for it in gone]
    answered = [it for it in queued if it.legs[0].answered]
    return {
        "offered": len(queued),
        "abandoned": len(gone),
        "abandoned_under_5_s": sum(w < 5 for w in waits),
        "callback_asked": sum(it.callback for it in queued),
        "answered_on_first_leg": len(answered),
        "answered_on_first_leg_within_20_s": sum(
            (it.legs[0].answered or 0) - (it.legs[0].enqueued or 0) <= 20 for it in answered
        ),
    }


def totals(events: list[Interaction], arrivals: list[Arrival]) -> dict[str, Any]:
    """Records and interactions by kind."""
    own, kinds = customers_own(events), Counter(a.kind for a in arrivals)
    roots = Counter(it.channel for it in own)
    return {
        "contact_ids": sum(len(it.legs) for it in events),
        "records_valid": len(arrivals),
        "exact_duplicates": kinds["duplicate"],
        "corrected": kinds["newer"] - kinds["stale"],
        "stale": kinds["stale"],
        "superseded_versions": kinds["newer"],
        "legs_by_initiation": dict(sorted(Counter(leg.initiation for it in events for leg in it.legs).items())),
        "roots_by_kind": dict(sorted(Counter(it.kind for it in events).items())),
        "customer_roots": len(own),
        "customer_roots_by_channel": dict(sorted(roots.items())),
        "customer_roots_by_week": dict(sorted(Counter(week_of(it.started) for it in own).items())),
        "customer_interactions_after_joining_forwards": len(own) - sum(it.forward_of is not None for it in own),
        "ai_involved": sum(it.ai_involved for it in own),
        "ai_greeting_only": sum(it.ai_replies == 0 for it in own),
        "ai_contained": sum(it.contained for it in own),
        "ai_escalated_to_queue_ticket_or_callback": sum(it.ai_involved and it.handed_over for it in own),
        "reached_human": sum(it.reached_human for it in own),
        "repeats_within_7_days": len(followed_up(events)),
        "tickets_left_by_ai": sum(bool(it.ticket) for it in own),
        "voice_queue": voice_queue(events),
    }


def accounts(
    objects: list[Object], lens: dict[str, list[str]], tables: dict[str, int], damaged: list[dict[str, Any]]
) -> dict[str, Any]:
    """Per file: records in it, and damaged ones among them."""
    received = {o.path: len(o.chunks) for o in objects} | {p: len(n) for p, n in lens.items()} | tables
    received["exports/releases/releases.csv"] = len(RELEASES) - 1
    bad = Counter(entry["file"] for entry in damaged)
    return {path: {"received": n, "damaged": bad[path]} for path, n in sorted(received.items())}


def answer_book(events: list[Interaction], world: World, arrivals: list[Arrival]) -> dict[str, Any]:
    """Everything but the accounts of the files."""
    own = customers_own(events)
    loops = [it for it in own if it.loop]
    return {
        "seed": SEED,
        "period": {"first_day": str(FIRST_DAY), "last_day": str(LAST_DAY), "time_zone": "Europe/London"},
        "totals": totals(events, arrivals),
        "dst": clock_change(events),
        "overnight": overnight(events),
        "transfer_loop": {
            "weeks": ["2026-W45", "2026-W46"], "intent": "move_home", "roots": [it.root for it in loops],
            "transfers": sum(len(it.legs) - 1 for it in loops),
        },
        "trap": trap(events),
        "leak": leak(events),
        "withheld": sum(it.channel == "voice" and it.address in WITHHELD for it in own),
        **shared(events, world),
        "forwards": [[it.forward_of.root, it.root] for it in own if it.forward_of],
        "out_of_hours_tickets": {it.root: it.ticket for it in own if it.ticket},
        "customer_addresses": addresses(events),
        "test_contacts": sum(it.kind == "test" for it in events),
    }  # fmt: skip
