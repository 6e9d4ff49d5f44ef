"""Where a source's files may lie: below the project, elsewhere on this machine (`file://`), or in a store (`s3://`, `sftp://`).

Reads folders of this machine; stores are listed in `remote`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cxreports.settings import FILE, SourceSettings

FILE_URL, S3, SFTP = "file", "s3", "sftp"
STORES = (S3, SFTP)
MAGIC = re.compile(r"[*?\[]")  # what makes a component of a path a pattern
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
_ONLY = {
    S3: ("endpoint_url", "profile", "region"),
    SFTP: ("username", "key_file", "known_hosts", "password_env", "passphrase_env"),
}


@dataclass(frozen=True)
class Found:
    """One file as its folder or store lists it. `path`: relative to the project, or its URL; `stamp` changes with the content
    (ETag, else time of change); `local`: where it lies if on this machine; `key`: the store's own name for it."""

    path: str
    size: int
    stamp: str
    modified_at: datetime
    local: Path | None = None
    key: str = ""


def scheme_of(path: str) -> str | None:
    """The scheme of a URL in lower case; None for a path below the project."""
    match = _URL.match(path)
    return match.group(1).lower() if match else None


def is_remote(path: str) -> bool:
    """Whether looking at the files reaches beyond this machine."""
    return scheme_of(path) in STORES


def path_fault(path: str) -> str | None:
    """Why that path or URL cannot be used, or None. Looks at its form alone."""
    scheme = scheme_of(path)
    if scheme is None:
        return _glob_fault(path)
    if scheme not in (FILE_URL, *STORES):
        return f"{scheme}:// is not understood; known are file://, s3:// and sftp://"
    authority, _, rest = path.split("://", 1)[-1].partition("/") if "://" in path else ("", "", "")
    if "@" in authority:
        return "must hold no user and no password; name the user under storage.username"
    if scheme == FILE_URL:
        return None if not authority and rest else "must be file:// and an absolute path, as in file:///data/exports/**/*.json"
    if not rest or not authority or MAGIC.search(authority) or not _is_host(scheme, authority):
        example = "s3://bucket/exports/**/*.gz" if scheme == S3 else "sftp://host/exports/*.csv"
        return f"must name one {'bucket' if scheme == S3 else 'host'} and the files in it, as in {example}"
    return "must not hold '..'" if ".." in rest.split("/") else None


def storage_faults(name: str, source: SourceSettings) -> list[str]:
    """Settings of the storage that this kind of place does not have, or that cannot be."""
    scheme, where = scheme_of(source.path), f"{FILE}: sources.{name}.storage"
    given = source.storage.model_dump(exclude_none=True)
    faults = [
        f"{where}.{key}: only {owner}:// has it"
        for owner, keys in _ONLY.items()
        for key in keys
        if key in given and owner != scheme
    ]
    url = urlsplit(source.storage.endpoint_url or "https://x")
    if url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc or url.query:
        faults.append(
            f"{where}.endpoint_url: must be the address of a server without user and query, as in https://minio.example"
        )
    return faults


def _glob_fault(glob: str) -> str | None:
    if not glob.strip() or glob.startswith(("/", "~")) or re.match(r"[A-Za-z]:", glob) or ".." in re.split(r"[/\\]", glob):
        return "must be a path below the project's folder, such as 'exports/connect/**/*.json', or a URL"
    return None


def _is_host(scheme: str, authority: str) -> bool:
    try:
        url = urlsplit(f"{scheme}://{authority}/")
        return bool(url.hostname) and (url.port is None or scheme == SFTP)
    except ValueError:
        return False


def local_files(project_dir: Path, path: str) -> list[Found]:
    """Files of this machine that the path names, in order. A link that leads out of the folder named before the first
    pattern (the project's folder, for a path below it) is not followed."""
    if scheme_of(path) != FILE_URL:
        return [_as_found(p, printable(p.relative_to(project_dir).as_posix())) for p in _matching(project_dir, path)]
    base, pattern = split_at_pattern("/" + path.split(":", 1)[1].lstrip("/"))
    return [_as_found(p, printable("file://" + p.as_posix())) for p in _matching(Path(base), pattern)]


def split_at_pattern(path: str) -> tuple[str, str]:
    """The folders before the first component that is a pattern, and the rest (at least the last component)."""
    parts = path.split("/")
    n = next((i for i, part in enumerate(parts) if MAGIC.search(part)), len(parts) - 1)
    n = min(n, len(parts) - 1)
    return "/".join(parts[:n]) or "/", "/".join(parts[n:])


def printable(path: str) -> str:
    """The path as text that can be stored: bytes of a name that are no UTF-8 become a mark."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _matching(folder: Path, glob: str) -> list[Path]:
    root = folder.resolve()
    found: Iterable[Path] = (p for p in folder.glob(glob) if p.is_file() and p.resolve().is_relative_to(root))
    return sorted(set(found), key=lambda p: p.relative_to(folder).as_posix())


def _as_found(path: Path, shown: str) -> Found:
    stat = path.stat()
    return Found(shown, stat.st_size, str(stat.st_mtime_ns), datetime.fromtimestamp(stat.st_mtime, UTC), path)
