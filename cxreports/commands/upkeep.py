"""Keeping a project well: storage, key, health, Dagster."""

import os
from typing import Annotated

import typer

from cxreports import __version__
from cxreports.errors import MissingToolError
from cxreports.new_project import random_key
from cxreports.options import HERE, ProjectDir
from cxreports.printing import visible

app = typer.Typer()
key = typer.Typer(no_args_is_help=True, help="The secret that keys the pseudonyms.")
app.add_typer(key, name="key")


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


@key.command("rotate")
def key_rotate(project: ProjectDir = HERE) -> None:
    """Add a new key, make every stored pseudonym anew with it, remove the old ones. Changes no figure."""
    from cxreports import pipeline, upkeep

    commit = upkeep.rotate_key(pipeline.open_project(project), random_key())
    print(f"the lake's pseudonyms are made with the new key; it stands at commit {commit.seq}, as of {commit.as_of}")
    print("copies of the lake made before now still hold the old ones: delete them; keep the key, all of its lines")


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
