"""Files, names and words of somebody who means harm, or of a program that went wrong: nothing is run, leaked or crashed."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from cxreports import cli, pipeline
from tests.conftest import ROOT

PLANTED = "Planted-7F3"
KEY = f"{PLANTED}-and-long-enough"
HEADER = "id,begun,who,note,ch,w\n"
ROW = f"a1,2025-03-03 10:00:00,{PLANTED},call {PLANTED},voice,5\n"
SETTINGS = """
[project]
name = "Small"
timezone = "Europe/London"

[sources.calls]
kind = "table"
path = "exports/**/*"
table = "legs"
timezone = "Europe/London"
format = "FORMAT"

[sources.calls.columns]
leg_id = "id"
started_at = "begun"
account_key = "who"
note = "note"
channel = "ch"
wait_ms = "w"
"""
Cx = Callable[..., tuple[int, str]]
Make = Callable[..., Path]


@pytest.fixture
def cx(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cx]:
    """The command line in this process: exit code, and all that it printed."""
    interrupt = signal.getsignal(signal.SIGINT)
    monkeypatch.delenv("CXREPORTS_DEBUG", raising=False)

    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["cxreports", *words])
        with pytest.raises(SystemExit) as done:
            cli.main()
        printed = capsys.readouterr()
        return int(done.value.code or 0), printed.out + printed.err

    yield call
    signal.signal(signal.SIGINT, interrupt)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A project with those files among its exports."""

    def project(files: dict[str | bytes, str | bytes], format_: str = "csv", settings: str = SETTINGS) -> Path:
        (tmp_path / "p/exports").mkdir(parents=True)
        (tmp_path / "p/cxreports.toml").write_text(settings.replace("FORMAT", format_))
        (tmp_path / "p/pseudonym.key").touch(mode=0o600)
        (tmp_path / "p/pseudonym.key").write_text(KEY)
        for name, data in files.items():
            path = tmp_path / "p/exports" / os.fsdecode(name)
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return tmp_path / "p"

    return project


def tidy(printed: str) -> None:
    assert "Traceback" not in printed and "unexpected" not in printed, printed
    assert PLANTED not in printed, printed
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", printed), ascii(printed)


FAR = """a1,2025-03-03 10:00:00,x,y,voice,99999999999999999999999999
a2,0001-01-01 00:00:00,x,y,voice,-9223372036854775808
a3,9999-12-31 23:59:59,x,y,voice,1e400
a4,9999-12-31 23:59:59,x,y,voice,1
a5,294247-01-10 04:00:54.775,x,y,voice,1
a6,290308-12-21 (BC) 19:59:06,x,y,voice,1
a7,infinity,x,y,voice,1
a8,epoch,x,y,voice,nan
"""


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("no-header.csv", ROW * 2, "csv"),
        ("\x1b[31m\nred\u202e.csv", HEADER + f"{PLANTED}\n", "csv"),
        ("'\"; drop table x;--.csv", HEADER + ROW, "csv"),
        ("*[1]?.csv", HEADER + ROW, "csv"),
        (b"\xff\xfe.csv", HEADER + ROW, "csv"),
        ("nul.csv", HEADER + ROW.replace("voice", "vo\0ice").replace("a1", "a\0"), "csv"),
        ("escape.csv", HEADER + ROW.replace("voice", "\x1b[2J\x9b31m\u202evoice"), "csv"),
        ("far.csv", HEADER + FAR, "csv"),
        ("wide.csv", ",".join(f"c{i}" for i in range(10_000)) + "," + HEADER + "," * 10_000 + ROW, "csv"),
        ("long.csv", HEADER + ROW.replace("call", "call " * 400_000).replace("voice", "v" * 100_000), "csv"),
        (
            "half.json",
            '{"id":"a1","begun":"2025-03-03 10:00:00","who":"x\\ud800' + PLANTED + '","note":"\\udfff","ch":"v"}',
            "json",
        ),
        ("deep.json", '{"id":"a1","note":' + "[" * 200_000 + "]" * 200_000 + "}", "json"),
        (
            "types.json",
            '{"id":["' + PLANTED + '"],"begun":{"' + PLANTED + '":1},"who":true,"ch":[],"w":"' + PLANTED + '"}',
            "json",
        ),
        ("nan.json", '{"id":NaN,"begun":"2025-03-03 10:00:00","who":Infinity,"ch":"v","w":1e999}', "json"),
        ("no.xlsx", b"PK\x03\x04" + PLANTED.encode(), "xlsx"),
        ("no.parquet", b"PAR1" + PLANTED.encode() + b"PAR1", "parquet"),
    ],
)
def test_a_hostile_file_is_accounted_for_and_prints_nothing_of_its_rows(
    make: Make, cx: Cx, name: str | bytes, data: str | bytes, format_: str
) -> None:
    folder = make({name: data}, format_)
    asked = ["--project", str(folder)]
    for words in (["check"], ["run", "--as-of", "2025-03-20"], ["accounts"], ["doctor"]):
        code, printed = cx(*words, *asked)
        tidy(printed)
        assert code in (0, 1, 12, 16), printed
    for words in (["measure", "interactions", "--by", "channel"], ["explain", "interactions", "--where", "channel=voice"]):
        code, printed = cx(*words, "--period", "2025-W10", *asked)
        tidy(printed)
        assert code in (0, 16) and max(map(len, printed.split("\n"))) < 2_000, printed


