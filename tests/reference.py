"""The obvious versions: loops and dicts, no cleverness. What the SQL must agree with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

Row = Mapping[str, Any]


def newest(versions: Iterable[Row]) -> dict[str, Row]:
    """The version that counts of each record, from rows in order of arrival: greatest version, the later arrival on a tie.

    A row that came before, word for word, adds nothing.
    """
    best: dict[str, Row] = {}
    seen: list[Row] = []
    for row in versions:
        if row in seen:
            continue
        seen.append(row)
        old = best.get(row["leg_id"])
        if old is None or _order(row) >= _order(old):
            best[row["leg_id"]] = row
    return best


def _order(row: Row) -> datetime:
    return row.get("version") or datetime.min.replace(tzinfo=row["started_at"].tzinfo)


def interactions(legs: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """Chains of legs: transfers, whether answered and abandoned, first wait, people's time."""
    chains: dict[str, list[Row]] = defaultdict(list)
    for leg in legs:
        chains[leg.get("root_id") or leg["leg_id"]].append(leg)
    return {root: _roll_up(root, chain) for root, chain in chains.items()}


def _roll_up(root: str, chain: list[Row]) -> dict[str, Any]:
    by_id = {leg["leg_id"]: leg for leg in chain}
    judged = {leg["leg_id"]: _judge(leg, by_id) for leg in chain}
    on_path = [leg for leg in chain if judged[leg["leg_id"]][0]]
    order = sorted(chain, key=lambda g: (g["leg_id"] != root, g not in on_path, g["started_at"], g["leg_id"]))
    path = [leg for leg in order if leg in on_path]
    answered = [leg for leg in path if leg.get("answered_at")]
    queued = [leg for leg in path if leg.get("enqueued_at")]
    callback = any(leg.get("is_callback_requested") or leg.get("initiation") == "callback" for leg in order)
    complete = all(leg.get("ended_at") for leg in path)
    said = [leg["is_abandoned"] for leg in path if leg.get("is_abandoned") is not None]
    moved = int(len(chain) == 1 and bool(chain[0].get("is_transferred") and chain[0].get("answered_at")))
    return {
        "started_at": order[0]["started_at"],
        "channel": order[0]["channel"],
        "intent": next((leg["intent"] for leg in order if leg.get("intent")), None),
        "excluded_as": order[0]["initiation"] if order[0].get("initiation") in ("monitor", "outbound") else None,
        "n_legs": len(chain),
        "n_transfers": max(sum(passed_on for _, passed_on in judged.values()), moved),
        "is_queued": bool(queued),
        "is_answered": bool(answered),
        "is_abandoned": not answered and not callback and (any(said) or (bool(queued) and complete and not said)),
        "wait_ms": _wait(path),
        "ended_at": _last_end(order, path, root) if complete else None,
        "account_key": next((leg["account_key"] for leg in order if leg.get("account_key")), None),
        "phone_key": next((leg["phone_key"] for leg in order if leg.get("phone_key")), None),
        "has_ai": any(leg.get("ai_agent") and leg.get("ai_replies", 1) for leg in order),
        "is_goal_completed": any(leg.get("is_goal_completed") for leg in order),
        "end_score": next((leg["end_score"] for leg in reversed(path) if leg.get("end_score") is not None), None),
    }


def _judge(leg: Row, by_id: Mapping[str, Row]) -> tuple[bool, bool]:
    """Whether the leg is on the customer's own path, and whether it began by passing the customer on."""
    kind, before = leg.get("initiation"), by_id.get(leg.get("previous_id") or "")
    on_path = kind not in ("monitor", "survey", "consult")
    answered = before is not None and before.get("answered_at") is not None
    left = before.get("left_at") if before else None
    if kind == "transfer":
        left_first = left is not None and leg.get("left_at") is not None and leg["left_at"] < left
        is_consult = left_first and (leg.get("talk_ms") or 0) <= 2000
        return on_path and not is_consult, not left_first and (before is None or answered)
    if kind == "outbound" and leg.get("ended_at") and left is not None:
        return on_path, answered and leg["ended_at"] > left
    return on_path, False


def _wait(path: list[Row]) -> int | None:
    """All that the customer waited until the first answer; a negative wait makes it unknown."""
    answers = [(n, leg["answered_at"]) for n, leg in enumerate(path) if leg.get("answered_at")]
    waits = []
    for n, leg in enumerate(path):
        is_before = not answers or n <= answers[0][0] or leg["started_at"] < min(at for _, at in answers)
        if is_before and leg.get("initiation") != "callback" and leg.get("wait_ms") is not None:
            waits.append(leg["wait_ms"])
    if not waits or any(w < 0 for w in waits):
        return None
    return sum(waits)


