"""A definition does not change under the version that published figures name: versions.lock, kept versions, `check`."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxreports.cli import app
from cxreports.definitions import versions
from cxreports.definitions.catalogue import read_catalogue
from cxreports.definitions.markdown import COMMAND
from cxreports.definitions.resources import resource_dir
from cxreports.definitions.versions import Line, accepted, faults_of, read_lock, write_lock
from cxreports.errors import DefinitionError, QuestionError

SETTINGS = 'project = { name = "x", timezone = "UTC" }\n'
ROOT = Path(__file__).resolve().parent.parent
A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a definition of customer satisfaction of its own, accepted."""
    (tmp_path / "pseudonym.key").write_text("0123456789abcdef0123456789abcdef")
    (tmp_path / "cxreports.toml").write_text(SETTINGS + '[variants.sl30]\nmetric = "service_level"\nthreshold_s = 30\n')
    (tmp_path / "sql" / "metrics").mkdir(parents=True)
    shutil.copy(resource_dir("sql") / "metrics" / "csat.sql", tmp_path / "sql" / "metrics" / "happy.sql")
    assert check(tmp_path, "--accept")[0] == 0
    return tmp_path


def check(folder: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", "--project", str(folder), *options])
    return result.exit_code, result.output


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_our_definitions_are_those_that_their_versions_stand_for() -> None:
    lines = versions.lines_of(read_catalogue())
    assert faults_of(lines, versions.our_lock()) == []
    if not versions.IS_RELEASED:
        assert versions.our_lock() == lines, f"sql/versions.lock is stale; renew it with: {COMMAND}"


def test_until_the_first_release_our_versions_may_be_written_anew() -> None:
    """Whoever releases sets IS_RELEASED; from then on a changed definition needs a new version."""
    is_first = "## 0.1.0 (unreleased)" in (ROOT / "CHANGELOG.md").read_text()
    assert versions.IS_RELEASED is not is_first


@pytest.mark.parametrize(("is_released", "versions_left"), [(False, [(1, "new")]), (True, [(1, "old")])])
def test_a_changed_definition_of_ours_renews_its_line_only_before_the_first_release(
    is_released: bool, versions_left: list[tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(resource_dir("sql"), tmp_path / "sql")
    for module in ("versions", "catalogue"):
        monkeypatch.setattr(f"cxreports.definitions.{module}.resource_dir", lambda name: tmp_path / name)
    old = next(line.digest for line in versions.our_lock() if line.name == "metrics/csat")
    edit(tmp_path / "sql/metrics/csat.sql", "1 as den", "2 as den")
    new = next(line.digest for line in versions.lines_of(read_catalogue()) if line.name == "metrics/csat")
    monkeypatch.setattr(versions, "IS_RELEASED", is_released)
    faults = versions.accept_ours()
    assert len(faults) == (1 if is_released else 0)
    names = {old: "old", new: "new"}
    left = [(line.version, names[line.digest]) for line in versions.our_lock() if line.name == "metrics/csat"]
    assert left == versions_left


def test_a_changed_statement_without_a_new_version_fails_the_check(project: Path) -> None:
    edit(project / "sql/metrics/happy.sql", "s.score > s.scale_max", "s.score >= s.scale_max")
    code, words = check(project)
    assert code == 1
    assert "sql/metrics/happy.sql: was changed, and its version is still 1. Raise 'version' to 2" in words
    assert "keep the old file as sql/metrics/happy@1.sql" in words


def test_accepting_does_not_take_a_changed_statement_under_its_old_version(project: Path) -> None:
    edit(project / "sql/metrics/happy.sql", "s.score > s.scale_max", "s.score >= s.scale_max")
    before = (project / "versions.lock").read_bytes()
    assert check(project, "--accept")[0] == 1
    assert (project / "versions.lock").read_bytes() == before


def test_a_new_version_is_accepted_and_the_line_of_the_old_one_stays(project: Path) -> None:
    old = [line for line in read_lock(project / "versions.lock") if line.name == "metrics/happy"]
    edit(project / "sql/metrics/happy.sql", "s.score > s.scale_max", "s.score >= s.scale_max")
    edit(project / "sql/metrics/happy.sql", "version    = 1", "version    = 2")
    assert "happy.sql: version 2 stands in no versions.lock yet; 'cxreports check --accept' writes it down" in check(project)[1]
    assert check(project, "--accept")[0] == 0
    now = [line for line in read_lock(project / "versions.lock") if line.name == "metrics/happy"]
    assert [line.version for line in now] == [1, 2] and now[0] == old[0]
    assert now[1].digest != old[0].digest
    assert check(project)[0] == 0


def test_words_comments_and_layout_of_a_definition_may_change_freely(project: Path) -> None:
    path = project / "sql/metrics/happy.sql"
    edit(path, 'owner      = "Customer insight"', 'owner      = "Somebody else"')
    edit(path, 'title      = "Customer satisfaction"', 'title      = "Happy customers"')
    edit(path, "\n    1 as den,", "\n  1\n   as den,  -- one each")
    assert check(project)[0] == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("min_n      = 30", "min_n      = 31"), ("as excluded\nfrom", "as  excluded\nfrom out_surveys as t, (")],
)
def test_what_decides_figures_may_not(project: Path, old: str, new: str) -> None:
    edit(project / "sql/metrics/happy.sql", old, new)
    assert check(project)[0] == 1


def test_blanks_inside_quotes_are_part_of_the_statement(project: Path) -> None:
    edit(project / "sql/metrics/happy.sql", "'not answered'\n", "'not  answered'\n")
    assert check(project)[0] == 1


def test_a_text_that_moves_no_figure_is_accepted_under_its_version_with_the_reason(project: Path) -> None:
    edit(project / "sql/metrics/happy.sql", "1 as den", "2 - 1 as den")
    assert check(project, "--accept", "--same", "the same number written otherwise")[0] == 0
    now = [line for line in read_lock(project / "versions.lock") if line.name == "metrics/happy"]
    assert [line.version for line in now] == [1, 1]
    assert now[1].why == "the same number written otherwise"
    assert check(project)[0] == 0


def test_a_variant_of_the_settings_needs_a_new_version_for_a_new_parameter(project: Path) -> None:
    edit(project / "cxreports.toml", "threshold_s = 30", "threshold_s = 40")
    assert "cxreports.toml: variants.sl30: was changed, and its version is still 1" in check(project)[1]
    edit(project / "cxreports.toml", "threshold_s = 40", "version = 2\nthreshold_s = 40")
    assert check(project, "--accept")[0] == 0


def test_a_journey_of_the_settings_needs_a_new_version_for_another_limit_and_none_for_another_title(project: Path) -> None:
    edit(
        project / "cxreports.toml",
        "[variants",
        '[journeys.pay]\ntitle = "Paying"\nowner = "Billing"\nstart = { intent = "pay" }\ngoal = { event = "paid" }\n'
        'limit = "1 day"\nsilence = "2 h"\n[variants',
    )
    assert "cxreports.toml: journeys.pay: version 1 stands in no versions.lock yet" in check(project)[1]
    assert check(project, "--accept")[0] == 0
    edit(project / "cxreports.toml", '"Paying"', '"Paying a bill"')
    assert check(project)[0] == 0
    edit(project / "cxreports.toml", '"1 day"', '"2 days"')
    assert "cxreports.toml: journeys.pay: was changed, and its version is still 1. Raise 'version' to 2" in check(project)[1]
    edit(project / "cxreports.toml", '"Billing"', '"Billing"\nversion = 2')
    assert check(project, "--accept")[0] == 0


def test_a_setting_that_decides_figures_needs_a_new_version(project: Path) -> None:
    edit(project / "cxreports.toml", "[variants", "[repeat]\nwindow_days = 5\n[variants")
    code, words = check(project)
    assert code == 1 and "Raise 'project.figures_version' to 2" in words
    edit(project / "cxreports.toml", 'timezone = "UTC"', 'timezone = "UTC", figures_version = 2')
    assert check(project, "--accept")[0] == 0


@pytest.mark.parametrize("meaning", [
    '[handoffs]\nrequest_intents = ["Desk"]\n', '[evaluations.tone]\nmeasures = "tone"\nquestion = "q1"\n',
])  # fmt: skip
def test_what_words_and_questions_mean_is_a_definition_too(project: Path, meaning: str) -> None:
    edit(project / "cxreports.toml", "[variants", f"{meaning}[variants")
    code, words = check(project)
    assert code == 1 and "Raise 'project.figures_version' to 2" in words


def test_a_project_without_a_lock_file_is_not_held_to_one(project: Path) -> None:
    (project / "versions.lock").unlink()
    edit(project / "sql/metrics/happy.sql", "1 as den", "2 as den")
    assert check(project)[0] == 0


def test_a_definition_in_place_of_ours_needs_a_version_of_its_own(project: Path) -> None:
    path = project / "sql/metrics/csat.sql"
    shutil.copy(resource_dir("sql") / "metrics" / "csat.sql", path)
    edit(path, "1 as den", "2 as den")
    assert "sql/metrics/csat.sql: was changed, and its version is still 1" in check(project)[1]


def test_a_damaged_line_of_the_lock_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "versions.lock").write_text(f"# head\nmetrics/x 1 {A}\n<<<<<<< mine\nmetrics/y one {B}\n")
    with pytest.raises(DefinitionError) as found:
        read_lock(tmp_path / "versions.lock")
    assert [fault.partition(":")[2].partition(":")[0] for fault in found.value.faults] == ["3", "4"]


