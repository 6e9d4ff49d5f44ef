"""Which structure a record has, told by an id: its keys and the kinds of their values in their order, no values.

Few structures are distinct, and those met lately are known by their keys alone; `drift` says what becomes of the ids.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS = 100_000  # of a structure, written out; a longer one has no id, and its record is not looked at
MOST_KNOWN = 20_000_000  # characters of structures that are remembered: memory must not grow with the file

_known: dict[tuple[Any, ...], str] = {}
_n_known = 0


def structure_id(value: Mapping[str, Any]) -> str | None:
    """The id of the record's structure (32 hex digits), the same in every run; None where it is too long or nested too deeply.

    A list has the structures of its items, each once: how many there are makes no other structure.
    """
    try:
        structure = _structure(value)
        return _known[structure] if structure in _known else _learn(structure)
    except RecursionError:
        return None


def _structure(node: Any) -> Any:
    kind = type(node)
    if kind is dict:
        return (*node, *map(_structure, node.values()))
    if kind is list:
        return (list, *dict.fromkeys(map(_structure, node)))
    return kind


def _learn(structure: tuple[Any, ...]) -> str | None:
    global _n_known
    written = repr(structure)
    if len(written) > MOST_CHARACTERS:
        return None
    _n_known += len(written)
    if _n_known > MOST_KNOWN:
        _known.clear()
        _n_known = len(written)
    id_ = hashlib.md5(written.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    _known[structure] = id_
    return id_
