"""New export files start the run of the day that they belong to: at most one run per look, never two for the same files.

The cursor holds a short mark per file that a run was asked for; marks of files that are gone are forgotten.
"""

import json
from datetime import UTC, datetime, timedelta

import dagster as dg

from cxreports import pipeline
from cxreports.errors import CxError
from dagster_defs.arrivals import Arrival, due, listing, loaded_files, reached_day
from dagster_defs.house import House
from dagster_defs.schedules import DAILY


def arriving_files(house: House) -> dg.SensorDefinition:
    """Looks once a minute. Off until switched on."""

    @dg.sensor(
        name="arriving_files",
        job_name=DAILY,
        minimum_interval_seconds=60,
        description="New files under the sources' paths start the run of the day that they were delivered on, once it has ended.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        try:
            return evaluate(house, context.cursor, datetime.now(UTC))
        except CxError as error:
            return dg.SensorResult(skip_reason=dg.SkipReason(str(error)))

    return look


def evaluate(house: House, cursor: str | None, now: datetime) -> dg.SensorResult:
    """One look at `now`: the run to ask for, and the cursor after it."""
    project = pipeline.open_project(house.folder)
    found = list(listing(project.folder, project.settings, now))
    seen = set(json.loads(cursor)) if cursor else _marks_of_loaded(project, found)
    new = [f for f in found if f.mark not in seen]
    yesterday = now.astimezone(project.settings.project.zone).date() - timedelta(days=1)
    wanted = due(new, house.start, yesterday, reached_day(project))
    taken = seen.intersection(f.mark for f in found).union(f.mark for f in wanted.files) if wanted else seen
    after = json.dumps(sorted(taken))
    if wanted is None:
        reason = f"{len(new)} new files wait until their day has ended" if new else "no new file"
        return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=after)
    tags = {"cxreports/new_files": str(len(wanted.files))}
    request = dg.RunRequest(run_key=wanted.run_key, partition_key=wanted.day.isoformat(), tags=tags)
    return dg.SensorResult(run_requests=[request], cursor=after)


def _marks_of_loaded(project: pipeline.Project, found: list[Arrival]) -> set[str]:
    """On the first look: what the lake has read already is not new."""
    loaded = loaded_files(project)
    return {f.mark for f in found if (f.path, f.size) in loaded}
