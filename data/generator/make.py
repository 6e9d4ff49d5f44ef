"""Writes the sample exports of Larkfield: `python data/generator/make.py [OUT_DIR]`. The same bytes every time."""

import itertools
import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import arrivals
import delivery
import incidents
import lens_files
import personal
import planted
import steps
import tables
from connect import ready_at
from world import Interaction, World, build

BROKEN_ON = date(2026, 10, 7)


def happen(world: World) -> list[Interaction]:
    """Everything that happened and was over before the last delivery."""
    numbers = itertools.count(1)
    told = arrivals.unfold(world, incidents.plan(world, numbers), numbers)
    events = incidents.plant(world, told)
    return [it for it in events if all(ready_at(leg) + 900 < delivery.END for leg in it.legs)]


def contents() -> tuple[dict[str, bytes], dict[str, Any]]:
    """All files by path, and the answer book."""
    world = build()
    events = happen(world)
    secrets = personal.plant(events)
    lens = lens_files.analyse(events)
    zips, names, bad_member = lens_files.zips(lens, BROKEN_ON)
    came = delivery.deliveries(events)
    objects = delivery.pack(came)
    damaged = delivery.damage(objects)
    surveys, survey_facts = tables.surveys(events, planted.followed_up(events))
    tickets, ticket_facts = tables.tickets(events)
    log, log_facts = steps.step_log(events)
    damaged += [*survey_facts["damaged"], bad_member]
    rows = {**survey_facts["rows"], **ticket_facts["rows"], **log_facts.pop("rows")}
    book = planted.answer_book(events, world, came)
    book["surveys"] = {k: survey_facts[k] for k in ("sent", "answered", "on_disconnect_leg")}
    book["tickets"] = {"distinct": ticket_facts["distinct"]}
    book["journey"] = log_facts
    book["contact_lens"] = {"raw": lens.raw, "redacted": lens.redacted, "analysed": sum(it.analysed for it in events)}
    book["damaged"] = sorted(damaged, key=lambda d: (d["file"], d["position"]))
    book["personal_data"] = sorted({*secrets, *lens.secrets, *survey_facts["secrets"]})
    book["records"] = planted.accounts(objects, names, rows, damaged)
    files = {o.path: delivery.to_bytes(o) for o in objects} | zips | surveys | tickets | log | dict([tables.releases()])
    return files, book


def write(out: Path) -> int:
    """Replace the exports and the answer book in `out`; returns the bytes written."""
    files, book = contents()
    files["planted.json"] = (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode()
    shutil.rmtree(out / "exports", ignore_errors=True)
    for path, data in sorted(files.items()):
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return sum(len(data) for data in files.values())


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "samples"
    print(f"{write(place):,} bytes in {place}", file=sys.stderr)