def test_lines_come_back_as_they_were_written_sorted_and_once(tmp_path: Path) -> None:
    lines = [Line("metrics/b", 1, B), Line("metrics/a", 2, C), Line("metrics/a", 1, A), Line("metrics/a", 1, B, "more words")]
    write_lock(tmp_path / "versions.lock", [*lines, *lines])
    assert read_lock(tmp_path / "versions.lock") == [lines[2], lines[3], lines[1], lines[0]]


def test_an_older_version_than_one_accepted_is_a_fault() -> None:
    assert "version 1 is older than 3" in faults_of([Line("metrics/a", 1, A)], [Line("metrics/a", 3, B)])[0]


def test_a_reason_adds_a_text_and_changes_no_line() -> None:
    known = [Line("metrics/a", 1, A)]
    assert accepted([Line("metrics/a", 1, B)], known) == []
    assert accepted([Line("metrics/a", 1, B)], known, "why") == [Line("metrics/a", 1, B, "why")]


def kept(project: Path, version: int) -> None:
    """Keep version 1 of `happy` beside a second version, in a file that says which version it is."""
    path = project / "sql/metrics/happy.sql"
    shutil.copy(path, project / f"sql/metrics/happy@{version}.sql")
    edit(path, "version    = 1", "version    = 2")
    edit(path, "s.score > s.scale_max", "s.score >= s.scale_max")


