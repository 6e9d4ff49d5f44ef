"""Starting Dagster for one project: its home within the project's folder, and the command. Does not import Dagster."""

import sys
from pathlib import Path

_YAML = """\
# Dagster's own settings for this project. Written once by 'cxreports ui'; from then on yours to change.
telemetry:
  enabled: false
nux:
  enabled: false

# The history of runs. For several hosts use Postgres instead: see docs/scheduling.md.
storage:
  sqlite:
    base_dir:
      env: DAGSTER_HOME

# The lake has one writer at a time; further runs wait their turn.
concurrency:
  runs:
    max_concurrent_runs: 1

# A run whose process died is started again once; what a person must mend is not.
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false

retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: -1
"""


def prepare(project_dir: Path) -> dict[str, str]:
    """Make `.dagster/dagster.yaml` unless it is there; returns the environment that Dagster needs besides the present one."""
    home = project_dir.resolve() / ".dagster"
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.exists():
        settings.write_text(_YAML, encoding="utf-8")
    return {"DAGSTER_HOME": str(home), "CXREPORTS_PROJECT": str(project_dir.resolve())}


def command(port: int) -> list[str]:
    """Web page, schedules and sensor in one process tree, for this machine only.

    The working directory goes on Python's path; it is this package's folder, so that no stray file of the caller's is imported.
    """
    code = str(Path(__file__).resolve().parent.parent)
    module = ["-m", "dagster_defs.definitions", "-d", code]
    return [sys.executable, "-P", "-m", "dagster", "dev", *module, "-h", "127.0.0.1", "-p", str(port)]
