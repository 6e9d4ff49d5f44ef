"""Where sql/, templates/ and data/ are: inside the installed package first, then beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_dir(name: str) -> Path:
    """The folder of that name. Looking beside the package first would let a stray site-packages/sql win."""
    inside = _PACKAGE / "_resources" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
