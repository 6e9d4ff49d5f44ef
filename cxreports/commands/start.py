"""A new project: make one, try the samples, check what was written."""

import shutil
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cxreports.commands.telling import stop_if, tell
from cxreports.new_project import make_project, random_key
from cxreports.options import HERE, ProjectDir
from cxreports.printing import visible

app = typer.Typer()


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
    result = pipeline.run(project, as_of, tell)
    files = pipeline.report(project, "weekly", "2026-W47", as_of)
    printing.print_run(result, project.folder)
    print(f"\n{files.report['headline']}\n")
    printing.print_files(files)
    me = "./cx" if Path("cx").is_file() else "cxreports"  # from a checkout, or installed
    print(f"\nLook further, for example:\n  {me} measure trapped --by channel,region --period 2026-W46 --project {folder}")
    print(f"  {me} explain trapped --where channel=chat --where region=north --period 2026-W46 --project {folder}")
    print(f"  {me} journeys --from 2026-09-07 --to 2026-11-16 --project {folder}")
    print(f"  {me} ui --project {folder}")
    stop_if(files.fault)


@app.command()
def check(
    project: ProjectDir = HERE,
    accept: Annotated[bool, typer.Option("--accept", help="Write new versions of definitions into versions.lock.")] = False,
    same: Annotated[str, typer.Option("--same", help="With --accept: why what was changed moves no figure.")] = "",
) -> None:
    """Check settings, definitions and sources; loads nothing. Exit code 1 when something is wrong."""
    from cxreports import pipeline
    from cxreports.definitions import versions
    from cxreports.intake.check import check_sources, local_paths

    opened = pipeline.open_project(project)
    if accept:
        for line in versions.accept_project(project, opened.catalogue, opened.settings, same):
            print(visible(f"accepted: {line.name}, version {line.version}"))
    faults = pipeline.settings_faults(opened) + check_sources(project, opened.settings, opened.catalogue)
    faults += versions.project_faults(project, opened.catalogue, opened.settings)
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
