"""The sample exports: made the same every time, and as `planted.json` says. Reads the files by itself, the long way round."""

import csv
import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MAKE, SAMPLES = ROOT / "data" / "generator" / "make.py", ROOT / "data" / "samples"
CHANGE = datetime(2026, 10, 25, 1, tzinfo=UTC)
MAXIMUM = 6_000_000
DRAMA = re.compile(
    r"\+44(7700900|2079460|1134960|1144960|1154960|1164960|1174960|1184960|1214960|1314960|1414960|1514960|1614960"
    r"|1914980|2920180|1632960|3069990)\d{3}"
)

Record = dict[str, Any]


def files_in(folder: Path) -> dict[str, bytes]:
    """Every generated file: the README and the settings are written by hand."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ("README.md", "cxreports.toml"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def unpacked(path: str, data: bytes) -> Any:
    """What is in a file, whatever made it small."""
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(info.filename, info.date_time, archive.read(info)) for info in archive.infolist()]
    return data


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    made = []
    for name in ("first", "second"):
        out = tmp_path_factory.mktemp(name)
        subprocess.run([sys.executable, str(MAKE), str(out)], check=True, capture_output=True)
        made.append(files_in(out))
    return made


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    return files_in(SAMPLES)


@pytest.fixture(scope="module")
def book(samples: dict[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(samples["planted.json"]))


def objects_of(text: str) -> list[Record | str]:
    """The records of one object, one after the other; what cannot be read stands as text."""
    found: list[Record | str] = []
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] != "{":
            end = text.find("{", at) % (len(text) + 1)
            found.append(text[at:end])
            at = end
        else:
            try:
                record, at = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                record, at = text[at:], len(text)
            found.append(record)
    return found


def instant(text: str | None) -> datetime:
    return datetime.fromisoformat(str(text))


def is_sound(record: Record | str) -> bool:
    """A contact record that can be used."""
    if isinstance(record, str) or not record.get("ContactId"):
        return False
    try:
        return instant(record["InitiationTimestamp"]) <= instant(record["DisconnectTimestamp"])
    except ValueError:
        return False


def soundness(path: str, data: bytes) -> list[bool]:
    """For each record of a file, whether it is sound."""
    content = unpacked(path, data)
    if "/connect/" in path:
        return [is_sound(r) for r in objects_of(content.decode())]
    if path.endswith(".zip"):
        return [is_json(body) for _, _, body in content]
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    return ["score" not in row or row["score"] in ("", "1", "2", "3", "4", "5") for row in rows]


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except json.JSONDecodeError:
        return False
    return True


@pytest.fixture(scope="module")
def received(samples: dict[str, bytes]) -> list[Record]:
    """Every sound contact record, in order of delivery."""
    paths = [p for p in samples if "/connect/" in p]
    return [r for p in paths for r in objects_of(unpacked(p, samples[p]).decode()) if is_sound(r) and isinstance(r, dict)]


@pytest.fixture(scope="module")
def newest(received: list[Record]) -> dict[str, Record]:
    """The newest version of each contact."""
    kept: dict[str, Record] = {}
    for record in received:
        key = record["ContactId"]
        if key not in kept or record["LastUpdateTimestamp"] > kept[key]["LastUpdateTimestamp"]:
            kept[key] = record
    return kept


@pytest.fixture(scope="module")
def roots(newest: dict[str, Record]) -> list[Record]:
    """First contacts that a customer began, tests left out, in order of start."""
    own = [
        r for r in newest.values()
        if r["InitialContactId"] is None and r["Channel"] != "TASK" and r["InitiationMethod"] in ("INBOUND", "API")
        and "testContact" not in r["Attributes"]
    ]  # fmt: skip
    return sorted(own, key=lambda r: (r["InitiationTimestamp"], r["ContactId"]))


@pytest.fixture(scope="module")
def chains(newest: dict[str, Record]) -> dict[str, list[Record]]:
    """All contacts of a chain by its root."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in newest.values():
        found[record["InitialContactId"] or record["ContactId"]].append(record)
    return found


