"""The engine's page in a real browser: a click shows the figure or the table, large, not the parameters of a job."""

import base64
import json
from pathlib import Path

from helpers.browser import Tab, needs_browser, opened
from jinja2 import Environment, PackageLoader
from netspaces.workflow.report import OWN_PAGE, mend_report, with_own
from snakemake.report import html_reporter
from snakemake.report.html_reporter import data

FIGURE, TABLE = "results/a.svg", "results/b.html"
DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="2000"/>'


def result(name: str, kind: str, content: str) -> dict:
    uri = f"data:{kind};base64,{base64.b64encode(content.encode()).decode()}"
    job = {"rule": name, "wildcards": "", "params": "a long dictionary"}
    shown = {"name": name, "labels": {"number": name, "shows": "what"}, "size": "1 B", "caption": "<p>what it is</p>"}
    return {**shown, "mime_type": kind, "job_properties": job, "data_uri": uri}


def report(folder: Path) -> Path:
    """The engine's page with a figure and a table."""
    mend_report(lambda text: None)
    pages = Environment(loader=PackageLoader("snakemake", "report/html_reporter/template"))
    pages.filters["get_resource_as_string"] = html_reporter.get_resource_as_string
    figure = result("a", "image/svg+xml", DRAWN)
    told = {"results": {FIGURE: figure, TABLE: result("b", "text/html", "<p>rows</p>")}}
    told |= {"categories": {"All": {"Other": [FIGURE, TABLE]}}, "rules": {}, "metadata": {}}
    told |= {"workflow_desc": "<h1>first</h1>", "rulegraph": {}, "runtimes": {}, "timeline": {}}
    parts = {name: json.dumps(value) for name, value in told.items()}
    text = pages.get_template("index.html.jinja2").render(packages=data.get_packages(), custom_stylesheet=None, **parts)
    Path(folder, "report.html").write_text(text, encoding="utf-8")
    return Path(folder, "report.html")


@needs_browser
def test_clicks_show_what_they_are_on(tmp_path):
    with opened(tmp_path / "browser") as browser:
        tab = Tab(browser)
        tab.ask("Page.addScriptToEvaluateOnNewDocument", source="console.warn = () => {};")  # of the engine's styles
        tab.open(report(tmp_path).as_uri(), "document.querySelector('.prose h1')")
        tab.value(f"app.showResultInfo('{FIGURE}')")
        tab.wait("document.querySelector('.h-screen > div > img')?.complete")
        assert "what it is" in tab.value("document.querySelector('nav').innerText")
        assert tab.box(".h-screen > div > img")["width"] < 1280
        tab.value("document.querySelector('.grow.h-screen').scrollTop = 0")
        image = "document.querySelector('.h-screen > div > img')"
        assert tab.value(f"{image}.getBoundingClientRect().y") >= 0  # what is tall is not cut off at its top
        tab.value(f"app.showResultInfo('{TABLE}', 'verdict=no runs')")
        tab.wait("document.querySelector('iframe')?.src.endsWith('#verdict%3Dno%20runs')")
        tab.value("app.showCategory('All')")
        tab.wait("document.querySelector('nav tbody tr')")
        tab.value("document.querySelector('nav tbody tr').cells[1].click()")
        tab.wait("document.querySelector('.h-screen > div > img')")


def test_ours_is_added_to_the_engines_page_once():
    both = with_own(lambda path: f"of {path}")
    assert both("components/app.js") == f"of components/app.js\n{(OWN_PAGE / 'page.js').read_text()}"
    assert both("components/menu.js") == "of components/menu.js"
    mend_report(lambda text: None)
    mend_report(lambda text: None)
    assert html_reporter.get_resource_as_string("style.css").count("Added behind") == 1
