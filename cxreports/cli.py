"""Figures of a contact centre from its export files, with interval, state and the way back to the rows.

Begin with 'cxreports demo', or with 'cxreports init DIR', then check, run and report.
"""

# Parse, call, print, exit. Results on stdout, progress on stderr; heavy imports stay inside the commands.

import os
import shutil
import signal
import sys
import traceback
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cxreports import __version__
from cxreports.errors import CxError, MissingToolError
from cxreports.new_project import make_project, random_key
from cxreports.options import (
    HERE,
    AsOf,
    By,
    Format,
    From,
    Json,
    Metric,
    OneSource,
    Period,
    ProjectDir,
    To,
    date_of,
    days_of,
    format_of,
    instant_of,
    names_of,
    pairs_of,
)  # fmt: skip
from cxreports.printing import visible

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

quarantine = typer.Typer(no_args_is_help=True, help="Records that could not be read: list them, or read them again.")
app.add_typer(quarantine, name="quarantine")
key = typer.Typer(no_args_is_help=True, help="The secret that keys the pseudonyms.")
app.add_typer(key, name="key")
nowcast = typer.Typer(no_args_is_help=True, help="What windowed figures are expected to become, and how good that was.")
app.add_typer(nowcast, name="nowcast")

OS_REFUSES, UNEXPECTED = 18, 70


def main() -> NoReturn:
    """Run the command line; what a person can mend is told without a traceback, with its own exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a long statement would not notice; a run may be killed at any moment
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except CxError as error:
        for fault in error.faults:
            print(f"error: {visible(fault)}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        print(f"error: {visible(str(error.filename or 'this machine'))}: {error.strerror}", file=sys.stderr)
        sys.exit(OS_REFUSES)
    except Exception as error:
        _tell_unexpected(error)
        sys.exit(UNEXPECTED)
    sys.exit(0)


def _tell_unexpected(error: Exception) -> None:
    """Kind and place of an error that nobody foresaw. Not its message, which may hold a customer's data."""
    if os.environ.get("CXREPORTS_DEBUG") == "1":
        traceback.print_exception(error)
        return
    frames = [f for f in traceback.walk_tb(error.__traceback__) if f[0].f_globals.get("__name__", "").startswith("cxreports.")]
    frame, line = frames[-1] if frames else (None, 0)
    place = f"{frame.f_globals['__name__']}:{line}" if frame else "outside cxreports"
    kind = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
    print(f"error: unexpected {kind} at {place}; nothing was stored by this command after its last commit", file=sys.stderr)
    print(
        "  'cxreports doctor --deep' tells whether the lake was damaged. CXREPORTS_DEBUG=1 prints the whole error, which",
        file=sys.stderr,
    )
    print("  may show customers' data.", file=sys.stderr)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to make the project.")]) -> None:
    """Make a project folder: settings, a pseudonym key of its own, a place for exports."""
    from cxreports.definitions.resources import resource_dir

    make_project(folder, resource_dir("templates") / "project" / "cxreports.toml", random_key())
    (folder / "exports").mkdir(exist_ok=True)
    print(f"{folder}: put export files into {folder}/exports, describe them in {folder}/cxreports.toml, then:")
    print(f"  cxreports check --project {folder}")
    print(f"  cxreports run --project {folder}")
    print(f"  cxreports report weekly --project {folder}")


