"""Results on stdout: as a table for people, as JSON or CSV for programs. Formats only; computes nothing."""

import csv
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxreports.analysis.explain import Explanation
    from cxreports.analysis.flow import Flows
    from cxreports.analysis.measurability import Measurability
    from cxreports.analysis.measurement import Measurement
    from cxreports.analysis.reconcile import Reconciliation
    from cxreports.pipeline import ReportFiles, RunResult
    from cxreports.received import SourceLine
    from cxreports.upkeep import RetryResult

WIDEST = 200  # characters of a cell in a table for people
# What moves a terminal's cursor, colours, reorders or hides text, or cannot be encoded.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


_NUMBER = re.compile(r"-?[\d,.]+(%| s)?|–|")


def visible(text: str) -> str:
    """Somebody else's text in one line of a terminal: characters that act instead of showing are written as \\u001b."""
    return _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return {"\n": "\\n", "\t": "\\t"}.get(match.group(), f"\\u{ord(match.group()):04x}")


def print_measurements(found: "Sequence[Measurement]", unit: str, form: str) -> None:
    """One line per measurement."""
    if form == "json":
        _print_json([asdict(m) for m in found])
    elif form == "csv":
        names = (
            "metric",
            "version",
            "period_start",
            "period_end",
            "as_of",
            "n",
            "num",
            "den",
            "value",
            "low",
            "high",
            "state",
            "reason",
        )
        groups = sorted({key for m in found for key in m.by})
        lines = [{**{k: getattr(m, k) for k in names}, **m.by} for m in found]
        _print_csv([*names[:5], *groups, *names[5:]], lines)
    else:
        counted = [m for m in found if m.n] or list(found)
        _print_table(*_lines(counted, unit))
        if left := len(found) - len(counted):
            print(f"  {left:,} more {'group' if left == 1 else 'groups'} without a unit that counts; --format json shows why")


def print_explanation(e: "Explanation", unit: str, form: str, with_sql: bool) -> None:
    """The figure, what it means, and its rows."""
    if form == "json":
        _print_json({"figure": asdict(e.figure) if e.figure else None, "definition": e.definition, "formula": e.formula,
                     "sql": e.sql, "params": dict(e.params), "total": e.total, "rows": e.rows})  # fmt: skip
        return
    head = list(e.rows[0]) if e.rows else []
    if form == "csv":
        _print_csv(head, e.rows)
        return
    print(f"{e.definition}\n{e.formula.format_map(_Params(e.params))}\n")
    if with_sql:
        print(e.sql + "\n")
        print("\n".join(f"${name} = {_text(value)}" for name, value in sorted(e.params.items())) + "\n")
    if e.figure:
        print(visible(_figure(e.figure, unit)) + "\n")
    if not e.rows:
        print("no rows: nothing in this period has these values")
        return
    used = [c for c in head if any(row[c] is not None for row in e.rows)]
    same = [c for c in used[4:] if len(e.rows) > 1 and len({_text(row[c]) for row in e.rows}) == 1]
    if same:
        print("all rows below: " + ", ".join(visible(f"{c} = {_text(e.rows[0][c])}") for c in same))
    shown = [c for c in used if c not in same]
    _print_table(shown, [[_text(row[c]) for c in shown] for row in e.rows])
    print(f"  {len(e.rows):,} of {e.total:,} rows; --limit 0 shows all, --format csv writes them for a spreadsheet")


def _figure(m: "Measurement", unit: str) -> str:
    interval = f" (95 % interval {_interval(m, unit)})" if _interval(m, unit) else ""
    reasons = ", ".join(f"{n:,} {why}" for why, n in sorted(m.excluded.items()))
    left_out = f"; left out: {reasons}" if reasons else ""
    return f"{m.metric} {_value(m.value, unit)}{interval} of {m.n:,}, {_state(m)}{left_out}"


ACCOUNTS = ("received", "loaded", "duplicate", "superseded", "quarantined")


