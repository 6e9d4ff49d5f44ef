"""What was received, and what became of it, on stdout: runs, accounts, quarantine, masks, drift, sources, gaps. Formats only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxreports.printing.cells import as_text, print_csv, print_json, print_table, visible

if TYPE_CHECKING:
    from cxreports.analysis.measurability import Measurability
    from cxreports.analysis.reconcile import Reconciliation
    from cxreports.pipeline import ReportFiles, RunResult
    from cxreports.received import SourceLine
    from cxreports.upkeep import RetryResult

ACCOUNTS = ("received", "loaded", "duplicate", "superseded", "quarantined")


def print_accounts(
    files: Sequence[Mapping[str, Any]], damaged: Sequence[Mapping[str, Any]], as_json: bool, each_file: bool,
    far: Sequence[Mapping[str, Any]] = (), before: Sequence[Mapping[str, Any]] = (),
) -> None:  # fmt: skip
    """Per source, and per file where asked, what became of the records; below, every quarantined record, and odd dates."""
    if as_json:
        print_json({"files": list(files), "quarantined": list(damaged), "far_dates": list(far), "before_history": list(before)})
        return
    if each_file:
        columns = ["source", "path", *ACCOUNTS]
        print_table(columns, [[as_text(f[c]) for c in columns] for f in files])
        print()
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for f in files:
        by_source.setdefault(str(f["source"]), []).append(f)
    lines = [[source, *_sums(own)] for source, own in by_source.items()]
    print_table(["source", "files", *ACCOUNTS], [*lines, ["all", *_sums(files)]])
    if damaged:
        print("\nQuarantined:")
    for d in damaged:
        member = f" ({d['member']})" if d["member"] else ""
        print(visible(f"  {d['file']}, record {d['position']}{member}: {d['reason']}"))
    _print_odd_dates(far, before)


DAYS_NAMED = 10


def _print_odd_dates(far: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> None:
    """Records dated far from the others of their source, and those before the history's start."""
    if far or before:
        print("\nDates:")
    for f in far[:DAYS_NAMED]:
        told = f"{_records(f['n_records'])} dated {f['on_date']}, far from most ({f['usual_from']} to {f['usual_until']})"
        print(visible(f"  {f['source']}: {told}"))
    if len(far) > DAYS_NAMED:
        print(f"  {len(far) - DAYS_NAMED:,} more such days; --json names them")
    for b in before:
        print(visible(f"  {b['source']}: {_records(b['n_records'])} before {b['history_starts']} (history_starts) not computed"))


def _records(n: int) -> str:
    return f"{n:,} {'record' if n == 1 else 'records'}"


def print_run(result: "RunResult", folder: Path, as_json: bool = False) -> None:
    """What a run loaded, and where the lake then stands."""
    if as_json:
        numbers = {"files": result.files, "records": result.records, "quarantined": result.quarantined}
        commit = {"commit": result.commit.seq, "as_of": result.commit.as_of}
        print(json.dumps({**commit, **numbers, "changed": dict(result.changed)}))
        return
    if not result.files:
        print(f"nothing new; the lake stands as of {result.commit.as_of}")
        return
    words = f"{result.files:,} files, {result.records:,} records"
    print(f"loaded {words} ({result.quarantined:,} quarantined); the lake stands as of {result.commit.as_of}")
    if result.quarantined:
        print(f"  see them: cxreports accounts --project {folder}")


def print_retry(result: "RetryResult", as_json: bool) -> None:
    """What reading quarantined records again mended, and the files that are left as they are."""
    if as_json:
        numbers = {"mended": result.mended, "read_anew": result.read_anew, "left": list(result.left)}
        print(json.dumps({"commit": result.commit.seq, "as_of": result.commit.as_of, **numbers}))
        return
    print(f"{result.mended:,} records mended; the lake stands as of {result.commit.as_of}")
    for path in result.left:
        print(visible(f"  {path}: is now cut into other records than those that were loaded of it; left as it is"))


def print_files(files: "ReportFiles") -> None:
    """Where a report was written."""
    for path in (files.html, files.pdf, files.json):
        if path:
            print(f"  {path}")


def print_masked(found: Sequence[Mapping[str, Any]], as_json: bool, each_file: bool) -> None:
    """What was masked, per source (per file where asked), column and kind."""
    if as_json:
        print_json(list(found))
        return
    columns = ["source", "path", "column_name", "kind"] if each_file else ["source", "column_name", "kind"]
    counts: dict[tuple[str, ...], int] = {}
    for row in found:
        group = tuple(str(row[c]) for c in columns)
        counts[group] = counts.get(group, 0) + int(row["n"])
    print_table([*columns, "masked"], [[*group, f"{n:,}"] for group, n in sorted(counts.items())])


