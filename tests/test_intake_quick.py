"""The quick way of reading records finds what the framer alone finds, with the same contents."""

import hashlib
import json
from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxreports.intake import framing
from cxreports.intake.framing import Framed, Framer
from cxreports.intake.quick import canonical, whole_records

seeded = settings(derandomize=True, deadline=None, max_examples=400)
NUMBERS = st.integers() | st.floats() | st.sampled_from([1e16, 1e-5, 0.0001, 12345678901234567.0, 2**64, -(2**63), 10**25, -0.0])
TEXTS = st.text(max_size=6) | st.sampled_from(["}\n{", '}{"id":1', "\x7f\u2028", "[1e5", "\ud800", "é", "\U0001f600"])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.builds(lambda i, rest: {"id": i, **rest}, st.integers(0, 9), st.dictionaries(TEXTS, VALUES, max_size=4))
WRITERS = st.sampled_from([json.dumps, lambda v: json.dumps(v, ensure_ascii=False), lambda v: json.dumps(v, indent=1)])
BETWEEN = st.sampled_from(["", "\n", "\r\n", ",\n", " oops ", "\n{", '{"id":', "]"])


def found(text: str, size: int) -> list[tuple[str, str | None, str | None]]:
    """Text, reason and content of every record; the text comes in pieces of that size."""
    framer = Framer()
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    every = [f for piece in pieces for f in framer.feed(piece, is_last=False)] + list(framer.feed("", is_last=True))
    return [(f.text, f.reason, _content(f)) for f in every]


def _content(framed: Framed) -> str | None:
    if framed.value is None:
        return None
    content = framed.content or canonical(framed.value).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()


def found_slowly(text: str, size: int) -> list[tuple[str, str | None, str | None]]:
    """The same without the quick way."""
    with mock.patch.object(framing, "whole_records", lambda text, position, between, opening: ([], position)):
        return found(text, size)


@seeded
@given(st.lists(st.tuples(RECORDS, BETWEEN), max_size=8), WRITERS, st.integers(1, 200))
@example([({"id": 1}, "\n")] * 4, json.dumps, 200)
def test_the_quick_way_finds_what_the_framer_finds(parts: list[tuple[dict[str, Any], str]], write: Any, size: int) -> None:
    text = "".join(write(record) + between for record, between in parts)
    assert found(text, size) == found_slowly(text, size)


@seeded
@given(st.lists(RECORDS, min_size=2, max_size=8), WRITERS, st.sampled_from(["", "\n"]), st.data())
def test_the_same_holds_when_bytes_are_missing_or_wrong(records: list[Any], write: Any, between: str, data: Any) -> None:
    text = between.join(write(r) for r in records)
    at = data.draw(st.integers(0, len(text) - 1))
    text = text[:at] + data.draw(st.sampled_from(["", "\udcff", "{", "}", '"', "\\", "9" * 20, "NaN"])) + text[at + 1 :]
    assert found(text, 1000) == found_slowly(text, 1000)


@seeded
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_a_content_taken_quickly_is_the_canonical_one(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    for raw, _, content in whole_records(text + '\n{"', 0, "\n", '{"')[0]:
        assert (raw, content.decode()) == (text, canonical(value))


@pytest.mark.parametrize(
    ("number", "content"),
    [
        ("12345678901234567890123", '{"a":12345678901234567890123}'),  # orjson alone would make it 1.2345678901234568e22
        ("1e16", '{"a":1e+16}'),
        ("0.00001", '{"a":1e-05}'),
        ("1.50", '{"a":1.5}'),
    ],
)
def test_numbers_keep_the_writing_of_contents_that_lakes_hold_already(number: str, content: str) -> None:
    assert [c.decode() for _, _, c in whole_records(f'{{"a":{number}}}{{"a"', 0, "", '{"a"')[0]] == [content]


def test_records_that_follow_one_another_are_all_taken_quickly() -> None:
    text = '{"a":1}\n{"a":2}\n{"a":3}\n{"a"'
    assert whole_records(text, 0, "\n", '{"a"') == (
        [('{"a":1}', {"a": 1}, b'{"a":1}'), ('{"a":2}', {"a": 2}, b'{"a":2}'), ('{"a":3}', {"a": 3}, b'{"a":3}')],
        24,
    )


def test_the_quick_way_ends_before_what_is_no_object() -> None:
    text = '{"a":1}\n{"a":NaN}\n{"a":3}\n{"a"'
    assert whole_records(text, 0, "\n", '{"a"') == ([('{"a":1}', {"a": 1}, b'{"a":1}')], 8)
