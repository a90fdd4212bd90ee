"""Sums of means that were estimated in different ways."""

import numpy as np
import pytest
from helpers.two_phases import one_stratum
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from netspaces.statistics.estimated_mean import EstimatedMean, sum_of_estimates
from netspaces.statistics.two_phase import TwoPhase
from scipy.stats import ttest_ind

ERRORS = st.lists(st.sampled_from([6.0, 7.0, 7.5, 8.0, 9.0, 12.0, 40.0]), min_size=3, max_size=20).map(np.array)
PHASES = TwoPhase.of([5.0, 7.0, 6.0, 30.0, 40.0], [0, 0, 0, 1, 1], [0.9, 0.1], 2000)


def limits(means, weights, level: float = 0.95) -> list[float]:
    found = sum_of_estimates(means, weights).interval(level)
    return [found.estimate, found.low, found.high]


@settings(max_examples=40, deadline=None)
@given(ERRORS, ERRORS, st.floats(0.1, 4))
def test_a_difference_turns_with_its_sides_and_scales_with_its_weights(a, b, factor):
    assume(np.ptp(a) > 0 and np.ptp(b) > 0)
    means = [EstimatedMean.at_random(a), EstimatedMean.at_random(b)]
    estimate, low, high = limits(means, [1.0, -1.0])
    assert limits(means[::-1], [1.0, -1.0]) == pytest.approx([-estimate, -high, -low], abs=1e-6)
    assert limits(means, [factor, -factor]) == pytest.approx(factor * np.array([estimate, low, high]), abs=1e-6)
    welch = ttest_ind(a, b, equal_var=False).confidence_interval()
    assert low <= welch.low + 1e-9 and welch.high - 1e-9 <= high


@settings(max_examples=20, deadline=None)
@given(ERRORS)
def test_a_random_sample_is_one_stratum_beside_a_population_in_two_phases(errors):
    random, stratum = EstimatedMean.at_random(errors), one_stratum(errors).estimated
    expected = limits([PHASES.estimated, stratum], [1.0, -1.0])
    assert limits([PHASES.estimated, random], [1.0, -1.0]) == pytest.approx(expected, abs=1e-4)
    assert expected[0] == pytest.approx(0.9 * 6 + 0.1 * 35 - errors.mean())


def test_a_constant_beside_the_samples_moves_all_of_it():
    errors = np.array([6.0, 7.0, 9.0, 12.0])
    plain = EstimatedMean.at_random(errors)
    moved = EstimatedMean(plain.estimate + 5, plain.samples, plain.shares, plain.variances)
    assert limits([moved], [1.0]) == pytest.approx([value + 5 for value in limits([plain], [1.0])])
    wider = EstimatedMean(plain.estimate, plain.samples, plain.shares, [*plain.variances, (4.0, 30)])
    assert limits([wider], [1.0])[1] < limits([plain], [1.0])[1]


def test_equal_values_are_known_exactly():
    means = [EstimatedMean.at_random(np.full(5, value)) for value in (7.1, 5.3)]
    found = sum_of_estimates(means, [1.0, -2.0])
    assert found.is_exact and found.estimate == pytest.approx(7.1 - 10.6)
