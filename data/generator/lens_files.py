"""Which legs Contact Lens analysed, the redacted twins, and the zip of each day as it is delivered the next morning."""

import json
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Any

from clock import LAST_DAY, day_of, iso
from contact_lens import chat_file, voice_file
from draw import chance, new_id, stream
from personal import HIDE, plain
from world import Interaction, Leg

VOICE_SHARE, CHAT_SHARE = 0.10, 0.95
TWIN_SHARE = 0.02
SHORTEST = 30  # seconds of talk; shorter recordings are never analysed


@dataclass(frozen=True)
class Member:
    """One file in a zip."""

    day: date
    name: str
    text: str


@dataclass
class Analyses:
    """Everything Contact Lens delivered, and what must not be seen of it."""

    members: list[Member]
    secrets: list[str]
    raw: int = 0
    redacted: int = 0


def legs_heard(rng: Random, it: Interaction) -> list[Leg]:
    """The legs with an analysis: nearly all chats, a part of the answered calls."""
    if it.channel == "chat" and chance(rng, CHAT_SHARE):
        return [leg for leg in it.legs if leg is it.legs[0] or (leg.agent and leg.initiation != "MONITOR")]
    if it.channel == "voice" and it.kind != "outbound" and chance(rng, VOICE_SHARE):
        return [leg for leg in it.legs if leg.agent and leg.initiation != "MONITOR" and leg.talk > SHORTEST]
    return []


def name_of(leg: Leg, redacted: bool) -> str:
    """As Contact Lens names its files."""
    stamp, day = iso(leg.ended + 75).replace(":", "_"), day_of(leg.ended)
    folder = "Chat" if leg.channel == "chat" else "Voice"
    twin, word = ("Redacted/", "analysis_redacted") if redacted else ("", "analysis")
    return f"Analysis/{folder}/{twin}{day:%Y/%m/%d}/{leg.contact_id}_{word}_{stamp}.json"


def mask(item: dict[str, Any]) -> None:
    """Hide the marked part of one turn, and say where it was."""
    content = item["Content"]
    if HIDE not in content:
        return
    before, _, after = content.split(HIDE)
    item["Content"] = f"{before}[PII]{after}"
    if "AbsoluteTime" in item:
        item["Redaction"] = {"CharacterOffsets": [{"BeginOffsetChar": len(before), "EndOffsetChar": len(before) + 5}]}
    else:
        start = item["BeginOffsetMillis"] + 60 * len(before)
        item["Redaction"] = {"RedactedTimestamps": [{"BeginOffsetMillis": start, "EndOffsetMillis": start + 1500}]}


def text_of(body: dict[str, Any], redacted: bool) -> str:
    """The file's text, raw or redacted."""
    items = [dict(item) for item in body["Transcript"]]
    metadata: dict[str, Any] = {"Output": "Raw"}
    if redacted:
        metadata = {
            "Output": "Redacted",
            "RedactionTypes": ["PII"],
            "RedactionTypesMetadata": {"PII": {"RedactionMaskMode": "PII"}},
        }
    for item in items:
        if redacted:
            mask(item)
        item["Content"] = plain(item["Content"])
    whole = {**body, "ContentMetadata": metadata, "Transcript": items}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)


def analyse(events: list[Interaction]) -> Analyses:
    """All files of Contact Lens, in order of event; marks the interactions whose last part was analysed."""
    rng, found = stream("lens"), Analyses([], [])
    for it in events:
        heard = [leg for leg in legs_heard(rng, it) if day_of(leg.ended) <= LAST_DAY]
        for leg in heard:
            body = (chat_file if leg.channel == "chat" else voice_file)(rng, it, leg)
            marked = any(HIDE in item["Content"] for item in body["Transcript"])
            draw = rng.random()
            twin = draw < (0.6 if marked else TWIN_SHARE)
            if not (draw < 0.004):  # a few contacts have the redacted file only
                found.members.append(Member(day_of(leg.ended), name_of(leg, False), text_of(body, False)))
                found.raw += 1
                found.secrets += [it.secret] if marked and it.secret else []
            if twin:
                found.members.append(Member(day_of(leg.ended), name_of(leg, True), text_of(body, True)))
                found.redacted += 1
        served = [leg for leg in it.legs if leg.initiation not in ("MONITOR", "DISCONNECT")]
        it.analysed = bool(heard) and heard[-1] is served[-1]
    return found


def broken(day: date) -> Member:
    """A file that stops in the middle; its contact is in no contact record."""
    stamp, key = f"{day}T11_12_13Z", new_id(stream("broken"))
    name = f"Analysis/Chat/{day:%Y/%m/%d}/{key}_analysis_{stamp}.json"
    return Member(
        day, name, '{"AccountId":"111111111111","Channel":"CHAT","CustomerMetadata":{"ContactId":"' + key + '"},"Transc'
    )


def zips(analyses: Analyses, broken_on: date) -> tuple[dict[str, bytes], dict[str, list[str]], dict[str, Any]]:
    """The zips by path, the names in each, and the entry about the damaged one."""
    bad = broken(broken_on)
    days: dict[date, list[Member]] = defaultdict(list)
    for member in [*analyses.members, bad]:
        days[member.day].append(member)
    files, names, entry = {}, {}, {}
    for day, members in sorted(days.items()):
        members.sort(key=lambda m: m.name)
        given = day + timedelta(days=1)
        path = f"exports/contact_lens/{given:%Y/%m/%d}/contact-lens-{given}.zip"
        files[path], names[path] = zipped(members, given), [m.name for m in members]
        if bad in members:
            entry = {"file": path, "kind": "broken_json", "position": members.index(bad) + 1, "member": bad.name}
    return files, names, entry


def zipped(members: list[Member], given: date) -> bytes:
    """A zip whose bytes depend on nothing but its content."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, (given.year, given.month, given.day, 5, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, member.text.encode(), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()
