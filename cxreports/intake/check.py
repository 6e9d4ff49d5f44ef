"""What is wrong with a project's sources, found without loading anything."""

from pathlib import Path

from cxreports.definitions.catalogue import Catalogue
from cxreports.intake.adapters import TABLE, adapter_faults
from cxreports.intake.archives import is_archive
from cxreports.intake.discover import delivery_time, listing
from cxreports.intake.formats import TABLES, missing_columns
from cxreports.intake.locations import is_remote, path_fault
from cxreports.intake.mapping import column_faults, mapping_faults, type_faults
from cxreports.intake.tables import file_columns, file_format
from cxreports.settings import FILE, Settings, SourceSettings


def check_sources(project_dir: Path, settings: Settings, catalogue: Catalogue) -> list[str]:
    """Faults of all sources, each with its place; lines that begin with 'warning:' do not stop a run."""
    faults = adapter_faults(settings, catalogue)
    for name, source in settings.sources.items():
        if not path_fault(source.path) and (files := local_paths(project_dir, name, settings)) is not None:
            faults += _file_faults(files, name, source, catalogue)
    return faults


def local_paths(project_dir: Path, name: str, settings: Settings) -> list[tuple[Path, str]] | None:
    """The source's files on this machine, and what they are called; None where they lie in a store: a check stays offline."""
    source = settings.sources[name]
    if is_remote(source.path):
        return None
    found = listing(project_dir, name, source, settings.project.zone)
    return [(file.local, file.path) for file, _ in found.files if file.local]


def _file_faults(files: list[tuple[Path, str]], name: str, source: SourceSettings, catalogue: Catalogue) -> list[str]:
    where = f"{FILE}: sources.{name}"
    if not files:
        return [f"warning: {where}.path: no file matches '{source.path}' yet"]
    path, relative = files[0]
    faults = []
    if source.delivered is not None and delivery_time(relative, source.delivered) is None:
        faults.append(f"warning: {where}.delivered: '{source.delivered}' is not found in '{relative}'")
    if is_archive(path):
        return faults
    if source.kind in catalogue.sources:
        header = catalogue.sources[source.kind].header
        if header.framing not in TABLES or not (own := file_columns(path, header.framing, source.encoding)):
            return faults
        return faults + missing_columns(relative, own, header.columns)
    if source.kind != TABLE or mapping_faults(name, source):
        return faults
    format_ = file_format(source, path)
    if format_ is None:
        return [*faults, f"{where}.format: '{relative}' does not tell by its name; set csv, json, xlsx or parquet"]
    return faults + _column_faults(name, source, path, relative, format_)


def _column_faults(name: str, source: SourceSettings, path: Path, relative: str, format_: str) -> list[str]:
    columns = file_columns(path, format_, source.encoding)
    if columns is None:
        return [f"warning: {relative}: cannot be read as {format_}"]
    missing = column_faults(name, source, columns, relative) if columns else []
    if format_ == "json":  # a key may be absent from the first records and still exist
        return [f"warning: {fault}" for fault in missing]
    return missing or type_faults(name, source, columns)