def test_an_instant_that_no_calendar_reaches_quarantines_its_record_and_no_other(make: Make, cx: Cx) -> None:
    folder = make({"far.csv": HEADER + FAR + ROW.replace("a1", "b1")})
    code, printed = cx("run", "--as-of", "2025-03-20", "--project", str(folder), "--json")
    assert code == 0 and json.JSONDecoder().raw_decode(printed[printed.index("{") :])[0]["quarantined"] == 8, printed
    assert (
        json.loads(cx("measure", "interactions", "--period", "2025-W10", "--project", str(folder), "--format", "json")[1])[0]["n"]
        == 1
    )


def test_cells_of_a_file_without_header_are_not_printed_as_columns_that_exist(make: Make, cx: Cx) -> None:
    code, printed = cx("check", "--project", str(make({"a.csv": ROW})))
    assert code == 1 and "has no column 'begun'" in printed and "none of its 6 columns" in printed and PLANTED not in printed
    assert "2025-03-03" not in printed


def test_a_link_out_of_the_project_is_not_followed(make: Make, cx: Cx, tmp_path: Path) -> None:
    folder = make({"own.csv": HEADER + ROW})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/other.csv").write_text(HEADER + ROW.replace("a1", "a2"))
    (folder / "exports/file.csv").symlink_to(tmp_path / "outside/other.csv")
    (folder / "exports/folder").symlink_to(tmp_path / "outside")
    (folder / "exports/etc").symlink_to("/etc")
    (folder / "exports/inside.csv").symlink_to("own.csv")
    code, printed = cx("check", "--project", str(folder))
    assert code == 0, printed
    cx("run", "--as-of", "2025-03-20", "--project", str(folder))
    files = json.loads(cx("accounts", "--json", "--project", str(folder))[1])["files"]
    assert [f["path"] for f in files] == ["exports/inside.csv"]  # the same bytes as own.csv


@pytest.mark.parametrize("path", ["../*.csv", "/etc/*", "exports/../../*", "~/x", "C:\\x", "exports\\..\\x", ""])
def test_a_path_that_leaves_the_project_is_refused(make: Make, cx: Cx, path: str) -> None:
    code, printed = cx("check", "--project", str(make({}, settings=SETTINGS.replace("exports/**/*", path.replace("\\", "\\\\")))))
    assert code == 1 and "must be a path below the project's folder" in printed


@pytest.mark.parametrize(
    "words",
    [
        ["measure", "x'; drop table stg_legs; --"],
        ["measure", "../../etc/passwd"],
        ["measure", "interactions", "--by", "channel'; drop table stg_legs; --"],
        ["measure", "interactions", "--by", "1"],
        ["measure", "interactions", "--by", "\udcff\x1b[31m"],
        ["explain", "interactions", "--where", "channel) or (1=1=x"],
        ["report", "weekly", "--period", "../../../etc"],
        ["report", "../weekly"],
        ["measure", "interactions", "--as-of", "9999-12-31"],
        ["measure", "interactions", "--as-of", "0001-01-01"],
        ["measure", "interactions", "--as-of", "0001-01-01T00:00:00+14:00"],
        ["measure", "interactions", "--from", "0001-01-01", "--to", "9999-12-31"],
        ["measure", "interactions", "--period", "9999-W52"],
    ],
)
def test_a_question_with_sql_or_nonsense_in_it_is_refused(make: Make, cx: Cx, words: list[str]) -> None:
    folder = make({"a.csv": HEADER + ROW})
    cx("run", "--as-of", "2025-03-20", "--project", str(folder))
    code, printed = cx(*words, "--project", str(folder))
    assert code == 15, printed
    tidy(printed)


