"""`cxreports.toml` → one frozen Settings. Unknown keys are refused with the nearest known one, all faults at once."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from cxreports.errors import SettingsError, did_you_mean
from cxreports.evaluation_settings import EvaluationItemSettings
from cxreports.journey_settings import JourneySettings
from cxreports.opening_hours import ScheduleSettings, Weekday
from cxreports.person_requests import HandoffSettings
from cxreports.quantities import Quantity
from cxreports.sentiment_settings import SentimentSettings
from cxreports.toml_lines import Place, lines_of
from cxreports.zones import known_zone, midnight

FILE = "cxreports.toml"
Scalar = str | int | float | bool
_SCALARS = ("str", "int", "float", "bool")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ProjectSettings(_Part):
    """Who reports, and in which local time."""

    name: str
    timezone: str
    history_starts: date | None = None  # interactions that began before that local day are loaded and not computed
    figures_version: int = Field(default=1, ge=1)  # to be raised with a setting that decides figures (versions.lock)
    settle_days: int = Field(default=1, ge=0, le=30)  # late data is expected for so many days after a day has ended

    _zone = field_validator("timezone")(known_zone)

    @property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(self.timezone)

    @property
    def history_instant(self) -> datetime | None:
        """`history_starts` as a UTC instant."""
        return midnight(self.history_starts, self.zone) if self.history_starts else None


class PrivacySettings(_Part):
    """How people are hidden before anything is stored. The key itself never stands in the settings."""

    key_env: str = "CXREPORTS_KEY"
    key_file: str = "pseudonym.key"
    phone_region: str | None = None  # ISO country for numbers written without a country code
    national_ids: tuple[str, ...] = ("GB", "US")


class IdentitySettings(_Part):
    """Which identifiers are believed to name one customer."""

    shared_limit: int = Field(default=3, ge=1)  # a number used by more accounts than this never links
    switchboards: tuple[str, ...] = ()  # numbers that never link, however few accounts use them


class RepeatSettings(_Part):
    """When a later interaction counts as a repeat of an earlier one, and when an episode is over."""

    window_days: int = Field(default=7, ge=1, le=30)
    forward_minutes: int = Field(default=15, ge=0, le=240)
    quiet_days: int = Field(default=7, ge=0, le=90)
    thanks_intents: tuple[str, ...] = ()  # intents of messages that only say thanks: neither a repeat nor a matter of their own
    failure_intents: tuple[str, ...] = ()  # intents that are failure demand in themselves: where is my order, not working again


class StorageSettings(_Part):
    """How the store of a source is reached. Secrets never stand here: S3 takes its credentials from where every AWS program
    looks for them; for SFTP, the names of environment variables may be given."""

    endpoint_url: str | None = None  # S3: a server other than Amazon's
    profile: str | None = None  # S3: of the AWS configuration
    region: str | None = None  # S3
    username: str | None = None  # SFTP, as are all below
    key_file: str | None = None  # private key
    known_hosts: str | None = None  # file of the hosts' keys; default: the user's own
    password_env: str | None = None
    passphrase_env: str | None = None  # of the key file


class ExpectSettings(_Part):
    """When files of a source should come, by the time of delivery in their path."""

    every: Literal["hour", "day"]  # hours are of UTC, days are local
    first: date  # first local day
    closed_weekdays: tuple[Weekday, ...] = ()
    closed_days: tuple[date, ...] = ()
    max_lateness_hours: int = Field(default=24, ge=0)  # after the end of the hour or day; before, nothing is missing


class ControlSettings(_Part):
    """Another system's own totals of a source, loaded as `period_counts` by a source of their own."""

    totals: str  # that source
    # the totals' measure → what it is compared with; times in seconds
    measures: dict[str, Quantity]
    tolerance: int = Field(default=0, ge=0)  # a smaller or equal difference agrees


class SourceSettings(_Part):
    """One stream of export files. `kind` names a definition in sql/sources, or is 'table' with columns of its own."""

    kind: str
    path: str
    timezone: str | None = None  # zone of times that carry none; without it such times are refused
    delivered: str | None = None  # strptime pattern of the delivery time (UTC) within the path, e.g. "%Y/%m/%d/%H"
    params: dict[str, Scalar] = Field(default_factory=dict)
    table: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    version: str | None = None  # kind = "table": an expression for the version's time; newest wins
    where: str | None = None  # kind = "table": a condition; records that do not meet it count as loaded and give no row
    format: Literal["csv", "json", "xlsx", "parquet"] | None = None  # default: by the file's name
    encoding: str = "utf-8"
    settle_seconds: int = Field(default=0, ge=0)  # a file that changed so recently is left for the next run; 0: none is
    ended: date | None = None  # last day of a source that is gone for good: it then holds no window back
    max_quarantined: float | None = Field(default=None, ge=0, le=1)  # share of a run's records that fails the run
    keep: tuple[Annotated[str, Field(min_length=1)], ...] = ()  # fields that nothing reads and whose values are kept, masked
    since: date | datetime | None = None  # files delivered before (a local date: its midnight) are never opened
    storage: StorageSettings = StorageSettings()
    expect: ExpectSettings | None = None
    control: ControlSettings | None = None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else known_zone(value)

    @field_validator("since")
    @classmethod
    def _instant(cls, value: date | datetime | None) -> date | datetime | None:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("a time needs an offset, as in 2026-11-16T06:00:00Z; a date alone begins at its local midnight")
        return value

    def since_instant(self, zone: ZoneInfo) -> datetime | None:
        """`since` as a UTC instant."""
        if self.since is None or isinstance(self.since, datetime):
            return self.since and self.since.astimezone(UTC)
        return midnight(self.since, zone)


