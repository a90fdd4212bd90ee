"""Intervals and resampling: levels that hold together, Welch's numbers, limits that only move outwards."""

import math

import numpy as np
import pytest
from netspaces.statistics.intervals import (
    Interval,
    Resampling,
    clopper_pearson_slack,
    percentile_interval,
    satterthwaite,
    t_reach,
)
from scipy import stats
from statsmodels.stats.proportion import proportion_confint


def test_intervals_that_hold_together_share_the_error():
    resampling = Resampling(0.95, 100, 3)
    each = resampling.simultaneous(5)
    assert each.level == pytest.approx(0.99) and (each.resamples, each.seed) == (100, 3)
    assert resampling.simultaneous(1) == Resampling(1 - (1 - 0.95), 100, 3)
    assert resampling.estimates_only() == Resampling(0.95, 1, 3)
    assert resampling.columns() == {"level": 0.95, "resamples": 100, "seed": 3}


def test_limits_widen_and_take_the_place_of_none():
    interval = Interval(1.0, 0.5, 1.5, 0.95)
    assert interval.widened(0.6, 2.0) == Interval(1.0, 0.5, 2.0, 0.95)
    assert Interval(1.0, math.nan, math.nan, 0.95).widened(0.0, 2.0) == Interval(1.0, 0.0, 2.0, 0.95)
    assert interval.widened(math.nan, math.nan) == interval


def test_satterthwaite_is_welchs_test_for_two_samples():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 3, 12), rng.normal(1, 1, 30)
    error, freedom = satterthwaite([x.var(ddof=1) / x.size for x in (a, b)], [a.size - 1, b.size - 1])
    test = stats.ttest_ind(a, b, equal_var=False)
    assert freedom == pytest.approx(test.df) and (a.mean() - b.mean()) / error == pytest.approx(test.statistic)
    low, high = test.confidence_interval(0.9)
    assert t_reach(error, freedom, 0.9) == pytest.approx((high - low) / 2)
    assert satterthwaite([0.0, 0.0], [3, 5]) == (0.0, 8.0)


def test_slack_is_the_limit_of_clopper_and_pearson():
    _, high = proportion_confint(0, 12, 0.05, method="beta")
    assert clopper_pearson_slack(12, 0.95) == pytest.approx(high)


def test_values_that_are_not_numbers_lie_beyond_both_limits():
    values = np.r_[np.arange(100.0), np.nan]
    interval = percentile_interval(50, values, 0.9)
    assert interval.low < 5 and interval.high > 94
    assert math.isnan(percentile_interval(50, np.r_[np.arange(5.0), [np.nan] * 5], 0.9).low)
