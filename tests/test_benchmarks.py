"""The benchmarks run: small, and untimed."""

from pathlib import Path

import pytest

from benchmarks import intake, memory, metrics, moods


@pytest.mark.parametrize(
    ("shape", "accounts"),
    [
        ("lines", {"duplicate": 1, "loaded": 98, "quarantined": 1}),
        ("back-to-back", {"duplicate": 1, "loaded": 98, "quarantined": 1}),
        ("csv", {"loaded": 99, "quarantined": 1}),
    ],
)
def test_reading_exports_is_compared_with_bare_reading_of_the_same_file(
    tmp_path: Path, shape: str, accounts: dict[str, int]
) -> None:
    intake.make(shape, 100, tmp_path)
    assert intake.ours(tmp_path) == accounts
    assert intake.bare(shape, tmp_path) == {"rows": 100}


def test_the_peak_of_a_whole_run_is_told(tmp_path: Path) -> None:
    intake.make("lines", 100, tmp_path)
    (tmp_path / "pseudonym.key").write_text("a key for the benchmark", encoding="utf-8")
    peak = memory.run_here(tmp_path)
    assert peak.records == 100
    assert 0 < peak.reading_mb <= peak.whole_mb


def test_scoring_moods_is_timed_beside_a_scan_of_the_same_turns() -> None:
    found = list(moods.readings(200, 2))
    assert len(found) == 2
    assert all(scan >= 0 and score > 0 for scan, score in found)


def test_every_metric_is_measured_beside_one_pass_over_the_interactions(tmp_path: Path) -> None:
    metrics.make(600, tmp_path / "project")
    found = metrics.run_here(tmp_path / "project")
    assert {"scan", "interactions", "fcr_repeat", "verified_containment", "csat", "loop"} <= set(found)
