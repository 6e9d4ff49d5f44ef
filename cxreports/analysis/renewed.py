"""Metrics whose definition has a new version that readers are still getting used to: for four weeks both are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cxreports.definitions.catalogue import Catalogue
from cxreports.errors import QuestionError
from cxreports.lake.published import PublishedFigure
from cxreports.settings import VariantSettings

BOTH = timedelta(days=28)


@dataclass(frozen=True)
class Renewed:
    """`earlier`: the name under which the version before is measured (csat@1); empty where its file was not kept. `since`: the
    instant as of which the new version was first published."""

    metric: str
    version: int
    earlier: str
    earlier_version: int
    since: datetime


def renewed(
    entries: Iterable[PublishedFigure], catalogue: Catalogue, variants: Mapping[str, VariantSettings], as_of: datetime
) -> dict[str, Renewed]:
    """By metric or variant: those that were published with an earlier version, and first with the present one within four weeks
    before `as_of`, or not yet."""
    seen: dict[str, dict[int, datetime]] = {}
    for e in entries:
        first = seen.setdefault(e.metric, {})
        first[e.version] = min(e.as_of, first.get(e.version, e.as_of))
    out = {}
    for name, first in sorted(seen.items()):
        try:
            metric, _ = catalogue.metric(name, variants)
        except QuestionError:  # it was published once and is gone
            continue
        now, older = metric.header.version, [v for v in first if v < metric.header.version]
        since = first.get(now, as_of)
        if older and "@" not in name and as_of < since + BOTH:
            is_kept = f"{metric.name}@{max(older)}" in catalogue.earlier
            out[name] = Renewed(name, now, f"{name}@{max(older)}" if is_kept else "", max(older), since)
    return out
