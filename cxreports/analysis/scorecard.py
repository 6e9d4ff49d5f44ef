"""What an AI, and what people, are judged by: their figures side by side, each with interval and state.

Never both in one answer, no rank and no total score: they are asked different things, and they get different customers. A figure
below its metric's minimum n is not shown at all. Beside a share or mean stands what all others reach with the same intents.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cxreports.analysis.estimate import Estimate, Sums
from cxreports.analysis.groups import Group, Question, figure, group_rows
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.analysis.same_mix import LEAST_COVERAGE, SameMix, same_mix, total, without
from cxreports.analysis.suppression import hide_small
from cxreports.errors import QuestionError, did_you_mean

NOT_GIVEN = "not given"
INTENT = "intent"


@dataclass(frozen=True)
class Card:
    """Who is judged, by which metrics, in which order, and which breakdowns name one of them."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]


CARDS: Mapping[str, Card] = {
    "ai": Card(
        ("intent_match", "answer_accuracy", "unsafe_reply", "ai_confidence", "fallback", "loop", "verified_containment",
         "containment_quality", "handoff_late"),
        ("ai_agent", "ai_agent_version"),
    ),
    "human": Card(
        ("policy_adherence", "tone", "discovery", "note_quality", "handoff_judgement", "evaluation_consistency", "hold_share",
         "hold_long"),
        ("agent_id", "team"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One figure of one of those judged. `part`: the cell of a composition. `mix`, or why there is no comparison."""

    figure: Measurement
    title: str
    part: str
    unit: str
    better: str
    mix: SameMix | None
    why_no_mix: str


def scorecard(m: Measurer, who: str, by: Sequence[str], start: date, end: date) -> list[Line]:
    """The figures of everybody (by nothing) or of each, over start <= day < end; by group, then in the card's order."""
    if who not in CARDS:
        raise QuestionError(f"'{who}' is neither 'ai' nor 'human'; the two are never shown together")
    card = CARDS[who]
    if wrong := [b for b in by if b not in card.by]:
        raise QuestionError([f"the scorecard '{who}' has no breakdown '{b}'; {did_you_mean(b, card.by)}" for b in wrong])
    lines = [line for name in card.metrics for line in _lines(m, name, by, start, end)]
    return sorted(lines, key=lambda line: tuple(line.figure.by.get(b, "") for b in by))  # stable: within a group as on the card


def _lines(m: Measurer, name: str, by: Sequence[str], start: date, end: date) -> list[Line]:
    header = m.header_of(name)
    found = hide_small(m.measure(name, by, start, end), header) if by else m.measure(name, by, start, end)
    shown = [f for f in found if f.value is not None and f.state != "insufficient"]
    compared = _compared(m, name, by, start, end) if by and shown else {}
    lines = []
    for f in found:
        part = f.by.get(header.part, "") if header.part else ""
        mix = compared.get(tuple(f.by[b] for b in by), "") if f in shown else ""
        told = (mix, "") if isinstance(mix, SameMix) else (None, mix)
        lines.append(Line(_visible(f, by), header.title, part, header.unit, header.better, *told))
    return lines


def _visible(f: Measurement, by: Sequence[str]) -> Measurement:
    """The figure without what is too small to judge anybody by."""
    named = replace(f, by={b: f.by[b] for b in by if b in f.by})
    return replace(named, num=None, den=None, value=None, low=None, high=None) if f.state == "insufficient" else named


def _compared(m: Measurer, name: str, by: Sequence[str], start: date, end: date) -> dict[Group, SameMix | str]:
    """Each group of the metric beside all others over the same mix of intents, or why it cannot be put there."""
    keys, header = (*by, INTENT), m.header_of(name)
    metric, _ = m.catalogue.metric(name, m.settings.variants)
    q = Question(name, metric, keys, start, end, m.params_of(name))
    groups = group_rows(m.view, m.units(name, keys), q)
    why = ""
    if header.kind not in ("proportion", "mean"):
        why = "only shares and means are compared"
    elif any(groups.by_machine.values()):
        why = "a machine judged: its errors may differ by intent"
    of_all: dict[str, dict[str, Sums]] = defaultdict(dict)  # intent → group → sums
    of_group: dict[Group, dict[str, Sums]] = defaultdict(dict)
    for key, s in groups.sums.items():
        of_group[key[:-1]][key[-1]] = s
        of_all[key[-1]][str(key)] = s
    whole = {intent: total(sums) for intent, sums in of_all.items()}
    return {g: why or _beside(own, whole, header.min_n, lambda s: figure(q, s, [], None)) for g, own in of_group.items()}


def _beside(
    own: Mapping[str, Sums], whole: Mapping[str, Sums], min_n: int, value_of: Callable[[Sums], Estimate]
) -> SameMix | str:
    named = {intent: s for intent, s in own.items() if intent != NOT_GIVEN}
    if total(named).den < LEAST_COVERAGE * total(own).den:
        return "too few intents are known"
    return same_mix(named, {intent: without(whole[intent], s) for intent, s in named.items()}, min_n, value_of)
