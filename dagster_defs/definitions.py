"""What Dagster loads: `dagster dev -m dagster_defs.definitions`. CXREPORTS_PROJECT names the project, else the current folder.

Read and built at import, because Dagster looks for a value; `assemble.definitions` is the function behind it.
"""

import os
from pathlib import Path

from dagster_defs.assemble import definitions

defs = definitions(Path(os.environ.get("CXREPORTS_PROJECT", ".")).resolve())
