"""What a period's figure is expected to be, and how often such intervals held what came true: for a report."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cxreports.analysis.following import STRATA, followed, is_followed, nowcasts
from cxreports.analysis.nowcast import Nowcast
from cxreports.analysis.nowcast_score import Score, scored, summary
from cxreports.zones import midnight

if TYPE_CHECKING:
    from cxreports.analysis.measure import Measurer

PAST = timedelta(days=56)  # whose nowcasts are scored


@dataclass(frozen=True)
class Expected:
    """The nowcast of one period, and the score of past ones that were as old and as long: one a day, so they overlap."""

    metric: str
    nowcast: Nowcast
    score: Score


def expected(m: "Measurer", name: str, start: date, end: date) -> Expected | None:
    """None where the metric waits for nothing, nothing of the period waits any more, or nothing can be said."""
    if not is_followed(m, name):
        return None
    found = nowcasts(m, name, [], start, end)
    if not found or not found[0].nowcast.waiting or found[0].nowcast.value is None:
        return None
    zone, horizon = m.settings.project.zone, m.observed_until
    lag = max(0, (horizon - midnight(end, zone)).days)
    history = followed(m.view.con, m.units(name, STRATA))
    past = scored(history, int(horizon.timestamp() * 1000), zone, (end - start).days, end - PAST, end, [lag])
    return Expected(name, found[0].nowcast, summary("", list(past)))
