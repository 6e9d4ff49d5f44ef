"""What the program promises of damaged export files. `python -m tests.fuzz 100` takes so many batches of them through it.

A batch goes through intake, the lake and a report; the first broken promise stops it. Run 17 is always the same files.
"""

import random
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from cxreports import pipeline, received
from cxreports.definitions.catalogue import Catalogue, read_catalogue
from cxreports.errors import InputError
from cxreports.intake.discover import ExportFile
from cxreports.intake.formats import file_records
from tests.mutants import CARD, EMAIL, Seed, mutated, seeds, write

AS_OF = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLANTED = (CARD, CARD.replace(" ", ""), CARD.replace(" ", "-"), EMAIL)
HEAD = """
[project]
name = "Fuzzed"
timezone = "Europe/London"

[privacy]
phone_region = "GB"
"""


def read_promises(catalogue: Catalogue, seed: Seed, path: Path) -> int:
    """Read the file as its kind is read, twice; how many records it has. AssertionError where a promise is broken."""
    header = catalogue.sources[seed.kind].header
    file = ExportFile("it", path.name, path, "id", path.stat().st_size, None)

    def once() -> list[tuple[int, str | None, str, str | None]]:
        found = file_records(file, header.framing, "utf-8", (), header.records_in)  # no column is asked for: none can lack
        return [(r.position, r.text, r.content_id, r.reason) for r in found]

    records = once()
    assert [r[0] for r in records] == list(range(1, len(records) + 1)), "positions count from 1 without a gap"
    assert all(text is not None or reason for _, text, _, reason in records), "a record has its text, or a reason"
    assert all(len(content_id) == 64 for _, _, content_id, _ in records), "every record can be known again"
    assert records == once(), "the same bytes give the same records"
    return len(records)


def run_promises(folder: Path, catalogue: Catalogue, batch: list[tuple[Seed, bytes]]) -> int:
    """A project of those files, run and reported; how many records it had. AssertionError where a promise is broken."""
    for number, (seed, data) in enumerate(batch):
        write(folder, number, seed, data)
    kinds = sorted({seed.kind for seed, _ in batch})
    (folder / "cxreports.toml").write_text(HEAD + "".join(_block(catalogue, kind) for kind in kinds))
    (folder / "pseudonym.key").write_text("0123456789abcdef0123456789abcdef")
    project = pipeline.open_project(folder)
    _run(project)
    files, _ = received.file_accounts(project)
    parts = ("loaded", "duplicate", "superseded", "quarantined")
    assert all(f["received"] == sum(f[p] for p in parts) for f in files), (
        "received = loaded + duplicate + superseded + quarantined"
    )
    pipeline.report(project, "weekly", "2026-W46")
    for name in ("lake", "reports"):
        nothing_leaks(folder / name)
    return sum(f["received"] for f in files)


def nothing_leaks(folder: Path) -> None:
    """No file below the folder holds the planted card or e-mail address: its bytes do not, nor any cell of a Parquet file."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        where = _leaking_cells(path) if path.suffix == ".parquet" else []
        where += [f"bytes of {path.name}"] if any(p.encode() in data for p in PLANTED) else []
        assert not where, f"planted words in {where}"


def _leaking_cells(path: Path) -> list[str]:
    with duckdb.connect() as con:
        names = [r[0] for r in con.execute("describe from read_parquet($p)", {"p": str(path)}).fetchall()]
        found = []
        for name in names:
            holds = " or ".join(f"contains(\"{name}\"::varchar, '{p}')" for p in PLANTED)
            n = con.execute(f"select count(*) from read_parquet($p) where {holds}", {"p": str(path)}).fetchall()[0][0]
            found += [f"{path.parent.parent.name}/{path.parent.name}.{name}"] * bool(n)
    return found


def _run(project: pipeline.Project) -> None:
    """Run without the files that the program refuses by name: those of a table that lacks a column. Others may not stop it."""
    try:
        pipeline.run(project, AS_OF, lambda words: None)
    except InputError as error:
        refused = {re.match(r"(\S+): has no column '", fault) for fault in error.faults}
        assert None not in refused, "a damaged file does not stop a run"
        for match in refused:
            (project.folder / match.group(1)).unlink()  # type: ignore[union-attr]
        pipeline.run(project, AS_OF, lambda words: None)


def _block(catalogue: Catalogue, kind: str) -> str:
    zone = 'timezone = "Europe/London"\n' if catalogue.sources[kind].header.needs_timezone else ""
    params = "".join(f"{k} = {v!r}\n" for k, v in catalogue.sources[kind].header.example.params.items() if k != "timezone")
    return f'\n[sources.{kind}]\nkind = "{kind}"\npath = "exports/{kind}/*"\n{zone}[sources.{kind}.params]\n{params}'


def together(catalogue: Catalogue, number: int) -> list[Seed]:
    """Seeds that can stand in one project: of the kinds that give legs, or schedules, one by number: their examples share ids."""
    left_out: set[str] = set()
    for table in ("legs", "schedule_openings"):
        kinds = sorted(kind for kind, definition in catalogue.sources.items() if table in definition.header.fills)
        left_out |= {kind for kind in kinds if kind != kinds[number % len(kinds)]}
    return [s for s in seeds(catalogue) if s.kind not in left_out]


def fuzz_runs(n_runs: int, files: int = 200) -> None:
    """So many projects of so many damaged files each."""
    catalogue = read_catalogue()
    for number in range(n_runs):
        # What damages a packed table damages its header: such a file stops a run, as it should.
        whole = [s for s in together(catalogue, number) if not s.name.endswith(("csv.gz", "csv.zip"))]
        rng = random.Random(number)
        batch = [(s, mutated(s.data, rng, s.head)) for s in rng.choices(whole, k=files)]
        with TemporaryDirectory() as folder:
            n = run_promises(Path(folder), catalogue, batch)
        print(f"run {number}: {files} files, {n} records", flush=True)


if __name__ == "__main__":
    fuzz_runs(int(sys.argv[1]))
