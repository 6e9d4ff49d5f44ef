"""One run, start to end: the stages in order, as plain functions. The CLI and Dagster call these and nothing below them."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from cxreports import __version__
from cxreports.analysis.expectation import expected
from cxreports.analysis.flow import flows
from cxreports.analysis.measure import Measurer
from cxreports.analysis.publication import Recorder
from cxreports.analysis.reconcile import Reconciliation, reconcile
from cxreports.analysis.renewed import Renewed, renewed
from cxreports.analysis.restatement import since_last_issue
from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.errors import MissingToolError, NoDataError, QuestionError, SettingsError, did_you_mean
from cxreports.intake import privacy
from cxreports.intake.arrivals import SeenObject
from cxreports.intake.intake import take_in
from cxreports.intake.masking.mask import KINDS
from cxreports.key import read_key
from cxreports.lake import build, landing, view
from cxreports.lake.engine import Connection, allow_spill, bound_memory, connect, one, rows
from cxreports.lake.published import publish, published, visible_to
from cxreports.lake.schema_drift import changes
from cxreports.lake.store import Commit, Lake
from cxreports.lake.write import Basis, changed_parts, commit_new
from cxreports.reports.context import Release, ReportContext
from cxreports.reports.render import render_html, render_pdf
from cxreports.reports.report import Report, build_weekly
from cxreports.sentiment.checks import read_checks
from cxreports.sentiment.choose import choose
from cxreports.sentiment.scorer import Scorer
from cxreports.settings import Settings, read_settings
from cxreports.zones import midnight

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Project:
    """A user's project: folder, settings, definitions and lake."""

    folder: Path
    settings: Settings
    catalogue: Catalogue
    lake: Lake
    key: bytes

    @property
    def basis(self) -> Basis:
        """What core and outcome tables are computed with."""
        region = self.settings.privacy.phone_region
        tokens = (privacy.pseudonym("phone", number, self.key, region) for number in self.settings.identity.switchboards)
        params = {**build.build_params(self.settings), "scorer": self.scorer.name if self.scorer else ""}
        return Basis(self.catalogue, params, tuple(t for t in tokens if t), privacy.key_check(self.key), self.scorer)

    @cached_property
    def scorer(self) -> Scorer | None:
        """What scores moods where a source does not; None where the settings ask for none."""
        return choose(self.settings.sentiment, self.folder)


@dataclass(frozen=True)
class RunResult:
    """What one run did. `changed`: newly written parts per table; empty when nothing was new."""

    commit: Commit
    files: int
    records: int
    quarantined: int
    changed: Mapping[str, int]


def open_project(folder: Path) -> Project:
    """Read settings and definitions; raises with every fault at once."""
    settings = read_settings(folder)
    return Project(folder, settings, read_catalogue(folder), Lake(folder / "lake"), read_key(settings, folder))


def end_of_day(day: date, settings: Settings) -> datetime:
    """The last second of a local day, as a UTC instant: `--as-of DATE` includes all that arrived on that day."""
    return midnight(day + timedelta(days=1), settings.project.zone) - timedelta(seconds=1)


def run(project: Project, as_of: datetime, tell: Tell, now: datetime | None = None) -> RunResult:
    """Load what is new at `as_of`, compute what it changes, commit. Running again with nothing new changes nothing.

    `now` is the machine's clock, so that files that are still being written are left alone; without it none counts as such.
    """
    with project.lake.lock(), project.lake.scratch() as scratch, closing(connect()) as con:
        head = project.lake.head()
        refuse_another_key(project, head)
        refuse_the_past(head, as_of)
        bound_memory(con)
        seen = landing.known_files(con, project.lake, head)
        objects = seen_objects(con)
        basis = (project.folder, project.settings, project.catalogue, project.key)
        take_in(con, *basis, seen, as_of, tell, now, scratch=scratch, objects=objects)
        allow_spill(con, project.lake.root / "spill")
        tell("computing interactions and outcomes")
        commit = commit_new(con, project.lake, head, project.basis, as_of)
        return RunResult(commit, *new_counts(con), changed_parts(head, commit))


def seen_objects(con: Connection) -> dict[tuple[str, str], SeenObject]:
    """What stores are known to hold, by source and URL. `stg_…` must be attached."""
    return {(row[0], row[1]): SeenObject(*row) for row in landing.known_objects(con)}


