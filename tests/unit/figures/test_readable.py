"""What a critical reader asked of figures: no fog, no stretched axes, no claim that a picture does not bear out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.invented import CHANCE, curve, study
from matplotlib.figure import Figure
from netspaces.figures.critics import budget_agreement
from netspaces.figures.critics.matched_complexity import WITHIN, heading
from netspaces.figures.drawing import finish
from netspaces.figures.key import Key
from netspaces.figures.panels.axes import SPREAD, distribution_limits, stretching
from netspaces.figures.panels.edf import BANDS, edf_panel
from netspaces.figures.panels.scatter import NO_PREFERENCE, scatter_panel
from netspaces.figures.panels.search import search_panel
from netspaces.figures.panels.trends import Parameter, best_values_panel
from netspaces.figures.paper import fig06_good_and_bad_networks, fig12_complexity
from netspaces.figures.style import BLACK, house_style
from netspaces.statistics.edf import dkw_half_width
from netspaces.studies.study import Curve, Study

SPACES = ("AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E")


def axes():
    return Figure().subplots()


def with_errors(errors, label: str = "AnyNetX_A", **columns) -> Curve:
    """A curve of some errors, percent; one at chance diverged."""
    shown = curve("AnyNetX_A", n=len(errors), label=label)
    shown.table["error_min"] = errors
    shown.table["status"] = np.where(np.asarray(errors) == CHANCE, "diverged", "finished")
    return replace(shown, table=shown.table.assign(**columns))


def of(panels: dict[str, list[Curve]]) -> Study:
    return Study("mine", "Mine", panels, resamples=200)


def texts(ax) -> str:
    return " ".join(text.get_text() for text in [*ax.texts, *(ax.get_legend().get_texts() if ax.get_legend() else ())])


NEAR = list(np.linspace(5, 10, 23))


# ---- Error distributions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, BANDS, BANDS + 1, 5])
def test_more_than_three_bands_are_one_bar_of_their_height(n):
    shown, ax = study("mine", {"spaces": list(SPACES[:n])}), axes()
    edf_panel(ax, shown, "spaces")
    bars = [line for line in ax.get_lines() if line.get_marker() == "_"]
    assert len(ax.collections) == (n if n <= BANDS else 0) and len(bars) == (n > BANDS)
    for bar in bars:
        low, high = bar.get_ydata()
        assert high - low == pytest.approx(2 * dkw_half_width(24, shown.level)) and "± 0.28" in texts(ax)


def test_populations_of_several_sizes_have_a_bar_each():
    shown = of({"spaces": [with_errors(NEAR[: 23 - 5 * i], f"space {i}") for i in range(4)]})
    ax = axes()
    edf_panel(ax, shown, "spaces")
    bars = [line.get_ydata() for line in ax.get_lines() if line.get_marker() == "_"]
    halves = [dkw_half_width(23 - 5 * i, shown.level) for i in range(4)]
    assert [high - low for low, high in bars] == pytest.approx([2 * half for half in halves])
    assert f"± {halves[0]:.2f} to {halves[-1]:.2f}" in texts(ax)


def test_the_height_of_bars_is_not_written_over_curves():
    errors = [6.0 + 0.04 * i for i in range(22)] + [10.0]
    shown = of({"spaces": [with_errors(errors[i:], f"space {i}") for i in range(4)]})
    ax = axes()
    edf_panel(ax, shown, "spaces")
    words = next(text for text in ax.texts if "±" in text.get_text()).get_window_extent()
    shown_lines = [line for line in ax.get_lines() if line.get_label().startswith("space")]
    assert len(shown_lines) == 4
    for shown_line in shown_lines:
        path = shown_line.get_transform().transform_path(shown_line.get_path())
        assert not path.intersects_bbox(words, filled=False)


@pytest.mark.parametrize("largest, cut", [(40.0, True), (11.0, False), (CHANCE, False)])
def test_a_single_network_stretches_no_axis_unless_it_diverged(largest, cut):
    """One far worse network lies beyond the axis, and the panel says so."""
    shown, ax = of({"a": [with_errors([*NEAR, largest])]}), axes()
    edf_panel(ax, shown, "a")
    assert (ax.get_xlim()[1] < largest) == cut
    assert (f"1 network beyond: {largest:.1f} %" in texts(ax)) == cut
    assert stretching(shown.panels["a"]).tolist() == [largest] * cut


def test_two_bad_networks_of_24_are_no_exception():
    assert not stretching([with_errors([*NEAR[1:], 40.0, 41.0])]).size
    assert not stretching([with_errors([5.0, 6.0, 40.0])]).size  # nor is one of three


def test_axes_of_a_study_are_all_logarithmic_or_none():
    wide, narrow = [with_errors(np.geomspace(4, 4.5 * SPREAD, 24))], [with_errors(NEAR)]
    for panels, logarithmic in (({"a": wide, "b": narrow}, True), ({"b": narrow, "c": narrow}, False)):
        shown = of(panels)
        assert {distribution_limits(shown, curves)[0][2] for curves in panels.values()} == {logarithmic}
        ax = axes()
        search_panel(ax, shown, "b")
        assert (ax.get_yscale() == "log") == logarithmic
    low, high, _ = distribution_limits(of({"a": wide, "b": narrow}), narrow)[0]
    assert low < 5 and 10 < high < 12  # each shows its own errors
    assert not distribution_limits(of({"a": [with_errors([0.0, *NEAR[1:], 80.0])]}), narrow)[0][2]  # no logarithm of 0


# ---- Best values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefers", [True, False])
def test_a_band_as_wide_as_the_sample_says_that_it_prefers_nothing(prefers):
    x = np.arange(24.0)
    errors = 5 + x if prefers else 5 + x * 7 % 24
    shown, ax = with_errors(errors, depth=x), axes()
    row = scatter_panel(ax, of({"a": [shown]}), "depth", shown, x, "depth", (0, 30, False)).query("kind == 'best'")
    inside = row["inside"].iloc[0]
    assert inside == ((x >= row["low"].iloc[0]) & (x <= row["high"].iloc[0])).mean()
    assert ("no preference visible" in texts(ax)) == (inside >= NO_PREFERENCE) == (not prefers)
    ax = axes()
    best_values_panel(ax, of({"a": [shown]}), "depth", [shown], Parameter("depth", "depth"))
    (faces,) = {
        line.get_markerfacecolor() for line in ax.get_lines() if line.get_marker() == "o" and len(line.get_xdata())
    }
    assert faces == (BLACK if prefers else "white") and ("hollow: no preference" in texts(ax)) == (not prefers)


def test_best_values_over_regimes_are_few_layers():
    shown = study("fig11_parameter_trends")
    ax = axes()
    best_values_panel(ax, shown, "depth", shown.panels["regimes"], Parameter("depth", "depth"))
    assert len(ax.collections) == 2 and sum(len(line.get_xdata()) > 0 for line in ax.get_lines()) <= 3


# ---- Single figures --------------------------------------------------------------------------------------------------


def test_good_and_bad_networks_have_letters_and_say_whether_widths_fall():
    shown = study("fig06_good_and_bad_networks")
    drawing = fig06_good_and_bad_networks.draw(shown)
    titles = [ax.get_title(loc="left") for ax in drawing.figure.axes]
    assert [text[9] for text in titles] == list("abcdef")
    for text, (_, rows) in zip(titles, drawing.data.groupby("panel", sort=False), strict=True):
        times = int((np.diff(rows["y"]) < 0).sum())
        assert rows["falls"].iloc[0] == times
        assert f"widths {['never fall', 'fall once', 'fall twice', 'fall 3 times'][times]}" in text
    assert "widths never fall in" in drawing.figure.get_supxlabel()


def test_no_agreement_is_drawn_beyond_1():
    ax = axes()
    rows = pd.DataFrame(
        {"kind": "corrected", "x": [0.0, 1.0], "y": [0.9, 1.2], "lower": [0.8, 1.1], "upper": [1.1, 1.3]}
    )
    budget_agreement._draw_points(ax, Key(), rows, {"color": "k", "marker": "o", "linestyle": "none"}, "space")
    budget_agreement._limits(ax, rows)
    assert [(line.get_marker(), line.get_ydata().tolist()) for line in ax.get_lines()] == [("o", [0.9]), ("^", [1.0])]
    assert max(path.vertices[:, 1].max() for path in ax.collections[0].get_paths()) == 1.0
    assert ax.get_ylim()[1] == pytest.approx(1.05)


@pytest.mark.parametrize(
    "name, gap, expected",
    [("flops", 0.1, "Equal flops"), ("time: CPU", 0.3, "Time: CPU, not equal"), (WITHIN, 0.0, "Within the regime")],
)
def test_a_panel_is_called_equal_where_it_is(name, gap, expected):
    assert heading(name, pd.DataFrame({"gap": [gap]})) == expected
    assert heading("flops", pd.DataFrame({"kind": ["summary"]})) == "Equal flops"  # nothing to compare yet


def test_there_are_few_lines_of_text_below_a_panel():
    figure = fig12_complexity.draw(study("fig12_complexity")).figure
    assert max(len(ax.get_legend().get_texts()) for ax in figure.axes) <= 5


def test_the_title_of_a_study_is_on_its_figure_above_all_panels():
    with house_style():
        figure = Figure(figsize=(3, 2), layout="constrained")
        upper = figure.subplots()
        upper.set_title("a panel")
        fixed = Figure(figsize=(3, 2))
        ax = fixed.add_axes((0.1, 0.1, 0.8, 0.8))
        title = "A question that is far too long for a single line of a small figure"
        for drawn in (figure, fixed):
            shown = finish(drawn, replace(of({}), title=title), [pd.DataFrame({"x": [1]})]).figure
            assert shown.get_suptitle().replace("\n", " ") == title and shown.get_figheight() > 2
            heights = [text.get_window_extent() for text in shown.texts]
            assert min(box.y0 for box in heights) > shown.axes[0].get_tightbbox().y1 - 1
    assert ax.get_position().height * fixed.get_figheight() == pytest.approx(1.6)
