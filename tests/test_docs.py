"""Documentation that cannot fall behind: generated pages are current, and every quoted command line is one that exists."""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from cxreports.analysis.estimate import HIDDEN_BELOW
from cxreports.analysis.measurement import State
from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.definition import MetricHeader
from cxreports.definitions.dictionary import VERSION, data_dictionary
from cxreports.definitions.glossary import SUBJECTS, TERMS, by_subject, chosen, glossary
from cxreports.definitions.markdown import COMMAND, slug
from cxreports.definitions.model import LANDED, PROVENANCE
from cxreports.errors import QuestionError
from cxreports.lake.landing import staged_schema

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = read_catalogue()
RENEW = f"is stale; renew it with: {COMMAND}"
PAGES = sorted([*ROOT.glob("README.md"), *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.M | re.S)
INLINE = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?:\$ )?(?:\w+=\S* )*(\./cx|cxreports) +(\S.*)")
PLACEHOLDER = re.compile(r"…|\.\.\.|\[|\b[A-Z]{2,}\b")
# typer carries a click of its own, or uses the one that is installed: the class is found through one that it always exports.
CLICK_ERROR = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def test_the_glossary_is_current() -> None:
    assert (ROOT / "docs/glossary.md").read_text(encoding="utf-8") == glossary(CATALOGUE), f"docs/glossary.md {RENEW}"


def test_the_data_dictionary_is_current() -> None:
    assert (ROOT / "docs/data-dictionary.md").read_text(encoding="utf-8") == data_dictionary(CATALOGUE), (
        f"docs/data-dictionary.md {RENEW}"
    )


def test_the_glossary_explains_every_grain_and_every_state() -> None:
    words = {word.replace(" ", "_") for word, _ in TERMS}
    grains = {g.replace(" ", "_") for g in get_args(MetricHeader.model_fields["grain"].annotation)}
    assert grains | set(get_args(State)) <= words


def test_the_glossary_names_the_floor_below_which_nothing_is_shown() -> None:
    assert f"Below {HIDDEN_BELOW} it is not shown." in dict(TERMS)["insufficient"]


def test_every_figure_has_a_place_of_its_own_in_the_glossary() -> None:
    places = [slug(m.header.title) for m in CATALOGUE.metrics.values()]
    assert len(set(places)) == len(places)


def test_every_metric_stands_under_a_subject_of_the_glossary() -> None:
    assert {m.header.subject for m in CATALOGUE.metrics.values()} <= set(SUBJECTS)
    assert sorted(m.name for found in by_subject(CATALOGUE).values() for m in found) == sorted(CATALOGUE.metrics)


def test_what_waits_for_a_window_is_a_lagging_figure() -> None:
    lagging, live = chosen(CATALOGUE, "lagging"), chosen(CATALOGUE, "live")
    assert {"fcr_repeat", "repeat_trigger", "verified_containment"} <= set(lagging) and "service_level" in live
    assert set(lagging) | set(live) == set(CATALOGUE.metrics) and not set(lagging) & set(live)
    with pytest.raises(QuestionError) as error:
        chosen(CATALOGUE, "late", "Outcome")
    assert list(error.value.faults) == [
        "--known 'late' is neither 'live' nor 'lagging'",
        "--subject 'Outcome' is none; did you mean 'Outcomes'?",
    ]


def test_no_formula_is_printed_with_a_hole() -> None:
    formulas = [line for line in glossary(CATALOGUE).splitlines() if line.startswith("| **Formula**")]
    assert len(formulas) == len(CATALOGUE.metrics)
    assert [f for f in formulas if "{" in f] == []


def test_the_dictionary_knows_what_the_lake_adds_to_a_landed_row() -> None:
    legs = LANDED["legs"]
    assert {c.name: c.type for c in (*legs.columns, *PROVENANCE, *VERSION)} == staged_schema(legs)


def command_lines(text: str) -> list[str]:
    """What follows `./cx` or `cxreports` in the code of a page, comments and what is piped into left out."""
    blocks = FENCE.findall(text)
    code = [line.strip() for block in blocks for line in block.splitlines()] + INLINE.findall(FENCE.sub("", text))
    found = (CALL.match(piece.strip()) for line in code for piece in re.split(r"&&|;|\|", line))
    return [re.split(r"\s[#>]", f"{m[1]} {m[2]}")[0].strip() for m in found if m]


def line_fault(line: str, group: Any) -> str:
    """Why the command line would be refused; empty if it would be taken. Of a command that is only mentioned, or shown with
    placeholders, the names are judged and nothing else."""
    program, *words = shlex.split(line)
    if program == "./cx" and words[0] in own_commands():
        return ""
    if words[0].startswith("-"):
        return "" if words[0] in ("--help", "--version") else f"'{line}': no option of its own"
    command = group.commands.get(words[0])
    if command is None:
        return "" if PLACEHOLDER.search(words[0]) else f"'{line}': there is no command '{words[0]}'"
    if PLACEHOLDER.search(line) or len(words) == 1:
        known = {opt for p in command.params for opt in (*p.opts, *p.secondary_opts)} | {"--help"}
        unknown = [w for w in (w.strip("[]").partition("=")[0] for w in words) if w.startswith("--") and w not in known]
        return f"'{line}': there is no {', '.join(unknown)}" if unknown else ""
    try:
        command.make_context(words[0], words[1:])
    except typer.Exit:
        pass  # --help
    except CLICK_ERROR as error:
        return f"'{line}': {error}"
    return ""


def own_commands() -> set[str]:
    """Commands of the script ./cx itself, as its last `case` lists them."""
    last_case = (ROOT / "cx").read_text(encoding="utf-8").rpartition("\ncase ")[2]
    return set(re.findall(r"^    (\w+)\)", last_case, re.M)) | {"help"}


@pytest.fixture(scope="module")
def group() -> Any:
    """The command line's commands, as click knows them."""
    if find_spec("cxreports.cli") is None:
        pytest.skip("cxreports/cli.py does not exist yet")
    from cxreports.cli import app

    return typer.main.get_command(app)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_line_on_a_page_would_be_taken(page: Path, group: Any) -> None:
    assert [fault for line in command_lines(page.read_text(encoding="utf-8")) if (fault := line_fault(line, group))] == []


@pytest.mark.parametrize(
    "line",
    [
        "./cx deno",
        "cxreports measure abandonment --bye channel",
        "cxreports measure --by channel",
        "cxreports report weekly --perod 2026-W46",
        "cxreports ui --port x",
        "cxreports run [--asof DATE]",
        "./cx --colour",
    ],
)
def test_a_command_line_that_would_be_refused_is_caught(line: str, group: Any) -> None:
    assert command_lines(f"```\n{line}\n```") == [line] and line_fault(line, group)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("```sh\n$ ./cx measure trapped --by channel   # a comment\n```", "./cx measure trapped --by channel"),
        ("say `cxreports run [--as-of DATE]`, or not", "cxreports run [--as-of DATE]"),
        ("```\ncd x && cxreports accounts --json | jq .\n```", "cxreports accounts --json"),
        ("`KEY=1 ./cx test -k spark`", "./cx test -k spark"),
        ("`cxreports init …`", "cxreports init …"),
    ],
)
def test_a_command_line_is_found_in_code_and_taken(text: str, line: str, group: Any) -> None:
    assert command_lines(text) == [line]
    assert line_fault(line, group) == ""


def test_names_of_files_are_no_command_lines() -> None:
    assert command_lines("`cxreports.toml`, `cxreports/intake`, and cxreports run without code") == []


def test_the_script_has_commands_of_its_own() -> None:
    assert {"test", "lint", "bench"} <= own_commands()