def print_drift(changes: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """How the fields of each source's records have changed, newest first."""
    if as_json:
        print_json(list(changes))
        return
    for c in changes:
        print(visible(f"{c['at']:%Y-%m-%d} {c['source']}: {_change(c)}"))
        if c["excerpt"]:
            print(visible(f"    {c['excerpt']}"))
    print(f"{len(changes):,} {'change' if len(changes) == 1 else 'changes'} since the first delivery of each source")


def _change(c: Mapping[str, Any]) -> str:
    """One change in words."""
    kept = f", kept: {', '.join(c['kept'])}" if c["kept"] else ""
    read = "" if c["is_read"] else f" (not read{kept})"
    records = _records(c["n_records"])
    if c["what"] == "gone":
        return f"field {c['field']}{read} no longer comes: {records} without it"
    where = f"first in {c['file']}, record {c['position']}; {records}"
    if c["what"] == "type":
        return f"field {c['field']}{read} is {c['type']}, was {c['before']}: {where}"
    return f"new field {c['field']} ({c['type'] or 'empty so far'}, not read{kept}): {where}"


def print_quarantine(damaged: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Quarantined records, one a line, each with its masked beginning below."""
    if as_json:
        print_json(list(damaged))
        return
    for d in damaged:
        member = f" ({d['member']})" if d["member"] else ""
        print(visible(f"{d['source']}: {d['file']}, record {d['position']}{member}: {d['reason']}"))
        if d["excerpt"]:
            print(visible(f"    {d['excerpt']}"))
    print(f"{_records(len(damaged))} in quarantine")


def print_sources(lines: "Sequence[SourceLine]", labels: "Sequence[Measurability]", form: str) -> None:
    """What arrived from every source; below, metric by source, and the reason of every label that is not 'measured'."""
    if form == "json":
        print_json({"sources": [asdict(s) for s in lines], "metrics": [asdict(m) for m in labels]})
        return
    if form == "csv":
        print_csv(["metric", "source", "label", "reason"], [asdict(m) for m in labels])
        return
    head = ["source", "kind", "files", "loaded", "quarantined", "interactions", "data through", "rows of no loaded interaction"]
    print_table(head, [_source_cells(s) for s in lines])
    telling = [s.source for s in lines if s.interactions] or [s.source for s in lines]
    names = list(dict.fromkeys(m.metric for m in labels))
    at = {(m.metric, m.source): m.label for m in labels}
    print()
    print_table(["metric", *telling], [[name, *(at[name, s] for s in telling)] for name in names])
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for m in labels:
        if m.reason:
            grouped.setdefault((m.source, m.label, m.reason), []).append(m.metric)
    for source in (s.source for s in lines):
        own = [(label, reason, found) for (of, label, reason), found in grouped.items() if of == source]
        if own:
            print(f"\n{visible(source)}")
        for label, reason, found in own:
            print(visible(f"  {label}: {'all' if len(found) == len(names) > 1 else ', '.join(found)}: {reason}"))


def _source_cells(s: "SourceLine") -> list[str]:
    a, unlinked = s.account, [f"{x.unlinked:,} {x.table}" for x in s.landed if x.unlinked]
    numbers = [f"{n:,}" for n in (a.files, a.loaded, a.quarantined)] if a else ["0", "0", "0"]
    through = f"{a.data_through:%Y-%m-%d %H:%M}Z" if a and a.data_through else "–"
    return [s.source, s.kind, *numbers, f"{s.interactions:,}", through, ", ".join(unlinked)]


def print_reconciliation(found: "Reconciliation", as_json: bool) -> None:
    """Every hour or day without a file, every total beside what was received, and what that comes to."""
    if as_json:
        print_json({"missing": [asdict(g) for g in found.gaps], "totals": [asdict(c) for c in found.controls]})
        return
    if found.gaps:
        head = ["source", "no file of", "local day", "from (UTC)", "to (UTC)"]
        print_table(
            head, [[g.source, g.every, as_text(g.day), f"{g.start:%m-%d %H:%M}", f"{g.end:%m-%d %H:%M}"] for g in found.gaps]
        )
        print()
    if found.controls:
        head = ["source", "measure", "from", "to", "channel", "queue", "expected", "received", "difference", "state"]
        names = ("source", "measure", "start_on", "end_on", "channel", "queue", "expected", "received", "difference", "state")
        print_table(head, [[as_text(getattr(c, name)) for name in names] for c in found.controls])
        print()
    wrong = sum(c.is_wrong for c in found.controls)
    print(f"{len(found.gaps):,} missing; {wrong:,} of {len(found.controls):,} totals do not agree")


def _sums(files: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{len(files):,}", *(f"{sum(int(f[c]) for f in files):,}" for c in ACCOUNTS)]
