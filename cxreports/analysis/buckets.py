"""Days and weeks as breakdowns: the SQL of each, and the period that a group named by one covers."""

from datetime import date, timedelta

BUCKETS = {"day": "occurred_on", "week": "date_trunc('week', occurred_on)::date"}
_DAYS = {"day": 1, "week": 7}


def bucket(label: dict[str, str], start: date, end: date) -> tuple[date, date]:
    """Period of the bucket that `day` or `week` names, as far as it was asked for; takes it out of the label."""
    for name, days in _DAYS.items():
        if name in label:
            first = date.fromisoformat(label.pop(name))
            return max(first, start), min(first + timedelta(days=days), end)
    return start, end
