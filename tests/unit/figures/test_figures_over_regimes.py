"""Figures over regimes, epochs and recipes: their tables hold the statistics that they show."""

import numpy as np
import pytest
from helpers.invented import curve, study
from matplotlib.figure import Figure
from netspaces.figures import FIGURES as FIGURE_MODULES
from netspaces.figures.panels import differences, means, trends
from netspaces.figures.panels.places import flops
from netspaces.figures.paper.fig11_parameter_trends import printed
from netspaces.statistics.best import empirical_bootstrap
from netspaces.statistics.comparisons import compare
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.search import bootstrap_interval
from netspaces.statistics.trends import trend


def draw(of):
    return FIGURE_MODULES[of.name](of)


def axes():
    return Figure().subplots()


def key_of(ax) -> str:
    return "\n".join(text.get_text() for text in ax.get_legend().get_texts())


@pytest.fixture(scope="module")
def fig11():
    of = study("fig11_parameter_trends")
    return of, draw(of)


def test_best_values_over_regimes_are_those_of_the_bootstrap(fig11):
    of, drawing = fig11
    rows = drawing.data.query("panel == 'group_width' and kind in ('best', 'all')")
    for shown in of.panels["regimes"]:
        values = shown.table["group_width_1"]
        best = empirical_bootstrap(values, shown.errors, resampling=of.resampling)
        at = rows[np.isclose(rows["x"], shown.limits["flops"][1] / 1e6)].set_index("kind")
        assert tuple(at.loc["best", ["y", "lower", "upper"]]) == (best.median, best.low, best.high)
        assert tuple(at.loc["all", ["lower", "upper"]]) == (values.min(), values.max())
    dots = [line.get_xydata() for line in drawing.figure.axes[3].get_lines() if line.get_color() == "#000000"]
    best = rows.query("kind == 'best'")[["x", "y"]].to_numpy()
    assert sorted(map(tuple, np.concatenate(dots))) == sorted(map(tuple, best))


@pytest.mark.parametrize("panel, column, log2", [("depth", "depth", False), ("w_0", "w_0", True)])
def test_trends_are_additive_or_multiplicative_changes_per_doubling(fig11, panel, column, log2):
    of, drawing = fig11
    curves = of.panels["regimes"]
    x = [np.asarray(c.table[column], float) for c in curves]
    fit = trend(
        range(7),
        [np.log2(v) if log2 else v for v in x],
        [c.errors for c in curves],
        resampling=Resampling(resamples=of.resamples),
    )
    expected = np.array([fit.slope.estimate, fit.slope.low, fit.slope.high])
    expected = 2**expected if log2 else expected
    rows = drawing.data.query("panel == @panel and kind == 'trend'")
    assert len(rows) == 7 and set(rows["scale"]) == {"factor" if log2 else "difference"}
    np.testing.assert_allclose(rows[["per_doubling", "low", "high"]].to_numpy(), np.tile(expected, (7, 1)), atol=1e-9)
    change = rows["y"].iloc[1] / rows["y"].iloc[0] if log2 else rows["y"].iloc[1] - rows["y"].iloc[0]
    assert change == pytest.approx(rows["per_doubling"].iloc[0])
    ax = drawing.figure.axes[["depth", "bottleneck", "w_m", "group_width", "w_a", "w_0"].index(panel)]
    assert f"{expected[0]:{'' if log2 else '+'}.2f} [" in key_of(ax)


def test_no_trend_from_few_networks_or_one_regime(fig11):
    of, _ = fig11
    depth = trends.Parameter("depth", "d")
    for n, regimes in ((trends.TREND_FROM, 2), (trends.TREND_FROM, 1), (trends.TREND_FROM - 1, 2)):
        curves = [curve("RegNetX", n=n, regime=f"sweep_{i + 1}") for i in range(regimes)]
        kinds = set(trends.best_values_panel(axes(), of, "depth", curves, depth)["kind"])
        assert ("trend" in kinds) == (n == trends.TREND_FROM and regimes == 2)


def test_the_papers_widths_are_shown_in_its_regimes_only(fig11):
    of, drawing = fig11
    assert set(drawing.data.query("kind == 'published'")["panel"]) == {"depth", "bottleneck", "w_m"}
    theirs = [curve("RegNetX", regime=f"sweep_{i}") for i in (1, 2)]
    for i, shown in enumerate(theirs):
        shown.limits["flops"] = [1.8e8 * 2**i, 2e8 * 2**i]
    assert printed(of, "w_0", theirs)["best"].tolist() == [24, 32]
    assert printed(of, "w_0", of.panels["regimes"]).empty
    assert "paper" not in key_of(draw(study(of.name, published=False)).figure.axes[0])


def test_mean_errors_and_best_of_a_few_have_their_intervals():
    of = study("fig19_ablations")
    curves = of.panels["depth"]
    for best_of in (1, 3):
        rows = means.mean_errors_panel(axes(), of, "mean", curves, best_of)
        for shown in curves:
            expected = bootstrap_interval(shown.errors, best_of, resampling=of.resampling)
            row = rows.query("series == @shown.label and regime == @shown.regime").iloc[0]
            assert tuple(row[["y", "lower", "upper"]]) == (expected.estimate, expected.low, expected.high)
            assert abs(np.log2(row["x"] / flops(shown))) < 0.5
            assert row["sample_size"] == best_of
    few = means.mean_errors_panel(axes(), of, "mean", [curve("RegNetX", n=1), curve("RegNetX", n=0)])
    assert len(few) == 1 and few[["lower", "upper"]].isna().all(axis=None)


def test_differences_are_those_of_the_comparison_and_need_two_runs():
    of = study("fig20_swish")
    rows = draw(of).data.query("kind == 'difference'")
    assert rows["regime"].tolist() == ["sweep_2", "sweep_4", "sweep_6", "sweep_2"]
    for row, (relu, swish) in zip(rows.itertuples(), of.panels.values(), strict=True):
        pair = compare({"a": swish.errors, "b": relu.errors}, resampling=of.resampling).iloc[0]
        assert (row.y, row.lower, row.upper) == (pair["difference"], pair["low"], pair["high"])
        assert row.series == swish.label
    relu, swish = of.panels["depthwise"]
    some = [(swish.label, swish, relu), (swish.label, curve("RegNetY", n=1), relu)]
    for pairs, drawn in ((some, 1), (some[1:], 0)):
        rows = differences.differences_panel(axes(), of, "differences", pairs, "ReLU")
        assert rows.reindex(columns=["y"])["y"].notna().sum() == drawn


def test_sampled_recipes_are_shown_as_decimal_logarithms():
    of = study("fig21_learning_rate_weight_decay")
    data, (base,) = draw(of).data, of.panels["base"]
    rates, decays = base.table["learning_rate"], base.table["weight_decay"]
    for setting, values in (("learning_rate", rates), ("weight_decay", decays), ("product", rates * decays)):
        points = data.query(f"panel == 'base_{setting}' and kind == 'point'")
        np.testing.assert_allclose(points["x"], np.log10(values))
        assert points["y"].tolist() == base.errors.tolist()
    assert data.query("panel == 'epochs_product' and kind == 'best'")["x"].tolist() == [5, 8, 20]
    assert data.query("panel == 'regimes_product' and kind == 'best'")["regime"].tolist() == [
        f"sweep_{i}" for i in (2, 4, 6)
    ]
