"""Differences of spaces drawn in two phases: plain ones where there is one stratum, right on average, honest limits."""

import numpy as np
import pytest
from helpers.two_phases import drawn, one_stratum, population
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from netspaces.statistics.means import sum_of_means
from netspaces.statistics.superiority import superiority
from netspaces.statistics.two_phase import TwoPhase
from netspaces.statistics.two_phase_comparisons import difference, p_of_no_difference, weighted_superiority

ERRORS = st.lists(st.sampled_from([6.0, 7.0, 7.5, 8.0, 9.0, 12.0, 40.0]), min_size=3, max_size=20).map(np.array)


@settings(max_examples=40, deadline=None)
@given(ERRORS, ERRORS)
def test_of_one_stratum_it_is_the_plain_difference(a, b):
    plain = sum_of_means([a, b], [1.0, -1.0])
    assume(not plain.is_exact)
    found, expected = difference(one_stratum(a), one_stratum(b)).interval(0.95), plain.interval(0.95)
    assert [found.estimate, found.low, found.high] == pytest.approx(
        [expected.estimate, expected.low, expected.high], abs=1e-4
    )


@settings(max_examples=60, deadline=None)
@given(ERRORS, ERRORS)
def test_of_one_stratum_it_is_the_plain_probability(a, b):
    found, plain = weighted_superiority(one_stratum(a), one_stratum(b)), superiority(a, b)
    assert [found.estimate, found.low, found.high] == pytest.approx([plain.estimate, plain.low, plain.high], abs=1e-4)
    other = weighted_superiority(one_stratum(b), one_stratum(a))
    assert [1 - other.estimate, 1 - other.high] == pytest.approx([found.estimate, found.low], abs=1e-6)


def test_networks_count_as_those_that_they_stand_for():
    a = TwoPhase.of([5.0, 7.0, 30.0, 40.0], [0, 0, 1, 1], [0.9, 0.1], 2000)
    b = one_stratum([6.0, 8.0])
    assert difference(a, b).estimate == pytest.approx(0.9 * 6 + 0.1 * 35 - 7)
    assert weighted_superiority(a, b).estimate == pytest.approx(0.45 + 0.225)


def test_where_all_networks_stand_in_one_order_a_small_stratum_hides_less():
    a = TwoPhase.of([5.0, 6.0] * 8, [0] * 14 + [1] * 2, [0.95, 0.05], 2000)
    b = one_stratum(np.full(40, 9.0))
    found = weighted_superiority(a, b)
    assert found.estimate == found.high == 1 and 0.7 < found.low < 0.9
    assert found.low < superiority(np.full(16, 5.0), np.full(40, 9.0)).low  # the small one hides much of itself


def test_equal_spaces_have_no_small_p_value_and_far_ones_have():
    rng = np.random.default_rng(0)
    a, b = drawn(rng, 40, 2), drawn(rng, 40, 2)
    assert p_of_no_difference(difference(a, a)) == 1.0
    assert p_of_no_difference(difference(a, b)) > 0.01
    far = TwoPhase([part + 20 for part in b.strata], b.shares, b.free)
    assert p_of_no_difference(difference(a, far)) < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("networks, strata", [(16, 2), (32, 3), (72, 3)])
def test_limits_hold_the_truth(networks, strata):
    _, errors = population(np.random.default_rng(0), 10**6)
    missed = np.zeros(3)
    for i in range(1000):
        a, other = (drawn(np.random.default_rng([4 + k, i]), networks, strata) for k in (0, 1))
        b = TwoPhase([part + 1.5 for part in other.strata], other.shares, other.free)
        simple = one_stratum(population(np.random.default_rng([6, i]), 32)[1])
        better = float(np.mean(errors[:500_000] < errors[500_000:] + 1.5))
        found = [
            (difference(a, b).interval(0.95), -1.5),
            (weighted_superiority(a, b), better),
            (weighted_superiority(a, simple), 0.5),
        ]
        missed += [truth < of.low or truth > of.high for of, truth in found]
    print(missed / 1000)
    assert (missed <= 80).all()  # of 1,000: four standard errors of 5 %
