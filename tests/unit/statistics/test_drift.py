"""Drift of best values over budgets."""

import numpy as np
import pytest
from netspaces.statistics.best import mean_best
from netspaces.statistics.drift import drift
from netspaces.statistics.intervals import Resampling

RESAMPLES = 300


def moving(rng: np.random.Generator, n: int, by: float) -> tuple[np.ndarray, np.ndarray]:
    """Networks whose best value moves by `by` from the first to the last of three budgets."""
    x, noise = rng.uniform(0, 20, n), rng.gamma(2, 0.7, (n, 1))
    optimum = 8 + by * np.linspace(0, 1, 3)
    return x, 10 + 0.05 * (x[:, None] - optimum) ** 2 + noise + rng.gamma(2, 0.3, (n, 3))


@pytest.mark.slow
@pytest.mark.parametrize("by", [0.0, 4.0])
def test_drift_covers_how_far_the_best_value_moves(by):
    rng, trials, level = np.random.default_rng(5), 200, 0.9
    truth = np.mean(
        [drift(*moving(rng, 32, by), resampling=Resampling(resamples=1)).change.estimate for _ in range(2000)]
    )
    found = [
        drift(*moving(rng, 32, by), resampling=Resampling(level=level, resamples=RESAMPLES)).change
        for _ in range(trials)
    ]
    held = np.mean([interval.low <= truth <= interval.high for interval in found])
    assert level - 0.07 <= held <= 1
    assert truth == pytest.approx(by, abs=0.6)


@pytest.mark.slow
def test_intervals_of_drift_shrink_as_the_square_root_of_n():
    rng, widths = np.random.default_rng(8), {}
    for n in (32, 128, 512):
        found = [drift(*moving(rng, n, 2.0), resampling=Resampling(resamples=RESAMPLES)).change for _ in range(12)]
        widths[n] = np.mean([interval.high - interval.low for interval in found])
    assert 1.5 < widths[32] / widths[128] < 2.7 and 1.5 < widths[128] / widths[512] < 2.7


def test_drift_is_of_the_mean_best_value_and_nothing_where_budgets_agree():
    x, errors = moving(np.random.default_rng(7), 20, 2.0)
    found = drift(x, errors, resampling=Resampling(resamples=20))
    assert found.best.tolist() == pytest.approx([mean_best(x, column) for column in errors.T])
    same = drift(x, errors[:, [0, 0]], resampling=Resampling(resamples=20)).change
    assert (same.low, same.estimate, same.high) == (0, 0, 0)
