"""Texts of users in the engine's report: its captions are reStructuredText, its page holds JSON inside of scripts.

Snakemake 9.27, for which this is written, puts labels and params into scripts of its page as they are, so `</script>`
in a title ends the script, and what follows is a part of the page. It also fills in what stands in braces in a label.
"""

import sys
from collections.abc import Callable
from types import SimpleNamespace

from netspaces.files.escaping import json_in_html, one_line, restructured_text
from netspaces.workflow.versions import fits

SERIES = "9.27"
REPORTER = "snakemake.report.html_reporter"


def make_texts_harmless(say: Callable[[str], object]) -> None:
    """Give captions the filter `rst`, for texts of users, and have the page's JSON hold no end of a script.

    With another series of the engine its page is left as it is, and `say` says so.
    """
    from jinja2.defaults import DEFAULT_FILTERS

    DEFAULT_FILTERS["rst"] = restructured_text
    if fits("snakemake", SERIES, "the escaping of texts in its report", say):
        for name, module in list(sys.modules.items()):
            if name.startswith(REPORTER) and hasattr(module, "json"):
                vars(module)["json"] = SimpleNamespace(dumps=json_in_html)


def label(text: str) -> str:
    """A text as a label of the report; U+2060, which nobody sees, keeps the engine from filling in what braces hold."""
    return one_line(text).replace("{", "{\N{WORD JOINER}")
