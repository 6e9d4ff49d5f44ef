"""One definition: a TOML header in leading `--` comments, and a SQL body. Reading and checking one file; no SQL runs here."""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cxreports.definitions.breakdowns import INTERACTION_OF, USUAL
from cxreports.errors import DefinitionError, did_you_mean

Scalar = str | int | float | bool
Statistic = Literal["count", "proportion", "mean", "percentile", "composition", "nowcast", "time_percentile", "time_share"]


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    definition: str
    version: int = Field(ge=1)
    params: dict[str, Scalar] = Field(default_factory=dict)
    notes: str = ""


class Example(BaseModel):
    """A worked example: small tables as text, and the rows that must come out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given: dict[str, str]
    params: dict[str, Scalar] = Field(default_factory=dict)
    expect: str


class ColumnDoc(BaseModel):
    """A column of a computed table: `name = ["TYPE", "meaning"]`, or with the rows that ought to have a value as a third:
    a condition over the table's own columns. Without it an empty cell may mean that there is nothing to say."""

    model_config = ConfigDict(frozen=True)

    type: str
    meaning: str
    expected: str = ""


def _column_doc(value: Any) -> Any:
    names = ("type", "meaning", "expected")
    return dict(zip(names, value, strict=False)) if isinstance(value, list) and len(value) in (2, 3) else value


ColumnDocs = dict[str, Annotated[ColumnDoc, BeforeValidator(_column_doc)]]


Framing = Literal["json", "json_zip_member", "json_log_event", "csv", "parquet", "xml"]


class SourceHeader(_Header):
    """An export format: how its files are framed, which landed tables its records fill, how its body is fed.

    Every record is a JSON object, as text, in `records (file_id, position, member, record)`; a row of a CSV or Parquet file is
    an object of its columns. `columns` must stand in every file. `types` names the type that a field's value must fit where it is
    given (a.b in an object, a[].b in the objects of a list): the body's own casts would make NULL of what does not fit.
    """

    system: str
    framing: Framing = "json"
    columns: tuple[str, ...] = ()
    types: dict[str, Literal["number", "time", "boolean"]] = Field(default_factory=dict)
    records_in: str = ""  # JSON pages of an API: the key of the list whose items are the records
    reads_path: bool = False  # the file's path stands in `member`: it says what the records themselves do not
    needs_timezone: bool = False  # the body reads $timezone: the zone of times that carry none
    fills: tuple[str, ...]
    derived: dict[str, str] = Field(default_factory=dict)  # landed column -> which other fact of the source stands for it
    configured: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # parameter that names an attribute -> what it fills
    example: Example


class TableHeader(_Header):
    """A computed table (sql/core, sql/outcomes): one row per `grain`; `entity` names the column whose rows belong together
    (recomputed together when one of them changes); `day` the local date that decides where a row is stored."""

    grain: str
    entity: str
    day: str
    reads: tuple[str, ...]
    columns: ColumnDocs
    example: Example


class MetricHeader(_Header):
    """A metric. Owner, direction, unit and minimum n have no defaults: somebody must have thought about them."""

    subject: str = "Other figures"  # under which the glossary lists it
    question: str
    formula: str
    kind: Statistic
    unit: Literal["count", "percent", "seconds", "score"]
    better: Literal["higher", "lower", "neither"]
    min_n: int = Field(ge=1)
    owner: str
    grain: Literal[
        "interaction",
        "handoff",
        "episode",
        "leg",
        "survey response",
        "judgement",
        "case",
        "period count",
        "journey run",
        "journey step",
    ]
    reads: tuple[str, ...]
    by: tuple[str, ...] = ()  # breakdowns that its body returns, beside the usual ones
    parts: int = Field(default=1, ge=1)  # so many of num make one of the unit: 100 where it counts hundredths
    is_level: bool = False  # what there is at the end of the period's last day ($level_on, $day_end), not what happened in it
    part: str | None = None  # kind = composition: the column whose values share the denominator
    window: str | None = None  # name of the parameter that holds days to wait; such figures ripen
    labelled: bool = False  # a machine may have judged its units: its body then says so, and what people say of them
    # It rests on moods at the end of interactions: whether the scorer's own errors can be taken out of it, or are named only.
    moods: Literal["corrected", "uncorrected"] | None = None
    awaits: str = ""  # the event that its units wait for, in words; its body then says when, and a nowcast can be made
    # Columns (definitions/needs.py) -> words. Empty everywhere: not computable. For full: partial without them. Derived: where
    # the source does not say it itself, what it is derived from.
    needs: dict[str, str] = Field(default_factory=dict)
    for_full: dict[str, str] = Field(default_factory=dict)
    derived: dict[str, str] = Field(default_factory=dict)
    variants: dict[str, dict[str, Scalar]] = Field(default_factory=dict)
    vendor: tuple[str, ...] = ()  # metrics or variants that count the same as a vendor does; `bridge` offers them
    example: Example

    @property
    def scale(self) -> int:
        """What a sum of num is divided by to come to the metric's unit: durations are summed in milliseconds."""
        return 1000 if self.unit == "seconds" else self.parts

    @property
    def known(self) -> str:
        """When its figure is known: `live` as soon as the data is there, `lagging` once a window is over."""
        return "lagging" if self.window or self.grain in ("journey run", "journey step") else "live"

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """All that it can be broken down by: its own, then the usual ones."""
        return tuple(dict.fromkeys((*self.by, *(USUAL if self.grain in INTERACTION_OF else ()))))


H = TypeVar("H", bound=_Header)


@dataclass(frozen=True)
class Definition(Generic[H]):
    """One file of sql/. `name` is its file name (of csat@1.sql: csat); `sql` one statement; `digest` changes with any of it."""

    name: str
    where: str
    header: H
    sql: str
    digest: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the $parameters of the body, in order of appearance."""
        return parameters(self.sql)


def parameters(sql: str) -> tuple[str, ...]:
    """Names of the $parameters in a statement, in order of appearance, strings and comments left out."""
    bare = re.sub(r"'(?:[^']|'')*'|--[^\n]*", "", sql)
    return tuple(dict.fromkeys(re.findall(r"\$([a-z_][a-z0-9_]*)", bare)))


def read_definition(path: Path, header: type[H], where: str) -> Definition[H]:
    """Read and check one file; DefinitionError names every fault in it."""
    text = path.read_text(encoding="utf-8")
    comment, body = _split(text)
    try:
        parsed = header.model_validate(tomllib.loads(comment))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{where}: the header is no TOML: {error}") from None
    except ValidationError as error:
        raise DefinitionError([_fault(where, header, e["loc"], e["type"], e["msg"]) for e in error.errors()]) from None
    if not body.strip():
        raise DefinitionError(f"{where}: there is no SQL below the header")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Definition(path.stem.partition("@")[0], where, parsed, body.strip().rstrip(";"), digest)


def _split(text: str) -> tuple[str, str]:
    """Header comment (without its `-- `) and body."""
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(line[2:].removeprefix(" ") for line in lines[:end]), "\n".join(lines[end:])


def _fault(where: str, header: type[BaseModel], loc: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in loc)
    if kind == "extra_forbidden":
        return f"{where}: '{name}' is not a field of this header; {did_you_mean(str(loc[-1]), list(header.model_fields))}"
    if kind == "missing":
        return f"{where}: '{name}' is missing; it has no default"
    return f"{where}: {name}: {message.removeprefix('Value error, ')}"
