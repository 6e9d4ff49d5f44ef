"""How contact records arrive: versions, repeats and late old ones, packed into objects by the hour of delivery."""

import gzip
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from clock import DAY, DAYS, iso, utc
from connect import Record, ready_at, record
from draw import chance, new_id, stream
from world import Interaction

END = utc(2026, 11, 24, 5)  # the last delivery
OBJECT_HOURS = {1: (23,), 2: (11, 22), 3: (7, 14, 22), 4: (6, 11, 16, 21)}


@dataclass(frozen=True)
class Arrival:
    """One version of one record on its way."""

    due: int
    contact_id: str
    kind: str  # first, newer, duplicate, stale
    body: Record


@dataclass
class Object:
    """One file of contact records."""

    path: str
    framing: str  # joined, lines, pretty
    chunks: list[str]
    damaged: list[dict[str, Any]] = field(default_factory=list)


def earlier_version(body: Record) -> Record:
    """What the record said before it was corrected: shorter after-contact work, or something not yet known."""
    old = deepcopy(body)
    agent, known = old["Agent"], old["Attributes"]
    if agent and agent["AfterContactWorkDuration"] > 10:
        agent["AfterContactWorkDuration"] //= 2
        ended = datetime.fromisoformat(agent["AfterContactWorkStartTimestamp"].replace("Z", "+00:00"))
        agent["AfterContactWorkEndTimestamp"] = iso(int(ended.timestamp()) + agent["AfterContactWorkDuration"])
    elif known.get("aiOutcome") == "completed":
        del known["aiOutcome"]
    else:
        body["Attributes"]["note"] = "Reviewed by the quality team."
    return old


def arrivals_of(rng: Random, body: Record, ready: int) -> list[Arrival]:
    """All deliveries of one contact."""
    key, due = body["ContactId"], ready + 60 + rng.randrange(840)
    draw, later = rng.random(), ready + DAY + rng.randrange(5 * DAY)
    if later + 2 * DAY > END or draw > 0.04:
        return [Arrival(due, key, "first", body)]
    if draw < 0.011:
        return [Arrival(due, key, "first", body), Arrival(due + 3600 + rng.randrange(2 * DAY), key, "duplicate", body)]
    old = earlier_version(body)
    body["LastUpdateTimestamp"] = iso(later)
    if draw < 0.034:
        return [Arrival(due, key, "first", old), Arrival(later + 90, key, "newer", body)]
    # The first version was lost on the way, and comes when the newer one is long there.
    return [Arrival(later + 90, key, "newer", body), Arrival(later + 7200 + rng.randrange(DAY), key, "stale", old)]


def deliveries(events: list[Interaction]) -> list[Arrival]:
    """Everything that arrives, in order."""
    rng = stream("versions")
    found = [a for it in events for leg in it.legs for a in arrivals_of(rng, record(it, leg), ready_at(leg))]
    return sorted(found, key=lambda a: (a.due, a.contact_id))


def schedule(rng: Random) -> list[int]:
    """When objects are written."""
    times = []
    for day in DAYS:
        for hour in OBJECT_HOURS[rng.choice((1, 1, 2, 2, 2, 3, 4))]:
            times.append(utc(day.year, day.month, day.day, hour) + 3599)
    return [*times, END + 3599]


def pack(arrivals: list[Arrival]) -> list[Object]:
    """Sort arrivals into objects; every object has its own way of putting records one after the other."""
    rng = stream("objects")
    objects: list[Object] = []
    left, day, n = 0, None, 0
    for time in schedule(rng):
        right = left
        while right < len(arrivals) and arrivals[right].due <= time:
            right += 1
        at = datetime.fromtimestamp(time, UTC)
        n = n + 1 if at.date() == day else 1
        day = at.date()
        few = right - left <= 8
        framing = rng.choice(("joined", "joined", "joined", "lines", "lines", "pretty"))
        suffix = "json" if few and chance(rng, 0.4) else "json.gz"
        path = f"exports/connect/{at:%Y/%m/%d/%H}/contact-records-{n}.{suffix}"
        indent = 1 if framing == "pretty" else None
        texts = [to_text(a.body, indent) for a in arrivals[left:right]]
        if texts:
            objects.append(Object(path, framing, texts))
        left = right
    return objects


def to_text(body: Record, indent: int | None = None) -> str:
    """JSON, compact unless indented."""
    return json.dumps(body, indent=indent, separators=(",", ": " if indent else ":"), ensure_ascii=False)


def to_bytes(obj: Object) -> bytes:
    """The file's content."""
    text = ("" if obj.framing == "joined" else "\n").join(obj.chunks) + ("" if obj.framing == "joined" else "\n")
    data = text.encode()
    return gzip.compress(data, 9, mtime=0) if obj.path.endswith(".gz") else data


def spoil(body: Record, kind: str) -> str:
    """A record as it should not be."""
    if kind == "garbage":
        return "#### stream reset by peer, retry 2 ####"
    if kind == "no_contact_id":
        del body["ContactId"]
    if kind == "bad_timestamp":
        body["InitiationTimestamp"] = "2026-13-41T99:61:00Z"
    if kind == "ends_before_start":
        body["DisconnectTimestamp"] = "2026-08-01T00:00:00Z"
    text = to_text(body)
    return text[: len(text) * 7 // 10] if kind == "truncated" else text


def damage(objects: list[Object]) -> list[dict[str, Any]]:
    """Put five damaged records among the good ones; a damaged record has an id that occurs nowhere else."""
    rng, found = stream("damage"), []
    kinds = ("truncated", "garbage", "no_contact_id", "bad_timestamp", "ends_before_start")
    usable = [o for o in objects if o.framing != "pretty" and len(o.chunks) > 15]
    for kind, obj in zip(kinds, rng.sample(usable, len(kinds)), strict=True):
        body = json.loads(obj.chunks[0])
        body.update(ContactId=new_id(rng), InitialContactId=None, PreviousContactId=None, NextContactId=None)
        at = len(obj.chunks) if kind == "truncated" else rng.randrange(3, len(obj.chunks) - 2)
        obj.chunks.insert(at, spoil(body, kind))
        entry = {"file": obj.path, "kind": kind, "position": at + 1}
        obj.damaged.append(entry)
        found.append(entry)
    return found
