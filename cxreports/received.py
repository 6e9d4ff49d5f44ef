"""What was received and what became of it: accounts, quarantine, masks, drift, sources, gaps. Nothing here changes the lake."""

from dataclasses import dataclass
from datetime import date, datetime

from cxreports.analysis.measurability import Measurability
from cxreports.analysis.reconcile import Reconciliation, reconcile
from cxreports.errors import QuestionError, did_you_mean
from cxreports.lake import view
from cxreports.lake.arrived import Landed, landed
from cxreports.lake.engine import rows
from cxreports.lake.far_dates import before_history, far_dates
from cxreports.lake.schema_drift import Change, changes
from cxreports.pipeline import Project, measurer, open_view


def file_accounts(project: Project, as_of: datetime | None = None) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """What became of the records of every file, and every quarantined record."""
    v = open_view(project, as_of)
    view.load_accounts(v)
    return rows(v.con, "from file_accounts order by source, path"), view.quarantine(v, limit=None)


def odd_dates(project: Project, as_of: datetime | None = None) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Records dated far from the others of their source, and those that began before `history_starts`."""
    v, own = open_view(project, as_of), project.settings.project
    return far_dates(v, own.timezone), before_history(v, own.history_instant, own.history_starts)


@dataclass(frozen=True)
class SourceLine:
    """What one source came to: its account, its customer interactions, and what it landed in each table."""

    source: str
    kind: str
    account: view.Account | None
    interactions: int
    landed: tuple[Landed, ...]


def sources(
    project: Project, metric: str | None = None, source: str | None = None, as_of: datetime | None = None
) -> tuple[list[SourceLine], list[Measurability]]:
    """Every source with what arrived from it, and whether each metric can be measured for it."""
    known_source(project, source)
    m = measurer(project, as_of)
    accounts, arrived = {a.source: a for a in view.accounts(m.view)}, landed(m.view)
    names = [s for s in sorted({*project.settings.sources, *accounts}) if source in (None, s)]
    kinds = {name: s.kind for name, s in project.settings.sources.items()}
    lines = [
        SourceLine(
            name, kinds.get(name, "no longer in the settings"), accounts.get(name), m.arrivals.interactions.get(name, 0),
            tuple(x for x in arrived if x.source == name),
        )
        for name in names
    ]  # fmt: skip
    metrics = [metric] if metric else sorted(project.catalogue.metrics)
    return lines, [label for name in metrics for label in m.labels(name, names)]


def masked(project: Project, as_of: datetime | None = None) -> list[dict[str, object]]:
    """What was masked of every file: source, path, column_name, kind, n."""
    return view.masked(open_view(project, as_of))


def reconcile_sources(
    project: Project, source: str | None, start: date | None, end: date | None, as_of: datetime | None = None
) -> Reconciliation:
    """Files that should have come and did not, and other systems' totals beside ours, over local days [start, end)."""
    known_source(project, source)
    return reconcile(open_view(project, as_of), project.settings, source, start, end)


def quarantined(project: Project, source: str | None = None, as_of: datetime | None = None) -> list[dict[str, object]]:
    """Every quarantined record: source, file, position, reason, masked excerpt, since when it is known."""
    known_source(project, source)
    v = open_view(project, as_of)
    return [r for r in view.quarantine(v, limit=None) if source in (None, r["source"])]


def schema_drift(project: Project, as_of: datetime | None = None) -> list[Change]:
    """How the fields of each source's records have changed since its first delivery, newest first.

    `kept`: the fields that the settings keep now, at or below the one that changed.
    """
    keep = {name: source.keep for name, source in project.settings.sources.items()}
    return [
        c | {"kept": [k for k in keep.get(str(c["source"]), ()) if f"{k}.".startswith((f"{c['field']}.", f"{c['field']}[]"))]}
        for c in changes(open_view(project, as_of))
    ]


def known_source(project: Project, source: str | None) -> None:
    """QuestionError where that is no source of the project; None stands for all of them."""
    known = list(project.settings.sources)
    if source is not None and source not in known:
        raise QuestionError(f"'{source}' is no source of this project; {did_you_mean(source, known)}")
