"""A journey over a period: its figures, where runs stopped, and each step channel by channel.

The figures are the metrics'; nothing is estimated here but differences between channels. Of several channels the one in which a
step passes most often is what the others are held against; the more are compared at once, the wider the intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cxreports.analysis.estimate import Estimate, difference, widening
from cxreports.analysis.measure import Measurer
from cxreports.analysis.measurement import Measurement
from cxreports.errors import QuestionError, did_you_mean
from cxreports.journey_settings import ANY, JourneySettings
from cxreports.lake.engine import rows

FIGURES = (
    "journey_completion", "journey_completion_eventual", "first_attempt", "journey_in_time", "journey_time", "journey_time_p90",
    "journey_conformance",
)  # fmt: skip
STEPS = ("step_conformance", "step_conformance_first_try")
_STOPPED = """
    select failed_step as step, last_channel as channel, count(*) as n
    from out_journey_runs
    where
        journey = $journey and occurred_on >= $start and occurred_on < $end
        and state = 'unfinished' and is_goal_visible and matures_at <= $until::timestamptz
    group by failed_step, last_channel
    order by n desc, step nulls last, channel nulls last
"""
_ORDER = (
    "select step, min(step_no) as step_no from out_journey_steps where journey = $journey group by step order by step_no, step"
)


@dataclass(frozen=True)
class StepLine:
    """One step in one channel. `difference`: to the channel in which it passes most often (`best`), where both are comparable."""

    step: str
    channel: str
    figure: Measurement
    best: str = ""
    difference: Estimate | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        return self.difference is not None and self.difference.high is not None and self.difference.high < 0


@dataclass(frozen=True)
class DropOuts:
    """Runs that ended without the goal: the first required step that they lack ('goal': none), and where they were last."""

    step: str | None
    channel: str | None
    n: int


@dataclass(frozen=True)
class JourneyFigures:
    """All that is known of one journey over a period.

    `steps` by where a step was taken, `first_tries` by where it was first tried; `compared`: how many differences between
    channels were looked at in each; `unseen`: events, intents and journeys of its signs that never came, whatever the period.
    """

    journey: str
    title: str
    owner: str
    figures: dict[str, Measurement]
    drop_outs: list[DropOuts]
    steps: list[StepLine]
    first_tries: list[StepLine]
    compared: tuple[int, int]
    unseen: list[str]


def journeys(m: Measurer, names: Sequence[str], start: date, end: date) -> list[JourneyFigures]:
    """The journeys of those names (none: all of the settings) over start <= day < end; QuestionError where one does not exist."""
    known = m.settings.journeys
    if not known:
        raise QuestionError("no journey is described in cxreports.toml; docs/journeys.md says how")
    if faults := [f"'{n}' is no journey; {did_you_mean(n, list(known))}" for n in names if n not in known]:
        raise QuestionError(faults)
    by_name: dict[str, dict[str, Measurement]] = {name: {} for name in known}
    for metric in FIGURES:
        for f in m.measure(metric, ["journey"], start, end):
            by_name.setdefault(f.by.get("journey", ""), {})[metric] = f
    both = [m.measure(metric, ["journey", "step", "channel"], start, end) for metric in STEPS]
    return [_one(m, name, by_name[name], both, start, end) for name in names or known]


def _one(
    m: Measurer, name: str, figures: dict[str, Measurement], both: Sequence[Sequence[Measurement]], start: date, end: date
) -> JourneyFigures:
    given = {"journey": name, "start": start, "end": end, "until": m.observed_until.isoformat()}
    stopped = [DropOuts(r["step"], r["channel"], r["n"]) for r in rows(m.view.con, _STOPPED, given)]
    order = {r["step"]: n for n, r in enumerate(rows(m.view.con, _ORDER, {"journey": name}))}
    told = m.settings.journeys[name]
    found = []
    for lines in both:
        own = [StepLine(f.by["step"], f.by["channel"], f) for f in lines if f.by.get("journey") == name]
        found.append(contrasts(sorted(own, key=lambda s: (order.get(s.step, len(order)), s.step, s.channel))))
    (n, steps), (n_first, first_tries) = found
    return JourneyFigures(name, told.title, told.owner, figures, stopped, steps, first_tries, (n, n_first), _unseen(m, told))


def _unseen(m: Measurer, journey: JourneySettings) -> list[str]:
    """What its signs name and nothing that arrived has: a word that was mistyped, or a source that does not send it."""
    out = []
    for sign in dict.fromkeys(journey.signs):
        name = getattr(sign, sign.by)
        if name == ANY or sign.by == "outcome":
            continue
        given = {"name": name, "kind": sign.kind or None, "result": sign.result or None}
        if sign.by == "event":
            limits = " and kind = coalesce($kind, kind) and result is not distinct from coalesce($result, result)"
            sql = f"select count(*) as n from core_events where name = $name{limits if sign.kind or sign.result else ''}"
        else:
            sql = f"select count(*) as n from core_interactions where {sign.by} = $name"
        if rows(m.view.con, sql, given)[0]["n"] == 0:
            out.append(" ".join([sign.by, f"'{name}'", *(f"with {k} '{v}'" for k, v in given.items() if k != "name" and v)]))
    return out


def contrasts(lines: Sequence[StepLine]) -> tuple[int, list[StepLine]]:
    """How many channels were held against the best of their step, and the lines with that difference."""
    best: dict[str, StepLine] = {}
    for line in filter(_is_comparable, lines):
        held = best.setdefault(line.step, line)
        if (line.figure.value or 0.0, line.figure.n) > (held.figure.value or 0.0, held.figure.n):
            best[line.step] = line
    others = [line for line in lines if _is_comparable(line) and best[line.step] is not line]
    wider = widening(len(others))
    out = []
    for line in lines:
        if any(line is x for x in others):
            held = best[line.step]
            gap = difference(_estimate(line.figure), _estimate(held.figure), wider)
            line = StepLine(line.step, line.channel, line.figure, held.channel, gap)
        out.append(line)
    return len(others), out


def _is_comparable(line: StepLine) -> bool:
    f = line.figure
    return f.state in ("final", "provisional") and f.low is not None and f.high is not None


def _estimate(f: Measurement) -> Estimate:
    return Estimate(f.value, f.low, f.high)
