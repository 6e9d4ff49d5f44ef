"""Every record of every file is accounted for, whatever the files hold."""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.definitions.catalogue import read_catalogue
from cxreports.errors import SettingsError
from cxreports.intake.intake import take_in
from cxreports.settings import Settings

CATALOGUE = read_catalogue()
KEY = b"0123456789abcdef0123456789abcdef"
TIMES = st.sampled_from(["2025-03-03T10:00:00Z", "2025-03-03T09:59:59Z", "oops", "", None, 7])
CTRS = st.builds(
    lambda i, start, end, rest: {"ContactId": i, "InitiationTimestamp": start, "DisconnectTimestamp": end, **rest},
    st.sampled_from(["a", "b", "", None, 5, {}]),
    TIMES,
    TIMES,
    st.fixed_dictionaries(
        {},
        optional={
            "Queue": st.sampled_from([None, [], "x", {"Duration": "x"}, {"Duration": 5, "Name": {"deep": 1}}]),
            "Agent": st.sampled_from([None, 1, {"AgentInteractionDuration": -1}, {"ConnectedToAgentTimestamp": "x"}]),
            "Attributes": st.sampled_from([None, [], {"aiReplies": "many"}, {"aiReplies": "2", "aireplies": "3"}]),
            "Channel": st.sampled_from(["VOICE", "chat", None, 3]),
        },
    ),
)
PIECES = st.lists(st.one_of(CTRS.map(json.dumps), st.sampled_from(["oops", '{"ContactId":', "[", "]", '{"a":"\\ud800"}', "{}"])))


def read(
    folder: Path, as_of: datetime = datetime(2030, 1, 1, tzinfo=UTC), known: Any = (), **source: Any
) -> duckdb.DuckDBPyConnection:
    found = Settings.model_validate(
        {
            "project": {"name": "x", "timezone": "Europe/London"},
            "sources": {"connect": {"kind": "amazon_connect_contact_records", "path": "**/*.json", **source}},
        }
    )
    con = duckdb.connect()
    take_in(con, folder, found, CATALOGUE, KEY, set(known), as_of, lambda line: None)
    return con


def paths(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [path for (path,) in con.execute("select path from new_files order by path").fetchall()]


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.tuples(PIECES, st.sampled_from(["", "\n"])), min_size=1, max_size=3))
def test_every_record_is_either_quarantined_or_landed(files):
    with TemporaryDirectory() as folder:
        for n, (pieces, between) in enumerate(files):
            (Path(folder) / f"{n}.json").write_text(between.join(pieces))
        con = read(Path(folder))
        wrong = con.execute(
            "select path from new_files f where n_records <> (select count(*) from new_records where file_id = f.file_id)"
        ).fetchall()
        assert wrong == []
        good = con.execute("select file_id, position from new_records where reason is null order by all").fetchall()
        assert good == con.execute("select file_id, position from new_legs order by all").fetchall()


def test_keys_that_differ_only_in_case_are_different_keys(tmp_path):
    record = {"ContactId": "a", "InitiationTimestamp": "2025-03-03T10:00:00Z", "Attributes": {"Intent": "x", "intent": "y"}}
    (tmp_path / "x.json").write_text(json.dumps(record))
    assert read(tmp_path).execute("select intent from new_legs").fetchall() == [("y",)]
    assert read(tmp_path, params={"intent_attribute": "Intent"}).execute("select intent from new_legs").fetchall() == [("x",)]


def test_an_unknown_parameter_is_refused_with_the_nearest_known_one(tmp_path):
    with pytest.raises(SettingsError, match="did you mean 'intent_attribute'"):
        read(tmp_path, params={"intent_atribute": "x"})


def test_files_that_were_delivered_later_do_not_exist_yet(tmp_path):
    for hour in ("09", "10"):
        (tmp_path / "2025" / "03" / "03" / hour).mkdir(parents=True)
        (tmp_path / "2025" / "03" / "03" / hour / "x.json").write_text(f'{{"hour":{int(hour)}}}')
    con = read(tmp_path, datetime(2025, 3, 3, 9, 30, tzinfo=UTC), delivered="%Y/%m/%d/%H")
    assert paths(con) == ["2025/03/03/09/x.json"]


def test_a_copy_and_a_known_file_are_not_read_again(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text('{"ContactId":"a"}')
    con = read(tmp_path)
    assert paths(con) == ["a.json"]
    (file_id,) = con.execute("select file_id from new_files").fetchall()[0]
    assert paths(read(tmp_path, known={("connect", file_id)})) == []


def test_nothing_new_leaves_all_tables_and_no_rows(tmp_path):
    con = read(tmp_path)
    for table in ("files", "records", "legs", "turns", "sentiments", "survey_responses", "cases", "releases"):
        assert con.execute(f"select count(*) from new_{table}").fetchall() == [(0,)]


def test_nothing_unmasked_stays_in_the_connection(tmp_path):
    (tmp_path / "x.json").write_text('{"ContactId":"a","InitiationTimestamp":"2025-03-03T10:00:00Z"}')
    left = read(tmp_path).execute("select table_name from duckdb_tables() where database_name <> 'cx_masked'").fetchall()
    assert sorted(left) == [("new_fields",), ("new_files",), ("new_objects",), ("new_shapes",)]  # no words of anybody
