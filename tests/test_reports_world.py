"""A small contact centre for the reports' tests: counts per day and segment by rule, measured as the pipeline would.

Chat in the north gets a bad bot release on 3 November: containment stays, but more of it ends unhappy and comes back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from cxreports.analysis.measurement import Measurement
from cxreports.reports.changes import proportion
from cxreports.reports.context import Account, Release, ReportContext, Target

WEEK_START = date(2026, 11, 16)
AS_OF = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
DAYS = 7


@dataclass(frozen=True)
class Info:
    """A metric's header, as far as a report looks at it."""

    title: str
    unit: Literal["count", "percent", "seconds", "score"] = "percent"
    better: Literal["higher", "lower", "neither"] = "higher"
    window: str | None = None
    question: str = "How are we doing?"
    definition: str = "Share of interactions that went as they should within {window_days} days."
    formula: str = "good ÷ all"
    min_n: int = 10
    grain: str = "interaction"
    owner: str = "Customer operations"
    version: int = 1
    by: tuple[str, ...] = ("channel", "region", "cell")
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=lambda: {"window_days": DAYS})

    @property
    def breakdowns(self) -> tuple[str, ...]:
        return self.by


METRICS = {
    "interactions": Info("Interactions", "count", "neither"),
    "resolution": Info("Resolution rate", window="window_days"),
    "fcr_repeat": Info("First-contact resolution, repeat based", window="window_days"),
    "csat": Info("Customer satisfaction"),
    "verified_containment": Info("Verified containment", window="window_days"),
    "service_level": Info("Service level 20 s"),
    "containment_quality": Info("Containment against sentiment", better="neither", window="window_days"),
    "gross_containment": Info("Gross containment", better="neither"),
    "abandonment": Info("Queue abandonment", better="lower"),
    "trapped": Info("Trapped customers", better="lower", window="window_days"),
    "wait": Info("Wait, median", "seconds", "lower"),
    "wait_p90": Info("Wait, 90th percentile", "seconds", "lower"),
    "handle_time": Info("Average handle time", "seconds", "neither"),
    "transfer": Info("Transfer rate", better="lower"),
}

SEGMENTS = {
    ("chat", "north"): 120, ("chat", "south"): 150, ("chat", "east"): 90, ("voice", "north"): 210, ("voice", "south"): 240,
    ("voice", "east"): 160,
    ("messaging", "north"): 70, ("messaging", "south"): 60, ("email", "north"): 40, ("email", "south"): 45,
}  # fmt: skip
BASE = {
    "resolution": 0.72, "fcr_repeat": 0.78, "csat": 0.81, "verified_containment": 0.44, "service_level": 0.79,
    "abandonment": 0.052, "transfer": 0.11, "gross_containment": 0.62,
}  # fmt: skip
QUALITY = {"healthy": 0.42, "quiet_failure": 0.06, "grudging": 0.05, "trapped": 0.03, "unknown": 0.05}
BROKEN = {"healthy": 0.30, "quiet_failure": 0.05, "grudging": 0.08, "trapped": 0.14, "unknown": 0.05}
SECONDS = {"wait": 48.0, "wait_p90": 212.0, "handle_time": 388.0}


@dataclass(frozen=True)
class World:
    """What there is to measure; each field bends one rule."""

    broken_from: date | None = date(2026, 11, 3)
    scale: float = 1.0
    names: Mapping[str, str] = field(default_factory=dict)
    uniform_fall: float = 0.0  # of resolution, everywhere, in the last two weeks

    def volume(self, seg: tuple[str, str], d: date) -> int:
        wave = 1.0 + 0.08 * ((d.toordinal() * 7 + len(seg[0]) * 3 + len(seg[1])) % 5 - 2) / 2
        return int(SEGMENTS[seg] * wave * self.scale * (0.4 if d.weekday() > 4 else 1.0))

    def is_broken(self, seg: tuple[str, str], d: date) -> bool:
        return self.broken_from is not None and seg == ("chat", "north") and d >= self.broken_from

    def rate(self, metric: str, seg: tuple[str, str], d: date) -> float:
        wobble = 0.006 * ((d.toordinal() * 5 + len(seg[1])) % 7 - 3) / 3
        p = BASE[metric] + wobble + (0.02 if seg[0] == "chat" else -0.01)
        if metric in ("resolution", "fcr_repeat", "verified_containment") and self.is_broken(seg, d):
            p -= 0.16
        if metric == "resolution" and d >= WEEK_START - timedelta(days=7):
            p -= self.uniform_fall
        return p

    def cells(self, seg: tuple[str, str], d: date, n: int) -> dict[str, int]:
        shares = BROKEN if self.is_broken(seg, d) else QUALITY
        lean = {"chat": 0, "voice": -2, "messaging": 1, "email": 2}[seg[0]] + {"north": 1, "south": 0, "east": -1}[seg[1]]
        counts = {c: round(n * max(0.005, s + 0.006 * lean * (1 if c != "healthy" else -2))) for c, s in shares.items()}
        if is_open(d):
            counts["immature"] = counts.pop("trapped") + counts.pop("healthy")
        return counts | {"not_contained": n - sum(counts.values())}


def is_open(d: date) -> bool:
    return d + timedelta(days=DAYS) >= AS_OF.date() + timedelta(days=2)


