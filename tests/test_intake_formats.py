"""CSV, Parquet and XML files are read by definitions as JSON files are: one object per row or part."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from cxreports.definitions.catalogue import read_catalogue
from cxreports.errors import InputError, SettingsError
from cxreports.intake.check import check_sources
from cxreports.intake.discover import ExportFile
from cxreports.intake.formats import file_records
from cxreports.intake.intake import take_in
from cxreports.intake.rows import UnreadableError, batches, open_sheet, parquet_batches
from cxreports.settings import Settings

KEY = b"0123456789abcdef0123456789abcdef"
DEFINITION = """\
-- title = "Calls"
-- definition = "One row per call."
-- version = 1
-- system = "Test"
-- framing = "csv"
-- columns = ["Call Id", "began", "took"]
-- needs_timezone = true
-- fills = ["legs"]
--
-- [example]
-- given.records = "file_id | position | member | record"
-- expect = "leg_id"

with calls as (
    select
        file_id, position, record ->> '$."Call Id"' as call_id,
        timezone($timezone, try_cast(record ->> '$.began' as timestamp)) as began_at,
        record ->> '$.took' as took
    from records
)
select
    file_id, position, call_id as record_key, null::timestamptz as version_at, null::varchar as fault,
    [{'leg_id': call_id, 'channel': 'voice', 'started_at': began_at, 'talk_ms': took}] as legs
from calls
order by file_id, position
"""


def export(path: Path) -> ExportFile:
    return ExportFile("s", path.name, path, "f", path.stat().st_size, None)


def found(path: Path, framing: str, encoding: str = "utf-8", columns: tuple[str, ...] = ()) -> list[tuple[int, object]]:
    records = file_records(export(path), framing, encoding, columns)
    return [(r.position, json.loads(r.text) if r.reason is None else r.reason) for r in records]


def calls(folder: Path, **source: str) -> tuple[Settings, object]:
    (folder / "sql/sources").mkdir(parents=True, exist_ok=True)
    (folder / "sql/sources/calls.sql").write_text(DEFINITION)
    settings = Settings.model_validate(
        {
            "project": {"name": "x", "timezone": "Europe/London"},
            "sources": {"calls": {"kind": "calls", "path": "*.csv*", **source}},
        }
    )
    return settings, read_catalogue(folder)


def load(folder: Path, **source: str) -> duckdb.DuckDBPyConnection:
    settings, catalogue = calls(folder, **source)
    con = duckdb.connect()
    take_in(con, folder, settings, catalogue, KEY, set(), datetime(2030, 1, 1, tzinfo=UTC), lambda line: None)
    return con


def test_a_row_is_an_object_of_its_columns_and_an_empty_cell_is_null(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('id;text;id\n1;"two\nlines; ""quoted""";3\n4;;6\n')
    assert found(path, "csv") == [
        (1, {"id": "1", "text": 'two\nlines; "quoted"', "id_2": "3"}),
        (2, {"id": "4", "text": None, "id_2": "6"}),
    ]


