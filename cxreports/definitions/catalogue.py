"""All definitions, ours and the project's, read once and checked against each other."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cxreports.definitions.definition import (
    Definition,
    MetricHeader,
    Scalar,
    SourceHeader,
    TableHeader,
    read_definition,
)
from cxreports.definitions.model import LANDED
from cxreports.definitions.needs import need_faults
from cxreports.definitions.resources import resource_dir
from cxreports.errors import CxError, DefinitionError, QuestionError, did_you_mean
from cxreports.settings import VariantSettings

Source = Definition[SourceHeader]
ComputedTable = Definition[TableHeader]
Metric = Definition[MetricHeader]
H = TypeVar("H", SourceHeader, TableHeader, MetricHeader)


@dataclass(frozen=True)
class Catalogue:
    """Every definition by name. Tables stand in the order in which they can be computed."""

    sources: Mapping[str, Source]
    tables: Mapping[str, ComputedTable]
    metrics: Mapping[str, Metric]
    earlier: Mapping[str, Metric] = field(default_factory=dict)
    """Versions before the present ones, by name and version (csat@1); measured only when asked for by that name."""

    @property
    def tables_digest(self) -> str:
        """Changes when a computed table's definition does; stored tables are then computed anew."""
        return hashlib.sha256("".join(t.digest for t in self.tables.values()).encode()).hexdigest()

    @property
    def digest(self) -> str:
        """Changes when any definition does."""
        groups: tuple[Mapping[str, Definition[Any]], ...] = (self.sources, self.tables, self.metrics, self.earlier)
        text = "".join(f"{d.where}={d.digest};" for group in groups for d in group.values())
        return hashlib.sha256(text.encode()).hexdigest()

    def metric(self, name: str, variants: Mapping[str, VariantSettings]) -> tuple[Metric, dict[str, Scalar]]:
        """The metric of that name or variant name, and the parameters that the variant changes."""
        if "@" in name:
            return self._versioned(name, variants)
        params: dict[str, Scalar] = {}
        base = name
        if name in variants:
            base, params = variants[name].metric, variants[name].params
        else:
            for metric in self.metrics.values():
                if name in metric.header.variants:
                    base, params = metric.name, {k: v for k, v in metric.header.variants[name].items() if k != "title"}
        if base not in self.metrics:
            raise QuestionError(f"'{name}' is no metric; {did_you_mean(name, self.names(variants))}")
        metric = self.metrics[base]
        if unknown := sorted(set(params) - set(metric.header.params)):
            hints = (
                f"variant '{name}': {base} has no parameter '{u}'; {did_you_mean(u, list(metric.header.params))}" for u in unknown
            )
            raise QuestionError(list(hints))
        return metric, params

    def _versioned(self, name: str, variants: Mapping[str, VariantSettings]) -> tuple[Metric, dict[str, Scalar]]:
        """What `csat@1` names: the present version where that is the one, else the file that was kept beside it."""
        base, _, version = name.partition("@")
        metric, params = self.metric(base, variants)
        if str(metric.header.version) == version:
            return metric, params
        if earlier := self.earlier.get(f"{metric.name}@{version}"):
            of_then = earlier.header.variants.get(base, params)
            return earlier, {k: v for k, v in of_then.items() if k != "title"}
        kept = [n for n in self.earlier if n.startswith(f"{metric.name}@")]
        known = ", ".join([*kept, f"{metric.name}@{metric.header.version}"])
        raise QuestionError(
            f"'{name}': {metric.name} is version {metric.header.version}, and no sql/metrics/{metric.name}@{version}.sql "
            f"was kept; known: {known}"
        )

    def header(self, name: str, variants: Mapping[str, VariantSettings]) -> MetricHeader:
        """The header of a metric or variant, with the variant's title and parameters in place of the metric's own."""
        metric, params = self.metric(name, variants)
        base = name.partition("@")[0]
        own = metric.header.variants.get(base, {})
        title = own.get("title", metric.header.title if base == metric.name else f"{metric.header.title} ({name})")
        return metric.header.model_copy(update={"title": title, "params": {**metric.header.params, **params}})

    def names(self, variants: Mapping[str, VariantSettings]) -> list[str]:
        """Every name that `measure` takes: metrics, their variants, the project's variants."""
        own = [v for m in self.metrics.values() for v in m.header.variants]
        return sorted({*self.metrics, *own, *variants})


def read_catalogue(project_dir: Path | None = None) -> Catalogue:
    """Our definitions, with the project's `sql/` beside or over them; every fault of every file at once."""
    faults: list[str] = []
    sources = _read("sources", SourceHeader, project_dir, faults)
    tables = _read("core", TableHeader, project_dir, faults) | _read("outcomes", TableHeader, project_dir, faults)
    every = _read("metrics", MetricHeader, project_dir, faults)
    metrics = {name: m for name, m in every.items() if "@" not in name}
    earlier = {name: m for name, m in every.items() if "@" in name}
    if not faults:
        faults += [*_table_faults(tables), *_metric_faults(every, tables), *_source_faults(sources)]
        faults += _earlier_faults(earlier, metrics)
    if faults:
        raise DefinitionError(faults)
    return Catalogue(sources, _ordered(tables), metrics, earlier)


