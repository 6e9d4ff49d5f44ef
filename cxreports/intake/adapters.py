"""Which definition or mapping reads a source, and everything about the settings of sources that can be wrong without a file."""

import codecs

from cxreports.definitions.catalogue import Catalogue
from cxreports.definitions.definition import SourceHeader
from cxreports.errors import SettingsError, did_you_mean
from cxreports.intake.discover import delivered_fault
from cxreports.intake.keep import KEPT, path_faults
from cxreports.intake.land import Adapter
from cxreports.intake.locations import path_fault, storage_faults
from cxreports.intake.mapping import mapping_faults
from cxreports.intake.national_ids import unknown_countries
from cxreports.settings import FILE, Settings, SourceSettings

TABLE = "table"
COUNTS = "period_counts"
TIMEZONE = "timezone"  # a parameter that every definition may use: the source's setting of that name


def adapter_for(name: str, source: SourceSettings, catalogue: Catalogue) -> tuple[Adapter, str]:
    """How the records of a source with a definition become rows, and how its files are framed."""
    definition = catalogue.sources[source.kind]
    params = {TIMEZONE: source.timezone, **definition.header.params, **source.params}
    if fault := _timezone_fault(name, source, definition.header):
        raise SettingsError(fault)
    if unset := [p for p in definition.parameters if p not in params]:
        raise SettingsError([f"{FILE}: sources.{name}.params.{p}: {source.kind} needs it" for p in unset])
    used = {p: params[p] for p in definition.parameters}
    types = tuple(definition.header.types.items())
    fills = (*definition.header.fills, *([KEPT] if source.keep else []))
    adapter = Adapter(name, definition.where, definition.sql, used, fills, types=types, kept=source.keep)
    return adapter, definition.header.framing


def _timezone_fault(name: str, source: SourceSettings, header: SourceHeader) -> str | None:
    if not header.needs_timezone or source.timezone is not None:
        return None
    return (
        f"{FILE}: sources.{name}.timezone: {source.kind} has times without zone; say which zone they are in, "
        'for example timezone = "Europe/London"'
    )


def adapter_faults(settings: Settings, catalogue: Catalogue) -> list[str]:
    """Every fault of every source's settings, each with its place."""
    faults = [
        f"{FILE}: privacy.national_ids: '{code}' is no country whose national ids can be told"
        for code in unknown_countries(settings.privacy.national_ids)
    ]
    for name, source in settings.sources.items():
        faults += _source_faults(name, source, catalogue) + _completeness_faults(name, source, settings)
    return faults


def _completeness_faults(name: str, source: SourceSettings, settings: Settings) -> list[str]:
    """What is expected of a source and cannot be told."""
    faults, where = [], f"{FILE}: sources.{name}"
    field = "%H" if source.expect and source.expect.every == "hour" else "%Y"
    if source.expect and field not in (source.delivered or "").replace("%y", "%Y"):
        faults.append(f"{where}.expect: needs sources.{name}.delivered with {field}, which says when a file was delivered")
    if source.control is None:
        return faults
    totals = settings.sources.get(source.control.totals)
    if totals is None:
        hint = did_you_mean(source.control.totals, list(settings.sources))
        faults.append(f"{where}.control.totals: '{source.control.totals}' is no source of this project; {hint}")
    elif totals.table != COUNTS:
        faults.append(f'{where}.control.totals: \'{source.control.totals}\' must be a kind = "table" with table = "{COUNTS}"')
    return faults


def _source_faults(name: str, source: SourceSettings, catalogue: Catalogue) -> list[str]:
    where = f"{FILE}: sources.{name}"
    faults = []
    if fault := path_fault(source.path):
        faults.append(f"{where}.path: {fault}")
    faults += storage_faults(name, source)
    if source.delivered is not None and (fault := delivered_fault(source.delivered)):
        faults.append(f"{where}.delivered: {fault}")
    try:
        codecs.lookup(source.encoding)
    except LookupError:
        faults.append(f'{where}.encoding: there is no encoding \'{source.encoding}\'; "utf-8" and "cp1252" are usual')
    if source.kind != TABLE or source.format == "json":
        faults += path_faults(where, source.keep)
    if len(set(source.keep)) < len(source.keep):
        faults.append(f"{where}.keep: names a field twice")
    if source.kind == TABLE:
        return faults + mapping_faults(name, source)
    if source.kind not in catalogue.sources:
        return [*faults, f"{where}.kind: {did_you_mean(source.kind, [TABLE, *catalogue.sources])}"]
    header = catalogue.sources[source.kind].header
    if fault := _timezone_fault(name, source, header):
        faults.append(fault)
    known = list(header.params)
    faults += [
        f"{where}.params.{p}: {source.kind} has no such parameter; {did_you_mean(p, known)}"
        for p in source.params
        if p not in known
    ]
    given = {"table": source.table, "columns": source.columns, "version": source.version, "where": source.where}
    return faults + [f'{where}.{field}: only kind = "table" has it' for field, value in given.items() if value]
