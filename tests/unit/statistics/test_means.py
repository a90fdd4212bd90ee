"""Means with the wider of two limits, and when to be careful with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.statistics.bootstrap_tails import weighted_means
from netspaces.statistics.means import careful, skewness, sum_of_means
from scipy import stats


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 60))
def test_limits_are_the_wider_of_bootstrap_and_student(seed, n):
    a, b = np.random.default_rng(seed).gamma(2.0, 2.0, (2, n))
    of, bootstrap = sum_of_means([a, b], [1.0, -1.0]).interval(0.99), weighted_means([a, b], [1.0, -1.0]).interval(0.99)
    student = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.99)
    assert of.low == pytest.approx(min(bootstrap.low, student.low))
    assert of.high == pytest.approx(max(bootstrap.high, student.high))


def test_few_or_skewed_networks_are_to_be_read_with_care():
    calm, skewed = np.linspace(5, 9, 60), np.r_[np.linspace(5, 9, 60), 90.0]
    assert careful(calm) == "" and careful(calm[:49]) == "n < 50"
    assert careful(skewed) == "skewed" and careful(skewed[-20:]) == "n < 50, skewed"
    assert skewness(skewed) == pytest.approx(stats.skew(skewed)) and skewness(np.full(5, 3.0)) == 0


@pytest.mark.slow
def test_samples_without_a_warning_hold_the_mean_of_a_space_with_few_bad_networks():
    """A twentieth of the space errs by 36 % (populations of 100, 300 of them)."""
    rng, truth, held, calm = np.random.default_rng(0), 0.95 * 8 + 0.05 * 36, 0, 0
    for _ in range(300):
        errors = np.where(rng.random(100) < 0.05, rng.normal(36, 12, 100), rng.normal(8, 2, 100))
        found = sum_of_means([errors], [1.0]).interval(0.95)
        held += found.low <= truth <= found.high
        calm += careful(errors) == ""
    assert held / 300 >= 0.88 and calm / 300 < 0.1
