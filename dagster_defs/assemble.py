"""A project's definitions put together: one call, no Dagster object left at module level."""

from pathlib import Path

import dagster as dg

from cxreports.lake.store import Lake
from dagster_defs.house import House, open_house
from dagster_defs.lake import lake_assets
from dagster_defs.metrics import metric_assets
from dagster_defs.reports import report_assets
from dagster_defs.schedules import DAILY, WEEKLY, daily_schedule, weekly_schedule
from dagster_defs.sensor import arriving_files


def definitions(project_dir: Path) -> dg.Definitions:
    """Everything that Dagster shows of the project in that folder. Faulty settings raise, with every fault at once."""
    house = open_house(project_dir)
    return dg.Definitions(
        assets=[lake_assets(house), metric_assets(house), report_assets(house)],
        jobs=[
            dg.define_asset_job(DAILY, dg.AssetSelection.groups("lake", "metrics")),
            dg.define_asset_job(WEEKLY, dg.AssetSelection.groups("reports")),
        ],
        schedules=[daily_schedule(house), weekly_schedule(house)],
        sensors=[arriving_files(house)],
        executor=dg.in_process_executor,
        metadata=_about(house),
    )


def _about(house: House) -> dict[str, str]:
    head = Lake(house.folder / "lake").head()
    lake = f"as known at {head.as_of}" if head else "empty; materialize a partition of the group 'lake' to load the first files"
    return {
        "project": house.settings.project.name,
        "folder": str(house.folder),
        "time zone": house.settings.project.timezone,
        "first partition": house.start.isoformat(),
        "lake when this was loaded": lake,
    }
