"""Every definition's worked example comes out as its header says."""

import pytest

from cxreports.definitions.catalogue import read_catalogue
from cxreports.lake.engine import connect
from cxreports.lake.examples import run_example

CATALOGUE = read_catalogue()
EVERY_RUN = {"timezone": "Europe/London", "observed_until": "2025-12-31 00:00:00+00"}


@pytest.mark.parametrize("name", [*CATALOGUE.tables, *CATALOGUE.metrics])
def test_the_worked_example_comes_out_as_the_header_says(name: str) -> None:
    definition = CATALOGUE.tables.get(name) or CATALOGUE.metrics[name]
    got, wanted = run_example(connect(), definition, CATALOGUE, EVERY_RUN)
    assert got == wanted
