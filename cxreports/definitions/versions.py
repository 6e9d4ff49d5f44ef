"""Which text of a definition a version stands for: a lock file of digests, committed beside the definitions.

    metrics/csat 1 5f0c…              one line per definition and version; a new version adds a line, the old one stays
    metrics/csat 1 9a1e… by team, too  the same version with another text: whoever accepted it says why no figure moves

Ours is sql/versions.lock; a project's own definitions, variants and settings stand in its versions.lock. Reading, comparing and
writing lines; what a definition computes is no concern of this module.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.definitions.definition import Definition, MetricHeader, TableHeader
from cxreports.definitions.resources import resource_dir
from cxreports.errors import DefinitionError
from cxreports.evaluation_settings import items_json
from cxreports.settings import Settings

FILE = "versions.lock"
IS_RELEASED = False  # until 0.1.0 is out nobody has published a figure of ours: a changed text takes the place of the old one
COMMAND = "python -m cxreports.definitions.versions"  # for the definitions that come with cxreports
_LINE = re.compile(r"(\S+) (\d+) ([0-9a-f]{64})(?: (\S.*))?")
# Settings that are definitions. Calendars, sources and switchboards are facts of the world: they change with it.
SETTINGS = ("timezone", "history_starts", "shared_limit", "forward_minutes", "window_days", "quiet_days", "settle_days")
INTENTS = ("thanks_intents", "failure_intents")  # as well, where the project names any
MAPPINGS = ("handoffs", "evaluations", "sentiment")  # what a project's own words and questions mean, who scores moods; if any


@dataclass(frozen=True)
class Line:
    """One accepted text of one version. `why`: why it moves no figure, where the version had another text before."""

    name: str
    version: int
    digest: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version} {self.digest}{f' {self.why}' if self.why else ''}"


def read_lock(path: Path) -> list[Line]:
    """The lines of a lock file, none where there is no file; DefinitionError names every line that is none."""
    if not path.is_file():
        return []
    lines, faults = [], []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text.startswith("#") or not text.strip():
            continue
        if match := _LINE.fullmatch(text):
            lines.append(Line(match[1], int(match[2]), match[3], match[4] or ""))
        else:
            faults.append(f"{path.name}:{number}: is no line of a lock file; restore it from version control")
    if faults:
        raise DefinitionError(faults)
    return lines


def write_lock(path: Path, lines: Iterable[Line]) -> None:
    """Write the lines, sorted by name and version; texts of one version stay in their order."""
    ordered = sorted(dict.fromkeys(lines), key=lambda line: (line.name, line.version))
    head = "# Which text each version of a definition stands for. 'cxreports check --accept' adds lines; none is ever changed.\n"
    draft = path.with_name(f".draft-{path.name}")
    draft.write_text(head + "".join(f"{line}\n" for line in ordered), encoding="utf-8")
    draft.replace(path)


def faults_of(current: Sequence[Line], known: Sequence[Line], is_project: bool = False) -> list[str]:
    """What was changed under a version that stands for something else already, and what no line knows yet."""
    texts: dict[tuple[str, int], set[str]] = {}
    newest: dict[str, int] = {}
    for line in known:
        texts.setdefault((line.name, line.version), set()).add(line.digest)
        newest[line.name] = max(line.version, newest.get(line.name, 0))
    return [fault for line in current if (fault := _fault(line, texts, newest, is_project))]


def _fault(line: Line, texts: Mapping[tuple[str, int], set[str]], newest: Mapping[str, int], is_project: bool) -> str:
    accepted = texts.get((line.name, line.version))
    command = "'cxreports check" if is_project else f"'{COMMAND}"
    if accepted is None:
        if line.version < newest.get(line.name, 0):
            return f"{_place(line.name)}: version {line.version} is older than {newest[line.name]}, which was accepted before"
        return f"{_place(line.name)}: version {line.version} stands in no {FILE} yet; {command} --accept' writes it down"
    if line.digest in accepted:
        return ""
    if line.version < newest[line.name]:
        return f"{_place(line.name, line.version)}: was changed; a version that was kept stays as it was: restore it"
    return (
        f"{_place(line.name)}: was changed, and its version is still {line.version}. Raise '{_field(line.name)}' to "
        f"{newest[line.name] + 1}{_keep(line)}, then {command} --accept'; if no figure can move by it, "
        f'{command} --accept --same "why"\''
    )


def _place(name: str, version: int | None = None) -> str:
    """Where a person finds the definition of that name; with a version, the file that was kept of it."""
    if name.startswith(("variants/", "journeys/")):
        return f"cxreports.toml: {name.replace('/', '.', 1)}"
    if name == "settings":
        return f"cxreports.toml: one of {', '.join((*SETTINGS, *INTENTS, *MAPPINGS))}"
    return f"sql/{name}{'' if version is None else f'@{version}'}.sql"


def _field(name: str) -> str:
    return "project.figures_version" if name == "settings" else "version"


def _keep(line: Line) -> str:
    return f" (and keep the old file as sql/{line.name}@{line.version}.sql)" if line.name.startswith("metrics/") else ""


def accepted(current: Sequence[Line], known: Sequence[Line], same: str = "") -> list[Line]:
    """The lines to add. A changed text under an old version is only accepted with a reason (`same`) why no figure moves."""
    versions = {(line.name, line.version) for line in known}
    texts = {(line.name, line.version, line.digest) for line in known}
    added = []
    for line in current:
        if (line.name, line.version, line.digest) in texts:
            continue
        if (line.name, line.version) not in versions:
            added.append(line)
        elif same:
            added.append(Line(line.name, line.version, line.digest, same))
    return added


def lines_of(catalogue: Catalogue, roots: Sequence[str] | None = None) -> list[Line]:
    """One line per metric and computed table; `roots` keeps those whose place is among them."""
    definitions: list[Definition[TableHeader] | Definition[MetricHeader]] = [
        *catalogue.tables.values(), *catalogue.metrics.values(), *catalogue.earlier.values()
    ]  # fmt: skip
    found = [
        Line(d.where.removeprefix("sql/").removesuffix(".sql").partition("@")[0], d.header.version, figure_digest(d))
        for d in definitions
        if roots is None or d.where in roots
    ]
    return sorted(found, key=lambda line: (line.name, line.version))


def settings_lines(settings: Settings) -> list[Line]:
    """The project's variants and journeys, and the settings that decide how all figures are computed."""
    s = settings
    values = {
        "timezone": s.project.timezone, "history_starts": str(s.project.history_starts), "settle_days": s.project.settle_days,
        "shared_limit": s.identity.shared_limit, **s.repeat.model_dump(),
    }  # fmt: skip
    said = {k: values[k] for k in SETTINGS} | {k: values[k] for k in INTENTS if values[k]}
    variants = [Line(f"variants/{name}", v.version, _digest([v.metric, v.params])) for name, v in sorted(s.variants.items())]
    words = {k: v for k, v in s.handoffs.model_dump().items() if v}
    mapped = {"handoffs": words, "evaluations": items_json(s.evaluations) if s.evaluations else ""}
    mapped["sentiment"] = s.sentiment.model_dump_json(exclude={"checked"}) if s.sentiment.is_on else ""
    said |= {k: str(mapped[k]) for k in MAPPINGS if mapped[k]}
    journeys = [
        Line(f"journeys/{name}", j.version, _digest(j.model_dump(exclude={"title", "owner", "version"})))
        for name, j in sorted(s.journeys.items())
    ]
    return [Line("settings", s.project.figures_version, _digest(said)), *variants, *journeys]