def local_day(at: datetime) -> Any:
    """The date in London: no time zone database is asked, as the period has one change only."""
    return (at + timedelta(hours=1 if at < CHANGE else 0)).date()


def week(record: Record) -> str:
    year, number, _ = local_day(instant(record["InitiationTimestamp"])).isocalendar()
    return f"{year}-W{number:02d}"


def channel_of(record: Record) -> str:
    return str(record["SegmentAttributes"]["connect:Subtype"]["ValueString"])


def test_two_runs_give_the_same_bytes(runs: list[dict[str, bytes]]) -> None:
    assert runs[0] == runs[1]


def test_the_committed_samples_are_what_the_generator_writes(runs: list[dict[str, bytes]], samples: dict[str, bytes]) -> None:
    assert sorted(runs[0]) == sorted(samples)
    differ = [path for path in samples if runs[0][path] != samples[path]]
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:  # zlib-ng packs the same content into other bytes
        differ = [path for path in differ if unpacked(path, runs[0][path]) != unpacked(path, samples[path])]
    assert differ == []


def test_the_samples_stay_small(samples: dict[str, bytes]) -> None:
    assert sum(len(data) for data in samples.values()) <= MAXIMUM
    assert len(samples["planted.json"]) < 200_000


def test_each_file_holds_as_many_records_as_planted(samples: dict[str, bytes], book: dict[str, Any]) -> None:
    counted = {}
    for path, data in samples.items():
        if path != "planted.json":
            sound = soundness(path, data)
            counted[path] = {"received": len(sound), "damaged": sound.count(False)}
    assert counted == book["records"]


def test_each_damaged_record_is_where_it_was_planted(samples: dict[str, bytes], book: dict[str, Any]) -> None:
    assert len(book["damaged"]) == 8
    for entry in book["damaged"]:
        sound = soundness(entry["file"], samples[entry["file"]])
        assert [n for n, fine in enumerate(sound, 1) if not fine] == [entry["position"]], entry


def test_versions_add_up(received: list[Record], newest: dict[str, Record], book: dict[str, Any]) -> None:
    versions: dict[str, set[str]] = defaultdict(set)
    seen: dict[str, str] = {}
    stale = 0
    for record in received:
        key, text = record["ContactId"], json.dumps(record, sort_keys=True)
        stale += text not in versions[key] and record["LastUpdateTimestamp"] < seen.get(key, "")
        seen[key] = max(seen.get(key, ""), record["LastUpdateTimestamp"])
        versions[key].add(text)
    distinct = sum(len(texts) for texts in versions.values())
    totals = book["totals"]
    assert len(newest) == totals["contact_ids"]
    assert len(received) == totals["records_valid"]
    assert len(received) - distinct == totals["exact_duplicates"]
    assert distinct - len(newest) == totals["superseded_versions"] == totals["corrected"] + totals["stale"]
    assert stale == totals["stale"]


def test_legs_and_roots_add_up(newest: dict[str, Record], roots: list[Record], book: dict[str, Any]) -> None:
    totals = book["totals"]
    assert Counter(r["InitiationMethod"] for r in newest.values()) == totals["legs_by_initiation"]
    names = {"connect:Telephony": "voice", "connect:Chat": "chat", "connect:SMS": "sms", "connect:Email": "email"}
    assert Counter(names[channel_of(r)] for r in roots) == totals["customer_roots_by_channel"]
    assert Counter(week(r) for r in roots) == totals["customer_roots_by_week"]
    tests = [r for r in newest.values() if r["InitialContactId"] is None and "testContact" in r["Attributes"]]
    assert len(tests) == book["test_contacts"]


def test_every_link_points_to_a_contact_that_exists(newest: dict[str, Record]) -> None:
    for record in newest.values():
        linked = {record[f] for f in ("InitialContactId", "PreviousContactId", "NextContactId")} - {None}
        assert linked <= newest.keys()
        assert (record["InitialContactId"] is None) == (record["PreviousContactId"] is None)


