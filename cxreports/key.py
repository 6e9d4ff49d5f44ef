"""The pseudonym key of a project: read from the environment or its file, made longer by a rotation. Only its owner sees it."""

import os
from pathlib import Path

from cxreports.errors import SettingsError
from cxreports.settings import Settings, text_of


def read_key(settings: Settings, project_dir: Path) -> bytes:
    """The secret that keys the pseudonyms, from the environment or the key file: one line of at least 16 characters, and one more
    for every rotation, oldest first. Lines are joined by a line feed."""
    text = os.environ.get(settings.privacy.key_env)
    path = project_dir / settings.privacy.key_file
    if text is None and path.is_file():
        text = text_of(path)
    keys = [line.strip().encode() for line in (text or "").strip().splitlines() if line.strip()]
    if not keys or min(len(key) for key in keys) < 16:
        raise SettingsError(
            f"no pseudonym key of at least 16 characters: set {settings.privacy.key_env}, or write one line of random "
            f"text into {settings.privacy.key_file} ('cxreports init' does). Keep it: without it customers cannot be "
            "followed from one run to the next."
        )
    return b"\n".join(keys)


def add_key(settings: Settings, project_dir: Path, new: str) -> bytes:
    """Add a line to the key file, in one step, readable by its owner alone; returns the whole key. SettingsError where the key
    comes from the environment, which only its owner can change."""
    name, path = settings.privacy.key_env, project_dir / settings.privacy.key_file
    if os.environ.get(name) is not None:
        raise SettingsError(
            f"the key comes from {name}: add a line with a new key to it (the old lines stay), then run 'key rotate' again"
        )
    draft = path.with_name(f".draft-{path.name}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text_of(path).strip()}\n{new}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return read_key(settings, project_dir)
