"""What customers had to do again or wait for, over a whole matter; what no source says is named, and never a nought."""

from pathlib import Path
from typing import Any

import pytest

from cxreports.settings import VariantSettings
from tests.test_measure import DAY, measurer, one, world
from tests.worlds import at, leg

END = leg("end", 24 * 40)
N = 12


def matters(**more: Any) -> list[dict[str, Any]]:
    """Twelve customers: a chat, two days later a call that is passed on (waits of 6 and 5 minutes), done."""
    legs: list[dict[str, Any]] = [END]
    for i in range(N):
        who = {"account_key": f"k_{i}", "intent": "bill"}
        call = {**who, "answered_at": at(48.2), "enqueued_at": at(48)}
        legs += [
            leg(f"a{i:02}", 0, channel="chat", **who, **more),
            leg(f"b{i:02}", 48, wait_ms=360_000, **call),
            leg(f"c{i:02}", 48.3, root_id=f"b{i:02}", previous_id=f"b{i:02}", initiation="transfer", wait_ms=300_000, **call),
        ]
    return legs


def test_the_sum_is_that_of_its_weighted_components(tmp_path: Path) -> None:
    """One extra interaction (3), one change of channel (2), one transfer (2), one full five minutes before the answer (1)."""
    m = measurer(world(tmp_path, matters()))
    found = one(m, "effort_observed")
    assert (found.num, found.den, found.value, found.state) == (N * 8, N, 8.0, "insufficient")  # fewer than 30
    names = ("effort_interactions", "effort_channels", "effort_transfers", "effort_waits")
    assert [one(m, name).value for name in names] == [1.0, 1.0, 1.0, 1.0]


def test_weights_are_set_with_a_variant_in_the_settings(tmp_path: Path) -> None:
    own = VariantSettings(metric="effort_observed", w_interaction=10, w_channel=0, w_transfer=0, w_wait=2, wait_minutes=3)
    m = measurer(world(tmp_path, matters()), variants={"own": own})
    assert one(m, "own").value == 10 + 2 * 2  # six minutes are twice three


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        ("questions", "no source gives what was asked on both sides of a handoff"),
        ("loops", "no source gives the words or the states of an AI"),
        ("authentications", "no source says when customers prove who they are"),
    ],
)
def test_a_component_that_no_source_tells_is_not_computable_and_named_beside_the_sum(
    tmp_path: Path, component: str, reason: str
) -> None:
    m = measurer(world(tmp_path, matters()))
    found = one(m, f"effort_{component}")
    assert (found.state, found.value, found.reason) == ("not_computable", None, reason)
    (label,) = m.labels("effort_observed")
    assert (label.label, reason in label.reason) == ("partial", True)


def test_only_further_authentications_are_effort_and_none_told_is_none_known(tmp_path: Path) -> None:
    """Ten prove who they are in the chat and twice in the call; two do in the chat only."""
    told = [(f"a{i:02}", True) for i in range(N)] + [(f"{leg_id}{i:02}", True) for i in range(10) for leg_id in "bc"]
    events = [
        {"event_id": f"e{n}", "leg_id": leg_id, "event_at": at(1), "kind": "flow", "is_authentication": flag}
        for n, (leg_id, flag) in enumerate(told)
    ]
    m = measurer(world(tmp_path, matters(), events=events))
    assert (one(m, "effort_authentications").num, one(m, "effort_authentications").den) == (20, N)
    assert one(m, "effort_observed").num == N * 8 + 20


def test_a_matter_counts_when_it_is_over_and_only_of_customers_who_are_known(tmp_path: Path) -> None:
    strangers = [leg(f"s{i}", 1, channel="chat") for i in range(5)]
    m = measurer(world(tmp_path, [*matters(), *strangers]))
    assert one(m, "effort_observed").excluded == {"customer not identified": 5}
    early = measurer(world(tmp_path / "early", [g for g in [*matters(), leg("reach", 24 * 8)] if g is not END], 9), at(24 * 9))
    assert one(early, "effort_observed").excluded == {"window not elapsed": N}
    assert one(early, "effort_observed", *DAY).n == 0
