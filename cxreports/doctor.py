"""What this machine and this project lack, in words that say what to do."""

import ctypes.util
import shlex
import shutil
import stat
import sys
from pathlib import Path

from cxreports.errors import CxError

Finding = tuple[bool, str]
PANGO = "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def findings(folder: Path, deep: bool) -> list[Finding]:
    """(is fine, words) for everything that is looked at, the machine first."""
    return [*_machine(folder), *_project(folder, deep)]


def _machine(folder: Path) -> list[Finding]:
    import duckdb

    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free / 1e9
    pango = ctypes.util.find_library("pango-1.0") is not None
    return [
        (sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}"),
        (True, f"DuckDB {duckdb.__version__}"),
        (pango, "Pango draws PDF pages" if pango else f"Pango is missing, so there are no PDFs; run: {PANGO}"),
        (free > 1, f"{free:.0f} GB free on the disk"),
    ]


def _project(folder: Path, deep: bool) -> list[Finding]:
    from cxreports import pipeline
    from cxreports.intake.check import check_sources

    try:
        project = pipeline.open_project(folder)
    except CxError as error:
        return [(False, fault) for fault in error.faults]
    faults = pipeline.settings_faults(project) + check_sources(folder, project.settings, project.catalogue)
    found = [(f.startswith("warning:"), f) for f in faults] or [(True, "settings, definitions and sources agree")]
    found += _open_to_others(folder / project.settings.privacy.key_file, 0o077, "600")
    found += _open_to_others(project.lake.root, 0o007, "750")
    try:
        damage = project.lake.faults(deep)
        head = project.lake.head()
        pipeline.refuse_another_key(project, head)
    except CxError as error:
        return [*found, *((False, fault) for fault in error.faults)]
    lake = f"the lake stands at commit {head.seq}, as of {head.as_of}" if head else "the lake is empty; 'cxreports run' fills it"
    return [*found, *((False, d) for d in damage), (not damage, lake)]


def _open_to_others(path: Path, forbidden: int, mode: str) -> list[Finding]:
    """Whether accounts of this machine can enter that should not: whoever has the key can tell who a pseudonym is."""
    if not path.exists() or not stat.S_IMODE(path.stat().st_mode) & forbidden:
        return []
    return [(False, f"{path}: can be read by others; run: chmod {mode} {shlex.quote(str(path))}")]
