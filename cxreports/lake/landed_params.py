"""The parameters of the computed tables that only the landed tables can tell, beside those of the settings."""

from collections.abc import Mapping

from cxreports.definitions.definition import Scalar
from cxreports.lake import hours, journeys
from cxreports.lake.engine import Connection


def with_landed(con: Connection, params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """The parameters with the schedules, procedures and sources of signs that `stg_…` hold."""
    return journeys.with_landed(con, hours.with_landed(con, params))