def test_a_value_with_sql_in_it_finds_nothing_and_does_nothing(make: Make, cx: Cx) -> None:
    folder = make({"a.csv": HEADER + ROW})
    cx("run", "--as-of", "2025-03-20", "--project", str(folder))
    asked = ["--period", "2025-W10", "--project", str(folder), "--format", "json"]
    found = json.loads(cx("explain", "interactions", "--where", "channel=x' or '1'='1", *asked)[1])
    assert (found["total"], found["rows"]) == (0, [])
    assert json.loads(cx("explain", "interactions", *asked)[1])["total"] == 1


FORMULAS = ["=1+1", "@SUM(A1)", "+1+1", "-2+3", " =1", "\uff1d1", "=HYPERLINK(1)\x1b[2J", "-5", "voice"]


def lines(values: list[str]) -> str:
    return HEADER + "".join(f'a{i},2025-03-03 10:00:00,x,y,"{v}",1\n' for i, v in enumerate(values))


def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text(make: Make, cx: Cx) -> None:
    folder = make({"a.csv": lines(FORMULAS)})
    cx("run", "--as-of", "2025-03-20", "--project", str(folder))
    asked = ["--period", "2025-W10", "--project", str(folder), "--format", "csv"]
    channels = {
        row["channel"] for row in csv.DictReader(io.StringIO(cx("measure", "interactions", "--by", "channel", *asked)[1]))
    }
    assert channels >= {"'=1+1", "'@SUM(A1)", "'+1+1", "'-2+3", "'\uff1d1", "-5", "voice"}
    assert not [c for c in channels if c.strip()[:1] in tuple("=@+\uff1d")]
    explained = csv.DictReader(io.StringIO(cx("explain", "interactions", *asked, "--limit", "0")[1]))
    assert {row["channel"] for row in explained} == channels


def test_what_moves_a_terminals_cursor_is_shown_and_not_sent(make: Make, cx: Cx) -> None:
    folder = make({"\x1b]0;owned\x07.csv": lines(["\x1b[2J\u202evoice\x9b", "chat"]) + "\x1b[1m\n"})
    cx("run", "--as-of", "2025-03-20", "--project", str(folder))
    for words in (["measure", "interactions", "--by", "channel"], ["explain", "interactions"]):
        for form in ("table", "json"):
            code, printed = cx(*words, "--period", "2025-W10", "--project", str(folder), "--format", form)
            tidy(printed)
            assert code == 0 and "\\u001b[2J\\u202evoice\\u009b" in printed
            assert form == "table" or "\x1b[2J\u202evoice\x9b" in json.dumps(json.loads(printed), ensure_ascii=False).replace(
                "\\u001b", "\x1b"
            )
    for words in (["accounts"], ["accounts", "--json"]):
        tidy(cx(*words, "--project", str(folder))[1])