def test_a_row_with_too_few_or_too_many_cells_costs_one_record(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n1\n1,2,3\n3,4\n")
    assert [p if isinstance(v, dict) else v for p, v in found(path, "csv")] == [
        1,
        "row has 1 cells, the header has 2",
        "row has 3 cells, the header has 2",
        4,
    ]


def test_the_declared_encoding_and_gzip_are_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(gzip.compress("name\nMüller\n".encode("cp1252")))
    assert found(path, "csv", "cp1252") == [(1, {"name": "Müller"})]


def test_the_order_of_the_columns_is_no_part_of_the_content(tmp_path):
    for name, text in (("a", "x,y\n1,2\n"), ("b", "y,x\n2,1\n")):
        (tmp_path / name).write_text(text)
    first, second = (next(iter(file_records(export(tmp_path / n), "csv", "utf-8", ()))).content_id for n in "ab")
    assert first == second


def test_the_rows_of_a_parquet_file_keep_their_types_and_their_order(tmp_path):
    path = tmp_path / "x.parquet"
    columns = "i as n, null::varchar as \"a.b\", timestamptz '2025-03-03 10:00:00+00' as at, [i] as list"
    duckdb.sql(f"select {columns} from range(30000) t(i)").write_parquet(str(path))
    rows = found(path, "parquet")
    assert [p for p, _ in rows] == list(range(1, 30001))
    assert rows[7] == (8, {"n": 7, "a.b": None, "at": "2025-03-03 10:00:00+00", "list": [7]})


@pytest.mark.parametrize("framing", ["parquet"])
def test_a_file_that_is_not_what_its_framing_says_is_one_damaged_record(tmp_path, framing):
    path = tmp_path / "x"
    path.write_text("oops")
    assert found(path, framing) == [(1, "file is no Parquet file")]


def test_columns_that_the_definition_names_and_the_file_lacks_are_told_all_at_once(tmp_path):
    (tmp_path / "x.csv").write_text("call id,took\n1,2\n")
    with pytest.raises(InputError) as error:
        load(tmp_path, timezone="Europe/London")
    expected = (
        "x.csv: has no column 'Call Id'; did you mean 'call id'?",
        "x.csv: has no column 'began'; it is none of its 2 columns; is the first line a header?",
    )
    assert error.value.faults == expected
    settings, catalogue = calls(tmp_path, timezone="Europe/London")
    assert check_sources(tmp_path, settings, catalogue) == list(expected)


def test_a_definition_of_local_times_refuses_a_source_that_does_not_say_where(tmp_path):
    (tmp_path / "x.csv").write_text("Call Id,began,took\n1,2025-07-01 10:00,5\n")
    with pytest.raises(SettingsError, match=r"sources\.calls\.timezone: calls has times without zone"):
        load(tmp_path)
    legs = load(tmp_path, timezone="Europe/London").execute("select leg_id, started_at::varchar, talk_ms from new_legs")
    assert legs.fetchall() == [("1", "2025-07-01 09:00:00+00", 5)]


JUNIT = """<?xml version="1.0"?>
<testsuites name="night"><testsuite name="a" tests="2"><testcase name="t1"/><testcase name="t2"><failure message="no">At line 3
</failure></testcase></testsuite><testsuite name="b"/></testsuites>"""


def test_every_testsuite_is_a_record(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text(JUNIT)
    failed = {"@name": "t2", "failure": [{"@message": "no", "#text": "At line 3"}]}
    parent = {"#name": "testsuite", "#parent": {"@name": "night"}}
    first = {**parent, "@name": "a", "@tests": "2", "testcase": [{"@name": "t1"}, failed]}
    assert found(path, "xml") == [(1, first), (2, {**parent, "@name": "b"})]


def test_a_testsuite_alone_is_one_record(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text('<testsuite name="a"><testcase name="t"/></testsuite>')
    assert found(path, "xml") == [(1, {"#name": "testsuite", "@name": "a", "testcase": [{"@name": "t"}]})]


def test_xml_that_is_cut_off_gives_what_is_whole_and_one_damaged_record(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text(JUNIT[:-25])
    assert [p if isinstance(v, dict) else v for p, v in found(path, "xml")] == [1, "file is no well-formed XML from here on"]


def test_a_document_type_is_refused_before_any_entity_is_expanded(tmp_path):
    path = tmp_path / "x.xml"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path.write_text(JUNIT.replace("<testsuites", f"{bomb}<testsuites").replace("At line 3", "&b;"))
    assert found(path, "xml") == [(1, "file has a document type declaration, which is refused")]


def test_xml_that_is_nested_too_deeply_is_one_damaged_record(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text("<a>" * 5000 + "</a>" * 5000)
    assert found(path, "xml") == [(1, "file is nested too deeply")]


def test_a_parquet_file_of_any_length_is_read_some_rows_at_a_time_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "long.parquet"
    duckdb.execute(f"copy (select 'r' || i as id from range(120000) as r(i)) to '{path}'")
    found = list(parquet_batches(path, "select id from read_parquet($path)"))
    assert max(len(batch) for batch in found) <= 50_000
    ids = [value for batch in found for value in batch.column(0).to_pylist()]
    assert ids == [f"r{i}" for i in range(120_000)]


def test_rows_with_long_cells_wait_together_only_up_to_so_many_characters(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("id,words\n" + "".join(f"{i},{'w' * 1_000_000}\n" for i in range(20)), encoding="utf-8")
    sheet = open_sheet(path, "csv", "utf-8")
    assert [t["position"].to_pylist() for t in batches(path, "csv", sheet, ["id"])] == [list(range(1, 17)), list(range(17, 21))]


def test_a_cell_may_hold_a_whole_transcript_and_an_endless_row_is_one_damaged_record(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f'id,words\n1,{"w" * 200_000}\n2,{"w" * 40_000_000}\n3,"two\nlines"\n', encoding="utf-8")
    rows = list(open_sheet(path, "csv", "utf-8").rows)
    assert [(row.cells[0] if row.cells else None, row.reason) for row in rows] == [
        ("1", None), (None, "row is longer than 16 million characters"), ("3", None),
    ]  # fmt: skip
    assert rows[0].cells[1] == "w" * 200_000
    assert rows[2].cells[1] == "two\nlines"


def test_a_csv_file_of_one_endless_line_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("w" * 17_000_000, encoding="utf-8")
    with pytest.raises(UnreadableError, match="row is longer than 16 million characters"):
        open_sheet(path, "csv", "utf-8")
