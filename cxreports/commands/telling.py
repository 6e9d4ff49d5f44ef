"""What commands say besides their results."""

import sys

from cxreports.errors import MissingToolError
from cxreports.printing import visible


def tell(words: str) -> None:
    """Progress, on stderr."""
    print(f"  {visible(words)}", file=sys.stderr)


def stop_if(fault: str) -> None:
    """End with an error where a file of a report could not be written."""
    if fault:
        raise MissingToolError(fault)