class Elements(HTMLParser):
    """Every element and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action", "data", "xlink:href")}


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><a href=javascript:alert(1)>{{7*7}}{% raw %}</style>"


def test_no_word_of_the_data_becomes_markup_in_a_report(make: Make) -> None:
    name = json.dumps(EVIL)
    settings = SETTINGS.replace('name = "Small"', f"name = {name}").replace("sources.calls", f"sources.{name}")
    settings += f"region = 'ch'\nqueue = 'ch'\nsegment = 'ch'\nai_agent = 'ch'\n[sources.{json.dumps(EVIL + 'r')}]\n"
    settings += (
        'kind = "table"\npath = "releases/*"\ntable = "releases"\nformat = "csv"\ntimezone = "UTC"\ncolumns.release_id = "id"\n'
    )
    settings += "".join(f'columns.{c} = "{e}"\n' for c, e in {"released_at": "day", "component": "x", "version": "x"}.items())
    settings += 'columns.description = "x"\ncolumns.channel = "x"\ncolumns.region = "x"\n'
    cell = '"' + EVIL.replace('"', '""') + '"'
    calls = "".join(f"a{i},2025-03-{3 + i % 7:02d} 10:{i % 60:02d}:00,k{i % 50},y,{cell},1\n" for i in range(400))
    folder = make({EVIL.replace("/", "\\"): HEADER + calls + "broken\n"}, settings=settings)
    (folder / "releases").mkdir()
    (folder / "releases/r.csv").write_text(f"id,day,x\nr1,2025-03-04 10:00:00,{cell}\n")
    project = pipeline.open_project(folder)
    as_of = pipeline.end_of_day(pipeline.date(2025, 3, 20), project.settings)
    pipeline.run(project, as_of, lambda words: None)
    page = pipeline.report(project, "weekly", "2025-W10").html.read_text()
    found = Elements(page)
    assert "&lt;script&gt;" in page and "{{7*7}}" in page
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "form", "base", "foreignobject"}
    assert not [a for a in found.attributes if a.startswith("on")]
    assert not [link for link in found.links if not link.startswith("#")]


def test_an_error_that_nobody_foresaw_tells_its_kind_and_place_and_no_data(cx: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (ValueError(PLANTED), duckdb.ConversionException(PLANTED), KeyError(PLANTED)):

        def fails(*_: object, error: Exception = error) -> None:
            raise error from RuntimeError(PLANTED)

        monkeypatch.setattr(pipeline, "open_project", fails)
        code, printed = cx("check")
        assert code == 70 and type(error).__name__ in printed and re.search(r"at cxreports\.commands\.start:\d+", printed)
        assert PLANTED not in printed and "Traceback" not in printed
    monkeypatch.setenv("CXREPORTS_DEBUG", "1")
    code, printed = cx("check")
    assert code == 70 and "Traceback" in printed and PLANTED in printed


def test_what_the_operating_system_refuses_is_told_in_one_line(cx: Cx, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/data/\x1b[31mexports")

    monkeypatch.setattr(pipeline, "open_project", fails)
    assert cx("check") == (18, "error: /data/\\u001b[31mexports: Permission denied\n")


def test_an_interrupted_statement_ends_at_once() -> None:
    text = (
        "import duckdb; from cxreports import cli\n"
        "cli.app = lambda: (print('on', flush=True), duckdb.sql('select sum(a.i * b.i) from range(9000000) a(i), range(900000) b(i)"  # noqa: E501
        "').fetchall())\ncli.main()"
    )
    process = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"on\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == -signal.SIGINT  # a shell calls this 130
    assert process.stderr and process.stderr.read() == b""


def test_the_key_is_never_printed_and_a_key_that_others_can_read_is_told(
    make: Make, cx: Cx, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make({"a.csv": HEADER + ROW})
    assert "pseudonym.key" not in cx("doctor", "--project", str(folder))[1]
    (folder / "pseudonym.key").chmod(0o644)
    code, printed = cx("doctor", "--project", str(folder))
    assert code == 1 and re.search(r"wrong +\S+pseudonym.key: can be read by others; run: chmod 600 ", printed)
    monkeypatch.setenv("CXREPORTS_KEY", KEY)
    for words in (["run", "--json"], ["doctor", "--deep"], ["check"], ["accounts", "--json"], ["report", "--period", "2025-W10"]):
        assert PLANTED not in cx(*words, "--project", str(folder))[1]
    stored = b"".join(p.read_bytes() for p in [*folder.rglob("lake/**/*"), *folder.rglob("reports/**/*")] if p.is_file())
    assert KEY.encode() not in stored


def test_making_a_project_anew_keeps_the_key_and_what_git_ignores(make: Make, cx: Cx) -> None:
    folder = make({})
    (folder / "cxreports.toml").unlink()
    (folder / ".gitignore").write_text("mine/\n")
    assert cx("init", str(folder))[0] == 0
    assert (folder / "pseudonym.key").read_text() == KEY
    assert {"mine/", "pseudonym.key", "lake/"} <= set((folder / ".gitignore").read_text().split())
