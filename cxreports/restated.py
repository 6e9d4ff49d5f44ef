"""Published figures that are others now, as far as a question asks for them: the ledger set against today's figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from cxreports.analysis.measure import Measurer
from cxreports.analysis.restatement import Restatement, restatements
from cxreports.errors import NoDataError, QuestionError, did_you_mean
from cxreports.lake.published import PublishedFigure, latest, published
from cxreports.pipeline import Project, measurer
from cxreports.zones import midnight


@dataclass(frozen=True)
class Asked:
    """Which published figures are looked at: of one metric, published as of a local day or later, of periods within one.

    `is_every`: every publication of a figure, not only its latest.
    """

    metric: str = ""
    since: date | None = None
    period: tuple[date, date] | None = None
    is_every: bool = False


@dataclass(frozen=True)
class Answer:
    """What was looked at, and what of it is another figure now. `units`: of each metric, what its values are in."""

    n_published: int
    found: list[Restatement]
    units: Mapping[str, str]


def restated(project: Project, m: Measurer, asked: Asked, limit: int | None) -> Answer:
    """The ledger's figures that differ as of the view's instant, each with at most `limit` of the rows that moved it."""
    entries = [e for e in published(project.lake) if e.as_of <= m.view.as_of]
    if not entries:
        raise NoDataError(f"{project.lake.root}: nothing has been published yet; 'cxreports report' does")
    known = {e.metric for e in entries}
    if asked.metric and asked.metric not in known:
        raise QuestionError(f"'{asked.metric}' was never published; {did_you_mean(asked.metric, sorted(known))}")
    entries = [e for e in entries if _is_asked(e, asked, project)]
    wanted = entries if asked.is_every else list(latest(entries).values())
    found = restatements(wanted, m, partial(measurer, project), limit)
    defined = set(project.catalogue.names(project.settings.variants))
    return Answer(len(wanted), found, {name: m.header_of(name).unit for name in known & defined})


def _is_asked(e: PublishedFigure, asked: Asked, project: Project) -> bool:
    if asked.metric not in ("", e.metric):
        return False
    if asked.since and e.as_of < midnight(asked.since, project.settings.project.zone):
        return False
    return not asked.period or (asked.period[0] <= e.period_start and e.period_end <= asked.period[1])
