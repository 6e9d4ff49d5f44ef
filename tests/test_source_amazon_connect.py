"""What Amazon Connect writes besides contact records and Contact Lens files: every kind over the vendor's own samples."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cxreports.definitions.catalogue import read_catalogue
from cxreports.intake.intake import take_in
from cxreports.settings import Settings

CATALOGUE = read_catalogue()
KEY = b"0123456789abcdef0123456789abcdef"
LATER = datetime(2030, 1, 1, tzinfo=UTC)
Rows = list[tuple[Any, ...]]


class Taken:
    """One file of one kind, taken in."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def rows(self, sql: str) -> Rows:
        """The rows of a query; instants as text."""
        return [tuple(str(c) if isinstance(c, datetime) else c for c in row) for row in self._con.execute(sql).fetchall()]

    def reasons(self) -> list[str | None]:
        """One entry per record received, in order: None where it was loaded."""
        return [reason for (reason,) in self.rows("select reason from new_records order by file_id, position")]


@pytest.fixture
def taken(tmp_path: Path) -> Callable[..., Taken]:
    def take(kind: str, *contents: bytes | str | dict[str, Any] | Path, **params: Any) -> Taken:
        for i, content in enumerate(contents):
            data = content.read_bytes() if isinstance(content, Path) else content
            data = json.dumps(data) if isinstance(data, dict) else data
            (tmp_path / f"in{i}").write_bytes(data.encode() if isinstance(data, str) else data)
        settings = Settings.model_validate(
            {
                "project": {"name": "x", "timezone": "Europe/London"},
                "sources": {"connect": {"kind": kind, "path": "in*", "params": params}},
            }
        )
        con = duckdb.connect()
        take_in(con, tmp_path, settings, CATALOGUE, KEY, set(), LATER, lambda line: None)
        return Taken(con)

    return take


@pytest.fixture
def samples(shared: Path) -> Path:
    return shared / "formats/samples/amazon_connect"


EVALUATION = "fb90de35-4507-479a-8b57-970290fd5c2c"


def test_the_vendors_evaluation_is_read_answer_by_answer(taken, samples) -> None:
    con = taken("amazon_connect_evaluations", samples / "evaluation_form_v3.1.json")
    assert con.reasons() == [None]
    assert con.rows("select record_key, version_at from new_records") == [(EVALUATION, "2022-11-14 17:59:29.052000+00:00")]
    assert con.rows(
        "select evaluation_id, leg_id, form, form_version, evaluator, kind, status, submitted_at, score::double, is_auto_fail, "
        "is_automatic from new_evaluations"
    ) == [
        (
            EVALUATION,
            "badd4896-75f7-43b3-bee6-c617ed3d04cb",
            "Compliance Evaluation Form",
            "2",
            "jane",
            "standard",
            "submitted",
            "2022-11-14 17:59:29.052000+00:00",
            1.0,
            None,
            None,
        )
    ]
    assert con.rows(
        "select question, section, question_text, answer, score::double, is_not_applicable "
        "from new_evaluation_answers order by all"
    ) == [
        ("q570b206a", "The title of the subsection", "How do you rate the contact between 1 and 10?", None, None, True),
        ("q73bc5b9d", "The title of the subsection", "Did the agent introduce themselves?", "Yes", 1.0, False),
        ("qc2effc9d", "The title of the subsection", "Describe the outcome.", "Example answer text", None, False),
    ]


def test_two_files_of_one_evaluation_are_two_versions_of_one_record(taken, samples) -> None:
    old = json.loads((samples / "evaluation_form_v3.1.json").read_text())
    new = {
        **old,
        "metadata": {**old["metadata"], "evaluationSubmitTimestamp": "2022-11-15T08:00:00Z", "score": {"percentage": 40}},
    }
    con = taken("amazon_connect_evaluations", old, new)
    assert con.reasons() == [None, None]
    assert con.rows(
        "select record_key, max_by(score, version_at)::double, count(*) from new_records join new_evaluations "
        "using (file_id, position, record_key) group by all"
    ) == [(EVALUATION, 0.4, 2)]


def test_a_question_without_a_score_is_never_a_zero(taken, samples) -> None:
    old = json.loads((samples / "evaluation_form_v3.1.json").read_text())
    old["metadata"]["score"] = {"notApplicable": True, "percentage": 0}
    old["questions"][0]["score"] = {"notApplicable": True, "percentage": 0}
    con = taken("amazon_connect_evaluations", old)
    assert con.rows("select score from new_evaluations") == [(None,)]
    assert con.rows("select count(score), count(*) from new_evaluation_answers") == [(1, 3)]