def measure_of(world: World) -> Callable[[str, Sequence[str], date, date], list[Measurement]]:
    """measure(metric, by, start, end) over that world."""

    def measure(metric: str, by: Sequence[str], start: date, end: date) -> list[Measurement]:
        groups: dict[tuple[Any, ...], dict[str, Any]] = {}
        dims = [b for b in by if b in ("channel", "region")]
        step = 1 if "day" in by else 7 if "week" in by else (end - start).days
        for i in range((end - start).days):
            d = start + timedelta(days=i)
            bucket = start + timedelta(days=i // step * step)
            for seg in SEGMENTS:
                at = {"channel": seg[0], "region": seg[1]}
                labels = {b: world.names.get(at[b], at[b]) for b in dims}
                _count(
                    world,
                    metric,
                    seg,
                    d,
                    groups.setdefault((bucket, *labels.values()), {"by": labels, "n": 0, "open": 0, "parts": {}}),
                )
        found = []
        for (bucket, *_), g in sorted(groups.items()):
            found += _as_measurements(metric, g, bucket, bucket + timedelta(days=step), "cell" in by)
        return found

    return measure


def _count(world: World, metric: str, seg: tuple[str, str], d: date, group: dict[str, Any]) -> None:
    n = world.volume(seg, d)
    if metric == "interactions" or metric in SECONDS:
        counts = {"": n}
    elif metric == "containment_quality":
        counts = world.cells(seg, d, n)
    elif metric == "trapped":
        cells = world.cells(seg, d, n)
        n = sum(cells.get(c, 0) for c in ("healthy", "quiet_failure", "grudging", "trapped"))
        counts = {"": cells.get("trapped", 0)}
    else:
        n = n // 9 if metric == "csat" else n
        counts = {"": round(n * world.rate(metric, seg, d))}
    if METRICS[metric].window and is_open(d):
        group["open"] += n
        if metric != "containment_quality":
            return
    group["n"] += n
    for part, k in counts.items():
        group["parts"][part] = group["parts"].get(part, 0) + k


def _as_measurements(metric: str, g: dict[str, Any], start: date, end: date, split: bool) -> list[Measurement]:
    parts = g["parts"] if split or metric != "containment_quality" else {"": sum(g["parts"].values())}
    excluded = {"window not elapsed": g["open"], "customer not identified": g["n"] // 25} if METRICS[metric].window else {}
    found = []
    for part, k in (parts or {"": 0}).items():
        by = {**g["by"], **({"cell": part} if part else {})}
        m = _one(metric, by, g, k, start, end, {r: c for r, c in excluded.items() if c})
        found.append(replace(m, n=k) if part else m)
    return found


def _one(
    metric: str, by: dict[str, str], g: dict[str, Any], k: int, start: date, end: date, excluded: dict[str, int]
) -> Measurement:
    n, waiting = g["n"], f"{g['open']} interactions"

    def made(num: Any, den: Any, value: Any, low: Any, high: Any, state: Any, reason: str = "") -> Measurement:
        return Measurement(metric, 1, start, end, AS_OF, by, n, num, den, value, low, high, state, reason, excluded)

    if n == 0 and g["open"]:
        return made(None, None, None, None, None, "provisional", f"none of {waiting} has its {DAYS}-day window behind it")
    if n < METRICS[metric].min_n:
        return made(None, None, None, None, None, "insufficient", f"fewer than {METRICS[metric].min_n} interactions")
    if metric == "interactions":
        return made(n, None, float(n), None, None, "final")
    if metric in SECONDS:
        v = SECONDS[metric] + start.toordinal() % 4
        return made(None, None, v, v * 0.97, v * 1.04, "final")
    f = proportion(k, n)
    if g["open"]:
        return made(k, n, f.value, f.low, f.high, "provisional", f"the {DAYS}-day window of {waiting} has not elapsed")
    if end == WEEK_START + timedelta(days=7):
        return made(k, n, f.value, f.low, f.high, "provisional", "late data is expected until 24 Nov 2026")
    return made(k, n, f.value, f.low, f.high, "final")


def context(world: World | None = None, **changed: Any) -> ReportContext:
    """A context over that world; any field can be put in another's place."""
    through = datetime(2026, 11, 22, 23, 41, tzinfo=UTC)
    fields: dict[str, Any] = {
        "project": "Harbour Bank",
        "timezone": "Europe/London",
        "as_of": AS_OF,
        "data_through": {"genesys": through, "zendesk": through - timedelta(hours=4)},
        "measure": measure_of(world or World()),
        "metrics": METRICS,
        "targets": {"resolution": Target(at_least=0.7), "fcr_repeat": Target(at_least=0.8), "service_level": Target(at_least=0.8),
                    "abandonment": Target(at_most=0.05)},
        "releases": [
            Release(date(2026, 11, 2), "billing bot", "4.2", "chat", "north", "new billing flow"),
            Release(date(2026, 10, 12), "router", "2.9"),
            Release(date(2026, 10, 14), "knowledge base", "2026-10", "chat"),
            Release(date(2026, 11, 11), "voice bot", "1.7", "voice"),
        ],
        "accounts": [
            Account("genesys", 92, 120_412, 119_870, 312, 219, 11, through),
            Account("zendesk", 13, 8_841, 8_840, 0, 0, 1, None),
        ],
        "quarantine": [{"file": "genesys_2026-11-19.ndjson", "position": 4118, "reason": "started_at is no instant"}],
        "versions": {"cxreports": "0.1.0", "settings": "41c2e07a", "definitions": "9b0f11d2",
                     "commit": "c-000123", "inputs": "77ab03ce"},
    }  # fmt: skip
    return ReportContext(**{**fields, **changed})
