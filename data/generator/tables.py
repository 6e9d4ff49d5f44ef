"""The exports that are tables: surveys by week, tickets changed in the week, releases."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from random import Random
from typing import Any

import phrases
from clock import DAY, DAYS, at_local, iso, local, week_of
from delivery import END
from draw import along, chance, stream
from personal import plain, sentence
from world import Interaction

SURVEY_FIELDS = ("response_id", "contact_id", "sent_at", "answered_at", "score", "solved", "comment")
TICKET_FIELDS = ("ticket_id", "contact_id", "account_id", "opened_at", "status", "solved_at", "reopens", "category", "updated_at")
SENT_SHARE, RESPONSE_SHARE = 0.46, 0.12
Row = tuple[str, ...]

RELEASES: tuple[Row, ...] = (
    ("release_id", "released_at", "component", "version", "channel", "region", "kind", "description"),
    ("REL-0041", "2026-09-08T07:00:00+01:00", "lara-chat", "4.2", "chat", "", "release",
     "Shorter greetings and a new bill breakdown."),
    ("REL-0042", "2026-09-14T06:30:00+01:00", "lara-voice", "3.1", "voice", "", "release",
     "Callers confirm who they are with a new voice check."),
    ("REL-0043", "2026-10-05T08:00:00+01:00", "knowledge", "2026-10", "", "", "knowledge", "Winter tariffs and help pages."),
    ("REL-0044", "2026-10-13T09:00:00+01:00", "lara-chat", "4.3", "chat", "north", "release",
     "Lara answers more topics itself before it offers a colleague."),
    ("REL-0045", "2026-11-02T06:00:00+00:00", "moves-routing", "7", "voice", "", "configuration",
     "Moves and Billing have their own queues; final bills go to Billing."),
    ("REL-0046", "2026-11-16T06:00:00+00:00", "moves-routing", "8", "voice", "", "configuration",
     "Final bills of movers stay with Moves."),
)  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """One version of one ticket."""

    row: Row
    updated: int


def to_csv(rows: list[Row]) -> bytes:
    """A CSV with a header, comma, and line feeds."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def wall(instant: int) -> str:
    """As the survey tool writes times: London's wall clock, day first, no zone."""
    return f"{local(instant):%d/%m/%Y %H:%M}"


def answer_of(rng: Random, it: Interaction, returned: bool) -> tuple[int, str, str]:
    """Score, solved and comment: from how it ended."""
    unhappy = it.negative or (returned and chance(rng, 0.35))
    if unhappy:
        stars = rng.choice((1, 1, 1, 2, 2) if it.trap_on else (1, 1, 2, 2, 3, 3, 4))
    else:
        stars = rng.choice((2, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5))
    solved = "" if chance(rng, 0.15) else ("no" if returned or stars < 3 else "yes")
    return stars, solved, rng.choice(phrases.COMMENT_GOOD if stars > 3 else phrases.COMMENT_BAD)


