"""Whatever is wrong in cxreports.toml is told with its line, all at once, and without what somebody wrote there in secret."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.errors import SettingsError
from cxreports.key import read_key
from cxreports.settings import read_settings
from cxreports.toml_lines import lines_of

GOOD = '[project]\nname = "Small"\ntimezone = "Europe/London"\n'
JOURNEY = '[journeys.move]\ntitle = "Moving"\nowner = "Moves"\ngoal = { event = "moved" }\nlimit = "10 days"\nsilence = "2 h"\n'
STEP = '[[journeys.move.steps]]\nname = "known"\nshown_by = { event = "verified" }\n'
SOURCE = '[sources.calls]\nkind = "table"\npath = "exports/*.csv"\n'


def faults(folder: Path, text: str | bytes) -> list[str]:
    (folder / "cxreports.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingsError) as caught:
        read_settings(folder)
    return list(caught.value.faults)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("[repeat]\nwindow_days = 99", "cxreports.toml:5: repeat.window_days: Input should be less than or equal to 30"),
        ("repeat.window_days = 99", "cxreports.toml:4: repeat.window_days: Input should be less than or equal to 30"),
        ("repeat = { quiet_days = 1, window_days = 99 }", "cxreports.toml:4: repeat.window_days: Input should be less"),
        ("[ repeat ] # of customers\n\n  'window_days' = 99", "cxreports.toml:6: repeat.window_days: Input should be less"),
        ('["sources"."a.b c"]\nkind = "table"\npath = 5', "cxreports.toml:6: sources.a.b c.path: Input should be a valid string"),
        (
            '["sources".\'é"\']\nkind = "table"\npth = "x"',
            "cxreports.toml:6: sources.é\".pth: unknown setting; did you mean 'path'?",
        ),
        (
            'privacy.national_ids = [\n  "GB",  # ours\n  7,\n]',
            "cxreports.toml:6: privacy.national_ids.1: Input should be a valid",
        ),
        ('[[sources]]\nkind = "table"', "cxreports.toml:4: sources: Input should be a valid dictionary"),
        ('text = """\n[repeat]\nwindow_days = 99\n"""\nrepeat.window_days = 99', "cxreports.toml:8: repeat.window_days: Input"),
        ("[repeat]\r\nwindow_days = 99\r\n", "cxreports.toml:5: repeat.window_days"),
        (
            SOURCE + "params.limit = [1, 2]",
            "cxreports.toml:7: sources.calls.params.limit: must be a text, a number, true or false",
        ),
        (SOURCE + "max_quarantined = nan", "cxreports.toml:7: sources.calls.max_quarantined: Input should be a finite number"),
        (SOURCE + 'timezone = "Europe/Lodnon"', "cxreports.toml:7: sources.calls.timezone: 'Europe/Lodnon' is no IANA time zone"),
        (SOURCE + 'format = "xml"', "cxreports.toml:7: sources.calls.format: Input should be 'csv', 'json', 'xlsx' or 'parquet'"),
        ("[targets]\ncsat = {}", "cxreports.toml:5: targets.csat: needs either at_least or at_most"),
        ("targets.csat = { at_least = 1, at_most = 2 }", "cxreports.toml:4: targets.csat: needs either at_least or at_most"),
        ("targets.csat.at_least = inf", "cxreports.toml:4: targets.csat.at_least: Input should be a finite number"),
        ("[variants.mine]\nwindow_hours = 3", "cxreports.toml:4: variants.mine.metric: is required"),
        (
            'variants.m = { metric = "csat", window = [1] }',
            "cxreports.toml:4: variants.m.window: must be a text, a number, true or",
        ),
        (
            '[schedules.desk]\ntimezone = "UTC"\nmondays = "09:00-17:00"',
            "cxreports.toml:6: schedules.desk.mondays: unknown setting; did you mean 'monday'?",
        ),
        ('[schedules.desk]\ntimezone = "UTC"\nmonday = "9-17"', "cxreports.toml:6: schedules.desk.monday: '9-17' is no opening"),
        ('[[schedules.desk]]\ntimezone = "Europe/Lodnon"', "cxreports.toml:5: schedules.desk.0.timezone: 'Europe/Lodnon' is no"),
        (
            '[schedules.desk]\ntimezone = "UTC"\nfirst_day = 2025-02-01\nlast_day = 2025-01-31',
            "cxreports.toml:4: schedules.desk: first_day lies after last_day",
        ),
        (
            JOURNEY + 'start = { intnt = "move" }',
            "cxreports.toml:10: journeys.move.start.intnt: unknown setting; did you mean 'intent'?",
        ),
        (
            JOURNEY + "start = {}",
            "cxreports.toml:10: journeys.move.start: needs exactly one of event, intent, journey and outcome",
        ),
        (JOURNEY + "start = []", "cxreports.toml:10: journeys.move.start: needs at least one sign"),
        (
            JOURNEY + 'start = { intent = "m", kind = "bot" }',
            "cxreports.toml:10: journeys.move.start: kind and result belong to an event",
        ),
        (
            JOURNEY + 'start = { event = "moved" }',
            "cxreports.toml:4: journeys.move: start and goal are the same sign",
        ),
        (
            JOURNEY + 'start = { intent = "m" }\nlongest = "9 days"',
            "cxreports.toml:4: journeys.move: longest is shorter than limit",
        ),
        (
            JOURNEY + 'start = { intent = "m" }\nlongest = "2 weeks"',
            "cxreports.toml:11: journeys.move.longest: is no length of time; write it as '90 s', '15 min', '2 h' or '14 days'",
        ),
        (
            JOURNEY + 'start = { intent = "m" }\nlongest = "91 days"',
            "cxreports.toml:11: journeys.move.longest: is longer than 90 days",
        ),
        (
            f'{JOURNEY}start = {{ intent = "m" }}\n{STEP}{STEP}',
            "cxreports.toml:4: journeys.move: two steps are named 'known'; two steps are shown by the same event",
        ),
        (
            f'{JOURNEY}start = {{ intent = "m" }}\n{STEP}limt = "1 h"\n',
            "cxreports.toml:14: journeys.move.steps.0.limt: unknown setting; did you mean 'limit'?",
        ),
        (
            f'{JOURNEY}start = {{ intent = "m" }}\n{STEP}after = "known"\n',
            "cxreports.toml:11: journeys.move.steps.0: after = 'known' says from when a limit counts; there is no limit",
        ),
        (
            f'{JOURNEY}start = {{ intent = "m" }}\n{STEP}limit = "1 h"\nafter = "knwn"\n',
            "cxreports.toml:4: journeys.move: step 'known' comes after 'knwn', which is no other step",
        ),
        (
            f'{JOURNEY}start = {{ intent = "m" }}\nsteps_from = "intent"\n{STEP}',
            "cxreports.toml:4: journeys.move: steps and steps_from exclude each other",
        ),
        ("[project]\nname = 1", "cxreports.toml: Cannot declare ('project',) twice (at line 4, column 9)"),
        ("repeat.window_days = 7\nrepeat.window_days = 8", "cxreports.toml: Cannot overwrite a value (at line 5"),
        ("nonsense", "cxreports.toml: Expected '=' after a key in a key/value pair (at line 4"),
        ("x = " + "[" * 100_000, "cxreports.toml: is nested too deeply"),
    ],
)
def test_a_fault_is_told_with_its_line_however_it_was_written(tmp_path: Path, more: str, told: str) -> None:
    table = more.startswith("[")
    text = GOOD + more if table else more_first(more)
    assert any(f.startswith(told) for f in faults(tmp_path, text)), faults(tmp_path, text)


def more_first(more: str) -> str:
    """Keys of the top level, on line 4: before the first table."""
    return f"\n\n\n{more}\n{GOOD}"


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, '[project]\ntimezone = "Mars"\n[repeat]\nquiet_days = -1\n[sources.a]\nkin = "table"\n[nothing]\n')
    assert [f.split(": ")[0:2] for f in found] == [
        ["cxreports.toml:1", "project.name"], ["cxreports.toml:2", "project.timezone"], ["cxreports.toml:4", "repeat.quiet_days"],
        ["cxreports.toml:5", "sources.a.kind"], ["cxreports.toml:5", "sources.a.path"], ["cxreports.toml:6", "sources.a.kin"],
        ["cxreports.toml:7", "nothing"],
    ]  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "cxreports.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_settings(tmp_path).project.name == "Small"


def test_a_file_in_another_encoding_says_where_and_what_to_do(tmp_path: Path) -> None:
    told = faults(tmp_path, GOOD.replace("Small", "Müller & Co").encode("latin-1"))
    assert told == ["cxreports.toml:2: is not UTF-8 text; save the file as UTF-8"]
    assert faults(tmp_path, GOOD.encode("utf-16"))[0].startswith("cxreports.toml:1: is not UTF-8")


def test_what_stands_in_a_wrong_setting_is_not_printed(tmp_path: Path) -> None:
    for more in ('key = "hunter2"', 'key_file = ["hunter2"]', 'national_ids = "hunter2"', 'phone_region = {x = "hunter2"}'):
        assert "hunter2" not in "".join(faults(tmp_path, f"{GOOD}[privacy]\n{more}\n")), more
    assert "hunter2" not in "".join(faults(tmp_path, f'{GOOD}[privacy]\nkey = "hunter2\n'))


@pytest.mark.parametrize("key", [b"", b"short", b"\xff" * 40])
def test_a_key_that_is_none_is_refused_without_showing_it(tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXREPORTS_KEY", raising=False)
    (tmp_path / "cxreports.toml").write_text(GOOD)
    (tmp_path / "pseudonym.key").write_bytes(key)
    with pytest.raises(SettingsError) as caught:
        read_key(read_settings(tmp_path), tmp_path)
    assert "pseudonym.key" in str(caught.value) and "short'" not in str(caught.value) and "\\xff" not in str(caught.value)


def test_a_huge_file_is_read_in_a_moment(tmp_path: Path) -> None:
    many = "".join(f'[sources.s{i}]\nkind = "table"\npath = "x"\npth = 1\n' for i in range(2_000))
    assert len(faults(tmp_path, GOOD + many)) == 2_000


KEY = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text("ab.'\"# =[]é\\", min_size=1, max_size=6))
VALUE = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text("x'\"#\\\n=[]{}", max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEY, inner, max_size=3)),
    max_leaves=6,
)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(written(v) for v in value) + "]"
    return quoted(value) if isinstance(value, str) else str(value).lower()


def quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.lists(KEY, min_size=1, max_size=3), VALUE), max_size=5))
def test_every_key_is_found_on_the_line_where_it_stands(pairs: list[tuple[list[str], Any]]) -> None:
    lines: list[str] = []
    wanted = {}
    for i, (key, value) in enumerate(pairs):
        place = (f"t{i}", *key)
        wanted[place] = len("\n".join(lines).split("\n")) + 1 if lines else 1
        lines.append(".".join(quoted(k) for k in place) + f" = {written(value)}  # [x]\n")
        lines[-1] = lines[-1].rstrip("\n")
    text = "\n".join(lines)
    tomllib.loads(text)
    found = lines_of(text)
    assert {place: found[place] for place in wanted} == wanted
