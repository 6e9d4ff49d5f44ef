"""Export files of every kind, made from the definitions' own worked examples, and damaged at random: what fuzzing feeds on."""

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cxreports.definitions.catalogue import Catalogue, Source

CARD, EMAIL = "4111 1111 1111 1111", "zoe.quill@planted.example"
SAID = f"my card is {CARD} and my mail {EMAIL}"
# Where people's words stand in the worked examples.
SPOKEN = {"body", "comment", "comments", "content", "description", "message", "note", "notes", "subject", "text", "transcript"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?|[\d.,-]*")
TOKENS = (
    b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"null",
    b"1e999", b"-", b"9" * 25, b"\\ud800", b"\\u0000", b"</", b"<!DOCTYPE x>", b"'", b";",
    b"\xe2\x80\xae", b"1970-01-01T00:00:00Z",
    b"{" * 400, b"[" * 400, b"true", b"\t", b" ", b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1",
)  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """One whole export file of a kind. `head` bytes at its beginning stay as they are: a table without its header is no table."""

    kind: str
    name: str
    data: bytes
    head: int = 0


def seeds(catalogue: Catalogue) -> list[Seed]:
    """Files of each kind of source: with planted words where people speak, with planted words everywhere, and packed."""
    by_kind = sorted(catalogue.sources.items())
    plain = [_seed(kind, definition, spoken) for kind, definition in by_kind]
    soaked = [_seed(kind, definition, planted) for kind, definition in by_kind]
    texts = [s for s in plain if s.name.endswith(("json", "csv", "xml"))]
    packed = [Seed(s.kind, f"{s.name}.gz", gzip.compress(s.data, mtime=0)) for s in texts if not s.name.endswith("xml")]
    zipped = [
        Seed(s.kind, f"{s.name}.zip", _zipped({f"a-{s.name}": s.data, f"b-{s.name}": s.data[: s.head + 40]})) for s in texts
    ]
    return [*plain, *soaked, *packed, *zipped]


def mutated(data: bytes, rng: random.Random, head: int = 0) -> bytes:
    """The same bytes after one to six accidents: cut, doubled, moved, flipped, or with something put in."""
    kept, rest = data[:head], bytearray(data[head:])
    for _ in range(rng.randint(1, 6)):
        rest = _ACCIDENTS[rng.randrange(len(_ACCIDENTS))](rest, rng)
    return kept + bytes(rest)


def spoken(value: Any, key: str = "") -> Any:
    """The JSON value with the planted words added wherever people's words stand."""
    if isinstance(value, dict):
        return {k: spoken(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [spoken(v, key) for v in value]
    return f"{value} {SAID}" if isinstance(value, str) and key.lower() in SPOKEN else value


def planted(value: Any, key: str = "") -> Any:
    """The JSON value with the planted words added to every text that is no time and no number: ids, labels, names of states."""
    if isinstance(value, dict):
        return {k: v if k in ("#name", "#parent") else planted(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [planted(v, key) for v in value]
    return f"{value} {SAID}" if isinstance(value, str) and not _TIME.fullmatch(value[:10]) else value


def _seed(kind: str, definition: Source, plant: Callable[[Any], Any]) -> Seed:
    records = [plant(json.loads(text)) for text in _examples(definition.header.example.given["records"])]
    framing = definition.header.framing
    if framing in ("csv", "parquet"):
        return _table(kind, framing, records, definition.header.columns)
    if framing == "xml":
        return Seed(kind, "x.xml", _xml(records))
    texts = [json.dumps(r, ensure_ascii=False) for r in records]
    if framing == "json_zip_member":
        return Seed(kind, "x.zip", _zipped({f"{i}.json": t.encode() for i, t in enumerate(texts)}))
    return Seed(kind, "x.json", "\n".join(texts).encode())


def _examples(text: str) -> Iterator[str]:
    lines = [[c.strip() for c in line.split("|")] for line in text.strip().splitlines()]
    at = lines[0].index("record")
    yield from ("|".join(line[at:]).strip() for line in lines[1:])


def _table(kind: str, framing: str, records: Sequence[dict[str, Any]], columns: Sequence[str]) -> Seed:
    names = sorted({*columns, *(k for r in records for k in r)})
    rows = [[r.get(n) if isinstance(r.get(n), str | None) else json.dumps(r[n]) for n in names] for r in records]
    if framing == "parquet":
        return Seed(kind, "x.parquet", _parquet(names, rows))
    head, *lines = [",".join(_quoted(c or "") for c in row) + "\n" for row in (names, *rows)]
    return Seed(kind, "x.csv", "".join([head, *lines]).encode(), head=len(head.encode()))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _parquet(names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({n: pa.array([r[i] for r in rows], pa.string()) for i, n in enumerate(names)}), out)
    return out.getvalue()


def _xml(records: Sequence[dict[str, Any]]) -> bytes:
    return ("<testsuites>" + "".join(_element(r["#name"], r) for r in records) + "</testsuites>").encode()


def _element(name: str, value: dict[str, Any]) -> str:
    attributes = "".join(f' {k[1:]}="{escape(str(v))}"' for k, v in value.items() if k.startswith("@"))
    children = "".join(_element(k, item) for k, v in value.items() if isinstance(v, list) for item in v)
    return f"<{name}{attributes}>{escape(str(value.get('#text', '')))}{children}</{name}>"


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def _span(data: bytearray, rng: random.Random, longest: int = 200) -> tuple[int, int]:
    start = rng.randint(0, len(data))
    return start, min(len(data), start + rng.randint(0, longest))


def _cut_out(data: bytearray, rng: random.Random) -> bytearray:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def _cut_off(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randint(0, len(data))]


def _doubled(data: bytearray, rng: random.Random) -> bytearray:
    start, end = _span(data, rng)
    return data[:end] + data[start:]


def _moved(data: bytearray, rng: random.Random) -> bytearray:
    start, end = _span(data, rng)
    piece, rest = data[start:end], data[:start] + data[end:]
    at = rng.randint(0, len(rest))
    return rest[:at] + piece + rest[at:]


def _flipped(data: bytearray, rng: random.Random) -> bytearray:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _put_in(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(TOKENS) + data[at:]


_ACCIDENTS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    _cut_out, _cut_off, _doubled, _moved, _flipped, _put_in, _put_in,
)  # fmt: skip


def write(folder: Path, number: int, seed: Seed, data: bytes) -> Path:
    """The file below `exports/<kind>/`, under a name of its own."""
    path = folder / "exports" / seed.kind / f"{number:05d}-{seed.name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
