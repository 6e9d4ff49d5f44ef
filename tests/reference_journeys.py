"""The obvious version of journey runs and their steps: one customer and one moment after the other, no cleverness."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cxreports.journey_settings import JourneySettings, SignSettings

Row = Mapping[str, Any]


def _ms(n: int) -> timedelta:
    return timedelta(milliseconds=n)


def _signs(j: JourneySettings) -> list[tuple[str, str, SignSettings]]:
    found = [(role, "", s) for role in ("start", "goal", "belongs") for s in getattr(j, role)]
    for step in j.steps:
        found += [("step", step.name, s) for s in step.shown_by] + [("only_if", step.name, s) for s in step.only_if]
        found += [("unless", step.name, s) for s in step.unless]
    return found


def moments(
    name: str, j: JourneySettings, i: Row, events: Iterable[Row], procedures: Mapping[str, list[str]]
) -> list[dict[str, Any]]:
    """All that shows something of the journey in one interaction, in no order."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    procedure = i.get(j.steps_from) if j.steps_from else None

    def note(at: datetime, rank: int, seq: int | None, key: str, role: str, step: str, sign: int | None, **more: Any) -> None:
        where = (at, rank, 99 if seq is None else seq, i["interaction_id"], key)
        m = found.setdefault(where, {"at": at, "order": where, "i": i, "procedure": procedure, "signs": [], **more})
        m["signs"].append((role, step, sign))

    for n, (role, step, s) in enumerate(_signs(j)):
        if s.by in ("intent", "journey") and i[s.by] is not None and getattr(s, s.by) in (i[s.by], "*"):
            note(i["started_at"], 0, None, s.by, role, step, n, failed=False, misdated=False)
    for e in events:
        is_wrong = e["event_at"] < i["started_at"] - timedelta(hours=1) or e["event_at"] > (
            i["ended_at"] or i["started_at"]
        ) + timedelta(days=30)
        at = i["started_at"] if is_wrong else max(e["event_at"], i["started_at"])
        about = {"failed": bool(e["is_error"]), "misdated": is_wrong}
        for n, (role, step, s) in enumerate(_signs(j)):
            if s.by == "event" and s.event == e["name"] and s.kind in ("", e["kind"]):
                note(at, 1, e["event_seq"], e["event_id"], role, step, n, **about)
        if procedure and e["name"] in procedures.get(procedure, []):
            note(at, 1, e["event_seq"], e["event_id"], "step", e["name"], None, **about)
    if found:
        for n, (role, step, s) in enumerate(_signs(j)):
            if s.by == "outcome" and i[f"is_{s.outcome}"]:
                note(i["ended_at"] or i["started_at"], 2, None, s.outcome, role, step, n, failed=False, misdated=False)
    return list(found.values())


