"""Figures that rest on how customers felt: by whose scores, and corrected for the scorer's errors where people judged a sample.

Which interactions end negatively is a yes or no per interaction, and its error is measured on interactions. What rests on a mood
and on something else besides (whether the customer came back) is not corrected: the scorer may err more often with those who do.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cxreports.analysis.correction import LabelledSample, corrected
from cxreports.analysis.estimate import Estimate, Sums, effective_n
from cxreports.sentiment.scorer import Confusion

Samples = Mapping[str, LabelledSample]


def samples_of(text: str) -> Samples:
    """The samples by scorer, from the tables that `sentiment check` keeps (JSON)."""
    return {scorer: _sample(table) for scorer, table in json.loads(text or "{}").items()}


def _sample(table: Confusion) -> LabelledSample:
    """What the scorer looks for is a negative end. An interaction without a score is in no figure, and in no sample."""
    found = {label: {mood: n for mood, n in row.items() if mood != "none"} for label, row in table.items()}
    others = [row for label, row in found.items() if label != "negative"]
    negative: dict[Any, int] = found["negative"]
    return LabelledSample(
        negative["negative"],
        sum(negative.values()) - negative["negative"],
        sum(n for row in others for mood, n in row.items() if mood != "negative"),
        sum(row["negative"] for row in others),
    )


def as_scored(e: Estimate, s: Sums, scorers: Sequence[str], own: str, samples: Samples) -> tuple[Estimate, str]:
    """The figure, corrected where that can be done, and words about its scorers; none where a source scored it, unchecked.

    `own`: the name of the project's scorer; empty without one. `samples`: empty where the figure cannot be corrected.
    """
    if e.value is None or not scorers:
        return e, ""
    if len(scorers) > 1:
        is_ours = own in scorers or any(name in samples for name in scorers)
        return e, f"{'uncorrected: ' if is_ours else ''}moods by {len(scorers)} scorers, {', '.join(scorers)}"
    (scorer,) = scorers
    if (sample := samples.get(scorer)) is None:
        return e, f"uncorrected: moods by {scorer}" if scorer == own else ""
    both = sample.n_positive + sample.n_negative
    found = corrected(e.value, effective_n(s), sample)
    if found is None:
        return e, f"uncorrected: by the {both:,} interactions that people judged, {scorer} cannot be told from chance"
    words = f"corrected for the errors of {scorer} by {both:,} interactions that people judged; it says {100 * e.value:.1f}%"
    return found, words