def test_the_voice_queue_adds_up(roots: list[Record], chains: dict[str, list[Record]], book: dict[str, Any]) -> None:
    queued = [r for r in roots if r["Channel"] == "VOICE" and r["Queue"]]
    gone = [
        r for r in queued
        if "callbackRequested" not in r["Attributes"]
        and not any(leg["Agent"] for leg in chains[r["ContactId"]] if leg["InitiationMethod"] != "MONITOR")
    ]  # fmt: skip
    answered = [r for r in queued if r["Agent"]]
    assert book["totals"]["voice_queue"] == {
        "offered": len(queued),
        "abandoned": len(gone),
        "abandoned_under_5_s": sum(r["Queue"]["Duration"] < 5 for r in gone),
        "callback_asked": sum("callbackRequested" in r["Attributes"] for r in queued),
        "answered_on_first_leg": len(answered),
        "answered_on_first_leg_within_20_s": sum(r["Queue"]["Duration"] <= 20 for r in answered),
    }


def test_the_night_of_25_hours_has_both_hours(roots: list[Record], chains: dict[str, list[Record]], book: dict[str, Any]) -> None:
    hour, dst = timedelta(hours=1), book["dst"]
    starts = {r["ContactId"]: instant(r["InitiationTimestamp"]) for r in roots}
    ends = {root: max(instant(leg["DisconnectTimestamp"]) for leg in chains[root]) for root in starts}
    mails = {r["ContactId"] for r in roots if r["Channel"] == "EMAIL"}
    assert dst["first_01"] == [k for k, at in starts.items() if CHANGE - hour <= at < CHANGE]
    assert dst["second_01"] == [k for k, at in starts.items() if CHANGE <= at < CHANGE + hour]
    assert dst["across"] == [k for k in starts if starts[k] < CHANGE < ends[k] and k not in mails]
    assert min(len(dst[key]) for key in ("first_01", "second_01", "across")) >= 1
    assert dst["interactions_that_day"] == sum(str(local_day(at)) == dst["date"] for at in starts.values())


def test_overnight_interactions_cross_midnight(
    roots: list[Record], chains: dict[str, list[Record]], book: dict[str, Any]
) -> None:
    own_end = ("MONITOR", "DISCONNECT")
    crossing = []
    for r in (r for r in roots if r["Channel"] != "EMAIL"):
        legs = [leg for leg in chains[r["ContactId"]] if leg["InitiationMethod"] not in own_end]
        end = max(instant(leg["DisconnectTimestamp"]) for leg in legs)
        if local_day(instant(r["InitiationTimestamp"])) != local_day(end):
            crossing.append(r["ContactId"])
    assert crossing == book["overnight"]["roots"]
    assert book["overnight"]["across_month_end"]


def test_the_loop_has_three_transfers_and_more(chains: dict[str, list[Record]], book: dict[str, Any]) -> None:
    loops = book["transfer_loop"]["roots"]
    assert len(loops) == 40
    for root in loops:
        legs = sorted(chains[root], key=lambda r: r["InitiationTimestamp"])
        assert [leg["Queue"]["Name"] for leg in legs][:4] == ["Billing", "Moves", "Billing", "Moves"]
        assert {leg["Attributes"]["intent"] for leg in legs} == {"move_home"}


def test_the_trap_shows_in_the_files(
    roots: list[Record], chains: dict[str, list[Record]], samples: dict[str, bytes], book: dict[str, Any]
) -> None:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    returns, ends = returning(roots, chains), end_scores(samples)
    for r in roots:
        known = r["Attributes"]
        if channel_of(r) != "connect:Chat" or known["region"] != "north" or known.get("aiReplies", "0") == "0":
            continue
        counted[week(r)]["ai_involved"] += 1
        if all(leg["Queue"] is None for leg in chains[r["ContactId"]]) and "ticketId" not in known:
            trapped = ends.get(r["ContactId"], 0) < 0 and r["ContactId"] in returns
            counted[week(r)]["contained"] += 1
            counted[week(r)]["contained_negative_repeat_measurable"] += trapped
    planted = {w: {key: n[key] for key in counted[w]} for w, n in book["trap"]["weeks"].items()}
    assert planted == counted