@app.command()
def demo(folder: Annotated[Path, typer.Argument(help="Where to make the sample project.")] = Path("demo")) -> None:
    """Make a project from the samples, run it, and write its weekly report."""
    from cxreports import pipeline, printing
    from cxreports.definitions.resources import resource_dir

    samples = resource_dir("data") / "samples"
    if not (folder / "cxreports.toml").is_file():
        # The people in the samples are invented; a key that everybody knows makes every demo come out the same.
        make_project(folder, samples / "cxreports.toml", "the samples' key is no secret")
        shutil.copytree(samples / "exports", folder / "exports", dirs_exist_ok=True)
    project = pipeline.open_project(folder)
    as_of = pipeline.end_of_day(date(2026, 11, 24), project.settings)
    result = pipeline.run(project, as_of, _tell)
    files = pipeline.report(project, "weekly", "2026-W47", as_of)
    printing.print_run(result, project.folder)
    print(f"\n{files.report['headline']}\n")
    printing.print_files(files)
    me = "./cx" if Path("cx").is_file() else "cxreports"  # from a checkout, or installed
    print(f"\nLook further, for example:\n  {me} measure trapped --by channel,region --period 2026-W46 --project {folder}")
    print(f"  {me} explain trapped --where channel=chat --where region=north --period 2026-W46 --project {folder}")
    print(f"  {me} ui --project {folder}")
    _stop_if(files.fault)


@app.command()
def check(project: ProjectDir = HERE) -> None:
    """Check settings, definitions and sources; loads nothing. Exit code 1 when something is wrong."""
    from cxreports import pipeline
    from cxreports.intake.check import check_sources, local_paths

    opened = pipeline.open_project(project)
    faults = pipeline.settings_faults(opened) + check_sources(project, opened.settings, opened.catalogue)
    for fault in faults:
        print(visible(fault))
    wrong = [f for f in faults if not f.startswith("warning:")]
    if not wrong:
        counts = (len(opened.settings.sources), len(opened.catalogue.tables), len(opened.catalogue.metrics))
        print(f"ok: {counts[0]} sources, {counts[1]} computed tables, {counts[2]} metrics")
        for name, source in opened.settings.sources.items():
            files = local_paths(project, name, opened.settings)
            number = "not looked at, a check stays offline:" if files is None else f"{len(files):,} found at"
            print(visible(f"  {name}: {number} {source.path}"))
        if not opened.settings.sources:
            print("  nothing can be loaded yet: describe a source in cxreports.toml (docs/sources.md says how)")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def run(project: ProjectDir = HERE, as_of: AsOf = "", as_json: Json = False) -> None:
    """Load what is new, compute what it changes. Running again with nothing new changes nothing."""
    from cxreports import pipeline, printing

    opened = pipeline.open_project(project)
    now = datetime.now(UTC)
    result = pipeline.run(opened, instant_of(as_of, opened) or now.replace(microsecond=0), _tell, now)
    printing.print_run(result, opened.folder, as_json)


@app.command()
def measure(
    metric: Metric, project: ProjectDir = HERE, by: By = "", start: From = "", end: To = "", period: Period = "",
    as_of: AsOf = "", form: Format = "table",
    expected: Annotated[bool, typer.Option("--nowcast", help="Beside it, what it will be when its window is over.")] = False,
) -> None:  # fmt: skip
    """A metric over a period, by some groups, with interval and state."""
    from cxreports import pipeline, printing
    from cxreports.analysis.following import nowcasts
    from cxreports.printing.nowcasts import print_beside

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    found = m.measure(metric, names_of(by), first, last)
    header = opened.catalogue.metric(metric, opened.settings.variants)[0].header
    if expected:
        print_beside(found, nowcasts(m, metric, names_of(by), first, last), header.unit, format_of(form))
    else:
        printing.print_measurements(found, header.unit, format_of(form))


@nowcast.command("score")
def nowcast_score(
    metric: Metric, project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "",
    days: Annotated[int, typer.Option("--days", help="Days of a cohort: 1, or 7 as in a weekly report.", min=1, max=31)] = 1,
    form: Format = "table",
    each: Annotated[bool, typer.Option("--each", help="List every past nowcast, too (JSON and CSV: instead).")] = False,
) -> None:  # fmt: skip
    """Past nowcasts against what came true: error, and how often the 95 % interval held the final figure."""
    from cxreports import pipeline
    from cxreports.analysis.nowcast_score import score_history
    from cxreports.printing.nowcasts import print_score

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    print_score(metric, days, score_history(m, metric, days, first, last), format_of(form), each)