def print_accounts(
    files: Sequence[Mapping[str, Any]], damaged: Sequence[Mapping[str, Any]], as_json: bool, each_file: bool,
    far: Sequence[Mapping[str, Any]] = (), before: Sequence[Mapping[str, Any]] = (),
) -> None:  # fmt: skip
    """Per source, and per file where asked, what became of the records; below, every quarantined record, and odd dates."""
    if as_json:
        _print_json({"files": list(files), "quarantined": list(damaged), "far_dates": list(far), "before_history": list(before)})
        return
    if each_file:
        columns = ["source", "path", *ACCOUNTS]
        _print_table(columns, [[_text(f[c]) for c in columns] for f in files])
        print()
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for f in files:
        by_source.setdefault(str(f["source"]), []).append(f)
    lines = [[source, *_sums(own)] for source, own in by_source.items()]
    _print_table(["source", "files", *ACCOUNTS], [*lines, ["all", *_sums(files)]])
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
        _print_json(list(found))
        return
    columns = ["source", "path", "column_name", "kind"] if each_file else ["source", "column_name", "kind"]
    counts: dict[tuple[str, ...], int] = {}
    for row in found:
        group = tuple(str(row[c]) for c in columns)
        counts[group] = counts.get(group, 0) + int(row["n"])
    _print_table([*columns, "masked"], [[*group, f"{n:,}"] for group, n in sorted(counts.items())])


