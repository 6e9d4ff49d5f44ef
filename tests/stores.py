"""What tests of stores share: a project whose one source lies at a URL, and what its runs say and load."""

import gc
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cxreports import pipeline, received

AS_OF = datetime(2030, 1, 1, tzinfo=UTC)


def contact(contact_id: str) -> str:
    """One record of Amazon Connect."""
    return json.dumps({"ContactId": contact_id, "InitiationTimestamp": "2025-03-03T10:00:00Z"})


@dataclass
class Desk:
    """A project with one source of contact records, `calls`."""

    folder: Path
    said: list[str] = field(default_factory=list)

    def write(self, path: str, more: str = "", storage: str = "") -> "Desk":
        """Its settings."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "pseudonym.key").write_text("a key that only tests may know\n")
        (self.folder / "cxreports.toml").write_text(
            f'[project]\nname = "Desk"\ntimezone = "Europe/London"\n\n[sources.calls]\nkind = "amazon_connect_contact_records"\n'
            f'path = "{path}"\n{more}\n[sources.calls.storage]\n{storage}\n'
        )
        return self

    def run(self, now: datetime | None = None) -> list[str]:
        """Load what is new; the paths of the files that were read."""
        self.said.clear()
        gc.collect()  # a run that failed holds its scratch file as long as its error is held
        project = pipeline.open_project(self.folder)
        result = pipeline.run(project, AS_OF, self.said.append, now)
        files, _ = received.file_accounts(project)
        commit = result.commit
        assert commit.as_of_instant == AS_OF
        return [str(f["path"]) for f in files]
