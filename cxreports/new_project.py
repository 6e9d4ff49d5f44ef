"""A new project's folder: settings, a key of its own, the versions of its definitions, and what git should leave alone."""

import secrets
import shutil
from pathlib import Path

from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.versions import accept_project
from cxreports.errors import QuestionError
from cxreports.settings import read_settings


def make_project(folder: Path, settings: Path, key: str) -> None:
    """A folder with these settings and that key, and nothing of it in git; QuestionError where there are settings already."""
    target = folder / "cxreports.toml"
    if target.exists():
        raise QuestionError(f"{target} exists already; nothing was changed")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings, target)
    secret = folder / "pseudonym.key"
    if not secret.exists():  # a new key would make strangers of all customers
        secret.touch(mode=0o600)
        secret.write_text(key + "\n", encoding="utf-8")
    with (folder / ".gitignore").open("a", encoding="utf-8") as file:
        file.write("pseudonym.key\nexports/\nlake/\nreports/\n.dagster/\n")
    accept_project(folder, read_catalogue(folder), read_settings(folder))


def random_key() -> str:
    """A secret for the pseudonyms of a project."""
    return secrets.token_urlsafe(32)
