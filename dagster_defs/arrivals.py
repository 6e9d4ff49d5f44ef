"""Which export files have arrived, and which day's run they are for. Knows files and dates, nothing of Dagster."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from cxreports import pipeline
from cxreports.intake.discover import listing as files_of
from cxreports.lake.engine import rows
from cxreports.settings import Settings

QUIET_S = 30  # a file that changed within so many seconds may still be written to


@dataclass(frozen=True)
class Arrival:
    """One export file as the folder lists it. `day`: local day of delivery where its path tells it."""

    path: str
    size: int
    mark: str
    day: date | None


@dataclass(frozen=True)
class Due:
    """The day whose run the files are for."""

    day: date
    files: Sequence[Arrival]

    @property
    def run_key(self) -> str:
        """The same files never ask for a second run."""
        text = "\n".join(sorted(f.mark for f in self.files))
        return f"{self.day}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def listing(project_dir: Path, settings: Settings, now: datetime) -> Iterator[Arrival]:
    """Every file under the sources' paths that is no longer written to; `mark` changes with name, size and content or time of
    change. InputError where a store cannot be listed."""
    zone = settings.project.zone
    for name, source in settings.sources.items():
        for found, delivered in files_of(project_dir, name, source, zone).files:
            if (now - found.modified_at).total_seconds() < QUIET_S:
                continue
            text = f"{found.path}\n{found.size}\n{found.stamp}"
            day = delivered.astimezone(zone).date() if delivered else None
            yield Arrival(found.path, found.size, hashlib.sha256(text.encode()).hexdigest()[:12], day)


def due(new: Collection[Arrival], start: date, yesterday: date, reached: date | None) -> Due | None:
    """The one run that the new files ask for, if any may begin now.

    A file waits until its day of delivery has ended; without such a day it belongs to the newest ended one. A day that the
    lake has reached is not run again for late files: what was reported of it stays what was known. They go to the next day.
    """
    ready = [f for f in new if f.day is None or f.day <= yesterday]
    if not ready:
        return None
    day = max([start, *(f.day or yesterday for f in ready)])
    if reached and day <= reached:
        day = reached + timedelta(days=1)
    return Due(day, ready) if day <= yesterday else None


def reached_day(project: pipeline.Project) -> date | None:
    """The newest local day that the lake knows to its end."""
    head = project.lake.head()
    if head is None:
        return None
    day = head.as_of_instant.astimezone(project.settings.project.zone).date()
    return day if pipeline.end_of_day(day, project.settings) <= head.as_of_instant else day - timedelta(days=1)


def loaded_files(project: pipeline.Project) -> set[tuple[str, int]]:
    """Path and size of every file that the lake has read."""
    if project.lake.head() is None:
        return set()
    found = rows(pipeline.open_view(project).con, "select path, bytes from stg_files order by path")
    return {(str(r["path"]), int(r["bytes"])) for r in found}
