"""A field that comes with another type than a definition needs: its record is quarantined by the field's name, no other."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports.intake.fit import note_misfits
from tests.source_files import CATALOGUE, lines, take

TYPED = [(kind, path, type_) for kind, d in CATALOGUE.sources.items() for path, type_ in d.header.types.items()]
FITS: dict[str, list[object]] = {
    "number": [3, -2.5, "4", "", None],
    "time": ["2025-03-03T09:00:00Z", None],
    "boolean": [True, "FALSE"],
}
MISFITS: dict[str, list[object]] = {
    "number": ["many", "3 s", True, {"n": 3}],
    "time": ["31/02/2025", 17],
    "boolean": ["perhaps", 2],
}


def holding(path: str, value: object) -> dict[str, Any]:
    """A record with that value at that path, in the second item of each list."""
    key, _, rest = path.partition(".")
    inner = holding(rest, value) if rest else value
    return {key.removesuffix("[]"): [{}, inner]} if key.endswith("[]") else {key: inner}


def misfits(types: list[tuple[str, str]], *records: dict[str, Any]) -> list[tuple[int, str]]:
    con = duckdb.connect()
    con.execute("create table records (file_id varchar, position bigint, record varchar)")
    con.execute("create table cx_faults (file_id varchar, position bigint, rank bigint, reason varchar)")
    con.executemany("insert into records values ('f', ?, ?)", [[i, json.dumps(r)] for i, r in enumerate(records, start=1)])
    note_misfits(con, types)
    return con.execute("select position, reason from cx_faults order by position").fetchall()


@pytest.mark.parametrize(("kind", "path", "type_"), TYPED)
def test_every_declared_field_is_held_to_its_type(kind: str, path: str, type_: str) -> None:
    records = [holding(path, value) for value in (*FITS[type_], *MISFITS[type_])]
    words = {"number": "not a number", "time": "no time", "boolean": "not true or false"}[type_]
    n = len(FITS[type_])
    assert misfits([(path, type_)], *records) == [(n + i, f"field {path}: {words}") for i in range(1, len(MISFITS[type_]) + 1)]


def test_a_boolean_is_true_or_false() -> None:
    records = [holding("a.b", value) for value in (*FITS["boolean"], *MISFITS["boolean"])]
    assert misfits([("a.b", "boolean")], *records) == [(3, "field a.b: not true or false"), (4, "field a.b: not true or false")]


def test_a_duration_that_became_a_text_costs_its_record_and_not_the_file(tmp_path: Path) -> None:
    def record(id_: str, duration: object) -> dict[str, object]:
        return {
            "ContactId": id_, "Channel": "VOICE", "InitiationMethod": "INBOUND", "InitiationTimestamp": "2025-03-03T09:00:00Z",
            "Agent": {"ConnectedToAgentTimestamp": "2025-03-03T09:01:00Z", "AgentInteractionDuration": duration},
        }  # fmt: skip

    lines(tmp_path / "a.json", record("a", 60), record("b", "one minute"), record("c", None), record("d", "61"))
    taken = take(tmp_path, {"kind": "amazon_connect_contact_records", "path": "a.json"})
    assert taken.reasons() == [None, "field Agent.AgentInteractionDuration: not a number", None, None]
    assert taken.rows("select leg_id, talk_ms from new_legs order by leg_id") == [("a", 60_000), ("c", None), ("d", 61_000)]


def test_a_number_of_a_csv_that_became_words_costs_its_row(tmp_path: Path) -> None:
    at = "2025-03-03T09:00:00.000+0000"
    rows = [
        f"0Bz00000000000{n}AAA,0Mw000000000002AAA,005000000000001AAA,{at},{at},{at},{taken}"
        for n, taken in enumerate(["300", "5 min", ""], start=1)
    ]
    head = "Id,WorkItemId,UserId,RequestDateTime,AcceptDateTime,SystemModstamp,HandleTime"
    (tmp_path / "a.csv").write_text("\n".join([head, *rows]) + "\n")
    taken = take(tmp_path, {"kind": "salesforce_agent_work", "path": "a.csv"})
    assert taken.reasons() == [None, "field HandleTime: not a number", None]
