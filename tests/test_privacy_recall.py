"""Precision and recall on labelled texts do not fall behind what docs/privacy.md says."""

import re
from pathlib import Path

import pytest

from benchmarks.masking import Score, scores, table

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def found(shared: Path) -> dict[tuple[str, str], Score]:
    return scores(shared / "data" / "presidio_pii")


@pytest.mark.parametrize(
    ("kind", "labels", "recall", "precision"),
    [
        ("CARD", 348, 0.997, 1.0),
        ("BANK_ACCOUNT", 49, 1.0, 1.0),
        ("NATIONAL_ID", 60, 1.0, 1.0),
        ("EMAIL", 107, 1.0, 1.0),
        ("PHONE", 228, 0.82, 0.944),
        ("BIRTH_DATE", 66, 1.0, 1.0),
        ("IP", 25, 1.0, 1.0),
    ],
)
def test_no_kind_is_found_less_often_or_more_often_in_vain(found, kind, labels, recall, precision):
    score = found["", kind]
    assert score.tp + score.fn == labels
    assert score.recall >= recall - 0.0005 and score.precision >= precision - 0.0005


def test_the_page_about_privacy_holds_the_table_as_measured(found):
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert table(found) in page, "docs/privacy.md: print the table anew with python -m benchmarks.masking --texts FOLDER"
    assert len(re.findall(r"^\| [A-Z_]+ \| both ", page, re.MULTILINE)) == 7
