"""One run, start to end: the stages in order, as plain functions. The CLI and Dagster call these and nothing below them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from cxreports import __version__
from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.definitions.definition import Scalar
from cxreports.errors import QuestionError
from cxreports.intake.intake import take_in
from cxreports.intake.privacy import pseudonym
from cxreports.lake import build, landing
from cxreports.lake import view as views
from cxreports.lake.engine import connect, rows
from cxreports.lake.store import Commit, Lake
from cxreports.settings import Settings, read_key, read_settings

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Project:
    """A user's project: folder, settings, definitions and lake."""

    folder: Path
    settings: Settings
    catalogue: Catalogue
    lake: Lake
    switchboards: tuple[str, ...]
    key: bytes

    @property
    def params(self) -> dict[str, Scalar]:
        """Parameters of the computed tables."""
        return build.build_params(self.settings)


@dataclass(frozen=True)
class RunResult:
    """What one run did. `changed` counts the rewritten parts per table; empty when nothing was new."""

    commit: Commit
    is_new: bool
    files: int
    records: int
    quarantined: int
    changed: Mapping[str, int]


def open_project(folder: Path) -> Project:
    """Read settings and definitions; raises with every fault at once."""
    settings = read_settings(folder)
    key = read_key(settings, folder)
    tokens = (pseudonym("phone", n, key, settings.privacy.phone_region) for n in settings.identity.switchboards)
    return Project(folder, settings, read_catalogue(folder), Lake(folder / "lake"), tuple(t for t in tokens if t), key)


def end_of_day(day: date, settings: Settings) -> datetime:
    """The last instant of a local day, as an as-of instant (UTC): `--as-of DATE` includes all that arrived that day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), settings.project.zone)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def run(project: Project, as_of: datetime, tell: Tell) -> RunResult:
    """Load what is new at `as_of`, compute what it changes, commit. Running again with nothing new changes nothing."""
    with project.lake.lock():
        head = project.lake.head()
        if head and as_of < head.as_of_instant:
            raise QuestionError(
                f"as of {as_of:%Y-%m-%d %H:%M} lies before the last run ({head.as_of}); its reports can be made "
                "again with 'report --as-of', but nothing can be loaded into the past"
            )
        return _load_and_build(project, head, as_of, tell)


def _load_and_build(project: Project, head: Commit | None, as_of: datetime, tell: Tell) -> RunResult:
    con, lake = connect(), project.lake
    seen = landing.known_files(con, lake, head)
    take_in(con, project.folder, project.settings, project.catalogue, project.key, seen, as_of, tell)
    n_files, n_records, n_bad = _counts(con)
    digest = build.built_with(project.catalogue, project.params, project.switchboards)
    is_stale = head is None or head.built_with != digest
    if head and not n_files and not is_stale and as_of == head.as_of_instant:
        return RunResult(head, False, 0, 0, 0, {})
    seq = head.seq + 1 if head else 1
    tables = landing.append_new(con, lake, head, seq, as_of)
    draft = Commit(seq, as_of.isoformat(), None, digest, __version__, lake.digest_of(head), tables)
    landing.attach_staged(con, lake, draft)
    build.load_switchboards(con, project.switchboards)
    tell("computing interactions and outcomes")
    if head and not is_stale:
        computed = build.refresh(con, lake, project.catalogue, project.params, head) if n_files else _stored(head, project)
    else:
        computed = build.full_build(con, lake, project.catalogue, project.params)
    until = views.observed_until(con)
    commit = Commit(
        seq, draft.as_of, until.isoformat() if until else None, digest, __version__, draft.parent, {**tables, **computed}
    )
    lake.commit(commit)
    return RunResult(commit, True, n_files, n_records, n_bad, _changed(head, commit))


def _stored(head: Commit, project: Project) -> dict[str, dict[str, object]]:
    return {name: dict(head.tables.get(name, {})) for name in build.stored_schemas(project.catalogue)}  # type: ignore[arg-type]


def _counts(con: object) -> tuple[int, int, int]:
    row = con.execute(  # type: ignore[attr-defined]
        "select (select count(*) from new_files), count(*), count(*) filter (where reason is not null) from new_records"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def _changed(head: Commit | None, commit: Commit) -> dict[str, int]:
    """Parts per table that the commit has and its parent has not."""
    before = {p.path for parts in (head.tables if head else {}).values() for p in parts.values()}
    counts = {name: sum(p.path not in before for p in parts.values()) for name, parts in sorted(commit.tables.items())}
    return {name: n for name, n in counts.items() if n}


def open_view(project: Project, as_of: datetime | None = None) -> views.View:
    """The lake as known at `as_of` (default: at the last run)."""
    head = project.lake.head()
    instant = as_of or (head.as_of_instant if head else datetime.now(UTC))
    return views.open_view(project.lake, project.catalogue, project.params, project.switchboards, instant)


def file_accounts(view: views.View) -> Sequence[dict[str, object]]:
    """Per file: received = loaded + duplicate + superseded + quarantined."""
    views.load_accounts(view)
    return rows(view.con, "from file_accounts order by source, path")