def _read(folder: str, header: type[H], project_dir: Path | None, faults: list[str]) -> dict[str, Definition[H]]:
    roots = [resource_dir("sql")] + ([project_dir / "sql"] if project_dir else [])
    found: dict[str, Definition[H]] = {}
    for root in roots:
        for path in sorted((root / folder).glob("*.sql")):
            try:
                found[path.stem] = read_definition(path, header, f"sql/{folder}/{path.name}")
            except CxError as error:
                faults += error.faults
    return found


def _table_faults(tables: Mapping[str, ComputedTable]) -> list[str]:
    known = {f"core_{name}" for name in LANDED} | set(tables)
    faults = []
    for t in tables.values():
        faults += [
            f"{t.where}: reads '{r}', which nothing makes; {did_you_mean(r, list(known))}"
            for r in t.header.reads
            if r not in known
        ]
        faults += [
            f"{t.where}: {field} = '{name}' is not among its columns"
            for field, name in (("entity", t.header.entity), ("day", t.header.day))
            if name and name not in t.header.columns
        ]
    return faults


def _metric_faults(metrics: Mapping[str, Metric], tables: Mapping[str, ComputedTable]) -> list[str]:
    known = {f"core_{name}" for name in LANDED} | set(tables)
    faults = []
    for m in metrics.values():
        faults += [
            f"{m.where}: reads '{r}', which nothing makes; {did_you_mean(r, list(known))}"
            for r in m.header.reads
            if r not in known
        ]
        if m.header.kind == "composition" and m.header.part not in m.header.by:
            faults.append(f"{m.where}: kind = 'composition' needs part = one of its 'by' columns")
        if m.header.window and m.header.window not in m.header.params:
            faults.append(f"{m.where}: window = '{m.header.window}' is not one of its params")
        if m.header.awaits and not m.header.window:
            faults.append(f"{m.where}: awaits = '{m.header.awaits}' needs a window to wait for")
        faults += [f"{m.where}: {fault}" for fault in (*need_faults(m.header, LANDED, tables), *_vendor_faults(m, metrics))]
    return faults


def _vendor_faults(m: Metric, metrics: Mapping[str, Metric]) -> list[str]:
    """Vendors' twins that do not exist, or whose figure is of another kind, so that there is no difference to explain."""
    of = {name: metric.header for metric in metrics.values() for name in (metric.name, *metric.header.variants)}
    own, known = (m.header.kind, m.header.unit), [name for name in m.header.vendor if name in of]
    faults = [f"vendor = '{v}', which is no metric; {did_you_mean(v, list(of))}" for v in m.header.vendor if v not in of]
    told = [(name, (of[name].kind, of[name].unit)) for name in known]
    return faults + [f"vendor = '{v}' is of kind {', '.join(k)}; this one is {', '.join(own)}" for v, k in told if k != own]


def _earlier_faults(earlier: Mapping[str, Metric], metrics: Mapping[str, Metric]) -> list[str]:
    faults = []
    for name, m in earlier.items():
        base, _, version = name.partition("@")
        if str(m.header.version) != version:
            faults.append(f"{m.where}: its header says version = {m.header.version}; the file's name must say the same")
        elif base not in metrics:
            faults.append(f"{m.where}: there is no sql/metrics/{base}.sql that followed it")
        elif m.header.version >= metrics[base].header.version:
            faults.append(f"{m.where}: {metrics[base].where} has version {metrics[base].header.version}, which must be higher")
    return faults


def _source_faults(sources: Mapping[str, Source]) -> list[str]:
    faults = []
    for s in sources.values():
        faults += [
            f"{s.where}: fills '{t}', which is no landed table; {did_you_mean(t, list(LANDED))}"
            for t in s.header.fills
            if t not in LANDED
        ]
        known = {f"{t}.{c.name}" for t in s.header.fills if t in LANDED for c in LANDED[t].columns}
        filled = [c for columns in s.header.configured.values() for c in columns]
        faults += [f"{s.where}: derived '{c}', which is no column that it fills" for c in s.header.derived if c not in known]
        faults += [f"{s.where}: configured '{c}', which is no column that it fills" for c in filled if c not in known]
        faults += [
            f"{s.where}: configured '{p}', which is not one of its params"
            for p in s.header.configured
            if p not in s.header.params
        ]
    return faults


def _ordered(tables: dict[str, ComputedTable]) -> dict[str, ComputedTable]:
    """Each table after those that it reads."""
    done: dict[str, ComputedTable] = {}
    waiting = dict(sorted(tables.items()))
    while waiting:
        ready = [n for n, t in waiting.items() if all(r in done or r not in tables for r in t.header.reads)]
        if not ready:
            raise DefinitionError(f"sql/: these tables read each other in a circle: {', '.join(sorted(waiting))}")
        done |= {n: waiting.pop(n) for n in ready}
    return done