def refuse_the_past(head: Commit | None, as_of: datetime) -> None:
    """QuestionError where the lake already stands later than that instant."""
    if head and as_of < head.as_of_instant:
        raise QuestionError(
            f"as of {as_of.isoformat()} lies before the last run ({head.as_of}); its reports can be made again "
            "with 'report --as-of', but nothing is loaded into the past"
        )


def refuse_another_key(project: Project, head: Commit | None) -> None:
    """SettingsError where the lake's pseudonyms were made with another key: every customer would become a stranger unnoticed."""
    if head is None or head.key_check in (None, privacy.key_check(project.key)):
        return
    if privacy.added_since(project.key, str(head.key_check)):
        raise SettingsError("the key has a new line that the lake does not know yet: 'cxreports key rotate' applies it")
    place = project.settings.privacy
    raise SettingsError(
        f"the pseudonym key is not the one that {project.lake.root} was made with: every customer would become a stranger, and "
        f"every figure about coming back would be wrong. Put the right key into {place.key_env} or {place.key_file}; to change a "
        "key, 'cxreports key rotate'."
    )


def open_view(project: Project, as_of: datetime | None = None) -> view.View:
    """The lake as known at `as_of` (default: at the last run)."""
    head = project.lake.head()
    if head is None:
        raise NoDataError(f"{project.lake.root}: nothing has been loaded yet; 'cxreports run' does")
    refuse_another_key(project, head)
    b = project.basis
    return view.open_view(project.lake, b.catalogue, b.params, b.switchboards, as_of or head.as_of_instant, b.scorer)


def measurer(project: Project, as_of: datetime | None = None) -> Measurer:
    """Answers questions about the lake as known at `as_of`."""
    checked = json.dumps(read_checks(project.folder / project.settings.sentiment.checked), sort_keys=True)
    params = {**project.basis.params, "checked_scorers": checked}
    return Measurer(open_view(project, as_of), project.catalogue, project.settings, params)


def settings_faults(project: Project) -> list[str]:
    """Targets, variants and scored sources that name nothing there is."""
    known, variants = project.catalogue, project.settings.variants
    faults = [
        f"cxreports.toml: targets.{name}: is no metric; {did_you_mean(name, known.names(variants))}"
        for name in project.settings.targets
        if name not in known.names(variants)
    ]
    named = project.settings.sentiment.sources
    faults += [
        f"cxreports.toml: sentiment.sources: '{name}' is no source; {did_you_mean(name, list(project.settings.sources))}"
        for name in (() if isinstance(named, str) else named)
        if name not in project.settings.sources
    ]
    for name in variants:
        try:
            known.metric(name, variants)
        except QuestionError as error:
            faults += [f"cxreports.toml: variants.{name}: {fault}" for fault in error.faults]
    return faults


REPORTS = {"weekly": build_weekly}
ROWS_TOLD = 20  # of those that moved a figure since the last issue; `restated` lists all


@dataclass(frozen=True)
class ReportFiles:
    """A report as written. `pdf` is None where the operating system cannot draw pages; `fault` then says what to do."""

    report: Report
    json: Path
    html: Path
    pdf: Path | None
    fault: str


def week_of(period: str) -> date:
    """The Monday of an ISO week such as 2026-W46."""
    if not re.fullmatch(r"\d{4}-W\d{2}", period):
        raise QuestionError(f"'{period}' is no ISO week; write it as 2026-W46")
    try:
        return date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
    except ValueError:
        raise QuestionError(f"'{period}': that year has no such week") from None


def last_full_week(as_of: datetime, settings: Settings) -> str:
    """The newest ISO week that had ended on the local day of that instant."""
    day = as_of.astimezone(settings.project.zone).date()
    return f"{day - timedelta(days=day.isoweekday()):%G-W%V}"


