"""Small worlds of customers on their journeys, told by hand, and what is asked of them."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from cxreports import journey_settings
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.journey_settings import JourneySettings
from cxreports.lake.write import Basis
from cxreports.settings import ProjectSettings, Settings
from tests.worlds import CATALOGUE, PARAMS, START, Lake, at, deliver, everything, leg, look

SHOP = JourneySettings.model_validate({
    "title": "Returns", "owner": "Shop", "limit": "1 h", "silence": "90 min", "steps_from": "journey", "order": "first",
    "start": {"journey": "*"}, "goal": {"event": "G"},
})  # fmt: skip


def basis_of(journeys: Mapping[str, JourneySettings], **more: Any) -> Basis:
    own = {
        "journeys": journey_settings.journeys_json(journeys), "journey_signs": journey_settings.signs_json(journeys),
        "journey_steps": journey_settings.steps_json(journeys),
    }  # fmt: skip
    return Basis(CATALOGUE, {**PARAMS, **own, **more}, ())


PAY = JourneySettings.model_validate({
    "title": "Paying", "owner": "Billing", "limit": "30 min", "silence": "1 h", "longest": "2 h",
    "start": [{"intent": "pay"}, {"event": "begun"}], "goal": {"event": "paid"},
    "steps": [
        {"name": "known", "shown_by": {"event": "known"}, "limit": "10 min"}, {"name": "card", "shown_by": {"event": "card"}},
    ],
})  # fmt: skip
BY_HAND = basis_of({"pay": PAY})
DAY = (START.date(), START.date() + timedelta(days=1))


def pays(leg_id: str, hours: float, minutes: float = 5, **more: Any) -> dict[str, Any]:
    """An interaction of customer k_1 about paying, unless told otherwise."""
    about = {"intent": "pay", "account_key": "k_1", "channel": "chat", "ended_at": at(hours + minutes / 60), **more}
    return leg(leg_id, hours, **about)


def event(leg_id: str, hours: float, name: str, **more: Any) -> dict[str, Any]:
    return {"event_id": f"{leg_id} {name} {hours}", "leg_id": leg_id, "event_at": at(hours), "kind": "bot", "name": name, **more}


def told(
    folder: Path, legs: list[dict[str, Any]], events: list[dict[str, Any]], basis: Basis = BY_HAND, **others: Any
) -> list[dict[str, Any]]:
    """The runs in the order of their starts. One more leg says that the data reaches far."""
    lake = Lake(folder)
    deliver(lake, 40, [*legs, leg("later", 24 * 30)], basis, events=events, **others)
    return sorted(everything(lake, "out_journey_runs", basis=basis), key=lambda r: r["started_at"])


def measurer(lake: Lake, basis: Basis, own: Mapping[str, JourneySettings] | int = 40) -> Measurer:
    """As of day 40, or of the day given; the journeys that are given stand in the settings, too."""
    day, named = (own, {}) if isinstance(own, int) else (40, dict(own))
    settings = Settings(project=ProjectSettings(name="world", timezone="Europe/London"), journeys=named)
    return Measurer(look(lake, at(24 * day), basis), CATALOGUE, settings, dict(basis.params))


def one(m: Measurer, name: str, **by: str) -> Measurement:
    (found,) = [f for f in m.measure(name, list(by), *DAY) if f.by == by]
    return found


def steps_of(folder: Path, basis: Basis = BY_HAND) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(interaction, step) → state, failed_as, channel, retries."""
    found = everything(Lake(folder), "out_journey_steps", basis=basis)
    return {(r["interaction_id"], r["step"]): (r["state"], r["failed_as"], r["channel"], r["n_retries"]) for r in found}
