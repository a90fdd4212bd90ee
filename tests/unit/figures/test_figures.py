"""Figures: each draws whatever runs there are, says what it rests on, and its table holds what it shows."""

import gc
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
import torch
from helpers.documentation import named_of_figure
from helpers.drawn_text import overlaps, texts, words
from helpers.invented import CHANCE, FIGURES, NETWORKS, curve, module_of, study
from helpers.strategies import architectures
from hypothesis import given, settings
from matplotlib.text import Text
from netspaces.figures import FIGURES as FIGURE_MODULES
from netspaces.figures.drawing import COLUMNS as LEADING
from netspaces.figures.drawing import FORMATS, Drawing, save
from netspaces.figures.notes import runs_note, wrap_note
from netspaces.figures.panels.axes import error_limits
from netspaces.figures.panels.edf import published
from netspaces.figures.panels.structure import architecture_of, drawn_block, stage_resolutions
from netspaces.figures.paper import fig08_linear_fits
from netspaces.figures.style import SMALLEST, looks, pretty
from netspaces.networks.layers import Layer
from netspaces.networks.modules import build
from netspaces.statistics.best import empirical_bootstrap
from netspaces.statistics.edf import edf
from netspaces.statistics.search import random_search_exact
from netspaces.studies.study import Study
from netspaces.studies.wording import number

CASES = {
    "complete": {},
    "diverged": {"n": 20, "planned": 32, "diverged": 3},
    "two runs": {"n": 2},
    "one run": {"n": 1, "planned": 32},
    "no runs": {"n": 0, "planned": 32},
}
REGRESSIONS = ("time_attribution",)  # draw nothing of a few networks
WANT_MORE = ("budget_agreement", "budget_split")  # than one run: they speak of orders
UNSEEN = {  # kinds of rows that a figure may have and that the invented networks do not show
    "fig03_network_skeleton": {"circle"},
    "fig04_x_block": {"frame"},
    "fig12_complexity": {"model"},
    "fig23_block_types": {"frame"},
}
MEANS = {"regression", "regression_low", "regression_high", "n_eff", "band"}  # of untrained networks
OF_UNTRAINED = {"regression_edf"}  # kinds of rows: test_regression_means.py
IN_EVERY_FORMAT = ["fig05_shared_bottleneck_group_width"]  # distributions, points, bands, formulas, paths
SCHEMATICS = ("fig03_network_skeleton", "fig04_x_block", "fig23_block_types")


def draw(of: Study) -> Drawing:
    return FIGURE_MODULES[module_of(of.name)](of)


def kinds_of(name: str) -> dict[str, str]:
    return import_module(FIGURE_MODULES.modules[module_of(name)]).KINDS


@cache
def drawn(name: str, case: str) -> Drawing:
    drawing = draw(study(name, published=case != "two runs", **CASES[case]))
    gc.freeze()  # as it stays until the last test
    return drawing


@cache
def shown_texts(name: str, case: str) -> list[Text]:
    return texts(drawn(name, case))


@pytest.fixture(scope="module", autouse=True)
def drawn_until_the_last_test():
    yield
    drawn.cache_clear()
    shown_texts.cache_clear()
    gc.unfreeze()
    gc.collect()
    gc.freeze()


# ---- Every figure ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", FIGURES)
def test_draws_what_is_there(name, case):
    drawing = drawn(name, case)
    assert {"panel", "series"} <= set(drawing.data)
    too_few = ("two runs", "one run") if name in REGRESSIONS else ("one run",) if name in WANT_MORE else ()
    assert case in ("no runs", *too_few) or {"kind", "x", "y"} <= set(drawing.data)
    assert min(text.get_fontsize() for text in shown_texts(name, case)) >= SMALLEST
    assert overlaps(drawing, shown_texts(name, case)) == []


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in SCHEMATICS])
def test_says_what_it_rests_on(name):
    said = words(shown_texts(name, "complete"))
    assert f"n = {NETWORKS}" in said and "minimum over epochs" in said and "diverged" not in said
    assert ("simultaneous 95 % (DKW)" in said) == ("edf" in set(drawn(name, "complete").data["kind"]))
    said = words(shown_texts(name, "diverged"))
    first, *others = study(name).curves
    diverged = 3 * (1 + sum(other.label == first.label for other in others))
    assert "n = 20 of 32" in said and f"diverged, drawn at chance error: {diverged}" in said


