"""report.json → one HTML file → one PDF. Needs the report and the templates: no measuring, no wording, no network."""

import base64
import hashlib
import json
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cxreports.definitions.resources import resource_dir
from cxreports.errors import MissingToolError
from cxreports.reports.charts import layout

Report = dict[str, Any]
WEIGHTS = (400, 600)
PANGO = (
    "Pango, which lays out the PDF's text, is not installed. HTML works without it; for the PDF run: "
    "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)


def render_html(report: Report) -> str:
    """One self-contained page: styles, drawings and fonts inside."""
    return _page(report, "screen")


def render_pdf(report: Report) -> bytes:
    """A tagged PDF/UA-1 document; the same report gives the same bytes."""
    try:
        import weasyprint
    except OSError as error:
        raise MissingToolError(f"{PANGO} ({error})") from None
    fetcher = weasyprint.URLFetcher(allowed_protocols=["data"], allow_redirects=False, fail_on_errors=True)
    document = weasyprint.HTML(string=_page(report, "print"), url_fetcher=fetcher)
    identifier = hashlib.sha256(json.dumps(report, sort_keys=True).encode()).digest()[:16]
    pdf = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=identifier)
    assert isinstance(pdf, bytes)  # noqa: S101 - no target was given
    return pdf


def _page(report: Report, medium: str) -> str:
    env = _environment()
    name = str(report["format"]).split("/")[1]
    return env.get_template(f"pages/{name}.html.j2").render(r=report, medium=medium, fonts=_fonts())


@cache
def _environment() -> Environment:
    folder = resource_dir("templates")
    env = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.globals["draw"] = lambda chart: _draw(env, chart)
    env.globals["style"] = lambda name: Markup((folder / name).read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return env


def _draw(env: Environment, chart: Report) -> Markup:
    """The chart as inline SVG; its template escapes every text in it."""
    return Markup(env.get_template(f"charts/{chart['kind']}.svg.j2").render(c=layout(chart)))  # noqa: S704


@cache
def _fonts() -> dict[int, str]:
    folder = resource_dir("templates") / "fonts"
    return {w: base64.b64encode((folder / f"inter-latin-{w}-normal.woff2").read_bytes()).decode() for w in WEIGHTS}
