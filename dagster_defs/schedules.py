"""When runs begin by themselves: every morning the day before, every week the week that has settled. Off until switched on."""

from datetime import datetime, timedelta

import dagster as dg

from dagster_defs.house import House

DAILY, WEEKLY = "daily", "weekly"
DAILY_HOUR, WEEKLY_HOUR = 6, 7


def daily_schedule(house: House) -> dg.ScheduleDefinition:
    """Each morning, the day that has just ended."""

    @dg.schedule(
        name="every_morning",
        job_name=DAILY,
        cron_schedule=f"0 {DAILY_HOUR} * * *",
        execution_timezone=house.settings.project.timezone,
        description=f"At {DAILY_HOUR:02d}:00 local time: load and measure the day before.",
    )
    def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        day = _local(context, house) - timedelta(days=1)
        if day.date() < house.start:
            return dg.SkipReason(f"the first partition is {house.start}")
        key = f"{day:%Y-%m-%d}"
        return dg.RunRequest(run_key=key, partition_key=key)

    return every_morning


def weekly_schedule(house: House) -> dg.ScheduleDefinition:
    """Once a week, an hour after the run of the day on which the week settled."""
    late = 6 + house.settings.project.settle_days + 1  # days from a Monday to the morning after its week has settled

    @dg.schedule(
        name="every_week",
        job_name=WEEKLY,
        cron_schedule=f"0 {WEEKLY_HOUR} * * {(1 + late) % 7}",
        execution_timezone=house.settings.project.timezone,
        description=f"At {WEEKLY_HOUR:02d}:00 local time, the morning after no more late data is expected: the week's reports.",
    )
    def every_week(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        monday = _local(context, house) - timedelta(days=late)
        if monday.date() < house.first_monday:
            return dg.SkipReason(f"the first week begins on {house.first_monday}")
        key = f"{monday:%Y-%m-%d}"
        return dg.RunRequest(run_key=key, partition_key=key)

    return every_week


def _local(context: dg.ScheduleEvaluationContext, house: House) -> datetime:
    return context.scheduled_execution_time.astimezone(house.settings.project.zone)
