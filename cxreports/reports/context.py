"""What the pipeline hands to a report: a way to measure, and the tables that are printed as they are. Data only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from cxreports.analysis.expectation import Expected
from cxreports.analysis.flow import Flows
from cxreports.analysis.measurement import Measurement
from cxreports.analysis.reconcile import Reconciliation
from cxreports.analysis.renewed import Renewed
from cxreports.analysis.restatement import Changed
from cxreports.definitions.definition import MetricHeader as MetricInfo
from cxreports.lake.view import Account
from cxreports.settings import TargetSettings as Target

__all__ = ["Account", "MetricInfo", "Release", "ReportContext", "Target"]

Measure = Callable[[str, Sequence[str], date, date], list[Measurement]]


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
class ReportContext:
    """Everything that a report may know. `measure` takes (metric, by, start, end), half-open, on local dates.

    `quarantine` holds up to twenty mappings of file, position and reason; `versions` is printed as it stands;
    `masked` says of each kind of personal data how many were masked; `drift` holds changes of the exports' fields: mappings of
    source, what (new, type, gone) and at (an instant);
    `reconcile` tells what is missing of some local days; None where no source says what to expect. `flow` tells what became of
    the offers of some local days. What `measure` answers counts as published; `probe` answers what is only looked at;
    `changed` tells which figures that were published before are others now; `renewed` holds metrics with a new version; `expect`
    tells what a figure of some local days is expected to be.
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
    masked: Mapping[str, int] = field(default_factory=dict)
    drift: Sequence[Mapping[str, object]] = ()
    reconcile: Callable[[date, date], Reconciliation] | None = None
    flow: Callable[[date, date], Flows] | None = None
    probe: Measure | None = None
    changed: Callable[[], Changed] | None = None
    renewed: Mapping[str, Renewed] = field(default_factory=dict)
    expect: Callable[[str, date, date], Expected | None] | None = None

    def info(self, metric: str) -> MetricInfo | None:
        """The header of that metric or variant."""
        return self.metrics.get(metric)
