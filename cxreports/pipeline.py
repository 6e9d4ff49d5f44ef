"""One run, start to end: the stages in order, as plain functions. The CLI and Dagster call these and nothing below them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from cxreports.analysis.measure import Measurer
from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.errors import NoDataError, QuestionError
from cxreports.intake.intake import take_in
from cxreports.intake.privacy import pseudonym
from cxreports.lake import build, landing, view
from cxreports.lake.engine import Connection, connect, one
from cxreports.lake.store import Commit, Lake
from cxreports.lake.write import Basis, changed_parts, commit_new
from cxreports.settings import Settings, read_key, read_settings

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Project:
    """A user's project: folder, settings, definitions and lake."""

    folder: Path
    settings: Settings
    catalogue: Catalogue
    lake: Lake
    key: bytes

    @property
    def basis(self) -> Basis:
        """What core and outcome tables are computed with."""
        region = self.settings.privacy.phone_region
        tokens = (pseudonym("phone", number, self.key, region) for number in self.settings.identity.switchboards)
        return Basis(self.catalogue, build.build_params(self.settings), tuple(t for t in tokens if t))


@dataclass(frozen=True)
class RunResult:
    """What one run did. `changed`: newly written parts per table; empty when nothing was new."""

    commit: Commit
    files: int
    records: int
    quarantined: int
    changed: Mapping[str, int]


def open_project(folder: Path) -> Project:
    """Read settings and definitions; raises with every fault at once."""
    settings = read_settings(folder)
    return Project(folder, settings, read_catalogue(folder), Lake(folder / "lake"), read_key(settings, folder))


def end_of_day(day: date, settings: Settings) -> datetime:
    """The last second of a local day, as a UTC instant: `--as-of DATE` includes all that arrived on that day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), settings.project.zone)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def run(project: Project, as_of: datetime, tell: Tell) -> RunResult:
    """Load what is new at `as_of`, compute what it changes, commit. Running again with nothing new changes nothing."""
    with project.lake.lock():
        head = project.lake.head()
        if head and as_of < head.as_of_instant:
            raise QuestionError(
                f"as of {as_of.isoformat()} lies before the last run ({head.as_of}); its reports can be made again "
                "with 'report --as-of', but nothing is loaded into the past"
            )
        con = connect()
        seen = landing.known_files(con, project.lake, head)
        take_in(con, project.folder, project.settings, project.catalogue, project.key, seen, as_of, tell)
        tell("computing interactions and outcomes")
        commit = commit_new(con, project.lake, head, project.basis, as_of)
        return RunResult(commit, *_counts(con), changed_parts(head, commit))


def open_view(project: Project, as_of: datetime | None = None) -> view.View:
    """The lake as known at `as_of` (default: at the last run)."""
    head = project.lake.head()
    if head is None:
        raise NoDataError(f"{project.lake.root}: nothing has been loaded yet; 'cxreports run' does")
    b = project.basis
    return view.open_view(project.lake, b.catalogue, b.params, b.switchboards, as_of or head.as_of_instant)


def measurer(project: Project, as_of: datetime | None = None) -> Measurer:
    """Answers questions about the lake as known at `as_of`."""
    return Measurer(open_view(project, as_of), project.catalogue, project.settings, project.basis.params)


def _counts(con: Connection) -> tuple[int, int, int]:
    row = one(
        con, "select (select count(*) from new_files), count(*), count(*) filter (where reason is not null) from new_records"
    )
    return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)
