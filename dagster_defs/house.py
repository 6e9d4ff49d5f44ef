"""What all of these definitions share: the project as read when Dagster loads them, its partitions, its asset keys.

Bodies open the project anew in every run, so that they work with the settings of that day.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg

from cxreports import pipeline
from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.errors import CxError, LockedError, NoDataError, QuestionError, SettingsError
from cxreports.intake.adapters import adapter_faults
from cxreports.intake.discover import listing
from cxreports.intake.locations import is_remote
from cxreports.settings import Settings, read_settings

FALLBACK_START = date(2025, 1, 1)
START = "CXREPORTS_START"
INTAKE = dg.AssetKey(["lake", "intake"])
LOCK_RETRIES, LOCK_WAIT_S = 5, 60


@dataclass(frozen=True)
class House:
    """A project as Dagster knows it. Partition D of `daily` is the run at the end of local day D."""

    folder: Path
    settings: Settings
    catalogue: Catalogue
    start: date
    daily: dg.DailyPartitionsDefinition
    weekly: dg.WeeklyPartitionsDefinition

    @property
    def first_monday(self) -> date:
        """The first week that begins on or after the first day."""
        return self.start + timedelta(days=-self.start.weekday() % 7)

    def key_of(self, table: str) -> list[dg.AssetKey]:
        """Assets that stand for a table: itself, what it is made of where it is only a step in between, or the intake."""
        definition = self.catalogue.tables.get(table)
        if definition is None:
            return [INTAKE]
        if definition.header.day:
            return [dg.AssetKey(["lake", table])]
        return self.keys_of(definition.header.reads)

    def keys_of(self, tables: tuple[str, ...]) -> list[dg.AssetKey]:
        """Assets that stand for those tables, each once."""
        return list(dict.fromkeys(key for table in tables for key in self.key_of(table)))


def open_house(project_dir: Path) -> House:
    """Settings and definitions, checked; no key and no lake are needed yet."""
    settings, catalogue = read_settings(project_dir), read_catalogue(project_dir)
    if faults := adapter_faults(settings, catalogue):
        raise SettingsError(faults)
    start, zone = first_day(project_dir, settings), settings.project.timezone
    return House(
        project_dir,
        settings,
        catalogue,
        start,
        dg.DailyPartitionsDefinition(start_date=start.isoformat(), timezone=zone),
        dg.WeeklyPartitionsDefinition(start_date=start.isoformat(), timezone=zone, day_offset=1),
    )


def first_day(project_dir: Path, settings: Settings) -> date:
    """CXREPORTS_START, else the local day of the earliest delivery that a file's path tells, else 2025.

    Of a source in a store, `since` counts as its earliest delivery: no definition may wait for a network to be loaded.
    """
    if text := os.environ.get(START):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise SettingsError(f"{START}: '{text}' is not a date such as 2026-08-24") from None
    zone = settings.project.zone
    found = [source.since_instant(zone) for source in settings.sources.values() if is_remote(source.path)]
    for name, source in settings.sources.items():
        if source.delivered and not is_remote(source.path):
            found += [delivered for _, delivered in listing(project_dir, name, source, zone).files]
    earliest = min((at for at in found if at), default=None)
    return earliest.astimezone(settings.project.zone).date() if earliest else FALLBACK_START


def days_of(context: dg.AssetExecutionContext) -> list[date]:
    """The partitions of this run, oldest first: one day, or a whole backfill."""
    return sorted(date.fromisoformat(key) for key in context.partition_keys)


def require_reached(project: pipeline.Project, day: date) -> None:
    """Refuse to speak of a day that the lake does not know yet."""
    head = project.lake.head()
    if head is None:
        raise NoDataError(f"nothing has been loaded yet; materialize the group 'lake' for {day} first")
    if head.as_of_instant < pipeline.end_of_day(day, project.settings):
        reached = head.as_of_instant.astimezone(project.settings.project.zone)
        raise QuestionError(f"the lake reaches only to {reached:%Y-%m-%d %H:%M}; materialize the group 'lake' for {day} first")


@contextmanager
def as_failure() -> Iterator[None]:
    """What a person can mend fails at once, in our words; only a lake that another run holds is tried again."""
    try:
        yield
    except LockedError as error:
        raise dg.RetryRequested(LOCK_RETRIES, LOCK_WAIT_S) from error
    except CxError as error:
        faults = "\n".join(f"- {fault}" for fault in error.faults)
        raise dg.Failure(str(error), metadata={"to mend": dg.MetadataValue.md(faults)}, allow_retries=False) from None