def project_lines(folder: Path, catalogue: Catalogue, settings: Settings) -> list[Line]:
    """What a project's own lock file must know: its files under sql/, its variants, its settings."""
    own = [f"sql/{p.parent.name}/{p.name}" for p in sorted((folder / "sql").glob("*/*.sql"))]
    return [*lines_of(catalogue, own), *settings_lines(settings)]


def project_faults(folder: Path, catalogue: Catalogue, settings: Settings) -> list[str]:
    """Changed definitions of a project that has a lock file; its definitions in place of ours need a version of their own."""
    if not (folder / FILE).is_file():
        return []
    own = read_lock(folder / FILE)
    taken = {(line.name, line.version) for line in own}
    ours = [line for line in our_lock() if (line.name, line.version) not in taken]
    return faults_of(project_lines(folder, catalogue, settings), [*own, *ours], is_project=True)


def our_lock() -> list[Line]:
    """The lines of the lock file that comes with cxreports."""
    return read_lock(resource_dir("sql") / FILE)


def accept_project(folder: Path, catalogue: Catalogue, settings: Settings, same: str = "") -> list[Line]:
    """Add to the project's lock file what it does not know yet; the lines that were added."""
    own = read_lock(folder / FILE)
    added = accepted(project_lines(folder, catalogue, settings), own, same)
    write_lock(folder / FILE, [*own, *added])
    return added


def accept_ours(same: str = "") -> list[str]:
    """Add to our lock file what it does not know yet, or write it anew before the first release; what cannot be accepted so."""
    known, current = our_lock(), lines_of(read_catalogue())
    lines = [*known, *accepted(current, known, same)] if IS_RELEASED else current
    write_lock(resource_dir("sql") / FILE, lines)
    return faults_of(current, lines)


def figure_digest(definition: Definition[MetricHeader] | Definition[TableHeader]) -> str:
    """Digest of all that decides figures: SQL without comments and layout, parameters, variants, units. No words."""
    h = definition.header
    deciding: dict[str, object] = {"sql": _bare(definition.sql), "params": h.params}
    if isinstance(h, MetricHeader):
        if h.is_level:
            deciding["is_level"] = True
        if h.parts != 1:
            deciding["parts"] = h.parts
        variants = {name: {k: v for k, v in params.items() if k != "title"} for name, params in h.variants.items()}
        deciding |= {
            "kind": h.kind, "unit": h.unit, "grain": h.grain, "min_n": h.min_n, "part": h.part, "window": h.window,
            "needs": sorted(h.needs), "variants": variants,
        }  # fmt: skip
    else:
        deciding |= {"entity": h.entity, "day": h.day, "types": {name: doc.type for name, doc in h.columns.items()}}
    return _digest(deciding)


def _bare(sql: str) -> str:
    """The statement without comments, blanks folded; texts in quotes stay as they are."""
    pieces = re.split(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*)", sql)
    kept = [p for p in pieces if not p.startswith("--")]
    return " ".join(word for p in kept for word in ([p] if p[:1] in ("'", '"') else p.split()))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """`--accept [--same WHY]` adds to our lock file; without, only tells what it does not know. Exit code 1 if anything is."""
    same = arguments[2] if arguments[1:2] == ["--same"] and len(arguments) == 3 else ""
    faults = accept_ours(same) if arguments[:1] == ["--accept"] else faults_of(lines_of(read_catalogue()), our_lock())
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