def test_a_kept_version_answers_to_its_own_name_and_stands_in_no_list(project: Path) -> None:
    kept(project, 1)
    catalogue = read_catalogue(project)
    assert (catalogue.metric("happy@1", {})[0].header.version, catalogue.metric("happy@2", {})[0].header.version) == (1, 2)
    assert catalogue.metric("happy", {})[0].header.version == 2
    assert "happy@1" not in catalogue.names({}) and "happy@1" not in catalogue.metrics
    with pytest.raises(QuestionError, match=re.escape("known: happy@1, happy@2")):
        catalogue.metric("happy@3", {})


def test_a_kept_version_stays_as_it_was(project: Path) -> None:
    kept(project, 1)
    assert check(project, "--accept")[0] == 0
    edit(project / "sql/metrics/happy@1.sql", "1 as den", "2 as den")
    assert "sql/metrics/happy@1.sql: was changed; a version that was kept stays as it was" in check(project)[1]


def test_a_kept_file_must_say_the_version_of_its_name(project: Path) -> None:
    kept(project, 4)
    with pytest.raises(DefinitionError, match="its header says version = 1"):
        read_catalogue(project)


def test_a_new_project_begins_with_a_lock_of_its_settings(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["init", str(tmp_path / "new")]).exit_code == 0
    assert [(line.name, line.version) for line in read_lock(tmp_path / "new" / "versions.lock")] == [("settings", 1)]


def test_another_scorer_of_moods_needs_a_new_version(project: Path) -> None:
    edit(project / "cxreports.toml", "[variants", '[sentiment]\nscorer = "lexicon"\n[variants')
    code, words = check(project)
    assert code == 1 and "Raise 'project.figures_version' to 2" in words