def returning(roots: list[Record], chains: dict[str, list[Record]]) -> set[str]:
    """Roots after which the same identified account was in touch again within seven days."""
    by_account: dict[str, list[Record]] = defaultdict(list)
    for r in roots:
        if "accountId" in r["Attributes"]:
            by_account[r["Attributes"]["accountId"]].append(r)
    found = set()
    for own in by_account.values():
        for n, a in enumerate(own):
            end = max(instant(leg["DisconnectTimestamp"]) for leg in chains[a["ContactId"]])
            for b in own[n + 1 :]:
                at = instant(b["InitiationTimestamp"])
                soon = at - instant(a["InitiationTimestamp"]) <= timedelta(days=7)
                if soon and at - end > timedelta(minutes=15):
                    found.add(a["ContactId"])
    return found


def end_scores(samples: dict[str, bytes]) -> dict[str, float]:
    """How chats ended, by contact."""
    found = {}
    for path in (p for p in samples if p.endswith(".zip")):
        for name, _, body in unpacked(path, samples[path]):
            if "/Chat/" in name and is_json(body):
                analysis = json.loads(body)
                shift = analysis["ConversationCharacteristics"]["Sentiment"]["SentimentShift"]
                score = shift["DetailsByParticipantRole"]["CUSTOMER"]["EndScore"]
                found[analysis["CustomerMetadata"]["ContactId"]] = score
    return found


def test_the_leak_shows_in_the_files(roots: list[Record], book: dict[str, Any]) -> None:
    counted: dict[str, dict[str, int]] = defaultdict(lambda: {"num": 0, "den": 0})
    for r in roots:
        known = r["Attributes"]
        if known.get("aiAgent") == "lara-voice" and known["aiReplies"] != "0" and known["intent"] == "account_access":
            counted[week(r)]["num"] += known.get("escalationReason") == "authentication_failed"
            counted[week(r)]["den"] += 1
    assert counted == book["leak"]["weeks"]


def test_numbers_withheld_and_shared(roots: list[Record], book: dict[str, Any]) -> None:
    addresses = [r["CustomerEndpoint"]["Address"] for r in roots if r["Channel"] == "VOICE"]
    placeholders = {"anonymous", "Restricted", None, "+266696687"}
    assert sum(a in placeholders for a in addresses) == book["withheld"]
    assert addresses.count(book["switchboard"]["number"]) == book["switchboard"]["calls_showing_the_number"]
    assert book["switchboard"]["accounts"] == 25


def test_nobody_can_be_reached_at_an_address_in_the_records(newest: dict[str, Record], book: dict[str, Any]) -> None:
    found = {r["CustomerEndpoint"]["Address"] for r in newest.values() if r["CustomerEndpoint"]}
    found -= {"anonymous", "Restricted", None, "+266696687"}
    assert sorted(found) == book["customer_addresses"]
    assert [a for a in found if not (DRAMA.fullmatch(a) or a.endswith("@example.com"))] == []


def test_planted_personal_data_stands_in_the_files(samples: dict[str, bytes], book: dict[str, Any]) -> None:
    texts = []
    for path, data in samples.items():
        content = unpacked(path, data)
        if path != "planted.json":
            texts += [body.decode() for _, _, body in content] if isinstance(content, list) else [content.decode()]
    everything = "\n".join(texts)
    assert [secret for secret in book["personal_data"] if secret not in everything] == []


def test_planted_card_numbers_pass_the_check_digit(book: dict[str, Any]) -> None:
    digits = [re.sub(r"\D", "", s) for s in book["personal_data"] if re.fullmatch(r"[3-6][\d -]{13,}", s)]
    assert len(digits) >= 6
    for number in digits:
        doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(number))]
        assert sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def test_redacted_twins_hold_none_of_it(samples: dict[str, bytes], book: dict[str, Any]) -> None:
    for path in (p for p in samples if p.endswith(".zip")):
        for name, _, body in unpacked(path, samples[path]):
            if "/Redacted/" in name:
                assert [s for s in book["personal_data"] if s in body.decode()] == [], name
