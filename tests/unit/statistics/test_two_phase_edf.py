"""Distributions from networks of unequal weight: plain ones where weights are equal, within bands that hold."""

import numpy as np
import pytest
from helpers.two_phases import FREE, drawn, one_stratum, population
from netspaces.statistics.edf import edf
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.two_phase import TwoPhase
from netspaces.statistics.two_phase_edf import distribution, largest_gap
from scipy.stats import ks_2samp

QUICK = Resampling(resamples=300)
ERRORS = np.r_[np.linspace(6, 9, 12), 9.0, 30.0]
WEIGHED = TwoPhase.of([*np.linspace(6, 8, 8), 20.0, 30.0, 40.0, 50.0], [0] * 8 + [1] * 4, [0.95, 0.05], FREE)


def test_one_stratum_gives_the_plain_distribution():
    found, plain = distribution(one_stratum(ERRORS), QUICK), edf(ERRORS)
    assert found.share == pytest.approx(plain(np.nextafter(found.errors, np.inf)))
    again = distribution(one_stratum(ERRORS), QUICK)
    assert (again.low == found.low).all() and again.critical == found.critical


def test_the_curve_is_that_of_the_weights_within_its_band():
    found = distribution(WEIGHED, QUICK)
    assert found.share == pytest.approx([WEIGHED.share_below(error) for error in found.errors])
    assert (found.low <= found.share).all() and (found.share <= found.high).all() and found.share[-1] == 1
    assert found.low[-1] < 1 and found.high[0] > found.share[0]  # nobody knows the ends
    bad, good = found.errors > 10, found.errors < 8
    assert (found.high - found.low)[bad].max() < (found.high - found.low)[good].min()  # 5 % of a space hides less


def test_more_networks_of_the_same_kind_make_the_band_narrower():
    more = TwoPhase([np.repeat(part, 4) for part in WEIGHED.strata], WEIGHED.shares, FREE)
    few, many = distribution(WEIGHED, QUICK), distribution(more, QUICK)
    assert (many.high - many.low).mean() < 0.7 * (few.high - few.low).mean()


def test_the_gap_of_one_stratum_is_that_of_kolmogorov_and_smirnov():
    rng = np.random.default_rng(0)
    for shift in (0.0, 0.5, 1.0):
        a, b = rng.normal(8, 1, 40), rng.normal(8 + shift, 1, 60)
        gap, p = largest_gap(one_stratum(a), one_stratum(b), Resampling(resamples=2000))
        expected = ks_2samp(a, b)
        assert gap == pytest.approx(expected.statistic)
        assert abs(p - expected.pvalue) < 0.05 + 0.2 * expected.pvalue


def test_networks_of_a_small_stratum_open_a_small_gap():
    better = TwoPhase([WEIGHED.strata[0], np.full(4, 9.0)], WEIGHED.shares, FREE)
    gap, p = largest_gap(WEIGHED, better, QUICK)
    assert gap == pytest.approx(0.05) and p == 1.0  # all of one stratum lie elsewhere, 5 % of the space
    assert largest_gap(WEIGHED, WEIGHED, QUICK) == (0.0, 1.0)
    far = TwoPhase([part + 100 for part in WEIGHED.strata], WEIGHED.shares, FREE)
    gap, p = largest_gap(far, WEIGHED, QUICK)
    assert gap == 1.0 and p == 1 / 301


@pytest.mark.slow
@pytest.mark.parametrize("networks, strata", [(16, 2), (32, 3), (72, 3)])
def test_a_gap_between_equal_spaces_is_rarely_significant(networks, strata):
    significant = np.zeros(2)
    for i in range(500):
        a, b = (drawn(np.random.default_rng([9 + k, i]), networks, strata) for k in (0, 1))
        simple = one_stratum(population(np.random.default_rng([20, i]), networks)[1])
        significant += [largest_gap(a, of, QUICK)[1] <= 0.05 for of in (b, simple)]
    print(significant / 500)
    assert (significant <= 45).all()  # four standard errors of 5 %


@pytest.mark.slow
@pytest.mark.parametrize("networks, strata", [(16, 2), (32, 3), (72, 3)])
def test_bands_hold_the_whole_truth(networks, strata):
    errors = np.sort(population(np.random.default_rng(0), 10**6)[1])
    missed = 0
    for i in range(500):
        band = distribution(drawn(np.random.default_rng([3, i]), networks, strata), QUICK)
        at, before = (np.searchsorted(errors, band.errors, side) / errors.size for side in ("right", "left"))
        missed += not ((band.low <= at).all() and (band.high >= before).all())
    assert missed <= 45  # of 500: four standard errors of 5 %
