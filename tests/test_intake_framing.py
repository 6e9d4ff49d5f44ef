"""Records are found wherever they stand, and what is none is counted."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cxreports.intake.framing import Framer, frame
from cxreports.intake.read import records

NAMES = st.sampled_from(["ContactId", "Agent", "a", "é", "}{", '"'])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "}{", '{"ContactId":', "\\", "\n", "ü"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=6,
)
# As in an export: every record begins with a key of its own, which no nested object begins with.
RECORDS = st.lists(
    st.builds(lambda i, rest: {"RecordId": i, **rest}, st.integers(0, 99), st.dictionaries(NAMES, VALUES)), max_size=6
)
WRITERS = st.sampled_from([json.dumps, lambda v: json.dumps(v, indent=2), lambda v: json.dumps(v, separators=(",", ":"))])
seeded = settings(derandomize=True, deadline=None, max_examples=200)


def values(text: str) -> list[Any]:
    return [f.value for f in frame(text)]


def in_pieces(text: str, size: int) -> list[tuple[Any, str | None]]:
    framer = Framer()
    cut = [text[i : i + size] for i in range(0, len(text), size)]
    out = [f for piece in cut for f in framer.feed(piece, is_last=False)]
    return [(f.value, f.reason) for f in [*out, *framer.feed("", is_last=True)]]


@seeded
@given(RECORDS, WRITERS, st.sampled_from(["", "\n", "\r\n", " \n\n"]))
def test_objects_are_found_back_to_back_one_a_line_or_indented(given_records, write, between):
    assert values(between.join(write(r) for r in given_records)) == given_records


@seeded
@given(RECORDS, WRITERS)
def test_objects_are_found_in_one_array(given_records, write):
    assert values(write(given_records)) == given_records


@seeded
@given(RECORDS, st.integers(1, 40))
def test_the_size_of_the_pieces_read_makes_no_difference(given_records, size):
    text = "oops".join(json.dumps(r) for r in given_records)
    assert in_pieces(text, size) == [(f.value, f.reason) for f in frame(text)]


@seeded
@given(RECORDS, RECORDS, WRITERS, st.data())
def test_an_object_that_is_cut_off_costs_one_record(before, after, write, data):
    whole = write({"RecordId": 1, "Agent": {"Name": "}{", "x": [1, {"y": 2}]}, "Queue": {"z": None}})
    cut = data.draw(st.integers(1, len(whole) - 1))
    found = frame("".join(map(write, before)) + whole[:cut] + "".join(map(write, after)))
    assert [f.value for f in found if f.value is not None] == before + after
    assert len([f for f in found if f.value is None]) == 1


@seeded
@given(RECORDS, RECORDS, st.sampled_from(["oops", "#", "42", "null", "</html>", "]", '"', "\\"]))
def test_garbage_between_objects_costs_one_record(before, after, garbage):
    found = frame("\n".join(map(json.dumps, before)) + "\n" + garbage + "\n" + "\n".join(map(json.dumps, after)))
    assert [f.value for f in found if f.value is not None] == before + after
    assert len([f for f in found if f.value is None]) == 1


@seeded
@given(st.text(alphabet='{}[]",:\\ \n0a', max_size=60))
def test_no_text_stops_the_reading_and_none_is_dropped(text):
    found = frame(text)
    assert all((f.value is None) == (f.reason is not None) for f in found)
    assert "".join(text.split()).strip("[],") == "" or found


def test_an_object_nested_too_deeply_costs_one_record():
    deep = '{"a":' * 5000 + "1" + "}" * 5000
    assert [f.reason for f in frame('{"b":1}' + deep + '{"b":2}')] == [None, "record is nested too deeply", None]


def test_a_number_with_thousands_of_digits_costs_at_most_its_record():
    assert values('{"a":' + "9" * 5000 + '}{"a":1}')[-1] == {"a": 1}


def test_bytes_that_are_no_text_cost_one_record(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_bytes(b'\xef\xbb\xbf{"a":"\xff"}{"a":"fine"}')
    assert [r.reason for r in records(path, "json", "utf-8")] == [
        "record is not valid text in the declared encoding",
        None,
    ]


def test_gzip_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_bytes(gzip.compress(b'{"a":1}{"a":2}'))
    assert [r.text for r in records(path, "json", "utf-8")] == ['{"a":1}', '{"a":2}']


def zstd(text: str) -> bytes:
    return pa.Codec("zstd").compress(text.encode(), asbytes=True)


def test_zstd_is_known_by_its_bytes_and_may_hold_several_frames(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_bytes(zstd('{"a":1}{"a"') + zstd(":2}"))
    assert [r.text for r in records(path, "json", "utf-8")] == ['{"a":1}', '{"a":2}']


def test_a_zstd_file_that_is_cut_off_ends_with_one_damaged_record(tmp_path: Path):
    path = tmp_path / "x.json.zst"
    packed = zstd("".join(json.dumps({"a": i, "b": str(hash(i * 7919))}) for i in range(90000)))
    path.write_bytes(packed[: len(packed) // 2])
    found = list(records(path, "json", "utf-8"))
    assert found[-1].reason == "file is cut off or damaged here (gzip or zstd)"
    assert found[0].text is not None and found[0].reason is None


def test_a_gzip_file_that_is_cut_off_gives_what_is_whole_and_one_damaged_record(tmp_path: Path):
    path = tmp_path / "x.json.gz"
    packed = gzip.compress("".join(json.dumps({"a": i, "b": str(hash(i * 7919))}) for i in range(9000)).encode())
    path.write_bytes(packed[: len(packed) // 2])
    found = list(records(path, "json", "utf-8"))
    assert found[-1].reason == "file is cut off or damaged here (gzip or zstd)"
    assert found[0].text is not None and found[0].reason is None


def test_the_same_content_written_differently_has_the_same_content_id(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text('{"a": 1, "b": [2]}\n{"b":[2],"a":1}\n{"a":1,"b":[3]}')
    first, second, third = (r.content_id for r in records(path, "json", "utf-8"))
    assert first == second != third


def test_the_members_of_a_zip_are_records_in_the_order_of_their_names(tmp_path: Path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.json", '{"b":1}')
        archive.writestr("folder/", "")
        archive.writestr("a.json", '{"a":')
        archive.writestr("c.json", "")
    found = [(r.position, r.member, r.reason) for r in records(path, "json_zip_member", "utf-8")]
    assert found == [
        (1, "a.json", "record is no JSON object"),
        (2, "b.json", None),
        (3, "c.json", "zip member is empty"),
    ]


def test_a_file_that_is_no_zip_is_one_damaged_record(tmp_path: Path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 broken")
    assert [r.reason for r in records(path, "json_zip_member", "utf-8")] == ["file is no zip archive"]
