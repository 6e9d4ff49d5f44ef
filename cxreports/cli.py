"""Figures of a contact centre from its export files, with interval, state and the way back to the rows.

Begin with 'cxreports demo', or with 'cxreports init DIR', then check, run and report.
"""

import os
import signal
import sys
import traceback
from io import TextIOWrapper
from typing import NoReturn

import typer

from cxreports.commands import bridge, daily, figures, journeys, received, restated, scorecard, sentiment, start, upkeep
from cxreports.errors import CxError
from cxreports.printing import visible

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for subject in (start, daily, figures, journeys, scorecard, sentiment, bridge, restated, received, upkeep):
    app.add_typer(subject.app)

OS_REFUSES, UNEXPECTED = 18, 70


def main() -> NoReturn:
    """Run the command line; what a person can mend is told without a traceback, with its own exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a long statement would not notice; a run may be killed at any moment
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except CxError as error:
        for fault in error.faults:
            print(f"error: {visible(fault)}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        print(f"error: {visible(str(error.filename or 'this machine'))}: {error.strerror}", file=sys.stderr)
        sys.exit(OS_REFUSES)
    except Exception as error:
        _tell_unexpected(error)
        sys.exit(UNEXPECTED)
    sys.exit(0)


def _tell_unexpected(error: Exception) -> None:
    """Kind and place of an error that nobody foresaw. Not its message, which may hold a customer's data."""
    if os.environ.get("CXREPORTS_DEBUG") == "1":
        traceback.print_exception(error)
        return
    frames = [f for f in traceback.walk_tb(error.__traceback__) if f[0].f_globals.get("__name__", "").startswith("cxreports.")]
    frame, line = frames[-1] if frames else (None, 0)
    place = f"{frame.f_globals['__name__']}:{line}" if frame else "outside cxreports"
    kind = f"{type(error).__module__}.{type(error).__name__}".removeprefix("builtins.")
    print(f"error: unexpected {kind} at {place}; nothing was stored by this command after its last commit", file=sys.stderr)
    print(
        "  'cxreports doctor --deep' tells whether the lake was damaged. CXREPORTS_DEBUG=1 prints the whole error, which",
        file=sys.stderr,
    )
    print("  may show customers' data.", file=sys.stderr)


if __name__ == "__main__":
    main()
