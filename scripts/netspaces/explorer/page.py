"""The page as one HTML file: scripts of `browser/`, Vega and what the page knows, all inside; it asks no network.

Vega and the content are packed with gzip, which every browser since 2023 unpacks: a page has a third of the bytes, and
a report holds one per study. The same inputs give the same bytes.
"""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from netspaces.files.escaping import html
from netspaces.files.safe import read_json, write_text

BROWSER = Path(__file__).with_name("browser")
SCRIPTS = ("networks.js", "charts.js", "details.js", "page.js")
TEMPLATE, STYLE = "page.html", "page.css"


def page(content: Mapping, library: Mapping) -> str:
    """The page of some content (`page_content`), drawn with the charts and the script of `charts.compiled`."""
    populations = len(content["populations"])
    subtitle = f"preset {content['preset']} · {populations} population{'' if populations == 1 else 's'} · error: "
    parts = {
        "title": html(content["title"]),
        "mark": html(content["mark"]),
        "subtitle": html(subtitle + content["error"]),
        "style": _asset(STYLE),
        "scripts": "\n".join(_asset(name) for name in SCRIPTS),
        "library": packed_text(library),
        "content": packed_text(content),
    }
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], _asset(TEMPLATE))


def read_charts(path: str | Path) -> dict:
    """What pages draw with, as `charts.compiled` made it, from its file; raises DamagedFile."""
    return read_json(path, "what interactive pages draw with", ["script", "charts"])


def write_page(content: Mapping, library: Mapping, path: str | Path) -> None:
    """Write the page of some content, atomically."""
    write_text(path, page(content, library))


def packed_text(contents: Mapping) -> str:
    """Plain values as JSON, packed with gzip, in letters that a page can hold."""
    text = json.dumps(contents, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


@cache
def _asset(name: str) -> str:
    return (BROWSER / name).read_text(encoding="utf-8").rstrip("\n")


def assets_digest() -> str:
    """A hash of the files of `browser/`, which a rule carries as a param: the engine sees no edit of them."""
    names = (*SCRIPTS, TEMPLATE, STYLE)
    return hashlib.sha256("".join(_asset(name) for name in names).encode()).hexdigest()[:16]