@app.command()
def explain(
    metric: Metric, project: ProjectDir = HERE, start: From = "", end: To = "", period: Period = "", as_of: AsOf = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="breakdown=value; may be given more than once.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="Rows to print; 0 for all.", min=0)] = 20,
    form: Format = "table",
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL and its parameters, too.")] = False,
) -> None:  # fmt: skip
    """The rows behind a figure: what each unit counted, why it was left out, and its record (file and position)."""
    from cxreports import pipeline, printing
    from cxreports.analysis.explain import explain as explain_rows

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    found = explain_rows(m, metric, first, last, pairs_of(where or []), limit or None)
    unit = opened.catalogue.metric(metric, opened.settings.variants)[0].header.unit
    printing.print_explanation(found, unit, format_of(form), sql)


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="Which report; so far: weekly.")] = "weekly",
    project: ProjectDir = HERE,
    period: Period = "",
    as_of: AsOf = "",
) -> None:
    """Write a report of a period (default: the last full week) as report.json, HTML and PDF."""
    from cxreports import pipeline, printing

    opened = pipeline.open_project(project)
    instant = instant_of(as_of, opened)
    head = opened.lake.head()
    week = period or pipeline.last_full_week(instant or (head.as_of_instant if head else datetime.now(UTC)), opened.settings)
    files = pipeline.report(opened, name, week, instant)
    print(f"{files.report['headline']}\n")
    printing.print_files(files)
    _stop_if(files.fault)


@app.command()
def accounts(
    project: ProjectDir = HERE, as_of: AsOf = "", as_json: Json = False,
    each_file: Annotated[bool, typer.Option("--files", help="List every file, too.")] = False,
    masked: Annotated[bool, typer.Option("--masked", help="What was masked in words instead: column, kind, how many.")] = False,
    drift: Annotated[bool, typer.Option("--drift", help="Instead: how the fields of the exports have changed.")] = False,
) -> None:  # fmt: skip
    """Per source: received = loaded + duplicate + superseded + quarantined, and every record in quarantine."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    instant = instant_of(as_of, opened)
    if masked:
        printing.print_masked(received.masked(opened, instant), as_json, each_file)
    elif drift:
        printing.print_drift(received.schema_drift(opened, instant), as_json)
    else:
        found, odd = received.file_accounts(opened, instant), received.odd_dates(opened, instant)
        printing.print_accounts(*found, as_json, each_file, *odd)


@app.command()
def sources(
    project: ProjectDir = HERE, source: OneSource = "", as_of: AsOf = "", form: Format = "table", as_json: Json = False,
    metric: Annotated[str, typer.Option("--metric", help="Only this metric or variant.")] = "",
) -> None:  # fmt: skip
    """What arrived from every source, and which metrics can be measured from it: measured, derived, partial or not, and why."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    form = format_of("json" if as_json else form)
    printing.print_sources(*received.sources(opened, metric or None, source or None, instant_of(as_of, opened)), form)


@app.command()
def flow(
    project: ProjectDir = HERE, by: Annotated[str, typer.Option("--by", help="Of day, queue, channel, source.")] = "queue",
    start: From = "", end: To = "", period: Period = "", as_of: AsOf = "", form: Format = "table",
) -> None:  # fmt: skip
    """Offered = answered + abandoned + flowed out + callback + in progress, by queue; what does not fit, row by row."""
    from cxreports import pipeline, printing
    from cxreports.analysis.flow import flows

    opened = pipeline.open_project(project)
    m = pipeline.measurer(opened, instant_of(as_of, opened))
    first, last = days_of(opened, start, end, period, m.view.as_of)
    wanted = names_of(by)
    printing.print_flows(flows(m, wanted, first, last), wanted, format_of(form))


