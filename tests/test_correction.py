"""Correction for a classifier's errors: against the formula by hand, at its edges, and how often the interval holds the truth."""

import numpy as np
import pytest

from cxreports.analysis.correction import LabelledSample, corrected

GOOD = LabelledSample(true_positives=90, false_negatives=10, true_negatives=180, false_positives=20)


def test_three_in_ten_found_by_a_classifier_that_errs_are_one_in_four() -> None:
    found = corrected(0.30, 100, GOOD)  # (0.30 + 0.90 − 1) / (0.90 + 0.90 − 1) = 0.20 / 0.80
    assert found
    assert round(found.value or 0, 12) == 0.25
    # The same formula in decimals, outside this program: 0.136369665… to 0.378326460…
    assert (round(found.low or 0, 9), round(found.high or 0, 9)) == (0.136369665, 0.378326460)


def test_an_interval_that_reaches_below_none_ends_at_none() -> None:
    found = corrected(0.30, 200, LabelledSample(50, 10, 48, 12))  # 3/19; −0.036478… to 0.314302453…
    assert found
    assert (round(found.value or 0, 9), found.low, round(found.high or 0, 9)) == (0.157894737, 0.0, 0.314302453)


def test_fewer_found_than_the_classifier_finds_by_mistake_is_none() -> None:
    found = corrected(0.0, 50, LabelledSample(9, 1, 90, 10))  # (0 + 0.9 − 1) / 0.8 is below 0
    assert found
    assert (found.value, found.low, round(found.high or 0, 6)) == (0.0, 0.0, 0.001274)


def test_more_found_than_can_be_is_all() -> None:
    found = corrected(1.0, 50, LabelledSample(9, 1, 90, 10))  # 0.9 / 0.8 is above 1
    assert found
    assert (found.value, round(found.low or 0, 6), found.high) == (1.0, 0.936674, 1.0)


@pytest.mark.parametrize("sample", [
    LabelledSample(0, 0, 50, 5),  # nothing to find in it
    LabelledSample(50, 5, 0, 0),  # nothing else in it
    LabelledSample(0, 0, 0, 0),
    LabelledSample(5, 5, 5, 5),  # a coin: Se + Sp = 1
    LabelledSample(1, 9, 3, 7),  # worse than a coin
    LabelledSample(9, 1, 150, 850),  # 0.90 + 0.15: with a unit added to each side no better than a coin
])  # fmt: skip
def test_a_sample_that_cannot_tell_gives_no_figure(sample: LabelledSample) -> None:
    assert corrected(0.3, 100, sample) is None


def test_without_units_there_is_no_figure() -> None:
    assert corrected(0.0, 0, GOOD) is None


def test_a_classifier_that_never_erred_on_a_large_sample_changes_next_to_nothing() -> None:
    found = corrected(0.3, 10_000, LabelledSample(10**6, 0, 10**6, 0))
    assert found
    assert found.value == pytest.approx(0.3, abs=1e-12)
    assert (round(found.low or 0, 3), round(found.high or 0, 3)) == (0.291, 0.309)  # Wilson's, too


def test_a_smaller_labelled_sample_makes_the_interval_wider() -> None:
    few, many = corrected(0.3, 1000, LabelledSample(9, 1, 18, 2)), corrected(0.3, 1000, LabelledSample(900, 100, 1800, 200))
    assert few and many and few.low is not None and few.high is not None and many.low is not None and many.high is not None
    assert few.low < many.low < 0.25 < many.high < few.high


@pytest.mark.parametrize(("true", "se", "sp", "n", "labels"), [
    (0.05, 0.8, 0.95, 300, 50), (0.3, 0.85, 0.8, 200, 60), (0.5, 0.7, 0.7, 1000, 100), (0.9, 0.9, 0.6, 100, 40),
])  # fmt: skip
def test_the_interval_holds_the_truth_in_93_of_100_samples(true: float, se: float, sp: float, n: int, labels: int) -> None:
    draw = np.random.default_rng(20250303)
    trials, held = 1000, 0
    for _ in range(trials):
        found_positive = int(draw.binomial(n, true * se + (1 - true) * (1 - sp)))
        tp, tn = int(draw.binomial(labels, se)), int(draw.binomial(labels, sp))
        found = corrected(found_positive / n, n, LabelledSample(tp, labels - tp, tn, labels - tn))
        held += bool(found and found.low is not None and found.high is not None and found.low <= true <= found.high)
    assert held / trials >= 0.93
