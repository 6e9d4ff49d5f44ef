"""The HTML and PDF of the executive weekly report: self-contained, escaped, repeatable, tagged."""

import logging
import re
import zlib
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from cxreports.errors import MissingToolError
from cxreports.reports import render
from cxreports.reports.context import Account, Release
from cxreports.reports.render import render_html, render_pdf
from cxreports.reports.report import build_weekly
from tests.test_reports_world import WEEK_START, World, context, measure_of

HOSTILE = "<script>alert(1)</script> & 'x' \u202eevil 😀 مرحبا " + "W" * 200


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return build_weekly(context(), WEEK_START)


@pytest.fixture(scope="module")
def hostile() -> dict[str, Any]:
    names = {"north": HOSTILE, "chat": "<img src=x onerror=alert(1)>"}
    return build_weekly(
        context(
            World(names=names),
            project=HOSTILE,
            releases=[Release(date(2026, 11, 2), HOSTILE, HOSTILE, names["chat"], HOSTILE, HOSTILE)],
            accounts=[Account(HOSTILE, 1, 1, 1, 0, 0, 0, None)],
            quarantine=[{"file": HOSTILE, "position": 1, "reason": HOSTILE}] * 20,
            versions={HOSTILE: HOSTILE},
        ),
        WEEK_START,
    )


def test_the_page_needs_nothing_from_anywhere(report):
    html = render_html(report)
    assert "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!#)|url\("?(?!data:|"data:)|@import|<script', html)


def test_text_of_others_is_escaped_everywhere(hostile):
    html = render_html(hostile)
    assert "<script" not in html and "<img" not in html and "\u202e" not in html
    assert "&lt;script&gt;" in html


def test_hostile_text_does_not_break_the_pdf(hostile, caplog):
    assert render_pdf(hostile).startswith(b"%PDF-")
    assert [r.message for r in caplog.records if r.name.startswith("weasyprint") and r.levelno >= logging.WARNING] == []


def test_headings_are_in_order_and_tables_name_their_columns(report):
    html = render_html(report)
    levels = [int(h) for h in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert re.findall(r"<th(?![^>]*scope=)(?!ead)[^>]*>", html) == []


def test_every_drawing_has_an_alternative_in_words(report):
    html = render_html(report)
    assert html.count("<svg") == html.count('role="img" aria-label="') == 5 + 6 + 1 + 3
    assert 'aria-label=""' not in html


def test_two_renders_are_equal_byte_for_byte(report):
    again = build_weekly(context(), WEEK_START)
    assert render_html(again) == render_html(report)
    assert render_pdf(again) == render_pdf(report)


def test_the_pdf_is_tagged_and_has_title_language_bookmarks_and_three_pages(report, caplog):
    pdf = render_pdf(report)
    text = pdf + b"".join(_streams(pdf))
    assert b"/Lang (en-GB)" in text
    assert "Executive weekly, week 47".encode("utf-16-be") in text or b"Executive weekly, week 47" in text
    assert b"/StructTreeRoot" in text and b"pdfuaid" in text
    assert b"/Outlines" in text and b"Is the data complete?" in text
    assert len(re.findall(rb"/Type /Page\b", text)) == 3
    assert [r.message for r in caplog.records if r.name.startswith("weasyprint") and r.levelno >= logging.WARNING] == []


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            found.append(zlib.decompress(raw))
        except zlib.error:
            continue
    return found


def test_an_address_in_a_report_is_never_fetched(report, monkeypatch):
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    spiked = {**report, "headline": '<img src="http://example.invalid/x.png"> http://example.invalid/'}
    assert render_pdf(spiked).startswith(b"%PDF-")


def test_without_pango_the_error_says_what_to_install(report, monkeypatch):
    import builtins

    plain = builtins.__import__

    def importing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return plain(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(MissingToolError, match="apt-get install -y --no-install-recommends libpango"):
        render.render_pdf(report)


def test_a_report_without_rows_is_a_page_that_says_so():
    empty = build_weekly(context(measure=lambda *_: [], accounts=[], quarantine=[], data_through={}, releases=[]), WEEK_START)
    assert "No interactions are loaded for this week" in render_html(empty)
    assert render_pdf(empty).startswith(b"%PDF-")


def test_one_week_of_data_draws_single_points():
    plain = measure_of(World())
    one = build_weekly(
        context(measure=lambda m, by, s, e: plain(m, by, max(s, WEEK_START), e) if e > WEEK_START else []), WEEK_START
    )
    html = render_html(one)
    assert "NaN" not in html and "M</path>" not in html and 'd="M"' not in html
    assert "Twelve weeks: 81.0%" in html
