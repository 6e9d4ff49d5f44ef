"""A file of labels that people gave: CSV with a column `label` and one that says what was judged."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from cxreports.errors import InputError
from cxreports.sentiment.scorer import MOODS, Mood

JUDGED = ("interaction_id", "turn_id", "text")


@dataclass(frozen=True)
class Label:
    """One judgement. `line`: where it stands; `value`: the interaction, the turn, or its text."""

    line: int
    value: str
    mood: Mood


def read_labels(path: Path) -> tuple[str, list[Label]]:
    """What was judged (one of `JUDGED`) and the labels; InputError names every line that cannot be one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            kind = _kind(path, list(rows.fieldnames or ()))
            found, faults = [], []
            for row in rows:
                value, given = row[kind] or "", (row["label"] or "").strip().lower()
                if given not in get_args(Mood):
                    faults.append(f"{path.name}, line {rows.line_num}: label is none of {', '.join(MOODS)}")
                elif not value.strip():
                    faults.append(f"{path.name}, line {rows.line_num}: {kind} is empty")
                else:
                    found.append(Label(rows.line_num, value, next(mood for mood in MOODS if mood == given)))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text") from None
    except csv.Error:
        raise InputError(f"{path}: is no CSV") from None
    if faults:
        raise InputError(faults)
    if not found:
        raise InputError(f"{path}: holds no label")
    return kind, found


def _kind(path: Path, head: list[str]) -> str:
    kinds = [name for name in JUDGED if name in head]
    if "label" not in head or len(kinds) != 1:
        raise InputError(f"{path}: needs the columns 'label' and one of {', '.join(JUDGED)}; it has {', '.join(head) or 'none'}")
    return kinds[0]
