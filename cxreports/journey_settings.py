"""Journeys of the settings: what begins one, what shows its goal and its steps, and how long it may take. No data here.

A sign is anything in the data that shows something: an event, the intent or the journey of an interaction, or how it ended.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

_UNITS = {"s": 1_000, "min": 60_000, "h": 3_600_000, "day": 86_400_000, "days": 86_400_000}
_LONGEST_MS = 90 * _UNITS["day"]
ANY = "*"  # as an intent or a journey: whichever it is


def _milliseconds(value: Any) -> int:
    """'90 s', '15 min', '2 h' or '14 days' as milliseconds."""
    matched = re.fullmatch(r"(\d{1,9})\s*(s|min|h|days?)", value.strip()) if isinstance(value, str) else None
    if not matched or not int(matched[1]):
        raise ValueError("is no length of time; write it as '90 s', '15 min', '2 h' or '14 days'")
    found = int(matched[1]) * _UNITS[matched[2]]
    if found > _LONGEST_MS:
        raise ValueError("is longer than 90 days")
    return found


Duration = Annotated[int, BeforeValidator(_milliseconds)]
Outcome = Literal["goal_completed", "confirmed", "answered", "escalated", "case_solved", "claimed_resolved"]
Word = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignSettings(_Part):
    """One thing that shows something: exactly one of event, intent, journey and outcome."""

    event: str = ""
    kind: str = ""  # of the event
    result: str = ""  # of the event
    intent: str = ""
    journey: str = ""
    outcome: Outcome | Literal[""] = ""

    @property
    def by(self) -> str:
        """Which of the four it is."""
        return next(name for name in ("event", "intent", "journey", "outcome") if getattr(self, name))

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(bool(x) for x in (self.event, self.intent, self.journey, self.outcome)) != 1:
            raise ValueError("needs exactly one of event, intent, journey and outcome")
        if (self.kind or self.result) and not self.event:
            raise ValueError("kind and result belong to an event")
        return self


def _several(value: Any) -> Any:
    """One sign may be written without the list."""
    return [value] if isinstance(value, dict) else value


Signs = tuple[SignSettings, ...]


def _any(value: Signs) -> Signs:
    if not value:
        raise ValueError("needs at least one sign")
    return value


class StepSettings(_Part):
    """One step. It passes where it is shown, in its place, and within its limit."""

    name: Word
    shown_by: Annotated[Signs, AfterValidator(_any)]
    required: bool = True
    limit: Duration = 0  # from the start of the run, or from the step named by `after`
    after: str = ""
    any_place: bool = False  # its place among the others does not matter
    channels: tuple[str, ...] = ()  # applies only to runs that touched one of these; none: to all
    only_if: Signs = ()  # applies only to runs in which one of these was seen
    unless: Signs = ()  # does not apply to runs in which one of these was seen

    _lists = field_validator("shown_by", "only_if", "unless", mode="before")(_several)

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.after and not self.limit:
            raise ValueError(f"after = '{self.after}' says from when a limit counts; there is no limit")
        return self


class JourneySettings(_Part):
    """One designed journey. Owner and title have no defaults: somebody must answer for it."""

    title: Word
    owner: Word
    version: int = Field(default=1, ge=1)  # to be raised with a change that can move figures (versions.lock)
    start: Annotated[Signs, AfterValidator(_any)]
    goal: Annotated[Signs, AfterValidator(_any)]
    belongs: Signs = ()  # shows only that the customer is still at it
    limit: Duration  # from the start to the goal
    silence: Duration  # without any sign for longer than this a run has ended
    longest: Duration = 0  # what comes later than this after the start does not count; default: limit + silence
    order: Literal["sequence", "first", "any"] = "sequence"
    steps: tuple[StepSettings, ...] = ()
    steps_from: Literal["", "journey", "intent"] = ""  # the procedure of that name (procedure_steps), all its steps required

    _lists = field_validator("start", "goal", "belongs", mode="before")(_several)

    @property
    def signs(self) -> tuple[SignSettings, ...]:
        """Every sign of the journey and of its steps."""
        return tuple(sign for _, _, sign in _signs(self))

    @property
    def longest_ms(self) -> int:
        """How long after its start a run is looked at."""
        return self.longest or self.limit + self.silence

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = Counter(s.name for s in self.steps)
        signs = Counter(sign for s in self.steps for sign in s.shown_by)
        faults = [f"two steps are named '{name}'" for name, n in names.items() if n > 1]
        faults += [f"two steps are shown by the same {sign.by}" for sign, n in signs.items() if n > 1]
        faults += [
            f"step '{s.name}' comes after '{s.after}', which is no other step"
            for s in self.steps
            if s.after and (s.after not in names or s.after == s.name)
        ]
        faults += ["start and goal are the same sign"] if set(self.start) & set(self.goal) else []
        faults += ["steps and steps_from exclude each other"] if self.steps and self.steps_from else []
        faults += ["longest is shorter than limit"] if self.longest_ms < self.limit else []
        if faults:
            raise ValueError("; ".join(faults))
        return self


Journeys = Mapping[str, JourneySettings]


def journeys_json(journeys: Journeys) -> str:
    """One object per journey; lengths in milliseconds."""
    found = [
        {
            "journey": name, "limit_ms": j.limit, "silence_ms": j.silence, "longest_ms": j.longest_ms,
            "step_order": j.order, "steps_from": j.steps_from,
        }
        for name, j in sorted(journeys.items())
    ]  # fmt: skip
    return json.dumps(found)


def signs_json(journeys: Journeys) -> str:
    """One object per sign, with what it shows (`role`) and of which step; an empty kind or result means any."""
    found = [
        {
            "journey": name, "role": role, "step_name": step, "sign_no": n, "shown_by": sign.by,
            "name": getattr(sign, sign.by), "kind": sign.kind, "result": sign.result,
        }
        for name, j in sorted(journeys.items())
        for n, (role, step, sign) in enumerate(_signs(j))
    ]  # fmt: skip
    return json.dumps(found)


def steps_json(journeys: Journeys) -> str:
    """One object per step, in order."""
    found = [
        {
            "journey": name, "step_no": n, "step_name": s.name, "is_required": s.required, "limit_ms": s.limit or None,
            "after_step": s.after or None, "has_place": not s.any_place, "channels": "|".join(s.channels),
            "has_condition": bool(s.only_if),
        }
        for name, j in sorted(journeys.items())
        for n, s in enumerate(j.steps, start=1)
    ]  # fmt: skip
    return json.dumps(found)


def _signs(j: JourneySettings) -> Iterator[tuple[str, str, SignSettings]]:
    for role in ("start", "goal", "belongs"):
        yield from ((role, "", sign) for sign in getattr(j, role))
    for step in j.steps:
        for role in ("shown_by", "only_if", "unless"):
            yield from (("step" if role == "shown_by" else role, step.name, sign) for sign in getattr(step, role))
