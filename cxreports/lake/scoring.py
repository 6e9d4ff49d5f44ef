"""The scorer of customers' words as a function of the engine: `turn_score(content, language)`, a batch of rows at a time.

It is there only while tables are computed: an engine that is still open when Python ends must not hold a function of Python. On
Spark the session registers a function of that name around the same scorer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from cxreports.sentiment.scorer import Scorer


@contextmanager
def scoring(con: duckdb.DuckDBPyConnection, scorer: Scorer | None) -> Iterator[None]:
    """For as long as this lasts, `turn_score` is that scorer; without one nothing has a score."""
    if scorer is None:
        con.execute("create or replace temp macro turn_score(content, language) as null::double")
        yield
        return
    con.execute("drop macro if exists temp.main.turn_score")
    con.create_function(  # type: ignore[call-overload]
        "turn_score", _vectorised(scorer), ["VARCHAR", "VARCHAR"], "DOUBLE", type="arrow", null_handling="special"
    )
    try:
        yield
    finally:
        con.remove_function("turn_score")


def _vectorised(scorer: Scorer) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def scores(contents: pa.ChunkedArray, languages: pa.ChunkedArray) -> pa.Array:
        pairs = zip(contents.to_pylist(), languages.to_pylist(), strict=True)
        return pa.array([None if text is None else scorer.score(text, language) for text, language in pairs], pa.float64())

    return scores
