"""What was masked is counted: per source, file, column and kind, as known at an instant, and of what was stored only once."""

import json
from datetime import UTC, datetime
from pathlib import Path

from cxreports import pipeline, received
from tests.conftest import silent

SETTINGS = """
[project]
name = "Chats"
timezone = "UTC"

[privacy]
phone_region = "GB"

[sources.chats]
kind = "table"
table = "turns"
path = "exports/*.csv"
columns = { turn_id = "id", leg_id = "'l'", occurred_at = "happened_at", speaker = "who", content = "words" }
"""
FIRST, SECOND = datetime(2026, 3, 3, 12, tzinfo=UTC), datetime(2026, 3, 5, 12, tzinfo=UTC)


def a_project(folder: Path) -> pipeline.Project:
    (folder / "exports").mkdir()
    (folder / "cxreports.toml").write_text(SETTINGS)
    (folder / "pseudonym.key").write_text("a key for the tests\n")
    return pipeline.open_project(folder)


def add(folder: Path, name: str, *rows: str) -> None:
    lines = [f"{i},2026-03-03 09:00:00+00,{row}" for i, row in enumerate(rows)]
    (folder / "exports" / name).write_text(
        "\n".join(["id,happened_at,who,words", *[f"{name[0]}{line}" for line in lines]]) + "\n"
    )


def counted(project: pipeline.Project, as_of: datetime | None = None) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in received.masked(project, as_of)]


def test_what_was_masked_is_counted_per_file_column_and_kind(tmp_path):
    project = a_project(tmp_path)
    add(
        tmp_path,
        "a.csv",
        "customer,card 4111111111111111 or 5555555555554444",
        "+447700900014,I am [NAME]: jo@example.org",
        "x,hi",
    )
    pipeline.run(project, FIRST, silent)
    first = [
        ("chats", "exports/a.csv", "turns.content", "CARD", 2),
        ("chats", "exports/a.csv", "turns.content", "EMAIL", 1),
        ("chats", "exports/a.csv", "turns.content", "VENDOR", 1),
        ("chats", "exports/a.csv", "turns.speaker", "PHONE", 1),
    ]
    assert counted(project) == first
    add(tmp_path, "b.csv", "customer,card 4111111111111111")
    pipeline.run(project, SECOND, silent)
    assert counted(project) == [*first, ("chats", "exports/b.csv", "turns.content", "CARD", 1)]
    assert counted(project, FIRST) == first


def test_a_record_that_is_delivered_again_is_not_counted_again(tmp_path):
    project = a_project(tmp_path)
    add(tmp_path, "a.csv", "customer,card 4111111111111111")
    (tmp_path / "exports" / "again.csv").write_text((tmp_path / "exports" / "a.csv").read_text() + "\n")
    pipeline.run(project, FIRST, silent)
    assert counted(project) == [("chats", "exports/a.csv", "turns.content", "CARD", 1)]


def test_the_report_and_the_command_say_what_was_masked(tmp_path, capsys):
    from cxreports.printing import print_masked

    project = a_project(tmp_path)
    add(tmp_path, "a.csv", "customer,card 4111111111111111", "customer,again 4111111111111111")
    pipeline.run(project, FIRST, silent)
    print_masked(received.masked(project), False, False)
    assert capsys.readouterr().out.splitlines() == [
        "source  column_name    kind  masked",
        "chats   turns.content  CARD       2",
    ]
    report = pipeline.report(project, "weekly", "2026-W09").report
    said = [entry["text"] for entry in report["record"] if entry["label"] == "People"]
    assert len(said) == 1
    assert "told: in all that was loaded payment cards 2 ('cxreports accounts --masked' says in which column). Names" in said[0]
    assert "4111" not in json.dumps(report)
