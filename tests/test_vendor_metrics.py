"""Figures as vendors count them: at the places where theirs and ours differ, and against the obvious version."""

import csv
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxreports import pipeline
from cxreports.analysis.bridge import bridge, twins
from cxreports.analysis.flow import flows
from cxreports.analysis.measure import Measurer
from cxreports.lake.engine import rows
from tests.conftest import LAST_DAY
from tests.test_cli import cx
from tests.test_measure import DAY, LATER, measurer, one, world
from tests.worlds import CATALOGUE, at, leg

ROOT = Path(__file__).resolve().parent.parent
SIXTY = "formats/samples/zendesk_60_tickets"
TABLES = ("ticket", "ticket_field_history", "ticket_comment", "ticket_schedule", "schedule", "schedule_holiday")
OURS = {name: m for name, m in CATALOGUE.metrics.items() if m.header.vendor}


# --- what each differs in from ours


def fin(leg_id: str, word: str | None, answered: bool = False, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A conversation with Fin, and Fin's word on how it ended."""
    told = {"answered_at": at(0.1)} if answered else {}
    flags = {"is_confirmed": word == "confirmed_resolution" or None, "is_claimed_resolved": word == "assumed_resolution" or None}
    begun = leg(leg_id, 0, channel="messaging", account_key=f"k_{leg_id}", ai_agent="Fin", ai_replies=1, **told, **flags, **more)
    return begun, {"case_id": f"t_{leg_id}", "leg_id": leg_id, "opened_at": at(0), "status": "solved", "vendor_resolution": word}


@pytest.fixture(scope="module")
def intercom(tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    """Ten confirmed, ten assumed (six of these customers came back the next day), five escalated, five without a word."""
    told = [
        *(fin(f"yes{i}", "confirmed_resolution") for i in range(10)),
        *(fin(f"left{i}", "assumed_resolution") for i in range(10)),
        *(fin(f"up{i}", "escalated", answered=True) for i in range(5)),
        *(fin(f"open{i}", None) for i in range(5)),
    ]
    back = [leg(f"back{i}", 24, account_key=f"k_left{i}", answered_at=at(24.1)) for i in range(6)]
    legs = [*(conversation for conversation, _ in told), *back, LATER]
    return measurer(world(tmp_path_factory.mktemp("intercom"), legs, cases=[case for _, case in told]))


def test_fin_counts_silence_as_success_and_ours_does_not_when_the_customer_comes_back(intercom: Measurer) -> None:
    """Ours: ten confirmed of thirty; the ten who left in silence ended in no known mood."""
    theirs, ours = one(intercom, "fin_resolution"), one(intercom, "verified_containment")
    assert (theirs.num, theirs.den, ours.num, ours.den) == (20, 30, 10, 30)
    assert one(intercom, "fin_resolution_confirmed").num == 10
    assert one(intercom, "fin_deflection").num == 25
    found = bridge(intercom, "verified_containment", "fin_resolution", *DAY, {}, None)
    assert {(p.side, p.units) for p in found.parts} == {("more", 10), ("alike", 20)}
    assert {str(r["unit_id"])[:4] for r in found.rows} == {"left"}


def test_fins_word_is_broken_down_as_it_was_given(intercom: Measurer) -> None:
    found = {m.by["resolution"]: m.n for m in intercom.measure("fin_resolution", ["resolution"], *DAY)}
    assert found == {"confirmed_resolution": 10, "assumed_resolution": 10, "escalated": 5, "none": 5}


def test_calls_of_another_system_are_no_conversations_of_fin(tmp_path: Path) -> None:
    told = [fin(f"yes{i:02}", "confirmed_resolution", source="intercom") for i in range(12)]
    calls = [leg(f"c{i:02}", 0, ai_agent="bot", answered_at=at(0.1), source="pbx") for i in range(40)]
    cases = [{**case, "source": "intercom"} for _, case in told]
    found = one(measurer(world(tmp_path, [*(c for c, _ in told), *calls], cases=cases)), "fin_resolution")
    assert (found.num, found.den, found.excluded) == (12, 12, {})


def test_a_bot_that_left_a_case_behind_deflected_for_salesforce_and_escalated_for_us(tmp_path: Path) -> None:
    bots = [
        leg(f"b{i:02}", 0, channel="chat", ai_agent="bot", ai_replies=1, ticket_id="T" if i < 12 else None) for i in range(40)
    ]
    m = measurer(world(tmp_path, [*bots, leg("p", 0, answered_at=at(0.1))]))
    assert (one(m, "salesforce_deflection").num, one(m, "gross_containment").num) == (40, 28)


def test_a_greeting_is_a_session_for_salesforce_and_no_involvement_for_us(tmp_path: Path) -> None:
    bots = [leg(f"b{i:02}", 0, channel="chat", ai_agent="bot", ai_replies=0 if i < 15 else 1) for i in range(40)]
    m = measurer(world(tmp_path, [*bots, leg("p", 0, answered_at=at(0.1))]))
    assert (one(m, "salesforce_deflection").den, one(m, "gross_containment").den) == (40, 25)


@pytest.mark.parametrize(("hours", "channel", "num"), [(72, "chat", 0), (72.0003, "chat", 12), (1, "voice", 12)])
def test_zendesk_looks_72_hours_far_and_on_one_channel(tmp_path: Path, hours: float, channel: str, num: int) -> None:
    bots = [leg(f"b{i:02}", 0, channel="chat", account_key=f"k{i}", ai_agent="bot", ai_replies=1) for i in range(12)]
    back = [leg(f"r{i:02}", hours, channel=channel, account_key=f"k{i}", answered_at=at(hours)) for i in range(12)]
    found = one(measurer(world(tmp_path, [*bots, *back, LATER])), "zendesk_automated_resolution")
    assert (found.num, found.den) == (num, 12)


# --- against the obvious version


def conversations(seed: int) -> list[dict[str, Any]]:
    """Two hundred of thirty customers within two weeks, on two channels, with gaps at the edge of 72 hours."""
    rng = random.Random(seed)
    legs = []
    for i in range(200):
        hours = rng.choice([0, 24, 72, 96, 144, 168]) + rng.choice([0, 0, -1 / 3600, 1 / 3600, 5])
        more = {"ai_agent": rng.choice(["bot", None]), "ai_replies": rng.choice([0, 1, 1]), "is_test": rng.random() < 0.05}
        answered = {"answered_at": at(hours)} if rng.random() < 0.3 else {}
        account = rng.choice([None, *(f"k{n}" for n in range(30))])
        legs.append(leg(f"s{i:03}", hours + 1, channel=rng.choice(["chat", "voice"]), account_key=account, **answered, **more))
    return legs


@pytest.mark.parametrize("seed", range(6))
def test_automated_resolutions_are_those_of_the_obvious_version(tmp_path: Path, seed: int) -> None:
    legs = conversations(seed)
    m = measurer(world(tmp_path, [*legs, leg("end", 24 * 20)]))
    customers = {
        r["interaction_id"]: r["customer_or_interaction"]
        for r in rows(m.view.con, "select interaction_id, customer_or_interaction from out_repeats")
    }
    got = {
        r["unit_id"]: r["num"]
        for r in rows(m.view.con, f"select * from {m.units('zendesk_automated_resolution')} where excluded is null")
    }
    wanted = {
        str(x["leg_id"]): int("answered_at" not in x and not _wrote_again(x, legs, customers))
        for x in legs
        if x["ai_agent"] and x["ai_replies"] and not x["is_test"]
    }
    assert got == wanted and 0 < sum(wanted.values()) < len(wanted)


def _wrote_again(x: Mapping[str, Any], legs: Sequence[Mapping[str, Any]], customers: Mapping[str, str]) -> bool:
    """Whether the same customer wrote on the same channel later, at most 72 hours after."""
    for other in legs:
        same = not other["is_test"] and customers[other["leg_id"]] == customers[x["leg_id"]] and other["channel"] == x["channel"]
        is_later = (other["started_at"], other["leg_id"]) > (x["started_at"], x["leg_id"])
        if same and is_later and other["started_at"] - x["started_at"] <= timedelta(hours=72):
            return True
    return False


def test_abandoned_offers_are_those_of_the_flow_identity(larkfield: pipeline.Project) -> None:
    """Two routes to one number: all offers of the samples by what became of them, and the metric."""
    m = pipeline.measurer(larkfield)
    days = (date(2026, 8, 1), LAST_DAY + timedelta(days=1))
    (flow,) = flows(m, [], *days).groups
    (found,) = m.measure("connect_abandonment", [], *days)
    assert (found.num, found.den) == (flow.abandoned, flow.offered - flow.in_progress)
    assert flow.residual == 0 and flow.flowed_out > 100


def test_an_answer_behind_the_queues_leg_is_no_abandonment(tmp_path: Path) -> None:
    """As Genesys keeps them: one leg of the queue, one of the person."""
    legs = []
    for i in range(12):
        offered = at(i)
        legs += [
            leg(f"q{i:02}", i, enqueued_at=offered, ended_at=offered + timedelta(seconds=30), wait_ms=30000),
            leg(f"p{i:02}", i, root_id=f"q{i:02}", initiation="queue_transfer", started_at=offered + timedelta(seconds=30),
                answered_at=offered + timedelta(seconds=30)),
        ]  # fmt: skip
    m = measurer(world(tmp_path, legs))
    assert (one(m, "genesys_abandonment").num, one(m, "genesys_abandonment").den) == (0, 12)
    assert (one(m, "connect_service_level").num, one(m, "connect_service_level").den) == (0, 12)


# --- on the samples


@pytest.fixture(scope="module")
def sixty(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Measurer:
    """Sixty tickets, as Fivetran writes them."""
    folder = tmp_path_factory.mktemp("sixty")
    (folder / "exports").mkdir()
    lines = ['[project]\nname = "Sixty"\ntimezone = "UTC"\n']
    for t in TABLES:
        shutil.copy(shared / SIXTY / f"tables/{t}_data.csv", folder / f"exports/{t}.csv")
        lines.append(f'[sources.{t}]\nkind = "zendesk_fivetran_{t}"\npath = "exports/{t}.csv"\ntimezone = "UTC"\n')
    (folder / "cxreports.toml").write_text("\n".join(lines))
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    project = pipeline.open_project(folder)
    pipeline.run(project, datetime(2026, 1, 1, tzinfo=UTC), lambda words: None)
    return pipeline.measurer(project)


YEAR = (date(2025, 1, 1), date(2026, 1, 1))


def test_a_ticket_that_was_solved_without_a_reply_is_one_touch_for_zendesk_only(sixty: Measurer) -> None:
    found = bridge(sixty, "one_touch", "zendesk_one_touch", *YEAR, {}, None)
    assert [(p.side, p.units) for p in found.parts] == [("more", 1), ("alike", 45)]
    assert [r["unit_id"] for r in found.rows] == ["zendesk:1003"]


def test_ours_is_what_the_published_package_calls_one_touch(sixty: Measurer, shared: Path) -> None:
    with (shared / SIXTY / "expected/zendesk__ticket_metrics.csv").open() as file:
        theirs = {f"zendesk:{r['ticket_id']}" for r in csv.DictReader(file) if r["is_one_touch_resolution"] == "t"}
    counted = rows(sixty.view.con, f"select unit_id from {sixty.units('one_touch')} where excluded is null and num = 1")
    assert {r["unit_id"] for r in counted if int(r["unit_id"][-1]) % 2 == 0} == theirs == {
        "zendesk:1010", "zendesk:1042", "zendesk:1052", "zendesk:1058",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_metric_of_ours_can_be_bridged_to_its_twins_on_the_samples(larkfield: pipeline.Project, name: str) -> None:
    m = pipeline.measurer(larkfield)
    days = (date(2026, 11, 9), date(2026, 11, 16))
    told = {n: f for n, _, f in twins(m, name, *days, {})}
    assert set(told) == {name, *OURS[name].header.vendor}
    for twin in OURS[name].header.vendor:
        found = bridge(m, name, twin, *days, {}, 1)
        shown = [f for f in (told[name], told[twin]) if f is not None and f.value is not None]
        assert (found.difference is not None) == (len(shown) == 2)


def test_without_a_second_metric_the_twins_are_listed(larkfield: pipeline.Project) -> None:
    told = cx("bridge", "service_level", "--period", "2026-W46", "--project", str(larkfield.folder)).stdout
    assert "Service level (Amazon Connect)" in told
    assert "'cxreports bridge service_level connect_service_level' takes their difference apart" in told
    alone = cx("bridge", "wait", "--period", "2026-W46", "--project", str(larkfield.folder)).stdout
    assert "no vendor's way to count wait is known, and no earlier version" in alone


def test_every_twin_names_its_source_and_stands_in_the_table_of_differences() -> None:
    page = (ROOT / "docs/vendor-metrics.md").read_text(encoding="utf-8")
    for name, metric in OURS.items():
        for twin in metric.header.vendor:
            base, _ = CATALOGUE.metric(twin, {})
            assert "Source" in base.header.notes, twin
            assert f"`{twin}`" in page and f"`{name}`" in page, (name, twin)


# --- from export files on


def loaded(folder: Path, sources: Mapping[str, str], files: Mapping[str, str]) -> Measurer:
    """A project of those sources (name → settings) and export files, run once."""
    (folder / "exports").mkdir(parents=True)
    for name, text in files.items():
        (folder / "exports" / name).write_text(text)
    lines = ['[project]\nname = "x"\ntimezone = "UTC"', *(f"[sources.{name}]\n{told}" for name, told in sources.items())]
    (folder / "cxreports.toml").write_text("\n\n".join(lines) + "\n")
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    project = pipeline.open_project(folder)
    pipeline.run(project, datetime(2025, 6, 1, tzinfo=UTC), lambda words: None)
    return pipeline.measurer(project)


def test_the_log_of_a_lex_bot_tells_what_lex_analytics_would(tmp_path: Path) -> None:
    """Twelve fulfilled and closed (one of them answered by a person), four without an answer of the customer, four fallbacks."""
    told, calls_ = [], ["id,begun,answered"]
    for i in range(20):
        state, action = ("Fulfilled", "Close") if i < 12 else ("InProgress", "ElicitSlot") if i < 16 else ("Failed", "Close")
        intent = "Balance" if i < 16 else "AMAZON.FallbackIntent"
        for turn, (now, doing) in enumerate([("InProgress", "ElicitSlot"), (state, action)]):
            session = {"intent": {"name": intent, "state": now}, "dialogAction": {"type": doing}}
            told.append(
                {
                    "messageVersion": "2.0", "bot": {"aliasId": "PROD", "version": "7"}, "requestId": f"r{i}-{turn}",
                    "sessionId": f"c{i}", "timestamp": f"2025-03-03T10:{turn:02}:00Z", "inputMode": "Speech",
                    "inputTranscript": "words", "missedUtterance": False, "sessionState": session,
                }
            )  # fmt: skip
        calls_.append(f"c{i},2025-03-03T10:00:00Z,{'2025-03-03T10:02:00Z' if i == 0 else ''}")
    legs = """kind = "table"
path = "exports/calls.csv"
table = "legs"
timezone = "UTC"
[sources.calls.columns]
leg_id = "id"
started_at = "begun"
answered_at = "answered"
ai_agent = "'bot'"
"""
    files = {"lex.json": "\n".join(json.dumps(t) for t in told), "calls.csv": "\n".join(calls_)}
    sources = {"lex": 'kind = "amazon_lex_v2_logs"\npath = "exports/lex.json"', "calls": legs}
    m = loaded(tmp_path, sources, files)
    counted = {name: one(m, name).num for name in ("lex_outcome", "lex_failed", "lex_dropped")}
    assert (counted, one(m, "lex_outcome").den) == ({"lex_outcome": 12, "lex_failed": 4, "lex_dropped": 4}, 20)
    assert {f.by["outcome"]: f.n for f in m.measure("lex_outcome", ["outcome"], *DAY)} == {
        "success": 12,
        "failed": 4,
        "dropped": 4,
    }
    found = bridge(m, "gross_containment", "lex_outcome", *DAY, {}, None)
    assert {(p.side, p.units) for p in found.parts} == {("less", 8), ("more", 1), ("alike", 11)}
    assert [r["unit_id"] for r in found.rows if r["side"] == "more"] == ["c0"]


def test_conversations_of_intercoms_api_tell_what_fins_report_would(tmp_path: Path) -> None:
    """Six confirmed, five assumed, three escalated and answered, two still open; a preview, and one that no customer began."""
    words = (
        ["confirmed_resolution"] * 6 + ["assumed_resolution"] * 5 + ["escalated"] * 3 + [None] * 2 + ["assumed_resolution"] * 2
    )
    began = int(datetime(2025, 3, 3, 10, tzinfo=UTC).timestamp())
    told = [
        {
            "type": "conversation", "id": str(i), "created_at": began + i, "updated_at": began + 900,
            "state": "open" if word is None else "closed",
            "source": {"type": "conversation", "delivered_as": "customer_initiated"},
            "first_contact_reply": None if i == 17 else {"created_at": began + i},
            "contacts": {"contacts": [{"id": f"k{i}", "external_id": f"k{i}"}]},
            "ai_agent_participated": True,
            "ai_agent": {"resolution_state": word, "source_type": "fin_preview" if i == 16 else "workflow"},
            "statistics": {"first_admin_reply_at": began + 600} if word == "escalated" else {},
        }
        for i, word in enumerate(words)
    ]  # fmt: skip
    files = {"c.json": json.dumps({"type": "conversation.list", "conversations": told})}
    m = loaded(tmp_path, {"intercom": 'kind = "intercom_conversations"\npath = "exports/c.json"'}, files)
    counted = {
        name: (one(m, name).num, one(m, name).den) for name in ("fin_resolution", "fin_resolution_confirmed", "fin_deflection")
    }
    assert counted == {"fin_resolution": (11, 16), "fin_resolution_confirmed": (6, 16), "fin_deflection": (13, 16)}
    found = bridge(m, "gross_containment", "fin_resolution", *DAY, {}, None)
    assert {(p.side, p.units) for p in found.parts} == {("less", 2), ("alike", 14)}


def test_the_words_of_genesys_and_of_the_bridge_are_of_one_conversation(shared: Path, tmp_path: Path) -> None:
    """Two conversations of the vendor's own blueprint: too few for a figure, and their offers are listed all the same."""
    samples = shared / "formats/samples/genesys"
    files = {f"{n}.json": (samples / f"conversation{n}.json").read_text() for n in (1, 2)}
    m = loaded(tmp_path, {"genesys": 'kind = "genesys_cloud_conversations"\npath = "exports/*.json"'}, files)
    years = (date(2019, 1, 1), date(2026, 1, 1))
    found = bridge(m, "service_level_offered", "connect_service_level", *years, {}, None)
    counted = rows(m.view.con, f"select unit_id from {m.units('connect_service_level')}")
    assert found.difference is None and sum(p.den_b for p in found.parts) == len(counted) > 0
