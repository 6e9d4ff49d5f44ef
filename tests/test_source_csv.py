"""The recipes of docs/sources_recipes_csv.md: every one is run on the file that stands above it."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.source_files import Taken, take

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sources_recipes_csv.md"
RECIPE = re.compile(r"```csv name=(\S+)\n(.*?)```\s*```toml\n(.*?)```", re.DOTALL)


def recipes() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Name of the source → name and text of its file, and its settings, as the page shows them."""
    found = {}
    for file, text, toml in RECIPE.findall(PAGE.read_text(encoding="utf-8")):
        [(name, source)] = tomllib.loads(toml)["sources"].items()
        found[name] = (file, text, source)
    return found


def taken(folder: Path, name: str, change: tuple[str, str] | None = None) -> Taken:
    file, text, source = recipes()[name]
    path = folder / "exports" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(*change) if change else text)
    return take(folder, source)


def test_every_recipe_has_a_test() -> None:
    assert set(recipes()) == {"qa", "qa_answers", "workforce", "knowledge", "recordings"}


@pytest.mark.parametrize("name", list(recipes()))
def test_every_row_of_a_recipes_file_is_loaded(tmp_path: Path, name: str) -> None:
    found = taken(tmp_path, name)
    assert set(found.reasons()) == {None}
    assert len(found.reasons()) == recipes()[name][1].count("\n") - 1


def test_drafts_and_calibrations_keep_their_names_and_an_unscored_evaluation_has_no_score(tmp_path: Path) -> None:
    assert taken(tmp_path, "qa").rows(
        "select evaluation_id, leg_id, kind, status, submitted_at::varchar, score, is_auto_fail, is_automatic "
        "from new_evaluations order by evaluation_id"
    ) == [
        ("e1", "c1", "standard", "submitted", "2025-03-03 10:00:00+00", Decimal("0.9"), False, False),
        ("e2", "c2", "standard", "draft", None, None, None, False),
        ("e3", "c1", "calibration", "submitted", "2025-03-03 11:00:00+00", Decimal("0.6"), True, False),
        ("e4", "c3", "standard", "submitted", "2025-07-04 08:30:00+00", Decimal("1"), False, True),
    ]


def test_what_does_not_apply_is_no_zero(tmp_path: Path) -> None:
    assert taken(tmp_path, "qa_answers").rows(
        "select answer_id, question, score, is_not_applicable from new_evaluation_answers order by answer_id"
    ) == [
        ("e1:q1", "q1", Decimal(1), False),
        ("e1:q2", "q2", Decimal(0), False),
        ("e1:q3", "q3", None, True),
    ]


def test_nobody_counted_is_not_nobody_present(tmp_path: Path) -> None:
    assert taken(tmp_path, "workforce").rows(
        "select queue, started_at::varchar, length_ms, planned, present, forecast_volume from new_staffing order by interval_id"
    ) == [
        ("cards", "2025-03-03 09:00:00+00", 1_800_000, Decimal(12), Decimal("11.5"), Decimal("41.5")),
        ("cards", "2025-03-03 09:30:00+00", 1_800_000, Decimal(12), None, Decimal(44)),
        ("loans", "2025-07-07 08:00:00+00", 900_000, Decimal(3), Decimal(3), Decimal(8)),
    ]


def test_a_damaged_interval_costs_its_own_row_and_says_which_column(tmp_path: Path) -> None:
    found = taken(tmp_path, "workforce", ("2025-07-07,09:00", "07/07/2025,9 am"))
    assert found.reasons() == [None, None, "column started_at: cannot be computed"]


def test_words_of_a_search_are_masked_and_a_hit_is_no_answer(tmp_path: Path) -> None:
    assert taken(tmp_path, "knowledge").rows(
        "select search_id, leg_id, searched_at::varchar, actor, query, n_results, is_answered, document_id, feedback "
        "from new_knowledge_searches order by search_id"
    ) == [
        ("k1", "c1", "2025-03-03 09:01:00+00", "human", "lost card abroad", 4, None, "KB-12", "helpful"),
        ("k2", "c1", "2025-03-03 09:02:00+00", "ai", "mortgage for dragons", 0, None, None, None),
        ("k3", None, "2025-03-03 09:00:00+00", "customer", "call me on [PHONE]", 2, None, None, "not_helpful"),
    ]


def test_what_an_inventory_does_not_say_stays_unknown(tmp_path: Path) -> None:
    assert taken(tmp_path, "recordings").rows(
        "select recording_id, is_redacted, ended_at::varchar, status, deletion_reason, delete_at::varchar, is_held, size_bytes "
        "from new_recordings order by recording_id"
    ) == [
        ("r1", True, "2025-03-03 09:08:00+00", "available", None, "2026-03-03 00:00:00+00", False, 1_048_576),
        ("r2", False, "2025-03-03 09:12:00+00", "deleted", "retention", "2025-06-01 00:00:00+00", False, 0),
        ("r3", None, None, "missing", None, None, None, None),
    ]
