"""The sample project's weekly report, word for word. A changed golden is a claim: the commit says why the report says otherwise.

`CXREPORTS_RENEW=1 ./cx test tests/test_golden.py` writes it anew.
"""

import json
import os
from pathlib import Path

from cxreports import pipeline

GOLDEN = Path(__file__).parent / "golden" / "weekly-2026-W47.json"
CHANGING = ("versions", "digest", "footer")  # name the program's version and the digests of settings and definitions


def test_the_weekly_report_of_the_samples_says_what_it_said(larkfield: pipeline.Project) -> None:
    files = pipeline.report(larkfield, "weekly", "2026-W47")
    said = {key: value for key, value in json.loads(files.json.read_text()).items() if key not in CHANGING}
    text = json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("CXREPORTS_RENEW"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()
