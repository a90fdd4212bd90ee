"""Published fits, a brute-force reference and laws of `netspaces.statistics.widths_fit`."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from netspaces.statistics import resampling
from netspaces.statistics.widths_fit import PAPER_GRID, FitGrid, WidthsFit, fit_table

laws = settings(deadline=None, derandomize=True, max_examples=30)

SMALL = FitGrid(w_0=(8, 16, 48), w_a=(2, 8, 20, 60), w_m=(1.5, 2.0, 2.6))
FIG_8 = [  # depths, widths, published (w_0, w_a, w_m), squared loss in base 2
    ([2, 4, 5, 5], [64, 128, 272, 704], (80, 30, 1.9), 0.153),
    ([1, 1, 3, 5], [32, 144, 256, 448], (48, 61, 2.2), 0.078),
]
REGNETS = [  # depths, widths, (w_0, w_a, w_m) of models that the paper prints in Fig. 15 and 16
    ([1, 2, 7, 12], [32, 64, 160, 384], (24, 24.48, 2.54)),  # X-400MF
    ([1, 3, 5, 7], [48, 96, 240, 528], (48, 36.97, 2.24)),  # X-600MF
    ([2, 6, 15, 2], [96, 192, 432, 1008], (88, 26.31, 2.25)),  # X-3.2GF
    ([2, 6, 17, 2], [48, 120, 336, 888], (48, 20.71, 2.65)),  # Y-1.6GF
]
NETWORKS = st.integers(1, 5).flatmap(
    lambda stages: st.tuples(
        st.lists(st.integers(1, 8), min_size=stages, max_size=stages),
        st.lists(st.integers(1, 128).map(lambda k: 8 * k), min_size=stages, max_size=stages),
    )
)


def fit_widths(
    depths, widths, grid: FitGrid = PAPER_GRID, loss: str = "squared", stages: int | None = None
) -> WidthsFit:
    """The fit of one network."""
    return fit_table([depths], [widths], grid, loss, stages)[0]


def quantise(w_0: float, w_a: float, w_m: float, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Stage and width of every block, written as the paper writes them."""
    u = w_0 + w_a * np.arange(depth)
    stage = np.round(np.log(u / w_0) / np.log(w_m)).astype(int)
    return stage, w_0 * w_m**stage


def brute_force(depths, widths, grid: FitGrid, loss: str, stages: int) -> tuple[float, list]:
    """Smallest loss and all its grid points, one grid point after the other."""
    observed, losses = np.repeat(widths, depths), {}
    for w_0 in grid.w_0:
        for w_a in grid.w_a:
            for w_m in grid.w_m:
                stage, predicted = quantise(w_0, w_a, w_m, observed.size)
                if set(stage) == set(range(stages)):
                    ratio = np.log2(predicted / observed)
                    power = {"squared": 2, "absolute": 1}[loss]
                    losses[w_0, w_a, w_m] = np.mean(np.abs(ratio) ** power)
    best = min(losses.values(), default=np.nan)
    return best, [point for point, value in losses.items() if value <= best + 1e-9]


@pytest.mark.parametrize(("depths", "widths", "published", "e_fit"), FIG_8)
def test_published_fits_are_exact_minimisers_of_the_squared_loss(depths, widths, published, e_fit):
    fit = fit_widths(depths, widths)
    assert fit.e_fit == pytest.approx(e_fit, abs=5e-4)
    minimisers = fit.minimisers
    assert published in set(map(tuple, minimisers))
    assert (fit.w_0, fit.w_a, fit.w_m) == tuple(minimisers[0])
    # the ties differ in the slope alone
    assert set(minimisers[:, 0]) == {published[0]} and set(minimisers[:, 2]) == {published[2]}


@pytest.mark.parametrize(("depths", "widths", "published", "e_fit"), FIG_8)
def test_published_fits_do_not_minimise_the_absolute_loss(depths, widths, published, e_fit):
    assert published not in set(map(tuple, fit_widths(depths, widths, loss="absolute").minimisers))


@pytest.mark.parametrize(("depths", "widths", "published"), REGNETS)
def test_published_regnets_are_quantised_linear(depths, widths, published):
    fit = fit_widths(depths, widths)
    assert fit.e_fit < 0.02  # what is left of rounding to multiples of 8 and of group widths
    assert fit.w_0 == pytest.approx(published[0], abs=8)


@laws
@given(NETWORKS, st.sampled_from(["squared", "absolute"]), st.none() | st.integers(1, 5))
def test_search_equals_brute_force(network, loss, stages):
    depths, widths = network
    best, points = brute_force(depths, widths, SMALL, loss, stages or len(depths))
    fit = fit_widths(depths, widths, SMALL, loss, stages)
    assert fit.e_fit == pytest.approx(best, abs=1e-9, nan_ok=True)
    assert list(map(tuple, fit.minimisers)) == points
    assert bool(fit.reason) == (not points) == bool(np.isnan(fit.w_0))


