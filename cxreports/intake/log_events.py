"""CloudWatch Logs, as they leave: envelopes of log events, lines of an export task, bare lines → one record per log event.

Every log event is a record of its own, so that one that cannot be read is quarantined alone and not with its whole envelope.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from cxreports.intake.framing import TOO_DEEP, Framed, has_bad_bytes

NO_MESSAGE = "log event's message is no JSON object"
# An export task writes the instant of ingestion before each message; a subscription now and then sends a test of its own.
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?")
_TEST = "CONTROL_MESSAGE"


def log_events(framed: Iterable[Framed]) -> Iterator[Framed]:
    """The log events of each object: those of an envelope one by one, a bare object as it is."""
    for record in framed:
        if record.value is None:
            if not _STAMP.fullmatch(record.text.strip()):
                yield record
        elif isinstance(events := record.value.get("logEvents"), list):
            if record.value.get("messageType") != _TEST:
                yield from map(_message, events)
        else:
            yield record


def _message(event: Any) -> Framed:
    """The object that a log event's message holds, or why it holds none."""
    message = event.get("message") if isinstance(event, dict) else event
    text = message if isinstance(message, str) else json.dumps(message)
    try:
        value = json.loads(text)
    except RecursionError:
        return Framed(text, None, TOO_DEEP)
    except ValueError:
        return Framed(text, None, NO_MESSAGE)
    if not isinstance(value, dict) or has_bad_bytes(text):
        return Framed(text, None, NO_MESSAGE)
    return Framed(text, value)
