"""The page in a real browser, with a pointer and a keyboard: what a reader does is what pandas counts."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import netspaces
import pandas as pd
import pytest
from helpers.browser import Browser, Tab, needs_browser, opened
from helpers.explored import curves, shown_table, write_page
from netspaces.networks.architecture import Architectures
from netspaces.statistics.edf import edf

pytestmark = needs_browser
RUNS = shown_table(curves())


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("browser")) as process:
        yield process


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return write_page(tmp_path_factory.mktemp("page"))


@pytest.fixture
def tab(browser, file) -> Iterator[Tab]:
    """The page, opened from its file; whatever a test does, no script may complain and nothing be asked for."""
    page = Tab(browser)
    page.open(file.as_uri())
    yield page
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:", "blob:"))] == []


def count(tab: Tab) -> int:
    """The number in large type, once all is drawn."""
    tab.wait("explorer.drawn == null")
    return int(tab.value("document.getElementById('n').textContent").replace(",", ""))


def chart_of(measure: str) -> str:
    return f'[data-measure="{measure}"] canvas'


def ends_of(tab: Tab, measure: str) -> list[float]:
    """What the fields of a cut say."""
    fields = tab.value(
        f"[...document.querySelectorAll('[data-measure=\"{measure}\"] input')].map((field) => field.value)"
    )
    return [float(field) for field in fields]


def type_cut(tab: Tab, measure: str, low: object, high: object) -> None:
    """Type both ends of a cut into its fields."""
    for place, end in enumerate((low, high)):
        field = f"document.querySelectorAll('[data-measure=\"{measure}\"] input')[{place}]"
        tab.value(f"{field}.value = {json.dumps(str(end))}; {field}.dispatchEvent(new Event('change'))")


def brush(tab: Tab, measure: str, start: float, end: float) -> None:
    """Drag over a histogram, from one share of its width to another."""
    box = tab.box(chart_of(measure))
    offset = tab.value(f"explorer.histograms.get({json.dumps(measure)}).view.origin()[0] + 5")
    width = tab.value(f"explorer.histograms.get({json.dumps(measure)}).view.width()")
    y = box["y"] + 30
    tab.drag((box["x"] + offset + start * width, y), (box["x"] + offset + end * width, y))


def inside(measure: str, low: float, high: float) -> pd.Series:
    return RUNS[measure].between(low, high)


def place_of(tab: Tab, row: int) -> tuple[float, float]:
    """Where a network of the scatter plot is in the window."""
    box = tab.box("#scatter canvas")
    view, point = "explorer.scatter.view", f"find((point) => point.row === {row})"
    found = f"{view}.data('points').concat({view}.data('crosses')).{point}"
    x, y = tab.value(f"[{view}.scale('x')({found}.x), {view}.scale('y')({found}.y)]")
    left, top = tab.value(f"{view}.origin().map((offset) => offset + 5)")
    return box["x"] + left + x, box["y"] + top + y


def test_the_page_opens_with_all_networks_and_the_bands_of_the_statistics(tab):
    assert count(tab) == len(RUNS)
    assert "bands: simultaneous 95 %" in tab.value("document.getElementById('honest').textContent")
    drawn = pd.DataFrame(
        tab.value(
            "explorer.distributions.view.data('bands').map(({series, x, lower, upper}) => ({series, x, lower, upper}))"
        )
    )
    limits = tuple(tab.value("explorer.limits"))
    for place, of in enumerate(curves()):
        x, _, lower, upper = edf(of.errors).steps(limits)
        mine = drawn[drawn["series"] == place]
        assert mine["x"].tolist() == pytest.approx(x.tolist())
        assert mine["lower"].tolist() == pytest.approx(lower.tolist()) and mine["upper"].tolist() == pytest.approx(
            upper.tolist()
        )


@pytest.mark.parametrize("measure", ["depth", "flops", "w_a"])
def test_a_brush_counts_what_pandas_counts(tab, measure):
    brush(tab, measure, 0.2, 0.7)
    tab.wait("explorer.cuts.size === 1")
    found = count(tab)
    assert found == inside(measure, *ends_of(tab, measure)).sum() and 0 < found < len(RUNS)
    assert tab.value("document.getElementById('honest').textContent") == "cut by hand: no interval, no test"
    assert tab.value("explorer.distributions.view.data('bands').length") == 0


def test_cuts_intersect_and_distributions_follow(tab):
    brush(tab, "depth", 0.1, 0.8)
    tab.wait("explorer.cuts.size === 1")
    type_cut(tab, "params", 20000, 400000)
    kept = RUNS[inside("depth", *ends_of(tab, "depth")) & inside("params", 20000, 400000)]
    assert count(tab) == len(kept)
    steps = pd.DataFrame(
        tab.value("explorer.distributions.view.data('steps').map(({series, x, y}) => ({series, x, y}))")
    )
    for place, of in enumerate(curves()):
        errors = kept.loc[kept["label"] == of.label, "error_min"]
        x, y, *_ = edf(errors).steps()
        assert steps.loc[steps["series"] == place, "x"].tolist() == pytest.approx(x.tolist())
        assert steps.loc[steps["series"] == place, "y"].tolist() == pytest.approx(y.tolist())
    best = kept.nsmallest(10, "error_min")
    shown = tab.value("[...document.querySelectorAll('#best button')].map((button) => Number(button.dataset.row))")
    assert RUNS.loc[shown, "error_min"].tolist() == best["error_min"].tolist()
    tab.value("document.getElementById('reset').click()")
    tab.wait(f"explorer.cuts.size === 0 && document.getElementById('n').textContent === '{len(RUNS)}'")


def test_a_brush_stays_where_it_is_when_another_cut_is_made(tab):
    brush(tab, "depth", 0.2, 0.7)
    tab.wait("explorer.cuts.size === 1")
    before = ends_of(tab, "depth")
    type_cut(tab, "error", "", 50)
    assert count(tab) == (inside("depth", *before) & (RUNS["error_min"] <= 50)).sum()
    assert ends_of(tab, "depth") == before


def test_the_legend_isolates_a_space(tab):
    tab.value("document.querySelector('#legend [data-series=\"2\"]').click()")
    assert count(tab) == 20
    tab.value("document.querySelector('#legend [data-series=\"2\"]').click()")
    assert count(tab) == len(RUNS)


@pytest.mark.parametrize("row", [0, 23, 30, 67])
def test_pointing_shows_the_right_network_and_a_click_pins_it(tab, row):
    place = place_of(tab, row)
    top = tab.value(f"document.elementFromPoint({place[0]}, {place[1]}).tagName")
    assert top == "CANVAS"
    tab.point(*place)
    tab.wait("document.querySelector('#looked article')")
    seen = int(tab.value("document.querySelector('#looked article').dataset.row"))
    expected, found = RUNS.loc[row], RUNS.loc[seen]
    assert found["flops"] == pytest.approx(expected["flops"], rel=0.03) and found["error_min"] == pytest.approx(
        expected["error_min"], abs=2
    )
    text = tab.value("document.querySelector('#looked').textContent")
    assert (
        f"{found['population']} {found['index']}" in text and f"key {found['key']}" in text and found["status"] in text
    )
    tab.click(*place)
    tab.wait("document.querySelector('#pins article')")
    assert int(tab.value("document.querySelector('#pins article').dataset.row")) == seen


def test_the_line_of_python_builds_the_network(tab):
    architectures = Architectures.from_columns(RUNS)
    for row in (0, 30, 67):
        tab.value(f"explorer.look({row})")
        line = tab.value("document.querySelector('#looked code').textContent")
        assert line.startswith("netspaces.build(netspaces.Architecture.from_dict(")
        built = eval(line, {"netspaces": Recorder})
        assert built == architectures.row(row)


class Recorder:
    """Stands for the library: keeps what would be built."""

    Architecture = netspaces.Architecture

    @staticmethod
    def build(architecture: netspaces.Architecture) -> netspaces.Architecture:
        return architecture


def test_diverged_runs_are_crosses_and_missing_ones_are_counted(tab):
    assert tab.value("explorer.scatter.view.data('crosses').length") == (RUNS["status"] == "diverged").sum() == 4
    notes = tab.value("document.getElementById('notes').textContent")
    assert "4 diverged" in notes and "4 of 72 planned ones without a run" in notes


def test_the_keyboard_goes_through_networks_and_pins(tab):
    tab.value("document.getElementById('scatter').focus()")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        tab.key(key)
    tab.wait("document.querySelector('#pins article')")
    second = RUNS["error_min"].sort_values(kind="stable").index[1]
    assert int(tab.value("document.querySelector('#pins article').dataset.row")) == second
    focusable = tab.value("[...document.querySelectorAll('button, input, select')].every((one) => one.tabIndex >= 0)")
    assert focusable


def test_errors_on_a_logarithmic_axis(tab):
    tab.value("document.getElementById('log').click()")
    tab.wait("explorer.distributions.view.scale('x').base && explorer.scatter.view.scale('y').base")
    assert count(tab) == len(RUNS)


def test_another_panel_and_another_measure(tab):
    tab.value(
        "document.getElementById('view').value = 2; document.getElementById('view').dispatchEvent(new Event('change'))"
    )
    tab.wait("document.getElementById('n').textContent === '48'")
    assert "2 of 3 populations here" in tab.value("document.getElementById('notes').textContent")
    tab.value(
        "document.getElementById('x').value = 'depth'; document.getElementById('x').dispatchEvent(new Event('change'))"
    )
    tab.wait("explorer.scatter.view.scale('x').domain()[1] <= 24")


def test_in_the_dark_and_within_the_report(browser, file):
    """The report shows a page in a frame, as data, of an origin that nothing is allowed to."""
    data = base64.b64encode(file.read_bytes()).decode()
    page = Tab(browser, dark=True)
    page.ask("Page.navigate", url="about:blank")
    frame = f'<iframe src="data:text/html;charset=utf-8;base64,{data}" style="width: 100%; height: 800px"></iframe>'
    page.value(f"document.body.innerHTML = {json.dumps(frame)}")
    page.wait("document.querySelector('iframe')")
    while len(page.contexts) < 3:  # of the empty page, the frame before it has its content, and with it
        page.value("1")
    context = page.contexts[-1]
    page.wait("document.body?.classList.contains('ready')", context)
    assert page.value("document.getElementById('n').textContent", context) == str(len(RUNS))
    assert page.value("getComputedStyle(document.body).backgroundColor", context) == "rgb(20, 23, 28)"
    assert page.complaints == []


def test_a_page_without_networks_opens(browser, tmp_path):
    page = Tab(browser)
    page.open(write_page(tmp_path, shown=[], studies=[]).as_uri())
    assert count(page) == 0 and page.complaints == []


def test_many_networks_are_thinned_and_it_is_said(tab):
    many = "Array.from({length: 12000}, (_, place) => explorer.networks.rows[place % 68])"
    tab.value(f"explorer.drawScatter({many}).then(() => 0)")
    drawn = tab.value("explorer.scatter.view.data('points').length + explorer.scatter.view.data('crosses').length")
    assert 0 < drawn <= 5100
    assert "12,000 networks drawn, evenly by error; all are counted" in tab.value(
        "document.getElementById('thinned').textContent"
    )