def runs(
    name: str, j: JourneySettings, interactions: Mapping[str, Row], customer_of: Mapping[str, str], events: Iterable[Row],
    procedures: Mapping[str, list[str]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Every run of one journey with its moments, one customer after the other."""
    of_interaction: dict[str, list[Row]] = defaultdict(list)
    for e in events:
        of_interaction[e["interaction_id"]].append(e)
    of_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key, i in interactions.items():
        of_customer[customer_of[key]] += moments(name, j, i, of_interaction[key], procedures)
    out = []
    for found in of_customer.values():
        current: list[dict[str, Any]] | None = None
        busy_until, goals = None, 0
        for m in sorted(found, key=lambda m: m["order"]):
            if busy_until is None or m["at"] > busy_until + _ms(j.silence):
                current, goals = None, 0
            ends = m["i"]["ended_at"] or m["at"]
            busy_until = max(x for x in (busy_until, m["at"], ends) if x)
            roles = {role for role, _, _ in m["signs"]}
            is_goal = "goal" in roles and not m["failed"] and not m["misdated"]
            if current is None and "start" in roles:
                current = []
                out.append({"moments": current, "has_start": True})
            if current is not None:
                current.append(m)
            elif is_goal and goals == 0:
                out.append({"moments": [m], "has_start": False})
            if is_goal:
                goals += 1
                current = None
    return [_judged(j, run, procedures) for run in out]


def _judged(j: JourneySettings, run: dict[str, Any], procedures: Mapping[str, list[str]]) -> dict[str, Any]:
    found = run["moments"]
    started = found[0]["at"]
    goals = [m["at"] for m in found if any(r == "goal" for r, _, _ in m["signs"]) and not m["failed"] and not m["misdated"]]
    goal = goals[0] if goals else None
    if not run["has_start"]:
        state = "goal_without_start"
    elif goal and goal <= started + _ms(j.limit):
        state = "completed"
    elif goal and goal <= started + _ms(j.longest_ms):
        state = "completed_late"
    else:
        state = "unfinished"
    channels: list[str] = []
    for m in found:
        if m["i"]["channel"] not in channels:
            channels.append(m["i"]["channel"])
    starts = [s for m in found for r, _, s in m["signs"] if r == "start" and not any(x == "step" for x, _, _ in m["signs"])]
    steps = _steps(j, found, procedures) if run["has_start"] else []
    last_busy = max(max(m["at"], m["i"]["ended_at"] or m["at"]) for m in found)
    return {
        "interaction_id": found[0]["i"]["interaction_id"],
        "started_at": started,
        "state": state,
        "goal_at": goal,
        "ends_at": goal or last_busy + _ms(j.silence),
        "channels": " > ".join(channels),
        "n_interactions": len({m["i"]["interaction_id"] for m in found}),
        "n_retries": len(starts) - len(set(starts)) + sum(s["n_retries"] for s in steps),
        "steps": steps,
    }


def _steps(j: JourneySettings, found: list[dict[str, Any]], procedures: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    started = found[0]["at"]
    procedure = next((m["procedure"] for m in found if m["procedure"]), None)
    own = [m for m in found if m["at"] <= started + _ms(j.longest_ms)]

    def showing(role: str, step: str) -> list[tuple[int, dict[str, Any]]]:
        return [
            (n, m) for n, m in enumerate(own)
            if any(r == role and s == step and (no is not None or m["procedure"] == procedure) for r, s, no in m["signs"])
        ]  # fmt: skip

    if j.steps_from:
        asked = procedures.get(procedure or "", [])
        plan = [{"name": a, "nth": asked[:n].count(a), "same": asked.count(a), "has_place": True} for n, a in enumerate(asked)]
    else:
        plan = [{"name": s.name, "nth": 0, "same": 1, "has_place": not s.any_place, "step": s} for s in j.steps]
    out: list[dict[str, Any]] = []
    bound, firsts, shown_at = -1, [], {}
    for p in plan:
        tries = showing("step", str(p["name"]))
        shows = [n for n, m in tries if not m["failed"] and not m["misdated"]][int(str(p["nth"])) :]
        settled = shows[0] if shows else None
        is_in_order = None
        if shows and p["has_place"] and j.order == "sequence":
            later = [n for n in shows if n > bound]
            is_in_order = bool(later)
            if later:
                bound = settled = later[0]
        elif shows and p["has_place"] and j.order == "first":
            is_in_order = not firsts or shows[0] >= max(firsts)
        if shows and p["has_place"]:
            firsts.append(shows[0])
        at = own[settled]["at"] if settled is not None else None
        shown_at[p["name"]] = at
        s = p.get("step")
        is_last = p["nth"] == int(str(p["same"])) - 1
        out.append({
            "step": p["name"], "settings": s, "shown_at": at, "is_in_order": is_in_order,
            "n_tries": len(tries), "n_retries": max(len(tries) - int(str(p["same"])), 0) if is_last else 0,
            "n_failed": sum(m["failed"] and not m["misdated"] for _, m in tries),
            "n_misdated": sum(m["misdated"] for _, m in tries),
        })  # fmt: skip
    for row in out:
        row["is_in_time"], row["state"] = _state(row, found, own, started, shown_at)
    return out


def _state(row: Row, found: Any, own: Any, started: datetime, shown_at: Mapping[Any, datetime | None]) -> tuple[Any, str]:
    s, at = row["settings"], row["shown_at"]
    is_in_time = None
    if s and s.limit and at:
        base = shown_at[s.after] if s.after else started
        is_in_time = at <= base + _ms(s.limit) if base else None

    def met(role: str) -> bool:
        return any((role, row["step"]) == (r, x) and not m["misdated"] for m in own for r, x, _ in m["signs"])

    if s and ((s.channels and not any(m["i"]["channel"] in s.channels for m in found)) or (s.only_if and not met("only_if"))
              or met("unless")):  # fmt: skip
        return is_in_time, "not_applicable"
    if at:
        is_good = row["is_in_order"] in (None, True) and is_in_time in (None, True)
        return is_in_time, "pass" if is_good else "fail"
    if row["n_misdated"]:
        return is_in_time, "error"
    if row["n_failed"]:
        return is_in_time, "fail"
    return is_in_time, "missing" if s is None or s.required else "not_applicable"