def _last_end(order: list[Row], path: list[Row], root: str) -> datetime | None:
    ends = [leg["ended_at"] for leg in order if leg.get("ended_at") and (leg in path or leg["leg_id"] == root)]
    return max(ends, default=None)


def customers(found: Mapping[str, Row], shared_limit: int) -> dict[str, str | None]:
    """Who each interaction's customer is: the account, else what the number stands for."""
    accounts_of: dict[str, set[str]] = defaultdict(set)
    for row in found.values():
        if row["phone_key"] and row["account_key"]:
            accounts_of[row["phone_key"]].add(row["account_key"])
    named: dict[str, str | None] = {}
    for key, row in found.items():
        phone = row["phone_key"]
        if row["account_key"]:
            named[key] = row["account_key"]
        elif not phone or len(accounts_of[phone]) > shared_limit:
            named[key] = None
        else:
            named[key] = next(iter(accounts_of[phone])) if len(accounts_of[phone]) == 1 else phone
    return named


def repeats(found: Mapping[str, Row], named: Mapping[str, str | None], forward: timedelta) -> dict[str, dict[str, Any]]:
    """For each interaction: is it a forward, and which one came next, for the same reason and for any."""
    out: dict[str, dict[str, Any]] = {}
    found = {key: row for key, row in found.items() if not row["excluded_as"]}
    order = sorted(found, key=lambda key: (found[key]["started_at"], key))
    for n, key in enumerate(order):
        before = [k for k in order[:n] if named[key] and named[k] == named[key]]
        out[key] = {"is_forward": bool(before) and _is_forward(found[before[-1]], found[key], forward), "same": None, "any": None}
    for n, key in enumerate(order):
        if out[key]["is_forward"] or not named[key]:
            continue
        after = [k for k in order[n + 1 :] if named[k] == named[key] and not out[k]["is_forward"]]
        same = [k for k in after if (found[k]["intent"] or "unknown") == (found[key]["intent"] or "unknown")]
        out[key] |= {"any": after[0] if after else None, "same": same[0] if same else None}
    return out


def came_before(
    key: str, found: Mapping[str, Row], named: Mapping[str, str | None], repeats: Mapping[str, Row], window: timedelta
) -> bool:
    """Whether an earlier interaction of the same customer and reason, itself no forward, began within the window before."""
    later = found[key]
    for other, told in repeats.items():
        earlier = found[other]
        if other == key or told["is_forward"] or not named[key] or named[other] != named[key]:
            continue
        same = (earlier["intent"] or "unknown") == (later["intent"] or "unknown")
        before = (earlier["started_at"], other) < (later["started_at"], key)
        if same and before and later["started_at"] - earlier["started_at"] <= window:
            return True
    return False


def _is_forward(before: Row, after: Row, forward: timedelta) -> bool:
    if not before["is_answered"] or before["channel"] != after["channel"] or before["ended_at"] is None:
        return False
    return bool(after["started_at"] < before["ended_at"] + forward)


def containment_cell(row: Row, next_any: datetime | None, customer: str | None, until: datetime, window: timedelta) -> str:
    """The cell of the containment matrix of one interaction with an AI."""
    if row["is_answered"] or row["is_queued"]:
        return "not_contained"
    score = row["end_score"]
    if customer is None or score is None:
        return "unknown"
    came_back = next_any is not None and next_any <= row["started_at"] + window
    if came_back:
        return "trapped" if score < -0.2 else "quiet_failure"
    if row["started_at"] + window > until:
        return "immature"
    return "grudging" if score < -0.2 else "healthy"


def nowcast(units: list[Row], cohort: set[str], horizon: int, window: int) -> float | None:
    """The expected share of the cohort, unit by unit, from one Kaplan–Meier curve over all units. Times in milliseconds.

    A unit has `began`, `event` (or None) and counts `base + turn` with the event, `base` without it.
    """
    followed = []
    for u in units:
        elapsed = min(max(horizon - u["began"], 0), window)
        is_seen = u["event"] is not None and u["event"] <= u["began"] + elapsed
        followed.append((u["event"] - u["began"] if is_seen else elapsed, is_seen, u))
    at_risk = [(length, is_seen) for length, is_seen, u in followed if u["turn"]]

    def survival(until: int) -> float:
        left = 1.0
        for t in sorted({length for length, is_seen in at_risk if is_seen and length <= until}):
            n = sum(length >= t for length, _ in at_risk)
            left *= 1 - sum(is_seen and length == t for length, is_seen in at_risk) / n
        return left

    expected = []
    for length, is_seen, u in followed:
        if u["id"] in cohort:
            is_open = u["turn"] and not is_seen and length < window
            chance = 1.0 if is_seen else 1 - survival(window) / survival(length) if is_open else 0.0
            expected.append(u["base"] + u["turn"] * chance)
    return sum(expected) / len(expected) if expected else None
