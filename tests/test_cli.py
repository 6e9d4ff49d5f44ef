"""What people type, and what they are told when something is wrong: where, what, what to do, all at once, no customer's data."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cxreports import pipeline
from tests.conftest import ROOT

CALLS = """id,begun,taken,who,note
c1,2025-03-03 10:00:00,2025-03-03 10:00:10,K-1,call me on 020 7946 0018
c2,2025-03-03 11:00:00,,K-1,
c3,2025-03-04 11:00:00,2025-03-04 11:00:30,K-2,
"""
SETTINGS = """
[project]
name = "Small"
timezone = "Europe/London"

[sources.calls]
kind = "table"
path = "exports/*.csv"
table = "legs"
timezone = "Europe/London"

[sources.calls.columns]
leg_id = "id"
started_at = "begun"
enqueued_at = "begun"
answered_at = "taken"
account_key = "who"
note = "note"
"""


def cx(*words: str) -> subprocess.CompletedProcess[str]:
    """The command line as people run it."""
    command = [sys.executable, "-m", "cxreports.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "COLUMNS": "120"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert cx("init", str(tmp_path / "p")).returncode == 0
    (tmp_path / "p/cxreports.toml").write_text(SETTINGS)
    (tmp_path / "p/exports/calls.csv").write_text(CALLS)
    return tmp_path / "p"


def fails(folder: Path, words: Sequence[str], code: int, *told: str) -> str:
    done = cx(*words, "--project", str(folder))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "K-1" not in done.stderr and "7946" not in done.stderr
    for words_told in told:
        assert words_told in done.stderr
    return done.stderr


def test_a_new_project_runs_measures_and_explains(folder: Path) -> None:
    assert cx("check", "--project", str(folder)).returncode == 0
    done = cx("run", "--project", str(folder), "--as-of", "2025-03-20", "--json")
    assert json.loads(done.stdout)["records"] == 3
    asked = ["--from", "2025-03-03", "--to", "2025-03-05", "--project", str(folder)]
    (figure,) = json.loads(cx("measure", "interactions", *asked, "--format", "json").stdout)
    assert (figure["n"], figure["state"], figure["low"] < 3 < figure["high"]) == (3, "final", True)
    behind = json.loads(cx("explain", "answer_rate", *asked, "--format", "json").stdout)
    assert [(r["unit_id"], r["num"], r["file"], r["position"]) for r in behind["rows"]] == [
        ("c1", 1, "exports/calls.csv", 1), ("c2", 0, "exports/calls.csv", 2), ("c3", 1, "exports/calls.csv", 3),
    ]  # fmt: skip
    csv = cx("measure", "interactions", *asked, "--by", "day", "--format", "csv").stdout.splitlines()
    assert len(csv) == 3 and csv[0].startswith("metric,version,period_start")


def test_the_key_of_a_new_project_is_its_own_and_not_readable_by_others(tmp_path: Path) -> None:
    for name in ("a", "b"):
        cx("init", str(tmp_path / name))
    keys = [(tmp_path / name / "pseudonym.key") for name in ("a", "b")]
    assert keys[0].read_text() != keys[1].read_text()
    assert keys[0].stat().st_mode & 0o077 == 0


def test_init_overwrites_nothing(folder: Path) -> None:
    done = cx("init", str(folder))
    assert (done.returncode, "exists already" in done.stderr) == (15, True)
    assert (folder / "cxreports.toml").read_text() == SETTINGS


def test_unknown_settings_are_all_named_with_line_and_nearest_known_word(folder: Path) -> None:
    text = SETTINGS.replace('name = "Small"', 'name = "Small"\ntimezon = "x"').replace('path = "exports', 'pth = "exports')
    (folder / "cxreports.toml").write_text(text)
    told = fails(folder, ["check"], 10, "cxreports.toml:4: project.timezon: unknown setting; did you mean 'timezone'?")
    assert "sources.calls.pth: unknown setting; did you mean 'path'?" in told
    assert "sources.calls.path: is required" in told


def test_a_missing_project_says_how_to_make_one(tmp_path: Path) -> None:
    fails(tmp_path, ["run"], 10, "cxreports init")


def test_a_missing_column_is_named_before_anything_is_loaded(folder: Path) -> None:
    (folder / "exports/calls.csv").write_text(CALLS.replace("begun", "started"))
    told = fails(folder, ["run"], 12, "begun")
    assert "exports/calls.csv" in told
    assert not (folder / "lake/commits").exists()


def test_a_wrong_type_quarantines_the_row_and_loads_the_rest(folder: Path) -> None:
    (folder / "exports/calls.csv").write_text(CALLS.replace("2025-03-03 11:00:00", "31/02/2025"))
    done = cx("run", "--project", str(folder), "--as-of", "2025-03-20", "--json")
    assert (json.loads(done.stdout)["records"], json.loads(done.stdout)["quarantined"]) == (3, 1)
    listed = json.loads(cx("accounts", "--project", str(folder), "--json").stdout)
    assert [(q["file"], q["position"]) for q in listed["quarantined"]] == [("exports/calls.csv", 2)]
    assert "started_at" in listed["quarantined"][0]["reason"] and "31/02" not in json.dumps(listed)


def test_times_without_a_zone_are_refused_unless_one_is_declared(folder: Path) -> None:
    (folder / "cxreports.toml").write_text(SETTINGS.replace('table = "legs"\ntimezone = "Europe/London"', 'table = "legs"'))
    fails(folder, ["run"], 12, "timezone")


def test_the_metrics_of_a_subject_are_listed_and_with_a_period_measured(folder: Path) -> None:
    asked = ("metrics", "--project", str(folder), "--subject", "Contact handling", "--known", "live", "--format", "json")
    listed = {m["name"]: (m["subject"], m["known"]) for m in json.loads(cx(*asked).stdout)}
    assert set(listed.values()) == {("Contact handling", "live")} and {"interactions", "answer_rate"} <= set(listed)
    assert cx("run", "--project", str(folder), "--as-of", "2025-03-20").returncode == 0
    figures = {m["metric"]: m for m in json.loads(cx(*asked, "--from", "2025-03-03", "--to", "2025-03-05").stdout)}
    assert figures["interactions"]["num"] == 3
    assert (figures["answer_rate"]["n"], figures["answer_rate"]["state"]) == (3, "insufficient")
    assert set(figures) == set(listed)
    printed = cx(*asked[:-1], "table", "--from", "2025-03-03", "--to", "2025-03-05").stdout.splitlines()
    (row,) = [line.split() for line in printed if line.startswith("interactions ")]
    assert row == ["interactions", "live", "3", "1", "to", "9", "3", "final"]


def test_an_empty_export_is_a_file_with_no_records(folder: Path) -> None:
    (folder / "exports/calls.csv").write_text(CALLS.splitlines()[0] + "\n")
    done = cx("run", "--project", str(folder), "--as-of", "2025-03-20", "--json")
    assert (done.returncode, json.loads(done.stdout)["records"], json.loads(done.stdout)["files"]) == (0, 0, 1)
    (figure,) = json.loads(
        cx("measure", "interactions", "--period", "2025-W10", "--project", str(folder), "--format", "json").stdout
    )
    assert (figure["n"], figure["value"]) == (0, 0.0)


def test_a_strange_file_is_refused_in_words(folder: Path) -> None:
    (folder / "exports/calls.csv").write_bytes(bytes(range(256)) * 20)
    fails(folder, ["run"], 12, "exports/calls.csv")


def test_a_question_before_the_first_run_says_what_to_do(folder: Path) -> None:
    fails(folder, ["measure", "interactions"], 16, "cxreports run")


def test_no_data_for_the_period_is_said_and_never_zero(folder: Path) -> None:
    cx("run", "--project", str(folder), "--as-of", "2025-03-20")
    (figure,) = json.loads(
        cx("measure", "answer_rate", "--period", "2025-W20", "--project", str(folder), "--format", "json").stdout
    )
    assert (figure["value"], figure["state"], figure["reason"]) == (None, "insufficient", "fewer than 10 interactions")
    done = cx("report", "weekly", "--period", "2025-W20", "--project", str(folder))
    assert done.returncode in (0, 17) and "No interactions" in done.stdout


def test_a_metric_without_its_source_is_not_computable(folder: Path) -> None:
    cx("run", "--project", str(folder), "--as-of", "2025-03-20")
    (figure,) = json.loads(cx("measure", "csat", "--period", "2025-W10", "--project", str(folder), "--format", "json").stdout)
    assert (figure["value"], figure["state"], figure["reason"]) == (None, "not_computable", "no survey source")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["measure", "abandonmentt"], "did you mean 'abandonment'?"),
        (["measure", "csat", "--by", "chanel"], "did you mean 'channel'?"),
        (["measure", "csat", "--period", "2025-W60"], "that year has no such week"),
        (["measure", "csat", "--period", "March"], "write it as 2026-W46"),
        (["measure", "csat", "--from", "2025-03-03"], "--from together with --to"),
        (["measure", "csat", "--from", "2025-03-05", "--to", "2025-03-05"], "has no day"),
        (["measure", "csat", "--as-of", "yesterday"], "is neither a date"),
        (["measure", "csat", "--format", "xml"], "table, json, csv"),
        (["explain", "csat", "--where", "channel"], "breakdown=value"),
        (["report", "wekly"], "did you mean 'weekly'?"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_a_hint(folder: Path, words: list[str], told: str) -> None:
    cx("run", "--project", str(folder), "--as-of", "2025-03-20")
    fails(folder, words, 15, told)


def test_a_faulty_definition_of_the_project_is_named_with_all_its_faults(folder: Path) -> None:
    (folder / "sql/metrics").mkdir(parents=True)
    (folder / "sql/metrics/mine.sql").write_text('-- title = "Mine"\n-- bettter = "lower"\nselect 1\n')
    told = fails(folder, ["check"], 11, "sql/metrics/mine.sql: 'bettter' is not a field of this header; did you mean 'better'?")
    assert "sql/metrics/mine.sql: 'owner' is missing; it has no default" in told


def test_a_target_for_no_metric_is_found_by_check(folder: Path) -> None:
    (folder / "cxreports.toml").write_text(SETTINGS + "\n[targets]\ncsatt = { at_least = 0.5 }\n")
    done = cx("check", "--project", str(folder))
    assert (done.returncode, "targets.csatt: is no metric; did you mean 'csat'?" in done.stdout) == (1, True)


def test_the_doctor_finds_a_part_that_was_changed(folder: Path) -> None:
    cx("run", "--project", str(folder), "--as-of", "2025-03-20")
    assert "wrong" not in "".join(line for line in cx("doctor", "--project", str(folder)).stdout.splitlines() if "lake" in line)
    part = next((folder / "lake/parts/stg_legs").glob("*.parquet"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    done = cx("doctor", "--deep", "--project", str(folder))
    assert (done.returncode, f"{part.name}: was changed" in done.stdout) == (1, True)


def test_without_pango_everything_but_the_pdf_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cx("run", "--project", str(folder), "--as-of", "2025-03-20")
    project = pipeline.open_project(folder)

    def no_pango(report: object) -> bytes:
        raise pipeline.MissingToolError("Pango is missing; run: apt-get install …")

    monkeypatch.setattr(pipeline, "render_pdf", no_pango)
    files = pipeline.report(project, "weekly", "2025-W10")
    assert files.pdf is None and files.html.is_file() and "apt-get" in files.fault


def test_a_scorecard_is_of_the_ai_or_of_people(folder: Path) -> None:
    assert cx("run", "--project", str(folder), "--as-of", "2025-03-10").returncode == 0
    fails(folder, ["scorecard", "both"], 15, "neither 'ai' nor 'human'; the two are never shown together")
    fails(folder, ["scorecard", "human", "--by", "queue"], 15, "the scorecard 'human' has no breakdown 'queue'")
    done = cx("scorecard", "human", "--by", "agent_id", "--project", str(folder), "--as-of", "2025-03-10", "--format", "json")
    assert done.returncode == 0 and "personal data" in done.stderr
    assert {(f["metric"], f["state"]) for f in json.loads(done.stdout)} >= {
        ("tone", "not_computable"),
        ("hold_share", "not_computable"),
    }
