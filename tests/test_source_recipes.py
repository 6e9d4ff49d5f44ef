"""The recipes for NICE CXone and Five9: each binds to a file with the header that the documents name. The rows were made up."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cxreports.intake.check import check_sources
from tests.platforms import CATALOGUE, Export
from tests.test_sources import project

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sources_recipes.md"
CXONE = (
    "Contact_ID,Master_Contact_ID,Contact_Code,Media_Name,Contact_Name,ANI_Dialnum,Skill_No,Skill_Name,Campaign_No,Campaign_Name,"
    "Agent_No,Agent_Name,Team_No,Team_Name,Disp_Code,SLA,Start_Date,Start_Time,PreQueue,InQueue,Agent_Time,PostQueue,Total_Time,"
    "Abandon_Time,Abandon,ACW_Seconds,Active_Talk_Time,Hold_Time,Logged\n"
)
FIVE9 = (
    "CALL ID,TIMESTAMP,CAMPAIGN,CALL TYPE,SKILL,AGENT,AGENT NAME,DISPOSITION,ANI,CUSTOMER NAME,DNIS,CALL TIME,"
    "BILL TIME (ROUNDED),COST,IVR TIME,QUEUE WAIT TIME,RING TIME,TALK TIME,HOLD TIME,PARK TIME,AFTER CALL WORK TIME,"
    "TRANSFERS,CONFERENCES,HOLDS,ABANDONED,RECORDINGS\n"
)


def recipe(name: str) -> dict[str, Any]:
    """The settings of one recipe, as the page gives them, for a file in the test's own folder."""
    found = re.search(rf"<!-- recipe: {name} -->\n```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (source,) = tomllib.loads(found[1])["sources"].values()
    return {k: v for k, v in source.items() if k != "path"}


def read(folder: Path, name: str, text: str) -> Export:
    source = recipe(name)
    (folder / "0.csv").write_text(text)
    assert check_sources(folder, project({"it": {**source, "path": "*.csv"}}), CATALOGUE) == []
    return Export(folder).read(source.pop("kind"), text, name="{}.csv", **source)


def test_the_page_says_that_no_export_was_seen() -> None:
    assert "Unverified mapping" in PAGE.read_text(encoding="utf-8")


def test_a_cxone_call_and_its_transfer_are_one_interaction(tmp_path: Path) -> None:
    rows = (
        "1,1,x,Phone Call,n,+441134960001,7,Cards,1,c,11,Ann,2,North,10,0,03/03/2025,09:00:00,10,20,100,0,160,0,N,30,90,10,Y\n"
        "2,1,x,Phone Call,n,+441134960001,8,Loans,1,c,12,Bob,2,North,10,0,03/03/2025,09:02:10,0,5,60,0,65,0,N,15,60,0,Y\n"
        "3,3,x,Phone Call,n,+441134960002,7,Cards,1,c,0,,,,,1,03/03/2025,09:00:00,10,45,0,0,55,45,Y,0,0,0,N\n"
    )
    cxone = read(tmp_path, "nice_cxone", CXONE + rows)
    assert [reason for _, _, reason in cxone.reasons()] == [None, None, None]
    columns = "interaction_id, started_at::varchar, n_transfers, is_answered, is_abandoned, wait_ms, handle_ms, agent_id, queue"
    assert cxone.interactions(columns) == [
        ("1", "2025-03-03 16:00:00+00", 1, True, False, 20000, 205000, "12", "Cards"),
        ("3", "2025-03-03 16:00:00+00", 0, False, True, 45000, None, None, "Cards"),
    ]


def test_a_five9_call_is_an_interaction_and_an_autodialled_one_is_left_out(tmp_path: Path) -> None:
    start = '"Mon, 03 Mar 2025 09:00:00"'
    rows = (
        f"1,{start},Help,Inbound,Cards,ann@x.example,Ann,Done,4412345,,800,00:05:30,,0,00:00:10,00:00:20,00:00:05,00:04:00,00:00:30,"
        "00:00:00,00:00:25,,,,0,\n"
        f"2,{start},Help,Inbound,Cards,[None],,Abandon,4412346,,800,00:01:00,,0,00:00:10,00:00:50,,00:00:00,00:00:00,00:00:00,00:00:00,"
        ",,,1,\n"
        f"3,{start},Sale,Autodial,,[None],,No Answer,800,,4412347,00:00:03,,0,00:00:00,00:00:00,,00:00:00,00:00:00,"
        "00:00:00,00:00:00,,,,,\n"
    )
    five9 = read(tmp_path, "five9", FIVE9 + rows)
    assert [reason for _, _, reason in five9.reasons()] == [None, None, None]
    columns = "interaction_id, started_at::varchar, is_answered, is_abandoned, wait_ms, handle_ms, excluded_as"
    assert five9.interactions(columns) == [
        ("1", "2025-03-03 17:00:00+00", True, False, 20000, 295000, None),
        ("2", "2025-03-03 17:00:00+00", False, True, 50000, None, None),
        ("3", "2025-03-03 17:00:00+00", False, False, 0, None, "outbound"),
    ]


@pytest.mark.parametrize(("name", "head"), [("nice_cxone", CXONE), ("five9", FIVE9)])
def test_a_column_that_a_file_lacks_is_named(tmp_path: Path, name: str, head: str) -> None:
    column = head.split(",")[0]
    (tmp_path / "0.csv").write_text(head.replace(column, "Other", 1))
    faults = check_sources(tmp_path, project({"it": {**recipe(name), "path": "*.csv"}}), CATALOGUE)
    assert faults
    assert all(f"'{column}'" in fault for fault in faults)


def test_a_second_cxone_transfer_names_its_own_parent_so_it_stands_alone_as_the_page_says(tmp_path: Path) -> None:
    times = "03/03/2025,09:00:00,0,5,60,0,65,0,N,15,60,0,Y"
    chain = ((1, 1), (2, 1), (3, 2))
    rows = "".join(f"{own},{master},x,Phone Call,n,,7,Cards,1,c,1{own},Ann,2,North,10,0,{times}\n" for own, master in chain)
    cxone = read(tmp_path, "nice_cxone", CXONE + rows)
    assert cxone.interactions("interaction_id, n_legs, n_transfers") == [("1", 2, 1), ("2", 1, 1)]
