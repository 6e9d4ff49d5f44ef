"""Records whose dates lie far from those of their source: a clock that stood at 1970, a year that somebody mistyped.

They are loaded like any other. An interaction of 1970 makes the history seem to begin there, so whoever reads the accounts is
told, and may set `history_starts`.
"""

from datetime import date, datetime

from cxreports.definitions.model import LANDED
from cxreports.lake.engine import rows
from cxreports.lake.view import View

YEARS = 5  # further from the middle half of a source's records than this is far


def far_dates(view: View, timezone: str) -> list[dict[str, object]]:
    """One row per source and local day that lies more than YEARS before or after the middle half of the source's records:
    source, on_date, n_records, usual_from, usual_until. Newest versions; tables whose rows have a time of their own."""
    pieces = [
        f"select source, local_date({t.at}, $timezone) as on_date, file_id, position from core_{t.name} where {t.at} is not null"
        for t in LANDED.values()
        if t.at != "version_at"
    ]
    return rows(
        view.con,
        f"""
        with
        dated as ({" union all ".join(pieces)}),
        days as (
            select source, on_date, count(distinct (file_id, position)) as n_records from dated group by source, on_date
        ),
        running as (
            select
                *,
                sum(n_records) over (partition by source order by on_date) as n_until,
                sum(n_records) over (partition by source) as n_all
            from days
        ),
        usual as (
            select
                source,
                min(on_date) filter (where 4 * n_until >= n_all) as usual_from,
                min(on_date) filter (where 4 * n_until >= 3 * n_all) as usual_until
            from running
            group by source
        )
        select d.source, d.on_date, d.n_records, u.usual_from, u.usual_until
        from days as d
        join usual as u on u.source = d.source
        where d.on_date < u.usual_from - to_years({YEARS}) or d.on_date > u.usual_until + to_years({YEARS})
        order by d.source, d.on_date
        """,
        {"timezone": timezone},
    )


def before_history(view: View, start: datetime | None, starts: date | None) -> list[dict[str, object]]:
    """Records with legs that began before the history's start, by source: source, n_records, history_starts. They are loaded and
    not computed."""
    if start is None:
        return []
    return rows(
        view.con,
        """
        select source, count(distinct (file_id, position)) as n_records, $starts::date as history_starts
        from core_legs
        where started_at < $start
        group by source
        order by source
        """,
        {"start": start, "starts": starts},
    )
