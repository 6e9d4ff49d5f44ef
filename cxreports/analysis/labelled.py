"""Figures that a machine counted, corrected for its errors by what people say of some of the same units (`correction`).

Rows of such a metric say whether a machine judged the unit (`is_machine`) and what people say of it (`label`, NULL if nobody
judged it). How often the machine errs is taken from all units that both judged, of any day, and held to be the same everywhere.
"""

from cxreports.analysis.correction import LabelledSample, corrected
from cxreports.analysis.estimate import Estimate, Sums, effective_n
from cxreports.lake.engine import Connection, one

COLUMNS = ("label", "is_machine")


def sample_of(con: Connection, units: str) -> LabelledSample:
    """How often machine and people agree on the metric's units."""
    found = one(
        con,
        f"""select
                count(*) filter (where num = 1 and label = 1), count(*) filter (where num = 0 and label = 1),
                count(*) filter (where num = 0 and label = 0), count(*) filter (where num = 1 and label = 0)
            from {units} where is_machine and label is not null""",
    )
    return LabelledSample(*(found or (0, 0, 0, 0)))


def as_corrected(e: Estimate, s: Sums, n_machine: int, sample: LabelledSample) -> tuple[Estimate, str]:
    """The figure, corrected where that can be done, and words that say so; no words where people judged everything."""
    both = sample.n_positive + sample.n_negative
    if not n_machine or e.value is None:
        return e, ""
    if n_machine < s.n:
        return e, "uncorrected: a machine judged some, people others"
    if not both:
        return e, "uncorrected: people judged nothing that the machine judged"
    found = corrected(e.value, effective_n(s), sample)
    if found is None:
        return e, f"uncorrected: by the {both:,} that people judged, too, the machine cannot be told from chance"
    words = f"corrected for the machine's errors by the {both:,} that people judged, too; the machine says {100 * e.value:.1f}%"
    return found, words
