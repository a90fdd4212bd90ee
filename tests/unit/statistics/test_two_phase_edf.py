"""Distributions from networks of unequal weight: plain ones where weights are equal, within bands that hold."""

import numpy as np
import pytest
from helpers.two_phases import FREE, drawn, one_stratum, population
from netspaces.statistics.edf import edf
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.two_phase import TwoPhase
from netspaces.statistics.two_phase_edf import distribution

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
