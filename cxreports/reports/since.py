"""When a change began, and which releases came shortly before it. Following a release is not being caused by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cxreports.reports import changes, words
from cxreports.reports.changes import Key
from cxreports.reports.context import Release, ReportContext
from cxreports.reports.readings import WEEK, ask, key_of, offers

ENOUGH_DAYS = 28  # usable days below which weeks are compared instead
BEFORE = 14  # days before the start in which a release is set beside it
SLACK = 2  # days by which a start may be dated too early


@dataclass(frozen=True)
class Trail:
    """What is followed back in time: a metric, in one segment (`key`, split by `dims`) or everywhere, up to `end`."""

    metric: str
    dims: tuple[str, ...]
    key: Key | None
    end: date
    n_weeks: int


def since(ctx: ReportContext, trail: Trail, rising: bool, what: str) -> str:
    """The sentence about the start of a rise or fall; `what` is its subject."""
    by = list(trail.dims) if trail.key else []
    days = _points(ctx, trail, "day", by)
    if len(days) >= ENOUGH_DAYS:
        began, about, slack = changes.onset(days, 4, rising), "about ", SLACK
    else:
        began, about, slack = changes.onset(_points(ctx, trail, "week", by), 1, rising), "in the week of ", 6
    if began is None:
        return f"When {what[:1].lower()}{what[1:]} began cannot be dated from the daily figures."
    place = dict(zip(by, trail.key or (), strict=True))
    return f"{what} began {about}{words.day(began)}{_beside(ctx, near(ctx.releases, began, slack, place), began, place)}"


def _points(ctx: ReportContext, trail: Trail, bucket: str, by: list[str]) -> list[tuple[date, float, float]]:
    if by and not offers(ctx, trail.metric, by):
        return []
    return sorted(
        (m.period_start, float(m.num), float(m.den))
        for m in ask(ctx, trail.metric, [bucket, *by], trail.end - WEEK * trail.n_weeks, trail.end, printed=False)
        if m.num is not None and m.den and (trail.key is None or key_of(m, by) == trail.key)
    )


def concerns(release: Release, place: dict[str, str]) -> bool:
    """Whether a release could have touched that segment; an empty channel or region of a release means all."""
    return all(mine in ("", place.get(name, mine)) for name, mine in _limits(release).items())


def near(releases: Sequence[Release], began: date, slack: int, place: dict[str, str]) -> list[Release]:
    """Releases of that segment in the days before the start, the closest first."""
    found = [r for r in releases if concerns(r, place) and -slack <= (began - r.released_on).days <= BEFORE]
    return sorted(found, key=lambda r: (abs((began - r.released_on).days), -_precision(r), r.component, r.version))


def _limits(release: Release) -> dict[str, str]:
    return {"channel": release.channel or "", "region": release.region or ""}


def _precision(release: Release) -> int:
    return sum(bool(v) for v in _limits(release).values())


def _beside(ctx: ReportContext, releases: Sequence[Release], began: date, place: dict[str, str]) -> str:
    if not ctx.releases:
        return "; no source says what was released."
    if not releases:
        where = f" for {' in '.join(words.clean(p, 40) for p in place.values())}" if place else ""
        return f"; no release is recorded{where} in the {BEFORE} days before."
    gap = (began - releases[0].released_on).days
    when = f"within {gap} day{'s' if gap > 1 else ''} after" if gap > 0 else "about the time of"
    text = f", {when} {_release(releases[0])}; not proof of cause."
    others = [_release(r) for r in releases[1:3]]
    return text + (f" Also in those days: {words.listed(others)}." if others else "")


def _release(r: Release) -> str:
    where = ", ".join(words.clean(w, 30) for w in _limits(r).values() if w) or "everywhere"
    return f"{words.clean(r.component, 40)} {words.clean(r.version, 20)} ({where}; {words.day(r.released_on)})"
