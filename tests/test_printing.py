"""What a person reads on the terminal."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from cxreports.analysis.explain import Explanation
from cxreports.analysis.measurement import Measurement
from cxreports.printing import print_accounts, print_explanation, print_measurements
from cxreports.printing.cells import as_value

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
KNOWN = Measurement(
    "trapped",
    1,
    date(2026, 11, 9),
    date(2026, 11, 16),
    AS_OF,
    {"channel": "chat"},
    92,
    32,
    92,
    32 / 92,
    0.258,
    0.449,
    "final",
    "",
    {},
)
EMPTY = replace(
    KNOWN, by={"channel": "sms"}, n=0, num=None, den=None, value=None, low=None, high=None, state="insufficient",
    reason="fewer than 10 interactions", excluded={"mood not known": 4},
)  # fmt: skip


def test_groups_in_which_nothing_counts_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_measurements([KNOWN, EMPTY], "percent", "table")
    printed = capsys.readouterr().out
    assert "sms" not in printed
    assert printed.endswith("  1 more group without a unit that counts; --format json shows why\n")


def test_where_nothing_counts_at_all_the_reason_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    print_measurements([EMPTY], "percent", "table")
    assert "insufficient: fewer than 10 interactions" in capsys.readouterr().out


def test_programs_get_every_group(capsys: pytest.CaptureFixture[str]) -> None:
    print_measurements([KNOWN, EMPTY], "percent", "json")
    assert '"sms"' in capsys.readouterr().out


def test_an_explanation_begins_with_its_figure_and_says_once_what_all_rows_share(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"unit_id": u, "occurred_on": date(2026, 11, 9), "num": 1, "den": 1, "excluded": None, "channel": "chat", "hour": h}
        for u, h in (("a", "09"), ("b", "10"))
    ]
    figure = replace(KNOWN, excluded={"mood not known": 2})
    print_explanation(Explanation(figure, "Meaning.", "formula", "select", {}, 2, rows), "percent", "table", False)
    printed = capsys.readouterr().out
    assert "trapped 34.8% (95 % interval 25.8% to 44.9%) of 92, final; left out: 2 mood not known" in printed
    assert "all rows below: channel = chat\n" in printed


def test_no_rows_are_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(Explanation(None, "Meaning.", "formula", "select", {}, 0, []), "percent", "table", False)
    assert capsys.readouterr().out.endswith("no rows: nothing in this period has these values\n")


def test_accounts_add_up_per_source_and_list_files_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    one = {"source": "calls", "path": "a.csv", "received": 3, "loaded": 2, "duplicate": 1, "superseded": 0, "quarantined": 0}
    print_accounts([one, one | {"path": "b.csv"}], [], False, False)
    assert capsys.readouterr().out.splitlines()[1].split() == ["calls", "2", "6", "4", "2", "0", "0"]
    print_accounts([one, one | {"path": "b.csv"}], [], False, True)
    assert "b.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("num", "low", "high", "value", "bound"),
    [
        (0, 0.0, 0.2425, "0 of 12", "up to 24.2%"),
        (12, 0.7575, 1.0, "12 of 12", "at least 75.8%"),
        (1, 0.0149, 0.3539, "8.3%", "1.5% to 35.4%"),
    ],
)
def test_none_and_all_are_said_in_counts_with_the_bound_that_matters(
    num: int, low: float, high: float, value: str, bound: str, capsys: pytest.CaptureFixture[str]
) -> None:
    few = replace(KNOWN, n=12, num=num, den=12, value=num / 12, low=low, high=high, state="insufficient", reason="fewer than 30")
    print_measurements([few], "percent", "table")
    cells = re.split(r"  +", capsys.readouterr().out.splitlines()[1].strip())
    assert cells[4:7] == [value, bound, "12"]


@pytest.mark.parametrize(
    ("seconds", "printed"),
    [
        (9.04, "9.0 s"),
        (7199.9, "7,199.9 s"),
        (7200.0, "2.0 h"),
        (-7200.0, "-2.0 h"),
        (72 * 3600 - 360.0, "71.9 h"),
        (72 * 3600.0, "3.0 days"),
        (30 * 86400.0, "30.0 days"),
    ],
)
def test_a_duration_is_printed_in_a_unit_that_people_can_read(seconds: float, printed: str) -> None:
    assert as_value(seconds, "seconds") == printed
