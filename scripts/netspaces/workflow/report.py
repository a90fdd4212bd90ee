"""Texts of users in the engine's report: its captions are reStructuredText, its page holds JSON inside of scripts.

Snakemake 9.27, for which this is written, puts labels and params into scripts of its page as they are, so `</script>`
in a title ends the script, and what follows is a part of the page. It also fills in what stands in braces in a label.
A click on a link of its page shows parameters of a job where a reader wants the figure: `report_page/` mends that.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import SimpleNamespace

from netspaces.files.escaping import json_in_html, one_line, restructured_text
from netspaces.workflow.versions import fits

SERIES = "9.27"
REPORTER = "snakemake.report.html_reporter"
OWN_PAGE = Path(__file__).with_name("report_page")
ADDED = {"style.css": "page.css", "components/app.js": "page.js"}  # to files of the engine's page, files of ours


def mend_report(say: Callable[[str], object]) -> None:
    """Give captions the filter `rst`, for texts of users; have the page's JSON hold no end of a script, and clicks show
    what was clicked on.

    With another series of the engine its page is left as it is, and `say` says so.
    """
    from jinja2.defaults import DEFAULT_FILTERS

    DEFAULT_FILTERS["rst"] = restructured_text
    if fits("snakemake", SERIES, "the escaping of texts in its report", say):
        for name, module in list(sys.modules.items()):
            if name.startswith(REPORTER) and hasattr(module, "json"):
                vars(module)["json"] = SimpleNamespace(dumps=json_in_html)
            if name == REPORTER and not hasattr(module.get_resource_as_string, "__wrapped__"):
                vars(module)["get_resource_as_string"] = with_own(module.get_resource_as_string)


def with_own(read: Callable[[str], str]) -> Callable[[str], str]:
    """The engine's reader of the files of its page, which adds ours behind those that they belong to."""

    @wraps(read)
    def read_both(path: str) -> str:
        text = read(path)
        return f"{text}\n{(OWN_PAGE / ADDED[path]).read_text(encoding='utf-8')}" if path in ADDED else text

    return read_both


def label(text: str) -> str:
    """A text as a label of the report; U+2060, which nobody sees, keeps the engine from filling in what braces hold."""
    return one_line(text).replace("{", "{\N{WORD JOINER}")