def report(project: Project, name: str, period: str, as_of: datetime | None = None) -> ReportFiles:
    """Build and write a report of a period as known at `as_of`: report.json, HTML, PDF, in a folder of their own.

    Its figures are entered into the lake's ledger first. LockedError where they are new and a run holds the lake.
    """
    if name not in REPORTS:
        raise QuestionError(f"'{name}' is no report; {did_you_mean(name, list(REPORTS))}")
    m = measurer(project, as_of)
    recorder = Recorder(m)
    entries = visible_to(published(project.lake), name, period, m.view.as_of)
    changed = partial(since_last_issue, recorder, entries, partial(measurer, project), ROWS_TOLD)
    fresh = renewed(entries, project.catalogue, project.settings.variants, m.view.as_of)
    context = replace(_context(project, recorder, fresh), changed=changed)
    built = REPORTS[name](context, week_of(period))
    text, html = json.dumps(built, indent=1, sort_keys=True, ensure_ascii=False) + "\n", render_html(built)
    pdf, fault = _pages(built)
    # Before anybody can read them; killed after it, the same command completes it.
    publish(project.lake, recorder.figures(name, period))
    local = m.view.as_of.astimezone(project.settings.project.zone)
    folder = project.folder / "reports" / name / period / f"as-of-{local:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    files = {"json": folder / "report.json", "html": folder / f"{name}-{period}.html", "pdf": folder / f"{name}-{period}.pdf"}
    files["json"].write_text(text, encoding="utf-8")
    files["html"].write_text(html, encoding="utf-8")
    if pdf:
        files["pdf"].write_bytes(pdf)
    return ReportFiles(built, files["json"], files["html"], files["pdf"] if pdf else None, fault)


def earlier_name(project: Project, metric: str, as_of: datetime) -> str:
    """Under which name the metric is measured by the version before, while both are told; else empty."""
    known = [e for e in published(project.lake) if e.as_of <= as_of and e.metric == metric]
    found = renewed(known, project.catalogue, project.settings.variants, as_of).get(metric)
    return found.earlier if found else ""


def _pages(built: Report) -> tuple[bytes, str]:
    """The PDF, or why this machine cannot make one."""
    try:
        return render_pdf(built), ""
    except MissingToolError as error:
        return b"", str(error)


def _context(project: Project, recorder: Recorder, fresh: Mapping[str, Renewed]) -> ReportContext:
    m, names = recorder.measurer, [r.earlier for r in fresh.values() if r.earlier]
    accounts = view.accounts(m.view)
    zone, variants = project.settings.project.zone, project.settings.variants
    return ReportContext(
        project=project.settings.project.name,
        timezone=project.settings.project.timezone,
        as_of=m.view.as_of,
        data_through={a.source: a.data_through for a in accounts if a.data_through},
        measure=recorder.measure,
        probe=m.measure,
        expect=partial(expected, m),
        metrics={name: m.header_of(name) for name in [*project.catalogue.names(variants), *names]},
        renewed=fresh,
        targets=project.settings.targets,
        releases=[
            Release(
                r["released_at"].astimezone(zone).date(), r["component"] or "", r["version"] or "", r["channel"] or "",
                r["region"] or "", r["description"] or "",
            )
            for r in rows(m.view.con, "from core_releases order by released_at, release_id")
        ],
        accounts=accounts,
        quarantine=view.quarantine(m.view),
        drift=changes(m.view),
        versions=_versions(project, m.view),
        masked=_by_kind(view.masked(m.view)),
        reconcile=_reconciling(project, m.view),
        flow=lambda start, end: flows(m, [], start, end),
    )  # fmt: skip


def _by_kind(found: list[dict[str, object]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in found:
        counts[str(row["kind"])] += int(str(row["n"]))
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def _reconciling(project: Project, v: view.View) -> Callable[[date, date], Reconciliation] | None:
    says = any(source.expect or source.control for source in project.settings.sources.values())
    return (lambda start, end: reconcile(v, project.settings, None, start, end)) if says else None


def _versions(project: Project, v: view.View) -> dict[str, str]:
    """What a figure of this report can be traced to."""
    files = [str(r["file_id"]) for r in rows(v.con, "select file_id from stg_files order by file_id")]
    return {
        "cxreports": __version__,
        "settings": _digest(project.settings.model_dump_json()),
        "definitions": project.catalogue.digest[:16],
        "inputs": f"{len(files)} files, {_digest(*files)}",
    }


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def new_counts(con: Connection) -> tuple[int, int, int]:
    """Files, records and quarantined records that intake has just read."""
    row = one(
        con, "select (select count(*) from new_files), count(*), count(*) filter (where reason is not null) from new_records"
    )
    return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)
