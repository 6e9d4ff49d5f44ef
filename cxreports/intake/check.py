"""What is wrong with a project's sources, found without loading anything."""

from pathlib import Path

from cxreports.definitions.catalogue import Catalogue
from cxreports.intake.adapters import TABLE, adapter_faults
from cxreports.intake.archives import is_archive
from cxreports.intake.discover import delivery_time, matching
from cxreports.intake.formats import TABLES, missing_columns
from cxreports.intake.mapping import column_faults, mapping_faults, type_faults
from cxreports.intake.tables import file_columns, file_format
from cxreports.settings import FILE, Settings, SourceSettings


def check_sources(project_dir: Path, settings: Settings, catalogue: Catalogue) -> list[str]:
    """Faults of all sources, each with its place; lines that begin with 'warning:' do not stop a run."""
    faults = adapter_faults(settings, catalogue)
    for name, source in settings.sources.items():
        if not any(f.startswith(f"{FILE}: sources.{name}.path") for f in faults):
            faults += _file_faults(project_dir, name, source, catalogue)
    return faults


def _file_faults(project_dir: Path, name: str, source: SourceSettings, catalogue: Catalogue) -> list[str]:
    where = f"{FILE}: sources.{name}"
    files = matching(project_dir, source.path)
    if not files:
        return [f"warning: {where}.path: no file matches '{source.path}' yet"]
    relative = files[0].relative_to(project_dir).as_posix()
    faults = []
    if source.delivered is not None and delivery_time(relative, source.delivered) is None:
        faults.append(f"warning: {where}.delivered: '{source.delivered}' is not found in '{relative}'")
    if is_archive(files[0]):
        return faults
    if source.kind in catalogue.sources:
        header = catalogue.sources[source.kind].header
        if header.framing not in TABLES or not (own := file_columns(files[0], header.framing, source.encoding)):
            return faults
        return faults + missing_columns(relative, own, header.columns)
    if source.kind != TABLE or mapping_faults(name, source):
        return faults
    format_ = file_format(source, files[0])
    if format_ is None:
        return [*faults, f"{where}.format: '{relative}' does not tell by its name; set csv, json, xlsx or parquet"]
    return faults + _column_faults(name, source, files[0], relative, format_)


def _column_faults(name: str, source: SourceSettings, path: Path, relative: str, format_: str) -> list[str]:
    columns = file_columns(path, format_, source.encoding)
    if columns is None:
        return [f"warning: {relative}: cannot be read as {format_}"]
    missing = column_faults(name, source, columns, relative) if columns else []
    if format_ == "json":  # a key may be absent from the first records and still exist
        return [f"warning: {fault}" for fault in missing]
    return missing or type_faults(name, source, columns)
