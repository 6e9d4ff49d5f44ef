"""Figures on stdout: measurements, the rows behind one, what became of offers. Formats only; computes nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cxreports.analysis.measurement import HIDDEN
from cxreports.printing.cells import as_text, as_value, print_csv, print_json, print_table, visible

if TYPE_CHECKING:
    from cxreports.analysis.explain import Explanation
    from cxreports.analysis.flow import Flows
    from cxreports.analysis.measurement import Measurement


def print_measurements(found: "Sequence[Measurement]", unit: str, form: str) -> None:
    """One line per measurement."""
    if form == "json":
        print_json([as_data(m) for m in found])
    elif form == "csv":
        print_csv(*measurement_rows(found))
    else:
        counted = [m for m in found if m.n or m.reason == HIDDEN] or list(found)
        print_table(*measurement_lines(counted, unit))
        if left := len(found) - len(counted):
            print(f"  {left:,} more {'group' if left == 1 else 'groups'} without a unit that counts; --format json shows why")


def measurement_rows(found: "Sequence[Measurement]") -> tuple[list[str], list[dict[str, Any]]]:
    """For programs: the names of all cells, and the cells of each measurement."""
    groups = sorted({key for m in found for key in m.by})
    numbers = ("n", "num", "den", "value", "low", "high", "state", "reason")
    return ["metric", "version", "period_start", "period_end", "as_of", *groups, *numbers], [
        {**as_data(m), **m.by} for m in found
    ]


def as_data(m: "Measurement") -> dict[str, Any]:
    """For programs: a measurement's fields; no numbers at all, not even of units, where they are hidden."""
    return asdict(m) | ({"n": None} if m.reason == HIDDEN else {})


def measurement_lines(found: "Sequence[Measurement]", unit: str) -> tuple[list[str], list[list[str]]]:
    """For people: the heads of all columns, and the cells of each measurement."""
    groups = sorted({key for m in found for key in m.by})
    head = ["metric", "from", "to", *groups, "value", "95 % interval", "n", "state"]
    lines = []
    for m in found:
        period = [str(m.period_start), str(m.period_end)]
        figures = [*as_figure(m, unit), as_count(m), as_state(m)]
        lines.append([m.metric, *period, *(m.by.get(g, "") for g in groups), *figures])
    return head, lines


def as_figure(m: "Measurement", unit: str) -> tuple[str, str]:
    """Value and interval. None of twelve, or all of them, says so in counts, with the bound that matters."""
    if (
        unit == "percent"
        and m.value in (0.0, 1.0)
        and m.num in (0, m.den)
        and m.num is not None
        and m.den
        and m.low is not None
        and m.high is not None
    ):
        bound = f"up to {as_value(m.high, unit)}" if m.value == 0.0 else f"at least {as_value(m.low, unit)}"
        return f"{int(m.num):,} of {int(m.den):,}", bound
    return as_value(m.value, unit), as_interval(m, unit)


def as_interval(m: "Measurement", unit: str) -> str:
    """The ends of its interval; nothing where it has none."""
    return f"{as_value(m.low, unit)} to {as_value(m.high, unit)}" if m.low is not None or m.high is not None else ""


def as_count(m: "Measurement") -> str:
    """How many units it counts, unless they are hidden."""
    return "–" if m.reason == HIDDEN else f"{m.n:,}"


def as_state(m: "Measurement") -> str:
    """Its state, and why."""
    return f"{m.state}: {m.reason}" if m.reason else m.state


def print_explanation(e: "Explanation", unit: str, form: str, with_sql: bool) -> None:
    """The figure, what it means, and its rows."""
    if form == "json":
        print_json({"figure": asdict(e.figure) if e.figure else None, "definition": e.definition, "formula": e.formula,
                     "sql": e.sql, "params": dict(e.params), "total": e.total, "rows": e.rows})  # fmt: skip
        return
    head = list(e.rows[0]) if e.rows else []
    if form == "csv":
        print_csv(head, e.rows)
        return
    print(f"{e.definition}\n{e.formula.format_map(_Params(e.params))}\n")
    if with_sql:
        print(e.sql + "\n")
        print("\n".join(f"${name} = {as_text(value)}" for name, value in sorted(e.params.items())) + "\n")
    if e.figure:
        print(visible(_figure(e.figure, unit)) + "\n")
    if not e.rows:
        print("no rows: nothing in this period has these values")
        return
    used = [c for c in head if any(row[c] is not None for row in e.rows)]
    same = [c for c in used[4:] if len(e.rows) > 1 and len({as_text(row[c]) for row in e.rows}) == 1]
    if same:
        print("all rows below: " + ", ".join(visible(f"{c} = {as_text(e.rows[0][c])}") for c in same))
    shown = [c for c in used if c not in same]
    print_table(shown, [[as_text(row[c]) for c in shown] for row in e.rows])
    print(f"  {len(e.rows):,} of {e.total:,} rows; --limit 0 shows all, --format csv writes them for a spreadsheet")


def _figure(m: "Measurement", unit: str) -> str:
    value, bounds = as_figure(m, unit)
    interval = f" ({bounds})" if bounds.startswith(("up to", "at least")) else f" (95 % interval {bounds})" if bounds else ""
    reasons = ", ".join(f"{n:,} {why}" for why, n in sorted(m.excluded.items()))
    left_out = f"; left out: {reasons}" if reasons else ""
    return f"{m.metric} {value}{interval} of {m.n:,}, {as_state(m)}{left_out}"


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def print_flows(found: "Flows", by: Sequence[str], form: str) -> None:
    """One line per group; below, every offer that fits no outcome or several, and the sources that do not tell."""
    from cxreports.analysis.flow import COLUMNS

    if form == "json":
        print_json(asdict(found))
        return
    lines = [{**f.by, **{c: getattr(f, c) for c in COLUMNS}} for f in found.groups]
    if form == "csv":
        print_csv([*by, *COLUMNS], lines)
        return
    if lines:
        heads = [c.replace("_", " ") for c in (*by, *COLUMNS)]
        print_table(heads, [[*(as_text(line[b]) for b in by), *(f"{line[c]:,}" for c in COLUMNS)] for line in lines])
    else:
        print("nothing was offered to a queue in this period")
    for source, n in found.not_measurable.items():
        print(visible(f"  without {n:,} of {source}: it does not say what became of them"))
    if found.residual:
        print("\nResidual:")
    for r in found.residual:
        print(visible(f"  {r.file}, record {r.position}: {r.leg_id} in {r.queue} on {r.day}: {r.why}"))