@quarantine.command("list")
def quarantine_list(project: ProjectDir = HERE, source: OneSource = "", as_of: AsOf = "", as_json: Json = False) -> None:
    """Every record that could not be read: where it stands, why, and how it begins (masked)."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    printing.print_quarantine(received.quarantined(opened, source or None, instant_of(as_of, opened)), as_json)


@quarantine.command("retry")
def quarantine_retry(project: ProjectDir = HERE, source: OneSource = "", as_of: AsOf = "", as_json: Json = False) -> None:
    """Read quarantined records again after a definition or a setting was mended; load those that can be read now."""
    from cxreports import pipeline, printing, upkeep

    opened = pipeline.open_project(project)
    instant = instant_of(as_of, opened) or datetime.now(UTC).replace(microsecond=0)
    result = upkeep.retry(opened, instant, _tell, source or None)
    printing.print_retry(result, as_json)


@key.command("rotate")
def key_rotate(project: ProjectDir = HERE) -> None:
    """Add a new key, make every stored pseudonym anew with it, remove the old ones. Changes no figure."""
    from cxreports import pipeline, upkeep

    commit = upkeep.rotate_key(pipeline.open_project(project), random_key())
    print(f"the lake's pseudonyms are made with the new key; it stands at commit {commit.seq}, as of {commit.as_of}")
    print("copies of the lake made before now still hold the old ones: delete them; keep the key, all of its lines")


@app.command()
def reconcile(
    project: ProjectDir = HERE, source: OneSource = "", start: From = "", end: To = "", as_of: AsOf = "", as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 where a file is missing or a total differs.")] = False,
) -> None:  # fmt: skip
    """Hours and days of which no file came, and other systems' totals beside what was loaded. Default: of all expected days."""
    from cxreports import pipeline, printing, received

    opened = pipeline.open_project(project)
    first, last = (date_of("--from", start) if start else None, date_of("--to", end) if end else None)
    found = received.reconcile_sources(opened, source or None, first, last, instant_of(as_of, opened))
    printing.print_reconciliation(found, as_json)
    raise typer.Exit(1 if strict and not found.is_whole else 0)


@app.command()
def compact(project: ProjectDir = HERE) -> None:
    """Join the parts of closed months, so that reading stays fast. Changes no figure."""
    from cxreports import pipeline
    from cxreports.lake.compact import compact as compact_lake

    opened = pipeline.open_project(project)
    with opened.lake.lock():
        before, after = compact_lake(opened.lake)
    print(f"{before} parts before, {after} after")


@app.command()
def doctor(project: ProjectDir = HERE, deep: Annotated[bool, typer.Option("--deep", help="Read every byte.")] = False) -> None:
    """What this machine and this project lack, and what to do about it. Exit code 1 when anything is wrong."""
    from cxreports.doctor import findings

    found = findings(project, deep)
    for is_fine, words in found:
        print(f"{'ok   ' if is_fine else 'wrong'}  {visible(words)}")
    raise typer.Exit(0 if all(is_fine for is_fine, _ in found) else 1)


@app.command()
def ui(
    project: ProjectDir = HERE, port: Annotated[int, typer.Option("--port", help="Where to open it.", min=1, max=65535)] = 3000
) -> None:
    """Open Dagster on this machine (http://127.0.0.1:PORT): schedule, sensor, partitions, backfills."""
    from cxreports import pipeline

    pipeline.open_project(project)
    try:
        from dagster_defs import launch
    except ImportError:
        raise MissingToolError("Dagster is not installed; 'pip install dagster dagster-webserver' adds it") from None
    environment = launch.prepare(project.resolve())
    command = launch.command(port)
    os.execvpe(command[0], command, {**os.environ, **environment})  # noqa: S606


@app.command()
def version() -> None:
    """The version of cxreports."""
    print(__version__)


def _tell(words: str) -> None:
    print(f"  {visible(words)}", file=sys.stderr)


def _stop_if(fault: str) -> None:
    if fault:
        raise MissingToolError(fault)


if __name__ == "__main__":
    main()
