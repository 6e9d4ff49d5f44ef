"""Any file is a source: mapped by expressions that can do nothing else, refused or quarantined with its place."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from cxreports.definitions.catalogue import Catalogue
from cxreports.errors import CxError, InputError, SettingsError
from cxreports.intake.check import check_sources
from cxreports.intake.expressions import Expression, read_expression
from cxreports.intake.intake import take_in
from cxreports.settings import Settings

KEY = b"0123456789abcdef0123456789abcdef"
EMPTY = Catalogue({}, {}, {})
LEGS: dict[str, Any] = {"kind": "table", "table": "legs", "path": "*.csv"}
CALLS = {"leg_id": "id", "started_at": "begin"}


def project(**source: Any) -> Settings:
    return Settings.model_validate(
        {"project": {"name": "x", "timezone": "Europe/Berlin"}, "sources": {"calls": {**LEGS, **source}}}
    )


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., duckdb.DuckDBPyConnection]:
    def run(text: str = "", name: str = "calls.csv", encoding: str = "utf-8", **source: Any) -> duckdb.DuckDBPyConnection:
        if text:
            (tmp_path / name).write_bytes(text.encode(encoding))
        con = duckdb.connect()
        later = datetime(2030, 1, 1, tzinfo=UTC)
        take_in(con, tmp_path, project(**{"columns": CALLS, **source}), EMPTY, KEY, set(), later, lambda line: None)
        return con

    return run


def accounts(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("select position, record_key, reason from new_records order by file_id, position").fetchall()


def starts(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [f"{at:%d %H:%M}" for (at,) in con.execute("select started_at from new_legs order by leg_id").fetchall()]


def faults_of(call: Callable[[], Any]) -> tuple[str, ...]:
    with pytest.raises(CxError) as caught:
        call()
    return caught.value.faults


@pytest.mark.parametrize(
    "text",
    ["id", '"Call Id"', "strptime(a, '%d/%m/%Y')", "a::bigint * 1000", "case when a = 'x' then b end", "a ->> '$.b'", "5"],
)
def test_an_expression_may_compute_with_one_rows_values(text):
    assert isinstance(read_expression(text), Expression)


@pytest.mark.parametrize(
    "text",
    [
        "(select 1)",
        "read_text('/etc/passwd')",
        "a) from read_csv('/etc/passwd') --",
        "a from read_csv('/etc/passwd')",
        "getenv('HOME')",
        "current_setting('home_directory')",
        "now()",
        "random()",
        "count(*)",
        "sum(a)",
        "row_number() over ()",
        "*",
        "columns('.*')",
        "$x",
        "a, b",
        "a as b",
        "t.a",
        "error(a)",
        "a; drop table records",
        "exists(from 'x.csv')",
        "a in (from glob('*'))",
        "nextval('s')",
        "",
    ],
)
def test_an_expression_may_do_nothing_else(text):
    assert isinstance(read_expression(text), str)


def test_all_faults_of_a_mapping_are_named_at_once_with_their_place(read):
    columns = {"leg_id": "id", "chanel": "'voice'", "queue": "upper(", "team": "read_text('x')"}
    faults = faults_of(lambda: read("id,begin\n1,2\n", columns=columns))
    assert faults[0].startswith("cxreports.toml: sources.calls.columns.chanel: legs has no such column; did you mean 'channel'?")
    assert faults[1].startswith("cxreports.toml: sources.calls.columns.started_at: is required")
    assert [f.split(":")[1] for f in faults[2:]] == [" sources.calls.columns.queue", " sources.calls.columns.team"]


def test_a_column_that_a_file_lacks_is_named_with_the_file(read):
    assert faults_of(lambda: read("id,started\n1,2025-03-03 10:00Z\n")) == (
        "cxreports.toml: sources.calls.columns.started_at: calls.csv has no column 'begin'; "
        "it is none of its 2 columns; is the first line a header?",
    )


def test_rows_that_do_not_fit_are_quarantined_with_row_and_column_and_without_their_value(read):
    text = (
        "id,begin,end,n\n"
        "a,2025-03-03 10:00Z,2025-03-03 10:05Z,3\n"
        "b,secret,,3\n"
        "c,,,3\n"
        "d,2025-03-03 10:00Z,2025-03-03 09:59Z,3\n"
        "e,2025-03-03 10:00Z,,4.5\n"
        "f,2025-03-03 10:00Z,,oops\n"
        ",2025-03-03 10:00Z,,1\n"
        "h,2025-03-03 10:00Z\n"
        "i,2025-03-03 10:00Z,,1,extra\n"
    )
    columns = {**CALLS, "ended_at": '"end"', "ai_replies": "n", "talk_ms": "n::double * 1000"}
    con = read(text, columns=columns)
    assert accounts(con) == [
        (1, "a", None),
        (2, "b", "column started_at: no time"),
        (3, "c", "started_at is empty"),
        (4, "d", "ended_at is before started_at"),
        (5, "e", "column ai_replies: not a whole number"),
        (6, "f", "column talk_ms: cannot be computed"),
        (7, None, "leg_id is empty"),
        (8, None, "row has 2 cells, the header has 4"),
        (9, None, "row has 5 cells, the header has 4"),
    ]
    assert con.execute("select leg_id, ai_replies, talk_ms from new_legs").fetchall() == [("a", 3, 3000)]


def test_a_quote_that_is_never_closed_costs_one_row(read):
    con = read('id,begin\na,"2025-03-03 10:00Z\nb,2025-03-03 10:00Z\n"c\n1",2025-03-03 10:00Z\nd,2025-03-03 10:00Z\n')
    assert [(key, reason is None) for _, key, reason in accounts(con)] == [
        (None, False),
        ("b", True),
        ("c\n1", True),
        ("d", True),
    ]


def test_a_time_without_zone_is_refused_until_the_zone_is_known(read):
    text = "id,begin\na,2025-03-03 10:00\n"
    assert "sources.calls.timezone" in faults_of(lambda: read(text))[0]
    assert starts(read(text, timezone="Europe/Berlin")) == ["03 09:00"]
    assert "give" in faults_of(lambda: read(text, columns={**CALLS, "started_at": "begin::timestamp"}))[0]


def test_a_local_time_in_the_night_of_a_clock_change_is_one_certain_instant(read):
    text = "id,begin\na,2025-03-30 01:59\nb,2025-03-30 02:30\nc,2025-10-26 02:30\nd,2025-10-26 03:00\n"
    assert starts(read(text, timezone="Europe/Berlin")) == ["30 00:59", "30 01:30", "26 00:30", "26 02:00"]


@pytest.mark.parametrize(
    ("name", "text"), [("calls.csv", "id;begin\na;2025-03-03 10:00Z\n"), ("c.csv", "\ufeffid\tbegin\na\t2025-03-03 10:00Z\n")]
)
def test_the_delimiter_is_read_from_the_header(read, name, text):
    assert accounts(read(text, name)) == [(1, "a", None)]


def test_an_encoding_can_be_declared_and_wrong_bytes_cost_their_row(read):
    text = "id,begin,queue\na,2025-03-03 10:00Z,Zürich\nb,2025-03-03 10:00Z,Bern\n"
    columns = {**CALLS, "queue": "queue"}
    assert [r for _, _, r in accounts(read(text, encoding="cp1252", columns=columns))] == [
        "record is not valid text in the declared encoding",
        None,
    ]


def test_json_rows_may_lack_keys_and_may_be_nested(read):
    con = read('{"id":1,"begin":"2025-03-03T10:00:00Z","who":{"name":"ann"}}\n{"id":2}\noops\n', "x.json", path="*.json",
               columns={**CALLS, "agent_id": "who ->> '$.name'"})  # fmt: skip
    assert accounts(con) == [(1, "1", None), (2, "2", "started_at is empty"), (3, None, "record is no JSON object")]
    assert con.execute("select agent_id from new_legs").fetchall() == [("ann",)]


def test_a_workbook_and_a_parquet_file_are_read_alike(read, tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "begin"], ["a", datetime.fromisoformat("2025-03-03 10:00")], [2, "2025-03-03 11:00"]):
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    with duckdb.connect() as con:
        con.execute(
            f"copy (from (values ('a', timestamp '2025-03-03 10:00'), ('2', timestamp '2025-03-03 11:00')) as t(id, begin)) "
            f"to '{tmp_path / 'x.parquet'}'"
        )
    for name in ("x.xlsx", "x.parquet"):
        con = read(path=name, timezone="UTC")
        assert accounts(con) == [(1, "a", None), (2, "2", None)]
        assert starts(con) == ["03 11:00", "03 10:00"]


@pytest.mark.parametrize("name", ["x.xlsx", "x.parquet"])
def test_a_file_that_is_not_what_it_is_called_is_one_damaged_record(read, name):
    (account,) = accounts(read("nonsense", name, path=name))
    assert account[2].startswith("file is no ")


def test_an_empty_file_is_a_file_without_records(read):
    con = read("id,begin\n")
    assert con.execute("select path, n_records from new_files").fetchall() == [("calls.csv", 0)]


def test_a_run_that_is_mostly_damage_is_refused(read):
    text = "id,begin\na,2025-03-03 10:00Z\nb,oops\n"
    assert faults_of(lambda: read(text, max_quarantined=0.4))[0].startswith(
        "source calls: 1 of 2 records are damaged, more than max_quarantined = 0.4 allows; most often (1): "
        "column started_at: no time; first in calls.csv, record 2."
    )
    assert len(accounts(read(text, max_quarantined=0.5))) == 2


def test_check_names_faults_without_loading(tmp_path):
    (tmp_path / "a.csv").write_text("id,began\n1,2025-03-03\n")
    assert check_sources(tmp_path, project(columns=CALLS), EMPTY) == [
        "cxreports.toml: sources.calls.columns.started_at: a.csv has no column 'begin'; did you mean 'began'?"
    ]
    assert check_sources(tmp_path, project(columns=CALLS, path="exports/*.csv"), EMPTY) == [
        "warning: cxreports.toml: sources.calls.path: no file matches 'exports/*.csv' yet"
    ]


def test_a_glob_cannot_leave_the_project(read):
    for path in ("../*.csv", "/etc/*", "a/../../b"):
        with pytest.raises(SettingsError):
            read("id,begin\n", path=path)


def test_two_sources_may_read_one_file(tmp_path):
    (tmp_path / "a.csv").write_text("id,begin,stars\na,2025-03-03 10:00Z,4\n")
    survey = {"kind": "table", "table": "survey_responses", "path": "*.csv"}
    survey |= {"columns": {"response_id": "id", "score": "stars"}}
    calls = {**LEGS, "columns": CALLS}
    both = Settings.model_validate({"project": {"name": "x", "timezone": "UTC"}, "sources": {"calls": calls, "surveys": survey}})
    con = duckdb.connect()
    take_in(con, tmp_path, both, EMPTY, KEY, set(), datetime(2030, 1, 1, tzinfo=UTC), lambda line: None)
    assert con.execute("select source, n_records from new_files").fetchall() == [("calls", 1), ("surveys", 1)]
    assert con.execute("select count(*) from new_survey_responses").fetchall() == [(1,)]


def test_an_unusable_format_is_an_input_error(read):
    with pytest.raises(InputError):
        read("id,begin\n", "calls.dat", path="*.dat")


def test_records_that_do_not_meet_the_condition_are_loaded_and_give_no_row(read):
    text = "id,begin,kind\na,2025-03-03 10:00Z,call\na,,note\nc,2025-03-03 11:00Z,\nd,,call\n"
    con = read(text, where="kind = 'call'")
    assert [(key[:7], reason) for _, key, reason in accounts(con)] == [
        ("a", None), ("no row:", None), ("no row:", None), ("d", "started_at is empty"),
    ]  # fmt: skip
    assert con.execute("select leg_id from new_legs").fetchall() == [("a",)]


def test_a_condition_is_true_or_false(read):
    assert faults_of(lambda: read("id,begin\na,2025-03-03 10:00Z\n", where="id")) == (
        "cxreports.toml: sources.calls.where: gives VARCHAR, which is neither true nor false",
    )
    assert "has no column 'knd'" in faults_of(lambda: read("id,begin\na,2025-03-03 10:00Z\n", where="knd = 'x'"))[0]


def test_a_count_of_a_day_needs_its_day_and_its_number(read):
    text = "day,calls\n2025-03-03,41\n2025-02-30,7\n2025-03-05,many\n2025-03-06,\n"
    con = read(text, table="period_counts", columns={"count_id": "day", "start_on": "day", "n": "calls"})
    assert [reason for _, _, reason in accounts(con)] == [
        None, "column start_on: no date", "column n: not a whole number", "n is empty",
    ]  # fmt: skip
    assert con.execute("select start_on::varchar, n from new_period_counts").fetchall() == [("2025-03-03", 41)]