@laws
@given(
    st.sampled_from(FitGrid().w_0),
    st.sampled_from(FitGrid().w_a),
    st.sampled_from(FitGrid().w_m),
    st.integers(4, 64),
)
def test_a_network_on_the_line_is_fitted_without_error(w_0, w_a, w_m, depth):
    stage, widths = quantise(w_0, w_a, w_m, depth)
    stages = stage[-1] + 1
    assume(np.unique(stage).size == stages and stages <= 6)
    depths = np.bincount(stage)
    fit = fit_widths(depths, w_0 * w_m ** np.arange(stages))
    assert fit.e_fit == pytest.approx(0, abs=1e-9)
    assert fit.quantised == pytest.approx(widths)
    assert (w_0, w_a, w_m) in set(map(tuple, fit_widths(depths, np.unique(widths)).minimisers))


@laws
@given(NETWORKS, st.sampled_from(["squared", "absolute"]))
def test_a_fit_is_consistent_with_its_parameters(network, loss):
    depths, widths = network
    fit = fit_widths(depths, widths, SMALL, loss)
    depth = sum(depths)
    assert fit.linear.shape == fit.quantised.shape == (depth,)
    if fit.reason:
        assert fit.reason == f"no grid point has {len(depths)} stages at depth {depth}"
        assert np.isnan([fit.w_0, fit.w_a, fit.w_m, fit.e_fit, *fit.linear, *fit.quantised]).all()
        return
    stage, quantised = quantise(fit.w_0, fit.w_a, fit.w_m, depth)
    assert np.unique(stage).tolist() == list(range(len(depths)))
    assert fit.quantised == pytest.approx(quantised)
    assert fit.linear == pytest.approx(fit.w_0 + fit.w_a * np.arange(depth))
    ratio = np.abs(np.log2(quantised / np.repeat(widths, depths)))
    assert fit.e_fit == pytest.approx(np.mean(ratio**2 if loss == "squared" else ratio), abs=1e-9)


@laws
@given(NETWORKS)
def test_scaled_networks_have_the_same_fit_on_the_scaled_grid(network):
    depths, widths = network
    large = fit_widths(depths, widths, SMALL)
    small = fit_widths(depths, np.array(widths) / 8, SMALL.scaled(1 / 8))
    assert small.e_fit == pytest.approx(large.e_fit, abs=1e-9, nan_ok=True)
    assert [8 * small.w_0, 8 * small.w_a] == pytest.approx([large.w_0, large.w_a], nan_ok=True)


def test_a_table_is_fitted_row_by_row(monkeypatch):
    rng = np.random.default_rng(0)
    depths, widths = rng.integers(1, 9, (20, 4)), 8 * rng.integers(1, 65, (20, 4))
    monkeypatch.setattr(resampling, "NUMBERS_AT_ONCE", 140_000)  # two networks at once
    for loss in ("squared", "absolute"):
        table = fit_table(depths, widths, loss=loss)
        for row, fit in enumerate(table):
            alone = fit_widths(depths[row], widths[row], loss=loss)
            assert (fit.w_0, fit.w_a, fit.w_m) == (alone.w_0, alone.w_a, alone.w_m)


def test_a_depth_of_zero_is_no_stage():
    three, padded = fit_table([[2, 3, 4, 0], [2, 0, 3, 4]], [[16, 32, 64, 0], [16, np.nan, 32, 64]])
    alone = fit_widths([2, 3, 4], [16, 32, 64])
    for fit in (three, padded):
        assert (fit.w_0, fit.w_a, fit.w_m, fit.e_fit) == (
            alone.w_0,
            alone.w_a,
            alone.w_m,
            alone.e_fit,
        )


def test_no_fit_comes_with_its_reason():
    fit = fit_widths([1, 1, 1], [8, 16, 32], stages=4)
    assert np.isnan(fit.e_fit) and fit.reason == "no grid point has 4 stages at depth 3"
    assert fit.minimisers.shape == (0, 3)


def test_grids():
    grid = FitGrid()
    assert (len(grid.w_0), len(grid.w_a), len(grid.w_m)) == (32, 256, 16)
    assert grid.points().shape == (32 * 256 * 16, 3)
    assert grid.scaled(1 / 8).w_0[-1] == 32 and grid.scaled(1 / 8).w_m == grid.w_m


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: fit_widths([1, 2], [8, 16, 32]), "depths, widths"),
        (lambda: fit_table([1, 2], [8, 16]), "depths, widths"),
        (lambda: fit_widths([1, -2], [8, 16]), "depths"),
        (lambda: fit_widths([1, 2.5], [8, 16]), "depths"),
        (lambda: fit_widths([np.nan, 2], [8, 16]), "depths"),
        (lambda: fit_widths([0, 0], [8, 16]), "depths"),
        (lambda: fit_widths([], []), "depths"),
        (lambda: fit_widths([1, 2], [8, 0]), "widths"),
        (lambda: fit_widths([1, 2], [8, np.nan]), "widths"),
        (lambda: fit_widths([1, 2], [8, 16], loss="cubic"), "loss"),
        (lambda: FitGrid(w_m=(1.0, 2.0)), "w_m"),
        (lambda: FitGrid(w_0=()), "w_0"),
        (lambda: FitGrid(w_a=(1.0, np.inf)), "w_a"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        call()
