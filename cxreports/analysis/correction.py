"""A share that a classifier counted, corrected for the classifier's own errors. Arithmetic only.

A classifier that finds 30 % may miss some of what it looks for, and take other things for it. People judge a sample anew: of
what is truly there it finds the share Se (sensitivity), of what is truly not there it leaves alone the share Sp (specificity).
The true share behind an apparent share p is (p + Sp − 1) / (Se + Sp − 1) (Rogan and Gladen, Am. J. Epidemiol. 107, 1978, 71–76).

Se and Sp come from a sample themselves. The interval is that of Lang and Reiczigel (Prev. Vet. Med. 113, 2014, 13–22, eq. 4–7,
16, 17): normal, around shares to each of which a success and a failure were added, with a shift that mends its skew.
"""

from dataclasses import dataclass
from math import sqrt

from cxreports.analysis.estimate import Z95, Estimate


@dataclass(frozen=True)
class LabelledSample:
    """How often people and the classifier agreed on a sample: counts of units. What people say is taken for true.

    Units must have been drawn without regard to what the classifier said of them; else Se and Sp are those of the drawing.
    """

    true_positives: int
    false_negatives: int
    true_negatives: int
    false_positives: int

    @property
    def n_positive(self) -> int:
        """Units that are truly what the classifier looks for."""
        return self.true_positives + self.false_negatives

    @property
    def n_negative(self) -> int:
        """Units that truly are not."""
        return self.true_negatives + self.false_positives

    @property
    def sensitivity(self) -> float | None:
        """Share of what is truly there that the classifier finds; None if the sample holds nothing of it."""
        return self.true_positives / self.n_positive if self.n_positive else None

    @property
    def specificity(self) -> float | None:
        """Share of what is truly not there that the classifier leaves alone; None if the sample holds nothing of it."""
        return self.true_negatives / self.n_negative if self.n_negative else None


def corrected(apparent: float, n: float, sample: LabelledSample) -> Estimate | None:
    """The true share behind an apparent one of n independent units, with its 95 % interval; all within 0 and 1.

    None where the sample cannot tell: one of its halves is empty, or the classifier does no better than chance (Se + Sp ≤ 1).
    """
    se, sp = sample.sensitivity, sample.specificity
    if se is None or sp is None or n <= 0 or se + sp <= 1:
        return None
    if (ends := _interval(apparent, n, sample)) is None:
        return None
    value = _within((apparent + sp - 1) / (se + sp - 1))
    return Estimate(value, min(value, _within(ends[0])), max(value, _within(ends[1])))


def _interval(apparent: float, n: float, sample: LabelledSample) -> tuple[float, float] | None:
    """Lang and Reiczigel's limits, not yet cut to 0 and 1; None if the added units leave the classifier no better than chance."""
    n_se, n_sp, n_p = sample.n_positive + 2, sample.n_negative + 2, n + Z95 * Z95
    se, sp = (sample.true_positives + 1) / n_se, (sample.true_negatives + 1) / n_sp
    if se + sp <= 1:
        return None
    p = (n * apparent + Z95 * Z95 / 2) / n_p
    true = (p + sp - 1) / (se + sp - 1)
    of_se, of_sp = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * Z95 * Z95 * (true * of_se - (1 - true) * of_sp)
    variance = (p * (1 - p) / n_p + true * true * of_se + (1 - true) ** 2 * of_sp) / (se + sp - 1) ** 2
    half = Z95 * sqrt(variance)
    return true + shift - half, true + shift + half


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
