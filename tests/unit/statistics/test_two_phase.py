"""Estimates from networks of unequal weight: plain ones where weights are equal, right on average, honest limits."""

import numpy as np
import pytest
from helpers.two_phases import FREE, drawn, population
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from netspaces.statistics.edf import edf
from netspaces.statistics.means import sum_of_means
from netspaces.statistics.two_phase import TwoPhase

ERRORS = st.lists(st.floats(0, 100), min_size=3, max_size=30).map(np.array)


@settings(max_examples=25, deadline=None)
@given(ERRORS)
def test_one_stratum_gives_the_plain_statistics(errors):
    of = TwoPhase.of(errors, np.zeros(errors.size), [1.0], FREE)
    plain = sum_of_means([errors], [1.0])
    assume(not plain.is_exact)
    assert of.mean == pytest.approx(plain.estimate) and of.weights == pytest.approx(1 / errors.size)
    assert of.error == pytest.approx(errors.std(ddof=1) / np.sqrt(errors.size), abs=1e-6)
    assert of.deviation == pytest.approx(errors.std(ddof=1), abs=1e-6)
    found, expected = of.interval(0.95), plain.interval(0.95)
    assert [found.low, found.high] == pytest.approx([expected.low, expected.high], abs=1e-6)
    distribution = edf(errors)
    for error in errors:
        assert of.share_below(error) == pytest.approx(float(distribution(np.nextafter(error, np.inf))))
    assert of.quantile(0.5, 0.95).estimate == pytest.approx(np.quantile(errors, 0.5, method="inverted_cdf"))


@settings(max_examples=40, deadline=None)
@given(ERRORS, ERRORS, st.floats(0.05, 0.95))
def test_networks_weigh_as_much_as_those_that_they_stand_for(good, bad, share):
    of = TwoPhase.of([*good, *bad], [0] * good.size + [1] * bad.size, [1 - share, share], FREE)
    assert of.mean == pytest.approx((1 - share) * good.mean() + share * bad.mean())
    assert of.weights.sum() == pytest.approx(1)
    within = (1 - share) ** 2 * good.var(ddof=1) / good.size + share**2 * bad.var(ddof=1) / bad.size
    between = share * (1 - share) * (good.mean() - bad.mean()) ** 2 / FREE
    assert of.error**2 == pytest.approx(within + between, abs=1e-9)
    quantiles = [of.quantile(p, 0.9) for p in (0.1, 0.5, 0.9)]
    assert [q.estimate for q in quantiles] == sorted(q.estimate for q in quantiles)
    for p, q in zip((0.1, 0.5, 0.9), quantiles, strict=True):
        assert of.share_below(q.estimate) >= p - 1e-9 and not (q.low > q.estimate or q.high < q.estimate)


def test_equal_shares_and_sizes_weigh_all_alike_and_strata_that_differ_are_worth_their_price():
    errors = np.r_[np.full(8, 5.0), np.full(8, 30.0)] + np.tile([-1.0, 1.0], 8)
    of = TwoPhase.of(errors, np.repeat([0, 1], 8), [0.5, 0.5], 10**6)
    assert of.weights == pytest.approx(1 / 16) and of.mean == errors.mean()
    assert of.n_simple > 10 * of.n and of.simple_error == pytest.approx(of.error * np.sqrt(of.n_simple / of.n))


def test_a_quantile_that_networks_do_not_reach_has_an_open_end():
    of = TwoPhase.of([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [0.9, 0.1], 100)
    assert np.isnan(of.quantile(0.99, 0.95).high) and np.isnan(of.quantile(0.01, 0.95).low)


def test_errors_that_are_all_alike_leave_no_doubt():
    of = TwoPhase.of([7.0] * 4, [0, 0, 1, 1], [0.5, 0.5], 100)
    assert (of.interval(0.95).low, of.interval(0.95).high) == (7.0, 7.0) and of.n_simple == np.inf


@pytest.mark.parametrize(
    "stratum, shares, expected",
    [
        ([0, 0, 0, 1], [0.5, 0.5], "stratum: expected 2 networks or more of each stratum, got \\[3, 1\\]"),
        ([0, 0, 2, 2], [0.5, 0.5], "stratum: expected"),
        ([0, 0, 1, 1], [0.5, 0.4], "shares: expected numbers above 0 with a sum of 1"),
    ],
)
def test_strata_that_are_no_whole_are_refused(stratum, shares, expected):
    with pytest.raises(ValueError, match=f"^{expected}"):
        TwoPhase.of([1.0, 2.0, 3.0, 4.0], stratum, shares, 100)


# ---- A space of which one network in twenty fails --------------------------------------------------------------------


TRUTH = 36 / 20 + 19 / 20 * (7.2 * np.exp(0.25**2 / 2) + 0.05 * 10)  # a clipped normal aside, which is far off


def test_estimates_are_right_on_average_and_far_surer_than_simple_ones():
    found = [drawn(np.random.default_rng([1, i]), 40, 2) for i in range(150)]
    means = np.array([of.mean for of in found])
    assert abs(means.mean() - TRUTH) < 4 * means.std() / np.sqrt(150)
    told, simple = (np.mean([getattr(of, name) ** 2 for of in found]) for name in ("error", "simple_error"))
    assert 0.7 < told / means.var() < 1.4 and simple > 3 * told


@pytest.mark.slow
@pytest.mark.parametrize("networks, strata", [(16, 2), (32, 3), (72, 3)])
def test_intervals_hold_the_truth(networks, strata):
    _, errors = population(np.random.default_rng(0), 10**6)
    truths = [errors.mean(), *np.quantile(errors, (0.1, 0.5, 0.9))]
    missed = np.zeros(4)
    for i in range(1000):
        of = drawn(np.random.default_rng([2, i]), networks, strata)
        limits = [of.interval(0.95), *(of.quantile(share, 0.95) for share in (0.1, 0.5, 0.9))]
        missed += [truth < limit.low or truth > limit.high for truth, limit in zip(truths, limits, strict=True)]
    assert (missed <= 80).all()  # of 1,000: three standard errors of 5 %, and a little
