"""What the pipeline hands to a report: a way to measure, and the tables that are printed as they are. Data only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from cxreports.analysis.measurement import Measurement

Scalar = str | int | float | bool
Measure = Callable[[str, Sequence[str], date, date], list[Measurement]]


class MetricInfo(Protocol):
    """What a report prints of a metric. The header of a metric's definition file is one."""

    @property
    def title(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def definition(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def unit(self) -> Literal["count", "percent", "seconds", "score"]: ...
    @property
    def better(self) -> Literal["higher", "lower", "neither"]: ...
    @property
    def min_n(self) -> int: ...
    @property
    def grain(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def by(self) -> tuple[str, ...]: ...
    @property
    def params(self) -> Mapping[str, Scalar]: ...
    @property
    def window(self) -> str | None: ...
    @property
    def variants(self) -> Mapping[str, Mapping[str, Scalar]]: ...


@dataclass(frozen=True)
class Target:
    """What a metric should reach; at most one of the two is set."""

    at_least: float | None = None
    at_most: float | None = None

    @property
    def limit(self) -> float | None:
        """The value that should be reached or kept below."""
        return self.at_least if self.at_least is not None else self.at_most


@dataclass(frozen=True)
class Release:
    """One change put into service. An empty channel or region means all of them."""

    released_on: date
    component: str
    version: str
    channel: str = ""
    region: str = ""
    description: str = ""


@dataclass(frozen=True)
class Account:
    """What became of one source's records: received = loaded + duplicate + superseded + quarantined."""

    source: str
    files: int
    received: int
    loaded: int
    duplicate: int
    superseded: int
    quarantined: int
    data_through: datetime | None


@dataclass(frozen=True)
class ReportContext:
    """Everything that a report may know. `measure` takes (metric, by, start, end), half-open, on local dates.

    `quarantine` holds up to twenty mappings of file, position and reason; `versions` is printed as it stands.
    """

    project: str
    timezone: str
    as_of: datetime
    data_through: Mapping[str, datetime]
    measure: Measure
    metrics: Mapping[str, MetricInfo]
    targets: Mapping[str, Target]
    releases: Sequence[Release]
    accounts: Sequence[Account]
    quarantine: Sequence[Mapping[str, object]]
    versions: Mapping[str, str]

    def info(self, metric: str) -> MetricInfo | None:
        """The header of that metric, or of the metric whose variant that is."""
        if metric in self.metrics:
            return self.metrics[metric]
        return next((m for m in self.metrics.values() if metric in m.variants), None)