def print_drift(changes: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """How the fields of each source's records have changed, newest first."""
    if as_json:
        _print_json(list(changes))
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
    records = f"{c['n_records']:,} {'record' if c['n_records'] == 1 else 'records'}"
    if c["what"] == "gone":
        return f"field {c['field']}{read} no longer comes: {records} without it"
    where = f"first in {c['file']}, record {c['position']}; {records}"
    if c["what"] == "type":
        return f"field {c['field']}{read} is {c['type']}, was {c['before']}: {where}"
    return f"new field {c['field']} ({c['type'] or 'empty so far'}, not read{kept}): {where}"


def print_quarantine(damaged: Sequence[Mapping[str, Any]], as_json: bool) -> None:
    """Quarantined records, one a line, each with its masked beginning below."""
    if as_json:
        _print_json(list(damaged))
        return
    for d in damaged:
        member = f" ({d['member']})" if d["member"] else ""
        print(visible(f"{d['source']}: {d['file']}, record {d['position']}{member}: {d['reason']}"))
        if d["excerpt"]:
            print(visible(f"    {d['excerpt']}"))
    print(f"{len(damaged):,} {'record' if len(damaged) == 1 else 'records'} in quarantine")


def print_sources(lines: "Sequence[SourceLine]", labels: "Sequence[Measurability]", form: str) -> None:
    """What arrived from every source; below, metric by source, and the reason of every label that is not 'measured'."""
    if form == "json":
        _print_json({"sources": [asdict(s) for s in lines], "metrics": [asdict(m) for m in labels]})
        return
    if form == "csv":
        _print_csv(["metric", "source", "label", "reason"], [asdict(m) for m in labels])
        return
    head = ["source", "kind", "files", "loaded", "quarantined", "interactions", "data through", "rows of no loaded interaction"]
    _print_table(head, [_source_cells(s) for s in lines])
    telling = [s.source for s in lines if s.interactions] or [s.source for s in lines]
    names = list(dict.fromkeys(m.metric for m in labels))
    at = {(m.metric, m.source): m.label for m in labels}
    print()
    _print_table(["metric", *telling], [[name, *(at[name, s] for s in telling)] for name in names])
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


def print_flows(found: "Flows", by: Sequence[str], form: str) -> None:
    """One line per group; below, every offer that fits no outcome or several, and the sources that do not tell."""
    from cxreports.analysis.flow import COLUMNS

    if form == "json":
        _print_json(asdict(found))
        return
    lines = [{**f.by, **{c: getattr(f, c) for c in COLUMNS}} for f in found.groups]
    if form == "csv":
        _print_csv([*by, *COLUMNS], lines)
        return
    if lines:
        heads = [c.replace("_", " ") for c in (*by, *COLUMNS)]
        _print_table(heads, [[*(_text(line[b]) for b in by), *(f"{line[c]:,}" for c in COLUMNS)] for line in lines])
    else:
        print("nothing was offered to a queue in this period")
    for source, n in found.not_measurable.items():
        print(visible(f"  without {n:,} of {source}: it does not say what became of them"))
    if found.residual:
        print("\nResidual:")
    for r in found.residual:
        print(visible(f"  {r.file}, record {r.position}: {r.leg_id} in {r.queue} on {r.day}: {r.why}"))


def print_reconciliation(found: "Reconciliation", as_json: bool) -> None:
    """Every hour or day without a file, every total beside what was received, and what that comes to."""
    if as_json:
        _print_json({"missing": [asdict(g) for g in found.gaps], "totals": [asdict(c) for c in found.controls]})
        return
    if found.gaps:
        head = ["source", "no file of", "local day", "from (UTC)", "to (UTC)"]
        _print_table(
            head, [[g.source, g.every, _text(g.day), f"{g.start:%m-%d %H:%M}", f"{g.end:%m-%d %H:%M}"] for g in found.gaps]
        )
        print()
    if found.controls:
        head = ["source", "measure", "from", "to", "channel", "queue", "expected", "received", "difference", "state"]
        names = ("source", "measure", "start_on", "end_on", "channel", "queue", "expected", "received", "difference", "state")
        _print_table(head, [[_text(getattr(c, name)) for name in names] for c in found.controls])
        print()
    wrong = sum(c.is_wrong for c in found.controls)
    print(f"{len(found.gaps):,} missing; {wrong:,} of {len(found.controls):,} totals do not agree")


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _sums(files: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{len(files):,}", *(f"{sum(int(f[c]) for f in files):,}" for c in ACCOUNTS)]


def _lines(found: "Sequence[Measurement]", unit: str) -> tuple[list[str], list[list[str]]]:
    groups = sorted({key for m in found for key in m.by})
    head = ["metric", "from", "to", *groups, "value", "95 % interval", "n", "state"]
    lines = []
    for m in found:
        period = [str(m.period_start), str(m.period_end)]
        lines.append(
            [
                m.metric,
                *period,
                *(m.by.get(g, "") for g in groups),
                _value(m.value, unit),
                _interval(m, unit),
                f"{m.n:,}",
                _state(m),
            ]
        )
    return head, lines


def _interval(m: "Measurement", unit: str) -> str:
    return f"{_value(m.low, unit)} to {_value(m.high, unit)}" if m.low is not None or m.high is not None else ""


def _state(m: "Measurement") -> str:
    return f"{m.state}: {m.reason}" if m.reason else m.state


def _value(x: float | None, unit: str) -> str:
    if x is None:
        return "–"
    return {"percent": f"{100 * x:.1f}%", "seconds": f"{x:,.1f} s", "count": f"{x:,.0f}"}.get(unit, f"{x:.2f}")


def _print_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    shown = [[visible(str(cell)[:WIDEST]) for cell in line] for line in [head, *lines]]
    widths = [max(len(line[i]) for line in shown) for i in range(len(head))]
    right = [all(_NUMBER.fullmatch(line[i]) for line in shown[1:]) for i in range(len(head))]
    for line in shown:
        cells = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True))
        print("  ".join(cells).rstrip())


def _print_csv(head: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_safe(_text(line.get(c))) for c in head] for line in lines)


def _safe(text: str) -> str:
    """A cell that a spreadsheet would run as a formula is written as text; what cannot be encoded is escaped."""
    start = text.lstrip()[:1]  # some programs drop the blanks, and take the wide forms for the narrow ones
    is_formula = start in tuple("=@＝＠") or text[:1] in ("\t", "\r", "\n") or (start in tuple("+-＋－") and not _is_number(text))
    return "'" * is_formula + text.encode("utf-8", "backslashreplace").decode()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _print_json(value: Any) -> None:
    def plain(x: Any) -> Any:
        if isinstance(x, (date, datetime)):
            return x.isoformat()
        return int(x) if isinstance(x, Decimal) and x == int(x) else str(x)

    text = json.dumps(value, default=plain, indent=1, ensure_ascii=False)
    print("\n".join(visible(line) for line in text.split("\n")))  # such characters stand in strings only: JSON escapes them so