def surveys(events: list[Interaction], returned: set[str]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Weekly files, and what is true of them."""
    rng = stream("surveys")
    weeks: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    facts: dict[str, Any] = {"sent": 0, "answered": 0, "on_disconnect_leg": 0, "secrets": []}
    for it in events:
        if it.kind != "customer" or not (it.reached_human or it.ai_involved) or not chance(rng, SENT_SHARE):
            continue
        sent = it.ended + 300 + rng.randrange(1500)
        about = it.legs[-1] if it.legs[-1].initiation == "DISCONNECT" else it.legs[0]
        facts["sent"] += 1
        facts["on_disconnect_leg"] += about is not it.legs[0]
        row: Row = ("", about.contact_id, wall(sent), "", "", "", "")
        answered = sent + along(rng, ((0, 120), (0.6, 5000), (1, 2 * DAY)))
        if chance(rng, RESPONSE_SHARE * (1.2 if it.negative else 1.0)) and answered < END:
            stars, solved, comment = answer_of(rng, it, it.root in returned)
            if facts["answered"] % 45 == 20:
                text, secret = sentence(rng, 400 + facts["answered"])
                comment = f"{comment} {plain(text)}".strip()
                facts["secrets"].append(secret)
            facts["answered"] += 1
            row = ("", about.contact_id, wall(sent), wall(answered), str(stars), solved, comment)
        weeks[week_of(sent)].append((sent, row))
    return survey_files(weeks, facts)


def survey_files(weeks: dict[str, list[tuple[int, Row]]], facts: dict[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Number the rows, spoil two, write the weeks."""
    files: dict[str, bytes] = {}
    n = 0
    facts.update(rows={}, damaged=[])
    spoilt = {"2026-W38": "9", "2026-W44": "five"}
    for week, entries in sorted(weeks.items()):
        path = f"exports/surveys/surveys-{week}.csv"
        rows: list[Row] = [SURVEY_FIELDS]
        for place, (_, row) in enumerate(sorted(entries), 1):
            n += 1
            rows.append((f"S-{n:06d}", *row[1:]))
            if row[4] and week in spoilt:
                rows[-1] = (*rows[-1][:4], spoilt.pop(week), *rows[-1][5:])
                facts["damaged"].append({"file": path, "kind": "bad_score", "position": place})
        files[path], facts["rows"][path] = to_csv(rows), len(rows) - 1
    return files, facts


def has_case(rng: Random, it: Interaction) -> bool:
    """A ticket left by the AI out of hours, or one that a person opened."""
    return bool(it.ticket) or (it.reached_human and it.intent in ("complaint", "move_home") and chance(rng, 0.22))


def life(rng: Random, it: Interaction) -> list[Ticket]:
    """All versions of one ticket."""
    opened = it.ended - 5
    account = it.customer.account if it.identified else ""
    fixed = (it.ticket or f"T-{1_000_000 + rng.randrange(900_000)}", it.root, account, iso(opened))
    out = [Ticket((*fixed, "open", "", "0", it.intent, iso(opened)), opened)]
    at = opened + 3600 + rng.randrange(DAY)
    if chance(rng, 0.4):
        out.append(Ticket((*fixed, "pending", "", "0", it.intent, iso(at)), at))
    reopens = 1 if chance(rng, 0.11) else 0
    for n in range(reopens + 1):
        at += 7200 + rng.randrange(4 * DAY)
        out.append(Ticket((*fixed, "solved", iso(at), str(n), it.intent, iso(at)), at))
        if n < reopens:
            at += 3600 + rng.randrange(3 * DAY)
            out.append(Ticket((*fixed, "open", "", str(n + 1), it.intent, iso(at)), at))
    solved = out[-1].row[5]
    at += 4 * DAY
    out.append(Ticket((*fixed, "closed", solved, str(reopens), it.intent, iso(at)), at))
    return out


def tickets(events: list[Interaction]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Every Monday, the tickets that changed in the week, as they are by then."""
    rng, files = stream("tickets"), {}
    lives = [life(rng, it) for it in events if it.kind == "customer" and has_case(rng, it)]
    facts: dict[str, Any] = {"distinct": 0, "rows": {}}
    seen = set()
    for monday in [d for d in DAYS if d.weekday() == 0][1:]:
        start, end = at_local(monday - timedelta(days=7), 0), at_local(monday, 0)
        changed = [[v for v in versions if v.updated < end] for versions in lives]
        rows = sorted(past[-1].row for past in changed if past and past[-1].updated >= start)
        path = f"exports/tickets/tickets-{monday}.csv"
        files[path], facts["rows"][path] = to_csv([TICKET_FIELDS, *rows]), len(rows)
        seen |= {row[0] for row in rows}
    facts["distinct"] = len(seen)
    return files, facts


def releases() -> tuple[str, bytes]:
    """What was put into service, and when."""
    return "exports/releases/releases.csv", to_csv(list(RELEASES))