@pytest.mark.parametrize("name", FIGURES)
def test_kinds_and_columns_are_declared_and_drawn(name):
    module = import_module(FIGURE_MODULES.modules[module_of(name)])
    tables = [drawn(name, case).data for case in ("complete", "diverged", "no runs")]
    columns = {column for table in tables for column in table} - set(LEADING)
    kinds = {kind for table in tables if "kind" in table for kind in table["kind"].dropna()}
    assert columns | MEANS & set(module.COLUMNS) == set(module.COLUMNS)
    assert kinds | UNSEEN.get(name, set()) | OF_UNTRAINED & set(module.KINDS) == set(module.KINDS)


@pytest.mark.parametrize("name", sorted(set(map(module_of, FIGURES))))
def test_declared_kinds_and_columns_are_in_the_reference(name):
    module = import_module(FIGURE_MODULES.modules[name])
    assert {*LEADING, *module.COLUMNS, *module.KINDS} <= named_of_figure(name)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> Path:
    """All figures, drawn by a process that orders sets otherwise and in which a user has settings."""
    code = f"""if True:
        import sys, matplotlib
        matplotlib.rcParams.update({{"font.size": 20, "axes.grid": False, "svg.hashsalt": "mine"}})
        from helpers.invented import FIGURES, module_of, study
        from netspaces.figures import FIGURES as MODULES
        from netspaces.figures.drawing import FORMATS, save
        for name in FIGURES:
            drawing = MODULES[module_of(name)](study(name, **{CASES["diverged"]}))
            save(drawing, sys.argv[1] + "/" + name, list(FORMATS) if name in {IN_EVERY_FORMAT} else ["svg"])
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, check=True)
    return folder


@pytest.mark.parametrize("name", FIGURES)
def test_same_study_gives_same_bytes(name, elsewhere, tmp_path):
    """In one format, and in all where it is listed: what writes the formats is the same for all figures."""
    kinds = list(FORMATS) if name in IN_EVERY_FORMAT else ["svg"]
    paths = save(drawn(name, "diverged"), tmp_path / name, kinds)
    assert [path.suffix for path in paths] == [f".{kind}" for kind in (*kinds, "csv")]
    for path in paths:
        assert path.read_bytes() == (elsewhere / path.name).read_bytes(), path.suffix
        assert path.stat().st_size > 100


def test_saving_again_gives_same_bytes(tmp_path):
    drawing = drawn("fig03_network_skeleton", "complete")
    first, second = (save(drawing, tmp_path / name) for name in "ab")
    assert [path.suffix for path in first] == [".pdf", ".svg", ".png", ".csv"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("name", ["fig05_shared_bottleneck_group_width", "fig03_network_skeleton"])
def test_labels_and_titles_are_text_whatever_they_hold(name, tmp_path):
    hostile = ["$x_", r"\frac{a}{$", "</svg><script>", "a_b $$ --> & <b>", "{x} % $w_m$", "=1+1 \ufffe"]
    of = study(name)
    new = dict(zip(dict.fromkeys(c.label for c in of.curves), hostile, strict=False))
    panels = {panel: [replace(c, label=new[c.label]) for c in curves] for panel, curves in of.panels.items()}
    drawing = draw(replace(of, panels=panels, title=" ".join(hostile)))
    said = " ".join(text.get_text() for text in texts(drawing)).replace(r"\$", "$")
    assert all(pretty(label).replace(r"\$", "$") in said for label in list(new.values())[:1])
    save(drawing, tmp_path / "drawing")
    page = ElementTree.parse(tmp_path / "drawing.svg")
    assert {element.tag.rpartition("}")[2] for element in page.iter()}.isdisjoint({"script", "b"})
    assert " ".join(hostile).replace("\ufffe", "�") in [element.text for element in page.iter()]


def test_leaves_global_settings_alone():
    before = dict(matplotlib.rcParams)
    draw(study("fig23_block_types"))
    assert dict(matplotlib.rcParams) == before


def test_missing_panel_is_named():
    with pytest.raises(ValueError, match="fig07_monotone_widths_depths: panels: depths is missing"):
        draw(study("fig07_monotone_widths_depths", {"widths": ["AnyNetX_C"]}))


# ---- What tables hold ------------------------------------------------------------------------------------------------


def test_edf_table_and_lines_agree_with_the_statistics():
    of, drawing = study("fig07_monotone_widths_depths"), drawn("fig07_monotone_widths_depths", "complete")
    for ax, panel in zip(drawing.figure.axes, of.panels, strict=True):
        for shown in of.panels[panel]:
            rows = drawing.data.query("panel == @panel and series == @shown.label")
            vertices = rows[rows["kind"] == "edf"]
            expected = edf(shown.errors, of.level).steps(ax.get_xlim())
            np.testing.assert_allclose(vertices[["x", "y", "lower", "upper"]].to_numpy().T, expected)
            (line,) = (line for line in ax.get_lines() if line.get_label() == shown.label)
            np.testing.assert_allclose(line.get_xydata(), vertices[["x", "y"]].iloc[1:-1])
            assert line.get_color() == looks(of)[shown.label]["color"]
            summary = rows[rows["kind"] == "summary"].iloc[0]
            assert (summary["n"], summary["minimum"]) == (NETWORKS, shown.errors.min())


@pytest.mark.parametrize("name", [name for name in FIGURES if "edf" in kinds_of(name)])
def test_simultaneous_bands_reach_over_the_whole_axis(name):
    """Beyond the sample a band says as much as inside: ending there, those of 3 and of 32 networks look separated."""
    drawing = drawn(name, "complete")
    shown = [ax for ax in drawing.figure.axes if ax.get_ylim() == (0, 1.005)]
    bands = [(ax, band) for ax in shown for band in ax.collections]
    assert shown and all(ax.collections or any(line.get_marker() == "_" for line in ax.get_lines()) for ax in shown)
    for ax, band in bands:
        x, y = band.get_paths()[0].vertices.T
        low, high = ax.get_xlim()
        assert x.min() == pytest.approx(low) and x.max() >= high - 1e-9  # a curve may go on beyond the axis
        half = 1 - y[x == x.max()].min()
        assert sorted(set(y[x == x.min()])) == pytest.approx([0, half]) and half > 0


def test_legend_shows_minimum_and_mean_and_the_papers():
    of = study("fig23_block_types")
    errors = of.panels["blocks"][0].errors
    drawing = drawn(of.name, "complete")
    said = words(shown_texts(of.name, "complete"))
    assert f"[{errors.min():.1f}|{errors.mean():.1f}] RegNetX" in said
    assert "paper" in said and said.count("[38.0|49.0]") == 4
    rows = drawing.data.query("kind == 'published'")
    assert rows[["minimum", "mean"]].drop_duplicates().to_numpy().tolist() == [[38.0, 49.0]]
    assert "paper" not in words(shown_texts(of.name, "two runs"))


def test_scatter_table_and_artists_agree_with_the_statistics():
    of = study("fig02_anynet_statistics", diverged=2)
    shown, drawing = of.panels["spaces"][0], draw(of)
    ax, rows = drawing.figure.axes[1], drawing.data.query("panel == 'depth'")
    best = empirical_bootstrap(shown.table["depth"], shown.errors, resampling=of.resampling)
    band = rows[rows["kind"] == "best"].iloc[0]
    assert (band["x"], band["lower"], band["upper"]) == (best.median, best.low, best.high)
    points = np.concatenate([line.get_xydata() for line in ax.get_lines() if line.get_marker() in ("o", "x")])
    drawn = rows[rows["kind"].isin(["point", "diverged"])]
    assert sorted(map(tuple, points)) == sorted(map(tuple, drawn[["x", "y"]].to_numpy()))
    assert sorted(drawn["value"]) == sorted(shown.table["depth"])
    assert (rows["kind"] == "diverged").sum() == 2
    low, high = ax.get_ylim()
    assert low < shown.errors.min() and high > CHANCE


def test_columns_of_points_stay_near_their_value():
    points = drawn("fig05_shared_bottleneck_group_width", "complete").data.query(
        "panel == 'best_bottleneck' and kind == 'point'"
    )
    assert set(points["value"]) <= {1, 2, 4}
    assert (np.abs(np.log2(points["x"] / points["value"])) < 0.5).all()
    assert points["x"].nunique() == len(points)


def test_search_table_holds_exact_curves():
    of = study("fig09_regnet")
    rows = drawn(of.name, "complete").data.query("panel == 'search' and series == 'RegNetX'")
    exact = random_search_exact(of.panels["search"][1].errors)
    np.testing.assert_allclose(rows.query("kind == 'exact'")["y"], exact.mean)
    assert rows["kind"].unique().tolist() == ["exact"] and rows["std"].notna().all()


def test_good_and_bad_networks_are_the_extremes():
    of = study("fig06_good_and_bad_networks")
    data, table = drawn(of.name, "complete").data, of.panels["spaces"][0].table
    assert data.query("panel == 'good_1'")["error"].iloc[0] == table["error_min"].min()
    assert data.query("panel == 'bad_1'")["error"].iloc[0] == table["error_min"].max()
    row = table.loc[table["error_min"].idxmin()]
    stages = range(1, int(row["stages"]) + 1)
    widths = np.concatenate([[row[f"width_{i}"]] * int(row[f"depth_{i}"]) for i in stages])
    assert data.query("panel == 'good_1'")["y"].tolist() == widths.tolist()


def test_linear_fit_of_the_best_networks():
    assert fig08_linear_fits.slope_of([48.0 * np.arange(1, 20), 48.0 * np.arange(1, 5)]) == pytest.approx(48)
    assert fig08_linear_fits.fit_grid(study("fig08_linear_fits")).w_0[-1] == 256 * 128 / 1024
    data = drawn("fig08_linear_fits", "complete").data
    assert {"observed", "linear", "quantised"} <= set(data.query("panel == 'fit_1'")["kind"])
    best = data.query("panel == 'best'")
    assert best["network"].nunique() == NETWORKS // 2
    assert (data.query("panel == 'e_fit_AnyNetX_E' and kind == 'point'")["x"] >= 0).all()


def test_skeleton_without_runs_is_in_letters():
    said = words(shown_texts("fig03_network_skeleton", "no runs"))
    assert "$d_1$ blocks" in said and "10 classes" in said and "$w_4$ × 1 × 1" in said


def test_block_figure_shows_squeeze_excitation_and_projection():
    data = drawn("fig04_x_block", "complete").data
    assert {"reduce", "conv", "se", "expand"} <= set(data.query("panel == 'other' and kind == 'box'")["series"])
    assert {"projection"} <= set(data.query("panel == 'first' and kind == 'box'")["series"])


# ---- Parts -----------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(architectures())
def test_drawn_layers_are_those_of_the_network(architecture):
    network, seen = build(architecture).eval(), {}
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(lambda module, inputs, output: seen.update({module: output.shape[-1]}))
    with torch.no_grad():
        network(torch.zeros(1, 3, architecture.resolution, architecture.resolution))
    resolutions = stage_resolutions(architecture.stem, architecture.resolution, architecture.strides)
    for stage, blocks in enumerate(network.stages):
        for j, module in enumerate(blocks):
            block = drawn_block(architecture, stage, first=j == 0)
            layers = [(drawn.layer, drawn.resolution) for drawn in block.layers if drawn.layer.name != "se"]
            names = {"x": "reduce conv expand", "r": "reduce conv expand", "mb": "expand conv reduce"}
            parts = [getattr(module, name) for name in names.get(architecture.block, "conv").split()]
            built = [part[0] for part in parts if len(list(part.children()))]
            if isinstance(block.shortcut, Layer):
                layers.append((block.shortcut, block.layers[-1].resolution))
                built.append(module.projection[0])
            else:
                identity = isinstance(getattr(module, "projection", None), torch.nn.Identity)
                assert block.shortcut == ("identity" if identity else None)
            for (layer, resolution), conv in zip(layers, built, strict=True):
                expected = (
                    conv.in_channels,
                    conv.out_channels,
                    conv.kernel_size[0],
                    conv.stride[0],
                    conv.groups,
                    seen[conv],
                )
                assert (
                    layer.inputs,
                    layer.outputs,
                    layer.kernel,
                    layer.stride,
                    layer.groups,
                    resolution,
                ) == expected
            assert block.layers[-1].resolution == resolutions[stage + 1]


def test_architecture_of_a_row_is_the_sampled_one():
    from helpers.invented import definition
    from netspaces.spaces.sampling import sample

    drawn = sample(definition("AnyNetX_A"), {"flops": [5e4, 5e6]}, 0, range(3))
    table = pd.DataFrame(drawn.columns())
    assert [architecture_of(row) for _, row in table.iterrows()] == [drawn.architectures.row(i) for i in range(3)]


@pytest.mark.parametrize("low, high, logarithmic", [(38, 72, False), (3, 90, True), (0, 90, False), (5, 5, False)])
def test_error_axes_adapt_and_hide_nothing(low, high, logarithmic):
    shown = curve("AnyNetX_A", n=3)
    shown.table["error_min"] = [low, low, high]
    bottom, top, chosen = error_limits([shown])
    assert chosen is logarithmic and bottom <= low < top and high < top and bottom < top


def test_labels_numbers_and_notes():
    assert pretty("AnyNetX_C_equal_widths") == r"AnyNetX$_\mathrm{C}$, equal widths"
    assert pretty("AnyNetX_A") == r"AnyNetX$_\mathrm{A}$"
    assert pretty("RegNetX, w_m = 2") == "RegNetX, $w_m$ = 2"
    assert pretty("RegNetX_wm2") == "RegNetX wm2"
    assert [number(64.0), number(18.8125), number(2.5)] == ["64", "18.8", "2.5"]
    curves = [curve("AnyNetX_A", n=4), curve("AnyNetX_B", n=3, planned=4)]
    assert runs_note(curves) == r"n = 4 (AnyNetX$_\mathrm{A}$); 3 of 4 (AnyNetX$_\mathrm{B}$)"
    sweep = [curve("RegNetX", n=n, diverged=1, regime=f"sweep_{n}") for n in (4, 5)]
    assert runs_note([*sweep, sweep[0], curve("RegNetX", n=4)]) == (
        "n = 4 (RegNetX × 2); 5 (RegNetX); diverged, drawn at chance error: 2 (RegNetX)"
    )
    figure = matplotlib.figure.Figure(figsize=(3.3, 2))
    assert max(map(len, wrap_note(figure.get_figwidth(), "word " * 60).split("\n"))) * SMALLEST * 0.5 < 3.3 * 72


def test_colours_follow_labels_through_panels_and_differ():
    chosen = looks(study("fig07_monotone_widths_depths"))
    assert len({look["color"] for look in chosen.values()}) == len(chosen) == 6


def test_published_numbers_by_panel_and_space():
    of = study("fig23_block_types")
    assert published(of, "blocks", "RegNetX") == (38.0, 49.0)
    assert published(of, "blocks", "AnyNetX_A") is None
