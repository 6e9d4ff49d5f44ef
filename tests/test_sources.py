"""The adapters: worked examples, the vendors' own samples, the made-up exports with their answer book."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot

from cxreports.definitions.catalogue import read_catalogue
from cxreports.intake import land, privacy
from cxreports.intake.adapters import adapter_for
from cxreports.intake.arrow import tables
from cxreports.intake.check import check_sources
from cxreports.intake.intake import take_in
from cxreports.intake.read import Record
from cxreports.settings import Settings, SourceSettings

CATALOGUE = read_catalogue()
SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
KEY = b"0123456789abcdef0123456789abcdef"
LATER = datetime(2030, 1, 1, tzinfo=UTC)
SOURCES = {
    "connect": {
        "kind": "amazon_connect_contact_records",
        "path": "exports/connect/**/*.json*",
        "delivered": "%Y/%m/%d/%H",
    },
    "lens": {"kind": "amazon_connect_contact_lens", "path": "exports/contact_lens/**/*.zip", "delivered": "%Y/%m/%d"},
    "surveys": {
        "kind": "table",
        "path": "exports/surveys/*.csv",
        "table": "survey_responses",
        "timezone": "Europe/London",
        "columns": {
            "response_id": "response_id",
            "leg_id": "contact_id",
            "sent_at": "strptime(sent_at, '%d/%m/%Y %H:%M')",
            "answered_at": "strptime(answered_at, '%d/%m/%Y %H:%M')",
            "score": "score",
            "scale_max": "5",
            "is_resolved": "solved",
            "comment": "comment",
        },
    },
}


def project(sources: dict[str, Any]) -> Settings:
    return Settings.model_validate(
        {
            "project": {"name": "x", "timezone": "Europe/London"},
            "privacy": {"phone_region": "GB"},
            "sources": sources,
        }
    )


@pytest.fixture(scope="module")
def samples() -> duckdb.DuckDBPyConnection:
    if not (SAMPLES / "planted.json").is_file():
        pytest.skip("the sample exports have not been made")
    con = duckdb.connect()
    take_in(con, SAMPLES, project(SOURCES), CATALOGUE, KEY, set(), LATER, lambda line: None)
    return con


@pytest.fixture(scope="module")
def planted() -> dict[str, Any]:
    return json.loads((SAMPLES / "planted.json").read_text())  # type: ignore[no-any-return]


def cells(text: str) -> list[dict[str, str]]:
    lines = [[c.strip() for c in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def shown(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", list(CATALOGUE.sources))
def test_the_worked_example_of_a_source_comes_out_as_its_header_says(name: str) -> None:
    source = CATALOGUE.sources[name]
    given = dict(source.header.example.params)
    zone = str(given.pop("timezone", "UTC"))
    adapter, _ = adapter_for("example", SourceSettings(kind=name, path="x", timezone=zone, params=given), CATALOGUE)
    con = duckdb.connect()
    privacy.install(con, KEY, None, ())
    land.prepare(con)
    records = [
        Record(int(r["position"]), r.get("member"), r["record"], "", None) for r in cells(source.header.example.given["records"])
    ]
    for table in tables("f", records):
        land.land(con, table, adapter)
    expected = cells(source.header.example.expect)
    columns = ", ".join(expected[0])
    # The example shows what is read; what is stored instead of an identifier is tested with the pseudonyms.
    found = con.execute(f"select {columns} from cx_cast_{source.header.fills[0]} order by position, row_no").fetchall()
    assert [dict(zip(expected[0], map(shown, row), strict=True)) for row in found] == expected


@pytest.mark.parametrize("name", list(CATALOGUE.sources))
def test_the_sql_of_a_source_can_be_translated_to_spark(name: str) -> None:
    assert len(sqlglot.transpile(CATALOGUE.sources[name].sql, read="duckdb", write="spark")) == 1


def test_every_planted_damage_is_quarantined_and_nothing_else(samples, planted) -> None:
    found = samples.execute(
        "select path, position, member from new_records join new_files using (file_id) where reason is not null"
    ).fetchall()
    expected = [(d["file"], d["position"], d.get("member")) for d in planted["damaged"]]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_every_record_that_was_delivered_is_accounted_for(samples, planted) -> None:
    per_file = dict(samples.execute("select path, n_records from new_files").fetchall())
    expected = {f: n["received"] for f, n in planted["records"].items() if f in per_file}
    assert per_file == expected
    assert samples.execute(
        "select count(*) from new_files f where n_records <> (select count(*) from new_records r where r.file_id = f.file_id)"
    ).fetchall() == [(0,)]
    received, newest = samples.execute(
        "select count(*), count(distinct record_key) from new_records where source = 'connect' and reason is null"
    ).fetchall()[0]
    assert received == planted["totals"]["records_valid"]
    assert newest == planted["totals"]["contact_ids"]


def test_no_planted_personal_data_is_left_in_any_landed_table(samples, planted) -> None:
    stored = "\n".join(
        str(row)
        for table in ("legs", "turns", "sentiments", "survey_responses")
        for row in samples.execute(f"select * from new_{table}").fetchall()
    )
    assert [literal for literal in planted["personal_data"] if literal in stored] == []
    assert [number for number in planted["customer_addresses"] if number in stored] == []


def test_withheld_numbers_are_nobody(samples, planted) -> None:
    found = samples.execute(
        "select count(distinct leg_id) from new_legs where is_withheld and root_id is null and initiation = 'customer'"
    ).fetchall()
    assert found == [(planted["withheld"],)]
    assert samples.execute("select count(*) from new_legs where is_withheld and phone_key is not null").fetchall() == [(0,)]


def test_a_redacted_twin_is_a_later_version_of_its_raw_file(samples) -> None:
    twins = samples.execute(
        "select arg_max(member, version_at) from new_records where source = 'lens' and reason is null "
        "group by record_key having count(*) > 1"
    ).fetchall()
    assert twins
    assert all("_analysis_redacted_" in member for (member,) in twins)


def lens(shared: Path, tmp_path: Path, *names: str) -> duckdb.DuckDBPyConnection:
    for name in names:
        source = shared / "formats/samples/amazon_connect" / name
        (tmp_path / name).write_bytes(source.read_bytes())
    settings = project({"lens": {"kind": "amazon_connect_contact_lens", "path": "*.json"}})
    con = duckdb.connect()
    take_in(con, tmp_path, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
    return con


def test_the_vendors_own_chat_sample_is_read(shared: Path, tmp_path: Path) -> None:
    con = lens(shared, tmp_path, "contact_lens_chat_raw.json", "contact_lens_chat_redacted.json")
    scores = con.execute(
        "select part, score::double from new_sentiments join new_records using (file_id, position) order by version_at, part"
    ).fetchall()
    assert scores[:4] == [("begin", -0.75), ("end", 0.75), ("overall", 0.0), ("with_agent", 0.0)]
    assert con.execute("select distinct speaker from new_turns order by all").fetchall() == [
        ("agent",),
        ("customer",),
        ("system",),
    ]


def test_a_voice_sample_without_contact_id_in_it_or_in_its_name_is_quarantined(shared: Path, tmp_path: Path) -> None:
    con = lens(shared, tmp_path, "contact_lens_voice_raw.json")
    assert con.execute("select reason from new_records").fetchall() == [
        ("ContactId is missing, and the file is not named after it",)
    ]


@pytest.fixture
def read_table(tmp_path: Path) -> Callable[..., duckdb.DuckDBPyConnection]:
    def read(path: Path, **source: Any) -> duckdb.DuckDBPyConnection:
        (tmp_path / path.name).write_bytes(path.read_bytes())
        settings = project({"calls": {"kind": "table", "table": "legs", "path": path.name, **source}})
        assert check_sources(tmp_path, settings, CATALOGUE) == []
        con = duckdb.connect()
        take_in(con, tmp_path, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
        return con

    return read


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_bank_call_centre_of_1999_is_a_source(shared: Path, read_table, suffix: str) -> None:
    con = read_table(
        shared / "data/anonymous_bank_feb1999" / f"calls.{suffix}",
        timezone="Asia/Jerusalem",
        columns={
            "leg_id": "row_no",
            "channel": "'voice'",
            "started_at": "vru_entry",
            "ended_at": "greatest(vru_exit, queue_exit, service_exit)",
            "enqueued_at": "queue_start",
            "answered_at": "case when outcome = 'AGENT' then service_start end",
            "wait_ms": "queue_seconds::bigint * 1000",
            "talk_ms": "case when outcome = 'AGENT' then service_seconds::bigint * 1000 end",
            "agent_id": "nullif(agent, 'NO_SERVER')",
            "intent": "service_type",
            "account_key": "nullif(customer_id, '0')",
            "excluded_as": "case when outcome = 'PHANTOM' then 'phantom' end",
        },
    )
    loaded, bad = con.execute("select count(*), count(reason) from new_records").fetchall()[0]
    assert loaded == 33_344
    assert bad == con.execute("select count(*) from new_records where reason = 'ended_at is before started_at'").fetchall()[0][0]
    assert con.execute("select count(*) from new_legs where excluded_as = 'phantom'").fetchall()[0][0] > 270


def test_a_training_companys_call_list_is_a_source(shared: Path, read_table) -> None:
    con = read_table(
        shared / "data/pwc_call_center/calls.csv",
        timezone="UTC",
        columns={
            "leg_id": "call_id",
            "channel": "'voice'",
            "started_at": "started_at",
            "answered_at": "case when answered then started_at::timestamp + to_seconds(speed_of_answer_s::double) end",
            "enqueued_at": "started_at",
            "wait_ms": "speed_of_answer_s::double * 1000",
            "talk_ms": "talk_s::double * 1000",
            "agent_id": "agent",
            "intent": "topic",
        },
    )
    assert con.execute("select count(*), count(answered_at), round(avg(wait_ms)) from new_legs").fetchall() == [
        (5000, 4054, 67521)
    ]
