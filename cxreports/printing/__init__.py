"""Results on stdout: as a table for people, as JSON or CSV for programs. Formats only; computes nothing."""

from cxreports.printing.cells import visible
from cxreports.printing.figures import print_explanation, print_flows, print_measurements
from cxreports.printing.records import (
    print_accounts,
    print_drift,
    print_files,
    print_masked,
    print_quarantine,
    print_reconciliation,
    print_retry,
    print_run,
    print_sources,
)

__all__ = [
    "print_accounts", "print_drift", "print_explanation", "print_files", "print_flows", "print_masked", "print_measurements",
    "print_quarantine", "print_reconciliation", "print_retry", "print_run", "print_sources", "visible",
]  # fmt: skip