class VariantSettings(BaseModel):
    """A named variant of a metric: the metric, and the parameters that differ (`params` is every other key)."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)
    __pydantic_extra__: dict[str, Scalar] = Field(init=False)

    metric: str
    version: int = Field(default=1, ge=1)

    @property
    def params(self) -> dict[str, Scalar]:
        """The parameters that differ from the metric's own."""
        return dict(self.model_extra or {})


class TargetSettings(_Part):
    """What a metric should reach. Rates from 0 to 1, durations in seconds."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("needs either at_least or at_most")
        return self

    @property
    def limit(self) -> float | None:
        """The value that should be reached or kept below."""
        return self.at_least if self.at_least is not None else self.at_most


class Settings(_Part):
    """All of `cxreports.toml`. Frozen; read once per command and passed down."""

    project: ProjectSettings
    privacy: PrivacySettings = PrivacySettings()
    identity: IdentitySettings = IdentitySettings()
    repeat: RepeatSettings = RepeatSettings()
    handoffs: HandoffSettings = HandoffSettings()
    evaluations: dict[str, EvaluationItemSettings] = Field(default_factory=dict)
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    variants: dict[str, VariantSettings] = Field(default_factory=dict)
    targets: dict[str, TargetSettings] = Field(default_factory=dict)
    sentiment: SentimentSettings = SentimentSettings()
    schedules: dict[str, tuple[ScheduleSettings, ...]] = Field(default_factory=dict)  # several blocks: one after the other
    journeys: dict[str, JourneySettings] = Field(default_factory=dict)

    @field_validator("schedules", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: [block] if isinstance(block, dict) else block for name, block in value.items()}


def read_settings(project_dir: Path) -> Settings:
    """The settings of the project in that folder; SettingsError lists every fault with its line."""
    path = project_dir / FILE
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; 'cxreports init {project_dir}' writes a first one")
    text = text_of(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{FILE}: {error}") from None
    except RecursionError:
        raise SettingsError(f"{FILE}: is nested too deeply") from None
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        lines = lines_of(text)
        faults = (_fault(lines, e) for e in error.errors(include_input=False, include_url=False))
        raise SettingsError(list(dict.fromkeys(faults))) from None


def text_of(path: Path) -> str:
    """The text of a file that people write; a byte order mark is no part of it. SettingsError where it is not UTF-8."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path.name}:{line}: is not UTF-8 text; save the file as UTF-8") from None


def _fault(lines: Mapping[Place, int], error: ErrorDetails) -> str:
    loc = tuple(str(part) for part in error["loc"])
    is_union = error["type"].endswith("_type") and loc[-1] in _SCALARS and loc not in lines
    loc = loc[:-1] if is_union else loc
    loc = tuple(part for n, part in enumerate(loc) if not part.isdigit() or loc[: n + 1] in lines)  # one block is no list
    at = f"{FILE}:{_line_of(lines, loc)}: {'.'.join(loc)}"
    if is_union:
        return f"{at}: must be a text, a number, true or false"
    if error["type"] == "extra_forbidden":
        return f"{at}: unknown setting; {did_you_mean(loc[-1], _known_keys(error['loc']))}"
    if error["type"] == "missing":
        return f"{at}: is required"
    return f"{at}: {error['msg'].removeprefix('Value error, ')}"


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """Names allowed at the place where an unknown one stood."""
    model: Any = Settings
    for part in (p for p in loc[:-1] if isinstance(p, str)):
        fields = getattr(model, "model_fields", {})
        if str(part) in fields:
            annotation = fields[str(part)].annotation
            model = getattr(annotation, "__args__", (None, annotation))[1] if _is_dict(annotation) else annotation
            model = model.__args__[0] if getattr(model, "__origin__", None) is tuple else model
    return list(getattr(model, "model_fields", {}))


def _is_dict(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is dict


def _line_of(lines: Mapping[Place, int], loc: Place) -> int:
    """The line where a setting stands, or that of what it would stand in; 1 where that is absent, too."""
    return next((lines[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in lines), 1)
