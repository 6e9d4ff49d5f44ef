"""What a person can get wrong. Every class has its own exit code; every message says where, what and what to do.

A message never shows a customer's data: a file, a line and a column find the value without printing it.
"""

from collections.abc import Sequence
from difflib import get_close_matches


class CxError(Exception):
    """Something a person can mend. Carries every fault found, so that all are mended in one go."""

    exit_code = 1

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class SettingsError(CxError):
    """cxreports.toml is missing or says something that cannot be."""

    exit_code = 10


class DefinitionError(CxError):
    """A file under sql/ or templates/ has a header or a body that cannot be used."""

    exit_code = 11


class InputError(CxError):
    """A source's files cannot be read as declared, or too much of them is damaged."""

    exit_code = 12


class LakeError(CxError):
    """The lake is damaged or was written by a newer version."""

    exit_code = 13


class LockedError(CxError):
    """Another run holds the lake."""

    exit_code = 14


class QuestionError(CxError):
    """A metric, breakdown, report or period that does not exist."""

    exit_code = 15


class NoDataError(CxError):
    """The question is good, but nothing has been loaded that could answer it."""

    exit_code = 16


class MissingToolError(CxError):
    """A library of the operating system is absent (Pango, for PDF pages)."""

    exit_code = 17


def nearest_column(word: str, columns: Sequence[str]) -> str:
    """The nearest of a file's columns, else how many there are. In a file without a header they are a customer's data."""
    near = get_close_matches(word, columns, n=1)
    return f"did you mean '{near[0]}'?" if near else f"it is none of its {len(columns)} columns; is the first line a header?"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """The nearest known word as a hint, or the whole list where none is near."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
