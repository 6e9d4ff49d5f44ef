"""The samples' week 2026-W46 counted again from the raw exports with loops and dicts, without a line of the program.

Only the comparison at the end calls the program. What is counted how is written out here a second time, on purpose.
"""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cxreports import pipeline
from cxreports.analysis.measure import Measurer
from tests.conftest import SAMPLES

LONDON = ZoneInfo("Europe/London")
W46 = (date(2026, 11, 9), date(2026, 11, 16))
Record = dict[str, Any]


def instant(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def objects(path: Path) -> Iterator[Record]:
    """JSON objects one after the other; what is none is stepped over to where the next record begins."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    decoder, begin = json.JSONDecoder(), re.compile(r'\{\s*"AWSAccountId"')
    found = begin.search(text)
    while found:
        try:
            value, end = decoder.raw_decode(text, found.start())
            yield value
        except ValueError:
            end = found.start() + 1
        found = begin.search(text, end)


def is_sound(record: Record) -> bool:
    start, end = instant(record.get("InitiationTimestamp")), record.get("DisconnectTimestamp")
    if not record.get("ContactId") or start is None:
        return False
    return end is None or ((instant(end) or start) >= start and instant(end) is not None)


def contacts() -> dict[str, Record]:
    """The newest version of every contact record."""
    newest: dict[str, Record] = {}
    for path in sorted((SAMPLES / "exports" / "connect").rglob("*.json*")):
        for record in objects(path):
            if is_sound(record):
                old = newest.get(record["ContactId"])
                if old is None or instant(record["LastUpdateTimestamp"]) >= instant(old["LastUpdateTimestamp"]):  # type: ignore[operator]
                    newest[record["ContactId"]] = record
    return newest


def attribute(legs: list[Record], name: str) -> str | None:
    return next((g["Attributes"][name] for g in legs if (g.get("Attributes") or {}).get(name)), None)


def answered(leg: Record) -> bool:
    return bool((leg.get("Agent") or {}).get("ConnectedToAgentTimestamp"))


@dataclass(frozen=True)
class Interaction:
    """A customer interaction as a person with the raw records would describe it."""

    id: str
    channel: str
    is_queued: bool
    is_answered: bool
    is_callback: bool
    is_open: bool
    wait: int | None
    handle: int | None
    transfers: int
    has_ai: bool
    has_ticket: bool

    @property
    def is_live(self) -> bool:
        return self.channel in ("VOICE", "CHAT")

    @property
    def is_lost(self) -> bool:
        return self.is_queued and not (self.is_answered or self.is_callback or self.is_open)


def describe(root: Record, legs: list[Record], everyone: dict[str, Record]) -> Interaction:
    legs = sorted(legs, key=lambda g: (g is not root, g["InitiationTimestamp"], g["ContactId"]))
    path = [g for g in legs if g["InitiationMethod"] not in ("MONITOR", "DISCONNECT")]
    handled = [g for g in path if answered(g)]
    upto = path[: path.index(handled[0]) + 1] if handled else path
    waits = [g["Queue"]["Duration"] for g in upto if g.get("Queue") and g["InitiationMethod"] != "CALLBACK"]
    agents = [g["Agent"] for g in handled]
    times = ("AgentInteractionDuration", "CustomerHoldDuration", "AfterContactWorkDuration")
    subtype = ((root.get("SegmentAttributes") or {}).get("connect:Subtype") or {}).get("ValueString", "connect:Chat")
    return Interaction(
        id=root["ContactId"],
        channel="SMS" if subtype == "connect:SMS" else root["Channel"],
        is_queued=any((g.get("Queue") or {}).get("EnqueueTimestamp") for g in path),
        is_answered=bool(handled),
        is_callback=any(g["InitiationMethod"] == "CALLBACK" for g in legs) or attribute(legs, "callbackRequested") == "true",
        is_open=any(g.get("DisconnectTimestamp") is None for g in path),
        wait=sum(waits) if waits else None,
        handle=sum(a[t] or 0 for a in agents for t in times) if agents else None,
        transfers=sum(g["InitiationMethod"] == "TRANSFER" and answered(everyone[g["PreviousContactId"]]) for g in legs),
        has_ai=attribute(legs, "aiAgent") is not None and int(attribute(legs, "aiReplies") or 1) > 0,
        has_ticket=attribute(legs, "ticketId") is not None,
    )


@pytest.fixture(scope="module")
def everyone() -> dict[str, Record]:
    return contacts()


@pytest.fixture(scope="module")
def week(everyone: dict[str, Record]) -> list[Interaction]:
    """Customer interactions that began in the week, London time."""
    chains: dict[str, list[Record]] = defaultdict(list)
    for record in everyone.values():
        chains[record.get("InitialContactId") or record["ContactId"]].append(record)
    found = []
    for key, legs in chains.items():
        root = everyone[key]
        day = datetime.fromisoformat(root["InitiationTimestamp"]).astimezone(LONDON).date()
        is_customers = root["InitiationMethod"] in ("INBOUND", "API") and root["Channel"] != "TASK"
        if W46[0] <= day < W46[1] and is_customers and attribute(legs, "testContact") != "true":
            found.append(describe(root, legs, everyone))
    return found


@pytest.fixture(scope="module")
def m(larkfield: pipeline.Project) -> Measurer:
    return pipeline.measurer(larkfield)


def share(units: list[Interaction], hit: Callable[[Interaction], bool]) -> tuple[int, int]:
    return sum(map(hit, units)), len(units)


def measured(m: Measurer, metric: str) -> tuple[Any, Any]:
    (found,) = m.measure(metric, [], *W46)
    return found.num, found.den


def test_interactions_by_channel(m: Measurer, week: list[Interaction]) -> None:
    found = {f.by["channel"].upper(): f.num for f in m.measure("interactions", ["channel"], *W46) if f.num}
    assert found == Counter(i.channel for i in week)


def test_abandonment(m: Measurer, week: list[Interaction]) -> None:
    short = [i for i in week if i.is_lost and (i.wait or 0) < 5]
    offered = [i for i in week if i.is_live and i.is_queued and i not in short]
    assert measured(m, "abandonment") == share(offered, lambda i: i.is_lost)
    (found,) = m.measure("abandonment", [], *W46)
    assert found.excluded == {"short abandon": len([i for i in short if i.is_live])}


@pytest.mark.parametrize("metric", ["service_level", "service_level_answered", "service_level_offered"])
def test_service_level(m: Measurer, week: list[Interaction], metric: str) -> None:
    offered = [i for i in week if i.is_live and i.is_queued and not i.is_callback]
    counted = {
        "service_level": [i for i in offered if not (i.is_lost and (i.wait or 0) < 5)],
        "service_level_answered": [i for i in offered if i.is_answered],
        "service_level_offered": offered,
    }[metric]
    assert measured(m, metric) == share(counted, lambda i: i.is_answered and (i.wait or 0) <= 20)


@pytest.mark.parametrize(("metric", "q"), [("wait", 0.5), ("wait_p90", 0.9), ("wait_p95", 0.95), ("time_to_abandon", 0.5)])
def test_waits(m: Measurer, week: list[Interaction], metric: str, q: float) -> None:
    live = [i for i in week if i.is_live and i.is_queued and not i.is_callback]
    waits = sorted(i.wait or 0 for i in live if (i.is_lost if metric == "time_to_abandon" else i.is_answered))
    (found,) = m.measure(metric, [], *W46)
    assert (found.n, found.value) == (len(waits), waits[ceil(q * len(waits)) - 1])


def test_handle_time(m: Measurer, week: list[Interaction]) -> None:
    times = [i.handle for i in week if i.handle is not None]
    (found,) = m.measure("handle_time", [], *W46)
    assert (found.num, found.den, found.value) == (sum(times) * 1000, len(times), pytest.approx(sum(times) / len(times)))


def test_transfer_rate(m: Measurer, week: list[Interaction]) -> None:
    handled = [i for i in week if i.is_answered]
    assert measured(m, "transfer") == share(handled, lambda i: i.transfers >= 1)
    assert measured(m, "transfer_loop") == share(handled, lambda i: i.transfers >= 3)


def test_escalation_and_gross_containment(m: Measurer, week: list[Interaction]) -> None:
    with_ai = [i for i in week if i.has_ai]

    def is_escalated(i: Interaction) -> bool:
        return i.is_answered or i.is_callback or i.has_ticket

    assert measured(m, "escalation") == share(with_ai, is_escalated)
    assert measured(m, "gross_containment") == share(with_ai, lambda i: not is_escalated(i) and not i.is_queued)


def test_customer_satisfaction(m: Measurer, week: list[Interaction], everyone: dict[str, Record]) -> None:
    ids = {i.id for i in week}
    newest: dict[str, tuple[datetime, dict[str, str]]] = {}
    for path in sorted((SAMPLES / "exports" / "surveys").glob("*.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                said = datetime.strptime(row["answered_at"] or row["sent_at"], "%d/%m/%Y %H:%M").replace(tzinfo=LONDON)
                is_damaged = row["score"] not in ("", *"12345")
                if not is_damaged and (row["response_id"] not in newest or said >= newest[row["response_id"]][0]):
                    newest[row["response_id"]] = (said, row)
    sent = [
        row
        for _, row in newest.values()
        if (leg := everyone.get(row["contact_id"])) and (leg.get("InitialContactId") or leg["ContactId"]) in ids
    ]
    marks = [int(row["score"]) for row in sent if row["score"]]
    assert measured(m, "survey_response") == (len(marks), len(sent))
    assert measured(m, "csat") == (sum(mark >= 4 for mark in marks), len(marks))
    assert measured(m, "csat_mean") == (sum(marks), len(marks))
