"""What Larkfield's bots and desks log while somebody gets back into an account: who the customer is, link, access.

Made from the course of each interaction, and changes none: the log has a stream of random numbers of its own.
"""

from collections import Counter, defaultdict
from random import Random
from typing import Any

from clock import iso, week_of
from draw import chance, stream
from tables import Row, to_csv
from world import Interaction

FIELDS = ("happened_at", "contact_id", "step", "result")
IDENTITY, LINK, RESTORED = "identity_check", "link_sent", "access_restored"
CHANNELS = ("voice", "chat")
Step = tuple[int, str, str, str]  # at, contact, step, result


def by_bot(rng: Random, it: Interaction) -> list[Step]:
    """What the AI logs: it asks who it is, sends a link, and sees the customer come in again."""
    leg = it.legs[0]
    at = leg.started + 12 + rng.randrange(8)
    if it.escalation == "authentication_failed":
        return [(at, leg.contact_id, IDENTITY, "failed")]
    found = [(at, leg.contact_id, IDENTITY, "ok")]
    if it.outcome in ("completed", "confirmed"):
        found += [(at + 6, leg.contact_id, LINK, "ok"), (leg.ended - 1, leg.contact_id, RESTORED, "ok")]
    elif it.contained and it.outcome != "dropped":
        found.append((at + 6, leg.contact_id, LINK, "ok"))
    return found


def by_person(rng: Random, it: Interaction, is_known: bool) -> list[Step]:
    """What people log. One in twelve forgets to ask who it is; one in five asks again what the bot has found out."""
    leg = next(g for g in it.legs if g.answered is not None and g.initiation != "MONITOR")
    answered, ended = leg.answered or leg.started, leg.ended
    found = []
    if chance(rng, 1 / 5 if is_known else 11 / 12):
        found.append((answered + max(1, (ended - answered) // 4), leg.contact_id, IDENTITY, "ok"))
    if chance(rng, 0.9):
        found.append((answered + max(1, (ended - answered) // 2), leg.contact_id, LINK, "ok"))
        if chance(rng, 0.85):
            found.append((ended - 1, leg.contact_id, RESTORED, "ok"))
    return found


def logged(events: list[Interaction]) -> dict[str, tuple[Interaction, list[Step]]]:
    """The steps of every interaction about an account, by its root."""
    rng, found = stream("steps"), {}
    for it in events:
        if it.kind == "customer" and it.intent == "account_access" and it.channel in CHANNELS:
            steps = by_bot(rng, it) if it.ai_involved else []
            is_known = any(step[2:] == (IDENTITY, "ok") for step in steps)
            steps += by_person(rng, it, is_known) if it.reached_human else []
            found[it.root] = (it, steps)
    return found


def step_log(events: list[Interaction]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """A file a week, and what is true of them."""
    weeks: dict[str, list[Step]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for it, steps in logged(events).values():
        counts[f"{it.channel}/interactions"] += 1
        for step in steps:
            weeks[week_of(step[0])].append(step)
            counts[f"{it.channel}/{step[2]}/{step[3]}"] += 1
    files, rows = {}, {}
    for week, found in sorted(weeks.items()):
        path = f"exports/steps/steps-{week}.csv"
        lines: list[Row] = [(iso(at), *rest) for at, *rest in sorted(found)]
        files[path], rows[path] = to_csv([FIELDS, *lines]), len(lines)
    return files, {"intent": "account_access", "counts": dict(sorted(counts.items())), "rows": rows}
