"""The regression estimate of an error distribution: what it is, that it rises, and what its band holds."""

import math

import numpy as np
import pytest
from netspaces.statistics.cross_fitting import Predicted, cross_fit
from netspaces.statistics.edf import edf
from netspaces.statistics.estimated_edf import EstimatedEdf
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.regression_edf import chances, regression_edf
from scipy import stats
from sklearn.linear_model import LinearRegression

QUICK = Resampling(resamples=400)
NOISE = 0.6


def drawn(n: int, untrained: int, seed: int) -> Predicted:
    """A space whose errors are 10 + x + noise, both normal with deviations of 1 and 0.6."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + untrained, 1))
    errors = {"a": 10 + x[:n, 0] + rng.normal(0, NOISE, n)}
    return cross_fit(errors, {"a": x[:n]}, {"a": list(range(n))}, {"a": x[n:]}, model=LinearRegression, folds=4)["a"]


def test_chances_are_shares_of_residuals():
    found = chances(np.array([10.0, 20.0]), np.array([-1.0, 0.0, 3.0, 1.0]), np.array([9.0, 10.0, 11.0, 23.0]))
    assert found.tolist() == [[0.25, 0.5, 0.75, 1.0], [0.0, 0.0, 0.0, 1.0]]


def test_predictions_that_say_nothing_give_the_plain_distribution():
    rng = np.random.default_rng(0)
    errors, folds = rng.normal(10, 2, 40), np.repeat([0, 1], 20)
    same = np.zeros(40)
    predicted = Predicted(errors, same, folds, np.zeros((2, 300)), errors, folds)
    found = regression_edf(predicted, resampling=QUICK)
    plain = edf(errors)
    assert found.share == pytest.approx([plain(np.nextafter(e, np.inf)) for e in found.errors])


def test_the_curve_rises_within_its_band():
    found = regression_edf(drawn(30, 500, 1), resampling=QUICK)
    assert (np.diff(found.share) >= 0).all() and (np.diff(found.low) >= 0).all() and (np.diff(found.high) >= 0).all()
    assert (found.low <= found.share).all() and (found.share <= found.high).all()
    assert found.low.min() >= 0 and found.high.max() <= 1 and found.level == 0.95
    again = regression_edf(drawn(30, 500, 1), resampling=QUICK)
    assert (again.low == found.low).all() and (again.high == found.high).all()


def test_many_networks_are_computed_at_few_points():
    assert regression_edf(drawn(400, 200, 2), resampling=QUICK).errors.size == 200
    at = np.array([9.0, 10.0, 11.0])
    assert regression_edf(drawn(400, 200, 2), at, QUICK).errors.tolist() == at.tolist()


def test_the_band_holds_the_whole_curve_and_is_narrower_than_that_of_the_networks_alone():
    at = np.linspace(7, 13, 25)
    truth = stats.norm.cdf((at - 10) / np.sqrt(1 + NOISE**2))
    held, medians, widths, plain = 0, 0, [], []
    for seed in range(100):
        predicted = drawn(40, 600, seed)
        found = regression_edf(predicted, at, QUICK)
        held += bool(((found.low <= truth) & (truth <= found.high)).all())
        median = found.quantile(0.5)
        medians += median.low <= 10 <= median.high
        low, high = edf(predicted.errors).band(edf(predicted.errors)(at))
        widths.append((found.high - found.low)[12])
        plain.append((high - low)[12])
    assert held >= 90 and medians >= held
    assert np.mean(widths) < 0.9 * np.mean(plain)


def test_steps_hold_between_errors_what_the_band_holds_at_them():
    """A rising function within the band at the errors is within the drawn band everywhere, whatever it does between."""
    of = EstimatedEdf(np.array([1.0, 3.0]), np.array([0.3, 0.8]), np.array([0.1, 0.6]), np.array([0.5, 0.9]), 0.95, 2.0)
    x, y, lower, upper = of.steps((0.0, 4.0))
    assert x.tolist() == [0, 1, 1, 3, 3, 4]
    assert y.tolist() == [0, 0, 0.3, 0.3, 0.8, 0.8]
    assert lower.tolist() == [0, 0, 0.1, 0.1, 0.6, 0.6]
    assert upper.tolist() == [0.5, 0.5, 0.9, 0.9, 1, 1]


def test_quantiles_invert_the_curve_and_its_band():
    errors, share = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.2, 0.5, 0.7, 0.9])
    of = EstimatedEdf(errors, share, share - 0.25, share + 0.2, 0.95, 2.0)
    median = of.quantile(0.5)
    assert (median.estimate, median.low, median.high, median.level) == (2.0, 2.0, 4.0, 0.95)
    good, bad = of.quantile(0.1), of.quantile(0.95)
    assert good.estimate == 1.0 and math.isnan(good.low) and good.high == 2.0
    assert math.isnan(bad.estimate) and bad.low == 4.0 and math.isnan(bad.high)
