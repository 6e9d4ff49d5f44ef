"""A history computed in slices has the rows of one computed at once, and so has a large delivery to a lake that is there."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from cxreports.lake import slices, write
from cxreports.lake.compact import compact
from cxreports.lake.write import Basis
from tests.test_build import TABLES, batches, quick
from tests.worlds import CATALOGUE, PARAMS, Lake, at, deliver, everything, fresh_lake, leg

OTHER = Basis(CATALOGUE, {**PARAMS, "other": 1}, ())  # stored tables do not fit this, so all is computed anew


def _rows(lake: Lake, basis: Basis) -> dict[str, list[dict[str, Any]]]:
    columns = {t: list(CATALOGUE.tables[t].header.columns) for t in TABLES}
    return {t: [{c: row[c] for c in columns[t]} for row in everything(lake, t, at(24 * 60), basis)] for t in TABLES}


@quick
@given(batches)
def test_slices_give_the_rows_of_one_statement_over_everything(days: list[list[dict[str, object]]]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        lake = fresh_lake(Path(folder), [(20 + n, legs) for n, legs in enumerate(days)])
        whole = _rows(lake, OTHER)
        patched.setattr(slices, "MOST_LEGS", 2)
        patched.setattr(slices, "MOST_INTERACTIONS", 2)
        patched.setattr(slices, "MOST_IDENTIFIED", 2)
        assert _rows(lake, OTHER) == whole


def test_what_hangs_on_legs_is_in_the_slice_of_its_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MOST_LEGS", 1)
    monkeypatch.setattr(slices, "MOST_INTERACTIONS", 1)
    lake = Lake(tmp_path)
    second = leg("b", 0.1, root_id="a", previous_id="a")
    legs = [leg("a", 0, account_key="k_1"), second, leg("c", 1), leg("d", 2, account_key="k_1")]
    scores = [{"sentiment_id": f"s_{of}", "leg_id": of, "speaker": "customer", "part": "end", "score": score}
              for of, score in (("b", "-0.5"), ("c", "0.7"))]  # fmt: skip
    deliver(lake, 20, legs, sentiments=scores)
    found = {row["interaction_id"]: row for row in everything(lake, "core_interactions")}
    assert {key: (row["n_legs"], row["end_sentiment"]) for key, row in found.items()} == {
        "a": (2, "negative"), "c": (1, "positive"), "d": (1, None),
    }  # fmt: skip
    repeats = {row["interaction_id"]: row["next_any_id"] for row in everything(lake, "out_repeats")}
    assert repeats == {"a": "d", "c": None, "d": None}


def test_a_large_delivery_is_computed_anew_and_leaves_compacted_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lakes = {}
    for most in (0, 200_000):
        monkeypatch.setattr(write, "MOST_FRESH", most)
        lake = lakes[most] = Lake(tmp_path / str(most))
        deliver(lake, 20, [leg("a", 0, account_key="k_1"), leg("b", 24, account_key="k_2")])
        deliver(lake, 100, [leg("c", 24 * 90, account_key="k_1")])
        compact(lake)
        deliver(lake, 101, [leg("d", 48, account_key="k_1"), leg("e", 24 * 91, account_key="k_2")])
    anew, refreshed = lakes[0], lakes[200_000]
    assert everything(anew, "core_interactions") == everything(refreshed, "core_interactions")
    heads = [lake.head() for lake in lakes.values()]
    keys = [sorted(head.tables["core_interactions"]) for head in heads if head]
    assert keys[0] == keys[1]
    assert any(len(key) == len("2026-11") for key in keys[0])
